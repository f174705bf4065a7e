"""Groups of units live and on a page: choose how many groups, pick one, see its members and what it wants.

Easy to get wrong: what depends on what. Correlations and contexts do not depend on the number of groups and are
computed once; what groups want does, and is looked for when a number is asked for the first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.contexts import top_contexts
from reading_neurons.methods.group_measures import cohesion
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.unit_groups import correlated, drawn_ngrams, grouped
from reading_neurons.neurons import group as group_neuron
from reading_neurons.pathway import Pathway

GROUPS = 12
MOST = 40  # groups that an explorer offers: each of them is optimised
SAMPLE = 20_000
_TITLE = "Groups of units, and what each wants"


class UnitGroups:
    """Everything an explorer shows of one pathway.

    Parameters
    ----------
    pathway : Pathway
    captions : Captions
        Whose n-grams are drawn, and searched.
    sample : int
        N-grams that correlations are taken over.
    length : int
        Words of an n-gram.
    seed : int

    Attributes
    ----------
    correlations : UnitCorrelations
    most : int
        Groups that can be asked for.
    """

    def __init__(self, pathway: Pathway, captions: Captions, sample: int = SAMPLE, length: int = 5, seed: int = 0):
        self._pathway, self._captions, self._length, self._seed = pathway, captions, length, seed
        drawn = drawn_ngrams(captions, pathway.vocabulary, length, sample, seed)
        self.correlations = correlated(pathway, drawn)
        self.most = min(MOST, int(self.correlations.varies().sum()))
        top = top_contexts(pathway, captions, 3, 3, distinct=True)
        self._contexts = top.groupby("unit")["context"].agg("; ".join).to_numpy()
        self._known: dict[int, tuple[pd.DataFrame, pd.DataFrame]] = {}

    def of(self, groups: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """So many groups, and their members, as the chart takes them but for the pathway's name.

        Raises
        ------
        ValueError
            If there are not so many.
        """
        if groups not in self._known:
            self._known[groups] = self._made(groups)
        return self._known[groups]

    def knows(self, groups: int) -> bool:
        """Whether what so many groups want was looked for before."""
        return groups in self._known

    def _made(self, groups: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        members = grouped(self.correlations, groups).assign(contexts=self._contexts)
        table = cohesion(self.correlations.result(), members["group"])
        wanted = [group_neuron(members.loc[members["group"] == number, "unit"]) for number in table["group"]]
        for name, method in (("corpus", "corpus"), ("default", "gumbel + swaps")):
            found = optimize(self._pathway, wanted, self._length, method, corpus=self._captions, seed=self._seed)
            table[name], table[f"{name} words"] = found["activation"].to_numpy(), found["words"].to_numpy()
        return table, members


def _chart(known: Mapping[str, UnitGroups], groups: int, picked: str | None, title: str) -> alt.LayerChart:
    parts = {name: one.of(groups) for name, one in known.items()}
    tables = [
        pd.concat([part[which].assign(pathway=name) for name, part in parts.items()], ignore_index=True)
        for which in (0, 1)
    ]
    return charts.unit_groups(*tables, title=title, picked=picked)


def group_chart(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    groups: int = GROUPS,
    picked: str | None = None,
    title: str = _TITLE,
    sample: int = SAMPLE,
) -> alt.LayerChart:
    """The chart of all groups of some pathways; the line of code that an explorer offers calls it.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
    groups : int
        Of each pathway.
    picked : str, optional
        The pathway and the number of the group that is shown first, as ``"visual 3"``.
    title : str
    sample : int

    Raises
    ------
    ValueError
        If there is no pathway, not so many groups, or no group of that name.
    """
    if not pathways:
        raise ValueError("a chart of groups needs at least one pathway, found none")
    return _chart({name: UnitGroups(one, captions, sample) for name, one in pathways.items()}, groups, picked, title)


class GroupExplorer(ipywidgets.VBox):
    """The groups of one pathway: how many, and which.

    Parameters
    ----------
    known : mapping of str to UnitGroups
    groups : int
        How many at first.

    Attributes
    ----------
    pathway : ipywidgets.Dropdown
    count, group : ipywidgets.BoundedIntText
        How many groups there are, and the number of the one that is shown.
    message : ipywidgets.HTML
    chart : Altair chart
        The chart that is shown.

    Raises
    ------
    ValueError
        If there is no pathway.
    """

    def __init__(self, known: Mapping[str, UnitGroups], groups: int = GROUPS):
        if not known:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._known = dict(known)
        narrow = ipywidgets.Layout(width="16rem")
        first = next(iter(known))
        most = known[first].most
        self.pathway = ipywidgets.Dropdown(options=list(known), value=first, description="Pathway", layout=narrow)
        self.count = ipywidgets.BoundedIntText(min(groups, most), min=1, max=most, description="Groups", layout=narrow)
        self.group = ipywidgets.BoundedIntText(0, min=0, max=self.count.value - 1, description="Group", layout=narrow)
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        row = ipywidgets.HBox([self.pathway, self.count, self.group], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([row, self.message, self._view, self._line_shown])
        self._changing = False
        self._show()
        for control in (self.pathway, self.count, self.group):
            control.observe(self._choose, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _choose(self, change: dict) -> None:
        """A control was moved: the others' ranges may be others now, and the chart is drawn once."""
        if self._changing:
            return
        self._changing = True
        try:
            self.count.max = self._known[self.pathway.value].most
            self.group.max = self.count.value - 1
        finally:
            self._changing = False
        self._show()

    def _show(self) -> None:
        name, count, number = self.pathway.value, self.count.value, self.group.value
        known = self._known[name]
        if not known.knows(count):
            self._say(f"Looking for what {count} groups want ..")
        table, members = known.of(count)
        tables = (part.assign(pathway=name) for part in (table, members))
        self.chart = charts.unit_groups(*tables, title=_TITLE, picked=f"{name} {number}", menu=False)
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        row = table.iloc[number]
        self._say(f"{name} group {number} has {row['size']} units and wants '{row['default words']}'.")
        self._line = f"widgets.group_chart({{{name!r}: pathways[{name!r}]}}, captions, {count}, {f'{name} {number}'!r})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _say(self, text: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(text)}</div>'


def group_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    groups: int = GROUPS,
    title: str = _TITLE,
    picked: str | None = None,
    sample: int = SAMPLE,
) -> Explorer:
    """One cell, two lives: so many groups of each pathway on a page, any number of groups beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        Whose n-grams are drawn, and searched.
    groups : int
        Of each pathway, on the page.
    title : str
        Of the chart on the page.
    picked : str, optional
        The pathway and the number of the group that the page shows first, as ``"visual 3"``.
    sample : int
        N-grams that correlations are taken over.

    Returns
    -------
    Explorer
    """
    known = {name: UnitGroups(pathway, captions, sample) for name, pathway in pathways.items()}
    return Explorer(lambda: GroupExplorer(known, groups), _chart(known, groups, picked, title))
