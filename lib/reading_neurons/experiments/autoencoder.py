"""Li et al. 2016, figure 9: what an autoencoder writes its copy from, measured over a corpus instead of one sentence.

The paper trains on 4 million sentences, at width 1000. Here it is the captions of Flickr30k and the sentences of the
treebank together, 150,000 for training, at every width of :data:`WIDTHS`. How well they copy is recorded first: what a
network that cannot copy rests on says nothing about copying.

Easy to get wrong: who writes. Whether a step is aligned with its source can only be said where the decoder has read
the right words so far, so that is how all sentences are measured; and those that the network copies rightly by itself
are kept apart from those that it does not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from reading_neurons.corpora import CaptionCorpus, Captions, TreeCorpus, load, plain
from reading_neurons.experiments import truth
from reading_neurons.experiments.autoencoder_truth import CHANCES, NAME, ROUNDING, checks
from reading_neurons.experiments.panel import QUICK, QUICK_TRAINING, Panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods.copy_exchange import WAYS
from reading_neurons.methods.copy_influence import alignment, influence, slope
from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models import store
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import accuracy, by_length
from reading_neurons.statistics import mean_intervals

WIDTHS = (256, 1000)
"""The paper's, and one that trains in an hour of two cores, where 1000 takes about three."""
MEASURED = 1000  # test sentences whose every step is derived
ASKED = 300  # of these, whose words are exchanged too
FEWEST = 30  # sentences behind a mean by step
TEXT = ("i", "hate", "the", "movie", "because", "the", "plot", "is", "boring")
"""The words that the paper follows through its figure: hate, movie, plot, is, boring."""
BEYOND = {"mean": "beyond", "low": "beyond low", "high": "beyond high"}
VALUES = ("share", "equal", "excess", "ratio")


def run(corpus: str = "flickr30k", *, quick: bool = False, seed: int = 0) -> Record:
    """Measure copies of test sentences, or for ``"scenes"`` check the method where networks copy well.

    Parameters
    ----------
    corpus : str
        ``"scenes"``, or ``"flickr30k"``, to which the treebank's sentences are added.
    quick : bool
        Tiny networks and few sentences: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds(NAME, checks, quick=quick, seed=seed, corpus=corpus, networks=(NAME,))
    compared = widths(captions_and_reviews(load(corpus), load("sst")), quick=quick, seed=seed)
    tables = analyse(compared.networks, compared.controls, _legible(compared.test, compared.networks), seed)
    return compared.record(NAME, figures_of(tables), tables, claims_of(tables))


def captions_and_reviews(captions: CaptionCorpus, reviews: TreeCorpus) -> CaptionCorpus:
    """Captions and the sentences of a treebank as one corpus, split by split, under the captions' name.

    A sentence of the treebank counts as the description of an image of its own, numbered on from the captions'.
    """
    splits, last = [], max(int(split.image_ids.max()) for split in captions.splits)
    for split, trees in zip(captions.splits, reviews.splits, strict=True):
        own = last + 1 + np.arange(len(trees))
        last = int(own[-1])
        texts = [*split.texts, *(" ".join(words) for words in trees.tokens)]
        images = [*split.image_ids[split.image], *own]
        splits.append(plain.captions(captions.name, split.split, texts, images))
    return CaptionCorpus(captions.name, *splits, sources=(*captions.sources, *reviews.sources))


def widths(corpus: CaptionCorpus, *, quick: bool = False, seed: int = 0) -> Panel:
    """Networks of every width, trained and untrained, in a quick run two tiny ones on few sentences."""
    if quick:
        corpus = replace(corpus, train=_some(corpus.train, QUICK_TRAINING, seed))
    sizes = [{**QUICK[NAME], "embedding": width, "units": width} for width in (8, 16)] if quick else [
        {"embedding": width, "units": width} for width in WIDTHS
    ]  # fmt: skip
    changes = {f"width {size['units']}": {"seed": seed, **size} for size in sizes}
    networks = {name: store.trained(NAME, corpus, **settings) for name, settings in changes.items()}
    return Panel(
        corpus, networks,
        {name: store.untrained(NAME, corpus, **settings) for name, settings in changes.items()},
        {name: store.identity(NAME, corpus, networks[name], **settings) for name, settings in changes.items()},
        seed, quick, sum(map(store.training_seconds, networks.values())), time.monotonic(),
    )  # fmt: skip


def _legible(captions: Captions, networks: Mapping[str, Autoencoder]) -> Captions:
    """Those sentences of which every network knows a word; one of the treebank's is but a rare interjection."""
    known = [network.vocabulary for network in networks.values()]
    return captions.take(
        [
            index
            for index, words in enumerate(captions.tokens)
            if all(any(word in vocabulary for word in words) for vocabulary in known)
        ]
    )


def _some(captions: Captions, most: int, seed: int) -> Captions:
    """Sentences drawn from a split, in their order."""
    drawn = np.random.default_rng(seed).permutation(len(captions))[:most]
    return captions.take(np.sort(drawn))


