"""Work that is cut into shards: done here one after the other, or on the workers of a Dask cluster, with one result.

What is kept of a corpus is a :class:`Mergeable`: it can make an empty one of its kind, and take in one that saw what
comes next. :func:`collect` gives every shard to it. With a client each shard is read on a worker into an empty one,
which comes back and is merged, in the order of the shards, so that sums are taken in the same order as here.

A shard is cut off, sent, read and forgotten when its turn comes: there are never more than a few for each thread of
the cluster. The network is sent to each worker once. A worker that is lost is made up for: its shards go to another.

Easy to get wrong: the last bit. A sum of floating-point numbers depends on its order, and a matrix product of few rows
on the number of threads. Shards are therefore cut at fixed places, whatever the number of workers, and merged one by
one, and a network that is driven word by word is given no product of few rows
(:func:`reading_neurons.pathway.filled`). What another network computes may depend on the number of threads all the
same: there the last bit is equal where this process has one, as workers do (``torch.set_num_threads(1)``).
"""

from __future__ import annotations

import ctypes
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import torch

if TYPE_CHECKING:
    from distributed import Client, Future

PACKAGES = ("reading-neurons", "torch", "numpy")  # on which results depend
AHEAD = 4  # shards for each thread of the cluster that are under way at most
PATIENCE = 30.0  # seconds without any worker after which a call is given up
LOOK = 0.5  # seconds between two looks whether there are workers


class Mergeable(Protocol):
    """What is kept of observations that come in order, and can be collected in parts."""

    def empty(self, first: int, count: int) -> Mergeable:
        """One of the same kind that has seen nothing, for ``count`` observations from number ``first`` on.

        It is what a worker is sent, so it holds nothing of the rest of the corpus.
        """

    def merge(self, later: Mergeable) -> None:
        """Take in what was kept of the observations that follow these.

        Taking in observations must be the same as merging one that has taken them in, to the last bit.
        """


M = TypeVar("M", bound=Mergeable)


@dataclass(frozen=True)
class Shard:
    """A piece of work.

    Attributes
    ----------
    first, count : int
        The number of its first observation, and how many there are.
    content : object
        What they are read from.
    """

    first: int
    count: int
    content: Any


def collect(
    kept: M,
    read: Callable[[Any, Shard, M], None],
    shared: Any,
    shards: Iterable[Shard],
    client: Client | None = None,
) -> M:
    """Read every shard into what is kept of them, and return that.

    Parameters
    ----------
    kept : Mergeable
    read : callable
        ``read(shared, shard, kept)`` gives the observations of one shard to it.
    shared : object
        What every shard is read with, as a network; sent to each worker once.
    shards : iterable of Shard
        In order; taken when their turn comes.
    client : dask.distributed.Client, optional
        Of the cluster that does the work.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As :func:`each`.

    Examples
    --------
    >>> class Total:
    ...     value = 0
    ...     def empty(self, first, count):
    ...         return Total()
    ...     def merge(self, later):
    ...         self.value += later.value
    >>> def read(factor, shard, total):
    ...     total.value += factor * sum(shard.content)
    >>> collect(Total(), read, 10, [Shard(0, 2, [1, 2]), Shard(2, 1, [3])]).value
    60
    """
    if client is None:
        for shard in shards:
            read(shared, shard, kept)
        return kept
    parts = ((kept.empty(shard.first, shard.count), shard) for shard in shards)
    for later in each(_filled, (read, shared), parts, client):
        kept.merge(later)
    return kept


def _filled(shared: tuple[Callable, Any], part: tuple[Mergeable, Shard]) -> Mergeable:
    (read, with_what), (fresh, shard) = shared, part
    read(with_what, shard, fresh)
    return fresh


def each(
    function: Callable[[Any, Any], Any], shared: Any, parts: Iterable[Any], client: Client | None = None
) -> Iterator[Any]:
    """``function(shared, part)`` of each part, in order, a few at a time.

    Parameters
    ----------
    function : callable
        One that a worker can import, or that carries all it needs.
    shared : object
        Sent to each worker once.
    parts : iterable
        Sent when their turn comes.
    client : dask.distributed.Client, optional
        By default the work is done here.

    Yields
    ------
    object

    Raises
    ------
    TypeError
        If the client is no client of Dask, or an asynchronous one.
    ValueError
        If it is closed, its cluster has no worker, or a worker lacks this library or has other versions.
    RuntimeError
        If every worker was lost, or the same part was lost with several workers one after the other.
    Exception
        What the function raises, wherever it ran.

    Examples
    --------
    >>> list(each(lambda factor, number: factor * number, 10, [1, 2]))
    [10, 20]
    """
    if client is None:
        for part in parts:
            yield function(shared, part)
        return
    require_workers(client)
    # Not by its content, which would have to be read; and in a list, which is taken apart into what is sent.
    (everywhere,) = client.scatter([_Parcel(shared)], broadcast=True, hash=False)
    parts, pending, most = iter(parts), deque(), 0
    try:
        while True:
            if len(pending) <= most // 2:
                most = max(AHEAD * sum(client.nthreads().values()), 1)  # workers may have come or gone
                for part in islice(parts, most - len(pending)):
                    work = _Parcel((_process(), function, part))
                    pending.append(client.submit(_worked, everywhere, work, pure=False))
            if not pending:
                return
            yield _result(client, pending.popleft())
    finally:
        if client.status == "running":
            client.cancel([everywhere, *pending])


