"""Does a method find what was planted, and nothing where nothing was, whatever the seed?

A check is one number that the truth puts on one side of a bound. It is asked of several worlds, each with a corpus and
networks of its own seed, and reported as "holds in n of 5".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from reading_neurons.experiments.panel import NETWORKS, Panel, panel
from reading_neurons.experiments.record import Claim, Record

SEEDS = 5
QUICK_SEEDS = 2


@dataclass(frozen=True)
class Check:
    """One thing that must be so in a generated world.

    Attributes
    ----------
    check : str
        What must be so, in words.
    value, low, high : float
        What was found, and its 95 % interval.
    holds : bool
    """

    check: str
    value: float
    low: float
    high: float
    holds: bool


def over_seeds(
    experiment: str,
    checks: Callable[[Panel], Iterable[Check]],
    *,
    seed: int = 0,
    quick: bool = False,
    corpus: str = "scenes",
    networks: tuple[str, ...] = NETWORKS,
    **settings: Any,
) -> Record:
    """Ask the checks of one generated world after another.

    Parameters
    ----------
    experiment : str
        Its name, for the record.
    checks : callable
        From a panel on the corpus to the checks; the same checks in the same order for every seed.
    seed : int
        The first of the seeds.
    quick : bool
        Two tiny worlds instead of five.
    corpus : str
        Which generated world.
    networks : tuple of str
    **settings
        Of every network, where they differ from its recipe.

    Returns
    -------
    Record
        Its table ``truth`` has one row per seed and check: ``seed``, ``check``, ``value``, ``low``, ``high``,
        ``holds``; its claims say in how many seeds each check holds.
    """
    first: Panel | None = None
    rows = []
    seconds, identities = 0.0, {}
    for number in range(seed, seed + (QUICK_SEEDS if quick else SEEDS)):
        world = panel(corpus, seed=number, quick=quick, networks=networks, **settings)
        first = first or world
        rows += [{"seed": number, **asdict(check)} for check in checks(world)]
        seconds += world.seconds
        identities |= {f"{name}, seed {number}": identity for name, identity in world.identities.items()}
    truth = pd.DataFrame(rows)
    whole = replace(first, seconds=seconds, identities=identities)
    return whole.record(experiment, figures_of(truth), {"truth": truth}, claims_of(truth))


def figures_of(truth: pd.DataFrame) -> dict[str, float]:
    """In how many seeds each check holds."""
    return {f"holds: {check}": int(rows["holds"].sum()) for check, rows in truth.groupby("check", sort=False)}


def claims_of(truth: pd.DataFrame) -> list[Claim]:
    """One claim per check: the median over seeds, and the range of values; it holds if it does in every seed."""
    return [
        Claim(
            f"{check}: holds in {int(rows['holds'].sum())} of {len(rows)} worlds",
            "planted",
            float(rows["value"].median()),
            (float(rows["value"].min()), float(rows["value"].max())),
            bool(rows["holds"].all()),
        )
        for check, rows in truth.groupby("check", sort=False)
    ]
