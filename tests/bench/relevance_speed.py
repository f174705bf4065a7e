"""Support vector machines for every unit, feature and fold: all together beside scikit-learn's, one after another.

A loop over ``LinearSVC`` (squared hinge, b penalised: another objective, as often taken for its speed) would take hours
at full size, and one over ``SVC(kernel="linear")`` (the same objective as ours) weeks, since its time grows with the
square of the characters. So both are timed on a random sample of fits and scaled to all: the first at full size, the
second on fewer characters, with ours measured there too. The promise is 100 times either,
and memory that does not grow with the number of units.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import measure
import numpy as np
from measure import Row
from sklearn.svm import SVC, LinearSVC

from reading_neurons import passes
from reading_neurons.corpora import parentheses
from reading_neurons.corpora.strings import Strings
from reading_neurons.features import Library
from reading_neurons.features.libraries import library_of
from reading_neurons.methods import linear_svm
from reading_neurons.methods.labelled import labelled
from reading_neurons.models import store

FEATURES, FOLDS = 20, 20
FEW = 3000  # characters on which SVC is timed
PAIRS = 3  # of a unit and a feature, all of whose folds SVC fits
SAMPLE = 20  # fits of LinearSVC
CLOSE = 1e-3  # of the mean accuracy over folds
TARGET = 100
CONSTANT = 0.8  # what an eighth of the units must need of the memory of all
LINEAR, EXACT, UNITS = 'LinearSVC one by one', 'SVC(kernel="linear") one by one', "an eighth of the units"


def rows(units: int = 128, characters: int = 100_000, few: int = FEW, repeats: int = 3) -> list[Row]:
    """Our seconds beside those of both loops, and our memory beside that for an eighth of the units."""
    full = problem(units, characters)
    small = problem(units, few)
    note = f"{units} units x {FEATURES} features x {FOLDS} folds, {full[0].shape[1]} characters; {SAMPLE} fits scaled"
    found = [Row("relevance", LINEAR, whole(*full, repeats), one_by_one(LINEAR, *full), TARGET, note)]
    check(*small)
    note = f"the same, {small[0].shape[1]} characters; {PAIRS * FOLDS} fits scaled"
    found.append(Row("relevance", EXACT, whole(*small, repeats), one_by_one(EXACT, *small), TARGET, note))
    values, labels, folds = full
    ours, fewer = (peak(values[:count], labels, folds) for count in (units, max(1, units // 8)))
    found.append(Row("relevance", UNITS, ours, fewer, CONSTANT, "the peak beside states and labels", "GB"))
    return found


def strings_of(characters: int) -> Strings:
    """Balanced parentheses with about so many characters."""
    strings = parentheses.generate(strings=max(200, characters // 30)).train
    ends = np.cumsum([len(text) for text in strings.texts])
    return strings.take(np.arange(min(int(np.searchsorted(ends, characters)) + 1, len(strings))))


def problem(units: int, characters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States of an untrained network, shape (units, characters), binary labels, and folds."""
    corpus, strings = parentheses.generate(strings=200), strings_of(characters)
    pathway = store.untrained("character lstm", corpus, units=units).pathways["character lstm"]
    features = [feature for feature in library_of("parentheses") if not feature.continuous]
    many = [*features, *(feature.shift(1) for feature in features)][:FEATURES]
    labels, folds = labelled(strings, Library(many), FOLDS, seed=0)
    return np.ascontiguousarray(passes.states(pathway, strings).T), labels > 0.5, folds


def whole(values, labels, folds, repeats: int) -> float:
    """Median seconds for everything."""
    return measure.interleaved({"ours": lambda: linear_svm.fit(values, labels, folds)}, repeats)["ours"]


def one_by_one(road: str, values, labels, folds) -> float:
    """Seconds of a random sample of fits, scaled to one for every unit, feature and fold, and one on everything."""
    rng = np.random.default_rng(0)
    machine: Callable = {LINEAR: lambda: LinearSVC(), EXACT: lambda: SVC(kernel="linear")}[road]
    seconds = []
    for _ in range(SAMPLE if road == LINEAR else PAIRS * FOLDS):
        unit, feature, fold = (rng.integers(count) for count in (len(values), len(labels), FOLDS))
        trained = folds != fold
        x, y = values[unit, trained, None].astype(np.float64), labels[feature, trained]
        began = time.perf_counter()
        machine().fit(x, y)
        seconds.append(time.perf_counter() - began)
    return float(np.mean(seconds)) * len(values) * len(labels) * (FOLDS + 1)


def check(values, labels, folds) -> None:
    """Raise an error if mean accuracies over folds are not those of ``SVC``."""
    rng = np.random.default_rng(1)
    ours = linear_svm.fit(values, labels, folds).accuracy.mean(axis=2)
    for _ in range(PAIRS):
        unit, feature = rng.integers(len(values)), rng.integers(len(labels))
        x, y = values[unit, :, None].astype(np.float64), labels[feature]
        theirs = [
            SVC(kernel="linear").fit(x[folds != fold], y[folds != fold]).score(x[folds == fold], y[folds == fold])
            for fold in range(FOLDS)
        ]
        if (gap := abs(ours[unit, feature] - np.mean(theirs))) > CLOSE:
            raise RuntimeError(f"mean accuracies of SVC and ours differ by {gap:.2g}, expected at most {CLOSE}")


def peak(values, labels, folds) -> float:
    """The most memory in GB that the fits hold beside what they are given."""
    tracemalloc.start()
    try:
        linear_svm.fit(values, labels, folds)
        return tracemalloc.get_traced_memory()[1] / 1024**3
    finally:
        tracemalloc.stop()
