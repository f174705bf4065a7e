"""N-grams as numbers and as text, against a loop over tuples."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons import ngrams

CORPORA = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=7), min_size=1, max_size=8)


def flat(corpus):
    words = [word for sentence in corpus for word in sentence]
    sentence = [number for number, words in enumerate(corpus) for _ in words]
    position = [place for words in corpus for place in range(len(words))]
    return words, np.array(sentence), np.array(position)


def naive(corpus, width):
    """The n-gram that ends at each word, padded with None on the left."""
    padded = [[None] * (width - 1) + list(sentence) for sentence in corpus]
    return [tuple(words[end - width + 1 : end + 1]) for words in padded for end in range(width - 1, len(words))]


@given(corpus=CORPORA, width=st.integers(1, 5))
def test_codes_are_equal_where_ngrams_are(corpus, width):
    words, sentence, _ = flat(corpus)
    found = ngrams.codes(words, sentence, width)
    assert found.dtype == np.int64
    assert found.tolist() == pd.factorize(pd.Series(naive(corpus, width), dtype=object))[0].tolist()


@given(corpus=CORPORA, width=st.integers(1, 5))
def test_texts_are_the_words_of_ngrams(corpus, width):
    words, _, position = flat(corpus)
    expected = [" ".join(word for word in ngram if word) for ngram in naive(corpus, width)]
    assert ngrams.texts(words, position, np.arange(len(words)), width) == expected


def test_a_beginning_differs_from_the_same_words_later():
    """'a dog' at the beginning of a sentence and after another word are different trigrams."""
    found = ngrams.codes(["a", "dog", "x", "a", "dog"], [0, 0, 1, 1, 1], 3)
    assert found[1] != found[4]
    assert ngrams.codes(["a", "dog", "x", "a", "dog"], [0, 0, 1, 1, 1], 2)[[1, 4]].tolist() == [1, 1]


def test_many_words_and_wide_ngrams_do_not_collide():
    rng = np.random.default_rng(0)
    words = rng.integers(50_000, size=60_000)
    sentence = np.repeat(np.arange(6_000), 10)
    corpus = words.reshape(6_000, 10).tolist()
    for width in (3, 6):
        assert len(np.unique(ngrams.codes(words, sentence, width))) == len(set(naive(corpus, width)))


def test_labels_of_a_table_are_taken():
    table = pd.DataFrame({"tag": ["DT", "NN", "DT"], "sentence": [0, 0, 1]})
    assert ngrams.codes(table["tag"], table["sentence"], 1).tolist() == [0, 1, 0]


def test_only_the_places_asked_for_are_written():
    assert ngrams.texts(["a", "b", "c"], np.array([0, 1, 0]), np.array([2, 1]), 3) == ["c", "a b"]
    assert ngrams.texts(["a"], np.array([0]), np.array([], dtype=int), 3) == []


def test_bad_widths_and_lengths_are_errors():
    with pytest.raises(ValueError, match="at least 1 place, found a width of 0"):
        ngrams.codes(["a"], [0], 0)
    with pytest.raises(ValueError, match="a sentence for each of 2 values, found 1"):
        ngrams.codes(["a", "b"], [0], 1)
