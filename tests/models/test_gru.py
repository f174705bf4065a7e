"""The cells: each against an independent implementation, and padding against no padding."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reading_neurons.models.gru import CELLS, KadarGRU, RunningSum, TorchGRU
from reading_neurons.padding import last_state, mask_padding

SHAPES = [(5, 7, 6, 4), (1, 1, 3, 2), (1, 4, 3, 1), (9, 1, 1, 5)]  # time, batch, inputs, units


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def randn(*shape, seed=0, **options):
    return torch.randn(*shape, generator=generator(seed), **options)


def cells(inputs=6, units=6):
    return [TorchGRU(inputs, units, generator(1)), KadarGRU(inputs, units, generator(1)), RunningSum(inputs)]


def scanned(cell, embedded):
    """The states of a batch as training computes them, batch first."""
    return cell.scan(cell.project(embedded).transpose(0, 1)).transpose(0, 1)


def gradients(states, wanted, seed=2):
    """The gradients of a random weighting of all states."""
    return torch.autograd.grad((states * randn(*states.shape, seed=seed, dtype=states.dtype)).sum(), wanted)


@pytest.mark.parametrize("time, batch, inputs, units", SHAPES)
def test_scan_is_the_gru_of_torch_with_all_its_gradients(time, batch, inputs, units):
    cell = TorchGRU(inputs, units, generator(1))
    reference = nn.GRU(inputs, units, batch_first=True)
    reference.load_state_dict(cell.gru.state_dict())
    embedded = 2 * randn(batch, time, inputs)
    embedded.requires_grad_()
    states, expected = scanned(cell, embedded), reference(embedded)[0]
    torch.testing.assert_close(states, expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(cell(embedded), expected, atol=1e-6, rtol=1e-6)
    found = gradients(states, [embedded, *cell.gru.parameters()])
    for gradient, wanted in zip(found, gradients(expected, [embedded, *reference.parameters()]), strict=True):
        assert wanted.any() or time == 1  # from a zero state nothing comes back through the recurrent weights
        torch.testing.assert_close(gradient, wanted, atol=1e-5, rtol=1e-5)


def test_scan_survives_a_gradient_at_one_position_only():
    cell = TorchGRU(3, 4, generator(1))
    embedded = randn(2, 6, 3).requires_grad_()
    (found,) = torch.autograd.grad(scanned(cell, embedded)[:, 3].sum(), embedded)
    (expected,) = torch.autograd.grad(cell(embedded)[:, 3].sum(), embedded)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)
    assert not found[:, 4:].any()


@pytest.mark.parametrize("kind", [TorchGRU, KadarGRU])
def test_gradients_of_scan_are_those_of_finite_differences(kind):
    cell = kind(3, 4, generator(1)).double()
    projected = randn(4, 2, 12, dtype=torch.float64).requires_grad_()
    weights = [weight for name, weight in cell.named_parameters() if "ih" not in name]
    assert torch.autograd.gradcheck(lambda projected, *_: cell.scan(projected), (projected, *weights))


@pytest.mark.parametrize("kind", [TorchGRU, KadarGRU])
def test_gradients_of_a_step_are_those_of_finite_differences(kind):
    cell = kind(3, 4, generator(1)).double()
    embedded = randn(2, 3, dtype=torch.float64).requires_grad_()
    state = randn(2, 4, seed=1, dtype=torch.float64).abs().requires_grad_()

    def two_steps(embedded, state, *_):
        return cell.advance(cell.project(embedded), cell.advance(cell.project(embedded), state))

    assert torch.autograd.gradcheck(two_steps, (embedded, state, *cell.parameters()))


def test_a_second_derivative_through_scan_is_an_error_rather_than_wrong():
    cell = TorchGRU(3, 4, generator(1))
    projected = randn(2, 2, 12).requires_grad_()
    (gradient,) = torch.autograd.grad(cell.scan(projected).square().sum(), projected, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def by_formula(projected, weight, bias, formula="torch"):
    """The recurrence in full precision, and three near misses of it."""
    state, states = projected.new_zeros(projected.shape[1], weight.shape[1]), []
    for word in projected.float():
        recurrent = state @ weight.t() + bias
        (r, z, n), (wr, wz, wn) = recurrent.chunk(3, 1), word.chunk(3, 1)
        reset, update = torch.sigmoid(wr + r), torch.sigmoid(wz + z)
        if formula == "gates exchanged":
            reset, update = update, reset
        if formula == "reset before product":
            n = (reset * state) @ weight.t().chunk(3, 1)[2] + bias.chunk(3)[2]
        else:
            n = reset * n
        if formula == "update turned round":
            update = 1 - update
        state = (1 - update) * torch.tanh(wn + n) + update * state
        states.append(state)
    return torch.stack(states)


def test_bfloat16_is_close_to_single_precision_and_far_from_any_other_formula():
    cell = TorchGRU(16, 16, generator(1))
    weight, bias = cell.gru.weight_hh_l0, cell.gru.bias_hh_l0
    weight.data.mul_(3)
    half = randn(12, 20, 48).bfloat16().requires_grad_()
    single = half.detach().float().requires_grad_()

    def errors(formula):
        states, expected = cell.scan(half), by_formula(single, weight, bias, formula)
        pairs = [(states, expected)]
        pairs += zip(gradients(states.float(), [half, weight, bias]), gradients(expected, [single, weight, bias]))
        return [((a.float() - b).norm() / b.norm()).item() for a, b in pairs]

    right = errors("torch")
    assert max(right) < 0.03
    for wrong in ("gates exchanged", "reset before product", "update turned round"):
        assert all(near * 5 < far for near, far in zip(right, errors(wrong), strict=True)), wrong


def test_scan_keeps_the_precision_of_the_weights_in_their_gradients():
    cell = TorchGRU(4, 4, generator(1))
    states = cell.scan(randn(3, 2, 12).bfloat16().requires_grad_())
    assert states.dtype == torch.bfloat16
    states.float().sum().backward()
    assert cell.gru.weight_hh_l0.grad.dtype == cell.gru.bias_hh_l0.grad.dtype == torch.float32


def test_a_step_is_the_gru_cell_of_torch():
    cell = TorchGRU(5, 4, generator(1))
    reference = nn.GRUCell(5, 4)
    reference.load_state_dict({name.removesuffix("_l0"): weight for name, weight in cell.gru.state_dict().items()})
    embedded, state = randn(3, 5).requires_grad_(), randn(3, 4, seed=1).requires_grad_()
    before = state.detach().clone()
    found, expected = cell.advance(cell.project(embedded), state), reference(embedded, state)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    for a, b in zip(gradients(found, [embedded, state]), gradients(expected, [embedded, state]), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)
    assert torch.equal(state, before)  # the step works in place, but never on what it was given


def test_a_step_leaves_the_projected_words_alone():
    for cell in cells():
        projected = cell.project(randn(3, 6))
        before = projected.clone()
        cell.advance(projected, cell.initial(3) + 1)
        assert torch.equal(projected, before)


def kadar_by_hand(cell, words):
    """Equations 1-4, unit by unit, for one sentence; also how often the rectifier cut below and above."""
    units = cell.units
    W_r, W_z, W = cell.weight_ih.detach().double().split(units)
    U_r, U_z, U = cell.weight_hh.detach().double().split(units)

    def steep(x):
        return 1 / (1 + np.exp(-3.75 * float(x)))

    h, states, cut = np.zeros(units), [], [0, 0]
    for x in words.double():
        r = np.array([steep(W_r[i] @ x + U_r[i] @ torch.from_numpy(h)) for i in range(units)])
        z = np.array([steep(W_z[i] @ x + U_z[i] @ torch.from_numpy(h)) for i in range(units)])
        raw = np.array([float(W[i] @ x + U[i] @ torch.from_numpy(r * h)) for i in range(units)])
        cut[0] += int((raw < 0).sum())
        cut[1] += int((raw > 5).sum())
        h = (1 - z) * h + z * np.minimum(np.maximum(raw, 0), 5)
        states.append(h)
    return np.array(states), cut


def test_the_cell_of_the_paper_is_its_equations():
    cell = KadarGRU(4, 5, generator(1))
    embedded = 4 * randn(3, 8, 4)
    states, stepped, state = cell(embedded), [], cell.initial(3)
    for t in range(8):
        state = cell.advance(cell.project(embedded[:, t]), state)
        stepped.append(state)
    below = above = 0
    for row, words in enumerate(embedded):
        expected, cut = kadar_by_hand(cell, words)
        below, above = below + cut[0], above + cut[1]
        np.testing.assert_allclose(states[row].detach().numpy(), expected, atol=1e-5)
        np.testing.assert_allclose(torch.stack(stepped)[:, row].detach().numpy(), expected, atol=1e-5)
    assert below > 5 and above > 5  # both ends of the rectifier were put to the test


def test_the_two_gated_cells_differ():
    torch_cell, paper_cell = TorchGRU(3, 3, generator(1)), KadarGRU(3, 3, generator(1))
    for name in ("weight_ih", "weight_hh"):
        getattr(torch_cell.gru, f"{name}_l0").data = getattr(paper_cell, name).data.clone()
        getattr(torch_cell.gru, f"{name.replace('weight', 'bias')}_l0").data.zero_()
    embedded = randn(2, 4, 3)
    assert (torch_cell(embedded) - paper_cell(embedded)).abs().max() > 0.1


def test_the_running_sum_is_a_sum():
    cell, embedded = RunningSum(3), randn(2, 5, 3)
    expected = torch.stack([embedded[:, : t + 1].sum(dim=1) for t in range(5)], dim=1)
    torch.testing.assert_close(cell(embedded), expected)
    torch.testing.assert_close(scanned(cell, embedded), expected)
    state = cell.initial(2)
    for t in range(5):
        state = cell.advance(cell.project(embedded[:, t]), state)
    torch.testing.assert_close(state, expected[:, -1])
    assert cell.scan(embedded.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: type(cell).__name__)
def test_reading_scanning_and_stepping_are_the_same(cell):
    embedded, state = 2 * randn(3, 6, 6), cell.initial(3)
    assert not state.any()
    stepped = []
    for t in range(6):
        state = cell.advance(cell.project(embedded[:, t]), state)
        stepped.append(state)
    torch.testing.assert_close(cell(embedded), torch.stack(stepped, dim=1), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(scanned(cell, embedded), torch.stack(stepped, dim=1), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: type(cell).__name__)
def test_a_scan_goes_on_from_any_state(cell):
    embedded = 2 * randn(3, 6, 6)
    whole = scanned(cell, embedded)
    begun = cell.scan(cell.project(embedded[:, 2:]).transpose(0, 1), whole[:, 1].detach())
    torch.testing.assert_close(begun.transpose(0, 1), whole[:, 2:], atol=1e-6, rtol=1e-5)
    assert (begun.transpose(0, 1) - scanned(cell, embedded[:, 2:])).abs().max() > 1e-2


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: type(cell).__name__)
def test_a_frozen_scan_has_the_gradient_of_the_words_from_any_state(cell):
    state = randn(2, 6, seed=4).abs()
    found = []
    for frozen in (False, True):
        projected = cell.project(2 * randn(5, 2, 6)).detach().requires_grad_()
        states = cell.scan(projected, state, frozen=frozen)
        found.append((states.detach(), gradients(states, projected)[0]))
    assert found[0][1].any()
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_a_frozen_scan_of_torchs_gru_leaves_its_weights_alone():
    cell = TorchGRU(6, 6, generator(1))
    projected = cell.project(randn(5, 2, 6)).detach().requires_grad_()
    cell.scan(projected, frozen=True).sum().backward()
    assert projected.grad is not None and cell.gru.weight_hh_l0.grad is None and cell.gru.bias_hh_l0.grad is None


def test_gradients_of_a_scan_from_a_state_are_those_of_finite_differences():
    cell = TorchGRU(3, 4, generator(1)).double()
    projected = randn(4, 2, 12, dtype=torch.float64).requires_grad_()
    state = randn(2, 4, seed=1, dtype=torch.float64)
    weights = [cell.gru.weight_hh_l0, cell.gru.bias_hh_l0]
    assert torch.autograd.gradcheck(lambda projected, *_: cell.scan(projected, state), (projected, *weights))


@settings(max_examples=25)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=5), st.integers(0, 99), st.integers(0, 3))
def test_padding_on_the_right_never_touches_a_real_state(lengths, seed, more):
    longest = max(lengths) + more
    real = randn(len(lengths), longest, 6, seed=seed)
    padded = real.clone()
    for row, length in enumerate(lengths):
        padded[row, length:] = 1e6
    sizes = torch.tensor(lengths)
    for cell in cells():
        with torch.no_grad():
            states = cell(padded)
            masked, last = mask_padding(states, sizes), last_state(states, sizes)
            for row, length in enumerate(lengths):
                alone = cell(real[row : row + 1, :length])[0]
                torch.testing.assert_close(masked[row, :length], alone, atol=1e-5, rtol=1e-5)
                torch.testing.assert_close(last[row], alone[-1], atol=1e-5, rtol=1e-5)
                torch.testing.assert_close(scanned(cell, padded)[row, :length], alone, atol=1e-5, rtol=1e-5)
                assert not masked[row, length:].any()


@pytest.mark.parametrize("kind", CELLS.values())
def test_weights_come_from_the_generator_alone(kind):
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    first, again, other = kind(4, 8, generator(3)), kind(4, 8, generator(3)), kind(4, 8, generator(4))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1]) and random.getstate() == before[2]
    for a, b, c in zip(first.parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b) and not torch.equal(a, c)
        assert a.isfinite().all() and a.requires_grad
