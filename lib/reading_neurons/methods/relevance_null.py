"""Which of thousands of units and features are more than chance? A permutation null, and false-discovery control.

With 128 units and 20 features there are 2,560 questions, and some units answer well by chance. Here labels lose their
strings and keep everything else: in every permutation each string takes the labels of another one (``exchange``), or
all labels move along the corpus (``shift``), so that runs of equal labels stay runs. The statistic is the correlation
of the unit's ranks with the labels, for binary features the AUC in another scale; (found - null mean) / null spread is
compared with the same of all permutations and units of that feature together, and Benjamini and Hochberg's procedure
makes of all p the q at which a rate of false discoveries is held.

Easy to get wrong: shuffling characters. Neighbouring labels are alike and so are neighbouring states; shuffled one by
one they would vary far less than by chance, and far too many units would be discoveries. And a large z says how sure
it is that a unit has to do with a feature, not how much: with enough text nearly every unit is a discovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from statsmodels.stats.multitest import multipletests

from reading_neurons import bins
from reading_neurons.features.feature import Feature, Library
from reading_neurons.methods.labelled import Labelled, require_rows
from reading_neurons.methods.rank_measures import middle_ranks
from reading_neurons.methods.relevance_measures import standardised
from reading_neurons.pathway import Pathway

UNITS_AT_ONCE = 32
RATE = 0.05
PERMUTATIONS = 200


def exchanged(lengths: Int[np.ndarray, "items"], rng: np.random.Generator) -> Int[np.ndarray, "characters"]:
    """Where each character takes its label from: the same place of another string, which starts anew where it ends.

    Examples
    --------
    >>> sorted(exchanged(np.array([2, 2]), np.random.default_rng(0)).tolist())
    [0, 1, 2, 3]
    """
    starts = np.cumsum(lengths) - lengths
    place = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    other = np.repeat(rng.permutation(len(lengths)), lengths)
    return starts[other] + place % lengths[other]


def shifted(lengths: Int[np.ndarray, "items"], rng: np.random.Generator) -> Int[np.ndarray, "characters"]:
    """Where each character takes its label from: so many characters further on, round the end of the corpus.

    Examples
    --------
    >>> sorted(shifted(np.array([2, 2]), np.random.default_rng(0)).tolist())
    [0, 1, 2, 3]
    """
    size = int(lengths.sum())
    return (np.arange(size) + rng.integers(1, max(size, 2))) % size


NULLS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {"exchange": exchanged, "shift": shifted}


def discoveries(
    pathway: Pathway,
    corpus: Labelled,
    features: Feature | Iterable[Feature],
    *,
    null: str = "exchange",
    permutations: int = PERMUTATIONS,
    rate: float = RATE,
    seed: int = 0,
) -> pd.DataFrame:
    """Units that are relevant to a feature beyond chance, with the rate of false ones held.

    Parameters
    ----------
    pathway : Pathway
    corpus : Strings, or :class:`~reading_neurons.features.words.AnnotatedCaptions`
    features : Feature, or iterable of Feature
    null : "exchange" or "shift"
        ``exchange`` keeps what goes with the place in a string; a unit that counts places is then no discovery.
    permutations : int
        At least 20.
    rate : float
        The share of false ones among all that are found.
    seed : int

    Returns
    -------
    DataFrame
        One row per feature and unit: ``feature``, ``unit``, ``correlation`` (of ranks and labels), ``z``, ``p``, ``q``
        (Benjamini and Hochberg's, over all rows), ``found`` (``q <= rate``). A unit that never varies has p = 1.

    Raises
    ------
    ValueError
        If there is no such null, too few permutations, fewer than 2 strings, or a rate not between 0 and 1.
    """
    features = Library([features] if isinstance(features, Feature) else features)
    lengths = np.array([len(words) for words in corpus.tokens], dtype=np.int64)
    _check(null, permutations, rate, lengths)
    labels = features.labels(corpus.items)
    rng = np.random.default_rng(seed)
    seeds = rng.integers(2**63, size=permutations)
    blocks = []
    with bins.spooled(pathway, corpus.tokens, 1) as values:
        require_rows(values.shape[1], labels.shape[1])
        for first in range(0, len(values), UNITS_AT_ONCE):
            ranks = standardised(np.stack([middle_ranks(row) for row in values[first : first + UNITS_AT_ONCE]]))
            drawn = (NULLS[null](lengths, np.random.default_rng(each)) for each in seeds)
            blocks.append(_correlations(ranks.astype(np.float32), labels, drawn))
    found = np.concatenate([block[0] for block in blocks], axis=-1)
    by_chance = np.concatenate([block[1] for block in blocks], axis=-1)
    return _tested(features, found, by_chance, rate)


def _check(null: str, permutations: int, rate: float, lengths: np.ndarray) -> None:
    if null not in NULLS:
        raise ValueError(f"unknown null {null!r}: choose one of {', '.join(map(repr, NULLS))}")
    if permutations < 20:
        raise ValueError(f"a null needs at least 20 permutations, found {permutations}")
    if not 0 < rate < 1:
        raise ValueError(f"the rate of false discoveries must be between 0 and 1, found {rate}")
    if len(lengths) < 2:
        raise ValueError(f"labels are exchanged between strings, of which 2 are needed: found {len(lengths)}")


def _correlations(ranks: np.ndarray, labels: np.ndarray, drawn: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of ranks with labels, shape (features, units), and with permuted ones, (permutations, ...)."""
    size = labels.shape[1]
    found = standardised(labels.astype(np.float64)).astype(np.float32) @ ranks.T / size
    by_chance = [standardised(labels[:, order]).astype(np.float32) @ ranks.T / size for order in drawn]
    return found.astype(np.float64), np.stack(by_chance).astype(np.float64)


def _tested(
    features: Library,
    found: Float[np.ndarray, "features units"],
    by_chance: Float[np.ndarray, "permutations features units"],
    rate: float,
) -> pd.DataFrame:
    centre, spread = by_chance.mean(axis=0), by_chance.std(axis=0, ddof=1)
    varies = spread > 0
    z = np.where(varies, (found - centre) / np.where(varies, spread, 1), 0)
    null = np.abs((by_chance - centre) / np.where(varies, spread, 1))
    p = np.ones_like(z)
    for number in range(len(features)):
        ordered = np.sort(null[:, number, varies[number]].ravel())
        reached = len(ordered) - np.searchsorted(ordered, np.abs(z[number]), side="left")
        p[number] = np.where(varies[number], (1 + reached) / (1 + len(ordered)), 1)
    q = multipletests(p.ravel(), method="fdr_bh")[1]
    feature, unit = (index.ravel() for index in np.indices(z.shape))
    names = np.array(features.names, dtype=object)[feature]
    columns = {"feature": names, "unit": unit, "correlation": found.ravel(), "z": z.ravel(), "p": p.ravel(), "q": q}
    return pd.DataFrame(columns).assign(found=q <= rate)
