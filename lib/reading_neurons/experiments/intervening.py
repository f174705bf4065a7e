"""Deep Neural Inspection 2017, figures 4 to 6: do the units that know a feature make the network write it?

The paper prints strings that a network writes while the best units of a feature are held at 1, and draws how its
predictions suffer when they are removed. Here both are measured: shares of characters over many strings, accuracies
over the whole test text, always beside random sets of as many units and the same network untrained.

Beside each feature of what *has been* read stands one of what comes next, "digit next": a unit that knows that a digit
has just been read and one that knows that a digit is due are not the same, and only the second should write digits.

Easy to get wrong: choosing and testing on one text. Units are ranked on the validation strings, and everything is
measured on the test strings or on what the network writes itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reading_neurons.corpora.strings import Strings
from reading_neurons.experiments import truth
from reading_neurons.experiments.intervening_claims import HELD, claims_of, claims_of_worlds, figures_of
from reading_neurons.experiments.intervening_truth import planted
from reading_neurons.experiments.panel import CHARACTERS, Panel, panel
from reading_neurons.experiments.record import Record
from reading_neurons.features.feature import Feature
from reading_neurons.features.libraries import library_of
from reading_neurons.features.text import characters
from reading_neurons.methods.ablation import DIGITS, TYPES, WAYS, ablations
from reading_neurons.methods.generation import generate
from reading_neurons.methods.intervene import ACTIVE, REMOVED, intervene
from reading_neurons.methods.relevance import relevance, top
from reading_neurons.methods.written_shares import MEASURES, shares_when_held
from reading_neurons.pathway import Pathway

GENERATED = ("parentheses", "arithmetic", "tiny_c")
PATHWAY = CHARACTERS[0]
KS = (1, 5, 10)  # the paper's
REMOVED_KS = (1, 5, 10, 20)
KNOWABLE = {"parentheses": ("digit", "surprise")}  # elsewhere types follow from what was read, and digits do not
SHOWN = 10  # units of a feature that a record keeps
EXAMPLES, SHOWN_CHARACTERS = 4, 72


@dataclass(frozen=True)
class Sizes:
    """How much is read and written.

    Attributes
    ----------
    strings, longest : int
        Strings that are written for each set of units, and their characters at most.
    written_sets, removed_sets : int
        Random sets of units for each k.
    tested, ranked : int
        Strings at most on which ablations are measured, and on which units are ranked.
    characters : int
        Longer strings are left out of both.
    """

    strings: int = 200
    longest: int = 100
    written_sets: int = 10
    removed_sets: int = 6
    tested: int = 500
    ranked: int = 400
    characters: int = 600


CODE = Sizes(strings=100, longest=300, written_sets=8, tested=200, ranked=300)
SIZES = {"parentheses": Sizes(), "arithmetic": Sizes(), "tiny_c": CODE, "c_source": CODE}
QUICK = Sizes(strings=10, longest=20, written_sets=2, removed_sets=2, tested=20, ranked=40, characters=200)


def run(corpus: str = "parentheses", *, quick: bool = False, seed: int = 0) -> Record:
    """Hold, remove and replace the best units of features, and see what the network writes and predicts.

    Parameters
    ----------
    corpus : str
        Of a generated language five worlds are asked; the tables of a record are of the first.
    quick : bool
        Tiny networks and few strings: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    sizes = QUICK if quick else SIZES.get(corpus, CODE)
    if corpus not in GENERATED:
        world = panel(corpus, seed=seed, quick=quick, networks=CHARACTERS)
        tables = analyse(world, sizes)
        return world.record("intervening", figures_of(tables), tables, claims_of(tables))
    first: dict[str, pd.DataFrame] = {}

    def checks(world: Panel) -> Iterator[truth.Check]:
        tables = analyse(world, sizes)
        if not first:
            first.update(tables)
        yield from planted(world.networks[PATHWAY], world.untrained[PATHWAY], world.test, tables)
        for claim in claims_of(tables):
            yield truth.Check(claim.claim, claim.here, *claim.interval, bool(claim.holds))

    record = truth.over_seeds("intervening", checks, corpus=corpus, networks=CHARACTERS, quick=quick, seed=seed)
    tables = {**first, **record.tables}
    return replace(record, figures=figures_of(tables), tables=tables, claims=claims_of_worlds(tables))


