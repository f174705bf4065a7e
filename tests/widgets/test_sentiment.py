"""What networks of sentiment make of a sentence, live and on a page."""

import json

import pytest

from reading_neurons import charts, widgets
from reading_neurons.corpora import load
from reading_neurons.methods.unfolding import unfolding
from reading_neurons.models import LSTM, BiLSTM


@pytest.fixture(scope="module")
def trees():
    return load("polarity", sentences=50).test


@pytest.fixture(scope="module")
def pathways():
    corpus = load("polarity", sentences=50)
    made = [kind.for_corpus(corpus, units=6, embedding=6).eval() for kind in (LSTM, BiLSTM)]
    return {name: pathway for network in made for name, pathway in network.pathways.items()}


@pytest.fixture
def explorer(pathways, trees):
    return widgets.SentimentExplorer(pathways, trees)


def test_any_sentence_can_be_typed_and_unknown_words_are_named(explorer):
    explorer.text.value = "The film isn't xyzzy!"
    assert "xyzzy" in explorer.message.value
    assert "'the film is n't xyzzy !'" in explorer.chart.to_dict()["description"]


@pytest.mark.parametrize("text", ["", "   ", "!!!", "😀", "<b>", "word " * 100])
def test_nonsense_keeps_the_last_chart(explorer, text):
    before = explorer.chart
    explorer.text.value = text
    assert explorer.chart is before or text == "<b>"
    assert explorer.message.value


def test_the_line_of_code_makes_the_chart(explorer, pathways):
    explorer.text.value = "not bad"
    known = {"charts": charts, "widgets": widgets, "unfolding": unfolding, "pathways": pathways}
    assert eval(explorer.code(), known).to_dict()["datasets"] == explorer.chart.to_dict()["datasets"]


def test_one_cell_has_two_lives(pathways, trees, in_kernel):
    bundle = widgets.sentiment_explorer(pathways, trees, sentences=3)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    spec = json.loads(bundle["text/html"].split('<script type="application/json">')[1].split("</script>")[0])
    assert spec["params"][0]["bind"]["labels"] == [trees.texts[number] for number in widgets.spread(trees, 3)]
