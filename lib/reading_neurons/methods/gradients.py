"""The derivative of a score with respect to every word that was read (Li et al. 2016, section 5).

For a sentence with the embeddings ``e_1 .. e_n`` and an output c with the score ``S_c``, this gives ``dS_c / de_t`` for
every position t, in batches of sentences of nearly equal length.

Easy to get wrong: where the derivative is taken. Taken at the rows of the embedding, a word that occurs twice gets the
sum over its places; here every position has its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.neurons import output, scores_next_word
from reading_neurons.passes import Sentences, words_of
from reading_neurons.pathway import Pathway, length_batches
from reading_neurons.text import Batch

OF = ("score", "loss", "exp")
"""What is derived: the raw score of the output, its loss (negative log softmax), or the exponential of its score."""
PREDICTED = "predicted"
Outputs = str | int | Sequence[int] | np.ndarray


@dataclass(frozen=True)
class Gradients:
    """What came of a batch of sentences.

    Attributes
    ----------
    sentences : int array, shape (batch,)
        Which sentences these are.
    ids : int tensor, shape (batch, time)
        Their framed words, padded on the right.
    lengths : int tensor, shape (batch,)
    outputs : int tensor, shape (batch,)
        The output that was derived.
    scores : float tensor, shape (batch,)
        Its value: what was derived, as ``of`` says.
    embedded, gradients : float tensor, shape (batch, time, embedding)
        The words' embeddings, and the derivative with respect to each; zero at padded positions.
    """

    sentences: np.ndarray
    ids: Int[Tensor, "batch time"]
    lengths: Int[Tensor, "batch"]
    outputs: Int[Tensor, "batch"]
    scores: Float[Tensor, "batch"]
    embedded: Float[Tensor, "batch time embedding"]
    gradients: Float[Tensor, "batch time embedding"]


def output_scores(
    pathway: Pathway, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"]
) -> Float[Tensor, "batch outputs"]:
    """Every output for whole framed sentences.

    Outputs that stand for the words of the vocabulary score the next word, so they are read at the last word; any
    others are read off the representation.

    Raises
    ------
    TypeError
        If the pathway has no outputs; the message says what it needs.
    """
    if not callable(getattr(pathway, "outputs", None)):
        raise asking.MissingPart(
            f"the pathway {getattr(pathway, 'name', pathway)!r} scores nothing that could be derived: it needs a method "
            "outputs(states) with a score for every class, or take a method that reads states alone"
        )
    if scores_next_word(pathway):
        states = asking.states(pathway, embedded, lengths)
        return asking.outputs(pathway, states[torch.arange(len(states), device=states.device), lengths - 2])
    return asking.outputs(pathway, asking.representation(pathway, embedded, lengths))


def derived(
    scores: Float[Tensor, "batch outputs"], outputs: Int[Tensor, "batch"], of: str
) -> Float[Tensor, "batch"]:
    """The one number per sentence that is derived; ``of`` is one of :data:`OF`.

    Examples
    --------
    >>> round(derived(torch.tensor([[0.0, 1.0]]), torch.tensor([1]), "loss").item(), 4)
    0.3133
    """
    if of not in OF:
        raise ValueError(f"what can be derived is {', '.join(map(repr, OF))}, found {of!r}")
    if of == "loss":
        scores = -scores.log_softmax(dim=1)
    chosen = scores.gather(1, outputs[:, None])[:, 0]
    return chosen.exp() if of == "exp" else chosen


def gradients(
    pathway: Pathway, sentences: Sentences, outputs: Outputs = PREDICTED, *, of: str = "score", batch_size: int = 64
) -> Iterator[Gradients]:
    """The derivative of one output of each sentence with respect to each of its words.

    Parameters
    ----------
    pathway : Pathway
        Any whose ``states`` can be derived; its weights are left alone.
    sentences : Captions, Trees, or iterable of sentences
    outputs : "predicted", int, str, or sequence of int
        Which output: the highest of each sentence, one for all by its number or name, or one for each sentence (the
        gold classes).
    of : str
        One of :data:`OF`.
    batch_size : int
        Sentences read at once; does not change the result.

    Yields
    ------
    Gradients
        A batch at a time, in no order of its own.

    Raises
    ------
    ValueError
        If there is no sentence, one has no word or no word that the network knows, or an output is out of range.
    TypeError
        If the pathway has no outputs.

    References
    ----------
    Li et al. 2016, section 5.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> found = next(gradients(pathway, ["a film"], "positive"))
    >>> found.gradients.shape, found.outputs.tolist()
    (torch.Size([1, 4, 3]), [3])
    """
    ids = encoded(pathway, sentences)
    wanted = chosen_outputs(pathway, outputs, len(ids))
    for chosen in length_batches([len(sentence) for sentence in ids], batch_size):
        batch = Batch.of([ids[i] for i in chosen]).to(pathway.embedding.device)
        embedded = asking.words(pathway, batch.ids).detach()
        which = None if wanted is None else wanted[torch.from_numpy(chosen)].to(embedded.device)
        yield Gradients(chosen, batch.ids, batch.lengths, *derive(pathway, embedded, batch.lengths, which, of))


def derive(
    pathway: Pathway,
    embedded: Float[Tensor, "batch time embedding"],
    lengths: Int[Tensor, "batch"],
    outputs: Int[Tensor, "batch"] | None,
    of: str = "score",
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Outputs, their scores, the embeddings and their derivatives; ``outputs=None`` takes the highest of each."""
    embedded = embedded.detach().requires_grad_()
    with torch.enable_grad(), asking.differentiable():
        scores = output_scores(pathway, embedded, lengths)
        outputs = scores.argmax(dim=1) if outputs is None else outputs
        value = derived(scores, outputs, of)
        (gradient,) = asking.slopes(pathway, value.sum(), embedded)
    return outputs, value.detach(), embedded.detach(), gradient


