"""What the network that comes with the package is worth, beside the one of 1,024 units that the other records are of.

Both read the same captions, of photographs that neither has seen: how well each guesses the next word and pictures the
scene, whether their omission scores rank words alike (Kádár et al. 2017, equation 12), and what is lost when weights
are rounded to half precision. A network without training is asked the same.

Easy to get wrong: what two networks agree on. Both score nouns above articles, so over all words any two readers agree;
scores are therefore ranked inside each caption too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata

from reading_neurons.annotation import annotate
from reading_neurons.corpora import Captions
from reading_neurons.experiments import shipped_dreams
from reading_neurons.experiments.panel import QUICK, Panel, panel
from reading_neurons.experiments.real_network_claims import (
    EXACT,
    REPLICATES,
    SHIPPED,
    SUMS,
    UNTRAINED,
    WIDE,
    claims_of,
    figures_of,
)
from reading_neurons.experiments.record import Record
from reading_neurons.methods import omission
from reading_neurons.models import evaluation, store
from reading_neurons.models.captions import CaptionNetwork
from reading_neurons.models.shipped import halved
from reading_neurons.pathway import represent
from reading_neurons.statistics import cluster_draws, interval, rank_correlation, summarise

SETTINGS = {"embedding": 256, "units": 352, "learning_rate": 4e-3, "epochs": 8}
"""Of the shipped network, where they differ from the recipe of the one it is compared with."""

PHOTOGRAPHS = 600  # whose captions are read
MIN_COUNT = 500  # words of a label that decides something
LENGTHS = (1, 3, 5)  # of the inputs that are dreamt of
_log = logging.getLogger(__name__)


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Train or load the network that is shipped and the one of 1,024 units, and compare them on the test captions.

    Parameters
    ----------
    corpus : str
        A corpus with scene vectors.
    quick : bool
        Tiny networks and a few captions: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    return compared(corpus, quick=quick, seed=seed)[0]


def compared(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> tuple[Record, Panel]:
    """The record, and the panel of all networks by name."""
    found = panel(corpus, quick=quick, seed=seed, networks=("imaginet",))
    changes = settings(quick, seed)
    exact = store.trained("imaginet", found.corpus, **changes)
    networks = {
        SHIPPED: halved(exact),
        EXACT: exact,
        WIDE: found.networks["imaginet"],
        UNTRAINED: store.untrained("imaginet", found.corpus, **changes),
    }
    identity = store.identity("imaginet", found.corpus, networks[SHIPPED], **changes)
    found = replace(
        found,
        networks=networks,
        identities={SHIPPED: identity, WIDE: found.identities["imaginet"]},
        seconds=found.seconds + store.training_seconds(exact),
        began=time.monotonic(),
    )
    captions = photographs_of(found.test, PHOTOGRAPHS)
    tables = analyse(networks, captions, MIN_COUNT // 25, (1, 2)) if quick else analyse(networks, captions)
    return found.record("real-network", figures_of(tables), tables, claims_of(tables)), found


def settings(quick: bool, seed: int) -> dict[str, float]:
    """The settings that differ from the recipe; in a quick run those of a tiny network, wider than the other one.

    Examples
    --------
    >>> settings(quick=False, seed=0)["units"]
    352
    """
    return {"seed": seed, **({**QUICK["imaginet"], "units": 48} if quick else SETTINGS)}


def photographs_of(captions: Captions, count: int) -> Captions:
    """All captions, with their parses, of so many photographs from all over a split."""
    images = np.unique(captions.image)
    kept = images[np.linspace(0, len(images) - 1, min(count, len(images))).round().astype(int)]
    return replace(captions, parses=annotate(captions)).take(np.flatnonzero(np.isin(captions.image, kept)))


def analyse(
    networks: Mapping[str, CaptionNetwork],
    captions: Captions,
    min_count: int = MIN_COUNT,
    lengths: Sequence[int] = LENGTHS,
) -> dict[str, pd.DataFrame]:
    """The tables of a record.

    Returns
    -------
    dict of str to DataFrame
        ``photographs`` (one row per network and photograph, see :func:`measured`), ``agreement`` (see
        :func:`agreement`), ``log_ratios`` (per network, kind and label: ``count``, ``median``, ``low``, ``high``),
        ``rounding`` (see :func:`rounding`), ``categories`` (see :func:`category_order`), ``network`` (``bytes`` of the
        weights in half precision, ``numbers``, ``words``), ``dreams`` and ``named`` (see
        :mod:`reading_neurons.experiments.shipped_dreams`).
    """
    scored = {}
    for name, network in networks.items():
        _log.info("omission scores: %s", name)
        scored[name] = omission.annotated(network.pathways, captions, captions.parses)
    measures = [measured(network, captions).assign(network=name) for name, network in networks.items()]
    shipped = networks[SHIPPED]
    numbers = sum(weight.numel() for weight in shipped.state_dict().values())
    size = {"bytes": [2 * numbers], "numbers": [numbers], "words": [len(shipped.vocabulary)]}
    return {
        "photographs": pd.concat(measures, ignore_index=True),
        "agreement": agreement(scored),
        "log_ratios": _log_ratios({name: scored[name] for name in (SHIPPED, WIDE)}, min_count),
        "rounding": rounding(networks[EXACT], shipped, captions, scored),
        "categories": category_order({name: networks[name] for name in (SHIPPED, WIDE)}, captions),
        "network": pd.DataFrame(size),
        "dreams": shipped_dreams.dreams(shipped, lengths),
        "named": shipped_dreams.named({name: networks[name] for name in (SHIPPED, UNTRAINED)}),
    }


def measured(network: CaptionNetwork, captions: Captions) -> pd.DataFrame:
    """What a network achieves on the captions of each photograph.

    Returns
    -------
    DataFrame
        One row per photograph: ``image`` (its place in the corpus), ``captions``, ``predicted`` (words), and sums over
        the captions: ``surprise`` (nats), ``cosine`` (to the true scene), ``recall@10`` and ``attainable@10`` (of the
        scene among all of the split), ``order`` (share of pairs of a category in the photograph and one not in it that
        are pictured in this order; captions of photographs without any count one half), ``first`` (whether the
        category pictured most is in the photograph).
    """
    table = evaluation.surprise(network, captions)
    ranks = evaluation.scene_ranks(network, captions)
    shown = captions.targets() > 0
    predicted = evaluation.predicted_scenes(network, captions.tokens).numpy()
    found = {"recall@10": ranks, "attainable@10": evaluation.perfect(ranks)}
    table = table.assign(
        captions=1,
        cosine=evaluation.scene_cosines(network, captions).double().numpy(),
        **{name: evaluation.recall(of, 10) for name, of in found.items()},
        order=_in_order(predicted, shown),
        first=shown[np.arange(len(shown)), predicted.argmax(axis=1)].astype(float),
        image=captions.image,
    )
    return table.groupby("image", as_index=False)[["captions", "predicted", *SUMS]].sum()


def _in_order(predicted: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """For each row the chance that a column that is shown is predicted above one that is not; one half without such."""
    ranks = rankdata(predicted, axis=1)
    present = shown.sum(axis=1)
    pairs = present * (shown.shape[1] - present)
    above = (ranks * shown).sum(axis=1) - present * (present + 1) / 2
    return np.divide(above, pairs, out=np.full(len(shown), 0.5), where=pairs > 0)


def agreement(scored: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How alike two networks rank the words of captions by their omission scores.

    Parameters
    ----------
    scored : mapping of str to DataFrame
        Of :data:`SHIPPED`, :data:`WIDE` and :data:`UNTRAINED`, as :func:`reading_neurons.methods.omission.annotated`
        gives it.

    Returns
    -------
    DataFrame
        One row per pathway, network beside the wide one, and ``ranked`` ("among all words", "inside each caption"):
        Spearman's ``correlation``, ``low``, ``high`` (95 %, over photographs), ``words``.
    """
    rows = []
    for pathway in dict.fromkeys(scored[WIDE]["pathway"]):
        of_wide = _of(scored[WIDE], pathway)
        wide, image, sentence = (of_wide[column].to_numpy() for column in ("score", "image", "sentence"))
        for name in (SHIPPED, UNTRAINED):
            scores = _of(scored[name], pathway)["score"].to_numpy()
            for ranked, within in (("among all words", None), ("inside each caption", sentence)):
                found = rank_correlation(scores, wide, image, within=within, replicates=REPLICATES)
                found["words"] = found.pop("count")
                rows.append({"pathway": pathway, "network": name, "ranked": ranked, **found})
    return pd.DataFrame(rows)


