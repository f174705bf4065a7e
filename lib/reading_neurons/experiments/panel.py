"""The pathways that an experiment compares, trained and untrained, and the record of what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from reading_neurons.corpora import CaptionCorpus, Captions, StringCorpus, Strings, TreeCorpus, Trees, load
from reading_neurons.experiments.record import Claim, Record, provenance
from reading_neurons.models import store
from reading_neurons.models.store import Network
from reading_neurons.pathway import Pathway

NETWORKS = ("imaginet", "sum", "language model")
SENTIMENT = ("recurrent", "lstm", "bi-lstm")
CHARACTERS = ("character lstm",)
QUICK: dict[str, dict[str, Any]] = {
    "imaginet": {"embedding": 32, "units": 32, "epochs": 1},
    "sum": {"embedding": 32, "epochs": 1},
    "language model": {"embedding": 32, "units": 32, "epochs": 1},
    **{name: {"embedding": 8, "units": 8, "epochs": 1} for name in SENTIMENT},
    "autoencoder": {"embedding": 16, "units": 16, "pieces": 20, "epochs": 1},
    **{name: {"units": 16, "epochs": 1} for name in CHARACTERS},
}
"""Sizes of the networks of a quick run: every step is taken, no figure means anything."""
GENERATED = {
    "scenes": {"scenes": 800},
    "polarity": {"sentences": 400},
    **{corpus: {"strings": 400} for corpus in ("parentheses", "arithmetic", "tiny_c")},
}
"""The generated corpora, and how much of each a quick run generates."""
QUICK_TRAINING = 400  # trees of a real treebank, functions of real code
QUICK_TEST = 400  # captions, trees or strings


@dataclass(frozen=True)
class Panel:
    """Pathways that have read one corpus.

    Attributes
    ----------
    corpus : CaptionCorpus, TreeCorpus or StringCorpus
    networks, controls : dict of str to network
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

    corpus: CaptionCorpus | TreeCorpus | StringCorpus
    networks: dict[str, Network]
    controls: dict[str, Network]
    identities: dict[str, dict[str, str]]
    seed: int
    quick: bool
    seconds: float
    began: float

    @property
    def test(self) -> Captions | Trees | Strings:
        """What is read: the test split, in a quick run the first of it."""
        return _first(self.corpus.test, QUICK_TEST) if self.quick else self.corpus.test

    @property
    def trained(self) -> dict[str, Pathway]:
        """The trained pathways by name, as ``visual`` or ``lstm``."""
        return _pathways(self.networks)

    @property
    def untrained(self) -> dict[str, Pathway]:
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


def panel(
    corpus: str, *, seed: int = 0, quick: bool = False, networks: Sequence[str] = NETWORKS, **settings: Any
) -> Panel:
    """Train or load the networks of an experiment, and their untrained controls.

    Parameters
    ----------
    corpus : str
        A generated corpus is generated from ``seed`` too.
    seed : int
    quick : bool
        Tiny networks, and a small corpus where it is generated, a treebank or code.
    networks : sequence of str
        Some of :data:`NETWORKS`, :data:`SENTIMENT` or :data:`CHARACTERS`.
    **settings
        Of every network, where they differ from its recipe (``classes=2``).
    """
    loaded = _corpus(corpus, seed, quick)
    changes = {name: {"seed": seed, **(QUICK[name] if quick else {}), **settings} for name in networks}
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


def _corpus(name: str, seed: int, quick: bool) -> CaptionCorpus | TreeCorpus | StringCorpus:
    if name in GENERATED:
        return load(name, seed=seed, **(GENERATED[name] if quick else {}))
    loaded = load(name)
    if quick and isinstance(loaded, TreeCorpus | StringCorpus):
        return replace(loaded, train=_first(loaded.train, QUICK_TRAINING))
    return loaded


def _first(split: Captions | Trees | Strings, count: int) -> Captions | Trees | Strings:
    return split.take(range(min(count, len(split))))


def _pathways(networks: Mapping[str, Network]) -> dict[str, Pathway]:
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
