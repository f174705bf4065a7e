"""How much of written text is digits, brackets, operators (Deep Neural Inspection 2017, figures 4 and 6, as numbers).

The paper prints a few generated strings and says that there are noticeably more digits in them. Here every such thing
is a share of all characters that a network wrote, with an interval over strings, for the units that are best for a
feature and for random ones held in the same way.

Easy to get wrong: random units. One random set is one draw: its strings vary little, and another set gives another
share. What random units do is therefore a mean over many sets, and its interval is over sets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from reading_neurons.methods.generation import generate
from reading_neurons.methods.intervene import ACTIVE, Setting, intervene
from reading_neurons.methods.relevance import top
from reading_neurons.pathway import Recurrent
from reading_neurons.statistics import cluster_draws, interval

Measure = str | Callable[[str], int]
RANDOM, TOP, FREE = "random", "top", "none"


def matched(text: str) -> int:
    """How many characters are round brackets with a partner.

    Examples
    --------
    >>> matched("(()))"), matched(")("), matched("(1)+(")
    (4, 0, 2)
    """
    depth, pairs = 0, 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth, pairs = depth - 1, pairs + 1
    return 2 * pairs


_PLAIN = r"(?:unsigned|signed|long|short|int|char|void|float|double|bool|size_t|[us]\d+)\b"
_TYPE = rf"(?:{_PLAIN}|(?:struct|union|enum)\s+\w+)"
_BRACKETS = {"parenthesis": r"[()]", "matched parenthesis": matched}
MEASURES: dict[str, dict[str, Measure]] = {
    "parentheses": {"digit": r"[0-9]", **_BRACKETS},
    "arithmetic": {"digit": r"[0-9]", **_BRACKETS, "operator": r"[-+*/]", "+": r"\+", "-": "-", "*": r"\*", "/": "/"},
    "c": {
        "digit": r"[0-9]",
        **_BRACKETS,
        "operator": r"[-+*/%=<>!&|^~?]",
        "declaration": rf"\b{_TYPE}(?:\s*\b{_TYPE})*[\s*]+[A-Za-z_]\w*",
        "terminator": ";",
    },
}
"""By language what is measured: a pattern, whose matches count with all their characters, or a function that counts."""


def measures_of(corpus: str) -> dict[str, Measure]:
    """What is measured on a corpus: that of its language, for code that of C."""
    return MEASURES.get(corpus, MEASURES["c"])


def counts(texts: Sequence[str], measures: Mapping[str, Measure]) -> pd.DataFrame:
    """How many characters of each text are what is measured.

    Returns
    -------
    DataFrame
        One row per text: ``characters``, and one column for each measure.

    Examples
    --------
    >>> counts(["(1)+22", ""], MEASURES["arithmetic"])[["characters", "digit", "parenthesis", "+"]].values.tolist()
    [[6, 3, 2, 1], [0, 0, 0, 0]]
    """
    return pd.DataFrame(
        {"characters": [len(text) for text in texts]}
        | {name: [_count(text, measure) for text in texts] for name, measure in measures.items()}
    )


def _count(text: str, measure: Measure) -> int:
    return measure(text) if callable(measure) else sum(map(len, re.findall(measure, text)))


def shares(
    texts: Sequence[str], measures: Mapping[str, Measure], *, replicates: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """The share of all characters of some texts that are what is measured.

    Parameters
    ----------
    texts : sequence of str
    measures : mapping
        Those of a language in :data:`MEASURES`, or your own: regular expressions without groups, or functions from a
        text to a number of characters.
    replicates, seed : int
        Of the bootstrap, which draws whole texts.

    Returns
    -------
    DataFrame
        One row per measure: ``measure``, ``share``, ``low``, ``high`` (95 %), ``strings``, ``characters``. NaN where no
        character was written.

    Raises
    ------
    ValueError
        If there is no text.

    Examples
    --------
    >>> shares(["(1)", "(22)"], {"digit": "[0-9]"}).round(2).values.tolist()
    [['digit', 0.43, 0.33, 0.5, 2, 7]]
    """
    if not len(texts):
        raise ValueError("a share needs at least one text, found none")
    found = counts(texts, measures)
    draws = cluster_draws(len(texts), replicates, seed)
    drawn = draws @ found.to_numpy()
    rows = []
    for column, name in enumerate(measures, start=1):
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.divide(found[name].sum(), found["characters"].sum())
            low, high = interval(drawn[:, column] / drawn[:, 0])
        rows.append((name, share, low, high, len(texts), found["characters"].sum()))
    return pd.DataFrame(rows, columns=["measure", "share", "low", "high", "strings", "characters"])


def unit_sets(
    ranking: pd.DataFrame, feature: str, ks: Sequence[int], sets: int = 20, seed: int = 0
) -> list[tuple[str, int, int, pd.DataFrame]]:
    """The k best units of a feature, and random sets of k, for each k.

    Parameters
    ----------
    ranking : DataFrame
        One row per feature and unit, as :func:`reading_neurons.methods.relevance.relevance` gives it; ``feature``,
        ``unit``, ``score`` and ``weight`` are enough.
    feature : str
    ks : sequence of int
    sets : int
        How many random sets for each k. A larger set holds the units of the smaller one of its number.
    seed : int

    Returns
    -------
    list of (choice, k, set, table)
        ``choice`` is "top" or "random"; the table has the ranking's rows of these units.

    Raises
    ------
    ValueError
        If the ranking knows no such feature, or has fewer than k units with a score.
    """
    known = ranking[(ranking["feature"] == feature) & ranking["score"].notna() & ranking["weight"].notna()]
    if known.empty:
        there = ", ".join(map(repr, ranking["feature"].unique()))
        raise ValueError(f"the ranking has no unit with a score for {feature!r}: it has the features {there}")
    if max(ks) > len(known) or min(ks) < 0:
        raise ValueError(f"expected from 0 to {len(known)} units to be chosen, found {sorted(ks)}")
    best = top(known if "auc" in known else known.assign(auc=np.nan), len(known))
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(best)) for _ in range(sets)]
    return [(TOP, k, 0, best.iloc[:k]) for k in ks] + [
        (RANDOM, k, number, best.iloc[order[:k]]) for k in ks for number, order in enumerate(orders)
    ]


def shares_when_held(
    pathway: Recurrent,
    ranking: pd.DataFrame,
    feature: str,
    measures: Mapping[str, Measure],
    *,
    ks: Sequence[int] = (1, 5, 10),
    sets: int = 20,
    set_to: Setting = ACTIVE,
    strings: int = 200,
    longest: int = 100,
    temperature: float = 1.0,
    seed: int = 0,
) -> pd.DataFrame:
    """What a network writes while the k best units of a feature, or k random ones, are held.

    Parameters
    ----------
    pathway : Pathway
    ranking, feature, ks, sets
        As for :func:`unit_sets`.
    measures : mapping
        As for :func:`shares`.
    set_to
        As for :func:`.intervene`: towards the fitted sign of each unit by default, 1 as published.
    strings, longest, temperature
        As for :func:`~reading_neurons.methods.generation.generate`; so many strings for each set of units.
    seed : int
        Of the random sets and of what is written.

    Returns
    -------
    DataFrame
        One row per set of units and measure: ``choice`` ("none", "top" or "random"), ``k``, ``set``, and the columns of
        :func:`shares`.
    """
    settings = {"strings": strings, "longest": longest, "temperature": temperature}
    parts = [shares(generate(pathway, **settings, seed=seed), measures).assign(choice=FREE, k=0, set=0)]
    for choice, k, number, units in unit_sets(ranking, feature, ks, sets, seed):
        with intervene(pathway, units, set_to):
            texts = generate(pathway, **settings, seed=seed + 1 + number)
        parts.append(shares(texts, measures).assign(choice=choice, k=k, set=number))
    return pd.concat(parts, ignore_index=True)[
        ["choice", "k", "set", "measure", "share", "low", "high", "strings", "characters"]
    ]
