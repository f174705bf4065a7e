"""What the tables of the experiment on intervening say: figures, and the paper's claims with intervals.

Random units are judged over sets: their mean, and an interval from how much sets differ. A difference between the best
units and random ones adds both uncertainties up, that over strings and that over sets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t as student

from reading_neurons.experiments import truth
from reading_neurons.experiments.record import Claim
from reading_neurons.methods.ablation import MEAN, ORACLE
from reading_neurons.methods.intervene import ACTIVE, REMOVED
from reading_neurons.methods.written_shares import FREE, RANDOM, TOP
from reading_neurons.verdicts import decided, denied

HELD = {ACTIVE: ACTIVE, "+1": 1.0}
"""How units are held, and what that sets them to: towards the fitted sign of each, or at +1 as published."""
SAID = {ACTIVE: "held towards their sign", "+1": "held at +1"}
MINOR = 0.02  # a change of accuracy that is called minor
NOTHING = 0.01  # a gain in accuracy that is no gain
WIDTH = 2 * 1.96  # of a 95 % interval, in standard errors
LEAST = 1e-9  # of a standard error: where all worlds agree there is none

Estimate = tuple[float, float]  # a mean and its standard error


def _row(rows: pd.DataFrame, value: str, low: str, high: str) -> Estimate:
    """The one row of a set that was measured over strings."""
    row = rows.iloc[0]
    return float(row[value]), float(row[high] - row[low]) / WIDTH


def _over_sets(rows: pd.DataFrame, value: str) -> Estimate:
    values = rows[value].to_numpy(dtype=np.float64)
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def _difference(one: Estimate, other: Estimate) -> Estimate:
    return one[0] - other[0], math.hypot(one[1], other[1])


def _interval(estimate: Estimate) -> tuple[float, float]:
    return estimate[0] - WIDTH / 2 * estimate[1], estimate[0] + WIDTH / 2 * estimate[1]


class Asked(NamedTuple):
    """A claim before it is judged: that something is above a bound, or (``growth``) that it is not."""

    text: str
    paper: str
    estimate: Estimate
    bound: float = 0.0
    growth: bool = False

    def judged(self, low: float, high: float) -> bool | None:
        """Whether the claim holds if the truth lies in an interval; None where it may or may not."""
        above = decided((low, high), above=self.bound)
        return denied(above) if self.growth else above


def share(written: pd.DataFrame, choice: str, k: int) -> Estimate:
    """The share that one kind of units gives, of rows of one feature, way of holding and measure."""
    rows = written[(written["choice"] == choice) & (written["k"] == k)]
    return _over_sets(rows, "share") if choice == RANDOM else _row(rows, "share", "low", "high")


def change(lost: pd.DataFrame, way: str, choice: str, k: int) -> Estimate:
    """The change that one kind of units gives, of rows of one feature and measure."""
    rows = lost[(lost["way"] == way) & (lost["choice"] == choice) & (lost["k"] == k)]
    return _over_sets(rows, "change") if choice == RANDOM else _row(rows, "change", "change_low", "change_high")


def _asked(written: pd.DataFrame) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Of every feature and way of holding the measure that it is about, in the trained network.

    Of matched parentheses also whatever is a parenthesis: many of one kind are none that match.
    """
    for (feature, held), part in written[written["network"] == "trained"].groupby(["feature", "held"], sort=False):
        measure = part.loc[part["about"], "measure"].iloc[0]
        for one in (measure, "parenthesis") if measure == "matched parenthesis" else (measure,):
            yield feature, held, one, part[part["measure"] == one]


