"""Gradient ascent: its temperatures, its patience, and what it keeps, counts and leaves alone."""

import pytest
import torch

from reading_neurons.methods.ascent import DEFAULT, PUBLISHED, Ascent, _Adam, ascend
from reading_neurons.methods.objective import Objective
from reading_neurons.models import Imaginet
from reading_neurons.neurons import output
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{i}" for i in range(12)])
NETWORK = Imaginet(VOCABULARY, ["object:a", "object:b"], embedding=6, units=32, seed=1).eval()
NETWORK.embedding.weight.data.mul_(10)
VISUAL = NETWORK.pathways["visual"]
NEURONS = [output(VISUAL, 0), output(VISUAL, 1)]


def objective(**settings):
    return Objective(Reader(VISUAL, NEURONS), torch.arange(4, 16), 3, **settings)


def watched(method="gumbel", ascent=DEFAULT, seed=0, **settings):
    """An ascent, its objective, and what its watcher saw."""
    steps, asked = [], objective(**settings)
    return ascend(asked, method, ascent, seed, steps.append), asked, steps


def test_the_published_temperature_reaches_its_floor_at_step_59915():
    published = PUBLISHED["gumbel"]
    assert (published.learning_rate, published.samples, published.steps) == (0.001, 64, 200_000)
    assert (published.patience, PUBLISHED["softmax"].patience, PUBLISHED["embedding"].patience) == (40_000, 20_000, 500)
    assert published.temperature(0) == 2.0 and published.temperature(1) == pytest.approx(2 * 0.99995, abs=1e-12)
    assert published.temperature(59_913) > 0.1 and published.temperature(59_914) == 0.1  # steps are counted from 0
    assert published.temperature(199_999) == 0.1


def test_the_default_cools_to_its_floor_with_the_last_step():
    found = [DEFAULT.temperature(step) for step in range(DEFAULT.steps)]
    assert found[0] == 2.0 and found[-1] == 0.1 and found == sorted(found, reverse=True)
    assert found[-2] > 0.1 and Ascent(steps=1).temperature(0) == 2.0


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"steps": 0}, "an ascent needs steps of at least 1, found 0"),
        ({"restarts": 0}, "restarts of at least 1"),
        ({"samples": -1}, "samples of at least 1, found -1"),
        ({"hot": 0.05}, "expected 0 < cold <= hot, found 0.1 and 0.05"),
        ({"cold": 0.0}, "expected 0 < cold"),
        ({"learning_rate": 0.0}, "a learning rate above 0"),
        ({"cooling": 1.5}, "a cooling from 0 to 1, found 1.0 and 1.5"),
    ],
)
def test_settings_that_make_no_sense_are_errors(settings, message):
    with pytest.raises(ValueError, match=message):
        Ascent(**settings)


@pytest.mark.parametrize("method", ["embedding", "logit", "softmax", "gumbel"])
def test_what_is_read_becomes_more_active(method):
    found, asked, steps = watched(method, Ascent(steps=60, learning_rate=0.05, restarts=3))
    first, last = (torch.stack([step.activation for step in part]).mean(dim=0) for part in (steps[:5], steps[-5:]))
    assert (last > first + 0.02).all()
    assert [step.step for step in steps] == list(range(60)) and found.steps.tolist() == [60, 60]


def test_the_lowest_goes_down():
    _, asked, steps = watched("softmax", Ascent(steps=60, learning_rate=0.05), lowest=True)
    assert (steps[-1].activation < steps[0].activation - 0.02).all()
    torch.testing.assert_close(asked.value, torch.stack([-step.values for step in steps]).view(60, 2, 4).amax(dim=(0, 2)))


def test_the_best_that_was_written_is_kept_and_not_the_last():
    found, asked, steps = watched(ascent=Ascent(steps=5, restarts=8, learning_rate=0.05))
    read = torch.stack([step.values for step in steps])
    for row, neuron in enumerate(found.rows):
        assert found.values[row] >= read[:, row].max()
        assert asked.value[neuron] >= found.values[row]
    torch.testing.assert_close(found.values, asked.reader.read(found.ids, found.rows))
    assert (read[-1] < found.values).any()


def test_what_a_watcher_sees_is_what_was_read():
    _, asked, steps = watched(ascent=Ascent(steps=3, restarts=2, samples=4))
    for step in steps:
        assert step.rows.tolist() == [0, 0, 1, 1] and step.activation.shape == (4,)
        torch.testing.assert_close(step.values, asked.reader.read(step.written, step.rows))
        assert step.objective is asked


def test_a_watcher_changes_nothing():
    seen, _, _ = watched()
    alone = ascend(objective(), "gumbel", DEFAULT)
    assert torch.equal(seen.relaxation.free, alone.relaxation.free) and torch.equal(seen.ids, alone.ids)


@pytest.mark.parametrize("samples", [1, 5])
def test_each_step_costs_two_for_each_sample_and_each_new_n_gram_one(samples):
    ascent = Ascent(steps=30, restarts=2, samples=samples)
    found, asked, steps = watched(ascent=ascent)
    written = torch.stack([step.written for step in steps] + [found.relaxation.written()])
    new = 1 + (written[1:] != written[:-1]).any(dim=2).sum(dim=0)
    expected = torch.zeros(2, dtype=torch.long).index_add_(0, found.rows, new + 2 * samples * 30)
    assert asked.evaluations.tolist() == expected.tolist()


def test_a_neuron_without_a_better_n_gram_is_done():
    ascent = Ascent(steps=500, restarts=2, learning_rate=0.5, patience=20)
    found, asked, steps = watched(ascent=ascent)
    assert (found.steps < 500).all() and len(steps) == found.steps.max()
    for row in (0, 1):
        own = [step.values[found.rows == row].max().item() for step in steps[: int(found.steps[row]) + 1]]
        best = max(range(len(own)), key=own.__getitem__)
        # The step that brings the best n-gram counts as the first of those without a better one.
        assert found.steps[row] == best + 20
    longer, _, _ = watched(ascent=Ascent(steps=500, restarts=2, learning_rate=0.5))
    assert longer.steps.tolist() == [500, 500]


def test_the_network_keeps_its_weights_and_gets_no_gradient():
    before = [weight.clone() for weight in NETWORK.parameters()]
    watched(ascent=Ascent(steps=3))
    assert all(torch.equal(now, then) for now, then in zip(NETWORK.parameters(), before, strict=True))
    assert all(weight.grad is None for weight in NETWORK.parameters())


@pytest.mark.parametrize("count", [1, 2, 7])
def test_adam_is_torchs_and_the_same_for_a_few_rows_as_for_many(count):
    source = torch.Generator().manual_seed(0)
    start, slopes = torch.randn(9, 5, 13, generator=source), torch.randn(6, 9, 5, 13, generator=source)
    ways = []
    for rows in (9, count):
        free = start[:rows].clone().requires_grad_()
        adam = _Adam(free, 0.3)
        for slope in slopes:
            adam.raise_by(slope[:rows])
        ways.append(free.detach())
    assert torch.equal(ways[0][:count], ways[1])
    plain = start.clone().requires_grad_()
    reference = torch.optim.Adam([plain], lr=0.3, maximize=True, fused=False)
    for slope in slopes:
        plain.grad = slope
        reference.step()
    torch.testing.assert_close(ways[0], plain.detach(), atol=1e-5, rtol=1e-5)
