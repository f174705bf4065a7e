"""LSTMs of five widths: how well they read, and how many of their dimensions they use (Li et al. 2016, section 4).

The paper reads off its Figure 3 that "too large a dimensionality leads to many dimensions non-functional (with values
close to 0)", and cites 25 to 35 dimensions as the best number.

Easy to get wrong: one seed. Networks of one width differ by about as much as networks of different widths do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora.trees import TreeCorpus, Trees
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods.composition import vectors
from reading_neurons.methods.idle_dimensions import decisions, fewest, near_zero
from reading_neurons.models import store
from reading_neurons.models.sentiment import SentimentNetwork, classes_of
from reading_neurons.pathway import Pathway
from reading_neurons.verdicts import decided

SEEDS = {"polarity": 3}  # of each width; of other corpora one
WIDTHS = (15, 25, 35, 60, 120)
BEST = (25, 35)  # the widths that the paper cites as the best
NETWORK = "lstm"
QUICK: dict[str, Any] = {"widths": (4, 8), "epochs": 1}
MEASURES = ("relative", "absolute")


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Train an LSTM of each width, and measure how well it reads and what its dimensions do.

    Parameters
    ----------
    corpus : str
        ``"sst"``, or ``"polarity"`` with three seeds of each width.
    quick : bool
        Two tiny widths and few sentences: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    world = panel(corpus, seed=seed, quick=quick, networks=(NETWORK,))
    seeds = [seed] if quick else [seed + number for number in range(SEEDS.get(corpus, 1))]
    found, identities = networks(world.corpus, seeds, **(QUICK if quick else {}))
    widths = table(found, world.corpus, world.test)
    seconds = sum(map(store.training_seconds, found.values()))
    world = replace(world, identities=identities, seconds=seconds)
    tables = {"widths": widths}
    return world.record("composition-widths", figures_of(tables), tables, claims_of(tables))


def networks(
    corpus: TreeCorpus, seeds: Sequence[int], widths: Iterable[int] = WIDTHS, **settings: Any
) -> tuple[dict[tuple[int, int], SentimentNetwork], dict[str, dict[str, str]]]:
    """LSTMs with words and states of each width and seed, trained or from the cache, and what says which they are."""
    found, identities = {}, {}
    for width in widths:
        for seed in seeds:
            changes = {"embedding": width, "units": width, "seed": seed, **settings}
            network = store.trained(NETWORK, corpus, **changes)
            found[width, seed] = network
            identities[f"{NETWORK}, {width} dimensions, seed {seed}"] = store.identity(
                NETWORK, corpus, network, **changes
            )
    return found, identities


def measured(pathway: Pathway, trees: Trees) -> dict[str, float]:
    """How well a network reads whole sentences, and what its dimensions do there.

    Returns
    -------
    dict
        ``sentences``, ``right`` (how many get their class); ``relative`` and ``absolute``, shares of the values near 0,
        with ``relative_error`` and ``absolute_error``, standard errors over sentences; ``idle``, the share of
        dimensions that change no decision by themselves; ``fewest``, how many keep 99 % of the decisions.
    """
    labels = classes_of(trees.labels, len(pathway.output_names))
    kept = np.flatnonzero(labels >= 0)
    read = [trees.tokens[i] for i in kept]
    values = vectors(pathway, read)
    magnitude = np.abs(values)
    near = near_zero(values)
    of_sentence = {
        "relative": (magnitude < 0.1 * magnitude.max(axis=1, keepdims=True)).mean(axis=1),
        "absolute": (magnitude < 0.1).mean(axis=1),
    }
    found: dict[str, float] = {"sentences": len(read), "right": _right(pathway, values, labels[kept])}
    for name, shares in of_sentence.items():
        found |= {name: near[name].mean(), f"{name}_error": shares.std(ddof=1) / np.sqrt(len(shares))}
    changed = decisions(pathway, values)["changed"]
    return found | {"idle": (changed == 0).mean(), "fewest": fewest(pathway, values)}


def _right(pathway: Pathway, values: np.ndarray, labels: np.ndarray) -> int:
    with torch.inference_mode():
        chosen = pathway.outputs(torch.from_numpy(values)).argmax(dim=-1).numpy()
    return int((chosen == labels).sum())


def table(found: Mapping[tuple[int, int], SentimentNetwork], corpus: TreeCorpus, test: Trees) -> pd.DataFrame:
    """One row per ``width``, ``seed`` and ``network``, trained or untrained, as :func:`measured`."""
    rows = []
    for (width, seed), network in found.items():
        control = type(network).for_corpus(
            corpus, embedding=width, units=width, seed=seed, classes=len(network.classes)
        )
        for state, one in (("trained", network), ("untrained", control.eval())):
            (pathway,) = one.pathways.values()
            rows.append({"width": width, "seed": seed, "network": state, **measured(pathway, test)})
    return pd.DataFrame(rows)


def summary(widths: pd.DataFrame) -> pd.DataFrame:
    """One row per width and network: means over seeds of ``accuracy``, near-zero shares, ``idle`` and ``fewest``.

    ``accuracy_error``, ``relative_error`` and ``absolute_error`` are standard errors of the means over sentences, taken
    as the same sentences for every seed; ``least`` and ``most`` are the accuracies of single seeds.
    """
    rows = widths.assign(accuracy=widths["right"] / widths["sentences"])
    groups = rows.groupby(["width", "network"], sort=False)
    columns = ["accuracy", "relative", "absolute", "relative_error", "absolute_error", "idle", "fewest", "sentences"]
    found = groups[columns].mean()
    found["accuracy_error"] = np.sqrt(found["accuracy"] * (1 - found["accuracy"]) / found["sentences"])
    found["least"], found["most"] = groups["accuracy"].min(), groups["accuracy"].max()
    return found.assign(seeds=groups.size()).reset_index()


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every mean of the trained networks, by width."""
    found = {}
    for row in summary(tables["widths"]).query("network == 'trained'").to_dict(orient="records"):
        for name in ("accuracy", *MEASURES, "idle", "fewest"):
            found[f"{name}: {row['width']} dimensions"] = float(row[name])
    return found


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """More dimensions, more near 0; and no better reading than with 25 or 35."""
    rows = summary(tables["widths"]).query("network == 'trained'").set_index("width")
    widest, best = max(rows.index), [width for width in rows.index if width in BEST] or [min(rows.index)]
    claims = []
    for measure, said in (("relative", "a tenth of the largest of its vector"), ("absolute", ".1")):
        text = f"of {widest} dimensions a larger share is near 0 (below {said}) than of {_said(best)}"
        claims.append(_difference(text, "seen in figure 3", rows, widest, best, measure))
    text = f"{_said(best)} dimensions read better than {widest}"
    claims.append(_difference(text, "cited: 25 to 35 are best", rows, best, [widest], "accuracy"))
    return claims


def _said(widths: Sequence[int]) -> str:
    return " and ".join(map(str, widths))


def _difference(text: str, paper: str, rows: pd.DataFrame, more, less, measure: str) -> Claim:
    """A difference of means, taken as independent, which is wider than sentences in common would allow."""
    sides = [rows.loc[np.atleast_1d(side)] for side in (more, less)]
    here = float(sides[0][measure].mean() - sides[1][measure].mean())
    error = float(np.sqrt(sum((side[f"{measure}_error"] ** 2).mean() for side in sides)))
    low, high = here - 1.96 * error, here + 1.96 * error
    return Claim(text, paper, here, (low, high), decided((low, high), above=0))
