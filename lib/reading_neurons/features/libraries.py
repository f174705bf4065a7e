"""The feature library that each corpus is asked about by default (Deep Neural Inspection 2017, section 5).

For formal languages those are the paper's: range and impulse of every production rule, levels of nesting, what a
parser does. ``library + [feature, ...]`` adds others, and
:meth:`~reading_neurons.features.feature.Library.table` lists what there is.

Easy to get wrong: two features that say the same. A digit is one character, so its range is its impulse; both are
listed for arithmetic, because the paper draws both.
"""

from __future__ import annotations

from collections.abc import Callable

from reading_neurons.corpora.shift_reduce import ARITHMETIC, DEEPEST, PARENTHESES
from reading_neurons.features.c_code import c_code
from reading_neurons.features.feature import Library
from reading_neurons.features.parser import last_rule, reduced, stack_height
from reading_neurons.features.text import characters, digit_value
from reading_neurons.features.tree import depth_of, impulse_of, open_is, open_of, range_of

TALLEST = {"parentheses": 10, "arithmetic": 12}
"""What counts as the highest stack of the parser: hardly a string needs more."""


def library_of(corpus: str) -> Library:
    """The default library of a corpus.

    Parameters
    ----------
    corpus : str
        Name of a corpus of strings.

    Raises
    ------
    ValueError
        If the corpus has no library of its own.

    Examples
    --------
    >>> library_of("parentheses").names[:3]
    ('brackets 1, range', 'brackets 2, range', 'brackets 3, range')
    >>> library_of("arithmetic")["sum, range"].labels(ARITHMETIC.tree("(1+2)*3")).tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    """
    if corpus not in _LIBRARIES:
        raise ValueError(
            f"the corpus {corpus!r} has no feature library of its own, known are those of {', '.join(_LIBRARIES)}: "
            "make one with Library([Feature(...), ...])"
        )
    return _LIBRARIES[corpus]()


def parentheses() -> Library:
    """Figure 2: every level of nesting as range and impulse, which level it is; digits, depth, the parser."""
    levels = range(1, DEEPEST + 1)
    return Library(
        [
            *(range_of("brackets", level) for level in levels),
            *(impulse_of("brackets", level) for level in levels),
            *(open_is("brackets", count).named(f"nesting {count}") for count in range(DEEPEST + 1)),
            *(characters(str(digit), f"digit {digit}") for digit in range(DEEPEST + 1)),
            open_of("brackets", DEEPEST),
            depth_of("brackets", DEEPEST),
            digit_value(),
            stack_height(PARENTHESES, TALLEST["parentheses"]),
            last_rule(PARENTHESES, "brackets"),
        ]
    )


def arithmetic() -> Library:
    """Figure 3: every production rule as range and impulse; nesting as a number, the parser."""
    kinds = ("digit", "brackets", "sum", "difference", "product", "quotient")
    return Library(
        [
            *(range_of(kind) for kind in kinds),
            *(impulse_of(kind) for kind in kinds),
            *(range_of("brackets", level) for level in (1, 2)),
            characters("+-*/", "operator"),
            open_of("brackets", DEEPEST),
            stack_height(ARITHMETIC, TALLEST["arithmetic"]),
            reduced(ARITHMETIC, "sum"),
            reduced(ARITHMETIC, "product"),
        ]
    )


_LIBRARIES: dict[str, Callable[[], Library]] = {
    "arithmetic": arithmetic,
    "c_source": c_code,
    "parentheses": parentheses,
    "tiny_c": c_code,
}
