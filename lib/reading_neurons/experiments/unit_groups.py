"""Poerner et al. 2018, section 3.2.2 of the longer version: single hidden units, groups of them, and what groups are.

The paper takes the mean of a group as target because a single unit is driven to 1 by any method, and asks no further.
Here single units and groups are both optimised, by corpus search and by the default; and groups are held against
random groups of the same sizes, against groups made from other n-grams, and against the same network untrained.

Easy to get wrong: a partition is always found. Units of a network with random weights correlate too, so that groups
of theirs are as tidy; only the comparison says what training made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reading_neurons.corpora.captions import Captions
from reading_neurons.experiments import truth
from reading_neurons.experiments.group_claims import claims_of, figures_of
from reading_neurons.experiments.group_truth import checks
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import Record
from reading_neurons.methods.contexts import top_contexts
from reading_neurons.methods.group_measures import (
    agreement,
    cohesion,
    gains,
    half_neurons,
    halves,
    linkages,
    read_halves,
    shuffled,
)
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.unit_correlations import UnitCorrelations
from reading_neurons.methods.unit_groups import NO_GROUP, clustered, correlated, drawn_ngrams, grouped, split_ngrams
from reading_neurons.neurons import Neuron, group, unit
from reading_neurons.pathway import Pathway

LENGTH = 5
PRECISION = "bfloat16"
METHODS = {"corpus": "corpus", "default": "gumbel + swaps"}
CONTEXTS, WIDTH = 3, 3  # of each unit


@dataclass(frozen=True)
class Size:
    """How much an experiment does.

    Attributes
    ----------
    groups : int
        Of each pathway.
    sample : int
        N-grams that correlations are taken over.
    parts, splits : int
        Into how many parts the n-grams are cut, and how often those are sorted into two halves at random.
    tested : int
        Groups whose members are held out, drawn at random; as many random ones.
    singles : int
        Units that are optimised alone, drawn at random.
    """

    groups: int = 81
    sample: int = 100_000
    parts: int = 8
    splits: int = 10
    tested: int = 30
    singles: int = 30


CONTROL_TESTED = 20  # of a network without training
QUICK = Size(groups=5, sample=600, parts=4, splits=2, tested=3, singles=3)


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Group the hidden units of both pathways and ask what groups are; for ``"scenes"`` ask where the truth is known.

    Parameters
    ----------
    corpus : str
    quick : bool
        Tiny networks and few captions: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds("unit-groups", checks, quick=quick, seed=seed, networks=("imaginet",))
    compared = panel(corpus, seed=seed, quick=quick, networks=("imaginet",))
    captions = compared.test if quick else compared.corpus.train
    size = QUICK if quick else Size()
    tables = analyse(compared.trained, compared.untrained, captions, compared.test, size, seed)
    return compared.record("unit-groups", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway],
    untrained: Mapping[str, Pathway],
    captions: Captions,
    shown: Captions,
    size: Size,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Parameters
    ----------
    trained, untrained : mapping of str to Pathway
    captions : Captions
        Whose n-grams are drawn, and searched.
    shown : Captions
        Where the top contexts of units are taken from.
    size : Size
    seed : int

    Returns
    -------
    dict of DataFrame
        ``units, PATHWAY``: group and correlation of every unit, its top contexts, and its group untrained; ``groups``;
        ``single``: units optimised alone; ``held out``: one row per group, method and kind (``groups`` or ``random``);
        ``linkages`` and ``agreement``: of groups made from two halves of the n-grams.
    """
    tables, parts = {}, {name: [] for name in ("groups", "single", "held out", "linkages", "agreement")}
    for name, pathway in trained.items():
        for network, known in (("trained", pathway), ("untrained", untrained[name])):
            found, units = _network(known, captions, size, seed, trained=network == "trained")
            for key, table in found.items():
                table.insert(0, "pathway", name)
                table.insert(1, "network", network)
                parts[key].append(table)
            if network == "trained":
                kept = units.round(3).assign(contexts=_contexts(known, shown))
            else:
                kept["untrained group"] = units["group"].to_numpy()
        tables[f"units, {name}"] = kept
    return tables | {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}


