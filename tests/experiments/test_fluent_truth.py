"""The grammar that judges n-grams, and the checks that do not depend on training."""

import pytest

from reading_neurons.corpora import scenes
from reading_neurons.experiments.fluent_truth import Grammar, _planted, _silencing, word_class
from reading_neurons.models import Imaginet
from reading_neurons.neurons import output
from reading_neurons.text import Vocabulary

CORPUS = scenes.generate(scenes=1200)
GRAMMAR = Grammar(CORPUS.train)


@pytest.mark.parametrize("words", ["there is a dog chasing", "two dogs are chasing a", "a dog is sitting on", "a dog and an owl"])
def test_what_the_grammar_writes_is_allowed(words):
    assert GRAMMAR.allows(words)


@pytest.mark.parametrize("words", ["an dog is chasing a", "two dog are chasing a", "dog dog dog dog dog", "there a boats boats and", "a a a a a", "is unheard is a dog"])
def test_what_it_does_not_write_is_not(words):
    assert not GRAMMAR.allows(words)


def test_it_does_not_look_at_which_noun_or_verb_stands_there():
    """A sequence that no caption holds in these very words."""
    lines = {" ".join(words) for words in CORPUS.train.tokens}
    assert not any("penguin is dragging a kite" in line for line in lines)
    assert GRAMMAR.allows("penguin is dragging a kite")
    assert not GRAMMAR.allows("penguin is sleeping a kite")


def test_nearly_all_unseen_captions_are_allowed():
    whole = Grammar(scenes.generate().train)
    found = [
        whole.allows(" ".join(words[at : at + 5])) for words in CORPUS.test.tokens[:300] for at in range(len(words) - 4)
    ]
    assert sum(found) / len(found) > 0.85


def test_classes_tell_apart_what_the_grammar_does():
    assert word_class("a", "DT") != word_class("an", "DT") and word_class("owl", "NN") != word_class("dog", "NN")
    assert word_class("these", "DT") != word_class("this", "DT") and word_class("his", "PRP$") == word_class(
        "the", "DT"
    )
    assert word_class("is", "VBZ") == word_class("was", "VBD") != word_class("were", "VBD")
    assert word_class("chasing", "VBG") != word_class("sleeping", "VBG")


def test_silencers_of_detectors_are_what_was_planted():
    assert [check.holds for check in _silencing(Vocabulary.of(CORPUS.train.tokens))] == [True, True]


def test_a_planted_word_counts_in_either_number():
    pathway = Imaginet(Vocabulary(["dog"]), ["object:dog", "object:mouse"], embedding=4, units=4).pathways["visual"]
    neurons = [output(pathway, 0), output(pathway, 1)]
    check = _planted("", neurons, ["a dog and a cat", "two mice are on a"], 0.9, 1.0)
    assert check.value == 1 and check.holds
    check = _planted("", neurons, ["a cat and a cat", "two cats are on a"], 0.9, 1.0)
    assert check.value == 0 and not check.holds
