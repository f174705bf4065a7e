"""Kádár et al. 2017, sections 6.1 and 6.2: what the contexts that excite a unit most have in common.

The paper shows five units of each pathway and says that they respond to "syntactically and/or topically related
patterns", the visual ones to topics (electronics, beaches, food), the textual ones to templates of syntax. Here every
unit of every pathway has a score for each, beside the same network with random weights; the units that are shown are
chosen by that score, and random ones stand beside them.

Easy to get wrong: a unit that answers to one word is homogeneous in tag without knowing any syntax. The scores are
therefore also taken over pairs of contexts that end in different words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from reading_neurons.annotation import annotate, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.scene_lexicon import NOUNS, RELATIONS
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods.contexts import readings, top_contexts
from reading_neurons.methods.homogeneity import homogeneity, label_shares, topics
from reading_neurons.methods.unit_choice import CHOSEN, KINDS, OTHER_WORDS, choose, scores
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import interval
from reading_neurons.verdicts import decided

K, WIDTH = 20, 3  # the paper's
EACH, RANDOM = 4, 6  # units that are shown: for each kind, and at random
SHOWN = {"visual": K, "textual": K, "sum": 5, "language model": 5}  # contexts of each that a record keeps
LABELS = 5  # of each kind, the most frequent, that a record keeps of a unit that is shown
REPLICATES = 1000
NUMBERS = ("two", "three", "four", "five")
NOISE = 60  # random units beside the detectors
SHUFFLES = 20
TRUTH_DRAWS = 10_000


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Score every unit of every pathway, or for ``"scenes"`` check the method where the truth is known.

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
        return truth.over_seeds("contexts", checks, quick=quick, seed=seed, networks=("imaginet",))
    compared = panel(corpus, seed=seed, quick=quick)
    captions = compared.test
    tables = analyse(compared.trained, compared.untrained, captions, seed)
    return compared.record("contexts", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway], untrained: Mapping[str, Pathway], captions: Captions, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``units, PATHWAY``: the score of every unit, ``trained KIND`` and ``untrained KIND``; ``null``: per pathway and
        kind what chance gives, and how many units are significant; ``chosen``: the units that are shown, and why;
        ``contexts`` and ``labels`` of those units.
    """
    tokens, objects = token_table(captions, annotate(captions)), topics(captions)
    tables, nulls, chosen, contexts, labels = {}, [], [], [], []
    for name, pathway in trained.items():
        columns = {}
        for state, network in (("trained", pathway), ("untrained", untrained[name])):
            top = top_contexts(network, captions, K, WIDTH, distinct=True)
            scored = scores(top, tokens, objects, seed=seed)
            wide = scored.pivot(index="unit", columns="kind", values="score").round(3)
            columns |= {f"{state} {kind}": wide[kind].to_numpy() for kind in KINDS}
            nulls.append(_null(scored).assign(pathway=name, network=state))
            if state == "trained":
                picked = choose(scored, CHOSEN, EACH, RANDOM, seed)
                of_picked = top[top["unit"].isin(picked["unit"])]
                chosen.append(picked.assign(pathway=name))
                kept = of_picked[of_picked["rank"] < SHOWN[name]]
                contexts.append(wide_contexts(network, captions, kept).assign(pathway=name))
                of_units = label_shares(of_picked, tokens, CHOSEN, objects).assign(pathway=name)
                labels.append(of_units.groupby(["unit", "kind"], sort=False).head(LABELS))
        tables[f"units, {name}"] = pd.DataFrame({"unit": np.arange(len(wide)), **columns})
    for name, parts in (("null", nulls), ("chosen", chosen), ("contexts", contexts), ("labels", labels)):
        joined = pd.concat(parts, ignore_index=True)
        tables[name] = joined[["pathway", *(column for column in joined if column != "pathway")]]
    return tables


def _null(scored: pd.DataFrame) -> pd.DataFrame:
    """What chance gives for each kind, and how many units exceed it."""
    rows = scored.assign(significant=scored["q"] < 0.05, nominal=scored["p"] <= 0.05).groupby("kind", sort=False)
    return rows.agg(
        low=("low", "first"), high=("high", "first"), best=("best", "first"),
        units=("unit", "size"), scored=("score", "count"), nominal=("nominal", "sum"), significant=("significant", "sum"),
    ).reset_index()  # fmt: skip


def wide_contexts(pathway: Pathway, captions: Captions, contexts: pd.DataFrame) -> pd.DataFrame:
    """One row per context, its words and activations side by side: ``word0`` is the last, ``word2`` the first."""
    long = readings(pathway, captions, contexts, WIDTH)
    long["activation"] = long["activation"].round(3)
    wide = long.pivot(index=["unit", "rank"], columns="place", values=["word", "activation"])
    places = range(1 - WIDTH, 1)
    columns = {f"{what}{-place}": wide[what].get(place) for place in places for what in ("word", "activation")}
    frame = pd.DataFrame(columns, index=wide.index).reset_index()
    numbers = {f"activation{back}": float for back in range(WIDTH)}
    return frame.astype(numbers).replace({np.nan: None}).astype({"activation0": float})


