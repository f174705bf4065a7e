"""Phrases in a plane, and what is measured of them in the space that the plane is a picture of (Li et al. 2016).

Easy to get wrong: names that hide each other. A name is written where there is room for it on a telephone, a few of
each group; the others are a menu or a hover away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import sentiment, style

POSITIVE, NEGATIVE, OTHER = sentiment.GOOD, sentiment.BAD, style.NULL.colour
_HEIGHT, _PAD = 340, 24
_NOMINAL, _CHARACTER, _LINE = 330, 6.7, 15  # pixels: a narrow screen, and what a name takes
_FEW = 14  # names that are written unasked
LOOKS = {
    "positive": (POSITIVE, "circle", 1), "very + positive": (POSITIVE, "triangle-up", 1),
    "not + positive": (POSITIVE, "circle", 0),
    "negative": (NEGATIVE, "square", 1), "very + negative": (NEGATIVE, "triangle-down", 1),
    "not + negative": (NEGATIVE, "square", 0), "random word": (OTHER, "diamond", 1),
    "positive sentence": (POSITIVE, "circle", 1), "positive + negative clause": (POSITIVE, "circle", 0),
    "negative sentence": (NEGATIVE, "square", 1), "negative + positive clause": (NEGATIVE, "square", 0),
    "+ neutral clause": (OTHER, "diamond", 1), "yours": (style.INK, "cross", 1),
}  # fmt: skip
"""Colour, shape, and whether it is filled, of every group of phrases."""
_SOME = "some of all groups"


def meaning_space(
    pictures: pd.DataFrame,
    phrases: pd.DataFrame,
    title: str = "Where phrases lie, as t-SNE draws it",
    subtitle: str = "Neighbours mean something, distances and directions do not.",
    first: str | None = None,
) -> alt.LayerChart:
    """Phrases in a plane; menus for the network, the perplexity, the seed and the names that are written.

    Parameters
    ----------
    pictures : DataFrame
        One row per picture and phrase: ``projection``, ``perplexity``, ``seed``, ``point``, ``x``, ``y``, as
        :func:`reading_neurons.methods.projections.pictures` gives it; ``network`` where there are several.
    phrases : DataFrame
        One row per phrase: ``phrase``, ``group`` (one of :data:`LOOKS`), ``point`` (else its number), ``network`` where
        there are several. Where ``base`` names another phrase, an arrow leads from there. ``euclidean`` and
        ``sentiment``, where there are, are shown on a hover.
    title, subtitle : str
    first : str, optional
        The picture that is shown first, as ``"PCA"`` or ``"t-SNE, perplexity 5"``; by default one from the middle.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, there is no row, a group has no look, or there is no picture of that name.
    """
    style.require(pictures, "projection", "perplexity", "seed", "point", "x", "y")
    style.require(phrases, "phrase", "group")
    if unknown := set(phrases["group"]).difference(LOOKS):
        raise ValueError(f"the group {min(unknown)!r} has no look: the groups are {', '.join(LOOKS)}")
    known = _known(phrases)
    rows = _rows(pictures, known)
    groups = [group for group in LOOKS if group in set(known["group"])]
    shown = {column: f"{column}:Q" for column in ("euclidean", "sentiment") if column in known}
    columns = ["phrase", "group", "_t", *shown]
    source = alt.LookupData(data=known[["_i", *columns]], key="_i", fields=columns)
    return alt.LayerChart(
        data=rows,
        transform=[alt.LookupTransform(**{"lookup": "_i", "from": source})],
        layer=[*_arrows(rows), _points(groups, shown), *_names()],
        params=style.lifted(*_menus(rows, groups, first), *_scale()),
        title=style.heading(title, subtitle),
        description=_description(known, rows, groups),
        width="container",
        height=_HEIGHT,
    )


def _known(phrases: pd.DataFrame) -> pd.DataFrame:
    known = phrases.reset_index(drop=True)
    known = known if "network" in known else known.assign(network="")
    known = known if "point" in known else known.assign(point=known.groupby("network", sort=False).cumcount())
    known = known if "base" in known else known.assign(base=known["phrase"])
    numbers = known.select_dtypes("floating").columns
    names = [_name(phrase, base) for phrase, base in zip(known["phrase"], known["base"], strict=True)]
    return known.assign(_i=known.index, _t=names, **{column: known[column].round(2) for column in numbers})


def _name(phrase: str, base: str) -> str:
    """What is written of a phrase: of a sentence with a second clause the second."""
    return f"..{phrase.removeprefix(base)}" if phrase != base and phrase.startswith(base) else phrase


def _rows(pictures: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """What is drawn of each phrase in each picture, of one scale in both directions; 1 is the widest."""
    rows = pictures if "network" in pictures else pictures.assign(network="")
    keys, columns = ["network", "projection", "perplexity", "seed"], ["point", "_i", "_t", "phrase", "group", "base"]
    parts = []
    for key, part in rows.groupby(keys, sort=False):
        part = part.merge(known.loc[known["network"] == key[0], columns], on="point")
        plane = part[["x", "y"]].to_numpy()
        plane = plane / max(np.abs(plane[:, 0]).max(), 1e-9)
        origin = part["base"].map(dict(zip(part["phrase"], range(len(part)), strict=True)))
        # A base that is not in the picture, or the phrase itself, has no arrow.
        origin = origin.fillna(pd.Series(range(len(part)), index=part.index)).astype(int).to_numpy()
        some, named = _written(part, plane)
        parts.append(
            pd.DataFrame(
                {
                    "_i": part["_i"], "_n": key[0], "_p": _picture(*key[1:3]), "_s": int(key[3]), "x": plane[:, 0],
                    "y": plane[:, 1], "_h": np.abs(plane[:, 1]).max(), "_x": plane[origin, 0], "_y": plane[origin, 1],
                    "_l": some + 2 * named,
                }
            )
        )  # fmt: skip
    table = style.drawable(pd.concat(parts, ignore_index=True).round(3))
    moved = (table["x"] != table["_x"]) | (table["y"] != table["_y"])
    # Most phrases have no arrow, and a page need not say so of each.
    return table if moved.any() else table.drop(columns=["_x", "_y"])


def _picture(projection: str, perplexity: float) -> str:
    return "PCA" if projection == "PCA" else f"t-SNE, perplexity {perplexity:g}"


def _written(part: pd.DataFrame, plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whose names there is room for: of a few of all groups together, and of each group by itself."""
    unit = min(_NOMINAL / 2 - _PAD, (_HEIGHT / 2 - _PAD) / max(np.abs(plane[:, 1]).max(), 1e-9))
    places = _NOMINAL / 2 + plane * unit
    lefts = plane[:, 0] > 0
    boxes = [_box(place, name, left) for place, name, left in zip(places, part["_t"], lefts, strict=True)]
    turn = part.groupby("group").cumcount().to_numpy()
    turn = np.where(part["group"] == "yours", -1, turn)
    some = _room(boxes, np.argsort(turn, kind="stable"), _FEW + int((turn < 0).sum()))
    named = np.zeros(len(part), dtype=int)
    for _, places_of in part.reset_index(drop=True).groupby("group").indices.items():
        named |= _room(boxes, places_of, len(boxes))
    return some, named


