"""A live explorer of single sentences: choose one or type any, and see a chart of it.

Easy to get wrong: what people type. Nothing, a smiley, a page of text or HTML gets a message, and the last chart stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import altair as alt
import ipywidgets
import numpy as np

from reading_neurons.annotation import Parse
from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.trees import Constituent, Tree, Trees
from reading_neurons.live_chart import LiveChart
from reading_neurons.text import Vocabulary, tokenize, treebank_tokenize

Split = Captions | Trees
UNLABELLED = -1

LONGEST = 40
"""Words of the longest sentence that an explorer shows."""

_MENU = 200  # sentences that a menu offers
_OWN = -1  # the place in the menu of a sentence that was typed
_NAMED = 8  # unknown words that a message names
_WIDE = {"width": "auto", "max_width": "60rem"}


class SentenceExplorer(ipywidgets.VBox):
    """A sentence to choose or to type, a message, a chart, and the code that makes the same chart.

    Parameters
    ----------
    captions : Captions or Trees
        What the menu offers: all, or of more than 200 some from all over the split. A typed sentence is split as theirs
        are.
    controls : sequence of ipywidgets
        Further controls, shown between the sentence and the chart.

    Attributes
    ----------
    sentence : ipywidgets.Dropdown
        Captions of the corpus; choosing one writes it into the text box.
    text : ipywidgets.Text
        The sentence that is read. What is typed counts on Enter or when the box is left.
    message : ipywidgets.HTML
        What is wrong with the sentence, or which of its words are unknown.
    chart : Altair chart
        The chart that is shown: that of the last sentence that could be read.
    """

    def __init__(self, captions: Split, controls: Sequence[ipywidgets.Widget] = ()):
        self.captions = captions.take(_offered(captions))
        form = {"layout": ipywidgets.Layout(**_WIDE), "style": {"description_width": "6rem"}}
        menu = [("(a sentence of your own)", _OWN), *((text, i) for i, text in enumerate(self.captions.texts))]
        self.sentence = ipywidgets.Dropdown(options=menu, value=0, description="Sentence", **form)
        self.text = ipywidgets.Text(
            self.captions.texts[0], description="or your own", placeholder="a sentence, then Enter",
            continuous_update=False, **form,
        )  # fmt: skip
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(**_WIDE)
        super().__init__([self.sentence, self.text, *controls, self.message, self._view, self._line_shown])
        self._show()
        self.sentence.observe(self._choose, "value")
        self.text.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _draw(self, one: Split) -> tuple[alt.TopLevelMixin, list[str], str]:
        """The chart of one sentence, its words that the network does not know, and a line that makes the chart."""
        raise NotImplementedError

    def _vocabulary(self) -> Vocabulary | None:
        """A vocabulary of which a sentence must hold a word; None where one of unknown words can be shown too."""
        return None

    def _problem(self, text: str) -> str:
        problem, vocabulary = unreadable(text), self._vocabulary()
        if problem or vocabulary is None or any(word in vocabulary for word in vocabulary.tokenizer(text)):
            return problem
        return "The network knows none of these words, so a map of them would show noise: type others."

    def _choose(self, change: dict) -> None:
        if change["new"] != _OWN:
            self.text.value = self.captions.texts[change["new"]]

    def _show(self, change: dict | None = None) -> None:
        text = self.text.value
        number = self.captions.texts.index(text) if text in self.captions.texts else _OWN
        self.sentence.value = number
        if problem := self._problem(text):
            self._say(problem)
            return
        one = typed_like(self.captions, text) if number == _OWN else self.captions.take([number])
        self.chart, unknown, self._line = self._draw(one)
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        self._say(_unknown_said(unknown))
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def unreadable(text: str) -> str:
    """Why a sentence cannot be shown, and what to do about it; empty if it can.

    Examples
    --------
    >>> unreadable("A dog.")
    ''
    >>> unreadable("!!!")
    'No word found: a word is a run of the letters a to z, digits or apostrophes. Type at least one.'
    """
    words = len(tokenize(text))
    if not words:
        return "No word found: a word is a run of the letters a to z, digits or apostrophes. Type at least one."
    if words > LONGEST:
        return f"Found {words} words, the chart shows at most {LONGEST}: type a shorter sentence."
    return ""


def typed(text: str) -> Captions:
    """One sentence as captions, of no corpus and without a scene."""
    return Captions("typed", "typed", (text,), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))


def typed_tree(text: str) -> Trees:
    """One sentence as trees, of no corpus; its label, -1, says that nobody gave it one.

    Examples
    --------
    >>> typed_tree("Not bad!").tokens
    (('not', 'bad', '!'),)
    """
    words = tuple(treebank_tokenize(text))
    return Trees("typed", "typed", (Tree(words, (Constituent(0, len(words), UNLABELLED),)),))


def typed_like(split: Split, text: str) -> Split:
    """One typed sentence in the type of a split."""
    return typed_tree(text) if isinstance(split, Trees) else typed(text)


def spread(captions: Split, count: int) -> list[int]:
    """Numbers of at most ``count`` readable captions of different images, or trees, from all over a split.

    Examples
    --------
    >>> from reading_neurons.corpora import scenes
    >>> spread(scenes.generate(scenes=50).test, 3)
    [0, 5, 15]
    """
    image = np.arange(len(captions)) if isinstance(captions, Trees) else captions.image
    _, first = np.unique(image, return_index=True)
    first = [int(number) for number in np.sort(first) if not unreadable(captions.texts[number])]
    if not first:
        raise ValueError(f"found no sentence of 1 to {LONGEST} words among {len(captions)}: give others")
    return [first[place * len(first) // count] for place in range(count)] if count < len(first) else first


def _offered(captions: Split) -> list[int]:
    readable = [number for number in range(min(len(captions), _MENU + 1)) if not unreadable(captions.texts[number])]
    return readable if readable and len(captions) <= _MENU else spread(captions, _MENU)


def _unknown_said(words: Sequence[str]) -> str:
    if not words:
        return ""
    named = ", ".join(f"{word[:30]}…" if len(word) > 30 else word for word in words[:_NAMED])
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return f"Unknown to the network, which reads <unk> instead: {named}{more}."


def parsed(captions: Captions, parses: Sequence[Parse] | None) -> Captions:
    """Captions with these parses, or with their own where none are given."""
    return captions if parses is None else replace(captions, parses=tuple(parses))


def chosen(captions: Split, sentences: int | Sequence[int]) -> list[int]:
    """Numbers of the captions that a page holds, from how many or which they are to be."""
    return spread(captions, sentences) if isinstance(sentences, int) else list(sentences)


def menu_of(captions: Split, shown: Sequence[int]) -> Split:
    """What the menu beside a kernel offers: the captions of the page, then others."""
    return captions.take(list(dict.fromkeys([*shown, *spread(captions, _MENU)]))[:_MENU])
