"""Negated constituents and opposed clauses, in trees written by hand and in all of a generated treebank."""

import numpy as np
import pytest

from reading_neurons.corpora import polarity
from reading_neurons.corpora.polarity_meaning import THRESHOLDS
from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.methods.treebank_pairs import negated_constituents, neutral_words, opposed_clauses, scaled


def trees(*lines):
    return Trees("own", "own", tuple(map(Tree.parse, lines)))


@pytest.fixture(scope="module")
def generated():
    return polarity.generate(sentences=600).train


def test_a_comma_before_the_connective_belongs_to_neither():
    both = "(1 (3 (3 (2 it) (3 (2 looks) (3 fine))) (2 ,)) (1 (2 but) (1 (2 it) (1 (2 is) (1 dull)))))"
    table = opposed_clauses(trees(both, both.replace(",", ";").replace("but", "though")))
    assert table[["base", "second", "connective"]].values.tolist() == [
        ["it looks fine", "it is dull", "but"], ["it looks fine", "it is dull", "though"],
    ]  # fmt: skip
    assert table["modified"][0] == "it looks fine , but it is dull" and table["sign"].tolist() == [1, 1]


def test_what_does_not_oppose_two_clauses_is_left_out():
    same = "(3 (3 (2 it) (3 (2 looks) (3 fine))) (3 (2 but) (3 (2 it) (3 (2 is) (3 nice)))))"
    short = "(2 (3 fine) (1 (2 but) (1 dull)))"
    unsplit = "(1 (3 (2 it) (3 (2 looks) (3 fine))) (1 (2 (2 but) (2 it)) (1 (2 is) (1 dull))))"
    assert opposed_clauses(trees(same, short, unsplit)).empty


def test_every_negator_before_a_polar_constituent_is_found(generated):
    expected = []
    for number, (tree, words) in enumerate(zip(generated.trees, generated.tokens, strict=True)):
        labels = {}
        for start, end, label in tree.constituents:
            labels.setdefault((start, end), label)
        for (start, end), label in labels.items():
            denied = labels.get((start + 1, end), 2)
            if words[start] in ("not", "n't", "never", "hardly") and denied != 2:
                expected.append((number, start, end, denied, label))
    table = negated_constituents(generated)
    assert len(expected) > 50
    found = table[["sentence", "start", "end", "base_label", "modified_label"]].itertuples(index=False, name=None)
    assert sorted(found) == sorted(expected)
    assert (table["modified"].str.split().str[1:].str.join(" ") == table["base"]).all()


def test_planted_rules_show_in_the_labels(generated):
    denied = negated_constituents(generated)
    # What is positive becomes negative, what is negative no more than neutral.
    assert (denied.loc[denied["sign"] > 0, "modified_label"] <= 2).all()
    assert (denied.loc[denied["sign"] < 0, "modified_label"] <= 2).all() and THRESHOLDS[2] > 0.15
    opposed = opposed_clauses(generated)
    assert set(opposed["connective"]) == {"but", "though", "although"} and len(opposed) > 50
    middle = (opposed["base_label"] + opposed["second_label"]) / 2
    assert (opposed["modified_label"] - middle).mean() < -0.2


def test_neutral_words_are_neutral_wherever_they_stand(generated):
    words = neutral_words(generated, 15)
    assert len(words) == 15 and words != neutral_words(generated, 15, seed=1)
    labels = {}
    for phrase, label in generated.phrases():
        if len(phrase) == 1:
            labels.setdefault(phrase[0], set()).add(label)
    assert all(labels[word] == {2} for word in words)
    assert not {"very", "not", "the"} & set(neutral_words(generated, 200))


def test_labels_are_scaled():
    assert scaled(np.array([0, 1, 2, 3, 4])).tolist() == [-1, -0.5, 0, 0.5, 1]
