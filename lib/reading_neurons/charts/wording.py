"""How figures, intervals and verdicts are written in tables and beside marks.

Easy to get wrong: a hyphen for a minus sign, and 0.00 for a small figure that is not nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from reading_neurons import verdicts

MARKS = {
    verdicts.FAILS: "✗",
    verdicts.PART: "◐",
    verdicts.UNDECIDED: "–",
    verdicts.UNTESTED: "–",
    verdicts.HOLDS: "✓",
}
"""The sign before a verdict."""


def verdict(word: str) -> str:
    """A verdict with its sign.

    Examples
    --------
    >>> verdict("fails")
    '✗ fails'
    """
    return f"{MARKS[word]} {word}"


def counted(found: Iterable[str]) -> list[str]:
    """How many of each verdict there are, what holds first; of the others only what there is.

    Examples
    --------
    >>> counted(["holds", "fails", "fails", "in part", "undecided"])
    ['1 holds', '2 fail', '1 holds in part', '1 undecided']
    """
    found = list(found)
    ways = {
        verdicts.HOLDS: ("holds", "hold"),
        verdicts.FAILS: ("fails", "fail"),
        verdicts.PART: ("holds in part", "hold in part"),
        verdicts.UNDECIDED: ("undecided", "undecided"),
        verdicts.UNTESTED: ("cannot be tested here", "cannot be tested here"),
    }
    counts = {verdict: found.count(verdict) for verdict in ways}
    return [
        f"{counts[verdict]} {one if counts[verdict] == 1 else many}"
        for verdict, (one, many) in ways.items()
        if counts[verdict] or verdict == verdicts.HOLDS
    ]


def figure(value: Any) -> str:
    """A figure, or two as a range, with two digits or as many as a small one needs; nothing where there is none.

    Examples
    --------
    >>> figure(0.484763), figure(-0.0154), figure((0.1, 2)), figure(None), figure("about 90 %")
    ('0.48', '−0.015', '0.10 to 2.00', '', 'about 90 %')
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " to ".join(filter(None, map(figure, value)))
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, str):
        return value
    said = f"{value:.3f}" if 0 < abs(value) < 0.1 else f"{value:.2f}"
    return said.lstrip("-") if not float(said) else said.replace("-", "\N{MINUS SIGN}")


def interval(value: Any) -> str:
    """An interval; nothing for one of no width, which is that of a single case.

    Examples
    --------
    >>> interval((0.6, 0.8)), interval((5, 5)), interval("wide")
    ('0.60 to 0.80', '', 'wide')
    """
    alone = not isinstance(value, str) and len(set(value)) == 1
    return "" if alone else figure(value)
