"""Searches that try words instead of relaxing them: the peers that a gradient has to beat at equal cost.

``coordinate``
    Coordinate ascent with restarts: from a random n-gram, set one place after another to the best of all words, until
    no place changes; then begin anew.
``greedy gradient``
    Greedy coordinate gradient (Zou et al. 2023): draw many single swaps at random from the words of highest
    first-order gain at each place, read them all, go on with the best.
``random``
    Random n-grams.

Easy to get wrong: the unit of cost. Every search here stops when it has spent the evaluations or the seconds that it
was given; a step of one is not a step of another.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons.methods.objective import Objective
from reading_neurons.methods.relaxations import generator

SEARCHES = ("coordinate", "greedy gradient", "random")
TOP, DRAWN = 256, 512  # of the greedy gradient: words of highest gain at a place, swaps that are tried at a step


@dataclass(frozen=True)
class Budget:
    """What a search may spend.

    Attributes
    ----------
    evaluations : int
        For each neuron.
    seconds : float
        For all neurons together.

    Raises
    ------
    ValueError
        If neither is limited.
    """

    evaluations: int | None = None
    seconds: float | None = None

    def __post_init__(self):
        if self.evaluations is None and self.seconds is None:
            raise ValueError("a search needs a budget of evaluations or of seconds, found neither")


def discrete(objective: Objective, method: str, budget: Budget, seed: int = 0) -> None:
    """Search until the budget is spent; the objective keeps the best n-grams and counts.

    A search stops before a move that would exceed its evaluations, so it may spend a little less.

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    if method not in SEARCHES:
        raise ValueError(f"unknown search {method!r}: choose one of {', '.join(map(repr, SEARCHES))}")
    begun = time.monotonic()
    seeds = [generator(seed, neuron, 0) for neuron in objective.reader.neurons]
    moves = {"coordinate": _Coordinate, "greedy gradient": _GreedyGradient, "random": _Random}[method](objective, seeds)
    while True:
        going = objective.neurons
        if budget.evaluations is not None:
            going = going[objective.evaluations + moves.cost <= budget.evaluations]
        if not len(going) or (budget.seconds is not None and time.monotonic() - begun >= budget.seconds):
            return
        moves.move(going)


class _Random:
    def __init__(self, objective: Objective, seeds: Sequence[torch.Generator]):
        self.objective, self.seeds, self.cost = objective, seeds, DRAWN

    def move(self, going: Int[Tensor, "neurons"]) -> None:
        ids = torch.cat([self.objective.random(self.seeds[row], DRAWN) for row in going.tolist()])
        self.objective.take(ids, going.repeat_interleave(DRAWN))


class _Coordinate:
    def __init__(self, objective: Objective, seeds: Sequence[torch.Generator]):
        self.objective, self.seeds = objective, seeds
        self.cost = len(objective.words) + 1
        self.ids = torch.zeros_like(objective.best)
        self.values = torch.full_like(objective.value, -torch.inf)
        # How many places in a row have stayed as they were; where it is the length, a restart is due.
        self.unchanged = torch.full_like(objective.evaluations, len(objective.free))
        self.turn = 0

    def move(self, going: Int[Tensor, "neurons"]) -> None:
        objective = self.objective
        anew = going[self.unchanged[going] >= len(objective.free)]
        for row in anew.tolist():
            self.ids[row] = objective.random(self.seeds[row], 1)[0]
        if len(anew):
            self.values[anew] = objective.take(self.ids[anew], anew)
            self.unchanged[anew] = 0
        place = objective.free[self.turn % len(objective.free)]
        self.turn += 1
        found, values = objective.swapped(self.ids[going], going, place, objective.words.expand(len(going), -1))
        better = values > self.values[going]
        self.unchanged[going] = torch.where(better, 0, self.unchanged[going] + 1)
        self.ids[going[better]], self.values[going[better]] = found[better], values[better]
        objective.keep(self.ids[going], going, self.values[going])


class _GreedyGradient:
    def __init__(self, objective: Objective, seeds: Sequence[torch.Generator]):
        self.objective, self.seeds, self.cost = objective, seeds, DRAWN + 2
        self.ids = torch.cat([objective.random(source, 1) for source in seeds])

    def move(self, going: Int[Tensor, "neurons"]) -> None:
        objective = self.objective
        gain = objective.gradient(self.ids[going], going, objective.free)
        tried = torch.cat(
            [
                drawn_swaps(ids, of_neuron, objective.words, objective.free, self.seeds[row])
                for ids, of_neuron, row in zip(self.ids[going], gain, going.tolist(), strict=True)
            ]
        )
        values = objective.take(tried, going.repeat_interleave(DRAWN)).view(-1, DRAWN)
        self.ids[going] = tried.view(len(going), DRAWN, -1)[torch.arange(len(going)), values.argmax(dim=1)]


def drawn_swaps(
    ids: Int[Tensor, "length"],
    gain: Float[Tensor, "places candidates"],
    words: Int[Tensor, "candidates"],
    places: Sequence[int],
    source: torch.Generator,
    *,
    top: int = TOP,
    drawn: int = DRAWN,
) -> Int[Tensor, "drawn length"]:
    """N-grams that differ from one in one word, drawn from the words of highest gain at each place.

    A swap may be drawn twice, as in the original.

    Parameters
    ----------
    ids : int tensor, shape (length,)
    gain : float tensor, shape (places, candidates)
        First-order gain of each word at each free place.
    words, places
        The word numbers that the columns of ``gain`` stand for, and the places of its rows.
    source : torch.Generator
    top : int
        How many words of each place may be drawn.
    drawn : int
    """
    best = words[gain.topk(min(top, len(words)), dim=1).indices]
    row = torch.randint(len(places), (drawn,), generator=source)
    column = torch.randint(best.shape[1], (drawn,), generator=source)
    result = ids.repeat(drawn, 1)
    result[torch.arange(drawn), torch.tensor(places)[row]] = best[row, column.to(best.device)]
    return result
