"""A regular expression as a feature, live and on a page."""

import json
import re
import time

import numpy as np
import pytest

from reading_neurons import passes, widgets
from reading_neurons.corpora import parentheses
from reading_neurons.features.text import pattern
from reading_neurons.methods.relevance import from_states, top
from reading_neurons.models import store
from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary
from reading_neurons.widgets.inspection import FOLDS, PATTERNS, asked, endless, sampled

CORPUS = parentheses.generate(strings=200)


@pytest.fixture(scope="module")
def pathway():
    return CountingPathway(Vocabulary.of(CORPUS.train.tokens, 1, list), noise=7, unit=2)


@pytest.fixture
def explorer(pathway):
    return widgets.QueryExplorer(pathway, CORPUS.test)


def lines(chart):
    return [row for data in chart.to_dict()["datasets"].values() for row in data if not row["node"]]


def test_every_unit_is_asked_and_the_best_are_shown(explorer, pathway):
    sample = sampled(CORPUS.test)
    expected = from_states(passes.states(pathway, sample), sample, pattern(PATTERNS[0]))
    assert explorer.table.equals(expected)
    held = lines(explorer.chart)
    assert [row["line"] for row in held] == ["label", *(f"unit {unit}" for unit in top(expected, 3)["unit"])]
    best = top(expected, 1).iloc[0]
    assert f"Unit {best.unit} is right about {best.score:.3f}" in explorer.message.value


def test_a_typed_expression_is_labelled_along_the_string(explorer):
    explorer.expression.value = r"\d\d"
    text = explorer._strings.texts[explorer.string.value]
    expected = np.zeros(len(text))
    for match in re.finditer(r"\d\d", text):
        expected[match.start() : match.end()] = 1
    (label,) = [row for row in lines(explorer.chart) if row["label"]]
    assert label["value"] == expected.tolist() and "".join(label["character"]) == text
    assert "pattern('" in explorer.code() and "d" in explorer.code()


def test_menus_and_the_number_of_units(explorer):
    explorer.offered.value = PATTERNS[2]
    assert explorer.expression.value == PATTERNS[2]
    explorer.units.value, explorer.string.value = 5, 3
    held = lines(explorer.chart)
    assert len(held) == 6 and "".join(held[0]["character"]) == explorer._strings.texts[3]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type a regular expression"),
        ("(", "is no regular expression"),
        ("[9", "is no regular expression"),
        ("x" * 200, "Found 200 characters"),
        ("(1+)+", "may never end"),
        ("<b>", "is 0 at every one of"),
        ("(?s).", "is 1 at every one of"),
        ("z*", "is 0 at every one of"),
    ],
)
def test_nonsense_gets_a_message_and_the_last_chart_stays(explorer, typed, said):
    before = explorer.chart
    explorer.expression.value = typed
    assert said in explorer.message.value and explorer.chart is before
    assert "<b>" not in explorer.message.value
    explorer.expression.value = r"\("
    assert "right about" in explorer.message.value


def test_repetitions_of_repetitions_are_not_tried():
    for never in ("(0*)*", "((0|1)+x?)+", "(?:a+)+$", "(a{2,})*"):
        assert endless(never)
        with pytest.raises(ValueError, match="may never end"):
            asked(never)
    for fine in (r"\(+", "(ab)*", "(a|b)+", "[a+]+(b)", "a{2,3}", r"\(\d+\)"):
        assert not endless(fine)


def test_it_answers_at_once_with_the_default_network(in_kernel):
    network = store.untrained("character lstm", CORPUS)
    explorer = widgets.QueryExplorer(network.pathways["character lstm"], CORPUS.test)
    seconds = []
    for expression in (r"\d\)", r"\(\d", r"\)\d", "3", "4"):
        began = time.perf_counter()
        explorer.expression.value = expression
        seconds.append(time.perf_counter() - began)
    assert sorted(seconds)[2] < 0.2 * 2.5  # a machine that does other things as well


def test_on_a_page_it_is_a_chart(pathway, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    bundle = widgets.query_explorer(pathway, CORPUS.test)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    spec = json.loads(re.search(r"<script[^>]*>(.*)</script>", bundle["text/html"], re.DOTALL)[1])
    (offered,) = [p["bind"]["options"] for p in spec["params"] if p["name"] == "feature_pick"]
    assert offered == [f"/{expression}/" for expression in PATTERNS]


def test_a_sample_has_a_string_for_each_fold():
    assert len(sampled(CORPUS.test, 1)) == FOLDS
    sample = sampled(CORPUS.test, 1500)
    assert sum(map(len, sample.texts)) <= 1500 < sum(map(len, CORPUS.test.texts[: len(sample) + 1]))
    with pytest.raises(ValueError, match="at least one for each of 20 folds"):
        sampled(CORPUS.test.take([0, 1]))