def _of(table: pd.DataFrame, pathway: str) -> pd.DataFrame:
    return table[table["pathway"] == pathway]


def _log_ratios(scored: Mapping[str, pd.DataFrame], min_count: int) -> pd.DataFrame:
    parts = []
    for name, table in scored.items():
        ratios = omission.log_ratio(table)
        for kind in ("tag", "deprel"):
            found = summarise(ratios, "log_ratio", kind, min_count=min_count, replicates=REPLICATES)
            found = found.rename(columns={kind: "label"})[["label", "count", "median", "low", "high"]]
            parts.append(found.assign(kind=kind, network=name))
    return pd.concat(parts, ignore_index=True)


def rounding(
    exact: CaptionNetwork, rounded: CaptionNetwork, captions: Captions, scored: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """What rounding the weights changes: ``pathway``, ``of`` ("state", "omission score"), ``mean``, ``largest``."""
    rows = []
    for name in exact.pathways:
        before, after = (represent(network.pathways[name], captions.tokens) for network in (exact, rounded))
        changes = {"state": (after - before).abs().double().numpy()}
        parts = (_of(scored[network], name)["score"].to_numpy() for network in (EXACT, SHIPPED))
        changes["omission score"] = np.abs(np.subtract(*parts))
        rows += [(name, of, change.mean(), change.max()) for of, change in changes.items()]
    return pd.DataFrame(rows, columns=["pathway", "of", "mean", "largest"])


@torch.inference_mode()
def category_order(networks: Mapping[str, CaptionNetwork], captions: Captions) -> pd.DataFrame:
    """How well each category is pictured: how often a photograph that shows it comes above one that does not.

    Returns
    -------
    DataFrame
        One row per network and category that some photographs show: ``network``, ``category``, ``photographs`` (that
        show it), ``area`` (under the ROC curve of the mean prediction of a photograph's captions; .5 is chance),
        ``low``, ``high`` (95 %, over photographs).
    """
    images, first, place = np.unique(captions.image, return_index=True, return_inverse=True)
    shown = captions.targets()[first] > 0
    draws = cluster_draws(len(images), REPLICATES // 5, seed=0)
    rows = []
    for name, network in networks.items():
        predicted = evaluation.predicted_scenes(network, captions.tokens).double().numpy()
        mean = np.zeros((len(images), predicted.shape[1]))
        np.add.at(mean, place, predicted)
        mean /= np.bincount(place)[:, None]
        for column, dimension in enumerate(network.dimensions):
            if 0 < (count := int(shown[:, column].sum())) < len(images):
                areas = _areas(mean[:, column], shown[:, column], np.vstack((np.ones(len(images), int), draws)))
                rows.append((name, dimension.partition(":")[2] or dimension, count, areas[0], *interval(areas[1:])))
    return pd.DataFrame(rows, columns=["network", "category", "photographs", "area", "low", "high"])


def _areas(scores: np.ndarray, shown: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The area under the ROC curve where row i counts as often as each line of draws says; NaN without a pair."""
    order = np.argsort(scores, kind="stable")
    yes, no = draws[:, order] * shown[order], draws[:, order] * ~shown[order]
    pairs = yes.sum(axis=1) * no.sum(axis=1)
    above = (yes * no.cumsum(axis=1)).sum(axis=1)
    return np.divide(above, pairs, out=np.full(len(draws), np.nan), where=pairs > 0)
