"""Strings with their trees: spans, kinds, parts of a split."""

import numpy as np
import pytest

from reading_neurons.corpora.strings import Node, ParsedString, StringCorpus, Strings


def string(text, *nodes):
    return ParsedString(text, tuple(Node(*node) for node in nodes))


@pytest.fixture
def split():
    nested = string("(1)", ("brackets", 0, 3), ("digit", 1, 2))
    flat = string("00", ("digit", 0, 1), ("digit", 1, 2))
    return Strings("toy", "train", (nested, flat, string("()", ("brackets", 0, 2))))


def test_nodes_of_a_kind_come_in_order():
    made = string("(1)2", ("brackets", 0, 3), ("digit", 1, 2), ("digit", 3, 4))
    assert [node.start for node in made.of("digit")] == [1, 3] and not list(made.of("sum"))
    assert made.kinds == ("brackets", "digit") and len(made) == 4


@pytest.mark.parametrize(
    "nodes",
    [
        [("digit", 1, 3)],
        [("digit", -1, 1)],
        [("brackets", 0, 1), ("digit", 0, 2)],
        [("digit", 1, 2), ("brackets", 0, 2)],
        [("digit", 1, 0)],
    ],
)
def test_a_node_outside_of_its_place_is_refused(nodes):
    with pytest.raises(ValueError, match="expected it inside of .*: give nodes root first, each before its parts"):
        string("12", *nodes)


def test_nodes_of_nothing_and_on_the_same_characters_are_allowed():
    assert string("1", ("sum", 0, 1), ("digit", 0, 1), ("empty", 1, 1)).kinds == ("digit", "empty", "sum")


def test_a_split_knows_its_texts_characters_and_kinds(split):
    assert split.texts == ("(1)", "00", "()") and split.tokens[0] == ("(", "1", ")")
    assert split.kinds == {"digit": 3, "brackets": 2} and list(split.kinds) == ["digit", "brackets"]
    assert split.items is split.strings and split.groups.tolist() == [0, 1, 2]


def test_some_of_a_split_in_the_order_given(split):
    taken = split.take(np.array([2, 0]))
    assert taken.texts == ("()", "(1)") and taken.split == "train" and taken.groups.tolist() == [0, 1]
    with pytest.raises(IndexError):
        split.take([3])


def test_the_fingerprint_follows_the_texts_their_borders_and_their_split(split):
    corpus = StringCorpus("toy", split, split.take([0]), split.take([1]))
    again = StringCorpus("toy", split, split.take([0]), split.take([1]))
    joined = Strings("toy", "train", (string("(1)00"), string("()")))
    others = [
        StringCorpus("other", split, split.take([0]), split.take([1])),
        StringCorpus("toy", split.take([0, 1]), split.take([2, 0]), split.take([1])),
        StringCorpus("toy", joined, split.take([0]), split.take([1])),
    ]
    assert corpus.fingerprint == again.fingerprint and corpus.fingerprint not in {o.fingerprint for o in others}
    assert len(corpus.splits) == 3 and corpus.skipped == {}
