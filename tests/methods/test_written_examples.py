"""A few strings with their shares, and what comes next while units are held."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons.methods.generation import generate, next_chances
from reading_neurons.methods.intervene import intervene
from reading_neurons.methods.written_examples import examples_when_held, when_units_are_held
from reading_neurons.methods.written_shares import MEASURES, shares
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.text import Vocabulary

NETWORK = CharacterLSTM(Vocabulary(list("01()"), list), units=6, seed=4).eval()
NETWORK.readout.weight.data *= 5
PATHWAY = NETWORK.pathways["character lstm"]
WEIGHTS = [1.0, -1.0, 1.0, 1.0, 1.0, 1.0]
RANKING = pd.DataFrame({"feature": "one", "unit": range(6), "score": np.linspace(1, 0, 6), "weight": WEIGHTS})


def test_strings_and_shares_are_those_of_the_units_that_are_held():
    table = examples_when_held(
        PATHWAY, RANKING, {"one": "digit"}, MEASURES["parentheses"], ks=[1, 3], shown=2, strings=30, longest=15
    )
    assert table.groupby(["choice", "k"], sort=False).size().to_dict() == {
        ("none", 0): 2, ("top", 1): 2, ("top", 3): 2, ("random", 1): 2, ("random", 3): 2,
    }  # fmt: skip
    with intervene(PATHWAY, [0, 1, 2], [1.0, -1.0, 1.0]):
        texts = generate(PATHWAY, 30, 15)
    top = table.query("choice == 'top' and k == 3")
    assert top["text"].tolist() == texts[:2]
    assert top["share"].unique().item() == shares(texts, {"digit": "[0-9]"})["share"].item()
    free = table.query("choice == 'none'")
    assert free["text"].tolist() == generate(PATHWAY, 30, 15)[:2] and free["text"].tolist() != top["text"].tolist()


def test_what_comes_next_is_read_with_the_units_held_from_the_first_character_on():
    chances, strings = when_units_are_held(PATHWAY, {"a": ([2], [1.0]), "b": ([0, 3], [-1.0, 0.5])}, "(1", longest=12)
    assert chances["setting"].unique().tolist() == strings["setting"].unique().tolist() == ["a", "b"]
    assert chances["character"].tolist() == ["(", ")", "0", "1", "</s>"] * 2
    with intervene(PATHWAY, [0, 3], [-1.0, 0.5]):
        held = next_chances(PATHWAY, "(1").set_index("character")["chance"]
        texts = generate(PATHWAY, 4, 10, start="(1")
    rows = chances[chances["setting"] == "b"].set_index("character")
    np.testing.assert_allclose(rows["held"], held[rows.index])
    np.testing.assert_allclose(rows["free"], next_chances(PATHWAY, "(1").set_index("character")["chance"][rows.index])
    assert strings.query("setting == 'b'")["held"].tolist() == texts
    assert strings["free"].tolist() == generate(PATHWAY, 4, 10, start="(1") * 2
    assert max(map(len, texts)) <= 12


def test_no_unit_held_changes_nothing():
    chances, strings = when_units_are_held(PATHWAY, {"none": ([], [])}, "0")
    np.testing.assert_allclose(chances["held"], chances["free"])
    assert strings["held"].tolist() == strings["free"].tolist()


def test_of_many_characters_the_likely_ones_are_kept():
    chances, _ = when_units_are_held(PATHWAY, {"a": ([2], [1.0])}, characters=2)
    best = chances[["free", "held"]].max(axis=1)
    every, _ = when_units_are_held(PATHWAY, {"a": ([2], [1.0])})
    assert len(chances) == 2 and best.min() >= every[["free", "held"]].max(axis=1).nlargest(2).min()


def test_what_cannot_be_held_is_said():
    with pytest.raises(ValueError, match="at least one setting"):
        when_units_are_held(PATHWAY, {})
    with pytest.raises(ValueError, match="no unit 6"):
        when_units_are_held(PATHWAY, {"a": ([6], [1.0])})
    with pytest.raises(ValueError, match="does not know 'x'"):
        when_units_are_held(PATHWAY, {"a": ([1], [1.0])}, "x")
