"""Units that fire before their label: is a unit already high one word before the word whose function it tells?

Kádár et al. 2017, section 6.4: units predictive of POBJ and CONJ have top contexts that end in *of* or *and*, one step
before the word that has the label, "suggesting that the information content of the token *of* must be carried over the
next time step". For a label, let A(d) be the area under the ROC curve of a unit's activation d words from t, for words
t with the label against all others,

    A(d) = P(h(t + d) > h(t' + d)),   t with the label, t' without,

with ties counted half: .5 says nothing, 1 everything. A(-1) is read one word before the label, A(0) at it.

Easy to get wrong: A(-1) above .5 is not memory. The word before a conjunct is mostly *and*, and a unit that detects
*and* fires "before its label"; and conjuncts stand late in a sentence, which a unit that counts words can tell. Memory
is A(0) in excess of what the word and its position tell, measured with states exchanged among places of the same word
at the same position (:func:`reading_neurons.methods.carrying_units.exchanged`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from scipy.stats import rankdata

from reading_neurons import ngrams
from reading_neurons.methods.carrying_units import exchanged
from reading_neurons.methods.runs import check_units
from reading_neurons.statistics import cluster_draws, halves, interval

OFFSETS = (-2, -1, 0, 1)
MEAN = -1
"""In place of a unit's number: the mean over the units."""


