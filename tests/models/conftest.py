"""A treebank and a corpus of strings, small enough to be read at a glance."""

import pytest

from reading_neurons.corpora.strings import Node, ParsedString, StringCorpus, Strings
from reading_neurons.corpora.trees import Tree, TreeCorpus, Trees

GRADES = {"awful": 0, "bad": 1, "good": 3, "superb": 4}
NOUNS = ("film", "plot", "cast", "score", "end")


def treebank(name="toy"):
    """Every adjective with every noun; "plain" is neutral; the test split has a word that training never met."""
    trees = [
        Tree.parse(f"({label} (2 a) ({label} ({label} {word}) (2 {noun})))")
        for word, label in {**GRADES, "plain": 2}.items()
        for noun in NOUNS
    ]
    unknown = Tree.parse("(3 (2 a) (3 (3 good) (2 Soundtrack)))")
    return TreeCorpus(
        name,
        Trees(name, "train", tuple(trees)),
        Trees(name, "validation", tuple(trees[::2])),
        Trees(name, "test", (*trees[1::2], unknown)),
    )


@pytest.fixture(scope="session")
def trees():
    return treebank()


def brackets(name="toy"):
    """Brackets around a digit, as deep as the digit says."""
    strings = []
    for depth in range(1, 5):
        nodes = tuple(Node("brackets", level, 2 * depth + 1 - level) for level in range(depth))
        strings.append(ParsedString("(" * depth + str(depth) + ")" * depth, (*nodes, Node("digit", depth, depth + 1))))
    return StringCorpus(name, *(Strings(name, split, tuple(strings)) for split in ("train", "validation", "test")))


@pytest.fixture(scope="session")
def strings():
    return brackets()
