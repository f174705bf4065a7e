"""What a network writes: against a loop over one string, and the chances it is drawn with."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.generation import generate, next_chances
from reading_neurons.methods.intervene import intervene
from reading_neurons.models import LSTM, LanguageModel
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.text import SPECIALS, Vocabulary

NETWORK = CharacterLSTM(Vocabulary(list("()012"), list), units=6, seed=4).eval()


def pathway(sharper=1.0):
    network = CharacterLSTM(NETWORK.vocabulary, units=6, seed=4).eval()
    network.readout.weight.data *= sharper
    return network.pathways["character lstm"]


@torch.no_grad()
def naive(network, longest, temperature, draws, held=()):
    """One string, its state carried by torch's own cell."""
    cell = torch.nn.LSTMCell(len(network.vocabulary), network.cell.units)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in network.cell.lstm.state_dict().items()})
    state, number, text = (torch.zeros(1, 6), torch.zeros(1, 6)), 1, ""
    for place in range(longest):
        shown, kept = cell(network.one_hot[number][None], state)
        for unit, value in held:
            shown[0, unit] = value
        state = shown, kept
        weights = (network.readout(shown)[0].double() / temperature).exp().numpy()
        weights[[0, 1, 3]] = 0
        number = int(np.searchsorted(np.cumsum(weights / weights.sum()), draws[place], side="right"))
        if number == 2:
            break
        text += network.vocabulary.words[number]
    return text


@pytest.mark.parametrize("held", [[], [(2, 1.0), (5, -1.0)]])
def test_strings_are_those_of_a_loop_over_one_string(held):
    reader = pathway(sharper=4.0)
    draws = torch.rand(30, 12, generator=torch.Generator().manual_seed(3), dtype=torch.float64).numpy()
    with intervene(reader, [unit for unit, _ in held], [value for _, value in held]):
        texts = generate(reader, strings=12, longest=30, temperature=0.7, seed=3)
    assert texts == [naive(reader.network, 30, 0.7, draws[:, row], held) for row in range(12)]
    assert len(set(texts)) > 6


def test_a_seed_gives_the_same_strings_and_another_gives_others():
    assert generate(pathway(), seed=1) == generate(pathway(), seed=1) != generate(pathway(), seed=2)


def test_equal_seeds_give_equal_strings_where_a_held_unit_is_read_by_nothing():
    reader = pathway()
    reader.network.readout.weight.data[:, 3] = 0
    reader.network.cell.lstm.weight_hh_l0.data[:, 3] = 0
    free = generate(reader, seed=5)
    with intervene(reader, 3, 1.0):
        assert generate(reader, seed=5) == free
    with intervene(reader, 2, 1.0):
        assert generate(reader, seed=5) != free


def test_specials_are_never_written_and_strings_are_no_longer_than_asked():
    reader = pathway()
    reader.network.readout.bias.data[[0, 1, 3]] = 50  # a network that wants nothing else
    texts = generate(reader, strings=300, longest=9)
    assert set("".join(texts)) == set("()012") and max(map(len, texts)) == 9
    assert not set(next_chances(reader, "(").character) & (set(SPECIALS) - {"</s>"})


def test_characters_are_drawn_with_their_chances():
    reader = pathway(sharper=5.0)
    texts = generate(reader, strings=20_000, longest=1, temperature=2.0, start="(1")
    found = {c: np.mean([text[2:] == c.replace("</s>", "") for text in texts]) for c in ["(", "0", "</s>"]}
    table = next_chances(reader, "(1", temperature=2.0)
    assert table["chance"].sum() == pytest.approx(1) and table["chance"].is_monotonic_decreasing
    expected = table.set_index("character")["chance"]
    for character, share in found.items():
        assert share == pytest.approx(expected[character], abs=0.015)  # over four standard errors


def test_a_low_temperature_writes_the_most_likely_character():
    reader, text = pathway(sharper=5.0), "2"
    for _ in range(8):
        best = next_chances(reader, text)["character"][0]
        text += "" if best == "</s>" else best
        if best == "</s>":
            break
    assert generate(reader, strings=2, longest=8, temperature=1e-4, start="2") == [text, text]


def test_words_are_written_with_spaces():
    network = LanguageModel(Vocabulary(["a", "dog"]), embedding=4, units=4).eval()
    texts = generate(next(iter(network.pathways.values())), strings=50, longest=6, start="a dog")
    assert all(text.startswith("a dog") and set(text.split()) <= {"a", "dog"} for text in texts)
    assert max(len(text.split()) for text in texts) == 8


def test_what_cannot_be_generated_is_said():
    with pytest.raises(TypeError, match="does not score the next character"):
        generate(LSTM(Vocabulary(["a"]), embedding=4, units=4).eval().pathways["lstm"])
    with pytest.raises(TypeError, match="does not score the next character"):
        generate(NETWORK.pathways["character cell"])
    for changes, message in [
        ({"strings": 0}, "at least 1 string"),
        ({"longest": 0}, "at least 1 character"),
        ({"temperature": 0}, "above 0, found 0"),
        ({"temperature": float("nan")}, "above 0, found nan"),
        ({"start": "(x"}, "does not know 'x'"),
    ]:
        with pytest.raises(ValueError, match=message):
            generate(pathway(), **changes)
