"""What is asked of a pathway, and a look at what comes back: an error names the part of the protocol that is wrong.

Methods call ``asking.states(pathway, ..)`` where they mean ``pathway.states(..)``. Shapes, types and devices of tensors
that are there anyway are compared, which costs microseconds; what would cost a second reading (are two sentences read
as each alone?) is asked by :func:`reading_neurons.checks.check`.

Easy to get wrong: gradients on a GPU. cuDNN refuses to go back through a recurrent network in evaluation mode ("cudnn
RNN backward can only be called in training mode"). Whoever builds a graph for a gradient does so inside of
:func:`differentiable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from jaxtyping import Float, Int
from torch import Tensor

if TYPE_CHECKING:
    from reading_neurons.pathway import Pathway


class PathwayError(ValueError):
    """A pathway that does not keep to the protocol: which part, what it gave, what was expected.

    Code that a pathway brings along may raise it too, and it is then passed on as it is.

    Attributes
    ----------
    found, expected : str
        The two halves of the message, where it has them.
    """

    found = expected = ""


class MissingPart(PathwayError, TypeError):
    """A pathway lacks something that a method needs, as steps or outputs."""


def named(pathway: Pathway) -> str:
    """How an error calls a pathway, also one without a name."""
    return f"the pathway {getattr(pathway, 'name', type(pathway).__name__)!r}"


def wrong(pathway: Pathway, part: str, found: str, expected: str) -> NoReturn:
    """Raise the :class:`PathwayError` of a part of the protocol."""
    error = PathwayError(f"{named(pathway)}: {part} {found}: expected {expected}")
    error.found, error.expected = found, expected
    raise error


def words(pathway: Pathway, ids: Int[Tensor, "*shape"]) -> Float[Tensor, "*shape embedding"]:
    """The embeddings of word numbers.

    Raises
    ------
    PathwayError
        If the embedding has fewer rows than the vocabulary has words.
    """
    table = pathway.embedding
    if table.ndim != 2 or len(table) < len(pathway.vocabulary):
        count = len(pathway.vocabulary)
        wrong(
            pathway, "embedding", f"has shape {tuple(table.shape)} for a vocabulary of {count} words, <pad>, <s>, </s> "
            "and <unk> included", f"one row a word, shape ({count}, embedding)",
        )  # fmt: skip
    return table[ids]


def states(
    pathway: Pathway, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"] | None = None
) -> Float[Tensor, "batch time units"]:
    """``pathway.states(embedded, lengths)``, looked at.

    Raises
    ------
    PathwayError
        If the call fails (with what failed as its cause), or gives anything else than one vector per position.

    Examples
    --------
    >>> class Backwards:
    ...     name = "backwards"
    ...     def states(self, embedded, lengths=None):
    ...         return embedded.transpose(0, 1)
    >>> states(Backwards(), torch.zeros(2, 7, 16))
    Traceback (most recent call last):
        ...
    reading_neurons.asking.PathwayError: the pathway 'backwards': states(embedded, lengths) gave shape (7, 2, 16) for
    embedded of shape (2, 7, 16): expected one vector of units per position, shape (2, 7, units); batch and time have
    changed places: is batch_first=True missing?
    """
    found = _called(pathway, "states", embedded, lengths)
    looked_at(pathway, "states(embedded, lengths)", found, embedded)
    return found


def looked_at(pathway: Pathway, part: str, found: Any, embedded: Tensor) -> None:
    """Raise a :class:`PathwayError` unless ``found`` is one vector of floats per position, on the same device."""
    _is_floats(pathway, part, found, embedded)
    if found.ndim != 3 or found.shape[:2] != embedded.shape[:2]:
        batch, time = embedded.shape[:2]
        expected = f"one vector of units per position, shape ({batch}, {time}, units){_hint(found, batch, time)}"
        wrong(pathway, part, _gave(found, embedded), expected)


def representation(
    pathway: Pathway, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"] | None = None
) -> Float[Tensor, "batch units"]:
    """``pathway.representation(embedded, lengths)``, looked at.

    Raises
    ------
    PathwayError
        If the call fails, gives anything else than one vector for each sentence, or a number that is not finite.
    """
    found, part = _called(pathway, "representation", embedded, lengths), "representation(embedded, lengths)"
    _is_floats(pathway, part, found, embedded)
    if found.ndim != 2 or len(found) != len(embedded):
        expected = f"one vector for each sentence, shape ({len(embedded)}, units)"
        wrong(pathway, part, _gave(found, embedded), expected)
    require_finite(pathway, part, found)
    return found


def outputs(pathway: Pathway, states: Float[Tensor, "*shape units"]) -> Float[Tensor, "*shape outputs"]:
    """``pathway.outputs(states)``, looked at.

    Raises
    ------
    PathwayError
        If the call fails, or gives anything else than one score for each output, as many as there are names.
    """
    try:
        found = pathway.outputs(states)
    except Exception as error:
        _failed(pathway, "outputs(states)", f"states of shape {tuple(states.shape)}", error)
    part, shape = "outputs(states)", tuple(states.shape)
    _is_floats(pathway, part, found, states)
    if found.ndim != states.ndim or found.shape[:-1] != states.shape[:-1]:
        expected = f"the scores of each state, shape ({', '.join(map(str, shape[:-1]))}, outputs)"
        wrong(pathway, part, f"gave shape {tuple(found.shape)} for states of shape {shape}", expected)
    names = getattr(pathway, "output_names", None)
    if names is not None and len(names) != found.shape[-1]:
        expected = f"one name for each, or output_names = None; the names are {', '.join(map(str, names[:6]))}"
        wrong(pathway, part, f"gave {found.shape[-1]} scores for {len(names)} output_names", expected)
    return found


def advancing(pathway: Pathway, advance: Callable) -> Callable:
    """The ``step`` or ``advance`` of a pathway, each answer looked at: ``(state, units)``, units with a row a word."""
    part = f"{'advance' if hasattr(pathway, 'advance') else 'step'}(word, state)"

    def asked(word: Tensor, state: Any) -> tuple[Any, Tensor]:
        try:
            found = advance(word, state)
        except Exception as error:
            _failed(pathway, part, f"a word of shape {tuple(word.shape)}", error)
        if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], Tensor):
            wrong(pathway, part, f"gave {_kind(found)}", "two things, the new state and its units")
        if found[1].ndim != 2 or len(found[1]) != len(word):
            shape = tuple(found[1].shape)
            wrong(pathway, part, f"gave units of shape {shape}", f"one vector a word, shape ({len(word)}, units)")
        return found

    return asked


@contextmanager
def differentiable() -> Iterator[None]:
    """Build a graph through which a gradient can go back: without cuDNN, which refuses in evaluation mode.

    Everything inside is computed without cuDNN, convolutions too, which changes how fast they are and not what they
    are. Afterwards, and after an exception, cuDNN is as it was.

    Examples
    --------
    >>> with differentiable():
    ...     torch.backends.cudnn.enabled
    False
    """
    before = torch.backends.cudnn.enabled
    torch.backends.cudnn.enabled = False
    try:
        yield
    finally:
        torch.backends.cudnn.enabled = before


def slopes(
    pathway: Pathway, value: Float[Tensor, ""], leaves: Tensor | Sequence[Tensor], **options: Any
) -> tuple[Tensor, ...]:
    """The derivative of a value with respect to vectors that stood in the place of words.

    Parameters
    ----------
    pathway : Pathway
        Whose answer the value comes from.
    value : float tensor, shape ()
    leaves : tensor, or sequence of them
    **options
        Of ``torch.autograd.grad``.

    Raises
    ------
    PathwayError
        If no derivative arrives: somewhere the states were cut off from the embeddings.
    """
    leaves = [leaves] if isinstance(leaves, Tensor) else list(leaves)
    found = torch.autograd.grad(value, leaves, allow_unused=True, **options) if value.requires_grad else [None]
    if any(slope is None for slope in found):
        wrong(
            pathway, "states(embedded, lengths) or outputs(states)", "gave what has no derivative for embedded",
            "operations of torch from embedded to scores: is there a detach(), no_grad(), numpy(), argmax() or another "
            "look-up of word numbers in between?",
        )  # fmt: skip
    return tuple(found)


def require_finite(pathway: Pathway, part: str, found: Tensor) -> None:
    """Raise a :class:`PathwayError` if a number is infinite or none."""
    if not found.isfinite().all():
        count = int((~found.isfinite()).sum())
        said = f"gave {count} of {found.numel()} numbers that are not finite"
        wrong(pathway, part, said, "finite ones: was the training unstable, or is something divided by 0?")


def _called(pathway: Pathway, part: str, embedded: Tensor, lengths: Tensor | None) -> Any:
    method = getattr(pathway, part, None)
    if method is None:
        raise MissingPart(
            f"{named(pathway)} has no method {part}(embedded, lengths): add it, or subclass wrapping.Wrapped"
        )
    try:
        return method(embedded) if lengths is None else method(embedded, lengths)
    except Exception as error:
        given = f"embedded of shape {tuple(embedded.shape)} and lengths {_short(lengths)}"
        _failed(pathway, f"{part}(embedded, lengths)", given, error)


def _failed(pathway: Pathway, part: str, given: str, error: Exception) -> NoReturn:
    """Raise what came of code that is not ours, with the part that was asked."""
    if isinstance(error, PathwayError | torch.OutOfMemoryError):
        raise error
    raise PathwayError(f"{named(pathway)}: {part} failed for {given}: {type(error).__name__}: {error}") from error


def _is_floats(pathway: Pathway, part: str, found: Any, given: Tensor) -> None:
    if not isinstance(found, Tensor):
        hint = "; of a recurrent layer of torch take the first of the two" if isinstance(found, tuple) else ""
        wrong(pathway, part, f"gave {_kind(found)}", f"a tensor{hint}")
    if not found.is_floating_point():
        wrong(pathway, part, f"gave numbers of the type {found.dtype}", "floating-point numbers, before any argmax")
    if found.device != given.device:
        said = f"gave a tensor on {found.device} for one on {given.device}"
        wrong(pathway, part, said, "everything on the device of pathway.embedding: move the network and the embedding")


def _gave(found: Tensor, embedded: Tensor) -> str:
    return f"gave shape {tuple(found.shape)} for embedded of shape {tuple(embedded.shape)}"


def _kind(found: Any) -> str:
    parts = f" of {len(found)}" if isinstance(found, tuple | list) else ""
    return f"a {type(found).__name__}{parts}" if found is not None else "nothing (is a return missing?)"


def _hint(found: Tensor, batch: int, time: int) -> str:
    """What is likely to have happened to states of a wrong shape."""
    shape = tuple(found.shape)
    if shape[:2] == (time, batch) and len(shape) == 3:
        return "; batch and time have changed places: is batch_first=True missing?"
    if len(shape) == 3 and shape[0] == batch and shape[2] == time:
        return "; time comes last: transpose(1, 2) is missing"
    if len(shape) == 3 and shape[0] == batch:
        missing = abs(time - shape[1])
        return f"; {missing} position{'s' * (missing > 1)} too {'few' if shape[1] < time else 'many'}"
    if len(shape) == 2 and shape[0] == batch:
        return "; one vector for the whole sentence is what representation gives"
    return ""


def _short(lengths: Tensor | None) -> str:
    if lengths is None:
        return "None (no sentence is padded)"
    few = lengths[:8].tolist()
    return str(few) if len(lengths) <= 8 else f"{str(few)[:-1]}, ..]"
