"""A progress bar for what takes long: in a notebook a widget, in a terminal a line, on a page of the book nothing.

Easy to get wrong: tqdm's bars for notebooks do not look at ``TQDM_DISABLE``, so a build that sets it would still show
dead widgets.
"""

from __future__ import annotations

import os
from typing import Any

from tqdm.auto import tqdm

DISABLED = "TQDM_DISABLE"


def progress_bar(iterable: Any = None, **settings: Any) -> tqdm:
    """A bar of tqdm, silent where the environment variable ``TQDM_DISABLE`` is set.

    Parameters
    ----------
    iterable : iterable, optional
    **settings
        Of ``tqdm``.

    Examples
    --------
    >>> [number for number in progress_bar(range(3), disable=True)]
    [0, 1, 2]
    """
    return tqdm(iterable, **{"disable": bool(os.environ.get(DISABLED)), **settings})
