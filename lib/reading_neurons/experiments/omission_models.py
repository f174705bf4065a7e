"""Kádár et al. 2017, section 5.3, on a whole corpus: is an omission score the word's, its role's or its place's?

Four pathways and the same four untrained share one set of tokens and designs. Recorded are the variance that each
model explains beside the paper's (figure 4), the coefficients of positions (figure 6), the words most sensitive to
their role and their scores in each (figure 5), and effects of roles and places with errors that know of images.

Easy to get wrong: an increase over WORD is no sign that a network reads roles. Labels and places go together, and a
network with random weights, which only forgets, gains more from the label than any trained one. What the label says
beyond the place is the question, so the controls are recorded with every model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reading_neurons.annotation import Parse, annotate
from reading_neurons.corpora import Captions
from reading_neurons.experiments import truth
from reading_neurons.experiments.omission_models_truth import checks
from reading_neurons.experiments.panel import Panel, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods import omission, omission_effects, omission_models, omission_sensitivity
from reading_neurons.methods.omission_models import MODELS, POSITIONS, Fitted
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import sided

NAME = "omission-models"
# What the authors' published files hold: R2 by model, and coefficients by position (not centred).
PAPER_R2 = {
    "visual": (0.493, 0.515, 0.506, 0.523),
    "textual": (0.366, 0.451, 0.703, 0.715),
    "language model": (0.360, 0.415, 0.586, 0.601),
    "sum": (0.658, 0.669, 0.661, 0.670),
}
PAPER_POSITIONS = {
    "visual": (0.013, 0.033, 0.005, -0.015, -0.020, -0.004, 0.006),
    "textual": (-0.015, -0.013, -0.015, -0.018, -0.010, 0.000, 0.053),
    "language model": (-0.023, -0.013, -0.020, -0.024, -0.004, 0.007, 0.058),
    "sum": (-0.002, 0.011, 0.004, 0.000, 0.002, 0.007, 0.011),
}
PAPER_WORDS = ("dog", "clock", "laptop", "motorcycle", "bananas", "zebra", "baby")
NOUNS = ("NN", "NNS")
SUBJECT = {"deprel": "nsubj", "position": "middle"}
_OTHERS = 1 / (len(POSITIONS) - 1)
CONTRASTS = {
    "last - mean of the others": {**dict.fromkeys(POSITIONS, -_OTHERS), "last": 1.0},
    "first and second - middle": {"first": 0.5, "second": 0.5, "middle": -1.0},
    "last - middle": {"last": 1.0, "middle": -1.0},
}


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Fit the models to the test captions of a corpus and test the paper's claims, or the planted truth on ``scenes``.

    Parameters
    ----------
    corpus : str
        ``"scenes"`` for checks over five generated worlds; any other corpus with scene vectors for the paper's claims.
    quick : bool
        Tiny networks and few captions: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds(NAME, checks, seed=seed, quick=quick)
    compared = panel(corpus, seed=seed, quick=quick)
    captions = compared.test
    pathways = {**compared.trained, **untrained(compared)}
    sizes = {"min_count": 5, "replicates": 50} if quick else {}
    tables, figures = analyse(pathways, captions, annotate(captions), **sizes)
    return compared.record(NAME, {**figures, **figures_of(tables)}, tables, claims_of(tables))


def untrained(compared: Panel) -> dict[str, Pathway]:
    """The controls of a panel under names of their own: ``untrained visual`` .."""
    return {f"untrained {name}": pathway for name, pathway in compared.untrained.items()}


def analyse(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    parses: Sequence[Parse],
    *,
    min_count: int = 100,
    replicates: int = 1000,
    sentences: int = 2000,
) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """Tables of all pathways, and the counts of what was read.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        Trained ones, and controls whose names begin with ``untrained``.
    captions : Captions
    parses : sequence of Parse
    min_count : int
        Tokens of a word whose sensitivity is ranked.
    replicates : int
        Of every bootstrap over images.
    sentences : int
        That the mixed model reads.
    """
    scored = omission.annotated(pathways, captions, parses)
    trained = [name for name in pathways if not name.startswith("untrained")]
    fitted = omission_models.fit(scored)
    published = omission_models.fit(
        scored[scored["pathway"].isin(trained)],
        as_published=True,
        published_tokens=min(omission_models.PUBLISHED_TOKENS, len(fitted.tokens) // 2),
    )
    words = omission_sensitivity.sensitive_words(fitted, min_count=min_count, replicates=replicates)
    shown = list(dict.fromkeys([*words["word"][:12], *PAPER_WORDS, "water"]))
    effects, nested, variances = effects_of(scored, trained, sentences)
    tables = {
        "r2": _beside(omission_models.r2(fitted, replicates=replicates), "model", MODELS, PAPER_R2),
        "as_published": omission_models.r2(published, replicates=replicates),
        "choice": fitted.choice,
        "positions": _beside(omission_sensitivity.positions(fitted), "position", POSITIONS, _centred(PAPER_POSITIONS)),
        "contrasts": contrasts(fitted, scored, replicates),
        "words": words,
        "roles": omission_sensitivity.by_deprel(scored, shown, replicates=replicates),
        "effects": effects,
        "nested": nested,
        "variances": variances,
    }
    counts = {
        "captions": len(captions),
        "images": len(np.unique(captions.image)),
        "tokens": len(fitted.tokens),
        "tokens fitted": int(fitted.train.sum()),
    }
    return tables, counts


def _beside(table: pd.DataFrame, column: str, order: Sequence[str], paper: Mapping[str, Sequence[float]]):
    """A table with the paper's figure in a column of its own; NaN where it has none."""
    known = {(name, level): value for name, values in paper.items() for level, value in zip(order, values, strict=True)}
    return table.assign(paper=[known.get(key, np.nan) for key in zip(table["pathway"], table[column], strict=True)])


