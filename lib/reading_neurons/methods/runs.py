"""The runs of a few units: each with its trigger, its length and whether its end was seen.

:mod:`reading_neurons.methods.carrying_units` counts the runs of all units at once; here they are listed, so that one
can read what begins them and which sentences they fill, and draw how long they last with an interval.

Easy to get wrong: a run that the end of the sentence cuts off is not a short run. It is *censored*: it lasted at least
so long. Leaving such runs out, or taking them as ended, makes every unit's memory look shorter (Kaplan and Meier
1958).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from reading_neurons import ngrams, passes
from reading_neurons.methods.carrying_units import Places, exchanged, kaplan_meier, persistence
from reading_neurons.methods.levels import SAMPLE, Levels, ages
from reading_neurons.passes import Sentences
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval

if TYPE_CHECKING:
    from distributed import Client


def runs(
    states: Float[np.ndarray, "words units"], tokens: pd.DataFrame, units: Sequence[int], level: Levels
) -> pd.DataFrame:
    """Every run of some units.

    Parameters
    ----------
    states : float array, shape (words, units)
        As :func:`reading_neurons.passes.states` gives them.
    tokens : DataFrame
        One row per word: ``sentence``, ``position``, ``word``; as :func:`reading_neurons.annotation.token_table`.
    units : sequence of int
    level : Levels
        Of all units.

    Returns
    -------
    DataFrame
        One row per run: ``unit``, ``sentence``, ``start`` (position of the trigger), ``row`` (the trigger's row in
        ``tokens``), ``length`` (words after the trigger for which the unit stays on, at most 100), ``ended`` (False
        where the sentence ended first).

    Raises
    ------
    ValueError
        If there is no unit, one is out of range, or states and tokens differ in length.

    Examples
    --------
    >>> tokens = pd.DataFrame({"sentence": 0, "position": range(5), "word": "in a big box in".split()})
    >>> states = np.array([[1.0], [0.8], [0.7], [0.0], [1.0]])
    >>> level = Levels(np.array([[0.0]] * 6 + [[0.9]] * 5))
    >>> runs(states, tokens, [0], level)[["start", "length", "ended"]].values.tolist()
    [[0, 2, True], [4, 0, False]]
    """
    check_units(states, units)
    if len(states) != len(tokens):
        raise ValueError(f"found states of {len(states)} words and {len(tokens)} tokens, expected as many")
    sentence, position = tokens["sentence"].to_numpy(), tokens["position"].to_numpy()
    age = ages(torch.from_numpy(np.ascontiguousarray(states[:, list(units)])), position, level.take(units)).numpy()
    final = np.diff(sentence, append=sentence[-1] + 1) != 0
    parts = []
    for column, unit in enumerate(units):
        on = age[:, column] >= 0
        starts = np.flatnonzero(age[:, column] == 0)
        stays = np.append(age[1:, column] > 0, False) & ~final
        ends = np.flatnonzero(on & ~stays)
        parts.append(
            pd.DataFrame(
                {
                    "unit": unit, "sentence": sentence[starts], "start": position[starts], "row": starts,
                    "length": ends - starts, "ended": ~final[ends],
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def runs_of(
    pathway: Pathway, corpus: Sentences, units: Sequence[int], level: Levels, *, client: Client | None = None
) -> pd.DataFrame:
    """As :func:`runs`, of a corpus that the pathway reads now; only the columns of these units are kept."""
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    places = Places.of(words)
    states = passes.states(pathway, words, units=units, client=client)
    tokens = pd.DataFrame({"sentence": places.sentence, "position": places.position})
    found = runs(states, tokens, range(len(units)), level.take(units))
    return found.assign(unit=np.asarray(units)[found["unit"].to_numpy()])


def check_units(states: np.ndarray, units: Sequence[int]) -> None:
    """Raise a ``ValueError`` if there is no unit, or one that the states do not have."""
    if not len(units) or not all(0 <= unit < states.shape[1] for unit in units):
        raise ValueError(f"expected at least one unit from 0 to {states.shape[1] - 1}, found {list(units)}")


def longest(table: pd.DataFrame, unit: int, k: int = 10) -> pd.DataFrame:
    """The sentences in which a unit stays on longest after entering its top decile, one row a sentence.

    Raises
    ------
    ValueError
        If ``k`` is below 1 or the unit has no run.
    """
    of_unit = table[table["unit"] == unit]
    if k < 1 or of_unit.empty:
        raise ValueError(
            f"expected k of at least 1 and a unit with runs, found k = {k}, {len(of_unit)} runs of unit {unit}"
        )
    ordered = of_unit.sort_values(["length", "row"], ascending=[False, True])
    return ordered.drop_duplicates("sentence").head(k).reset_index(drop=True)


def survival(
    table: pd.DataFrame, image: np.ndarray, horizon: int = 10, replicates: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """The share of runs that are still on so many words after their trigger, with intervals over images.

    Parameters
    ----------
    table : DataFrame
        As :func:`runs` gives it.
    image : int array, shape (sentences,)
        The cluster of each sentence.
    horizon : int
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per unit and number of words: ``unit``, ``words`` (0 to ``horizon``), ``share``, ``low``, ``high``
        (95 %), ``watched`` (runs whose word there was read). And with ``words`` -1 the persistence over five words.
    """
    if horizon < 5:
        raise ValueError(f"persistence is over 5 words, found a horizon of {horizon}")
    number, images = pd.factorize(np.asarray(image))
    draws = cluster_draws(len(images), replicates, seed)
    parts = []
    for unit, rows in table.groupby("unit", sort=False):
        cluster, length = number[rows["sentence"].to_numpy()], rows["length"].to_numpy()
        counts = np.zeros((2, horizon, len(images)))
        for k in range(1, horizon + 1):
            watched = (length >= k) | ((length == k - 1) & rows["ended"].to_numpy())
            counts[0, k - 1] = np.bincount(cluster[length >= k], minlength=len(images))
            counts[1, k - 1] = np.bincount(cluster[watched], minlength=len(images))
        share = kaplan_meier(*counts.sum(axis=2))
        drawn = kaplan_meier(*(counts @ draws.T))
        bounds = [interval(drawn[k]) for k in range(horizon)]
        low, high = ([1.0, *column, sum_] for column, sum_ in zip(zip(*bounds), interval(drawn[:5].sum(axis=0))))
        parts.append(
            pd.DataFrame(
                {
                    "unit": unit, "words": [*range(horizon + 1), -1], "share": [1.0, *share, share[:5].sum()],
                    "low": low, "high": high, "watched": [len(rows), *counts[1].sum(axis=1), len(rows)],
                }
            ).astype({"watched": int})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def curves(
    states: Float[np.ndarray, "words units"],
    tokens: pd.DataFrame,
    units: Sequence[int],
    level: Levels,
    *,
    horizon: int = 10,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """The survival of the runs of some units, beside that of units that know only a word or a position.

    Parameters
    ----------
    states, tokens, units, level
        As for :func:`runs`; the tokens have ``image`` too.
    horizon, replicates, seed
        As for :func:`survival`; the seed is that of the exchanges too.

    Returns
    -------
    DataFrame
        As :func:`survival` gives it, with ``by_word`` and ``by_position``: the share once states are exchanged among
        places of the same word, or position.
    """
    image = tokens.drop_duplicates("sentence")["image"].to_numpy()
    found = survival(runs(states, tokens, units, level), image, horizon, replicates, seed)
    codes = {
        "by_word": ngrams.codes(tokens["word"], tokens["sentence"].to_numpy(), 1),
        "by_position": tokens["position"].to_numpy(),
    }
    for name, code in codes.items():
        # Only the columns chosen: an exchanged copy of all states would be as large as they are.
        swapped = states[:, list(units)][exchanged(code, seed)]
        null = runs(swapped, tokens, range(len(units)), level.take(units))
        found[name] = survival(null, image, horizon, 1, seed)["share"].to_numpy()
    return found


def triggers(table: pd.DataFrame, tokens: pd.DataFrame, width: int = 2, k: int = 5) -> pd.DataFrame:
    """The n-grams at whose last word a unit is triggered most often.

    Returns
    -------
    DataFrame
        Up to ``k`` rows per unit: ``unit``, ``trigger``, ``count`` (runs it begins), ``length`` (their mean, cut off by
        the end of the sentence where it comes first).
    """
    if not 1 <= width <= 3 or k < 1:
        raise ValueError(f"expected n-grams of 1 to 3 words and k of at least 1, found a width of {width} and k = {k}")
    texts = ngrams.texts(tokens["word"], tokens["position"].to_numpy(), table["row"].to_numpy(), width)
    grouped = table.assign(trigger=texts).groupby(["unit", "trigger"], sort=False)["length"]
    counted = grouped.agg(count="size", length="mean").reset_index()
    return (
        counted.sort_values(["unit", "count"], ascending=[True, False], kind="stable")
        .groupby("unit")
        .head(k)
        .reset_index(drop=True)
    )


def trigger_words(
    states: Float[np.ndarray, "words units"], tokens: pd.DataFrame, level: Levels, k: int = 3
) -> pd.DataFrame:
    """For every unit the words that switch it on, and how many of its runs the commonest ``k`` of them begin.

    Parameters
    ----------
    states : float array, shape (words, units)
    tokens : DataFrame
        ``position`` and ``word``, one row per word.
    level : Levels
    k : int

    Returns
    -------
    DataFrame
        One row per unit: ``unit``, ``triggers`` (runs), ``words`` (the ``k`` commonest, joined by commas), ``share`` of
        the runs that they begin: 1 for a unit that only they switch on. NaN and no words for a unit without runs.

    Raises
    ------
    ValueError
        If ``k`` is below 1, or states and tokens differ in length.
    """
    if k < 1 or len(states) != len(tokens):
        raise ValueError(
            f"expected k of at least 1 and a token per state, found k = {k}, {len(states)} and {len(tokens)}"
        )
    code, words = pd.factorize(tokens["word"])
    begun = (ages(torch.from_numpy(states), tokens["position"].to_numpy(), level) == 0).numpy()
    rows = []
    for unit in range(states.shape[1]):
        counts = np.bincount(code[begun[:, unit]], minlength=len(words))
        common = np.argsort(-counts, kind="stable")[:k]
        named = ", ".join(words[i] for i in common if counts[i])
        rows.append((unit, int(counts.sum()), named, counts[common].sum() / counts.sum() if counts.any() else np.nan))
    return pd.DataFrame(rows, columns=["unit", "triggers", "words", "share"])


def selective(table: pd.DataFrame, words: pd.DataFrame, k: int = 3, fewest: int = 50) -> pd.DataFrame:
    """Units that carry for long and that few words switch on: those of the largest ``share`` times ``carried``.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.carrying_units.persistence` gives it.
    words : DataFrame
        As :func:`trigger_words` gives it.
    k : int
        Units.
    fewest : int
        Runs that it must have.

    Returns
    -------
    DataFrame
        Up to ``k`` rows, the best first: ``unit``, ``triggers``, ``words``, ``share``, ``persistence``, ``carried``.
    """
    joined = words.merge(table[["unit", "persistence", "carried"]], on="unit")
    joined = joined[(joined["triggers"] >= fewest) & (joined["carried"] > 0)]
    order = np.argsort(-(joined["share"] * joined["carried"]).to_numpy(), kind="stable")
    return joined.iloc[order].head(k).reset_index(drop=True)


def find_selective(
    pathway: Pathway, corpus: Sentences, k: int = 3, fewest: int = 50, *, client: Client | None = None
) -> pd.DataFrame:
    """As :func:`selective`, from a pathway and a corpus: all states are held, four bytes a word and unit."""
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    places = Places.of(words)
    states = passes.states(pathway, words, client=client)
    level = Levels.of(states[:: -(-len(states) // SAMPLE)])
    tokens = pd.DataFrame({"position": places.position, "word": [word for sentence in words for word in sentence]})
    found = persistence(pathway, words, level=level, states=states)
    return selective(found, trigger_words(states, tokens, level), k, fewest)
