"""How good a caption network is: perplexity, cosine to the scene, retrieval of the scene.

Easy to get wrong: retrieval among scenes that are alike. Category vectors repeat across images, so several images tie
with the right one and no network can rank them; the rank is therefore the one expected when ties are broken at
random, and the recall that a perfect prediction would reach is given beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from reading_neurons import asking
from reading_neurons.corpora.captions import Captions
from reading_neurons.models.captions import CaptionNetwork, CellPathway, next_words
from reading_neurons.pathway import as_tokens, length_batches, represent
from reading_neurons.statistics import mean_intervals
from reading_neurons.text import END, START, Batch


def _pathway(network: CaptionNetwork, kind: str) -> CellPathway:
    """The pathway with the visual or the textual loss."""
    name = {"visual": network.visual_pathway, "textual": network.textual_pathway}[kind]
    if name is None:
        raise ValueError(
            f"expected a network with a {kind} loss, found {type(network).__name__} with the pathways "
            f"{', '.join(map(repr, network.pathways))}: take another network or another measure"
        )
    return network.pathways[name]


@torch.inference_mode()
def surprise(network: CaptionNetwork, captions: Captions, batch_size: int = 128) -> pd.DataFrame:
    """How unexpected each caption is to the textual pathway.

    Returns
    -------
    DataFrame
        One row per caption: ``predicted``, how many words were predicted (unknown words and the end symbol count, the
        second end symbol does not), and ``surprise``, their summed negative log probability in nats.
    """
    pathway = _pathway(network, "textual")
    ids = [pathway.vocabulary.encode(words) for words in captions.tokens]
    sums = np.zeros(len(ids))
    for chosen in length_batches([len(i) for i in ids], batch_size):
        batch = Batch.of([ids[i] for i in chosen])
        states = asking.states(pathway, asking.words(pathway, batch.ids), batch.lengths)
        real, following = next_words(batch, second_end=False)
        losses = torch.zeros(real.shape)
        losses[real] = F.cross_entropy(asking.outputs(pathway, states[real]), following[real], reduction="none")
        sums[chosen] = losses.sum(dim=1).numpy()
    return pd.DataFrame({"predicted": [len(i) - 1 for i in ids], "surprise": sums})


def perplexity(network: CaptionNetwork, captions: Captions, batch_size: int = 128) -> float:
    """Perplexity of the textual pathway per predicted word; see :func:`surprise` for what counts."""
    table = surprise(network, captions, batch_size)
    return float(np.exp(table["surprise"].sum() / table["predicted"].sum()))


def _true_scenes(network: CaptionNetwork, captions: Captions) -> Float[Tensor, "sentences dimensions"]:
    """The standardised scene of each caption; an error where network or corpus has none."""
    _pathway(network, "visual")
    return network.standardise(torch.from_numpy(captions.targets()))


@torch.inference_mode()
def predicted_scenes(network: CaptionNetwork, sentences: Sequence) -> Float[Tensor, "sentences dimensions"]:
    """The standardised scene that the visual pathway predicts for each sentence (paper: equation 7)."""
    pathway = _pathway(network, "visual")
    return asking.outputs(pathway, represent(pathway, sentences))


def scene_cosines(network: CaptionNetwork, captions: Captions) -> Float[Tensor, "captions"]:
    """Cosine between the predicted and the true standardised scene of each caption."""
    truth = _true_scenes(network, captions)
    return F.cosine_similarity(predicted_scenes(network, captions.tokens), truth)


def scene_cosine(network: CaptionNetwork, captions: Captions) -> float:
    """Mean cosine between the predicted and the true standardised scene."""
    return float(scene_cosines(network, captions).mean())


def scene_ranks(network: CaptionNetwork, captions: Captions, rows: int = 1024) -> pd.DataFrame:
    """Where each caption's own scene stands among all scenes of the split, by cosine to the predicted one.

    Returns
    -------
    DataFrame
        One row per caption: ``closer``, how many scenes are closer than its own; ``tied``, how many are as close
        (itself included); ``alike``, how many have the same vector (itself included).
    """
    _true_scenes(network, captions)  # for its errors
    scenes = F.normalize(network.standardise(torch.from_numpy(captions.scenes)).double())
    _, kind = np.unique(captions.scenes, axis=0, return_inverse=True)
    kind = torch.from_numpy(kind)
    predicted = F.normalize(predicted_scenes(network, captions.tokens).double())
    parts = []
    for begin in range(0, len(captions), rows):
        own = torch.from_numpy(captions.image[begin : begin + rows])
        similarity = predicted[begin : begin + rows] @ scenes.T
        same = kind[own, None] == kind
        at_own = similarity.gather(1, own[:, None])
        closer = ((similarity > at_own) & ~same).sum(dim=1)
        tied = ((similarity == at_own) | same).sum(dim=1)
        parts.append(torch.stack((closer, tied, same.sum(dim=1)), dim=1))
    return pd.DataFrame(torch.cat(parts).numpy(), columns=["closer", "tied", "alike"])


def retrieval(network: CaptionNetwork, captions: Captions) -> pd.DataFrame:
    """How often a caption finds its own scene among all scenes of the split.

    Returns
    -------
    DataFrame
        Columns ``measure`` (recall@1, recall@5, recall@10, median rank), ``network``, and ``attainable``: what a
        network would reach that predicts every scene exactly.
    """
    ranks = scene_ranks(network, captions)
    rows = [
        (f"recall@{k}", recall(ranks, k).mean(), recall(perfect(ranks), k).mean())
        for k in (1, 5, 10)
    ]  # fmt: skip
    rows.append(("median rank", expected_rank(ranks).median(), expected_rank(perfect(ranks)).median()))
    return pd.DataFrame(rows, columns=["measure", "network", "attainable"])


def recall(ranks: pd.DataFrame, k: int) -> pd.Series:
    """Chance that a caption's scene is among the first k, ties broken at random."""
    return ((k - ranks["closer"]) / ranks["tied"]).clip(0, 1)


