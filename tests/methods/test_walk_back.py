"""A walk back for many values: each against autograd by itself, the state read from, and what it keeps of a reading."""

import pytest
import torch

from reading_neurons.methods.walk_back import read, walk_back
from reading_neurons.models.sequence_cells import Lstm

BATCH, TIME, INPUTS, UNITS = 3, 6, 4, 5
SEQUENCES, PLACES = torch.tensor([2, 0, 1, 0, 2, 0]), torch.tensor([1, 5, 0, 3, 4, 3])


@pytest.fixture
def drawn():
    return torch.Generator().manual_seed(1)


@pytest.fixture
def cell(drawn):
    cell = Lstm(INPUTS, UNITS, drawn)
    with torch.no_grad():
        for weight in cell.parameters():
            weight.mul_(3)  # so that the gates are neither all open nor all half open
    return cell


@pytest.fixture
def embedded(drawn):
    return torch.randn(BATCH, TIME, INPUTS, generator=drawn)


@pytest.fixture
def initial(drawn):
    return torch.randn(BATCH, UNITS, generator=drawn).tanh(), torch.randn(BATCH, UNITS, generator=drawn)


@pytest.fixture
def slopes(drawn):
    return tuple(torch.randn(len(PLACES), UNITS, generator=drawn) for _ in range(2))


def length(slope, words):
    return slope.norm(dim=1)


def product(slope, words):
    return (slope * words).sum(dim=1)


def one_by_one(cell, embedded, initial, slopes):
    """The derivatives of each value at every word, and at the state read from, each by a backward pass of its own."""
    found, ends = [], ([], [])
    for row, place, *slope in zip(SEQUENCES, PLACES, *slopes, strict=True):
        parts = [part[row : row + 1] for part in (embedded, *initial)]
        leaves = [part.clone().requires_grad_() for part in parts]
        _, (shown, kept) = cell.lstm(leaves[0][:, : place + 1], (leaves[1][None], leaves[2][None]))
        (shown @ slope[0] + kept @ slope[1]).sum().backward()
        found.append(leaves[0].grad[0])
        for end, leaf in zip(ends, leaves[1:], strict=True):
            end.append(leaf.grad[0])
    return torch.stack(found), tuple(torch.stack(end) for end in ends)


@pytest.mark.parametrize("measured", [length, product])
def test_each_value_has_the_derivatives_of_a_pass_of_its_own(cell, embedded, initial, slopes, measured):
    kept = [part.clone() for part in slopes]
    found, ends = walk_back(cell, read(cell, embedded, initial), SEQUENCES, PLACES, slopes, measured)
    every, every_end = one_by_one(cell, embedded, initial, slopes)
    expected = torch.stack([measured(own, words) for own, words in zip(every, embedded[SEQUENCES], strict=True)])
    assert torch.allclose(found, expected, atol=1e-5) and found.abs().max() > 0.1
    for end, own in zip(ends, every_end, strict=True):
        assert torch.allclose(end, own, atol=1e-5) and end.abs().max() > 0.01
    assert all(torch.equal(*pair) for pair in zip(slopes, kept, strict=True)), "what was given is left alone"
    behind = torch.arange(TIME) > PLACES[:, None]
    assert (found[behind] == 0).all() and (found[~behind] != 0).all()


def test_a_reading_is_what_the_network_reads(cell, embedded, initial):
    reading = read(cell, embedded, initial)
    assert torch.allclose(reading.shown, cell(embedded, initial), atol=1e-6)
    assert torch.equal(reading.kept[:, 0], initial[1]) and not reading.shown.requires_grad
    places = torch.tensor([0, 5, 2])
    for row, place in enumerate(places):
        _, after = cell.lstm(embedded[row : row + 1, : place + 1], tuple(part[None, row : row + 1] for part in initial))
        for part, own in zip(reading.state(places), after, strict=True):
            assert torch.allclose(part[row], own[0, 0], atol=1e-6)
    assert torch.allclose(read(cell, embedded).shown, cell(embedded), atol=1e-6)


def test_no_value_is_no_row(cell, embedded):
    nothing, empty = torch.zeros(0, dtype=torch.int64), torch.zeros(0, UNITS)
    found, ends = walk_back(cell, read(cell, embedded), nothing, nothing, (empty, empty), length)
    assert found.shape == (0, TIME) and [len(end) for end in ends] == [0, 0]
