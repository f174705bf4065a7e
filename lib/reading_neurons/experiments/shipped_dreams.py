"""What the neurons of the shipped network most want to read, and whether the words are those of the neuron.

Poerner et al. 2018 (section 3.3) read optimal inputs of an image captioning network by eye. Here it is counted for
every category of the scene: does its optimal input hold a word of the category's name? Inputs of other categories, and
of a network without training, say how often it would by chance.

Easy to get wrong: names. Of *traffic light* either word counts, of *dog* the plural counts too, and *person* is never
said where *man* and *woman* are: a miss is no proof of ignorance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reading_neurons.methods.input_lengths import words_by_length
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models.captions import CaptionNetwork
from reading_neurons.neurons import output, unit
from reading_neurons.statistics import cluster_draws, interval

NEXT_WORDS = (
    "a", "two", "of", "is", "wearing", "his", "her", "dog", "dogs", "horse", "bus", "pizza", "umbrella", "skateboard",
    "street", "kitchen", "snow", "red", "near", "ball",
)  # fmt: skip
"""Next words of the textual pathway that are dreamt of, those that the network knows."""

UNITS = 8
"""Units of each pathway that are, from the first on."""


def dreams(network: CaptionNetwork, lengths: Sequence[int]) -> pd.DataFrame:
    """The optimal inputs of each dimension of the scene, some next words and some units, each a few words long."""
    visual, textual = (network.pathways[name] for name in ("visual", "textual"))
    units = [unit(number) for number in range(min(UNITS, visual.units))]
    words = [output(textual, word) for word in NEXT_WORDS if word in network.vocabulary]
    scene = [output(visual, place) for place in range(len(network.dimensions))]
    parts = [words_by_length(visual, scene + units, lengths), words_by_length(textual, words + units, lengths)]
    return pd.concat(parts, ignore_index=True)


def named(networks: Mapping[str, CaptionNetwork], length: int = 3) -> pd.DataFrame:
    """Whether the optimal input of each dimension of the scene holds a word of its name.

    Returns
    -------
    DataFrame
        One row per network and dimension: ``network``, ``category``, ``words``, ``named``, and ``others``, the share of
        the other dimensions' inputs that hold a word of this one's name.
    """
    parts = []
    for name, network in networks.items():
        visual = network.pathways["visual"]
        neurons = [output(visual, place) for place in range(len(network.dimensions))]
        words = optimize(visual, neurons, length)["words"].tolist()
        categories = [dimension.partition(":")[2] or dimension for dimension in network.dimensions]
        says = np.array([[_holds(written, category) for written in words] for category in categories])
        others = (says.sum(axis=1) - says.diagonal()) / max(len(words) - 1, 1)
        columns = {"category": categories, "words": words, "named": says.diagonal().astype(int), "others": others}
        parts.append(pd.DataFrame({"network": name, **columns}))
    return pd.concat(parts, ignore_index=True)


def _holds(words: str, category: str) -> bool:
    forms = {form for word in category.lower().split() for form in (word, f"{word}s", f"{word}es")}
    return bool(forms & set(words.split()))


def lead(table: pd.DataFrame, replicates: int) -> tuple[float, float, float]:
    """By how much the share of named categories is above that of other categories' inputs: value, low, high (95 %).

    Examples
    --------
    >>> lead(pd.DataFrame({"named": [1, 1], "others": [0.0, 0.5]}), replicates=100)
    (0.75, 0.5, 1.0)
    """
    gain = (table["named"] - table["others"]).to_numpy()
    drawn = cluster_draws(len(gain), replicates, seed=0) @ gain / len(gain)
    return float(gain.mean()), *interval(drawn)
