"""What a network loses without some units: against a loop, and in a network that counts with a unit made by hand."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.features import Feature
from reading_neurons.methods.ablation import TYPES, NextCharacters, ablations, types_of
from reading_neurons.methods.intervene import intervene, means
from reading_neurons.methods.written_shares import unit_sets
from reading_neurons.models import LSTM
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.text import Vocabulary

CHARACTERS = Vocabulary(list("()01234"), list)


def nested(rng):
    """A walk of up to 24 characters: a digit that says the depth, an opening or a closing bracket."""
    text, depth = "", 0
    while len(text) < 24:
        move = rng.choice(["digit", "open", "close", "end"], p=[0.45, 0.25, 0.25, 0.05])
        if move == "digit":
            text += str(depth)
        elif move == "open" and depth < 4:
            text, depth = text + "(", depth + 1
        elif move == "close" and depth:
            text, depth = text + ")", depth - 1
        elif move == "end" and text and not depth:
            return text
    return text + ")" * depth


def strings_of(texts):
    return Strings("parentheses", "test", tuple(ParsedString(text, ()) for text in texts))


TEXTS = [nested(np.random.default_rng(seed)) for seed in range(80)]
STRINGS = strings_of(TEXTS)


def depth_of(item):
    text = getattr(item, "text", item)
    return np.cumsum([(c == "(") - (c == ")") for c in text])


DEPTH = Feature("depth", "open brackets", depth_of, continuous=True, most=4)


class Counting:
    """Unit 2 counts open brackets, from -1 (four) to 1 (none); brackets and digits follow from it alone."""

    name, units, vocabulary, output_names = "counting", 5, CHARACTERS, CHARACTERS.words

    def __init__(self):
        self.embedding = torch.eye(len(CHARACTERS))
        generator = torch.Generator().manual_seed(0)
        self._noise = torch.randn(len(CHARACTERS), 4, generator=generator)

    def initial(self, batch):
        return torch.ones(batch, 5)

    def step(self, embedded, state):
        count = state[:, 2] - (embedded[:, 4] - embedded[:, 5]) / 2
        noise = torch.tanh(embedded @ self._noise + state[:, [0, 1, 3, 4]])
        state = torch.stack((noise[:, 0], noise[:, 1], count, noise[:, 2], noise[:, 3]), dim=1)
        return state, state

    def write(self, state, units):
        return units

    def states(self, embedded, lengths=None):
        state, seen = self.initial(len(embedded)), []
        for word in embedded.unbind(dim=1):
            state, units = self.step(word, state)
            seen.append(units)
        return torch.stack(seen, dim=1)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[:, -1]

    def outputs(self, states):
        depth = (1 - states[..., 2:3]) * 2
        digits = -20 * (depth - torch.arange(5.0)).square()
        brackets = torch.cat((depth * 0 - 1, 40 * (depth - 0.5).clamp(max=0)), dim=-1)
        end = 40 * (0.5 - depth).clamp(max=0) - 2
        specials = torch.full((*depth.shape[:-1], 2), -100.0)
        return torch.cat((specials, end, specials[..., :1], brackets, digits), dim=-1)


RANKING = pd.DataFrame(
    {"feature": "depth", "unit": range(5), "score": [0.1, 0.2, 1.0, 0.05, 0.0], "weight": [1.0, 1, -1, 1, 1]}
)


def lstm():
    network = CharacterLSTM(CHARACTERS, units=6, seed=4).eval()
    network.readout.weight.data *= 6
    return network.pathways["character lstm"]


@torch.no_grad()
@pytest.mark.parametrize("held", [False, True])
def test_every_prediction_against_a_loop_over_characters(held):
    pathway = lstm()
    units = pd.DataFrame({"unit": [1, 4], "weight": [1.0, 1.0]})
    text = NextCharacters(STRINGS, CHARACTERS, TYPES["parentheses"])
    scored = text.scored(pathway, (lambda chosen: (units, [0.5, -0.5])) if held else None)
    names, of = types_of(CHARACTERS, TYPES["parentheses"])
    expected, places = np.zeros((80, 3)), np.zeros((80, 3), int)
    with intervene(pathway, units if held else [], [0.5, -0.5] if held else 0.0):
        for row, string in enumerate(TEXTS):
            ids, state = CHARACTERS.encode(list(string)), pathway.initial(1)
            for now, following in zip(ids[:-1], ids[1:], strict=True):
                state, shown = pathway.step(pathway.embedding[now][None], state)
                weights = pathway.outputs(shown)[0].double().exp().numpy()
                weights[[0, 1, 3]] = 0
                by_type = [weights[of == number].sum() for number in range(len(names))]
                expected[row, 0] += np.argmax(by_type) == of[following]
                expected[row, 2] -= np.log2(weights[following] / weights.sum())
                places[row, [0, 2]] += 1
                if CHARACTERS.words[following] in "01234":
                    expected[row, 1] += 6 + np.argmax(weights[6:]) == following
                    places[row, 1] += 1
    np.testing.assert_array_equal(text.places, places)
    np.testing.assert_array_equal(scored[:, :2], expected[:, :2])
    np.testing.assert_allclose(scored[:, 2], expected[:, 2], rtol=1e-5)
    assert 0 < expected[:, 0].sum() < places[:, 0].sum()


def test_the_base_is_what_frequencies_give():
    text = NextCharacters(strings_of(["0(1)0", "00"]), CHARACTERS, TYPES["parentheses"])
    counts = np.array([4, 1, 1, 1, 2]) / 9  # of 0, 1, (, ) and the end
    assert text.base == pytest.approx([5 / 9, 4 / 5, -(counts * np.log2(counts)).sum()])
    assert np.isnan(NextCharacters(strings_of(["()"]), CHARACTERS, TYPES["parentheses"]).base[1])


def test_a_character_that_the_network_does_not_know_is_a_surprise_of_bounded_size():
    scored = NextCharacters(strings_of(["x"]), CHARACTERS, TYPES["parentheses"]).scored(lstm())
    assert np.log2(1e6) < scored[0, 2] < np.log2(1e6) + 20


def test_without_its_counting_unit_a_network_that_counts_loses_the_digits_and_nothing_else_matters():
    table = ablations(Counting(), STRINGS, RANKING, DEPTH, TYPES["parentheses"], ks=[1], sets=12)
    digits = table[table["measure"] == "digit"]
    assert digits.query("way == 'none'")["value"].item() == 1
    for way in ("removed", "mean"):
        row = digits[(digits["way"] == way) & (digits["choice"] == "top")].iloc[0]
        assert row["change_high"] < -0.4, way
    # The count is what the feature says, so the oracle changes nothing.
    assert digits.query("way == 'oracle' and choice == 'top'")["value"].item() > 0.999
    random = table[table["choice"] == "random"]
    counts = random["change"] != 0
    drawn = [2 in units for units in _random_units(12)]
    assert 0 < sum(drawn) < 12
    for number, has_it in enumerate(drawn):
        removed = random.query(f"way == 'removed' and set == {number}")
        assert counts[removed.index].any() == has_it


def _random_units(sets):
    return [list(units["unit"]) for choice, *_, units in unit_sets(RANKING, "depth", [1], sets) if choice == "random"]


def test_a_count_that_is_held_at_its_mean_gives_one_digit_everywhere():
    """The mean is that of the background; a count of two makes every digit a 2."""
    pathway = Counting()
    background = strings_of(["2" * 10])
    pathway.initial = lambda batch: torch.zeros(batch, 5)  # everything read starts at a count of two
    assert means(pathway, background)[2] == 0
    table = ablations(
        pathway, STRINGS, RANKING, DEPTH, TYPES["parentheses"], ks=[1], sets=0, ways=["mean"], background=background
    )
    share = "".join(TEXTS).count("2") / sum(c.isdigit() for c in "".join(TEXTS))
    assert table.query("way == 'mean' and measure == 'digit'")["value"].item() == pytest.approx(share, abs=0.02)


def test_a_unit_that_nothing_reads_changes_nothing():
    table = ablations(Counting(), STRINGS, RANKING.query("unit != 2"), DEPTH, TYPES["parentheses"], ks=[1, 4], sets=3)
    assert not table["change"].any() and not table["change_low"].any()


def test_intervals_come_from_drawing_whole_strings():
    table = ablations(
        lstm(), STRINGS, RANKING, DEPTH, TYPES["parentheses"], ks=[2], sets=0, ways=["removed"], replicates=3000
    )
    row = table.query("way == 'removed' and measure == 'type'").iloc[0]
    text = NextCharacters(STRINGS, CHARACTERS, TYPES["parentheses"])
    units = RANKING.query("unit in (1, 2)")
    right = text.scored(lstm(), lambda chosen: (units, [0.0, 0.0]))
    rng = np.random.default_rng(0)
    drawn = rng.integers(80, size=(3000, 80))
    naive = right[drawn, 0].sum(axis=1) / text.places[drawn, 0].sum(axis=1)
    assert [row["low"], row["high"]] == pytest.approx(np.percentile(naive, [2.5, 97.5]), abs=0.005)
    changes = (right - text.scored(lstm()))[drawn, 0].sum(axis=1) / text.places[drawn, 0].sum(axis=1)
    assert [row["change_low"], row["change_high"]] == pytest.approx(np.percentile(changes, [2.5, 97.5]), abs=0.005)


def test_every_language_has_a_single_type_for_each_character():
    for types in TYPES.values():
        names, of = types_of(Vocabulary(list("(1+x"), list), types)
        assert [names[number] for number in of[[2, 4, 5, 6]]] == ["end", "parenthesis", "digit", "operator"]


def test_what_cannot_be_measured_is_said():
    with pytest.raises(ValueError, match="in two of a, b"):
        types_of(CHARACTERS, {"a": "()", "b": ")"})
    with pytest.raises(ValueError, match="at least one string"):
        NextCharacters(strings_of([]), CHARACTERS, TYPES["parentheses"])
    with pytest.raises(ValueError, match="'removed', 'mean', 'oracle', found 'cut'"):
        ablations(lstm(), STRINGS, RANKING, DEPTH, TYPES["parentheses"], ways=["cut"])
    with pytest.raises(TypeError, match="does not score the next character"):
        pathway = LSTM(CHARACTERS, embedding=4, units=5).eval().pathways["lstm"]
        ablations(pathway, STRINGS, RANKING, DEPTH, TYPES["parentheses"])
    with pytest.raises(ValueError, match="the ranking has no unit"):
        ablations(lstm(), STRINGS, RANKING, DEPTH.named("height"), TYPES["parentheses"])
