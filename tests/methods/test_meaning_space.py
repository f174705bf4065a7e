"""Where phrases lie: against naive loops, with a planted geometry, and with nothing planted."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import cosine, euclidean

from reading_neurons.methods.meaning_space import effects, near, place, placed, read, sentiment, side_of_groups
from reading_neurons.models import LSTM, LanguageModel
from reading_neurons.text import Vocabulary

WORDS = ["good", "fine", "bad", "poor", "not", "plot", "is"]


@pytest.fixture(scope="module")
def pathway():
    return LSTM(Vocabulary(WORDS), embedding=6, units=8).eval().pathways["lstm"]


class Planted:
    """A pathway whose representation is the sum of its words, the class scores the first unit."""

    name, output_names = "planted", ("negative", "neutral", "positive")
    vocabulary = Vocabulary(WORDS)
    values = {"good": 1.0, "fine": 0.8, "bad": -1.0, "poor": -0.8}

    def __init__(self):
        rows = [[self.values.get(word, 0.0), 0.0, 0.0] for word in self.vocabulary.words]
        self.embedding = torch.tensor(rows)

    def representation(self, embedded, lengths=None):
        return embedded.sum(dim=1)

    def outputs(self, states):
        return states[..., :1] * torch.tensor([-3.0, 0.0, 3.0])


def test_places_are_a_naive_loop(pathway):
    phrases, positive, negative = ["good", "not good", "bad plot", "plot"], ["good", "fine"], ["bad", "poor"]
    table = place(pathway, phrases, positive, negative, own={"not good": "good"})
    vector = {phrase: read(pathway, [phrase])[0].astype(float) for phrase in {*phrases, *positive, *negative}}
    for row in table.itertuples():
        held = {"not good": "good"}.get(row.phrase, row.phrase)
        ends = [np.mean([vector[word] for word in words if word != held], axis=0) for words in (positive, negative)]
        for name, distance in (("euclidean", euclidean), ("cosine", cosine)):
            to_positive, to_negative = (distance(vector[row.phrase], end) for end in ends)
            found = table.set_index("phrase").loc[row.phrase]
            assert found[f"{name} to positive"] == pytest.approx(to_positive, abs=1e-5)
            side = (to_negative - to_positive) / (to_negative + to_positive)
            assert found[name] == pytest.approx(side, abs=1e-4)
        with torch.no_grad():
            scores = pathway.outputs(torch.tensor(vector[row.phrase], dtype=torch.float32)).softmax(dim=0).numpy()
        assert row.sentiment == pytest.approx(float(scores @ [-1, -0.5, 0, 0.5, 1]), abs=1e-5)


def test_a_planted_geometry_is_found():
    table = place(Planted(), ["good", "bad", "plot", "good plot"], ["good", "fine"], ["bad", "poor"])
    table = table.set_index("phrase")
    assert table.loc["good plot", "euclidean"] > 0.8 and table.loc["bad", "euclidean"] < -0.8
    assert table.loc["plot", "euclidean"] == pytest.approx(0, abs=1e-6)
    assert table.loc["bad", "sentiment"] < -0.8 and table.loc["plot", "sentiment"] == pytest.approx(0, abs=1e-6)


def test_a_word_does_not_count_in_its_own_centroid():
    """In a space of nothing but noise, a word would else lie on the side that it helps to make."""
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(60)]
    noise = Planted()
    noise.vocabulary = Vocabulary(words)
    noise.embedding = torch.tensor(rng.normal(size=(64, 3)), dtype=torch.float32)
    noise.embedding[:4] = 0
    positive, negative = words[:5], words[5:10]
    without = place(noise, positive, positive, negative)["euclidean"].mean()
    within = place(noise, positive, positive, negative, own={word: "" for word in positive})["euclidean"].mean()
    assert without < within


def test_a_centroid_of_one_word_keeps_it(pathway):
    table = place(pathway, ["good"], ["good"], ["bad"])
    assert table["euclidean to positive"][0] == pytest.approx(0, abs=1e-6) and table["euclidean"][0] == pytest.approx(1)


def pairs(heads=40, drop=1.0, rise=0.2, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    sign = np.repeat([1, -1], heads)
    base = sign * 0.8 + rng.normal(0, noise, 2 * heads)
    change = np.where(sign > 0, -drop, rise) + rng.normal(0, noise, 2 * heads)
    control = base + rng.normal(0, noise, 2 * heads)
    columns = {"side base": base, "side modified": base + change, "side control": control}
    return pd.DataFrame({"head": np.arange(2 * heads) // 2, "sign": sign, **columns})


def test_an_asymmetry_that_is_planted_is_found():
    found = effects(pairs(), ["head"], ["side"]).set_index("quantity")
    assert found.loc["drop", "value"] == pytest.approx(1, abs=0.1)
    assert found.loc["rise", "value"] == pytest.approx(0.2, abs=0.1)
    assert found.loc["asymmetry", "low"] > 0.6
    assert found.loc["drop beyond control", "low"] > 0.8 and abs(found.loc["control drop", "value"]) < 0.1


def test_where_both_move_as_far_no_asymmetry_is_found():
    worlds = [effects(pairs(rise=1.0, seed=seed), ["head"], ["side"]) for seed in range(20)]
    held = [found.set_index("quantity").loc["asymmetry"] for found in worlds]
    assert sum(row["low"] < 0 < row["high"] for row in held) >= 16


def test_effects_are_means_of_the_rows():
    table = pairs()
    found = effects(table, ["head"], ["side"]).set_index("quantity")["value"]
    positive, negative = table[table["sign"] > 0], table[table["sign"] < 0]
    assert found["positive modified"] == pytest.approx(positive["side modified"].mean())
    assert found["drop"] == pytest.approx((positive["side base"] - positive["side modified"]).mean())
    rise = (negative["side modified"] - negative["side base"]).mean()
    assert found["drop and rise"] == pytest.approx(found["drop"] + rise)


def test_neutral_rows_are_what_others_are_held_against():
    neutral = pd.DataFrame({"head": ["plot"], "sign": [0], "side base": [-0.3]})
    found = effects(pd.concat([pairs(), neutral]), ["head"], ["side"]).set_index("quantity")["value"]
    assert found["neutral"] == pytest.approx(-0.3)
    assert found["negative modified, from neutral"] == pytest.approx(found["negative modified"] + 0.3)


def test_two_clusters_are_both_drawn():
    """What one clause has in common over all its rows must widen the interval, whichever of the two it is."""
    rng = np.random.default_rng(0)
    first, second = (index.ravel() for index in np.indices((10, 200)))
    shift = rng.normal(size=10)[first]
    table = pd.DataFrame({"first": first, "second": second, "sign": np.where(first % 2, 1, -1)})
    table = table.assign(**{"side base": shift, "side modified": 0.0})
    wide, narrow = (
        effects(table, clusters, ["side"]).set_index("quantity").loc["positive base"]
        for clusters in (["first", "second"], ["second"])
    )
    assert wide["high"] - wide["low"] > 3 * (narrow["high"] - narrow["low"])


def test_placed_puts_measures_beside_the_phrases(pathway):
    groups = pd.DataFrame({"base": ["good", "plot"], "modified": ["not good", None], "control": ["is good", None]})
    places = place(pathway, ["good", "plot", "not good", "is good"], ["good", "fine"], ["bad"])
    table = placed(places, groups)
    assert table["sentiment modified"][0] == places["sentiment"][2] and np.isnan(table["cosine control"][1])
    with pytest.raises(ValueError, match="1 phrases have no place, as 'is good'"):
        placed(places[:3], groups)


def test_nearest_words_are_counted():
    rng = np.random.default_rng(0)
    points, ends, signs = rng.normal(size=(7, 3)), rng.normal(size=(20, 3)), rng.choice([-1, 1], 20)
    for share, point in zip(near(points, ends, signs, 5), points, strict=True):
        nearest = sorted(range(20), key=lambda word: euclidean(point, ends[word]))[:5]
        assert share == pytest.approx(np.mean([signs[word] > 0 for word in nearest]))
    with pytest.raises(ValueError, match="expected 1 to 20 nearest words, found k = 21"):
        near(points, ends, signs, 21)


def test_what_cannot_be_placed_is_an_error(pathway):
    with pytest.raises(ValueError, match="at least one phrase, found none"):
        place(pathway, [], ["good"], ["bad"])
    with pytest.raises(ValueError, match="has no word that a network could read"):
        place(pathway, [""], ["good"], ["bad"])
    with pytest.raises(ValueError, match="'zebra crossing' has no word that 'lstm' knows"):
        place(pathway, ["zebra crossing"], ["good"], ["bad"])
    with pytest.raises(TypeError, match="has no scores of classes"):
        model = LanguageModel(Vocabulary(WORDS), embedding=4, units=4).eval().pathways["language model"]
        place(model, ["good"], ["good"], ["bad"])
    nothing = Planted()
    nothing.output_names = None
    with pytest.raises(TypeError, match="has no scores of classes"):
        sentiment(nothing, np.zeros((1, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="both signs, 1 and -1, found"):
        effects(pairs().query("sign == 1"), ["head"], ["side"])
    with pytest.raises(ValueError, match="no column 'film'"):
        effects(pairs(), ["film"], ["side"])
    with pytest.raises(ValueError, match="expected phrases of the groups"):
        side_of_groups(np.zeros((2, 2)), ["positive", "other"])