def expected_rank(ranks: pd.DataFrame) -> pd.Series:
    """Rank of a caption's scene, from 1, expected when ties are broken at random."""
    return ranks["closer"] + (ranks["tied"] + 1) / 2


def perfect(ranks: pd.DataFrame) -> pd.DataFrame:
    """The ranks of a network that predicts every scene exactly: only scenes that are alike stand beside the own."""
    return ranks.assign(closer=0, tied=ranks["alike"])


def best_scenes(network: CaptionNetwork, sentences: Sequence, captions: Captions, rows: int = 1024) -> pd.DataFrame:
    """The scene of a split that a sentence makes the network expect most (paper: section 5.1, figure 1).

    Parameters
    ----------
    network : CaptionNetwork
    sentences : sequence of str or of sequences of words
    captions : Captions
        Whose scenes are searched.
    rows : int
        Sentences compared at once; does not change the result.

    Returns
    -------
    DataFrame
        One row per sentence: ``scene`` (row of ``captions.scenes``, the first of several that tie), ``shows`` (its
        dimensions that are not zero, strongest first), ``cosine``, and ``tied``, how many scenes tie for the first
        place.
    """
    _true_scenes(network, captions)  # for its errors
    kinds, first, count = np.unique(captions.scenes, axis=0, return_index=True, return_counts=True)
    scenes = F.normalize(network.standardise(torch.from_numpy(kinds)))
    predicted = F.normalize(predicted_scenes(network, sentences))
    best = [(part @ scenes.T).max(dim=1) for part in predicted.split(rows)]
    place = torch.cat([part.indices for part in best]).numpy()
    cosine = torch.cat([part.values for part in best]).numpy()
    shows = [_contents(kind, captions.dimensions) for kind in kinds]
    return pd.DataFrame(
        {"scene": first[place], "shows": [shows[i] for i in place], "cosine": cosine, "tied": count[place]}
    )


def _contents(scene: np.ndarray, dimensions: Sequence[str]) -> str:
    present = [i for i in np.argsort(-scene, kind="stable") if scene[i]]
    return ", ".join(dimensions[i].partition(":")[2] or dimensions[i] for i in present)


