"""Whether a group of units is more than a partition: cohesion, agreement of two groupings, members held out.

Poerner et al. 2018 take groups as targets and do not ask. The test of the last kind: of each group one half A of the
members is optimised, and the other half B is read,

    x = argmax mean of A,      gain of B = B(x) - mean over other groups' inputs x' of B(x').

If the members of a group want the same, B gains as A does; if a group is a name for any units, it gains nothing.

Easy to get wrong: the level. Units that correlate may all be high most of the time, and B(x) is then high for any
input; only what it gains above the inputs of other groups counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from sklearn.metrics import adjusted_rand_score

from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.unit_groups import LINKAGES, NO_GROUP, clustered
from reading_neurons.neurons import Neuron, group
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader
from reading_neurons.statistics import interval

FEWEST = 4  # members of a group that can be halved
Labels = Sequence[int] | Int[np.ndarray, "units"]


class Agreement(NamedTuple):
    """How much two groupings of the same units agree.

    Attributes
    ----------
    index : float
        The adjusted Rand index: 1 if they are the same, 0 on average for groups of these sizes drawn at random.
    low, high : float
        Where 95 % of such random groups fall.
    """

    index: float
    low: float
    high: float


def agreement(first: Labels, second: Labels, *, replicates: int = 200, seed: int = 0) -> Agreement:
    """The adjusted Rand index of two groupings, with the range of chance.

    Parameters
    ----------
    first, second : sequence of int, shape (units,)
        The group of each unit; units without a group (-1) in either are left out.
    replicates, seed : int
        Of the random groups.

    Raises
    ------
    ValueError
        If the groupings are of different lengths, or fewer than 2 units have groups in both.

    Examples
    --------
    >>> agreement([0, 0, 1, 1], [1, 1, 0, 0]).index
    1.0
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        raise ValueError(f"expected two groupings of the same units, found {len(first)} and {len(second)} units")
    kept = (first != NO_GROUP) & (second != NO_GROUP)
    first, second = first[kept], second[kept]
    if len(first) < 2:
        raise ValueError(f"an agreement needs at least 2 units with groups in both, found {len(first)}")
    rng = np.random.default_rng(seed)
    null = [adjusted_rand_score(first, rng.permutation(second)) for _ in range(replicates)]
    return Agreement(float(adjusted_rand_score(first, second)), *interval(np.array(null)))


def cohesion(correlation: Float[np.ndarray, "units units"], labels: Labels) -> pd.DataFrame:
    """How the members of each group correlate with each other and with all other units.

    Parameters
    ----------
    correlation : float array, shape (units, units)
    labels : sequence of int, shape (units,)

    Returns
    -------
    DataFrame
        One row per group, in order: ``group``, ``size``, ``within`` (mean correlation of two members), ``least`` (of
        the two that correlate least), ``outside`` (mean correlation of a member with a unit of another group); not a
        number where there is no such pair.

    Examples
    --------
    >>> cohesion(np.array([[1, 0.8, 0.1], [0.8, 1, 0.3], [0.1, 0.3, 1]]), [0, 0, 1]).values.tolist()
    [[0.0, 2.0, 0.8, 0.8, 0.2], [1.0, 1.0, nan, nan, 0.2]]
    """
    correlation, labels = np.asarray(correlation, dtype=float), np.asarray(labels)
    rows = []
    for number in np.unique(labels[labels != NO_GROUP]):
        members = labels == number
        inside = correlation[np.ix_(members, members)][np.triu_indices(members.sum(), 1)]
        outside = correlation[np.ix_(members, ~members & (labels != NO_GROUP))]
        rows.append(
            (
                int(number), int(members.sum()),
                *((inside.mean(), inside.min()) if inside.size else (np.nan, np.nan)),
                outside.mean() if outside.size else np.nan,
            )  # fmt: skip
        )
    return pd.DataFrame(rows, columns=["group", "size", "within", "least", "outside"])


