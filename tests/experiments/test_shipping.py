"""The command that makes the network of the package, from end to end and tiny."""

import json

import pytest

from reading_neurons.__main__ import main
from reading_neurons.experiments.record import read
from reading_neurons.experiments.shipping import LIMITS, first_captions, ship
from reading_neurons.models import shipped
from reading_neurons.models.shipped import SECTIONS, card
from reading_neurons.models.store import fingerprint


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    command = ["ship", "imaginet", "--corpus", "scenes", "--quick", "--folder", str(folder), "--results", str(folder)]
    assert main(command) == 0
    return folder


def test_it_writes_weights_card_and_record_and_nothing_else(made):
    assert sorted(path.name for path in made.iterdir()) == [
        "imaginet-scenes.json", "imaginet-scenes.safetensors", "real-network-scenes.json",
    ]  # fmt: skip


def test_the_network_is_the_one_of_card_and_record(made):
    network, described = shipped("imaginet", "scenes", made), card("imaginet", "scenes", made)
    record = read(made / "real-network-scenes.json")
    assert fingerprint(network) == described["weights"]["fingerprint"]
    assert fingerprint(network) == record.provenance["network"]["shipped"]["weights"]
    assert described["provenance"] == record.provenance
    perplexity = next(
        row for row in described["figures"]["measures"] if (row["network"], row["measure"]) == ("shipped", "perplexity")
    )
    assert perplexity["value"] == pytest.approx(record.figures["shipped: perplexity"], rel=1e-3)


def test_the_card_has_the_sections_of_the_one_in_the_package(made):
    tiny, real = card("imaginet", "scenes", made), card()
    assert list(tiny) == list(real) and set(real) == set(SECTIONS)
    for section in ("weights", "vocabulary", "training", "data", "licence", "figures", "first", "provenance"):
        assert list(tiny[section]) == list(real[section]), section
    assert tiny["training"]["command"] == "python -m reading_neurons ship imaginet --corpus scenes --quick"
    assert real["limits"] == list(LIMITS)
    assert json.loads(json.dumps(tiny)) == tiny


def test_first_captions_are_measured_alone(made):
    from reading_neurons.corpora import scenes

    network, captions = shipped("imaginet", "scenes", made), scenes.generate(scenes=30).test
    assert first_captions(network, captions, 4) == first_captions(network, captions.take(range(4)))
    assert first_captions(network, captions, 10**6)["captions"] == len(captions)


@pytest.mark.parametrize(("name", "corpus"), [("sum", "coco"), ("imaginet", "sst")])
def test_what_cannot_be_shipped_is_an_error(name, corpus):
    with pytest.raises(ValueError, match="expected one of imaginet on one of coco, scenes"):
        ship(name, corpus)