def analyse(world: Panel, sizes: Sizes) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``units``: the best units of every feature. ``written``: shares of what is written while units are held, towards
        their fitted sign or at +1; ``lost``: predictions without units, or told the feature; ``examples``: a few
        strings. All with ``network``, "trained" or "untrained", and ``feature``; ``written`` has ``about``, whether a
        row measures what the feature is about.
    """
    name = world.corpus.name
    held, ablated = questions(name)
    features = list(dict.fromkeys([*held, *ablated]))
    ranked, tested = (_short(split, count, sizes) for split, count in (
        (world.corpus.validation, sizes.ranked), (world.test, sizes.tested),
    ))  # fmt: skip
    parts: dict[str, list[pd.DataFrame]] = {"units": [], "written": [], "lost": [], "examples": []}
    for network, pathways in (("trained", world.trained), ("untrained", world.untrained)):
        pathway = pathways[PATHWAY]
        ranking = relevance(pathway, ranked, features, seed=world.seed)
        kept = top(ranking, SHOWN)[["feature", "rank", "unit", "score", "majority", "balanced", "weight"]]
        parts["units"].append(kept.assign(network=network))
        for feature, measure in held.items():
            shares, strings = written(pathway, ranking, feature, name, sizes, network == "trained", world.seed)
            parts["written"].append(shares.assign(network=network, about=shares["measure"] == measure))
            parts["examples"].append(strings.assign(network=network))
        ks = [k for k in REMOVED_KS if k <= ranking["unit"].nunique()]
        for feature in ablated:
            ways = WAYS if network == "trained" else (REMOVED,)
            lost = ablations(
                pathway, tested, ranking, feature, TYPES[name], background=ranked, ways=ways, ks=ks,
                sets=sizes.removed_sets, seed=world.seed,
            )  # fmt: skip
            known = lost["measure"].isin(KNOWABLE.get(name, ("type", "surprise")))
            parts["lost"].append(lost[known].assign(network=network, feature=feature.name))
    return {name: _joined(tables) for name, tables in parts.items()}


def questions(corpus: str) -> tuple[dict[Feature, str], list[Feature]]:
    """What is asked of a corpus: features to be held, and what each should make the network write; those ablated.

    Examples
    --------
    >>> held, ablated = questions("arithmetic")
    >>> [(feature.name, measure) for feature, measure in held.items()]
    [('digit', 'digit'), ('digit next', 'digit'), ('sum, range', '+'), ('brackets, range', 'parenthesis')]
    """
    library = library_of(corpus)
    digit = characters(DIGITS, "digit")
    if corpus == "parentheses":
        depth = library["brackets, open"]
        return {digit: "digit", following(digit): "digit", depth: "parenthesis"}, [digit, depth]
    if corpus == "arithmetic":
        held = {library["sum, range"]: "+", library["brackets, range"]: "parenthesis"}
        return {digit: "digit", following(digit): "digit", **held}, [digit, library["brackets, open"]]
    of = {"parentheses": "matched parenthesis", "declaration": "declaration", "terminator": "terminator"}
    held = {library[f"{kind}, range"]: measure for kind, measure in of.items()}
    first = library["parentheses, range"]
    ends = following(characters(";", "terminator"))
    return {**held, ends: "terminator", digit: "digit", following(digit): "digit"}, [digit, first]


def following(feature: Feature) -> Feature:
    """Whether the next character is what the feature says.

    Examples
    --------
    >>> following(characters("1", "one")).labels("0110").tolist()
    [1.0, 1.0, 0.0, 0.0]
    """
    return feature.shift(-1).named(f"{feature.name} next", f"the next character is {feature.description}")


def written(
    pathway: Pathway, ranking: pd.DataFrame, feature: Feature, corpus: str, sizes: Sizes, both: bool, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares of what is written while units of a feature are held, in one or both ways, and a few of the strings."""
    measures = MEASURES.get(corpus, MEASURES["c"])
    settings = dict(strings=sizes.strings, longest=sizes.longest, seed=seed)
    shares, strings = [], []
    for held, set_to in HELD.items() if both else [(ACTIVE, ACTIVE)]:
        table = shares_when_held(
            pathway, ranking, feature.name, measures, ks=KS, sets=sizes.written_sets, set_to=set_to, **settings
        )
        shares.append(table.assign(feature=feature.name, held=held).drop(columns=["strings"]))
        for k in (0, *KS):
            units = top(ranking[ranking["feature"] == feature.name], max(k, 1))[:k]
            with intervene(pathway, units, set_to if k else 0.0):
                texts = generate(pathway, EXAMPLES, SHOWN_CHARACTERS, seed=seed)
            strings.append(pd.DataFrame({"feature": feature.name, "held": held, "k": k, "text": texts}))
    return pd.concat(shares, ignore_index=True), pd.concat(strings, ignore_index=True)


def _short(strings: Strings, count: int, sizes: Sizes) -> Strings:
    """The first so many strings that are not too long."""
    lengths = np.array([len(text) for text in strings.texts])
    return strings.take(np.flatnonzero(lengths <= sizes.characters)[:count])


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables below one another, what they are of first."""
    joined = pd.concat(tables, ignore_index=True)
    first = [name for name in ("network", "feature", "held", "about") if name in joined]
    return joined[[*first, *(name for name in joined if name not in first)]]

