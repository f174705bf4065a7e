"""How much of a feature can be known at a character, by anybody who has not read further?

A label may depend on what follows: the first digit of ``1+2*3`` is inside of a sum, that of ``1*2`` is not, and a
network that has read ``1`` cannot tell. Where a language's chances are known, so is the best that anybody can do: for
every beginning, the label that most of its continuations give,

    ceiling = mean over characters of [l_t = the more frequent label of character t, over strings that go on from t].

Continuations are drawn, so the ceiling is estimated, and slightly too low where both labels are about as likely.

Easy to get wrong: calling a unit blind for what it could not see. A score is to be held against the base rate from
below and against this from above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.corpora.walks import Walk
from reading_neurons.features.feature import Feature


def ceilings(
    features: Iterable[Feature],
    strings: Strings,
    walk: Walk,
    tree: Callable[[str], ParsedString],
    *,
    continuations: int = 25,
    characters: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """The accuracy of the best guess of a label from what has been read.

    Parameters
    ----------
    features : iterable of Feature
        Binary ones.
    strings : Strings
        Of the language of the walk.
    walk : Walk
        Whose strings begin as they do.
    tree : callable
        From a text to what the features label, as a grammar's ``tree``.
    continuations : int
        Drawn for each beginning.
    characters : int
        How many beginnings are looked at, drawn from all strings; all if there are no more.
    seed : int

    Returns
    -------
    DataFrame
        One row per feature: ``feature``; ``majority``, the share of the more frequent label; ``ceiling``, that of the
        best guess; ``low`` and ``high``, its 95 % interval over the beginnings that were drawn.

    Raises
    ------
    ValueError
        If a feature is continuous, there is no continuation or character to draw, or a string is not of the walk.

    Examples
    --------
    >>> from reading_neurons.corpora import arithmetic
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> from reading_neurons.features.tree import range_of
    >>> corpus, walk = arithmetic.generate(strings=90, longest=9), arithmetic.walk(longest=9)
    >>> kinds = [range_of("digit"), range_of("sum")]
    >>> found = ceilings(kinds, corpus.test, walk, ARITHMETIC.tree, characters=60)
    >>> found.ceiling.tolist()[0], bool(found.ceiling[1] < 0.95)
    (1.0, True)
    """
    features = list(features)
    if counting := [feature.name for feature in features if feature.continuous]:
        raise ValueError(f"a ceiling of accuracy is for binary features, found continuous ones: {', '.join(counting)}")
    if continuations < 1 or characters < 1:
        raise ValueError(f"expected at least 1 continuation and character, found {continuations} and {characters}")
    rng = np.random.default_rng(seed)
    right, labels = [], []
    for number, place in _places(strings, characters, rng):
        begun = strings.texts[number][: place + 1]
        drawn = [tree(walk.draw(rng, begun)) for _ in range(continuations)]
        shares = [np.mean([feature.labels(string)[place] for string in drawn]) for feature in features]
        actual = np.array([feature.labels(strings.items[number])[place] for feature in features])
        right.append((np.array(shares) > 0.5) == actual)
        labels.append(actual)
    hits, mean = np.array(right, dtype=float), np.mean(labels, axis=0)
    spread = 1.96 * hits.std(axis=0) / np.sqrt(len(hits))
    ceiling = hits.mean(axis=0)
    return pd.DataFrame(
        {
            "feature": [feature.name for feature in features], "majority": np.maximum(mean, 1 - mean),
            "ceiling": ceiling, "low": ceiling - spread, "high": np.minimum(ceiling + spread, 1.0),
        }
    )  # fmt: skip


def _places(strings: Strings, characters: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """String and place of some characters, each as likely as any other."""
    places = [(number, place) for number, text in enumerate(strings.texts) for place in range(len(text))]
    if len(places) <= characters:
        return places
    return [places[i] for i in np.sort(rng.choice(len(places), characters, replace=False))]
