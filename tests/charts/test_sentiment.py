"""The unfolding of a judgement, and how often networks are right."""

import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.experiments.sentiment import PAPER

SENTENCES = ["not bad", "a fine film"]


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "pathway": name, "sentence": number, "position": place, "word": word, "known": word != "film",
            "class": "positive" if place else "neutral", "chance": 0.5 + place / 10, "sentiment": place / 2 - 0.4,
        }
        for name in ("recurrent", "lstm")
        for number, text in enumerate(SENTENCES)
        for place, word in enumerate(text.split())
    )  # fmt: skip


@pytest.fixture
def runs():
    return pd.DataFrame(
        {"network": name, "measure": measure, "seed": seed, "accuracy": 0.4 + seed / 50,
         "best": None if measure == "collapsed" else 0.45}
        for name in ("recurrent", "lstm", "bi-lstm") for measure in ("five", "two", "collapsed") for seed in (0, 1)
    )  # fmt: skip


@pytest.fixture
def means(runs):
    found = runs.groupby(["network", "measure"], sort=False)["accuracy"].mean().rename("mean").reset_index()
    return found.assign(low=found["mean"] - 0.02, high=found["mean"] + 0.02)


def test_a_page_can_show_them(table, runs, means, check):
    check(charts.unfolding(table))
    check(charts.accuracies(runs, means, PAPER))


def test_a_menu_names_the_sentences_and_the_first_is_described(table):
    spec = charts.unfolding(table).to_dict()
    assert spec["params"][0]["bind"]["labels"] == SENTENCES
    assert "'not bad'. Of the whole: recurrent positive, lstm positive" in spec["description"]
    assert charts.unfolding(table, texts={0: "Not bad.", 1: "A"}).to_dict()["params"][0]["bind"]["labels"][0] == "Not bad."


def test_an_unknown_word_is_explained_where_there_is_one(table):
    def subtitle(part):
        return " ".join(charts.unfolding(part).to_dict()["title"]["subtitle"])

    assert "unknown" in subtitle(table) and "unknown" not in subtitle(table[table["known"]])


def test_every_measure_has_the_papers_figure_where_it_prints_one(runs, means, rows):
    drawn = pd.DataFrame(rows(charts.accuracies(runs, means, PAPER)))
    paper = drawn[drawn["kind"] == "paper"].set_index(["network", "measure"])["value"].to_dict()
    assert paper == PAPER
    assert not ((drawn["kind"] == "best") & (drawn["measure"] == "collapsed")).any()


def test_bad_tables_are_errors(table, runs, means):
    with pytest.raises(ValueError, match="needs the column sentiment"):
        charts.unfolding(table.drop(columns="sentiment"))
    with pytest.raises(ValueError, match="empty table"):
        charts.accuracies(runs[:0], means, PAPER)
