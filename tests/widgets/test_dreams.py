"""What neurons most want to read, on a page and live without a corpus."""

import json

import pandas as pd
import pytest

from reading_neurons import widgets
from reading_neurons.methods.input_lengths import words_by_length
from reading_neurons.neurons import output
from reading_neurons.widgets.input_optimization import METHODS


@pytest.fixture(scope="module")
def table(network):
    return words_by_length(network.pathways["visual"], [output(network.pathways["visual"], "dog")], [1, 2])


def test_the_page_holds_the_table(network, table, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    html = widgets.dream_explorer(network.pathways, table, "Found")._repr_mimebundle_()["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    (rows,) = spec["datasets"].values()
    assert [row["word"] for row in rows] == table["word"].tolist()
    assert "visual, object:dog" in spec["description"] and "1 word: '" in spec["description"]


def test_beside_a_kernel_any_neuron_can_be_asked_without_a_corpus(network, in_kernel):
    explorer = widgets.InputExplorer(network.pathways)
    methods = [method for _, method in explorer.method.options]
    assert methods == [method for method in METHODS if method != "corpus"]
    explorer.length.value, explorer.neuron.value = 2, "unit 3"
    assert "unit 3: " in explorer.message.value


def test_one_cell_has_two_lives(network, table, in_kernel):
    bundle = widgets.dream_explorer(network.pathways, table)._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html"} <= set(bundle)


def test_the_page_begins_with_the_neuron_asked_for(network, table, in_kernel):
    other = table.assign(neuron="visual, object:cat")
    both = pd.concat([table, other], ignore_index=True)
    html = widgets.dream_explorer(network.pathways, both, first="visual, object:cat")._repr_mimebundle_()["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    menu = next(parameter for parameter in spec["params"] if parameter["name"] == "neuron_pick")
    assert menu["value"] == "visual, object:cat" and len(menu["bind"]["options"]) == 2
    with pytest.raises(ValueError, match="no neuron 'unicorn' among 1: visual, object:dog"):
        widgets.dream_explorer(network.pathways, table, first="unicorn")
