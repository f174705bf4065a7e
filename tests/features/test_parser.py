"""What the parser does, as features: the height of its stack, rules reduced, on the paper's example and at random."""

import numpy as np
import pytest

from reading_neurons.corpora import arithmetic
from reading_neurons.corpora.strings import ParsedString
from reading_neurons.features.parser import ARITHMETIC, PARENTHESES, last_rule, reduced, stack_height


def test_the_stack_of_the_papers_example():
    assert stack_height(ARITHMETIC, 5).values("((1+2))").tolist() == [1, 2, 3, 4, 5, 4, 3]
    assert stack_height(ARITHMETIC, 4).labels("((1+2))").tolist() == [0.25, 0.5, 0.75, 1, 1, 1, 0.75]


def naive(text):
    """The paper's loop as it is written, on strings: reduce while possible, else push; one height per push."""
    stack, heights, binds = "", [], {"+": 1, "-": 1, "*": 2, "/": 2}
    for place, character in enumerate(text):
        stack += character
        heights.append(len(stack))
        following = text[place + 1 : place + 2]
        while True:
            if stack[-1].isdigit():
                stack = stack[:-1] + "e"
            elif stack.endswith("(e)"):
                stack = stack[:-3] + "e"
            elif len(stack) > 2 and stack[-1] == "e" and binds.get(stack[-2], 0) >= binds.get(following, 1):
                stack = stack[:-3] + "e"
            else:
                break
    assert stack == "e"
    return heights


def test_heights_are_those_of_the_papers_loop():
    for text in arithmetic.generate(strings=100).train.texts:
        assert stack_height(ARITHMETIC, 99).values(text).tolist() == naive(text)


def test_every_operation_is_reduced_once():
    for string in arithmetic.generate(strings=60).train.strings:
        for kind in ("sum", "product", "brackets"):
            ends = reduced(ARITHMETIC, kind).labels(string)
            assert set(np.flatnonzero(ends)) == {node.end - 1 for node in string.of(kind)}


def test_exactly_one_rule_is_the_last():
    features = [last_rule(PARENTHESES, kind) for kind in ("digit", "brackets")]
    labels = np.array([feature.labels("0(1()1(2))0") for feature in features])
    assert labels.sum(axis=0).tolist() == [1] * 11
    assert labels[1].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0]


def test_before_the_first_reduction_there_is_no_last_rule():
    labels = [last_rule(PARENTHESES, kind).labels("(1)")[0] for kind in ("digit", "brackets")]
    assert labels == [0, 0]


def test_text_and_parsed_strings_have_the_same_labels():
    string = ARITHMETIC.tree("1+2*3")
    assert isinstance(string, ParsedString)
    feature = reduced(ARITHMETIC, "product")
    assert feature.labels(string).tolist() == feature.labels("1+2*3").tolist()


def test_bad_input():
    with pytest.raises(ValueError, match="no rule of the arithmetic expression makes a 'power': choose one of brack"):
        reduced(ARITHMETIC, "power")
    with pytest.raises(ValueError, match="makes a 'sum': choose one of brackets, digit"):
        last_rule(PARENTHESES, "sum")
    with pytest.raises(ValueError, match=r"found '\)' at column 3 of '1\+\)'"):
        stack_height(ARITHMETIC, 4).labels("1+)")
