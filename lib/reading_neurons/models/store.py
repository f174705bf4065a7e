"""Trained networks, kept: train once, load afterwards.

A network is kept under a key made of everything that determines it: which network, its sizes, its schedule, the
content of the corpus, the version of torch and of this recipe. Weights are safetensors, the card beside them is JSON;
the card is written last, so a folder with a card is whole.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from reading_neurons.corpora import CaptionCorpus, StringCorpus, TreeCorpus, load
from reading_neurons.corpora.fetch import cache_folder
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.captions import CaptionNetwork, Imaginet, LanguageModel, SumPathway
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.models.sentiment import LSTM, BiLSTM, Recurrent, SentimentNetwork
from reading_neurons.models.training import Schedule, fit, forget, save_tensors

logger = logging.getLogger(__name__)
RECIPE = 1  # raise it when a change of code changes what training yields
CHECKPOINT = "training.safetensors"
SENTIMENT = (Recurrent, LSTM, BiLSTM)
NETWORKS = {
    "imaginet": Imaginet,
    "sum": SumPathway,
    "language model": LanguageModel,
    **{network.name: network for network in SENTIMENT},
    Autoencoder.name: Autoencoder,
    CharacterLSTM.name: CharacterLSTM,
}
Corpus = CaptionCorpus | TreeCorpus | StringCorpus
Network = CaptionNetwork | SentimentNetwork | Autoencoder | CharacterLSTM


@dataclass(frozen=True)
class Recipe:
    """How a network of one kind is made on one corpus.

    Attributes
    ----------
    sizes : dict
        Keyword arguments of the network's class.
    schedule : Schedule
    min_count : int
        Words seen less often in the training captions are unknown.
    """

    sizes: dict[str, Any] = field(default_factory=dict)
    schedule: Schedule = Schedule()
    min_count: int = 1


SMALL = Schedule(epochs=4, batch_size=64, learning_rate=4e-3, decay=0.5)
WIDE = Schedule(epochs=6, batch_size=128, learning_rate=1e-3, decay=0.6, precision="bfloat16")
PHRASES = Schedule(epochs=6, batch_size=64, learning_rate=0.05, optimizer="adagrad", patience=6)
REVIEWS = Schedule(epochs=8, batch_size=256, learning_rate=0.1, optimizer="adagrad", patience=8)
COPYING = Schedule(epochs=8, batch_size=32, learning_rate=6e-3, decay=0.65, patience=8)
COPYING_WIDE = Schedule(epochs=8, batch_size=64, learning_rate=1e-3, decay=0.7, patience=8, precision="bfloat16")
CHARACTERS = Schedule(epochs=8, batch_size=32, learning_rate=5e-3, decay=0.7, patience=8)
LANGUAGES = replace(CHARACTERS, epochs=12, decay=0.75, patience=12)
CODE = replace(CHARACTERS, epochs=16, batch_size=64, learning_rate=4e-3, decay=0.85, patience=16)
RECIPES = {
    ("imaginet", "scenes"): Recipe({"embedding": 64, "units": 128}, SMALL),
    ("sum", "scenes"): Recipe({"embedding": 128}, SMALL),
    ("language model", "scenes"): Recipe({"embedding": 64, "units": 128}, SMALL),
    ("autoencoder", "scenes"): Recipe(
        {"embedding": 128, "units": 128, "dropout": 0.1, "pieces": 1200, "tied": True}, COPYING
    ),
    ("autoencoder", "flickr30k"): Recipe(
        {"embedding": 1000, "units": 1000, "dropout": 0.1, "pieces": 4000, "tied": True}, COPYING_WIDE, min_count=3
    ),
    (CharacterLSTM.name, "parentheses"): Recipe({"units": 128}, LANGUAGES),
    (CharacterLSTM.name, "arithmetic"): Recipe({"units": 128}, LANGUAGES),
    (CharacterLSTM.name, "tiny_c"): Recipe({"units": 128}, replace(CHARACTERS, learning_rate=1e-2)),
    (CharacterLSTM.name, "c_source"): Recipe({"units": 128}, CODE, min_count=20),
    ("imaginet", "coco"): Recipe({"embedding": 1024, "units": 1024}, WIDE, min_count=5),
    ("sum", "coco"): Recipe({"embedding": 1024}, WIDE, min_count=5),
    ("language model", "coco"): Recipe({"embedding": 1024, "units": 1024}, WIDE, min_count=5),
    **{(network.name, "polarity"): Recipe({}, PHRASES) for network in SENTIMENT},
    **{(network.name, "sst"): Recipe({"dropout": 0.5}, REVIEWS) for network in SENTIMENT},
    ("recurrent", "sst"): Recipe({"dropout": 0.4}, replace(REVIEWS, batch_size=128, learning_rate=0.05)),
}


def recipe(name: str, corpus: str, **changes) -> Recipe:
    """The default recipe of a network on a corpus, with some of its settings changed.

    Parameters
    ----------
    name : str
        One of :data:`NETWORKS`.
    corpus : str
        Name of a corpus; one without a recipe of its own takes that of the network's generated world.
    **changes
        Settings of the network (``units=64``), of its :class:`~reading_neurons.models.training.Schedule`
        (``epochs=2``), or ``min_count``.

    Raises
    ------
    ValueError
        If the network or a setting is unknown.

    Examples
    --------
    >>> recipe("imaginet", "scenes", units=32, epochs=1).sizes
    {'embedding': 64, 'units': 32, 'seed': 0}
    """
    default = RECIPES.get((name, corpus), RECIPES[name, _class(name).world])
    known = _settings(name)
    if unknown := [setting for setting in changes if setting not in known]:
        raise ValueError(
            f"the network {name!r} has no setting {', '.join(map(repr, unknown))}; its settings are {', '.join(known)}"
        )
    changes = {key: value for key, value in changes.items() if key in default.sizes or value != _usual(name, key)}
    of_schedule = {key: changes.pop(key) for key in list(changes) if key in Schedule.__dataclass_fields__}
    min_count = changes.pop("min_count", default.min_count)
    schedule = replace(default.schedule, **of_schedule)
    return Recipe({**default.sizes, "seed": schedule.seed, **changes}, schedule, min_count)


def _class(name: str) -> type[Network]:
    if name not in NETWORKS:
        raise ValueError(f"unknown network {name!r}: choose one of {', '.join(map(repr, NETWORKS))}")
    return NETWORKS[name]


def _corpus(name: str, corpus: str | Corpus | None) -> Corpus:
    return load(corpus or _class(name).world) if isinstance(corpus, str | None) else corpus


def _settings(name: str) -> list[str]:
    """What a recipe can change: the sizes of a network, its schedule, the threshold of its vocabulary."""
    sizes = [size for size in inspect.signature(NETWORKS[name]).parameters if size not in ("vocabulary", "dimensions")]
    return list(dict.fromkeys([*sizes, *Schedule.__dataclass_fields__, "min_count"]))


def _usual(name: str, setting: str) -> Any:
    """The default of a network's setting; naming it changes nothing, so it makes no other network."""
    parameters = inspect.signature(NETWORKS[name]).parameters
    return parameters[setting].default if setting in parameters and setting != "seed" else None


