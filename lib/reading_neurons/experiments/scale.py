"""Scale: what a pass over a corpus costs, here and on two workers, in seconds and memory.

No paper is behind it: the claims are this library's own. Networks are untrained, for seconds do not depend on weights;
only the last bit of the tables does, and there they must agree.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reading_neurons.corpora import CaptionCorpus, load
from reading_neurons.experiments.panel import command
from reading_neurons.experiments.record import Record, provenance
from reading_neurons.experiments.scale_claims import claims_of, figures_of
from reading_neurons.experiments.scale_measured import (
    cluster,
    identical,
    memory,
    one_thread,
    per_shard,
    seconds,
    workers,
)
from reading_neurons.models import store
from reading_neurons.pathway import Pathway

TIMES = (1, 4, 16)


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes
    ----------
    units, sentences : tuple of int
        Of the passes in this process, each with each.
    repeats : int
        Of these.
    compared : tuple of (int, int)
        Units, and sentences that one process and two workers read by turns.
    turns : int
    held : int
        Units of the network whose memory is measured.
    share : int
        One n-th of the corpus is read at 1x.
    lives : int
        Clusters whose memory is measured at each size.
    """

    units: tuple[int, ...] = (64, 128, 256, 512, 1024)
    sentences: tuple[int, ...] = (512, 1024, 2048, 4096)
    repeats: int = 3
    compared: tuple[tuple[int, int], ...] = ((256, 16_384), (1024, 4096))
    turns: int = 7
    held: int = 256
    share: int = 16
    lives: int = 2


QUICK = Size((8, 16), (16, 32), 2, ((8, 600), (16, 600)), 2, 8, 160, 1)


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Measure, and record.

    Parameters
    ----------
    corpus : str
        A caption corpus. 16x is all of it, its three splits one after the other.
    quick : bool
        Tiny networks, few sentences, one cluster: every step is taken, no figure means anything.
    seed : int
        Of the random weights.

    Returns
    -------
    Record
        Its tables are those of :mod:`reading_neurons.experiments.scale_measured`: ``passes``, ``workers``, ``shards``,
        ``identical``, ``memory``.
    """
    began, size = time.monotonic(), QUICK if quick else Size()
    loaded = load(corpus)
    networks = {units: _untrained(loaded, units, seed) for units in size.units}
    pathways = {units: network.pathways["visual"] for units, network in networks.items()}
    words = [sentence for split in loaded.splits for sentence in split.tokens]
    tables = analyse(pathways, words, size)
    identities = {
        f"untrained imaginet, {units} units": store.identity("imaginet", loaded, network, **_settings(units, seed))
        for units, network in networks.items()
    }
    made = provenance(
        command("scale", corpus, seed, quick), seed, loaded.sources, identities, time.monotonic() - began
    )
    return Record("scale", corpus, figures_of(tables), tables, claims_of(tables), made)


def _settings(units: int, seed: int) -> dict[str, int]:
    return {"embedding": units, "units": units, "seed": seed}


def _untrained(corpus: CaptionCorpus, units: int, seed: int) -> store.Network:
    return store.untrained("imaginet", corpus, **_settings(units, seed))


def analyse(pathways: dict[int, Pathway], words: Sequence[Sequence[str]], size: Size) -> dict[str, pd.DataFrame]:
    """Everything a record keeps."""
    chosen = {units: pathways[units] for units, _ in size.compared}
    with one_thread():
        tables = {"passes": seconds(pathways, words, size.sentences, size.repeats)}
        with cluster() as client:
            compared = {units: (pathways[units], count) for units, count in size.compared}
            tables["workers"] = workers(compared, words, client, size.turns)
            tables["shards"] = per_shard(pathways, words[: 2 * size.sentences[-1]], client)
            tables["identical"] = identical(chosen, words[: size.sentences[-1]], client)
            if size is QUICK:
                tables["memory"] = _memory(pathways[size.held], words, size, client)
        if size is not QUICK:
            tables["memory"] = _in_fresh_clusters(pathways[size.held], words, size)
    return tables


def _sizes(words: Sequence[Sequence[str]], size: Size) -> dict[int, int]:
    return {times: times * len(words) // size.share for times in TIMES}


def _memory(pathway: Pathway, words: Sequence[Sequence[str]], size: Size, client) -> pd.DataFrame:
    return memory(pathway, words, _sizes(words, size), client, 0)


def _in_fresh_clusters(pathway: Pathway, words: Sequence[Sequence[str]], size: Size) -> pd.DataFrame:
    parts = []
    for repeat in range(size.lives):
        for times, count in _sizes(words, size).items():
            with cluster() as client:
                parts.append(memory(pathway, words, {times: count}, client, repeat))
    return pd.concat(parts, ignore_index=True)
