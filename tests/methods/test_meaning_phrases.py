"""Lists of phrases, and their controls: as long, and planted to be neutral."""

import numpy as np
import pytest

from reading_neurons.corpora import polarity
from reading_neurons.corpora.polarity_lexicon import NEGATORS, STRENGTH
from reading_neurons.methods import meaning_phrases as phrases
from reading_neurons.text import Vocabulary, treebank_tokenize


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.of(polarity.generate().train.tokens, 1, treebank_tokenize)


def test_every_control_is_as_long_and_says_nothing(vocabulary):
    for pairs in (phrases.negations(vocabulary), phrases.clauses(vocabulary)):
        for row in pairs.itertuples():
            assert len(row.control.split()) == len(row.modified.split()), row.control
            added = set(row.control.split()) - set(row.base.split())
            assert added and not added & {*NEGATORS, *STRENGTH}


def test_all_words_of_the_generated_world_are_denied(vocabulary):
    pairs = phrases.negations(vocabulary)
    assert len(pairs) == len(polarity.modified("negation"))
    assert (np.sign(pairs["base_value"]) == pairs["sign"]).all() and set(pairs["sign"]) == {1, -1}


def test_clauses_have_the_opposite_sign(vocabulary):
    pairs = phrases.clauses(vocabulary)
    assert len(pairs) > 300 and (pairs["modified_value"] * pairs["sign"] <= pairs["base_value"] * pairs["sign"]).all()
    assert phrases.simple(pairs, 1)[0] == "i adore the movie"


def test_what_is_unknown_is_left_out():
    few = Vocabulary(["good", "bad", "not", "is", "never"], treebank_tokenize)
    assert phrases.negations(few)["modified"].tolist() == ["not good", "not bad"]
    assert phrases.figure_words(few, ["soup"])["group"].tolist() == [
        "positive", "not + positive", "negative", "not + negative",
    ]  # fmt: skip
    assert phrases.ends(few) == (["good"], ["bad"])
    with pytest.raises(ValueError, match="knows none of"):
        phrases.clauses(few)
    with pytest.raises(ValueError, match="no positive or no negative adjective"):
        phrases.ends(Vocabulary(["good"]))


def test_figures_have_their_groups(vocabulary):
    words, clauses = phrases.figure_words(vocabulary, ["soup", "plot"]), phrases.figure_clauses(vocabulary)
    assert words["group"].value_counts()[["positive", "not + negative", "random word"]].tolist() == [10, 6, 2]
    assert not words["phrase"].duplicated().any() and not clauses["phrase"].duplicated().any()
    simple = clauses[clauses["phrase"] == clauses["base"]]
    assert set(simple["group"]) == {"positive sentence", "negative sentence"}
    assert set(clauses["base"]) == set(simple["phrase"])


def test_neutral_phrases_stand_below(vocabulary):
    pairs = phrases.with_neutral(phrases.negations(vocabulary), ["soup", "zebra"], vocabulary)
    assert pairs.iloc[-1][["head", "base", "sign"]].tolist() == ["soup", "soup", 0] and (pairs["sign"] == 0).sum() == 1
