"""What a network writes while units are held: strings as text, and the chances of the next character as bars.

Easy to get wrong: blanks. Text in a chart is drawn in layers, what is marked and what is not, one above the other; the
places of the other layer are held free by blanks that do not collapse, and every letter must be as wide as any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_LINE = 21  # pixels from one line of text to the next
_MARK = "#d55e00"
_BLANK = "\u00a0"
_EDGE = "\u200b"  # of no width: Vega takes blanks off the ends of a text
_SAID = {"none": "as it is", "top": "best", "random": "random"}
_BARS = 176  # height of the bars, from the top of the chart
_HEAD = 8  # above the tallest


def held_writing(table: pd.DataFrame, title: str = "What is written while units are held") -> alt.LayerChart:
    """Strings of a network as it is, with the best units of a feature held, and with random ones; menus pick both.

    Parameters
    ----------
    table : DataFrame
        One row per string: ``feature``, ``choice``, ``k``, ``string``, ``text``, ``measure``, ``pattern``, ``share``,
        as :func:`reading_neurons.methods.written_examples.examples_when_held` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "feature", "choice", "k", "string", "text", "measure", "pattern", "share")
    features, ks = style.in_order(table["feature"]), sorted(set(table["k"]) - {0})
    shown = int(table["string"].max()) + 1
    lines = pd.DataFrame(_lines(table, shown))
    pick = "datum.feature == feature_pick && (datum.k == k_pick || datum.k == 0)"
    layers = [
        _text("head", fontWeight="bold"),
        _text("plain", font=_FONT, opacity=0.8),
        _text("marked", font=_FONT, fontWeight="bold", color=_MARK),
    ]
    return alt.LayerChart(
        data=lines,
        layer=layers,
        transform=[alt.FilterTransform(pick)],
        params=style.lifted(
            style.menu("feature_pick", "Feature", dict(zip(features, features, strict=True)), features[0]),
            style.menu("k_pick", "Units held", {k: str(k) for k in ks}, ks[-1]),
        ),
        title=style.heading(title, "Each line is a string. Coloured: what the feature is about."),
        description=_description(table, features[0], ks[-1]),
        width="container",
        height=len(_SAID) * (shown + 1.6) * _LINE,
    )


def _lines(table: pd.DataFrame, shown: int) -> list[dict]:
    """One row per line of text: a heading for each kind of units, and its strings."""
    rows = []
    for (feature, choice, k), part in table.groupby(["feature", "choice", "k"], sort=False):
        top = list(_SAID).index(choice) * (shown + 1.6) * _LINE + 14
        first = part.iloc[0]
        said = "As it is" if choice == "none" else f"{k} {_SAID[choice]} unit{'s' * (k > 1)} held"
        common = {"feature": feature, "k": int(k), "plain": "", "marked": "", "head": ""}
        rows.append({**common, "y": top, "head": f"{said}: {100 * first['share']:.0f} % {_plural(first['measure'])}"})
        for row in part.itertuples():
            marked = _masked(row.text, row.pattern)
            plain = "".join(_BLANK if m != _BLANK else c for c, m in zip(row.text, marked, strict=True))
            y = top + (row.string + 1) * _LINE
            rows.append({**common, "y": y, "plain": _EDGE + plain if plain else "(empty)", "marked": _EDGE + marked})
    return rows


def _plural(measure: str) -> str:
    return {"digit": "digits", "parenthesis": "parentheses", "operator": "operators"}.get(measure, measure)


def _masked(text: str, pattern: str) -> str:
    """The text with blanks for whatever the pattern does not match."""
    kept = [_BLANK] * len(text)
    for match in re.finditer(pattern, text):
        kept[match.start() : match.end()] = match.group()
    return "".join(kept)


def _text(column: str, **settings) -> alt.Chart:
    mark = alt.MarkDef("text", align="left", baseline="middle", fontSize=13, **settings)
    encoding = {"x": alt.value(0), "y": style.pixels("datum.y"), "text": style.pixels(f"datum.{column}")}
    return alt.Chart(mark=mark, encoding=alt.Encoding(**encoding))


def _description(table: pd.DataFrame, feature: str, k: int) -> str:
    rows = table[(table["feature"] == feature) & table["k"].isin([0, k])].groupby("choice", sort=False).first()
    said = ", ".join(f"{_SAID[choice]} {100 * row.share:.0f} %" for choice, row in rows.iterrows())
    return (
        f"Strings that a network writes, with {k} units of '{feature}' held and without; menus pick the feature and "
        f"how many units. Share of {_plural(rows['measure'].iloc[0])}: {said}."
    )


