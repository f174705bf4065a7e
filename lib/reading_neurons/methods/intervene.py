"""Writing into a network while it reads (Deep Neural Inspection 2017, sections 5.2 and 5.3).

After every step the chosen units are overwritten,

    h_t = step(x_t, h_(t-1)),    then    h_t[unit] = value    for each chosen unit,

and the written state is what the next step starts from. The value is a number (+1 as published, or towards the sign
that a fitted model gives the unit), zero (the paper's Rm-Neuron), the unit's mean over a corpus, or a feature's label
at each character (its Oracle).

Easy to get wrong: a fused LSTM or GRU computes all its states in one call and never sees what was written into one of
them. Inside of :func:`intervene` a pathway is driven step by step, and whatever would go round that is replaced.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import passes
from reading_neurons.features.feature import Feature
from reading_neurons.methods.held import Held, Planned, replaced
from reading_neurons.pathway import Pathway, Recurrent, require_recurrent
from reading_neurons.summaries import Means

if TYPE_CHECKING:
    from distributed import Client

ACTIVE, REMOVED = "active", "removed"
Values = float | Sequence[float] | np.ndarray | Tensor
Setting = str | Values | Callable[[Pathway, list[int], np.ndarray | None], Values]


@contextmanager
def intervene(
    pathway: Recurrent, units: int | Iterable[int] | pd.DataFrame, set_to: Setting = ACTIVE
) -> Iterator[Recurrent]:
    """Overwrite some units of a pathway after each of its steps, inside of a ``with`` block.

    The state before the first step is left as it is. Only the object given is changed, and only inside of the block:
    another pathway of the same network reads as ever. Blocks can be nested.

    Parameters
    ----------
    pathway : Pathway
        One that can be driven word by word.
    units : int, sequence of int, or DataFrame
        Which units. A table, such as :func:`reading_neurons.methods.relevance.top` gives, has the columns ``unit`` and
        ``weight``, whose sign says in which direction a unit stands for its feature.
    set_to : optional
        What is written: ``"active"``, +1 or -1 by each unit's :func:`direction <directions>` (the default);
        ``"removed"``, 0; a
        number, or one for each unit; ``mean_over(corpus)``; ``oracle(feature, strings)``; an array of shape (strings,
        positions, units) for the positions ``<s> c1 .. cn </s>`` of certain strings, which are then read in this order,
        and where NaN leaves a unit alone.

    Yields
    ------
    Pathway
        The one that was given.

    Raises
    ------
    TypeError
        If the pathway cannot be driven word by word, or its state cannot be written.
    ValueError
        If a unit does not exist or is named twice, a value is not a number, there are not as many as units, or a
        direction is asked for that no table gives.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> opening = Detector("inside", on=["("], off=[")"], hold=1.0)
    >>> pathway = DetectorPathway(Vocabulary(list("a()"), list), [opening])
    >>> with intervene(pathway, 0, set_to=0.5) as held:
    ...     passes.states(held, ["a(a)a"])[:, 0].tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5]
    >>> passes.states(pathway, ["a(a)a"])[:, 0].tolist()
    [0.0, 1.0, 1.0, 0.0, 0.0]
    """
    require_recurrent(pathway, "an intervention")
    width = _width(pathway)
    numbers, signs = _chosen(units, width)
    values = _values(pathway, numbers, signs, set_to)
    held = (Planned if values.ndim == 3 else Held)(pathway, numbers, width, values)
    with replaced(pathway, held.methods()):
        yield pathway


def means(
    pathway: Pathway, corpus: passes.Sentences, *, client: Client | None = None
) -> Float[np.ndarray, "units"]:
    """The mean of every unit over the characters (or words) of a corpus, which the workers of a client may read.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(list("ab"), list), [Detector("a", on=["a"])])
    >>> means(pathway, ["abbb", "aaaa"]).tolist()
    [0.625]
    """
    return passes.run(Means(), pathway, corpus, client).result()


def mean_over(corpus: passes.Sentences, *, client: Client | None = None) -> Setting:
    """For ``set_to``: each unit's mean over a corpus, read without intervention."""
    return lambda pathway, numbers, signs: means(pathway, corpus, client=client)[numbers]


def oracle(feature: Feature, strings: Sequence[Any]) -> Setting:
    """For ``set_to``: what a feature says of each character, its labels stretched linearly from [0, 1] to [-1, 1].

    A unit whose table gives it a negative weight gets the opposite; without a table all get the labels as they are, as
    published. After ``<s>`` and ``</s>`` nothing is written, for no feature labels them.

    Parameters
    ----------
    feature : Feature
    strings : sequence
        The items of the strings that are read inside of the block, all of them and in this order.

    Examples
    --------
    >>> feature = Feature("x", "the letter x", lambda text: [c == "x" for c in text])
    >>> oracle(feature, ["ax", "x"])(None, [3], None)[..., 0].tolist()
    [[nan, -1.0, 1.0, nan], [nan, 1.0, nan, nan]]
    """
    return lambda pathway, numbers, signs: stretched(
        [feature.labels(item) for item in strings], np.ones(len(numbers)) if signs is None else signs
    )


