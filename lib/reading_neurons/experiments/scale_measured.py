"""What a pass costs here: seconds by words and units, two workers beside one process, memory by size of corpus.

Everything is read by :func:`reading_neurons.passes.run` into :class:`reading_neurons.methods.contexts.TopContexts`,
with one thread of torch, in this process and on worker processes of this machine.

Easy to get wrong: another program on the machine. Roads are timed by turns, so that whatever slows the machine slows
them all, and the processor time of this process is kept beside the seconds on the clock.
"""

from __future__ import annotations

import logging
import resource
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from reading_neurons import passes, shards
from reading_neurons.methods.contexts import TopContexts
from reading_neurons.pathway import Pathway

if TYPE_CHECKING:
    from distributed import Client

K = 20
WORKERS = 2
HERE, APART, TWO, START = "one process", "two processes apart", "two workers", "two workers, no words"
"""The roads: the call without a client; half the words in each of two processes, with nothing merged; the call with a
client of two workers; the same without anything to read, which is what sending the network takes."""

Words = Sequence[Sequence[str]]


@contextmanager
def one_thread() -> Iterator[None]:
    """This process computes with one thread, as workers do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def cluster() -> Iterator[Client]:
    """A client of so many worker processes of one thread on this machine, as the machine's cores are few."""
    from distributed import Client, LocalCluster

    told = logging.getLogger("distributed")
    level = told.level
    try:
        told.setLevel(logging.ERROR)  # workers come and go here, which is no news
        with LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=":0") as local:
            told.setLevel(logging.ERROR)  # a cluster sets its own
            with Client(local) as client:
                yield client
    finally:
        told.setLevel(level)


def seconds(pathways: Mapping[int, Pathway], words: Words, sizes: Sequence[int], repeats: int) -> pd.DataFrame:
    """Seconds of a pass in this process.

    Parameters
    ----------
    pathways : mapping of a number of units to a pathway
    words : sequence of sentences
    sizes : sequence of int
        How many of the sentences are read.
    repeats : int
        Each takes all sizes of all pathways by turns.

    Returns
    -------
    DataFrame
        ``units``, ``sentences``, ``words``, ``repeat``, ``seconds`` on the clock, ``processor`` (of this process).
    """
    rows = []
    for pathway in pathways.values():  # once before the clock runs, for what is made at the first call
        passes.run(TopContexts(K), pathway, words[: min(sizes)])
    for repeat in range(repeats):
        for units, pathway in pathways.items():
            for size in sizes:
                spent = _timed(lambda pathway=pathway, size=size: passes.run(TopContexts(K), pathway, words[:size]))
                rows.append((units, size, sum(map(len, words[:size])), repeat, *spent))
    return pd.DataFrame(rows, columns=["units", "sentences", "words", "repeat", "seconds", "processor"])


