"""The pathways that an experiment compares, trained and untrained, and the record of what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reading_neurons.corpora import CaptionCorpus, Captions, load
from reading_neurons.experiments.record import Claim, Record, provenance
from reading_neurons.models import store
from reading_neurons.models.captions import CaptionNetwork, CellPathway

NETWORKS = ("imaginet", "sum", "language model")
QUICK: dict[str, dict[str, Any]] = {
    "imaginet": {"embedding": 32, "units": 32, "epochs": 1},
    "sum": {"embedding": 32, "epochs": 1},
    "language model": {"embedding": 32, "units": 32, "epochs": 1},
}
"""Sizes of the networks of a quick run: every step is taken, no figure means anything."""
QUICK_SCENES = 800
QUICK_CAPTIONS = 400


@dataclass(frozen=True)
class Panel:
    """Pathways that have read one corpus.

    Attributes
    ----------
    corpus : CaptionCorpus
    networks, controls : dict of str to CaptionNetwork
        The trained networks, and the same with random weights.
    identities : dict
        For each network its key and the hash of its weights.
    seed : int
    quick : bool
    seconds : float
        What the trainings took.
    began : float
        When the experiment's own clock started.
    """

    corpus: CaptionCorpus
    networks: dict[str, CaptionNetwork]
    controls: dict[str, CaptionNetwork]
    identities: dict[str, dict[str, str]]
    seed: int
    quick: bool
    seconds: float
    began: float

    @property
    def captions(self) -> Captions:
        """The captions that are read: those of the test split, in a quick run its first few."""
        test = self.corpus.test
        return test.take(range(min(QUICK_CAPTIONS, len(test)))) if self.quick else test

    @property
    def trained(self) -> dict[str, CellPathway]:
        """The trained pathways by name: ``visual``, ``textual``, ``sum``, ``language model``."""
        return _pathways(self.networks)

    @property
    def untrained(self) -> dict[str, CellPathway]:
        """The same pathways with random weights."""
        return _pathways(self.controls)

    def record(
        self,
        experiment: str,
        figures: Mapping[str, float],
        tables: Mapping[str, pd.DataFrame],
        claims: Sequence[Claim],
    ) -> Record:
        """The record of an experiment on these pathways, with its provenance."""
        return Record(
            experiment, self.corpus.name, dict(figures), dict(tables), list(claims),
            provenance(
                command(experiment, self.corpus.name, self.seed, self.quick), self.seed, self.corpus.sources,
                self.identities, time.monotonic() - self.began + self.seconds,
            ),
        )  # fmt: skip


def panel(corpus: str, *, seed: int = 0, quick: bool = False, networks: Sequence[str] = NETWORKS) -> Panel:
    """Train or load the networks of an experiment, and their untrained controls.

    Parameters
    ----------
    corpus : str
        A generated corpus is generated from ``seed`` too.
    seed : int
    quick : bool
        Tiny networks, and few scenes where the corpus is generated.
    networks : sequence of str
        Some of :data:`NETWORKS`.
    """
    generated = {"seed": seed, **({"scenes": QUICK_SCENES} if quick else {})}
    loaded = load(corpus, **(generated if corpus == "scenes" else {}))
    changes = {name: {"seed": seed, **(QUICK[name] if quick else {})} for name in networks}
    trained = {name: store.trained(name, loaded, **changes[name]) for name in networks}
    return Panel(
        loaded,
        trained,
        {name: store.untrained(name, loaded, **changes[name]) for name in networks},
        {name: store.identity(name, loaded, network, **changes[name]) for name, network in trained.items()},
        seed,
        quick,
        sum(map(store.training_seconds, trained.values())),
        # After training, whose own clock is added: it may have run another day.
        time.monotonic(),
    )


def _pathways(networks: Mapping[str, CaptionNetwork]) -> dict[str, CellPathway]:
    return {name: pathway for network in networks.values() for name, pathway in network.pathways.items()}


def command(experiment: str, corpus: str, seed: int, quick: bool) -> str:
    """What a reader types to run an experiment again.

    Examples
    --------
    >>> command("omission", "coco", seed=1, quick=False)
    'python -m reading_neurons reproduce omission --corpus coco --seed 1'
    """
    options = f"{f' --seed {seed}' if seed else ''}{' --quick' if quick else ''}"
    return f"python -m reading_neurons reproduce {experiment} --corpus {corpus}{options}"
