"""Which words an autoencoder writes from: those of its source, or those it wrote before (Li et al. 2016, figure 9).

At step k the decoder has written ``y_1 .. y_k`` and scores the next word. For the score ``S`` of the one that it writes
and the embedding ``e`` of any word that it rests on, of the source or of the copy, with J dimensions,

``saliency = 1/J sum_j |dS / de_j|``,

the mean that the paper draws, or the length of ``dS / de``, or the size of its product with the word,
``|sum_j e_j dS / de_j|``. The first two look along all directions, most of which lead to no word; the product asks for
what this word adds. "hate" in the source and "hate" in the copy are two places with a derivative each, though they have
one embedding.

Easy to get wrong: whose score is derived. It is that of the next word of the copy which the decoder reads: of its own
copy that is the word it finds likeliest, of the right one it may be another. What is measured over a corpus is in
:mod:`reading_neurons.methods.copy_influence`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.methods import walk_back
from reading_neurons.methods.gradients import OF, derived
from reading_neurons.methods.walk_back import Measured
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import Sentences, copies, readable
from reading_neurons.models.sequence_cells import Lstm, State
from reading_neurons.pathway import length_batches
from reading_neurons.text import END, START, Batch

COPIES = ("own", "right")
MEASURES = ("mean", "norm", "product")


@dataclass(frozen=True)
class CopyMaps:
    """The maps of a batch of sentences.

    Attributes
    ----------
    sentences : int array, shape (batch,)
        Which sentences these are.
    source, copy : Batch
        Framed sources ``<s> w1 .. wn </s>``, and copies ``<s> y1 .. ym``.
    predicted : int tensor, shape (batch, steps)
        What is written at each step: ``y1 .. ym``, then ``</s>`` if the copy ended.
    steps : int tensor, shape (batch,)
        How many steps there are.
    of_source : float tensor, shape (batch, steps, time)
        The saliency of every symbol of the source for every step; zero behind the last step.
    of_copy : float tensor, shape (batch, steps, steps)
        The same of ``<s> y1 .. ym``; zero for words that were not yet written.
    """

    sentences: np.ndarray
    source: Batch
    copy: Batch
    predicted: Int[Tensor, "batch steps"]
    steps: Int[Tensor, "batch"]
    of_source: Float[Tensor, "batch steps time"]
    of_copy: Float[Tensor, "batch steps steps"]


def copy_saliency(
    network: Autoencoder,
    sentences: Sentences,
    *,
    copy: str = "own",
    of: str = "score",
    measure: str = "mean",
    frame: bool = False,
    batch_size: int = 64,
) -> pd.DataFrame:
    """How much every word matters to each word that the decoder writes.

    Parameters
    ----------
    network : Autoencoder
    sentences : Captions, Trees, or iterable of str or of sequences of words
    copy : "own" or "right"
        Whether the decoder goes on from its own words, or from the right ones, as in training. The word whose score is
        derived is the next one of that copy.
    of : "score", "loss" or "exp"
        What is derived: the raw score of that word, its loss, or the exponential of its score.
    measure : "mean", "norm" or "product"
        The mean absolute derivative over dimensions, as in the paper, or the length of the derivative, or the size of
        gradient x input.
    frame : bool
        Rows for ``<s>`` (position -1) and ``</s>`` too.
    batch_size : int
        Sentences read at once; does not change the result.

    Returns
    -------
    DataFrame
        One row per sentence, step and word that came before: ``sentence``, ``step`` (0 writes the first word),
        ``predicted`` (what is written at this step), ``side`` ("source" or "copy"), ``position`` (of the word on its
        side, from 0), ``word``, ``saliency``. Where a copy ended, its last step writes ``</s>``.

    Raises
    ------
    ValueError
        If a setting is unknown, there is no sentence, or one has no word that the network knows or more than 200.

    References
    ----------
    Li et al. 2016, section 5.2, figure 9.

    Examples
    --------
    >>> from reading_neurons.text import Vocabulary
    >>> network = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8).eval()
    >>> table = copy_saliency(network, ["a dog"], copy="right")
    >>> table[["step", "predicted", "side", "word"]].values.tolist()[:5]
    [[0, 'a', 'source', 'a'], [0, 'a', 'source', 'dog'],
     [1, 'dog', 'source', 'a'], [1, 'dog', 'source', 'dog'], [1, 'dog', 'copy', 'a']]
    """
    words = readable(network, sentences)
    written = written_of(network, words, copy)
    parts = []
    for batch in copy_maps(network, words, written, of=of, measure=measure, batch_size=batch_size):
        parts += [
            _rows(batch, network, batch.source.ids, batch.of_source, words, frame, "source"),
            _rows(batch, network, batch.copy.ids, batch.of_copy, written, frame, "copy"),
        ]
    table = pd.concat(parts, ignore_index=True)
    order = np.lexsort((table["position"], table["side"] == "copy", table["step"], table["sentence"]))
    return table.iloc[order].reset_index(drop=True)


def copy_maps(
    network: Autoencoder,
    sources: Sequence[Sequence[str]],
    written: Sequence[Sequence[str]],
    *,
    of: str = "score",
    measure: str = "mean",
    batch_size: int = 64,
) -> Iterator[CopyMaps]:
    """The saliency of every symbol for every step of copies that are given, a batch at a time.

    Parameters
    ----------
    network : Autoencoder
        One whose class reads in a way of its own takes a road that is slower, a pass back for each step.
    sources, written : sequences of sequences of words
        Each source, and what the decoder is to read as its copy. A copy of ``2 n + 5`` words or more did not end.
    of, measure, batch_size
        As for :func:`copy_saliency`, and the same errors.

    Yields
    ------
    CopyMaps
        In no order of its own.
    """
    for setting, known, name in ((of, OF, "of"), (measure, MEASURES, "measure")):
        if setting not in known:
            raise ValueError(f"{name} is one of {', '.join(map(repr, known))}, found {setting!r}")
    if len(sources) != len(written):
        raise ValueError(f"expected a copy of each of {len(sources)} sources, found {len(written)}")
    encode, device = network.vocabulary.encode, network.embedding.weight.device
    framed = [encode(words) for words in sources]
    targets = [encode(copy) for copy in written]
    steps = [len(copy) + (len(copy) < 2 * len(words) + 5) for words, copy in zip(sources, written, strict=True)]
    road = _at_once if _read_by_lstms(network) else _step_by_step
    for chosen in length_batches([len(ids) for ids in framed], batch_size):
        source = Batch.of([framed[i] for i in chosen]).to(device)
        symbols = Batch.of([targets[i][: steps[i] + 1] for i in chosen]).to(device)
        copy = Batch(symbols.ids[:, :-1], symbols.lengths - 1)
        maps = road(network, source, copy, symbols.ids[:, 1:], of, partial(_measured, measure=measure))
        yield CopyMaps(chosen, source, copy, symbols.ids[:, 1:], copy.lengths, *maps)


def _read_by_lstms(network: Autoencoder) -> bool:
    """Whether nothing but two LSTMs lies between words and states; a subclass may read, or score, in its own way."""
    own = ("read", "encode", "decode", "readout", "scored")
    return type(network.encoder) is type(network.decoder) is Lstm and all(
        getattr(type(network), part) is getattr(Autoencoder, part) for part in own
    )


def _at_once(
    network: Autoencoder, source: Batch, copy: Batch, predicted: Int[Tensor, "batch steps"], of: str, measured: Measured
) -> tuple[Tensor, Tensor]:
    """One pass forward, and one back through decoder and encoder for the scores of all steps."""
    encoded = walk_back.read(network.encoder, network.embedding(source.ids).detach())
    ends = source.lengths - 1
    decoded = walk_back.read(network.decoder, network.embedding(copy.ids).detach(), encoded.state(ends))
    row, step = torch.nonzero(copy.mask, as_tuple=True)
    slopes = _slopes(network, decoded.shown[row, step], predicted[row, step], of)
    before, handed = walk_back.walk_back(network.decoder, decoded, row, step, slopes, measured)
    behind, _ = walk_back.walk_back(network.encoder, encoded, row, ends[row], handed, measured)
    of_source, of_copy = (part.new_zeros(*predicted.shape, part.shape[1]) for part in (behind, before))
    of_source[row, step], of_copy[row, step] = behind, before
    return of_source, of_copy


def _slopes(
    network: Autoencoder, states: Float[Tensor, "scores units"], written: Int[Tensor, "scores"], of: str
) -> State:
    """The derivative of what is said of each word written at the decoder's state (h, c) that scores it."""
    shown = states.requires_grad_()
    with torch.enable_grad():
        if of == "loss":  # the one that asks for every word's score
            value = derived(network.readout(shown), written, of)
        else:
            value = derived(network.scored(shown, written)[:, None], torch.zeros_like(written), of)
        (slopes,) = torch.autograd.grad(value.sum(), shown)
    return slopes, torch.zeros_like(slopes)


