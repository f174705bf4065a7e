"""How the judgement of a sentence unfolds: each of its beginnings, read as a sentence of its own.

After the words ``w_1 .. w_t`` the sentence ``<s> w_1 .. w_t </s>`` is read and classified. Its *sentiment* is the mean
class under the network's own chances, from -1 for the most negative class to 1 for the most positive,

    s_t = 2 / (K - 1) * sum_k k p_k - 1    for the classes k = 0 .. K - 1.

Easy to get wrong: taking the state after word t instead. These networks are trained to be read at ``</s>``, and no other
place was ever asked for a class.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import asking
from reading_neurons.neurons import scores_next_word
from reading_neurons.passes import Sentences, words_of
from reading_neurons.pathway import Pathway, represent


def unfolding(pathways: Mapping[str, Pathway], sentences: Sentences) -> pd.DataFrame:
    """What each network makes of each beginning of each sentence.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        Networks that classify sentences, with classes in order from negative to positive.
    sentences : Trees, or iterable of sentences

    Returns
    -------
    DataFrame
        One row per pathway, sentence and position: ``pathway``, ``sentence``, ``position``, ``word`` (the last of the
        beginning), ``known`` (whether the network knows it), ``class`` (the likeliest), ``chance`` of it, and
        ``sentiment``, from -1 to 1.

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathways = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4).eval().pathways
    >>> unfolding(pathways, ["a film"])[["position", "word", "known"]].values.tolist()
    [[0, 'a', True], [1, 'film', True]]
    """
    parts = []
    for name, pathway in pathways.items():
        words = [tuple(sentence) for sentence in words_of(sentences, pathway.vocabulary.tokenizer)]
        beginnings = [sentence[: end + 1] for sentence in words for end in range(len(sentence))]
        chances = class_chances(pathway, represent(pathway, beginnings))
        last = [beginning[-1] for beginning in beginnings]
        lengths = [len(sentence) for sentence in words]
        parts.append(
            pd.DataFrame(
                {
                    "pathway": name,
                    "sentence": np.repeat(np.arange(len(words)), lengths),
                    "position": np.concatenate([np.arange(length) for length in lengths]),
                    "word": last,
                    "known": [word in pathway.vocabulary for word in last],
                    "class": [pathway.output_names[i] for i in chances.argmax(dim=1)],
                    "chance": chances.max(dim=1).values.numpy(),
                    "sentiment": sentiment(chances).numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@torch.inference_mode()
def class_chances(pathway: Pathway, representations: Float[Tensor, "... units"]) -> Float[Tensor, "... classes"]:
    """The chance of every class, by the network's own readout of representations.

    Raises
    ------
    TypeError
        If the network has no classes: no outputs, none with a name, or words.
    """
    if not callable(getattr(pathway, "outputs", None)) or not pathway.output_names or scores_next_word(pathway):
        raise TypeError(
            f"the pathway {getattr(pathway, 'name', pathway)!r} has no scores of classes, expected those from the most "
            "negative to the most positive: take a network of sentiment, or the representations alone"
        )
    return asking.outputs(pathway, representations.to(pathway.embedding)).float().softmax(dim=-1)


def sentiment(chances: Float[Tensor, "... classes"]) -> Float[Tensor, "..."]:
    """The mean class under these chances, from -1 (all on the first) to 1 (all on the last).

    Examples
    --------
    >>> sentiment(torch.tensor([[1.0, 0, 0], [0, 0.5, 0.5]])).tolist()
    [-1.0, 0.5]
    """
    grades = torch.linspace(-1, 1, chances.shape[-1], dtype=chances.dtype, device=chances.device)
    return (chances * grades).sum(dim=-1)
