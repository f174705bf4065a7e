"""Kádár et al. 2017, section 6.5, on a whole corpus: which pathway's units know more of words, which of grammar.

The paper's claim is one of ratios: relative to the visual pathway, the textual one knows more of dependency labels than
of words, "with no overlaps between the bootstrap distributions". Here it is tested twice, on the mutual information as
it is estimated and on what is left of it above shuffled contexts, each with an interval over units and one over images;
the wider of both decides.

Easy to get wrong: two pathways with the same units have the same bias, so their ratio is drawn towards 1 where bias is
most of what is measured. That is why ratios of trigrams look milder than they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from reading_neurons import bins
from reading_neurons.annotation import Parse, annotate, token_table
from reading_neurons.corpora import Captions
from reading_neurons.experiments import information_truth, truth
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods import information_ratios as ratios
from reading_neurons.methods import mutual_information as information
from reading_neurons.pathway import Pathway
from reading_neurons.verdicts import decided, sided

COMPARED = ("textual", "visual")
DIGITS = 4  # decimals of the units' rows in a record
NETWORKS = ("trained", "untrained")

# Section 6.5 and the figures behind figure 8: medians over 1,024 units, and log ratios with their bootstrap intervals.
_CONTEXTS = [f"{kind} {width}" for kind in information.KINDS for width in information.WIDTHS]
PAPER_MEDIANS = {
    "visual": dict(zip(_CONTEXTS, (0.350, 1.029, 1.609, 0.080, 0.212, 0.324), strict=True)),
    "textual": dict(zip(_CONTEXTS, (0.361, 0.918, 1.330, 0.130, 0.283, 0.390), strict=True)),
    "language model": dict(zip(_CONTEXTS, (0.342, 0.843, 1.178, 0.102, 0.217, 0.297), strict=True)),
    "sum": dict(zip(_CONTEXTS, (0.524, 1.422, 2.139, 0.097, 0.259, 0.373), strict=True)),
}
PAPER_RATIOS = {
    "word unigram": (0.03, -0.05, 0.12),
    "word bigram": (-0.11, -0.18, -0.05),
    "word trigram": (-0.20, -0.25, -0.16),
    "deprel unigram": (0.49, 0.36, 0.62),
    "deprel bigram": (0.29, 0.21, 0.37),
    "deprel trigram": (0.18, 0.10, 0.25),
}
# The side on which the paper's whole interval lies.
SIDES = {"word bigram": -1, "word trigram": -1, "deprel unigram": 1, "deprel bigram": 1, "deprel trigram": 1}
MEASURES = {"mi": "raw", "excess": "above shuffled contexts"}


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """What the units of every pathway know of words and labels, and the paper's claims.

    Parameters
    ----------
    corpus : str
        ``"scenes"`` asks instead, of several worlds, whether planted knowledge is found; any other is recorded at the
        size of the paper.
    quick : bool
        Tiny networks and few captions: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds("mutual-information", information_truth.checks, quick=quick, seed=seed)
    compared = panel(corpus, seed=seed, quick=quick)
    captions = compared.test
    tables = analyse(
        {"trained": compared.trained, "untrained": compared.untrained},
        captions,
        annotate(captions),
        replicates=200 if quick else ratios.REPLICATES,
        sentence_replicates=3 if quick else ratios.SENTENCE_REPLICATES,
    )
    return compared.record("mutual-information", figures_of(tables), tables, claims_of(tables))


