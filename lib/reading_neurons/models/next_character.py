"""How well a network over characters predicts the next one, and how well anybody could.

Every character of a string is predicted from those before it, and the end of the string after its last; the second
``</s>`` that networks are trained to give is left out. The generated languages are random walks whose chances are
known exactly, so their best attainable accuracy and perplexity are known too:

    accuracy = mean over places of max_c p(c | place)        perplexity = exp(-mean over places of log p(next | place))

Easy to get wrong: reading an accuracy without these two lines beside it. Parentheses that are drawn uniformly cannot be
predicted in more than about 4 of 10 places, by anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from torch.nn import functional as F

from reading_neurons.corpora import StringCorpus, Strings, arithmetic, parentheses
from reading_neurons.models.characters import CharacterLSTM, next_characters
from reading_neurons.pathway import length_batches
from reading_neurons.text import Batch, Vocabulary

BEST, MOST_FREQUENT = "best attainable", "most frequent"
_WALKS = {"arithmetic": arithmetic.walk, "parentheses": parentheses.walk}


def predictions(network: CharacterLSTM, strings: Strings, batch_size: int = 128) -> pd.DataFrame:
    """How well every string is predicted.

    Parameters
    ----------
    network : CharacterLSTM
    strings : Strings
    batch_size : int
        Strings that are read at once; does not change the result.

    Returns
    -------
    DataFrame
        One row per string: ``predicted``, how many characters (its end counts, unknown ones do); ``correct``, how
        many of them the network finds most likely; ``surprise``, their summed negative log chance in nats.

    Examples
    --------
    >>> corpus = parentheses.generate(strings=10)
    >>> network = CharacterLSTM.for_corpus(corpus, units=4)
    >>> table = predictions(network, corpus.test)
    >>> table.predicted.tolist() == [len(text) + 1 for text in corpus.test.texts]
    True
    """
    if not len(strings):
        raise ValueError("expected at least one string to predict, found none")
    ids = [network.vocabulary.encode(characters) for characters in strings.tokens]
    found = np.zeros((len(ids), 2))
    for chosen, correct, surprise in _batches(network, ids, batch_size):
        found[chosen] = np.stack([correct, surprise], axis=1)
    table = pd.DataFrame(found, columns=["correct", "surprise"]).astype({"correct": int})
    return table.assign(predicted=[len(i) - 1 for i in ids])[["predicted", "correct", "surprise"]]


@torch.inference_mode()
def _batches(network: CharacterLSTM, ids: list[np.ndarray], batch_size: int) -> Iterator[tuple[np.ndarray, ...]]:
    """The strings of a batch, how many characters of each are right, and their summed surprise."""
    for chosen in length_batches([len(i) for i in ids], batch_size):
        batch = Batch.of([ids[i] for i in chosen])
        counted, following = next_characters(batch)
        counted &= batch.ids != Vocabulary.end
        scores = network.readout(network.cell(network.one_hot[batch.ids])[counted])
        correct, surprise = torch.zeros(counted.shape), torch.zeros(counted.shape)
        correct[counted] = (scores.argmax(dim=-1) == following[counted]).float()
        surprise[counted] = F.cross_entropy(scores, following[counted], reduction="none")
        yield chosen, correct.sum(dim=1).numpy(), surprise.sum(dim=1).numpy()


def accuracy(network: CharacterLSTM, strings: Strings) -> float:
    """The share of characters, ends of strings included, that the network finds most likely before it reads them."""
    table = predictions(network, strings)
    return float(table["correct"].sum() / table["predicted"].sum())


def perplexity(network: CharacterLSTM, strings: Strings) -> float:
    """Perplexity per character, ends of strings included: 1 is certainty, 12 a blind guess among twelve."""
    table = predictions(network, strings)
    return float(np.exp(table["surprise"].sum() / table["predicted"].sum()))


def attainable(corpus: str, strings: Strings, **options) -> dict[str, float]:
    """The best that can be attained on strings of a generated language, from its own chances.

    Parameters
    ----------
    corpus : "parentheses" or "arithmetic"
    strings : Strings
    **options
        Of the corpus's ``generate``, where they differed from the defaults (``grammar``, ``longest`` ...).

    Returns
    -------
    dict
        ``accuracy``: what the best prediction is expected to get right, given the beginnings of these strings.
        ``perplexity``: that of these strings under the true chances.

    Raises
    ------
    ValueError
        If the chances of the corpus are not known, or a string is not of this language.

    Examples
    --------
    >>> corpus = parentheses.generate(strings=100)
    >>> {name: round(value, 2) for name, value in attainable("parentheses", corpus.test).items()}
    {'accuracy': 0.39, 'perplexity': 2.75}
    """
    if corpus not in _WALKS:
        raise ValueError(
            f"the chances of the corpus {corpus!r} are not known, so neither is the best attainable: they are for "
            f"{' and '.join(map(repr, _WALKS))}"
        )
    walk = _WALKS[corpus](**options)
    column = {outcome: number for number, outcome in enumerate(walk.outcomes)}
    likely, surprise, places = 0.0, 0.0, 0
    for text in strings.texts:
        chances = walk.chances(text)
        actual = chances[np.arange(len(chances)), [*(column[c] for c in text), -1]]
        if not actual[-1]:
            raise ValueError(f"the string {text[:40]!r} ends where none of {walk.name!r} can end")
        likely += chances.max(axis=1).sum()
        surprise -= np.log(actual).sum()
        places += len(chances)
    return {"accuracy": float(likely / places), "perplexity": float(np.exp(surprise / places))}


def most_frequent(corpus: StringCorpus) -> dict[str, float]:
    """What somebody gets right who knows how frequent each character is in training strings, and nothing else.

    Examples
    --------
    >>> {name: round(value, 2) for name, value in most_frequent(parentheses.generate(strings=100)).items()}
    {'accuracy': 0.31, 'perplexity': 5.83}
    """
    counts = Counter(character for characters in corpus.train.tokens for character in characters)
    counts[""] = len(corpus.train)
    seen = Counter(character for characters in corpus.test.tokens for character in characters)
    seen[""] = len(corpus.test)
    total, smoothed = seen.total(), counts.total() + len(set(counts) | set(seen))
    surprise = -sum(n * np.log((counts[character] + 1) / smoothed) for character, n in seen.items()) / total
    return {"accuracy": seen[counts.most_common(1)[0][0]] / total, "perplexity": float(np.exp(surprise))}


def table(networks: dict[str, CharacterLSTM], corpus: StringCorpus, **options) -> pd.DataFrame:
    """Networks on the test strings, between what the frequency of characters alone gives and the best attainable.

    Parameters
    ----------
    networks : dict of str to CharacterLSTM
        By the name of their row.
    corpus : StringCorpus
    **options
        As for :func:`attainable`.

    Returns
    -------
    DataFrame
        Columns ``predictor``, ``accuracy``, ``perplexity``. The first row is ``most frequent``; the last is
        ``best attainable`` where the chances of the corpus are known.
    """
    rows = {MOST_FREQUENT: most_frequent(corpus)}
    for name, network in networks.items():
        found = predictions(network, corpus.test).sum()
        rows[name] = {
            "accuracy": found["correct"] / found["predicted"],
            "perplexity": float(np.exp(found["surprise"] / found["predicted"])),
        }
    if corpus.name in _WALKS:
        rows[BEST] = attainable(corpus.name, corpus.test, **options)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("predictor").reset_index()
