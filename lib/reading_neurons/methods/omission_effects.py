"""How much a role or a place adds to a word's omission score, with errors that admit that tokens are dependent.

Beyond Kádár et al. 2017, whose section 5.3 compares what models explain. Here two models say by how much, in units of
the score, both with the dependency label and the position as fixed effects against a reference (an object of a
preposition, in the middle of the sentence):

    robust   score = word's own level + deprel + position + error      errors free inside an image
    mixed    score = deprel + position + (1 | word) + (1 | sentence) + error

In the first every word type has its own level, which is taken out by centring, and statsmodels' ``OLS`` computes
errors that allow any dependence between tokens of one image. In the second, words and sentences are draws from two
normal distributions whose variances are estimated by restricted maximum likelihood.

Easy to get wrong: crossed random intercepts. A word occurs in many sentences and a sentence has many words, so all
tokens form one group. statsmodels' ``MixedLM`` can say so, but then it solves dense systems of tokens by levels at
every step: measured 12 s for 200 captions, 27 s and 0.7 GB for 400, and some matrices have a hundred million entries at
2,000. :func:`mixed` therefore maximises the same likelihood from sparse sums, and a test holds it to ``MixedLM``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import linalg, optimize, sparse

from reading_neurons.methods.omission_models import POSITIONS, shared_tokens

REFERENCE = {"deprel": "pobj", "position": "middle"}
OTHER = "other"
_Z = 1.959964  # standard errors on each side of a 95 % interval


@dataclass(frozen=True)
class Mixed:
    """A mixed model with crossed random intercepts.

    Attributes
    ----------
    effects : DataFrame
        As :func:`robust` returns them.
    variances : DataFrame
        ``source`` (``word``, ``sentence``, ``rest``), ``variance``, ``deviation`` (its root, in units of the score),
        ``share`` (of the three together), ``levels``.
    """

    effects: pd.DataFrame
    variances: pd.DataFrame


def robust(
    table: pd.DataFrame,
    pathway: str,
    *,
    reference: Mapping[str, str] = REFERENCE,
    min_count: int = 50,
    tags: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Effects of label and position inside a word type, with errors clustered by image.

    Parameters
    ----------
    table : DataFrame
        Scores as :func:`reading_neurons.methods.omission.annotated` gives them; whole sentences.
    pathway : str
    reference : dict
        What a ``deprel`` and a ``position`` are compared with.
    min_count : int
        Labels of fewer tokens are put together as ``other``.
    tags : sequence of str, optional
        Only words of these tags are compared, such as ``("NN", "NNS")``; positions are those in the whole sentence.

    Returns
    -------
    DataFrame
        One row per label and position but the references: ``term`` (``deprel`` or ``position``), ``level``,
        ``reference``, ``estimate`` (difference of scores), ``low``, ``high`` (95 %), ``count``, ``said`` (in words).
        Inside a word type a label can only be compared with the reference if some word has both, or a chain of words
        leads from one to the other; labels that none does are left out with their tokens.

    Raises
    ------
    ValueError
        If a reference is not in the table, the pathway is unknown, or the table is not as :func:`fit
        <reading_neurons.methods.omission_models.fit>` needs it.
    """
    fixed = _fixed(table, pathway, reference, min_count, tags).comparable()
    fitted, covariance = _clustered(fixed)
    return fixed.described(fitted.params, np.sqrt(np.diag(covariance)))


