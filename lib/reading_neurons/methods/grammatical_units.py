"""Units predictive of a grammatical function: which units does a classifier of dependency labels lean on?

Kádár et al. 2017, section 6.3. The label of the word at t is predicted by multinomial logistic regression from the
state at t and from the word n-grams that end at t, up to width 4,

    P(label | t) = softmax(state(t) A + ngrams(t) B + c),

fitted on one half of the images, tested on the other. A unit's weight for a label says what it adds to the n-grams,
so the units of largest absolute weight are called the label's units.

Easy to get wrong: weights of units of different sizes cannot be compared, so states are standardised over the fitted
words (``as_published=True`` leaves them raw). And an accuracy alone proves little: a classifier of so many weights can
learn labels that mean nothing, which the control task measures (Hewitt and Liang 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from scipy import sparse

from reading_neurons import logistic, ngrams
from reading_neurons.statistics import halves

TOP = 5  # units of a label (paper: section 6.3)
ROWS_AT_ONCE = 20_000  # of states that are standardised together to be classified
WIDTH = 4  # of the widest n-grams (paper: section 6.3)


def ngram_features(
    words: Sequence[str], sentence: np.ndarray, fitted: Bool[np.ndarray, "words"], width: int = WIDTH
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Which n-grams end at each word, as ones; those seen once among the fitted words are left out.

    Parameters
    ----------
    words : sequence of str, length (words,)
    sentence : int array, shape (words,)
    fitted : bool array, shape (words,)
    width : int
        Of the widest; at the beginning of a sentence an n-gram is padded on its left.

    Returns
    -------
    features : scipy.sparse.csr_matrix, shape (words, n-grams)
    widths : int array, shape (n-grams,)
        Rising: a prefix of the columns are the n-grams up to some width.

    Examples
    --------
    >>> features, widths = ngram_features(["a", "dog", "a", "dog"], np.array([0, 0, 1, 1]), np.ones(4, bool), width=2)
    >>> features.toarray().astype(int).tolist(), widths.tolist()
    ([[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]], [1, 1, 2, 2])
    """
    if width < 1:
        raise ValueError(f"n-grams have a width of at least 1, found {width}")
    blocks, widths = [], []
    for size in range(1, width + 1):
        code = ngrams.codes(words, sentence, size)
        kept = np.bincount(code[fitted], minlength=code.max() + 1) > 1
        rows = np.flatnonzero(kept[code])
        columns = (np.cumsum(kept) - 1)[code[rows]]
        ones = np.ones(len(rows), dtype=np.float32)
        blocks.append(sparse.csr_matrix((ones, (rows, columns)), shape=(len(code), kept.sum())))
        widths += [size] * int(kept.sum())
    return sparse.hstack(blocks, format="csr"), np.array(widths)


