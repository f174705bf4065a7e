"""Features of the text itself."""

import re

import pytest

from reading_neurons.corpora.strings import Node, ParsedString
from reading_neurons.features import Library
from reading_neurons.features.text import characters, control, digit_value, pattern, signs_of
from reading_neurons.features.words import TaggedSentence

PARSED = ParsedString("(12)", (Node("brackets", 0, 4),))
SENTENCE = TaggedSentence(("a", "dog"), ("DT", "NN"), ("det", "ROOT"))


def test_a_pattern_labels_all_of_every_match():
    text = "int f(int x) { return x; }"
    labels = pattern(r"\bint\b").labels(text)
    expected = [0.0] * len(text)
    for match in re.finditer(r"\bint\b", text):
        expected[match.start() : match.end()] = [1.0] * 3
    assert labels.tolist() == expected and labels.sum() == 6
    assert pattern("[0-9]+").labels(PARSED).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("empty", ["", "z*", "(?=1)"])
def test_empty_matches_label_nothing(empty):
    assert pattern(empty).labels(PARSED).sum() == 0


@pytest.mark.parametrize("broken", ["(", "[a", "*", "(?P<x"])
def test_no_regular_expression(broken):
    with pytest.raises(ValueError, match="which is no regular expression"):
        pattern(broken)


def test_a_pattern_is_not_for_sentences_of_words():
    with pytest.raises(ValueError, match="found TaggedSentence: for captions take features.words"):
        pattern("a").labels(SENTENCE)


def test_sets_of_characters_and_digits():
    assert characters("()").labels(PARSED).tolist() == [1, 0, 0, 1]
    assert digit_value().labels(PARSED).tolist() == pytest.approx([0, 1 / 9, 2 / 9, 0])
    assert digit_value().labels("9a").tolist() == [1, 0]
    with pytest.raises(ValueError, match="at least one character"):
        characters("")


def test_a_control_is_of_types_and_of_half_of_them():
    alphabet = "abcdefghij"
    drawn = [control(alphabet, seed=seed).labels(alphabet * 2) for seed in range(20)]
    assert all(labels[:10].tolist() == labels[10:].tolist() and labels.sum() == 10 for labels in drawn)
    assert len({tuple(labels) for labels in drawn}) > 15
    assert control(alphabet, share=0.01).labels(alphabet).sum() == 1
    assert control(["a", "dog"]).labels(SENTENCE).sum() == 1
    assert len(Library([control(alphabet, seed=1), control(alphabet, seed=2)])) == 2


def test_a_control_needs_types_to_choose_among():
    with pytest.raises(ValueError, match="at least 2 types of characters, found 1"):
        control("aaa")
    with pytest.raises(ValueError, match="between 0 and 1, found 1"):
        control("ab", share=1)


def test_signs():
    assert signs_of(PARSED) == "(12)" and signs_of("ab") == "ab" and signs_of(SENTENCE) == ("a", "dog")
    with pytest.raises(ValueError, match="found int"):
        signs_of(3)
