"""The network that comes with the package: small, whole, the one that its card describes, and found once installed."""

import fnmatch
import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from reading_neurons.corpora import DataError, load
from reading_neurons.corpora.written import written
from reading_neurons.experiments.shipping import FIRST, first_captions
from reading_neurons.models import Imaginet, evaluation, shipped
from reading_neurons.models.shipped import FOLDER, LARGEST, SECTIONS, card, halved, write
from reading_neurons.models.store import fingerprint
from reading_neurons.pathway import represent
from reading_neurons.text import Vocabulary

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "lib"
WEIGHTS = Path(str(FOLDER)) / "imaginet-coco.safetensors"
FACTS = {section: {} for section in SECTIONS[4:]} | {"training": {"history": [{"epoch": 1, "seconds": 1.0}]}}
SIZES = {"embedding": 4, "units": 8}


@pytest.fixture(scope="module")
def network():
    return shipped()


@pytest.fixture
def small():
    return Imaginet(Vocabulary(["a", "dog"]), ["object:dog", "object:cat"], **SIZES, seed=3).eval()


# What is in the package


def test_it_weighs_at_most_eight_megabytes_in_half_precision():
    assert WEIGHTS.stat().st_size <= LARGEST == 8_000_000
    with safe_open(WEIGHTS, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}


def test_the_card_is_that_of_the_weights(network):
    described = card()
    assert set(SECTIONS) == set(described)
    assert described["weights"]["sha256"] == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    assert described["weights"]["bytes"] == WEIGHTS.stat().st_size
    assert described["weights"]["fingerprint"] == fingerprint(network)
    assert described["weights"]["numbers"] == sum(weight.numel() for weight in network.state_dict().values())
    assert described["vocabulary"] == {"words": len(network.vocabulary) - 4, "dimensions": 80}
    sizes = described["training"]["recipe"]["sizes"]
    assert (sizes["embedding"], sizes["units"]) == (network.embedding.weight.shape[1], network.pathways["visual"].units)


def test_the_card_says_where_it_comes_from_and_what_it_is_not_for():
    described = card()
    assert described["training"]["command"] == "python -m reading_neurons ship imaginet --corpus coco"
    assert described["training"]["captions"] > 68_000 and described["training"]["seconds"] > 0
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in described["data"]["files"].values())
    assert len(described["data"]["files"]) == 4
    assert "CC BY 4.0" in described["licence"]["of_weights_and_words"] and "COCO" in described["licence"]["attribution"]
    said = " ".join(described["limits"])
    assert "cannot count" in said and "gender" in said and "Not for" in said and described["uses"]
    assert all("/" not in name for name in described["data"]["files"])


def test_its_figures_have_intervals_and_controls():
    figures = card()["figures"]
    rows = {(row["network"], row["measure"]): row for row in figures["measures"]}
    assert all(row["low"] <= row["value"] <= row["high"] for row in figures["measures"])
    for name in ("shipped", "before rounding", "wide", "untrained"):
        assert {measure for network, measure in rows if network == name} >= {"perplexity", "cosine", "order", "first"}
    assert rows["shipped", "perplexity"]["high"] < rows["untrained", "perplexity"]["low"]
    assert rows["shipped", "cosine"]["low"] > rows["untrained", "cosine"]["high"]
    assert {(row["pathway"], row["of"]) for row in figures["rounding"]} == {
        (pathway, of) for pathway in ("visual", "textual") for of in ("state", "omission score")
    }
    assert all(0 < row["mean"] <= row["largest"] < 0.01 for row in figures["rounding"])


def test_the_commit_of_the_card_exists():
    commit = card()["provenance"]["commit"]
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no repository to look into")
    asked = subprocess.run(["git", "cat-file", "-t", commit], cwd=ROOT, capture_output=True, text=True)
    assert asked.stdout.strip() == "commit"


def test_figures_of_the_first_captions_are_found_again(network):
    try:
        captions = load("coco").test
    except DataError as problem:
        pytest.skip(f"no captions: {problem}")
    again = first_captions(network, captions)
    assert again["captions"] == FIRST
    assert again == pytest.approx(card()["first"], rel=1e-4)


def test_it_knows_no_sentence_of_the_captions(network):
    """Single words, none of which could hold a sentence."""
    words = network.vocabulary.words[4:]
    assert all(re.fullmatch(r"[a-z0-9']+", word) for word in words) and max(map(len, words)) < 25


def test_it_reads_what_was_written_for_the_book(network):
    scenes = evaluation.predicted_scenes(network, ["two giraffes eat leaves", "a red bus"])
    assert [network.dimensions[place] for place in scenes.argmax(dim=1)] == ["object:giraffe", "object:bus"]
    assert not any(parameter.dtype != torch.float32 for parameter in network.parameters()) and not network.training
    assert {"train_loss", "validation_loss", "seconds"} <= set(network.history)


