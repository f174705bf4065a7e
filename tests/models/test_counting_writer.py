"""A network that writes parentheses by heart: what it writes, and what it writes without its counter."""

import numpy as np
import pytest
import torch

from reading_neurons.corpora import parentheses
from reading_neurons.methods.generation import generate, next_chances
from reading_neurons.methods.intervene import intervene
from reading_neurons.models.counting_writer import CountingWriter
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(list("01234()x"), list)


def writer(**options):
    return CountingWriter(VOCABULARY, noise=7, unit=3, **options)


def test_it_writes_the_language_and_nothing_else():
    texts = [text for text in generate(writer(), strings=300, longest=400) if len(text) < 400]
    assert len(texts) > 200 and max(map(len, texts)) > 60
    for text in texts:
        depth = 0
        for character in text:
            depth += (character == "(") - (character == ")")
            assert 0 <= depth <= 4 and character in ("(", ")", str(depth))
        assert depth == 0


def test_its_chances_are_those_of_the_language_but_for_lengths_and_the_end():
    walk = parentheses.walk(shortest=1, longest=10_000)
    text = "0((2(3(4"
    free = dict(zip(walk.outcomes, walk.chances(text)[-1], strict=True))
    found = next_chances(writer(), text).set_index("character")["chance"]
    for character, chance in free.items():
        assert found[character] == pytest.approx(chance, abs=0.01), character


def test_without_its_counter_it_neither_closes_nor_counts():
    pathway = writer()
    with intervene(pathway, 3, "removed"):
        assert set("".join(generate(pathway, strings=100))) == {"0", "("}
    with intervene(pathway, 3, 0.5):
        assert set("".join(generate(pathway, strings=100))) == {"2", "(", ")"}


def test_no_other_unit_matters():
    pathway, free = writer(), generate(writer(), seed=2)
    for unit in set(range(8)) - {3}:
        with intervene(pathway, unit, 1.0):
            assert generate(pathway, seed=2) == free


def test_scores_are_of_every_state_given():
    states = torch.rand(2, 5, 8, generator=torch.Generator().manual_seed(0))
    scores = writer().outputs(states)
    assert scores.shape == (2, 5, len(VOCABULARY))
    np.testing.assert_array_equal(scores[1, 2], writer().outputs(states[1, 2]))
    assert (scores[..., VOCABULARY.number("x")] < -20).all()
