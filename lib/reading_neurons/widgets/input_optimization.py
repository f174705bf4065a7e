"""Any neuron's optimal input live, and those of some neurons on a page.

Easy to get wrong: what people type. An output nobody has, a length of 0 or a unit that does not exist gets a message
that says what there is, and the last chart stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods import trajectories
from reading_neurons.methods.ascent import DEFAULT, Ascent, Step
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.ngram_omission import word_effects
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.neuron_box import NeuronBox, neuron_of

METHODS = ("gumbel + swaps", "gumbel", "softmax", "logit", "embedding", "corpus")
LONGEST = 12
"""Words of the longest n-gram that an explorer writes."""

_NAMES = {"corpus": "corpus search", "gumbel": "gumbel softmax"}
_WIDE = {"width": "auto", "max_width": "60rem"}
_EVERY = 8  # steps between two sights of the n-gram


def input_chart(
    pathway: Pathway,
    neuron: str | Neuron,
    length: int = 5,
    method: str = METHODS[0],
    corpus: Captions | None = None,
    ascent: Ascent | None = None,
    seed: int = 0,
) -> alt.LayerChart:
    """The chart of one search as it ran; the line of code that an explorer offers calls it.

    Parameters
    ----------
    pathway, length, method, corpus, ascent, seed
        As for :func:`reading_neurons.methods.input_optimization.optimize`.
    neuron : str or Neuron
        As somebody types it; see :func:`~reading_neurons.widgets.neuron_box.neuron_of`.

    Raises
    ------
    ValueError
        If there is no such neuron, or as :func:`reading_neurons.methods.input_optimization.optimize` does.
    """
    return _search(
        pathway, neuron_of(pathway, neuron) if isinstance(neuron, str) else neuron, length, method, corpus, ascent, seed
    )[0]


def _search(pathway, neuron, length, method, corpus, ascent, seed=0, seen=None) -> tuple[alt.LayerChart, pd.Series]:
    """The chart of a search, and the row that :func:`optimize` gives."""
    if method == "corpus":
        found = optimize(pathway, neuron, length, method, corpus=corpus, seed=seed).iloc[0]
        steps, words = trajectories.of_methods(pathway, neuron, corpus, length, [method])
    else:
        last = (ascent or DEFAULT).steps - 1
        moments = {round(number * last / 11) for number in range(12)}
        recorder = trajectories.Recorder(moments)

        def watch(step: Step) -> None:
            recorder(step)
            if seen is not None:
                seen(step)

        found = optimize(pathway, neuron, length, method, seed=seed, ascent=ascent, watch=watch).iloc[0]
        steps, words = (table.assign(method=method) for table in (recorder.steps(), recorder.words()))
    title = f"{neuron.name}: {found['words']}, {found['activation']:.2f}"
    return charts.trajectories(steps, words, title), found


class InputExplorer(ipywidgets.VBox):
    """Pick a pathway, type a neuron, and see its n-gram form.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions, optional
        Where corpus search looks; without them the menu does not offer it.
    ascents : mapping of str to Ascent, optional
        How the ascent of a method goes, where it is not the default.

    Attributes
    ----------
    pathway, method : ipywidgets.Dropdown
    neuron : NeuronBox
    length : ipywidgets.IntText
    progress : ipywidgets.IntProgress
    message : ipywidgets.HTML
        The n-gram, or what is wrong with what was typed.
    chart : Altair chart
        The chart that is shown: that of the last search that could be made.

    Raises
    ------
    ValueError
        If there is no pathway.
    """

    def __init__(
        self,
        pathways: Mapping[str, Pathway],
        captions: Captions | None = None,
        ascents: Mapping[str, Ascent] | None = None,
    ):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._pathways, self._captions, self._ascents = dict(pathways), captions, dict(ascents or {})
        form = {"layout": ipywidgets.Layout(width="auto"), "style": {"description_width": "6rem"}}
        first = next(iter(pathways))
        self.pathway = ipywidgets.Dropdown(options=list(pathways), value=first, description="Pathway", **form)
        self.neuron = NeuronBox(pathways[first], **form)
        self.length = ipywidgets.IntText(5, description="Words", continuous_update=False, **form)
        offered = [method for method in METHODS if method != "corpus" or captions is not None]
        named = [(f"{_NAMES.get(method, method)}{' (default)' * (method == METHODS[0])}", method) for method in offered]
        self.method = ipywidgets.Dropdown(options=named, value=METHODS[0], description="Method", **form)
        self.progress = ipywidgets.IntProgress(
            0, min=0, max=1, layout=ipywidgets.Layout(width="12rem", height="0.6rem")
        )
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(**_WIDE)
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        controls = ipywidgets.HBox([self.pathway, self.neuron, self.length, self.method], layout=row)
        super().__init__([controls, self.progress, self.message, self._view, self._line_shown])
        self._line, self._choosing = "", False
        self._show()
        self.pathway.observe(self._choose, "value")
        for control in (self.neuron, self.length, self.method):
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _choose(self, change: dict) -> None:
        """Another pathway: what was typed stays where it is an output there too."""
        pathway = self._pathways[change["new"]]
        self._choosing = True
        try:
            neuron_of(pathway, self.neuron.value)
            self.neuron.offer(pathway, self.neuron.value)
        except ValueError:
            self.neuron.offer(pathway)
        self._choosing = False
        self._show()

    def _show(self, change: dict | None = None) -> None:
        if self._choosing:
            return
        pathway, typed, length, method = (
            self._pathways[self.pathway.value], self.neuron.value, self.length.value, self.method.value
        )  # fmt: skip
        ascent = self._ascents.get(method)
        try:
            if not 1 <= length <= LONGEST:
                raise ValueError(f"An n-gram of {length} words cannot be written here: choose 1 to {LONGEST}.")
            neuron = neuron_of(pathway, typed)
            self.progress.max, self.progress.value = (ascent or DEFAULT).steps, 0
            self.chart, found = _search(pathway, neuron, length, method, self._captions, ascent, seen=self._seen)
        except ValueError as problem:
            self._say(str(problem))
            return
        self.progress.value = self.progress.max
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        self._say(
            f"{neuron.name}: {found['words']}, {found['activation']:.3f} after {found['evaluations']:,} evaluations."
        )
        given = f", ascent={ascent!r}" if ascent else ""
        corpus = ", captions" if method == "corpus" else ""
        choice = f"pathways[{self.pathway.value!r}], {typed!r}, {length}, {method!r}{corpus}{given}"
        self._line = f"widgets.input_chart({choice})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _seen(self, step: Step) -> None:
        """The n-gram while it forms."""
        self.progress.value = step.step + 1
        if step.step % _EVERY == 0:
            best = " ".join(step.objective.reader.pathway.vocabulary.decode(step.objective.best[0].tolist()))
            self._say(f"Step {step.step + 1}: {best}, {float(step.objective.value[0]):.3f}")

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def written_table(
    pathways: Mapping[str, Pathway],
    neurons: Mapping[str, Sequence[str | Neuron]],
    corpus: Captions,
    length: int = 5,
    methods: Sequence[str] = METHODS,
    ascents: Mapping[str, Ascent] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """What each method writes for some neurons of some pathways, word by word.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    neurons : mapping of str to sequence of str or Neuron
        Of each pathway; see :func:`~reading_neurons.widgets.neuron_box.neuron_of`.
    corpus, length, methods, ascents, seed
        As for :func:`reading_neurons.methods.input_optimization.optimize`.

    Returns
    -------
    DataFrame
        As :func:`reading_neurons.charts.written_inputs` takes it; ``neuron`` names the pathway too.
    """
    parts = []
    for name, typed in neurons.items():
        pathway = pathways[name]
        of_it = [neuron_of(pathway, one) if isinstance(one, str) else one for one in typed]
        for method in methods:
            ascent = (ascents or {}).get(method)
            found = optimize(pathway, of_it, length, method, corpus=corpus, ascent=ascent, seed=seed)
            effects = word_effects(pathway, of_it, found["words"].tolist())
            parts.append(effects.assign(method=_NAMES.get(method, method), neuron=name + ", " + effects["neuron"]))
    table = pd.concat(parts, ignore_index=True)
    return table[["neuron", "method", "activation", "place", "word", "effect"]]


def input_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    neurons: Mapping[str, Sequence[str | Neuron]],
    length: int = 5,
    ascents: Mapping[str, Ascent] | None = None,
    title: str = "What each method writes for a neuron",
) -> Explorer:
    """One cell, two lives: the inputs of some neurons on a page, of any neuron beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        Where corpus search looks.
    neurons : mapping of str to sequence of str or Neuron
        Those on the page; see :func:`written_table`.
    length : int
    ascents : mapping of str to Ascent, optional
        How the ascent of a method goes, where it is not the default.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    table = written_table(pathways, neurons, captions, length, ascents=ascents)
    return Explorer(lambda: InputExplorer(pathways, captions, ascents), charts.written_inputs(table, title))
