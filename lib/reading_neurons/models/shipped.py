"""A trained network that comes with the package: no data, no training, no network connection.

Weights are kept in half precision as safetensors, with the words and the sizes of the network in the same file; the
card beside it, a JSON file, says how it was trained, what it is good at and what it is not for, and the sha256 of the
weights. ``python -m reading_neurons ship imaginet --corpus coco`` makes both.

Easy to get wrong: which numbers are read. Half precision is how weights are kept; a network computes in single
precision, from weights that were rounded once, and what a card says was measured on those.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.resources
import json
import os
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pandas as pd
import safetensors.torch

from reading_neurons.models.captions import CaptionNetwork, Imaginet
from reading_neurons.models.store import NETWORKS, fingerprint
from reading_neurons.models.training import save_tensors
from reading_neurons.text import SPECIALS, Vocabulary

LARGEST = 8_000_000
"""Bytes of the largest file of weights that a package may carry."""

FOLDER = importlib.resources.files("reading_neurons.models") / "weights"
"""Where the package keeps its networks."""

SECTIONS = (
    "name", "corpus", "weights", "vocabulary", "training", "data", "licence", "uses", "limits", "figures", "first",
    "provenance",
)  # fmt: skip
"""What a card has."""


def shipped(name: str = "imaginet", corpus: str = "coco", folder: Traversable | None = None) -> Imaginet:
    """A trained network that comes with the package, in evaluation mode.

    Parameters
    ----------
    name, corpus : str
        Imaginet on the captions of photographs is the only one.
    folder : path, optional
        Where another network was shipped to.

    Returns
    -------
    Imaginet
        In single precision, with its training history as ``network.history``.

    Raises
    ------
    ValueError
        If there is no such network, or its weights are not those that the card names; the message says what to do.

    Examples
    --------
    >>> network = shipped()
    >>> network.pathways
    {'visual': <pathway 'visual': 352 units, 80 outputs>, 'textual': <pathway 'textual': 352 units, 3890 outputs>}
    >>> from reading_neurons.methods import omission
    >>> table = omission.scores(network.pathways["visual"], ["two dogs are playing in the snow"])
    >>> table.loc[table["score"].idxmax(), "word"]
    'dogs'
    """
    described = card(name, corpus, folder)
    weights = _found(folder, name, corpus, "safetensors").read_bytes()
    if (found := hashlib.sha256(weights).hexdigest()) != (expected := described["weights"]["sha256"]):
        raise ValueError(
            f"the weights of {name!r} on {corpus!r} have the sha256 {found}, the card beside them says {expected}: the "
            f"file was damaged or changed; {_mend(name, corpus)}"
        )
    network = _built(name, weights)
    network.history = pd.DataFrame(described["training"]["history"])
    return network


def card(name: str = "imaginet", corpus: str = "coco", folder: Traversable | None = None) -> dict[str, Any]:
    """What is known of a network that comes with the package: its training, data, licence, uses, limits and figures.

    Raises
    ------
    ValueError
        If there is no such network, or its card cannot be read.

    Examples
    --------
    >>> card()["licence"]["of_weights_and_words"]
    'CC BY 4.0, as the annotations that they are derived from'
    """
    path = _found(folder, name, corpus, "json")
    try:
        described = json.loads(path.read_text(encoding="utf8"))
        missing = [section for section in SECTIONS if section not in described]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} must be a card in JSON, found {error}: {_mend(name, corpus)}") from error
    if missing:
        raise ValueError(f"the card {path} has no {', '.join(missing)}: {_mend(name, corpus)}")
    return described


def command(name: str, corpus: str, quick: bool = False) -> str:
    """What a reader types to make a shipped network again.

    Examples
    --------
    >>> command("imaginet", "coco")
    'python -m reading_neurons ship imaginet --corpus coco'
    """
    return f"python -m reading_neurons ship {name} --corpus {corpus}{' --quick' if quick else ''}"


def halved(network: CaptionNetwork) -> CaptionNetwork:
    """A copy whose weights are the nearest ones that half precision has, kept in single precision.

    Examples
    --------
    >>> network = Imaginet(Vocabulary(["dog"]), ["object:dog"], embedding=4, units=8)
    >>> weight = halved(network).embedding.weight
    >>> weight.dtype, bool((weight == weight.half()).all()), bool((weight == network.embedding.weight).all())
    (torch.float32, True, False)
    """
    rounded = copy.deepcopy(network)
    rounded.load_state_dict({name: weight.half().float() for name, weight in network.state_dict().items()})
    return rounded.eval()


def write(
    network: Imaginet, name: str, corpus: str, sizes: dict[str, Any], facts: dict[str, Any], folder: Path
) -> Path:
    """Write weights and card, each whole or not at all; the card last, for weights without their card are not read.

    Parameters
    ----------
    network : Imaginet
    name, corpus : str
    sizes : dict
        Keyword arguments that make a network of these sizes.
    facts : dict
        The sections of the card that are not about the file: :data:`SECTIONS` less ``name``, ``corpus``, ``weights``
        and ``vocabulary``.
    folder : path

    Returns
    -------
    Path
        Of the card.

    Raises
    ------
    ValueError
        If the weights would weigh more than :data:`LARGEST`, or the facts are not those that a card has.
    """
    made = ("name", "corpus", "weights", "vocabulary")
    if (wanted := set(SECTIONS) - set(made)) != set(facts):
        raise ValueError(f"a card needs the facts {', '.join(sorted(wanted))}, found {', '.join(sorted(facts))}")
    halves = {key: weight.half() for key, weight in network.state_dict().items()}
    if (size := sum(weight.nbytes for weight in halves.values())) > LARGEST:
        raise ValueError(f"weights of {size:,} bytes are more than the {LARGEST:,} a package carries: take fewer units")
    described = {"words": network.vocabulary.words[len(SPECIALS) :], "dimensions": network.dimensions, "sizes": sizes}
    weights = folder / f"{name}-{corpus}.safetensors"
    # One entry: several would come in any order, and the file would have another sha256 each time.
    save_tensors(weights, halves, {"network": json.dumps(described)})
    weights.chmod(0o644)  # a package is read by others than who made it
    content = {
        "name": name,
        "corpus": corpus,
        "weights": {
            "file": weights.name,
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
            "bytes": weights.stat().st_size,
            "numbers": sum(weight.numel() for weight in halves.values()),
            "precision": "float16",
            "fingerprint": fingerprint(halved(network)),
        },
        "vocabulary": {"words": len(described["words"]), "dimensions": len(network.dimensions)},
        **facts,
    }
    return _write_card(content, weights.with_suffix(".json"))


def _write_card(content: dict[str, Any], path: Path) -> Path:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _built(name: str, weights: bytes) -> Imaginet:
    """The network whose words, sizes and weights a file has."""
    length = int.from_bytes(weights[:8], "little")
    described = json.loads(json.loads(weights[8 : 8 + length])["__metadata__"]["network"])
    network = NETWORKS[name](Vocabulary(described["words"]), described["dimensions"], **described["sizes"])
    # Into the network's own weights, which are in single precision.
    network.load_state_dict(safetensors.torch.load(weights))
    return network.eval()


def _found(folder: Traversable | None, name: str, corpus: str, ending: str) -> Traversable:
    path = (folder or FOLDER) / f"{name}-{corpus}.{ending}"
    if not path.is_file():
        there = sorted(file.name for file in (folder or FOLDER).iterdir()) if (folder or FOLDER).is_dir() else []
        raise ValueError(
            f"no {path.name} comes with the package, found {', '.join(there) or 'nothing'}: train a network with "
            f"models.trained({name!r}, {corpus!r}), or make the file with: {command(name, corpus)}"
        )
    return path


def _mend(name: str, corpus: str) -> str:
    return f"install the package again, or make it anew with: {command(name, corpus)}"
