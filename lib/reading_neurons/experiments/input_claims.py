"""What the record of input optimization says: figures and claims, from its tables alone.

Easy to get wrong: the sign of t. The paper prints that of corpus search minus Gumbel softmax, which is below zero where
the Gumbel softmax reaches more; so do the claims here. Gains are the other way round, above zero where it reaches more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from reading_neurons.experiments.record import Claim
from reading_neurons.methods.paired import REPLICATES, paired_by
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import decided

CASES = ("visual projection", "textual projection", "visual hidden", "textual hidden")
SINGLE = ("visual units", "textual units")
OTHERS = ("visual projection", "textual projection", "textual hidden")
"""The cases of the networks other than the default one: what two passes over a corpus are enough for."""
RELAXED = ("embedding", "logit", "softmax", "gumbel")
SWAPPED = "gumbel + swaps"
METHODS = ("corpus", *RELAXED, SWAPPED)
DEFAULT_NETWORK, EVERY_WORD, FORBIDDEN, UNTRAINED = "default", "every word", "every word, rare forbidden", "untrained"
NETWORKS = (DEFAULT_NETWORK, EVERY_WORD, FORBIDDEN, UNTRAINED)

PAPER_T = {"visual projection": -23.5, "textual projection": -33.6, "visual hidden": -14.1, "textual hidden": -21.7}
PAPER_COSINE = 0.24
SATURATED = 0.95
RARE, SELDOM = 5, 50  # occurrences in the training captions


def neurons(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The neurons of a record, one row each: ``network``, ``case``, ``neuron``, and the columns of every method."""
    parts = [
        table.assign(network=name.rpartition(", ")[0], case=name.rpartition(", ")[2])
        for name, table in tables.items()
        if name.rpartition(", ")[0] in NETWORKS
    ]
    found = pd.concat(parts, ignore_index=True)
    return found[["network", "case", *(column for column in found if column not in ("network", "case"))]]


def activations(tables: Mapping[str, pd.DataFrame], network: str = DEFAULT_NETWORK) -> pd.DataFrame:
    """What each method reaches: one row per neuron and method, ``case``, ``neuron``, ``method``, ``words``, ``activation``."""
    wide = neurons(tables).query("network == @network")
    parts = [
        wide[["case", "neuron"]].assign(method=method, words=wide[f"{method} words"], activation=wide[method])
        for method in METHODS
        if method in wide and wide[method].notna().any()
    ]
    found = pd.concat(parts, ignore_index=True).dropna(subset="activation")
    return found.sort_values(
        "case", key=lambda names: names.map([*CASES, *SINGLE].index), kind="stable", ignore_index=True
    )


def asked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The neurons of the default network, in the order of the paper's cases, as :func:`neurons` gives them."""
    found = neurons(tables).query("network == @DEFAULT_NETWORK")
    return found.sort_values("case", key=lambda names: names.map([*CASES, *SINGLE].index), kind="stable", ignore_index=True)