def analyse(
    networks: Mapping[str, Mapping[str, Pathway]],
    captions: Captions,
    parses: tuple[Parse, ...],
    *,
    replicates: int = ratios.REPLICATES,
    sentence_replicates: int = ratios.SENTENCE_REPLICATES,
) -> dict[str, pd.DataFrame]:
    """All tables of a record.

    Parameters
    ----------
    networks : mapping of str to mapping of str to Pathway
        The pathways by name, ``"trained"`` and ``"untrained"``.
    captions : Captions
    parses : tuple of Parse
    replicates, sentence_replicates : int
        Of the bootstraps over units and over images.

    Returns
    -------
    dict of str to DataFrame
        ``corpus`` (counts), ``medians`` (per network, pathway and context), ``units`` (one row per unit of the trained
        visual and textual pathways), ``sentences`` (medians of a sample of units in each replicate over images) and
        ``ratios`` (of textual to visual).
    """
    tokens = token_table(captions, parses)
    contexts = information.contexts(tokens)
    found, kept = [], {}
    for network, pathways in networks.items():
        for name, pathway in pathways.items():
            binned = bins.of_pathway(pathway, captions)
            if network == "trained" and name in COMPARED:
                kept[name] = binned
            found.append(information.excess(binned, contexts).assign(pathway=name, network=network).round(DIGITS))
            del binned
    units = pd.concat(found, ignore_index=True)
    sentences = ratios.over_sentences(kept, contexts, tokens["image"], replicates=sentence_replicates)
    sentences[list(ratios.MEASURES)] = sentences[list(ratios.MEASURES)].round(5)
    tables = {
        "corpus": _counts(tokens, captions, contexts),
        "medians": medians(units, PAPER_MEDIANS),
        "units": _wide(units[(units["network"] == "trained") & units["pathway"].isin(COMPARED)], ["pathway", "unit"]),
        "sentences": _wide(sentences, ["replicate", "pathway"]),
    }
    untrained = units[units["network"] == "untrained"]
    tables["ratios"] = pd.concat(
        [
            ratio_table(unit_rows(tables), sentence_rows(tables), replicates).assign(network="trained"),
            ratio_table(untrained, None, replicates).assign(network="untrained"),
        ],
        ignore_index=True,
    )
    return tables


