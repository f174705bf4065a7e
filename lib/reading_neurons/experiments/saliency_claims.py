"""The claims of Li et al. 2016, section 5.1, as functions of a record's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from reading_neurons.experiments.panel import SENTIMENT
from reading_neurons.experiments.record import Claim
from reading_neurons.methods.clause_saliency import disagreement
from reading_neurons.methods.focus import MEASURES, mean_interval
from reading_neurons.verdicts import decided, sided

NAMES = {"recurrent": "the recurrent network", "lstm": "the LSTM", "bi-lstm": "the bi-LSTM"}
NOTHING = (float("nan"), float("nan"))
GENERATED, TREEBANK = "generated", "treebank"
HALVES = ("first", "second")
CLAUSE_MEASURES = ("decision", "second decision", "first mean", "second mean", "first drop", "second drop")
SHARPER = (
    ("share", 1, "puts more of the saliency on sentiment words"),
    ("entropy", -1, "has a lower entropy of saliency"),
)
Tables = Mapping[str, pd.DataFrame]


def figures_of(tables: Tables) -> dict[str, float]:
    """Means over sentences, and how often map and decision disagree."""
    sentences = tables["sentences"]
    found = {"sentences": len(sentences), "base": float(sentences["base"][sentences["base"] > 0].mean())}
    for state in ("trained", "untrained"):
        for name in SENTIMENT:
            for measure in MEASURES:
                found[f"{measure}, {state} {name}"] = float(sentences[f"{state} {name} {measure}"].mean())
    for source, name, seen in disagreements(tables["clauses"]):
        found[f"map against decision, {source}, {name}"] = float(seen["against"].mean())
        found[f"the clause with less saliency matters more, {source}, {name}"] = float(seen["misled"].mean())
        found[f"second clause has more saliency, {source}, {name}"] = float(seen["second"].mean())
    return found


def claims_of(tables: Tables) -> list[Claim]:
    """What the paper reads off three sentences, and what all test sentences say."""
    return [*_figures_5_to_7(tables["examples"]), *_focus(tables["sentences"]), *_clauses(tables)]


def disagreements(clauses: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Source, network, and whether map and decision disagree in each sentence that it does not call neutral."""
    for source, rows in clauses.groupby("source", sort=False):
        for name in SENTIMENT:
            own = rows.rename(columns={f"{name} {measure}": measure for measure in CLAUSE_MEASURES})
            seen = disagreement(own.assign(sentence=range(len(own))))
            if len(seen):
                yield source, name, seen


def means(tables: Tables) -> pd.DataFrame:
    """The measures of every network with intervals: ``measure``, ``pathway``, ``network``, ``mean``, ``low``, ``high``.

    For the share ``null_low`` and ``null_high`` too: where it would be if saliencies were shuffled in each sentence.
    """
    rows, chance = [], tables["chance"].set_index(["network", "pathway"])
    for measure in MEASURES:
        for state in ("trained", "untrained"):
            for name in SENTIMENT:
                mean, low, high = mean_interval(tables["sentences"][f"{state} {name} {measure}"])
                row = {"measure": measure, "pathway": name, "network": state, "mean": mean, "low": low, "high": high}
                null = tuple(chance.loc[(state, name), ["low", "high"]]) if measure == "share" else NOTHING
                rows.append({**row, "null_low": null[0], "null_high": null[1]})
    return pd.DataFrame(rows)


