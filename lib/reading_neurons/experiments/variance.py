"""Li et al. 2016, "Average and Variance": do the words that bear sentiment stand out from the mean of their sentence?

The paper shows one map (figure 8) and says that it "does a good job of emphasizing the relevant sentiment words". Here
every test sentence is measured: the share of its variance that is on words which bear sentiment, beside their share of
its words and beside the same network before training; and whether it is more than how often a word was seen.

Easy to get wrong: rare words. They have hardly moved from where they began, frequent ones have, and words that bear
sentiment are rarer than those that do not; so variance is also compared among words of equal frequency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import QUICK, SENTIMENT, Panel, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods.emphasis import partial_rank_correlation, shares
from reading_neurons.methods.variance import variance
from reading_neurons.models import store
from reading_neurons.models.sentiment import NEUTRAL, error
from reading_neurons.models.training import fit
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval, mean_intervals, rank_correlation, rank_null

BANDS = {"once": 1, "2 to 4": 2, "5 to 19": 5, "20 to 99": 20, "100 to 999": 100, "1,000 or more": 1000}
"""Names of the bands of frequency, and from how many occurrences in training each begins."""
MEASURES = ("strength", "frequency", "strength, frequency held constant")
SHOWN, OFTEN = 25, 5  # words a record names of each network, and how often they must occur
DIGITS = 4
REPLICATES = 1000
FIXED_EPOCHS = 3
PAIRS = 200
SHUFFLES = 20
SMALL = 0.03  # what a share may differ from chance where nothing is to be found


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Measure every test sentence, or for ``"polarity"`` check the method where the truth is known.

    Parameters
    ----------
    corpus : str
    quick : bool
        Tiny networks and few sentences: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "polarity":
        return truth.over_seeds("variance", checks, quick=quick, seed=seed, corpus=corpus, networks=SENTIMENT)
    compared = panel(corpus, seed=seed, quick=quick, networks=SENTIMENT, classes=5)
    tables = analyse(compared.trained, compared.untrained, compared.corpus.train, compared.test, seed)
    return compared.record("variance", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway], untrained: Mapping[str, Pathway], training: Trees, test: Trees, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``sentences``: how many words each has and how many bear sentiment, and the share of variance on these for each
        network, trained and untrained; ``correlations`` of variance with strength and frequency; ``bands``: how far
        words of a band of frequency stand out and have moved in training; ``words`` that stand out most.
    """
    wide, correlations, bands, words = None, [], [], []
    for name, pathway in trained.items():
        for state, network in (("trained", pathway), ("untrained", untrained[name])):
            table = word_table(network, test, training)
            found = shares(table, table["strength"] > 0)
            wide = found[["sentence", "words", "marked"]] if wide is None else wide
            wide = wide.assign(**{f"{state} {name}": found["share"].round(DIGITS)})
            correlations.append(_correlations(table, seed).assign(pathway=name, network=state))
            moved = _moved(pathway, untrained[name], table["word"])
            bands.append(_bands(table.assign(moved=moved), seed).assign(pathway=name, network=state))
        words.append(_standing_out(word_table(pathway, test, training)).assign(pathway=name))
    joined = {"correlations": correlations, "bands": bands, "words": words}
    return {"sentences": wide} | {name: _first(pd.concat(parts, ignore_index=True)) for name, parts in joined.items()}


def _first(table: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in ("pathway", "network") if name in table]
    return table[[*names, *(column for column in table if column not in names)]]


def strengths(trees: Trees) -> np.ndarray:
    """How far the label of each leaf is from neutral, 0 to 2, all sentences one below the other."""
    return np.concatenate([_leaves(tree) for tree in trees.trees])


def _leaves(tree) -> np.ndarray:
    labels = np.full(len(tree.words), NEUTRAL)
    for start, end, label in tree.constituents:
        if end - start == 1:
            labels[start] = label
    return np.abs(labels - NEUTRAL)


def word_table(pathway: Pathway, trees: Trees, training: Trees) -> pd.DataFrame:
    """The variance of every word beside what might explain it.

    Returns
    -------
    DataFrame
        Columns of :func:`~reading_neurons.methods.variance.variance`, ``relative`` (variance in units of the average
        word of the sentence), ``strength`` (as :func:`strengths`) and ``frequency`` (occurrences in the training
        sentences; 0 for an unknown word).
    """
    table = variance(pathway, trees)
    counts = Counter(word for sentence in training.tokens for word in sentence)
    mean = table.groupby("sentence")["saliency"].transform("mean")
    return table.assign(
        relative=(table["saliency"] / mean).where(mean > 0, 1.0),
        strength=strengths(trees),
        frequency=[counts[word] for word in table["word"]],
    )