def _step_by_step(
    network: Autoencoder, source: Batch, copy: Batch, predicted: Int[Tensor, "batch steps"], of: str, measured: Measured
) -> tuple[Tensor, Tensor]:
    """One pass forward, and one back for each step: for whatever autograd can derive."""
    embedded = [network.embedding(batch.ids).detach().requires_grad_() for batch in (source, copy)]
    of_source, of_copy = (part.new_zeros(len(part), predicted.shape[1], part.shape[1]) for part in embedded)
    with torch.enable_grad(), asking.differentiable():
        _, states = network.read(embedded[0], source.lengths, embedded[1])
        for step in range(predicted.shape[1]):
            going = copy.lengths > step
            value = derived(network.readout(states[going, step]), predicted[going, step], of)
            gradients = torch.autograd.grad(value.sum(), embedded, retain_graph=True)
            pairs = zip(gradients, embedded, strict=True)
            of_source[:, step], of_copy[:, step] = (measured(slope, words.detach()) for slope, words in pairs)
    return of_source, of_copy


def _measured(
    gradient: Float[Tensor, "... embedding"], embedded: Float[Tensor, "... embedding"], measure: str
) -> Float[Tensor, "..."]:
    if measure == "product":
        return (gradient * embedded).sum(dim=-1).abs()
    return gradient.abs().mean(dim=-1) if measure == "mean" else gradient.norm(dim=-1)


