"""Deep Neural Inspection 2017, section 5.3: what do units know of ten types of syntax of C?

On real code the unit that knows each type best is chosen on functions of some files and measured on functions of
others, trained and untrained; on generated code it is asked, in five worlds, whether this finds units that were planted
and nothing where there is nothing. The paper prints no relevance for Linux; its figure for generated text on Linux
(figure 6) is asked in :mod:`reading_neurons.experiments.intervening`.

Easy to get wrong: reading a line of someone's code into a record. Code is under its authors' licence; a record holds
numbers, names of features and counts, no text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.corpora.strings import Node, ParsedString, Strings
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import CHARACTERS, Panel, panel
from reading_neurons.experiments.reading_c_truth import checks
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.features import Library
from reading_neurons.features.c_code import TYPES
from reading_neurons.features.libraries import library_of
from reading_neurons.methods.held_out_units import REPLICATES, choose, differences, held_out, measure, signed_knowledge
from reading_neurons.models import next_character
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import interval
from reading_neurons.verdicts import decided

NETWORK = CHARACTERS[0]
MOST = 100_000  # characters of functions on which units are chosen, and of those on which they are measured
QUICK_FUNCTIONS = 60
EACH = 10  # units of each feature that are kept
DIGITS = 4
WAYS = {
    "as written": (r"(?!)", ""),
    "not indented": (r"(?m)^[ \t]+", ""),
    "in one line": (r"\s*\n\s*", " "),
}
"""Ways to print a function that mean the same to a compiler: a pattern, and what is put in its place."""
_LOST = "lost without indentation"
_LESS = "trained less untrained"
NESTED = ("parentheses", "call", "conditional", "loop", "braces", "function head")
FLAT = ("terminator", "constant", "identifier", "declaration")
"""Types that do not hold others of their kind, or whose end the next character or two tell."""


def run(corpus: str = "c_source", *, quick: bool = False, seed: int = 0) -> Record:
    """What units of a network over characters know of the syntax of C.

    Parameters
    ----------
    corpus : "c_source" or "tiny_c"
        With ``tiny_c`` the planted truth is asked, of five worlds.
    quick : bool
        Tiny networks and few functions: every step is taken, no figure means anything.
    seed : int

    Raises
    ------
    ValueError
        If the corpus has no code.
    """
    if corpus == "tiny_c":
        return truth.over_seeds("reading-c", checks, seed=seed, quick=quick, corpus=corpus, networks=CHARACTERS)
    if corpus != "c_source":
        raise ValueError(f"this experiment reads functions of C, and {corpus!r} has none: choose c_source or tiny_c")
    made = panel(corpus, seed=seed, quick=quick, networks=CHARACTERS)
    networks = {"trained": made.trained[NETWORK], "untrained": made.untrained[NETWORK]}
    choosing, measuring = some(made.corpus.validation, quick), some(made.test, quick)
    found = analyse(
        networks, choosing, measuring, library_of(corpus), seed=seed, replicates=20 if quick else REPLICATES
    )
    found["read"] = _read(made, {"chosen on": choosing, "measured on": measuring})
    predictors = {NETWORK: made.networks[NETWORK], f"untrained {NETWORK}": made.controls[NETWORK]}
    found["predicted"] = next_character.table(predictors, made.corpus)
    return made.record("reading-c", figures_of(found), found, claims_of(found))


def some(strings: Strings, quick: bool = False) -> Strings:
    """Functions drawn from all over a split, up to :data:`MOST` characters; at most sixty when quick."""
    drawn = np.random.default_rng(0).permutation(len(strings))
    ends = np.cumsum([len(strings.texts[number]) for number in drawn])
    count = max(int(np.searchsorted(ends, MOST, side="right")), 1)
    return strings.take(np.sort(drawn[: min(count, QUICK_FUNCTIONS) if quick else count]))


def analyse(
    networks: Mapping[str, Pathway],
    choosing: Strings,
    measuring: Strings,
    features: Library,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> dict[str, pd.DataFrame]:
    """Everything that a record keeps of a trained and an untrained network.

    Returns
    -------
    dict of DataFrame
        ``types``: one row per network and feature, the unit chosen and what it knows of other functions; ``units``: the
        ten that know most of each feature there; ``differences``: trained less untrained; ``means``: over types;
        ``printed``: what the trained units know of the same functions printed in other ways.
    """
    tables, draws, units = {}, {}, []
    labels = features.labels(measuring.items)
    for name, pathway in networks.items():
        tables[name], draws[name] = held_out(pathway, choosing, measuring, features, replicates=replicates, seed=seed)
        known = np.abs(signed_knowledge(passes.states(pathway, measuring), labels, features))
        units.append(_units(known, features).assign(network=name))
    types = pd.concat([table.assign(network=name) for name, table in tables.items()], ignore_index=True)
    ways, lost = printed(networks["trained"], choosing, measuring, features, replicates=replicates, seed=seed)
    share = dict(zip(features.names, labels.mean(axis=1), strict=True))
    return {
        "types": _named(types.assign(share=types["feature"].map(share))),
        "units": _named(pd.concat(units, ignore_index=True)),
        "differences": differences(draws, tables, "trained", "untrained").round(DIGITS),
        "means": pd.concat([_means(tables, draws), lost], ignore_index=True),
        "printed": ways,
    }


def printed(
    pathway: Pathway, choosing: Strings, measuring: Strings, features: Library, *, replicates: int, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What units know of ranges in functions whose lines are not indented, or that are one line.

    Returns
    -------
    DataFrame
        One row per way of :data:`WAYS` and type: ``way``, ``type``, ``unit``, ``knowledge`` (below 0 where the unit is
        on the other side), ``low``, ``high``.
    DataFrame
        ``mean``, ``value``, ``low``, ``high``: what is lost without indentation, on average over nested and flat types.
    """
    ranges = Library([features[f"{kind.name}, range"] for kind in TYPES])
    chosen = choose(pathway, choosing, ranges)
    rows, draws, known = [], {}, {}
    for way in WAYS:
        found, draws[way] = measure(pathway, chosen, changed(measuring, way), ranges, replicates=replicates, seed=seed)
        known[way] = found.set_index("feature")["knowledge"]
        rows.append(found.assign(way=way, type=found["feature"].str.rpartition(", ")[0]))
    table = pd.concat(rows, ignore_index=True)[["way", "type", "unit", "knowledge", "low", "high"]]
    written, plain = list(WAYS)[:2]
    means = []
    for name, kinds in (("nested", NESTED), ("flat", FLAT)):
        names = [f"{kind}, range" for kind in kinds]
        value = (known[written] - known[plain])[names].mean()
        drawn = np.mean([draws[written][feature] - draws[plain][feature] for feature in names], axis=0)
        means.append((f"{name}, {_LOST}", value, *interval(drawn)))
    return table.round(DIGITS), pd.DataFrame(means, columns=["mean", "value", "low", "high"]).round(DIGITS)


