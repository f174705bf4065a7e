"""A small world and an untrained network: what a widget shows does not depend on what was learnt."""

import pytest

from reading_neurons.corpora import scenes
from reading_neurons.models import Imaginet
from reading_neurons.text import Vocabulary


@pytest.fixture(scope="session")
def captions():
    return scenes.generate(scenes=50).test


@pytest.fixture(scope="session")
def network(captions):
    """Knows the words of the captions, and no others."""
    return Imaginet(Vocabulary.of(captions.tokens), captions.dimensions, embedding=8, units=8).eval()


@pytest.fixture
def in_kernel(monkeypatch):
    monkeypatch.delenv("READING_NEURONS_BOOK", raising=False)
