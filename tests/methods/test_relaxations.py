"""Relaxations: draws of the Gumbel softmax against the softmax, gradients against autograd, one random row a neuron."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from torch.nn import functional as F

from reading_neurons.methods import relaxations
from reading_neurons.methods.objective import Objective
from reading_neurons.methods.relaxations import RELAXATIONS, generator, relaxation
from reading_neurons.models import Imaginet
from reading_neurons.neurons import group, output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{i}" for i in range(12)])
NETWORK = Imaginet(VOCABULARY, ["object:a", "object:b"], embedding=6, units=32, seed=1).eval()
VISUAL = NETWORK.pathways["visual"]
TABLE = VISUAL.embedding.detach()
WORDS = torch.arange(4, 16)


def made(method, rows=1, samples=1, length=3, words=WORDS, seed=0, **settings):
    objective = Objective(Reader(VISUAL, [output(VISUAL, 0)], **settings.pop("reader", {})), words, length, **settings)
    seeds = [generator(seed, unit(0), row) for row in range(rows)]
    return relaxation(method, objective, seeds, samples, 0.05)


def frequencies(draws, temperature, free, samples=20_000, seed=0):
    """How often each word has the highest weight."""
    relaxed = made("gumbel", samples=samples, length=1, seed=seed)
    with torch.no_grad():
        relaxed.free.copy_(free)
    for _ in range(draws - 1):
        relaxed.embedded(temperature)
    return np.bincount(relaxed.weights(temperature)[:, 0].argmax(dim=1).numpy(), minlength=len(WORDS))


@pytest.mark.parametrize("temperature", [2.0, 0.1])
def test_the_word_of_highest_weight_is_a_draw_from_the_softmax(temperature):
    free = torch.randn(1, 1, 12, generator=torch.Generator().manual_seed(3))
    counts = frequencies(1, temperature, free)
    expected = torch.softmax(free.double(), dim=2).flatten().numpy()
    assert chisquare(counts, expected * counts.sum()).pvalue > 0.01
    # The same test tells a slightly sharper distribution apart.
    sharper = torch.softmax(1.1 * free.double(), dim=2).flatten().numpy()
    assert chisquare(counts, sharper * counts.sum()).pvalue < 1e-6


def test_a_low_temperature_writes_almost_one_word_and_the_same_as_a_high_one():
    free = torch.randn(1, 3, 12, generator=torch.Generator().manual_seed(3))
    weights = []
    for temperature in (2.0, 0.1, 0.01):
        relaxed = made("gumbel", samples=50)
        with torch.no_grad():
            relaxed.free.copy_(free)
        weights.append(relaxed.weights(temperature))
    assert torch.equal(weights[0].argmax(dim=2), weights[1].argmax(dim=2))
    largest = [float(one.amax(dim=2).mean()) for one in weights]
    assert largest[0] < 0.5 < 0.9 < largest[1] < largest[2]


def test_a_look_at_the_weights_uses_up_no_noise():
    looked, other = made("gumbel", rows=2), made("gumbel", rows=2)
    weights = looked.weights(1.0)
    assert torch.equal(looked.embedded(1.0), other.embedded(1.0))
    assert not torch.equal(weights, looked.weights(1.0))


@pytest.mark.parametrize("method", ["logit", "softmax", "gumbel"])
@pytest.mark.parametrize("rows, samples", [(1, 1), (3, 5)])
def test_what_is_read_and_its_gradient_are_those_of_autograd(method, rows, samples):
    relaxed = made(method, rows, samples)
    samples = samples if method == "gumbel" else 1
    noise = (relaxed.weights(0.7).log() * 0.7).view(rows, samples, 3, 12) - relaxed.free.detach()[:, None]
    read = relaxed.embedded(0.7)
    assert read.shape == (rows * samples, 3, 6)
    above = torch.randn(read.shape, generator=torch.Generator().manual_seed(2))
    (slope,) = torch.autograd.grad((read * above).sum(), relaxed.free)
    free = relaxed.free.detach().clone().requires_grad_()
    scores = (free[:, None] + noise).flatten(0, 1) / 0.7
    weights = {"logit": free, "softmax": torch.softmax(free, 2), "gumbel": torch.softmax(scores, 2)}[method]
    expected = weights @ TABLE[WORDS]
    (wanted,) = torch.autograd.grad((expected * above).sum(), free)
    torch.testing.assert_close(read, expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(slope, wanted, atol=1e-5, rtol=1e-4)


def test_a_block_of_rows_changes_nothing(monkeypatch):
    whole = made("gumbel", rows=7, samples=3).embedded(1.0)
    monkeypatch.setattr(relaxations, "BLOCK", 100)
    assert torch.equal(made("gumbel", rows=7, samples=3).embedded(1.0), whole)


def test_half_precision_reads_nearly_the_same():
    exact, half = made("gumbel", rows=4), made("gumbel", rows=4, reader={"precision": "bfloat16"})
    found, rounded = exact.embedded(1.0), half.embedded(1.0)
    assert rounded.dtype == torch.bfloat16
    assert 0 < (found - rounded).abs().max() < 0.02 * TABLE.abs().max()


def test_a_zero_among_uniform_numbers_stays_finite(monkeypatch):
    relaxed = made("gumbel")
    monkeypatch.setattr(torch.Tensor, "uniform_", lambda self, **_: self.zero_())
    assert relaxed.weights(0.1).isfinite().all()


def test_free_vectors_stand_for_the_nearest_words():
    relaxed = made("embedding", rows=2)
    assert relaxed.embedded(1.0) is relaxed.free and relaxed.free.shape == (2, 3, 6)
    with torch.no_grad():
        relaxed.free.copy_(3 * TABLE[torch.tensor([[4, 9, 9], [15, 5, 6]])])
        relaxed.free[0, 0] += 0.01
    assert relaxed.written().tolist() == [[4, 9, 9], [15, 5, 6]]
    cosines = F.cosine_similarity(relaxed.free.detach()[:, :, None], TABLE[WORDS], dim=3)
    torch.testing.assert_close(relaxed.cosines(), cosines, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("method", RELAXATIONS)
def test_words_given_are_read_and_written_and_no_other_word_is_written(method):
    relaxed = made(method, rows=3, words=torch.tensor([5, 6, 9]), pinned={1: 12})
    read = relaxed.embedded(1.0)
    torch.testing.assert_close(read[:, 1], TABLE[12].expand(3, -1))
    (slope,) = torch.autograd.grad(read.sum(), relaxed.free)
    assert not slope[:, 1].any() and slope[:, [0, 2]].any()
    written = relaxed.written()
    assert (written[:, 1] == 12).all() and set(written[:, [0, 2]].flatten().tolist()) <= {5, 6, 9}


def test_random_numbers_depend_on_seed_neuron_and_restart_and_nothing_else():
    drawn = {
        key: torch.rand(3, generator=generator(*key)).tolist()
        for key in [(0, unit(1), 0), (1, unit(1), 0), (0, unit(1), 1), (0, unit(2), 0), (0, group([1, 2]), 0), (0, output(VISUAL, 1), 0)]
    }
    assert len({tuple(one) for one in drawn.values()}) == len(drawn)
    assert torch.rand(3, generator=generator(0, unit(1), 0)).tolist() == drawn[(0, unit(1), 0)]
    renamed = SimpleNamespace(kind="unit", members=(1,))
    assert torch.rand(3, generator=generator(0, renamed, 0)).tolist() == drawn[(0, unit(1), 0)]


def test_free_numbers_begin_within_bounds():
    free = made("gumbel", rows=50).free
    assert free.requires_grad and free.abs().max() < 0.05
    assert free.detach().std().item() == pytest.approx(0.05 / 3**0.5, rel=0.1)


def test_an_unknown_relaxation_is_an_error():
    with pytest.raises(ValueError, match="unknown relaxation 'hard': choose one of 'embedding', 'logit', 'softmax', 'gumbel'"):
        made("hard")