def changed(strings: Strings, way: str) -> Strings:
    """The same functions printed in another way, with the same trees.

    Parameters
    ----------
    strings : Strings
    way : str
        One of :data:`WAYS`.

    Examples
    --------
    >>> from reading_neurons.corpora.c_syntax import parse
    >>> functions = Strings("mine", "test", (parse("int f(void)\\n{\\n  g();\\n}"),))
    >>> [changed(functions, way).texts[0] for way in WAYS]
    ['int f(void)\\n{\\n  g();\\n}', 'int f(void)\\n{\\ng();\\n}', 'int f(void) { g(); }']
    """
    return replace(strings, strings=tuple(_changed(string, *WAYS[way]) for string in strings.strings))


def _changed(string: ParsedString, pattern: str, put: str) -> ParsedString:
    """A string in which white space was replaced, no node's own first or last character."""
    place, parts, last, at = np.zeros(len(string), dtype=np.int64), [], 0, 0
    for found in [*re.finditer(pattern, string.text), None]:
        start, end = found.span() if found else (len(string), len(string))
        place[last:start] = np.arange(at, at + start - last)
        place[start:end] = at + start - last
        parts += [string.text[last:start], put if found else ""]
        last, at = end, at + start - last + len(parts[-1])
    nodes = (Node(kind, int(place[start]), int(place[end - 1]) + 1) for kind, start, end in string.nodes)
    return ParsedString("".join(parts), tuple(nodes))


def _units(known: np.ndarray, features: Library) -> pd.DataFrame:
    order = np.argsort(-known, axis=1, kind="stable")[:, :EACH]
    rows = [
        (name, rank, int(unit), known[place, unit])
        for place, name in enumerate(features.names)
        for rank, unit in enumerate(order[place])
    ]
    return pd.DataFrame(rows, columns=["feature", "rank", "unit", "knowledge"])


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """With the type and the kind of labels that a feature's name says, network first."""
    named = table["feature"].str.rpartition(", ")
    table = table.assign(type=named[0], labels=named[2]).round(DIGITS)
    leading = ["network", "feature", "type", "labels"]
    return table[[*leading, *(column for column in table if column not in leading)]]


