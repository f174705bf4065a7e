"""Poerner et al. 2018, the schedule of the original code beside the default: what each finds, and for how much.

The published ascent takes a rate of .001, 64 samples of noise a step, cools by .99995 a step and stops after 40,000
steps without a better n-gram, or after 200,000. A few outputs of the visual pathway on ``scenes`` are optimised by it
and by the default, "gumbel + swaps", and every n-gram that is better than all before it is kept with what it had cost.

Easy to get wrong: when a search has reached what it finds. The published one goes on for 40,000 steps after its last
find; so both are compared twice, by all that they spend, and by what they had spent when they first got there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from reading_neurons.experiments.panel import Panel, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods.ascent import PUBLISHED, Ascent, Step
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.objective import Found
from reading_neurons.neurons import Neuron, output
from reading_neurons.pathway import Pathway
from reading_neurons.text import Vocabulary

PATHWAYS = ("visual",)
NEURONS = 3  # outputs of each pathway, drawn by seed
SECONDS = 3600  # for the published schedule on one pathway, after which it is cut short
QUICK_STEPS = 60
METHODS = ("published", "default")
FEWER = 1000  # how many times fewer evaluations the default is promised to take
_log = logging.getLogger(__name__)


def run(corpus: str = "scenes", *, quick: bool = False, seed: int = 0) -> Record:
    """Both schedules on a few outputs of the visual pathway.

    Parameters
    ----------
    corpus : str
        ``"scenes"``.
    quick : bool
        A tiny network and 60 steps: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
        Its table ``found`` has one row per n-gram better than all before it: ``pathway``, ``method``, ``neuron``,
        ``evaluations`` (of that neuron until then), ``activation``; its table ``neurons`` what each search ended with:
        ``pathway``, ``method``, ``neuron``, ``words``, ``activation``, ``steps``, ``evaluations``, ``stopped``,
        ``seconds``.

    Raises
    ------
    ValueError
        If the corpus is not ``"scenes"``: on a network of 1024 units the published schedule takes days.
    """
    if corpus != "scenes":
        raise ValueError(f"the published schedule takes days on a wide network, found {corpus!r}: give --corpus scenes")
    world = panel(corpus, quick=quick, seed=seed, networks=("imaginet",))
    tables = analyse(world, quick, seed)
    return world.record("published-schedule", figures_of(tables), tables, claims_of(tables))


def analyse(world: Panel, quick: bool = False, seed: int = 0) -> dict[str, pd.DataFrame]:
    """The two tables of a record."""
    published = replace(PUBLISHED["gumbel"], steps=QUICK_STEPS) if quick else PUBLISHED["gumbel"]
    found, ended = [], []
    for name in PATHWAYS:
        pathway = world.trained[name]
        neurons = drawn_outputs(pathway, NEURONS, seed)
        for method in METHODS:
            ascent = published if method == "published" else None
            steps, finds = _searched(pathway, neurons, ascent, seed)
            found.append(finds.assign(pathway=name, method=method))
            ended.append(steps.assign(pathway=name, method=method))
    return {
        "found": pd.concat(found, ignore_index=True)[["pathway", "method", "neuron", "evaluations", "activation"]],
        "neurons": pd.concat(ended, ignore_index=True)[
            ["pathway", "method", "neuron", "words", "activation", "steps", "evaluations", "stopped", "seconds"]
        ],
    }


def drawn_outputs(pathway: Pathway, count: int, seed: int) -> list[Neuron]:
    """Some outputs of a pathway at random, in order; of words only those that may be written."""
    names = pathway.output_names
    known = (
        range(len(names))
        if tuple(names) != tuple(pathway.vocabulary.words)
        else range(Vocabulary.unknown + 1, len(names))
    )
    rng = np.random.default_rng(seed)
    return [output(pathway, int(i)) for i in sorted(rng.choice(known, min(count, len(known)), replace=False))]


class _OutOfTime(Exception):
    """The published schedule is cut short."""


def _searched(
    pathway: Pathway, neurons: list[Neuron], ascent: Ascent | None, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each neuron ends with, and every better n-gram on the way; None for the default."""
    began, finds, reached = time.monotonic(), [], 0

    def watch(step: Step) -> None:
        nonlocal reached
        reached = step.step + 1
        if not reached % 10_000:
            _log.info("%s: step %d, %s", pathway.name, reached, step.objective.value.tolist())
        if ascent is not None and time.monotonic() - began > SECONDS:
            raise _OutOfTime

    def note(better: Found) -> None:
        finds.append((better.neuron.name, better.evaluations, better.activation, better.words))

    method, stopped = ("gumbel + swaps", "done") if ascent is None else ("gumbel", "")
    try:
        ended = optimize(pathway, neurons, method=method, ascent=ascent, seed=seed, watch=watch, found=note)
    except _OutOfTime:
        stopped = f"cut short after {SECONDS:,} s"
    table = pd.DataFrame(finds, columns=["neuron", "evaluations", "activation", "words"])
    if stopped.startswith("cut"):
        ended = table.groupby("neuron", sort=False).last().reset_index()
        spent = 2 * ascent.samples * reached
        ended = ended.assign(steps=reached, evaluations=spent, seconds=(time.monotonic() - began) / len(neurons))
    last = [_stopped(steps, ascent) for steps in ended["steps"]]
    return ended.assign(stopped=stopped or last), table.drop(columns="words")


