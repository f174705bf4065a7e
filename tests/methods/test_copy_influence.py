"""Alignment and influence: planted ones, networks without any, chance by shuffling, and slopes."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora import scenes
from reading_neurons.methods.copy_influence import alignment, influence, slope
from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.text import Vocabulary

SENTENCES = [
    ("a", "dog", "sees", "a", "dog"),
    ("the", "cat"),
    ("a", "zebra", "sees", "the", "dog"),
    ("dog",),
    ("the", "dog", "and", "the", "cat"),
]
WORDS = Vocabulary(["a", "and", "cat", "dog", "sees", "the"])


class Planted(Autoencoder):
    """A decoder whose state is a sum of words, so that every saliency is known.

    ``weigh`` gives the weights of the source, shape (steps, time), and of the copy, shape (steps, steps).
    """

    def __init__(self, weigh, **settings):
        super().__init__(WORDS, embedding=5, units=5, **settings)
        self.weigh = weigh

    def read(self, source, lengths, copy):
        of_source, of_copy = self.weigh(copy.shape[1], source.shape[1])
        return source, of_source @ source + of_copy @ copy


def turns(steps, time):
    """Each word of the source at the step that writes it, behind ``<s>``, as ones."""
    return torch.eye(steps + time)[1 : steps + 1, :time]


def before(steps):
    """The words of the copy that were written before each step, as ones."""
    table = torch.tril(torch.ones(steps, steps))
    table[:, 0] = 0
    return table


def attending(gain=1.0):
    """A network that reads word k of the source at step k, and all words that it wrote a tenth as much."""

    def weigh(steps, time):
        return 0.1 + gain * turns(steps, time), 0.1 * before(steps)

    return Planted(weigh).eval()


def test_a_planted_alignment_is_found_and_none_where_there_is_none():
    found = alignment(copy_saliency(attending(), SENTENCES, copy="right"))
    assert (found["hit"] == 1).all() and (found["near"] == 1).all() and (found["rank"] == 1).all()
    assert len(found) == sum(map(len, SENTENCES))
    table = copy_saliency(attending(gain=0.0), SENTENCES, copy="right")
    for along in ("step", "word"):
        nothing = alignment(table, along)
        assert nothing["hit"].to_numpy() == pytest.approx(nothing["chance of a hit"].to_numpy())
        assert nothing["hit"].to_numpy() == pytest.approx(1 / nothing["words"].to_numpy())
        assert nothing["near"].mean() == pytest.approx(nothing["chance near"].mean())


def test_alignment_along_words_sees_past_one_loud_word():
    def weigh(steps, time):
        of_source = 0.1 + turns(steps, time)
        of_source[:, 1] += 5  # the first word matters most, whatever is written
        return of_source, torch.zeros(steps, steps)

    table = copy_saliency(Planted(weigh).eval(), [SENTENCES[0], SENTENCES[4]], copy="right")
    steps, words = alignment(table), alignment(table, "word")
    assert steps["hit"].tolist() == [1, 0, 0, 0, 0] * 2 and steps["hit"].mean() == steps["chance of a hit"].mean()
    assert words.loc[words["place"] > 0, "hit"].tolist() == [1] * 8


def test_chance_is_what_shuffled_alignments_give():
    corpus = scenes.generate(scenes=40).test
    net = Autoencoder.for_corpus(scenes.generate(scenes=40), embedding=8, units=8).eval()
    table = copy_saliency(net, corpus, copy="right")
    found = alignment(table)
    rows = table[(table["side"] == "source")]
    rng = np.random.default_rng(0)
    hits, near = [], []
    for _, sentence in rows.groupby("sentence"):
        words = sentence["position"].max() + 1
        tops = sentence.pivot(index="step", columns="position", values="saliency").to_numpy()[:words].argmax(axis=1)
        for _ in range(200):
            aligned = rng.permutation(words)
            hits.append((tops == aligned).mean() * words)
            near.append((abs(tops - aligned) <= 1).mean() * words)
    draws = len(hits) / rows["sentence"].nunique()
    assert found["chance of a hit"].sum() == pytest.approx(sum(hits) / draws, rel=0.05)
    assert found["chance near"].sum() == pytest.approx(sum(near) / draws, rel=0.05)


def test_influence_is_that_of_the_weights():
    equal = influence(copy_saliency(attending(gain=0.0), SENTENCES, copy="right"))
    assert equal["share"].to_numpy() == pytest.approx(equal["equal"].to_numpy())
    assert equal["ratio"].to_numpy() == pytest.approx(0, abs=1e-5)
    for value in ("excess", "ratio"):
        assert slope(equal, value)["slope"] == pytest.approx(0, abs=1e-6)
    assert slope(equal, "share")["low"] > 0.03  # more words, not more influence

    def weigh(steps, time):
        return torch.ones(steps, time), before(steps) * 2.0 ** torch.arange(steps)[:, None]

    growing = influence(copy_saliency(Planted(weigh).eval(), SENTENCES, copy="right"))
    assert growing["ratio"].to_numpy() == pytest.approx(growing["step"].to_numpy(), abs=1e-4)
    assert slope(growing, "ratio")["slope"] == pytest.approx(1, abs=1e-5) and slope(growing, "excess")["low"] > 0


def test_a_slope_is_one_within_sentences():
    rng = np.random.default_rng(0)
    length = rng.integers(2, 12, 200)
    table = pd.DataFrame({"sentence": np.repeat(np.arange(200), length)})
    table["step"] = table.groupby("sentence").cumcount() + 1
    # Long sentences have a high level, and nothing grows in any.
    table["share"] = 0.05 * np.repeat(length, length) + rng.normal(0, 0.1, len(table))
    assert np.polyfit(table["step"], table["share"], 1)[0] > 0.01
    flat = slope(table, "share")
    assert flat["low"] < 0 < flat["high"] and flat["high"] - flat["low"] < 0.01 and flat["count"] == 200
    grown = slope(table.assign(share=table["share"] + 0.02 * table["step"]), "share")
    assert grown["slope"] == pytest.approx(flat["slope"] + 0.02)
    pooled = slope(table.assign(image=table["sentence"] // 100), "share", cluster="image")
    assert pooled["slope"] == pytest.approx(flat["slope"]) and pooled["low"] != flat["low"]


def test_bad_input_is_an_error_that_says_what_to_do():
    table = copy_saliency(attending(), ["the cat"], copy="right")
    with pytest.raises(ValueError, match="along is 'step' or 'word', found 'row'"):
        alignment(table, "row")
    with pytest.raises(ValueError, match="no step of the table writes a word"):
        alignment(table[table["step"] == 2])
    with pytest.raises(ValueError, match="no step of the table comes after another"):
        influence(table[table["step"] == 0])
    with pytest.raises(ValueError, match="a sentence with at least two steps, found none"):
        slope(influence(table[table["step"] < 2]), "share")
