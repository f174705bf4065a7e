"""Sanity checks: does a map change when what it claims to explain is destroyed?

Adebayo et al. (2018). The weights of a trained network are randomised from the top down, first the readout, then the
cell too, then the embedding, and each layer alone. A map of the randomised network is compared with that of the
original, by rank correlation over the words of a sentence. A method whose map stays as it was does not read that layer,
whatever its picture seems to show.

Easy to get wrong: the class. A randomised network would choose another, and then another question is answered; both
maps are of the class that the original network chose. And the scale: weights drawn anew as training begins would be
far smaller than trained ones, so here the values of each weight matrix change places with each other.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import nn

from reading_neurons.methods.agreement import METHODS, attributions, rank_agreement
from reading_neurons.methods.saliency import STEPS
from reading_neurons.passes import Sentences, words_of

LAYERS = ("readout", "cell", "embedding")
"""From the top down; whatever is neither readout nor embedding counts as the cell."""
STAGES: Mapping[str, tuple[str, ...]] = {
    "readout": ("readout",),
    "readout and cell": ("readout", "cell"),
    "everything": LAYERS,
    "cell alone": ("cell",),
    "embedding alone": ("embedding",),
}
"""What is randomised: from the top down, cumulatively, and the lower layers alone."""


def layer_of(parameter: str) -> str:
    """The layer that a parameter belongs to, by its name.

    Examples
    --------
    >>> [layer_of(name) for name in ("readout.bias", "forwards.recurrent", "embedding.weight")]
    ['readout', 'cell', 'embedding']
    """
    head = parameter.split(".")[0]
    return head if head in ("readout", "embedding") else "cell"


def randomised(network: nn.Module, layers: Sequence[str], seed: int = 0) -> nn.Module:
    """A copy of a network in which the values of each weight matrix of some layers have changed places.

    Parameters
    ----------
    network : Module
        Left as it is.
    layers : sequence of str
        Some of :data:`LAYERS`.
    seed : int

    Returns
    -------
    Module
        In evaluation mode.

    Raises
    ------
    ValueError
        If a layer is unknown, or the network has no parameter of it.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> network = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4)
    >>> other = randomised(network, ["cell"])
    >>> bool((other.embedding.weight == network.embedding.weight).all())
    True
    """
    if unknown := [layer for layer in layers if layer not in LAYERS]:
        raise ValueError(f"unknown layer {unknown[0]!r}: choose of {', '.join(map(repr, LAYERS))}")
    result = copy.deepcopy(network).eval()
    generator = torch.Generator().manual_seed(seed)
    touched = set()
    with torch.no_grad():
        for name, weight in sorted(result.named_parameters()):
            # Drawn for every weight, so that a seed means the same whichever layers are asked for.
            order = torch.randperm(weight.numel(), generator=generator)
            if layer_of(name) in layers:
                weight.copy_(weight.flatten()[order.to(weight.device)].view_as(weight))
                touched.add(layer_of(name))
    if missing := set(layers) - touched:
        raise ValueError(f"the network {type(network).__name__} has no weights of its {', '.join(sorted(missing))}")
    return result


def sanity(
    network: nn.Module,
    sentences: Sentences,
    pathway: str | None = None,
    methods: Sequence[str] = METHODS,
    *,
    stages: Mapping[str, Sequence[str]] = STAGES,
    draws: int = 1,
    steps: int = STEPS,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank correlation of each map with that of the same network, layer by layer randomised.

    Parameters
    ----------
    network : Module
        With ``pathways``, by name.
    sentences : Captions, Trees, or iterable of sentences
    pathway : str, optional
        Which of its pathways; by default its only one.
    methods : sequence of str
    stages : mapping of str to layers
        Names of what is randomised, in order.
    draws : int
        Randomisations of each stage.
    steps : int
        Points of the integral, for integrated gradients.
    seed : int

    Returns
    -------
    DataFrame
        One row per stage, draw, method and sentence: ``stage``, ``draw``, ``method``, ``sentence``, ``spearman``,
        ``kendall`` of magnitudes.

    Raises
    ------
    ValueError
        If there is more than one pathway and none is named, or a sentence or a method cannot be used.

    References
    ----------
    Adebayo et al. 2018.
    """
    if pathway is None and len(network.pathways) > 1:
        raise ValueError(f"name one of the pathways {list(network.pathways)}")
    name = pathway or next(iter(network.pathways))
    words = words_of(sentences, network.pathways[name].vocabulary.tokenizer)
    original = attributions(network.pathways[name], words, methods=methods, steps=steps)
    outputs = original.groupby("sentence")["output"].first().tolist()
    parts = []
    for stage, layers in stages.items():
        for draw in range(draws):
            other = randomised(network, layers, seed + draw).pathways[name]
            maps = attributions(other, words, outputs, methods, steps=steps)
            parts += [_compared(original, maps, method).assign(stage=stage, draw=draw) for method in methods]
    joined = pd.concat(parts, ignore_index=True)
    return joined[["stage", "draw", "method", "sentence", "spearman", "kendall"]]


def _compared(original: pd.DataFrame, maps: pd.DataFrame, method: str) -> pd.DataFrame:
    both = original[["sentence"]].assign(original=original[method], randomised=maps[method])
    return rank_agreement(both, ["original"], ["randomised"]).assign(method=method)
