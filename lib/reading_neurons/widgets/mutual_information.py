"""What any unit knows, live and on a page: its mutual information, and the words and labels that it tells apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import altair as alt
import ipywidgets
import numpy as np
import pandas as pd

from reading_neurons import bins, ngrams
from reading_neurons.annotation import Parse, token_table
from reading_neurons.charts.telling_contexts import telling_contexts as chart_of
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods import mutual_information
from reading_neurons.methods.telling_contexts import telling_contexts
from reading_neurons.pathway import Pathway

TOP = 6  # contexts of each kind
_WIDE = {"width": "auto", "max_width": "60rem"}


class UnitInformation:
    """What is needed to say what any unit of some pathways knows of a corpus.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
    parses : sequence of Parse, optional
        One a caption; by default the captions' own.

    Attributes
    ----------
    binned : dict of str to uint8 array, shape (words, units)
    information : DataFrame
        One row per pathway, unit and context: ``pathway``, ``unit``, ``context``, ``mi``, ``null``, ``excess``.

    Raises
    ------
    ValueError
        If there is no pathway, or the captions have no parses and none are given.
    """

    def __init__(self, pathways: Mapping[str, Pathway], captions: Captions, parses: Sequence[Parse] | None = None):
        if not pathways:
            raise ValueError("expected at least one pathway, found none")
        if parses is None and captions.parses is None:
            raise ValueError("found captions without parses: give parses=annotation.annotate(captions)")
        self._tokens = token_table(captions, captions.parses if parses is None else parses)
        contexts = mutual_information.contexts(self._tokens)
        self.binned = {name: bins.of_pathway(pathway, captions) for name, pathway in pathways.items()}
        parts = [
            mutual_information.excess(binned, contexts, permutations=1).assign(pathway=name)
            for name, binned in self.binned.items()
        ]
        self.information = pd.concat(parts, ignore_index=True)
        self._texts: dict[str, list[str]] = {}

    def chosen(self, seed: int = 0) -> dict[str, dict[int, str]]:
        """Units of each pathway by a stated rule, and what the rule is: most of words, most of labels, and at random."""
        found = {}
        for name, binned in self.binned.items():
            rows = self.information[self.information["pathway"] == name]
            units: dict[int, str] = {}
            for kind in mutual_information.KINDS:
                ranked = rows[rows["context"] == f"{kind} unigram"].sort_values(
                    "excess", ascending=False, kind="stable"
                )
                fresh = [unit for unit in ranked["unit"] if unit not in units][:3]
                units |= {unit: f"knows most {kind}s" for unit in fresh}
            rest = [int(unit) for unit in np.random.default_rng(seed).permutation(binned.shape[1]) if unit not in units]
            found[name] = units | {unit: "at random" for unit in rest[:2]}
        return found

    def table(self, pathway: str, unit: int, width: str = "unigram", said: str = "") -> pd.DataFrame:
        """What :func:`reading_neurons.charts.telling_contexts` draws of one unit.

        Parameters
        ----------
        pathway : str
        unit : int
        width : str
            ``"unigram"``, ``"bigram"`` or ``"trigram"``.
        said : str
            Why the unit is shown.

        Raises
        ------
        ValueError
            If there is no such pathway, unit or width.
        """
        if pathway not in self.binned or not 0 <= unit < self.binned[pathway].shape[1]:
            sizes = ", ".join(f"{name} with {binned.shape[1]} units" for name, binned in self.binned.items())
            raise ValueError(f"found unit {unit} of {pathway!r}, expected one of {sizes}, counted from 0")
        if width not in mutual_information.WIDTHS:
            raise ValueError(f"unknown width {width!r}: choose of {', '.join(mutual_information.WIDTHS)}")
        knows = self.information.query("pathway == @pathway and unit == @unit").set_index("context")
        parts, row = [], 0
        for kind in mutual_information.KINDS:
            name = f"{kind} {width}"
            of_unit = knows.loc[name]
            heading = f"{name}s: {of_unit['mi']:.2f} nats, {max(of_unit['excess'], 0):.2f} above null"
            told = telling_contexts(self.binned[pathway][:, unit], self._values(name), TOP)
            rows = told["bin"].eq(0).cumsum() + row
            empty = {"context": heading, "tokens": 0, "contribution": 0.0, "bin": np.nan, "share": 0.0, "row": row}
            parts += [pd.DataFrame([empty]).assign(kind=name), told.assign(row=rows, kind=name)]
            row = int(rows.max()) + 1
        label = f"{pathway} {unit}{f' ({said})' if said else ''}"
        return pd.concat(parts, ignore_index=True).assign(name=label, pathway=pathway)

    def _values(self, name: str) -> list[str]:
        """The contexts of one kind as text, made when they are asked for."""
        if name not in self._texts:
            kind, width = name.split()
            places = np.arange(len(self._tokens))
            position = self._tokens["position"].to_numpy()
            wide = mutual_information.WIDTHS.index(width) + 1
            self._texts[name] = ngrams.texts(self._tokens[kind], position, places, wide)
        return self._texts[name]


class InformationExplorer(ipywidgets.VBox):
    """The contexts that any unit tells apart.

    Parameters
    ----------
    known : UnitInformation

    Attributes
    ----------
    pathway, width : ipywidgets.Dropdown
    unit : ipywidgets.BoundedIntText
        A number that is no unit becomes the nearest one.
    chart : Altair chart
        The chart that is shown.
    """

    def __init__(self, known: UnitInformation):
        self.known = known
        first = next(iter(known.binned))
        form = {"layout": ipywidgets.Layout(width="auto"), "style": {"description_width": "6rem"}}
        begin = next(iter(known.chosen()[first]))
        self.pathway = ipywidgets.Dropdown(options=list(known.binned), value=first, description="Pathway", **form)
        self.unit = ipywidgets.BoundedIntText(begin, min=0, max=self._last(first), description="Unit", **form)
        self.width = ipywidgets.Dropdown(options=list(mutual_information.WIDTHS), description="Contexts", **form)
        self._line_shown = ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(**_WIDE)
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        super().__init__(
            [ipywidgets.HBox([self.pathway, self.unit, self.width], layout=row), self._view, self._line_shown]
        )
        self._show()
        self.pathway.observe(self._change_pathway, "value")
        for control in (self.unit, self.width):
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        choice = f"{self.pathway.value!r}, {self.unit.value}, {self.width.value!r}"
        return f"charts.telling_contexts(widgets.UnitInformation(pathways, captions, captions.parses).table({choice}))"

    def _last(self, pathway: str) -> int:
        return self.known.binned[pathway].shape[1] - 1

    def _change_pathway(self, change: dict) -> None:
        self.unit.max = self._last(change["new"])
        self._show()

    def _show(self, change: dict | None = None) -> None:
        self.chart = chart_of(self.known.table(self.pathway.value, self.unit.value, self.width.value))
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self.code())}</code>"


def information_chart(
    known: UnitInformation, title: str = "What a unit tells of the words and labels it reads"
) -> alt.LayerChart:
    """The chart of some units of each pathway, chosen by :meth:`UnitInformation.chosen`."""
    tables = [
        known.table(pathway, unit, said=said)
        for pathway, units in known.chosen().items()
        for unit, said in units.items()
    ]
    return chart_of(pd.concat(tables, ignore_index=True), title)


def information_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    parses: Sequence[Parse] | None = None,
    title: str = "What a unit tells of the words and labels it reads",
) -> Explorer:
    """One cell, two lives: what some units know on a page, any unit beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
    parses : sequence of Parse, optional
        One a caption; by default the captions' own.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    known = UnitInformation(pathways, captions, parses)
    return Explorer(lambda: InformationExplorer(known), information_chart(known, title))
