"""Each beginning of a sentence is read as a sentence of its own."""

import pytest
import torch

from reading_neurons.corpora import load
from reading_neurons.methods.unfolding import sentiment, unfolding
from reading_neurons.models import LSTM, BiLSTM
from reading_neurons.pathway import represent

CORPUS = load("polarity", sentences=40)


@pytest.fixture(scope="module")
def pathways():
    made = [kind.for_corpus(CORPUS, units=5, embedding=5, seed=2).eval() for kind in (LSTM, BiLSTM)]
    return {name: pathway for network in made for name, pathway in network.pathways.items()}


def test_a_beginning_is_read_alone(pathways):
    sentences = ["the film is not bad", "great"]
    table = unfolding(pathways, sentences)
    for name, pathway in pathways.items():
        rows = table[(table["pathway"] == name) & (table["sentence"] == 0)]
        assert rows["word"].tolist() == sentences[0].split()
        for row in rows.itertuples():
            with torch.no_grad():
                read = represent(pathway, [sentences[0].split()[: row.position + 1]])
                chances = pathway.outputs(read).softmax(dim=1)[0]
            assert row.chance == pytest.approx(float(chances.max()), rel=1e-5)
            assert table.loc[row.Index, "class"] == pathway.output_names[int(chances.argmax())]
            by_hand = sum((-1 + k / 2) * float(chance) for k, chance in enumerate(chances))
            assert row.sentiment == pytest.approx(by_hand, abs=1e-6)


def test_trees_and_unknown_words(pathways):
    table = unfolding(pathways, CORPUS.train)
    assert len(table) == 2 * sum(map(len, CORPUS.train.tokens))
    assert table["known"].all() and table["sentiment"].between(-1, 1).all()
    assert unfolding(pathways, ["the blorp"])["known"].tolist() == [True, False] * 2


def test_sentiment_of_two_classes_is_a_difference_of_chances():
    assert sentiment(torch.tensor([0.3, 0.7])).item() == pytest.approx(0.4)


@pytest.mark.parametrize("sentences, message", [([], "at least one sentence"), (["fine", ""], "sentence 1 has no word")])
def test_nothing_to_read_is_an_error(pathways, sentences, message):
    with pytest.raises(ValueError, match=message):
        unfolding(pathways, sentences)