def encoded(pathway: Pathway, sentences: Sentences) -> list[np.ndarray]:
    """The framed word numbers of each sentence.

    Raises
    ------
    ValueError
        If there is no sentence, one has no word, or none of its words is known to the network.
    """
    words = words_of(sentences, pathway.vocabulary.tokenizer)
    ids = [pathway.vocabulary.encode(sentence) for sentence in words]
    for number, (sentence, numbers) in enumerate(zip(words, ids, strict=True)):
        if (numbers[1:-1] == pathway.vocabulary.unknown).all():
            raise ValueError(
                f"sentence {number} ({' '.join(sentence[:8])!r}) has no word that {pathway.name!r} knows, so a map of it "
                "would show noise: use words of its vocabulary"
            )
    return ids


def chosen_outputs(pathway: Pathway, outputs: Outputs, count: int) -> Int[Tensor, "sentences"] | None:
    """The output of every sentence as a number; None for the predicted ones.

    Raises
    ------
    ValueError
        If an output is out of range or unknown, or there are not as many as sentences.
    """
    names = pathway.output_names
    if isinstance(outputs, str) and outputs == PREDICTED:
        return None
    if isinstance(outputs, str):
        (outputs,) = output(pathway, outputs).members
    wanted = torch.as_tensor(outputs, dtype=torch.int64)
    wanted = wanted.expand(count) if wanted.ndim == 0 else wanted
    if wanted.shape != (count,):
        raise ValueError(f"expected one output for each of {count} sentences, found {tuple(wanted.shape)}")
    high = len(names) if names is not None else width(pathway)
    if count and not 0 <= int(wanted.min()) <= int(wanted.max()) < high:
        raise ValueError(
            f"outputs of {pathway.name!r} go from 0 to {high - 1}, found {int(wanted.min())} to {int(wanted.max())}"
        )
    return wanted


@torch.no_grad()
def width(pathway: Pathway) -> int:
    """How many outputs a pathway has."""
    start = torch.tensor([[pathway.vocabulary.start, pathway.vocabulary.end]], device=pathway.embedding.device)
    return output_scores(pathway, asking.words(pathway, start), torch.tensor([2], device=start.device)).shape[1]
