"""Two sentences word by word: loops, planted competition, and what cannot be compared."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.state_differences import compared, distances, last_word, over_time, weights
from reading_neurons.models import LSTM, BiLSTM
from reading_neurons.text import Vocabulary

WORDS = Vocabulary(["i", "hate", "like", "it", "though", "dull", "fun", "long"])
PATHWAY = LSTM(WORDS, embedding=6, units=5).eval().pathways["lstm"]
BOTH = BiLSTM(WORDS, embedding=6, units=5).eval().pathways["bi-lstm"]
FIRST, SECOND = "i hate it though fun", "i like it though dull"


class Adding:
    """A pathway whose state is the sum of what was read: like +1, hate -1, fun and dull half of that."""

    name, output_names = "adding", None
    vocabulary = WORDS

    def __init__(self, last=0.5):
        values = {"hate": -1.0, "like": 1.0, "fun": last, "dull": -last}
        self.embedding = torch.tensor([[values.get(word, 0.0), 0.1] for word in WORDS.words])

    def states(self, embedded, lengths=None):
        return embedded.cumsum(dim=1)

    def representation(self, embedded, lengths=None):
        states = self.states(embedded)
        return states[torch.arange(len(states)), lengths - 1]


def test_states_are_those_at_the_words_and_beginnings_are_read_alone():
    for pathway in (PATHWAY, BOTH):
        states = over_time(pathway, [FIRST, "it"])
        begun = over_time(pathway, [FIRST, "it"], prefixes=True)
        assert [one.shape for one in states] == [one.shape for one in begun] == [(5, pathway.units), (1, pathway.units)]
        ids = torch.from_numpy(WORDS.encode(FIRST.split()))[None]
        with torch.no_grad():
            whole = pathway.states(pathway.embedding[ids])[0, 1:-1]
            np.testing.assert_allclose(states[0], whole.numpy(), atol=1e-6)
            for end in range(1, 6):
                ids = torch.from_numpy(WORDS.encode(FIRST.split()[:end]))[None]
                alone = pathway.representation(pathway.embedding[ids], torch.tensor([end + 2]))
                np.testing.assert_allclose(begun[0][end - 1], alone[0].numpy(), atol=1e-6)


def test_the_table_holds_both_sentences_and_their_difference():
    table = compared(PATHWAY, FIRST, SECOND)
    one, other = over_time(PATHWAY, [FIRST, SECOND])
    assert table["difference"].to_numpy().reshape(5, 5) == pytest.approx(np.abs(one - other))
    assert table.groupby("position")["second_word"].first().tolist() == SECOND.split()
    first = table[table["position"] == 0]
    assert (first["difference"] == 0).all()  # both begin with one word


def test_distances_are_euclidean():
    one, other = over_time(PATHWAY, [FIRST, SECOND], prefixes=True)
    (found,) = distances(PATHWAY, [FIRST], [SECOND], prefixes=True)
    assert found == pytest.approx([np.sqrt(((a - b) ** 2).sum()) for a, b in zip(one, other, strict=True)], abs=1e-6)


@pytest.mark.parametrize("prefixes", [False, True])
def test_clauses_that_compete_come_together_and_agreeing_ones_do_not(prefixes):
    found = last_word(
        Adding(),
        [FIRST, "i hate it though long", "i hate it though dull"],
        [SECOND, "i like it though long", "i like it though fun"],
        prefixes=prefixes,
    )
    assert found["before"].tolist() == pytest.approx([2, 2, 2])
    assert found["after"].tolist() == pytest.approx([1, 2, 3])
    assert found["log_ratio"].tolist() == pytest.approx(np.log([0.5, 1, 1.5]), abs=1e-6)


def test_weights_are_those_that_were_planted():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 500))
    assert weights(0.7 * first - 0.2 * second + 3, first, second) == pytest.approx((0.7, -0.2))
    noise = weights(rng.normal(size=500), first, second)
    assert max(map(abs, noise)) < 0.15


def test_what_cannot_be_compared_is_an_error():
    with pytest.raises(ValueError, match="found 5 and 2 words"):
        compared(PATHWAY, FIRST, "i hate")
    with pytest.raises(ValueError, match="pair 1 has 5 and 2 words"):
        distances(PATHWAY, [FIRST, FIRST], [SECOND, "i hate"])
    with pytest.raises(ValueError, match="found 2 first and 1 second"):
        distances(PATHWAY, [FIRST, FIRST], [SECOND])
    with pytest.raises(ValueError, match="nothing before its last"):
        last_word(PATHWAY, ["hate"], ["like"])
    with pytest.raises(ValueError, match="has no word"):
        compared(PATHWAY, "zebra", "zebra")
    with pytest.raises(ValueError, match="at least 4, found 3"):
        weights(np.ones(3), np.ones(3), np.ones(3))


def test_an_unknown_word_inside_a_sentence_is_read():
    assert over_time(PATHWAY, ["zebra hate"], prefixes=True)[0].shape == (2, 5)
