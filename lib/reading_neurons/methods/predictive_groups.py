"""Groups of units that know a feature together, where no single one does: logistic regression with an L1 penalty.

The paper's plan (Deep Neural Inspection 2017, section 6: "identify clusters of neurons that together learn the same
feature"). With states x standardised, y of -1 or 1 and n characters it minimises

    sum abs(w_u) + C * sum log(1 + exp(-y (w x + b))),

whose solution leaves most weights at exactly 0. As C grows the group does, from one unit to all.

Easy to get wrong: reading the members as the ones that know. Of two units that say the same the penalty keeps one, and
which is chance; another seed may keep the other. What can be read is how many units it takes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from reading_neurons import passes
from reading_neurons.features.feature import Feature, Library
from reading_neurons.methods.labelled import Labelled, labelled, require_rows
from reading_neurons.pathway import Pathway

STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # C
CHARACTERS = 20_000


def groups(
    pathway: Pathway,
    corpus: Labelled,
    feature: Feature,
    *,
    strengths: Sequence[float] = STRENGTHS,
    folds: int = 5,
    characters: int = CHARACTERS,
    seed: int = 0,
) -> pd.DataFrame:
    """How many units it takes to predict a binary feature how well.

    Parameters
    ----------
    pathway : Pathway
    corpus : Strings, or :class:`~reading_neurons.features.words.AnnotatedCaptions`
    feature : Feature
        Binary.
    strengths : sequence of float
        Values of C.
    folds : int
        Of the cross-validation; groups of the corpus stay whole.
    characters : int
        Whole items are drawn at random until they have so many: the fit is slow, and needs no more.
    seed : int

    Returns
    -------
    DataFrame
        One row per strength: ``strength``; ``units`` (how many have a weight in the fit on everything), ``members``
        (their numbers, largest absolute weight first); ``accuracy``, ``majority`` and ``balanced``, cross-validated.

    Raises
    ------
    ValueError
        If the feature is continuous or the same everywhere, a strength is not above 0, or there are fewer groups than
        folds.
    """
    if feature.continuous:
        raise ValueError(
            f"the feature {feature.name!r} is continuous, and groups are found by predicting two classes: "
            "take features of single values, as open_is('brackets', 2)"
        )
    if not strengths or min(strengths) <= 0:
        raise ValueError(f"expected strengths above 0, found {list(strengths)}")
    corpus = _drawn(corpus, characters, seed)
    labels, in_fold = labelled(corpus, Library([feature]), folds, seed)
    states = passes.states(pathway, corpus.tokens)
    require_rows(len(states), labels.shape[1])
    y = labels[0] > 0.5
    return pd.DataFrame([_row(strength, states, y, in_fold) for strength in sorted(strengths)])


class _Part:
    """Some items of a corpus."""

    def __init__(self, corpus: Labelled, chosen: np.ndarray):
        self.tokens = [corpus.tokens[i] for i in chosen]
        self.items = [corpus.items[i] for i in chosen]
        self.groups = np.asarray(corpus.groups)[chosen]


def _drawn(corpus: Labelled, characters: int, seed: int) -> _Part:
    order = np.random.default_rng(seed).permutation(len(corpus.tokens))
    before = np.cumsum([0, *(len(corpus.tokens[i]) for i in order)])[:-1]
    return _Part(corpus, np.sort(order[before < characters]))


def _row(strength: float, states: np.ndarray, y: np.ndarray, folds: np.ndarray) -> dict[str, object]:
    right, often = np.zeros(len(y), dtype=bool), np.zeros(len(y), dtype=bool)
    for fold in range(int(folds.max()) + 1):
        tested, trained = folds == fold, folds != fold
        right[tested] = _fitted(strength, states[trained], y[trained])(states[tested]) == y[tested]
        often[tested] = (y[trained].mean() >= 0.5) == y[tested]
    weights = _weights(strength, states, y)
    order = np.argsort(-np.abs(weights), kind="stable")[: np.count_nonzero(weights)]
    return {
        "strength": strength,
        "units": len(order),
        "members": tuple(order.tolist()),
        "accuracy": right.mean(),
        "majority": often.mean(),
        "balanced": (right[y].mean() + right[~y].mean()) / 2,
    }


def _fitted(strength: float, states: np.ndarray, y: np.ndarray):
    """A function from states to predictions."""
    if y.all() or not y.any():
        return lambda tested: np.full(len(tested), y[0])
    centre, scale = states.mean(axis=0), np.maximum(states.std(axis=0), 1e-6)
    model = _model(strength).fit((states - centre) / scale, y)
    return lambda tested: model.predict((tested - centre) / scale)


def _weights(strength: float, states: np.ndarray, y: np.ndarray) -> np.ndarray:
    scale = np.maximum(states.std(axis=0), 1e-6)
    return _model(strength).fit((states - states.mean(axis=0)) / scale, y).coef_[0]


def _model(strength: float) -> LogisticRegression:
    # A large constant input takes the penalty off the intercept.
    return LogisticRegression(l1_ratio=1, C=strength, solver="liblinear", intercept_scaling=100, random_state=0)
