"""The networks that the chapters read: ``python -m reading_neurons.models.chapters`` trains those not in the cache.

``make book`` and the image for Binder do it before anything else, where progress can be seen; on two cores it takes
about four minutes. A chapter whose network is missing trains it too, without a bar.
"""

from __future__ import annotations

from reading_neurons.corpora import load
from reading_neurons.models import own_networks
from reading_neurons.models.store import trained

NETWORKS = (
    ("imaginet", "scenes"),
    ("sum", "scenes"),
    ("language model", "scenes"),
    ("recurrent", "polarity"),
    ("lstm", "polarity"),
    ("bi-lstm", "polarity"),
    ("autoencoder", "scenes"),
    ("character lstm", "parentheses"),
    ("character lstm", "arithmetic"),
    ("character lstm", "tiny_c"),
)
"""Names of networks and of the generated corpora that they learn from, all with default settings."""


def train_all() -> None:
    """Train what is not in the cache yet.

    Examples
    --------
    >>> train_all()  # doctest: +SKIP
    """
    for name, corpus in NETWORKS:
        trained(name, corpus)
    own_networks.trained(load("polarity"))


if __name__ == "__main__":
    train_all()
