"""Li et al. 2016, section 4, figures 2 and 4: do "not good" and "not bad" lie with the negative words, and clauses too?

The paper looks at one t-SNE picture of each. Here the same is measured in the full space and in the classes, for every
polar word that the network knows, beside neutral words in the place of the negator, beside the network untrained, and
beside what people said of such constituents of the treebank.

Easy to get wrong: where neutral words lie. If they, too, are nearer to the negative words, then it says little of "not
bad" that it is; every group is therefore held against neutral phrases as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from reading_neurons.corpora.trees import TreeCorpus
from reading_neurons.experiments import meaning_truth, truth
from reading_neurons.experiments.meaning_claims import GOLD, claims_of, figures_of
from reading_neurons.experiments.panel import SENTIMENT, panel
from reading_neurons.experiments.record import Record
from reading_neurons.methods import meaning_phrases as phrases
from reading_neurons.methods.meaning_space import MEASURES, ROLES, effects, place, placed, read, sentiment
from reading_neurons.methods.meaning_space import side_of_groups
from reading_neurons.methods.projections import distortion, pictures
from reading_neurons.methods.treebank_pairs import negated_constituents, neutral_words, opposed_clauses, scaled
from reading_neurons.pathway import Pathway
from reading_neurons.text import Vocabulary

PAIRS = {"negations": ["head"], "clauses": ["base", "concessive"]}
"""Own phrases, and what is drawn together in a bootstrap."""
FIGURES = {"words": ("positive", "negative"), "clauses": ("positive sentence", "negative sentence")}
"""The two pictures, and the groups that are the two ends of each."""
MOVED = {
    FIGURES["words"]: {"positive": "not + positive", "negative": "not + negative"},
    FIGURES["clauses"]: {"positive": "positive + negative clause", "negative": "negative + positive clause"},
}
"""For each picture, by its ends, the groups that were moved away from them."""
DRAWN = "lstm"
"""The network whose pictures a record keeps."""
RANDOM = "random vectors"


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Place the phrases in the space of every network, or for ``"polarity"`` check the method where the truth is known.

    Parameters
    ----------
    corpus : str
    quick : bool
        Tiny networks: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "polarity":
        return truth.over_seeds(
            "meaning-space", meaning_truth.checks, quick=quick, seed=seed, corpus="polarity", networks=SENTIMENT
        )
    compared = panel(corpus, seed=seed, quick=quick, networks=SENTIMENT, classes=5)
    tables = analyse(compared.trained, compared.untrained, compared.corpus, seed)
    return compared.record("meaning-space", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway], untrained: Mapping[str, Pathway], corpus: TreeCorpus, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``negation phrases`` and ``clause phrases``: the pairs; ``negations, NETWORK`` and ``clauses, NETWORK``: what
        was measured of each, row by row, ``untrained NETWORK`` too; ``treebank negations`` and ``treebank clauses``:
        labels and sentiment of constituents, without their words; ``effects``; ``pictures`` and ``picture phrases`` of
        :data:`DRAWN`; ``distortion``.
    """
    networks = {**trained, **{f"untrained {name}": pathway for name, pathway in untrained.items()}}
    vocabulary = next(iter(trained.values())).vocabulary
    tables = {}
    for kind, pairs in own_pairs(vocabulary, corpus).items():
        # A clause pair is named by its two clauses and what stands between them.
        tables[f"{kind[:-1]} phrases"] = pairs.drop(columns=["modified", "control"] if "connective" in pairs else [])
        for name, pathway in networks.items():
            found = of_pairs(pathway, kind, pairs).drop(columns=list(pairs)).round(2)
            tables[f"{kind}, {name}"] = found if name in trained else found.filter(regex="^(?!cosine)")
    tables |= of_treebank(networks, corpus)
    tables["effects"] = effects_of(tables)
    return {**tables, **of_pictures(trained, corpus, seed)}


