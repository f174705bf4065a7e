"""Type a frame with blanks, pick a neuron, see what it wants in them; on a page, some frames and neurons.

Easy to get wrong: blanks cost. Of one blank every word is tried in a moment; of several a search takes a second or two,
and the explorer says that it is searching.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets
import pandas as pd

from reading_neurons.charts.completions import completions as chart_of
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.completions import completions, parse_frame
from reading_neurons.methods.swaps import Swaps
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.neuron_box import NeuronBox, neuron_of

LONGEST = 10  # words of a frame
TOP = 8
_LIGHT = {"ascent": Ascent(restarts=2), "swaps": Swaps(passes=2, candidates=64, starts=1)}
_TITLE = "The words that a neuron wants in a blank"


def completion_chart(
    pathways: Mapping[str, Pathway],
    frames: Sequence[str],
    neurons: Mapping[str, Sequence[str]],
    top: int = TOP,
    title: str = _TITLE,
):
    """The chart of some frames for some outputs of each pathway.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    frames : sequence of str
    neurons : mapping of str to sequence of str
        By pathway, as somebody types them; see :func:`~reading_neurons.widgets.neuron_box.neuron_of`.
    top : int
    title : str

    Raises
    ------
    ValueError
        If a pathway, a neuron or a word is unknown, or a frame has no blank.
    """
    if missing := set(neurons) - set(pathways):
        raise ValueError(f"no pathway {', '.join(map(repr, missing))}; there are {list(pathways)}")
    parts = []
    for name, outputs in neurons.items():
        chosen = [neuron_of(pathways[name], typed) for typed in outputs]
        for frame in frames:
            found = completions(pathways[name], chosen, frame, top, **_LIGHT)
            parts.append(found.assign(frame=frame, pathway=name))
    return chart_of(pd.concat(parts, ignore_index=True), title)


class FrameExplorer(ipywidgets.VBox):
    """A frame that is typed, and the neuron that is to complete it.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    frame : str
        To begin with.
    neurons : mapping of str to str
        The neuron that each pathway begins with; by default its first output.

    Attributes
    ----------
    pathway : ipywidgets.Dropdown
    neuron : NeuronBox
    frame : ipywidgets.Text
    message : ipywidgets.HTML
        What is wrong with what was typed, or nothing.
    chart : Altair chart
        The chart that is shown.
    """

    def __init__(self, pathways: Mapping[str, Pathway], frame: str, neurons: Mapping[str, str]):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._pathways, self._first = dict(pathways), dict(neurons)
        form = {"layout": ipywidgets.Layout(width="auto"), "style": {"description_width": "5rem"}}
        name = next(iter(neurons))
        self.pathway = ipywidgets.Dropdown(
            options=list(pathways), value=name, description="Pathway", layout=form["layout"]
        )
        self.neuron = NeuronBox(pathways[name], neurons[name], **form)
        self.frame = ipywidgets.Text(frame, description="Frame", continuous_update=False, **form)
        self.message, self._line_shown, self._line = ipywidgets.HTML(), ipywidgets.HTML(), ""
        self._choosing = False
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        controls = ipywidgets.HBox([self.pathway, self.neuron, self.frame], layout=row)
        super().__init__([controls, self.message, self._view, self._line_shown])
        self._show()
        self.pathway.observe(self._choose, "value")
        for control in (self.neuron, self.frame):
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _choose(self, change: dict) -> None:
        """Another pathway has other outputs: begin with one that it has."""
        self._choosing = True
        self.neuron.offer(self._pathways[change["new"]], self._first.get(change["new"]))
        self._choosing = False
        self._show()

    def _show(self, change: dict | None = None) -> None:
        if self._choosing:
            return
        name, which, frame = self.pathway.value, self.neuron.value.strip(), " ".join(self.frame.value.lower().split())
        try:
            length, words = parse_frame(frame)
            if length > LONGEST:
                raise ValueError(f"a frame may have {LONGEST} words here, found {length}: shorten it")
            self._say("Searching .." if length - len(words) > 1 else "")
            self.chart = completion_chart(self._pathways, [frame], {name: [which]})
        except ValueError as error:
            self._say(f"{str(error)[:300]} The chart still shows the last choice.")
            return
        self._say("")
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        self._line = f"widgets.completion_chart(pathways, {[frame]!r}, {({name: [which]})!r})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _say(self, text: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(text)}</div>'


def frame_explorer(
    pathways: Mapping[str, Pathway],
    frames: Sequence[str],
    neurons: Mapping[str, Sequence[str]],
    title: str = _TITLE,
) -> Explorer:
    """One cell, two lives: some frames and outputs on a page, any of them beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    frames : sequence of str
        On the page; the first is shown first.
    neurons : mapping of str to sequence of str
        Names of outputs on the page, by pathway.
    title : str

    Returns
    -------
    Explorer
    """
    first = {name: outputs[0] for name, outputs in neurons.items()}
    chart = completion_chart(pathways, frames, neurons, title=title)
    return Explorer(lambda: FrameExplorer(pathways, frames[0], first), chart)
