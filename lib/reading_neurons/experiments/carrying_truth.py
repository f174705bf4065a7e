"""Units whose memory is known: do the measures of carrying find it, and nothing where there is none?

A network written by hand has a unit that fades from a number to the end of the sentence, two that hold from a number
to the next verb and from a preposition to the next noun, and units that know only the word they read, among random
recurrent units. Every bound below was fixed before the worlds were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.methods import carrying_units, label_leads
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import interval
from reading_neurons.text import Vocabulary

NOUNS, NUMBERS, PREPOSITIONS, DETERMINERS, VERBS = (
    ("NN", "NNS"), ("CD",), ("IN",), ("DT", "PRP$"), ("VB", "VBD", "VBG", "VBN", "VBP", "VBZ")
)  # fmt: skip
RANDOM_UNITS = 64
CAPTIONS = 1500
HALF = 0.05  # how near .5 an area has to be that says nothing
SAME = 1e-6
LABEL = "planted"


def planted(captions: Captions, noise: int = RANDOM_UNITS, seed: int = 0) -> DetectorPathway:
    """The network written by hand: its first three units carry, in this order; the others know only their word.

    Parameters
    ----------
    captions : Captions
        With gold parses; which words are nouns is read off their tags.
    noise : int
        Random recurrent units after the six written by hand.
    seed : int
    """
    tokens = token_table(captions, captions.parses)

    def words(tags: tuple[str, ...]) -> list[str]:
        return sorted(set(tokens["word"][tokens["tag"].isin(tags)]))

    units = [
        Detector("number, fading", words(NUMBERS), hold=0.8),
        Detector("number to verb", words(NUMBERS), words(VERBS), hold=1.0),
        Detector("preposition to noun", words(PREPOSITIONS), words(NOUNS), hold=1.0),
        Detector("noun", words(NOUNS)),
        Detector("determiner", words(DETERMINERS)),
        Detector("preposition", words(PREPOSITIONS)),
    ]
    return DetectorPathway(Vocabulary.of(captions.tokens), units, noise=noise, seed=seed)


def unit_of(pathway: DetectorPathway, name: str) -> int:
    """The number of a unit that was written by hand."""
    return [detector.name for detector in pathway.detectors].index(name)


def words_until(tokens: pd.DataFrame, begin: list[str], end: list[str], horizon: int = 5) -> float:
    """How many of the ``horizon`` words after one of ``begin`` come before one of ``end``, read off the words alone.

    A sentence that ends first counts as long as those that could be watched do on average: computed word by word, from
    the shares of runs that go on.
    """
    going, watched = np.zeros(horizon), np.zeros(horizon)
    for _, sentence in tokens.groupby("sentence", sort=False)["word"]:
        left = None
        for word in sentence:
            if left is not None and left < horizon:
                watched[left] += 1
            if word in begin and left is None:
                left = 0
            elif left is not None and word in end:
                left = None
            elif left is not None:
                if left < horizon:
                    going[left] += 1
                left += 1
    return float(np.cumprod(going / np.maximum(watched, 1)).sum())


def shuffled(tokens: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The same words, each with its labels, in random order inside their sentences."""
    order = np.lexsort((np.random.default_rng(seed).random(len(tokens)), tokens["sentence"]))
    return tokens.iloc[order].reset_index(drop=True).assign(position=tokens["position"].to_numpy())


def sentences_of(tokens: pd.DataFrame) -> list[tuple[str, ...]]:
    """The words of each sentence of a table of tokens."""
    return [tuple(words) for _, words in tokens.groupby("sentence", sort=False)["word"]]


def checks(world: Panel) -> Iterator[Check]:
    """What must be so in a world of scenes, for units written by hand and for trained ones."""
    test = world.corpus.test
    captions = test.take(np.arange(min(CAPTIONS, len(test))))
    pathway = planted(captions, seed=world.seed)
    tokens = token_table(captions, captions.parses)
    table = carrying_units.persistence(pathway, captions, seed=world.seed)
    yield from _ranking(pathway, table)
    yield from _lengths(pathway, table, tokens)
    yield from _leads(pathway, tokens, world.seed)
    yield from _trained(world, captions)


def _check(name: str, value: float, holds: bool, low: float | None = None, high: float | None = None) -> Check:
    return Check(
        name, float(value), float(value if low is None else low), float(value if high is None else high), bool(holds)
    )


