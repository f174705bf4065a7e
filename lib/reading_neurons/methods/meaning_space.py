"""Where phrases lie between the positive and the negative words (Li et al. 2016, section 4, figures 2 and 4).

The paper draws the representations of words, phrases and clauses in a plane and reads off which lie together. Here the
same is measured in the full space. With ``p`` and ``n`` the centroids of the positive and of the negative words, and a
distance d, the **side** of a phrase with the representation ``x`` is

    side(x) = (d(x, n) - d(x, p)) / (d(x, n) + d(x, p)),

1 at the centroid of the positive words, -1 at that of the negative ones, 0 where both are as far. The network has a
say of its own: the **sentiment** of a phrase is the mean of its classes, each by its probability, on a scale from -1
(most negative) to 1.

Easy to get wrong: a word that helps to make a centroid lies near it for that reason alone. While the side of a phrase
is measured, the word that it is, or is made of, is therefore left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from sklearn.metrics.pairwise import euclidean_distances, paired_cosine_distances, paired_euclidean_distances

from reading_neurons.methods import unfolding
from reading_neurons.pathway import Pathway, as_tokens, represent
from reading_neurons.statistics import cluster_draws, interval

DISTANCES = {"euclidean": paired_euclidean_distances, "cosine": paired_cosine_distances}
MEASURES = ("sentiment", *DISTANCES)
"""What the table of :func:`place` says of each phrase on a scale from -1 to 1."""
ROLES = ("base", "modified", "control")
"""The phrases of a pair: as it is, modified, and with a neutral modifier of the same length."""


def place(
    pathway: Pathway,
    phrases: Sequence[str],
    positive: Sequence[str],
    negative: Sequence[str],
    own: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Where each phrase lies between positive and negative words, in the full space and by the network's own scores.

    Parameters
    ----------
    pathway : Pathway
        Its outputs are classes, the most negative first.
    phrases, positive, negative : sequence of str
        What is placed; and the words whose centroids are the two ends.
    own : mapping of str to str, optional
        Of a phrase the word of an end that it is made of ("not good": "good"), left out for it; by default itself.

    Returns
    -------
    DataFrame
        One row per phrase: ``phrase``; for each of :data:`DISTANCES` the distances ``euclidean to positive`` and
        ``euclidean to negative`` to the centroids, and the side ``euclidean``; ``sentiment``.

    Raises
    ------
    ValueError
        If there is no phrase, or one has no word that the network knows, or an end has no word.
    TypeError
        If the pathway has no classes.

    References
    ----------
    Li et al. 2016, section 4.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["not", "good", "bad"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> table = place(pathway, ["not good", "not bad"], positive=["good"], negative=["bad"])
    >>> list(table)
    ['phrase', 'euclidean to positive', 'euclidean to negative', 'euclidean', 'cosine to positive',
     'cosine to negative', 'cosine', 'sentiment']
    """
    points = read(pathway, phrases)
    ends = {"positive": list(positive), "negative": list(negative)}
    spaces = {end: (words, read(pathway, words)) for end, words in ends.items()}
    held = [(own or {}).get(phrase, phrase) for phrase in phrases]
    table = {"phrase": list(phrases)}
    for name, distance in DISTANCES.items():
        to = {end: distance(points, _centroids(held, *space)) for end, space in spaces.items()}
        table |= {f"{name} to {end}": distances for end, distances in to.items()}
        table[name] = sides(to["positive"], to["negative"])
    return pd.DataFrame({**table, "sentiment": sentiment(pathway, points)})


def read(pathway: Pathway, phrases: Sequence[str]) -> Float[np.ndarray, "phrases units"]:
    """The representation of each phrase, read by itself as ``<s> w1 .. wn </s>``.

    Raises
    ------
    ValueError
        If there is no phrase, or one has no word that the network knows.
    """
    return represent(pathway, _known(pathway, phrases)).float().cpu().numpy()


def _known(pathway: Pathway, phrases: Sequence[str]) -> list[tuple[str, ...]]:
    """Phrases as words, every one with a word that the network knows."""
    words = as_tokens(phrases, pathway.vocabulary.tokenizer)
    if not words:
        raise ValueError("expected at least one phrase, found none")
    for phrase in words:
        if not any(word in pathway.vocabulary for word in phrase):
            raise ValueError(
                f"the phrase {' '.join(phrase)!r} has no word that {pathway.name!r} knows, so its place would be that "
                "of any unknown word: leave it out, or use words of its vocabulary"
            )
    return words


