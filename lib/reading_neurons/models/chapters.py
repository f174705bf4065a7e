"""The networks that the chapters read: ``python -m reading_neurons.models.chapters`` trains those not in the cache.

``make book`` and the image for Binder do it before anything else, where progress can be seen, a network on each core.
A chapter whose network is missing trains it too, without a bar.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import torch

from reading_neurons.corpora import load
from reading_neurons.models import own_networks
from reading_neurons.models.store import trained
from reading_neurons.progress import DISABLED, progress_bar

OWN = ("own networks", "polarity")
NETWORKS = (
    ("autoencoder", "scenes"),
    ("imaginet", "scenes"),
    OWN,
    ("language model", "scenes"),
    ("recurrent", "polarity"),
    ("lstm", "polarity"),
    ("bi-lstm", "polarity"),
    ("character lstm", "tiny_c"),
    ("character lstm", "parentheses"),
    ("character lstm", "arithmetic"),
    ("sum", "scenes"),
)
"""Names of networks and of the generated corpora that they learn from, all with default settings; long ones first."""


def train(name: str, corpus: str) -> str:
    """Train one of :data:`NETWORKS` if it is not in the cache yet, and say which.

    Examples
    --------
    >>> train("sum", "scenes")  # doctest: +SKIP
    'sum on scenes'
    """
    if (name, corpus) == OWN:
        own_networks.trained(load(corpus))
    else:
        trained(name, corpus)
    return f"{name} on {corpus}"


def train_all(processes: int | None = None) -> None:
    """Train what is not in the cache yet.

    Parameters
    ----------
    processes : int, optional
        How many networks learn at a time, each with one thread; by default one for each core.

    Examples
    --------
    >>> train_all()  # doctest: +SKIP
    """
    processes = min(processes or os.cpu_count() or 1, len(NETWORKS))
    if processes == 1:
        for name, corpus in NETWORKS:
            train(name, corpus)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_one_of_several) as pool:
        learning = [pool.submit(train, *network) for network in NETWORKS]
        with progress_bar(total=len(learning), desc="networks") as bar:
            for done in as_completed(learning):
                bar.set_postfix_str(f"{done.result()} is there")
                bar.update()


def _one_of_several() -> None:
    torch.set_num_threads(1)
    os.environ[DISABLED] = "1"  # bars of several processes would write over each other


if __name__ == "__main__":
    train_all()