class _Parcel:
    """Something that is packed here and unpacked on each worker once, by whoever needs it first.

    Dask would take a network apart by itself, tensor by tensor, and stumble over torch's recurrent layers; and it would
    look for its own things in lists of words. It also remembers the last thousand messages to each worker, in the
    process of the client where a cluster is local: packed, a shard's words take a tenth of what they take as a list.
    """

    def __init__(self, thing: Any):
        from cloudpickle import dumps

        try:
            self._packed = dumps(thing)
        except Exception as error:
            raise TypeError(
                "the network or the summary cannot be sent to workers, as something in it cannot be pickled "
                f"({error}): leave out open files, locks and connections, or make them when they are first needed"
            ) from error

    def open(self) -> Any:
        """What was packed."""
        from cloudpickle import loads

        if not hasattr(self, "_thing"):
            self._thing = loads(self._packed)
        return self._thing

    def __reduce__(self):
        return _packed_again, (self._packed,)


def _packed_again(packed: bytes) -> _Parcel:
    parcel = _Parcel.__new__(_Parcel)
    parcel._packed = packed
    return parcel


def _worked(shared: _Parcel, work: _Parcel) -> Any:
    home, function, part = work.open()
    if home != _process():
        # Cores are shared out among workers; more threads would wait for each other.
        torch.set_num_threads(1)
        _keep_freed_memory()
    return function(shared.open(), part)


@cache
def _keep_freed_memory() -> None:
    """Have the C library keep what one shard needed for the next, up to 256 MB.

    Dask's nannies ask it to give back every byte at once; reading a wide network then takes a quarter longer, for pages
    that are fresh each time.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return  # another C library than GNU's
    mallopt(-3, 32 * 2**20)  # M_MMAP_THRESHOLD: smaller blocks come from what is kept
    mallopt(-1, 256 * 2**20)  # M_TRIM_THRESHOLD


def _process() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()


def _result(client: Client, future: Future) -> Any:
    """The result of a future, or an error that says what became of it."""
    from distributed import CancelledError, KilledWorker

    try:
        _wait(client, future)
        return future.result()
    except KilledWorker as error:
        raise RuntimeError(
            "the same shard was being read each time when several workers were lost, one after the other: most often "
            "they run out of memory; give each worker more, or a smaller network"
        ) from error
    except CancelledError as error:
        raise RuntimeError(
            "the cluster lost the network or its scheduler while shards were read: all workers that held it are gone; "
            "start them again and repeat the call"
        ) from error
    except _Abandoned:
        raise RuntimeError(
            f"the cluster has had no worker for {PATIENCE:g} seconds: start workers and repeat the call"
        ) from None
    finally:
        future.release()  # and with it what the worker still holds


class _Abandoned(Exception):
    """Nobody is left who could do the work."""


def _wait(client: Client, future: Future) -> None:
    """Wait until a future is done, and no longer than that there may be somebody to do it."""
    from distributed import wait

    seen = time.monotonic()
    while True:
        try:
            wait(future, timeout=LOOK)
            return
        except TimeoutError:
            now = time.monotonic()
            seen = now if client.nthreads() else seen
            if now - seen > PATIENCE:
                raise _Abandoned from None


def require_workers(client: Client) -> None:
    """Raise an error if a client has no workers that can do the same work as this process; see :func:`each`."""
    from distributed import Client

    if not isinstance(client, Client) or client.asynchronous:
        raise TypeError(
            f"expected a dask.distributed.Client that is not asynchronous, found {type(client).__name__}: write "
            "client = dask.distributed.Client(cluster or address)"
        )
    if client.status != "running":
        raise ValueError(f"the client is {client.status}: connect a new one with dask.distributed.Client(address)")
    here = {name: version(name) for name in PACKAGES}
    found = client.run(_asking(PACKAGES))
    if not found:
        raise ValueError("the cluster has no worker: start some, or wait with client.wait_for_workers(1)")
    for worker, theirs in found.items():
        if theirs != here:
            differ = [name for name in here if theirs[name] != here[name]]
            said = ", ".join(f"{name} {theirs[name] or 'is missing'} (here {here[name]})" for name in differ)
            raise ValueError(f"the worker {worker} would compute something else: {said}; install the same set there")


def _asking(packages: tuple[str, ...]) -> Callable[[], dict[str, str | None]]:
    """A question that a worker without this library understands: it carries its own code."""

    def ask():
        from importlib.metadata import PackageNotFoundError, version

        found = {}
        for name in packages:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = None
        return found

    return ask
