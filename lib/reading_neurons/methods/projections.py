"""Many dimensions drawn in two: t-SNE, principal components, and how much each of them distorts.

Li et al. 2016, section 4, draw words and phrases with t-SNE (van der Maaten & Hinton 2008), which places points so that
neighbours stay neighbours, and says nothing else. How well it succeeds is measured here in two ways: the
**trustworthiness** (Venna & Kaski 2001), which is 1 where no point is drawn as a neighbour that is none, and the share
of nearest neighbours in the space that are nearest neighbours in the picture.

Easy to get wrong: what is far. The distance between two clusters of a t-SNE picture, their sizes, and how dense they
are mean nothing; another perplexity or seed gives others. Whatever is claimed should be measured in the space.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from jaxtyping import Float
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics.pairwise import euclidean_distances

PERPLEXITIES = (5, 10, 20)
SEEDS = (0, 1, 2)
NEIGHBOURS = 5
FEWEST = 4
"""Fewer points than these make no picture."""

Points = Float[np.ndarray, "phrases units"]


def tsne(points: Points, perplexity: float = 10, seed: int = 0) -> Float[np.ndarray, "phrases 2"]:
    """Points in a plane such that neighbours stay neighbours, by scikit-learn's t-SNE from a random beginning.

    Parameters
    ----------
    points : float array, shape (phrases, units)
    perplexity : float
        About how many neighbours count for each point, from 1 to below the number of points.
    seed : int
        Of the beginning; the same seed gives the same picture on the same machine.

    Returns
    -------
    float array, shape (phrases, 2)
        Centred, turned so that the first axis is the longer one.

    Raises
    ------
    ValueError
        If there are fewer than four points, or the perplexity is out of range.

    References
    ----------
    Li et al. 2016, section 4.

    Examples
    --------
    >>> points = np.repeat(np.eye(2), 5, axis=0) + np.random.default_rng(0).normal(0, 0.01, (10, 2))
    >>> plane = tsne(points, perplexity=3)
    >>> bool(abs(plane[:5].mean(axis=0) - plane[5:].mean(axis=0)).max() > plane[:5].std())
    True
    """
    points = _enough(points)
    if not 1 <= perplexity < len(points):
        raise ValueError(
            f"a perplexity goes from 1 to below the number of points, {len(points)}, found {perplexity:g}: "
            "lower it, or give more phrases"
        )
    # From a random beginning, as when the method was published; from principal components a seed changes nothing.
    found = TSNE(perplexity=perplexity, random_state=seed, init="random", method="exact").fit_transform(points)
    return PCA(2).fit_transform(found)


def principal(points: Points) -> Float[np.ndarray, "phrases 2"]:
    """The first two principal components: the flat picture that loses least of the distances, and has no seed.

    Raises
    ------
    ValueError
        If there are fewer than four points.
    """
    return PCA(2, svd_solver="full").fit_transform(_enough(points))


def _enough(points: Points) -> Points:
    points = np.asarray(points, dtype=np.float64)
    if len(points) < FEWEST:
        raise ValueError(f"a picture needs at least {FEWEST} phrases, found {len(points)}: give more")
    return points


def faithfulness(
    points: Points, plane: Float[np.ndarray, "phrases 2"], neighbours: int = NEIGHBOURS
) -> dict[str, float]:
    """How much of the neighbourhoods a picture keeps.

    Parameters
    ----------
    points : float array, shape (phrases, units)
    plane : float array, shape (phrases, 2)
    neighbours : int
        How many nearest ones of each point are compared, below half of the points.

    Returns
    -------
    dict
        ``trustworthiness``, at most 1; ``kept``, the share of nearest neighbours in the space that are among as many
        nearest in the picture; ``chance``, what places drawn at random would keep.

    Raises
    ------
    ValueError
        If there are too few points for so many neighbours.

    Examples
    --------
    >>> points = np.arange(12.0)[:, None] ** 1.5 * [1.0, 2.0]
    >>> {name: round(value, 3) for name, value in faithfulness(points, points, 3).items()}
    {'trustworthiness': 1.0, 'kept': 1.0, 'chance': 0.273}
    """
    points, plane = np.asarray(points, dtype=np.float64), np.asarray(plane, dtype=np.float64)
    if not 1 <= neighbours < len(points) / 2:
        most = (len(points) - 1) // 2
        raise ValueError(f"of {len(points)} points 1 to {most} neighbours can be compared, found {neighbours}")
    near, drawn = (_nearest(where, neighbours) for where in (points, plane))
    kept = np.mean([len(set(one).intersection(other)) / neighbours for one, other in zip(near, drawn, strict=True)])
    return {
        "trustworthiness": float(trustworthiness(points, plane, n_neighbors=neighbours)),
        "kept": float(kept),
        "chance": neighbours / (len(points) - 1),
    }


def _nearest(points: np.ndarray, count: int) -> np.ndarray:
    distances = euclidean_distances(points)
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :count]


def pictures(
    points: Points, perplexities: Iterable[float] = PERPLEXITIES, seeds: Iterable[int] = SEEDS
) -> pd.DataFrame:
    """The same points in every picture of a grid of perplexities and seeds, and by principal components.

    Returns
    -------
    DataFrame
        One row per picture and point: ``projection`` ("t-SNE" or "PCA"), ``perplexity`` and ``seed`` (0 for PCA, which
        has neither), ``point`` (its number), ``x``, ``y``.

    Raises
    ------
    ValueError
        As :func:`tsne`.
    """
    grid = [("t-SNE", perplexity, seed) for perplexity in perplexities for seed in seeds]
    parts = []
    for projection, perplexity, seed in [*grid, ("PCA", 0, 0)]:
        plane = principal(points) if projection == "PCA" else tsne(points, perplexity, seed)
        x, y = plane.T
        kind = {"projection": projection, "perplexity": perplexity, "seed": seed}
        parts.append(pd.DataFrame({**kind, "point": np.arange(len(x)), "x": x, "y": y}))
    return pd.concat(parts, ignore_index=True)


def distortion(points: Points, drawn: pd.DataFrame, neighbours: int = NEIGHBOURS) -> pd.DataFrame:
    """How faithful each picture of :func:`pictures` is.

    Returns
    -------
    DataFrame
        One row per picture: ``projection``, ``perplexity``, ``seed``, ``trustworthiness``, ``kept``, ``chance``.
    """
    keys = ["projection", "perplexity", "seed"]
    rows = [
        {**dict(zip(keys, key, strict=True)), **faithfulness(points, part[["x", "y"]].to_numpy(), neighbours)}
        for key, part in drawn.groupby(keys, sort=False)
    ]
    return pd.DataFrame(rows)
