"""The states of the words of some sentences, which fit into memory: what a pass does with each window.

A recurrent pathway reads each distinct beginning of the sentences once, one row of one matrix product per beginning and
depth, and projects each distinct word once; nothing is padded, and ``</s>`` is not read. Any other pathway reads batches
of sentences of nearly equal length.

Easy to get wrong: the framing. A state is kept for each word and for nothing else, neither for ``<s>`` nor ``</s>``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import asking
from reading_neurons.pathway import Pathway, Recurrent, filled, length_batches, state_rows, stepper
from reading_neurons.text import Batch

BATCH = 128  # sentences that pass at once through a network that cannot be driven word by word
PRECISIONS = ("float32", "bfloat16")


def require_precision(precision: str) -> None:
    """Raise a ``ValueError`` that names the precisions there are if this is none of them."""
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}: choose one of {', '.join(map(repr, PRECISIONS))}")


@torch.inference_mode()
def states_of_words(
    pathway: Pathway, words: Sequence[Sequence[str]], precision: str = "float32"
) -> Float[Tensor, "words units"]:
    """The states of the words of some sentences, one after the other.

    Parameters
    ----------
    pathway : Pathway
    words : sequence of sequences of str
        At least one sentence, none without a word.
    precision : "float32" or "bfloat16"
        See :func:`reading_neurons.passes.windows`.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> states_of_words(pathway, [("a", "dog", "a"), ("dog",)])[:, 0].tolist()
    [0.0, 1.0, 0.5, 1.0]
    """
    read = _by_prefixes if isinstance(pathway, Recurrent) else _by_batches
    half = precision == "bfloat16"
    with torch.autocast(pathway.embedding.device.type, torch.bfloat16, enabled=half):
        states = read(pathway, [pathway.vocabulary.encode(sentence) for sentence in words])
    return states.float() if half else states


def _by_prefixes(pathway: Recurrent, encoded: Sequence[np.ndarray]) -> Float[Tensor, "words units"]:
    """The states of the words of framed sentences, in order; sentences that begin alike share states."""
    project, advance = stepper(pathway)
    known, symbols = np.unique(np.concatenate(encoded), return_inverse=True)
    table = project(asking.words(pathway, filled(torch.from_numpy(known))))
    lengths = np.array([len(ids) - 2 for ids in encoded])
    starts = np.cumsum(lengths) - lengths
    state = pathway.initial(1)
    result: Tensor | None = None
    for depth, level in enumerate(_levels(symbols, lengths)):
        parents, words, sentence, prefix = (torch.from_numpy(part).to(table.device) for part in level)
        # No row refers to those that are filled in: they are there so that the others round alike everywhere.
        state, units = advance(table.index_select(0, filled(words)), state_rows(state, filled(parents)))
        if depth == 0:  # <s>, after which every sentence stands
            continue
        if result is None:
            result = units.new_empty((int(lengths.sum()), *units.shape[1:]))
        rows = torch.from_numpy(starts).to(table.device)[sentence] + depth - 1
        result.index_copy_(0, rows, units.index_select(0, prefix))
    return result


def _levels(symbols: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """The distinct beginnings of framed sentences, depth by depth, without ``</s>``.

    Yields
    ------
    parents, words : int arrays
        For each beginning of this depth the row of its parent one depth above, and its last word.
    sentence, prefix : int arrays
        The sentences that reach this depth, and the row of each.
    """
    framed = np.cumsum(lengths + 2) - (lengths + 2)
    sentence = np.arange(len(lengths))
    prefix = np.zeros(len(lengths), dtype=np.int64)
    count = int(symbols.max()) + 1
    for depth in range(int(lengths.max()) + 1):
        going = lengths[sentence] >= depth
        sentence, prefix = sentence[going], prefix[going]
        distinct, prefix = np.unique(prefix * count + symbols[framed[sentence] + depth], return_inverse=True)
        yield distinct // count, distinct % count, sentence, prefix


def _by_batches(pathway: Pathway, encoded: Sequence[np.ndarray]) -> Float[Tensor, "words units"]:
    """The states of the words of framed sentences, in order, read whole."""
    lengths = np.array([len(ids) - 2 for ids in encoded])
    starts = np.cumsum(lengths) - lengths
    result: Tensor | None = None
    for chosen in length_batches(lengths, BATCH):
        batch = Batch.of([encoded[i] for i in chosen]).to(pathway.embedding.device)
        states = asking.states(pathway, asking.words(pathway, batch.ids), batch.lengths)
        if result is None:
            result = states.new_empty((int(lengths.sum()), states.shape[-1]))
        place = torch.arange(int(lengths[chosen].max()))
        real = place < torch.from_numpy(lengths[chosen])[:, None]
        rows = (torch.from_numpy(starts[chosen])[:, None] + place)[real].to(states.device)
        result.index_copy_(0, rows, states[:, 1 : 1 + len(place)][real.to(states.device)])
    return result
