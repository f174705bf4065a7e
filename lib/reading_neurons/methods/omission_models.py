"""Linear models of omission scores: is it the word, its role in the sentence, or its place?

Kádár et al. 2017, section 5.3. Four ridge regressions predict the score of a token from one-hot codes:

    WORD      word
    DEPREL    word + deprel + word:deprel
    POSITION  word + position + word:position
    FULL      word + deprel + position + word:deprel + word:position

Half of the images fits them, the other half asks how much of the variance they explain (R2). What DEPREL explains
beyond WORD, the network must have read off the sentence around the word. :mod:`reading_neurons.ridge` solves them.

Easy to get wrong: the half that tests must decide nothing. The penalty is chosen on an inner split of the training
half, and images, not tokens, are split and resampled. The original cut after 100,000 tokens and took the penalty that
was best on the test part; ``as_published=True`` does so too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reading_neurons.ridge import Fit, NormalEquations, OneHot, collect
from reading_neurons.statistics import cluster_draws, halves, interval

MODELS: dict[str, tuple[tuple[str, ...], ...]] = {
    "WORD": (("word",),),
    "DEPREL": (("word",), ("deprel",), ("word", "deprel")),
    "POSITION": (("word",), ("position",), ("word", "position")),
    "FULL": (("word",), ("deprel",), ("position",), ("word", "deprel"), ("word", "position")),
}
POSITIONS = ("first", "second", "third", "middle", "antepenult", "penult", "last")
PENALTIES = tuple(2.0**power for power in range(-2, 6))
PUBLISHED_TOKENS = 100_000  # that the original fitted
_NEEDED = ("sentence", "position", "word", "deprel", "image", "pathway", "score")


@dataclass(frozen=True)
class Fitted:
    """The four models, fitted to the scores of one or more pathways.

    Attributes
    ----------
    tokens : DataFrame
        One row per token: ``word``, ``deprel``, ``position`` (a name of :data:`POSITIONS`), ``image``.
    train : bool array, shape (tokens,)
        Where the models were fitted; the other tokens test them.
    pathways : tuple of str
    scores : float array, shape (tokens, pathways)
    choice : DataFrame
        Every penalty that was tried: ``pathway``, ``model``, ``penalty``, ``r2`` (where it was judged), ``chosen``.
    designs : dict of str to OneHot
    fits : dict of (str, float) to Fit
        By model and penalty, for each penalty that some pathway chose.
    predictions : dict of str to float array, shape (test tokens, pathways)
    seed : int
    """

    tokens: pd.DataFrame
    train: np.ndarray
    pathways: tuple[str, ...]
    scores: np.ndarray
    choice: pd.DataFrame
    designs: dict[str, OneHot]
    fits: dict[tuple[str, float], Fit]
    predictions: dict[str, np.ndarray]
    seed: int

    def penalty(self, model: str, pathway: str) -> float:
        """The penalty chosen for a pathway in a model."""
        found = self.choice[self.choice["chosen"] & (self.choice["model"] == model)]
        return float(found.set_index("pathway").loc[pathway, "penalty"])

    def coefficients(self, model: str, pathway: str) -> pd.Series:
        """The coefficients of a model by the names of its columns, such as ``deprel=nsubj``."""
        self.check(model, pathway)
        fit = self.fits[model, self.penalty(model, pathway)]
        return pd.Series(fit.coefficients[:, self.pathways.index(pathway)], index=self.designs[model].names)

    def check(self, model: str, pathway: str) -> None:
        """Raise a ``ValueError`` if no such model was fitted."""
        if model not in self.designs or pathway not in self.pathways:
            raise ValueError(
                f"no model {model!r} of the pathway {pathway!r}: models are {', '.join(self.designs)}, "
                f"pathways {', '.join(self.pathways)}"
            )


def position_bin(position: np.ndarray | Sequence[int], length: np.ndarray | Sequence[int]) -> np.ndarray:
    """The name of a place in a sentence; in short sentences the first three places win over the last three.

    Parameters
    ----------
    position : int array
        From 0.
    length : int array
        Words of the sentence.

    Returns
    -------
    array of str
        Of :data:`POSITIONS`.

    Raises
    ------
    ValueError
        If a position lies outside its sentence.

    Examples
    --------
    >>> position_bin(range(8), [8] * 8).tolist()
    ['first', 'second', 'third', 'middle', 'middle', 'antepenult', 'penult', 'last']
    >>> position_bin(range(4), [4] * 4).tolist()
    ['first', 'second', 'third', 'last']
    """
    position, length = np.asarray(position), np.asarray(length)
    if ((position < 0) | (position >= length)).any():
        raise ValueError("a position must be from 0 to the length of its sentence less 1; were words filtered before?")
    tests = [position == 0, position == 1, position == 2]
    tests += [position == length - 1, position == length - 2, position == length - 3]
    return np.select(tests, ["first", "second", "third", "last", "penult", "antepenult"], "middle").astype(object)


def fit(
    table: pd.DataFrame,
    *,
    models: Sequence[str] = tuple(MODELS),
    penalties: Sequence[float] = PENALTIES,
    seed: int = 0,
    as_published: bool = False,
    published_tokens: int = PUBLISHED_TOKENS,
) -> Fitted:
    """Fit the models to one half of the images and predict the other.

    Parameters
    ----------
    table : DataFrame
        One row per word and pathway, whole sentences, as :func:`reading_neurons.methods.omission.annotated` gives it:
        ``sentence``, ``position``, ``word``, ``deprel``, ``image``, ``pathway``, ``score``. All pathways share one
        design.
    models : sequence of str
        Of :data:`MODELS`.
    penalties : sequence of float
        Candidates; each pathway gets the one whose fit to half of the training images predicts the rest of them best.
    seed : int
        Of the two splits of images.
    as_published : bool
        Fit the first tokens of the table, whatever their images, and choose the penalty on the test part.
    published_tokens : int
        How many tokens that is.

    Returns
    -------
    Fitted

    Raises
    ------
    ValueError
        If a column is missing or holds no number, pathways have different words, sentences are not whole, a model is
        unknown, or there are too few images or tokens for the splits.

    References
    ----------
    Kádár et al. 2017, section 5.3.
    """
    _check_models(models, penalties)
    tokens, pathways, scores = shared_tokens(table)
    train, inner = _splits(tokens, seed, published_tokens if as_published else None)
    choice, designs, fits, predictions = [], {}, {}, {}
    for model in models:
        tried = _judge(MODELS[model], tokens, scores, inner, ~train if as_published else train & ~inner, penalties)
        best = np.argmax(tried, axis=0)
        choice += [
            (pathway, model, penalty, tried[row, column], row == best[column])
            for column, pathway in enumerate(pathways)
            for row, penalty in enumerate(penalties)
        ]
        designs[model] = OneHot.of(tokens[train], MODELS[model])
        sums = collect(designs[model], tokens[train], scores[train])
        held = designs[model].matrix(tokens[~train])
        predictions[model] = np.empty((held.shape[0], len(pathways)))
        for row in np.unique(best):
            fits[model, penalties[row]] = found = sums.fit(penalties[row])
            predictions[model][:, best == row] = found.predict(held)[:, best == row]
    columns = ["pathway", "model", "penalty", "r2", "chosen"]
    return Fitted(
        tokens, train, pathways, scores, pd.DataFrame(choice, columns=columns), designs, fits, predictions, seed
    )


def _check_models(models: Sequence[str], penalties: Sequence[float]) -> None:
    if not len(models) or not set(models) <= set(MODELS):
        raise ValueError(f"expected some of the models {', '.join(MODELS)}, found {', '.join(models) or 'none'}")
    if not len(penalties) or min(penalties) <= 0:
        raise ValueError(f"expected at least one penalty, all above 0, found {list(penalties)}")


def shared_tokens(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...], np.ndarray]:
    """The tokens with the factors of the models, the pathways, and their scores side by side.

    Parameters
    ----------
    table : DataFrame
        As for :func:`fit`.

    Returns
    -------
    tokens : DataFrame
        ``position`` (a name of :data:`POSITIONS`), ``word``, ``deprel``, ``image``.
    pathways : tuple of str
    scores : float array, shape (tokens, pathways)

    Raises
    ------
    ValueError
        As :func:`fit`.
    """
    if missing := [column for column in _NEEDED if column not in table]:
        raise ValueError(f"linear models need the columns {', '.join(missing)}; the table has {list(table)}")
    if table.empty:
        raise ValueError("linear models need at least one token, found an empty table")
    parts = {name: part for name, part in table.groupby("pathway", sort=False)}
    first = next(iter(parts.values()))
    tokens = first[["sentence", "position", "word", "deprel", "image"]].reset_index(drop=True)
    for name, part in parts.items():
        if not part[list(tokens)].reset_index(drop=True).equals(tokens):
            raise ValueError(f"the rows of {name!r} are not the same words in the same order as those of the others")
    scores = np.stack([part["score"].to_numpy(float) for part in parts.values()], axis=1)
    if not np.isfinite(scores).all() or tokens["deprel"].isna().any():
        raise ValueError("every token needs a score that is a number and a dependency label; drop those without first")
    length = tokens.groupby("sentence")["position"].transform("size")
    if tokens.duplicated(["sentence", "position"]).any():
        raise ValueError("a sentence has two words at one position: give each sentence a number of its own")
    position = position_bin(tokens["position"], length)
    return tokens.assign(position=position).drop(columns="sentence"), tuple(parts), scores


def _splits(tokens: pd.DataFrame, seed: int, published: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Where models are fitted, and where they are fitted while the penalty is chosen."""
    if published is not None:
        if not 0 < published < len(tokens):
            raise ValueError(
                f"as published, the first {published:,} tokens are fitted and the rest is the test: "
                f"found only {len(tokens):,} tokens; set published_tokens lower"
            )
        train = np.arange(len(tokens)) < published
        return train, train
    image = tokens["image"].to_numpy()
    if len(np.unique(image)) < 4:
        raise ValueError(f"two splits in halves need at least 4 images, found {len(np.unique(image))}")
    train = halves(image, seed)
    inner = np.zeros_like(train)
    inner[train] = halves(image[train], seed + 1)
    return train, inner


