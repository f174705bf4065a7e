"""What all charts share: colours, shapes, titles, pickers and checks.

Easy to get wrong: colour as the only difference. Every pathway has a colour, a shape and a dash of its own, the same
in every chart; what is planted is drawn in the colour of the text, and what only chance would give in light grey,
with a label.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

INK = "currentColor"
"""The text colour of the place that shows a chart: black on light, near white on dark ground."""

HEAT = 0.56
"""Opacity of the strongest heat behind a word: the word in the colour of the text stays readable on it."""

MAX_ROWS = 5000
_NARROW = 33  # characters of a title that fit a telephone


class Look(NamedTuple):
    """How one pathway is drawn."""

    colour: str
    shape: str
    dash: tuple[int, ...]


_BOW_TIE = "M-1,-1L-1,1L1,-1L1,1Z"
_PENTAGON = "M0,-1L0.95,-0.31L0.59,0.81L-0.59,0.81L-0.95,-0.31Z"
_STAR = "M0,-1L0.29,-0.4L0.95,-0.31L0.48,0.15L0.59,0.81L0,0.5L-0.59,0.81L-0.48,0.15L-0.95,-0.31L-0.29,-0.4Z"
_HOUR_GLASS = "M-1,-1L1,-1L-1,1L1,1Z"

# Of Okabe and Ito's colour-blind safe set, those with a contrast of 3 on white and on the book's dark ground.
LOOKS = {
    "visual": Look("#d55e00", "circle", (1, 0)),
    "textual": Look("#0072b2", "square", (6, 3)),
    "sum": Look("#7f7f7f", "triangle-up", (2, 3)),
    "language model": Look("#009e73", "cross", (8, 3, 2, 3)),
    "recurrent": Look("#967000", "triangle-right", (3, 2)),
    "lstm": Look("#b4568b", "triangle-down", (1, 0)),
    "bi-lstm": Look("#3d8fc4", _BOW_TIE, (9, 3)),
    "autoencoder": Look("#6f73c9", _PENTAGON, (5, 2)),
}
NULL = Look("#949494", "diamond", (2, 2))
_OTHERS = (
    Look("#8a6bb8", _HOUR_GLASS, (10, 3)),
    Look("#a8614f", _STAR, (4, 2)),  # "stroke" would lie on the line of an interval, unseen
    Look("#5b8a3a", "triangle-left", (3, 1)),
)


def looks(pathways: Iterable[str]) -> dict[str, Look]:
    """How each pathway is drawn: its own look, light grey for an untrained or shuffled one, spare looks for others.

    Examples
    --------
    >>> looks(["visual", "untrained visual"])["untrained visual"].colour
    '#949494'
    """
    spare = iter(_OTHERS * 10)
    found = {}
    for name in pathways:
        if name in LOOKS:
            found[name] = LOOKS[name]
        elif "untrained" in name or "shuffled" in name:
            found[name] = NULL
        else:
            found[name] = next(spare)
    return found


def colour(pathways: Sequence[str], legend: alt.Legend | None = None) -> alt.Color:
    """The encoding of the column ``pathway`` as a colour."""
    return _encoded(alt.Color, pathways, [look.colour for look in looks(pathways).values()], legend)


def shape(pathways: Sequence[str], legend: alt.Legend | None = None) -> alt.Shape:
    """The encoding of the column ``pathway`` as a shape."""
    return _encoded(alt.Shape, pathways, [look.shape for look in looks(pathways).values()], legend)


def dash(pathways: Sequence[str]) -> alt.StrokeDash:
    """The encoding of the column ``pathway`` as a dash; not in a legend, where it would dash outlines of symbols."""
    return _encoded(alt.StrokeDash, pathways, [list(look.dash) for look in looks(pathways).values()], None)


def _encoded(channel: type, pathways: Sequence[str], values: list, legend: alt.Legend | None):
    return channel("pathway:N", scale=alt.Scale(domain=list(pathways), range=values), legend=legend)


def legend(**settings: Any) -> alt.Legend:
    """A legend above the chart, which costs a narrow screen no width."""
    common = {"title": None, "orient": "top", "symbolOpacity": 1}
    return alt.Legend(**{**common, "columns": alt.ExprRef(expr="width < 420 ? 2 : 4"), **settings})


def heading(title: str, subtitle: str = "") -> alt.TitleParams:
    """A title whose lines fit a narrow screen.

    Wrapped here and not by the width that the chart finds on its page: Vega lays a title out before it knows that, and
    a line that is added afterwards falls off the top.
    """
    return alt.TitleParams(
        text=textwrap.wrap(title, _NARROW), subtitle=textwrap.wrap(subtitle, _NARROW + 12), offset=12
    )


def menu(name: str, label: str, options: Mapping[Any, str], value: Any) -> alt.Parameter:
    """A parameter bound to a menu: values of the options, and what the reader sees of each; unbound for one option."""
    if len(options) == 1:
        return alt.param(name=name, value=value)
    bind = alt.binding_select(options=list(options), labels=list(options.values()), name=f"{label} ")
    return alt.param(name=name, bind=bind, value=value)


def checkbox(name: str, label: str) -> alt.Parameter:
    """A parameter bound to a ticked checkbox."""
    return alt.param(name=name, bind=alt.binding_checkbox(name=f"{label} "), value=True)


# The widgets have 0.2 s to answer, and every step of Altair's chained calls copies all layers and their data. Charts
# that a widget shows are therefore put together from these parts, in one step.


def layer(mark: alt.MarkDef, condition: str, encoding: Mapping[str, Any]) -> alt.Chart:
    """A layer of the rows of the whole chart's data that meet a condition; types of columns must be given."""
    return alt.Chart(mark=mark, encoding=alt.Encoding(**encoding), transform=[alt.FilterTransform(condition)])


