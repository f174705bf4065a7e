"""Predicted scenes and next words live, and on a page."""

import json

import numpy as np
import pandas as pd
import pytest

from reading_neurons import widgets
from reading_neurons.models import evaluation


@pytest.fixture
def explorer(captions, network):
    return widgets.ImaginetExplorer(network, captions)


def rows(chart, column):
    return pd.DataFrame([row for data in chart.to_dict()["datasets"].values() for row in data if column in row])


def test_it_shows_the_scene_and_the_next_words(explorer, captions, network):
    scene = rows(explorer.chart, "predicted")
    table = evaluation.scene_table(network, captions.take([0]))
    assert scene["predicted"].max() == pytest.approx(table["predicted"].max(), rel=1e-3)
    assert scene["true"].max() == pytest.approx(table["true"].max(), rel=1e-3)
    guesses = rows(explorer.chart, "candidate")
    assert guesses["word"].unique()[1:].tolist() == list(dict.fromkeys(captions.tokens[0]))


def test_a_typed_sentence_has_no_true_scene_and_the_length_of_an_average_one(explorer, network, captions):
    explorer.text.value = "A dog."
    assert "true" not in rows(explorer.chart, "predicted")
    scenes = widgets.imaginet._scenes(network, widgets.typed("A dog."))
    assert np.linalg.norm(scenes["predicted"]) == pytest.approx(len(captions.dimensions) ** 0.5, rel=1e-4)


def test_unknown_words_are_named(explorer):
    explorer.text.value = "a xyzzy <b>"
    assert "xyzzy, b" in explorer.message.value


def test_the_line_of_code_makes_the_chart(explorer, network):
    explorer.text.value = "A dog's \"cat\" runs."
    made = eval(explorer.code(), {"widgets": widgets, "network": network})
    assert made.to_dict() == explorer.chart.to_dict()


def test_one_cell_has_two_lives(captions, network, in_kernel):
    shown = widgets.imaginet_explorer(network, captions, sentences=4)
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    html = bundle["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    menu = next(p["bind"] for p in spec["params"] if p["name"] == "sentence_pick")
    assert menu["labels"] == [captions.texts[number] for number in widgets.spread(captions, 4)]
    assert len(html) < 100_000