def label_units(
    states: Float[np.ndarray, "words units"],
    tokens: pd.DataFrame,
    labels: Sequence[str],
    k: int = 5,
    sample: int = 10_000,
) -> pd.DataFrame:
    """The units that best tell words of a label from all others.

    Parameters
    ----------
    states : float array, shape (words, units)
    tokens : DataFrame
        With ``deprel``, one row per word.
    labels : sequence of str
    k : int
        Units per label.
    sample : int
        Of more words every n-th is used.

    Returns
    -------
    DataFrame
        ``label``, ``unit``, ``auc`` (of the unit's activation, below .5 for a unit that is low at the label), ``sign``
        (1, or -1 for such a unit); best first.

    Raises
    ------
    ValueError
        If a label does not occur among the words used, all words have it, or ``k`` is out of range.
    """
    _check(states, tokens)
    if not 1 <= k <= states.shape[1]:
        raise ValueError(f"expected from 1 to {states.shape[1]} units per label, found k = {k}")
    step = max(1, -(-len(states) // sample))
    of_sample = tokens["deprel"].to_numpy()[::step]
    ranks = rankdata(np.ascontiguousarray(states[::step].T), axis=1)
    parts = []
    for label in labels:
        chosen = _of_label(of_sample, label)
        positive = chosen.sum()
        auc = (ranks[:, chosen].mean(axis=1) - (positive + 1) / 2) / (len(chosen) - positive)
        best = np.argsort(-np.abs(auc - 0.5), kind="stable")[:k]
        parts.append(
            pd.DataFrame({"label": label, "unit": best, "auc": auc[best], "sign": np.where(auc[best] < 0.5, -1, 1)})
        )
    return pd.concat(parts, ignore_index=True)


def _check(states: np.ndarray, tokens: pd.DataFrame) -> None:
    if missing := [column for column in ("sentence", "position", "word", "deprel") if column not in tokens]:
        raise ValueError(f"the tokens have no column {', '.join(missing)}: take them from annotation.token_table")
    if len(states) != len(tokens):
        raise ValueError(f"found states of {len(states)} words and {len(tokens)} tokens, expected as many")


def _of_label(deprel: np.ndarray, label: str) -> Bool[np.ndarray, "words"]:
    chosen = deprel == label
    if not 0 < chosen.sum() < len(chosen):
        found = ", ".join(sorted(set(deprel))[:12])
        raise ValueError(
            f"{chosen.sum()} of {len(chosen)} words have the label {label!r}, expected some but not all; "
            f"labels are {found}"
        )
    return chosen


def before_label(
    states: Float[np.ndarray, "words units"],
    tokens: pd.DataFrame,
    label: str,
    units: Sequence[int],
    *,
    signs: Sequence[int] | None = None,
    offsets: Sequence[int] = OFFSETS,
    against: str | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """How well units tell words of a label from others, read some words before it, at it, and after it.

    Parameters
    ----------
    states : float array, shape (words, units)
    tokens : DataFrame
        ``sentence``, ``position``, ``word``, ``deprel`` and ``image``, one row per word.
    label : str
    units : sequence of int
    signs : sequence of int, optional
        -1 for a unit that is low at the label: its activations are taken negative.
    offsets : sequence of int
        -1 is the word before the label. Words that have none there are left out.
    against : str, optional
        The label of the words compared with; by default all others.
    replicates, seed : int
        Of the bootstrap over images. It uses the area's change to first order in the weight of each image.

    Returns
    -------
    DataFrame
        One row per unit and offset, and with the unit -1 the mean over the units: ``label``, ``unit``, ``offset``,
        ``auc``, ``low``, ``high`` (95 %), ``alone`` (the area once states are exchanged among places of the same
        word and position), ``excess`` (what these two alone do not tell) and ``ahead`` (by how much the area exceeds
        that at the label itself), both with ``_low`` and ``_high``. NaN where there is nothing to compare.

    Raises
    ------
    ValueError
        If a label does not occur, a unit is out of range, or states and tokens differ in length.

    Examples
    --------
    >>> tokens = pd.DataFrame({"sentence": [0, 0, 0, 1, 1, 1], "position": [0, 1, 2] * 2,
    ...                        "word": ["a", "dog", "runs"] * 2, "deprel": ["det", "nsubj", "ROOT"] * 2,
    ...                        "image": [0] * 3 + [1] * 3})
    >>> states = np.array([[1.0], [0], [0], [1], [0], [0]])
    >>> before_label(states, tokens, "nsubj", [0]).set_index(["unit", "offset"]).loc[0, "auc"].round(2).to_dict()
    {-1: 1.0, 0: 0.25, 1: 0.5}
    """
    _check(states, tokens)
    check_units(states, units)
    deprel = tokens["deprel"].to_numpy()
    positive = _of_label(deprel, label)
    compared = positive | (_of_label(deprel, against) if against is not None else True)
    image, images = pd.factorize(tokens["image"])
    read = states[:, list(units)] * np.asarray(signs if signs is not None else np.ones(len(units)))
    swapped = read[exchanged(_word_and_place(tokens), seed)]
    draws = cluster_draws(len(images), replicates, seed)
    drawn, null = {}, {}
    for offset in dict.fromkeys([*offsets, 0]):
        t = _places(tokens["sentence"].to_numpy(), offset)
        t = t[compared[t]]
        if 0 < positive[t].sum() < len(t):
            drawn[offset], null[offset] = (
                _drawn(values[t + offset], positive[t], image[t], draws) for values in (read, swapped)
            )
    rows = [
        (label, unit, offset, *_row(drawn, null, offset, slice(None) if unit == MEAN else slice(column, column + 1)))
        for offset in offsets
        if offset in drawn
        for column, unit in enumerate([*units, MEAN])
    ]
    columns = [f"{name}{end}" for name in ("auc", "excess", "ahead") for end in ("", "_low", "_high")]
    columns = ["label", "unit", "offset", "auc", "low", "high", "alone", *columns[3:]]
    return pd.DataFrame(rows, columns=columns)


def leading_units(
    states: Float[np.ndarray, "words units"],
    tokens: pd.DataFrame,
    labels: Sequence[str],
    *,
    k: int = 5,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """The units that best tell each label, chosen on half of the images and measured on the other half.

    Returns
    -------
    DataFrame
        As :func:`before_label`, one label below the other.

    Raises
    ------
    ValueError
        As :func:`label_units` and :func:`before_label`.
    """
    _check(states, tokens)
    half = halves(tokens["image"], seed)
    best = label_units(states[half], tokens[half], labels, k)
    measured = states[~half], tokens[~half]
    parts = []
    for label, rows in best.groupby("label", sort=False):
        chosen = {"units": rows["unit"].tolist(), "signs": rows["sign"].tolist()}
        parts.append(before_label(*measured, label, **chosen, replicates=replicates, seed=seed))
    return pd.concat(parts, ignore_index=True)


def _word_and_place(tokens: pd.DataFrame) -> np.ndarray:
    """A number for each pair of a word and its position."""
    place = tokens["position"].to_numpy()
    return ngrams.codes(tokens["word"], tokens["sentence"].to_numpy(), 1) * (place.max() + 1) + place


def _places(sentence: np.ndarray, offset: int) -> np.ndarray:
    """The words whose sentence has a word at this offset from them."""
    t = np.arange(max(0, -offset), len(sentence) - max(0, offset))
    return t[sentence[t] == sentence[t + offset]]


def _row(drawn: dict[int, np.ndarray], null: dict[int, np.ndarray], offset: int, of: slice) -> tuple[float, ...]:
    """The area with its interval, that of exchanged states, then excess and ahead with theirs, mean of some columns."""
    areas, chance = drawn[offset][:, of].mean(axis=1), null[offset][:, of].mean(axis=1)
    ahead = areas - drawn[0][:, of].mean(axis=1) if 0 in drawn else np.full(len(areas), np.nan)
    return (*_with_interval(areas), chance[0], *_with_interval(areas - chance), *_with_interval(ahead))


def _drawn(values: np.ndarray, positive: np.ndarray, image: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The area of each column, then in each bootstrap replicate, shape (1 + replicates, columns)."""
    areas, change = _areas(values, positive, image, draws.shape[1])
    # Each image's change counts once in the sample: a draw adds it as often as the image was drawn beyond that.
    return np.vstack([areas, areas + (draws - 1) @ change])


def _with_interval(values: np.ndarray) -> tuple[float, float, float]:
    return (values[0], *interval(values[1:]))


def _areas(values: np.ndarray, positive: np.ndarray, image: np.ndarray, images: int) -> tuple[np.ndarray, np.ndarray]:
    """The area under the ROC curve of each column, and how it changes with the weight of each image, to first order.

    The share of negatives below each positive, and of positives above each negative (ties half), average to the area;
    an image's sums of their deviations from it are its influence (DeLong et al. 1988, Obuchowski 1997).
    """
    of_positive, of_negative = values[positive], values[~positive]
    areas, changes = np.empty(values.shape[1]), np.empty((images, values.shape[1]))
    for column in range(values.shape[1]):
        shares = [
            _below(of_positive[:, column], of_negative[:, column]),
            1 - _below(of_negative[:, column], of_positive[:, column]),
        ]
        area = areas[column] = shares[0].mean()
        changes[:, column] = sum(
            np.bincount(image[side], (share - area) / len(share), minlength=images)
            for side, share in zip((positive, ~positive), shares, strict=True)
        )
    return areas, changes


def _below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each value the share of others below it, equal ones counted half."""
    others = np.sort(others)
    return (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")) / (2 * len(others))


def leads(table: pd.DataFrame) -> pd.DataFrame:
    """Where each unit tells its label best: ``label``, ``unit``, ``lead`` (-1: one word before it), ``auc``."""
    best = table.loc[table.groupby(["label", "unit"], sort=False)["auc"].idxmax()]
    return best[["label", "unit", "offset", "auc"]].rename(columns={"offset": "lead"}).reset_index(drop=True)


def lagged(states: Float[np.ndarray, "words units"], tokens: pd.DataFrame, unit: int) -> pd.DataFrame:
    """A unit's activation at t - 1 beside that at t, with the labels at t and t + 1.

    Returns
    -------
    DataFrame
        One row per word that has one before it: ``sentence``, ``position``, ``word``, ``previous``, ``before``,
        ``now``, ``label``, ``next`` (the label at t + 1; empty at the end of a sentence).
    """
    _check(states, tokens)
    check_units(states, [unit])
    sentence = tokens["sentence"].to_numpy()
    t = np.flatnonzero(np.diff(sentence, prepend=sentence[0] - 1) == 0)
    after = np.append(sentence[1:] == sentence[:-1], False)[t]
    deprel = tokens["deprel"].to_numpy()
    return pd.DataFrame(
        {
            "sentence": sentence[t], "position": tokens["position"].to_numpy()[t],
            "word": tokens["word"].to_numpy()[t], "previous": tokens["word"].to_numpy()[t - 1],
            "before": states[t - 1, unit], "now": states[t, unit], "label": deprel[t],
            "next": np.where(after, deprel[np.minimum(t + 1, len(deprel) - 1)], ""),
        }
    )  # fmt: skip
