"""What each word of an n-gram does for a neuron: the activation that is lost when the word is left out.

For an n-gram of words w1 .. wn and a neuron with activation f,

    drop(i) = f(w1 .. wn) - f(w1 .. wn without wi),

read in the same frame, so that n-grams of n and of n - 1 words are compared. It is the omission of Kádár et al. 2017
(section 4) taken on a neuron's own activation instead of a whole state, and it is what says which words of an optimal
n-gram (Poerner et al. 2018, section 3.3) carry it.

Easy to get wrong: the drops do not add up. Of two words that say the same either may be spared, so both can have a drop
near zero; and a word may be in an optimal n-gram for what it does to the words after it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader


def drops(
    reader: Reader, ids: Int[Tensor, "rows length"], rows: Int[Tensor, "rows"]
) -> tuple[Float[Tensor, "rows"], Float[Tensor, "rows length"]]:
    """The activation of each n-gram, and what each of its words adds to it.

    Parameters
    ----------
    reader : Reader
    ids : int tensor, shape (rows, length)
        Word numbers.
    rows : int tensor, shape (rows,)
        The neuron of each, by its number in the reader.

    Returns
    -------
    (float tensor of shape (rows,), float tensor of shape (rows, length))
    """
    whole = reader.read(ids, rows)
    length = ids.shape[1]
    kept = torch.tensor([[j for j in range(length) if j != i] for i in range(length)], dtype=torch.long, device=ids.device)
    shorter = ids[:, kept].flatten(0, 1)
    if length == 1 and not (reader.frame and reader.at_end):
        raise ValueError("nothing is left to be read of an n-gram of 1 word without it: give n-grams of 2 words or more")
    without = reader.read(shorter, rows.repeat_interleave(length)).view(-1, length)
    return whole, whole[:, None] - without


def word_drops(
    pathway: Pathway, neurons: Sequence[Neuron], ngrams: Sequence[str], *, frame: bool = True
) -> pd.DataFrame:
    """What each word of an n-gram adds to the activation of a neuron.

    Parameters
    ----------
    pathway : Pathway
    neurons : sequence of Neuron
    ngrams : sequence of str
        One for each neuron, of any lengths.
    frame : bool
        As for :func:`reading_neurons.methods.input_optimization.optimize`.

    Returns
    -------
    DataFrame
        One row per n-gram and word, in order: ``ngram`` (its number), ``neuron`` (its name), ``place`` (from 0),
        ``word``, ``activation`` (of the whole), ``drop``.

    Raises
    ------
    ValueError
        If there are not as many n-grams as neurons, one has no word or a word that the network does not know, or one
        of a single word cannot be read without it.

    References
    ----------
    Kádár et al. 2017, section 4; Poerner et al. 2018, section 3.3.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> word_drops(pathway, [unit(0)], ["dog a"])[["word", "activation", "drop"]].values.tolist()
    [['dog', 0.5, 0.5], ['a', 0.5, -0.5]]
    """
    if len(neurons) != len(ngrams):
        raise ValueError(f"expected an n-gram for each neuron, found {len(ngrams)} for {len(neurons)}")
    words, vocabulary = [ngram.split() for ngram in ngrams], pathway.vocabulary
    for one in words:
        unknown = [word for word in one if word not in vocabulary]
        if unknown or not one:
            what = f"the network does not know {', '.join(map(repr, unknown))}" if one else "it has no word"
            raise ValueError(f"cannot read the n-gram {' '.join(one)!r}: {what}")
    parts = []
    for place, length in dict.fromkeys((n.place, len(one)) for n, one in zip(neurons, words, strict=True)):
        chosen = [i for i, one in enumerate(words) if len(one) == length and neurons[i].place == place]
        reader = Reader(pathway, [neurons[i] for i in chosen], frame=frame)
        ids = torch.tensor([[vocabulary.number(word) for word in words[i]] for i in chosen], device=reader.device)
        whole, lost = drops(reader, ids, torch.arange(len(chosen), device=reader.device))
        parts += [
            {"ngram": i, "neuron": neurons[i].name, "place": at, "word": word, "activation": float(whole[row]), "drop": drop}
            for row, i in enumerate(chosen)
            for at, (word, drop) in enumerate(zip(words[i], lost[row].tolist(), strict=True))
        ]
    table = pd.DataFrame(parts, columns=["ngram", "neuron", "place", "word", "activation", "drop"])
    return table.sort_values(["ngram", "place"], ignore_index=True)
