"""What a language model loses without some of its units (Deep Neural Inspection 2017, section 5.2 and figure 5).

The k best units of a feature, or k random ones, are removed (the paper's Rm-Neuron: set to 0), held at their mean, or
given the feature itself (its Oracle) at every position of a test text, and the network still predicts what comes next:

* the *type* of the next character (a parenthesis, a digit, an operator, the end, ...), the one with most chance on all
  its characters together;
* the *digit*, where a digit is next: the likeliest among the digits. In the parentheses language that is the nesting
  level, a number that the network must have counted;
* the *surprise* at the next character, in bits: in a language drawn by chance most of what comes next cannot be known,
  and an accuracy is blind to how far the chances are off.

Easy to get wrong: what a removed unit is compared with. Zero is a value like any other, and a unit that is always near
1 says most when it is suddenly 0; its mean takes away what the unit says and nothing else. And whoever knows no
more than frequencies is right as often as the most frequent type: ``base`` goes beside every value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int

from reading_neurons import asking
from reading_neurons.corpora.strings import Strings
from reading_neurons.features.feature import Feature
from reading_neurons.methods.generation import chances
from reading_neurons.methods.intervene import REMOVED, Values, directions, intervene, means, stretched
from reading_neurons.methods.written_shares import FREE, unit_sets
from reading_neurons.neurons import scores_next_word
from reading_neurons.pathway import Recurrent, length_batches, require_recurrent
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.text import Batch, Vocabulary

DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FORMAL = {"parenthesis": "()", "digit": DIGITS, "operator": "+-*/"}
_CODE = {
    "parenthesis": "()",
    "digit": DIGITS,
    "operator": "+-*/%=<>!&|^~?",
    "letter": _LETTERS + _LETTERS.upper() + "_",
    "space": " \t\n",
    "bracket": "[]{}",
    "separator": ";,.:",
}
TYPES: dict[str, dict[str, str]] = {"parentheses": _FORMAL, "arithmetic": _FORMAL, "tiny_c": _CODE, "c_source": _CODE}
"""By corpus the types of characters; the end of a string is a type of its own, and whatever is left is "other"."""
SCORES = ("type", "digit", "surprise")
MEAN, ORACLE = "mean", "oracle"
WAYS = (REMOVED, MEAN, ORACLE)
POSITIONS = 20_000  # that are read at once
LEAST = 1e-6  # chance of a character, for its surprise


def types_of(vocabulary: Vocabulary, types: Mapping[str, str]) -> tuple[list[str], Int[np.ndarray, "words"]]:
    """The names of the types, and the type of each character of a vocabulary.

    Raises
    ------
    ValueError
        If a character has two types.

    Examples
    --------
    >>> types_of(Vocabulary(list("(1x"), list), {"parenthesis": "()", "digit": "01"})
    (['parenthesis', 'digit', 'end', 'other'], array([3, 3, 2, 3, 0, 1, 3]))
    """
    names = [*types, "end", "other"]
    of = {character: number for number, characters in enumerate(types.values()) for character in characters}
    if len(of) < sum(map(len, types.values())):
        raise ValueError(f"each character needs a single type, found one in two of {', '.join(types)}")
    numbers = [of.get(word, len(types) + 1) for word in vocabulary.words]
    numbers[Vocabulary.end] = len(types)
    return names, np.array(numbers)


class NextCharacters:
    """What comes next in some strings, and how well a network knows.

    Parameters
    ----------
    strings : Strings
        The text to be predicted, every position of it, the end included.
    vocabulary : Vocabulary
    types : mapping
        As in :data:`TYPES`.

    Attributes
    ----------
    places : int array, shape (strings, 3)
        How many positions of each string count for each measure: for the digit those before a digit, else all.
    base : float array, shape (3,)
        What frequencies alone give: the share of the most frequent type, and of the most frequent digit among digits,
        and the entropy of characters in bits.
    """

    def __init__(self, strings: Strings, vocabulary: Vocabulary, types: Mapping[str, str]):
        if not len(strings):
            raise ValueError("expected at least one string to predict, found none")
        self.strings = strings
        self._digits = torch.tensor([number for number, word in enumerate(vocabulary.words) if word in tuple(DIGITS)])
        self._ids = [vocabulary.encode(characters) for characters in strings.tokens]
        _, of = types_of(vocabulary, types)
        self._types = torch.from_numpy(of)
        following = [ids[1:] for ids in self._ids]
        is_digit = np.isin(np.arange(len(vocabulary)), self._digits)
        self.places = np.array([(len(ids), is_digit[ids].sum(), len(ids)) for ids in following])
        share = np.bincount(np.concatenate(following), minlength=len(vocabulary)) / self.places[:, 0].sum()
        of_digits = share[is_digit].max() / share[is_digit].sum() if self.places[:, 1].any() else np.nan
        entropy = -sum(part * np.log2(part) for part in share if part)
        self.base = np.array([np.bincount(of, share).max(), of_digits, entropy])

    @torch.inference_mode()
    def scored(
        self, pathway: Recurrent, hold: Callable[[np.ndarray], tuple[pd.DataFrame, Values]] | None = None
    ) -> Float[np.ndarray, "strings 3"]:
        """At how many positions of each string the type, and the digit, are known, and the surprises added up.

        Parameters
        ----------
        pathway : Pathway
        hold : callable, optional
            From the numbers of the strings that are read at once to the units and values for :func:`.intervene`.
        """
        scored = np.zeros(self.places.shape)
        by_type = torch.nn.functional.one_hot(self._types).double()
        for chosen in self._batches():
            batch = Batch.of([self._ids[i] for i in chosen])
            read = batch.to(pathway.embedding.device)
            with intervene(pathway, *hold(chosen)) if hold else nullcontext():
                states = asking.states(pathway, asking.words(pathway, read.ids), read.lengths)
                found = chances(pathway, states[:, :-1]).cpu()
            following, counted = batch.ids[:, 1:], batch.mask[:, 1:]
            known = (found @ by_type).argmax(dim=-1) == self._types[following]
            scored[chosen, 0] = (known & counted).sum(dim=1)
            if len(self._digits):
                best = self._digits[found[..., self._digits].argmax(dim=-1)]
                scored[chosen, 1] = ((best == following) & counted).sum(dim=1)
            of_next = found.gather(2, following[..., None])[..., 0]
            # A character that the network does not know has no chance at all; it counts as one in a million.
            scored[chosen, 2] = -(of_next.clamp(min=LEAST).log2() * counted).sum(dim=1)
        return scored

    def _batches(self) -> Iterator[np.ndarray]:
        """Numbers of strings of nearly equal length, so many that their positions fit."""
        lengths = np.array([len(ids) for ids in self._ids])
        for chosen in length_batches(lengths, 512):
            yield from np.array_split(chosen, -(-len(chosen) * int(lengths[chosen].max()) // POSITIONS))


def ablations(
    pathway: Recurrent,
    strings: Strings,
    ranking: pd.DataFrame,
    feature: Feature,
    types: Mapping[str, str],
    *,
    background: Strings | None = None,
    ways: Sequence[str] = WAYS,
    ks: Sequence[int] = (1, 2, 5, 10, 20),
    sets: int = 5,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """How well a network predicts while units are removed, held at their mean, or told the feature.

    Parameters
    ----------
    pathway : Pathway
        Its outputs score the next character.
    strings : Strings
        The text to be predicted.
    ranking : DataFrame
        ``feature``, ``unit``, ``score``, ``weight``; see :func:`.unit_sets`.
    feature : Feature
        Whose best units are chosen, and what the oracle tells.
    types : mapping
        As in :data:`TYPES`.
    background : Strings, optional
        Over which the mean is taken; by default ``strings``.
    ways : sequence of str
        Of "removed", "mean", "oracle".
    ks : sequence of int
    sets : int
        Random sets of units for each k.
    replicates, seed : int
        Of the bootstrap over strings, and of the random sets.

    Returns
    -------
    DataFrame
        One row per set of units and measure: ``way`` ("none" for the network as it is), ``choice`` ("none", "top",
        "random"), ``k``, ``set``, ``measure`` ("type", "digit", "surprise"), ``value`` (an accuracy, or bits), ``low``,
        ``high`` (95 % over strings), ``change`` against the network as it is, ``change_low``, ``change_high`` (of the
        same strings), ``base`` (what frequencies alone give), ``places``.

    Raises
    ------
    TypeError
        If the pathway is not a recurrent one that scores the next character.
    ValueError
        If a way is unknown, there is no string, or units cannot be chosen.
    """
    require_recurrent(pathway, "an ablation")
    if not scores_next_word(pathway):
        raise TypeError(f"the pathway {pathway.name!r} does not score the next character: take a language model")
    if unknown := set(ways) - set(WAYS):
        raise ValueError(f"units can be {', '.join(map(repr, WAYS))}, found {', '.join(map(repr, sorted(unknown)))}")
    text = NextCharacters(strings, pathway.vocabulary, types)
    draws = cluster_draws(len(strings), replicates, seed)
    free = text.scored(pathway)
    parts = [_measured(text, free, free, draws).assign(way=FREE, choice=FREE, k=0, set=0)]
    mean = means(pathway, strings if background is None else background) if MEAN in ways else None
    labels = [feature.labels(item) for item in strings.items] if ORACLE in ways else []
    for choice, k, number, units in unit_sets(ranking, feature.name, ks, sets, seed):
        for way in ways:
            scored = text.scored(pathway, _hold(way, units, mean, labels))
            parts.append(_measured(text, scored, free, draws).assign(way=way, choice=choice, k=k, set=number))
    table = pd.concat(parts, ignore_index=True)
    return table[["way", "choice", "k", "set", *[c for c in table if c not in ("way", "choice", "k", "set")]]]


def _hold(way: str, units: pd.DataFrame, mean: Float[np.ndarray, "units"] | None, labels: Sequence[np.ndarray]):
    """For :meth:`NextCharacters.scored`: the units, and what they are set to in certain strings."""
    if way == ORACLE:
        return lambda chosen: (units, stretched([labels[i] for i in chosen], directions(units)))
    values = np.zeros(len(units)) if way == REMOVED else mean[units["unit"]]
    return lambda chosen: (units, values)


def _measured(
    text: NextCharacters,
    scored: Float[np.ndarray, "strings 3"],
    free: Float[np.ndarray, "strings 3"],
    draws: Int[np.ndarray, "replicates strings"],
) -> pd.DataFrame:
    """Values with intervals; NaN where nothing counts."""
    with np.errstate(invalid="ignore", divide="ignore"):
        places = draws @ text.places
        drawn, changes = draws @ scored / places, draws @ (scored - free) / places
        value = scored.sum(axis=0) / text.places.sum(axis=0)
        change = (scored - free).sum(axis=0) / text.places.sum(axis=0)
    rows = []
    for column, measure in enumerate(SCORES):
        of_value, of_change = interval(drawn[:, column]), interval(changes[:, column])
        count, base = text.places[:, column].sum(), text.base[column]
        rows.append((measure, value[column], *of_value, change[column], *of_change, base, count))
    columns = ["measure", "value", "low", "high", "change", "change_low", "change_high", "base", "places"]
    return pd.DataFrame(rows, columns=columns)
