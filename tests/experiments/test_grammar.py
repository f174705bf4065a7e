"""The experiment on grammars: its quick runs, its measures, and what it draws of recorded relevance."""

from pathlib import Path

import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.experiments import grammar, truth
from reading_neurons.experiments.record import read

RESULTS = Path(__file__).parents[2] / "book" / "results"
RECORDED = sorted(RESULTS.glob("grammar-*.json"))
INSPECTED = {corpus: RESULTS / f"inspection-{corpus}.json" for corpus in ("parentheses", "arithmetic")}


@pytest.fixture(scope="module")
def quick(reproduced):
    return {corpus: reproduced("grammar", corpus).tables["truth"] for corpus in INSPECTED}


@pytest.mark.parametrize("corpus", INSPECTED)
def test_the_quick_run_asks_every_world_the_same(quick, corpus):
    table = quick[corpus]
    assert table.groupby("seed").size().tolist() == [6, 6]
    assert len({tuple(rows["check"]) for _, rows in table.groupby("seed")}) == 1


def test_what_the_language_alone_decides_holds_in_the_quick_run(quick):
    table = quick["arithmetic"]
    sure = table[table["check"].str.contains("can be known entirely|can more than .75 be known")]
    assert len(sure) == 4 and sure["holds"].all()


def test_another_corpus_is_refused():
    with pytest.raises(ValueError, match="about the languages arithmetic and parentheses, found 'tiny_c'"):
        grammar.run("tiny_c")


def test_units_are_counted_from_the_bound_on():
    table = pd.DataFrame({"feature": ["a", "a", "b"], "score": [0.99, 0.98, 1.0], "majority": [0.9, 0.9, 0.5]})
    assert grammar.nearly(table).to_dict() == {"a": 1, "b": 1}
    assert grammar.gains(table).to_dict() == pytest.approx({"a": 0.9, "b": 1.0})


def tables(features):
    columns, networks = ["network", "feature", "unit", "score"], ("trained", "untrained")
    rows = [(network, name, unit, 0.9) for network in networks for name in features for unit in (0, 1)]
    folds = [("trained", name, fold, 0.6 + 0.1 * fold) for name in features for fold in (0, 1)]
    return {
        "relevance": pd.DataFrame(rows, columns=columns),
        "folds": pd.DataFrame(folds, columns=["network", "feature", "fold", "majority"]),
    }


def test_relevance_is_drawn_by_level_or_rule():
    names = ["nesting 2", "brackets 1, impulse", "digit 0", "brackets, open", "control 0", "digit 4"]
    found = grammar.drawn(tables(names), "parentheses")
    assert found.drop_duplicates(["group", "line"])[["group", "line"]].values.tolist() == [
        ["digit of the level", "0"], ["digit of the level", "4"], ["exactly at the level", "2"],
        ["brackets of the level", "1"],
    ]  # fmt: skip
    assert found["majority"].tolist() == pytest.approx([0.65] * 4 * 4)
    rules = grammar.drawn(tables(["sum, impulse", "digit, range", "operator", "brackets 1, range"]), "arithmetic")
    assert set(zip(rules["group"], rules["line"], strict=True)) == {("impulse", "sum"), ("range", "digit")}


@pytest.mark.parametrize("corpus", [corpus for corpus, path in INSPECTED.items() if path.exists()])
def test_recorded_relevance_can_be_drawn(corpus):
    table = grammar.drawn(read(INSPECTED[corpus]).tables, corpus)
    assert table.groupby(["group", "line", "network"]).size().eq(128).all()
    assert charts.sorted_relevance(table).to_dict()["description"]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_recorded_run_follows_from_its_table(path, assert_follows):
    record = read(path)
    table = record.tables["truth"]
    assert sorted(table["seed"].unique()) == [0, 1, 2, 3, 4]
    assert_follows(record, truth.figures_of(table), truth.claims_of(table))