# What is written and read


def test_what_is_written_is_read_again(small, tmp_path):
    path = write(small, "imaginet", "scenes", SIZES, FACTS, tmp_path)
    assert path.name == "imaginet-scenes.json" and sorted(file.name for file in tmp_path.iterdir()) == [
        "imaginet-scenes.json", "imaginet-scenes.safetensors",
    ]  # fmt: skip
    again = shipped("imaginet", "scenes", tmp_path)
    assert fingerprint(again) == fingerprint(halved(small))
    assert (again.vocabulary, again.dimensions) == (small.vocabulary, small.dimensions)


def test_the_same_network_makes_the_same_file(small, tmp_path):
    digests = set()
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        path = write(small, "imaginet", "scenes", SIZES, FACTS, tmp_path / folder)
        digests.add(json.loads(path.read_text())["weights"]["sha256"])
    assert len(digests) == 1


def test_states_are_those_before_rounding_within_a_thousandth(small, tmp_path):
    """Half precision keeps eleven binary digits of each weight."""
    write(small, "imaginet", "scenes", SIZES, FACTS, tmp_path)
    again = shipped("imaginet", "scenes", tmp_path)
    for name, pathway in small.pathways.items():
        before, after = represent(pathway, ["a dog", "dog a a"]), represent(again.pathways[name], ["a dog", "dog a a"])
        assert 0 < (before - after).abs().max() < 1e-3


def test_a_file_that_was_changed_is_said_to_be(small, tmp_path):
    path = write(small, "imaginet", "scenes", SIZES, FACTS, tmp_path)
    weights = path.with_suffix(".safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ValueError, match="sha256 .* the card beside them says .* damaged or changed; install"):
        shipped("imaginet", "scenes", tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [("not JSON", "must be a card in JSON"), ("{}", "has no name, corpus"), ("[]", "has no name, corpus")],
)
def test_a_card_that_is_none_is_said_to_be(small, tmp_path, content, message):
    write(small, "imaginet", "scenes", SIZES, FACTS, tmp_path).write_text(content)
    with pytest.raises(ValueError, match=message):
        shipped("imaginet", "scenes", tmp_path)


@pytest.mark.parametrize(("name", "corpus"), [("sum", "coco"), ("imaginet", "sst"), ("../imaginet", "coco")])
def test_a_network_that_does_not_come_with_it_is_an_error_that_says_what_to_do(name, corpus):
    with pytest.raises(ValueError, match="comes with the package, found .*imaginet-coco.*models.trained"):
        shipped(name, corpus)


def test_a_network_that_is_too_heavy_is_not_written(tmp_path):
    heavy = Imaginet(Vocabulary(["a"]), ["object:dog"], embedding=900, units=900)
    with pytest.raises(ValueError, match="more than the 8,000,000 a package carries"):
        write(heavy, "imaginet", "scenes", {"embedding": 900, "units": 900}, FACTS, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_card_without_its_facts_is_not_written(small, tmp_path):
    with pytest.raises(ValueError, match="a card needs the facts .*licence.*, found training"):
        write(small, "imaginet", "scenes", SIZES, {"training": {}}, tmp_path)
    assert not list(tmp_path.iterdir())


# Once installed


def test_the_package_names_the_files_as_its_own():
    patterns = tomllib.loads((LIBRARY / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    for ending in ("safetensors", "json"):
        assert any(fnmatch.fnmatch(f"weights/imaginet-coco.{ending}", p) for p in patterns["reading_neurons.models"])


def test_what_is_built_of_the_package_holds_the_files():
    """As pip builds it, less the wait: the files that setuptools copies into a wheel."""
    pytest.importorskip("setuptools", reason="setuptools is not installed here")
    code = (
        "from setuptools import Distribution; d = Distribution({'script_name': 'setup.py'}); d.parse_config_files(); "
        "d.include_package_data = False; b = d.get_command_obj('build_py'); b.ensure_finalized(); "
        "print(*[f'{package}/{name}' for package, _, _, names in b.data_files for name in names])"
    )
    asked = subprocess.run([sys.executable, "-c", code], cwd=LIBRARY, capture_output=True, text=True, check=True)
    listed = asked.stdout.split()
    for ending in ("safetensors", "json"):
        assert f"reading_neurons.models/weights/imaginet-coco.{ending}" in listed


def test_it_needs_no_connection_no_data_and_no_cache(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise AssertionError("asked for a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setenv("READING_NEURONS_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path / "cache"))
    network = shipped()
    assert np.isfinite(represent(network.pathways["textual"], written().tokens).numpy()).all()
    assert not (tmp_path / "cache").exists()