def _network(
    pathway: Pathway, captions: Captions, size: Size, seed: int, trained: bool
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    drawn = drawn_ngrams(captions, pathway.vocabulary, LENGTH, size.sample, seed)
    summaries = [
        correlated(pathway, part, precision=PRECISION) for part in split_ngrams(drawn, size.parts, seed)
    ]
    whole = merged(summaries)
    units = grouped(whole, size.groups)
    groups = cohesion(whole.result(), units["group"])
    tables = _again(summaries, size, seed)
    rng = np.random.default_rng(seed)
    tested = size.tested if trained else min(size.tested, CONTROL_TESTED)
    large = groups.loc[groups["size"] >= 4, "group"].to_numpy()
    chosen = np.sort(rng.choice(large, min(tested, len(large)), replace=False))
    varying = units.loc[units["group"] != NO_GROUP, "unit"].to_numpy()
    singles = [unit(number) for number in np.sort(rng.choice(varying, min(tested, size.singles), replace=False))]
    wanted = [group(rows["unit"], f"group {n}") for n, rows in units[units["group"] != NO_GROUP].groupby("group")]
    targets = {
        "groups": halves(units["group"], groups=chosen, seed=seed),
        "random": halves(shuffled(units["group"], seed), groups=chosen, seed=seed),
    }
    found = _optimized(pathway, captions, wanted if trained else [], singles, targets, seed, trained)
    groups = groups.join(found.pop("groups")) if trained else groups
    return {"groups": groups, **found, **tables}, units


def _optimized(
    pathway: Pathway,
    captions: Captions,
    wanted: list[Neuron],
    singles: list[Neuron],
    targets: Mapping[str, pd.DataFrame],
    seed: int,
    search: bool,
) -> dict[str, pd.DataFrame]:
    """What groups, single units and halves of groups want, by each method; all in one search of the corpus."""
    seen = {what: half_neurons(members, seen=True) for what, members in targets.items()}
    lists = [wanted, singles, *seen.values()]
    groups, single, held = {}, {"unit": [neuron.members[0] for neuron in singles]}, []
    for name, method in METHODS.items():
        if method == "corpus" and not search:
            continue
        every = [neuron for one in lists for neuron in one]
        options = {"corpus": captions, "seed": seed, "precision": PRECISION}
        table = optimize(pathway, every, LENGTH, method, **options)[["words", "activation"]]
        ends = np.cumsum([len(one) for one in lists])[:-1]
        of_groups, of_single, *of_halves = (table.iloc[rows] for rows in np.split(np.arange(len(table)), ends))
        for kept, rows in ((groups, of_groups), (single, of_single)):
            kept |= {name: rows["activation"].tolist(), f"{name} words": rows["words"].tolist()}
        for (what, members), rows in zip(targets.items(), of_halves, strict=True):
            read = read_halves(pathway, members, rows["words"].tolist())
            read.insert(0, "method", name)
            read.insert(1, "what", what)
            held.append(read)
    tables = {"single": pd.DataFrame(single), "held out": pd.concat(held, ignore_index=True)}
    return tables | ({"groups": pd.DataFrame(groups)} if wanted else {})


def _again(summaries: list[UnitCorrelations], size: Size, seed: int) -> dict[str, pd.DataFrame]:
    """Groups from one half of the n-grams beside those from the other, by each linkage; several splits."""
    rng = np.random.default_rng(seed)
    rows, kinds = [], []
    for split in range(size.splits):
        order = rng.permutation(len(summaries))
        middle = len(order) // 2
        first, second = (merged([summaries[i] for i in part]).result() for part in (order[:middle], order[middle:]))
        both = [clustered(one, size.groups) for one in (first, second)]
        rows.append({"split": split, **agreement(*both, replicates=50, seed=split)._asdict()})
        if split == 0:
            kinds.append(linkages(first, second, size.groups))
    return {"agreement": pd.DataFrame(rows), "linkages": pd.concat(kinds, ignore_index=True)}


def shown(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The trained groups and their members of a record, as :func:`reading_neurons.charts.unit_groups` takes them."""
    groups = tables["groups"][tables["groups"]["network"] == "trained"]
    names = groups["pathway"].unique()
    members = pd.concat([tables[f"units, {name}"].assign(pathway=name) for name in names], ignore_index=True)
    return groups, members.assign(contexts=members["contexts"].str.split("; ").str[:2].str.join("; "))


def gained(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The gains of halves of a record, as :func:`reading_neurons.charts.held_out_members` takes them."""
    table = tables["held out"]
    case = table["network"] + ", " + table["method"].replace({"corpus": "corpus search"})
    order = ["trained, default", "trained, corpus search", "untrained, default"]
    found = gains(table).assign(words=table["words"], pathway=table["pathway"], what=table["what"], case=case)
    return found.sort_values("case", key=lambda cases: cases.map(order.index), kind="stable", ignore_index=True)


def merged(summaries: list[UnitCorrelations]) -> UnitCorrelations:
    """One summary of the observations of several."""
    whole = UnitCorrelations()
    for summary in summaries:
        whole.merge(summary)
    return whole


def _contexts(pathway: Pathway, captions: Captions) -> list[str]:
    """The top contexts of each unit, as one text."""
    top = top_contexts(pathway, captions, CONTEXTS, WIDTH, distinct=True, precision=PRECISION)
    return top.groupby("unit")["context"].agg("; ".join).tolist()