def calculated(column: str, expression: str) -> alt.CalculateTransform:
    """A new column, from an expression."""
    return alt.CalculateTransform(**{"calculate": expression, "as": column})


def pixels(expression: str) -> dict[str, alt.ExprRef]:
    """An encoding by the value of an expression: a place, a width, a text."""
    return alt.value(alt.ExprRef(expr=expression))


def lifted(*parameters: alt.Parameter) -> list:
    """Parameters as the constructor of a chart takes them."""
    return [parameter.param for parameter in parameters]


def tooltip(rows: pd.DataFrame, titles: Mapping[str, str]) -> list[alt.Tooltip]:
    """What is shown of a mark: those columns that the rows have, by their titles."""
    return [alt.Tooltip(column, title=title) for column, title in titles.items() if column in rows]


def titled(**titles: str) -> list[alt.Tooltip]:
    """What is shown of a mark: columns by their titles; shares in percent."""
    return [
        alt.Tooltip(column, title=title, **({"format": ".1%"} if title.startswith("Share") else {}))
        for column, title in titles.items()
    ]


def require(table: pd.DataFrame, *columns: str) -> None:
    """Raise a ``ValueError`` that says which columns a chart needs and which there are, or that there are no rows."""
    if missing := [column for column in columns if column not in table]:
        raise ValueError(
            f"the chart needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"found {', '.join(map(str, table.columns)) or 'none'}"
        )
    if table.empty:
        raise ValueError("the chart needs at least one row, found an empty table")


def drawable(table: pd.DataFrame) -> pd.DataFrame:
    """A table as a page carries it: numbers with four significant digits.

    Raises
    ------
    ValueError
        If it has more rows than a page can carry.
    """
    if len(table) > MAX_ROWS:
        raise ValueError(
            f"found {len(table)} rows to draw one by one, expected at most {MAX_ROWS}: "
            "choose fewer sentences, or summarise the table first"
        )
    numbers = table.select_dtypes("floating").columns
    rounded = {column: [float(f"{value:.4g}") for value in table[column]] for column in numbers}
    return table.assign(**rounded).reset_index(drop=True)


def in_order(values: Iterable[str]) -> list[str]:
    """Distinct values in the order in which they first appear.

    Examples
    --------
    >>> in_order(["visual", "sum", "visual"])
    ['visual', 'sum']
    """
    return list(dict.fromkeys(values))
