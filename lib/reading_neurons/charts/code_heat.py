"""Source code twice, side by side: its characters coloured by a unit, and by a feature.

Easy to get wrong: what a colour stands under. The state after reading a character is drawn at that character, so a unit
that reacts to an opening brace is coloured from the brace on, and the end of a line has a place of its own (↵): a unit
may well change there.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.word_heat import AGAINST, FOR

WIDEST = 46
"""Columns of a line; what is longer goes on in the next."""

_TAB = 4  # columns that a tab fills at most
_LINE = 19  # height of a line
_HEAD = 24  # above the code: which unit, which feature
_GAP = 24  # pixels between the two
_LETTER = 7.8  # widest character, in pixels
_BESIDE = 600  # pixels from which on there is room for both
_BEST = -1
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def code_heat(
    characters: pd.DataFrame,
    activations: pd.DataFrame,
    labels: pd.DataFrame,
    title: str = "A unit beside a feature",
    *,
    best: Mapping[str, int] | None = None,
    notes: Mapping[str, Mapping[int, str]] | None = None,
) -> alt.LayerChart:
    """Code with its characters coloured by a unit and by a feature; menus pick the code, the feature, the unit.

    Where there is no room for both beside each other, there is one: the unit as colour, the feature as a bar below each
    character.

    Parameters
    ----------
    characters : DataFrame
        One row per character: ``string`` (which code), ``position`` in it, ``character``. With a column ``name`` the
        menu shows that of a string; otherwise its number.
    activations : DataFrame
        Of the same rows, a column per unit, named by its number; from -1 to 1.
    labels : DataFrame
        Of the same rows, a column per feature, named; from 0 to 1.
    title : str
    best : mapping of feature to unit, optional
        With it the menu of units begins with "the feature's best"; these units must be among the columns.
    notes : mapping of feature to mapping of unit to str, optional
        What the heading says of a unit beside a feature, such as how well it knows it.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, the tables have not the same rows, a best unit is not among them, or there are more
        characters than a page can carry.

    Examples
    --------
    >>> characters = pd.DataFrame({"string": 0, "position": range(4), "character": list("f();")})
    >>> unit, feature = pd.DataFrame({7: [0.1, 0.9, -0.2, 0.0]}), pd.DataFrame({"call": [1, 1, 1, 0]})
    >>> code_heat(characters, unit, feature).description
    "1 piece of code to pick from, 1 unit and 1 feature. Beside 'call' unit 7: highest after '(', lowest after ')'."
    """
    style.require(characters, "string", "position", "character")
    _check(characters, activations, labels, best)
    units, features = list(activations), list(labels)
    names, rows = _names(characters), style.drawable(_rows(characters, activations, labels))
    tall = int(rows["_line"].max()) + 1
    return alt.LayerChart(
        data=rows,
        layer=[*_code(), *_headings()],
        transform=[
            alt.FilterTransform("datum.string == string_pick"),
            style.calculated("value", "datum._u[unit] / 100"),
            style.calculated("label", "datum._f[feature_pick] / 100"),
            style.calculated("_x", "datum._column * letter"),
            style.calculated("_y", f"{_HEAD} + datum._line * {_LINE}"),
        ],
        params=style.lifted(
            style.menu("string_pick", "Code", names, next(iter(names))),
            style.menu("feature_pick", "Feature", dict(enumerate(features)), 0),
            style.menu("unit_pick", "Unit", _unit_menu(units, best), _BEST if best else 0),
            *_measures(rows, units, features, best, notes),
        ),
        title=style.heading(title, "Orange: above 0. Blue, with a line on top: below 0. Bars: the feature."),
        description=_description(characters, activations, features, names, best),
        width="container",
        height=_HEAD + tall * _LINE + 4,
    )


def laid_out(text: str, widest: int = WIDEST) -> list[tuple[int, int]]:
    """The line and column at which each character is drawn; a tab goes to the next multiple of four.

    Examples
    --------
    >>> laid_out("a\\n\\tb", widest=8), laid_out("abc", widest=2)
    ([(0, 0), (0, 1), (1, 0), (1, 4)], [(0, 0), (0, 1), (1, 0)])
    """
    places, line, column = [], 0, 0
    for character in text:
        if column >= widest and character != "\n":
            line, column = line + 1, 0
        places.append((line, column))
        column += _TAB - column % _TAB if character == "\t" else 1
        if character == "\n":
            line, column = line + 1, 0
    return places


def _check(characters: pd.DataFrame, activations: pd.DataFrame, labels: pd.DataFrame, best) -> None:
    found = [len(characters), len(activations), len(labels)]
    if len(set(found)) > 1 or not len(activations.columns) or not len(labels.columns):
        raise ValueError(
            "the chart needs a row per character in all tables, and at least one unit and one feature; found "
            f"{found[0]} characters, {found[1]} rows of {activations.shape[1]} units, {found[2]} rows of "
            f"{labels.shape[1]} features"
        )
    if best is not None and (missing := set(best.values()) - set(activations) or set(labels) - set(best)):
        raise ValueError(
            f"every feature needs a best unit that is among the columns of activations; missing: "
            f"{', '.join(map(str, sorted(missing, key=str)))}"
        )


def _names(characters: pd.DataFrame) -> dict[int, str]:
    first = characters.drop_duplicates("string")
    names = first["name"] if "name" in first else "no. " + first["string"].astype(str)
    return dict(zip(map(int, first["string"]), names, strict=True))


def _rows(characters: pd.DataFrame, activations: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """What is drawn of each character: where, and in whole hundredths, which weigh a third, its units and features."""
    ordered = characters.reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "string": ordered["string"],
            "character": ordered["character"].replace({"\n": "↵", "\t": "⇥"}),
            "_u": activations.mul(100).round().astype(int).to_numpy().tolist(),
            "_f": labels.mul(100).round().astype(int).to_numpy().tolist(),
        }
    )
    places = [
        place for _, part in ordered.groupby("string", sort=False) for place in laid_out("".join(part["character"]))
    ]
    rows["_line"], rows["_column"] = zip(*places, strict=True)
    return rows


def _unit_menu(units: list[int], best: Mapping[str, int] | None) -> dict[int, str]:
    known = {place: f"unit {unit}" for place, unit in enumerate(units)}
    return {_BEST: "the feature's best", **known} if best else known


def _measures(rows: pd.DataFrame, units: list[int], features: list[str], best, notes) -> list[alt.Parameter]:
    """What depends on the width of the view, and on what the menus say."""
    columns = (rows.groupby("string")["_column"].max() + 1).to_dict()
    said = [[(notes or {}).get(feature, {}).get(unit, "") for unit in units] for feature in features]
    leading = [units.index(best[feature]) for feature in features] if best else [0] * len(features)
    return [
        alt.param(name="columns", value={str(string): int(count) for string, count in columns.items()}),
        alt.param(name="leading", value=leading),
        alt.param(name="said", value=said),
        alt.param(name="unit_names", value=[f"unit {unit}" for unit in units]),
        alt.param(name="feature_names", value=features),
        alt.param(name="unit", expr=f"unit_pick == {_BEST} ? leading[feature_pick] : unit_pick"),
        alt.param(name="beside", expr=f"width >= {_BESIDE}"),
        alt.param(name="room", expr=f"beside ? (width - {_GAP}) / 2 : width"),
        alt.param(name="letter", expr=f"min({_LETTER}, room / columns[string_pick])"),
        alt.param(name="right", expr=f"beside ? room + {_GAP} : 0"),
    ]


def _code() -> list[alt.Chart]:
    """The unit's cells, the feature's cells and bars, and the characters, once or twice."""
    tooltip = [
        alt.Tooltip("character:N", title="After"),
        alt.Tooltip("value:Q", title="Unit", format=".2f"),
        alt.Tooltip("label:Q", title="Feature", format=".2f"),
    ]
    faint = "(datum.character == '↵' || datum.character == '⇥' ? 0.8 : 1)"

    def cell(left: str, **encoding) -> dict:
        place = {"x": style.pixels(left), "x2": style.pixels(f"{left} + letter"), "tooltip": tooltip}
        return {**place, "y": style.pixels("datum._y"), "y2": style.pixels(f"datum._y + {_LINE} - 1"), **encoding}

    def letters(left: str, opacity: str) -> alt.Chart:
        mark = alt.MarkDef(
            "text",
            font=_FONT,
            fontSize=alt.ExprRef(expr="min(13, letter / 0.6)"),
            baseline="middle",
            align="center",
            aria=False,
        )
        return style.layer(mark, "true", {
            "x": style.pixels(f"{left} + letter / 2"), "y": style.pixels(f"datum._y + {_LINE} / 2 - 1"),
            "text": alt.Text("character:N"), "opacity": style.pixels(f"{opacity} * {faint}"), "tooltip": tooltip,
        })  # fmt: skip

    left, right = "datum._x", "right + datum._x"
    below_zero = {"y2": style.pixels("datum._y + 2"), "opacity": style.pixels("datum.value < -0.1 ? 0.9 : 0")}
    bar = {"y": style.pixels(f"datum._y + {_LINE} - 4"), "opacity": style.pixels("0.85 * datum.label")}
    box, ink = alt.MarkDef("rect"), alt.MarkDef("rect", fill=style.INK, aria=False)
    return [
        style.layer(box, "true", cell(
            left, color=style.pixels(f"datum.value < 0 ? '{AGAINST}' : '{FOR}'"),
            opacity=style.pixels(f"{style.HEAT} * abs(datum.value)"),
        )),
        style.layer(alt.MarkDef("rect", fill=AGAINST, aria=False), "true", cell(left, **below_zero)),
        style.layer(ink, "true", cell(right, opacity=style.pixels("beside ? 0.16 * datum.label : 0"))),
        style.layer(ink, "true", cell(right, **bar)),
        letters(left, "1"),
        letters(right, "(beside ? 1 : 0)"),
    ]  # fmt: skip


def _headings() -> list[alt.Chart]:
    """Which unit and which feature, above their code."""
    unit = "unit_names[unit] + (said[feature_pick][unit] ? ', ' + said[feature_pick][unit] : '')"
    feature = "feature_names[feature_pick]"
    first = "datum._line == 0 && datum._column == 0"
    mark = alt.MarkDef("text", align="left", baseline="top", fontWeight="bold", limit=alt.ExprRef(expr="room"))
    return [
        style.layer(mark, first, {
            "x": alt.value(0), "y": alt.value(2),
            "text": style.pixels(f"{unit} + (beside ? '' : '; bars: ' + {feature})"),
        }),
        style.layer(mark, first, {
            "x": style.pixels("right"), "y": alt.value(2), "text": style.pixels(f"beside ? {feature} : ''"),
        }),
    ]  # fmt: skip


def _description(characters, activations, features: list[str], names: dict[int, str], best) -> str:
    unit = best[features[0]] if best else list(activations)[0]
    first = characters.reset_index(drop=True)
    values = activations[unit].reset_index(drop=True)[first["string"] == next(iter(names))]
    high, low = (repr(first["character"][values.idxmax()]), repr(first["character"][values.idxmin()]))
    counts = [
        f"{count} {noun}{'s' * (count > 1)}{more}"
        for count, noun, more in (
            (len(names), "piece", " of code to pick from"),
            (activations.shape[1], "unit", ""),
            (len(features), "feature", ""),
        )
    ]
    return (
        f"{counts[0]}, {counts[1]} and {counts[2]}. Beside '{features[0]}' unit {unit}: highest after {high}, lowest "
        f"after {low}."
    )
