"""Units that are held live, and settings of units on a page."""

import json
import time

import pytest

from reading_neurons import widgets
from reading_neurons.methods.written_examples import when_units_are_held
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.text import Vocabulary


@pytest.fixture(scope="module")
def pathway():
    return CharacterLSTM(Vocabulary(list("0123456789()+-*/"), list)).eval().pathways["character lstm"]


@pytest.fixture
def explorer(pathway):
    return widgets.HoldingExplorer(pathway, [3], 1.0, "(1+")


def rows(chart):
    return [row for data in chart.to_dict()["datasets"].values() for row in data]


def bars(chart):
    return {row["character"]: row["held"] for row in rows(chart) if row["kind"] == "chance"}


def expected(pathway, units, values, start):
    table, _ = when_units_are_held(pathway, {"": (units, values)}, start)
    return {{"</s>": "end"}.get(c, c): pytest.approx(v, rel=1e-3) for c, v in zip(table["character"], table["held"])}


def test_it_shows_what_comes_next_with_the_units_that_are_typed(explorer, pathway):
    assert bars(explorer.chart) == expected(pathway, [3], [1.0], "(1+")
    explorer.units.value, explorer.value.value = "3, -17", 0.5
    assert bars(explorer.chart) == expected(pathway, [3, 17], [0.5, -0.5], "(1+")
    explorer.start.value = ""
    assert bars(explorer.chart) == expected(pathway, [3, 17], [0.5, -0.5], "")
    explorer.units.value = ""
    assert bars(explorer.chart) == expected(pathway, [], [], "")


def test_the_button_writes_other_strings(explorer):
    def strings():
        return [row["text"] for row in rows(explorer.chart) if row["kind"] == "held"]

    before = strings()
    explorer.again.click()
    assert strings() != before and "seed=1" in explorer.code()


@pytest.mark.parametrize("units, start, said", [
    ("three", "", "expected numbers"), ("128", "", "no unit 128"), ("1, 1", "", "found one twice"),
    ("<b>", "", "expected numbers"), ("3.5", "", "expected numbers"), ("3", "a", "does not know &#x27;a&#x27;"),
    ("3", "1" * 60, "shows fewer than"), ("9" * 99, "", "expected numbers"), ("²", "", "expected numbers"),
])  # fmt: skip
def test_nonsense_is_answered_and_the_last_chart_stays(explorer, units, start, said):
    explorer.units.value, explorer.start.value = "4", "2"
    before, line = explorer.chart, explorer.code()
    if start:
        explorer.start.value = start
    else:
        explorer.units.value = units
    assert said in explorer.message.value and "<b>" not in explorer.message.value
    assert explorer.chart is before and explorer.code() == line
    explorer.units.value, explorer.start.value = "5", "3"
    assert explorer.message.value == '<div role="status"></div>'


def test_the_line_of_code_makes_the_chart(explorer, pathway):
    explorer.units.value, explorer.value.value = "8 -9", -0.3
    made = eval(explorer.code(), {"widgets": widgets, "pathway": pathway})
    assert rows(made) == rows(explorer.chart)


def test_one_cell_has_two_lives(pathway, in_kernel):
    settings = {"two units": ([3, 5], [1.0, -1.0]), "one unit": ([7], [0.5])}
    bundle = widgets.holding_explorer(pathway, settings, "(")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    spec = json.loads(bundle["text/html"].split('<script type="application/json">')[1].split("</script>")[0])
    assert [parameter["bind"]["labels"] for parameter in spec["params"]] == [["two units", "one unit"]]
    assert len(bundle["text/html"]) < 100_000


def test_it_answers_while_one_watches(explorer):
    """0.2 s are the aim on an idle machine; a busy one gets five times that."""
    seconds = []
    for unit in ("1", "2", "3", "4", "5"):
        began = time.perf_counter()
        explorer.units.value = unit
        seconds.append(time.perf_counter() - began)
    assert sorted(seconds)[2] < 1