def _figures_5_to_7(examples: pd.DataFrame) -> list[Claim]:
    claims = []
    for sentence, figure, said in ((0, 5, "'I hate the movie'"), (1, 6, "'... that I saw last night'")):
        for name in SENTIMENT:
            rows = _rows(examples, name, sentence)
            hate = rows.loc[rows["word"] == "hate", "saliency"].iloc[0]
            others = rows.loc[rows["word"] != "hate", "saliency"].max()
            highest = f"{said}: 'hate' has the highest saliency in {NAMES[name]} (by the next highest)"
            claims.append(_fact(highest, f"figure {figure}", hate / others, hate > others))
    whole = {name: _rows(examples, name, 2) for name in SENTIMENT}
    ratio = {name: _second_by_first(rows) for name, rows in whole.items()}
    said = "'... though the plot is interesting': saliency of a word of the second clause, by one of the first, in"
    claims.append(_fact(f"{said} the recurrent network: more", "figure 7", ratio["recurrent"], ratio["recurrent"] > 1))
    claims.append(_fact(f"{said} the LSTM: less", "figure 7", ratio["lstm"], ratio["lstm"] < 1))
    even = 0.5 < ratio["bi-lstm"] < 2
    claims.append(_fact(f"{said} the bi-LSTM: both count (from .5 to 2)", "figure 7", ratio["bi-lstm"], even))
    decision = whole["recurrent"]["decision"].iloc[0]
    alone = _rows(examples, "recurrent", 3)["decision"].iloc[0]
    claims.append(_fact(
        f"and yet the recurrent network decides that it is negative (here: {decision})", "very negative",
        float("negative" in decision), "negative" in decision,
    ))  # fmt: skip
    claims.append(_fact(
        f"the recurrent network calls 'though the plot is interesting' alone positive (here: {alone})", "positive",
        float("positive" in alone), "positive" in alone,
    ))  # fmt: skip
    return claims


def _rows(examples: pd.DataFrame, name: str, sentence: int) -> pd.DataFrame:
    return examples[(examples["pathway"] == name) & (examples["sentence"] == sentence)].sort_values("position")


def _second_by_first(rows: pd.DataFrame) -> float:
    place = rows["word"].tolist().index("though")
    return float(rows["saliency"].iloc[place + 1 :].mean() / rows["saliency"].iloc[:place].mean())


def _fact(claim: str, paper: str, here: float, holds: bool) -> Claim:
    """Of one sentence, which has no interval."""
    return Claim(claim, paper, float(here), (float(here), float(here)), bool(holds))


def _focus(sentences: pd.DataFrame) -> list[Claim]:
    claims = []
    for sharper, other in (("lstm", "recurrent"), ("bi-lstm", "lstm")):
        for measure, sign, said in SHARPER:
            difference = sentences[f"trained {sharper} {measure}"] - sentences[f"trained {other} {measure}"]
            said = f"{NAMES[sharper]} {said} than {NAMES[other]}: difference"
            claims.append(_sided(said, "clearer focus", difference, sign))
    for name in SENTIMENT:
        above = sentences[f"trained {name} share"] - sentences["base"]
        said = f"{NAMES[name]} attends to sentiment words: their share of saliency less their share of words"
        claims.append(_sided(said, "filters", above, 1))
    for name in SENTIMENT:
        gained = sentences[f"trained {name} share"] - sentences[f"untrained {name} share"]
        said = f"{NAMES[name]} has learnt to: share less that of the same network untrained"
        claims.append(_sided(said, "(learnt)", gained, 1))
    for name in SENTIMENT:
        far = sentences[f"trained {name} far"] - 1
        claims.append(_sided(
            f"a sentiment word 7 or more words before the end still stands out in {NAMES[name]}: saliency by the "
            "sentence's mean, less 1", "no vanishing after 7-8 words", far, 1,
        ))  # fmt: skip
    return claims


def _sided(claim: str, paper: str, values: pd.Series, sign: int) -> Claim:
    """A mean over sentences that the claim puts above (1) or below (-1) zero."""
    if values.isna().all():
        return Claim(claim, paper, float("nan"), NOTHING, None)
    mean, low, high = mean_interval(values.to_numpy())
    return Claim(claim, paper, mean, (low, high), sided((low, high), sign))


def _clauses(tables: Tables) -> list[Claim]:
    """The map is no safe guide to the decision: how often, beyond the paper's one sentence."""
    claims = []
    for source, name, seen in disagreements(tables["clauses"]):
        mean, low, high = mean_interval(seen["against"].to_numpy())
        said = f"{NAMES[name]}, {source} sentences: the clause with more saliency has the polarity against the decision"
        holds = decided((low, high), above=0.05)
        claims.append(Claim(f"{said} (share of {len(seen)})", "it happens", mean, (low, high), holds))
    return claims


