"""Sentences that were written for the book."""

import pytest

from reading_neurons.corpora import DataError
from reading_neurons.corpora.written import SENTENCES, written
from reading_neurons.widgets.sentence import unreadable


def test_each_is_a_caption_of_its_own_without_a_scene():
    captions = written()
    assert captions.texts == SENTENCES and captions.scenes is None
    assert captions.image.tolist() == list(range(len(SENTENCES)))


def test_all_of_them_can_be_read_and_differ():
    assert not any(unreadable(text) for text in SENTENCES)
    assert len(set(SENTENCES)) == len(SENTENCES) >= 25


def test_the_first_of_them_are_plain_and_negations_are_among_them():
    words = {word for sentence in written().tokens for word in sentence}
    assert {"no", "not", "without", "two", "three"} <= words


def test_ones_own_sentences_can_be_given():
    assert written(["A  dog.", "..."]).texts == ("A dog.",)
    with pytest.raises(DataError, match="expected captions with at least one word"):
        written(["..."])
