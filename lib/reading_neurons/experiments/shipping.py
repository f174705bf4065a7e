"""Make a network that comes with the package: train it, measure it, write its weights, its card and the record.

Easy to get wrong: a card that promises more than was measured. Every figure of a card is one of the record that the
same run writes; what the captions leave open, the card says in words.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from reading_neurons.corpora import Captions
from reading_neurons.experiments import real_network
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.real_network_claims import EXACT, SHIPPED, measures_of
from reading_neurons.experiments.record import Record
from reading_neurons.models import evaluation, store
from reading_neurons.models.captions import Imaginet
from reading_neurons.models.shipped import FOLDER, command, write

FIRST = 200
"""The captions, from the first of the test split on, whose figures a card gives so that anyone can check them soon."""

NAMES = ("imaginet",)
CORPORA = ("coco", "scenes")
_LICENCES = {
    "coco": {
        "of_weights_and_words": "CC BY 4.0, as the annotations that they are derived from",
        "attribution": "Microsoft COCO 2014: captions (Chen et al. 2015) and annotated categories (Lin et al. 2014), "
        "COCO Consortium, CC BY 4.0; network trained on them by the Reading Neurons authors",
        "changed": "Captions were lower-cased and split into words, rare ones replaced by one symbol for all",
    },
    "scenes": {"of_weights_and_words": "as the code", "attribution": "", "changed": ""},
}
USES = (
    "Teaching, and trying methods of interpretation on a network that read real captions",
    "Reading English captions of everyday photographs, one sentence at a time",
)
LIMITS = (
    "It knows the 80 categories of COCO and nothing else of a picture: no colours, numbers, actions or places",
    "A category counts as present or absent: it cannot count, and a negated noun is pictured like any other",
    "Words that the captions hold fewer than 5 times are one unknown word",
    "Captions are what crowd workers wrote of photographs by users of one web site: what people do and are called "
    "follows their habits, and the network has learnt who is expected to do what, by gender above all",
    "Not for describing people, for decisions of any kind, or as a measure of what sentences mean",
    "The word list is that of the captions, most frequent first: words for bodies, origins and brands are among it, and "
    "spelling mistakes; that a word is in it says that it was used, not that it should be",
)


def ship(
    name: str = "imaginet",
    corpus: str = "coco",
    *,
    quick: bool = False,
    seed: int = 0,
    folder: Path | None = None,
    results: Path = Path("book/results"),
) -> tuple[Path, Record]:
    """Train or load the network, measure it, and write its weights, card and record.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.
    corpus : str
        One of :data:`CORPORA`; what comes with the package is on ``coco``.
    quick : bool
        A tiny network and a few captions: every step is taken, no figure means anything.
    seed : int
    folder : path, optional
        Where weights and card go; by default into the package itself.
    results : path
        Where the record goes.

    Returns
    -------
    (Path, Record)
        The card's path.

    Raises
    ------
    ValueError
        If the network or the corpus cannot be shipped, or would weigh too much.
    """
    if name not in NAMES or corpus not in CORPORA:
        raise ValueError(
            f"expected one of {', '.join(NAMES)} on one of {', '.join(CORPORA)}, found {name!r} on {corpus!r}"
        )
    record, panel = real_network.compared(corpus, quick=quick, seed=seed)
    record.write(results)
    changes = real_network.settings(quick, seed)
    sizes = {key: changes[key] for key in ("embedding", "units")}
    facts = _facts(record, panel, store.recipe(name, corpus, **changes), command(name, corpus, quick))
    folder = Path(str(FOLDER)) if folder is None else folder
    return write(panel.networks[EXACT], name, corpus, sizes, facts, folder), record


def _facts(record: Record, panel: Panel, recipe: store.Recipe, typed: str) -> dict[str, Any]:
    """The sections of a card that are not about its file."""
    network, corpus = panel.networks[EXACT], panel.corpus
    measures = measures_of(record.tables["photographs"])
    rounding = record.tables["rounding"]
    return {
        "training": {
            "command": typed,
            "recipe": asdict(recipe),
            "captions": len(corpus.train),
            "photographs": len(set(corpus.train.image.tolist())),
            "seconds": round(store.training_seconds(network)),
            "history": network.history.to_dict(orient="records"),
        },
        "data": {"corpus": corpus.name, "fingerprint": corpus.fingerprint, "files": record.provenance["data"]},
        "licence": _LICENCES[corpus.name],
        "uses": list(USES),
        "limits": list(LIMITS),
        "figures": {
            "captions": record.figures["captions"],
            "photographs": record.figures["photographs"],
            "split": panel.test.split,
            "measures": _rounded(measures),
            "rounding": _rounded(rounding),
        },
        "first": first_captions(panel.networks[SHIPPED], panel.test),
        "provenance": record.provenance,
    }


def _rounded(table) -> list[dict[str, Any]]:
    return [
        {key: float(f"{value:.5g}") if isinstance(value, float) else value for key, value in row.items()}
        for row in table.to_dict(orient="records")
    ]


def first_captions(network: Imaginet, captions: Captions, count: int = FIRST) -> dict[str, Any]:
    """Perplexity and cosine on the first captions of a split, the same for whoever has the data.

    Returns
    -------
    dict
        ``captions``, ``perplexity``, ``cosine``.
    """
    first = captions.take(range(min(count, len(captions))))
    return {
        "captions": len(first),
        "perplexity": evaluation.perplexity(network, first),
        "cosine": evaluation.scene_cosine(network, first),
    }
