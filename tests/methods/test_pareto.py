"""Fronts, layers and hypervolumes against loops over all pairs, ties and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.methods.pareto import front, hypervolume, layers

points = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40).map(lambda rows: np.array(rows, dtype=float))


def dominated(values, i):
    """By any other point, or by an equal one that stands before."""
    return any(
        (values[j] >= values[i]).all() and ((values[j] > values[i]).any() or j < i) for j in range(len(values)) if j != i
    )


@given(points)
def test_the_front_is_what_a_loop_over_pairs_leaves(values):
    assert front(values).tolist() == [not dominated(values, i) for i in range(len(values))]


@given(points)
def test_layers_are_fronts_of_what_is_left(values):
    number, left, layer = np.full(len(values), -1), list(range(len(values))), 0
    while left:
        kept = [i for place, i in enumerate(left) if not dominated(values[left], place)]
        number[kept] = layer
        left, layer = [i for i in left if i not in kept], layer + 1
    assert layers(values).tolist() == number.tolist()


@given(points)
def test_the_hypervolume_counts_unit_squares(values):
    squares = {(x, y) for a, b in values.astype(int) for x in range(a) for y in range(b)}
    assert hypervolume(values, (0, 0)) == len(squares)


def test_a_point_beyond_the_front_adds_area_and_one_behind_it_none():
    values = np.array([[1.0, 3.0], [3.0, 1.0]])
    before = hypervolume(values, (0, 0))
    assert hypervolume(np.vstack((values, [2.0, 2.0])), (0, 0)) == before + 1
    assert hypervolume(np.vstack((values, [1.0, 1.0])), (0, 0)) == before
    assert hypervolume(values, (5, 5)) == 0


def test_no_point_has_an_empty_front():
    assert front(np.zeros((0, 2))).tolist() == [] and layers(np.zeros((0, 2))).tolist() == []


def test_bad_points_are_errors():
    with pytest.raises(ValueError, match="two objectives"):
        front(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="point 1 has a value that is not a number"):
        layers(np.array([[0.0, 1.0], [np.nan, 2.0]]))
