"""Top contexts of any unit, live and on a page: pick a unit by its number, or the next most homogeneous one.

Easy to get wrong: doing the work when a button is pressed. The top contexts and the homogeneity of all units are
computed once, when the explorer is made; a choice then reads ten sentences and no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.annotation import Parse, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.contexts import readings, top_contexts
from reading_neurons.methods.homogeneity import homogeneity, label_shares, ranking, topics
from reading_neurons.methods.unit_choice import CHOSEN, OTHER_WORDS, choose, scored
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.sentence import parsed

_DRAWS = 4000  # of the null, whose mean is all that a score needs
_TITLE = "What excites this unit most"


class UnitContexts:
    """Everything an explorer shows of one pathway, computed once.

    Parameters
    ----------
    pathway : Pathway
    captions : Captions
        With parses.
    k, width : int
        As for :func:`reading_neurons.methods.contexts.top_contexts`; n-grams are distinct.
    units : sequence of int, optional
        Which units; by default all.

    Attributes
    ----------
    contexts : DataFrame
        As :func:`reading_neurons.methods.contexts.top_contexts` gives it.
    scores : DataFrame
        Homogeneity of every unit in tag and dependency label between different words, and in topic where the captions
        have scenes.
    kinds : tuple of str
        Those kinds, that in which the pathway's units agree most first.

    Raises
    ------
    ValueError
        If the captions have no parses, or are too few for k contexts.
    """

    def __init__(
        self, pathway: Pathway, captions: Captions, k: int = 20, width: int = 3, units: Sequence[int] | None = None
    ):
        if captions.parses is None:
            raise ValueError("an explorer of contexts needs a parse of each caption: give parses=annotate(captions)")
        self._pathway, self._captions, self._width = pathway, captions, width
        self._tokens = token_table(captions, captions.parses)
        self._topics = topics(captions) if any(name.startswith("object:") for name in captions.dimensions) else None
        self.contexts = top_contexts(pathway, captions, k, width, units=units, distinct=True)
        other = homogeneity(self.contexts, self._tokens, kinds=CHOSEN[:2], other_words=True, draws=_DRAWS)
        parts = [other.assign(kind=other["kind"] + OTHER_WORDS)]
        if self._topics is not None:
            parts.append(homogeneity(self.contexts, self._tokens, self._topics, ("topic",), draws=_DRAWS))
        self.scores = pd.concat(parts, ignore_index=True)
        means = self.scores.groupby("kind")["score"].mean().sort_values(ascending=False)
        self.kinds = tuple(kind.removesuffix(OTHER_WORDS) for kind in means.index)
        self._ranked = {kind: ranking(self.scores, scored(kind)).set_index("unit") for kind in self.kinds}

    @property
    def units(self) -> list[int]:
        """The numbers of the units."""
        return sorted(self._ranked[self.kinds[0]].index)

    def next_unit(self, kind: str, unit: int) -> int:
        """The unit after this one in order of homogeneity; the first after the last."""
        order = self._ranked[kind].index.tolist()
        return order[(order.index(unit) + 1) % len(order)]

    def best(self, kind: str) -> int:
        """The most homogeneous unit."""
        return int(self._ranked[kind].index[0])

    def note(self, unit: int, kind: str) -> str:
        """What a heading says of a unit: its label of one kind, and how homogeneous it is."""
        row = self._ranked[kind].loc[unit]
        score = "one word only" if pd.isna(row["score"]) else f"{row['score']:.2f}"
        return f"{kind} {row['label']}, {score}"

    def of(self, units: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The contexts of some units word by word, and their labels, as the chart takes them."""
        chosen = self.contexts[self.contexts["unit"].isin(units)]
        kinds = CHOSEN if self._topics is not None else CHOSEN[:2]
        drawn = chosen[chosen["rank"] < 10]
        return (
            readings(self._pathway, self._captions, drawn, self._width),
            label_shares(chosen, self._tokens, kinds, self._topics),
        )


def _chart(known: Mapping[str, UnitContexts], units: Mapping[str, pd.DataFrame], title: str) -> alt.LayerChart:
    """The chart of some units of each pathway: ``units`` has their numbers and notes."""
    parts = {name: known[name].of(table["unit"].tolist()) for name, table in units.items()}
    rows, labels = (
        pd.concat([part[which].assign(pathway=name) for name, part in parts.items()], ignore_index=True)
        for which in (0, 1)
    )
    notes = pd.concat([table.assign(pathway=name) for name, table in units.items()], ignore_index=True)
    return charts.contexts(rows, labels, notes, title)


