"""Features: what somebody knows about a text, as one number for every character (Deep Neural Inspection 2017, section 3).

A feature is a function from an item (a parsed string, a tagged sentence) to labels ``l_1 .. l_n``, one for each
character or word of it. Binary features say whether something is the case there; continuous ones say how much of it,
scaled to [0, 1] by the most that it can be.

Easy to get wrong: sums. The paper's f1 = f2 + f3 counts how deep a character is, up to 2, and is scaled by that 2;
scaling the parts first and adding them afterwards would give deeper nestings too little. A feature therefore keeps
what it counts (``values``) and the most it can be, and scales at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

Values = Callable[[Any], np.ndarray]


@dataclass(frozen=True)
class Feature:
    """A label for every character of a string, or every word of a sentence.

    Features combine: ``f + g`` counts both (continuous), ``f & g``, ``f | g`` and ``~f`` are for binary ones, and
    ``f.shift(n)`` labels a character with what ``f`` says of the one ``n`` places earlier.

    Attributes
    ----------
    name : str
        How tables and charts call it; unique in a library.
    description : str
        What is the case where it is 1, in words.
    values : callable
        From an item to an array of its length, before scaling.
    continuous : bool
        False: values are 0 or 1 (or False and True). True: values are from 0 to ``most``.
    most : float
        The largest value; larger ones count as this.

    Examples
    --------
    >>> vowel = Feature("vowel", "a, e, i, o or u", lambda text: [c in "aeiou" for c in text])
    >>> vowel.labels("neuron").tolist()
    [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    >>> double = vowel & vowel.shift(1)
    >>> double.name, double.labels("neuron").tolist()
    ('vowel and vowel 1 before', [0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    >>> (vowel + vowel.shift(1)).labels("neuron").tolist()
    [0.0, 0.5, 1.0, 0.5, 0.5, 0.5]
    """

    name: str
    description: str
    values: Values
    continuous: bool = False
    most: float = 1.0

    def __post_init__(self):
        if not self.most > 0:
            raise ValueError(f"the feature {self.name!r} needs a largest value above 0, found {self.most}")

    def labels(self, item: Any) -> np.ndarray:
        """The label of every character (or word) of an item, from 0 to 1, shape (n,).

        Raises
        ------
        ValueError
            If there are not as many values as characters, one is below 0 or no number, or a binary one is neither 0
            nor 1.
        """
        found = self._found(item)
        return np.minimum(found, self.most) / self.most if self.continuous else found

    def _found(self, item: Any) -> np.ndarray:
        """The values of an item, checked, before scaling."""
        values = np.asarray(self.values(item), dtype=np.float64)
        if values.shape != (len(item),):
            raise ValueError(
                f"the feature {self.name!r} must give one value for each of the {len(item)} characters, found the "
                f"shape {values.shape}: {_shown(item)}"
            )
        allowed = values >= 0 if self.continuous else (values == 0) | (values == 1)
        if not allowed.all():
            place = int(np.argmin(allowed))
            expected = "a number from 0 on" if self.continuous else "0 or 1 (or continuous=True)"
            raise ValueError(
                f"the feature {self.name!r} must give {expected}, found {values[place]} at character {place}: "
                f"{_shown(item)}"
            )
        return values

    def named(self, name: str, description: str | None = None) -> Feature:
        """The same feature under another name."""
        return replace(self, name=name, description=description or self.description)

    def shift(self, places: int) -> Feature:
        """What the feature says of the character ``places`` earlier (later if below 0); 0 where there is none."""
        when = f"{abs(places)} {'before' if places > 0 else 'after'}"
        if places == 0:
            return self

        def values(item: Any) -> np.ndarray:
            found, moved = self._found(item), np.zeros(len(item))
            if places > 0:
                moved[places:] = found[:-places]
            else:
                moved[:places] = found[-places:]
            return moved

        return replace(self, name=f"{self.name} {when}", description=f"{self.description}, {when}", values=values)

    def __add__(self, other: Feature) -> Feature:
        return Feature(
            f"{self.name} + {other.name}", f"how many of: {self.description}; {other.description}",
            lambda item: self._capped(item) + other._capped(item), continuous=True, most=self.most + other.most,
        )  # fmt: skip

    def _capped(self, item: Any) -> np.ndarray:
        return np.minimum(self._found(item), self.most)

    def __and__(self, other: Feature) -> Feature:
        self._require_binary(other)
        return Feature(
            f"{self.name} and {other.name}", f"{self.description}, and {other.description}",
            lambda item: self._found(item) * other._found(item),
        )  # fmt: skip

    def __or__(self, other: Feature) -> Feature:
        self._require_binary(other)
        return Feature(
            f"{self.name} or {other.name}", f"{self.description}, or {other.description}",
            lambda item: np.maximum(self._found(item), other._found(item)),
        )  # fmt: skip

    def __invert__(self) -> Feature:
        self._require_binary()
        return Feature(f"not {self.name}", f"not: {self.description}", lambda item: 1 - self._found(item))

    def _require_binary(self, *others: Feature) -> None:
        for feature in (self, *others):
            if feature.continuous:
                raise ValueError(
                    f"the feature {feature.name!r} is continuous: and, or and not take binary features; compare it "
                    "with a number first, in a feature of your own"
                )


def _shown(item: Any) -> str:
    text = getattr(item, "text", item)
    return f"{text[:40]!r}{' ...' if len(text) > 40 else ''}"


@dataclass(frozen=True)
class Library(Sequence):
    """Features by name.

    Parameters
    ----------
    features : iterable of Feature

    Raises
    ------
    ValueError
        If there is none, or two share a name.

    Examples
    --------
    >>> library = Library([Feature("x", "the letter x", lambda text: [c == "x" for c in text])])
    >>> library.table()[["feature", "kind", "description"]].values.tolist()
    [['x', 'binary', 'the letter x']]
    >>> library.labels(["ax", "x"]).tolist()
    [[0.0, 1.0, 1.0]]
    """

    features: tuple[Feature, ...]

    def __init__(self, features: Iterable[Feature]):
        object.__setattr__(self, "features", tuple(features))
        if not self.features:
            raise ValueError("a library needs at least one feature, found none")
        names = [feature.name for feature in self.features]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"features of a library need names of their own, found more than once: {', '.join(repeated)}; "
                "rename one with feature.named(...)"
            )

    def __len__(self) -> int:
        return len(self.features)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __getitem__(self, which: int | slice | str):
        if isinstance(which, slice):
            return Library(self.features[which])
        if isinstance(which, int):
            return self.features[which]
        for feature in self.features:
            if feature.name == which:
                return feature
        raise KeyError(f"no feature is named {which!r}: there are {', '.join(self.names)}")

    def __add__(self, others: Iterable[Feature]) -> Library:
        return Library([*self.features, *others])

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(feature.name for feature in self.features)

    def table(self) -> pd.DataFrame:
        """One row per feature: ``feature``, ``kind`` ("binary" or "continuous"), ``most``, ``description``."""
        return pd.DataFrame(
            [
                (feature.name, "continuous" if feature.continuous else "binary", feature.most, feature.description)
                for feature in self.features
            ],
            columns=["feature", "kind", "most", "description"],
        )

    def labels(self, items: Iterable[Any]) -> np.ndarray:
        """The labels of all items, one behind the other, shape (features, characters), float32.

        Raises
        ------
        ValueError
            If there is no item, or a feature's labels do not fit one.
        """
        parts = [np.stack([feature.labels(item) for feature in self.features]) for item in items]
        if not parts:
            raise ValueError("expected at least one item to label, found none")
        return np.concatenate(parts, axis=1).astype(np.float32)
