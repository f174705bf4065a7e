"""Exact swaps: improve an n-gram one word at a time, by trying words and reading what the network says.

For each place in turn the words with the highest first-order gain,

    gain(v) = e(v) . d activation / d e(place),

are tried, all others left as they are, and the best is kept if it is better. A pass visits every place once; n-grams
that a pass has not changed are done, for another pass would try the same again.

Easy to get wrong: the gradient is a guess. It is taken at the word that stands there, and the network is not linear, so
its first choice is often not the best of its first hundred; therefore the words are tried.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons.methods.objective import Objective


@dataclass(frozen=True)
class Swaps:
    """How n-grams are improved by exact swaps.

    Attributes
    ----------
    passes : int
        At most how many.
    candidates : int
        Words tried at each place, chosen by gradient; all words where there are no more.
    starts : int
        How many n-grams of each neuron are improved, the best ones that were found.
    """

    passes: int = 4
    candidates: int = 128
    starts: int = 2

    def __post_init__(self):
        for name in ("passes", "candidates", "starts"):
            if getattr(self, name) < 1:
                raise ValueError(f"swaps need {name} of at least 1, found {getattr(self, name)}")


def swap(
    objective: Objective,
    ids: Int[Tensor, "rows length"],
    rows: Int[Tensor, "rows"],
    swaps: Swaps,
) -> Int[Tensor, "rows length"]:
    """Improve n-grams by passes of exact swaps.

    Parameters
    ----------
    objective : Objective
        Keeps the best n-gram of each neuron.
    ids, rows
        The n-grams to begin with, and the neuron of each.
    swaps : Swaps

    Returns
    -------
    int tensor, shape (rows, length)
        No worse than the n-grams given.
    """
    ids = ids.clone()
    values = objective.take(ids, rows)
    going = torch.arange(len(ids), device=ids.device)
    for _ in range(swaps.passes):
        before = ids[going].clone()
        for place in objective.free:
            tried = _candidates(objective, ids[going], rows[going], place, swaps.candidates)
            found, value = objective.swapped(ids[going], rows[going], place, tried)
            better = value > values[going]
            ids[going[better]], values[going[better]] = found[better], value[better]
            objective.keep(found, rows[going], value)
        going = going[(ids[going] != before).any(dim=1)]
        if not len(going):
            break
    return ids


def _candidates(objective, ids, rows, place, count) -> Int[Tensor, "rows candidates"]:
    if count >= len(objective.words):
        return objective.words.expand(len(ids), -1)
    gain = objective.gradient(ids, rows, [place])[:, 0]
    return objective.words[gain.topk(count, dim=1).indices]


def best_starts(
    ids: Int[Tensor, "rows length"], rows: Int[Tensor, "rows"], values: Float[Tensor, "rows"], starts: int
) -> tuple[Int[Tensor, "some length"], Int[Tensor, "some"]]:
    """Of the n-grams of each neuron the best few, without repeats: the n-grams and their neurons."""
    chosen = []
    for row in torch.unique(rows).tolist():
        own = torch.nonzero(rows == row).flatten()
        own = own[values[own].argsort(descending=True, stable=True)].tolist()
        different = {tuple(ids[i].tolist()): i for i in reversed(own)}
        chosen += sorted(different.values(), key=own.index)[:starts]
    return ids[chosen], rows[chosen]
