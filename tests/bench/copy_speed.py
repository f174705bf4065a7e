"""Maps of copies: one walk back for the scores of all steps beside autograd, which walks back once for each.

Both roads read the same sentences in the same batches. The other one is what a network takes whose class reads in a way
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import measure
import torch
from measure import Row

from reading_neurons.corpora import load
from reading_neurons.corpora.captions import CaptionCorpus
from reading_neurons.methods.copy_saliency import copy_maps
from reading_neurons.models.autoencoder import Autoencoder

AUTOGRAD = "autograd per step"
TARGET = 3.0
EQUAL = 1e-5

Maps = list[torch.Tensor]


class ByAutograd(Autoencoder):
    """The same network, of which nobody knows that it reads as an :class:`Autoencoder` does."""

    def read(self, source, lengths, copy):
        """As before."""
        return super().read(source, lengths, copy)


def rows(corpus: CaptionCorpus | None = None, units: int = 256, sentences: int = 256, repeats: int = 3) -> list[Row]:
    """Seconds of both roads for the mean derivatives of right copies by an untrained network."""
    corpus = corpus or load("scenes")
    words = corpus.test.tokens[:sentences]
    found = roads(corpus, words, units)
    check(found)
    seconds = measure.interleaved(found, repeats)
    target = None if corpus.name == "scenes" else TARGET
    what = f"{len(words)} sentences of {corpus.name}, {units} units"
    return [Row("maps of copies", AUTOGRAD, seconds["ours"], seconds[AUTOGRAD], target, what)]


def roads(corpus: CaptionCorpus, words, units: int) -> dict[str, Callable[[], Maps]]:
    """Both roads to the maps of copies, by name."""
    sizes = {"embedding": units, "units": units}
    kinds = {"ours": Autoencoder, AUTOGRAD: ByAutograd}
    networks = {name: kind.for_corpus(corpus, **sizes).eval() for name, kind in kinds.items()}
    return {name: lambda network=network: maps(network, words) for name, network in networks.items()}


def maps(network: Autoencoder, words) -> Maps:
    """The map of each batch, source and copy side by side."""
    return [torch.cat((found.of_source, found.of_copy), dim=2) for found in copy_maps(network, words, words)]


def check(found: Mapping[str, Callable[[], Maps]]) -> None:
    """Raise an error if the two roads differ; on the way both are warmed up."""
    gap = max(float((one - other).abs().max()) for one, other in zip(*(road() for road in found.values()), strict=True))
    if not gap <= EQUAL:
        raise RuntimeError(f"the maps by autograd and ours differ by {gap:.2g}, expected at most {EQUAL}")
