"""Kádár et al. 2017, sections 5.1 and 5.2, on a whole corpus: how much each kind of word counts, for which pathway.

The paper reads its claims off the log of the ratio of a word's scores, visual over textual: above zero for nouns,
numerals, adjectives and the grammatical functions they fill, below zero for function words. Here each of its labels is
a claim of its own, with an interval over images, beside the same network with random weights.

Easy to get wrong: the ratio compares two pathways whose scores have different sizes, so its zero depends on how far
each pathway moves on average. The median over all words is therefore recorded beside every label's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.annotation import Parse, annotate
from reading_neurons.corpora import Captions
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods import omission
from reading_neurons.models import evaluation
from reading_neurons.models.captions import CaptionNetwork
from reading_neurons.statistics import cluster_draws, interval, median_draws, quantiles, summarise
from reading_neurons.verdicts import decided, sided

# Section 5.2 of the paper: which labels it finds on which side.
VISUAL = {
    "tag": ("NNP", "NNS", "NN", "CD", "JJ"),
    "deprel": ("nsubjpass", "nsubj", "pobj", "ROOT", "dobj", "nn", "conj", "dep", "amod", "num"),
}
TEXTUAL = {
    "tag": ("TO", "IN", "VBZ", "VBP", "DT", "WDT", "RP"),
    "deprel": ("det", "mark", "aux", "auxpass", "prt", "prep", "poss", "cc", "cop"),
}
NOUNS = ("NN", "NNS")
FUNCTION_WORDS = ("DT", "IN", "CC", "TO", "PRP$")
VERBS = ("VB", "VBD", "VBG", "VBN", "VBP", "VBZ")
FEWEST = 500  # words of a label that decide a claim, as in the paper


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0, min_count: int = FEWEST) -> Record:
    """Train or load Imaginet, score every word of the test captions, and test the paper's claims.

    Parameters
    ----------
    corpus : str
        A corpus with scene vectors.
    quick : bool
        A tiny network and a few captions: every step is taken, no figure means anything.
    seed : int
    min_count : int
        Labels seen less often are recorded, but decide no claim (paper: 500).

    Returns
    -------
    Record
    """
    compared = panel(corpus, seed=seed, quick=quick, networks=("imaginet",))
    captions = compared.test
    tables, figures, claims = analyse(
        compared.networks["imaginet"],
        compared.controls["imaginet"],
        captions,
        annotate(captions),
        min_count=20 if quick else min_count,
    )
    return compared.record("omission", figures, tables, claims)


def analyse(
    network: CaptionNetwork,
    control: CaptionNetwork,
    captions: Captions,
    parses: tuple[Parse, ...],
    *,
    min_count: int,
    replicates: int = 1000,
) -> tuple[dict[str, pd.DataFrame], dict[str, float], list[Claim]]:
    """Tables, figures and claims of one trained network and its untrained control."""
    scored = {
        "trained": omission.annotated(network.pathways, captions, parses),
        "untrained": omission.annotated(control.pathways, captions, parses),
    }
    ratios = {name: omission.log_ratio(table) for name, table in scored.items()}
    log_ratios = _by_label(ratios, "log_ratio", "network", min_count // 10, replicates)
    tables = {
        "log_ratios": log_ratios.assign(
            paper=[_side(*key) for key in zip(log_ratios["kind"], log_ratios["label"], strict=True)]
        ),
        "scores": _by_label(_by_pathway(scored["trained"]), "score", "pathway", min_count // 10, replicates),
        "contrasts": contrasts(scored["trained"], ratios, replicates),
        "lengths": by_length(network, captions),
        "ranks": rank_counts(network, captions),
        "best_scenes": best_scene_changes(network, captions, scored["trained"]),
    }
    figures = {
        "captions": len(captions),
        "images": len(np.unique(captions.image)),
        "words": len(ratios["trained"]),
        "clamped": int(ratios["trained"]["clamped"].sum()),
        **figures_of(tables),
    }
    return tables, figures, claims_of(tables, min_count)


def _side(kind: str, label: str) -> int | None:
    """1 where the paper finds a label on the visual side, -1 on the textual, None where it names none."""
    if label in VISUAL.get(kind, ()):
        return 1
    return -1 if label in TEXTUAL.get(kind, ()) else None


def _by_pathway(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return dict(iter(table.groupby("pathway", sort=False)))


def _by_label(parts: Mapping[str, pd.DataFrame], value: str, part: str, min_count: int, replicates: int):
    """Summaries of a value per tag and per dependency label, and over all words, for each part."""
    rows = []
    for name, table in parts.items():
        for kind in ("tag", "deprel", "all"):
            labelled = table.assign(all="all words")
            summary = summarise(labelled, value, kind, min_count=max(min_count, 1), replicates=replicates)
            rows.append(summary.rename(columns={kind: "label"}).assign(kind=kind, **{part: name}))
    joined = pd.concat(rows, ignore_index=True)
    first = ["kind", "label", part]
    return joined[first + [column for column in joined if column not in first]]


def contrasts(scored: pd.DataFrame, ratios: Mapping[str, pd.DataFrame], replicates: int) -> pd.DataFrame:
    """Differences between two groups of words or two pathways, with 95 % intervals over images.

    Returns
    -------
    DataFrame
        ``contrast``, ``difference``, ``low``, ``high``.
    """
    visual, even = _by_pathway(scored)["visual"], _by_pathway(omission.evenness(scored))
    noun, verb, function = (_tagged(tags) for tags in (NOUNS, VERBS, FUNCTION_WORDS))
    pairs = {
        "log ratio, nouns - function words": (noun(ratios["trained"]), function(ratios["trained"]), "log_ratio"),
        "log ratio, nouns - function words, untrained": (
            noun(ratios["untrained"]), function(ratios["untrained"]), "log_ratio",
        ),
        "visual score, nouns - verbs": (noun(visual), verb(visual), "score"),
        "evenness, textual - visual": (even["textual"], even["visual"], "evenness"),
    }  # fmt: skip
    rows = []
    for name, (first, second, value) in pairs.items():
        images = pd.factorize(pd.concat([first["image"], second["image"]]))[0]
        draws = cluster_draws(int(images.max()) + 1, replicates, seed=0)
        parts = [
            (part[value].to_numpy(), number)
            for part, number in ((first, images[: len(first)]), (second, images[len(first) :]))
        ]
        drawn = [median_draws(values, number, draws) for values, number in parts]
        difference = quantiles(parts[0][0], [0.5])[0] - quantiles(parts[1][0], [0.5])[0]
        rows.append((name, difference, *interval(drawn[0] - drawn[1])))
    return pd.DataFrame(rows, columns=["contrast", "difference", "low", "high"])


def _tagged(tags: tuple[str, ...]):
    return lambda table: table[table["tag"].isin(tags)]


def by_length(network: CaptionNetwork, captions: Captions) -> pd.DataFrame:
    """What the network achieves on captions of each length, as sums from which every mean can be made.

    Returns
    -------
    DataFrame
        ``words`` (length), ``captions``, ``predicted``, ``surprise``, ``cosine``, ``recall@1``, ``recall@5``,
        ``recall@10`` and ``attainable@1``, ``attainable@5``, ``attainable@10``: sums over the captions.
    """
    table = evaluation.surprise(network, captions)
    ranks = evaluation.scene_ranks(network, captions)
    table["cosine"] = evaluation.scene_cosines(network, captions).double().numpy()
    for k in (1, 5, 10):
        table[f"recall@{k}"] = evaluation.recall(ranks, k)
        table[f"attainable@{k}"] = evaluation.recall(evaluation.perfect(ranks), k)
    table.insert(0, "words", [len(words) for words in captions.tokens])
    table.insert(1, "captions", 1)
    return table.groupby("words", as_index=False).sum()


def rank_counts(network: CaptionNetwork, captions: Captions) -> pd.DataFrame:
    """How many captions find their own scene at each expected rank: ``rank``, ``captions``."""
    ranks = evaluation.expected_rank(evaluation.scene_ranks(network, captions))
    return ranks.value_counts().sort_index().rename_axis("rank").rename("captions").reset_index()


def scene_shift(network: CaptionNetwork, captions: Captions, scored: pd.DataFrame, rank: int = 0) -> pd.DataFrame:
    """The best-matching scene before and after a caption loses one word (paper: section 5.1, figure 1).

    Parameters
    ----------
    network : CaptionNetwork
    captions : Captions
        Their scenes are searched.
    scored : DataFrame
        Omission scores of the captions, as :func:`reading_neurons.methods.omission.annotated` gives them.
    rank : int
        Which word is left out: 0 the most important to the visual pathway, -1 the least.

    Returns
    -------
    DataFrame
        One row per caption of at least two words: ``caption`` (its words), ``shows`` and ``tied`` (the best scene and
        how many tie with it), ``shows_without`` and ``tied_without``, and ``changed`` (scenes with the same vector
        counting as one).
    """
    longer = [words for words in captions.tokens if len(words) > 1]
    whole = evaluation.best_scenes(network, longer, captions)
    without = evaluation.best_scenes(network, omission.without_word(scored, "visual", rank), captions)
    return pd.DataFrame(
        {
            "caption": [" ".join(words) for words in longer],
            "shows": whole["shows"],
            "tied": whole["tied"],
            "shows_without": without["shows"],
            "tied_without": without["tied"],
            "changed": without["scene"] != whole["scene"],
        }
    )


def best_scene_changes(network: CaptionNetwork, captions: Captions, scored: pd.DataFrame) -> pd.DataFrame:
    """How often leaving out one word changes the scene that fits best.

    Returns
    -------
    DataFrame
        One row for the word of highest and of lowest visual score: ``omitted``, ``captions``, ``changed`` (how many),
        ``tied`` (mean size of the tied set without the word).
    """
    rows = []
    for name, rank in (("most important word", 0), ("least important word", -1)):
        shift = scene_shift(network, captions, scored, rank)
        rows.append((name, len(shift), int(shift["changed"].sum()), float(shift["tied_without"].mean())))
    return pd.DataFrame(rows, columns=["omitted", "captions", "changed", "tied"])


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record that its tables determine."""
    lengths, ranks = tables["lengths"], tables["ranks"]
    captions = lengths["captions"].sum()
    figures = {
        "perplexity": float(np.exp(lengths["surprise"].sum() / lengths["predicted"].sum())),
        "cosine": float(lengths["cosine"].sum() / captions),
    }
    for k in (1, 5, 10):
        figures[f"recall@{k}"] = float(lengths[f"recall@{k}"].sum() / captions)
        figures[f"attainable@{k}"] = float(lengths[f"attainable@{k}"].sum() / captions)
    figures["median_rank"] = float(quantiles(ranks["rank"], [0.5], ranks["captions"].to_numpy())[0])
    for row in tables["best_scenes"].itertuples():
        figures[f"changed without {row.omitted}"] = row.changed / row.captions
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame], min_count: int = FEWEST) -> list[Claim]:
    """The paper's claims of section 5.2, each decided by the tables."""
    ratios = tables["log_ratios"]
    trained = ratios[ratios["network"] == "trained"].set_index(["kind", "label"])
    claims = []
    for kind in ("tag", "deprel"):
        for side, labels in ((1, VISUAL[kind]), (-1, TEXTUAL[kind])):
            for label in labels:
                claims.append(_label_claim(trained, kind, label, side, min_count))
    contrast = tables["contrasts"].set_index("contrast")
    for name, text, paper in (
        ("log ratio, nouns - function words", "nouns outweigh function words in the log ratio", "all nouns above 0, all function words below"),
        ("visual score, nouns - verbs", "verbs count less than nouns for visual", "low scores for verbs"),
        ("evenness, textual - visual", "textual spreads its scores more evenly than visual", "more uniformly"),
    ):  # fmt: skip
        row = contrast.loc[name]
        interval = row["low"], row["high"]
        claims.append(Claim(text, paper, row["difference"], interval, decided(interval, above=0)))
    return claims


def _label_claim(trained: pd.DataFrame, kind: str, label: str, side: int, min_count: int) -> Claim:
    pathway = "visual" if side > 0 else "textual"
    text, paper = f"{kind} {label} counts more for {pathway}", f"{'above' if side > 0 else 'below'} 0"
    if (kind, label) not in trained.index:
        return Claim(text, paper, float("nan"), (float("nan"), float("nan")), None)
    row = trained.loc[(kind, label)]
    interval = row["low"], row["high"]
    return Claim(text, paper, row["median"], interval, sided(interval, side) if row["count"] >= min_count else None)