def written_of(network: Autoencoder, words: Sequence[Sequence[str]], copy: str) -> Sequence[Sequence[str]]:
    """What the decoder is to read of each sentence: its own copy, or the right one; an error for anything else."""
    if copy not in COPIES:
        raise ValueError(f"copy is one of {', '.join(map(repr, COPIES))}, found {copy!r}")
    return copies(network, words) if copy == "own" else words


def _rows(batch: CopyMaps, network, ids, values: Tensor, words, frame: bool, side: str) -> pd.DataFrame:
    """The table of one side of a batch."""
    place = np.arange(ids.shape[1])
    step = np.arange(values.shape[1])[:, None]
    # A source is there as a whole, its frame at both ends; of a copy, what came before the step.
    ends = batch.source.lengths.cpu().numpy()[:, None, None] - 1 if side == "source" else step + 1
    shown = (place < ends + (side == "source")) if frame else (place > 0) & (place < ends)
    row, at, which = np.nonzero(shown & (step < batch.steps.cpu().numpy()[:, None, None]))
    symbols = np.empty(ids.shape, dtype=object)
    for line, sentence in zip(symbols, batch.sentences, strict=True):
        framed = [START, *words[sentence], END]
        line[: len(framed)] = framed[: len(line)]
    written = np.array(network.vocabulary.words, dtype=object)[batch.predicted.cpu().numpy()]
    return pd.DataFrame(
        {
            "sentence": batch.sentences[row],
            "step": at,
            "predicted": written[row, at],
            "side": side,
            "position": which - 1,
            "word": symbols[row, which],
            "saliency": values.detach().cpu().numpy()[row, at, which],
        }
    )