def _centred(coefficients: Mapping[str, Sequence[float]]) -> dict[str, np.ndarray]:
    return {name: np.array(values) - np.mean(values) for name, values in coefficients.items()}


def effects_of(scored: pd.DataFrame, pathways: Sequence[str], sentences: int):
    """Effects of role and place in each pathway, by both models and for nouns alone; nested tests; variances."""
    effects, nested, variances = [], [], []
    for name in pathways:
        mixed = omission_effects.mixed(scored, name, sentences=sentences)
        fits = {
            ("robust", "all"): omission_effects.robust(scored, name),
            ("robust", "nouns"): omission_effects.robust(scored, name, reference=SUBJECT, tags=NOUNS, min_count=20),
            ("mixed", "all"): mixed.effects,
        }
        effects += [
            table.drop(columns="said").assign(pathway=name, fit=fit, words=words)
            for (fit, words), table in fits.items()
        ]
        nested.append(omission_effects.nested(scored, name).assign(pathway=name))
        variances.append(mixed.variances.assign(pathway=name))
    return tuple(pd.concat(parts, ignore_index=True) for parts in (effects, nested, variances))


def contrasts(fitted: Fitted, scored: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Differences that the paper's claims are about: ``contrast``, ``difference``, ``low``, ``high``, ``count``.

    ``count`` is that of the rarer of two roles, NaN where the contrast is of models.
    """
    drawn = {name: omission_models.explained(fitted, name, replicates=replicates) for name in fitted.pathways}
    increase = {
        (name, model): share[model] - share["WORD"] for name, share in drawn.items() for model in ("POSITION", "FULL")
    }
    differences = {
        f"{name}, label beyond word and place": share["FULL"] - share["POSITION"] for name, share in drawn.items()
    } | {
        "R2 of WORD, visual - textual": drawn["visual"]["WORD"] - drawn["textual"]["WORD"],
        "increase of FULL, visual - sum": increase["visual", "FULL"] - increase["sum", "FULL"],
        "increase of POSITION, textual - visual": increase["textual", "POSITION"] - increase["visual", "POSITION"],
    }
    rows = [(name, values[0], *interval(values[1:]), np.nan) for name, values in differences.items()]
    places = omission_sensitivity.position_contrasts(fitted, CONTRASTS)
    rows += [
        (f"{row.pathway}, {row.contrast}", row.difference, row.low, row.high, np.nan)
        for row in places[places["pathway"].isin(("visual", "textual"))].itertuples()
    ]
    visual = scored[scored["pathway"] == "visual"]
    for word, first, second in (
        ("zebra", ["nn"], ["conj"]),
        ("water", ["nn"], None),
        ("clock", ["nn"], ["ROOT", "nsubj"]),
    ):
        rows.append(_role_contrast(visual[visual["word"] == word], word, first, second, replicates))
    return pd.DataFrame(rows, columns=["contrast", "difference", "low", "high", "count"])


def _role_contrast(rows: pd.DataFrame, word: str, first: Sequence[str], second: Sequence[str] | None, replicates: int):
    """Mean score of a word in some roles less that in others (in all others for None), with its interval."""
    name = f"{word} as {' or '.join(first)} - as {' or '.join(second) if second else 'anything else'}"
    ours = rows["deprel"].isin(first).to_numpy()
    theirs = rows["deprel"].isin(second).to_numpy() if second else ~ours
    count = int(min(ours.sum(), theirs.sum()))
    if not count:
        return name, np.nan, np.nan, np.nan, 0
    image, images = pd.factorize(rows["image"])
    draws = np.vstack([np.ones(len(images), dtype=int), cluster_draws(len(images), replicates, seed=0)])
    means = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for chosen in (ours, theirs):
            sums = [
                np.bincount(image, part * chosen, minlength=len(images)) for part in (rows["score"].to_numpy(), 1.0)
            ]
            means.append((draws @ sums[0]) / (draws @ sums[1]))
    difference = means[0] - means[1]
    return name, difference[0], *interval(difference[1:]), count


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record that its tables determine."""
    figures = {f"R2, {row.pathway}, {row.model}": row.r2 for row in tables["r2"].itertuples()}
    words = tables["words"]
    figures |= {
        "words ranked": len(words),
        "paper's words among the first 20": int(words["word"][:20].isin(PAPER_WORDS).sum()),
        "penalties at the edge": int(tables["choice"].query("chosen")["penalty"].isin(_edges(tables)).sum()),
    }
    return figures


def _edges(tables: Mapping[str, pd.DataFrame]) -> tuple[float, float]:
    penalty = tables["choice"]["penalty"]
    return penalty.min(), penalty.max()


def claims_of(tables: Mapping[str, pd.DataFrame], fewest: int = 5) -> list[Claim]:
    """The paper's claims of section 5.3, each decided by the tables; roles seen fewer than ``fewest`` times decide none."""
    r2 = tables["r2"].set_index(["pathway", "model"])
    claims = []
    for pathway, model, text in (
        ("visual", "FULL", "visual depends on role and place beyond the word"),
        ("visual", "DEPREL", "visual depends on the role beyond the word"),
        ("textual", "POSITION", "textual depends on the place beyond the word"),
        ("sum", "FULL", "sum gains slightly from role and place"),
    ):
        row = r2.loc[(pathway, model)]
        paper = PAPER_R2[pathway][list(MODELS).index(model)] - PAPER_R2[pathway][0]
        found = (row["increase"], row["increase_low"], row["increase_high"])
        claims.append(_above(text, f"{100 * paper:.1f} points of R²", *found, scale=100))
    contrasts_found = tables["contrasts"].set_index("contrast")
    for contrast, text, paper in (
        ("visual, label beyond word and place", "the role explains visual scores beyond word and place", "1.7 points of R²"),
        ("R2 of WORD, visual - textual", "the word says more of visual than of textual scores", "12.7 points of R² (10 in its text)"),
        ("increase of FULL, visual - sum", "visual gains more from role and place than sum", "1.8 points of R²"),
        ("increase of POSITION, textual - visual", "textual gains more from the place than visual", "32.4 points of R²"),
        ("textual, last - mean of the others", "the last word counts most for textual", "6.5 hundredths"),
        ("visual, first and second - middle", "visual weighs the beginning of a sentence", "3.8 hundredths"),
        ("visual, last - middle", "visual weighs the last word too", "2.1 hundredths"),
        ("clock as nn - as ROOT or nsubj", "a modifier counts less than a head (clock)", "below 0"),
        ("zebra as nn - as conj", "zebra counts as a modifier (parsers err)", "above 0"),
        ("water as nn - as anything else", "water counts more as a modifier", "above 0"),
    ):  # fmt: skip
        row = contrasts_found.loc[contrast]
        found, sign = (row["difference"], row["low"], row["high"]), -1 if paper == "below 0" else 1
        scale = 1 if paper.endswith("0") else 100
        claims.append(_above(text, paper, *found, sign=sign, scale=scale, unknown=row["count"] < fewest))
    claims.insert(-3, _early_places(tables["positions"]))
    nouns = tables["effects"].query("pathway == 'visual' and words == 'nouns' and term == 'deprel'").set_index("level")
    for label, text in (
        ("conj", "conjuncts count less than subjects"),
        ("nn", "noun modifiers count less than subjects"),
    ):
        missing = label not in nouns.index
        found = (np.nan,) * 3 if missing else nouns.loc[label, ["estimate", "low", "high"]]
        claims.append(_above(f"visual, one word: {text}", "below 0", *found, sign=-1, unknown=missing))
    return claims


def _early_places(positions: pd.DataFrame) -> Claim:
    """For textual every coefficient before the last word but one is negative: the largest of them decides."""
    early = positions[(positions["pathway"] == "textual") & positions["position"].isin(POSITIONS[:5])]
    row = early.loc[early["coefficient"].idxmax()]
    text = "textual: every place before the last two takes away"
    return _above(text, "below 0 hundredths", row["coefficient"], row["low"], row["high"], sign=-1, scale=100)


def _above(
    text: str, paper: str, here: float, low: float, high: float, *, sign: int = 1, scale: int = 1, unknown: bool = False
) -> Claim:
    """A claim that a figure is above 0, or below for a sign of -1; told in parts of a whole times ``scale``."""
    interval = scale * float(low), scale * float(high)
    return Claim(text, paper, scale * float(here), interval, None if unknown else sided(interval, sign))
