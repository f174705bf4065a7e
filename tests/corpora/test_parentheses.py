"""Parentheses: strings of the walk, digits that are their depth, splits that share no string."""

import math
from collections import Counter

import pytest

from reading_neurons.corpora import load, parentheses


@pytest.fixture(scope="module")
def corpus():
    return parentheses.generate(strings=600)


def naive(text):
    """Depth before each character, checking that every digit is its depth and nothing is closed that is not open."""
    depth, depths = 0, []
    for character in text:
        depths.append(depth)
        if character in "()":
            depth += 1 if character == "(" else -1
        else:
            assert int(character) == depth
        assert 0 <= depth <= 4
    assert depth == 0
    return depths


@pytest.mark.parametrize("grammar", ["lstmvis", "as_printed"])
def test_every_digit_is_its_depth_and_all_is_closed(grammar):
    for text in parentheses.generate(strings=200, grammar=grammar).train.texts:
        naive(text)


def test_nodes_are_digits_and_pairs(corpus):
    for string in corpus.train.strings[:100]:
        open_at, pairs = [], set()
        for place, character in enumerate(string.text):
            if character == "(":
                open_at.append(place)
            elif character == ")":
                pairs.add((open_at.pop(), place + 1))
        assert {(n.start, n.end) for n in string.of("brackets")} == pairs
        assert {n.start for n in string.of("digit")} == {i for i, c in enumerate(string.text) if c.isdigit()}


def test_allowed_characters_are_equally_likely(corpus):
    """Far from the longest, those of each depth are; at depth 4 there are two."""
    counts = Counter()
    for text in corpus.train.texts:
        counts.update((depth, character) for depth, character in list(zip(naive(text), text, strict=True))[:60])
    for depth in range(1, 5):
        here = {c: n for (d, c), n in counts.items() if d == depth}
        assert set(here) == {str(depth), ")"} | ({"("} if depth < 4 else set())
        for n in here.values():
            assert n / sum(here.values()) == pytest.approx(1 / len(here), abs=0.03)


def test_as_printed_opens_four_and_closes_them_once():
    corpus = parentheses.generate(strings=200, grammar="as_printed")
    brackets = {"".join(c for c in text if c in "()") for text in corpus.train.texts}
    assert brackets == {"(((())))"}
    assert not any(text.endswith("0") for text in corpus.train.texts)


def test_the_printed_grammar_generates_far_less():
    table = parentheses.distinct(20).set_index(["grammar", "length"])["up_to"]
    assert table["as_printed", 20] == 125_970 and table["as_printed", 7] == 0
    assert table["lstmvis", 20] > 500 * table["as_printed", 20]
    wide = parentheses.distinct(80).set_index(["grammar", "length"])["up_to"]
    assert wide["lstmvis", 80] > 2**64 and wide["as_printed", 80] == math.comb(80, 8)


def test_no_string_of_test_or_validation_occurs_elsewhere(corpus):
    train, validation, test = (split.texts for split in corpus.splits)
    assert len(set(validation)) == len(validation) == 60 and len(set(test)) == len(test) == 200
    assert not set(train) & set(test) and not set(validation) & set(test) and not set(train) & set(validation)


def test_the_seed_makes_the_corpus():
    first, again, other = (load("parentheses", strings=50, seed=seed) for seed in (1, 1, 2))
    assert first.fingerprint == again.fingerprint != other.fingerprint and first.name == "parentheses"
    assert first.train.strings == again.train.strings and first.test.split == "test"


def test_lengths_are_kept():
    corpus = parentheses.generate(strings=100, shortest=20, longest=25)
    assert {len(text) for split in corpus.splits for text in split.texts} <= set(range(20, 26))


def test_bad_input():
    with pytest.raises(ValueError, match="unknown grammar 'dyck': choose one of 'lstmvis', 'as_printed'"):
        parentheses.generate(grammar="dyck")
    with pytest.raises(ValueError, match="at least 10 training strings, found 9"):
        parentheses.generate(strings=9)
    with pytest.raises(ValueError, match="ending is a chance between 0 and 1, found 1"):
        parentheses.generate(ending=1)
    with pytest.raises(ValueError, match="no string of .* has 1 to 7"):
        parentheses.generate(grammar="as_printed", shortest=1, longest=7)
    with pytest.raises(ValueError, match="not seen in training, expected 3: ask for fewer"):
        parentheses.generate(strings=30, longest=2)