def untrained(name: str, corpus: str | Corpus | None = None, **changes) -> Network:
    """A network with random weights, the control beside every trained one; arguments as for :func:`trained`."""
    corpus = _corpus(name, corpus)
    chosen = recipe(name, corpus.name, **changes)
    return NETWORKS[name].for_corpus(corpus, chosen.min_count, **chosen.sizes).eval()


def trained(name: str, corpus: str | Corpus | None = None, **changes) -> Network:
    """A trained network: from the cache, or trained now with a progress bar and kept.

    Parameters
    ----------
    name : str
        One of :data:`NETWORKS`.
    corpus : str or a corpus, optional
        By default the generated world that the network is for: ``scenes``, ``polarity`` or ``parentheses``.
    **changes
        Settings that differ from the default :func:`recipe`.

    Returns
    -------
    CaptionNetwork, SentimentNetwork, Autoencoder or CharacterLSTM
        In evaluation mode, with its training history as ``network.history``.

    Raises
    ------
    ValueError
        If the network or a setting is unknown, or the corpus lacks what the network learns from.
    """
    corpus = _corpus(name, corpus)
    chosen = recipe(name, corpus.name, **changes)
    network = untrained(name, corpus, **changes)
    folder = cache_folder() / "networks" / f"{name.replace(' ', '-')}-{corpus.name}-{key(name, corpus, chosen)}"
    if not _restore(folder, network):
        with _threads(network.threads):
            network.history = fit(
                network, network.examples(corpus.train), network.examples(corpus.validation), chosen.schedule,
                measure=lambda network: network.measures(corpus), choose=network.chosen_by,
                checkpoint=folder / CHECKPOINT, label=f"{name} on {corpus.name}",
            )  # fmt: skip
        _keep(folder, network, _ingredients(name, corpus, chosen))
    forget(folder / CHECKPOINT)
    return network