def context_chart(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    units: Mapping[str, int],
    parses: Sequence[Parse] | None = None,
    title: str = _TITLE,
) -> alt.LayerChart:
    """The chart of one unit of one or two pathways; the line of code that an explorer offers calls it.

    Raises
    ------
    ValueError
        If a pathway or a unit is unknown, or the captions have no parses.
    """
    if missing := set(units) - set(pathways):
        raise ValueError(f"no pathway {', '.join(map(repr, missing))}; there are {list(pathways)}")
    captions = parsed(captions, parses)
    known = {name: UnitContexts(pathways[name], captions, units=[unit]) for name, unit in units.items()}
    return _chart(known, {name: _noted(known[name], [unit]) for name, unit in units.items()}, title)


def _noted(known: UnitContexts, units: Sequence[int]) -> pd.DataFrame:
    return pd.DataFrame({"unit": units, "note": [known.note(unit, known.kinds[0]) for unit in units]})


class ContextExplorer(ipywidgets.VBox):
    """Two pathways side by side, a unit of each, by its number or as the next most homogeneous one.

    Parameters
    ----------
    known : mapping of str to UnitContexts
        One or more pathways.

    Attributes
    ----------
    columns : list of (ipywidgets.Dropdown, ipywidgets.BoundedIntText, ipywidgets.Button)
        For each of at most two columns its pathway, its unit, and the button that goes to the next unit.
    kind : ipywidgets.Dropdown
        In what units are to be homogeneous.
    message : ipywidgets.HTML
    chart : Altair chart
        The chart that is shown.

    Raises
    ------
    ValueError
        If there is no pathway.
    """

    def __init__(self, known: Mapping[str, UnitContexts]):
        if not known:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._known = dict(known)
        kinds = [kind for kind in CHOSEN if all(kind in one.kinds for one in known.values())]
        narrow = ipywidgets.Layout(width="16rem")
        self.kind = ipywidgets.Dropdown(options=kinds, value=kinds[-1], description="Alike in", layout=narrow)
        self.columns = [self._column(name) for name in list(known)[:2]]
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        boxes = [ipywidgets.HBox(list(column), layout=row) for column in self.columns]
        super().__init__([self.kind, *boxes, self.message, self._view, self._line_shown])
        self._show()
        for name, unit, after in self.columns:
            name.observe(self._choose, "value")
            unit.observe(self._show, "value")
            after.on_click(self._next)
        self.kind.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _column(self, name: str) -> tuple[ipywidgets.Widget, ...]:
        known, narrow = self._known[name], ipywidgets.Layout(width="16rem")
        unit = ipywidgets.BoundedIntText(
            known.best(known.kinds[0]), min=known.units[0], max=known.units[-1], description="Unit", layout=narrow
        )
        pathway = ipywidgets.Dropdown(options=list(self._known), value=name, description="Pathway", layout=narrow)
        return pathway, unit, ipywidgets.Button(description="next most homogeneous", layout=narrow)

    def _choose(self, change: dict) -> None:
        """Another pathway: its numbers may go further."""
        for name, unit, _ in self.columns:
            if name is change["owner"]:
                known = self._known[name.value]
                unit.max = known.units[-1]
                unit.value = known.best(self.kind.value)
        self._show()

    def _next(self, button: ipywidgets.Button) -> None:
        for name, unit, after in self.columns:
            if after is button:
                unit.value = self._known[name.value].next_unit(self.kind.value, unit.value)

    def _show(self, change: dict | None = None) -> None:
        units = {name.value: unit.value for name, unit, _ in self.columns}
        tables = {
            name: pd.DataFrame({"unit": [unit], "note": [self._known[name].note(unit, self.kind.value)]})
            for name, unit in units.items()
        }
        self.chart = _chart(self._known, tables, _TITLE)
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        once = " Both columns name one pathway: the second unit is shown." if len(units) < len(self.columns) else ""
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(once)}</div>'
        self._line = f"widgets.context_chart(pathways, captions, {units!r})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"


def context_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    parses: Sequence[Parse] | None = None,
    each: int = 3,
    random: int = 3,
    title: str = _TITLE,
    seed: int = 0,
) -> Explorer:
    """One cell, two lives: the contexts of some units on a page, of any unit beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        The first two are on the page.
    captions : Captions
    parses : sequence of Parse, optional
        One a caption; by default the captions' own.
    each, random : int
        Units of each pathway that the page holds: the most homogeneous ones of each kind, and others drawn at random.
    title : str
        Of the chart on the page.
    seed : int
        Of the random units.

    Returns
    -------
    Explorer
    """
    captions = parsed(captions, parses)
    known = {name: UnitContexts(pathway, captions) for name, pathway in pathways.items()}
    shown = {}
    for name in list(known)[:2]:
        picked = choose(known[name].scores, known[name].kinds, each, random, seed)
        kinds = picked["why"].replace("random", known[name].kinds[0])
        notes = [known[name].note(unit, kind) for unit, kind in zip(picked["unit"], kinds, strict=True)]
        said = [f"random; {note}" if why == "random" else note for note, why in zip(notes, picked["why"], strict=True)]
        shown[name] = picked[["unit"]].assign(note=said)
    return Explorer(lambda: ContextExplorer(known), _chart(known, shown, title))