def _stopped(steps: int, ascent: Ascent | None) -> str:
    if ascent is None:
        return "done"
    return f"{ascent.steps:,} steps" if steps >= ascent.steps else f"nothing better in {ascent.patience:,} steps"


def progress(found: pd.DataFrame, ended: pd.DataFrame | None = None) -> pd.DataFrame:
    """The best activation so far against what a neuron has cost, the mean over neurons.

    Parameters
    ----------
    found : DataFrame
        As a record keeps it.
    ended : DataFrame, optional
        What each search ended with; each line then goes on to the mean of what they spent.

    Returns
    -------
    DataFrame
        One row per pathway, method and number of evaluations at which some neuron's best changes, from where all have
        one: ``pathway``, ``method``, ``evaluations``, ``activation``.
    """
    parts = []
    for (pathway, method), rows in found.groupby(["pathway", "method"], sort=False):
        best = rows.pivot_table(index="evaluations", columns="neuron", values="activation", aggfunc="max").sort_index()
        mean = best.ffill().dropna().mean(axis=1)
        if ended is not None:
            own = ended[(ended["pathway"] == pathway) & (ended["method"] == method)]
            mean.loc[max(own["evaluations"].mean(), mean.index[-1])] = mean.iloc[-1]
        part = mean.rename("activation").rename_axis("evaluations").reset_index()
        parts.append(part.assign(pathway=pathway, method=method))
    return pd.concat(parts, ignore_index=True)[["pathway", "method", "evaluations", "activation"]]


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """By pathway: the mean of both, what each spent, and had spent when it reached the published mean."""
    ended = tables["neurons"].groupby(["pathway", "method"], sort=False)[["activation", "steps", "evaluations"]].mean()
    lines = progress(tables["found"])
    figures: dict[str, float] = {}
    for pathway in dict.fromkeys(tables["neurons"]["pathway"]):
        target = ended.loc[(pathway, "published"), "activation"]
        for method in METHODS:
            row = ended.loc[(pathway, method)]
            line = lines[(lines["pathway"] == pathway) & (lines["method"] == method)]
            there = line.loc[line["activation"] >= target - 1e-6 * abs(target), "evaluations"]
            figures[f"{pathway}: mean activation, {method}"] = float(row["activation"])
            figures[f"{pathway}: steps, {method}"] = float(row["steps"])
            figures[f"{pathway}: evaluations, {method}"] = float(row["evaluations"])
            first = float(there.iloc[0]) if len(there) else float("nan")
            figures[f"{pathway}: evaluations to the published mean, {method}"] = first
        for what in ("evaluations", "evaluations to the published mean"):
            of = [figures[f"{pathway}: {what}, {method}"] for method in METHODS]
            figures[f"{pathway}: times fewer {what}"] = of[0] / of[1]
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the default promises; intervals are the range over neurons, or over pathways for ratios of evaluations.

    Of a schedule that was cut short no ratio is claimed.
    """
    wide = tables["neurons"].pivot(index=["pathway", "neuron"], columns="method", values="activation")
    claims = []
    for pathway in dict.fromkeys(tables["neurons"]["pathway"]):
        gap = (wide["default"] - wide["published"])[pathway]
        text = f"the default's mean activation is at least the published schedule's: {pathway}"
        claims.append(
            Claim(text, "promised", float(gap.mean()), (float(gap.min()), float(gap.max())), bool(gap.mean() >= -1e-6))
        )
    figures, cut = figures_of(tables), tables["neurons"]["stopped"].str.startswith("cut").any()
    for what, said in (
        ("times fewer evaluations", f"the default spends at most 1/{FEWER:,} of the published schedule's evaluations"),
        (
            "times fewer evaluations to the published mean",
            f"the default reaches the published mean with 1/{FEWER:,} of the evaluations that the published schedule took to it",
        ),
    ):
        ratios = [value for name, value in figures.items() if name.endswith(f": {what}")]
        low, high = min(ratios), max(ratios)
        holds = None if cut else bool(low >= FEWER)
        claims.append(Claim(said, "promised", float(np.mean(ratios)), (low, high), holds))
    return claims