def sides(to_positive: np.ndarray, to_negative: np.ndarray) -> np.ndarray:
    """The side of phrases from their distances to the two centroids; 0 where a phrase lies at both.

    Examples
    --------
    >>> sides(np.array([0.0, 2.0, 1.5]), np.array([2.0, 0.0, 1.5])).tolist()
    [1.0, -1.0, 0.0]
    """
    both = to_negative + to_positive
    return np.divide(to_negative - to_positive, both, out=np.zeros_like(both), where=both > 1e-9)


def _centroids(held: Sequence[str], words: Sequence[str], ends: np.ndarray) -> Float[np.ndarray, "phrases units"]:
    """For each phrase the centroid of some words, without the one that it holds."""
    own = np.array([[one == word for word in words] for one in held])
    # A centroid of one word has nothing left without it.
    own &= (own.sum(axis=1) < len(words))[:, None]
    return (ends.sum(axis=0) - own @ ends) / (len(words) - own.sum(axis=1))[:, None]


def sentiment(pathway: Pathway, points: Float[np.ndarray, "phrases units"]) -> Float[np.ndarray, "phrases"]:
    """What the network says of representations: the mean of its classes, -1 for the first and 1 for the last.

    Raises
    ------
    TypeError
        If the pathway has no classes.
    """
    return unfolding.sentiment(unfolding.class_chances(pathway, torch.from_numpy(points))).cpu().numpy()


def placed(places: pd.DataFrame, groups: pd.DataFrame, columns: Sequence[str] = ROLES) -> pd.DataFrame:
    """What was measured of phrases, put beside each pair that they make up.

    Parameters
    ----------
    places : DataFrame
        As :func:`place` gives it, with every phrase of the pairs.
    groups : DataFrame
        One row a pair: its phrases in ``columns``; NaN where it has none, as a neutral word that nothing modifies.
    columns : sequence of str

    Returns
    -------
    DataFrame
        The pairs, and each measure of each of their phrases, as ``sentiment base`` and ``cosine modified``.

    Raises
    ------
    ValueError
        If a phrase has no place.
    """
    known = places.drop_duplicates("phrase").set_index("phrase")
    if missing := set(groups[list(columns)].stack().dropna()).difference(known.index):
        raise ValueError(f"{len(missing)} phrases have no place, as {min(missing)!r}: place every phrase of the pairs")
    found = {
        f"{measure} {column}": known[measure].reindex(groups[column]).to_numpy()
        for measure in MEASURES
        for column in columns
    }
    return groups.reset_index(drop=True).assign(**found)