def _judge(terms, tokens, scores, fitted, judged, penalties) -> np.ndarray:
    """R2 of every penalty for every pathway, shape (penalties, pathways), fitted here and judged there."""
    design = OneHot.of(tokens[fitted], terms)
    sums: NormalEquations = collect(design, tokens[fitted], scores[fitted])
    matrix, truth = design.matrix(tokens[judged]), scores[judged]
    total = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    errors = [((truth - sums.fit(penalty).predict(matrix)) ** 2).sum(axis=0) for penalty in penalties]
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - np.array(errors) / total


def r2(fitted: Fitted, *, replicates: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Variance that each model explains on the other half, and what it explains beyond WORD (the paper's figure 4).

    Parameters
    ----------
    fitted : Fitted
    replicates, seed : int
        Of the bootstrap over images of the test half; the models stay as they were fitted. An increase is taken
        within each replicate, so that its interval is that of a paired difference.

    Returns
    -------
    DataFrame
        One row per pathway and model: ``pathway``, ``model``, ``r2``, ``low``, ``high``, ``increase``,
        ``increase_low``, ``increase_high`` (NaN if WORD was not fitted), ``penalty``, ``columns`` (of the design). R2
        is 1 less squared error over squared deviation from the test mean: below 0 if that mean predicts better, NaN
        if all scores are equal.
    """
    rows = []
    for pathway in fitted.pathways:
        drawn = explained(fitted, pathway, replicates=replicates, seed=seed)
        for model, share in drawn.items():
            increase = share - drawn["WORD"] if "WORD" in drawn else np.full_like(share, np.nan)
            rows.append(
                (pathway, model, share[0], *interval(share[1:]), increase[0], *interval(increase[1:]),
                 fitted.penalty(model, pathway), len(fitted.designs[model]))
            )  # fmt: skip
    columns = [
        "pathway",
        "model",
        "r2",
        "low",
        "high",
        "increase",
        "increase_low",
        "increase_high",
        "penalty",
        "columns",
    ]
    return pd.DataFrame(rows, columns=columns)


def explained(fitted: Fitted, pathway: str, *, replicates: int = 1000, seed: int = 0) -> dict[str, np.ndarray]:
    """R2 of each model for one pathway: on the test half, then in every bootstrap replicate over its images.

    The same seed draws the same images for every pathway, so that differences between pathways are paired too.

    Returns
    -------
    dict of str to float array, shape (1 + replicates,)
    """
    number, images = pd.factorize(fitted.tokens["image"].to_numpy()[~fitted.train])
    draws = np.vstack([np.ones(len(images), dtype=int), cluster_draws(len(images), replicates, seed)])
    column = fitted.pathways.index(pathway)
    truth = fitted.scores[~fitted.train, column]
    # Deviations are taken from the mean once, so that the squares below lose no digits.
    truth = truth - truth.mean()
    count, total, squares = (
        draws @ np.bincount(number, part, minlength=len(images)) for part in (np.ones_like(truth), truth, truth**2)
    )
    spread = squares - total**2 / count
    found = {}
    for model, predicted in fitted.predictions.items():
        error = (fitted.scores[~fitted.train, column] - predicted[:, column]) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            found[model] = 1 - draws @ np.bincount(number, error, minlength=len(images)) / spread
        found[model][spread <= 0] = np.nan
    return found
