"""How sharply a map of saliency points at some words: a sentence at a time, so that networks can be compared.

Li et al. 2016 (section 5.1) read off three sentences that an LSTM "offers a clearer focus" than a recurrent network,
and a bidirectional LSTM "the clearest". Here are measures of that for any number of sentences, with ``p_t`` the share
of word t in the magnitudes of its sentence of n words:

* the **share** of the words that bear sentiment, ``sum p_t`` over them;
* the **entropy** ``-sum p_t log p_t / log n``: 1 where all words count alike, 0 where one has everything;
* the **decay**, the slope of ``log |saliency|`` against the distance from the last word: below 0 where early words
  fade.

Easy to get wrong: the share by itself. In a sentence of sentiment words alone it is 1 for every map, so that it stands
beside the share of such words among all words, which is what shuffled maps reach on average.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reading_neurons.statistics import cluster_draws, interval

MEASURES = ("share", "entropy", "decay")
LEAST = 1e-12  # what a saliency of zero is taken for in a logarithm, of the largest in its sentence


def focus(table: pd.DataFrame, bearing: str = "bearing") -> pd.DataFrame:
    """The measures of every sentence.

    Parameters
    ----------
    table : DataFrame
        One row per word, as :func:`reading_neurons.methods.saliency.saliency` gives it: ``sentence``, ``position``,
        ``saliency``, and a column of bools.
    bearing : str
        The column that says which words bear sentiment.

    Returns
    -------
    DataFrame
        One row per sentence: ``sentence``, ``words``, ``base`` (share of such words among all words), ``share``,
        ``entropy``, ``decay`` (of the natural logarithm, a word), ``top`` (whether the word of the highest saliency
        bears sentiment, 1 or 0). NaN where it means nothing: shares without such a word, entropies of one word, decays
        of fewer than three, and everything where no saliency is above zero.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": 0, "position": [0, 1, 2], "saliency": [1.0, 2.0, 1.0],
    ...                       "bearing": [False, True, False]})
    >>> focus(table)[["words", "share", "entropy", "top"]].round(3).values.tolist()
    [[3.0, 0.5, 0.946, 1.0]]
    """
    _require(table, "sentence", "position", "saliency", bearing)
    groups = table.groupby("sentence", sort=True)
    rows = [{"sentence": sentence, **_measured(rows, bearing)} for sentence, rows in groups]
    return pd.DataFrame(rows)


def _measured(rows: pd.DataFrame, bearing: str) -> dict[str, float]:
    size, marked = rows["saliency"].abs().to_numpy(float), rows[bearing].to_numpy(bool)
    count, total = len(size), size.sum()
    found = {"words": count, "base": marked.mean(), "share": np.nan, "entropy": np.nan, "decay": np.nan, "top": np.nan}
    if not total > 0:
        return found
    part = size / total
    if marked.any():
        found |= {"share": part[marked].sum(), "top": float(marked[part.argmax()])}
    if count > 1:
        found["entropy"] = -(part[part > 0] @ np.log(part[part > 0])) / np.log(count)
    if count > 2:
        distance = rows["position"].max() - rows["position"].to_numpy(float)
        found["decay"] = slope(distance, np.log(np.maximum(size, LEAST * size.max())))
    return found


def slope(x: np.ndarray, y: np.ndarray) -> float:
    """Of the line of least squares.

    Examples
    --------
    >>> float(slope(np.array([0.0, 1, 2]), np.array([3.0, 5, 7])))
    2.0
    """
    centred = x - x.mean()
    return (centred @ y) / (centred @ centred)


def relative(table: pd.DataFrame) -> pd.Series:
    """Each word's saliency by the mean of its sentence: 1 for a word that gets as much as the average one."""
    size = table["saliency"].abs()
    return size / size.groupby(table["sentence"]).transform("mean")


