"""Does a pathway keep to the protocol? Part by part, on two sentences of different lengths.

:func:`check` returns a table, :func:`require` raises an error that says which part is wrong and what it gave. What
costs no second reading (shapes, types, devices) is looked at in every method too; see :mod:`reading_neurons.asking`.
Here are the questions that do: is a sentence read beside a longer one as it is read alone? Are two readings the same?
Does a gradient arrive? Are the states of steps those of whole sentences?

Easy to get wrong: a check that holds says that methods can be applied, not that the network has learnt anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd
import torch
from torch import Tensor

from reading_neurons import asking
from reading_neurons.asking import MissingPart, PathwayError
from reading_neurons.pathway import Pathway, as_tokens
from reading_neurons.text import SPECIALS, Batch, Vocabulary

LENGTHS = (3, 6)  # words of the sentences that are read where none are given
CLOSE = 1e-4  # by the largest number compared: what rounding may do
NOT_TRIED = "not tried"


def check(pathway: Pathway, sentences: Iterable[str | Sequence[str]] | None = None) -> pd.DataFrame:
    """Go through the protocol part by part.

    Parameters
    ----------
    pathway : Pathway
        Or what is meant to be one.
    sentences : iterable of str or of sequences of words, optional
        At least two, of different lengths; by default words from the middle of the vocabulary.

    Returns
    -------
    DataFrame
        One row a part, in the order of the protocol: ``part``, ``expected``, ``found``, ``holds``. A part that could
        not be tried because one before it is wrong has ``holds`` False and says so.

    Raises
    ------
    ValueError
        If the sentences are all of one length.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> pathway = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> bool(check(pathway)["holds"].all())
    True
    >>> pathway.output_names = ["good", "bad"]
    >>> table = check(pathway)
    >>> table.loc[~table["holds"], ["part", "found"]].values.tolist()
    [['outputs', 'gave 5 scores for 2 output_names'], ['gradient', 'not tried, for outputs does not hold']]
    """
    return pd.DataFrame(_Checks(pathway, sentences).rows, columns=["part", "expected", "found", "holds"])


def require(pathway: Pathway, sentences: Iterable[str | Sequence[str]] | None = None) -> None:
    """Raise an error that lists every part of the protocol that does not hold; arguments as for :func:`check`.

    Raises
    ------
    PathwayError
        With what was found and expected of each such part.
    """
    table = check(pathway, sentences)
    wrong = table[~table["holds"] & ~table["found"].str.startswith(NOT_TRIED)]
    if len(wrong):
        said = [f"{row.part}: found {row.found}, expected {row.expected}" for row in wrong.itertuples()]
        raise PathwayError(f"{asking.named(pathway)} does not keep to the protocol; " + "; ".join(said))


class _Checks:
    """The rows of the table, in order."""

    def __init__(self, pathway: Pathway, sentences):
        self.pathway, self.rows = pathway, []
        self._part("name", "a string", self._name)
        self._part("vocabulary", "a Vocabulary", self._vocabulary)
        if self._held("vocabulary"):
            words = _two(pathway.vocabulary, sentences)
            self.batch = Batch.of([pathway.vocabulary.encode(sentence) for sentence in words])
        self._part("embedding", "floats, one row a word, shape (words, embedding)", self._embedding, "vocabulary")
        self._part("output_names", "None, or one string for each output", self._output_names)
        same = "the same without lengths, where nothing is padded"
        with torch.no_grad():
            self._part("states", "one vector per position, shape (batch, time, units)", self._states, "embedding")
            self._part("states, alone", "a sentence beside a longer one as alone", self._states_alone, "states")
            self._part("states, padding", "zero at padded positions", self._padding, "states")
            self._part("states, no lengths", same, self._states_whole, "states")
            self._part("states, finite", "finite numbers", lambda: _finite(self.states), "states")
            self._part("states, twice", "the same when read again", self._twice, "states")
            shape = "one vector a sentence, shape (batch, units)"
            self._part("representation", shape, self._representation, "states")
            self._part("representation, alone", "as of the sentence alone", self._represented_alone, "representation")
            self._part("representation, no lengths", same, self._represented_whole, "representation")
            shape = "scores of each state, shape (.., outputs), or MissingPart"
            self._part("outputs", shape, self._outputs, "representation")
        self._part("gradient", "of outputs (or representations) for words", self._gradient, "outputs")
        if any(hasattr(pathway, name) for name in ("initial", "step")):
            with torch.no_grad():
                self._part("steps", "the states, word by word", self._steps, "states")

    def _part(self, part: str, expected: str, found: Callable[[], tuple[str, bool]], needs: str = "") -> None:
        if needs and not self._held(needs):
            return self.rows.append((part, expected, f"{NOT_TRIED}, for {needs} does not hold", False))
        try:
            said, holds = found()
        except PathwayError as error:
            said, holds = error.found or _unnamed(self.pathway, error), False
            expected = error.expected or expected
        except Exception as error:
            said, holds = f"{type(error).__name__}: {error}", False
        self.rows.append((part, expected, said, holds))

    def _held(self, part: str) -> bool:
        return next(holds for name, *_, holds in self.rows if name == part)

    def _name(self):
        name = getattr(self.pathway, "name", None)
        return f"{name!r}" if isinstance(name, str) else _kind(name), isinstance(name, str)

    def _vocabulary(self):
        vocabulary = getattr(self.pathway, "vocabulary", None)
        if not isinstance(vocabulary, Vocabulary):
            return _kind(vocabulary), False
        return f"{len(vocabulary)} words, special symbols included", True

    def _embedding(self):
        table, count = self.pathway.embedding, len(self.pathway.vocabulary)
        if not isinstance(table, Tensor):
            return _kind(table), False
        said = f"shape {tuple(table.shape)}, {str(table.dtype).removeprefix('torch.')}"
        fits = table.ndim == 2 and len(table) >= count
        self.batch = self.batch.to(table.device)
        return said + ("" if fits else f" for {count} words"), fits and table.is_floating_point()

    def _output_names(self):
        names = self.pathway.output_names
        if names is None:
            return "None", True
        holds = not isinstance(names, str) and all(isinstance(name, str) for name in names)
        return f"{len(names)}: {', '.join(map(str, list(names)[:3]))} ..", holds

    def _states(self):
        self.embedded = asking.words(self.pathway, self.batch.ids).detach()
        self.states = asking.states(self.pathway, self.embedded, self.batch.lengths)
        if self.states.shape[-1] < 1:
            return f"shape {tuple(self.states.shape)}", False
        return f"shape {tuple(self.states.shape)} for embedded of shape {tuple(self.embedded.shape)}", True

    def _alone(self, read: Callable) -> list[Tensor]:
        lengths = self.batch.lengths
        return [
            read(self.pathway, self.embedded[row : row + 1, :length], lengths[row : row + 1])[0]
            for row, length in enumerate(lengths.tolist())
        ]

    def _states_alone(self):
        alone = self._alone(asking.states)
        said, holds = _same(torch.cat(alone), torch.cat([s[: len(a)] for s, a in zip(self.states, alone, strict=True)]))
        return said if holds else f"{said}: padding is read, or neighbours; use lengths", holds

    def _padding(self):
        most = float(self.states[~self.batch.mask].abs().max())
        return ("zero" if most == 0 else f"up to {most:.3g}: multiply by a mask of real positions"), most == 0

    def _states_whole(self):
        return self._whole(asking.states)

    def _represented_whole(self):
        return self._whole(asking.representation)

    def _whole(self, read: Callable):
        rows = self.batch.lengths == self.batch.lengths.max()
        embedded = self.embedded[rows]
        return _same(read(self.pathway, embedded), read(self.pathway, embedded, self.batch.lengths[rows]))

    def _twice(self):
        said, holds = _same(self.states, asking.states(self.pathway, self.embedded, self.batch.lengths))
        return said if holds else f"{said}: is the network in training mode? call network.eval()", holds

    def _representation(self):
        self.represented = asking.representation(self.pathway, self.embedded, self.batch.lengths)
        return f"shape {tuple(self.represented.shape)}", True

    def _represented_alone(self):
        said, holds = _same(torch.stack(self._alone(asking.representation)), self.represented)
        return said if holds else f"{said}: padding is read; use lengths", holds

    def _outputs(self):
        self.scored = False
        try:
            scores = asking.outputs(self.pathway, self.represented)
        except MissingPart as error:  # said on purpose: methods that read states alone can be used
            return f"none: {_unnamed(self.pathway, error)}", True
        asking.outputs(self.pathway, self.states)  # those of every position, and of the whole
        self.scored = True
        return f"shape {tuple(scores.shape)} for states of shape {tuple(self.represented.shape)}", True

    def _gradient(self):
        embedded = self.embedded.clone().requires_grad_()
        with torch.enable_grad(), asking.differentiable():
            value = asking.representation(self.pathway, embedded, self.batch.lengths)
            value = asking.outputs(self.pathway, value) if self.scored else value
            (slope,) = asking.slopes(self.pathway, value.square().sum(), embedded)
        if not slope.isfinite().all():
            return "numbers that are not finite", False
        silent = int((slope[:, 1:].abs().amax(dim=(1, 2)) == 0).sum())
        return ("there" if not silent else f"zero at every word of {silent} of {len(slope)} sentences"), not silent

    def _steps(self):
        for name in ("initial", "step"):
            if not hasattr(self.pathway, name):
                return f"no {name}: a pathway has both or neither", False
        state, seen = self.pathway.initial(len(self.embedded)), []
        step = asking.advancing(self.pathway, self.pathway.step)
        for word in self.embedded.unbind(dim=1):
            state, units = step(word, state)
            seen.append(units)
        real = self.batch.mask
        said, holds = _same(torch.stack(seen, dim=1)[real], self.states[real])
        last = self.states[torch.arange(len(self.states)), self.batch.lengths - 1]
        if holds and self._held("representation") and not _same(last, self.represented)[1]:
            return "the states; but the representation is not the last of them", False
        return said, holds


def _two(vocabulary: Vocabulary, sentences) -> list[tuple[str, ...]]:
    """The words of the sentences that are read."""
    if sentences is None:
        known = vocabulary.words[len(SPECIALS) :] or SPECIALS[-1:]
        return [tuple(known[place % len(known)] for place in range(length)) for length in LENGTHS]
    words = as_tokens(sentences, vocabulary.tokenizer)
    if len({len(sentence) for sentence in words}) < 2:
        found = f"{len(words)} of {len(words[0])} words" if words else "none"
        raise ValueError(f"expected sentences of at least two different lengths, found {found}")
    return words


def _same(found: Tensor, expected: Tensor) -> tuple[str, bool]:
    """Whether two answers are the same but for rounding, and by how much they differ."""
    if found.shape != expected.shape:
        return f"shape {tuple(found.shape)} instead of {tuple(expected.shape)}", False
    most, scale = float((found - expected).abs().max()), max(float(expected.abs().max()), 1e-30)
    if not most <= CLOSE * scale:
        return f"differences up to {most:.3g}, of values up to {scale:.3g}", False
    return "the same", True


def _finite(states: Tensor) -> tuple[str, bool]:
    count = int((~states.isfinite()).sum())
    return (f"{count} of {states.numel()} are not" if count else "finite numbers"), not count


def _unnamed(pathway: Pathway, error: Exception) -> str:
    """What an error says, without the name of the pathway in front."""
    return str(error).removeprefix(asking.named(pathway)).removeprefix(": ").strip()


def _kind(found: object) -> str:
    return "nothing" if found is None else f"a {type(found).__name__}"
