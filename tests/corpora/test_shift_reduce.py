"""The parser: trees as Python's own parser makes them, the paper's example, and errors that name the column."""

import ast

import numpy as np
import pytest

from reading_neurons.corpora import arithmetic
from reading_neurons.corpora.shift_reduce import ARITHMETIC, PARENTHESES, Grammar, Rule

OPERATIONS = {ast.Add: "sum", ast.Sub: "difference", ast.Mult: "product", ast.Div: "quotient"}


def spans(grammar, text):
    return [(node.kind, text[node.start : node.end]) for node in grammar.parse(text).nodes]


def by_python(text):
    """The operations and digits of an expression with what they cover, as Python reads them.

    Python's nodes know nothing of the parentheses around them; an operation reaches from its left operand's opening
    parenthesis to its right operand's closing one.
    """
    found = set()

    def visit(node):
        if isinstance(node, ast.Constant):
            found.add(("digit", node.col_offset, node.end_col_offset))
            return
        visit(node.left), visit(node.right)
        found.add((OPERATIONS[type(node.op)], node.col_offset, node.end_col_offset))

    visit(ast.parse(text, mode="eval").body)
    return found


def test_trees_of_arithmetic_are_those_of_python():
    walk, rng = arithmetic.walk(), np.random.default_rng(0)
    for _ in range(200):
        text = walk.draw(rng)
        ours = ARITHMETIC.parse(text).nodes
        assert {tuple(node) for node in ours if node.kind != "brackets"} == by_python(text)
        assert sum(node.kind == "brackets" for node in ours) == text.count("(")
        assert all((text[n.start], text[n.end - 1]) == ("(", ")") for n in ours if n.kind == "brackets")


def test_equal_operators_are_read_from_left_to_right():
    assert spans(ARITHMETIC, "1-2+3")[:2] == [("sum", "1-2+3"), ("difference", "1-2")]
    assert spans(ARITHMETIC, "1+2*3/4")[:4] == [
        ("sum", "1+2*3/4"), ("digit", "1"), ("quotient", "2*3/4"), ("product", "2*3"),
    ]  # fmt: skip


def test_the_papers_example():
    parse = ARITHMETIC.parse("((1+2))")
    assert [(n.kind, n.start, n.end) for n in parse.nodes] == [
        ("brackets", 0, 7), ("brackets", 1, 6), ("sum", 2, 5), ("digit", 2, 3), ("digit", 4, 5),
    ]  # fmt: skip
    assert parse.heights == (1, 2, 3, 4, 5, 4, 3)
    assert parse.reduced == ((), (), ("digit",), (), ("digit", "sum"), ("brackets",), ("brackets",))


def test_parentheses_make_nodes_of_digits_and_pairs():
    assert spans(PARENTHESES, "0(1()1)0") == [
        ("digit", "0"), ("brackets", "(1()1)"), ("digit", "1"), ("brackets", "()"), ("digit", "1"), ("digit", "0"),
    ]  # fmt: skip


def test_the_stack_of_parentheses_grows_with_depth_alone():
    heights = PARENTHESES.parse("0000(1111(2222)1111)00").heights
    assert max(heights[:4]) == 2 and max(heights[5:9]) == 4 and max(heights[10:14]) == 6 and heights[-1] == 2


@pytest.mark.parametrize(
    ("grammar", "text", "message"),
    [
        (ARITHMETIC, "1+", r"found 'the end' at column 3 of '1\+', expected '\(' or 'digit'"),
        (ARITHMETIC, "(1", r"found 'the end' at column 3 of '\(1', expected '\)' or"),
        (ARITHMETIC, "1)", r"found '\)' at column 2 of '1\)', expected '\*' or .* or 'the end'"),
        (ARITHMETIC, "12", "found '2' at column 2"),
        (ARITHMETIC, "1+x", "found 'x' at column 3"),
        (ARITHMETIC, "", "found 'the end' at column 1 of ''"),
        (PARENTHESES, "(1))", r"found '\)' at column 4 of '\(1\)\)', expected '\(' or '0' or 'the end'"),
        (PARENTHESES, "(0)", r"found '0' at column 2 of '\(0\)', expected '\(' or '\)' or '1'"),
        (PARENTHESES, "((((()))))", r"found '\(' at column 5 .*, expected '\)' or '4'"),
    ],
)
def test_what_does_not_follow_the_rules(grammar, text, message):
    with pytest.raises(ValueError, match=message):
        grammar.parse(text)


def test_rules_that_leave_it_open_say_so():
    unclear = Grammar("toy", (Rule("sum", "e", ("e", "+", "e")), Rule("digit", "e", ("1",))))
    with pytest.raises(ValueError, match="Say how tightly the operators bind"):
        unclear.parse("1+1+1")
    twice = Grammar("toy", (Rule("a", "e", ("1",)), Rule("b", "e", ("1",))))
    with pytest.raises(ValueError, match="leave open which to reduce"):
        twice.parse("1")
