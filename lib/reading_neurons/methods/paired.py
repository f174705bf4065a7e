"""Two methods on the same neurons: by how much one reaches more, and on how many (Poerner et al. 2018, section 3.2.3).

With d the difference of two methods' activations on a neuron, over n neurons,

    t = mean(d) / (sd(d) / sqrt(n)),        d_z = mean(d) / sd(d) = t / sqrt(n).

The paper prints t alone, which grows with the number of neurons; d_z does not, and says by how many of its own standard
deviations the difference is away from nothing.

Easy to get wrong: a mean that a few neurons make. The share of neurons won, and a test of ranks, stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy import stats

from reading_neurons.statistics import cluster_draws, interval

TIE = 1e-5  # of activations in single precision: what is closer, as a share of the larger, is one and the same
REPLICATES = 10_000


def paired(
    first: Sequence[float] | Float[np.ndarray, "neurons"],
    second: Sequence[float] | Float[np.ndarray, "neurons"],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> dict[str, float]:
    """Compare what two methods reach on the same neurons.

    Parameters
    ----------
    first, second : float arrays, shape (neurons,)
        Differences are ``second - first``, so that everything is above zero where the second reaches more.
    replicates, seed : int
        Of the bootstrap, which draws neurons.

    Returns
    -------
    dict
        ``neurons``; ``gain``, the mean difference, ``low`` and ``high`` (95 %); ``t`` and ``p`` of the paired t-test,
        ``t_low`` and ``t_high`` (95 %); ``d_z``; ``won``, the share of neurons on which the second reaches more,
        ``won_low`` and ``won_high`` (95 %, Wilson), ``tied``; ``wilcoxon`` and ``wilcoxon_p`` of the signed ranks. What
        differences without any spread do not define (``t``, ``d_z``) is NaN; without any difference ``p`` is 1.

    Raises
    ------
    ValueError
        If there are fewer than two neurons, the arguments differ in length, or a value is not a finite number.

    References
    ----------
    Poerner et al. 2018, section 3.2.3.

    Examples
    --------
    >>> found = paired([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 4.0, 4.0])
    >>> found["gain"], round(found["t"], 3), round(found["d_z"], 3), found["won"], found["tied"]
    (1.0, 2.449, 1.225, 0.75, 0.25)
    """
    first, second = _checked(first, second)
    difference = second - first
    tied = np.abs(difference) <= TIE * np.maximum(np.abs(first), np.abs(second))
    difference = np.where(tied, 0, difference)
    won = difference > 0
    drawn = cluster_draws(len(difference), replicates, seed)
    means = drawn @ difference / len(difference)
    low, high = interval(means)
    t_low, t_high = interval(_t(means, drawn @ difference**2 / len(difference), len(difference)))
    t, p = _t_test(difference)
    w, w_p = _signed_ranks(difference)
    wilson = stats.binomtest(int(won.sum()), len(won)).proportion_ci(method="wilson")
    return {
        "neurons": len(difference),
        "gain": float(difference.mean()), "low": low, "high": high,
        "t": t, "t_low": t_low, "t_high": t_high, "p": p, "d_z": float(t / np.sqrt(len(difference))),
        "won": float(won.mean()), "won_low": float(wilson.low), "won_high": float(wilson.high),
        "tied": float(tied.mean()),
        "wilcoxon": w, "wilcoxon_p": w_p,
    }  # fmt: skip


def _checked(first, second) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"expected one value of each neuron from both methods, found shapes {first.shape} and {second.shape}"
        )
    if len(first) < 2:
        raise ValueError(f"a comparison needs at least 2 neurons, found {len(first)}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("a value is not a finite number: leave out neurons that a method has no activation for")
    return first, second


def _t(mean: np.ndarray, square: np.ndarray, count: int) -> np.ndarray:
    """The paired t from means of differences and of their squares; NaN without spread."""
    spread = np.sqrt(np.maximum(square - mean**2, 0) / (count - 1))
    # What rounding leaves of a spread that is none.
    spread = np.where(spread > 1e-9 * np.sqrt(square), spread, np.nan)
    return mean / spread


def _t_test(difference: np.ndarray) -> tuple[float, float]:
    if not difference.any():
        return float("nan"), 1.0
    if np.ptp(difference) == 0:
        return float("nan"), float("nan")
    t, p = stats.ttest_1samp(difference, 0.0)
    return float(t), float(p)


def _signed_ranks(difference: np.ndarray) -> tuple[float, float]:
    """Wilcoxon's test; neurons without a difference take no part."""
    moved = difference[difference != 0]
    if not len(moved):
        return 0.0, 1.0
    statistic, p = stats.wilcoxon(moved)
    return float(statistic), float(p)


def paired_by(
    table: pd.DataFrame,
    by: str | Sequence[str],
    first: str,
    second: str,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> pd.DataFrame:
    """:func:`paired` for every group of a table.

    Parameters
    ----------
    table : DataFrame
        One row per neuron, with the activations of both methods.
    by : str or sequence of str
        Columns of groups.
    first, second : str
        Columns of activations.
    replicates, seed : int

    Returns
    -------
    DataFrame
        One row per group in order of appearance: its columns, then those of :func:`paired`.

    Raises
    ------
    ValueError
        If a column is missing, or a group cannot be compared.

    Examples
    --------
    >>> table = pd.DataFrame({"case": ["a", "a", "b", "b"], "corpus": [1.0, 2, 3, 4], "gumbel": [2.0, 2, 2, 3]})
    >>> paired_by(table, "case", "corpus", "gumbel")[["case", "gain", "won"]].values.tolist()
    [['a', 0.5, 0.5], ['b', -1.0, 0.0]]
    """
    by = [by] if isinstance(by, str) else list(by)
    if missing := [column for column in (*by, first, second) if column not in table]:
        raise ValueError(f"the table has no column {', '.join(map(repr, missing))}; its columns are {list(table)}")
    rows = [
        dict(zip(by, key, strict=True)) | paired(part[first], part[second], replicates=replicates, seed=seed)
        for key, part in table.groupby(by, sort=False)
    ]
    return pd.DataFrame(rows)
