"""What is said of groups, against figures by hand, planted groups, and groups that mean nothing."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from reading_neurons.methods import group_measures
from reading_neurons.methods.group_measures import (
    agreement, cohesion, gains, halves, held_out, linkages, responses, shuffled,
)  # fmt: skip
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import group
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

WORDS = [f"w{number}" for number in range(30)]
VOCABULARY = Vocabulary(WORDS)
KINDS = [WORDS[4 * kind : 4 * kind + 4] for kind in range(6)]
LABELS = np.repeat(np.arange(6), 4)
PLANTED = DetectorPathway(
    VOCABULARY,
    [Detector(f"without {word}", on=[w for w in kind if w != word], hold=0.9) for kind in KINDS for word in kind],
)


def test_the_agreement_is_that_of_sklearn_and_its_null_is_about_zero():
    rng = np.random.default_rng(0)
    first, second = rng.integers(5, size=(2, 200))
    second[:100] = first[:100]
    found = agreement(first, second)
    assert found.index == pytest.approx(adjusted_rand_score(first, second))
    assert found.low < 0 < found.high < 0.1 < found.index
    chance = [agreement(first, rng.permutation(first), replicates=60, seed=seed) for seed in range(30)]
    assert sum(one.low <= one.index <= one.high for one in chance) > 23


def test_units_without_a_group_do_not_count():
    assert agreement([0, 0, 1, 1, -1, 0], [0, 0, 1, 1, 0, -1]).index == 1
    with pytest.raises(ValueError, match="3 and 2 units"):
        agreement([0, 1, 1], [0, 1])
    with pytest.raises(ValueError, match="at least 2 units"):
        agreement([0, -1], [0, 1])


def test_cohesion_is_the_mean_over_pairs():
    values = np.random.default_rng(0).normal(size=(50, 9))
    correlation, labels = np.corrcoef(values.T), np.array([0, 1, 0, 1, 0, 2, -1, 1, 1])
    table = cohesion(correlation, labels).set_index("group")
    pairs = [correlation[i, j] for i in range(9) for j in range(i) if labels[i] == labels[j] == 1]
    assert table.loc[1, "within"] == pytest.approx(np.mean(pairs))
    assert table.loc[1, "least"] == pytest.approx(min(pairs))
    apart = [correlation[i, j] for i in range(9) for j in range(9) if labels[i] == 1 and labels[j] in (0, 2)]
    assert table.loc[1, "outside"] == pytest.approx(np.mean(apart))
    assert table["size"].tolist() == [3, 4, 1] and np.isnan(table.loc[2, "within"])


def test_linkages_are_told_apart():
    # A chain of units: single linkage keeps it whole, complete linkage cuts it in the middle.
    places = np.cumsum(np.r_[0, np.linspace(1, 1.2, 19)])
    correlation = 1 - np.abs(places[:, None] - places) / places[-1]
    table = linkages(correlation, correlation, 4).set_index("linkage")
    assert (table["agreement"] == 1).all()
    assert table.loc["single", "largest"] == 17 and table.loc["single", "alone"] == 3
    assert table.loc["complete", "largest"] < 9 and table.loc["complete", "least"] > table.loc["single", "least"]


def test_shuffled_groups_have_the_same_sizes():
    labels = np.r_[LABELS, -1]
    found = shuffled(labels, seed=3)
    assert found[-1] == -1 and np.bincount(found[:-1]).tolist() == [4] * 6
    assert abs(adjusted_rand_score(LABELS, found[:-1])) < 0.3
    assert (shuffled(labels, seed=3) == found).all() and (labels[:-1] == LABELS).all()


def test_halves_part_each_group_and_leave_small_ones_out():
    labels = [0] * 7 + [1] * 4 + [2] * 3 + [-1] + [3] * 4
    found = halves(labels)
    assert found.groupby("group")["seen"].agg(["size", "sum"]).values.tolist() == [[7, 4], [4, 2], [4, 2]]
    assert found["unit"].is_unique and (np.array(labels)[found["unit"]] == found["group"]).all()
    some = halves(labels, groups=[0, 3])
    pd.testing.assert_frame_equal(some, found[found["group"] != 1].reset_index(drop=True))
    assert not halves(labels, seed=1)["seen"].equals(found["seen"])
    with pytest.raises(ValueError, match="2 or more groups of 4 members at least, found 1"):
        halves([0] * 4 + [1] * 3)


def test_responses_are_those_of_the_reader():
    pathway = Imaginet(VOCABULARY, ["object:w1"], embedding=8, units=6).eval().pathways["visual"]
    neurons = [group([0, 3]), group([5])]
    ngrams = ["w1 w2 w3", "w9", "w3 w3 w1", "w20"]
    found = responses(pathway, neurons, ngrams)
    for row, ngram in enumerate(ngrams):
        ids = torch.from_numpy(VOCABULARY.encode(ngram.split())[1:-1])[None]
        expected = Reader(pathway, neurons).read(ids.expand(2, -1), torch.arange(2))
        np.testing.assert_allclose(found[row], expected, atol=1e-6)
    with pytest.raises(ValueError, match="does not know 'zebra'"):
        responses(pathway, neurons, ["w1 zebra"])
    with pytest.raises(ValueError, match="an empty one"):
        responses(pathway, neurons, [""])


def test_members_that_were_held_out_gain_in_planted_groups_alone():
    found = held_out(PLANTED, halves(LABELS), length=3)
    gained = gains(found)
    # The half seen leaves open which of its words come last; half of the other half may lack that word.
    assert (gained["held_out"] > 0.4).all() and (gained["seen"] > 0.75).all()
    targets = [group(rows.loc[rows["seen"], "unit"]) for _, rows in halves(LABELS).groupby("group")]
    assert found["seen"].to_numpy() == pytest.approx(optimize(PLANTED, targets, 3)["activation"])
    for number, words in zip(found["group"], found["words"].str.split(), strict=True):
        assert words[-1] in KINDS[number]
    random = np.concatenate(
        [gains(held_out(PLANTED, halves(shuffled(LABELS, seed), seed=seed), length=3))["held_out"] for seed in range(4)]
    )
    assert abs(random.mean()) < 0.25


def test_elsewhere_is_the_mean_over_the_other_groups_inputs(monkeypatch):
    matrix = np.array([[0.9, 0.1, 0.2], [0.3, 0.8, 0.4], [0.5, 0.6, 0.7]])
    monkeypatch.setattr(group_measures, "responses", lambda *args, **options: matrix)
    found = held_out(PLANTED, halves(LABELS, groups=[0, 1, 2]), length=1)
    assert found["held_out"].tolist() == [0.9, 0.8, 0.7]
    assert found["held_out_elsewhere"].tolist() == pytest.approx([0.4, 0.35, 0.3])


def test_corpus_search_takes_part():
    found = held_out(PLANTED, halves(LABELS), "corpus", corpus=[" ".join(kind) for kind in KINDS], length=2)
    assert (gains(found)["held_out"] > 0.4).all()