def _means(tables: Mapping[str, pd.DataFrame], draws: Mapping[str, Mapping[str, np.ndarray]]) -> pd.DataFrame:
    """Means over types of what the chosen units know, and of differences, with intervals over functions."""
    everything = [kind.name for kind in TYPES]
    longer = [name for name in everything if name != "terminator"]  # one character: its range is its impulse
    rows = []
    for name, what in {
        "ranges, trained": [("trained", f"{kind}, range", 1) for kind in everything],
        "ranges, untrained": [("untrained", f"{kind}, range", 1) for kind in everything],
        f"nested, {_LESS}": _added(NESTED),
        f"flat, {_LESS}": _added(FLAT),
        f"nested less flat, {_LESS}": [*_added(NESTED), *((*row[:2], -row[2]) for row in _added(FLAT))],
        "range less impulse, trained": [
            *(("trained", f"{kind}, range", 1) for kind in longer),
            *(("trained", f"{kind}, impulse", -1) for kind in longer),
        ],
    }.items():
        rows.append((name, *_weighted(what, tables, draws)))
    return pd.DataFrame(rows, columns=["mean", "value", "low", "high"]).round(DIGITS)


def _added(kinds: tuple[str, ...]) -> list[tuple[str, str, int]]:
    return [
        (network, f"{kind}, range", sign) for kind in kinds for network, sign in (("trained", 1), ("untrained", -1))
    ]


def _weighted(what, tables, draws) -> tuple[float, float, float]:
    """The sum over networks of the mean over features, each with its sign."""
    counts = pd.Series([(network, sign) for network, _, sign in what]).value_counts()
    value, drawn = 0.0, 0.0
    known = {network: table.set_index("feature")["knowledge"] for network, table in tables.items()}
    for network, feature, sign in what:
        weight = sign / counts[network, sign]
        value += weight * known[network][feature]
        drawn = drawn + weight * draws[network][feature]
    return value, *interval(np.asarray(drawn))


def _read(made: Panel, parts: Mapping[str, Strings]) -> pd.DataFrame:
    """How many functions and characters were read, and how many functions could not be."""
    rows = [(name, len(strings), sum(map(len, strings.texts))) for name, strings in parts.items()]
    rows += [(split.split, len(split), sum(map(len, split.texts))) for split in made.corpus.splits]
    rows += [(f"left out: {reason}", count, 0) for reason, count in made.corpus.skipped.items()]
    return pd.DataFrame(rows, columns=["what", "count", "characters"])


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """What the units chosen for ranges know, by network and type, the means, and how well characters are predicted."""
    ranges = tables["types"][tables["types"]["labels"] == "range"]
    figures = {f"{row.type}, {row.network}": row.knowledge for row in ranges.itertuples()}
    figures |= {row.mean: row.value for row in tables["means"].itertuples()}
    predicted = tables["predicted"].set_index("predictor") if "predicted" in tables else pd.DataFrame()
    return figures | {
        f"next character, {measure} of {predictor}": value
        for measure, values in predicted.items()
        for predictor, value in values.items()
    }


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper says or lets expect of types of syntax, tested on functions on which no unit was chosen."""
    means, asked = tables["means"].set_index("mean"), "not printed for Linux"
    return [
        _claim("Training adds to what the best unit knows of nested types", asked, means, f"nested, {_LESS}"),
        _claim("Training adds to what the best unit knows of flat types", asked, means, f"flat, {_LESS}"),
        _claim("It adds more to nested types than to flat ones", asked, means, f"nested less flat, {_LESS}"),
        _claim(
            "Ranges are known better than impulses (figure 3, arithmetic)", "range higher", means,
            "range less impulse, trained",
        ),
        *(
            _claim(f"Units for {kinds} types know less without indentation", "not asked", means, f"{kinds}, {_LOST}")
            for kinds in ("nested", "flat")
        ),
    ]  # fmt: skip


def _claim(text: str, paper: str, means: pd.DataFrame, name: str) -> Claim:
    row = means.loc[name]
    interval = float(row["low"]), float(row["high"])
    return Claim(text, paper, float(row["value"]), interval, decided(interval, above=0))


def compared(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The units of a record as the chart of types takes them, ranges and impulses only."""
    units = tables["units"]
    names = {"trained": NETWORK, "untrained": f"untrained {NETWORK}"}
    shown = units[units["labels"].isin(["range", "impulse"])]
    return shown.assign(network=shown["network"].map(names)).reset_index(drop=True)
