"""What a modifier does to the vector of a phrase (Li et al. 2016, section 4, Figure 1): dimensions that turn or grow.

With ``r(p)`` the representation of a phrase p, a dimension j is turned by a modifier where

    sign(r_j("not good")) != sign(r_j("good")),

and strengthened where the sign stays and the magnitude grows. The paper shows a few pairs and boxes dimensions by eye;
here a dimension counts if it does so over all pairs more often than with a modifier that says nothing ("is good").

Easy to get wrong: a dimension close to 0 turns at any word that is added. The share of pairs that turn says nothing
without the same share for neutral modifiers, and pairs of one head word ("not good", "never good") are one observation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float
from scipy.stats import false_discovery_control

from reading_neurons.methods.gradients import encoded
from reading_neurons.methods.unfolding import class_chances, sentiment
from reading_neurons.passes import Sentences
from reading_neurons.pathway import Pathway, represent_ids
from reading_neurons.statistics import cluster_draws, halves, interval

REPLICATES = 2000
PERMUTATIONS = 10_000
LEVEL = 0.05  # of false finds among what is called consistent
PARTS = ("base", "modified", "neutral")


def vectors(pathway: Pathway, phrases: Sentences) -> Float[np.ndarray, "phrases units"]:
    """The representation of each phrase, read as a sentence of its own.

    Parameters
    ----------
    pathway : Pathway
    phrases : iterable of str or of sequences of words

    Returns
    -------
    float array, shape (phrases, units)

    Raises
    ------
    ValueError
        If there is no phrase, one has no word, or none of its words is known to the network.
    """
    return represent_ids(pathway, encoded(pathway, phrases)).cpu().numpy()


def vector_table(pathway: Pathway, phrases: Sequence[str]) -> pd.DataFrame:
    """The representations of some phrases, one row per phrase and dimension.

    Returns
    -------
    DataFrame
        ``phrase``, ``dimension``, ``value``.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["not", "good"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> len(vector_table(pathway, ["good", "not good"]))
    8
    """
    found = vectors(pathway, phrases)
    return pd.DataFrame({
        "phrase": np.repeat(np.asarray(phrases, dtype=object), found.shape[1]),
        "dimension": np.tile(np.arange(found.shape[1]), len(found)),
        "value": found.ravel(),
    })  # fmt: skip


def expected_class(
    pathway: Pathway, representations: Float[np.ndarray, "phrases units"]
) -> Float[np.ndarray, "phrases"]:
    """The mean of the class number under the network's own probabilities: from 0 to 4 with five classes.

    Parameters
    ----------
    pathway : Pathway
        With a score for every class, in the order of the scale.
    representations : float array, shape (phrases, units)

    Raises
    ------
    TypeError
        If the network has no class scores.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["good"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> expected_class(pathway, np.zeros((1, 4), dtype="float32")).tolist()
    [2.0]
    """
    chances = class_chances(pathway, torch.as_tensor(representations))
    return ((sentiment(chances) + 1) / 2 * (chances.shape[-1] - 1)).cpu().numpy()


def turned(base: Float[np.ndarray, "..."], modified: Float[np.ndarray, "..."]) -> Bool[np.ndarray, "..."]:
    """Where the sign has changed; 0 has none, so it neither turns nor is turned to.

    Examples
    --------
    >>> turned(np.array([0.5, 0.5, 0.0]), np.array([-0.1, 0.9, 0.3])).tolist()
    [True, False, False]
    """
    return base * modified < 0


def strengthened(base: Float[np.ndarray, "..."], modified: Float[np.ndarray, "..."]) -> Bool[np.ndarray, "..."]:
    """Where the sign is kept and the magnitude has grown.

    Examples
    --------
    >>> strengthened(np.array([0.5, 0.5, -0.5]), np.array([0.6, 0.4, 0.6])).tolist()
    [True, False, False]
    """
    return (base * modified > 0) & (np.abs(modified) > np.abs(base))


EFFECTS = {"turned": turned, "strengthened": strengthened}


def consistent(
    base: Float[np.ndarray, "pairs units"],
    modified: Float[np.ndarray, "pairs units"],
    neutral: Float[np.ndarray, "pairs units"],
    head: Sequence,
    effect: str = "turned",
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Which dimensions a modifier turns (or strengthens) over all pairs, more often than a neutral modifier does.

    Parameters
    ----------
    base, modified, neutral : float arrays, shape (pairs, units)
        Representations of "good", "not good" and "is good".
    head : sequence, shape (pairs,)
        What pairs have in common; pairs of one head are averaged and count as one.
    effect : {"turned", "strengthened"}
    seed : int
        Of permutations and bootstrap.

    Returns
    -------
    DataFrame
        One row per dimension: ``dimension``; ``share`` of pairs with the effect, ``low``, ``high`` (95 %, over
        heads); ``null``, the share with the neutral modifier; ``change``, ``change_low``, ``change_high``, the mean
        change of the value; ``p`` (one-sided: modified and neutral exchanged at random within each head), ``q``
        (Benjamini-Hochberg over dimensions); ``consistent``: q below .05 and at least half of the pairs.

    Raises
    ------
    ValueError
        If the arrays differ in shape, hold no pair or have fewer than two heads, or the effect is unknown.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> base = rng.choice([-1.0, 1.0], size=(30, 3))
    >>> found = consistent(base, base * [-1, 1, 1], base, range(30))
    >>> found["consistent"].tolist(), found["share"].tolist()
    ([True, False, False], [1.0, 0.0, 0.0])
    """
    if effect not in EFFECTS:
        raise ValueError(f"found the effect {effect!r}, expected one of {', '.join(map(repr, EFFECTS))}")
    heads = _heads(base, modified, neutral, head)
    with_modifier = _by_head(EFFECTS[effect](base, modified), heads)
    with_neutral = _by_head(EFFECTS[effect](base, neutral), heads)
    change = _by_head(modified - base, heads)
    draws = cluster_draws(len(change), REPLICATES, seed) / len(change)
    p = _exchanged(with_modifier - with_neutral, seed)
    q = false_discovery_control(p)
    low, high = np.percentile(draws @ with_modifier, (2.5, 97.5), axis=0)
    change_low, change_high = np.percentile(draws @ change, (2.5, 97.5), axis=0)
    share = with_modifier.mean(axis=0)
    return pd.DataFrame({
        "dimension": np.arange(len(share)), "share": share, "low": low, "high": high, "null": with_neutral.mean(axis=0),
        "change": change.mean(axis=0), "change_low": change_low, "change_high": change_high, "p": p, "q": q,
        "consistent": (q < LEVEL) & (share >= 0.5),
    })  # fmt: skip


def held_out(
    base: Float[np.ndarray, "pairs units"],
    modified: Float[np.ndarray, "pairs units"],
    neutral: Float[np.ndarray, "pairs units"],
    head: Sequence,
    effect: str = "turned",
    *,
    seed: int = 0,
) -> dict[str, float]:
    """Do dimensions that are consistent over half of the heads show the effect over the other half?

    Arguments as for :func:`consistent`, which chooses the dimensions on a random half of the heads.

    Returns
    -------
    dict
        ``chosen`` (how many dimensions), ``heads`` (of the other half), ``share`` of pairs and chosen dimensions with
        the effect there, ``null`` with the neutral modifier, ``excess`` and its 95 % interval over heads, ``low``,
        ``high``; NaN where no dimension was chosen.

    Raises
    ------
    ValueError
        As for :func:`consistent`, of which each half needs two heads.
    """
    heads = _heads(base, modified, neutral, head)
    fitted = halves(heads, seed)
    parts = [part[fitted] for part in (base, modified, neutral)]
    chosen = consistent(*parts, heads[fitted], effect, seed=seed)["consistent"].to_numpy()
    tested = _heads(*(part[~fitted] for part in (base, modified, neutral)), heads[~fitted])
    found = {"chosen": int(chosen.sum()), "heads": int(tested.max()) + 1}
    if not chosen.any():
        return found | dict.fromkeys(("share", "null", "excess", "low", "high"), np.nan)
    shown = [EFFECTS[effect](base, other)[~fitted][:, chosen] for other in (modified, neutral)]
    share, null = (_by_head(events, tested).mean(axis=1) for events in shown)
    drawn = cluster_draws(len(share), REPLICATES, seed) @ (share - null) / len(share)
    low, high = interval(drawn)
    return found | {
        "share": share.mean(), "null": null.mean(), "excess": (share - null).mean(), "low": low, "high": high,
    }  # fmt: skip


def _heads(base: np.ndarray, modified: np.ndarray, neutral: np.ndarray, head: Sequence) -> np.ndarray:
    """The number of each pair's head."""
    if base.ndim != 2 or not base.shape == modified.shape == neutral.shape:
        raise ValueError(
            "expected three arrays of one shape (pairs, units), "
            f"found {base.shape}, {modified.shape} and {neutral.shape}"
        )
    numbers, heads = pd.factorize(np.asarray(head, dtype=object))
    if len(numbers) != len(base):
        raise ValueError(f"expected a head for each of {len(base)} pairs, found {len(numbers)}")
    if len(heads) < 2:
        raise ValueError(
            f"what is consistent shows over at least 2 different heads, found {len(heads)}: give more pairs"
        )
    return numbers


def _by_head(values: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """The mean over the pairs of each head, shape (heads, units)."""
    sums = np.zeros((heads.max() + 1, values.shape[1]))
    np.add.at(sums, heads, values)
    return sums / np.bincount(heads)[:, None]


def _exchanged(excess: np.ndarray, seed: int) -> np.ndarray:
    """One-sided p of the mean excess of each dimension, if either side of a head might have been the modified one."""
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(PERMUTATIONS, len(excess)))
    reached = (signs @ excess >= excess.sum(axis=0) - 1e-9).sum(axis=0)
    return (1 + reached) / (1 + PERMUTATIONS)


def pair_vectors(pathway: Pathway, pairs: pd.DataFrame) -> dict[str, np.ndarray]:
    """The representations of the columns ``base``, ``modified`` and ``neutral`` of a table of pairs.

    Raises
    ------
    ValueError
        If a column is missing, or a phrase cannot be read.
    """
    if missing := [part for part in PARTS if part not in pairs]:
        raise ValueError(f"pairs need the columns {', '.join(PARTS)}; missing: {', '.join(missing)}")
    return {part: vectors(pathway, pairs[part].tolist()) for part in PARTS}


def sides(
    expected: Float[np.ndarray, "pairs"], middle: float, head: Sequence, positive: Sequence[bool], *, seed: int = 0
) -> pd.DataFrame:
    """On which side of the middle the modified phrases of positive and of negative heads are.

    Parameters
    ----------
    expected : float array, shape (pairs,)
        The expected class of every modified phrase.
    middle : float
        Neither positive nor negative: 2 with five classes, .5 with two.
    head, positive : sequences, shape (pairs,)
        The head of each pair, and whether it is positive by itself.
    seed : int

    Returns
    -------
    DataFrame
        One row each for heads ``positive`` and ``negative``, and the ``asymmetry``: ``of``, ``pairs``, ``heads``,
        ``mean`` (expected class less the middle), ``low``, ``high`` (95 %, bootstrap over heads). The asymmetry is the
        sum of the first two: 0 if negation mirrors both sides, below 0 if what is denied stays more negative.

    Raises
    ------
    ValueError
        If one side has no pair.

    Examples
    --------
    >>> found = sides(np.array([1.0, 1.2, 1.9, 1.7]), 2.0, ["good", "nice", "bad", "poor"], [True, True, False, False])
    >>> found.set_index("of")["mean"].round(2).to_dict()
    {'positive': -0.9, 'negative': -0.2, 'asymmetry': -1.1}
    """
    positive = np.asarray(positive, dtype=bool)
    if not 0 < positive.sum() < len(positive):
        raise ValueError(f"expected pairs of both sides, found {int(positive.sum())} positive of {len(positive)}")
    rows, totals = [], []
    for number, (name, chosen) in enumerate((("positive", positive), ("negative", ~positive))):
        heads = pd.factorize(np.asarray(head, dtype=object)[chosen])[0]
        means = _by_head((np.asarray(expected)[chosen] - middle)[:, None], heads)[:, 0]
        drawn = cluster_draws(len(means), REPLICATES, seed + number) @ means / len(means)
        rows.append((name, int(chosen.sum()), len(means), means.mean(), *interval(drawn)))
        totals.append(drawn)
    whole = (len(positive), rows[0][2] + rows[1][2], rows[0][3] + rows[1][3], *interval(totals[0] + totals[1]))
    return pd.DataFrame([*rows, ("asymmetry", *whole)], columns=["of", "pairs", "heads", "mean", "low", "high"])
