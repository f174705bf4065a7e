"""What neurons want: their best n-grams word by word, and function words place by place (Poerner et al. 2018).

The form of the paper's table 1 for any neuron, and for what its section 3.3 reads off it.

Easy to get wrong: activations of different neurons have different scales. Heat behind a word is therefore the share of
the n-gram's own activation that goes with it.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_MATCHES = 3  # neurons that a search shows
_HEAD, _LINE, _CELL, _GAP = 24, 18, 24, 16  # heights: a neuron's name, a method's name, words, between neurons
_BLOCK = _HEAD + 2 * (_LINE + _CELL) + _GAP
_MARGIN, _LETTER = 1.4, 8.0  # letters around a word; pixels of a letter
_METHODS = {"corpus": "best of the corpus", "optimal": "written by optimisation"}


def optimal_ngrams(
    table: pd.DataFrame, pick: str | None = None, title: str = "The 5-grams that a neuron wants most"
) -> alt.LayerChart:
    """The best n-grams of a neuron, by each method, with heat behind the words that carry them.

    Parameters
    ----------
    table : DataFrame
        One row per neuron, method and word: ``pathway``, ``neuron``, ``method`` ("corpus" or "optimal"), ``place``
        (from 0), ``word``, ``activation`` (of the n-gram), ``drop`` (what it loses without the word).
    pick : str, optional
        The neuron that is shown first; by default that of the first row.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of neurons, below which the next of the alphabet are shown too, and a field in which a word can be
        typed: the first neurons are shown that are called so or have it in one of their n-grams.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or ``pick`` is not among the neurons.
    """
    style.require(table, "pathway", "neuron", "method", "place", "word", "activation", "drop")
    rows = _cells(table)
    names = {key: key for key in sorted(set(rows["_key"]))}
    first = (
        rows["_key"].iloc[0] if pick is None else next((key for key in names if key.rpartition(" (")[0] == pick), None)
    )
    if first is None:
        raise ValueError(f"there is no neuron {pick!r} among {len(names)}: {', '.join(list(names)[:5])} ..")
    several = len(names) > 1
    find = alt.param(
        name="find", bind=alt.binding(input="search", name="or find a word ", placeholder="any word"), value=""
    )
    everything = " ".join(rows["_text"].unique()).lower()
    params = [style.menu("neuron_pick", "Neuron", names, first)]
    params += [find] if several else [alt.param(name="find", value="")]
    params += [
        alt.param(name="asked", expr="' ' + lower(trim(find))"),
    ]
    wanted = "trim(find) == '' ? datum._key >= neuron_pick : indexof(datum._text, asked) >= 0"
    rank = alt.WindowTransform(
        window=[alt.WindowFieldDef(op="dense_rank", **{"as": "_rank"})],
        sort=[alt.SortField("_key")],
        frame=[None, None],
    )
    return alt.LayerChart(
        data=rows,
        transform=[alt.FilterTransform(wanted), rank, alt.FilterTransform(f"datum._rank <= {_MATCHES}")],
        layer=[*_drawn_cells(), *_drawn_names(), _nothing(everything)],
        params=style.lifted(*params),
        title=style.heading(
            title, "Colour: the share of the activation that is lost without the word. Dashed: it rises."
        ),
        description=_said(rows, first, len(names)),
        width="container",
        height=_BLOCK * (_MATCHES if several else 1) - _GAP,
    )


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """What is drawn of each word; columns that start with an underscore say where and how."""
    rows = style.drawable(table[["pathway", "neuron", "method", "place", "word", "activation", "drop"]])
    rows = rows.sort_values(["pathway", "neuron", "method", "place"], kind="stable", ignore_index=True)
    letters = rows["word"].str.len() + _MARGIN
    ngram = [rows["pathway"], rows["neuron"], rows["method"]]
    passed = letters.groupby(ngram).cumsum() - letters
    share = (rows["drop"] / rows["activation"].abs().clip(lower=1e-6)).clip(-1, 1).round(3)
    said = rows.groupby(["pathway", "neuron"])["word"].transform(lambda words: " ".join(dict.fromkeys(words)))
    label = rows["neuron"].str.partition(":")[2].where(rows["neuron"].str.contains(":"), rows["neuron"])
    return rows.assign(
        share=share,
        _key=label + " (" + rows["pathway"] + ")",
        _text=" " + label.str.lower() + " " + said.str.lower(),
        _left=passed.round(1),
        _wide=letters,
        _long=letters.groupby(ngram).transform("sum").round(1),
        _line=rows["method"].map({"corpus": 0, "optimal": 1}).fillna(1).astype(int),
    )


def tips(**titles: str) -> list[alt.Tooltip]:
    """What is shown of a mark, by title; the type has to be given, as the rows are those of the whole chart."""
    kinds = {"share": ("Q", ".0%"), "activation": ("Q", ".2f"), "place": ("Q", "d"), "neurons": ("Q", "d")}
    return [
        alt.Tooltip(f"{column}:{kinds[column][0]}", title=title, format=kinds[column][1])
        if column in kinds
        else alt.Tooltip(f"{column}:N", title=title)
        for column, title in titles.items()
    ]


_LETTERS = f"min({_LETTER}, width / datum._long)"  # width of a letter: an n-gram that is too long has smaller ones
_TOP = f"(datum._rank - 1) * {_BLOCK}"
COLOUR = "({%s})[datum.pathway] || '#967000'" % ", ".join(
    f"'{name}': '{look.colour}'" for name, look in style.LOOKS.items()
)


def _drawn_cells() -> list[alt.Chart]:
    top = f"{_TOP} + {_HEAD} + datum._line * {_LINE + _CELL} + {_LINE}"
    dash = alt.ExprRef(expr="datum.share < 0 ? [3, 2] : [1, 0]")
    heat = alt.Scale(type="sqrt", domain=[0, 1], range=[0, style.HEAT], clamp=True)
    tip = [
        alt.Tooltip("word:N", title="Word"),
        alt.Tooltip("drop:Q", title="Activation lost without it", format=".2f"),
        alt.Tooltip("share:Q", title="Share of the activation", format=".0%"),
        alt.Tooltip("activation:Q", title="Activation of the n-gram", format=".2f"),
        alt.Tooltip("_key:N", title="Neuron"),
    ]
    size = alt.ExprRef(expr=f"min(14, 1.75 * {_LETTERS})")
    return [
        alt.Chart(
            mark=alt.MarkDef("rect", stroke=style.INK, strokeDash=dash),
            encoding=alt.Encoding(
                x=style.pixels(f"datum._left * {_LETTERS}"),
                x2=style.pixels(f"(datum._left + datum._wide) * {_LETTERS} - 2"),
                y=style.pixels(f"{top} + 1"),
                y2=style.pixels(f"{top} + {_CELL - 1}"),
                color=style.pixels(COLOUR),
                fillOpacity=alt.FillOpacity("share:Q", scale=heat, legend=None),
                strokeOpacity=style.pixels("datum.share < 0 ? 0.6 : 0.15"),
                tooltip=tip,
            ),
        ),
        alt.Chart(
            mark=alt.MarkDef("text", fontSize=size),
            encoding=alt.Encoding(
                x=style.pixels(f"(datum._left + datum._wide / 2) * {_LETTERS} - 1"),
                y=style.pixels(f"{top} + {_CELL / 2}"),
                text=alt.Text("word:N"),
                tooltip=tip,
            ),
        ),
    ]


def _drawn_names() -> list[alt.Chart]:
    """The neuron above its n-grams, the method and the activation above each."""
    said = " : ".join(f"datum.method == '{method}' ? '{name}'" for method, name in _METHODS.items()) + " : datum.method"
    place = {"align": "left", "baseline": "middle"}
    once = alt.FilterTransform("datum.place == 0")
    return [
        alt.Chart(
            mark=alt.MarkDef("text", fontWeight="bold", fontSize=14, **place),
            transform=[once, alt.FilterTransform("datum._line == 0")],
            encoding=alt.Encoding(x=alt.value(0), y=style.pixels(f"{_TOP} + {_HEAD / 2}"), text=alt.Text("_key:N")),
        ),
        alt.Chart(
            mark=alt.MarkDef("text", fontSize=12, **place),
            transform=[once, style.calculated("_said", f"({said}) + ', ' + format(datum.activation, '.2f')")],
            encoding=alt.Encoding(
                x=alt.value(0),
                y=style.pixels(f"{_TOP} + {_HEAD} + datum._line * {_LINE + _CELL} + {_LINE / 2}"),
                text=alt.Text("_said:N"),
            ),
        ),
    ]


def _nothing(everything: str) -> alt.Chart:
    """What is said where no neuron wants the word."""
    unique = " " + " ".join(dict.fromkeys(everything.split()))
    return alt.Chart(
        alt.InlineData([{"_all": unique}]),
        mark=alt.MarkDef("text", align="left", baseline="top"),
        transform=[
            alt.FilterTransform("trim(find) != '' && indexof(datum._all, asked) < 0"),
            style.calculated("_none", "'No recorded neuron wants ' + trim(find)"),
        ],
        encoding=alt.Encoding(x=alt.value(0), y=alt.value(4), text=alt.Text("_none:N")),
    )


def _said(rows: pd.DataFrame, first: str, count: int) -> str:
    parts = [
        f"{_METHODS.get(method, method)} '{' '.join(part['word'])}' with {part['activation'].iloc[0]:.4g}"
        for method, part in rows[rows["_key"] == first].groupby("method", sort=False)
    ]
    return f"The n-grams for which a neuron is most active, of {count} to pick from. {first}: {'; '.join(parts)}."


def function_places(
    table: pd.DataFrame, captions: float | None = None, title: str = "Function words stand before what is predicted"
) -> alt.LayerChart:
    """The share of function words at each place of the best n-grams, by pathway and method.

    Parameters
    ----------
    table : DataFrame
        One row per network, pathway, method and place: ``network``, ``pathway``, ``method``, ``place`` (from 1),
        ``share``, ``low``, ``high``, ``neurons``.
    captions : float, optional
        The share in captions, drawn as a line.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of networks where there are several.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "network", "pathway", "method", "place", "share", "low", "high", "neurons")
    rows = style.drawable(table)
    pathways = style.in_order(rows["pathway"])
    series = rows["pathway"].map(pathways.index) * 2 + (rows["method"] != "corpus")
    rows = rows.assign(
        said=rows["method"].map(_METHODS).fillna(rows["method"]), _x=(rows["place"] + (series - 1.5) * 0.07).round(3)
    )
    networks = style.in_order(rows["network"])
    picked = style.menu("network_pick", "Network", {name: name for name in networks}, networks[0])
    last = int(rows["place"].max())
    axis = alt.Axis(values=list(range(1, last + 1)), format="d", title=f"Place in the n-gram; {last} is the last word")
    x = alt.X("_x:Q", axis=axis, scale=alt.Scale(domain=[0.7, last + 0.3], nice=False, zero=False))
    percent = alt.Axis(format="%", title="Share of function words", tickCount=5)
    y = alt.Y("share:Q", axis=percent, scale=alt.Scale(domain=[0, 1]))
    colour = style.colour(pathways, style.legend(symbolType="circle", columns=1))
    dash = alt.StrokeDash(
        "said:N",
        sort=list(_METHODS.values()),
        scale=alt.Scale(domain=list(_METHODS.values()), range=[[5, 4], [1, 0]]),
        legend=style.legend(symbolType="stroke", symbolStrokeColor=style.INK, symbolSize=300, columns=1),
    )
    tip = tips(pathway="Pathway", said="N-gram", place="Place", share="Share of function words", neurons="Neurons")
    detail = [alt.Detail("pathway:N"), alt.Detail("said:N")]
    layers = [
        alt.Chart(
            mark=alt.MarkDef("line", strokeWidth=2),
            encoding=alt.Encoding(x=x, y=y, color=colour, strokeDash=dash, detail=detail),
        ),
        alt.Chart(
            mark=alt.MarkDef("rule", strokeWidth=1.5),
            encoding=alt.Encoding(x=x, y=alt.Y("low:Q", axis=percent), y2=alt.Y2("high:Q"), color=colour, tooltip=tip),
        ),
        alt.Chart(
            mark=alt.MarkDef("point", filled=True, opacity=1, size=55),
            encoding=alt.Encoding(x=x, y=y, color=colour, tooltip=tip),
        ),
    ]
    return alt.LayerChart(
        data=rows,
        transform=[alt.FilterTransform("datum.network == network_pick")],
        layer=[*layers, *_captions(captions, last)],
        params=style.lifted(picked),
        title=style.heading(title, "Lines up and down: 95 % intervals over neurons."),
        description=_places_said(rows, networks[0], captions),
        width="container",
        height=280,
    )


def _captions(share: float | None, last: int) -> list[alt.Chart]:
    if share is None:
        return []
    data = alt.InlineData([{"share": share, "said": f"captions, {share:.0%}"}])
    y = alt.Y("share:Q")
    rule = alt.Chart(
        data, mark=alt.MarkDef("rule", color=style.INK, opacity=0.6, strokeDash=[2, 3]), encoding=alt.Encoding(y=y)
    )
    text = alt.MarkDef("text", align="center", baseline="bottom", dy=-2, fontSize=12)
    return [
        rule,
        alt.Chart(data, mark=text, encoding=alt.Encoding(x=style.pixels("0.27 * width"), y=y, text=alt.Text("said:N"))),
    ]


def _places_said(rows: pd.DataFrame, network: str, captions: float | None) -> str:
    of_it = rows[rows["network"] == network]
    parts = [
        f"{pathway}, {said}: {part['share'].mean():.0%} over all places, {part['share'].iloc[-1]:.0%} at the last"
        for (pathway, said), part in of_it.groupby(["pathway", "said"], sort=False)
    ]
    beside = f" In captions {captions:.0%}." if captions is not None else ""
    return f"Shares of function words at each place of the best n-grams, {network} network. {'; '.join(parts)}.{beside}"
