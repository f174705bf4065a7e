"""Trees in brackets: what is written is what was read, and what is no tree is named by its column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.corpora.trees import Constituent, Tree, TreeCorpus, Trees

words = st.text("aB'-\u00a0\t\u2028\u00e9", min_size=1, max_size=4)
labels = st.integers(0, 4)
leaves = st.tuples(labels, words)
nested = st.recursive(leaves, lambda parts: st.tuples(labels, st.lists(parts, min_size=1, max_size=4)), max_leaves=20)


def brackets(node):
    """A nested tree as text, by recursion."""
    label, inside = node
    return f"({label} {inside if isinstance(inside, str) else ' '.join(map(brackets, inside))})"


def constituents(node, start=0):
    """Words and labelled spans of a nested tree, by recursion: each constituent before its parts."""
    label, inside = node
    if isinstance(inside, str):
        return [inside], [(start, start + 1, label)]
    words, spans = [], []
    for part in inside:
        more, below = constituents(part, start + len(words))
        words, spans = words + more, spans + below
    return words, [(start, start + len(words), label), *spans]


@given(nested)
def test_any_tree_is_read_as_recursion_reads_it_and_written_as_it_was(node):
    text = brackets(node)
    tree = Tree.parse(text)
    words, spans = constituents(node)
    assert list(tree.words) == words and list(tree.constituents) == spans
    assert str(tree) == text
    assert tree.label == node[0]


@given(nested, st.integers(1, 3))
def test_more_spaces_than_needed_do_no_harm(node, more):
    text = brackets(node)
    spaced = text.replace(")", " " * more + ")").replace(" (", " " * more + "(")
    assert Tree.parse(f"  {spaced} ") == Tree.parse(text)


def test_a_no_break_space_does_not_end_a_word():
    tree = Tree.parse("(2 (2 8\u00a01\\/2) (2 \u00a0) (2 women))")
    assert tree.words == ("8\u00a01\\/2", "\u00a0", "women")


def test_brackets_may_hold_words_beside_constituents():
    tree = Tree.parse("(3 a (4 fine) film)")
    assert tree.words == ("a", "fine", "film") and tree.constituents == ((0, 3, 3), (1, 2, 4))
    assert str(tree) == "(3 a (4 fine) film)"


@pytest.mark.parametrize("shape", ["chain", "left", "right"])
def test_deep_trees_do_not_run_out_of_stack(shape):
    deep = 5000
    text = {
        "chain": "(2 " * deep + "a" + ")" * deep,
        "left": "(2 " * deep + "(3 a)" + " (1 b))" * deep,
        "right": "(2 (1 b) " * deep + "(3 a)" + ")" * deep,
    }[shape]
    tree = Tree.parse(text)
    assert str(tree) == text
    assert len(tree.words) == (1 if shape == "chain" else deep + 1)
    assert len(tree.constituents) == (deep if shape == "chain" else 2 * deep + 1)


@pytest.mark.parametrize("text, column, found", [
    ("", 1, "found no bracket"),
    ("a film", 1, "the word 'a' outside of every bracket"),
    ("(2 (2 a) (3 film)", 18, "found 1 open brackets at the end"),
    ("(2 a))", 6, "found a closing bracket too many"),
    ("(2 a) (3 b)", 7, "found a second tree behind the first"),
    ("(2 a) b", 7, "the word 'b' outside"),
    ("(2 a)\u00a0", 6, r"the word '\\xa0' outside"),
    ("(5 a)", 2, "found the label '5', expected a label from 0 to 4"),
    ("(fine film)", 2, "found the label 'fine'"),
    ("( 2 a)", 2, "found the label ' '"),
    ("(2 (3 ) a)", 7, "found a constituent without a word"),
    ("((2 a))", 2, r"found the label '\('"),
    ("(", 2, "found no bracket"),
])  # fmt: skip
def test_what_is_no_tree_is_named_by_its_column(text, column, found):
    with pytest.raises(ValueError, match=rf"^column {column}: .*{found}"):
        Tree.parse(text)


@given(st.text("()0123 a", max_size=12))
def test_any_text_is_a_tree_or_an_error_within_it(text):
    try:
        tree = Tree.parse(text)
    except ValueError as error:
        column = int(str(error).removeprefix("column ").split(":")[0])
        assert 1 <= column <= len(text) + 1
    else:
        assert Tree.parse(str(tree)) == tree
        assert tree.constituents[0][:2] == (0, len(tree.words))


def trees(*lines, weights=None):
    return Trees("made up", "train", tuple(map(Tree.parse, lines)), weights)


def test_networks_read_lower_case_and_every_constituent():
    split = trees("(3 (2 A) (4 Fine))", "(0 Bad)")
    assert len(split) == 2 and split.tokens == (("a", "fine"), ("bad",))
    assert split.trees[0].words == ("A", "Fine")
    assert split.labels.tolist() == [3, 0]
    assert list(split.phrases()) == [(("a", "fine"), 3), (("a",), 2), (("fine",), 4), (("bad",), 0)]


def test_some_sentences_keep_their_order_and_their_weights():
    weights = tuple(np.full(1, place) for place in range(3))
    split = trees("(0 a)", "(1 b)", "(2 c)", weights=weights)
    assert split.tokens == (("a",), ("b",), ("c",))
    taken = split.take([2, 0, 0])
    assert taken.tokens == (("c",), ("a",), ("a",)) and taken.labels.tolist() == [2, 0, 0]
    assert [array.item() for array in taken.weights] == [2, 0, 0]
    assert trees("(0 a)").take(np.array([0])).weights is None


def corpus(*lines, name="made up"):
    return TreeCorpus(name, *(trees(line) for line in lines))


def test_the_fingerprint_follows_words_labels_and_splits():
    base = corpus("(0 a)", "(1 b)", "(2 c)")
    assert base.fingerprint == corpus("(0  a )", "(1 b)", "(2 c)").fingerprint
    others = [
        corpus("(0 A)", "(1 b)", "(2 c)"),
        corpus("(1 a)", "(1 b)", "(2 c)"),
        corpus("(0 (0 a))", "(1 b)", "(2 c)"),
        corpus("(1 b)", "(0 a)", "(2 c)"),
        corpus("(0 a)", "(1 b)", "(2 c)", name="another"),
    ]
    assert len({base.fingerprint, *(other.fingerprint for other in others)}) == 6


def test_a_constituent_has_names():
    assert Tree.parse("(3 (2 a) (4 b))").constituents[2] == Constituent(start=1, end=2, label=4)
