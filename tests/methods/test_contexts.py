"""Top contexts: one pass against a full sort, ties, units written by hand, and what cannot be ranked."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons import ngrams, passes
from reading_neurons.corpora import scenes
from reading_neurons.methods.contexts import FIRST_BLOCK, TopContexts, readings, top_contexts
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

CAPTIONS = scenes.generate(scenes=100).test
NETWORK = Imaginet(Vocabulary.of(CAPTIONS.tokens), CAPTIONS.dimensions, embedding=8, units=12)
NETWORK.embedding.weight.data.mul_(30)
PATHWAY = NETWORK.eval().pathways["visual"]
RANKINGS = {
    "signed": ({}, lambda states: -states),
    "lowest": ({"lowest": True}, lambda states: states),
    "absolute": ({"absolute": True}, lambda states: -np.abs(states)),
    "lowest absolute": ({"absolute": True, "lowest": True}, np.abs),
}
each_ranking = pytest.mark.parametrize("options, cost", RANKINGS.values(), ids=RANKINGS)


def sorted_whole(states, cost, k, codes=None):
    """Places of each unit by a stable sort of everything; of places with equal codes only the first is kept."""
    places = []
    for unit in range(states.shape[1]):
        order = np.argsort(cost(states[:, unit]), kind="stable")
        if codes is not None:
            order = order[np.sort(np.unique(codes[order], return_index=True)[1])]
        places.append(order[:k])
    return np.array(places)


def summarised(states, k, size, **options):
    """The summary of a matrix of states that comes in windows of so many words."""
    summary = TopContexts(k, **options)
    for begin in range(0, len(states), size):
        summary.update(passes.Window(begin, torch.from_numpy(states[begin : begin + size])))
    return summary


def places_of(table):
    return np.array([rows["place"].tolist() for _, rows in table.groupby("unit", sort=False)])


def words_of(captions):
    words = [word for sentence in captions.tokens for word in sentence]
    return words, np.repeat(np.arange(len(captions)), [len(one) for one in captions.tokens])


@each_ranking
@pytest.mark.parametrize("distinct", [False, True])
def test_one_pass_is_a_full_sort(options, cost, distinct):
    states = passes.states(PATHWAY, CAPTIONS)
    words, sentence = words_of(CAPTIONS)
    codes = ngrams.codes(words, sentence, 2) if distinct else None
    expected = sorted_whole(states, cost, 7, codes)
    found = top_contexts(PATHWAY, CAPTIONS, 7, 2, distinct=distinct, **options)
    starts = np.cumsum([0, *map(len, CAPTIONS.tokens)])
    place = starts[found["sentence"]] + found["position"]
    assert place.to_numpy().reshape(12, 7).tolist() == expected.tolist()
    assert found["unit"].tolist() == np.repeat(np.arange(12), 7).tolist()
    assert found["rank"].tolist() == [*range(7)] * 12
    np.testing.assert_allclose(found["activation"], states[place, found["unit"]], atol=1e-6)
    assert found["word"].tolist() == [words[at] for at in place]
    assert found["context"].tolist() == [
        " ".join(CAPTIONS.tokens[row.sentence][max(0, row.position - 1) : row.position + 1]) for row in found.itertuples()
    ]


@settings(max_examples=150, deadline=None)
@given(
    words=st.integers(1, 300),
    levels=st.sampled_from([1, 2, 5, 1000]),
    k=st.integers(1, 9),
    size=st.integers(1, 120),
    kinds=st.sampled_from([None, 3, 40]),
    ranking=st.sampled_from(list(RANKINGS)),
    seed=st.integers(0, 999),
)
def test_ties_saturated_units_and_windows_of_any_size(words, levels, k, size, kinds, ranking, seed):
    """Few levels are a unit that saturates: most of its states are equal."""
    rng = np.random.default_rng(seed)
    states = (rng.integers(-levels, levels + 1, size=(words, 4)) / levels).astype(np.float32)
    states[:, 3] = 1  # constant
    codes = None if kinds is None else rng.integers(kinds, size=words)
    options, cost = RANKINGS[ranking]
    table = summarised(states, k, size, codes=codes, **options).result()
    assert places_of(table).tolist() == sorted_whole(states, cost, k, codes).tolist()
    assert (table["activation"] == states[table["place"], table["unit"]]).all()


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("cut", [1, 30, 400])
def test_two_halves_merged_are_one_pass(distinct, cut):
    rng = np.random.default_rng(0)
    states = np.round(rng.normal(size=(500, 6)), 1).astype(np.float32)
    codes = rng.integers(50, size=500) if distinct else None
    whole = summarised(states, 20, 100, codes=codes)
    early = summarised(states[:cut], 20, 100, codes=codes)
    late = TopContexts(20, codes=codes)
    late.update(passes.Window(cut, torch.from_numpy(states[cut:])))
    early.merge(late)
    pd.testing.assert_frame_equal(early.result(), whole.result())


def test_merging_with_what_saw_nothing():
    states = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    full, empty = summarised(states, 4, 50), TopContexts(4)
    expected = full.result()
    full.merge(TopContexts(4))
    empty.merge(full)
    pd.testing.assert_frame_equal(full.result(), expected)
    pd.testing.assert_frame_equal(empty.result(), expected)


def test_unequal_summaries_do_not_merge():
    with pytest.raises(ValueError, match="summaries differ"):
        TopContexts(3).merge(TopContexts(3, lowest=True))


def test_memory_does_not_grow_with_the_corpus():
    rng = np.random.default_rng(0)
    summary = TopContexts(5)
    sizes = set()
    for number in range(20):
        summary.update(passes.Window(number * 100, torch.from_numpy(rng.normal(size=(100, 8)).astype(np.float32))))
        sizes.add(sum(value.nbytes for value in vars(summary).values() if isinstance(value, np.ndarray)))
    assert sizes == {8 * 5 * 3 * 8}


def test_only_what_beats_the_kth_best_is_sorted(monkeypatch):
    """The number of candidates grows with the logarithm of the corpus."""
    taken = []
    merge = TopContexts._merge
    monkeypatch.setattr(TopContexts, "_merge", lambda self, unit, *rest: (taken.append(len(unit)), merge(self, unit, *rest))[1])
    states = np.random.default_rng(0).normal(size=(20_000, 10)).astype(np.float32)
    summarised(states, 5, 4000)
    expected = FIRST_BLOCK + 5 * np.log(20_000 / FIRST_BLOCK)
    assert sum(taken) / 10 < 1.5 * expected


def test_some_units_are_those_of_all():
    every = top_contexts(PATHWAY, CAPTIONS, 5)
    some = top_contexts(PATHWAY, CAPTIONS, 5, units=[7, 2])
    expected = pd.concat([every[every["unit"] == unit] for unit in (7, 2)], ignore_index=True)
    pd.testing.assert_frame_equal(some, expected)


def test_a_detector_is_read_off_its_contexts():
    nouns = {"dog", "dogs", "owl", "owls"}
    pathway = DetectorPathway(PATHWAY.vocabulary, [Detector("animals", on=nouns)], noise=6)
    table = top_contexts(pathway, CAPTIONS, 20, distinct=True)
    words, _ = words_of(CAPTIONS)
    found = table[table["unit"] == 0]
    there = len({" ".join(one[max(0, at - 2) : at + 1]) for one in CAPTIONS.tokens for at, word in enumerate(one) if word in nouns})
    assert there > 5
    assert set(found["word"][:there]) <= nouns and (found["activation"][:there] == 1).all()
    assert found["context"].is_unique
    share = table[table["unit"] > 0]["word"].isin(nouns).mean()
    assert share < 0.5, "random units do not stop at the detector's words"


def test_of_equal_activations_the_first_in_the_corpus_wins():
    pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"])])
    table = top_contexts(pathway, ["a a", "dog a dog", "dog"], k=4, width=1)
    assert table[["sentence", "position"]].values.tolist() == [[1, 0], [1, 2], [2, 0], [0, 0]]


def test_half_precision_finds_nearly_the_same():
    exact = top_contexts(PATHWAY, CAPTIONS, 10)
    half = top_contexts(PATHWAY, CAPTIONS, 10, precision="bfloat16")
    both = exact.merge(half, on=["unit", "sentence", "position"])
    assert 0.8 * len(exact) < len(both) <= len(exact)


@pytest.mark.parametrize("value", [np.nan, -np.nan])
@pytest.mark.parametrize("place", [0, 90, 450])
@each_ranking
def test_what_is_not_a_number_has_no_rank(options, cost, place, value):
    states = np.zeros((500, 4), dtype=np.float32)
    states[place, 2] = value
    with pytest.raises(ValueError, match=f"state of unit 2 at word {place} is not a number"):
        summarised(states, 5, 100, **options)


def test_infinite_states_are_ranked():
    states = np.array([[-np.inf], [0], [np.inf], [-np.inf]], dtype=np.float32)
    assert places_of(summarised(states, 4, 2).result()).tolist() == [[2, 1, 0, 3]]


BAD = [
    ({"k": 0}, "at least 1 context of each unit, found k = 0"),
    ({"width": 0}, "at least 1 place, found a width of 0"),
    ({"units": [12]}, "no unit 12: the pathway has the units 0 to 11"),
    ({"units": [-1]}, "counted from 0, found -1"),
    ({"units": [3, 3]}, "a unit twice"),
    ({"units": []}, "expected the numbers of some units, found []"),
    ({"units": [0.5]}, "expected the numbers of some units"),
    ({"k": 100_000}, "asked for the top 100000 of"),
    ({"k": 10_000, "width": 1, "distinct": True}, "different 1-grams"),
    ({"precision": "half"}, "unknown precision 'half'"),
]


@pytest.mark.parametrize("options, message", BAD, ids=[str(options) for options, _ in BAD])
def test_bad_arguments_are_errors(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        top_contexts(PATHWAY, CAPTIONS, **options)


def test_bad_corpora_are_errors():
    with pytest.raises(ValueError, match="at least one sentence, found none"):
        top_contexts(PATHWAY, [])
    with pytest.raises(ValueError, match="sentence 1 has no word"):
        top_contexts(PATHWAY, ["a dog", "..."])
    with pytest.raises(ValueError, match="top 20 of 2 words: lower k"):
        top_contexts(PATHWAY, ["a dog"])
    with pytest.raises(ValueError, match="no window was given"):
        TopContexts(3).result()


def test_readings_are_the_states_at_each_word_of_the_ngrams():
    contexts = top_contexts(PATHWAY, CAPTIONS, 6, distinct=True)
    found = readings(PATHWAY, CAPTIONS, contexts)
    states = passes.states(PATHWAY, CAPTIONS)
    starts = np.cumsum([0, *map(len, CAPTIONS.tokens)])
    expected = [
        (row.unit, row.rank, back, CAPTIONS.tokens[row.sentence][row.position + back], states[starts[row.sentence] + row.position + back, row.unit])
        for row in contexts.itertuples()
        for back in range(-min(2, row.position), 1)
    ]  # fmt: skip
    assert found.drop(columns="activation").values.tolist() == [list(row[:4]) for row in expected]
    np.testing.assert_allclose(found["activation"], [row[4] for row in expected], atol=1e-6)
    last = found[found["place"] == 0]["activation"].to_numpy()
    np.testing.assert_allclose(last, contexts["activation"], atol=1e-6)


def test_readings_of_another_corpus_are_errors():
    contexts = top_contexts(PATHWAY, CAPTIONS, 3)
    with pytest.raises(ValueError, match="give the corpus"):
        readings(PATHWAY, ["a dog"] * len(CAPTIONS), contexts)
    with pytest.raises(ValueError, match="give the corpus"):
        readings(PATHWAY, ["a dog"], contexts.assign(sentence=5))
    with pytest.raises(ValueError, match="at least 1 context"):
        readings(PATHWAY, CAPTIONS, contexts[:0])
    with pytest.raises(ValueError, match="no unit 99"):
        readings(PATHWAY, CAPTIONS, contexts.assign(unit=99))
