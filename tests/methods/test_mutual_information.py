"""Mutual information of units and contexts: scikit-learn, knowledge that was planted, and nothing where nothing was."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.methods import mutual_information as mi
from reading_neurons.models import SumPathway
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

CORPUS = scenes.generate(scenes=60)
CAPTIONS = CORPUS.train
VOCABULARY = Vocabulary.of(CAPTIONS.tokens)
TABLE = token_table(CAPTIONS, CAPTIONS.parses)
CONTEXTS = mi.contexts(TABLE)


def wide(table, column="mi"):
    return table.pivot(index="unit", columns="context", values=column)[list(dict.fromkeys(table["context"]))].to_numpy()


def by_sklearn(binned, contexts):
    return np.array([[mutual_info_score(codes, unit) for codes in contexts.values()] for unit in binned.T])


# Equal to scikit-learn


def states(kind, words, rng):
    random = rng.normal(size=(words, 3))
    return {
        "random": random,
        "of words": random * 0.3 + rng.normal(size=9999)[CONTEXTS["word bigram"]][:, None],
        "rectified": np.maximum(random, 0),
        "two values": np.sign(random),
        "constant": np.zeros((words, 3)),
    }[kind]


@pytest.mark.parametrize("kind", ["random", "of words", "rectified", "two values", "constant"])
@pytest.mark.parametrize("count", [1, 2, 20, 256])
@pytest.mark.parametrize("published", [False, True])
def test_it_is_what_scikit_learn_finds(kind, count, published):
    binned = mi.bins(states(kind, len(TABLE), np.random.default_rng(0)), count, as_published=published)
    found = mi.per_unit(binned, CONTEXTS)
    assert list(found.columns) == ["unit", "context", "mi"] and len(found) == 3 * 6
    np.testing.assert_allclose(wide(found), by_sklearn(binned, CONTEXTS), atol=1e-9)


@settings(max_examples=100)
@given(st.integers(1, 150), st.integers(1, 20), st.integers(1, 300), st.integers(0, 10**6))
def test_it_is_what_scikit_learn_finds_in_any_table(words, count, kinds, seed):
    rng = np.random.default_rng(seed)
    binned = rng.integers(count, size=(words, 2)).astype(np.uint8)
    contexts = {"one": np.zeros(words, dtype=int), "some": rng.integers(kinds, size=words), "all": np.arange(words)}
    contexts["finer"] = contexts["some"] * 7 + rng.integers(7, size=words)
    np.testing.assert_allclose(wide(mi.per_unit(binned, contexts)), by_sklearn(binned, contexts), atol=1e-9)


def test_the_bytes_may_lie_in_any_order():
    binned = mi.bins(np.random.default_rng(0).normal(size=(len(TABLE), 3)))
    assert not binned.flags.c_contiguous
    pd.testing.assert_frame_equal(mi.per_unit(binned, CONTEXTS), mi.per_unit(np.ascontiguousarray(binned), CONTEXTS))


def test_the_original_bins_give_other_figures():
    states = np.random.default_rng(0).normal(size=(len(TABLE), 1))
    published, ours = (mi.per_unit(mi.bins(states, as_published=p), CONTEXTS)["mi"] for p in (True, False))
    assert 0.001 < (published - ours).abs().max() < 0.2


# Contexts


def test_contexts_are_the_n_grams_that_end_at_each_token():
    assert list(CONTEXTS) == [f"{kind} {width}" for kind in ("word", "deprel") for width in mi.WIDTHS]
    words, sentence = TABLE["word"].tolist(), TABLE["sentence"].tolist()
    trigrams = [
        tuple(words[j] if j >= 0 and sentence[j] == sentence[i] else None for j in (i - 2, i - 1, i))
        for i in range(len(words))
    ]
    assert len(set(zip(trigrams, CONTEXTS["word trigram"], strict=True))) == len(set(trigrams))
    assert len(set(CONTEXTS["word trigram"])) == len(set(trigrams))
    assert len(set(CONTEXTS["deprel unigram"])) == TABLE["deprel"].nunique()


# Planted


def noun_class():
    nouns = sorted(TABLE.loc[TABLE["tag"] == "NN", "word"].unique())
    return DetectorPathway(VOCABULARY, [Detector("noun", on=nouns), Detector("first noun", on=nouns[:1])], noise=6)


def test_a_detector_of_words_knows_the_word_as_well_as_its_rate_allows():
    pathway = noun_class()
    found = mi.of_pathway(pathway, CAPTIONS, CAPTIONS.parses)
    for unit, detector in enumerate(pathway.detectors):
        rate = TABLE["word"].isin(detector.on).mean()
        entropy = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
        of_unit = found[found["unit"] == unit].set_index("context")
        for width in mi.WIDTHS:  # the word says all there is, the words before add nothing
            assert of_unit.loc[f"word {width}", "mi"] == pytest.approx(entropy, abs=1e-9)
        assert of_unit.loc["deprel unigram", "mi"] < entropy
        assert of_unit.loc["word unigram", "excess"] > 0.5 * entropy
    assert (found["pathway"] == "detectors").all()
    np.testing.assert_allclose(found["excess"], found["mi"] - found["null"])


def test_shuffled_states_have_no_excess():
    rng = np.random.default_rng(1)
    binned = mi.bins(rng.normal(size=(len(TABLE), 60)))
    found = mi.excess(binned, CONTEXTS, permutations=5, seed=3)
    for context, rows in found.groupby("context"):
        low, high = np.percentile(rows["excess"], (2.5, 97.5))
        assert low < 0 < high, context
        assert abs(rows["excess"].mean()) < 0.01 < rows["mi"].mean(), context


def test_the_null_keeps_each_unit_its_own_bins():
    """A unit of one value can know nothing, even by chance; a rare one little."""
    values = np.random.default_rng(0).normal(size=(len(TABLE), 3))
    values[:, 0] = 0
    values[:, 1] = values[:, 1] > 2
    found = wide(mi.null(mi.bins(values), CONTEXTS), "null")
    assert (found[0] == 0).all() and (found[0] < found[1]).all() and (2 * found[1] < found[2]).all()
    spread = wide(mi.null(mi.bins(values), CONTEXTS, permutations=1), "spread")
    assert (spread == 0).all()


def test_the_same_seed_gives_the_same_null_and_another_another():
    binned = mi.bins(np.random.default_rng(0).normal(size=(len(TABLE), 2)))
    first, again, other = (mi.null(binned, CONTEXTS, permutations=2, seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert (first["null"] != other["null"]).any() and (first["spread"] > 0).any()


def channel(words, kinds, seed, units=20):
    """Contexts, units whose bins follow them half of the time, and the true mutual information."""
    rng = np.random.default_rng(seed)
    context = rng.integers(kinds, size=words)
    follows = rng.random((words, units)) < 0.5
    bins = np.where(follows, context[:, None] % 20, rng.integers(20, size=(words, units))).astype(np.uint8)
    hit, miss = 0.5 + 0.5 / 20, 0.5 / 20
    return bins, {"context": context}, np.log(20) + hit * np.log(hit) + 19 * miss * np.log(miss)


@pytest.mark.parametrize("kinds", [40, 400])
def test_miller_and_madow_come_nearer_to_what_was_planted(kinds):
    bins, contexts, truth = channel(20_000, kinds, seed=kinds)
    plain, corrected = (mi.per_unit(bins, contexts, estimator=e)["mi"].mean() for e in mi.ESTIMATORS)
    assert plain - truth > 0.015
    assert abs(corrected - truth) < {40: 0.1, 400: 0.5}[kinds] * (plain - truth)
    above = mi.excess(bins, contexts)["excess"].mean()
    assert abs(above - truth) < 0.5 * (plain - truth)


def test_miller_and_madow_is_the_count_of_cells():
    bins, contexts, _ = channel(300, 50, seed=0)
    codes = contexts["context"]
    cells = len(set(zip(codes, bins[:, 0], strict=True)))
    bias = (cells - len(set(codes)) - len(set(bins[:, 0])) + 1) / 600
    plain, corrected = (mi.per_unit(bins, contexts, estimator=e)["mi"][0] for e in mi.ESTIMATORS)
    assert plain - corrected == pytest.approx(bias, abs=1e-12)


# Bad input


def test_bad_tokens_are_errors():
    with pytest.raises(ValueError, match="at least one token, found an empty table"):
        mi.contexts(TABLE[:0])
    with pytest.raises(ValueError, match="not the column 'deprel': make the table with annotation.token_table"):
        mi.contexts(TABLE.drop(columns="deprel"))
    with pytest.raises(ValueError, match="gaps in the column 'word'"):
        mi.contexts(TABLE.assign(word=TABLE["word"].where(TABLE["position"] > 0)))
    with pytest.raises(ValueError, match="unknown width 'fourgram': choose of unigram"):
        mi.contexts(TABLE, widths=["fourgram"])


@pytest.mark.parametrize("method", [mi.per_unit, mi.null, mi.excess])
def test_bad_bins_are_errors(method):
    good = np.zeros((4, 2), dtype=np.uint8)
    with pytest.raises(ValueError, match="found 3 contexts 'word' for 4 tokens"):
        method(good, {"word": [0, 1, 2]})
    with pytest.raises(ValueError, match="at least one kind of context"):
        method(good, {})
    for bad in (good.astype(float), good[:0], good[:, :0], good[:, 0]):
        with pytest.raises(ValueError, match=r"make them with mutual_information.bins\(states\)"):
            method(bad, {"word": [0] * len(bad)})


def test_bad_choices_are_errors():
    good = np.zeros((4, 2), dtype=np.uint8)
    with pytest.raises(ValueError, match="unknown estimator 'best': choose one of 'plug-in', 'miller-madow'"):
        mi.per_unit(good, {"word": [0] * 4}, estimator="best")
    with pytest.raises(ValueError, match="at least 1 permutation, found 0"):
        mi.null(good, {"word": [0] * 4}, permutations=0)


def test_a_corpus_that_is_too_short_or_not_annotated_is_an_error():
    pathway = SumPathway(VOCABULARY, CAPTIONS.dimensions, embedding=4).pathways["sum"]
    one = CAPTIONS.take([0])
    with pytest.raises(ValueError, match="tokens for 200 bins"):
        mi.of_pathway(pathway, one, one.parses, count=200)
    with pytest.raises(ValueError, match="found 0 parses for 1 captions"):
        mi.of_pathway(pathway, one, ())
    none = CAPTIONS.take([])
    with pytest.raises(ValueError, match="at least one"):
        mi.of_pathway(pathway, none, none.parses)


def test_sentences_without_a_parse_have_contexts_of_words_alone():
    captions = CAPTIONS.take(range(60))
    pathway = SumPathway(Vocabulary.of(captions.tokens), ["object:dog"], embedding=4).pathways["sum"]
    whole = mi.of_pathway(pathway, captions, captions.parses)
    of_words = whole[whole["context"].str.startswith("word")].reset_index(drop=True)
    pd.testing.assert_frame_equal(mi.of_pathway(pathway, list(captions.texts)), of_words)