def _box(place: np.ndarray, phrase: str, left: bool) -> tuple[float, float, float, float]:
    width = len(phrase) * _CHARACTER
    start = place[0] - 8 - width if left else place[0] + 8
    return start, start + width, place[1] - _LINE / 2, place[1] + _LINE / 2


def _room(boxes: Sequence[tuple], order: np.ndarray, most: int) -> np.ndarray:
    """Names in order, as long as they fit the view and touch none that is written already."""
    written, chosen = [], np.zeros(len(boxes), dtype=int)
    for number in order:
        left, right, top, bottom = boxes[number]
        free = all(right < one[0] or left > one[1] or bottom < one[2] or top > one[3] for one in written)
        if free and left > 0 and right < _NOMINAL and len(written) < most:
            written.append(boxes[number])
            chosen[number] = 1
    return chosen


def _menus(rows: pd.DataFrame, groups: Sequence[str], first: str | None) -> list[alt.Parameter]:
    networks, views = style.in_order(rows["_n"]), style.in_order(rows["_p"])
    seeds = sorted(set(rows["_s"]))
    names = [_SOME, *groups]
    first = first or views[(len(views) - 1) // 2]
    if first not in views:
        raise ValueError(f"there is no picture {first!r}: the pictures are {', '.join(views)}")
    return [
        style.menu("network", "Network", {name: name for name in networks}, networks[0]),
        style.menu("picture", "Picture", {name: name for name in views}, first),
        style.menu("seed", "Seed of t-SNE", {seed: str(seed) for seed in seeds}, seeds[0]),
        style.menu("names", "Names of", {name: name for name in names}, _SOME),
    ]


def _scale() -> list[alt.Parameter]:
    return [alt.param(name="across", expr=f"width / 2 - {_PAD}"), alt.param(name="down", expr=f"height / 2 - {_PAD}")]


_SHOWN = "datum._n === network && datum._p === picture && (picture === 'PCA' || datum._s === seed)"
_UNIT = "min(across, down / datum._h)"  # pixels


def _at(x: str = "x", y: str = "y") -> tuple[str, str]:
    return f"(width / 2 + datum.{x} * {_UNIT})", f"(height / 2 - datum.{y} * {_UNIT})"


def _arrows(rows: pd.DataFrame) -> list[alt.Chart]:
    """Lines from a sentence to the same with a second clause, the head of the arrow two thirds along."""
    if "_x" not in rows:
        return []
    shown = f"{_SHOWN} && (datum.x !== datum._x || datum.y !== datum._y)"
    (x0, y0), (x1, y1) = _at("_x", "_y"), _at()
    turn = "atan2(datum._y - datum.y, datum.x - datum._x) * 180 / PI + 90"
    colour = style.pixels(_by_group(0))
    head = alt.MarkDef("point", shape="triangle-up", filled=True, size=40, opacity=0.8, angle=alt.ExprRef(expr=turn))
    return [
        style.layer(
            alt.MarkDef("rule", opacity=0.45),
            shown,
            {"x": style.pixels(x0), "y": style.pixels(y0), "x2": style.pixels(x1), "y2": style.pixels(y1),
             "color": colour},
        ),
        style.layer(
            head,
            shown,
            {"x": style.pixels(f"{x0} / 3 + {x1} * 2 / 3"), "y": style.pixels(f"{y0} / 3 + {y1} * 2 / 3"),
             "color": colour},
        ),
    ]  # fmt: skip


def _by_group(part: int) -> str:
    """An expression for one part of the look of a phrase's group."""
    said = ", ".join(f"'{group}': {look[part]!r}" for group, look in LOOKS.items())
    return f"({{{said}}})[datum.group]"


def _points(groups: Sequence[str], shown: Mapping[str, str]) -> alt.Chart:
    x, y = _at()
    domain = list(groups)
    colour = alt.Scale(domain=domain, range=[LOOKS[group][0] for group in groups])
    shape = alt.Scale(domain=domain, range=[LOOKS[group][1] for group in groups])
    fill = alt.Scale(domain=domain, range=[LOOKS[group][0] if LOOKS[group][2] else "transparent" for group in groups])
    titles = {"euclidean": "Side, -1 negative to 1 positive", "sentiment": "Sentiment by the classes"}
    legend = style.legend(columns=alt.ExprRef(expr="width < 420 ? 2 : 3"))
    return style.layer(
        alt.MarkDef("point", strokeWidth=1.8, size=60, opacity=0.85),
        _SHOWN,
        {
            "x": style.pixels(x),
            "y": style.pixels(y),
            "fill": alt.Fill("group:N", scale=fill, legend=legend),
            "stroke": alt.Stroke("group:N", scale=colour, legend=legend),
            "shape": alt.Shape("group:N", scale=shape, legend=legend),
            "tooltip": [
                alt.Tooltip("phrase:N", title="Phrase"), alt.Tooltip("group:N", title="Group"),
                *(alt.Tooltip(column, title=titles[name], format=".2f") for name, column in shown.items()),
            ],
        },
    )  # fmt: skip


def _names() -> list[alt.Chart]:
    x, y = _at()
    left = "datum.x > 0"
    mark = alt.MarkDef(
        "text", baseline="middle", fontSize=12, align=alt.ExprRef(expr=f"{left} ? 'right' : 'left'"),
        dx=alt.ExprRef(expr=f"{left} ? -8 : 8"),
    )  # fmt: skip
    wanted = f"(names === '{_SOME}' ? datum._l % 2 === 1 : datum.group === names && datum._l > 1)"
    place = {"x": style.pixels(x), "y": style.pixels(y), "text": alt.Text("_t:N")}
    return [style.layer(mark, f"{_SHOWN} && {wanted}", place)]


def _description(known: pd.DataFrame, rows: pd.DataFrame, groups: Sequence[str]) -> str:
    said = []
    for group in groups:
        part = known[known["group"] == group]
        side = f", mean side {part['euclidean'].mean():.2f}" if "euclidean" in part else ""
        said.append(f"{group} as '{part['phrase'].iloc[0]}'{side}")
    views = len(rows[["_n", "_p", "_s"]].drop_duplicates())
    return f"Phrases in a plane, one of {views} pictures to pick. Groups: {'; '.join(said)}."
