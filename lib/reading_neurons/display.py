"""How a result reaches the reader: a chart on the book's page, a live widget where a kernel runs.

The first cell of a chapter calls :func:`setup`. From then on a cell that ends in an Altair chart shows it
without any address of another host: in JupyterLab as a widget that brings Vega along, on a page of the book as
a chart that the book's own scripts draw. A cell that ends in an :class:`Explorer` has two lives: an ipywidget
where a kernel answers, an interactive chart on the page.

Easy to get wrong: colours. A chart has a transparent background and must be read in light and in dark mode, so
whatever is to be black on white takes the colour ``"currentColor"``, never ``"black"``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from html import escape
from typing import Any

import altair as alt
import pandas as pd
from ipywidgets import Widget

BOOK_VARIABLE = "READING_NEURONS_BOOK"
"""Name of the environment variable that the book's Sphinx extension sets for the kernels of a build."""

EMBED_OPTIONS = {
    "renderer": "svg",
    "actions": {"export": True, "source": False, "compiled": False, "editor": False},
}
"""How charts are embedded everywhere: as SVG, savable, without the link to the Vega editor on another host."""

_NAME = "reading-neurons"
_SINGLE_VIEW = ("mark", "layer")


def building_book() -> bool:
    """Whether this code runs in a build of the book, where no kernel will answer the reader."""
    return bool(os.environ.get(BOOK_VARIABLE))


def address(page: str) -> str:
    """Where a link to another page of the book leads: to the page in a build, to the notebook elsewhere.

    Examples
    --------
    >>> address("omission")
    'omission.md'
    """
    return f"{page}.html" if building_book() else f"{page}.md"


def setup() -> None:
    """Make charts readable and self-contained in the place where this runs; a chapter's first cell calls it.

    Enables the Altair theme of the book, which follows light and dark mode, and the renderer that fits: the
    book's own during a build, else a :class:`~reading_neurons.live_chart.LiveChart`, which brings Vega along and needs
    no network. Tables are shown with three digits.

    Examples
    --------
    >>> setup()
    >>> alt.theme.active
    'reading-neurons'
    """
    alt.theme.register(_NAME, enable=True)(_theme)
    alt.renderers.register(_NAME, _render_in_book if building_book() else _render_live)
    alt.renderers.enable(_NAME)
    pd.set_option("display.precision", 3, "display.max_colwidth", 100)


class Explorer:
    """One cell, two lives: a widget where a kernel runs, an interactive chart on a page.

    Parameters
    ----------
    widget : callable that returns an ipywidget
        Called without arguments each time the explorer is shown beside a kernel; never during a build of the
        book, so that no widget's state weighs on the page.
    chart : Altair chart
        What a reader without a kernel sees. It needs a ``description``, which is read aloud in its place.

    Raises
    ------
    TypeError
        If ``widget`` cannot be called, or ``chart`` is not an Altair chart.
    ValueError
        If the chart has no description.

    Examples
    --------
    >>> import ipywidgets
    >>> chart = alt.Chart(alt.InlineData([{"word": "dog", "score": 0.3}]), description="One bar.").mark_bar()
    >>> explorer = Explorer(ipywidgets.Text, chart)
    >>> sorted(explorer._repr_mimebundle_())
    ['application/vnd.jupyter.widget-view+json', 'text/html', 'text/plain']
    """

    def __init__(self, widget: Callable[[], Widget], chart: alt.TopLevelMixin):
        if not callable(widget):
            raise TypeError(
                f"an explorer's widget must be a function that makes one, found {type(widget).__name__}; "
                "put a lambda in front of it"
            )
        if not isinstance(chart, alt.TopLevelMixin):
            raise TypeError(f"an explorer's chart must be an Altair chart, found {type(chart).__name__}")
        self._widget = widget
        self._html = chart_html(chart.to_dict())
        self._description = chart.description

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = {"text/html": self._html, "text/plain": self._description}
        return bundle if building_book() else {**bundle, **_bundle_of(self._widget())}


def chart_html(spec: dict[str, Any]) -> str:
    """The HTML of a chart on a page of the book, drawn there by the book's own scripts.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification, as an Altair chart's ``to_dict()`` returns it, with its data.

    Returns
    -------
    str
        A ``figure`` that holds the specification as JSON and, until it is drawn, the description. It names no
        other host. A chart of a single view without a width takes the width of the page's column.

    Raises
    ------
    ValueError
        If the specification has no description.

    Examples
    --------
    >>> html = chart_html({"mark": "bar", "description": "Scores of <b>words</b>.", "$schema": "an address"})
    >>> "Scores of &lt;b&gt;words" in html, "an address" in html, '"width":"container"' in html
    (True, False, True)
    """
    description = spec.get("description", "").strip()
    if not description:
        raise ValueError(
            "a chart on a page needs a description for readers who do not see it, found none; "
            "give the chart .properties(description=...)"
        )
    spec = {key: value for key, value in spec.items() if key != "$schema"}
    if any(kind in spec for kind in _SINGLE_VIEW):
        spec.setdefault("width", "container")
    # Inside a script element only "<" can end the element or open a comment.
    text = json.dumps(spec, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return (
        '<figure class="rn-chart"><div class="rn-controls"></div>'
        f'<div class="rn-view"><p>This chart is drawn by JavaScript. {escape(description)}</p></div>'
        f'<script type="application/json">{text}</script></figure>'
    )


def _render_in_book(spec: dict[str, Any], **options: Any) -> dict[str, str]:
    return {"text/html": chart_html(spec), "text/plain": spec["description"]}


def _render_live(spec: dict[str, Any], **options: Any) -> dict[str, Any]:
    # Here, for a live chart itself takes this module's options. Altair's own JupyterChart stays empty where a chart
    # takes the width of its container.
    from reading_neurons.live_chart import LiveChart

    return {"text/plain": spec.get("description", "A chart."), **_bundle_of(LiveChart(spec))}


def _bundle_of(widget: Widget) -> dict[str, Any]:
    # anywidget returns (data, metadata) where ipywidgets returns the data alone.
    bundle = widget._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def _theme() -> dict[str, Any]:
    # "currentColor" is the text colour of the place that shows the chart, so light and dark mode need no redrawing.
    ink = "currentColor"
    faint = {"domainColor": ink, "tickColor": ink, "gridColor": ink}
    thin = {"domainOpacity": 0.5, "tickOpacity": 0.5, "gridOpacity": 0.15}
    text = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 13}
    return {
        "config": {
            "background": "transparent",
            "font": "system-ui, sans-serif",
            "view": {"stroke": None, "continuousWidth": 560},
            "axis": {**faint, **thin, **text, "titleFontWeight": "normal", "labelLimit": 220},
            "legend": {**text, "titleFontWeight": "normal", "labelLimit": 220},
            "header": text,
            "title": {"color": ink, "subtitleColor": ink, "fontSize": 15, "subtitleFontSize": 13, "anchor": "start"},
            "text": {"color": ink, "fontSize": 13},
            "rule": {"color": ink},
            "point": {"size": 50},
        }
    }
