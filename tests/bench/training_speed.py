"""Captions learnt per second: our loop beside a padded loop over ``torch.nn.GRU``, on the same captions.

An epoch of ours is batches of nearly equal length, an epoch of theirs random batches padded to their longest. A dozen
batches stand for an epoch: of ours one from each twelfth in order of length, of theirs any. oneDNN compiles its
products for every new shape, which takes longer than a step; all batches are therefore seen once before the clock runs.
"""

from __future__ import annotations

import measure
import numpy as np
import torch
from measure import Row
from torch import Tensor

from reading_neurons.corpora import CaptionCorpus
from reading_neurons.models import Imaginet, training
from reading_neurons.models.captions import CaptionBatch
from reading_neurons.models.store import WIDE
from reading_neurons.models.training import Schedule
from reading_neurons.text import Vocabulary

PADDED = "torch.nn.GRU, random padded batches, Adam"
BUCKETS = "torch.nn.GRU, our batches, fused Adam"


class PlainImaginet(Imaginet):
    """Imaginet with the same weights and the same loss, its states by ``torch.nn.GRU``."""

    def loss(self, batch: CaptionBatch) -> Tensor:
        """``alpha * LT + (1 - alpha) * LV``."""
        embedded = self.embedding(batch.sentences.ids)
        visual, textual = (self.cells[name](embedded).transpose(0, 1) for name in ("visual", "textual"))
        of_words = self._textual_loss(textual, batch.sentences)
        return self.alpha * of_words + (1 - self.alpha) * self._visual_loss(visual, batch)


def rows(
    corpus: CaptionCorpus, units: int = 1024, steps: int = 12, repeats: int = 3, schedule: Schedule = WIDE
) -> list[Row]:
    """Our seconds for so many steps beside those of the other loops; the target holds for COCO captions."""
    vocabulary = Vocabulary.of(corpus.train.tokens, min_count=5)
    bucketed, padded = batches(np.array([len(words) for words in corpus.train.tokens]), schedule.batch_size, steps)

    def loop(kind: type[Imaginet], chosen: list[np.ndarray], **of_adam):
        network = kind(vocabulary, corpus.train.dimensions, embedding=units, units=units).train()
        network.prepare(corpus.train)
        examples = network.examples(corpus.train)
        optimizer = torch.optim.Adam(network.parameters(), lr=schedule.learning_rate, **of_adam)

        def run():
            for step, batch in enumerate(chosen):
                training._step(network, optimizer, examples.batch(batch), schedule, step)

        run()
        return run

    seconds = measure.interleaved(
        {
            "ours": loop(Imaginet, bucketed, fused=True),
            PADDED: loop(PlainImaginet, padded),
            BUCKETS: loop(PlainImaginet, bucketed, fused=True),
        },
        repeats,
    )
    ours, learnt = seconds.pop("ours"), steps * schedule.batch_size
    target = 2 if corpus.name == "coco" else None
    return [
        Row(
            f"training-{units}", road, ours, other, target if road == PADDED else None,
            f"{learnt / ours:.0f} and {learnt / other:.0f} captions/s of {corpus.name}, {len(vocabulary)} words",
        )
        for road, other in seconds.items()
    ]  # fmt: skip


def batches(lengths: np.ndarray, size: int, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """So many batches of nearly equal length that stand for all of them, and as many random ones."""
    whole = [batch for batch in training.shuffled_batches(lengths, size, seed=0) if len(batch) == size]
    if len(whole) < count:
        raise ValueError(f"{len(lengths)} captions fill {len(whole)} batches of {size}, expected at least {count}")
    whole.sort(key=lambda batch: lengths[batch].mean())
    bucketed = [whole[int((part + 0.5) * len(whole) / count)] for part in range(count)]
    rng = np.random.default_rng(0)
    rng.shuffle(bucketed)
    return bucketed, np.split(rng.permutation(len(lengths))[: count * size], count)
