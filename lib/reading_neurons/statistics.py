"""Intervals for medians and correlations of tokens that are not independent.

Words of one caption share a sentence, captions of one image share a scene. Every interval here comes from a bootstrap
over clusters (images): whole clusters are drawn with replacement, and a token counts as often as its cluster was drawn.

Easy to get wrong: resampling single tokens treats five captions of one photograph as five facts and gives intervals
that are far too narrow.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

COVERAGE = (2.5, 97.5)  # percentiles of a 95 % interval


def cluster_draws(clusters: int, replicates: int, seed: int) -> np.ndarray:
    """How often each cluster is drawn in each bootstrap replicate.

    Returns
    -------
    int array, shape (replicates, clusters)
        Every row sums to ``clusters``.

    Raises
    ------
    ValueError
        If there is no cluster.

    Examples
    --------
    >>> cluster_draws(4, 3, seed=0).sum(axis=1)
    array([4, 4, 4])
    """
    if clusters < 1:
        raise ValueError("a bootstrap draws from at least one cluster, found none: is the table empty?")
    rng = np.random.default_rng(seed)
    return rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=replicates)


def halves(cluster: Sequence[Hashable] | np.ndarray, seed: int = 0) -> np.ndarray:
    """A random half of the clusters: where a model is fitted, while the other half tests it.

    Parameters
    ----------
    cluster : sequence, shape (rows,)
        Rows of one cluster stay together.
    seed : int

    Returns
    -------
    bool array, shape (rows,)
        True in the half to be fitted; of an odd number of clusters it has one more.

    Raises
    ------
    ValueError
        If there are fewer than two clusters.

    Examples
    --------
    >>> half = halves(["a", "a", "b", "c", "c", "d"])
    >>> half[0] == half[1], half[3] == half[4]
    (np.True_, np.True_)
    """
    number, clusters = pd.factorize(np.asarray(cluster))
    if len(clusters) < 2:
        raise ValueError(f"two halves need at least 2 clusters, found {len(clusters)}")
    chosen = np.random.default_rng(seed).permutation(len(clusters)) < (len(clusters) + 1) // 2
    return chosen[number]


def quantiles(
    values: Sequence[float] | np.ndarray, probabilities: Iterable[float], weights: np.ndarray | None = None
) -> np.ndarray:
    """Quantiles of values that count ``weights`` times each: the smallest value that reaches the share asked for.

    Raises
    ------
    ValueError
        If there is no value, or every weight is zero.

    Examples
    --------
    >>> quantiles([1.0, 2.0, 10.0], [0.5], weights=np.array([1, 1, 5]))
    array([10.])
    """
    values = np.asarray(values, dtype=float)
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)[order])
    if not len(mass) or not mass[-1] > 0:
        raise ValueError(f"quantiles need a value that counts, found {len(values)} values of no weight")
    places = np.searchsorted(mass, np.asarray(list(probabilities)) * mass[-1], side="left")
    return values[order][np.minimum(places, len(values) - 1)]


def summarise(
    table: pd.DataFrame,
    value: str,
    by: str | list[str],
    *,
    cluster: str = "image",
    min_count: int = 1,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Count, median with interval, and quantiles of a value for each label.

    Parameters
    ----------
    table : DataFrame
        One row per token.
    value : str
        Column to summarise.
    by : str or list of str
        Column or columns of labels.
    cluster : str
        Column whose values are drawn together.
    min_count : int
        Labels seen less often are left out.
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per label in order of falling median: the label's column or columns, ``count``, ``median``, ``low``
        and ``high`` (95 % interval of the median), ``p5``, ``q1``, ``q3``, ``p95``.

    Raises
    ------
    ValueError
        If a column is missing, the table is empty, or no label is seen ``min_count`` times.
    """
    names = [by] if isinstance(by, str) else list(by)
    _require(table, [value, cluster, *names])
    number = pd.factorize(table[cluster])[0]
    draws = cluster_draws(int(number.max()) + 1 if len(number) else 0, replicates, seed)
    rows = []
    for label, places in table.groupby(by, sort=True, observed=True).indices.items():
        if len(places) < min_count:
            continue
        values = table[value].to_numpy()[places]
        low, high = interval(median_draws(values, number[places], draws))
        p5, q1, median, q3, p95 = quantiles(values, (0.05, 0.25, 0.5, 0.75, 0.95))
        labels = label if isinstance(label, tuple) else (label,)
        rows.append((*labels, len(places), median, low, high, p5, q1, q3, p95))
    if not rows:
        raise ValueError(f"no label of {by!r} is seen {min_count} times in {len(table)} rows: lower min_count")
    columns = [*names, "count", "median", "low", "high", "p5", "q1", "q3", "p95"]
    return pd.DataFrame(rows, columns=columns).sort_values("median", ascending=False, ignore_index=True)


