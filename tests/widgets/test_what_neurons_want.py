"""What any neuron wants, live and on a page."""

import json

import pytest

from reading_neurons import charts, widgets
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.neurons import output


@pytest.fixture
def explorer(network, captions):
    return widgets.WantedExplorer(network.pathways, captions, ignore={"a", "the"})


def test_the_table_has_what_the_methods_find(network, captions):
    table = widgets.wanted_table(network.pathways, captions, {"visual": ["dog", "unit 3"], "textual": ["red"]})
    assert table.groupby(["pathway", "neuron", "method"]).ngroups == 6
    pathway = network.pathways["visual"]
    expected = optimize(pathway, output(pathway, "dog"))["words"][0]
    rows = table.query("neuron == 'object:dog' and method == 'optimal'")
    assert " ".join(rows.sort_values("place")["word"]) == expected
    with pytest.raises(ValueError, match="no pathway 'sum'"):
        widgets.wanted_table(network.pathways, captions, {"sum": ["dog"]})


def test_a_choice_changes_the_chart_and_the_line_of_code(explorer, network, captions):
    before = explorer.chart.description
    explorer.pathway.value = "textual"
    explorer.neuron.value = "red"
    assert explorer.chart.description != before and "red (textual)" in explorer.chart.description
    names = {"charts": charts, "widgets": widgets, "pathways": network.pathways, "captions": captions}
    assert eval(explorer.code(), names).description == explorer.chart.description


@pytest.mark.parametrize("typed", ["", "dgo", "unit 99999", "-1", "🐕", "x" * 500, "<script>"])
def test_typed_nonsense_gets_a_message(explorer, typed):
    kept = explorer.chart
    explorer.neuron.value = typed
    assert explorer.chart is kept and "<script>" not in explorer.message.value and len(explorer.message.value) > 40


def test_concepts_are_looked_for_when_asked(explorer):
    assert explorer.concept_chart is None
    count = len(explorer.children)
    explorer.ask.click()
    if explorer.concept_chart is None:
        assert "No single word carries" in explorer.message.value
    else:
        assert "found" in explorer.message.value and len(explorer.children) == count + 1
    explorer.neuron.value = "object:cat"
    assert explorer.concept_chart is None and len(explorer.children) == count


def test_one_cell_has_two_lives(network, captions, in_kernel):
    made = widgets.wanted_explorer(network.pathways, captions, {"visual": ["dog"], "textual": ["red", "a"]}, pick="red")
    bundle = made._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    spec = json.loads(bundle["text/html"].split('<script type="application/json">')[1].split("</script>")[0])
    assert len(spec["params"][0]["bind"]["options"]) == 3 and "red (textual)" in spec["description"]


def test_an_explorer_needs_a_pathway(captions):
    with pytest.raises(ValueError, match="at least one pathway"):
        widgets.WantedExplorer({}, captions)
