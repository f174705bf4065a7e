"""What classifiers of words are worth: accuracies with intervals, selectivity, labels one by one.

Kádár et al. 2017, section 6.3, with what it lacks: a control task (Hewitt and Liang 2019, whose selectivity is the
accuracy less that on random labels), and intervals over images.

Easy to get wrong: the penalty. Chosen on the held-out half it flatters every accuracy; here it is chosen on a half of
the fitted half.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from reading_neurons.methods.grammatical_units import Task
from reading_neurons.statistics import cluster_draws, halves, interval, mean_intervals

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # of the weights of states
NGRAM_PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)


def majority(task: Task) -> Bool[np.ndarray, "words"]:
    """Whether each word has the label that is most frequent among the fitted words."""
    names, counts = np.unique(task.label[task.fitted], return_counts=True)
    return task.label == names[counts.argmax()]


def accuracies(
    task: Task,
    correct: Mapping[str, Bool[np.ndarray, "words"]],
    rows: Bool[np.ndarray, "words"] | None = None,
    *,
    replicates: int = 1000,
) -> pd.DataFrame:
    """Share of the held-out words whose label is right, for several classifiers.

    Parameters
    ----------
    task : Task
    correct : mapping of str to bool arrays, shape (words,)
        By the name of what each classifier reads.
    rows : bool array, shape (words,), optional
        Of the held-out words only these, such as nouns.
    replicates : int
        Of the bootstrap over images.

    Returns
    -------
    DataFrame
        One row per classifier: ``features``, ``accuracy``, ``low``, ``high`` (95 %, by image), ``count``.

    Raises
    ------
    ValueError
        If there is no held-out word among the rows.
    """
    kept = _kept(task, rows)
    images = task.tokens["image"].to_numpy()[kept]
    parts = [
        mean_intervals(
            pd.DataFrame({"features": name, "right": right[kept].astype(float), "image": images}),
            "right", "features", replicates=replicates,
        )
        for name, right in correct.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).rename(columns={"mean": "accuracy"})


def survey(
    task: Task,
    trained: Mapping[str, Float[np.ndarray, "words units"]],
    untrained: Mapping[str, Float[np.ndarray, "words units"]] | None = None,
    parts: Mapping[str, Bool[np.ndarray, "words"]] | None = None,
    **settings,
) -> pd.DataFrame:
    """Accuracies of every set of predictors, and those on the control task.

    Parameters
    ----------
    task : Task
    trained, untrained : mappings of str to float arrays, shape (words, units)
        States of pathways by name; of untrained ones the states alone are tried.
    parts : mapping of str to bool arrays, shape (words,), optional
        Words to be looked at apart, such as nouns.
    **settings
        Of :meth:`Task.fit`, such as penalties.

    Returns
    -------
    DataFrame
        One row per classifier and part: ``network`` ("trained", "untrained" or ""), ``pathway`` ("" where none is
        read), ``features``, ``part`` ("all words" and those given), ``control``, ``accuracy``, ``low``, ``high``,
        ``count``.
    """
    width = int(task.widths.max())
    ngrams_named = f"{width}-grams"
    runs = [("", "", "word", None, 1), ("", "", ngrams_named, None, width)]
    for name, states in trained.items():
        runs += [("trained", name, "states", states, 0), ("trained", name, f"states + {ngrams_named}", states, width)]
    runs += [("untrained", name, "states", states, 0) for name, states in (untrained or {}).items()]
    looked = {"all words": None, **(parts or {})}
    found = [
        accuracies(task, {"majority": majority(task)}, rows).assign(network="", pathway="", part=part, control=False)
        for part, rows in looked.items()
    ]
    for one in (task, task.control()):
        for network, pathway, features, states, widest in runs:
            right = one.fit(states, widest, **settings).correct(states)
            for part, rows in looked.items():
                measured = accuracies(one, {features: right}, rows)
                found.append(measured.assign(network=network, pathway=pathway, part=part, control=one is not task))
    return pd.concat(found, ignore_index=True)


def difference(
    task: Task,
    first: Bool[np.ndarray, "words"],
    second: Bool[np.ndarray, "words"],
    rows: Bool[np.ndarray, "words"] | None = None,
    *,
    replicates: int = 1000,
) -> tuple[float, float, float]:
    """How much more often the first classifier is right than the second, on the same held-out words.

    Returns
    -------
    difference, low, high : float
        With a 95 % interval, images drawn with replacement.
    """
    kept = _kept(task, rows)
    gain = first[kept].astype(float) - second[kept]
    number, images = pd.factorize(task.tokens["image"].to_numpy()[kept])
    draws = cluster_draws(len(images), replicates, seed=0)
    drawn = (draws @ np.bincount(number, gain)) / (draws @ np.bincount(number))
    return float(gain.mean()), *interval(drawn)


def _kept(task: Task, rows: np.ndarray | None) -> np.ndarray:
    kept = np.flatnonzero(~task.fitted if rows is None else ~task.fitted & rows)
    if not len(kept):
        raise ValueError("found no held-out word among those asked for: give more sentences, or other rows")
    return kept


def by_label(task: Task, predicted: np.ndarray) -> pd.DataFrame:
    """How well each label is found among the held-out words.

    Parameters
    ----------
    task : Task
    predicted : int array, shape (words,)
        As :meth:`Probe.predicted() <reading_neurons.methods.grammatical_units.Probe.predicted>` gives it.

    Returns
    -------
    DataFrame
        One row per label, in order of falling count: ``label``, ``count``, ``predicted`` (how many words got it),
        ``right``, ``precision``, ``recall``, ``f1``; precision is NaN where no word got the label.
    """
    held = ~task.fitted
    label, given = task.label[held], np.array([*task.names], dtype=object)[predicted[held]]
    names = np.unique(label)
    counts = [
        pd.Series(part).value_counts().reindex(names, fill_value=0) for part in (label, given, label[label == given])
    ]
    table = (
        pd.DataFrame(dict(zip(("count", "predicted", "right"), counts, strict=True))).rename_axis("label").reset_index()
    )
    table = table.assign(
        precision=table["right"] / table["predicted"].where(table["predicted"] > 0),
        recall=table["right"] / table["count"],
        f1=2 * table["right"] / (table["count"] + table["predicted"]),
    )
    return table.sort_values("count", ascending=False, ignore_index=True)


def penalties(
    task: Task,
    states: Float[np.ndarray, "words units"] | None = None,
    width: int = 0,
    *,
    candidates: Sequence[float] | None = None,
    words: int = 20_000,
    seed: int = 0,
) -> pd.DataFrame:
    """How well each strength of the penalty does inside the fitted half: learnt on half of its images, tested on the other.

    Parameters
    ----------
    task : Task
    states, width
        What it is to be chosen for: states, or n-grams up to a width.
    candidates : sequence of float, optional
        By default :data:`PENALTIES` for states, :data:`NGRAM_PENALTIES` for n-grams.
    words : int
        It learns from as many at most.
    seed : int

    Returns
    -------
    DataFrame
        One row per candidate, the best first, of equals the stronger: ``penalty``, ``accuracy``.
    """
    fitted = np.flatnonzero(task.fitted)
    images = task.tokens["image"].to_numpy()
    inner = halves(images[fitted], seed)
    rows = fitted[inner][sample(images[fitted[inner]], words, seed)]
    found = []
    for penalty in candidates or (NGRAM_PENALTIES if states is None else PENALTIES):
        probe = task.fit(states, width, penalty=penalty, ngram_penalty=penalty, rows=rows, tolerance=1e-3)
        found.append((penalty, float(probe.correct(states)[fitted[~inner]].mean())))
    table = pd.DataFrame(found, columns=["penalty", "accuracy"])
    return table.sort_values(["accuracy", "penalty"], ascending=False, ignore_index=True)


def sample(cluster: Sequence[Hashable] | np.ndarray, rows: int, seed: int = 0) -> Bool[np.ndarray, "rows"]:
    """Rows of clusters that are drawn at random, without replacement, until there are so many; all, if there are no more.

    Examples
    --------
    >>> sample(["a", "a", "b", "c", "c", "c"], rows=6).all()
    np.True_
    """
    number, names = pd.factorize(np.asarray(cluster))
    place = np.random.default_rng(seed).permutation(len(names))
    sizes = np.bincount(number)[np.argsort(place)]
    return place[number] <= np.searchsorted(np.cumsum(sizes), rows)
