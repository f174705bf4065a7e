"""Best units along a string under its tree, live and on a page."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from reading_neurons import passes, widgets
from reading_neurons.corpora import arithmetic
from reading_neurons.corpora.shift_reduce import ARITHMETIC
from reading_neurons.corpora.strings import Strings
from reading_neurons.features.feature import Library
from reading_neurons.features.libraries import library_of
from reading_neurons.methods.relevance import relevance, top
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.widgets import tree_units

NAMES = ("digit, range", "brackets, range", "brackets, open")


@pytest.fixture(scope="module")
def world():
    corpus = arithmetic.generate(strings=90)
    pathway = CharacterLSTM.for_corpus(corpus, units=8).eval().pathways["character lstm"]
    features = Library([library_of("arithmetic")[name] for name in NAMES])
    return pathway, corpus.test, features, relevance(pathway, corpus.test, features, folds=3)


@pytest.fixture
def explorer(world):
    pathway, strings, features, table = world
    return widgets.TreeExplorer(pathway, ARITHMETIC, strings, features, table)


def lines(chart):
    return lines_of(chart.to_dict())


def lines_of(spec):
    return [row for data in spec["datasets"].values() for row in data if not row["node"]]


def test_it_shows_labels_and_the_best_units(explorer, world):
    pathway, _, features, table = world
    text = explorer.text.value
    held, states = lines(explorer.chart), passes.states(pathway, [list(text)])
    best = top(table[table["feature"] == NAMES[0]], 3)["unit"].tolist()
    assert [row["line"] for row in held] == ["label", *(f"unit {unit}" for unit in best)]
    np.testing.assert_allclose(held[0]["value"], features[NAMES[0]].labels(ARITHMETIC.tree(text)))
    for row, unit in zip(held[1:], best, strict=True):
        np.testing.assert_allclose(row["value"], states[:, unit], atol=1e-3)


def test_a_unit_says_so_on_the_side_of_its_threshold(explorer, world):
    _, _, _, table = world
    for row in lines(explorer.chart)[1:]:
        fit = table[(table["feature"] == NAMES[0]) & (table["unit"] == int(row["line"].split()[1]))].iloc[0]
        said = fit["weight"] * np.array(row["value"]) + fit["bias"]
        clear = np.abs(said) > 0.02
        np.testing.assert_array_equal(np.sign(row["level"])[clear], np.sign(said)[clear] * bool(fit["weight"]))
        assert np.abs(row["level"]).max() <= 1


def test_string_feature_and_number_of_units_can_be_changed(explorer):
    explorer.text.value = "(1+2) * 3"
    explorer.feature.value = "brackets, open"
    explorer.units.value = 5
    held = lines(explorer.chart)
    assert len(held) == 6 and "".join(held[0]["character"]) == "(1+2)*3"
    assert held[0]["level"] == [0.25] * 4 + [0, 0, 0]
    assert "(1+2)*3" in explorer.code() and "brackets, open" in explorer.code()


def test_choosing_a_string_writes_it_into_the_box(explorer):
    explorer.string.value = 2
    assert explorer.text.value == explorer.string.options[3][0]


@pytest.mark.parametrize(
    ("nonsense", "said"),
    [("", "found &#x27;the end&#x27; at column 1"), ("1+", "at column 3"), ("<b>", "&lt;b&gt;"), ("🙂", "at column 1"),
     ("1+" * 30 + "1", "shows at most 40: type a shorter string")],
)  # fmt: skip
def test_nonsense_is_answered_with_a_message(explorer, nonsense, said):
    before = explorer.chart
    explorer.text.value = nonsense
    assert said in explorer.message.value and "<b>" not in explorer.message.value
    assert explorer.chart is before
    explorer.text.value = "1+2"
    assert explorer.message.value == '<div role="status"></div>'


def test_it_answers_in_time(explorer):
    seconds = []
    for text in ("1+2", "(3-4)*5", "6/7", "(1*(2+3))-4"):
        begin = time.perf_counter()
        explorer.text.value = text
        seconds.append(time.perf_counter() - begin)
    assert sorted(seconds)[1] < 0.2


def test_one_cell_has_two_lives(world, monkeypatch):
    pathway, strings, features, table = world
    explorer = widgets.tree_explorer(pathway, ARITHMETIC, strings, features, table, shown=NAMES[:2])
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    spec = json.loads(bundle["text/html"].split('<script type="application/json">')[1].split("</script>")[0])
    assert {row["feature"] for row in lines_of(spec)} == set(NAMES[:2])
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    assert set(explorer._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_nodes_have_their_depth_among_each_other():
    strings = Strings("mine", "test", tuple(map(ARITHMETIC.tree, ("(1+2)*3", "4"))))
    found = widgets.tree_nodes(strings)
    assert found[["kind", "depth"]].values.tolist() == [["product", 0], ["brackets", 1], ["sum", 2]]
    assert set(found["string"]) == {0}


def test_strings_with_most_to_show_come_first():
    texts = ("1+2", "(1+2*3-(4/5)+6*7)", "1+2+3+4+5+6+7+8+9", "(1+2)*3-(4/(5+6))*7", "(1+2)*3-4/5*(6+7)*8")
    strings = Strings("mine", "test", tuple(map(ARITHMETIC.tree, texts)))
    assert tree_units.telling(strings) == [3, 4, 2, 1, 0]


def test_a_feature_that_was_not_measured_is_named(world):
    pathway, strings, _, table = world
    with pytest.raises(ValueError, match="lacks the feature 'sum, range'"):
        widgets.tree_readings(pathway, strings.take([0]), [library_of("arithmetic")["sum, range"]], table)


def test_only_long_strings_are_refused(world):
    pathway, _, features, table = world
    long = Strings("mine", "test", (ARITHMETIC.tree("1+" * 30 + "1"),))
    with pytest.raises(ValueError, match="found no string of 1 to 40 characters among 1"):
        widgets.tree_explorer(pathway, ARITHMETIC, long, features, table)


def test_a_unit_that_knows_nothing_stays_blank(world):
    pathway, strings, features, table = world
    blank = table.assign(weight=0.0)
    found = widgets.tree_readings(pathway, strings.take([0]), [features[NAMES[0]]], blank)
    assert isinstance(found, pd.DataFrame) and not found[found["line"] != "label"]["level"].any()