@dataclass(frozen=True)
class Task:
    """Labels of words, to be predicted on a held-out half. Made by :func:`task`.

    Attributes
    ----------
    tokens : DataFrame
        One row a word, as :func:`reading_neurons.annotation.token_table` gives it.
    label : array of str, shape (words,)
    fitted : bool array, shape (words,)
        True where a classifier learns, False where it is tested.
    names : tuple of str
        The labels it can give: those frequent enough among the fitted words.
    features : csr matrix, shape (words, n-grams)
    widths : int array, shape (n-grams,)
    min_count : int
    """

    tokens: pd.DataFrame
    label: np.ndarray
    fitted: np.ndarray
    names: tuple[str, ...]
    features: sparse.csr_matrix
    widths: np.ndarray
    min_count: int

    @cached_property
    def target(self) -> np.ndarray:
        """The number of each word's label; -1 for a label that is too rare to be learnt."""
        return pd.Index(self.names).get_indexer(self.label).astype(np.int64)

    def relabelled(self, label: np.ndarray) -> Task:
        """The same words with other labels."""
        counts = pd.Series(label[self.fitted]).value_counts()
        names = tuple(sorted(counts.index[counts >= self.min_count]))
        if len(names) < 2:
            raise ValueError(
                f"found {len(names)} labels that {self.min_count} fitted words have, expected at least 2: "
                "give more sentences, or lower min_count"
            )
        return replace(self, label=label, names=names)

    def control(self, seed: int = 0) -> Task:
        """The control task: each word type gets one label at random, as often as labels occur.

        Reference: Hewitt and Liang 2019. A classifier can only learn it by heart, word by word.
        """
        rng = np.random.default_rng(seed)
        number, types = pd.factorize(self.tokens["word"])
        return self.relabelled(rng.choice(self.label, size=len(types))[number])

    def shuffled(self, seed: int = 0) -> Task:
        """The null: labels shuffled among the words of one type, so that only the word itself tells anything."""
        rng = np.random.default_rng(seed)
        number = pd.factorize(self.tokens["word"])[0]
        order = np.argsort(number, kind="stable")
        label = np.empty_like(self.label)
        label[order] = self.label[order[np.argsort(number[order] + rng.random(len(order)) * 0.999, kind="stable")]]
        return self.relabelled(label)

    def fit(
        self,
        states: Float[np.ndarray, "words units"] | None = None,
        width: int = 0,
        *,
        penalty: float = 100.0,
        ngram_penalty: float = 1.0,
        rows: np.ndarray | None = None,
        tolerance: float = 1e-4,
        as_published: bool = False,
    ) -> Probe:
        """Fit a classifier of the labels.

        Parameters
        ----------
        states : float array, shape (words, units), optional
            As :func:`reading_neurons.passes.states` gives them.
        width : int
            N-grams up to this width are predictors too; 1 is the word alone, 0 none.
        penalty, ngram_penalty : float
            Strength of the L2 penalty on the weights of states, and of n-grams.
        rows : int array, optional
            Where it learns; by default all fitted words.
        tolerance : float
            See :func:`reading_neurons.logistic.fit`.
        as_published : bool
            Leave the states as they are, instead of giving each unit mean 0 and standard deviation 1.

        Returns
        -------
        Probe

        Raises
        ------
        ValueError
            If there is nothing to predict from, or the states are not those of the words.
        """
        if width < 0 or width > self.widths.max(initial=0):
            raise ValueError(f"n-grams of this task have widths up to {self.widths.max(initial=0)}, found {width}")
        if states is None and not width:
            raise ValueError("found nothing to predict from: give states, or a width of n-grams above 0")
        if states is not None and len(states) != len(self.tokens):
            raise ValueError(
                f"found {len(states)} states for {len(self.tokens)} words: give those that passes.states returns for "
                "the same captions"
            )
        rows = np.flatnonzero(self.fitted) if rows is None else np.asarray(rows)
        rows = rows[self.target[rows] >= 0]
        centre, scale = _scaling(states, rows, as_published)
        found = logistic.fit(
            self.target[rows], len(self.names),
            dense=None if states is None else _scaled(states[rows], centre, scale),
            features=self._upto(width)[rows] if width else None,
            penalty=penalty, sparse_penalty=ngram_penalty, tolerance=tolerance,
        )  # fmt: skip
        return Probe(self, found, width, centre, scale)

    def _upto(self, width: int) -> sparse.csr_matrix:
        return self.features[:, : int(np.searchsorted(self.widths, width, side="right"))]


