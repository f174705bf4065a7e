"""Top contexts of every unit: what finding them adds to a pass, and the pass beside torch's own network.

The pass alone reads a corpus and forgets every state. The promise is a share of it: 1.15 times its seconds in float32,
1.25 in bfloat16, where reading takes a third of the time and the search as long as before.
"""

from __future__ import annotations

import measure
import numpy as np
import omission_speed
import torch
from measure import Row

from reading_neurons import ngrams, passes
from reading_neurons.corpora import CaptionCorpus
from reading_neurons.methods.contexts import TopContexts
from reading_neurons.pathway import length_batches
from reading_neurons.text import Batch

K, WIDTH = 20, 3
ALONE, PLAIN, SORTED = "the pass alone", "torch.nn.GRU over sorted batches, alone", "the pass, all states sorted"
TARGETS = {"float32": 1 / 1.15, "bfloat16": 1 / 1.25}
BATCH = 128


@torch.inference_mode()
def rows(corpus: CaptionCorpus, units: int = 1024, captions: int = 3000, repeats: int = 5) -> list[Row]:
    """Our seconds beside the pass alone; targets hold for COCO captions and 1,024 units."""
    pathway = omission_speed.untrained(corpus, units)
    words = corpus.test.tokens[:captions]
    sentence = np.repeat(np.arange(len(words)), [len(one) for one in words])
    codes = ngrams.codes([word for one in words for word in one], sentence, WIDTH)
    check(pathway, words)
    found = []
    for precision, target in TARGETS.items():

        def ours(codes=None, precision=precision):
            return passes.run(TopContexts(K, codes=codes), pathway, words, precision=precision)

        roads = {"ours": ours, "distinct": lambda ours=ours: ours(codes), ALONE: lambda p=precision: alone(pathway, words, p)}
        if precision == "float32":
            roads |= {PLAIN: lambda: plain(pathway, words), SORTED: lambda: whole(pathway, words)}
        seconds = measure.interleaved(roads, repeats)
        promised = target if corpus.name == "coco" and units == 1024 else None
        note = f"{precision}, {len(words)} captions of {corpus.name}"
        first, distinct = seconds.pop("ours"), seconds.pop("distinct")
        name = f"contexts-{units}"
        found += [Row(name, road, first, other, promised if road == ALONE else None, note) for road, other in seconds.items()]
        found.append(Row(name, ALONE, distinct, seconds[ALONE], promised, f"{note}, distinct {WIDTH}-grams"))
    return found


def alone(pathway, words, precision: str) -> None:
    """Read every state and forget it."""
    for _ in passes.windows(pathway, words, precision=precision):
        pass


def plain(pathway, words) -> None:
    """The states of every batch of sentences of nearly equal length by ``torch.nn.GRU``, forgotten."""
    encoded = [pathway.vocabulary.encode(one) for one in words]
    for begin in range(0, len(encoded), passes.SENTENCES):
        part = encoded[begin : begin + passes.SENTENCES]
        for chosen in length_batches([len(ids) for ids in part], BATCH):
            batch = Batch.of([part[i] for i in chosen])
            pathway.states(pathway.embedding[batch.ids], batch.lengths)


def whole(pathway, words) -> np.ndarray:
    """All states at once, each unit sorted whole: the numbers of the K best words of each unit."""
    return np.argsort(-passes.states(pathway, words), axis=0, kind="stable")[:K].T


def check(pathway, words) -> None:
    """Raise an error if the pass finds other places than sorting does; on the way every road is warmed up."""
    few = words[: max(K, len(words) // 20)]
    places = passes.run(TopContexts(K), pathway, few).result()["place"].to_numpy().reshape(-1, K)
    if not np.array_equal(places, whole(pathway, few)):
        raise RuntimeError("the pass finds other contexts than a full sort")
    for precision in TARGETS:
        alone(pathway, few, precision)
    plain(pathway, few)
