"""Silencers: readings against one n-gram at a time, planted competitors, and a null without any."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.methods.silence import answers, competition, woken
from reading_neurons.models import Imaginet
from reading_neurons.neurons import output
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{number}" for number in range(20)])
PATHWAY = Imaginet(VOCABULARY, [f"object:{n}" for n in range(6)], embedding=6, units=8, seed=1).eval().pathways["visual"]
NEURONS = [output(PATHWAY, number) for number in range(6)]
NGRAMS = np.random.default_rng(0).integers(4, len(VOCABULARY), size=(80, 3))


def test_answers_are_activations_in_the_order_of_the_ngrams():
    found = answers(PATHWAY, NEURONS, NGRAMS)
    reader = Reader(PATHWAY, NEURONS)
    for row in range(6):
        expected = reader.read(torch.from_numpy(NGRAMS), torch.full((80,), row)).detach()
        np.testing.assert_allclose(found[:, row], expected, atol=1e-5)


def test_pairs_hold_what_each_other_neuron_does():
    silencers = [" ".join(VOCABULARY.decode(ngram)) for ngram in NGRAMS[:6]]
    pairs = woken(PATHWAY, NEURONS, silencers, NGRAMS)
    assert len(pairs) == 30 and (pairs["silenced"] != pairs["other"]).all()
    usual = answers(PATHWAY, NEURONS, NGRAMS)
    row = pairs.query("silenced == 'object:2' and other == 'object:5'").iloc[0]
    assert row["words"] == silencers[2]
    assert row["z"] == pytest.approx((usual[2, 5] - usual[:, 5].mean()) / usual[:, 5].std(), abs=1e-4)
    assert row["correlation"] == pytest.approx(np.corrcoef(usual.T)[2, 5], abs=1e-4)


def pairs_of(z, together):
    count = len(z)
    first, second = np.nonzero(~np.eye(count, dtype=bool))
    return pd.DataFrame({"silenced": first, "other": second, "z": z[first, second], "correlation": together[first, second]})


def drawn(seed, count=20):
    rng = np.random.default_rng(seed)
    together = rng.normal(size=(count, count))
    return rng, (together + together.T) / 2


def test_planted_competitors_are_found():
    rng, together = drawn(0)
    found = competition(pairs_of(-together + 0.5 * rng.normal(size=together.shape), together))
    assert found["correlation"] < -0.5 and found["high"] < 0 and found["correlation"] < found["null_low"]


def test_neurons_that_are_high_on_every_silencer_are_no_competitors():
    """z depends on the other alone: no silencer says anything of whom it silences."""
    rng, together = drawn(1)
    together -= 2 * np.abs(rng.normal(size=20))[None]
    high = 3 * np.abs(rng.normal(size=20))
    found = competition(pairs_of(np.broadcast_to(high, together.shape) + 1e-9 * rng.normal(size=together.shape), together))
    assert found["null_low"] < found["correlation"] < found["null_high"]


def test_where_nothing_is_planted_nothing_is_found():
    inside = 0
    for seed in range(12):
        rng, together = drawn(seed)
        found = competition(pairs_of(rng.normal(size=together.shape), together), permutations=100)
        inside += found["null_low"] <= found["correlation"] <= found["null_high"]
    assert inside >= 9