def effects(
    table: pd.DataFrame,
    clusters: Sequence[str],
    measures: Sequence[str] = MEASURES,
    *,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Where positive and negative phrases stand before and after, how far they move, and whether equally far.

    Parameters
    ----------
    table : DataFrame
        One row a pair: ``sign`` (1 where its base is positive, -1 where it is negative; 0 for a neutral phrase, of
        which the base alone counts), the columns ``clusters``, and for each measure ``MEASURE base`` and
        ``MEASURE modified``; a control, where there is one, as ``MEASURE control``.
    clusters : sequence of str
        Columns whose values are drawn together (the polar word; the two clauses): with several, each is drawn.
    measures : sequence of str
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per measure and ``quantity``: ``value``, ``low``, ``high`` (95 %), ``count`` of pairs. The quantities
        are the means ``positive base``, ``negative modified`` and so on; ``drop``, how far positive ones go down;
        ``rise``, how far negative ones go up; ``asymmetry``, the drop less the rise, and ``drop and rise``, their sum;
        ``control drop`` and ``drop beyond control``; ``neutral``, and ``negative modified, from neutral``.

    Raises
    ------
    ValueError
        If a column is missing, or one of the signs.

    Examples
    --------
    >>> measured = {"side base": [1.0, -1.0], "side modified": [-0.5, -0.5]}
    >>> pairs = pd.DataFrame({"head": ["good", "bad"], "sign": [1, -1], **measured})
    >>> found = effects(pairs, ["head"], ["side"]).set_index("quantity")["value"]
    >>> found[["drop", "rise", "asymmetry"]].tolist()
    [1.5, 0.5, 1.0]
    """
    roles = [role for role in ROLES if f"{measures[0]} {role}" in table]
    needed = ["sign", *clusters, *(f"{measure} {role}" for measure in measures for role in ROLES[:2])]
    if missing := [column for column in needed if column not in table]:
        raise ValueError(f"the table has no column {', '.join(map(repr, missing))}; its columns are {list(table)}")
    signs = table["sign"].to_numpy()
    if not {1, -1} <= set(signs):
        raise ValueError(f"an asymmetry needs pairs of both signs, 1 and -1, found {sorted(set(signs))}")
    weights = _weights(table, clusters, replicates, seed)
    rows = []
    for measure in measures:
        means = {
            (sign, role): _means(table[f"{measure} {role}"].to_numpy(float), weights, signs == sign)
            for sign, role in [*((sign, role) for sign in (1, -1) for role in roles), *[(0, "base")] * (0 in signs)]
        }
        rows += [
            (measure, quantity, values[0], *interval(values[1:]), int(np.isin(signs, of).sum()))
            for quantity, (of, values) in _quantities(means, roles).items()
        ]
    return pd.DataFrame(rows, columns=["measure", "quantity", "value", "low", "high", "count"])


def _weights(table: pd.DataFrame, clusters: Sequence[str], replicates: int, seed: int) -> np.ndarray:
    """How often each pair counts: once in the first row, as often as all its clusters were drawn in the others."""
    weights = np.ones((replicates + 1, len(table)))
    for number, column in enumerate(clusters):
        codes, names = pd.factorize(table[column], use_na_sentinel=False)
        weights[1:] *= cluster_draws(len(names), replicates, seed + number)[:, codes]
    return weights


def _means(values: np.ndarray, weights: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return weights[:, chosen] @ values[chosen] / weights[:, chosen].sum(axis=1)


def _quantities(
    means: Mapping[tuple[int, str], np.ndarray], roles: Sequence[str]
) -> dict[str, tuple[list[int], np.ndarray]]:
    """Each quantity in every replicate, and the signs of the pairs that it is about."""
    names = {1: "positive", -1: "negative"}
    found = {f"{names[sign]} {role}": ([sign], values) for (sign, role), values in means.items() if sign}
    for role, name in (("modified", ""), ("control", "control ")):
        if role in roles:
            found[f"{name}drop"] = [1], means[1, "base"] - means[1, role]
            found[f"{name}rise"] = [-1], means[-1, role] - means[-1, "base"]
    found["asymmetry"] = [1, -1], found["drop"][1] - found["rise"][1]
    found["drop and rise"] = [1, -1], found["drop"][1] + found["rise"][1]
    if "control" in roles:
        found["drop beyond control"] = [1], found["drop"][1] - found["control drop"][1]
        found["rise beyond control"] = [-1], found["rise"][1] - found["control rise"][1]
    if (0, "base") in means:
        found["neutral"] = [0], means[0, "base"]
        for sign in (1, -1):
            found[f"{names[sign]} modified, from neutral"] = [sign], means[sign, "modified"] - means[0, "base"]
    return found


def side_of_groups(
    plane: Float[np.ndarray, "phrases 2"], groups: Sequence[str], positive: str = "positive", negative: str = "negative"
) -> dict[str, float]:
    """On which side a picture shows each group of phrases, on average: the side of :func:`place`, from what is drawn.

    Parameters
    ----------
    plane : float array, shape (phrases, 2)
    groups : sequence of str, shape (phrases,)
    positive, negative : str
        The groups whose centroids are the two ends.

    Raises
    ------
    ValueError
        If one of the two groups is empty.

    Examples
    --------
    >>> plane = np.array([[0.0, 0], [4, 0], [3, 0]])
    >>> side_of_groups(plane, ["negative", "positive", "not bad"])
    {'not bad': 0.5}
    """
    groups = np.asarray(groups)
    if not {positive, negative} <= set(groups):
        raise ValueError(f"expected phrases of the groups {positive!r} and {negative!r}, found {sorted(set(groups))}")
    to = {end: np.linalg.norm(plane - plane[groups == end].mean(axis=0), axis=1) for end in (positive, negative)}
    side = sides(to[positive], to[negative])
    others = [group for group in dict.fromkeys(groups) if group not in (positive, negative)]
    return {str(group): float(side[groups == group].mean()) for group in others}


def near(
    points: Float[np.ndarray, "phrases units"], ends: Float[np.ndarray, "words units"], signs: np.ndarray, k: int = 10
) -> Float[np.ndarray, "phrases"]:
    """The share of positive words among the k words that lie nearest to each phrase.

    Parameters
    ----------
    points : float array, shape (phrases, units)
    ends : float array, shape (words, units)
        Of positive and negative words.
    signs : array, shape (words,)
        Above 0 where a word is positive.
    k : int

    Raises
    ------
    ValueError
        If k is not from 1 to the number of words.

    Examples
    --------
    >>> near(np.array([[0.1], [0.9]]), np.array([[0.0], [0.2], [1.0]]), np.array([-1, -1, 1]), k=1).tolist()
    [0.0, 1.0]
    """
    if not 1 <= k <= len(ends):
        raise ValueError(f"expected 1 to {len(ends)} nearest words, found k = {k}")
    nearest = np.argsort(euclidean_distances(points, ends), axis=1, kind="stable")[:, :k]
    return (np.asarray(signs)[nearest] > 0).mean(axis=1)