def compare(networks: Mapping[str, CaptionNetwork], captions: Captions) -> pd.DataFrame:
    """The measures of several networks side by side.

    Returns
    -------
    DataFrame
        One row per network: ``scene cosine``, ``recall@1``, ``attainable@1``, ``perplexity``; missing where a network
        lacks the pathway.
    """
    rows = {}
    for name, network in networks.items():
        row = {}
        if network.visual_pathway:
            ranks = scene_ranks(network, captions)
            row["scene cosine"] = scene_cosine(network, captions)
            row["recall@1"] = recall(ranks, 1).mean()
            row["attainable@1"] = recall(perfect(ranks), 1).mean()
        if network.textual_pathway:
            row["perplexity"] = perplexity(network, captions)
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def choose_scene(networks: Mapping[str, CaptionNetwork], first: Captions, second: Captions) -> pd.DataFrame:
    """In pairs of captions made of the same words: how often a caption fits its own scene better than the other's.

    Parameters
    ----------
    networks : mapping of str to CaptionNetwork
        Each with a visual pathway.
    first, second : Captions
        Caption ``i`` of both has the same words; see :func:`reading_neurons.corpora.scenes.minimal_pairs`.

    Returns
    -------
    DataFrame
        One row per network: ``network``, ``right`` (share of captions; a tie counts as half), ``low``, ``high``
        (95 %, pairs drawn with replacement), ``captions``.
    """
    parts = []
    for name, network in networks.items():
        scenes = [network.standardise(torch.from_numpy(captions.targets())) for captions in (first, second)]
        for captions, own, other in ((first, *scenes), (second, *reversed(scenes))):
            predicted = predicted_scenes(network, captions.tokens)
            lead = F.cosine_similarity(predicted, own) - F.cosine_similarity(predicted, other)
            right = (torch.sign(lead) + 1) / 2
            parts.append(pd.DataFrame({"network": name, "pair": np.arange(len(captions)), "right": right.numpy()}))
    rated = pd.concat(parts, ignore_index=True)
    order = list(networks)
    found = mean_intervals(rated, "right", "network", cluster="pair").set_index("network").loc[order].reset_index()
    return found.rename(columns={"mean": "right", "count": "captions"})


@torch.inference_mode()
def scene_table(network: CaptionNetwork, captions: Captions) -> pd.DataFrame:
    """The scene that each caption makes the visual pathway predict, beside the true one.

    Returns
    -------
    DataFrame
        One row per caption and dimension: ``sentence`` (index), ``text``, ``dimension``, ``predicted`` and ``true``,
        both standardised; ``predicted`` is scaled to the length of ``true``, for the loss leaves its length open.
    """
    truth = _true_scenes(network, captions)
    predicted = F.normalize(predicted_scenes(network, captions.tokens)) * truth.norm(dim=1, keepdim=True)
    count = len(network.dimensions)
    return pd.DataFrame(
        {
            "sentence": np.repeat(np.arange(len(captions)), count),
            "text": np.repeat(np.array(captions.texts, dtype=object), count),
            "dimension": list(network.dimensions) * len(captions),
            "predicted": predicted.flatten().numpy(),
            "true": truth.flatten().numpy(),
        }
    )


@torch.inference_mode()
def next_word_table(network: CaptionNetwork, sentences: Sequence, top: int = 5) -> pd.DataFrame:
    """The likeliest next words after each word of each sentence.

    Parameters
    ----------
    network : CaptionNetwork
    sentences : sequence of str or of sequences of words
    top : int
        How many candidates at each position.

    Returns
    -------
    DataFrame
        One row per sentence, position and candidate: ``sentence`` (index), ``position`` (0 is ``<s>``), ``word`` (the
        last one read), ``next`` (the one that follows), ``candidate``, ``probability``, ``rank`` (from 1).
    """
    pathway = _pathway(network, "textual")
    rows = []
    for sentence, words in enumerate(as_tokens(sentences, pathway.vocabulary.tokenizer)):
        read = [START, *words]
        ids = torch.from_numpy(pathway.vocabulary.encode(words)[:-1])
        chances = asking.outputs(pathway, asking.states(pathway, asking.words(pathway, ids)[None])[0]).softmax(dim=1)
        best = chances.topk(min(top, chances.shape[1]), dim=1)
        for position, following in enumerate([*words, END]):
            for rank, (chance, word) in enumerate(zip(best.values[position], best.indices[position], strict=True), 1):
                candidate = pathway.vocabulary.words[int(word)]
                rows.append((sentence, position, read[position], following, candidate, float(chance), rank))
    columns = ["sentence", "position", "word", "next", "candidate", "probability", "rank"]
    return pd.DataFrame(rows, columns=columns)
