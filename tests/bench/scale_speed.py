"""Scale: two workers of a cluster beside one process, and a worker's memory at 16 times a corpus beside that at once.

Every process has one thread. What sending the network takes is no part of a speed. Two processes that share nothing are
what the machine itself can do: cores that share memory, or one physical core, are not twice one.
"""

from __future__ import annotations

import omission_speed
from measure import Row

from reading_neurons.corpora import CaptionCorpus
from reading_neurons.experiments import scale_claims, scale_measured
from reading_neurons.experiments.scale_measured import APART, HERE, START, TWO

GAIN = 1.0  # two workers are faster than one process
SHARE = 0.9  # of the speed of two processes that share nothing
GROWTH = 1 / 1.1  # once the memory by 16 times


def rows(corpus: CaptionCorpus, units: int = 1024, captions: int = 4096, repeats: int = 3, share: int = 160) -> list[Row]:
    """What was promised beside what was measured; targets hold for COCO captions and 1,024 units.

    A corpus is one ``share`` of the captions at once, and 16 shares of them at 16 times.
    """
    pathway = omission_speed.untrained(corpus, units)
    words = corpus.train.tokens
    with scale_measured.one_thread(), scale_measured.cluster() as client:
        timed = scale_measured.workers({units: (pathway, captions)}, words, client, repeats)
    seconds = timed.groupby("road")["seconds"].median()
    promised = corpus.name == "coco" and units == 1024
    name, note = f"scale-{units}", f"{timed['words'].iloc[0]:,} words of {corpus.name}, 1 -> 2 workers"
    two, apart = (seconds[road] - seconds[START] for road in (TWO, APART))
    efficiency = f"{note}, efficiency {seconds[HERE] / two / 2:.2f}"
    once, often = memory(pathway, words, share)
    return [
        Row(name, HERE, two, seconds[HERE], GAIN if promised else None, efficiency),
        Row(name, APART, two, apart, SHARE if promised else None, note),
        Row(name, "a worker at once", often, once, GROWTH if promised else None, "figures are GB at 16x and 1x, not s"),
    ]


def memory(pathway, words, share: int) -> tuple[float, float]:
    """The most memory of a worker at once and at 16 times, in GB, each in a cluster that has read nothing before."""
    found = []
    for times in (1, 16):
        with scale_measured.one_thread(), scale_measured.cluster() as client:
            size = max(times * len(words) // share, 1)
            found.append(scale_measured.memory(pathway, words, {times: size}, client, 0))
    once, often = (scale_claims.growth({"memory": table}, "worker")["peak"].max() / 1024 for table in found)
    return float(once), float(often)
