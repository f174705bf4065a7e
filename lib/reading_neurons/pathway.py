"""The one protocol every method needs from a network.

A method sees a network only as a :class:`Pathway`: something that reads a sequence of word embeddings and has one
vector of units per position. Whatever can be wrapped in one works with every method. A :class:`Recurrent` pathway
can also be driven one word at a time, which is what lets omission scores share work, and generation and
intervention happen at all.

Shapes, the place where people go wrong:

================ ==================================== ===========================================================
name             shape                                meaning
================ ==================================== ===========================================================
``embedding``    words x embedding                    one row per word of the vocabulary
``embedded``     batch x time x embedding             rows of ``embedding``, or anything of that shape
``states``       batch x time x units                 zero where a position is padding
representation   batch x units                        the vector that stands for the whole sequence
``outputs``      ... x outputs                        scores before any softmax
================ ==================================== ===========================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.text import Batch, Vocabulary, tokenize

FEWEST_ROWS = 16  # of a matrix product, from which on a row does not depend on how many others there are


@runtime_checkable
class Pathway(Protocol):
    """A network that reads a sequence of word embeddings, one state per position.

    Attributes
    ----------
    name : str
        How tables and charts call it.
    vocabulary : Vocabulary
        The words it reads.
    embedding : float tensor, shape (words, embedding)
        One row per word of the vocabulary.
    output_names : sequence of str or None
        What each output scores; None where outputs have no names.
    """

    name: str
    vocabulary: Vocabulary
    output_names: Sequence[str] | None

    @property
    def embedding(self) -> Float[Tensor, "words embedding"]: ...

    def states(
        self, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch time units"]:
        """The units at every position; zero at padded ones."""

    def representation(
        self, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch units"]:
        """The vector that stands for the whole sequence."""

    def outputs(self, states: Float[Tensor, "... units"]) -> Float[Tensor, "... outputs"]:
        """Scores before any softmax, for each state given."""


@runtime_checkable
class Recurrent(Pathway, Protocol):
    """A pathway that can be driven one word at a time, and whose representation is its last state.

    A pathway may also offer ``project(embedded)``, the part of a step that depends on the word alone, and
    ``advance(projected, state)``, the rest of it, such that ``step(e, s) == advance(project(e), s)``. Methods that
    read the same words many times then compute the first part once per word type; see :func:`stepper`.

    Where the units are not the state itself, nor a part of it, ``write(state, units) -> state`` says how others are put
    in their place; interventions ask for it.

    Two more offers make input optimization faster and change no result: ``scan(projected, state)``, all states of
    projected words, time first, with a gradient for the words; and ``readout(outputs) -> (weight, bias)`` where the
    outputs are linear in the state, so that one of thousands can be computed alone.
    """

    def initial(self, batch: int) -> Any:
        """The state before the first word: a tensor, or a tuple of tensors, with ``batch`` rows."""

    def step(self, embedded: Float[Tensor, "batch embedding"], state: Any) -> tuple[Any, Float[Tensor, "batch units"]]:
        """Read one word: the new state, and the units as methods see them."""


def stepper(pathway: Recurrent):
    """A step in two parts, ``project`` and ``advance``, for any recurrent pathway.

    Pathways that cannot be split get the identity and their own ``step``. Each answer of the second part is looked at;
    see :func:`reading_neurons.asking.advancing`.

    Returns
    -------
    (callable, callable)
        ``project(embedded) -> projected`` and ``advance(projected, state) -> (state, units)``.
    """
    if hasattr(pathway, "project") and hasattr(pathway, "advance"):
        return pathway.project, asking.advancing(pathway, pathway.advance)
    return (lambda embedded: embedded), asking.advancing(pathway, pathway.step)


def state_rows(state: Any, chosen: Int[Tensor, "rows"]) -> Any:
    """Some rows of a recurrent state, which is a tensor or a tuple of them."""
    if isinstance(state, Tensor):
        return state.index_select(0, chosen)
    return tuple(state_rows(part, chosen) for part in state)


def filled(rows: Tensor) -> Tensor:
    """Rows, and the first one again where they are fewer than a matrix product needs to round alike.

    A product of fewer rows than :data:`FEWEST_ROWS` may differ in the last bit from the same rows among others, and
    with the number of threads.

    Examples
    --------
    >>> filled(torch.tensor([4, 5])).tolist()
    [4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]
    """
    short = FEWEST_ROWS - len(rows)
    return rows if short <= 0 else torch.cat((rows, rows[:1].detach().expand(short, *rows.shape[1:])))


def require_recurrent(pathway: Pathway, purpose: str) -> None:
    """Raise a ``TypeError`` that says what ``purpose`` needs if the pathway cannot be driven word by word."""
    if not isinstance(pathway, Recurrent):
        raise asking.MissingPart(
            f"{purpose} drives a network one word at a time, and the pathway {getattr(pathway, 'name', pathway)!r} "
            "has no initial(batch) and step(embedded, state): add both, or use a method that reads whole sequences"
        )


def as_sentences(sentences: Any, tokenizer: Callable[[str], list[str]] = tokenize) -> Iterable[str | Sequence[str]]:
    """What is to be read of a corpus: its own words, or its texts where a tokenizer splits these into pieces of words.

    Whatever has no ``tokens`` is taken for sentences already.

    Raises
    ------
    TypeError
        If it is a corpus of several splits.

    Examples
    --------
    >>> as_sentences(["A dog."])
    ['A dog.']
    """
    if hasattr(sentences, "splits"):
        raise TypeError(
            f"expected sentences, found the whole corpus {sentences.name!r}: take a split of it, as corpus.test"
        )
    if getattr(tokenizer, "pieces", False) and hasattr(sentences, "texts"):
        return sentences.texts
    return getattr(sentences, "tokens", sentences)


def as_tokens(
    sentences: Iterable[str | Sequence[str]], tokenizer: Callable[[str], list[str]] = tokenize, first: int = 0
) -> list[tuple[str, ...]]:
    """Sentences as words: a string is tokenised, a sequence of words is taken as it is.

    Parameters
    ----------
    sentences : iterable of str or of sequences of words, or a corpus: Captions, Trees, Strings
    tokenizer : callable
        That of the vocabulary of the network that is to read them.
    first : int
        The index of the first of them, where they are a part of more.

    Raises
    ------
    ValueError
        If a sentence has no word; the message names its index.

    Examples
    --------
    >>> as_tokens(["A dog.", ["a", "cat"]])
    [('a', 'dog'), ('a', 'cat')]
    """
    if isinstance(sentences, str):
        raise TypeError(f"expected a list of sentences, found one string: write [{sentences!r}]")
    words = [tuple(tokenizer(s)) if isinstance(s, str) else tuple(s) for s in as_sentences(sentences, tokenizer)]
    for index, sentence in enumerate(words, first):
        if not sentence:
            raise ValueError(
                f"sentence {index} has no word that a network could read (as letters or digits): leave it out"
            )
    return words


def length_batches(lengths: Sequence[int] | np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Indices of sequences in batches of nearly equal length, so that padding is rare.

    Examples
    --------
    >>> [batch.tolist() for batch in length_batches([5, 3, 5, 3], 2)]
    [[1, 3], [0, 2]]
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, found {batch_size}")
    order = np.argsort(np.asarray(lengths), kind="stable")
    for begin in range(0, len(order), batch_size):
        yield order[begin : begin + batch_size]


@torch.inference_mode()
def represent(
    pathway: Pathway, sentences: Iterable[str | Sequence[str]], batch_size: int = 128
) -> Float[Tensor, "sentences units"]:
    """The representation of each sentence, read as ``<s> w1 .. wn </s>``.

    Parameters
    ----------
    pathway : Pathway
    sentences : iterable of str or of sequences of words
    batch_size : int
        How many sentences pass through the network at once; does not change the result.

    Returns
    -------
    float tensor, shape (sentences, units)

    Raises
    ------
    ValueError
        If a sentence has no word.
    """
    sequences = [pathway.vocabulary.encode(words) for words in as_tokens(sentences, pathway.vocabulary.tokenizer)]
    return represent_ids(pathway, sequences, batch_size)


@torch.inference_mode()
def represent_ids(
    pathway: Pathway, sequences: Sequence[np.ndarray], batch_size: int = 128
) -> Float[Tensor, "sequences units"]:
    """As :func:`represent`, for sequences of word numbers that are framed already."""
    result: Tensor | None = None
    for chosen in length_batches([len(s) for s in sequences], batch_size):
        batch = Batch.of([sequences[i] for i in chosen]).to(pathway.embedding.device)
        rows = asking.representation(pathway, asking.words(pathway, batch.ids), batch.lengths)
        if result is None:
            result = rows.new_empty((len(sequences), *rows.shape[1:]))
        result[torch.from_numpy(chosen)] = rows
    if result is None:
        raise ValueError("expected at least one sentence, found none")
    return result
