"""The ten types of syntax of C, against what a reader would mark by hand, and against a loop over tokens."""

import numpy as np
import pytest

from reading_neurons.corpora import tiny_c
from reading_neurons.corpora.c_syntax import parse, tokens
from reading_neurons.features import c_code
from reading_neurons.features.feature import Feature

TEXT = 'int f(int a) { int b = 10; for (b = 0; b < a; b++) if (a) g("x", (b)); return b; }'
MARKED = {
    "terminator": "; ; ;",
    "constant": '10 0 "x"',
    "identifier": "f a b b b a b a g b b",
    "parentheses": '(int a) (b = 0; b < a; b++) (a) ("x", (b))',
    "call": 'g("x", (b))',
    "declaration": "int a int b = 10",
    "conditional": 'if (a) g("x", (b));',
    "loop": 'for (b = 0; b < a; b++) if (a) g("x", (b));',
    "braces": '{ int b = 10; for (b = 0; b < a; b++) if (a) g("x", (b)); return b; }',
    "function head": "int f(int a)",
}


@pytest.fixture(scope="module")
def library():
    return c_code.c_code()


@pytest.fixture(scope="module")
def functions():
    return tiny_c.generate(60, seed=3).train.items


def test_ten_types_from_simple_to_complex(library):
    assert len(c_code.TYPES) == 10 and len(library) == 22
    assert [kind.name for kind in c_code.TYPES][0] == "terminator"
    assert all(feature.description for feature in library)


@pytest.mark.parametrize("name", [kind.name for kind in c_code.TYPES])
def test_what_a_reader_would_mark(library, name):
    labels = library[f"{name}, range"].labels(parse(TEXT))
    found = "".join(character if label else " " for character, label in zip(TEXT, labels, strict=True))
    assert found.split() == MARKED[name].split()


def test_impulses_are_where_ranges_begin_and_end(library, functions):
    """For types that neither touch nor contain one another, the impulse is the edge of the range."""
    for name in ("terminator", "constant", "function head"):
        for function in functions:
            inside = library[f"{name}, range"].labels(function)
            before, after = np.r_[0, inside[:-1]], np.r_[inside[1:], 0]
            edges = inside * np.maximum(1 - before, 1 - after)
            assert library[f"{name}, impulse"].labels(function).tolist() == edges.tolist()


def test_braces_and_parentheses_against_a_count_of_tokens(library, functions):
    for function in functions:
        depth, opened = np.zeros(len(function)), np.zeros(len(function))
        braces = brackets = 0
        kinds = {start: kind for kind, start, _ in tokens(function.text)}
        for place in range(len(function)):
            kind = kinds.get(place)
            braces += kind == "LBRACE"
            brackets += (kind == "LPAREN") - (kind == "RPAREN")
            depth[place], opened[place] = braces, brackets
            braces -= kind == "RBRACE"
        assert np.allclose(library["braces, depth"].labels(function) * c_code.MOST_BRACES, np.minimum(depth, 4))
        assert np.allclose(library["parentheses, open"].labels(function) * 4, np.minimum(opened, 4))
        assert (library["braces, range"].labels(function) == (depth > 0)).all()


def test_no_feature_is_constant_on_functions(library, functions):
    labels = library.labels(functions)
    assert ((labels.min(axis=1) == 0) & (labels.max(axis=1) > 0)).all()


def test_features_combine_with_others(library):
    both = library["conditional, range"] & ~library["call, range"]
    assert both.labels(parse(TEXT)).sum() == len("if (a) ;")
    spaces = Feature("space", "a space", lambda item: [c == " " for c in item.text])
    assert (library + [spaces]).names[-1] == "space"