def effects(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The paper's four cases beside ours, free of how many neurons were asked.

    Returns
    -------
    DataFrame
        One row per case: ``t`` (corpus minus gumbel) and ``d_z``, the effect size in the paper's sign, both of the
        paper and ``here``; for the paper d_z is t over the root of its 160 outputs or 81 groups.
    """
    here = comparisons(tables).query("network == @DEFAULT_NETWORK").set_index("case").loc[list(CASES)]
    counts = [160 if "projection" in case else 81 for case in CASES]
    paper = pd.Series(PAPER_T)[list(CASES)]
    return pd.DataFrame(
        {
            "t, paper": paper, "t, here": -here["t"], "d_z, paper": paper / np.sqrt(counts), "d_z, here": -here["d_z"],
            "neurons won": here["won"],
        }
    ).rename_axis("case")  # fmt: skip


def comparisons(
    tables: Mapping[str, pd.DataFrame], method: str = SWAPPED, replicates: int = REPLICATES
) -> pd.DataFrame:
    """A method beside corpus search, per network and case, as :func:`reading_neurons.methods.paired.paired` compares.

    ``share`` is the gain as a share of what corpus search reaches on average, with ``share_low`` and ``share_high``.
    """
    wide = neurons(tables)
    wide = wide[wide[method].notna()]
    found = paired_by(wide, ["network", "case"], "corpus", method, replicates=replicates)
    base = found.merge(wide.groupby(["network", "case"], sort=False)["corpus"].mean().abs().reset_index())["corpus"]
    shares = {f"share{end}": found[name] / base for end, name in (("", "gain"), ("_low", "low"), ("_high", "high"))}
    return found.assign(**shares)


def saturation(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The share of single units above .95: one row per method, one column per pathway."""
    rows = activations(tables)
    rows = rows[rows["case"].isin(SINGLE)].assign(above=lambda table: table["activation"] > SATURATED)
    wide = rows.pivot_table(index="method", columns="case", values="above", sort=False)
    return wide.reindex(METHODS)[[case for case in SINGLE if case in wide]]


def rarity(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How rare the words are that are written.

    Returns
    -------
    DataFrame
        One row per network, case and method (corpus search and the default): ``words``, how many; ``median``, of their
        counts in the training captions; ``rare``, the share of those that occur fewer than 5 times; ``seldom``, fewer
        than 50 times.
    """
    counts = tables["words"].set_index("word")["count"]
    rows = []
    for (network, case), table in neurons(tables).groupby(["network", "case"], sort=False):
        for method in ("corpus", SWAPPED):
            found = counts[[word for text in table[f"{method} words"] for word in text.split()]].to_numpy()
            rows.append(
                (
                    network,
                    case,
                    method,
                    len(found),
                    float(np.median(found)),
                    np.mean(found < RARE),
                    np.mean(found < SELDOM),
                )
            )
    return pd.DataFrame(rows, columns=["network", "case", "method", "words", "median", "rare", "seldom"])


def part_of_rare(tables: Mapping[str, pd.DataFrame], replicates: int = REPLICATES, seed: int = 0) -> pd.DataFrame:
    """Of the gap between corpus search and the default in the network that knows every word, the part that rare words make.

    Both gaps are taken on the same neurons of the same weights; the part is 1 minus the gap without rare words over
    the gap with them.

    Returns
    -------
    DataFrame
        One row per case: ``case``, ``part``, ``low``, ``high`` (95 %, over neurons).
    """
    rows = []
    for case in OTHERS:
        free, forbidden = tables[f"{EVERY_WORD}, {case}"], tables[f"{FORBIDDEN}, {case}"]
        gaps = np.stack([(table[SWAPPED] - table["corpus"]).to_numpy() for table in (free, forbidden)])
        drawn = cluster_draws(gaps.shape[1], replicates, seed) @ gaps.T
        low, high = interval(1 - drawn[:, 1] / drawn[:, 0])
        rows.append((case, 1 - gaps[1].sum() / gaps[0].sum(), low, high))
    return pd.DataFrame(rows, columns=["case", "part", "low", "high"])


def cosines(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The mean cosine of optimized embeddings with their nearest words: ``case``, ``cosine``, of the default network."""
    wide = neurons(tables).query("network == @DEFAULT_NETWORK")
    return wide.groupby("case", sort=False)["embedding cosine"].mean().rename("cosine").reset_index()


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Means per network, case and method; gains over corpus search; saturation, cosines, rare words, seconds."""
    figures = {}
    for network in NETWORKS:
        means = activations(tables, network).groupby(["case", "method"], sort=False)["activation"].mean()
        figures |= {f"mean, {network}, {case}: {method}": float(value) for (case, method), value in means.items()}
    for method in ("gumbel", SWAPPED):
        for row in comparisons(tables, method).itertuples():
            said = f"{row.network}, {row.case}: {method}"
            figures |= {
                f"{name}, {said}": float(getattr(row, name)) for name in ("share", "d_z", "p", "wilcoxon_p", "won")
            }
    for method, row in saturation(tables).iterrows():
        figures |= {f"above {SATURATED}, {case}: {method}": float(value) for case, value in row.items()}
    figures |= {f"cosine, {row.case}": row.cosine for row in cosines(tables).itertuples()}
    for row in rarity(tables).itertuples():
        figures[f"words seen fewer than {SELDOM} times, {row.network}, {row.case}: {row.method}"] = row.seldom
    figures |= {f"part of rare words, {row.case}": row.part for row in part_of_rare(tables).itertuples()}
    runs = tables["runs"]
    default = runs[(runs["network"] == DEFAULT_NETWORK) & (runs["method"] == SWAPPED)]
    figures["seconds per neuron, default method"] = float(default["seconds"].sum() / default["neurons"].sum())
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The claims of section 3.2, and what the paper's comparison leaves open, each with a 95 % interval over neurons."""
    return [
        *_of_gumbel(tables),
        *_of_the_others(tables),
        *_of_units(tables),
        *_of_rare_words(tables),
        *_of_control(tables),
    ]


def _of_gumbel(tables) -> Iterator[Claim]:
    for method, said in ((SWAPPED, "Gumbel softmax and swaps"), ("gumbel", "the plain Gumbel softmax")):
        found = comparisons(tables, method).query("network == @DEFAULT_NETWORK").set_index("case").loc[list(CASES)]
        for row in found.itertuples():
            text = f"{said}: more than corpus search, {row.Index}: t of corpus minus gumbel"
            yield _of_t(text, f"{PAPER_T[row.Index]}", row)
        if method == SWAPPED:
            for row in found.itertuples():
                text = f"{said}: more than corpus search on most neurons, {row.Index}: share won"
                interval = row.won_low, row.won_high
                yield Claim(text, "not given", row.won, interval, decided(interval, above=0.5))


def _of_t(text: str, paper: str, row) -> Claim:
    """With the paper's sign: below 0 where corpus search reaches less."""
    interval = -row.t_high, -row.t_low
    return Claim(text, paper, -row.t, interval, decided(interval, below=0))


def _of_the_others(tables) -> Iterator[Claim]:
    for method in ("embedding", "logit", "softmax"):
        found = comparisons(tables, method).query("network == @DEFAULT_NETWORK").set_index("case").loc[list(CASES)]
        row = found.loc[found["share"].idxmax()]
        text = f"{method} optimization is not competitive with corpus search, where it comes closest ({row.name}): gain as a share"
        low, high = float(row["share_low"]), float(row["share_high"])
        yield Claim(text, "below 0", float(row["share"]), (low, high), decided((low, high), below=0))
    cosine = neurons(tables).query("network == @DEFAULT_NETWORK and case in @CASES")["embedding cosine"].to_numpy()
    low, high = interval(cluster_draws(len(cosine), REPLICATES, 0) @ cosine / len(cosine))
    # Below one half a vector is nearer to a right angle with its nearest word than to that word, counted in degrees.
    text = "optimized embeddings are far from any word: cosine with the nearest"
    yield Claim(text, f"{PAPER_COSINE}", float(cosine.mean()), (low, high), decided((low, high), below=0.5))


def _of_units(tables) -> Iterator[Claim]:
    for case in SINGLE:
        above = (tables[f"{DEFAULT_NETWORK}, {case}"]["corpus"] > SATURATED).to_numpy(dtype=float)
        low, high = interval(cluster_draws(len(above), REPLICATES, 0) @ above / len(above))
        text = f"single units are easy: corpus search alone takes most above {SATURATED}, {case}"
        yield Claim(text, "easily saturated", float(above.mean()), (low, high), decided((low, high), above=0.5))


def _of_rare_words(tables) -> Iterator[Claim]:
    found = comparisons(tables).query("network == @FORBIDDEN").set_index("case").loc[list(OTHERS)]
    for row in found.itertuples():
        text = f"without rare words the gap remains, {row.Index}: t of corpus minus gumbel"
        yield _of_t(text, "no control", row)
    for row in part_of_rare(tables).itertuples():
        text = f"rare words make part of the gap, {row.case}: their part"
        yield Claim(text, "no control", row.part, (row.low, row.high), decided((row.low, row.high), above=0))


def _of_control(tables) -> Iterator[Claim]:
    found = comparisons(tables).query("network == @UNTRAINED").set_index("case").loc[list(OTHERS)]
    for row in found.itertuples():
        text = f"the gap takes no learning, {row.Index}: t of corpus minus gumbel, random weights"
        yield _of_t(text, "no control", row)
