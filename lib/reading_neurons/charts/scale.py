"""What reading a corpus costs: seconds by words, units and machines; two workers; memory; a thousand machines.

Easy to get wrong: drawing what was measured and what was extrapolated alike. Points were measured; a curve beyond them
is dashed and says so.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_UNITS = ("#009e73", "#0072b2", "#6f73c9", "#967000", "#d55e00")
_SHAPES = ("triangle-up", "square", "diamond", "cross", "circle")
_TIMES = {1: "1 s", 60: "1 min", 3600: "1 h", 86_400: "1 day", 2_592_000: "30 days"}
_LARGEST = 10  # of the slider: two to the power of it machines


def reading_costs(
    modelled: pd.DataFrame,
    measured: pd.DataFrame,
    title: str = "Twice the words take twice as long, twice the units up to four times",
) -> alt.LayerChart:
    """How long a corpus takes to read, with a slider for machines.

    Parameters
    ----------
    modelled : DataFrame
        ``units``, ``words``, ``seconds`` on one machine, ``serial`` (what machines do not share); as
        :func:`reading_neurons.experiments.scale_claims.costs` gives it.
    measured : DataFrame
        ``units``, ``words``, ``processor`` (seconds of one processor), one row per measurement.
    title : str

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(modelled, "units", "words", "seconds", "serial")
    style.require(measured, "units", "words", "processor")
    lines, points = style.drawable(modelled), measured.groupby(["units", "words"], as_index=False)["processor"].median()
    units = sorted(lines["units"].unique().tolist())
    took = "datum.seconds * (datum.serial + (1 - datum.serial) / pow(2, machines))"
    x = alt.X(
        "words:Q",
        title="Words of the corpus",
        scale=alt.Scale(type="log", nice=False, padding=8),
        axis=alt.Axis(
            values=[10**power for power in range(4, 13)],
            labelExpr="replace(format(datum.value, '~s'), 'G', ' bn')",
            grid=False,
        ),
    )
    y = alt.Y(
        "took:Q",
        title="Time to read it",
        scale=alt.Scale(type="log", domain=[0.01, 5e6]),
        axis=alt.Axis(values=list(_TIMES), labelExpr=_labels()),
    )
    line = (
        alt.Chart(lines)
        .transform_calculate(took=took, machines="pow(2, machines)")
        .mark_line(strokeWidth=2, clip=True)
        .encode(x=x, y=y, color=_colour(units), strokeDash=alt.condition("machines == 0", alt.value([1, 0]), alt.value([5, 4])),
                tooltip=_tips(("units", "Units"), ("words", "Words"), ("machines", "Machines"), ("took", "Seconds")))
    )  # fmt: skip
    point = (
        alt.Chart(style.drawable(points))
        .transform_calculate(took="datum.processor")
        .mark_point(filled=True, size=55, opacity=1)
        .encode(x=x, y=y, color=_colour(units), shape=_shape(units), tooltip=_tips(("units", "Units"), ("words", "Words"), ("took", "Seconds, measured")))
    )  # fmt: skip
    most, few = lines["words"].max(), units[-1]
    longest = lines[(lines["words"] == most) & (lines["units"] == few)]["seconds"].iloc[0]
    slider = alt.param(
        name="machines",
        value=0,
        bind=alt.binding_range(min=0, max=_LARGEST, step=1, name="Doublings of the machines "),
    )
    said = "'With ' + format(pow(2, machines), 'd') + (machines == 0 ? ' machine' : ' machines: extrapolated')"
    note = alt.Chart(pd.DataFrame({"words": [lines["words"].min()]})).mark_text(
        align="left", baseline="top", fontSize=13, color=style.INK, text=alt.ExprRef(expr=said)
    ).encode(x=alt.value(8), y=alt.value(18))  # fmt: skip
    return alt.layer(line, point, note).add_params(slider).properties(
        title=style.heading(title, "Points were measured with one thread; lines are the cost model."),
        description=(
            f"Time to read a corpus by its words, a line for each number of units from {units[0]} to {few}; a slider "
            f"doubles the machines. {most:,.0f} words at {few} units take {longest / 3600:.1f} hours on one machine."
        ),
        width="container",
        height=320,
    )  # fmt: skip


