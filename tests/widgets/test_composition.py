"""Two phrases of any kind, live, and the paper's on a page."""

import json
import time

import numpy as np
import pytest

from reading_neurons import widgets
from reading_neurons.corpora import polarity
from reading_neurons.methods.composition import vectors
from reading_neurons.models import LSTM, BiLSTM
from reading_neurons.text import Vocabulary, treebank_tokenize


@pytest.fixture(scope="module")
def pathways():
    words = [word for pair in polarity.modified("negation")["modified"] for word in pair.split()]
    words += [
        word for kind in ("intensification",) for text in polarity.modified(kind)["modified"] for word in text.split()
    ]
    vocabulary = Vocabulary(sorted(set(words)), treebank_tokenize)
    sizes = {"embedding": 6, "units": 5}
    return {
        "lstm": LSTM(vocabulary, **sizes).eval().pathways["lstm"],
        "bi-lstm": BiLSTM(vocabulary, **sizes).eval().pathways["bi-lstm"],
    }


@pytest.fixture
def explorer(pathways):
    return widgets.CompositionExplorer(pathways)


def held(chart):
    return [row for data in chart.to_dict()["datasets"].values() for row in data if "_values" in row]


def test_it_shows_both_vectors_and_their_difference(explorer, pathways):
    explorer.second.value = "never bad"
    one, other = vectors(pathways["lstm"], ["good", "never bad"])
    found = np.array([row["_values"] for row in sorted(held(explorer.chart), key=lambda row: row["dimension"])]).T
    np.testing.assert_allclose(found, [one, other, other - one], atol=1e-3)


def test_word_by_word_needs_equally_many_words(explorer):
    explorer.view.value = "states"
    assert "found 1 and 2: vectors are shown" in explorer.message.value and held(explorer.chart)
    explorer.first.value = "so good"
    assert "_first" in json.dumps(explorer.chart.to_dict()) and explorer.code().endswith("'lstm', 'states')")
    assert "vectors are shown" not in explorer.message.value


@pytest.mark.parametrize("text", ["", "  ", "!!!", "🙂", "<b>bold</b>", "zebra", "good " * 100, "n't", "\\ % {"])
def test_nonsense_gets_a_message_or_a_chart(explorer, text):
    for control in (explorer.first, explorer.second):
        control.value = text
        assert explorer.chart.to_dict()["description"]
        assert "<b>" not in explorer.message.value
    if text in ("", "  ", "!!!", "🙂", "zebra", "good " * 100):
        assert len(explorer.message.value) > 40


def test_the_line_of_code_makes_the_chart(explorer, pathways):
    explorer.network.value, explorer.first.value = "bi-lstm", "do n't like it"
    made = eval(explorer.code(), {"widgets": widgets, "pathways": pathways})
    assert made.to_dict()["datasets"] == explorer.chart.to_dict()["datasets"]


def test_what_cannot_be_shown_is_an_error(pathways):
    with pytest.raises(ValueError, match="no network 'gru'"):
        widgets.composition_chart(pathways, "good", "bad", "gru")
    with pytest.raises(ValueError, match="found the view 'words'"):
        widgets.composition_chart(pathways, "good", "bad", view="words")
    with pytest.raises(ValueError, match="at least one pathway"):
        widgets.CompositionExplorer({})


def test_an_answer_takes_less_than_a_fifth_of_a_second(explorer):
    taken = []
    for word in ("bad", "nice", "awful", "great", "dull"):
        begun = time.perf_counter()
        explorer.first.value = word
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.2


def test_a_page_holds_the_papers_phrases(pathways, in_kernel):
    explorer = widgets.composition_explorer(pathways)
    bundle = explorer._repr_mimebundle_()
    assert "not nice" in bundle["text/html"] and "incredibly funny" in bundle["text/html"]
    assert len(bundle["text/html"]) < 250_000
    assert "application/vnd.jupyter.widget-view+json" in bundle
