"""Phrases that somebody types, among words, live and on a page."""

import json
import time

import pandas as pd
import pytest

from reading_neurons import widgets
from reading_neurons.corpora import polarity
from reading_neurons.methods.meaning_space import place
from reading_neurons.models import LSTM, Recurrent
from reading_neurons.widgets.meaning_space import MOST, typed_phrases


@pytest.fixture(scope="module")
def pathways():
    corpus = polarity.generate(sentences=400)
    networks = [kind.for_corpus(corpus, embedding=6, units=6).eval() for kind in (LSTM, Recurrent)]
    return {name: pathway for network in networks for name, pathway in network.pathways.items()}


@pytest.fixture(scope="module")
def explorer(pathways):
    return widgets.MeaningExplorer(pathways)


def phrases_of(chart, group="yours"):
    rows = [row for data in chart.to_dict()["datasets"].values() for row in data if row.get("group") == group]
    return {row["phrase"]: row for row in rows}


def test_typed_phrases_are_placed_among_the_words(explorer, pathways):
    explorer.text.value = "not very good\nI like it, but it is long"
    found = phrases_of(explorer.chart)
    assert list(found) == ["not very good", "I like it, but it is long"]
    assert "good" in phrases_of(explorer.chart, "positive")
    ends = widgets.meaning_space.meaning_phrases.ends(pathways["lstm"].vocabulary)
    expected = place(pathways["lstm"], list(found), *ends)["euclidean"]
    assert [row["euclidean"] for row in found.values()] == pytest.approx(expected, abs=0.006)
    assert "not very good: side" in explorer.message.value


def test_a_word_of_the_background_is_shown_once(explorer):
    explorer.text.value = "good, not good"
    assert list(phrases_of(explorer.chart)) == ["good", "not good"]
    assert "good" not in phrases_of(explorer.chart, "positive")


@pytest.mark.parametrize("text", ["", "zzz qqq", ",,,", "\n\n", "<b>", "🙂", "?" * 500])
def test_nonsense_gets_a_message_and_the_last_chart_stays(explorer, text):
    explorer.text.value = "not bad"
    before = explorer.chart
    explorer.text.value = text
    assert explorer.chart is before and "No phrase" in explorer.message.value and "<b>" not in explorer.message.value


def test_unknown_words_and_too_many_phrases(explorer):
    explorer.text.value = "a zebra is good, not good"
    assert "Unknown to the network: zebra" in explorer.message.value and len(phrases_of(explorer.chart)) == 2
    explorer.text.value = "\n".join(f"good {'very ' * number}good" for number in range(60))
    assert len(phrases_of(explorer.chart)) == MOST


def test_every_control_changes_the_picture(explorer):
    explorer.text.value = "not bad"
    seen = [json.dumps(explorer.chart.to_dict())]
    for control, value in (
        (explorer.seed, 3), (explorer.perplexity, 4), (explorer.network, "recurrent"), (explorer.projection, "PCA"),
    ):  # fmt: skip
        control.value = value
        seen.append(json.dumps(explorer.chart.to_dict()))
    assert len(set(seen)) == 5
    explorer.projection.value, explorer.network.value = "t-SNE", "lstm"


def test_the_line_of_code_makes_the_chart(explorer, pathways):
    explorer.text.value = "not bad, hardly good"
    made = eval(explorer.code(), {"widgets": widgets, "pathways": pathways})
    assert phrases_of(made) == phrases_of(explorer.chart)


def test_one_cell_has_two_lives(pathways, in_kernel):
    shown = widgets.meaning_explorer(pathways, ["not bad", "i like it , but it is long"], (5,), (0, 1))
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    spec = json.loads(bundle["text/html"].split('<script type="application/json">')[1].split("</script>")[0])
    menus = {parameter["name"]: parameter["bind"]["options"] for parameter in spec["params"] if "bind" in parameter}
    assert menus["network"] == ["lstm", "recurrent"] and menus["seed"] == [0, 1]
    assert menus["picture"] == ["t-SNE, perplexity 5", "PCA"] and "yours" in menus["names"]
    assert len(bundle["text/html"]) < 250_000


def test_lines_and_commas():
    assert typed_phrases(" a , b ,a, ") == ["a", "b"]
    assert typed_phrases("a, b\nc") == ["a, b", "c"]


def test_what_cannot_be_explored_is_an_error(pathways):
    with pytest.raises(ValueError, match="at least one pathway"):
        widgets.MeaningExplorer({})
    with pytest.raises(ValueError, match="no pathway 'sum'"):
        widgets.meaning_chart(pathways, ["good"], "sum")
    with pytest.raises(ValueError, match="has no word that 'lstm' knows"):
        widgets.meaning_chart(pathways, ["zebra"], "lstm")


def test_it_says_what_it_does_and_answers(explorer):
    said, seconds = [], []
    explorer.message.observe(lambda change: said.append(change["new"]), "value")
    for number in range(3):
        began = time.perf_counter()
        explorer.text.value = f"not bad, good{' very' * number}"
        seconds.append(time.perf_counter() - began)
    assert "Arranging" in said[0]  # shown until the picture is there
    assert sorted(seconds)[1] < 4


def test_tables_of_the_page_hold_every_phrase_once(pathways):
    table, points = widgets.MeaningSpace(pathways["lstm"]).of(["not bad", "too long"])
    assert len(table) == len(points) and not table["phrase"].duplicated().any()
    assert isinstance(table, pd.DataFrame)