@contextmanager
def _threads(count: int | None):
    """Compute with so many threads, and afterwards with as many as before; None leaves them as they are."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(count or before)
        yield
    finally:
        torch.set_num_threads(before)


def key(name: str, corpus: Corpus, chosen: Recipe) -> str:
    """A short hash of everything that determines a trained network."""
    ingredients = json.dumps(_ingredients(name, corpus, chosen), sort_keys=True)
    return hashlib.sha256(ingredients.encode()).hexdigest()[:16]


def fingerprint(network: nn.Module) -> str:
    """A short hash of the weights themselves.

    Examples
    --------
    >>> fingerprint(nn.Linear(2, 2)) == fingerprint(nn.Linear(2, 2))
    False
    """
    digest = hashlib.sha256()
    for name, weight in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def identity(name: str, corpus: Corpus, network: Network, **changes) -> dict[str, str]:
    """What says which network gave a result: the key of its recipe, and the hash of its weights."""
    return {"key": key(name, corpus, recipe(name, corpus.name, **changes)), "weights": fingerprint(network)}


def training_seconds(network: Network) -> float:
    """How long a network from :func:`trained` was trained."""
    return float(network.history["seconds"].iloc[-1])


def _ingredients(name: str, corpus: Corpus, chosen: Recipe) -> dict[str, Any]:
    return {
        "network": name,
        "corpus": corpus.name,
        "content": corpus.fingerprint,
        "recipe": {"version": RECIPE, **asdict(chosen)},
        "torch": torch.__version__.split("+")[0],
    }


def _keep(folder: Path, network: Network, ingredients: dict[str, Any]) -> None:
    save_tensors(folder / "weights.safetensors", network.state_dict(), {})
    card = {
        **ingredients,
        "fingerprint": fingerprint(network),
        "history": network.history.to_dict(orient="records"),
    }
    temporary = folder / f"card.json.{os.getpid()}.part"
    temporary.write_text(json.dumps(card, indent=1), encoding="utf8")
    os.replace(temporary, folder / "card.json")


def _restore(folder: Path, network: Network) -> bool:
    """Load weights and history; False if they are not there. What cannot be read is deleted, to be trained anew."""
    if not (folder / "card.json").exists():
        return False
    initial = {name: weight.clone() for name, weight in network.state_dict().items()}
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf8"))
        network.load_state_dict(load_file(folder / "weights.safetensors"))
        network.history = pd.DataFrame(card["history"])
        if fingerprint(network) != card["fingerprint"]:
            raise ValueError(
                f"weights have the fingerprint {fingerprint(network)}, the card says {card['fingerprint']}"
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        network.load_state_dict(initial)  # training must not start from what was just found to be damaged
        logger.warning("the network kept in %s cannot be used (%s): it is trained anew", folder, error)
        shutil.rmtree(folder, ignore_errors=True)
        return False
    return True