def _scaled(states: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Standardised states, in place: ``states`` is a copy, and a large one."""
    states -= centre
    states /= scale
    return states


def _scaling(states: np.ndarray | None, rows: np.ndarray, as_published: bool):
    """What to take off each unit and what to divide it by; a unit that never varies is divided by 1."""
    if states is None:
        return None, None
    if as_published:
        return np.float32(0), np.float32(1)
    part = states[rows]
    spread = part.std(axis=0)
    return part.mean(axis=0), np.where(spread > 1e-6, spread, 1).astype(np.float32)


@dataclass(frozen=True)
class Probe:
    """A classifier that was fitted to a task.

    Attributes
    ----------
    task : Task
    classifier : reading_neurons.logistic.Classifier
    width : int
        Of its widest n-grams.
    centre, scale : float arrays, shape (units,)
        What its states were reduced and divided by.
    """

    task: Task
    classifier: logistic.Classifier
    width: int
    centre: np.ndarray | None
    scale: np.ndarray | None

    def correct(self, states: np.ndarray | None = None) -> Bool[np.ndarray, "words"]:
        """Whether each word, held out or not, gets its own label; a label too rare to be learnt never is.

        Parameters
        ----------
        states : float array, shape (words, units), optional
            Those that it was fitted on, where it was.
        """
        return self.predicted(states) == self.task.target

    def predicted(self, states: np.ndarray | None = None) -> np.ndarray:
        """The number of the label, among ``task.names``, that each word gets."""
        features = self.task._upto(self.width) if self.width else None
        parts = []
        for rows in np.array_split(np.arange(len(self.task.label)), len(self.task.label) // ROWS_AT_ONCE + 1):
            dense = None if states is None else _scaled(states[rows], self.centre, self.scale)
            parts.append(self.classifier.predict(dense, None if features is None else features[rows]))
        return np.concatenate(parts)

    def weights(self) -> pd.DataFrame:
        """The weight of every unit for every label: ``unit``, ``label``, ``weight``.

        Weights of one unit are given relative to their mean over labels, which no prediction depends on.
        """
        dense = self._centred()
        unit, label = np.indices(dense.shape)
        names = np.array(self.task.names, dtype=object)[label.ravel()]
        return pd.DataFrame({"unit": unit.ravel(), "label": names, "weight": dense.ravel()})

    def top_units(self, k: int = TOP) -> pd.DataFrame:
        """The units of largest absolute weight for each label.

        Returns
        -------
        DataFrame
            One row per label and rank: ``label``, ``rank`` (0 is the largest), ``unit``, ``weight``.

        Raises
        ------
        ValueError
            If k is below 1 or above the number of units.
        """
        dense = self._centred()
        if not 1 <= k <= len(dense):
            raise ValueError(f"asked for {k} units of each label, expected 1 to {len(dense)}, the number of units")
        order = np.argsort(-np.abs(dense), axis=0, kind="stable")[:k]
        names = self.task.names
        return pd.DataFrame(
            [
                (name, rank, int(order[rank, label]), float(dense[order[rank, label], label]))
                for label, name in enumerate(names)
                for rank in range(k)
            ],
            columns=["label", "rank", "unit", "weight"],
        )

    def _centred(self) -> np.ndarray:
        dense = self.classifier.dense
        return dense - dense.mean(axis=1, keepdims=True)


def task(
    tokens: pd.DataFrame,
    label: str = "deprel",
    *,
    width: int = WIDTH,
    min_count: int = 20,
    fitted: Bool[np.ndarray, "words"] | None = None,
    seed: int = 0,
) -> Task:
    """A task: predict a label of each word.

    Parameters
    ----------
    tokens : DataFrame
        One row a word: ``sentence``, ``word``, ``image`` and the label; as
        :func:`reading_neurons.annotation.token_table` gives it.
    label : str
        Which column is to be predicted.
    width : int
        Of the widest n-grams.
    min_count : int
        A label of fewer fitted words is not learnt; among the tested words it counts as an error.
    fitted : bool array, shape (words,), optional
        Where to learn; by default a random half of the images.
    seed : int
        Of the halves.

    Returns
    -------
    Task

    Raises
    ------
    ValueError
        If a column is missing, there is no word, too few images, or fewer than two frequent labels.

    Examples
    --------
    >>> tokens = pd.DataFrame({"sentence": [0, 0, 1, 1] * 20, "word": ["a", "dog"] * 40, "image": range(80),
    ...                        "deprel": ["det", "nsubj"] * 40})
    >>> small = task(tokens, min_count=5)
    >>> probe = small.fit(width=1)
    >>> small.names, float(probe.correct()[~small.fitted].mean())
    (('det', 'nsubj'), 1.0)
    """
    if missing := [name for name in ("sentence", "word", "image", label) if name not in tokens]:
        raise ValueError(
            f"the table has no column {', '.join(map(repr, missing))}; its columns are {list(tokens)}: "
            "make it with annotation.token_table, which needs parses"
        )
    if not len(tokens):
        raise ValueError("expected at least one word, found an empty table")
    fitted = halves(tokens["image"], seed) if fitted is None else np.asarray(fitted, dtype=bool)
    features, widths = ngram_features(tokens["word"], tokens["sentence"].to_numpy(), fitted, width)
    blank = Task(tokens, np.empty(0), fitted, (), features, widths, min_count)
    return blank.relabelled(tokens[label].to_numpy(dtype=object))