def nested(
    table: pd.DataFrame,
    pathway: str,
    *,
    reference: Mapping[str, str] = REFERENCE,
    min_count: int = 50,
    tags: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Does the label say anything beyond word and position, and the position beyond word and label?

    Parameters
    ----------
    table, pathway, reference, min_count, tags
        As for :func:`robust`.

    Returns
    -------
    DataFrame
        Two rows: ``added``, ``beyond``, ``f`` (statsmodels' Wald test that all effects of the term are zero, errors
        clustered by image), ``df``, ``df_rest`` (images less one), ``p``.
    """
    fixed = _fixed(table, pathway, reference, min_count, tags).comparable()
    fitted, covariance = _clustered(fixed)
    rows = []
    for term, beyond in (("deprel", "word and position"), ("position", "word and deprel")):
        chosen = np.flatnonzero(fixed.levels["term"] == term)
        test = fitted.f_test(np.eye(fixed.design.shape[1])[chosen], cov_p=covariance)
        rows.append((term, beyond, float(test.fvalue), int(test.df_num), int(test.df_denom), float(test.pvalue)))
    return pd.DataFrame(rows, columns=["added", "beyond", "f", "df", "df_rest", "p"])


def mixed(
    table: pd.DataFrame,
    pathway: str,
    *,
    reference: Mapping[str, str] = REFERENCE,
    min_count: int = 20,
    sentences: int | None = 2000,
    seed: int = 0,
) -> Mixed:
    """Effects of label and position, with random intercepts of words and of sentences.

    Parameters
    ----------
    table, pathway, reference, min_count
        As for :func:`robust`.
    sentences : int or None
        How many sentences are drawn for it, without replacement; None for all. Of fewer, all are taken.
    seed : int
        Of the draw.

    Returns
    -------
    Mixed
        Intervals of the effects are those of the fixed effects at the estimated variances, as in ``MixedLM``.

    Raises
    ------
    ValueError
        As :func:`robust`, or if there are fewer than two sentences.
    """
    rows = table[table["pathway"] == pathway]
    known = rows["sentence"].unique()
    if sentences is not None and sentences < len(known):
        drawn = np.random.default_rng(seed).choice(known, size=sentences, replace=False)
        rows = rows[rows["sentence"].isin(drawn)]
    if rows["sentence"].nunique() < 2 and len(known):
        raise ValueError("a random intercept of sentences needs at least 2 of them, found 1")
    fixed = _fixed(rows, pathway, reference, min_count)
    crossed = _Crossed.of(np.column_stack([np.ones(len(fixed.score)), fixed.design]), fixed)
    ratios = crossed.best()
    coefficients, covariance, rest, _ = crossed.solve(*ratios)
    variance = np.array([ratios[1] ** 2, ratios[0] ** 2, 1.0]) * rest
    variances = pd.DataFrame(
        {
            "source": ["word", "sentence", "rest"],
            "variance": variance,
            "deviation": np.sqrt(variance),
            "share": variance / variance.sum(),
            "levels": [crossed.words, crossed.sentences, len(fixed.score)],
        }
    )
    return Mixed(fixed.described(coefficients[1:], np.sqrt(np.diag(covariance))[1:]), variances)


@dataclass(frozen=True)
class _Fixed:
    """Fixed effects of label and position, each level but the reference a column."""

    tokens: pd.DataFrame  # word, deprel, position, image, sentence
    score: np.ndarray
    reference: Mapping[str, str]

    @cached_property
    def levels(self) -> pd.DataFrame:
        """``term``, ``level``, ``reference``, ``count`` of each column."""
        orders = {"deprel": sorted(self.tokens["deprel"].unique()), "position": POSITIONS}
        counts = {term: self.tokens[term].value_counts() for term in orders}
        rows = [
            (term, level, self.reference[term], int(counts[term][level]))
            for term, order in orders.items()
            for level in order
            if level in counts[term] and level != self.reference[term]
        ]
        return pd.DataFrame(rows, columns=["term", "level", "reference", "count"])

    @cached_property
    def design(self) -> np.ndarray:
        columns = [self.tokens[row.term] == row.level for row in self.levels.itertuples()]
        return np.array(columns, dtype=float).T

    def numbers(self, column: str) -> np.ndarray:
        """The values of a column as numbers from 0."""
        return pd.factorize(self.tokens[column])[0]

    def comparable(self) -> _Fixed:
        """Only tokens whose label some chain of words ties to the reference."""
        label, names = pd.factorize(self.tokens["deprel"])
        word = self.numbers("word") + len(names)
        size = int(word.max()) + 1
        graph = sparse.coo_array((np.ones(len(word)), (label, word)), shape=(size, size))
        part = sparse.csgraph.connected_components(graph, directed=False)[1]
        tied = part[label] == part[list(names).index(self.reference["deprel"])]
        return replace(self, tokens=self.tokens[tied], score=self.score[tied])

    def described(self, estimate: np.ndarray, error: np.ndarray) -> pd.DataFrame:
        """The estimates with 95 % intervals, and in words."""
        found = self.levels.assign(estimate=estimate, low=estimate - _Z * error, high=estimate + _Z * error)
        found["said"] = [_said(row) for row in found.itertuples()]
        return found[["term", "level", "reference", "estimate", "low", "high", "count", "said"]]


def _said(row) -> str:
    name = "as" if row.term == "deprel" else "in place"
    if row.low <= 0 <= row.high:
        change = "no clear difference"
    else:
        change = f"{abs(row.estimate):.3f} {'higher' if row.estimate > 0 else 'lower'}"
    return f"{name} {row.level}, not {row.reference}: {change} ({row.low:+.3f} to {row.high:+.3f})"


def _fixed(
    table: pd.DataFrame,
    pathway: str,
    reference: Mapping[str, str],
    min_count: int,
    tags: Sequence[str] | None = None,
) -> _Fixed:
    rows = table[table["pathway"] == pathway]
    if rows.empty:
        raise ValueError(f"no scores of the pathway {pathway!r}; the table has {', '.join(table['pathway'].unique())}")
    tokens, _, scores = shared_tokens(rows)
    tokens["sentence"] = rows["sentence"].to_numpy()
    if tags is not None:
        chosen = rows["tag"].isin(list(tags)).to_numpy()
        tokens, scores = tokens[chosen], scores[chosen]
    frequent = tokens["deprel"].map(tokens["deprel"].value_counts()) >= min_count
    tokens = tokens.assign(deprel=tokens["deprel"].where(frequent, OTHER))
    for term in ("deprel", "position"):
        found = sorted(tokens[term].unique())
        if reference[term] not in found:
            raise ValueError(
                f"no token has the {term} {reference[term]!r} that others are to be compared with "
                f"(or fewer than {min_count} have): choose a reference among {', '.join(found) or 'none'}"
            )
    return _Fixed(tokens, scores[:, 0], reference)


def _clustered(fixed: _Fixed):
    """statsmodels' fit inside word types, and the covariance of its estimates, clustered by image."""
    word, image = fixed.numbers("word"), fixed.numbers("image")
    images, tokens, counts = int(image.max()) + 1, len(image), np.bincount(word)
    if images < 2:
        raise ValueError("errors clustered by image need at least 2 images, found 1")
    inside = []
    for column in (fixed.score, *fixed.design.T):
        inside.append(column - (np.bincount(word, column) / counts)[word])
    settings = {"groups": image, "use_correction": False}
    fitted = sm.OLS(inside[0], np.column_stack(inside[1:])).fit(cov_type="cluster", cov_kwds=settings)
    # statsmodels' correction for few clusters, with the levels of words, which were centred away, counted too.
    spent = len(counts) + fixed.design.shape[1]
    correction = images / (images - 1) * (tokens - 1) / max(tokens - spent, 1)
    return fitted, np.asarray(fitted.cov_params()) * correction


@dataclass(frozen=True)
class _Crossed:
    """Sums over tokens that determine the likelihood of two crossed random intercepts.

    With Z the 0/1 matrix of sentences and words, its columns scaled by the ratios of their standard deviations to the
    rest's, the scores have the covariance ``V = D + Z Z'`` times the rest variance. What is needed of V is the
    determinant of ``I + Z' D^-1 Z`` and products with its inverse. A word seen once is left out of Z: it adds its
    variance to that of its token, so D is 1, or 1 + the word's ratio squared. Of the two blocks that are left, the
    sentences' is diagonal and is eliminated first. Sums are kept apart for words seen ``often`` and ``once``.
    """

    tokens: int
    words: int
    inner: np.ndarray  # (often/once, columns + 1, columns + 1): products of the design and the score
    of_sentence: np.ndarray  # (often/once, sentences, columns + 1): their sums over each sentence
    lengths: np.ndarray  # (often/once, sentences)
    of_word: np.ndarray  # (words seen often, columns + 1)
    together: sparse.csr_array  # (sentences, words seen often): how many tokens they share

    @classmethod
    def of(cls, design: np.ndarray, fixed: _Fixed) -> _Crossed:
        values = np.column_stack([design, fixed.score])
        sentence, word = fixed.numbers("sentence"), fixed.numbers("word")
        counts, sentences = np.bincount(word), int(sentence.max()) + 1
        often = counts[word] > 1
        number = (np.cumsum(counts > 1) - 1)[word[often]]
        parts = [values[often], values[~often]]
        members = [_members(sentence[often], sentences), _members(sentence[~often], sentences)]
        of_word = _members(number, int((counts > 1).sum()))
        return cls(
            len(values),
            len(counts),
            np.stack([part.T @ part for part in parts]),
            np.stack([member @ part for member, part in zip(members, parts, strict=True)]),
            np.stack([member.sum(axis=1) for member in members]),
            of_word @ parts[0],
            (members[0] @ of_word.T).tocsr(),
        )

    @property
    def sentences(self) -> int:
        """How many sentences there are."""
        return self.together.shape[0]

    def best(self) -> np.ndarray:
        """The two ratios, sentences' and words' deviation over the rest's, of highest restricted likelihood."""
        found = optimize.minimize(
            lambda ratios: self.solve(*ratios)[3], [0.5, 0.5], method="L-BFGS-B", bounds=[(0, None)] * 2,
            options={"ftol": 1e-11},
        )  # fmt: skip
        return found.x

    def solve(self, sentence: float, word: float) -> tuple[np.ndarray, np.ndarray, float, float]:
        """Fixed effects, their covariance, the rest variance, and -2 log restricted likelihood for two ratios."""
        weight = np.array([1.0, 1 / (1 + word**2)])  # D^-1 of words seen often and once
        inner, of_sentence = (np.tensordot(weight, part, axes=1) for part in (self.inner, self.of_sentence))
        diagonal = 1 + sentence**2 * (weight @ self.lengths)
        scaled = (sentence / diagonal)[:, None] * of_sentence
        shared = sparse.diags_array(sentence * word / np.sqrt(diagonal)) @ self.together
        block = np.diag(1 + word**2 * self.together.sum(axis=0)) - (shared.T @ shared).toarray()
        factor = linalg.cholesky(block, lower=True, check_finite=False)
        of_word = word * self.of_word - sentence * word * (self.together.T @ scaled)
        of_word = linalg.solve_triangular(factor, of_word, lower=True, check_finite=False)
        weighed = inner - sentence * of_sentence.T @ scaled - of_word.T @ of_word
        precision, products = weighed[:-1, :-1], weighed[:-1, -1]
        coefficients = np.linalg.solve(precision, products)
        spare = self.tokens - len(products)
        rest = (weighed[-1, -1] - products @ coefficients) / spare
        determinants = np.log(diagonal).sum() + 2 * np.log(np.diag(factor)).sum() + np.linalg.slogdet(precision)[1]
        determinants -= (self.words - len(self.of_word)) * np.log(weight[1])
        criterion = determinants + spare * (1 + np.log(2 * np.pi * rest))
        return coefficients, np.linalg.inv(precision) * rest, float(rest), float(criterion)


def _members(number: np.ndarray, groups: int) -> sparse.csr_array:
    """The 0/1 matrix of groups and their tokens."""
    return sparse.csr_array((np.ones(len(number)), (number, np.arange(len(number)))), shape=(groups, len(number)))
