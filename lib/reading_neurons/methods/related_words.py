"""Which words are related: groups of words whose embeddings are more alike than chance makes words.

Words that stand for one thing have vectors with high cosines in a trained network, for they do the same there. How high
is high depends on the width of the vectors and on how many words are compared, so the bound is read off the network's
own vocabulary (:func:`related_above`).

Easy to get wrong: random pairs of a vocabulary are no null. Some of them *are* related, plurals and synonyms, and a
bound that only 1 random pair in 1,000 exceeds is one that only plurals exceed. What relatedness never touches are
the words that are least alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

APART = 0.5
"""The share of the likeness inside of two groups below which the likeness between them keeps them apart."""

CHANCE = 0.05  # of random pools of unrelated words: how many have a pair that counts as related
WORDS = 2000  # of a vocabulary that are compared with each other


def groups(vectors: Float[np.ndarray, "words embedding"], related: float) -> list[list[int]]:
    """Groups of at least two related words.

    Beginning with every word by itself, the two groups whose sums have the highest cosine are joined, as long as it is
    at least ``related``. Two groups of at least two words stay apart where the mean cosine of their words is below
    :data:`APART` times that inside of each: horses and motorbikes are more alike than chance, and still two things.

    Parameters
    ----------
    vectors : float array, shape (words, embedding)
        Of length 1.
    related : float
        See :func:`related_above`.

    Returns
    -------
    list of list of int
        Numbers of words; words without a relative are left out.

    Examples
    --------
    >>> groups(np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 0.6, 0.8], [0, 0, 1], [-1, 0, 0]]), related=0.5)
    [[0, 1], [2, 3]]
    """
    cosines = vectors @ vectors.T
    found = [[i] for i in range(len(vectors))]
    while len(found) > 1:
        sums = np.stack([vectors[group].sum(axis=0) for group in found])
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
        alike = np.triu(sums @ sums.T, 1)
        alike[np.tril_indices(len(found))] = -np.inf
        for place in alike.argsort(axis=None)[::-1]:
            left, right = divmod(int(place), len(found))
            if alike[left, right] < related:
                return sorted(sorted(group) for group in found if len(group) > 1)
            if not _apart(cosines, found[left], found[right]):
                break
        found[left] = found[left] + found.pop(right)
    return sorted(sorted(group) for group in found if len(group) > 1)


def _apart(cosines: Float[np.ndarray, "words words"], left: Sequence[int], right: Sequence[int]) -> bool:
    if min(len(left), len(right)) < 2:
        return False
    return cosines[np.ix_(left, right)].mean() < APART * min(_within(cosines, left), _within(cosines, right))


def _within(cosines: Float[np.ndarray, "words words"], group: Sequence[int]) -> float:
    """The mean cosine of the different words of a group."""
    inside, count = cosines[np.ix_(group, group)], len(group)
    return float((inside.sum() - inside.trace()) / (count * (count - 1)))


def related_above(directions: Float[Tensor, "words embedding"], size: int) -> float:
    """The cosine above which two words of a pool are related: chance gives one such pair in 1 pool of 20.

    What chance gives is read off the words that are *least* alike: relatives make cosines larger, never smaller, so the
    lower tail of the cosines of all pairs, mirrored at their median, is that of unrelated words.

    Parameters
    ----------
    directions : float tensor, shape (words, embedding)
        The vectors of all content words, of length 1.
    size : int
        Words of the pool.

    Examples
    --------
    >>> generator = torch.Generator().manual_seed(0)
    >>> directions = torch.nn.functional.normalize(torch.randn(500, 100, generator=generator), dim=1)
    >>> round(related_above(directions, 10), 1)
    0.3
    """
    rows = directions[torch.linspace(0, len(directions) - 1, min(len(directions), WORDS)).round().long()]
    pairs = torch.triu_indices(len(rows), len(rows), 1, device=rows.device)
    cosines = (rows @ rows.t())[pairs[0], pairs[1]].double().cpu().numpy()
    median, low = np.quantile(cosines, [0.5, CHANCE / (size * (size - 1) / 2)])
    return float(2 * median - low)


def relatives(
    directions: Float[Tensor, "words embedding"], groups: Sequence[Sequence[int]], number: int
) -> Bool[Tensor, "words"]:
    """The words that are as close to a group as its own words are to each other, and closer than to any other group.

    Parameters
    ----------
    directions : float tensor, shape (words, embedding)
        Of length 1.
    groups : sequence of sequences of int
        At least two words each.
    number : int
        Which group.

    Examples
    --------
    >>> directions = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.98, 0.2], [0.0, 1.0]])
    >>> relatives(directions, [[0, 1]], 0).tolist()
    [True, True, True, False]
    """
    mean = torch.stack([(directions @ directions[list(group)].t()).mean(dim=1) for group in groups])
    own = directions[list(groups[number])]
    within = own @ own.t()
    close = mean[number] >= (within.sum() - within.trace()) / (len(own) * (len(own) - 1))
    close &= mean.argmax(dim=0) == number
    close[list(groups[number])] = True
    return close