def _predicted(lost: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Of every feature the measures that there are, in the trained network."""
    rows = lost[(lost["network"] == "trained") & lost["value"].notna()]
    for (feature, measure), part in rows.groupby(["feature", "measure"], sort=False):
        yield feature, measure, part


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The paper's claims about one network, each with a 95 % interval over strings and random sets of units."""
    claims = []
    for one in asked(tables):
        interval = _interval(one.estimate)
        claims.append(Claim(one.text, one.paper, one.estimate[0], interval, one.judged(*interval)))
    return claims


def asked(tables: Mapping[str, pd.DataFrame]) -> list[Asked]:
    """What is asked of one network, with what was found."""
    found = []
    for feature, held, measure, rows in _asked(tables["written"]):
        most = int(rows["k"].max())
        text = f"top units of '{feature}' {SAID[held]}"
        paper = "noticeably more" if held == "+1" and not feature.endswith("next") else "not asked"
        excess = _difference(share(rows, TOP, most), share(rows, RANDOM, most))
        found.append(Asked(f"{text}: with k = {most} more '{measure}' than with random units", paper, excess))
        grown = _difference(share(rows, TOP, most), share(rows, TOP, 1))
        if measure == "+" and held == "+1":
            text, paper = f"{text}: no more '{measure}' with k = {most} than with k = 1", "no increase beyond k = 1"
            found.append(Asked(text, paper, grown, growth=True))
        elif measure == "digit":
            paper = "increasing k increases" if paper == "noticeably more" else "not asked"
            found.append(Asked(f"{text}: more '{measure}' with k = {most} than with k = 1", paper, grown))
    for feature, measure, rows in _predicted(tables["lost"]):
        found += [_surprise(feature, rows)] if measure == "surprise" else _accuracy(feature, measure, rows)
    return found


def _accuracy(feature: str, measure: str, rows: pd.DataFrame) -> Iterator[Asked]:
    """Figure 5, for the accuracy of the next type or of the digit."""
    text = f"'{feature}', accuracy of the {measure}"
    first = change(rows, REMOVED, TOP, 1)
    yield Asked(f"{text}: without the top unit less than {MINOR} is lost", "no large effect", first, -MINOR)
    for k in (5, 10):
        here, random = change(rows, REMOVED, TOP, k), change(rows, REMOVED, RANDOM, k)
        paper = "significantly more impact"
        yield Asked(f"{text}: the top {k} cost more than the top unit", paper, _difference(first, here))
        yield Asked(f"{text}: the top {k} cost more than {k} random units", paper, _difference(random, here))
    random = change(rows, REMOVED, RANDOM, 10)
    yield Asked(f"{text}: without 10 random units less than {MINOR} is lost", "a minor effect", random, -MINOR)
    told = change(rows, ORACLE, TOP, 10)
    text = f"{text}: told the feature through the top 10 the network gains less than {NOTHING}"
    yield Asked(text, "no measurable improvement", (-told[0], told[1]), -NOTHING)


def _surprise(feature: str, rows: pd.DataFrame) -> Asked:
    costs = _difference(change(rows, REMOVED, TOP, 10), change(rows, REMOVED, RANDOM, 10))
    return Asked(f"'{feature}', surprise: the top 10 cost more bits than 10 random units", "not measured", costs)


_NAMES = {TOP: "best units", RANDOM: "random units"}


def shares_shown(written: pd.DataFrame) -> pd.DataFrame:
    """The table ``written``, of the trained network, for :func:`reading_neurons.charts.intervening.held_shares`.

    Returns
    -------
    DataFrame
        One row per feature, way of holding, kind of units and k: ``feature``, ``held``, ``units``, ``k``, ``measure``,
        ``share``, ``low``, ``high`` (over strings; of random units over sets), ``free``.
    """
    rows = []
    for feature, held, measure, part in _asked(written):
        for choice, name in _NAMES.items():
            for k in sorted(set(part["k"]) - {0}):
                estimate, free = share(part, choice, k), share(part, FREE, 0)[0]
                interval = np.clip(_interval(estimate), 0, 1)
                said = feature if part["about"].all() else f"{feature}: any {measure}"
                rows.append((said, held, name, k, measure, estimate[0], *interval, free))
    columns = ["feature", "held", "units", "k", "measure", "share", "low", "high", "free"]
    return pd.DataFrame(rows, columns=columns)


def losses_shown(lost: pd.DataFrame) -> pd.DataFrame:
    """The table ``lost``, of the trained network, for :func:`reading_neurons.charts.intervening.ablations`.

    Returns
    -------
    DataFrame
        One row per feature, way, measure, kind of units and k: ``feature``, ``way``, ``measure``, ``units``, ``k``,
        ``value``, ``low``, ``high`` (of the change: over strings, of random units over sets), ``base``.
    """
    rows = []
    for feature, measure, part in _predicted(lost):
        free = part[part["way"] == FREE].iloc[0]
        for way in dict.fromkeys(part["way"]):
            for choice in (TOP, RANDOM) if way != FREE else ():
                for k in sorted(set(part["k"])):
                    found = change(part, way, choice, k) if k else (0.0, 0.0)
                    values = free["value"] + np.array([found[0], *_interval(found)])
                    values = values.clip(0, None if measure == "surprise" else 1)
                    rows.append((feature, way, measure, _NAMES[choice], k, *values, free["base"]))
    columns = ["feature", "way", "measure", "units", "k", "value", "low", "high", "base"]
    return pd.DataFrame(rows, columns=columns)


_ABOUT = {
    SAID[ACTIVE]: f"1. Written with units {SAID[ACTIVE]}",
    SAID["+1"]: f"2. Written with units {SAID['+1']}, as published",
    "told the feature": "4. Predicted with units told the feature",
    "'": "3. Predicted without units",
}
PLANTED = "5. Planted truth"


def by_subject(claims: pd.DataFrame) -> pd.DataFrame:
    """A table of claims with the column ``about``: what was done to the units, or what was planted.

    Examples
    --------
    >>> by_subject(pd.DataFrame({"claim": ["top units of 'a' held at +1: more"], "paper": ["more"]}))["about"].item()
    '2. Written with units held at +1, as published'
    """
    about = [
        PLANTED if paper == "planted" else next(name for part, name in _ABOUT.items() if part in text)
        for text, paper in zip(claims["claim"], claims["paper"], strict=True)
    ]
    return claims.assign(about=about)


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Shares and accuracies of top and random units for every k, and in how many worlds each check holds."""
    figures = {}
    written = tables["written"][tables["written"]["about"]]
    for (network, feature, held), rows in written.groupby(["network", "feature", "held"], sort=False):
        for choice, k in _kinds(rows):
            name = f"share of '{rows['measure'].iloc[0]}': {network}, '{feature}', {held}, {choice} {k}"
            figures[name] = share(rows, choice, k)[0]
    groups = tables["lost"].groupby(["network", "feature", "measure"], sort=False)
    for (network, feature, measure), rows in groups:
        for (way, choice, k), part in rows.groupby(["way", "choice", "k"], sort=False):
            if way != MEAN:
                figures[f"{measure}: {network}, '{feature}', {way}, {choice} {k}"] = float(part["value"].mean())
    return figures | (truth.figures_of(tables["truth"]) if "truth" in tables else {})


def _kinds(rows: pd.DataFrame) -> list[tuple[str, int]]:
    kinds = list(dict.fromkeys(zip(rows["choice"], rows["k"], strict=True)))
    return sorted(kinds, key=lambda kind: ((FREE, TOP, RANDOM).index(kind[0]), kind[1]))


def claims_of_worlds(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What was planted must hold in every world; of the paper's claims the mean over worlds, each a network of its own.

    The interval of such a mean is Student's, over the worlds.
    """
    checks = tables["truth"]
    by_text = {one.text: one for one in asked(tables)}
    claims = truth.claims_of(checks[~checks["check"].isin(by_text)])
    for text, one in by_text.items():
        rows = checks[checks["check"] == text]
        low, high = student.interval(0.95, len(rows) - 1, rows["value"].mean(), max(rows["value"].sem(), LEAST))
        said = f"{text} (in {int(rows['holds'].sum())} of {len(rows)} networks)"
        here = float(rows["value"].mean())
        claims.append(Claim(said, one.paper, here, (float(low), float(high)), one.judged(low, high)))
    return claims
