"""What the default networks of the chapters take to train from nothing, beside what was promised for two cores."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from unittest.mock import patch

from measure import Row

from reading_neurons.models import trained

Networks = tuple[tuple[str, str], ...]
BUDGETS: Mapping[str, tuple[Networks, float]] = {
    "captions": ((("imaginet", "scenes"), ("sum", "scenes"), ("language model", "scenes")), 120.0),
    "sentiment": ((("recurrent", "polarity"), ("lstm", "polarity"), ("bi-lstm", "polarity")), 45.0),
    "autoencoder": ((("autoencoder", "scenes"),), 45.0),
    "parentheses": ((("character lstm", "parentheses"),), 30.0),
    "arithmetic": ((("character lstm", "arithmetic"),), 30.0),
    "tiny_c": ((("character lstm", "tiny_c"),), 30.0),
}


def rows(budgets: Mapping[str, tuple[Networks, float]] = BUDGETS, **settings: object) -> list[Row]:
    """Seconds of each family of networks, corpora included, into a cache that is thrown away."""
    found = []
    for family, (networks, promised) in budgets.items():
        with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, READING_NEURONS_CACHE=cache):
            began = time.perf_counter()
            for name, corpus in networks:
                trained(name, corpus, **settings)
            spent = time.perf_counter() - began
        note = ", ".join(name for name, _ in networks)
        found.append(Row("training", f"{promised:.0f} s promised", spent, promised, 1, f"{family}: {note}"))
    return found