def _timed(road: Callable[[], Any]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    road()
    return time.perf_counter() - clock, time.process_time() - processor


def workers(pathways: Mapping[int, tuple[Pathway, int]], words: Words, client: Client, repeats: int) -> pd.DataFrame:
    """The same call in one process and on two workers, by turns.

    Parameters
    ----------
    pathways : mapping of a number of units to a pathway and how many sentences it reads
    words, client, repeats

    Returns
    -------
    DataFrame
        ``units``, ``words``, ``shards``, ``repeat``, ``road``, ``seconds`` on the clock, ``processor`` (of this
        process, the scheduler of the cluster included).
    """
    rows = []
    for units, (pathway, size) in pathways.items():
        chosen = list(islice(chain.from_iterable(_forever(words)), size))
        roads = {
            HERE: lambda: passes.run(TopContexts(K), pathway, chosen),
            TWO: lambda: passes.run(TopContexts(K), pathway, chosen, client),
            APART: lambda: list(shards.each(_alone, pathway, [chosen[::2], chosen[1::2]], client)),
            START: lambda: list(shards.each(_nothing, pathway, range(WORKERS), client)),
        }
        roads[TWO]()  # once before the clock runs
        names = list(roads)
        said = units, sum(map(len, chosen)), -(-size // passes.SENTENCES)
        for repeat in range(repeats):
            turn = repeat % len(names)
            for name in names[turn:] + names[:turn]:
                rows.append((*said, repeat, name, *_timed(roads[name])))
    return pd.DataFrame(rows, columns=["units", "words", "shards", "repeat", "road", "seconds", "processor"])


def _forever(words: Words) -> Iterator[Words]:
    while True:
        yield words


def _alone(pathway: Pathway, words: Words) -> None:
    passes.run(TopContexts(K), pathway, words)


def _nothing(pathway: Pathway, part: int) -> int:
    return part


def per_shard(pathways: Mapping[int, Pathway], words: Words, client: Client) -> pd.DataFrame:
    """The processor's seconds that a shard of the call takes on a worker and in the process of the client.

    Returns
    -------
    DataFrame
        One row per shard: ``units``, ``shard``, ``worker`` (of the thread that reads), ``client`` (cutting, sending,
        scheduling and merging: the mean over shards).
    """
    parts = []
    first = next(passes.cut(words))
    for _ in shards.each(_read, next(iter(pathways.values())), [(TopContexts(K), first)], client):
        pass  # the first shard of all pays for what is loaded once
    for units, pathway in pathways.items():
        kept, of_workers, began = TopContexts(K), [], []

        def pieces(kept=kept, began=began):
            for shard in passes.cut(words):
                began.append(time.process_time())  # the network has been sent when the first is asked for
                yield kept.empty(shard.first, shard.count), shard

        for later, spent in shards.each(_read, pathway, pieces(), client):
            kept.merge(later)
            of_workers.append(spent)
        here = (time.process_time() - began[0]) / len(of_workers)
        shard = range(len(of_workers))
        parts.append(pd.DataFrame({"units": units, "shard": shard, "worker": of_workers, "client": here}))
    return pd.concat(parts, ignore_index=True)


def _read(pathway: Pathway, piece: tuple[TopContexts, shards.Shard]) -> tuple[TopContexts, float]:
    summary, shard = piece
    began = time.thread_time()
    passes.run(summary, pathway, shard.content, first=shard.first)
    return summary, time.thread_time() - began


def identical(pathways: Mapping[int, Pathway], words: Words, client: Client) -> pd.DataFrame:
    """How many bytes of a table differ between the two calls: ``units``, ``words``, ``bytes``, ``differ``."""
    rows = []
    for units, pathway in pathways.items():
        found = [passes.run(TopContexts(K), pathway, words, on).result() for on in (None, client)]
        here, there = (np.frombuffer(table.to_numpy(dtype=np.float64).tobytes(), dtype=np.uint8) for table in found)
        differ = int((here != there).sum()) if len(here) == len(there) else len(here)
        rows.append((units, sum(map(len, words)), len(here), differ))
    return pd.DataFrame(rows, columns=["units", "words", "bytes", "differ"])


# Memory


def memory(pathway: Pathway, words: Words, sizes: Mapping[int, int], client: Client, repeat: int) -> pd.DataFrame:
    """The most memory of each process while a corpus of a size is read.

    The corpus is a generator: nobody holds it. Give a cluster that has not read anything, for the largest memory of a
    process is that of all its life.

    Parameters
    ----------
    pathway : Pathway
    words : sequence of sentences
        Read from the beginning again where more are asked for.
    sizes : mapping of times to a number of sentences
    client : dask.distributed.Client
    repeat : int

    Returns
    -------
    DataFrame
        One row per size and process: ``times``, ``words``, ``repeat``, ``process`` (``"worker 0"``, .., ``"client"``),
        ``before`` (MB, with the network there and nothing read), ``peak`` (MB).
    """
    rows = []
    for times, size in sizes.items():
        list(shards.each(_nothing, pathway, range(WORKERS), client))
        before = client.run(_resident)
        read = [0]

        def sentences(size=size, read=read):
            for sentence in islice(chain.from_iterable(_forever(words)), size):
                read[0] += len(sentence)
                yield sentence

        with _Watch() as watch:
            passes.run(TopContexts(K), pathway, sentences(), client)
        peaks = client.run(_most)
        for number, worker in enumerate(sorted(peaks)):
            rows.append((times, read[0], repeat, f"worker {number}", before[worker], peaks[worker]))
        rows.append((times, read[0], repeat, "client", watch.before, watch.peak))
    return pd.DataFrame(rows, columns=["times", "words", "repeat", "process", "before", "peak"])


def _status(field: str) -> float:
    """A field of what Linux says of this process, in MB; elsewhere the most it ever had.

    To a hundredth, which a record keeps of the largest: differences of what it keeps are those that were measured.
    """
    file = Path("/proc/self/status")
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.startswith(field):
            return round(int(line.split()[1]) / 1024, 2)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 2)


def _resident() -> float:
    return _status("VmRSS")


def _most() -> float:
    return _status("VmHWM")


class _Watch:
    """Looks at the memory of this process fifty times a second."""

    def __enter__(self) -> _Watch:
        self.before = self.peak = _resident()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self.peak = max(self.peak, _resident())

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()
        self.peak = max(self.peak, _resident())
