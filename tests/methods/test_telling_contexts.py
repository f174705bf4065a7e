"""The contexts that make up a unit's mutual information."""

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from reading_neurons.methods.telling_contexts import telling_contexts


@pytest.fixture
def corpus():
    rng = np.random.default_rng(0)
    words = rng.choice(["a", "the", "dog", "cat", "on"], size=400, p=[0.3, 0.3, 0.2, 0.1, 0.1])
    unit = rng.integers(20, size=400).astype(np.uint8)
    unit[words == "dog"] = rng.integers(15, 20, size=(words == "dog").sum())
    return unit, words


def test_contributions_add_up_to_the_mutual_information(corpus):
    table = telling_contexts(*corpus, top=99)
    assert len(table) == 5 * 20
    parts = table.drop_duplicates("context")["contribution"]
    assert parts.sum() == pytest.approx(mutual_info_score(corpus[1], corpus[0]))
    assert (parts >= 0).all()


def test_shares_are_those_of_the_tokens_of_a_context(corpus):
    unit, words = corpus
    for context, rows in telling_contexts(unit, words).groupby("context"):
        of_context = unit[words == context]
        assert (rows["tokens"] == len(of_context)).all() and rows["bin"].tolist() == list(range(20))
        np.testing.assert_allclose(rows["share"], np.bincount(of_context, minlength=20) / len(of_context))


def test_what_was_planted_comes_first_and_a_rare_word_does_not(corpus):
    unit, words = corpus
    words[7] = "once"
    table = telling_contexts(unit, words, top=3)
    assert table["context"].iloc[0] == "dog" and "once" not in set(table["context"])
    assert table["context"].nunique() == 3


def test_equal_contributions_come_in_order_of_the_corpus():
    unit = np.array([0, 1, 0, 1], dtype=np.uint8)
    assert telling_contexts(unit, ["b", "a", "b", "a"], count=2)["context"].tolist() == ["b", "b", "a", "a"]
    assert (telling_contexts(unit * 0, ["b", "a", "b", "a"], count=2)["contribution"] == 0).all()


@pytest.mark.parametrize(
    "unit, values, options, message",
    [
        ([], [], {}, "at least one token"),
        ([0, 1], ["a"], {}, "found 1 for 2 bins"),
        ([0, 1], ["a", "b"], {"top": 0}, "at least 1 context"),
        ([0, 20], ["a", "b"], {}, "found bin 20, expected bins from 0 to 19"),
    ],
)
def test_bad_input_is_an_error(unit, values, options, message):
    with pytest.raises(ValueError, match=message):
        telling_contexts(np.array(unit, dtype=np.uint8), values, **options)