def own_pairs(vocabulary: Vocabulary, corpus: TreeCorpus) -> dict[str, pd.DataFrame]:
    """The pairs of both kinds that a network knows, neutral phrases below them."""
    negations, clauses = phrases.negations(vocabulary), phrases.clauses(vocabulary)
    keep = ["sign", *ROLES]
    return {
        "negations": phrases.with_neutral(negations[["head", *keep]], neutral_words(corpus.train), vocabulary),
        "clauses": phrases.with_neutral(
            clauses[["concessive", "connective", *keep]], phrases.NEUTRAL_SENTENCES, vocabulary
        ),
    }


def of_pairs(pathway: Pathway, kind: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with what one network makes of each phrase."""
    ends = [phrases.simple(pairs, sign) for sign in (1, -1)]
    ends = phrases.ends(pathway.vocabulary) if kind == "negations" else ends
    own = {phrase: base for role in ROLES for phrase, base in zip(pairs[role], pairs["base"], strict=True)}
    wanted = [phrase for phrase in own if isinstance(phrase, str)]
    return placed(place(pathway, wanted, *ends, own), pairs)


def measured(
    pathways: Mapping[str, Pathway], kind: str, pairs: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The effects of own phrases of one kind on several networks, as the chart of sides takes them."""
    found = {name: effects(of_pairs(pathway, kind, pairs[kind]), PAIRS[kind]) for name, pathway in pathways.items()}
    return pd.concat([table.assign(network=name) for name, table in found.items()], ignore_index=True)


def of_treebank(networks: Mapping[str, Pathway], corpus: TreeCorpus) -> dict[str, pd.DataFrame]:
    """Negated constituents and opposed clauses of all splits, with labels and the sentiment that each network reads."""
    tables, vocabulary = {}, next(iter(networks.values())).vocabulary
    for name, find in (("treebank negations", negated_constituents), ("treebank clauses", opposed_clauses)):
        found = pd.concat([find(split).assign(split=split.split) for split in corpus.splits], ignore_index=True)
        parts = [part for part in ("base", "second", "modified") if part in found]
        read_at_all = [[any(word in vocabulary for word in text.split(" ")) for text in found[part]] for part in parts]
        found = found[np.logical_and.reduce(read_at_all)].reset_index(drop=True)
        kept = found[[column for column in ("split", "sentence", "connective", "sign") if column in found]]
        values = {f"{GOLD} {part}": scaled(found[f"{part}_label"]) for part in parts}
        for network, pathway in networks.items():
            for part in parts:
                texts = found[part].str.split(" ").tolist()
                values[f"{network} {part}"] = sentiment(pathway, read(pathway, texts)).round(3)
        tables[name] = kept.assign(**values)
    return tables


def effects_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What :func:`reading_neurons.methods.meaning_space.effects` finds in all tables of a record.

    Returns
    -------
    DataFrame
        ``kind`` (negations, clauses, and the same of the treebank), ``network``, ``measure``, ``quantity``, ``value``,
        ``low``, ``high``, ``count``. Of the treebank, networks are asked about validation and test sentences, people
        about all; ``treebank clauses, from middle`` has the mean of both clauses as its base.
    """
    parts = []
    for kind, clusters in PAIRS.items():
        pairs = tables[f"{kind[:-1]} phrases"]
        for name, table in tables.items():
            if name.startswith(f"{kind}, "):
                measures = [measure for measure in MEASURES if f"{measure} base" in table]
                found = effects(pd.concat([pairs, table], axis=1), clusters, measures)
                parts.append(found.assign(kind=kind, network=name.removeprefix(f"{kind}, ")))
    for kind in ("treebank negations", "treebank clauses"):
        parts += [found.assign(kind=kind) for found in _treebank_effects(tables[kind])]
    clauses = tables["treebank clauses"]
    middle = {f"{name} base": (clauses[f"{name} base"] + clauses[f"{name} second"]) / 2 for name in _read_by(clauses)}
    of_middle = _treebank_effects(clauses.assign(**middle))
    parts += [found.assign(kind="treebank clauses, from middle") for found in of_middle]
    return pd.concat(parts, ignore_index=True)[
        ["kind", "network", "measure", "quantity", "value", "low", "high", "count"]
    ].round({"value": 4, "low": 4, "high": 4})


def _read_by(table: pd.DataFrame) -> list[str]:
    return [column.removesuffix(" modified") for column in table if column.endswith(" modified")]


def _treebank_effects(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    table = table.assign(place=table["split"] + table["sentence"].astype(str))
    unseen = table[table["split"] != "train"]
    for rows, names in ((table, [GOLD]), (unseen, [name for name in _read_by(table) if name != GOLD])):
        if {1, -1} <= set(rows["sign"]):  # a quick run may have too few sentences
            found = effects(rows, ["place"], names)
            yield found.assign(network=found["measure"], measure="sentiment")


def of_pictures(trained: Mapping[str, Pathway], corpus: TreeCorpus, seed: int) -> dict[str, pd.DataFrame]:
    """Both figures of the paper in a grid of pictures of each network, and how much each distorts."""
    drawn, shown, distorted = [], [], []
    for figure, ends in FIGURES.items():
        for name, pathway in trained.items():
            table, points = picture(pathway, figure, corpus, seed)
            grid = pictures(points)
            if name == DRAWN:
                drawn.append(grid.assign(figure=figure).round({"x": 2, "y": 2}))
                shown.append(table.assign(figure=figure, point=np.arange(len(table))))
            distorted.append(_distorted(points, grid, table["group"], ends).assign(figure=figure, network=name))
        noise = np.random.default_rng(seed).normal(size=points.shape)
        distorted.append(_distorted(noise, pictures(noise), table["group"], ends).assign(figure=figure, network=RANDOM))
    return {
        "pictures": pd.concat(drawn, ignore_index=True),
        "picture phrases": pd.concat(shown, ignore_index=True),
        "distortion": pd.concat(distorted, ignore_index=True),
    }


def picture(pathway: Pathway, figure: str, corpus: TreeCorpus, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """The phrases of a figure with where they lie, and their representations.

    Parameters
    ----------
    pathway : Pathway
    figure : "words" or "clauses"
    corpus : TreeCorpus
        Its neutral words are the random ones.
    seed : int

    Returns
    -------
    (DataFrame, float array (phrases, units))
        ``phrase``, ``group``, ``base`` where it has one, ``euclidean``, ``sentiment``.
    """
    if figure == "words":
        table = phrases.figure_words(pathway.vocabulary, neutral_words(corpus.train, seed=seed))
    else:
        table = phrases.figure_clauses(pathway.vocabulary)
    ends = (table.loc[table["group"] == end, "phrase"].tolist() for end in FIGURES[figure])
    own = dict(zip(table["phrase"], table["base"], strict=True))
    found = place(pathway, table["phrase"].tolist(), *ends, own)
    table = table.assign(euclidean=found["euclidean"].round(3), sentiment=found["sentiment"].round(3))
    return table, read(pathway, table["phrase"].tolist())


def _distorted(points: np.ndarray, grid: pd.DataFrame, groups: pd.Series, ends: tuple[str, str]) -> pd.DataFrame:
    """How faithful every picture is, and on which side it shows what is denied or conceded."""
    keys = ["projection", "perplexity", "seed"]
    seen = [
        {f"side of {group}": side for group, side in side_of_groups(part[["x", "y"]].to_numpy(), groups, *ends).items()}
        for _, part in grid.groupby(keys, sort=False)
    ]
    wanted = {f"side of {group}": f"side, {sign}" for sign, group in MOVED[ends].items()}
    shown = pd.DataFrame(seen)[list(wanted)].rename(columns=wanted)
    return pd.concat([distortion(points, grid), shown], axis=1).round(3)


def shown(tables: Mapping[str, pd.DataFrame], figure: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pictures of one figure of a record and its phrases, as the chart of the same name takes them."""
    kept = (tables[name] for name in ("pictures", "picture phrases"))
    drawn, known = (table[table["figure"] == figure] for table in kept)
    return drawn, known if figure == "clauses" else known.drop(columns="base")
