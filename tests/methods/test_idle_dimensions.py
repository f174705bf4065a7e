"""Dimensions that are close to 0 and dimensions that decide nothing: loops and planted ones."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.idle_dimensions import decisions, fewest, near_zero


class Reading:
    """Two classes: the sign of dimension 0; dimensions 1 and 2 are not read."""

    embedding = torch.zeros(1)

    def outputs(self, states):
        return torch.stack((-states[..., 0], states[..., 0]), dim=-1)


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(50, 3))


def test_shares_are_those_of_a_loop(values):
    found = near_zero(values, 0.3)
    for unit in range(3):
        relative = [abs(row[unit]) < 0.3 * max(map(abs, row)) for row in values]
        absolute = [abs(row[unit]) < 0.3 for row in values]
        assert found.loc[unit, "relative"] == pytest.approx(np.mean(relative))
        assert found.loc[unit, "absolute"] == pytest.approx(np.mean(absolute))


def test_the_relative_share_knows_no_scale(values):
    assert near_zero(values)["relative"].equals(near_zero(100 * values)["relative"])
    assert near_zero(100 * values)["absolute"].sum() < near_zero(values)["absolute"].sum()


def test_what_is_not_read_changes_no_decision(values):
    found = decisions(Reading(), values)["changed"]
    mean = values[:, 0].mean()
    expected = np.mean((values[:, 0] > 0) != (mean > 0))
    assert found.tolist() == pytest.approx([expected, 0, 0]) and expected > 0.3
    assert fewest(Reading(), values) == 1


def test_where_many_say_the_same_none_is_needed_and_one_is_enough():
    """Three copies of a dimension: without one, the two others decide as before."""

    class Three(Reading):
        def outputs(self, states):
            return super().outputs(states.mean(dim=-1, keepdim=True))

    values = np.repeat(np.array([[2.0], [-2.0]] * 10), 3, axis=1)
    assert decisions(Three(), values)["changed"].tolist() == [0, 0, 0]
    assert fewest(Three(), values) == 1


def test_what_cannot_be_measured_is_an_error(values):
    with pytest.raises(ValueError, match=r"found \(0, 3\)"):
        near_zero(values[:0])
    with pytest.raises(ValueError, match="found 0"):
        near_zero(values, 0)
    with pytest.raises(ValueError, match="at least 2 sentences, found 1"):
        decisions(Reading(), values[:1])
