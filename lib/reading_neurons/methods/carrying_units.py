"""Units that carry information: how long a unit stays on after the word that switched it on.

Kádár et al. 2017, section 6.4 and figure 7, which show examples picked by eye. Here every unit is measured by itself.
It is *triggered* where it enters its top decile, and stays *on* while it is above its median. With S(k) the share of
runs that are still on k words after their trigger (Kaplan and Meier's estimate, for a sentence may end first),

    persistence = S(1) + ... + S(5),

the number of the five words after a trigger for which a unit stays on.

Easy to get wrong: staying on is not remembering. A unit that knows only the word it reads stays on wherever many words
excite it, and a unit that counts words is on from some place to the end of every sentence. So states are exchanged for
those of other places with the same word, and of other sentences at the same position. What is left of the persistence
needs no memory of what was read; what is gone was *carried*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int

from reading_neurons import ngrams, passes
from reading_neurons.methods.levels import HIGH, SAMPLE, Levels, ages, levels
from reading_neurons.passes import Sentences, Window
from reading_neurons.pathway import Pathway, as_tokens
from reading_neurons.summaries import Together

if TYPE_CHECKING:
    from distributed import Client

SENTENCES = 2048  # of a window: the more, the more places a word can be exchanged with


def exchanged(code: Int[np.ndarray, "words"], seed: int = 0) -> Int[np.ndarray, "words"]:
    """For each place of a corpus another one with the same code, drawn at random.

    Parameters
    ----------
    code : int array, shape (words,)
        Numbers of the words (:func:`reading_neurons.ngrams.codes`), positions, or whatever a unit may know.
    seed : int

    Returns
    -------
    int array, shape (words,)
        A permutation: ``states[exchanged(code)]`` are what a unit does that knows the code and nothing else. A code
        that occurs once stays where it is, so a small corpus leaves too much.

    Examples
    --------
    >>> words = np.array(["a", "dog", "a", "cat", "a"])
    >>> place = exchanged(ngrams.codes(words, np.zeros(5), 1))
    >>> words[place].tolist(), sorted(place.tolist())
    (['a', 'dog', 'a', 'cat', 'a'], [0, 1, 2, 3, 4])
    """
    place = np.empty(len(code), dtype=np.int64)
    random = np.random.default_rng(seed).random(len(code))
    place[np.argsort(code, kind="stable")] = np.lexsort((random, code))
    return place


@dataclass(frozen=True)
class Places:
    """Where each word of a corpus stands.

    Attributes
    ----------
    sentence, position, word : int arrays, shape (words,)
        Number of the sentence, position in it from 0, and number of the word (the same for equal words).
    """

    sentence: Int[np.ndarray, "words"]
    position: Int[np.ndarray, "words"]
    word: Int[np.ndarray, "words"]

    @classmethod
    def of(cls, words: Sequence[Sequence[str]], width: int = 1) -> Places:
        """The places of sentences; ``width`` above 1 numbers n-grams in place of words."""
        lengths = np.fromiter(map(len, words), dtype=np.int64)
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        position = np.arange(len(sentence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return cls(sentence, position, ngrams.codes(list(chain.from_iterable(words)), sentence, width))

    def part(self, first: int, count: int) -> Places:
        """Of some neighbouring words."""
        here = slice(first, first + count)
        return Places(self.sentence[here], self.position[here], self.word[here])


class Survival:
    """How many runs of each unit are watched for k words, and how many of them go on: a summary of a pass.

    Parameters
    ----------
    level : Levels
    places : Places
        Of all words that windows will come of.
    horizon : int
        The largest k.
    code : int array, shape (words,), optional
        What states keep when they are exchanged, inside a window; by default they are not.
    seed : int
        Of the exchange.
    """

    def __init__(
        self, level: Levels, places: Places, horizon: int, code: Int[np.ndarray, "words"] | None = None, seed: int = 0
    ):
        if not 1 <= horizon <= 100:
            raise ValueError(f"runs can be watched for 1 to 100 words, found a horizon of {horizon}")
        self._level, self._places, self._horizon, self._code, self._seed = level, places, horizon, code, seed
        self._first = 0  # number of the word whose place is the first
        shape = (horizon + 1, level.edges.shape[1])
        self.reached = np.zeros(shape, dtype=np.int64)
        """How many runs were on k words after their trigger, shape (horizon + 1, units)."""
        self.censored = np.zeros(shape, dtype=np.int64)
        """Those of them whose sentence ended there."""

    def empty(self, first: int, count: int) -> Survival:
        """For a part of the corpus, with its places alone."""
        begin = first - self._first
        code = None if self._code is None else self._code[begin : begin + count]
        part = Survival(self._level, self._places.part(begin, count), self._horizon, code, self._seed)
        part._first = first
        return part

    def update(self, window: Window) -> None:
        """Take in the states of whole sentences."""
        begin = window.first - self._first
        here = slice(begin, begin + len(window.states))
        states = window.states
        if self._code is not None:
            donors = exchanged(self._code[here], self._seed + window.first)
            states = states[torch.from_numpy(donors).to(states.device)]
        age = ages(states, self._places.position[here], self._level, self._horizon + 1)
        final = age[torch.from_numpy(np.flatnonzero(np.diff(self._places.sentence[here], append=-1)))]
        for k in range(self._horizon + 1):
            self.reached[k] += (age == k).sum(dim=0).cpu().numpy()
            self.censored[k] += (final == k).sum(dim=0).cpu().numpy()

    def merge(self, later: Survival) -> None:
        """Add the counts of another part of the corpus."""
        self.reached += later.reached
        self.censored += later.censored

    def result(self) -> Float[np.ndarray, "horizon units"]:
        """S(1), S(2), ...: NaN from where no run was watched."""
        return kaplan_meier(self.reached[1:], self.reached[:-1] - self.censored[:-1])


def kaplan_meier(survived: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Shares of runs still on after 1, 2, ... words, along the first axis.

    Parameters
    ----------
    survived, at_risk : arrays, shape (horizon, ...)
        Runs that were still on after their k-th word, of those whose k-th word was read.

    Examples
    --------
    >>> kaplan_meier(np.array([3, 1]), np.array([4, 2]))
    array([0.75 , 0.375])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.cumprod(survived / at_risk, axis=0)
    gone = np.cumsum((survived == 0) & (at_risk > 0), axis=0) > 0  # nobody is left to watch, and nobody is on
    return np.where(gone, 0.0, shares)


def persistence(
    pathway: Pathway,
    corpus: Sentences,
    *,
    level: Levels | None = None,
    states: Float[np.ndarray, "words units"] | None = None,
    horizon: int = 5,
    width: int = 1,
    seed: int = 0,
    client: Client | None = None,
) -> pd.DataFrame:
    """How long every unit stays on after its trigger, beside units that know only a word or a position.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    level : Levels, optional
        By default :func:`reading_neurons.methods.levels.levels` of this corpus, which takes a pass of its own.
    states : float array, shape (words, units), optional
        As :func:`reading_neurons.passes.states` gives them, where the caller holds them: nothing is read then.
    horizon : int
        Words after the trigger.
    width : int
        How many of the last words the first null knows: 1 for the word itself.
    seed : int
        Of the exchanges.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; see :func:`reading_neurons.passes.run`.

    Returns
    -------
    DataFrame
        One row per unit: ``unit``, ``triggers``, ``s1`` .. ``s5`` (share of runs still on after so many words),
        ``persistence`` (their sum), ``by_word`` and ``by_position`` (the same once states are exchanged among places of
        the same word, or position), ``carried`` (what persistence has above the larger of the two). NaN where no run
        could be watched for so long: a unit is constant, or triggered at the last words of sentences only.

    Raises
    ------
    ValueError
        If there is no sentence, the states are not those of the corpus, or the horizon or width is out of range.

    Notes
    -----
    Without ``states`` memory does not grow with the corpus: a window of 2,048 sentences is held, about 300 MB at 1,024
    units, and 80 MB for the deciles.

    References
    ----------
    Kádár et al. 2017, section 6.4.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> units = [Detector("inside", on=["in"], off=["box"], hold=1.0), Detector("box", on=["box"])]
    >>> pathway = DetectorPathway(Vocabulary(["in", "a", "big", "box"]), units)
    >>> corpus = ["a big a box a box", "in a big box a box a box"]
    >>> persistence(pathway, corpus)[["unit", "triggers", "s2", "s3", "persistence"]].values.tolist()
    [[0.0, 1.0, 1.0, 0.0, 2.0], [1.0, 5.0, 0.0, 0.0, 0.0]]
    """
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    if states is not None and len(states) != sum(map(len, words)):
        raise ValueError(
            f"found states of {len(states)} words for a corpus of {sum(map(len, words))}, expected as many"
        )
    if width < 1:
        raise ValueError(f"the null knows at least 1 word, found a width of {width}")
    if level is None:
        level = levels(pathway, words, client=client) if states is None else Levels.of(states[:: -(-len(states) // SAMPLE)])
    places = Places.of(words, width)
    found = Survival(level, places, horizon)
    nulls = [Survival(level, places, horizon, code, seed) for code in (places.word, places.position)]
    together = Together([found, *nulls])
    if states is None:
        passes.run(together, pathway, words, client, sentences=SENTENCES)
    else:
        for window in _cut(states, words):
            together.update(window)
    shares = found.result()
    table = pd.DataFrame({f"s{k}": shares[k - 1] for k in range(1, horizon + 1)})
    table.insert(0, "unit", np.arange(len(table)))
    table.insert(1, "triggers", found.reached[0])
    stays, *chance = (summary.result().sum(axis=0) for summary in (found, *nulls))
    return table.assign(persistence=stays, by_word=chance[0], by_position=chance[1], carried=stays - np.fmax(*chance))


def _cut(states: np.ndarray, words: Sequence[Sequence[str]]) -> Iterator[Window]:
    """States that are held, as windows of whole sentences."""
    ends = np.cumsum([len(sentence) for sentence in words])
    first = 0
    for last in range(SENTENCES - 1, len(ends) + SENTENCES - 1, SENTENCES):
        end = int(ends[min(last, len(ends) - 1)])
        yield Window(first, torch.from_numpy(states[first:end]))
        first = end


def trace(
    pathway: Pathway, sentences: Iterable[str | Sequence[str]], units: Sequence[int], level: Levels
) -> pd.DataFrame:
    """Activations of some units word by word through sentences (paper: figure 7).

    Parameters
    ----------
    pathway : Pathway
    sentences : iterable of str or of sequences of words
    units : sequence of int
    level : Levels
        Of all units of the pathway, over a corpus: see :func:`reading_neurons.methods.levels.levels`.

    Returns
    -------
    DataFrame
        One row per unit and word: ``unit``, ``sentence``, ``position``, ``word``, ``activation``, ``decile`` (1 to 10
        of the unit's activations over the corpus; equal activations are given the lowest of theirs, 10 to all that
        trigger), ``age`` (words since the trigger of the run, -1 where the unit is off), ``high`` and ``low`` (the
        activations at which it is triggered and below which it is off).

    Raises
    ------
    ValueError
        If there is no sentence or no unit, or a unit is out of range.
    """
    words = as_tokens(sentences, pathway.vocabulary.tokenizer)
    known = level.edges.shape[1]
    if not len(units) or not all(0 <= unit < known for unit in units):
        raise ValueError(f"expected at least one unit from 0 to {known - 1}, found {list(units)}")
    states = passes.states(pathway, words)
    if states.shape[1] != known:
        raise ValueError(f"the pathway has {states.shape[1]} units, the levels are of {known}: take its own")
    states, level = states[:, list(units)], level.take(units)
    places = Places.of(words)
    age = ages(torch.from_numpy(states), places.position, level).numpy()
    triggers = (states > level.low) & (states >= level.high)
    decile = np.where(triggers, 10, 1 + (states[None] > level.edges[1:HIGH, None]).sum(axis=0))
    common = {
        "sentence": places.sentence,
        "position": places.position,
        "word": list(chain.from_iterable(words)),
    }
    parts = [
        {
            "unit": unit, **common, "activation": states[:, i], "decile": decile[:, i], "age": age[:, i],
            "high": level.high[i], "low": level.low[i],
        }
        for i, unit in enumerate(units)
    ]  # fmt: skip
    return pd.concat(map(pd.DataFrame, parts), ignore_index=True)
