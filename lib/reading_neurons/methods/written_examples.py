"""A few of the strings that a network writes while units are held (Deep Neural Inspection 2017, figures 4 and 6).

String n is drawn with the same random numbers whatever is held, so that what differs between two strings of one number
is what the intervention did.

Easy to get wrong: a few strings that somebody picked. The first four of two hundred are shown, and the share of all two
hundred stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from reading_neurons.features.feature import Feature
from reading_neurons.methods.generation import generate, next_chances
from reading_neurons.methods.intervene import ACTIVE, Setting, intervene
from reading_neurons.methods.written_shares import FREE, Measure, shares, unit_sets
from reading_neurons.pathway import Recurrent
from reading_neurons.text import SPECIALS

LONGEST = 42  # characters that fit a telephone


def examples_when_held(
    pathway: Recurrent,
    ranking: pd.DataFrame,
    asked: Mapping[Feature | str, str],
    measures: Mapping[str, Measure],
    *,
    ks: Sequence[int] = (1, 5, 10),
    shown: int = 4,
    set_to: Setting = ACTIVE,
    strings: int = 200,
    longest: int = LONGEST,
    seed: int = 0,
) -> pd.DataFrame:
    """Strings that are written as ever, and while top or random units are held, with the share of what is asked about.

    Parameters
    ----------
    pathway : Pathway
        One that can be driven word by word.
    ranking, ks, set_to, longest, seed
        As for :func:`~reading_neurons.methods.written_shares.shares_when_held`.
    asked : mapping of Feature or str to str
        Features or their names, and what each should make the network write: a name of ``measures``.
    measures : mapping
        Of them those that are patterns.
    shown : int
        Strings of each kind that the table holds.
    strings : int
        How many are written for the share.

    Returns
    -------
    DataFrame
        One row per string: ``feature``, ``choice`` ("none", "top", "random"), ``k``, ``string``, ``text``; ``measure``,
        its ``pattern`` and its ``share`` of all that was written in this way.
    """
    free = generate(pathway, strings, longest, seed=seed)
    parts = []
    names = {getattr(feature, "name", feature): measure for feature, measure in asked.items()}
    for feature, measure in names.items():
        settings = {"ks": ks, "set_to": set_to, "strings": strings, "longest": longest, "seed": seed}
        for choice, k, texts in [(FREE, 0, free), *_written(pathway, ranking, feature, **settings)]:
            share = shares(texts, {measure: measures[measure]}, replicates=1)["share"].item()
            rows = {"feature": feature, "choice": choice, "k": k, "string": range(min(shown, strings))}
            rows |= {"text": texts[:shown], "measure": measure, "pattern": measures[measure], "share": share}
            parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True)


def _written(pathway, ranking, feature, *, ks, set_to, strings, longest, seed) -> Iterator[tuple[str, int, list[str]]]:
    for choice, k, _, units in unit_sets(ranking, feature, ks, sets=1, seed=seed):
        with intervene(pathway, units, set_to):
            yield choice, k, generate(pathway, strings, longest, seed=seed)


def when_units_are_held(
    pathway: Recurrent,
    settings: Mapping[str, tuple[Sequence[int], Sequence[float]]],
    start: str = "",
    *,
    shown: int = 4,
    longest: int = LONGEST,
    characters: int = 20,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What comes next after a text, and what is written from there on, under several settings of units.

    Parameters
    ----------
    pathway : Pathway
        One that can be driven word by word.
    settings : mapping of str to (units, values)
        Each by the name that a chart gives it.
    start : str
        The text that is read first, with the units held from its first character on.
    shown, longest : int
        Strings that are written, and their characters with ``start``.
    characters : int
        Of the next characters those most likely as ever, or under any of the settings.
    seed : int

    Returns
    -------
    (DataFrame, DataFrame)
        ``setting``, ``character``, ``free`` and ``held``: its chance as ever, and with the units held. And ``setting``,
        ``string``, ``free``, ``held``: the strings.

    Raises
    ------
    ValueError
        If there is no setting, a unit does not exist, or the network does not know a character of ``start``.
    """
    if not settings:
        raise ValueError("expected at least one setting of units, found none")
    free = next_chances(pathway, start).set_index("character")["chance"]
    rest = max(longest - len(start), 1)
    before = generate(pathway, shown, rest, seed=seed, start=start)
    held, written = {}, []
    for name, (units, values) in settings.items():
        with intervene(pathway, list(units), list(values)):
            held[name] = next_chances(pathway, start).set_index("character")["chance"]
            texts = generate(pathway, shown, rest, seed=seed, start=start)
        written.append(pd.DataFrame({"setting": name, "string": range(shown), "free": before, "held": texts}))
    table = pd.DataFrame({"free": free, **held})
    likely = table.max(axis=1).nlargest(characters).index
    order = sorted(likely, key=lambda word: (word in SPECIALS, word))  # under all settings the same
    of = {"character": order, "free": free[order].to_numpy()}
    parts = [pd.DataFrame({"setting": name, **of, "held": part[order].to_numpy()}) for name, part in held.items()]
    return pd.concat(parts, ignore_index=True), pd.concat(written, ignore_index=True)