def _correlations(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rank correlations over all words that training met, with intervals over sentences."""
    known = table[table["frequency"] > 0]
    value, strength, frequency, sentence = (
        known[column].to_numpy() for column in ("relative", "strength", "frequency", "sentence")
    )
    found = [
        rank_correlation(value, strength, sentence, seed=seed),
        rank_correlation(value, frequency, sentence, seed=seed),
        partial_rank_correlation(value, strength, frequency, sentence, seed=seed),
    ]
    low, high = rank_null(value, strength, permutations=100, seed=seed)
    return pd.DataFrame(found).assign(null_low=low, null_high=high).assign(measure=MEASURES)


def _moved(trained: Pathway, start: Pathway, words: pd.Series) -> np.ndarray:
    """How far training has moved the embedding of each word."""
    moved = (trained.embedding - start.embedding).norm(dim=1).detach().cpu().numpy()
    return moved[[trained.vocabulary.number(word) for word in words]]


def _bands(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean relative variance of words with and without sentiment in each band of frequency."""
    known = table[table["frequency"] > 0]
    number = np.searchsorted(list(BANDS.values()), known["frequency"], side="right") - 1
    rows = known.assign(band=number, kind=np.where(known["strength"] > 0, "bears sentiment", "neutral"))
    found = mean_intervals(rows, "relative", ["band", "kind"], cluster="sentence", seed=seed)
    moved = rows.groupby(["band", "kind"])["moved"].mean().rename("moved").reset_index()
    found = found.merge(moved, on=["band", "kind"])
    return found.assign(band=np.array(list(BANDS))[found["band"]])


def _standing_out(table: pd.DataFrame) -> pd.DataFrame:
    """The words of highest relative variance among those seen a few times."""
    table = table[table["frequency"] > 0]
    found = table.groupby("word").agg(
        relative=("relative", "mean"),
        strength=("strength", "max"),
        frequency=("frequency", "first"),
        count=("word", "size"),
    )
    return found[found["count"] >= OFTEN].nlargest(SHOWN, "relative").reset_index()


def differences(sentences: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Share of variance on words that bear sentiment, less their share of the words: means with intervals.

    Parameters
    ----------
    sentences : DataFrame
        That of a record.

    Returns
    -------
    DataFrame
        One row per network and state: ``pathway``, ``network`` (trained, untrained, or their difference), ``share``,
        ``chance``, ``mean`` (share less chance), ``low``, ``high`` (95 % over sentences).
    """
    chance = sentences["marked"] / sentences["words"]
    draws = cluster_draws(len(sentences), REPLICATES, seed) / len(sentences)
    rows = []
    for name in dict.fromkeys(column.split(" ", 1)[1] for column in sentences if column.startswith("trained ")):
        trained, untrained = sentences[f"trained {name}"], sentences[f"untrained {name}"]
        for state, share, base in (
            ("trained", trained, chance), ("untrained", untrained, chance), ("difference", trained, untrained),
        ):  # fmt: skip
            found = (share - base).to_numpy()
            low, high = interval(draws @ found)
            rows.append((name, state, share.mean(), base.mean(), found.mean(), low, high))
    return pd.DataFrame(rows, columns=["pathway", "network", "share", "chance", "mean", "low", "high"])


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """The mean share on words that bear sentiment, what chance would give, and the rank correlations."""
    found = differences(tables["sentences"])
    rows = found[found["network"] != "difference"]
    figures = {"share of words that bear sentiment": float(rows["chance"].iloc[0])}
    figures |= {f"share of variance: {row.network} {row.pathway}": float(row.share) for row in rows.itertuples()}
    for row in tables["correlations"].itertuples():
        figures[f"rank correlation with {row.measure}: {row.network} {row.pathway}"] = float(row.correlation)
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The paper's claim for each network, with 95 % intervals over sentences."""
    found, correlations = differences(tables["sentences"]), tables["correlations"]
    claims = []
    for name in dict.fromkeys(found["pathway"]):
        rows = found[found["pathway"] == name].set_index("network")
        text = f"{name}: words that bear sentiment have more of the variance than their share of the words"
        claims.append(_claim(text, "figure 8", rows.loc["trained"]))
        text = f"{name}: words that bear sentiment have more of the variance than before training"
        claims.append(_claim(text, "no control", rows.loc["difference"]))
        of_network = correlations[(correlations["pathway"] == name) & (correlations["network"] == "trained")]
        row = of_network.set_index("measure").loc[MEASURES[2]].rename({"correlation": "mean"})
        text = f"{name}: variance rises with the strength of a word, its frequency held constant"
        claims.append(_claim(text, "no control", row))
    return claims


def _claim(text: str, paper: str, row: pd.Series) -> Claim:
    low, high = float(row["low"]), float(row["high"])
    return Claim(text, paper, float(row["mean"]), (low, high), bool(low > 0))


# The planted truth


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; the bounds were fixed before any was run."""
    test, training = world.test, world.corpus.train
    planted = np.abs(np.concatenate(polarity.contributions(test, "shapley")))
    rng = np.random.default_rng(world.seed)
    for name, pathway in world.trained.items():
        table = word_table(pathway, test, training)
        marked = table["strength"].to_numpy() > 0
        yield _above(f"{name}: polar words have more of the variance than their share of the words", table, marked)
        yield _null(f"{name}: of variances shuffled inside each sentence they have their share", table, marked, rng)
        before = word_table(world.untrained[name], test, training)
        yield _near(f"{name}: before training they have their share", before, marked)
        yield from _ranks(name, table, planted, world.seed)
    yield _reordered(world)
    yield from _fixed(world)


def _excess(table: pd.DataFrame, marked: np.ndarray) -> tuple[float, float, float]:
    found = shares(table, marked)
    values = (found["share"] - found["chance"]).to_numpy()
    low, high = interval(cluster_draws(len(values), REPLICATES, 0) @ values / len(values))
    return float(values.mean()), low, high


def _above(text: str, table: pd.DataFrame, marked: np.ndarray) -> truth.Check:
    value, low, high = _excess(table, marked)
    return truth.Check(text, value, low, high, low > 0)


def _near(text: str, table: pd.DataFrame, marked: np.ndarray) -> truth.Check:
    value, low, high = _excess(table, marked)
    return truth.Check(f"{text}, to {SMALL}", value, low, high, abs(value) < SMALL)


def _null(text: str, table: pd.DataFrame, marked: np.ndarray, rng: np.random.Generator) -> truth.Check:
    """The same of values that have changed places inside their sentence, again and again."""
    found = []
    for _ in range(SHUFFLES):
        order = np.lexsort((rng.random(len(table)), table["sentence"]))
        found.append(_excess(table.assign(saliency=table["saliency"].to_numpy()[order]), marked)[0])
    value = float(np.mean(found))
    return truth.Check(f"{text}, to {SMALL}", value, *interval(np.array(found)), abs(value) < SMALL)


def _ranks(name: str, table: pd.DataFrame, planted: np.ndarray, seed: int) -> Iterator[truth.Check]:
    known = (table["frequency"] > 0).to_numpy()
    value, frequency, sentence = (table[column].to_numpy()[known] for column in ("relative", "frequency", "sentence"))
    found = rank_correlation(value, planted[known], sentence, seed=seed)
    text = f"{name}: variance is rank-correlated with the planted contribution"
    yield truth.Check(text, found["correlation"], found["low"], found["high"], found["low"] > 0)
    found = partial_rank_correlation(value, planted[known], frequency, sentence, seed=seed)
    yield truth.Check(
        f"{text}, frequency held constant", found["correlation"], found["low"], found["high"], found["low"] > 0
    )


def _reordered(world: Panel) -> truth.Check:
    """The largest relative difference between the maps of sentences that differ in the order of words alone."""
    worst = max(
        float(np.abs(np.array(a) / np.array(b) - 1).max())
        for pathway in world.trained.values()
        for a, b in zip(*(_sorted(pathway, trees) for trees in polarity.minimal_pairs(PAIRS)), strict=True)
    )
    text = "two sentences of the same words in another order, with other labels, have the same map"
    return truth.Check(text, worst, worst, worst, worst < 1e-9)


def _sorted(pathway: Pathway, trees: Trees) -> list[list[float]]:
    found = variance(pathway, trees)
    return [sorted(rows) for _, rows in found.groupby("sentence")["saliency"]]


def _fixed(world: Panel) -> Iterator[truth.Check]:
    """A network whose embedding stays as it was drawn learns to classify, and its map shows nothing."""
    changes = {"seed": world.seed, **(QUICK["lstm"] if world.quick else {"epochs": FIXED_EPOCHS})}
    network = store.untrained("lstm", world.corpus, **changes)
    network.embedding.weight.requires_grad_(False)
    training, validation = world.corpus.train, world.corpus.validation
    schedule = store.recipe("lstm", world.corpus.name, **changes).schedule
    fit(network, network.examples(training), network.examples(validation), schedule, label="lstm, fixed embedding")
    largest = np.bincount(world.test.labels).max() / len(world.test)
    gain = 1 - error(network, network.sentences(world.test)) - largest
    text = "an lstm with a fixed random embedding beats the most frequent class by .1 or more"
    yield truth.Check(text, gain, gain, gain, bool(gain > 0.1))
    table = word_table(network.pathways["lstm"], world.test, training)
    text = "fixed random embedding: polar words have their share of the variance"
    yield _near(text, table, table["strength"].to_numpy() > 0)
