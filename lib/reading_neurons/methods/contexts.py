"""Top contexts: the words at which a unit is most active, each with the n-gram that ends there.

Kádár et al. 2017, section 6.1. With ``M`` the matrix of every unit's state at every word of a corpus, the contexts of
unit i are the places of the k largest entries of row i,

    top(i) = first k of argsort(-M[i]),

equals in corpus order. The matrix is never held: of each window of the corpus only the states above the k-th best so
far are looked at, and of the first windows those of ever longer blocks.

Easy to get wrong: the sign. The original sorted by magnitude, so that a unit's list mixes what drives it up with what
drives it down; here it is the signed state, and ``absolute=True`` is the original's way. Nor is an n-gram the cause of
the state at its last word: a state depends on everything read so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from reading_neurons import ngrams, passes
from reading_neurons.pathway import Pathway
from reading_neurons.summaries import Gathered

if TYPE_CHECKING:
    from distributed import Client

FIRST_BLOCK = 64  # words that are sorted whole before there is a k-th best to compare with


def top_contexts(
    pathway: Pathway,
    corpus: passes.Sentences,
    k: int = 20,
    width: int = 3,
    *,
    units: Sequence[int] | None = None,
    lowest: bool = False,
    absolute: bool = False,
    distinct: bool = False,
    precision: str = "float32",
    client: Client | None = None,
) -> pd.DataFrame:
    """The k places of highest activation of each unit, with their n-grams.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences (str, or sequences of words)
    k : int
        How many contexts of each unit.
    width : int
        Words of an n-gram; at the beginning of a sentence it is shorter.
    units : sequence of int, optional
        Which units; by default all.
    lowest : bool
        The places of lowest activation instead.
    absolute : bool
        Sort by magnitude, as the original did.
    distinct : bool
        k different n-grams, each at its best place, instead of k places.
    precision : "float32" or "bfloat16"
        Of the network; see :func:`reading_neurons.passes.windows`.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; see :func:`reading_neurons.passes.run`.

    Returns
    -------
    DataFrame
        One row per unit and rank, in this order: ``unit``, ``rank`` (0 is the best), ``activation`` (signed),
        ``sentence``, ``position`` (0-based), ``word``, ``context`` (the n-gram as text). Equal activations stand in
        corpus order.

    Raises
    ------
    ValueError
        If ``k`` or ``width`` is below 1, the corpus has no sentence, an empty one, or fewer than k words (or different
        n-grams), a unit is out of range or named twice, or a state is not a number.

    References
    ----------
    Kádár et al. 2017, section 6.1.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog", "runs"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> table = top_contexts(pathway, ["a dog runs", "dog runs", "a dog"], k=3, distinct=True)
    >>> table[["rank", "activation", "sentence", "position", "context"]].values.tolist()
    [[0, 1.0, 0, 1, 'a dog'], [1, 1.0, 1, 0, 'dog'], [2, 0.5, 0, 2, 'a dog runs']]
    """
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    sentence = np.repeat(np.arange(len(words)), lengths)
    position = np.arange(len(sentence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    flat = [word for one in words for word in one]
    codes = ngrams.codes(flat, sentence, width) if distinct or width < 1 else None
    summary = TopContexts(k, units=units, lowest=lowest, absolute=absolute, codes=codes)
    found = len(flat) if codes is None else int(codes.max()) + 1
    if found < k:
        what = "words" if codes is None else f"different {width}-grams"
        raise ValueError(f"asked for the top {k} of {found} {what}: lower k, or give more text")
    table = passes.run(summary, pathway, words, client, precision=precision).result()
    place = table.pop("place").to_numpy()
    return table.assign(
        sentence=sentence[place],
        position=position[place],
        word=np.asarray(flat, dtype=object)[place],
        context=ngrams.texts(flat, position, place, width),
    )


class TopContexts:
    """A summary of a pass: each unit's k best places so far, in memory that does not grow with the corpus.

    Parameters
    ----------
    k : int
    units : sequence of int, optional
    lowest, absolute : bool
        As for :func:`top_contexts`.
    codes : int array, shape (words of the corpus,), optional
        Of places with equal numbers only the best is kept; :func:`reading_neurons.ngrams.codes` gives such numbers.

    Raises
    ------
    ValueError
        If k is below 1, or a unit is negative or named twice.
    """

    def __init__(
        self,
        k: int,
        *,
        units: Sequence[int] | None = None,
        lowest: bool = False,
        absolute: bool = False,
        codes: np.ndarray | None = None,
    ):
        if k < 1:
            raise ValueError(f"expected at least 1 context of each unit, found k = {k}")
        self.k, self.lowest, self.absolute = int(k), lowest, absolute
        self._units = None if units is None else _checked(units)
        self._codes, self._first = codes, 0  # of which word the first code is
        self._seen = 0
        # Rows are units, columns ranks; a place of -1 is a rank that is still free.
        self._keys: Float[np.ndarray, "units k"] | None = None
        self._values: np.ndarray | None = None
        self._places: np.ndarray | None = None

    def empty(self, first: int, count: int) -> TopContexts:
        """For a part of the corpus, with its codes alone."""
        codes = None if self._codes is None else self._codes[first - self._first :][:count]
        part = TopContexts(self.k, units=self._units, lowest=self.lowest, absolute=self.absolute, codes=codes)
        part._first = first
        return part

    def update(self, window: passes.Window) -> None:
        """Take in the next window."""
        half = window.states.dtype == torch.bfloat16  # which numpy does not know
        # In numpy: a comparison is over before torch has woken its second thread.
        states = (window.states.float() if half else window.states).cpu().numpy()
        if self._units is not None:
            if self._units.max() >= states.shape[1]:
                known = f"the pathway has the units 0 to {states.shape[1] - 1}"
                raise ValueError(f"there is no unit {self._units.max()}: {known}")
            states = states[:, self._units]
        if self._keys is None:
            self._allocate(states.shape[1])
        begin = 0
        while begin < len(states):
            # As many words as were seen: each block then has about as few new candidates as the one before.
            block = states[begin : begin + max(self._seen, FIRST_BLOCK, self.k)]
            self._take(block, window.first + begin)
            begin += len(block)
            self._seen += len(block)

    def merge(self, later: TopContexts) -> None:
        """Take in the summary of the words that follow these; its windows must have been numbered on."""
        ours, theirs = ((s.k, s.lowest, s.absolute, s._named()) for s in (self, later))
        if ours != theirs:
            raise ValueError(f"summaries differ in k, lowest, absolute or units: {ours} and {theirs}")
        if later._keys is None:
            return
        if self._keys is None:
            self._allocate(len(later._keys))
        # Those above the k-th best, as a window's.
        unit, rank = np.nonzero((later._places >= 0) & (later._keys > self._keys[:, -1:]))
        if not len(unit):
            self._seen += later._seen
            return
        self._merge(unit, later._keys[unit, rank], later._values[unit, rank], later._places[unit, rank])
        self._seen += later._seen

    def result(self) -> pd.DataFrame:
        """One row per unit and rank: ``unit``, ``rank``, ``activation``, ``place`` (number of a word of the corpus)."""
        if self._keys is None:
            raise ValueError("no window was given to this summary: run it over a corpus first")
        row, rank = np.nonzero(self._places >= 0)
        return pd.DataFrame(
            {
                "unit": row if self._units is None else self._units[row],
                "rank": rank,
                "activation": self._values[row, rank],
                "place": self._places[row, rank],
            }
        )

    def _named(self) -> list[int] | None:
        return None if self._units is None else self._units.tolist()

    def _allocate(self, units: int) -> None:
        self._keys = np.full((units, self.k), -np.inf)
        self._values = np.zeros((units, self.k))
        self._places = np.full((units, self.k), -1)

    def _take(self, block: Float[np.ndarray, "words units"], first: int) -> None:
        """Merge those states of a block that beat the k-th best of their unit, which stands earlier in the corpus."""
        ranked = np.abs(block) if self.absolute else block
        ranked = -ranked if self.lowest else ranked
        if (self._places[:, -1] < 0).any():
            chosen = np.ones(ranked.shape, dtype=bool)
        else:
            # Not "greater", so that what is not a number is chosen, and seen below.
            chosen = np.less_equal(ranked, self._keys[:, -1].astype(ranked.dtype))
            np.logical_not(chosen, out=chosen)
        row, unit = np.divmod(np.flatnonzero(chosen), block.shape[1])
        keys, values = ranked[row, unit].astype(float), block[row, unit].astype(float)
        if np.isnan(keys).any():
            at = int(np.isnan(keys).argmax())
            raise ValueError(
                f"the state of unit {unit[at] if self._units is None else self._units[unit[at]]} at word "
                f"{first + row[at]} is not a number, which has no rank: was the network's training unstable?"
            )
        if len(row):
            self._merge(unit, keys, values, first + row)

    def _merge(self, unit: np.ndarray, keys: np.ndarray, values: np.ndarray, places: np.ndarray) -> None:
        """Sort candidates, which stand later than what is held and in corpus order, into the lists of their units."""
        touched = np.unique(unit)
        held = self._places[touched] >= 0
        unit = np.concatenate((np.repeat(touched, held.sum(axis=1)), unit))
        keys = np.concatenate((self._keys[touched][held], keys))
        values = np.concatenate((self._values[touched][held], values))
        places = np.concatenate((self._places[touched][held], places))
        order = np.argsort(-keys, kind="stable")
        # Sixteen bits are sorted by their digits, far faster than by comparison.
        order = order[np.argsort(unit[order].astype(np.uint16 if len(self._keys) < 2**16 else np.int64), kind="stable")]
        if self._codes is not None:
            pair = unit * (int(self._codes.max()) + 1) + self._codes[places - self._first]
            order = order[~pd.Series(pair[order]).duplicated().to_numpy()]
        unit = unit[order]
        starts = np.flatnonzero(np.diff(unit, prepend=-1))
        rank = np.arange(len(unit)) - np.repeat(starts, np.diff(starts, append=len(unit)))
        best = rank < self.k
        order, unit, rank = order[best], unit[best], rank[best]
        for held, found in ((self._keys, keys), (self._values, values), (self._places, places)):
            held[unit, rank] = found[order]


def _checked(units: Sequence[int]) -> np.ndarray:
    chosen = np.asarray(units)
    if chosen.ndim != 1 or not len(chosen) or not np.issubdtype(chosen.dtype, np.integer):
        raise ValueError(f"expected the numbers of some units, found {units!r}")
    if chosen.min() < 0:
        raise ValueError(f"units are counted from 0, found {chosen.min()}")
    if len(np.unique(chosen)) < len(chosen):
        raise ValueError(f"found a unit twice among {chosen.tolist()}: name each once")
    return chosen.astype(np.int64)


def readings(
    pathway: Pathway,
    corpus: passes.Sentences,
    contexts: pd.DataFrame,
    width: int = 3,
    *,
    precision: str = "float32",
    client: Client | None = None,
) -> pd.DataFrame:
    """The activation of each context's unit at every word of its n-gram, not only at the last.

    Parameters
    ----------
    pathway, corpus
        Those that the contexts come from.
    contexts : DataFrame
        As :func:`top_contexts` gives it, or some of its rows.
    width : int
        Words of an n-gram.
    precision : "float32" or "bfloat16"
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; see :func:`reading_neurons.passes.run`.

    Returns
    -------
    DataFrame
        One row per context and word, in order: ``unit``, ``rank``, ``place`` (0 for the last word, -1 for the one
        before ..), ``word``, ``activation``.

    Raises
    ------
    ValueError
        If there is no context, one lies outside the corpus, or the width is below 1.
    """
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    if not len(contexts) or width < 1:
        raise ValueError(f"expected at least 1 context and a width of at least 1, found {len(contexts)} and {width}")
    sentence, position = contexts["sentence"].to_numpy(), contexts["position"].to_numpy()
    if sentence.min() < 0 or sentence.max() >= len(words):
        raise ValueError(f"the contexts name sentence {sentence.max()} of {len(words)}: give the corpus they come from")
    read, number = np.unique(sentence, return_inverse=True)
    chosen = [words[i] for i in read]
    lengths = np.array([len(one) for one in chosen])
    if (position >= lengths[number]).any():
        raise ValueError("a context stands after the end of its sentence: give the corpus that the contexts come from")
    size = np.minimum(width, position + 1)
    row = np.repeat(np.arange(len(contexts)), size)
    place = np.arange(len(row)) - np.repeat(np.cumsum(size), size) + 1
    at = (np.cumsum(lengths) - lengths)[number[row]] + position[row] + place
    unit = contexts["unit"].to_numpy()[row]
    flat = np.asarray([word for one in chosen for word in one], dtype=object)
    found = contexts[["unit", "rank"]].iloc[row].reset_index(drop=True)
    activation = passes.run(Gathered(at, unit), pathway, chosen, client, precision=precision).result()
    return found.assign(place=place, word=flat[at], activation=activation)
