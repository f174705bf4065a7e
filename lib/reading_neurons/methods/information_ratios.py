"""Which of two pathways knows more of words, which of grammar: log ratios of median mutual information.

Kádár et al. 2017, section 6.5: for each kind of context C the log of the median over the units of one pathway by the
median over those of the other, ``log(MI_T(C) / MI_V(C))``, with a bootstrap of 5,000 replicates over units.

Easy to get wrong: what an interval is about. Drawing units again asks what other units of such networks would give, on
this corpus. Drawing images again asks what another corpus would give, of these units; :func:`over_sentences` does
that. A corpus drawn with replacement holds whole captions twice, which looks like knowledge: the estimate is too high
in every replicate. Its spread is right, its place is not, so :func:`sentence_interval` lays the spread around the
estimate of the corpus itself, and the null of each replicate is made of the same captions twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8

from reading_neurons.methods import mutual_information
from reading_neurons.statistics import cluster_draws, interval

REPLICATES = 5000
SENTENCE_REPLICATES = 200
SAMPLE = 64  # units read anew in each replicate over sentences
MEASURES = ("mi", "excess")


def median_draws(
    values: Float[np.ndarray, "units columns"], replicates: int = REPLICATES, seed: int | Sequence[int] = 0
) -> Float[np.ndarray, "replicates columns"]:
    """The median of each column in bootstrap replicates over rows; all columns see the same draws.

    Parameters
    ----------
    values : float array, shape (units, columns)
    replicates : int
    seed : int or sequence of int

    Returns
    -------
    float array, shape (replicates, columns)
        Of an even number of units the mean of the middle two.

    Raises
    ------
    ValueError
        If there is no unit or no replicate.

    Examples
    --------
    >>> median_draws(np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]), replicates=2).shape
    (2, 2)
    """
    units = len(values)
    if units < 1 or replicates < 1:
        raise ValueError(f"a bootstrap needs units and replicates, found {units} and {replicates}")
    rng = np.random.default_rng(seed)
    drawn = rng.integers(units, size=(replicates, units), dtype=np.int32)
    drawn += units * np.arange(replicates, dtype=np.int32)[:, None]
    times = np.bincount(drawn.ravel(), minlength=replicates * units).reshape(replicates, units)
    times = np.ascontiguousarray(times.T, dtype=np.uint16 if units < 65_536 else np.int64)
    result = np.empty((replicates, values.shape[1]))
    for column, of_units in enumerate(np.asarray(values, dtype=float).T):
        order = np.argsort(of_units, kind="stable")
        ranked = of_units[order]
        # After so many of the sorted units, so many draws: the k-th smallest draw is the first unit to exceed k.
        reached = np.cumsum(times[order], axis=0, dtype=times.dtype)
        middle = [(reached <= k).sum(axis=0, dtype=np.int32) for k in ((units - 1) // 2, units // 2)]
        result[:, column] = (ranked[middle[0]] + ranked[middle[1]]) / 2
    return result


def log_ratio_draws(
    table: pd.DataFrame,
    numerator: str = "textual",
    denominator: str = "visual",
    *,
    measure: str = "mi",
    replicates: int = REPLICATES,
    seed: int = 0,
) -> pd.DataFrame:
    """Log ratios of medians in bootstrap replicates over the units of both pathways.

    Parameters
    ----------
    table : DataFrame
        One row per unit and context of each pathway: ``pathway``, ``unit``, ``context`` and the measure.
    numerator, denominator : str
        Pathways.
    measure : "mi" or "excess"
    replicates, seed : int

    Returns
    -------
    DataFrame
        One row a replicate, after row 0, the units as they are; one column a context. NaN where a median is not above
        0.

    Raises
    ------
    ValueError
        If the table lacks a pathway or a column.
    """
    drawn = []
    for offset, name in enumerate((numerator, denominator)):
        wide = _wide(table, name, measure)
        # Units of different pathways have nothing to do with each other: each is drawn by itself.
        again = median_draws(wide.to_numpy(), replicates, seed=[seed, offset])
        drawn.append(np.concatenate([[wide.median().to_numpy()], again]))
    columns = list(dict.fromkeys(table["context"]))
    return pd.DataFrame(_log_ratio(*drawn), columns=columns)


def _wide(table: pd.DataFrame, pathway: str, measure: str) -> pd.DataFrame:
    """One row a unit of a pathway, one column a context."""
    if missing := [column for column in ("pathway", "unit", "context", measure) if column not in table]:
        raise ValueError(f"the table has no column {missing[0]!r}; its columns are {list(table)}")
    rows = table[table["pathway"] == pathway]
    if rows.empty:
        raise ValueError(f"no units of the pathway {pathway!r}; the table has {sorted(set(table['pathway']))}")
    wide = rows.pivot(index="unit", columns="context", values=measure)
    return wide[list(dict.fromkeys(table["context"]))]


def _log_ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    known = (above > 0) & (below > 0)
    return np.log(np.where(known, above, np.nan)) - np.log(np.where(known, below, np.nan))


def log_ratios(draws: pd.DataFrame) -> pd.DataFrame:
    """Log ratios with their intervals, and how far the grammar's lie above the words'.

    Parameters
    ----------
    draws : DataFrame
        As :func:`log_ratio_draws` gives it.

    Returns
    -------
    DataFrame
        One row per context, and for each width one of the context ``"deprel - word, unigram"`` .. where both kinds are
        there: ``context``, ``log_ratio``, ``low``, ``high`` (95 % of the replicates), ``least``, ``most`` (of all of
        them); for a difference ``least`` is the gap between the two distributions, the least of the deprel's less the
        most of the word's, and ``most`` the other way round: above 0 they do not overlap.
    """
    rows = [
        (name, values[0], *interval(values[1:]), values[1:].min(), values[1:].max())
        for name, values in ((name, draws[name].to_numpy()) for name in draws)
    ]
    for width in mutual_information.WIDTHS:
        if {f"deprel {width}", f"word {width}"} <= set(draws):
            deprel, word = (draws[f"{kind} {width}"].to_numpy() for kind in ("deprel", "word"))
            gap, span = deprel[1:].min() - word[1:].max(), deprel[1:].max() - word[1:].min()
            difference = deprel - word
            rows.append((f"deprel - word, {width}", difference[0], *interval(difference[1:]), gap, span))
    return pd.DataFrame(rows, columns=["context", "log_ratio", "low", "high", "least", "most"])


def over_sentences(
    binned: Mapping[str, UInt8[np.ndarray, "words units"]],
    contexts: Mapping[str, np.ndarray],
    image: Sequence[int] | np.ndarray,
    *,
    replicates: int = SENTENCE_REPLICATES,
    units: int = SAMPLE,
    seed: int = 0,
) -> pd.DataFrame:
    """Medians of mutual information on corpora drawn with replacement from the images of this one.

    Parameters
    ----------
    binned : mapping of str to uint8 array, shape (words, units)
        Bins of each pathway, taken once on the whole corpus.
    contexts : mapping of str to int array, shape (words,)
    image : int array, shape (words,)
        The image of each word; captions of one image are drawn together.
    replicates : int
    units : int
        How many of each pathway are read, drawn at random once; all where there are fewer.
    seed : int

    Returns
    -------
    DataFrame
        One row per replicate, pathway and context: ``replicate`` (0: the corpus as it is, with the same units),
        ``pathway``, ``context``, ``mi`` and ``excess``: medians over the units, in nats. The null of a replicate
        shuffles its own tokens once.

    Raises
    ------
    ValueError
        If there is no image, or lengths differ.
    """
    number, images = pd.factorize(np.asarray(image))
    for name, values in {**binned, **contexts}.items():
        if len(values) != len(number):
            raise ValueError(f"found {len(values)} tokens of {name!r} and images of {len(number)}")
    rng = np.random.default_rng(seed)
    some = [part[:, rng.permutation(part.shape[1])[:units]] for part in binned.values()]
    pathway = np.repeat(list(binned), [part.shape[1] for part in some])
    together = np.ascontiguousarray(np.concatenate(some, axis=1))
    times = np.concatenate([np.ones((1, len(images)), dtype=np.int64), cluster_draws(len(images), replicates, seed)])
    parts = []
    for replicate, drawn in enumerate(times):
        rows = np.repeat(np.arange(len(number)), drawn[number])
        again = {name: values[rows] for name, values in contexts.items()}
        found = mutual_information.excess(together[rows], again, permutations=1, seed=[seed, replicate])
        found["pathway"] = pathway[found["unit"]]
        medians = found.groupby(["pathway", "context"], sort=False)[list(MEASURES)].median()
        parts.append(medians.reset_index().assign(replicate=replicate))
    return pd.concat(parts, ignore_index=True)[["replicate", "pathway", "context", *MEASURES]]


def sentence_draws(
    medians: pd.DataFrame, numerator: str = "textual", denominator: str = "visual", *, measure: str = "mi"
) -> pd.DataFrame:
    """Log ratios of the medians that :func:`over_sentences` found: one row a replicate, one column a context."""
    names = list(dict.fromkeys(medians["context"]))
    above, below = (
        medians[medians["pathway"] == name]
        .pivot(index="replicate", columns="context", values=measure)[names]
        .to_numpy()
        for name in (numerator, denominator)
    )
    return pd.DataFrame(_log_ratio(above, below), columns=names)


def sentence_interval(estimate: float, replicates: np.ndarray) -> tuple[float, float]:
    """The 95 % spread of replicates around an estimate, whatever the replicates' own mean.

    Examples
    --------
    >>> low, high = sentence_interval(0.5, np.linspace(8, 10, 101))
    >>> round(low, 2), round(high, 2)
    (-0.45, 1.45)
    """
    low, high = interval(np.asarray(replicates) - np.nanmean(replicates))
    return estimate + low, estimate + high
