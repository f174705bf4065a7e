"""Saliency live, and on a page."""

import json
import time

import pandas as pd
import pytest

from reading_neurons import charts, widgets
from reading_neurons.corpora import polarity
from reading_neurons.methods import saliency
from reading_neurons.methods.saliency import METHODS
from reading_neurons.models import LSTM, BiLSTM
from reading_neurons.models.sentiment import Recurrent

CORPUS = polarity.generate(sentences=200)


@pytest.fixture(scope="module")
def pathways():
    networks = [kind.for_corpus(CORPUS).eval() for kind in (Recurrent, LSTM, BiLSTM)]
    return {name: pathway for network in networks for name, pathway in network.pathways.items()}


@pytest.fixture
def explorer(pathways):
    return widgets.SaliencyExplorer(pathways, CORPUS.test)


def rows(chart):
    return pd.DataFrame([row for data in chart.to_dict()["datasets"].values() for row in data if "panel" in row])


def test_it_shows_the_saliency_of_every_network(explorer, pathways):
    held = rows(explorer.chart)
    for name, pathway in pathways.items():
        found = saliency.saliency(pathway, [CORPUS.test.tokens[0]])
        shown = held[held["panel"] == name]
        assert shown["word"].tolist() == found["word"].tolist()
        assert shown["saliency"].to_numpy() == pytest.approx(found["saliency"].to_numpy(), rel=1e-3)


def test_network_class_method_and_view_can_be_chosen(explorer, pathways):
    explorer.network.value = "lstm"
    explorer.output.value = "very positive"
    explorer.method.value = "integrated gradients"
    explorer.text.value = "I hate the movie"
    held = rows(explorer.chart)
    found = saliency.saliency(pathways["lstm"], ["i hate the movie"], 4, method="integrated gradients")
    assert held["saliency"].to_numpy() == pytest.approx(found["saliency"].to_numpy(), rel=1e-3)
    assert set(held["note"]) == {"very positive"}
    explorer.view.value = "dimensions"
    assert "_values" in rows(explorer.chart) and len(rows(explorer.chart)["_values"][0]) == 60


def test_its_line_of_code_makes_the_same_chart(explorer, pathways):
    for view in ("words", "dimensions"):
        explorer.view.value = view
        chart = eval(explorer.code(), {"charts": charts, "saliency": saliency, "pd": pd, "pathways": pathways})
        values = "saliency" if view == "words" else "_values"
        assert rows(chart)[values].tolist() == rows(explorer.chart)[values].tolist()


@pytest.mark.parametrize("text", ["", "   ", ":-)", "<b>", "zzz qqq", "word " * 90, "\u00a0\u200b", "€€€ ok"])
def test_whatever_is_typed_gets_a_chart_or_a_message(explorer, text):
    before = explorer.chart
    explorer.text.value = text
    assert explorer.chart is not before or ">" in explorer.message.value.replace('<div role="status"></div>', "")


def test_unknown_words_are_named_and_those_alone_are_not_drawn(explorer):
    explorer.text.value = "I hate Sofitel"
    assert "sofitel" in explorer.message.value
    assert rows(explorer.chart)["known"].tolist().count(False) == 3
    before = explorer.chart
    explorer.text.value = "Sofitel"
    assert explorer.chart is before and "knows none" in explorer.message.value


def test_an_answer_comes_at_once(explorer):
    def seconds(text):
        began = time.perf_counter()
        explorer.text.value = text
        return time.perf_counter() - began

    texts = ["I hate the movie", "the plot is good", "I love it", "it is not bad", "the movie is great"]
    assert min(map(seconds, texts)) < 0.2


def test_the_page_holds_three_methods_of_some_sentences(pathways, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    html = widgets.saliency_explorer(pathways, CORPUS.test, 3)._repr_mimebundle_()["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    menus = {parameter["name"]: parameter["bind"]["options"] for parameter in spec["params"] if "bind" in parameter}
    assert menus["choice_pick"] == list(METHODS) and len(menus["sentence_pick"]) == 3
    assert len(html) < 250_000


def test_no_network_is_an_error():
    with pytest.raises(ValueError, match="at least one pathway"):
        widgets.SaliencyExplorer({}, CORPUS.test)
