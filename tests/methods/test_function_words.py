"""Function words: counted by tag, tested by exchange, and bigrams against the words of other neurons."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.methods.function_words import (
    before,
    bigrams,
    by_place,
    continued,
    difference,
    function_words,
    usual_tags,
    word_classes,
)

CAPTIONS = scenes.generate(scenes=2000).test
TOKENS = token_table(CAPTIONS, CAPTIONS.parses)
TAGS = usual_tags(TOKENS)
KNOWN = word_classes(TOKENS)


def test_usual_tags_are_those_of_a_naive_count():
    for word, tag in TAGS.items():
        counts = TOKENS[TOKENS["word"] == word]["tag"].value_counts()
        assert tag == min(counts[counts == counts.max()].index)


def test_function_words_of_scenes_are_those_of_its_grammar():
    found = function_words(KNOWN)
    assert {"a", "the", "and", "is"} <= found and not {"dog", "two", "red", "chasing"} & found
    assert (KNOWN["dog"], KNOWN["two"], KNOWN["red"]) == ("noun", "number", "adjective")


def test_shorter_ngrams_end_at_the_last_place():
    assert by_place(["a dog", "under an", "dog"], {"a", "under", "an"}, 3).tolist() == [
        [False, True, False], [False, True, True], [False, False, False],
    ]  # fmt: skip
    with pytest.raises(ValueError, match="at most 1 words, found 'a dog'"):
        by_place(["a dog"], set(), 1)


def test_a_difference_is_found_and_its_absence_is_not():
    rng = np.random.default_rng(0)
    first = rng.random(60)
    found = difference(first, first + 0.2 + 0.1 * rng.normal(size=60))
    assert found["low"] > 0.15 and found["p"] < 0.001
    p = [difference(*rng.random((2, 40)), replicates=400, seed=seed)["p"] for seed in range(100)]
    assert np.mean(np.array(p) < 0.05) < 0.12
    assert difference([0.0, 1.0], [0.0, 1.0])["p"] == 1


def test_the_permutation_test_is_that_of_scipy():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=12), rng.normal(0.5, size=12)
    expected = stats.permutation_test(
        (second - first,), np.mean, permutation_type="samples", n_resamples=10_000, vectorized=False
    )
    assert difference(first, second)["p"] == pytest.approx(expected.pvalue, abs=0.02)


def test_known_pairs_against_a_naive_loop():
    known = bigrams(["an umbrella", "the umbrella", "the dog"])
    last, predicted = ["an", "the", "dog"], ["umbrella", "dog", "the"]
    found = continued(last, predicted, known)
    for i, word in enumerate(last):
        others = [(word, other) in known for j, other in enumerate(predicted) if j != i]
        assert found["others"][i] == np.mean(others) and found["known"][i] == ((word, predicted[i]) in known)


def test_a_last_word_that_goes_before_anything_is_not_above_chance():
    words = [word for word, tag in TAGS.items() if tag == "NN"]
    known = {("the", word) for word in words}
    found = continued(["the"] * len(words), words, known)
    assert (found["known"] == found["others"]).all()


def test_the_word_before_against_a_naive_loop():
    table = before(TOKENS, KNOWN, ("noun", "verb", "any", "number")).set_index("class")
    pairs = [(KNOWN[a], KNOWN[b]) for words in CAPTIONS.tokens for a, b in zip(words, words[1:], strict=False)]
    for name in ("noun", "verb", "any"):
        chosen = [first == "function" for first, second in pairs if name in ("any", second)]
        assert table["share"][name] == pytest.approx(np.mean(chosen)) and table["count"][name] == len(chosen)
        assert table["low"][name] < table["share"][name] < table["high"][name]


def test_bad_arguments_are_errors():
    with pytest.raises(ValueError, match="missing: tag"):
        usual_tags(pd.DataFrame({"word": ["a"]}))
    with pytest.raises(ValueError, match="found 2 and 1"):
        difference([1, 2], [1])
    with pytest.raises(ValueError, match="two or more n-grams"):
        continued(["a"], ["b"], set())