def held_chances(
    chances: pd.DataFrame, strings: pd.DataFrame, title: str = "What comes next while units are held"
) -> alt.LayerChart:
    """The chances of the next character, as ever and with units held, and what is written; a menu picks the setting.

    Parameters
    ----------
    chances : DataFrame
        ``setting``, ``character``, ``free``, ``held``.
    strings : DataFrame
        ``setting``, ``string``, ``free``, ``held``; both as
        :func:`reading_neurons.methods.written_examples.when_units_are_held` gives them.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(chances, "setting", "character", "free", "held")
    style.require(strings, "setting", "string", "free", "held")
    settings = style.in_order(chances["setting"])
    rows = [*_bars(chances), *_strings(strings)]
    shown = int(strings["string"].max()) + 1
    order = style.in_order(_named(chances["character"]))
    x = alt.X(
        "character", type="ordinal", sort=None, title=None, scale=alt.Scale(domain=order),
        axis=alt.Axis(orient="top", labelAngle=0, labelFont=_FONT, labelFontSize=13, ticks=False, domain=False,
                      labelOverlap=False),
    )  # fmt: skip
    tip = [
        alt.Tooltip("character", type="nominal", title="Next character"),
        alt.Tooltip("held", type="quantitative", title="Chance, units held", format=".1%"),
        alt.Tooltip("free", type="quantitative", title="Chance as ever", format=".1%"),
    ]
    bar = alt.MarkDef("bar", color=_MARK, opacity=_here("datum.kind == 'chance'", 0.75))
    tick = alt.MarkDef("bar", color=style.INK, opacity=_here("datum.kind == 'chance'"))
    place = {"x": x, "tooltip": tip}
    most = chances[["free", "held"]].max(axis=None)
    layers = [
        style.layer(bar, "datum.kind == 'chance'", {
            **place, "y": style.pixels(f"{_BARS} - datum.held * {(_BARS - _HEAD) / most:.4f}"), "y2": alt.value(_BARS),
        }),
        style.layer(tick, "datum.kind == 'chance'", {
            **place, "y": style.pixels(f"{_BARS} - datum.free * {(_BARS - _HEAD) / most:.4f} - 2"),
            "y2": style.pixels(f"{_BARS} - datum.free * {(_BARS - _HEAD) / most:.4f}"),
        }),
        *(_lower(column, shown) for column in ("free", "held")),
    ]  # fmt: skip
    return alt.LayerChart(
        data=alt.InlineData(rows),
        layer=layers,
        transform=[alt.FilterTransform("datum.setting == setting_pick")],
        params=style.lifted(
            style.menu("setting_pick", "Units held", dict(zip(settings, settings, strict=True)), settings[0])
        ),
        title=style.heading(title, f"Bars: units held; lines: as ever. Full height: a chance of {100 * most:.0f} %."),
        description=_said_of_chances(chances, strings, settings[0]),
        width="container",
        height=_BARS + 2 * (shown + 1.5) * _LINE + 12,
    )


def _here(condition: str, value: float = 1) -> alt.ExprRef:
    return alt.ExprRef(expr=f"{condition} ? {value} : 0")


def _named(characters: Sequence[str]) -> list[str]:
    """Characters as an axis shows them: blanks and the end have names."""
    return [{"</s>": "end", " ": "␣", "\n": "⏎", "\t": "⇥"}.get(character, character) for character in characters]


def _bars(chances: pd.DataFrame) -> list[dict]:
    drawn = style.drawable(chances.assign(character=_named(chances["character"]), kind="chance"))
    return drawn[["setting", "character", "free", "held", "kind"]].to_dict(orient="records")


def _strings(strings: pd.DataFrame) -> list[dict]:
    """Headings and strings, one row per line of text."""
    rows = []
    for setting, part in strings.groupby("setting", sort=False):
        for which, head in (("free", "As ever:"), ("held", "With the units held:")):
            lines = [head, *(_shown(text) for text in part[which])]
            rows += [{"setting": setting, "kind": which, "line": n, "text": text} for n, text in enumerate(lines)]
    return rows


def _shown(text: str) -> str:
    return text.replace("\n", "⏎").replace("\t", "⇥").replace(" ", _BLANK) or "(empty)"


def _lower(which: str, shown: int) -> alt.Chart:
    """The strings of one kind, below the bars."""
    top = _BARS + 24 + (which == "held") * (shown + 1.5) * _LINE
    mark = alt.MarkDef(
        "text", align="left", baseline="middle", fontSize=13, font=_FONT,
        fontWeight=alt.ExprRef(expr="datum.line ? 'normal' : 'bold'"),
    )  # fmt: skip
    y = style.pixels(f"{top} + datum.line * {_LINE}")
    encoding = {"x": alt.value(0), "y": y, "text": style.pixels("datum.text")}
    return style.layer(mark, f"datum.kind == '{which}'", encoding)


def _said_of_chances(chances: pd.DataFrame, strings: pd.DataFrame, setting: str) -> str:
    rows = chances[chances["setting"] == setting].nlargest(3, "held")
    said = ", ".join(
        f"{name} {row.held:.2f} instead of {row.free:.2f}"
        for name, row in zip(_named(rows["character"]), rows.itertuples(), strict=True)
    )
    first = _shown(strings[strings["setting"] == setting]["held"].iloc[0])
    return f"Chances of the next character with units held ({setting}): {said}. Then it writes {first}."
