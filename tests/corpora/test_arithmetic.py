"""Arithmetic: Python can compute every string, and chances are as asked for."""

import re

import pytest

from reading_neurons.corpora import arithmetic, load


@pytest.fixture(scope="module")
def corpus():
    return arithmetic.generate(strings=1500)


def test_python_can_read_every_string(corpus):
    for text in corpus.train.texts[:300]:
        compile(text, "string", "eval")
        assert re.fullmatch(r"[0-9+\-*/()]{5,80}", text) and not re.search(r"\d\d", text)


def test_chances_are_those_asked_for():
    free = arithmetic.generate(strings=1500, shortest=1, longest=200, nesting=0.2, more=0.5, deepest=6)
    texts = "".join(f"{text};" for text in free.train.texts)
    operands = sum(c.isdigit() or c == "(" for c in texts)
    after = sum(c in "+-*/" for c in texts)
    assert texts.count("(") / operands == pytest.approx(0.2, abs=0.02)
    assert after / operands == pytest.approx(0.5, abs=0.02)
    for characters in ("0123456789", "+-*/"):
        counts = [texts.count(character) for character in characters]
        assert min(counts) > 0.75 * sum(counts) / len(counts)


def test_no_more_parentheses_are_open_than_allowed():
    texts = arithmetic.generate(strings=300, deepest=2).train.texts
    deepest = max(text[:place].count("(") - text[:place].count(")") for text in texts for place in range(len(text)))
    assert deepest == 2


def test_kinds_and_name(corpus):
    assert set(corpus.train.kinds) == {"digit", "brackets", "sum", "difference", "product", "quotient"}
    assert corpus.name == "arithmetic" and [len(split) for split in corpus.splits] == [1500, 150, 500]


def test_operations_cover_their_operands_and_brackets(corpus):
    operators = {"sum": "+", "difference": "-", "product": "*", "quotient": "/"}
    for string in corpus.test.strings[:100]:
        for kind, operator in operators.items():
            spans = [string.text[n.start : n.end] for n in string.of(kind)]
            assert len(spans) == string.text.count(operator)
            assert all(span.count("(") == span.count(")") and operator in span for span in spans)


def test_the_seed_makes_the_corpus():
    first, again, other = (load("arithmetic", strings=50, seed=seed) for seed in (1, 1, 2))
    assert first.fingerprint == again.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"more": 1.0}, "more is a chance between 0 and 1, found 1.0"),
        ({"nesting": 0}, "nesting is a chance between 0 and 1, found 0"),
        ({"deepest": -1}, "deepest is a number of open parentheses"),
        ({"shortest": 2, "longest": 2}, "no string of 'arithmetic' has 2 to 2 characters"),
        ({"strings": 5}, "at least 10 training strings"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(ValueError, match=message):
        arithmetic.generate(**options)
