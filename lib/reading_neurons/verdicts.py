"""The words for whether a claim holds, of one test and of several.

A claim of a record holds or not, or the record says neither (:class:`reading_neurons.experiments.record.Claim`). Easy
to get wrong: a figure that decides nothing is another thing than a figure that is not there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

FAILS, PART, UNDECIDED, UNTESTED, HOLDS = "fails", "in part", "undecided", "not testable here", "holds"

ORDER = (FAILS, PART, UNDECIDED, UNTESTED, HOLDS)
"""What failed comes first."""


def decided(interval: tuple[float, float], above: float = -math.inf, below: float = math.inf) -> bool | None:
    """Whether a figure lies between two bounds, if all that is known of it is an interval that it lies in.

    Parameters
    ----------
    interval : (float, float)
    above, below : float
        The claim: the figure is above the one and below the other.

    Returns
    -------
    bool or None
        True where it must be so, False where it cannot be; None where it may be or not, or an end is NaN.

    Examples
    --------
    >>> decided((0.1, 0.3), above=0), decided((-0.3, -0.1), above=0), decided((-0.1, 0.3), above=0)
    (True, False, None)
    >>> decided((0.95, 1.05), above=0.9, below=1.1), decided((0.85, 1.05), above=0.9, below=1.1)
    (True, None)
    """
    low, high = interval
    if math.isnan(low) or math.isnan(high):
        return None
    if above < low and high < below:
        return True
    return False if high <= above or low >= below else None


def sided(interval: tuple[float, float], sign: float) -> bool | None:
    """:func:`decided` for the claim that a figure has a sign.

    Examples
    --------
    >>> sided((0.1, 0.3), 1), sided((0.1, 0.3), -1), sided((-0.1, 0.3), -1)
    (True, False, None)
    """
    return decided(interval, above=0) if sign > 0 else decided(interval, below=0)


def denied(holds: bool | None) -> bool | None:
    """The verdict of the opposite claim: what is undecided stays so.

    Examples
    --------
    >>> denied(True), denied(None)
    (False, None)
    """
    return None if holds is None else not holds


def of(holds: bool | None, here: Any) -> str:
    """The verdict of one test.

    Parameters
    ----------
    holds : bool or None
        None where the data cannot tell.
    here : number, text or None
        What was found; None or NaN where nothing could be.

    Returns
    -------
    str

    Examples
    --------
    >>> of(True, 0.5), of(None, 0.01), of(None, float("nan"))
    ('holds', 'undecided', 'not testable here')
    """
    if holds is None or pd.isna(holds):
        return UNTESTED if here is None or pd.isna(here) else UNDECIDED
    return HOLDS if holds else FAILS


def together(verdicts: Iterable[str]) -> str:
    """The verdict of a claim from those of its tests.

    It holds if every test that could be made holds, and fails if none does and one fails. It holds in part if some do.

    Parameters
    ----------
    verdicts : iterable of str
        As :func:`of` gives them.

    Returns
    -------
    str

    Examples
    --------
    >>> together(["holds", "not testable here"]), together(["holds", "undecided"]), together(["holds", "fails"])
    ('holds', 'in part', 'in part')
    >>> together(["undecided", "fails"]), together(["undecided"]), together([])
    ('fails', 'undecided', 'not testable here')
    """
    made = {verdict for verdict in verdicts if verdict != UNTESTED}
    if not made:
        return UNTESTED
    if made == {HOLDS}:
        return HOLDS
    if HOLDS in made or PART in made:
        return PART
    return FAILS if FAILS in made else UNDECIDED
