"""Concepts of a neuron: groups of related words, each of which alone makes an n-gram that the neuron wants.

Poerner et al. 2018 (sections 1 and 3.3) suppose that a neuron may answer to "different concepts", food and sports, say,
and see it in one n-gram, whose words are of horse and of motorbike racing. Here it is looked for. A search is repeated,
and may not write again the words that have carried what was found before:

    a word carries an n-gram   if   f(all words) - f(without it, wherever it stands) >= CARRIES * f(all words).

The searches of a neuron end when the best that is left falls below ``keep`` of its best. The words that carried are its
*wanted words*. Those whose embeddings are alike, more than chance makes words, are a group
(:func:`~reading_neurons.methods.related_words.groups`). A group is a concept if an n-gram exists that reaches ``alone``
of the best, in which its words and their relatives add at least half of what all content words add, and which has no
relative of another group.

Easy to get wrong: a list of many words is no list of many concepts. Synonyms are found one after another once the
first is forbidden; only words that are unrelated in the network's own embeddings count apart.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn import functional as F

from reading_neurons import passes
from reading_neurons.methods.ascent import DEFAULT, Ascent, ascend
from reading_neurons.methods.forbidden_words import Without
from reading_neurons.methods.input_optimization import allowed_words
from reading_neurons.methods.related_words import groups, related_above, relatives
from reading_neurons.methods.swaps import Swaps, best_starts, swap
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader

CARRIES = 0.1  # of the activation: what a word adds at least to be wanted
HALF = 0.5  # of what the words of a concept's n-gram add together: what its own words add at least
AT_ONCE = 40  # neurons
_COLUMNS = (
    ("neuron", "concept", "group", "words", "activation", "share", "related"),
    ("neuron", "word", "round", "drop", "concept"),
    ("neuron", "words", "activation", "rounds", "concepts"),
)


@dataclass(frozen=True)
class Peeling:
    """How the words that a neuron wants are gathered.

    Attributes
    ----------
    rounds : int
        At most how many searches, one after another.
    keep : float
        The share of the best activation that an n-gram must reach for its words to count.
    alone : float
        The share that a concept must reach without a word of any other.
    forbid : bool
        Whether words that have carried an n-gram may not be written again; False repeats the search from another seed.

    Raises
    ------
    ValueError
        If there is no round, or a share is not above 0 and at most 1.
    """

    rounds: int = 4
    keep: float = 0.6
    alone: float = 0.5
    forbid: bool = True

    def __post_init__(self):
        if self.rounds < 1 or not 0 < self.keep <= 1 or not 0 < self.alone <= 1:
            raise ValueError(
                "expected at least 1 round and shares above 0 and up to 1, "
                f"found {self.rounds}, {self.keep} and {self.alone}"
            )


@dataclass(frozen=True)
class Concepts:
    """What :func:`concepts` finds.

    Attributes
    ----------
    concepts : DataFrame
        One row per neuron and concept, the strongest first: ``neuron`` (its name), ``concept`` (from 0), ``group``
        (its wanted words, what adds most first), ``words`` (its best n-gram), ``activation``, ``share`` (of the
        neuron's best), ``related``: False where no two of its wanted words are related, and those of its best n-gram
        stand for the only concept. A neuron that no word carries, or that nothing excites, has no row.
    wanted : DataFrame
        One row per neuron and wanted word: ``neuron``, ``word``, ``round`` (from 0), ``drop`` (the most that an
        n-gram lost without it), ``concept`` (-1 for none).
    best : DataFrame
        One row per neuron, in order: ``neuron``, ``words``, ``activation``, ``rounds`` (those that counted),
        ``concepts`` (how many).
    """

    concepts: pd.DataFrame
    wanted: pd.DataFrame
    best: pd.DataFrame


def concepts(
    pathway: Pathway,
    neurons: Sequence[Neuron] | Neuron,
    length: int = 5,
    *,
    peeling: Peeling | None = None,
    ignore: Collection[str] = (),
    corpus: passes.Sentences | None = None,
    min_count: int = 1,
    frame: bool = True,
    ascent: Ascent | None = None,
    swaps: Swaps | None = None,
    precision: str = "float32",
    seed: int = 0,
) -> Concepts:
    """The concepts that neurons answer to.

    Parameters
    ----------
    pathway : Pathway
    neurons : Neuron, or sequence of them
    length : int
        Words of an n-gram, at least 2.
    peeling : Peeling
        How many searches, and what counts.
    ignore : collection of str
        Words that belong to no concept and are never forbidden: function words.
    corpus, min_count, frame, ascent, swaps, precision, seed
        As for :func:`reading_neurons.methods.input_optimization.optimize`.

    Returns
    -------
    Concepts

    Raises
    ------
    ValueError
        If there is no neuron, a length below 2, or what an optimisation raises.

    References
    ----------
    Poerner et al. 2018, sections 1 and 3.3.

    Examples
    --------
    >>> from reading_neurons.models.topics import TopicOutput, TopicPathway
    >>> from reading_neurons.neurons import output
    >>> from reading_neurons.text import Vocabulary
    >>> words = [f"{kind}{i}" for kind in ("food", "sport", "other") for i in range(40)]
    >>> topics = {"food": words[:4], "sports": words[40:44]}
    >>> either = TopicOutput("either", ("food", "sports"), either=True)
    >>> pathway = TopicPathway(Vocabulary(words), topics, [either])
    >>> sorted(group.split()[0][:-1] for group in concepts(pathway, output(pathway, 0), 3).concepts["group"])
    ['food', 'sport']
    """
    neurons = [neurons] if isinstance(neurons, Neuron) else list(neurons)
    if not neurons:
        raise ValueError("expected at least one neuron, found none")
    if length < 2:
        raise ValueError(f"what a word adds shows in n-grams of 2 words or more, found a length of {length}")
    allowed = allowed_words(pathway.vocabulary, corpus, min_count)
    words = torch.from_numpy(np.flatnonzero(allowed)).to(pathway.embedding.device)
    ways = {"peeling": peeling or Peeling(), "ignore": ignore, "seed": seed}
    ways |= {"ascent": ascent or DEFAULT, "swaps": swaps or Swaps()}
    parts = []
    for place in dict.fromkeys(neuron.place for neuron in neurons):
        of_place = [i for i, neuron in enumerate(neurons) if neuron.place == place]
        for begin in range(0, len(of_place), AT_ONCE):
            chosen = of_place[begin : begin + AT_ONCE]
            reader = Reader(pathway, [neurons[i] for i in chosen], frame=frame, precision=precision)
            parts.append(_found(_Search(reader, words, length, **ways), chosen))
    tables = (
        pd.concat(part).sort_values("number", kind="stable", ignore_index=True) for part in zip(*parts, strict=True)
    )
    return Concepts(*(table.drop(columns="number") for table in tables))


class _Search:
    """The searches of some neurons that are read at one place."""

    def __init__(self, reader: Reader, words, length: int, *, peeling: Peeling, ignore, ascent, swaps, seed):
        self.reader, self.words, self.length, self.peeling = reader, words, length, peeling
        self.vocabulary = reader.pathway.vocabulary
        self.ascent, self.swaps, self.seed = ascent, swaps, seed
        exact = reader.precision == "float32"
        self.exact = reader if exact else Reader(reader.pathway, reader.neurons, frame=reader.frame)
        self.directions = F.normalize(reader.pathway.embedding.detach().float(), dim=1)
        self._related: dict[int, float] = {}
        self.content = torch.zeros(len(self.vocabulary), dtype=torch.bool, device=reader.device)
        self.content[words] = True
        self.content[[self.vocabulary.number(word) for word in ignore if word in self.vocabulary]] = False

    def optima(self, forbidden: Bool[Tensor, "rows words"], rows: Sequence[int], seed: int):
        """Different n-grams that a search ends in: word numbers, the row of ``forbidden``, activations."""
        neurons = [self.reader.neurons[row] for row in rows]
        reader = Reader(self.reader.pathway, neurons, frame=self.reader.frame, precision=self.reader.precision)
        objective = Without(reader, self.words, self.length, forbidden)
        ascended = ascend(objective, "gumbel", self.ascent, seed, objective.suppress)
        starts, of = best_starts(ascended.ids, ascended.rows, ascended.values, self.swaps.starts)
        ids = swap(objective, starts, of, self.swaps)
        return ids, of, objective.take(ids, of)

    def related_above(self, size: int) -> float:
        """See :func:`reading_neurons.methods.related_words.related_above`; once for each size."""
        if size not in self._related:
            self._related[size] = related_above(self.directions[self.content], size)
        return self._related[size]

    def added(
        self, ids: Int[Tensor, "ngrams length"], rows: Sequence[int], values: Sequence[float]
    ) -> list[dict[int, float]]:
        """What each content word of each n-gram adds: what is lost when it is left out wherever it stands."""
        tried: dict[int, list[tuple[int, int, list[int]]]] = {}
        found: list[dict[int, float]] = [{} for _ in rows]
        for number, ngram in enumerate(ids.tolist()):
            for word in dict.fromkeys(ngram):
                rest = [other for other in ngram if other != word]
                if self.content[word]:
                    tried.setdefault(len(rest), []).append((number, word, rest))
        for length, parts in tried.items():
            if length:
                without = torch.tensor([rest for _, _, rest in parts], device=ids.device)
                of = torch.tensor([rows[number] for number, _, _ in parts], device=ids.device)
                left = self.exact.read(without, of).tolist()
            for at, (number, word, _) in enumerate(parts):
                # Of nothing but one word all is its own.
                found[number][word] = values[number] - (left[at] if length else 0.0)
        return found


def _found(search: _Search, numbers: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The three tables of :class:`Concepts`, with a column ``number`` to sort by."""
    best, wanted, rounds = _peeled(search)
    confirmed = _confirmed(search, best, [_groups(search, list(pool)) for pool in wanted])
    decode = search.vocabulary.decode
    parts: tuple[list, list, list] = ([], [], [])
    for row, number in enumerate(numbers):
        name, (value, ngram), pool = search.reader.neurons[row].name, best[row], wanted[row]
        related, found = bool(confirmed[row]), confirmed[row]
        if pool and not related:
            # No two wanted words are related: the words of the best n-gram are all that can be said.
            found = [(value, ngram, [word for word in dict.fromkeys(ngram) if word in pool] or list(pool))]
        of_word: dict[int, int] = {}
        for concept, (activation, ids, group) in enumerate(found):
            of_word |= dict.fromkeys(group, concept)
            group = " ".join(decode(sorted(group, key=lambda word: -pool[word][1])))
            words = " ".join(decode(ids))
            parts[0].append((number, name, concept, group, words, activation, activation / value, related))
        for word, (first, drop) in pool.items():
            parts[1].append((number, name, decode([word])[0], first, drop, of_word.get(word, -1)))
        parts[2].append((number, name, " ".join(decode(ngram)), value, rounds[row], len(found)))
    return tuple(
        pd.DataFrame(part, columns=["number", *columns]) for part, columns in zip(parts, _COLUMNS, strict=True)
    )


def _peeled(search: _Search) -> tuple[list[tuple[float, list[int]]], list[dict[int, tuple[int, float]]], list[int]]:
    """Of each neuron its best n-gram, its wanted words with their round and what they add, and the rounds that counted."""
    count = len(search.reader.neurons)
    forbidden = torch.zeros(count, len(search.vocabulary), dtype=torch.bool, device=search.reader.device)
    best: list[tuple[float, list[int]]] = [(-np.inf, [])] * count
    wanted: list[dict[int, tuple[int, float]]] = [{} for _ in range(count)]
    rounds, going = [0] * count, list(range(count))
    for round_ in range(search.peeling.rounds):
        seed = search.seed if search.peeling.forbid else search.seed + 1000 * round_
        ids, of, values = search.optima(forbidden[going], going, seed)
        rows, on = [going[i] for i in of.tolist()], set()
        for row, ngram, value in zip(rows, ids.tolist(), values.tolist(), strict=True):
            best[row] = max(best[row], (value, ngram), key=lambda known: known[0])
        for row, value, added in zip(rows, values.tolist(), search.added(ids, rows, values.tolist()), strict=True):
            if value < search.peeling.keep * best[row][0] or value <= 0:
                continue
            rounds[row] = round_ + 1
            for word in (word for word, drop in added.items() if drop >= CARRIES * value):
                first, most = wanted[row].get(word, (round_, 0.0))
                wanted[row][word] = (first, max(most, added[word]))
                forbidden[row, word] = search.peeling.forbid
                on.add(row)
        # A neuron without a new word to forbid would find the same n-grams again.
        going = [row for row in going if row in on]
        if not going:
            break
    return best, wanted, rounds


def _groups(search: _Search, pool: Sequence[int]) -> list[list[int]]:
    """The groups of related words among the wanted ones."""
    if len(pool) < 2:
        return []
    vectors = search.directions[list(pool)].double().cpu().numpy()
    return [[pool[i] for i in group] for group in groups(vectors, search.related_above(len(pool)))]


def _confirmed(search: _Search, best, of_rows: list[list[list[int]]]) -> list[list[tuple[float, list[int], list[int]]]]:
    """Of each neuron the groups that make an n-gram of their own: its activation, its words, the group."""
    tried = [(row, number) for row, of_row in enumerate(of_rows) for number in range(len(of_row))]
    found: list[list[tuple[float, list[int], list[int]]]] = [[] for _ in of_rows]
    if not tried:
        return found
    kin = {key: relatives(search.directions, of_rows[key[0]], key[1]) & search.content for key in tried}
    forbidden = torch.stack([_others(kin, row, number, len(of_rows[row])) for row, number in tried])
    ids, of, values = search.optima(forbidden, [row for row, _ in tried], search.seed)
    added = search.added(ids, [tried[i][0] for i in of.tolist()], values.tolist())
    for index in values.argsort(descending=True).tolist():
        row, number = tried[int(of[index])]
        value, group = float(values[index]), of_rows[row][number]
        if value < search.peeling.alone * best[row][0] or any(group is known for _, _, known in found[row]):
            continue
        positive = {word: max(drop, 0.0) for word, drop in added[index].items()}
        own = sum(drop for word, drop in positive.items() if kin[row, number][word])
        if own and own >= HALF * sum(positive.values()):
            found[row].append((value, ids[index].tolist(), group))
    return found


def _others(kin: dict[tuple[int, int], Tensor], row: int, number: int, count: int) -> Bool[Tensor, "words"]:
    """The relatives of the other groups of a neuron."""
    masks = [kin[row, other] for other in range(count) if other != number]
    return torch.stack(masks).any(dim=0) if masks else torch.zeros_like(kin[row, number])
