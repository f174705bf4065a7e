"""Hold any units of a language model at any value, and see what comes next and what it writes; on a page, some of them.

Easy to get wrong: a value that a unit never has. The shown state of an LSTM lies between -1 and 1; the slider ends
there, though the library would write any number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import altair as alt
import ipywidgets

from reading_neurons import charts
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.written_examples import LONGEST, when_units_are_held
from reading_neurons.pathway import Pathway

Settings = Mapping[str, tuple[Sequence[int], Sequence[float]]]
_TITLE = "What comes next while units are held"


def held_chart(pathway: Pathway, settings: Settings, start: str = "", seed: int = 0, title: str = _TITLE) -> alt.Chart:
    """The chart of what a network says and writes after a text, under some settings of its units.

    Parameters
    ----------
    pathway : Pathway
    settings : mapping of str to (units, values)
        Each by the name that the menu gives it.
    start : str
    seed : int
        Of what is written.
    title : str

    Raises
    ------
    ValueError
        If there is no setting, a unit does not exist, or the network does not know a character of ``start``.
    """
    return charts.held_chances(*when_units_are_held(pathway, settings, start, seed=seed), title)


class HoldingExplorer(ipywidgets.VBox):
    """Units to hold, the value they are held at, and a text to go on from.

    Parameters
    ----------
    pathway : Pathway
        A language model that can be driven one character at a time.
    units : sequence of int
        To begin with.
    value : float
        What they are held at to begin with.
    start : str

    Attributes
    ----------
    units : ipywidgets.Text
        Numbers with commas between them; with a minus in front, held at the opposite value (-0 too).
    value : ipywidgets.FloatSlider
    start : ipywidgets.Text
        What the network has read.
    again : ipywidgets.Button
        Writes other strings.
    message : ipywidgets.HTML
        What is wrong with what was typed, or nothing.
    chart : Altair chart
        The chart that is shown.
    """

    def __init__(self, pathway: Pathway, units: Sequence[int | str] = (0,), value: float = 1.0, start: str = ""):
        self._pathway, self._seed, self._line = pathway, 0, ""
        form = {"layout": ipywidgets.Layout(width="auto"), "style": {"description_width": "5rem"}}
        self.units = ipywidgets.Text(", ".join(map(str, units)), description="Units", continuous_update=False, **form)
        self.value = ipywidgets.FloatSlider(value, min=-1, max=1, step=0.1, description="held at", **form)
        self.start = ipywidgets.Text(start, description="after", continuous_update=False, **form)
        self.again = ipywidgets.Button(description="other strings")
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        controls = ipywidgets.HBox([self.units, self.value, self.start, self.again], layout=row)
        super().__init__([controls, self.message, self._view, self._line_shown])
        self._show()
        for control in (self.units, self.value, self.start):
            control.observe(self._show, "value")
        self.again.on_click(self._other)

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _other(self, button: ipywidgets.Button) -> None:
        self._seed += 1
        self._show()

    def _show(self, change: dict | None = None) -> None:
        try:
            if len(self.start.value) >= LONGEST:
                raise ValueError(f"found {len(self.start.value)} characters, the chart shows fewer than {LONGEST}")
            numbers, values = parse_units(self.units.value, self.value.value)
            name = f"{', '.join(map(str, numbers)) or 'none'} at {self.value.value:g}"
            settings = {name: (numbers, values)}
            self.chart = held_chart(self._pathway, settings, self.start.value, self._seed)
        except ValueError as error:
            self._say(f"{str(error)[:300]}. The chart still shows the last choice.")
            return
        self._say("")
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        seed = f", seed={self._seed}" if self._seed else ""
        self._line = f"widgets.held_chart(pathway, {settings!r}, {self.start.value!r}{seed})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _say(self, text: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(text)}</div>'


def parse_units(text: str, value: float) -> tuple[list[int], list[float]]:
    """Numbers of units and what each is held at, from what somebody types.

    Raises
    ------
    ValueError
        If something is no number.

    Examples
    --------
    >>> parse_units("3, -17 -0", 0.5)
    ([3, 17, 0], [0.5, -0.5, -0.5])
    >>> parse_units("three", 1)
    Traceback (most recent call last):
        ...
    ValueError: found 'three', expected numbers of units, such as 3, 17 or -17 for the opposite value
    """
    numbers, values = [], []
    for word in text.replace(",", " ").split():
        digits = word.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            raise ValueError(
                f"found {word[:20]!r}, expected numbers of units, such as 3, 17 or -17 for the opposite value"
            )
        numbers.append(int(digits))
        values.append(-value if word != digits else value)
    return numbers, values


def holding_explorer(
    pathway: Pathway, settings: Settings, start: str = "", title: str = _TITLE
) -> Explorer:
    """One cell, two lives: some settings of units on a page, any units at any value beside a kernel.

    Parameters
    ----------
    pathway : Pathway
    settings : mapping of str to (units, values)
        Those of the page; the explorer beside a kernel begins with the units of the first.
    start : str
        The text that is read first.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    chart = held_chart(pathway, settings, start, title=title)
    units, values = next(iter(settings.values()))
    height = max(map(abs, values), default=1.0)
    signed = [f"-{unit}" if value < 0 else str(unit) for unit, value in zip(units, values, strict=True)]
    return Explorer(lambda: HoldingExplorer(pathway, signed, height, start), chart)
