"""What modifiers do to dimensions: naive loops, planted dimensions, nothing where nothing is, what cannot be read."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import binomtest

from reading_neurons.methods.composition import (
    consistent,
    expected_class,
    held_out,
    pair_vectors,
    sides,
    strengthened,
    turned,
    vector_table,
    vectors,
)
from reading_neurons.models import LSTM, LanguageModel
from reading_neurons.text import Vocabulary

PATHWAY = LSTM(Vocabulary(["not", "is", "good", "bad", "film"]), embedding=6, units=5).eval().pathways["lstm"]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def planted(rng, pairs=60, units=8, heads=20):
    """Dimension 0 turns under the modifier, 1 grows, 2 is close to 0 and turns at anything; the rest stay."""
    head = np.arange(pairs) % heads
    base = rng.choice([-1.0, 1.0], size=(heads, units))[head] + 0.1 * rng.normal(size=(pairs, units))
    base[:, 2] = 0.01 * rng.normal(size=pairs)
    modified, neutral = (base + 0.05 * rng.normal(size=base.shape) for _ in range(2))
    modified[:, 0] = -base[:, 0]
    modified[:, 1] = 1.5 * base[:, 1]
    return base, modified, neutral, head


def test_vectors_are_representations_of_single_phrases():
    phrases = ["good", "not good", "is a film"]
    for phrase, row in zip(phrases, vectors(PATHWAY, phrases), strict=True):
        ids = torch.from_numpy(PATHWAY.vocabulary.encode(phrase.split()))[None]
        with torch.no_grad():
            alone = PATHWAY.representation(PATHWAY.embedding[ids], torch.tensor([ids.shape[1]]))[0]
        np.testing.assert_allclose(row, alone.numpy(), atol=1e-6)
    table = vector_table(PATHWAY, phrases)
    assert table["value"].to_numpy().reshape(3, 5) == pytest.approx(vectors(PATHWAY, phrases))
    assert table.loc[5, ["phrase", "dimension"]].tolist() == ["not good", 0]


def test_the_expected_class_is_a_mean_under_the_softmax():
    values = vectors(PATHWAY, ["good", "bad"])
    weight, bias = PATHWAY.network.readout.weight.detach().numpy(), PATHWAY.network.readout.bias.detach().numpy()
    for row, found in zip(values, expected_class(PATHWAY, values), strict=True):
        scores = np.exp(weight @ row + bias)
        assert found == pytest.approx(sum(k * score for k, score in enumerate(scores)) / scores.sum(), abs=1e-5)


@pytest.mark.parametrize("effect", ["turned", "strengthened"])
def test_shares_are_those_of_a_loop(rng, effect):
    base, modified, neutral, head = planted(rng)
    found = consistent(base, modified, neutral, head, effect)
    for unit in range(base.shape[1]):
        by_head = []
        for one in range(20):
            events = []
            for pair in np.flatnonzero(head == one):
                before, after = base[pair, unit], modified[pair, unit]
                kept = np.sign(before) == np.sign(after)
                events.append(not kept if effect == "turned" else kept and abs(after) > abs(before))
            by_head.append(np.mean(events))
        row = found.iloc[unit]
        assert row["share"] == pytest.approx(np.mean(by_head))
        assert row["low"] - 1e-9 <= row["share"] <= row["high"] + 1e-9
        assert row["change"] == pytest.approx((modified - base)[:, unit].mean())


def test_p_is_that_of_a_sign_test_where_pairs_can_only_agree_or_not(rng):
    """With one pair a head an exchange within heads is an exact binomial test of the pairs that differ."""
    base = np.ones((40, 1))
    modified, neutral = (np.where(rng.random((40, 1)) < share, -1.0, 1.0) for share in (0.5, 0.2))
    up, down = ((modified < 0) & (neutral > 0)).sum(), ((modified > 0) & (neutral < 0)).sum()
    exact = binomtest(int(up), int(up + down), alternative="greater").pvalue
    assert consistent(base, modified, neutral, range(40))["p"][0] == pytest.approx(exact, abs=0.01)


def test_planted_dimensions_are_found_and_no_others(rng):
    arrays = planted(rng)
    assert np.flatnonzero(consistent(*arrays)["consistent"]).tolist() == [0]
    grown = consistent(*arrays, "strengthened")
    assert np.flatnonzero(grown["consistent"]).tolist() == [1]
    other = held_out(*arrays)
    assert other["chosen"] == 1 and other["share"] == 1 and other["low"] > 0.9


def test_a_dimension_near_zero_turns_at_anything_and_is_not_found(rng):
    row = consistent(*planted(rng)).iloc[2]
    assert row["share"] > 0.2 and row["null"] > 0.2 and not row["consistent"]


def test_nothing_is_found_where_modifiers_are_exchangeable(rng):
    found, p = [], []
    for _ in range(40):
        base, modified, neutral = rng.normal(size=(3, 30, 20))
        table = consistent(base, modified, neutral, range(30))
        found.append(table["consistent"].any())
        p.append((table["p"] <= 0.05).mean())
    assert np.mean(found) <= 0.15
    assert 0.02 < np.mean(p) < 0.08
    nothing = held_out(base, modified, neutral, range(30))
    assert nothing["chosen"] == 0 and np.isnan(nothing["excess"])


def test_pairs_of_one_head_count_as_one(rng):
    """One head repeated a hundred times is no evidence about others."""
    base = np.ones((102, 1))
    modified = np.where(np.arange(102) < 100, -1.0, 1.0)[:, None]
    found = consistent(base, modified, base, [0] * 100 + [1, 2]).iloc[0]
    assert found["share"] == pytest.approx(1 / 3) and found["p"] > 0.3


def test_a_value_of_zero_neither_turns_nor_grows():
    values = np.array([0.0, 1.0])
    assert not turned(np.zeros(2), values).any() and not strengthened(np.zeros(2), values).any()


def test_sides_are_means_over_heads_and_their_sum(rng):
    head = ["good", "good", "nice", "bad", "poor"]
    expected = np.array([1.0, 2.0, 0.5, 1.9, 1.7])
    found = sides(expected, 2.0, head, [True] * 3 + [False] * 2).set_index("of")
    assert found.loc["positive", "mean"] == pytest.approx(np.mean([-0.5, -1.5]))
    assert found.loc["negative", "mean"] == pytest.approx(-0.2)
    assert found.loc["asymmetry", "mean"] == pytest.approx(-1.2)
    assert found["heads"].tolist() == [2, 2, 4] and found["pairs"].tolist() == [3, 2, 5]
    mirrored = sides(
        np.where(np.arange(200) % 2, 1.0, 3.0) + 0.1 * rng.normal(size=200), 2.0, range(200), np.arange(200) % 2
    )
    row = mirrored.set_index("of").loc["asymmetry"]
    assert row["low"] < 0 < row["high"]


def test_what_cannot_be_asked_is_an_error(rng):
    base = rng.normal(size=(4, 3))
    with pytest.raises(ValueError, match="found the effect 'flipped', expected one of 'turned'"):
        consistent(base, base, base, range(4), "flipped")
    with pytest.raises(ValueError, match="one shape"):
        consistent(base, base[:3], base, range(4))
    with pytest.raises(ValueError, match="a head for each of 4 pairs, found 3"):
        consistent(base, base, base, range(3))
    with pytest.raises(ValueError, match="at least 2 different heads, found 1"):
        consistent(base, base, base, ["good"] * 4)
    with pytest.raises(ValueError, match="both sides, found 4 positive of 4"):
        sides(np.ones(4), 2.0, range(4), [True] * 4)
    with pytest.raises(ValueError, match="missing: neutral"):
        pair_vectors(PATHWAY, pd.DataFrame({"base": ["good"], "modified": ["not good"]}))


def test_phrases_that_cannot_be_read_are_errors():
    with pytest.raises(ValueError, match="no word"):
        vectors(PATHWAY, ["good", ""])
    with pytest.raises(ValueError, match="sentence 1 .'zebra'. has no word that 'lstm' knows"):
        vectors(PATHWAY, ["good", "zebra"])


def test_a_network_without_class_scores_is_an_error():
    words = LanguageModel(Vocabulary(["good"]), embedding=4, units=4).eval().pathways["language model"]
    with pytest.raises(TypeError, match="'language model' has no scores of classes"):
        expected_class(words, np.zeros((1, 4), dtype="float32"))
