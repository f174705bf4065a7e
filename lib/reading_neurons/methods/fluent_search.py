"""Searches for n-grams that excite a neuron and are fluent: what is asked, and three ways of looking.

``fronts``
    The default. Parents are drawn from along the whole Pareto front found so far, each with a weight of its own
    between activation and fluency; at every place those words are tried that promise most, by the first-order gain in
    activation and by the judge's own guess. Four such searches begin at different n-grams and know nothing of each
    other; what they found is then improved together.
``epo``
    Evolutionary prompt optimisation, as in fluent dreaming (Thompson et al. 2024): one parent for each of eight fixed
    weights, 32 children of each by a random word among the 512 of highest gain at a random place; the best of all
    children for a weight is its next parent.
``weighted``
    The same for each weight alone: no child of one weight becomes the parent of another.

Easy to get wrong: what is kept. A search moves along weighted sums, yet every n-gram that it reads may be on the front;
so the front is that of everything read, for all three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.methods.judge import Judge
from reading_neurons.methods.pareto import front
from reading_neurons.methods.relaxations import generator
from reading_neurons.reader import Reader

WAYS = ("fronts", "epo", "weighted")
PENALTIES = (0.1, 10.0)  # of the judge's cross-entropy, the least and the most, as published
APART = 0.8  # of the evaluations, what islands spend before they are joined
STRANGERS = 4  # random n-grams that an island begins with


@dataclass(frozen=True)
class Evolution:
    """How a search for fluent inputs goes.

    Attributes
    ----------
    way : str
        One of :data:`WAYS`.
    evaluations : int
        What it may spend for each neuron; an evaluation is one n-gram read by network and judge, a backward pass counts
        one more.
    parents, children : int
        N-grams that are changed at a step, and changed n-grams of each; by default 4 and 16 for ``"fronts"``, and the
        published 8 and 32 for the others.
    islands : int
        Of ``"fronts"``: searches that know nothing of each other, the first from the starts given, the others from
        random n-grams. They spend :data:`APART` of the evaluations. 1 for a single search.
    top : int
        Words of highest gain from which ``"epo"`` and ``"weighted"`` draw.

    Raises
    ------
    ValueError
        If a setting makes no sense.
    """

    way: str = "fronts"
    evaluations: int = 5000
    parents: int | None = None
    children: int | None = None
    islands: int = 4
    top: int = 512

    def __post_init__(self):
        if self.way not in WAYS:
            raise ValueError(f"unknown way {self.way!r}: choose one of {', '.join(map(repr, WAYS))}")
        parents, children = (4, 16) if self.way == "fronts" else (8, 32)
        # A frozen dataclass is set once more before anybody sees it.
        object.__setattr__(self, "parents", parents if self.parents is None else self.parents)
        object.__setattr__(self, "children", children if self.children is None else self.children)
        for name in ("evaluations", "parents", "children", "islands", "top"):
            if getattr(self, name) < 1:
                raise ValueError(f"an evolution needs {name} of at least 1, found {getattr(self, name)}")


class Fluent:
    """Some neurons, a judge, the words that may be written, and the front of everything read so far.

    Parameters
    ----------
    reader : Reader
    judge : Judge
        Of the same vocabulary.
    words : int tensor, shape (candidates,)
    length : int
    lowest : bool
        Fluent n-grams that silence the neuron.
    pinned : mapping of int to int
        Places that are given, and the number of the word there.

    Attributes
    ----------
    ids, values : list of arrays
        For each neuron the n-grams of its front, shape (points, length), and (activation times ``sign``, fluency) of
        each, in order of falling activation.
    evaluations : int array, shape (neurons,)
    """

    def __init__(
        self,
        reader: Reader,
        judge: Judge,
        words: Int[Tensor, "candidates"],
        length: int,
        *,
        lowest: bool = False,
        pinned: Mapping[int, int] | None = None,
    ):
        if tuple(judge.pathway.vocabulary.words) != tuple(reader.pathway.vocabulary.words):
            raise ValueError(
                f"the judge knows {len(judge.pathway.vocabulary)} words and the network {len(reader.pathway.vocabulary)}, "
                "not the same: give a judge that was trained with the same vocabulary"
            )
        self.reader, self.judge, self.words, self.length = reader, judge, words, length
        self.sign, self.pinned = -1 if lowest else 1, dict(pinned or {})
        self.free = [place for place in range(length) if place not in self.pinned]
        self.ids: list[np.ndarray]
        self.values: list[np.ndarray]
        self.evaluations: np.ndarray
        self._seen: list[set[bytes]]
        self.__dict__ |= self._nothing()

    def apart(self) -> Fluent:
        """The same question, of which nothing is known."""
        fresh = copy(self)
        fresh.__dict__ |= self._nothing()
        return fresh

    def join(self, other: Fluent) -> None:
        """Take in what another search for the same has found and spent."""
        self.evaluations += other.evaluations
        for row, (ids, values) in enumerate(zip(other.ids, other.values, strict=True)):
            self._seen[row] |= other._seen[row]
            self._keep(row, ids, values)

    def _nothing(self) -> dict:
        count = len(self.reader.neurons)
        return {
            "ids": [np.zeros((0, self.length), dtype=np.int64) for _ in range(count)],
            "values": [np.zeros((0, 2)) for _ in range(count)],
            "evaluations": np.zeros(count, dtype=np.int64),
            "_seen": [set() for _ in range(count)],
        }

    def random(self, source: torch.Generator, count: int) -> Int[np.ndarray, "count length"]:
        """Random n-grams, the pinned words in their places."""
        ids = self.words.cpu()[torch.randint(len(self.words), (count, self.length), generator=source)].numpy()
        for place, word in self.pinned.items():
            ids[:, place] = word
        return ids

    def fresh(self, ids: Int[np.ndarray, "rows length"], row: int, count: int) -> Int[np.ndarray, "some length"]:
        """The first so many n-grams that were not read for this neuron yet; they count as read from now on."""
        chosen = []
        for number, ngram in enumerate(np.ascontiguousarray(ids)):
            if len(chosen) == count:
                break
            if (key := ngram.tobytes()) not in self._seen[row]:
                self._seen[row].add(key)
                chosen.append(number)
        return ids[chosen]

    def take(self, ids: Int[np.ndarray, "rows length"], rows: Int[np.ndarray, "rows"]) -> Float[np.ndarray, "rows 2"]:
        """Read n-grams, and keep those that nothing known dominates; gives activation times sign, and fluency."""
        if not len(ids):
            return np.zeros((0, 2))
        distinct, back = np.unique(ids, axis=0, return_inverse=True)
        fluency = self.judge.read(self._tensor(distinct)).cpu().numpy()[back.reshape(-1)]
        activation = self.sign * self.reader.read(self._tensor(ids), self._tensor(rows)).float().cpu().numpy()
        values = np.stack((activation, fluency), axis=1).astype(float)
        if np.isnan(values).any():
            name = self.reader.neurons[rows[int(np.isnan(values).any(axis=1).argmax())]].name
            raise ValueError(
                f"an n-gram of {name!r} has a value that is not a number: was a network's training unstable?"
            )
        for row in np.unique(rows):
            own = rows == row
            self.evaluations[row] += own.sum()
            self._keep(row, ids[own], values[own])
        return values

    def _keep(self, row: int, ids: np.ndarray, values: np.ndarray) -> None:
        ids, values = np.concatenate((self.ids[row], ids)), np.concatenate((self.values[row], values))
        kept = np.flatnonzero(front(values))
        kept = kept[np.argsort(-values[kept, 0], kind="stable")]
        self.ids[row], self.values[row] = ids[kept], values[kept]

    def gains(
        self, ids: Int[np.ndarray, "rows length"], rows: Int[np.ndarray, "rows"]
    ) -> tuple[Float[np.ndarray, "rows length candidates"], Float[np.ndarray, "rows length candidates"]]:
        """What each word would change of the activation and of the fluency at each place, to first order."""
        np.add.at(self.evaluations, rows, 2)
        table = self.reader.pathway.embedding.detach()
        numbers = self._tensor(ids)
        embedded = table[numbers].requires_grad_()
        with torch.enable_grad():
            total = self.sign * self.reader.activation(embedded, self._tensor(rows)).sum()
        (slope,) = asking.slopes(self.reader.pathway, total, embedded)
        slope = slope.float()
        gain = slope @ table[self.words].t() - (slope * table[numbers]).sum(dim=2, keepdim=True)
        return gain.cpu().numpy(), self.judge.gradient(numbers, self.words).detach().cpu().numpy()

    def _tensor(self, numbers: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(numbers)).to(self.reader.device)


def search(
    problem: Fluent, starts: Sequence[Int[np.ndarray, "some length"]], evolution: Evolution, seed: int = 0
) -> None:
    """Look for the front until the evaluations are spent; the problem keeps it, and counts.

    Parameters
    ----------
    problem : Fluent
    starts : sequence of int array
        For each neuron the n-grams to begin with.
    evolution : Evolution
    seed : int
        Every neuron has random numbers of its own.
    """
    if evolution.way == "fronts" and evolution.islands > 1:
        each = round(APART * evolution.evaluations / evolution.islands)
        for island in range(evolution.islands):
            part = problem.apart()
            seeds = [generator(seed, neuron, island) for neuron in problem.reader.neurons]
            strangers = [part.random(source, STRANGERS) for source in seeds]
            begin = [np.concatenate(pair) for pair in zip(starts, strangers, strict=True)] if island == 0 else strangers
            _run(part, begin, replace(evolution, evaluations=each), seeds)
            problem.join(part)
        starts = problem.ids
    _run(problem, starts, evolution, [generator(seed, neuron, evolution.islands) for neuron in problem.reader.neurons])


def _run(problem: Fluent, starts, evolution: Evolution, seeds: Sequence[torch.Generator]) -> None:
    begin = [problem.fresh(ids, row, len(ids)) for row, ids in enumerate(starts)]
    rows = np.repeat(np.arange(len(begin)), list(map(len, begin)))
    values = problem.take(np.concatenate(begin), rows)
    ways = {"fronts": _Fronts, "epo": _Weights, "weighted": _Weights}
    way = ways[evolution.way](problem, evolution, seeds, np.concatenate(begin), rows, values)
    going = np.arange(len(begin))
    while len(going):
        going = going[problem.evaluations[going] + way.cost <= evolution.evaluations]
        if len(going):
            going = way.step(going)


class _Fronts:
    """Parents from all along the front, children by combined gains at every place."""

    def __init__(self, problem: Fluent, evolution: Evolution, seeds, ids, rows, values):
        self.problem, self.evolution, self.seeds = problem, evolution, seeds
        self.random = [np.random.default_rng(source.initial_seed()) for source in seeds]
        self.cost = evolution.parents * (evolution.children + 2)
        self.written = problem.words.cpu().numpy()

    def step(self, going: Int[np.ndarray, "neurons"]) -> Int[np.ndarray, "neurons"]:
        """Read children of each neuron; gives the neurons that had any."""
        problem = self.problem
        chosen = [self._parents(row) for row in going]
        ids, weights = (np.concatenate(parts) for parts in zip(*chosen, strict=True))
        rows = np.repeat(going, self.evolution.parents)
        gain, guess = problem.gains(ids, rows)
        children, owners = [], []
        for number, row in enumerate(rows):
            scale = _spread(problem.values[row])
            promise = weights[number] * gain[number] / scale[0] + (1 - weights[number]) * guess[number] / scale[1]
            new = problem.fresh(self._children(ids[number], promise), row, self.evolution.children)
            if not len(new):  # all its neighbours are known: look elsewhere
                strangers = problem.random(self.seeds[row], self.evolution.children)
                new = problem.fresh(strangers, row, self.evolution.children)
            children.append(new)
            owners.append(np.full(len(children[-1]), row))
        problem.take(np.concatenate(children), np.concatenate(owners))
        return np.unique(np.concatenate(owners))

    def _parents(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """N-grams of the front, and the weight of activation for each."""
        values, rng = self.problem.values[row], self.random[row]
        count = self.evolution.parents
        weights = (np.arange(count) + rng.random(count)) / count
        scaled = values / _spread(values)
        chosen = (weights[:, None] * scaled[:, 0] + (1 - weights[:, None]) * scaled[:, 1]).argmax(axis=1)
        # Every second parent comes from anywhere on the front: where it is hollow, no weighted sum ever looks.
        chosen[1::2] = rng.integers(len(values), size=count)[1::2]
        return self.problem.ids[row][chosen], weights

    def _children(self, ids: np.ndarray, promise: np.ndarray) -> np.ndarray:
        """The parent with one word exchanged, by the most promising words of each place in turn."""
        free = self.problem.free
        # More than are asked for, as some were read before.
        each = min(2 * self.evolution.children, promise.shape[1])
        best = np.argpartition(-promise[free], each - 1, axis=1)[:, :each]
        order = np.take_along_axis(-promise[free], best, axis=1).argsort(axis=1, kind="stable")
        best = np.take_along_axis(best, order, axis=1)
        children = np.repeat(ids[None], each * len(free), axis=0)
        children[np.arange(len(children)), np.tile(np.array(free), each)] = self.written[best.T.reshape(-1)]
        return children


def _spread(values: np.ndarray) -> np.ndarray:
    """The range of each objective; 1 where it does not vary."""
    spread = np.ptp(values, axis=0) if len(values) else np.zeros(2)
    return np.where(spread > 0, spread, 1.0)


class _Weights:
    """One parent for each of some weights; children by random words of high gain at random places."""

    def __init__(self, problem: Fluent, evolution: Evolution, seeds, ids, rows, values):
        self.problem, self.evolution, self.seeds = problem, evolution, seeds
        self.pooled = evolution.way == "epo"
        self.cost = evolution.parents * (evolution.children + 2)
        self.penalties = np.geomspace(*PENALTIES, evolution.parents)
        # Published penalties are for activations of about the size of a cross-entropy.
        self.scales = np.array([_spread(values[rows == row]) for row in range(len(seeds))])
        best = [self._best(values[rows == row], row) for row in range(len(seeds))]
        self.ids = np.stack([ids[rows == row][at] for row, at in enumerate(best)])
        self.values = np.stack([values[rows == row][at] for row, at in enumerate(best)])

    def _worth(self, values: np.ndarray, row: int) -> np.ndarray:
        scaled = values / self.scales[row]
        return scaled[:, 0] + self.penalties[:, None] * scaled[:, 1]

    def _best(self, values: np.ndarray, row: int) -> np.ndarray:
        return self._worth(values, row).argmax(axis=1)

    def step(self, going: Int[np.ndarray, "neurons"]) -> Int[np.ndarray, "neurons"]:
        """Read children of each neuron."""
        problem, parents, each = self.problem, self.evolution.parents, self.evolution.children
        ids, rows = self.ids[going].reshape(-1, problem.length), np.repeat(going, parents)
        gain, guess = problem.gains(ids, rows)
        total = gain / self.scales[rows, 0, None, None]
        total += np.tile(self.penalties, len(going))[:, None, None] * guess / self.scales[rows, 1, None, None]
        children = np.concatenate([self._drawn(ids[n], total[n], row) for n, row in enumerate(rows)])
        values = problem.take(children, np.repeat(rows, each))
        children, values = children.reshape(len(going), -1, problem.length), values.reshape(len(going), -1, 2)
        for number, row in enumerate(going):
            pool = np.concatenate((self.ids[row], children[number]))
            worth = self._worth(np.concatenate((self.values[row], values[number])), row)
            if not self.pooled:
                family = np.concatenate((np.arange(parents), np.repeat(np.arange(parents), each)))
                worth = np.where(family == np.arange(parents)[:, None], worth, -np.inf)
            best = worth.argmax(axis=1)
            self.ids[row], self.values[row] = pool[best], np.concatenate((self.values[row], values[number]))[best]
        return going

    def _drawn(self, ids: np.ndarray, total: np.ndarray, row: int) -> np.ndarray:
        problem, each = self.problem, self.evolution.children
        top = min(self.evolution.top, total.shape[1])
        best = torch.from_numpy(total[problem.free]).topk(top, dim=1).indices.numpy()
        place = torch.randint(len(problem.free), (each,), generator=self.seeds[row]).numpy()
        column = torch.randint(top, (each,), generator=self.seeds[row]).numpy()
        children = np.repeat(ids[None], each, axis=0)
        children[np.arange(each), np.array(problem.free)[place]] = problem.words.cpu().numpy()[best[place, column]]
        return children
