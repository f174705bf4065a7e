"""Groups of units: against scipy on the whole matrix, planted groups, ties, and what cannot be grouped."""

from collections import Counter

import numpy as np
import pytest
import torch
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score

from reading_neurons.corpora import scenes
from reading_neurons.methods.unit_groups import (
    clustered, correlated, drawn_ngrams, grouped, split_ngrams, unit_groups, with_others,
)  # fmt: skip
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

CAPTIONS = scenes.generate(scenes=100).test
VOCABULARY = Vocabulary.of(CAPTIONS.tokens)
NETWORK = Imaginet(VOCABULARY, CAPTIONS.dimensions, embedding=8, units=12)
NETWORK.embedding.weight.data.mul_(30)
PATHWAY = NETWORK.eval().pathways["textual"]
PLANTED = [word for word, _ in Counter(word for one in CAPTIONS.tokens for word in one).most_common(12)]


def planted(noise=0, hold=(0.0, 0.4, 0.8)):
    """Four kinds of units that fire at three words each, three units a kind, kinds interleaved; then noise."""
    kinds = [PLANTED[i::4] for i in range(4)]
    detectors = [Detector(f"kind {k}", on=kinds[k], hold=h) for h in hold for k in range(4)]
    return DetectorPathway(VOCABULARY, detectors, noise=noise), np.tile(np.arange(4), len(hold))


def test_drawn_ngrams_are_counted_as_often_as_their_places():
    sentences = ["a b c d", "a b", "a b x d", "c"]
    vocabulary = Vocabulary(["a", "b", "c", "d"])
    drawn = drawn_ngrams(sentences, vocabulary, 3, sample=40_000, seed=1)
    shares = {
        " ".join(vocabulary.decode(ngram)): count / 40_000
        for ngrams, counts in drawn
        for ngram, count in zip(ngrams, counts, strict=True)
    }
    # Two trigrams of the first sentence, and two sentences that are shorter; none holds the unknown word.
    assert set(shares) == {"a b c", "b c d", "a b", "c"}
    assert all(abs(share - 0.25) < 0.01 for share in shares.values())
    assert [ngrams.shape[1] for ngrams, _ in drawn] == [1, 2, 3]
    same = drawn_ngrams(sentences, vocabulary, 3, sample=40_000, seed=1)
    assert all((a == b).all() and (c == d).all() for (a, c), (b, d) in zip(drawn, same, strict=True))
    assert [counts.sum() for _, counts in drawn] != [
        counts.sum() for _, counts in drawn_ngrams(sentences, vocabulary, 3, sample=40_000, seed=2)
    ]


def test_groups_are_those_of_scipy_on_the_whole_matrix():
    drawn = drawn_ngrams(CAPTIONS, VOCABULARY, 4, sample=3000, seed=3)
    reader = Reader(PATHWAY, [unit(i) for i in range(12)])
    rows = []
    for ngrams, counts in drawn:
        for ngram, count in zip(ngrams, counts, strict=True):
            values = reader.read(torch.from_numpy(ngram)[None].expand(12, -1), torch.arange(12)).numpy()
            rows += [values] * count
    whole = np.array(rows, dtype=float)
    assert whole.shape == (3000, 12)
    tree = hierarchy.linkage(pdist(whole.T, "correlation"), method="complete")
    table = unit_groups(PATHWAY, CAPTIONS, 5, length=4, sample=3000, seed=3)
    assert adjusted_rand_score(hierarchy.fcluster(tree, 5, "maxclust"), table["group"]) == 1
    for row in table.itertuples():
        others = table.index[(table["group"] == row.group) & (table["unit"] != row.unit)]
        if len(others):
            expected = np.corrcoef(whole[:, row.unit], whole[:, others].mean(axis=1))[0, 1]
            assert row.correlation == pytest.approx(expected, abs=1e-5)
        else:
            assert np.isnan(row.correlation)
    sizes = table["group"].value_counts().sort_index()
    assert sizes.index.tolist() == [0, 1, 2, 3, 4] and sizes.is_monotonic_decreasing


def test_parts_of_the_draw_merge_to_the_whole():
    drawn = drawn_ngrams(CAPTIONS, VOCABULARY, 6, sample=2000)
    parts = split_ngrams(drawn, 3, seed=1)
    seen = [tuple(ngram) for part in parts for ngrams, _ in part for ngram in ngrams]
    assert len(seen) == len(set(seen)) == sum(len(ngrams) for ngrams, _ in drawn)
    assert sum(counts.sum() for part in parts for _, counts in part) == 2000
    first, *others = [correlated(PATHWAY, part) for part in parts]
    for other in others:
        first.merge(other)
    whole = unit_groups(PATHWAY, CAPTIONS, 5, length=6, sample=2000)
    found = grouped(first, 5)
    assert (found["group"] == whole["group"]).all()
    np.testing.assert_allclose(found["correlation"], whole["correlation"], atol=1e-6)
    with pytest.raises(ValueError, match="found 0"):
        split_ngrams(drawn, 0)


