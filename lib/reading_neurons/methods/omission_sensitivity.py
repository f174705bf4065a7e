"""What in a sentence moves the omission score of a word: its place (all words) and its role (single words).

Kádár et al. 2017, sections 5.3.1 and 5.3.2, on the models of :mod:`reading_neurons.methods.omission_models`. A place
counts by its coefficient in FULL, where word and role have coefficients of their own; a word is sensitive to its role
if DEPREL predicts its held-out scores better than WORD.

Easy to get wrong: coefficients without a reference level. With a column for every position and an intercept beside
them only differences between positions mean something, so they are centred, and their errors are those of the
centred coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reading_neurons.methods.omission_models import MODELS, POSITIONS, Fitted
from reading_neurons.ridge import collect
from reading_neurons.statistics import mean_intervals, summarise

_Z = 1.959964  # standard errors on each side of a 95 % interval


def positions(fitted: Fitted, model: str = "FULL") -> pd.DataFrame:
    """Coefficients of the positions, centred on their mean (the paper's figure 6).

    Parameters
    ----------
    fitted : Fitted
    model : str
        ``"FULL"`` or ``"POSITION"``.

    Returns
    -------
    DataFrame
        One row per pathway and position: ``pathway``, ``position``, ``coefficient``, ``low``, ``high``. The 95 %
        interval is cluster-robust: from how far each image of the training half pulls the penalised coefficient
        (its residuals times the inverse of the penalised normal equations). It says how well the coefficient is
        known at its penalty, not how far the penalty shrinks it.

    Raises
    ------
    ValueError
        If the model has no positions.
    """
    names = fitted.designs[model].names if model in fitted.designs else []
    shown = [position for position in POSITIONS if f"position={position}" in names]
    even = dict.fromkeys(shown, -1 / max(len(shown), 1))
    contrasts = {position: {**even, position: 1 + even[position]} for position in shown}
    found = position_contrasts(fitted, contrasts, model)
    return found.rename(columns={"contrast": "position", "difference": "coefficient"})


def position_contrasts(
    fitted: Fitted, contrasts: Mapping[str, Mapping[str, float]], model: str = "FULL"
) -> pd.DataFrame:
    """Weighted sums of the coefficients of positions, such as last less middle.

    Parameters
    ----------
    fitted : Fitted
    contrasts : mapping of str to mapping of str to float
        For each contrast the weights of positions; they sum to 0.
    model : str
        ``"FULL"`` or ``"POSITION"``.

    Returns
    -------
    DataFrame
        ``pathway``, ``contrast``, ``difference``, ``low``, ``high``, as :func:`positions` computes them.

    Raises
    ------
    ValueError
        If the model has no positions, or a contrast names one that no training token has.
    """
    if model not in fitted.designs or ("position",) not in MODELS[model]:
        raise ValueError(f"expected a fitted model with positions, FULL or POSITION, found {model!r}")
    design, tokens = fitted.designs[model], fitted.tokens[fitted.train]
    weights = np.zeros((len(design) + 1, len(contrasts)))  # the intercept comes last
    column_of = {name: column for column, name in enumerate(design.names)}
    for column, contrast in enumerate(contrasts.values()):
        for position, weight in contrast.items():
            if f"position={position}" not in column_of:
                raise ValueError(f"no token that was fitted has the position {position!r}")
            weights[column_of[f"position={position}"], column] = weight
    sums = collect(design, tokens, fitted.scores[fitted.train])
    matrix, image = design.matrix(tokens), pd.factorize(tokens["image"])[0]
    rows = []
    for column, pathway in enumerate(fitted.pathways):
        penalty = fitted.penalty(model, pathway)
        found, solved = fitted.fits[model, penalty], sums.solver(penalty)(weights)
        residual = fitted.scores[fitted.train, column] - found.predict(matrix)[:, column]
        error = _Z * _clustered_error((matrix @ solved[:-1] + solved[-1]) * residual[:, None], image)
        difference = weights[:-1].T @ found.coefficients[:, column]
        bounds = (difference, difference - error, difference + error)
        rows += list(zip([pathway] * len(contrasts), contrasts, *bounds, strict=True))
    return pd.DataFrame(rows, columns=["pathway", "contrast", "difference", "low", "high"])


def _clustered_error(pull: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Standard error of sums whose terms are dependent inside a cluster, for each column."""
    clusters = int(cluster.max()) + 1
    sums = np.stack([np.bincount(cluster, part, minlength=clusters) for part in pull.T])
    return np.sqrt(clusters / max(clusters - 1, 1) * (sums**2).sum(axis=1))


def sensitive_words(
    fitted: Fitted, pathway: str = "visual", *, min_count: int = 100, replicates: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Words by how much better DEPREL predicts their held-out scores than WORD (the paper's choice for figure 5).

    Parameters
    ----------
    fitted : Fitted
    pathway : str
    min_count : int
        Words seen less often, in both halves together, are left out.
    replicates, seed : int
        Of the bootstrap over images.

    Returns
    -------
    DataFrame
        One row per word, the most sensitive first: ``rank`` (from 1), ``word``, ``count``, ``held_out`` (tokens of
        the test half), ``word_error``, ``deprel_error`` (mean absolute errors), ``reduction``, ``low``, ``high``
        (95 % interval of the reduction).

    Raises
    ------
    ValueError
        If WORD or DEPREL was not fitted, the pathway is unknown, or no word is seen often enough in the test half.
    """
    for model in ("WORD", "DEPREL"):
        fitted.check(model, pathway)
    held, column = ~fitted.train, fitted.pathways.index(pathway)
    score = fitted.scores[held, column]
    errors = {model: np.abs(score - fitted.predictions[model][:, column]) for model in ("WORD", "DEPREL")}
    count = fitted.tokens["word"].value_counts()
    rows = fitted.tokens.loc[held, ["word", "image"]].assign(
        word_error=errors["WORD"], deprel_error=errors["DEPREL"], reduction=errors["WORD"] - errors["DEPREL"]
    )
    rows = rows[rows["word"].map(count) >= min_count]
    if rows.empty:
        raise ValueError(f"no word is seen {min_count} times, the most frequent {count.max()} times: lower min_count")
    means = rows.groupby("word")[["word_error", "deprel_error"]].mean()
    found = mean_intervals(rows, "reduction", "word", replicates=replicates, seed=seed).join(means, on="word")
    found = found.rename(columns={"mean": "reduction", "count": "held_out"})
    found = found.assign(count=found["word"].map(count)).sort_values("reduction", ascending=False, ignore_index=True)
    found.insert(0, "rank", np.arange(1, len(found) + 1))
    return found[["rank", "word", "count", "held_out", "word_error", "deprel_error", "reduction", "low", "high"]]


def by_deprel(
    table: pd.DataFrame, words: Sequence[str], pathway: str = "visual", *, min_count: int = 5, replicates: int = 1000
) -> pd.DataFrame:
    """Scores of single words in each of their roles (the paper's figure 5).

    Parameters
    ----------
    table : DataFrame
        As for :func:`reading_neurons.methods.omission_models.fit`.
    words : sequence of str
    pathway : str
    min_count : int
        A role needs as many tokens of the word.
    replicates : int
        Of the bootstrap over images.

    Returns
    -------
    DataFrame
        One row per word and dependency label: ``word``, ``deprel``, ``count``, ``median``, ``low``, ``high`` (95 %
        interval of the median), ``p5``, ``q1``, ``q3``, ``p95``.

    Raises
    ------
    ValueError
        If no word has a role that is frequent enough, or the pathway is unknown.
    """
    rows = table[(table["pathway"] == pathway) & table["word"].isin(list(words))]
    if rows.empty:
        raise ValueError(f"none of the words {', '.join(words)} has a score of the pathway {pathway!r}")
    found = summarise(rows, "score", ["word", "deprel"], min_count=min_count, replicates=replicates)
    order = {word: place for place, word in enumerate(words)}
    return found.sort_values("word", key=lambda column: column.map(order), kind="stable", ignore_index=True)


def compare_labels(
    fitted: Fitted, other: Sequence[str], pathway: str = "visual", model: str = "DEPREL"
) -> pd.DataFrame:
    """Which of two labels of a token predicts its score better (the paper's argument about *zebra*).

    A parser may err where the network does not: then the score is that of the role that the word has, not of the
    label that it was given.

    Parameters
    ----------
    fitted : Fitted
        To the labels that were given.
    other : sequence of str, shape (tokens,)
        Another label for every token, such as the true one.
    pathway, model : str

    Returns
    -------
    DataFrame
        One row per token of the test half whose labels differ: ``word``, ``image``, ``given``, ``other``,
        ``given_error``, ``other_error`` (absolute), ``other_nearer`` (1, 0, or 0.5 where both are equal).

    Raises
    ------
    ValueError
        If there is not one label per token, or the model knows no labels.
    """
    fitted.check(model, pathway)
    if len(other) != len(fitted.tokens) or ("deprel",) not in MODELS[model]:
        raise ValueError(
            f"expected a label for each of {len(fitted.tokens)} tokens and a model with labels, "
            f"found {len(other)} labels and {model}"
        )
    labelled = fitted.tokens.assign(other=np.asarray(other, dtype=object))
    chosen = ~fitted.train & (labelled["other"] != labelled["deprel"]).to_numpy()
    rows, column = labelled[chosen], fitted.pathways.index(pathway)
    fit, errors = fitted.fits[model, fitted.penalty(model, pathway)], []
    for labels in (rows["deprel"], rows["other"]):
        predicted = fit.predict(fitted.designs[model].matrix(rows.assign(deprel=labels)))[:, column]
        errors.append(np.abs(fitted.scores[chosen, column] - predicted))
    nearer = (np.sign(errors[0] - errors[1]) + 1) / 2
    found = rows[["word", "image", "deprel", "other"]].rename(columns={"deprel": "given"})
    return found.assign(given_error=errors[0], other_error=errors[1], other_nearer=nearer).reset_index(drop=True)
