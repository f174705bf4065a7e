"""A cell read at once, word by word, and by the formula give the same states."""

import pytest
import torch
from torch import nn

from reading_neurons.models.sequence_cells import Elman, Lstm, reversed_in_time

CELLS = (Elman, Lstm)


def drawn(cell, seed=0):
    return cell(3, 5, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("cell", CELLS)
def test_steps_equal_one_pass(cell):
    made = drawn(cell)
    embedded = torch.randn(4, 7, 3, generator=torch.Generator().manual_seed(1))
    at_once, state = made(embedded), made.initial(4)
    for t in range(7):
        state, units = made.advance(made.project(embedded[:, t]), state)
        torch.testing.assert_close(units, at_once[:, t])


@pytest.mark.parametrize("cell", CELLS)
def test_reading_goes_on_from_any_state(cell):
    made = drawn(cell)
    embedded = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(2))
    state = made.initial(2)
    for t in range(3):
        state, _ = made.advance(made.project(embedded[:, t]), state)
    torch.testing.assert_close(made(embedded[:, 3:], state), made(embedded)[:, 3:])


def test_the_tanh_cell_by_its_formula():
    made, x, h = drawn(Elman), torch.randn(2, 3), torch.randn(2, 5)
    w, u = made.rnn.weight_ih_l0, made.rnn.weight_hh_l0
    by_hand = torch.tanh(x @ w.T + made.rnn.bias_ih_l0 + h @ u.T + made.rnn.bias_hh_l0)
    torch.testing.assert_close(made.advance(made.project(x), h)[1], by_hand)


def test_the_lstm_equals_torchs_cell():
    made, x = drawn(Lstm), torch.randn(2, 3)
    h, c = torch.randn(2, 5), torch.randn(2, 5)
    reference = nn.LSTMCell(3, 5)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    reference.load_state_dict({name: getattr(made.lstm, f"{name}_l0") for name in names})
    (shown, kept), units = made.advance(made.project(x), (h, c))
    torch.testing.assert_close((shown, kept), reference(x, (h, c)))
    assert units is shown


@pytest.mark.parametrize("cell", CELLS)
def test_the_seed_alone_draws_the_weights(cell):
    torch.manual_seed(1)
    first = drawn(cell)
    torch.manual_seed(2)
    second, other = drawn(cell), drawn(cell, seed=9)
    pairs = zip(first.parameters(), second.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(a, b) and not torch.equal(a, c) for a, b, c in pairs)


def test_reversed_twice_is_as_before_and_padding_stays():
    sequences = torch.arange(24.0).reshape(2, 4, 3)
    lengths = torch.tensor([4, 2])
    once = reversed_in_time(sequences, lengths)
    assert torch.equal(once[1, 2:], sequences[1, 2:])
    assert torch.equal(once[1, :2], sequences[1, :2].flip(0))
    assert torch.equal(reversed_in_time(once, lengths), sequences)
    assert torch.equal(reversed_in_time(sequences, None), sequences.flip(1))