def test_planted_groups_are_found():
    pathway, truth = planted()
    table = unit_groups(pathway, CAPTIONS, 4, sample=5000)
    assert adjusted_rand_score(truth, table["group"]) == 1
    assert table["correlation"].min() > 0.5


def test_another_draw_gives_the_planted_groups_again_but_not_those_of_noise():
    pathway, truth = planted(noise=40)
    agreements = []
    first, second = (unit_groups(pathway, CAPTIONS, 24, length=3, sample=4000, seed=seed) for seed in (0, 1))
    for units in (slice(0, 12), slice(12, None)):
        agreements.append(adjusted_rand_score(first["group"][units], second["group"][units]))
    assert agreements[0] > 0.9 > agreements[1]
    assert adjusted_rand_score(truth, first["group"][:12]) > 0.9


def test_units_that_never_vary_are_put_aside():
    words = sorted(set(VOCABULARY.words[4:]))
    always = Detector("always", on=words)
    pathway = DetectorPathway(VOCABULARY, [always, Detector("one", on=PLANTED[:1]), Detector("two", on=PLANTED[1:2])])
    table = unit_groups(pathway, CAPTIONS, 2, sample=500)
    assert table["group"].tolist() == [-1, 0, 1]
    assert table["correlation"].isna().all()
    with pytest.raises(ValueError, match="3 groups need as many units, found 2, as 1 of 3 never vary"):
        unit_groups(pathway, CAPTIONS, 3, sample=500)


def test_ties_are_cut_into_exactly_as_many_groups():
    for groups in range(1, 7):
        found = clustered(np.eye(6), groups)
        assert sorted(set(found)) == list(range(groups))
    assert clustered(np.ones((3, 3)), 1).tolist() == [0, 0, 0]
    assert clustered(np.array([[1.0]]), 1).tolist() == [0]


def test_a_negative_is_as_far_away_as_can_be():
    correlation = np.array([[1, -1, 0.1], [-1, 1, -0.1], [0.1, -0.1, 1]])
    assert clustered(correlation, 2).tolist() == [0, 1, 0]


def test_linkages_differ():
    # A chain: neighbours are near, its ends are not.
    places = np.array([0, 1, 2, 3, 4.6, 5.8])
    correlation = 1 - np.abs(places[:, None] - places) / 6
    assert clustered(correlation, 2, "single").tolist() == [0, 0, 0, 0, 1, 1]
    assert clustered(correlation, 2, "complete").tolist() == [0, 0, 0, 0, 1, 1]
    for linkage in ("complete", "average", "single"):
        distance = (1 - correlation)[np.triu_indices(6, 1)]
        expected = hierarchy.fcluster(hierarchy.linkage(distance, linkage), 3, "maxclust")
        assert adjusted_rand_score(expected, clustered(correlation, 3, linkage)) == 1


def test_the_mean_of_the_others_may_stand_still():
    covariance = np.array([[1, 0, 0], [0, 1, -1], [0, -1, 1]], dtype=float)
    found = with_others(covariance, [0, 0, 0])
    assert np.isnan(found[0]) and found[1] == pytest.approx(-1 / np.sqrt(2))


def test_bare_ngrams_and_bfloat16_are_nearly_the_same_groups():
    table = unit_groups(PATHWAY, CAPTIONS, 4, sample=2000)
    half = unit_groups(PATHWAY, CAPTIONS, 4, sample=2000, precision="bfloat16")
    np.testing.assert_allclose(table["correlation"], half["correlation"], atol=0.1)
    bare = unit_groups(PATHWAY, CAPTIONS, 4, sample=2000, frame=False)
    assert not np.allclose(table["correlation"], bare["correlation"], atol=1e-4, equal_nan=True)


def test_what_cannot_be_grouped():
    with pytest.raises(ValueError, match="at least 1 group, found 0"):
        unit_groups(PATHWAY, CAPTIONS, 0, sample=100)
    with pytest.raises(ValueError, match="13 groups need as many units, found 12: ask"):
        unit_groups(PATHWAY, CAPTIONS, 13, sample=100)
    with pytest.raises(ValueError, match="at least one sentence, found none"):
        unit_groups(PATHWAY, [], 2)
    with pytest.raises(ValueError, match="no 5-gram of the 1 sentences is made of known words"):
        unit_groups(PATHWAY, ["zzz zzz"], 2)
    with pytest.raises(ValueError, match="at least 2 n-grams, found a sample of 1"):
        unit_groups(PATHWAY, CAPTIONS, 2, sample=1)
    with pytest.raises(ValueError, match="a length of 0"):
        unit_groups(PATHWAY, CAPTIONS, 2, length=0)
    with pytest.raises(ValueError, match="unknown linkage 'ward'"):
        unit_groups(PATHWAY, CAPTIONS, 2, sample=100, linkage="ward")
    with pytest.raises(ValueError, match="units with units"):
        clustered(np.ones((2, 3)))
