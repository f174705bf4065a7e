"""Linear models of omission scores at the size of a corpus: seconds and memory, in a process of their own.

200,000 tokens with as many words, labels and images as COCO captions have; four designs, eight penalties, the R2 of
each on held-out images with its interval.
"""

from __future__ import annotations

import time

import measure
import numpy as np
import pandas as pd
from measure import Row

from reading_neurons.methods import omission_models

TOKENS = 200_000
SECONDS, GIGABYTES = 60.0, 2.0
WORDS, LABELS, LENGTH, SENTENCES_PER_IMAGE = 6000, 40, 10, 5


def table(tokens: int = TOKENS, seed: int = 0) -> pd.DataFrame:
    """Tokens with words and labels as unevenly distributed as in captions, and a score of each."""
    rng = np.random.default_rng(seed)
    size = tokens // LENGTH * LENGTH
    sentence = np.arange(size) // LENGTH
    words, labels = (np.minimum(rng.zipf(1.4, size), most) for most in (WORDS, LABELS))
    return pd.DataFrame(
        {
            "sentence": sentence,
            "position": np.arange(size) % LENGTH,
            "word": [f"w{number}" for number in words],
            "deprel": [f"d{number}" for number in labels],
            "image": sentence // SENTENCES_PER_IMAGE,
            "pathway": "visual",
            "score": rng.random(size),
        }
    )


def seconds_and_memory(tokens: int = TOKENS) -> tuple[float, float]:
    """Seconds that the four models take, and the most memory that their process held, in GB."""
    return measure.alone(fitted, tokens)


def fitted(tokens: int) -> tuple[float, float]:
    """The same in this process."""
    scored = table(tokens)
    began = time.perf_counter()
    omission_models.r2(omission_models.fit(scored))
    seconds = time.perf_counter() - began
    return seconds, measure.peak_memory()


def rows(tokens: int = TOKENS) -> list[Row]:
    """The promise beside what was measured: its seconds over ours, its memory over ours."""
    seconds, memory = seconds_and_memory(tokens)
    note = f"{tokens:,} tokens, four designs, {len(omission_models.PENALTIES)} penalties"
    promised = 1 if tokens >= TOKENS else None
    return [
        Row("omission-models", "time promised", seconds, SECONDS, promised, note),
        Row("omission-models", "memory promised", memory, GIGABYTES, promised, note, "GB"),
    ]