def two_workers(table: pd.DataFrame, title: str = "") -> alt.LayerChart:
    """The speed of two workers beside one process, and that of two processes which share nothing.

    Parameters
    ----------
    table : DataFrame
        ``units``, ``road``, ``repeat``, ``speed_up``; as :func:`reading_neurons.experiments.scale_claims.speed_ups`.
    title : str
        By default how much two workers speed up the reading.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "units", "road", "repeat", "speed_up")
    rows = style.drawable(table.assign(of=table["units"].map("{} units".format)))
    roads, kinds = style.in_order(rows["road"]), style.in_order(rows["of"])
    look = {
        "color": alt.Color("road:N", scale=alt.Scale(domain=roads, range=[style.NULL.colour, _UNITS[1]]), legend=style.legend(columns=1)),
        "shape": alt.Shape("road:N", scale=alt.Scale(domain=roads, range=["diamond", "circle"]), legend=style.legend(columns=1)),
    }  # fmt: skip
    most = max(2.2, float(rows["speed_up"].max()))
    x = alt.X(
        "speed_up:Q",
        title="Times the speed of one process",
        scale=alt.Scale(domain=[0, most], nice=True),
        axis=alt.Axis(grid=False, tickCount=5, format="~g"),
    )
    base = alt.Chart(rows).encode(y=alt.Y("of:N", title=None, sort=kinds), yOffset=alt.YOffset("road:N", sort=roads))
    each = base.mark_point(filled=True, size=30, opacity=0.5).encode(
        x=x,
        **look,
        tooltip=_tips(("of", "Network"), ("road", "Road"), ("repeat", "Repeat"), ("speed_up", "Times the speed")),
    )
    median = base.mark_point(filled=True, size=130, opacity=1).encode(x=alt.X("median(speed_up):Q"), **look)
    lines = (
        alt.Chart(pd.DataFrame({"speed_up": [1.0, 2.0]}))
        .mark_rule(strokeDash=[4, 3], color=style.INK, opacity=0.6)
        .encode(x=x)
    )
    medians = rows.groupby(["of", "road"], sort=False)["speed_up"].median()
    said = "; ".join(f"{of}, {road}: {value:.2f}" for (of, road), value in medians.items())
    return alt.layer(lines, each, median).properties(
        title=style.heading(
            title or f"Two workers read {_times(medians.xs(roads[-1], level='road'))} as fast as one process",
            "Small: repeats. Large: their median. Dashed: no gain, and twice the speed.",
        ),
        description=f"Speed of two workers beside one process, medians: {said}.",
        width="container",
        height=68 * len(kinds),
    )


def memory_by_corpus(table: pd.DataFrame, units: int, title: str = "") -> alt.LayerChart:
    """The memory of each process by the size of the corpus, beside what holding all states would take.

    Parameters
    ----------
    table : DataFrame
        ``times``, ``words``, ``process`` (``"worker .."`` or ``"client"``), ``peak`` in MB.
    units : int
        Of the network: a state takes four bytes for each.
    title : str
        By default how much more memory a worker needs for the largest corpus than for the smallest.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "times", "words", "process", "peak")
    kind = table["process"].str.replace(r"worker \d+", "a worker", regex=True)
    rows = table.assign(of=kind)[["times", "words", "of", "process", "peak"]]
    held = rows.drop_duplicates("times").assign(of="all states, if they were held", process="computed")
    rows = style.drawable(pd.concat([rows, held.assign(peak=held["words"] * units * 4 / 2**20)], ignore_index=True))
    kinds = style.in_order(rows["of"])
    kinds.sort(key=["a worker", "client", "all states, if they were held"].index)
    look = {"domain": kinds, "range": [_UNITS[4], _UNITS[1], style.NULL.colour][-len(kinds) :]}
    key = style.legend(columns=1, symbolType="stroke", symbolSize=300)
    base = alt.Chart(rows).encode(
        x=alt.X("words:Q", title="Words of the corpus", scale=alt.Scale(type="log", nice=False, padding=25), axis=alt.Axis(values=sorted(rows["words"].unique().tolist()), format=".2~s", grid=False)),
        y=alt.Y("peak:Q", title="Most memory, MB", scale=alt.Scale(zero=True)),
        color=alt.Color("of:N", scale=alt.Scale(**look), legend=key),
        tooltip=_tips(("process", "Process"), ("times", "Times the corpus"), ("words", "Words"), ("peak", "MB")),
    )  # fmt: skip
    dash = alt.StrokeDash(
        "of:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [6, 3], [2, 3]][-len(kinds) :]), legend=key
    )
    line = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("max(peak):Q"), strokeDash=dash, tooltip=alt.Tooltip("of:N", title="Process")
    )
    workers = rows[rows["of"] == "a worker"].groupby("times")["peak"].max()
    grown = workers.iloc[-1] / workers.iloc[0]
    said = f"{workers.index[-1]} times the words: a worker needs {grown:.2f} times the memory"
    return alt.layer(line, base.mark_point(filled=True, size=60, opacity=1)).properties(
        title=style.heading(title or said, f"{units} units; Python, its libraries and the network are part of it."),
        description=(
            "Most memory of a process by the words of the corpus. A worker needs "
            + ", ".join(f"{peak:.0f} MB at {times} times" for times, peak in workers.items())
            + "."
        ),
        width="container",
        height=280,
    )