def linkages(
    first: Float[np.ndarray, "units units"], second: Float[np.ndarray, "units units"], groups: int
) -> pd.DataFrame:
    """What each linkage makes of correlations, and whether it makes the same of those of other n-grams.

    Parameters
    ----------
    first, second : float array, shape (units, units)
        Correlations over two samples.
    groups : int

    Returns
    -------
    DataFrame
        One row per linkage: ``linkage``; of the first grouping ``largest`` and ``median`` (sizes), ``alone`` (groups of
        one unit), ``within`` (mean correlation over all pairs in one group) and ``least``; ``agreement`` of the two.
    """
    rows = []
    for linkage in LINKAGES:
        labels = clustered(first, groups, linkage)
        found = cohesion(first, labels)
        pairs = found["size"] * (found["size"] - 1)
        rows.append(
            {
                "linkage": linkage, "largest": found["size"].max(), "median": found["size"].median(),
                "alone": int((found["size"] == 1).sum()),
                "within": float((found["within"] * pairs).sum() / max(pairs.sum(), 1)), "least": found["least"].min(),
                "agreement": float(adjusted_rand_score(labels, clustered(second, groups, linkage))),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def shuffled(labels: Labels, seed: int = 0) -> Int[np.ndarray, "units"]:
    """Random groups of the same sizes: the null of whatever is said of groups.

    Examples
    --------
    >>> sorted(shuffled([0, 0, 1, -1]).tolist())
    [-1, 0, 0, 1]
    """
    found = np.array(labels)
    grouped = found != NO_GROUP
    found[grouped] = np.random.default_rng(seed).permutation(found[grouped])
    return found


def halves(labels: Labels, *, groups: Sequence[int] | None = None, seed: int = 0) -> pd.DataFrame:
    """The members of each group, in two halves drawn at random.

    Parameters
    ----------
    labels : sequence of int, shape (units,)
    groups : sequence of int, optional
        Which; by default all of at least four members. Smaller ones are left out.
    seed : int

    Returns
    -------
    DataFrame
        One row per unit: ``group``, ``unit``, ``seen``: whether it is in the half that is to be optimised, the larger
        one of an odd number.

    Raises
    ------
    ValueError
        If fewer than two groups are left.

    Examples
    --------
    >>> halves([0, 0, 0, 0, 0, 1, 1, 1, 1]).groupby("group")["seen"].sum().tolist()
    [3, 2]
    """
    labels, rng = np.asarray(labels), np.random.default_rng(seed)
    parts = []
    for number in np.unique(labels[labels != NO_GROUP]):
        members = np.flatnonzero(labels == number)
        order = rng.permutation(len(members))  # drawn for all, so that a group's halves do not depend on the others
        if len(members) >= FEWEST and (groups is None or number in groups):
            parts.append(pd.DataFrame({"group": number, "unit": members, "seen": order < (len(members) + 1) // 2}))
    if len(parts) < 2:
        raise ValueError(
            f"expected 2 or more groups of {FEWEST} members at least, found {len(parts)}: make fewer groups"
        )
    return pd.concat(parts, ignore_index=True)


def held_out(
    pathway: Pathway,
    members: pd.DataFrame,
    method: str = "gumbel + swaps",
    *,
    length: int = 5,
    frame: bool = True,
    **options,
) -> pd.DataFrame:
    """Optimise one half of each group, and read the other.

    Parameters
    ----------
    pathway : Pathway
    members : DataFrame
        As :func:`halves` gives it.
    method, length, frame
        As for :func:`reading_neurons.methods.input_optimization.optimize`, as are other options: corpus, seed ..

    Returns
    -------
    DataFrame
        As :func:`read_halves` gives it, for the n-grams that the halves seen want.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> detectors = [Detector(word, on=[word]) for word in ("dog", "dog", "dog", "dog", "cat", "cat", "cat", "cat")]
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog", "cat"]), detectors)
    >>> found = held_out(pathway, halves([0, 0, 0, 0, 1, 1, 1, 1]), length=1)
    >>> found[["words", "held_out", "held_out_elsewhere"]].values.tolist()
    [['dog', 1.0, 0.0], ['cat', 1.0, 0.0]]
    """
    words = optimize(pathway, half_neurons(members, seen=True), length, method, frame=frame, **options)["words"]
    return read_halves(pathway, members, words.tolist(), frame=frame)


def half_neurons(members: pd.DataFrame, seen: bool) -> list[Neuron]:
    """One half of each group as a neuron."""
    chosen = members[members["seen"] == seen]
    return [group(rows["unit"], f"group {number}") for number, rows in chosen.groupby("group", sort=False)]


def read_halves(
    pathway: Pathway, members: pd.DataFrame, words: Sequence[str], *, frame: bool = True
) -> pd.DataFrame:
    """The activations of both halves of each group for one n-gram of each group.

    Parameters
    ----------
    pathway : Pathway
    members : DataFrame
        As :func:`halves` gives it.
    words : sequence of str
        An n-gram for each group, in their order.
    frame : bool

    Returns
    -------
    DataFrame
        One row per group: ``group``, ``size``, ``words``, ``seen`` and ``held_out`` (mean activations of the two halves
        for these words), ``seen_elsewhere`` and ``held_out_elsewhere`` (for the words of all other groups, on average).
    """
    sizes = members.groupby("group", sort=False).size()
    table = pd.DataFrame({"group": sizes.index, "size": sizes.to_numpy(), "words": list(words)})
    for seen, column in ((True, "seen"), (False, "held_out")):
        found = responses(pathway, half_neurons(members, seen), words, frame=frame)
        own = np.diag(found)
        table[column] = own
        table[f"{column}_elsewhere"] = (found.sum(axis=0) - own) / (len(found) - 1)
    return table


def responses(
    pathway: Pathway, neurons: Sequence[Neuron], ngrams: Sequence[str], *, frame: bool = True
) -> Float[np.ndarray, "ngrams neurons"]:
    """The activation of each neuron for each n-gram, read on its own.

    Raises
    ------
    ValueError
        If an n-gram has no word, or one that the network does not know.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"])])
    >>> responses(pathway, [group([0])], ["a dog", "dog a"]).tolist()
    [[1.0], [0.0]]
    """
    reader = Reader(pathway, neurons, frame=frame)
    found = np.empty((len(ngrams), len(neurons)))
    split = [ngram.split() for ngram in ngrams]
    for words in split:
        if unknown := [word for word in words if word not in pathway.vocabulary]:
            raise ValueError(f"the network does not know {', '.join(map(repr, unknown))}")
        if not words:
            raise ValueError("expected n-grams of at least one word, found an empty one")
    for width in sorted(set(map(len, split))):
        places = [place for place, words in enumerate(split) if len(words) == width]
        numbers = np.array([[pathway.vocabulary.number(word) for word in split[place]] for place in places])
        for begin, values in reader.all_neurons(numbers):
            found[places[begin : begin + len(values)]] = values.double().cpu().numpy()
    return found


def gains(table: pd.DataFrame) -> pd.DataFrame:
    """What each half gains above the inputs of other groups: ``group``, ``seen``, ``held_out``."""
    return pd.DataFrame(
        {
            "group": table["group"],
            "seen": table["seen"] - table["seen_elsewhere"],
            "held_out": table["held_out"] - table["held_out_elsewhere"],
        }
    )