def _ranking(pathway: DetectorPathway, table: pd.DataFrame) -> Iterator[Check]:
    order = table.sort_values("carried", ascending=False)["unit"].tolist()
    ranks = [order.index(unit) for unit in range(3)]
    yield _check(
        "the two longest planted memories rank first and second of all units, in order",
        ranks[1] + 1,
        ranks[:2] == [0, 1],
    )
    yield _check(
        "the third planted memory ranks behind them and before every unit that knows only its word",
        ranks[2] + 1,
        ranks[1] < ranks[2] < min(order.index(unit) for unit in range(3, 6)),
    )
    carried = table["carried"][3:6].max()
    yield _check("units that know only their word carry nothing", carried, carried <= SAME)


def _lengths(pathway: DetectorPathway, table: pd.DataFrame, tokens: pd.DataFrame) -> Iterator[Check]:
    for unit in (1, 2):
        detector = pathway.detectors[unit]
        apart = abs(table["persistence"][unit] - words_until(tokens, list(detector.on), list(detector.off)))
        yield _check(f"the unit '{detector.name}' stays on for as many words as it was written to", apart, apart < SAME)


def _leads(pathway: DetectorPathway, tokens: pd.DataFrame, seed: int) -> Iterator[Check]:
    noun, determiner, latch = (unit_of(pathway, name) for name in ("noun", "determiner", "preposition to noun"))
    nouns = tokens.assign(deprel=np.where(tokens["tag"].isin(NOUNS), LABEL, ""))
    after = {unit: labelled_after(tokens, pathway.detectors[unit].on) for unit in (determiner, latch)}
    lead = {
        unit: label_leads.leads(_areas(pathway, labelled, unit, seed)).query("unit >= 0")["lead"].iloc[0]
        for unit, labelled in ((noun, nouns), (determiner, after[determiner]))
    }
    yield _check("the unit of nouns tells nouns at the noun", lead[noun], lead[noun] == 0)
    yield _check(
        "the unit of determiners tells the word after one, one word before it", lead[determiner], lead[determiner] == -1
    )
    found = _areas(pathway, after[determiner], determiner, seed).query("offset == -1").iloc[0]
    yield _check(
        "nothing of that lead is beyond the word and its position", found["excess"], abs(found["excess"]) <= SAME
    )
    found = _areas(pathway, shuffled(after[determiner], seed), determiner, seed).query("offset == -1").iloc[0]
    near = abs(found["auc"] - 0.5) < HALF
    yield _check("with words in random order it leads nothing", found["auc"], near, found["low"], found["high"])
    found = _areas(pathway, after[latch], latch, seed).query("offset == 0").iloc[0]
    bounds = found["excess_low"], found["excess_high"]
    yield _check(
        "the unit that holds from a preposition knows at the next word more than word and position",
        found["excess"],
        bounds[0] > 0,
        *bounds,
    )


def labelled_after(tokens: pd.DataFrame, words: Iterable[str]) -> pd.DataFrame:
    """The tokens, where the words that follow one of ``words``, and are no nouns, have a label and all others none."""
    follows = tokens["word"].shift().isin(list(words)) & (tokens["position"] > 0) & ~tokens["tag"].isin(NOUNS)
    return tokens.assign(deprel=np.where(follows, LABEL, ""))


def _areas(pathway: Pathway, tokens: pd.DataFrame, unit: int, seed: int) -> pd.DataFrame:
    states = passes.states(pathway, sentences_of(tokens))
    return label_leads.before_label(states, tokens, LABEL, [unit], replicates=200, seed=seed)


def _trained(world: Panel, captions: Captions) -> Iterator[Check]:
    """Visual units must carry: the scene is read at the end. Of textual ones some must, more than without training."""
    for pathway, share, said in (("visual", 0.5, "the median unit"), ("textual", 0.95, "the top twentieth of units")):
        carried = [
            carrying_units.persistence(pathways[pathway], captions)["carried"].dropna().to_numpy()
            for pathways in (world.trained, world.untrained)
        ]
        difference = np.subtract(*(np.quantile(values, share) for values in carried))
        low, high = quantile_difference(*carried, share, seed=world.seed)
        yield _check(
            f"{said} of the trained {pathway} pathway carries longer than that of the untrained",
            difference,
            low > 0,
            low,
            high,
        )


def quantile_difference(
    first: np.ndarray, second: np.ndarray, share: float, replicates: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of the difference of two quantiles, from a bootstrap over units."""
    rng = np.random.default_rng(seed)
    drawn = [np.quantile(rng.choice(values, (replicates, len(values))), share, axis=1) for values in (first, second)]
    return interval(drawn[0] - drawn[1])
