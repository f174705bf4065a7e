"""Omission of the class score: what the score of a class loses when a word is left out.

With ``S_c(E)`` the score that a network gives class c for a sentence, and ``E without i`` the sentence without its i-th
word,

    score omission(i) = S_c(E) - S_c(E without i),

above zero where the word speaks for the class. It is the omission of :mod:`reading_neurons.methods.omission`, asked of
the decision instead of the representation: signed, and blind to whatever the class does not use. All omissions of many
sentences share one prefix tree there, and so they do here.

Easy to get wrong: what is left. "Not bad" without *not* is a sentence that nobody wrote, and each word is left out with
all others in place: of two words that say the same, neither seems to matter.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import asking
from reading_neurons.methods.gradients import PREDICTED, Outputs, chosen_outputs, derived, encoded, output_scores, width
from reading_neurons.methods.omission import omissions, representations
from reading_neurons.neurons import scores_next_word
from reading_neurons.passes import Sentences
from reading_neurons.pathway import Pathway, length_batches
from reading_neurons.text import Batch

BATCH = 256  # sequences read at once where states are not shared


def score_omission(
    pathway: Pathway, sentences: Sentences, outputs: Outputs = PREDICTED, *, of: str = "score", chunk: int = 2000
) -> pd.DataFrame:
    """What one output of each sentence loses without each of its words.

    Parameters
    ----------
    pathway : Pathway
        Any with outputs; a :class:`~reading_neurons.pathway.Recurrent` one is read by the fast road.
    sentences : Captions, Trees, or iterable of sentences
    outputs : "predicted", int, str, or sequence of int
        Which output of each sentence; see :func:`~reading_neurons.methods.gradients.gradients`. "predicted" is the
        highest of the whole sentence, and stays the one that is asked when a word is left out.
    of : "score", "loss" or "exp"
        What is compared: the raw score of the output, its loss, or the exponential of its score.
    chunk : int
        Sentences computed together; does not change the result.

    Returns
    -------
    DataFrame
        One row per word in the order of the corpus, as :func:`reading_neurons.methods.saliency.saliency` gives them:
        ``sentence``, ``position``, ``word``, ``output``, ``score`` (of the whole sentence) and ``saliency`` (what it
        loses; below 0 where it gains).

    Raises
    ------
    ValueError
        If a sentence has no word that the network knows, an output is out of range, or a setting is unknown.
    TypeError
        If the pathway has no outputs.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> table = score_omission(pathway, ["a film", "film"], "positive")
    >>> table[["sentence", "position", "word", "output"]].values.tolist()
    [[0, 0, 'a', 3], [0, 1, 'film', 3], [1, 0, 'film', 3]]
    """
    width(pathway)  # a pathway without outputs is refused before any work
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1 sentence, found {chunk}")
    ids = encoded(pathway, sentences)
    wanted = chosen_outputs(pathway, outputs, len(ids))
    # Sorted, so that sentences that begin alike meet in the same chunk.
    order = sorted(range(len(ids)), key=lambda i: ids[i].tolist())
    parts: list[pd.DataFrame] = [pd.DataFrame()] * len(ids)
    for begin in range(0, len(order), chunk):
        chosen = order[begin : begin + chunk]
        scores = _scores(pathway, [ids[i] for i in chosen])
        for i, rows in zip(chosen, scores.split([len(ids[i]) - 1 for i in chosen]), strict=True):
            parts[i] = _losses(pathway, i, ids[i], rows, None if wanted is None else wanted[i], of)
    return pd.concat(parts, ignore_index=True)


@torch.inference_mode()
def _scores(pathway: Pathway, encoded_sentences: list[np.ndarray]) -> Float[Tensor, "sequences outputs"]:
    """All outputs of every sentence without its first, .., last word, then of the sentence itself."""
    if not scores_next_word(pathway):
        return asking.outputs(pathway, representations(pathway, encoded_sentences))
    # The next word is scored at the last word, and a representation is read at the end.
    sequences = [sequence for ids in encoded_sentences for sequence in omissions(ids)]
    result: Tensor | None = None
    for chosen in length_batches([len(sequence) for sequence in sequences], BATCH):
        batch = Batch.of([sequences[i] for i in chosen]).to(pathway.embedding.device)
        rows = output_scores(pathway, asking.words(pathway, batch.ids), batch.lengths)
        result = rows.new_empty((len(sequences), rows.shape[1])) if result is None else result
        result[torch.from_numpy(chosen)] = rows
    return result


def _losses(pathway, number: int, ids: np.ndarray, scores: Tensor, wanted: Tensor | None, of: str) -> pd.DataFrame:
    """The rows of one sentence; its own scores come last."""
    output = scores[-1].argmax() if wanted is None else wanted.to(scores.device)
    values = derived(scores, output.expand(len(scores)), of).double().cpu().numpy()
    return pd.DataFrame(
        {
            "sentence": number,
            "position": np.arange(len(ids) - 2),
            "word": pathway.vocabulary.decode(ids[1:-1]),
            "output": int(output),
            "score": values[-1],
            "saliency": values[-1] - values[:-1],
        }
    )