def long_contexts(wide: pd.DataFrame) -> pd.DataFrame:
    """One row per context and word: ``pathway``, ``unit``, ``rank``, ``place``, ``word``, ``activation``."""
    parts = [
        wide[["pathway", "unit", "rank", f"word{back}", f"activation{back}"]]
        .set_axis(["pathway", "unit", "rank", "word", "activation"], axis=1)
        .assign(place=-back)
        for back in reversed(range(WIDTH))
    ]
    long = pd.concat([part[part["word"].notna()] for part in parts], ignore_index=True)
    long["activation"] = long["activation"].astype(float)
    return long.sort_values(["pathway", "unit", "rank", "place"], kind="stable", ignore_index=True)


def unit_scores(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The scores of a record, one row per unit: ``pathway``, ``network``, ``kind``, ``unit``, ``score``."""
    parts = []
    for name, table in tables.items():
        if name.startswith("units, "):
            long = table.melt(id_vars="unit", var_name="column", value_name="score")
            split = long.pop("column").str.split(" ", n=1, expand=True)
            parts.append(long.assign(pathway=name.removeprefix("units, "), network=split[0], kind=split[1]))
    return pd.concat(parts, ignore_index=True)[["pathway", "network", "kind", "unit", "score"]]


def shown(
    tables: Mapping[str, pd.DataFrame], pathways: tuple[str, ...] = ("visual", "textual")
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The units that a record shows, as :func:`reading_neurons.charts.contexts` takes them: contexts, labels, notes."""
    kept = {name: tables[name][tables[name]["pathway"].isin(pathways)] for name in ("contexts", "labels", "chosen")}
    long, chosen = long_contexts(kept["contexts"]), kept["chosen"]
    long = long.sort_values("pathway", key=lambda names: names.map(pathways.index), kind="stable", ignore_index=True)
    said = (f"{row.why} {row.label}, {row.score:.2f}" for row in chosen.itertuples())
    notes = ["random" if why == "random" else note for why, note in zip(chosen["why"], said, strict=True)]
    # What a pathway is said to respond to comes first in its menu.
    first = {"visual": "topic", "sum": "topic"}
    order = [row.why != first.get(row.pathway, "tag") for row in chosen.itertuples()]
    units = chosen[["pathway", "unit"]].assign(note=notes, _order=order).sort_values("_order", kind="stable")
    return long, kept["labels"], units.drop(columns="_order")


def compared(tables: Mapping[str, pd.DataFrame], pathways: tuple[str, ...] = ("visual", "textual")) -> pd.DataFrame:
    """The scores of a record as :func:`reading_neurons.charts.homogeneity` takes them, topics first."""
    found = unit_scores(tables)
    found = found[found["pathway"].isin(pathways)]
    names = found["network"].map({"trained": "", "untrained": "untrained "}) + found["pathway"]
    kinds = ["topic", "tag", f"tag{OTHER_WORDS}", "deprel", f"deprel{OTHER_WORDS}", "word"]
    order = [name for pathway in pathways for name in (pathway, f"untrained {pathway}")]
    found = found.assign(pathway=pd.Categorical(names, order), kind=pd.Categorical(found["kind"], kinds))
    found = found.sort_values(["kind", "pathway"], kind="stable", ignore_index=True)
    return found.astype({"pathway": str, "kind": str})[["pathway", "kind", "unit", "score"]]


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Mean homogeneity of each pathway, network and kind, and the share of units above chance (q < .05)."""
    means = unit_scores(tables).groupby(["pathway", "network", "kind"], sort=False)["score"].mean()
    figures = {f"{kind}: {network} {pathway}": float(mean) for (pathway, network, kind), mean in means.items()}
    for row in tables["null"].itertuples():
        figures[f"{row.kind}, significant: {row.network} {row.pathway}"] = row.significant / row.units
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper reads off its table 1, each with a 95 % interval over units."""
    parts = unit_scores(tables).groupby(["pathway", "network", "kind"])["score"]
    drawn = {key: _draws(values.dropna().to_numpy(), number) for number, (key, values) in enumerate(parts)}
    claims = []
    for kind in ("topic", "tag", "deprel", f"tag{OTHER_WORDS}", f"deprel{OTHER_WORDS}"):
        first, second = ("visual", "textual") if kind == "topic" else ("textual", "visual")
        raw = drawn[first, "trained", kind] - drawn[second, "trained", kind]
        excess = raw - drawn[first, "untrained", kind] + drawn[second, "untrained", kind]
        text = f"contexts of {first} units agree more in {_said(kind)} than those of {second} units"
        claims.append(_claim(text, "seen in table 1", raw))
        claims.append(_claim(f"{text}, in excess of the same networks untrained", "no control", excess))
    for kind in ("topic", "tag", "deprel", f"tag{OTHER_WORDS}", f"deprel{OTHER_WORDS}"):
        pathway = "visual" if kind == "topic" else "textual"
        text = f"training makes the contexts of {pathway} units agree more in {_said(kind)}"
        learnt = drawn[pathway, "trained", kind] - drawn[pathway, "untrained", kind]
        claims.append(_claim(text, "units become sensitive", learnt))
    return claims


def _said(kind: str) -> str:
    return kind.replace(OTHER_WORDS, " between different words")


def _draws(values: np.ndarray, seed: int) -> np.ndarray:
    """The mean of the units, then its bootstrap replicates over units."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), size=REPLICATES) @ values / len(values)
    return np.concatenate(([values.mean()], drawn))


def _claim(text: str, paper: str, draws: np.ndarray) -> Claim:
    low, high = interval(draws[1:])
    return Claim(text, paper, float(draws[0]), (low, high), decided((low, high), above=0))


# The planted truth


def detectors() -> list[Detector]:
    """Units written by hand: a noun, all prepositions, a preposition held until the next noun, and a fading number."""
    nouns = {form for both in NOUNS.items() for form in both}
    relations = {word for words in RELATIONS.values() for word in words}
    return [
        Detector("noun", on=("dog", "dogs")),
        Detector("preposition", on=relations),
        Detector("from preposition to noun", on=relations, off=nouns, hold=1.0),
        Detector("after a number", on=NUMBERS, hold=0.8),
    ]


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; the bounds were fixed before any was run."""
    captions = turned(world.corpus.test)
    tokens, objects = token_table(captions, captions.parses), topics(captions)
    known = detectors()
    vocabulary = world.trained["visual"].vocabulary
    pathway = DetectorPathway(vocabulary, known, noise=NOISE, seed=world.seed)
    contexts = top_contexts(pathway, captions, K, WIDTH, distinct=True)
    yield from _exact(contexts, known, captions)
    scored = scores(contexts, tokens, objects, seed=world.seed, draws=TRUTH_DRAWS)
    for unit, kind in ((0, "topic"), (1, f"deprel{OTHER_WORDS}"), (3, f"tag{OTHER_WORDS}")):
        rows = scored[scored["kind"] == kind].set_index("unit")["score"]
        # A detector without a score has found nothing, and comes last.
        better = int((rows[len(known) :].fillna(-1) > rows.fillna(-1)[unit] + 1e-9).sum())
        text = f"no random unit is more homogeneous in {_said(kind)} than the detector {known[unit].name!r}"
        yield truth.Check(text, better, better, better, better == 0)
    yield _shuffled(contexts, tokens, objects, world.seed)
    yield _learnt(world, captions, tokens, objects)


def turned(captions: Captions) -> Captions:
    """The same captions, neighbours from different images.

    The states of a detector are all 1, equals stand in corpus order, and the first twenty would come from two scenes.
    """
    turn = pd.Series(captions.image).groupby(captions.image).cumcount().to_numpy()
    return captions.take(np.argsort(turn, kind="stable"))


def _exact(contexts: pd.DataFrame, known: list[Detector], captions: Captions) -> Iterator[truth.Check]:
    """The contexts of a detector against its rule, read off the words."""
    for unit, detector in enumerate(known):
        right = []
        for row in contexts[contexts["unit"] == unit].itertuples():
            held = False
            for word in captions.tokens[row.sentence][: row.position + 1]:
                held = word in detector.on or (detector.hold == 1 and held and word not in detector.off)
            right.append(held)
        share = float(np.mean(right))
        text = f"every top context of the detector {detector.name!r} is one that switches it on"
        yield truth.Check(text, share, share, share, share == 1)


def _shuffled(contexts: pd.DataFrame, tokens: pd.DataFrame, objects: pd.DataFrame, seed: int) -> truth.Check:
    """The share of units that labels of other words make significant."""
    rng = np.random.default_rng(seed)
    labels = ["word", "tag", "deprel", "image"]
    shares = []
    for number in range(SHUFFLES):
        order = rng.permutation(len(tokens))
        mixed = tokens.assign(**{name: tokens[name].to_numpy()[order] for name in labels})
        found = homogeneity(contexts, mixed, objects, ("tag", "deprel", "topic"), draws=TRUTH_DRAWS // 10, seed=number)
        shares.append((found["p"] <= 0.05).mean())
    share = float(np.mean(shares))
    text = "with shuffled labels 2 to 8 % of the units are significant at 5 %"
    return truth.Check(text, share, *interval(np.array(shares)), 0.02 <= share <= 0.08)


def _learnt(world: Panel, captions: Captions, tokens: pd.DataFrame, objects: pd.DataFrame) -> truth.Check:
    found = []
    for number, pathway in enumerate((world.trained["visual"], world.untrained["visual"])):
        top = top_contexts(pathway, captions, K, WIDTH, distinct=True)
        rows = homogeneity(top, tokens, objects, ("topic",), draws=TRUTH_DRAWS, seed=world.seed)
        found.append(_draws(rows["score"].dropna().to_numpy(), number))
    claim = _claim("", "", found[0] - found[1])
    text = "the contexts of trained visual units agree more in their objects than those of untrained ones"
    return truth.Check(text, claim.here, *claim.interval, bool(claim.holds))