def stretched(labels: Sequence[np.ndarray], signs: np.ndarray) -> Float[np.ndarray, "strings positions units"]:
    """Labels of strings from 0 to 1 as an array for ``set_to``: stretched to [-1, 1], turned by each unit's sign."""
    if not len(labels):
        raise ValueError("an oracle needs at least one string to speak of, found none")
    values = np.full((len(labels), max(map(len, labels)) + 2, len(signs)), np.nan)
    for row, of_string in enumerate(labels):
        values[row, 1 : 1 + len(of_string)] = np.multiply.outer(2 * np.asarray(of_string, dtype=np.float64) - 1, signs)
    return values


@torch.no_grad()
def _width(pathway: Recurrent) -> int:
    """How many units a pathway has."""
    if isinstance(units := getattr(pathway, "units", None), int):
        return units
    return pathway.step(pathway.embedding[:1], pathway.initial(1))[1].shape[-1]


def _chosen(units: int | Iterable[int] | pd.DataFrame, width: int) -> tuple[list[int], np.ndarray | None]:
    """The numbers of the chosen units, checked, and the signs of their weights if a table gives them."""
    signs = None
    if isinstance(units, pd.DataFrame):
        if missing := {"unit", "weight"} - set(units):
            raise ValueError(f"a table of units needs the columns 'unit' and 'weight', found no {sorted(missing)}")
        weights = units["weight"].to_numpy(dtype=np.float64)
        if np.isnan(weights).any():
            raise ValueError("a weight of the table is NaN: the feature says nothing of that unit, choose another")
        units, signs = units["unit"], directions(units)
    try:
        numbers = [operator.index(unit) for unit in (units if isinstance(units, Iterable) else [units])]
    except TypeError:
        raise ValueError(f"units are whole numbers from 0 to {width - 1}, found {units!r}") from None
    if wrong := [number for number in numbers if not 0 <= number < width]:
        raise ValueError(f"there is no unit {wrong[0]}: this pathway has the units 0 to {width - 1}")
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"each unit can be written once, found one twice among {numbers}")
    return numbers, signs


def directions(table: pd.DataFrame) -> Float[np.ndarray, "units"]:
    """In which direction each unit of a table stands for its feature, +1 or -1.

    The sign of ``weight``; where that is 0, as a support vector machine leaves it if it cannot beat the majority, the
    side of one half that ``auc`` is on, if the table has it; else +1.

    Examples
    --------
    >>> directions(pd.DataFrame({"weight": [2.0, -0.1, 0.0, 0.0], "auc": [0.9, 0.2, 0.4, 0.6]})).tolist()
    [1.0, -1.0, -1.0, 1.0]
    """
    lean = table["auc"].to_numpy(dtype=np.float64) - 0.5 if "auc" in table else np.zeros(len(table))
    weights = table["weight"].to_numpy(dtype=np.float64)
    return np.where(np.where(weights == 0, lean, weights) < 0, -1.0, 1.0)


def _values(pathway: Recurrent, numbers: list[int], signs: np.ndarray | None, set_to: Setting) -> np.ndarray:
    """What is written: shape (units,), or (strings, positions, units)."""
    if isinstance(set_to, str):
        return _by_name(set_to, numbers, signs)
    if callable(set_to):
        set_to = set_to(pathway, numbers, signs)
    values = np.asarray(set_to.detach().cpu() if isinstance(set_to, Tensor) else set_to, dtype=np.float64)
    if values.ndim == 0:
        values = np.full(len(numbers), values)
    if values.ndim not in (1, 3) or values.shape[-1] != len(numbers):
        raise ValueError(
            f"expected one number, one for each of the {len(numbers)} units, or an array of shape (strings, positions, "
            f"{len(numbers)}); found the shape {values.shape}"
        )
    if np.isinf(values).any() or (values.ndim == 1 and np.isnan(values).any()):
        raise ValueError(f"units can be set to numbers alone, found {values[~np.isfinite(values)].flat[0]}")
    return values


def _by_name(set_to: str, numbers: list[int], signs: np.ndarray | None) -> np.ndarray:
    if set_to == REMOVED:
        return np.zeros(len(numbers))
    if set_to != ACTIVE:
        raise ValueError(f"units can be set to {ACTIVE!r}, {REMOVED!r} or numbers, found {set_to!r}")
    if signs is None:
        raise ValueError(
            "to hold units active, their direction must be known, for a unit may be active at -1: give a table with "
            "the columns 'unit' and 'weight' (relevance(...), top(...)), or set_to=1 as published"
        )
    return signs
