"""The words for whether a claim holds, of one test and of several.

A claim of a record holds or not, or the record says neither (:class:`reading_neurons.experiments.record.Claim`). Easy
to get wrong: a figure that decides nothing is another thing than a figure that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

FAILS, PART, UNDECIDED, UNTESTED, HOLDS = "fails", "in part", "undecided", "not testable here", "holds"

ORDER = (FAILS, PART, UNDECIDED, UNTESTED, HOLDS)
"""What failed comes first."""


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