def by_distance(table: pd.DataFrame, furthest: int = 30, *, replicates: int = 500, seed: int = 0) -> pd.DataFrame:
    """What words at every distance from the end of their sentence get, by the mean of their sentence.

    Parameters
    ----------
    table : DataFrame
        ``sentence``, ``position``, ``saliency``.
    furthest : int
        Words before the last one that are still asked for.
    replicates, seed : int
        Of the bootstrap over sentences.

    Returns
    -------
    DataFrame
        One row per distance: ``distance`` (0 is the last word), ``mean`` (1: as much as an average word), ``low`` and
        ``high`` (95 %, sentences drawn with replacement), ``count``.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": 0, "position": [0, 1], "saliency": [1.0, 3.0]})
    >>> by_distance(table)[["distance", "mean", "count"]].values.tolist()
    [[0.0, 1.5, 1.0], [1.0, 0.5, 1.0]]
    """
    _require(table, "sentence", "position", "saliency")
    distance = table.groupby("sentence")["position"].transform("max") - table["position"]
    placed = pd.DataFrame({"distance": distance, "value": relative(table), "sentence": table["sentence"]})
    placed = placed[(placed["distance"] <= furthest) & placed["value"].notna()]
    number, sentences = pd.factorize(placed["sentence"])
    wide = np.full((len(sentences), int(placed["distance"].max()) + 1), np.nan)
    wide[number, placed["distance"]] = placed["value"]
    draws = cluster_draws(len(sentences), replicates, seed)
    there = ~np.isnan(wide)
    with np.errstate(invalid="ignore"):
        drawn = (draws @ np.nan_to_num(wide)) / (draws @ there)
    low, high = zip(*map(interval, drawn.T), strict=True)
    mean = np.nansum(wide, axis=0) / there.sum(axis=0)
    columns = {"distance": np.arange(wide.shape[1]), "mean": mean, "low": low, "high": high}
    return pd.DataFrame({**columns, "count": there.sum(axis=0)})


def mean_interval(values: np.ndarray, *, replicates: int = 1000, seed: int = 0) -> tuple[float, float, float]:
    """Mean over sentences and its 95 % interval; sentences without a value (NaN) do not count.

    For a difference between two networks give the differences of their sentences: a pair is drawn together.

    Raises
    ------
    ValueError
        If no sentence has a value.

    Examples
    --------
    >>> [round(number, 2) for number in mean_interval(np.array([1.0, 1.0, float("nan")]))]
    [1.0, 1.0, 1.0]
    """
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if not len(values):
        raise ValueError("found no sentence with a value, expected one that has a word that bears sentiment")
    drawn = cluster_draws(len(values), replicates, seed) @ values / len(values)
    return (float(values.mean()), *interval(drawn))


def shuffled_share(
    table: pd.DataFrame, bearing: str = "bearing", *, permutations: int = 200, seed: int = 0
) -> tuple[float, float]:
    """95 % range of the mean share when the saliencies of each sentence are shuffled among its words.

    Sentences without a word that bears sentiment do not count, as in :func:`focus`.
    """
    _require(table, "sentence", "saliency", bearing)
    size = table["saliency"].abs().to_numpy(float)
    part = size / table["saliency"].abs().groupby(table["sentence"]).transform("sum").to_numpy()
    number = pd.factorize(table["sentence"], sort=True)[0]
    order = np.argsort(number, kind="stable")
    part, marked, number = part[order], table[bearing].to_numpy(bool)[order], number[order]
    counted = np.bincount(number, marked)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(permutations):
        mixed = part[np.lexsort((rng.random(len(part)), number))]
        drawn.append(np.bincount(number, mixed * marked)[counted > 0].mean())
    return interval(np.array(drawn))


def _require(table: pd.DataFrame, *columns: str) -> None:
    if missing := [column for column in columns if column not in table]:
        raise ValueError(
            f"the measures of focus need the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"found {', '.join(map(str, table.columns)) or 'none'}"
        )
    if table.empty:
        raise ValueError("the measures of focus need at least one word, found an empty table")