def analyse(
    trained: Mapping[str, Autoencoder], untrained: Mapping[str, Autoencoder], test: Captions, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``lengths``: accuracy of copies by length; ``alignment``: how often the aligned word or step is the strongest,
        by place and over all; ``ways``: the same over all, of some of the sentences, asked in all of
        :data:`~reading_neurons.methods.copy_exchange.WAYS`; ``steps``: influence of the words written, by step;
        ``slopes`` of it, with intervals; ``map``: every step of the copy of one sentence. All with the network's name
        as ``pathway``.
    """
    chosen = _some(test, MEASURED, seed)
    asked = _some(chosen, ASKED, seed)
    parts: dict[str, list] = {"lengths": [], "alignment": [], "ways": [], "steps": [], "slopes": [], "map": []}
    for name, network in trained.items():
        parts["lengths"].append(by_length(accuracy(network, test), seed=seed).assign(pathway=name))
        if any(word in network.vocabulary for word in TEXT):
            parts["map"].append(copy_saliency(network, [TEXT]).drop(columns="sentence").assign(pathway=name))
        grown = []
        for label, read in ((name, network), (f"untrained {name}", untrained[name])):
            table = copy_saliency(read, chosen, copy="right").assign(pathway=label)
            table["image"] = chosen.image[table["sentence"]]
            parts["alignment"].append(aligned(table, seed))
            parts["ways"] += list(_asked(label, read, asked, seed))
            grown.append(influences(table))
            parts["steps"].append(by_step(grown[-1], seed))
        right = accuracy(network, chosen)["exact"].to_numpy() == 1
        parts["slopes"] += _growths(name, *grown, right, seed)
    return {name: _first(pd.concat(found, ignore_index=True)) for name, found in parts.items() if found}


def _asked(label: str, network: Autoencoder, captions: Captions, seed: int) -> Iterator[pd.DataFrame]:
    """Alignment over all places of a network, asked in every way."""
    for way, maps in WAYS.items():
        table = maps(network, captions, copy="right").assign(pathway=label)
        table["image"] = captions.image[table["sentence"]]
        found = aligned(table, seed)
        yield found[found["place"] == -1].assign(method=way)


def _first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["pathway", *(column for column in table if column != "pathway")]]


def aligned(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """How strong the aligned word (of steps) or step (of words) is, beside chance.

    Parameters
    ----------
    table : DataFrame
        Of :func:`~reading_neurons.methods.copy_saliency.copy_saliency`, with ``pathway`` and ``image``.
    seed : int

    Returns
    -------
    DataFrame
        ``along`` ("step" or "word"), ``measure`` ("hit", "near" or "rank"), ``place`` (-1: all), ``mean``, ``low``,
        ``high`` (95 %), ``chance``, ``beyond``, ``beyond low``, ``beyond high`` (by how much it is better than chance:
        more hits, lower ranks), ``count``, ``pathway``.
    """
    parts = []
    for along in ("step", "word"):
        found = alignment(table, along)
        found["image"] = found["sentence"].map(table.groupby("sentence")["image"].first())
        for measure, chance in CHANCES.items():
            better = -1 if measure == "rank" else 1
            both = found.assign(beyond=better * (found[measure] - found[chance]))
            for rows in (both.assign(place=-1), both[_often(both, "place")]):
                if len(rows):
                    means = _beside(rows, measure, chance, seed)
                    parts.append(means.assign(along=along, measure=measure))
    columns = ["along", "measure", "place", "mean", "low", "high", "chance", *BEYOND.values(), "count"]
    return pd.concat(parts, ignore_index=True)[columns].assign(pathway=table["pathway"].iloc[0])


def _beside(rows: pd.DataFrame, measure: str, chance: str, seed: int) -> pd.DataFrame:
    """A measure by place with its interval, what chance gives, and the difference with its own."""
    means = mean_intervals(rows, measure, "place", seed=seed)
    beyond = mean_intervals(rows, "beyond", "place", seed=seed)
    chances = rows.groupby("place")[chance].mean().to_numpy()
    return means.join(beyond[list(BEYOND)].rename(columns=BEYOND)).assign(chance=chances)


def _often(table: pd.DataFrame, column: str) -> pd.Series:
    return table.groupby(column)["sentence"].transform("size") >= FEWEST


def influences(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`~reading_neurons.methods.copy_influence.influence` with the columns ``image`` and ``pathway``."""
    images = table.groupby("sentence")["image"].first()
    found = influence(table)
    return found.assign(image=found["sentence"].map(images), pathway=table["pathway"].iloc[0])


def by_step(grown: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Means of share, excess and ratio by step, for :func:`~reading_neurons.charts.copy_saliency.copy_influence`.

    Parameters
    ----------
    grown : DataFrame
        Of :func:`influences`.
    seed : int

    Returns
    -------
    DataFrame
        ``pathway``, ``measure``, ``step``, ``mean``, ``low``, ``high`` (95 %), ``alike`` (if every word counted alike),
        ``count``; steps that too few sentences have are left out.
    """
    often, parts = grown[_often(grown, "step")], []
    if often.empty:
        raise ValueError(f"no step is there in {FEWEST} sentences: give it more, found {grown['sentence'].nunique()}")
    equal = often.groupby("step")["equal"].mean().to_numpy()
    for measure in ("share", "excess", "ratio"):
        means = mean_intervals(often, measure, "step", seed=seed)
        parts.append(means.assign(measure=measure, alike=equal if measure == "share" else 0.0))
    found = pd.concat(parts, ignore_index=True).assign(pathway=grown["pathway"].iloc[0])
    return found[["pathway", "measure", "step", "mean", "low", "high", "alike", "count"]]


def slopes(grown: pd.DataFrame, right: np.ndarray | None = None, seed: int = 0) -> pd.DataFrame:
    """By how much each measure of influence grows per step.

    Parameters
    ----------
    grown : DataFrame
        Of :func:`influences`.
    right : bool array, shape (sentences,), optional
        Which sentences the network copies rightly by itself; they and the others then have rows of their own.
    seed : int

    Returns
    -------
    DataFrame
        ``sentences`` ("all", "copied right", "copied wrong"), ``measure``, ``slope``, ``low``, ``high``, ``count``,
        ``pathway``.
    """
    chosen = {"all": np.ones(len(grown), bool)}
    if right is not None:
        of_right = right[grown["sentence"]]
        chosen |= {"copied right": of_right, "copied wrong": ~of_right}
    rows = [
        {"sentences": group, "measure": value, **slope(grown[kept], value, cluster="image", seed=seed)}
        for group, kept in chosen.items()
        if grown[kept]["sentence"].nunique() >= FEWEST
        for value in VALUES
    ]
    return pd.DataFrame(rows).assign(pathway=grown["pathway"].iloc[0])


def _growths(
    name: str, trained: pd.DataFrame, untrained: pd.DataFrame, right: np.ndarray, seed: int
) -> Iterator[pd.DataFrame]:
    """Slopes of a network, of the same before training, and of the difference, sentence by sentence."""
    yield slopes(trained, right, seed)
    yield slopes(untrained, seed=seed)  # it has no copies of its own to divide sentences by
    less = {value: trained[value] - untrained[value] for value in VALUES}
    yield slopes(trained.assign(**less, pathway=f"{name} less untrained"), seed=seed)


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record, from its tables alone."""
    lengths, places, growth = tables["lengths"], tables["alignment"], tables["slopes"]
    figures = {
        f"{row.pathway}: {row.measure}": row.mean for row in lengths[lengths["all"]].itertuples(index=False)
    }
    for row in places[places["place"] == -1].itertuples(index=False):
        figures[f"{row.pathway}: {row.measure} along {row.along}s"] = row.mean
        figures[f"{row.pathway}: {row.measure} along {row.along}s, by chance"] = row.chance
    for row in tables["ways"].query("measure == 'hit'").itertuples(index=False):
        figures[f"{row.pathway}: hit along {row.along}s, by {row.method}"] = row.mean
    for row in growth.itertuples(index=False):
        figures[f"{row.pathway}: {row.measure} grows per step, sentences {row.sentences}"] = row.slope
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The paper's two observations on figure 9, for every network, and the first asked by exchange too."""
    places, growth = tables["alignment"], tables["slopes"].set_index(["pathway", "sentences", "measure"])
    everywhere = places[places["place"] == -1].set_index(["pathway", "along", "measure"])
    ways = tables["ways"].set_index(["pathway", "along", "measure", "method"])
    claims = []
    for name in tables["lengths"]["pathway"].unique():
        for along, measure, text in (
            ("step", "hit", "the word that is copied is the strongest of the source, more often than chance"),
            ("step", "rank", "the word that is copied ranks higher in the source than chance, in places"),
            ("word", "hit", "a word of the source is at its strongest when it is copied, more often than chance"),
        ):
            row = everywhere.loc[(name, along, measure)]
            claims.append(_claim(f"{name}: {text}", *row[list(BEYOND.values())]))
        for along, text in (
            ("step", "the word that is copied is the strongest of the source, more often than chance"),
            ("word", "a word of the source is at its strongest when it is copied, more often than chance"),
        ):
            row = ways.loc[(name, along, "hit", "exchange")]
            claims.append(_claim(f"{name}, words exchanged: {text}", *row[list(BEYOND.values())]))
        for pathway, measure, text in (
            (name, "share", "the share of what was written before grows with every step"),
            (name, "ratio", "a word written weighs more against one of the source with every step, in doublings"),
            (f"{name} less untrained", "ratio", "that weight grows faster than with random weights, in doublings"),
        ):
            row = growth.loc[(pathway, "all", measure)]
            claims.append(_claim(f"{name}: {text}", row["slope"], row["low"], row["high"]))
    return claims


def _claim(text: str, here: float, low: float, high: float) -> Claim:
    holds = True if low > ROUNDING else False if high < -ROUNDING else None
    return Claim(text, "one sentence, figure 9", float(here), (float(low), float(high)), holds)
