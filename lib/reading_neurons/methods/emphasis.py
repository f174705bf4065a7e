"""Do the words that carry something stand out in a map, and is it more than how often they were seen?

For a sentence with a saliency ``s_i >= 0`` per word and some of its N words marked (those that bear sentiment),

    share = sum of s_i over the marked words / sum over all,    chance = marked words / N.

A map that knows nothing of the marked words has share = chance on average, whatever its scale. Ranks compare words of
all sentences; a partial rank correlation holds a third quantity constant, such as the frequency of a word:

    r_xy.z = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 - r_yz^2)).

Easy to get wrong: the control. Whatever makes a word rare may also make it stand out, so a share above chance says
nothing of sentiment until frequency is held constant, and the same network without training stands beside it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from reading_neurons.statistics import cluster_draws, interval


def shares(table: pd.DataFrame, marked: np.ndarray, value: str = "saliency") -> pd.DataFrame:
    """How much of each sentence's saliency is on its marked words.

    Parameters
    ----------
    table : DataFrame
        One row per word: ``sentence``, and the value, 0 or above.
    marked : bool array, shape (rows,)
    value : str
        The column that is shared out.

    Returns
    -------
    DataFrame
        One row per sentence with words of both kinds, and something to share out: ``sentence``, ``words``, ``marked``
        (how many), ``share`` of the value that is on them, ``chance`` (their share of the words).

    Raises
    ------
    ValueError
        If a value is negative, or there is not one mark for each row.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": [0, 0, 0, 1], "saliency": [1.0, 3.0, 0.0, 5.0]})
    >>> shares(table, np.array([False, True, False, True])).round(2).values.tolist()
    [[0.0, 3.0, 1.0, 0.75, 0.33]]
    """
    marked = np.asarray(marked, dtype=bool)
    if marked.shape != (len(table),):
        raise ValueError(f"expected a mark for each of {len(table)} words, found {marked.shape}")
    values = table[value].to_numpy(dtype=float)
    if len(values) and values.min() < 0:
        raise ValueError(f"a share needs values of 0 or above, found {values.min():.3g}: take magnitudes")
    columns = {"sentence": table["sentence"], "words": 1, "marked": marked, "on": values * marked, "all": values}
    parts = pd.DataFrame(columns)
    sums = parts.groupby("sentence", sort=False).sum().reset_index()
    both = (sums["marked"] > 0) & (sums["marked"] < sums["words"]) & (sums["all"] > 0)
    found = sums[both].reset_index(drop=True)
    found = found.assign(share=found["on"] / found["all"], chance=found["marked"] / found["words"])
    return found[["sentence", "words", "marked", "share", "chance"]]


def partial_rank_correlation(
    x: np.ndarray, y: np.ndarray, given: np.ndarray, cluster: np.ndarray, *, replicates: int = 1000, seed: int = 0
) -> dict[str, float]:
    """Spearman's correlation of x and y with a third quantity held constant, with an interval over clusters.

    Parameters
    ----------
    x, y, given : float arrays, shape (rows,)
    cluster : array, shape (rows,)
        Rows of one cluster are drawn together.
    replicates, seed : int
        Of the bootstrap (ranks are taken once, on the whole).

    Returns
    -------
    dict
        ``correlation``, ``low``, ``high`` (95 %), ``count``; NaN where one of the three never varies.

    Raises
    ------
    ValueError
        If there is no row, or the arguments are not of one length.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=2000)
    >>> x, y = z + rng.normal(size=2000), z + rng.normal(size=2000)
    >>> abs(partial_rank_correlation(x, y, z, np.arange(2000))["correlation"]) < 0.1
    True
    """
    lengths = {len(part) for part in (x, y, given, cluster)}
    if len(lengths) > 1 or not len(x):
        raise ValueError(f"expected x, y, given and clusters of one length above 0, found {sorted(lengths)}")
    ranks = np.stack([rankdata(part) - (len(x) + 1) / 2 for part in (x, y, given)])
    number = pd.factorize(np.asarray(cluster))[0]
    products = [np.ones(len(x)), *ranks, *(ranks[i] * ranks[j] for i in range(3) for j in range(i, 3))]
    sums = np.stack([np.bincount(number, part) for part in products])
    drawn = _partial(sums @ cluster_draws(sums.shape[1], replicates, seed).T)
    low, high = interval(drawn)
    return {"correlation": float(_partial(sums.sum(axis=1))), "low": low, "high": high, "count": len(x)}


def _partial(sums: np.ndarray) -> np.ndarray:
    """The partial correlation from ten sums: count, three sums, six sums of products."""
    n, x, y, z, xx, xy, xz, yy, yz, zz = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = {name: np.where(both > 1e-9 * n**3, both, np.nan) for name, both in
                  (("x", n * xx - x * x), ("y", n * yy - y * y), ("z", n * zz - z * z))}  # fmt: skip
        r_xy = (n * xy - x * y) / np.sqrt(spread["x"] * spread["y"])
        r_xz = (n * xz - x * z) / np.sqrt(spread["x"] * spread["z"])
        r_yz = (n * yz - y * z) / np.sqrt(spread["y"] * spread["z"])
        return (r_xy - r_xz * r_yz) / np.sqrt((1 - r_xz**2) * (1 - r_yz**2))