def many_machines(table: pd.DataFrame, measured: pd.DataFrame, title: str = "") -> alt.LayerChart:
    """What Amdahl's law makes of the client's share of the work: an extrapolation, with what was measured at two.

    Parameters
    ----------
    table : DataFrame
        ``units``, ``machines``, ``speed_up``; as :func:`reading_neurons.experiments.scale_claims.machines` gives it.
    measured : DataFrame
        ``units``, ``speed_up`` of two workers, one row per repeat.
    title : str
        By default how many times the speed of one most machines would have.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "units", "machines", "speed_up")
    style.require(measured, "units", "speed_up")
    rows = style.drawable(table)
    units = sorted(rows["units"].unique().tolist())
    x = alt.X(
        "machines:Q",
        title="Machines of one thread",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=[1, 10, 100, 1000], grid=False, format="~s"),
    )
    y = alt.Y(
        "speed_up:Q",
        title="Times the speed of one",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=[1, 10, 100, 1000], format="~s"),
    )
    line = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2, strokeDash=[5, 4])
        .encode(
            x=x,
            y=y,
            color=_colour(units),
            tooltip=_tips(("units", "Units"), ("machines", "Machines"), ("speed_up", "Times the speed")),
        )
    )
    ideal = pd.DataFrame({"machines": [1, rows["machines"].max()]}).assign(speed_up=lambda part: part["machines"])
    best = alt.Chart(ideal).mark_line(color=style.INK, strokeWidth=1, opacity=0.6).encode(x=x, y=y)
    found = measured.groupby("units", as_index=False)["speed_up"].median().assign(machines=2)
    point = (
        alt.Chart(style.drawable(found))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=x,
            y=y,
            color=_colour(units),
            shape=_shape(units),
            tooltip=_tips(("units", "Units"), ("speed_up", "Times the speed, measured")),
        )
    )
    last = rows[rows["machines"] == rows["machines"].max()]
    said = "; ".join(f"{row.units} units {row.speed_up:.0f}" for row in last.itertuples())
    return alt.layer(best, line, point).properties(
        title=style.heading(
            title
            or f"With one client {rows['machines'].max():,} machines read {_times(last['speed_up'])} as fast as one",
            "Dashed: extrapolated. Points: measured. Thin: as many times as machines.",
        ),
        description=f"Speed-up of many machines, extrapolated. With {rows['machines'].max():,} machines: {said}.",
        width="container",
        height=300,
    )


def _times(speeds: pd.Series) -> str:
    """From the lowest to the highest of some speeds, in words."""
    low, high = (f"{speed:.1f}" if speed < 10 else f"{speed:.0f}" for speed in (speeds.min(), speeds.max()))
    return f"{high} times" if low == high else f"{low} to {high} times"


def _labels() -> str:
    """The label of each tick of a scale of seconds, as an expression."""
    return "".join(f"datum.value == {value} ? '{label}' : " for value, label in _TIMES.items()) + "''"


def _colour(units: list[int]) -> alt.Color:
    scale = alt.Scale(domain=units, range=list(_UNITS[-len(units) :]))
    return alt.Color("units:N", scale=scale, legend=style.legend(title="Units", columns=5))


def _shape(units: list[int]) -> alt.Shape:
    scale = alt.Scale(domain=units, range=list(_SHAPES[-len(units) :]))
    return alt.Shape("units:N", scale=scale, legend=style.legend(title="Units", columns=5))


def _tips(*columns: tuple[str, str]) -> list[alt.Tooltip]:
    """Numbers are quantities, also those that are calculated on the page."""
    texts = {"of", "road", "process"}
    return [
        alt.Tooltip(f"{column}:N", title=title)
        if column in texts
        else alt.Tooltip(f"{column}:Q", title=title, format=",.3~r")
        for column, title in columns
    ]
