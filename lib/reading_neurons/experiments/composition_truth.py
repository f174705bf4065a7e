"""What must come out in generated reviews, where every value is planted.

Bounds were fixed before any world was read, but for two checks that were written after the first: that intensified
words are further from neutral, and that the classes of two sentences draw together.

Planted are: negation that turns positive words and leaves negative ones at most neutral, intensifiers that strengthen,
clauses that compete; and nothing at all in *is*, *was*, *again* or the last words *long* and *short*.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.experiments import composition_pairs as chosen
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel
from reading_neurons.methods.composition import consistent, expected_class, pair_vectors, sides, vectors
from reading_neurons.methods.state_differences import last_word, weights
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval

FOUND = 0.1  # share of dimensions that must turn or grow
FALSE = 0.05  # share that may where nothing is planted
MIDDLE, BORDER = 2.0, 0.5  # the neutral class, and where the next one begins
STILL = 0.1  # a log of distances that counts as none


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world, for each of the three networks."""
    for name, pathway in world.trained.items():
        pairs = {kind: _readable(chosen.of_polarity(kind), pathway) for kind in chosen.KINDS}
        yield from _dimensions(name, pathway, pairs)
        yield from _stronger(name, pathway, pairs["intensification"])
        yield from _asymmetry(name, pathway, pairs["negation"])
        yield from _last_words(name, pathway)
        yield from _weights(name, pathway)


def _readable(pairs: pd.DataFrame, pathway: Pathway) -> pd.DataFrame:
    """Pairs whose head the network knows; a small world does not have all."""
    return pairs[[head in pathway.vocabulary for head in pairs["head"]]].reset_index(drop=True)


def _dimensions(name: str, pathway: Pathway, pairs: dict[str, pd.DataFrame]) -> Iterator[truth.Check]:
    for kind, effect, said in (("negation", "turned", "turn"), ("intensification", "strengthened", "strengthen")):
        table = pairs[kind]
        if kind == "negation":
            table = table[table["positive"]]
        found = pair_vectors(pathway, table)
        other = vectors(pathway, table["other"].tolist())
        share = consistent(*found.values(), table["head"], effect)["consistent"].mean()
        what = "positive words" if kind == "negation" else "polar words"
        text = f"{name}: at least a tenth of the dimensions {said} consistently under {kind} of {what}"
        yield truth.Check(text, share, share, share, bool(share >= FOUND))
        nothing = consistent(found["base"], other, found["neutral"], table["head"], effect)["consistent"].mean()
        text = f"{name}: at most 5 % {said} consistently under one neutral word beside another ({kind})"
        yield truth.Check(text, nothing, nothing, nothing, bool(nothing <= FALSE))


def _stronger(name: str, pathway: Pathway, pairs: pd.DataFrame) -> Iterator[truth.Check]:
    """Each pair's way from the middle with an intensifier, less that with a neutral word."""
    sign = np.where(pairs["positive"], 1, -1)
    modified, neutral = (
        expected_class(pathway, vectors(pathway, pairs[part].tolist())) for part in ("modified", "neutral")
    )
    further = (sign * (modified - neutral)).astype(float)
    here, low, high = _mean(pd.Series(further).groupby(pairs["head"].to_numpy()).mean().to_numpy())
    yield truth.Check(f"{name}: intensified words are further from neutral", here, low, high, low > 0)


def _asymmetry(name: str, pathway: Pathway, pairs: pd.DataFrame) -> Iterator[truth.Check]:
    expected = expected_class(pathway, vectors(pathway, pairs["modified"].tolist()))
    rows = sides(expected, MIDDLE, pairs["head"], pairs["positive"]).set_index("of")
    row = rows.loc["positive"]
    yield truth.Check(f"{name}: denied positive words are negative", *_numbers(row), bool(row["high"] < 0))
    row = rows.loc["negative"]
    yield truth.Check(
        f"{name}: denied negative words are no more than neutral", *_numbers(row), bool(row["high"] < BORDER)
    )
    row = rows.loc["asymmetry"]
    yield truth.Check(f"{name}: negation is asymmetric", *_numbers(row), bool(row["high"] < 0))


def _numbers(row: pd.Series) -> tuple[float, float, float]:
    return float(row["mean"]), float(row["low"]), float(row["high"])


def _last_words(name: str, pathway: Pathway) -> Iterator[truth.Check]:
    rows = chosen.templates(pathway.vocabulary)
    endings = {
        "opposite": ("good", "bad"), "agreeing": ("bad", "good"), "neutral": ("neutral", "neutral"),
        "two neutral": ("neutral", "other"),
    }  # fmt: skip
    moved = {}
    for ending, (one, other) in endings.items():
        pair = (rows["negative"] + " " + rows[one]).tolist(), (rows["positive"] + " " + rows[other]).tolist()
        moved[ending] = last_word(pathway, *pair, prefixes=True)["log_ratio"].to_numpy()
    for ending in ("neutral", "agreeing"):
        here, low, high = _mean(moved["opposite"] - moved[ending])
        text = f"{name}: opposite last words bring opposite sentences closer than {ending} ones"
        yield truth.Check(text, here, low, high, high < 0)
    gap = {ending: _gap(pathway, rows, *endings[ending]) for ending in ("opposite", "neutral")}
    here, low, high = _mean(gap["opposite"] - gap["neutral"])
    text = f"{name}: opposite last words take the classes of opposite sentences closer than neutral ones"
    yield truth.Check(text, here, low, high, high < 0)
    here, low, high = _mean(moved["two neutral"] - moved["neutral"])
    text = f"{name}: two neutral last words do no more than one in both"
    yield truth.Check(text, here, low, high, abs(here) < STILL)


def _gap(pathway: Pathway, rows: pd.DataFrame, one: str, other: str) -> np.ndarray:
    texts = (rows["positive"] + " " + rows[other]).tolist(), (rows["negative"] + " " + rows[one]).tolist()
    positive, negative = (expected_class(pathway, vectors(pathway, text)) for text in texts)
    return positive - negative


def _mean(values: np.ndarray) -> tuple[float, float, float]:
    drawn = cluster_draws(len(values), 1000, 0) @ values / len(values)
    return float(values.mean()), *interval(drawn)


def _weights(name: str, pathway: Pathway) -> Iterator[truth.Check]:
    """The planted weights: after *though* the first clause counts more, after *but* the second."""
    pairs = polarity.clause_pairs()
    known = [all(word in pathway.vocabulary for word in text.split()) for text in pairs["whole"]]
    pairs = pairs[known]
    read = {
        part: expected_class(pathway, vectors(pathway, pairs[part].tolist()))
        for part in ("main", "concessive", "whole")
    }
    for connective, more in (("though", "first"), ("but", "second")):
        kept = (pairs["connective"] == connective).to_numpy()
        arrays = [read[part][kept] for part in ("whole", "main", "concessive")]
        draws = np.random.default_rng(0).integers(kept.sum(), size=(200, kept.sum()))
        drawn = np.array([weights(*(array[draw] for array in arrays)) for draw in draws])
        here = weights(*arrays)
        spans = [interval(drawn[:, number]) for number in (0, 1)]
        text = f"{name}: with {connective} the second clause moves the whole towards itself"
        yield truth.Check(text, here[1], *spans[1], spans[1][0] > 0)
        sign = 1 if more == "first" else -1
        gap = sign * (drawn[:, 0] - drawn[:, 1])
        low, high = interval(gap)
        text = f"{name}: with {connective} the {more} clause counts more"
        yield truth.Check(text, sign * (here[0] - here[1]), low, high, low > 0)
