"""Labels from parse trees: the paper's figure 1, levels, and a count by brackets alone."""

import numpy as np
import pytest

from reading_neurons.corpora import parentheses
from reading_neurons.corpora.shift_reduce import ARITHMETIC, PARENTHESES
from reading_neurons.corpora.strings import Node, ParsedString
from reading_neurons.features.tree import depth_of, impulse_of, open_is, open_of, range_of


@pytest.fixture
def example():
    return ARITHMETIC.tree("((1+2))")


def test_the_papers_five_features(example):
    f2, f3 = range_of("brackets", 2), range_of("brackets", 1)
    f4, f5 = impulse_of("brackets", 2), impulse_of("brackets", 1)
    f1 = f2 + f3
    assert f1.values(example).tolist() == [1, 2, 2, 2, 2, 2, 1]
    assert f1.labels(example).tolist() == [0.5, 1, 1, 1, 1, 1, 0.5]
    assert f2.labels(example).tolist() == [0, 1, 1, 1, 1, 1, 0]
    assert f3.labels(example).tolist() == [1, 1, 1, 1, 1, 1, 1]
    assert f4.labels(example).tolist() == [0, 1, 0, 0, 0, 1, 0]
    assert f5.labels(example).tolist() == [1, 0, 0, 0, 0, 0, 1]


def test_a_sum_of_levels_is_the_depth(example):
    levels = range_of("brackets", 1) + range_of("brackets", 2)
    np.testing.assert_array_equal(levels.labels(example), depth_of("brackets", 2).labels(example))


def test_levels_depths_and_open_brackets_by_counting():
    for string in parentheses.generate(strings=100).train.strings:
        opened = np.cumsum([(c == "(") - (c == ")") for c in string.text])
        covering = opened + np.array([c == ")" for c in string.text])
        np.testing.assert_array_equal(open_of("brackets", 4).values(string), opened)
        np.testing.assert_array_equal(depth_of("brackets", 4).values(string), covering)
        for level in range(1, 5):
            np.testing.assert_array_equal(range_of("brackets", level).labels(string), covering >= level)
            ends = (covering == level) & np.array([c in "()" for c in string.text])
            np.testing.assert_array_equal(impulse_of("brackets", level).labels(string), ends)
            np.testing.assert_array_equal(open_is("brackets", level).labels(string), opened == level)


def test_levels_count_nodes_of_the_same_kind_alone():
    string = ParsedString("abcd", (Node("x", 0, 4), Node("y", 0, 2), Node("x", 0, 1), Node("x", 2, 4)))
    assert range_of("x", 2).labels(string).tolist() == [1, 0, 1, 1]
    assert range_of("y", 1).labels(string).tolist() == [1, 1, 0, 0]


def test_nodes_side_by_side_do_not_nest():
    string = PARENTHESES.tree("()()")
    assert range_of("brackets", 1).labels(string).tolist() == [1, 1, 1, 1]
    assert range_of("brackets", 2).labels(string).tolist() == [0, 0, 0, 0]


def test_nodes_of_one_character_and_of_none():
    string = ParsedString("ab", (Node("x", 1, 2), Node("empty", 2, 2)))
    assert impulse_of("x").labels(string).tolist() == [0, 1]
    assert range_of("empty").labels(string).tolist() == impulse_of("empty").labels(string).tolist() == [0, 0]
    assert open_of("x", 1).labels(string).tolist() == [0, 0] and depth_of("empty", 1).labels(string).tolist() == [0, 0]


def test_a_kind_that_is_not_there_is_nowhere(example):
    assert not range_of("quotient").labels(example).any()


def test_names_and_descriptions_say_the_level():
    assert range_of("brackets", 2).name == "brackets 2, range" and impulse_of("sum").name == "sum, impulse"
    assert range_of("brackets", 2).description == "inside of a brackets node of level 2"
    assert open_is("brackets", 0).description == "no brackets nodes open once a character is read"


def test_bad_input():
    with pytest.raises(ValueError, match="levels count from 1, .* found level=0"):
        range_of("brackets", 0)
    with pytest.raises(ValueError, match="levels count from 1"):
        impulse_of("brackets", -1)
    with pytest.raises(ValueError, match="a number of open nodes is at least 0, found -1"):
        open_is("brackets", -1)
    with pytest.raises(ValueError, match="labels parsed strings, found str '\\(1\\)': parse it first"):
        range_of("brackets").labels("(1)")
