"""Scores of sentences whose effects are known."""

import numpy as np
import pandas as pd
import pytest

WORDS = ("dog", "cat", "owl", "the", "runs")
LABELS = ("nsubj", "conj", "nn")


def scored_sentences(sentences=300, seed=0, *, word=0.0, deprel=0.0, position=0.0, both=0.0, noise=0.1, pathways=("visual",)):
    """Sentences of six words whose scores hold effects of these sizes: word, label, place, and word by label."""
    rng = np.random.default_rng(seed)
    length = 6
    words, labels = rng.integers(len(WORDS), size=(2, sentences * length)) % np.array([[len(WORDS)], [len(LABELS)]])
    place = np.tile(np.arange(length), sentences)
    table = pd.DataFrame(
        {
            "sentence": np.repeat(np.arange(sentences), length),
            "position": place,
            "word": np.array(WORDS)[words],
            "deprel": np.array(LABELS)[labels],
            "image": np.repeat(np.arange(sentences) // 5, length),
        }
    )
    effects = word * rng.normal(size=5)[words] + deprel * np.array([1, 0, -1])[labels] + position * (place == 5)
    effects = effects + both * rng.normal(size=(5, 3))[words, labels]
    parts = [table.assign(pathway=name, score=effects + noise * rng.normal(size=len(table))) for name in pathways]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def scored():
    """A function that makes scores of sentences, with effects of word, label and place as they are asked for."""
    return scored_sentences
