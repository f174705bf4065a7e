"""What must be found in generated reviews, where the value of every phrase is planted: places and scores follow it.

Easy to get wrong: an order alone. Correlation says that phrases stand in the planted order, not that "not bad" stops at
neutral; the asymmetry is therefore compared with the planted one as an amount.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reading_neurons.corpora.polarity import modified
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.methods import meaning_phrases as phrases
from reading_neurons.methods.meaning_space import ROLES, effects, place, placed, read
from reading_neurons.methods.projections import faithfulness, tsne
from reading_neurons.methods.treebank_pairs import neutral_words
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import rank_correlation, rank_null

PHRASES, CLAUSES, SPACE = 0.7, 0.6, 0.5  # least rank correlations with the planted value
AMOUNT = 0.25  # how far an asymmetry may be from the planted one
UNTRAINED, SHUFFLED = 0.3, 0.15  # most that chance may give
MODIFIERS = ("negation", "intensification", "diminution")


def checks(world: Panel) -> Iterator[Check]:
    """What must be so in a generated world, each of its worst network; the bounds were fixed before any was run."""
    words = {name: words_of(pathway) for name, pathway in world.trained.items()}
    pairs = {name: pairs_of(pathway) for name, pathway in world.trained.items()}
    for measure, least in (("sentiment", PHRASES), ("euclidean", SPACE), ("cosine", SPACE)):
        yield _worst(f"{measure} of phrases follows their planted value (at least {least})",
                     [_follows(table, measure, "head") for table in words.values()], least)  # fmt: skip
    wholes = [_follows(_wholes(part["clauses"]), "sentiment", "base") for part in pairs.values()]
    yield _worst(f"sentiment of sentences with a conceded clause follows it too (at least {CLAUSES})", wholes, CLAUSES)
    for kind, text in (("negations", "a negation"), ("clauses", "a conceded clause")):
        found = [effects(part[kind], CLUSTERS[kind], (*MEASURED, "planted")) for part in pairs.values()]
        for measure in MEASURED:
            yield _worst(f"{text} moves positive phrases further than negative ones, by {measure}",
                         [_row(one, measure, "asymmetry") for one in found], 0)  # fmt: skip
        yield _amount(text, found)
        yield _control(text, found)
    yield _untrained(world)
    yield _shuffled(words, world.seed)
    yield _picture(world)


CLUSTERS = {"negations": ["head"], "clauses": ["base", "concessive"]}
MEASURED = ("sentiment", "euclidean")


def words_of(pathway: Pathway) -> pd.DataFrame:
    """Every polar word, and it modified in every way: ``phrase``, ``head``, ``planted``, and where it lies."""
    table = pd.concat([modified(kind) for kind in MODIFIERS], ignore_index=True)
    parts = [
        table[["head", role, f"{role}_value"]].set_axis(["head", "phrase", "planted"], axis=1)
        for role in ("base", "modified")
    ]
    long = phrases.known(pd.concat(parts).drop_duplicates("phrase"), ["phrase"], pathway.vocabulary)
    own = dict(zip(long["phrase"], long["head"], strict=True))
    found = place(pathway, long["phrase"].tolist(), *phrases.ends(pathway.vocabulary), own)
    return long.merge(found, on="phrase")


def pairs_of(pathway: Pathway) -> dict[str, pd.DataFrame]:
    """Negations and clauses with their planted values and where their phrases lie."""
    found = {}
    for kind, pairs in (
        ("negations", phrases.negations(pathway.vocabulary)),
        ("clauses", phrases.clauses(pathway.vocabulary)),
    ):
        ends = [phrases.simple(pairs, sign) for sign in (1, -1)]
        ends = phrases.ends(pathway.vocabulary) if kind == "negations" else ends
        own = {phrase: base for role in ROLES for phrase, base in zip(pairs[role], pairs["base"], strict=True)}
        values = {"planted base": pairs["base_value"], "planted modified": pairs["modified_value"]}
        # Neither a word without sentiment nor "and" with a neutral clause changes the planted value.
        found[kind] = placed(place(pathway, list(own), *ends, own), pairs).assign(
            **values, **{"planted control": pairs["base_value"]}
        )
    return found


def planted(pathway: Pathway) -> dict[str, pd.DataFrame]:
    """The effects of what was planted, for the phrases of both kinds that a network knows."""
    return {kind: effects(pairs, CLUSTERS[kind], ["planted"]) for kind, pairs in pairs_of(pathway).items()}


def _wholes(pairs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"base": pairs["base"], "planted": pairs["planted modified"], "sentiment": pairs["sentiment modified"]}
    )


def _follows(table: pd.DataFrame, measure: str, cluster: str) -> tuple[float, float, float]:
    found = rank_correlation(table[measure].to_numpy(), table["planted"].to_numpy(), table[cluster].to_numpy())
    return found["correlation"], found["low"], found["high"]


def _row(found: pd.DataFrame, measure: str, quantity: str) -> tuple[float, float, float]:
    row = found[(found["measure"] == measure) & (found["quantity"] == quantity)].iloc[0]
    return row["value"], row["low"], row["high"]


def _worst(text: str, found: list[tuple[float, float, float]], least: float) -> Check:
    """The network that is lowest; it holds if its whole interval is above the bound."""
    value, low, high = min(found, key=lambda one: one[1])
    return Check(text, float(value), float(low), float(high), bool(low > least))


def _amount(text: str, found: list[pd.DataFrame]) -> Check:
    off = [_row(one, "sentiment", "asymmetry")[0] - _row(one, "planted", "asymmetry")[0] for one in found]
    worst = float(max(off, key=abs))
    said = f"the asymmetry of {text} is within {AMOUNT} of the planted one, by sentiment"
    return Check(said, worst, float(min(off)), float(max(off)), abs(worst) < AMOUNT)


def _control(text: str, found: list[pd.DataFrame]) -> Check:
    shares = [
        abs(_row(one, "sentiment", "control drop")[0]) / max(_row(one, "sentiment", "drop")[0], 1e-9) for one in found
    ]
    said = f"neutral words in the place of {text} move positive phrases less than half as far, by sentiment"
    return Check(said, max(shares), min(shares), max(shares), max(shares) < 0.5)


def _untrained(world: Panel) -> Check:
    found = [_follows(words_of(pathway), "sentiment", "head")[0] for pathway in world.untrained.values()]
    worst = float(max(found, key=abs))
    said = f"without training, sentiment does not follow the planted value (at most {UNTRAINED})"
    return Check(said, worst, min(found), max(found), abs(worst) < UNTRAINED)


def _shuffled(words: dict[str, pd.DataFrame], seed: int) -> Check:
    highs = [rank_null(table["sentiment"], table["planted"], seed=seed)[1] for table in words.values()]
    said = f"values that are shuffled are not followed (97.5 % of shuffles below {SHUFFLED})"
    return Check(said, max(highs), min(highs), max(highs), max(highs) < SHUFFLED)


def _picture(world: Panel) -> Check:
    ratios = []
    for pathway in world.trained.values():
        table = phrases.figure_words(pathway.vocabulary, neutral_words(world.corpus.train, seed=world.seed))
        points = read(pathway, table["phrase"].tolist())
        found = faithfulness(points, tsne(points, seed=world.seed))
        ratios.append(found["kept"] / found["chance"])
    said = "a t-SNE picture keeps at least 3 times as many of 5 nearest neighbours as chance"
    return Check(said, min(ratios), float(np.min(ratios)), float(np.max(ratios)), min(ratios) >= 3)