def _require(table: pd.DataFrame, columns: list[str]) -> None:
    if missing := [column for column in columns if column not in table]:
        raise ValueError(f"the table has no column {', '.join(map(repr, missing))}; its columns are {list(table)}")


def median_draws(values: np.ndarray, cluster: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The median of ``values`` in every bootstrap replicate.

    Parameters
    ----------
    values : float array, shape (rows,)
    cluster : int array, shape (rows,)
        Number of each row's cluster, a column of ``draws``.
    draws : int array, shape (replicates, clusters)
        As :func:`cluster_draws` gives it.

    Returns
    -------
    float array, shape (replicates,)
        NaN where no row was drawn.
    """
    order = np.argsort(values, kind="stable")
    ranked, cluster = values[order], cluster[order]
    medians = np.full(len(draws), np.nan)
    for replicate, drawn in enumerate(draws):
        mass = np.cumsum(drawn[cluster])
        if mass[-1]:
            medians[replicate] = ranked[np.searchsorted(mass, mass[-1] / 2)]
    return medians


def interval(replicates: np.ndarray) -> tuple[float, float]:
    """The 95 % interval that bootstrap replicates span; replicates that are NaN do not count, NaN if all are."""
    if np.isnan(replicates).all():
        return float("nan"), float("nan")
    low, high = np.nanpercentile(replicates, COVERAGE)
    return float(low), float(high)


def mean_intervals(
    table: pd.DataFrame,
    value: str,
    by: str | list[str],
    *,
    cluster: str = "image",
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Mean of a value for each label, with an interval over clusters.

    Parameters
    ----------
    table : DataFrame
        One row per token.
    value : str
        Column to average.
    by : str or list of str
        Column or columns of labels.
    cluster : str
        Column whose values are drawn together.
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per label, in order: the label's column or columns, ``mean``, ``low``, ``high`` (95 %), ``count``.

    Raises
    ------
    ValueError
        If a column is missing or the table is empty.

    Examples
    --------
    >>> table = pd.DataFrame({"role": ["a", "a", "b"], "score": [1.0, 3.0, 5.0], "image": [0, 1, 1]})
    >>> mean_intervals(table, "score", "role")[["role", "mean", "count"]].values.tolist()
    [['a', 2.0, 2], ['b', 5.0, 1]]
    """
    names = [by] if isinstance(by, str) else list(by)
    _require(table, [value, cluster, *names])
    number, clusters = pd.factorize(table[cluster])
    draws = cluster_draws(len(clusters), replicates, seed)
    rows = []
    for label, places in table.groupby(by, sort=True, observed=True).indices.items():
        values = table[value].to_numpy()[places]
        sums = np.bincount(number[places], values, minlength=len(clusters))
        counts = np.bincount(number[places], minlength=len(clusters))
        with np.errstate(invalid="ignore"):
            drawn = (draws @ sums) / (draws @ counts)
        labels = label if isinstance(label, tuple) else (label,)
        rows.append((*labels, values.mean(), *interval(drawn), len(places)))
    return pd.DataFrame(rows, columns=[*names, "mean", "low", "high", "count"])


def rank_correlation(
    x: np.ndarray,
    y: np.ndarray,
    cluster: np.ndarray,
    *,
    within: Sequence[Hashable] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> dict[str, float]:
    """Spearman's correlation with an interval, over all rows or inside groups.

    Parameters
    ----------
    x, y : float arrays, shape (rows,)
    cluster : array, shape (rows,)
        Rows of one cluster are drawn together.
    within : sequence, shape (rows,), optional
        Groups such as word types: ranks are taken inside each group, as shares of the group's size, and centred on the
        group's mean, so that differences between groups count for nothing.
    replicates, seed : int
        Of the bootstrap (ranks are taken once, on the whole).

    Returns
    -------
    dict
        ``correlation``, ``low``, ``high`` (95 %), ``count``; the first three are NaN if x or y never varies, or holds
        a NaN.

    Raises
    ------
    ValueError
        If there is no row, or the arguments are not of one length.

    Examples
    --------
    >>> x = np.array([1.0, 2, 3, 10, 20, 30])
    >>> result = rank_correlation(x, -x, np.arange(6), within=[0, 0, 0, 1, 1, 1])
    >>> round(result["correlation"], 6)
    -1.0
    """
    groups, a, b = _paired_ranks(x, y, within)
    number = pd.factorize(np.asarray(cluster))[0]
    if len(number) != len(a):
        raise ValueError(f"expected a cluster for each of {len(a)} rows, found {len(number)}")
    # Six sums per cluster are all that a correlation needs, however often the cluster is drawn.
    sums = np.stack([np.bincount(number, part) for part in (np.ones_like(a), a, b, a * a, b * b, a * b)])
    estimate = _correlation(sums.sum(axis=1))
    drawn = _correlation(sums @ cluster_draws(sums.shape[1], replicates, seed).T)
    low, high = interval(drawn)
    return {"correlation": float(estimate), "low": low, "high": high, "count": len(a)}


def rank_null(
    x: np.ndarray,
    y: np.ndarray,
    *,
    within: Sequence[Hashable] | None = None,
    permutations: int = 200,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % range of :func:`rank_correlation` when ``y`` is shuffled: among all rows, or inside each group.

    NaN where the correlation is. Raises a ``ValueError`` if the arguments are not of one length.

    Examples
    --------
    >>> low, high = rank_null(np.arange(100.0), np.arange(100.0))
    >>> -0.4 < low < 0 < high < 0.4
    True
    """
    groups, a, b = _paired_ranks(x, y, within)
    order = np.argsort(groups, kind="stable")
    # Shuffling y shuffles its ranks; the two sums of squares stay as they are.
    a, b = a[order], b[order]
    scale = np.sqrt((a @ a) * (b @ b))
    if not scale > 0:
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    drawn = [a @ b[np.argsort(groups[order] + rng.random(len(b)))] / scale for _ in range(permutations)]
    return interval(np.array(drawn))


def _paired_ranks(x, y, within: Sequence[Hashable] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of each row's group, and the ranks of x and of y inside it."""
    groups = np.zeros(len(x), dtype=int) if within is None else pd.factorize(np.asarray(within, dtype=object))[0]
    if not len(x) == len(y) == len(groups):
        raise ValueError(f"expected x, y and groups of one length, found {len(x)}, {len(y)} and {len(groups)}")
    return groups, _ranks_within(np.asarray(x, float), groups), _ranks_within(np.asarray(y, float), groups)


def _ranks_within(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Ranks inside each group, divided by the group's size and centred on its mean."""
    ranks = np.empty(len(values))
    order = np.argsort(groups, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        ranks[places] = (rankdata(values[places]) - (len(places) + 1) / 2) / len(places)
    return ranks


def _correlation(sums: np.ndarray) -> np.ndarray:
    n, a, b, aa, bb, ab = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        product = (n * aa - a * a) * (n * bb - b * b)
        # Rounding leaves a constant column a variance a hair off zero.
        product = np.where(product < 1e-12 * n**4, np.nan, product)
        return (n * ab - a * b) / np.sqrt(product)
