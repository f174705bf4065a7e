"""Omission scores live, and on a page."""

import json
import time
from dataclasses import replace

import pandas as pd
import pytest

from reading_neurons import charts, widgets
from reading_neurons.corpora import scenes
from reading_neurons.methods import omission
from reading_neurons.models import Imaginet
from reading_neurons.text import Vocabulary


@pytest.fixture
def explorer(captions, network):
    return widgets.OmissionExplorer(network.pathways, captions)


def rows(chart):
    return pd.DataFrame([row for data in chart.to_dict()["datasets"].values() for row in data if "score" in row])


def test_it_shows_the_scores_of_every_pathway(explorer, captions, network):
    held = rows(explorer.chart)
    for name, pathway in network.pathways.items():
        scores = omission.scores(pathway, captions.texts[:1])
        shown = held[held["pathway"] == name].reset_index()
        assert shown["word"].tolist() == scores["word"].tolist()
        assert (shown["score"] - scores["score"]).abs().max() < 1e-3


def test_tags_and_planted_weights_come_with_captions_only(explorer, captions):
    held = rows(explorer.chart)
    visual = held[held["pathway"] == "visual"]
    assert visual["tag"].tolist() == list(captions.parses[0].token_tags)
    assert visual["weight"].tolist() == pytest.approx(captions.weights[0].tolist())
    explorer.text.value = "a dog"
    assert not {"tag", "weight"} & set(rows(explorer.chart))


def test_parses_can_be_given(captions, network):
    given = tuple(replace(parse, tags=("X",) * len(parse.tags)) for parse in captions.parses)
    assert set(rows(widgets.OmissionExplorer(network.pathways, captions, given).chart)["tag"]) == {"X"}


def test_a_pathway_can_be_unticked(explorer):
    explorer.ticked["textual"].value = False
    assert set(rows(explorer.chart)["pathway"]) == {"visual"}
    chart = explorer.chart
    explorer.ticked["visual"].value = False
    assert "No pathway is ticked" in explorer.message.value and explorer.chart is chart
    explorer.ticked["textual"].value = True
    assert set(rows(explorer.chart)["pathway"]) == {"textual"}


def test_a_word_is_unknown_to_the_pathways_that_lack_it(captions, network):
    words = sorted({word for sentence in captions.tokens for word in sentence} - {"dog"})
    other = Imaginet(Vocabulary(words), captions.dimensions, embedding=8, units=8).eval()
    pathways = {"visual": network.pathways["visual"], "other": other.pathways["visual"]}
    table = widgets.omission_table(pathways, widgets.typed("a xyzzy dog"))
    known = {(row.pathway, row.word): row.known for row in table.itertuples()}
    assert not known["visual", "xyzzy"] and not known["other", "xyzzy"] and not known["other", "dog"]
    assert known["visual", "dog"] == ("dog" in network.vocabulary)


def test_an_unknown_word_is_named_and_marked(explorer):
    explorer.text.value = "a xyzzy"
    assert "xyzzy" in explorer.message.value
    held = rows(explorer.chart)
    assert held[~held["known"]]["word"].unique().tolist() == ["xyzzy"]


def test_the_line_of_code_makes_the_chart(explorer, network):
    explorer.text.value = "A dog's \"cat\" runs."
    explorer.ticked["textual"].value = False
    names = {"charts": charts, "omission": omission, "pd": pd, "pathways": network.pathways}
    made = rows(eval(explorer.code(), names))
    columns = ["position", "word", "pathway", "score"]
    assert made[columns].equals(rows(explorer.chart)[columns])


def test_no_pathway_is_an_error(captions):
    with pytest.raises(ValueError, match="at least one pathway"):
        widgets.OmissionExplorer({}, captions)


def test_one_cell_has_two_lives(captions, network, in_kernel):
    shown = widgets.omission_explorer(network.pathways, captions, sentences=4)
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    html = bundle["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    menu = next(p["bind"] for p in spec["params"] if p["name"] == "sentence_pick")
    assert menu["labels"] == [captions.texts[number] for number in widgets.spread(captions, 4)]
    assert len(html) < 100_000


def test_the_page_can_hold_the_captions_asked_for(captions, network, in_kernel):
    shown = widgets.omission_explorer(network.pathways, captions, sentences=[5, 2], title="Found")
    html = shown._repr_mimebundle_()["text/html"]
    assert captions.texts[5] in html and captions.texts[0] not in html and "Found" in html


def test_it_answers_while_one_watches():
    """0.2 s are the aim on an idle machine; a busy one gets five times that."""
    captions = scenes.generate(scenes=50).test
    network = Imaginet(Vocabulary.of(captions.tokens), captions.dimensions, embedding=64, units=128).eval()
    explorer = widgets.OmissionExplorer(network.pathways, captions)
    seconds = []
    for text in captions.texts[1:8]:
        began = time.perf_counter()
        explorer.text.value = text
        seconds.append(time.perf_counter() - began)
    assert sorted(seconds)[3] < 1