def _counts(tokens: pd.DataFrame, captions: Captions, contexts: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """How much there is of everything: ``what``, ``count``, and ``once`` (contexts that are seen once)."""
    rows = [
        ("captions", len(captions), np.nan),
        ("images", tokens["image"].nunique(), np.nan),
        ("words", len(tokens), np.nan),
    ]
    for name, codes in contexts.items():
        seen = np.bincount(codes)
        rows.append((name, len(seen), float((seen == 1).sum())))
    return pd.DataFrame(rows, columns=["what", "count", "once"])


def medians(units: pd.DataFrame, paper: Mapping[str, Mapping[str, float]] = MappingProxyType({})) -> pd.DataFrame:
    """Distributions over units for each network, pathway and context.

    Parameters
    ----------
    units : DataFrame
        One row per unit and context: ``pathway``, ``context``, ``mi``, ``null``, ``excess``, and ``network`` where
        there are several.
    paper : mapping of str to mapping of str to float, optional
        Of each pathway and context the median that is printed.

    Returns
    -------
    DataFrame
        ``network``, ``pathway``, ``context``, ``measure`` (``"mi"``, ``"null"``, ``"excess"``), ``count`` (units),
        ``median``, ``p5``, ``q1``, ``q3``, ``p95``, and ``paper``, the printed median.
    """
    rows = []
    units = units if "network" in units else units.assign(network="trained")
    for (network, pathway, context), part in units.groupby(["network", "pathway", "context"], sort=False):
        printed = paper.get(pathway, {}).get(context, np.nan)
        for measure in ("mi", "null", "excess"):
            p5, q1, median, q3, p95 = np.percentile(part[measure], (5, 25, 50, 75, 95))
            known = printed if measure == "mi" and network == "trained" else np.nan
            rows.append((network, pathway, context, measure, len(part), median, p5, q1, q3, p95, known))
    columns = ["network", "pathway", "context", "measure", "count", "median", "p5", "q1", "q3", "p95", "paper"]
    return pd.DataFrame(rows, columns=columns)


def _wide(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Two columns per context: mutual information, and what is left of it above the null."""
    wide = rows.pivot(index=keys, columns="context", values=list(ratios.MEASURES))
    wide.columns = [f"{measure}, {context}" for measure, context in wide.columns]
    return wide.reset_index()


def unit_rows(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table ``units`` of a record as :func:`reading_neurons.methods.information_ratios.log_ratio_draws` takes it.

    Returns
    -------
    DataFrame
        One row per unit and context: ``pathway``, ``unit``, ``context``, ``mi``, ``excess``.
    """
    return _long(tables["units"], ["pathway", "unit"])


def sentence_rows(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table ``sentences`` of a record: ``replicate``, ``pathway``, ``context``, ``mi``, ``excess``."""
    return _long(tables["sentences"], ["replicate", "pathway"])


def _long(wide: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    parts = [
        wide[keys].assign(context=context, **{measure: wide[f"{measure}, {context}"] for measure in ratios.MEASURES})
        for context in _CONTEXTS
    ]
    return pd.concat(parts, ignore_index=True)


def ratio_table(
    units: pd.DataFrame, sentences: pd.DataFrame | None, replicates: int = ratios.REPLICATES
) -> pd.DataFrame:
    """Log ratios of textual to visual medians, raw and in excess, with intervals over units and over images.

    Returns
    -------
    DataFrame
        ``measure``, ``context`` (and differences between the two kinds), ``log_ratio``, ``low``, ``high``, ``least``,
        ``most`` (over units; see :func:`reading_neurons.methods.information_ratios.log_ratios`), ``image_low``,
        ``image_high`` (over images), ``paper``, ``paper_low``, ``paper_high``.
    """
    parts = []
    for measure in ratios.MEASURES:
        found = ratios.log_ratios(ratios.log_ratio_draws(units, *COMPARED, measure=measure, replicates=replicates))
        over_images = _over_images(found, sentences, measure)
        published = [
            PAPER_RATIOS.get(name, (np.nan,) * 3) if measure == "mi" else (np.nan,) * 3 for name in found["context"]
        ]
        paper = pd.DataFrame(published, columns=["paper", "paper_low", "paper_high"])
        parts.append(pd.concat([found.assign(measure=measure), over_images, paper], axis=1))
    joined = pd.concat(parts, ignore_index=True)
    return joined[["measure", *(column for column in joined if column != "measure")]]


def _over_images(found: pd.DataFrame, sentences: pd.DataFrame | None, measure: str) -> pd.DataFrame:
    """Intervals over images around the log ratios found on all units."""
    columns = ["image_low", "image_high"]
    if sentences is None:
        return pd.DataFrame(np.nan, index=found.index, columns=columns)
    draws = ratios.sentence_draws(sentences, *COMPARED, measure=measure)
    for width in information.WIDTHS:
        draws[f"deprel - word, {width}"] = draws[f"deprel {width}"] - draws[f"word {width}"]
    rows = [
        ratios.sentence_interval(estimate, draws[name].to_numpy()[1:])
        for name, estimate in zip(found["context"], found["log_ratio"], strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record, from its tables."""
    figures = dict(zip(tables["corpus"]["what"], map(int, tables["corpus"]["count"]), strict=True))
    for row in _rows(tables["medians"]):
        if row.measure != "null":
            figures[f"median {row.measure}, {row.network} {row.pathway}, {row.context}"] = row.median
    for row in _rows(tables["ratios"]):
        figures[f"log ratio {row.measure}, {row.network}, {row.context}"] = row.log_ratio
    return figures


def _rows(table: pd.DataFrame) -> Iterable:
    return table.itertuples(index=False)


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The claims of section 6.5: the side of each log ratio, and deprel above word without overlap."""
    found = tables["ratios"]
    found = found[found["network"] == "trained"].set_index(["measure", "context"])
    claims = []
    for measure, said in MEASURES.items():
        for context, side in SIDES.items():
            row = found.loc[measure, context]
            low, high = _wider(row)
            knows = "more" if side > 0 else "less"
            text = f"textual units know {knows} of the {context} than visual ones, {said}"
            paper = "log ratio {:.2f} [{:.2f}, {:.2f}]".format(*PAPER_RATIOS[context])
            claims.append(Claim(text, paper, row["log_ratio"], (low, high), sided((low, high), side)))
        for width in information.WIDTHS:
            row = found.loc[measure, f"deprel - word, {width}"]
            low, high = _wider(row)
            text = f"the log ratio is higher for deprel than for word {width}s, without overlap, {said}"
            apart = decided((low, high), above=0)
            if apart:  # and even the nearest ends of the two intervals
                apart = None if np.isnan(row["least"]) else bool(row["least"] > 0)
            paper = "{:.2f} against {:.2f}, no overlap".format(
                PAPER_RATIOS[f"deprel {width}"][0], PAPER_RATIOS[f"word {width}"][0]
            )
            claims.append(Claim(text, paper, row["log_ratio"], (low, high), apart))
    return claims


def _wider(row: pd.Series) -> tuple[float, float]:
    """From the lower to the higher end of the intervals over units and over images."""
    return float(np.nanmin([row["low"], row["image_low"]])), float(np.nanmax([row["high"], row["image_high"]]))
