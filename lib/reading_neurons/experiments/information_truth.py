"""Mutual information in generated worlds: units whose knowledge is planted, units that know nothing, trained networks.

A network written by hand has units that fire at one word, and units that come on at a preposition and stay on to the
end of its phrase. What the first know of the word is the entropy of their rate; what the others know of grammar goes
beyond the word. The same states in shuffled order know nothing.

Easy to get wrong: the checks of trained networks ask a question to which nothing planted is the answer. They are the
paper's claim in a world where parses are exact, and may fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from reading_neurons import bins
from reading_neurons.annotation import token_table
from reading_neurons.corpora import Captions
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.methods import information_ratios as ratios
from reading_neurons.methods import mutual_information as information
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

UNITS = 24  # of each kind
ROUNDING = 1e-6
VERBS = ("VB", "VBD", "VBG", "VBN", "VBP", "VBZ")


def planted(captions: Captions, seed: int = 0) -> tuple[DetectorPathway, DetectorPathway, DetectorPathway]:
    """Three networks written by hand: units that detect a word, units that follow grammar, units that are random.

    Parameters
    ----------
    captions : Captions
        With gold parses; their words are those of the networks.
    seed : int

    Returns
    -------
    words, grammar, noise : DetectorPathway
        Of 24 units each. A word unit fires at one noun; a grammar unit comes on at each of some prepositions and
        stays on until the next verb or conjunction; units of the third have random recurrent weights (before them
        stands one detector, that of "a").

    Raises
    ------
    ValueError
        If the captions have too few kinds of nouns or prepositions.
    """
    tokens = token_table(captions, captions.parses or ())
    vocabulary = Vocabulary.of(captions.tokens)
    rng = np.random.default_rng(seed)
    nouns = tokens.loc[tokens["tag"] == "NN", "word"].value_counts().index[:UNITS]
    prepositions = sorted(set(tokens.loc[tokens["tag"] == "IN", "word"]))
    ends = set(tokens.loc[tokens["tag"].isin((*VERBS, "CC")), "word"])
    if len(nouns) < UNITS or len(prepositions) < 4:
        raise ValueError(
            f"expected captions with {UNITS} nouns and 4 prepositions, found {len(nouns)} and {len(prepositions)}: "
            "give more captions"
        )
    some = [rng.choice(prepositions, size=len(prepositions) // 2, replace=False) for _ in range(UNITS)]
    return (
        DetectorPathway(vocabulary, [Detector(noun, on=[noun]) for noun in nouns], name="words"),
        DetectorPathway(
            vocabulary, [Detector("in a phrase", on=set(on), off=ends, hold=1.0) for on in some], name="grammar"
        ),
        DetectorPathway(vocabulary, [Detector("a", on=["a"])], noise=UNITS, seed=seed, name="noise"),
    )


def checks(world: Panel) -> Iterator[Check]:
    """The checks of one world, in a fixed order."""
    captions = world.corpus.test
    tokens = token_table(captions, captions.parses)
    contexts = information.contexts(tokens)
    words, grammar, noise = planted(captions, world.seed)
    known = information.excess(bins.of_pathway(words, captions), contexts).assign(pathway="words")
    follows = information.excess(bins.of_pathway(grammar, captions), contexts).assign(pathway="grammar")
    yield _known_exactly(known, words, tokens)
    said = "units that follow phrases know more of deprels than of words, beside units that detect words"
    yield _different(said, pd.concat([follows, known]), "grammar", "words")
    random = bins.of_pathway(noise, captions)
    yield _nothing_in_shuffled(random, contexts, world.seed)
    yield _nothing_between_halves(information.excess(random, contexts))
    trained = {name: world.trained[name] for name in ("visual", "textual")}
    untrained = {name: world.untrained[name] for name in trained}
    found = {
        name: pd.concat(
            information.excess(bins.of_pathway(pathway, captions), contexts).assign(pathway=pathway_name)
            for pathway_name, pathway in part.items()
        )
        for name, part in (("trained", trained), ("untrained", untrained))
    }
    yield _untrained_know_words(found["untrained"])
    for width in information.WIDTHS:
        said = (
            f"trained: textual knows more of deprels than of words, beside visual ({width}s, above shuffled contexts)"
        )
        yield _different(said, found["trained"], "textual", "visual", width, apart=True)
    yield _alike(
        "untrained: the two do not differ so, their distributions overlap", found["untrained"], "textual", "visual"
    )


def _known_exactly(known: pd.DataFrame, words: DetectorPathway, tokens: pd.DataFrame) -> Check:
    of_words = known[known["context"] == "word unigram"].set_index("unit")["mi"]
    rates = [tokens["word"].isin(detector.on).mean() for detector in words.detectors]
    errors = np.abs([of_words[unit] - entropy(rate) for unit, rate in enumerate(rates)])
    said = "a unit that detects a word knows of the word the entropy of its rate (largest error)"
    return Check(said, float(errors.max()), 0.0, float(errors.max()), bool(errors.max() < ROUNDING))


def entropy(rate: float) -> float:
    """The entropy in nats of something that is so at this rate.

    Examples
    --------
    >>> round(entropy(0.5), 4), entropy(1.0)
    (0.6931, 0.0)
    """
    return float(-sum(p * np.log(p) for p in (rate, 1 - rate) if p > 0)) + 0.0


def _different(
    said: str, units: pd.DataFrame, numerator: str, denominator: str, width: str = "unigram", apart: bool = False
) -> Check:
    """The log ratio of deprels is above that of words: by an interval over units, or without overlap as in the paper."""
    draws = ratios.log_ratio_draws(units, numerator, denominator, measure="excess", replicates=1000)
    row = ratios.log_ratios(draws).set_index("context").loc[f"deprel - word, {width}"]
    return Check(said, row["log_ratio"], row["low"], row["high"], bool(row["least" if apart else "low"] > 0))


def _nothing_in_shuffled(binned: np.ndarray, contexts: dict[str, np.ndarray], seed: int) -> Check:
    shuffled = binned[np.random.default_rng(seed).permutation(len(binned)), 1:]
    found = information.excess(shuffled, contexts, seed=[seed, 1])
    spans = found.groupby("context")["excess"].quantile([0.025, 0.975]).unstack()
    worst = found.groupby("context")["excess"].median().abs().max()
    said = "shuffled states know nothing: their excess lies around 0 in every kind of context (largest median)"
    around = bool(((spans[0.025] < 0) & (spans[0.975] > 0)).all())
    return Check(said, float(worst), float(spans[0.025].min()), float(spans[0.975].max()), around)


def _nothing_between_halves(found: pd.DataFrame) -> Check:
    units = found[found["unit"] > 0]  # the first is a detector
    halves = units.assign(pathway=np.where(units["unit"] % 2, "one", "other"))
    return _alike("two halves of random units do not differ: their distributions overlap", halves, "one", "other")


def _alike(said: str, units: pd.DataFrame, numerator: str, denominator: str) -> Check:
    """The distributions of log ratios of deprels and of words overlap, over replicates of units."""
    draws = ratios.log_ratio_draws(units, numerator, denominator, measure="excess", replicates=1000)
    row = ratios.log_ratios(draws).set_index("context").loc["deprel - word, unigram"]
    return Check(said, row["log_ratio"], row["low"], row["high"], bool(row["least"] < 0 < row["most"]))


def _untrained_know_words(units: pd.DataFrame) -> Check:
    excess = units.loc[units["context"] == "word unigram", "excess"]
    said = "untrained units know the current word too (median excess, 95 % of the units)"
    low, high = np.percentile(excess, (2.5, 97.5))
    return Check(said, float(excess.median()), float(low), float(high), bool(low > 0))


def bias(
    kinds: Sequence[int] = (20, 100, 500, 2500, 12_500), tokens: int = 20_000, units: int = 10, seed: int = 0
) -> pd.DataFrame:
    """Estimates of a mutual information that is known, for more and more contexts.

    Every context is equally frequent. Half of the time a unit's bin is the one that belongs to the context, else any
    of the twenty, so what there is to know is the same however many contexts there are.

    Parameters
    ----------
    kinds : sequence of int
        Numbers of contexts.
    tokens, units : int
        Size of the sample, and how many units are averaged.
    seed : int

    Returns
    -------
    DataFrame
        One row per number of contexts and estimator: ``contexts``, ``estimator``, ``mi``, ``truth`` (nats).
    """
    rng = np.random.default_rng(seed)
    hit, miss = 0.5 + 0.5 / bins.COUNT, 0.5 / bins.COUNT
    truth = np.log(bins.COUNT) + hit * np.log(hit) + (bins.COUNT - 1) * miss * np.log(miss)
    rows = []
    for number in kinds:
        context = rng.integers(number, size=tokens)
        chance = rng.integers(bins.COUNT, size=(tokens, units))
        own = (context % bins.COUNT)[:, None]
        drawn = np.where(rng.random((tokens, units)) < 0.5, own, chance).astype(np.uint8)
        found = information.excess(drawn, {"context": context}, seed=seed)
        corrected = information.per_unit(drawn, {"context": context}, estimator="miller-madow")
        rows += [
            (number, "as estimated", found["mi"].mean(), truth),
            (number, "above shuffled contexts", found["excess"].mean(), truth),
            (number, "Miller and Madow", corrected["mi"].mean(), truth),
        ]
    return pd.DataFrame(rows, columns=["contexts", "estimator", "mi", "truth"])
