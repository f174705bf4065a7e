"""Omission scores of many captions: ours beside what one would write first, and beside captum's.

captum's FeatureAblation is given a mask over the words of a sentence and a function that drops the masked words, reads
what is left and compares it with the whole. It is measured in two forms: the function knows only words and mask, and
reads the whole anew in every call; or the whole is read once before and handed to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import measure
import numpy as np
import torch
from captum.attr import FeatureAblation
from measure import Row
from torch import Tensor, nn
from torch.nn import functional as F

from reading_neurons.corpora import CaptionCorpus
from reading_neurons.methods import omission
from reading_neurons.models import Imaginet
from reading_neurons.models.captions import CellPathway
from reading_neurons.text import Vocabulary

BATCH = "one batch per sentence"
CAPTUM, BY_LENGTH = "captum per sentence", "captum batched by length"
ONCE = ", whole read once"
PEAK = "matrix products alone at fp32 peak"
TARGETS = {
    1024: {BATCH: 8, CAPTUM: 10, BY_LENGTH: 7, PEAK: 0.6},
    256: {BATCH: 7, CAPTUM: 12, BY_LENGTH: 5},
}
ROWS = 512  # that captum reads at once where there are so many: more is no faster
EQUAL = 1e-5


@torch.inference_mode()
def rows(corpus: CaptionCorpus, units: int, captions: int = 1000, repeats: int = 3) -> list[Row]:
    """Our seconds beside every other road's; targets hold for COCO captions."""
    pathway = untrained(corpus, units)
    words = corpus.test.tokens[:captions]
    check(roads(pathway, words[:: max(1, captions // 50)]))
    timed: dict[str, Callable[[], object]] = dict(roads(pathway, words))
    timed[PEAK], products = measure.product()
    seconds = measure.interleaved(timed, repeats)
    ours = seconds.pop("ours")
    needed = operations(pathway, words)
    seconds[PEAK] *= needed / products
    targets = TARGETS.get(units, {}) if corpus.name == "coco" else {}
    note = f"{len(words)} captions of {corpus.name}"
    return [Row(f"omission-{units}", road, ours, other, targets.get(road), note) for road, other in seconds.items()]


def untrained(corpus: CaptionCorpus, units: int) -> CellPathway:
    """A visual pathway with random weights over the words of the training captions."""
    vocabulary = Vocabulary.of(corpus.train.tokens, min_count=5)
    return Imaginet(vocabulary, ["object"], embedding=units, units=units).pathways["visual"]


def roads(pathway: CellPathway, words: Iterable[tuple[str, ...]]) -> dict[str, Callable[[], Tensor]]:
    """Every way to the scores of all words, in order of the sentences."""
    words = list(words)
    read = reader(pathway)
    encoded = [torch.from_numpy(pathway.vocabulary.encode(sentence)) for sentence in words]
    found = {
        "ours": lambda: torch.tensor(omission.scores(pathway, words)["score"].to_numpy()),
        BATCH: lambda: torch.cat([one_batch(read, ids) for ids in encoded]),
    }
    for once in (False, True):
        ending = ONCE if once else ""
        found[CAPTUM + ending] = lambda once=once: torch.cat([one_sentence(read, ids, once) for ids in encoded])
        found[BY_LENGTH + ending] = lambda once=once: by_length(read, encoded, once)
    return found


def check(found: Mapping[str, Callable[[], Tensor]]) -> None:
    """Raise an error if a road leads elsewhere than ours; on the way every road is warmed up."""
    ours = found["ours"]()
    for name, road in found.items():
        apart = float((road() - ours).abs().max())
        if not apart < EQUAL:
            raise RuntimeError(f"{name!r} gives scores up to {apart:.2g} from ours, expected less than {EQUAL}")


def reader(pathway: CellPathway) -> Callable[[Tensor], Tensor]:
    """All states of sequences of one length by ``torch.nn.GRU`` with time first, its faster form."""
    ours = pathway.network.cells[pathway.name].gru
    gru = nn.GRU(ours.input_size, ours.hidden_size)
    gru.load_state_dict(ours.state_dict())
    return lambda ids: gru(pathway.embedding[ids.t()])[0]


def one_batch(read: Callable[[Tensor], Tensor], ids: Tensor) -> Tensor:
    """Scores of one framed sentence: its omissions, padded by one position, and the sentence itself as one batch."""
    place = torch.arange(len(ids) - 1)
    omissions = ids[place + (place >= place[1:, None])]
    states = read(torch.cat((F.pad(omissions, (0, 1)), ids[None])))
    return 1 - F.cosine_similarity(states[-2, :-1], states[-1, -1:])


def one_sentence(read: Callable[[Tensor], Tensor], ids: Tensor, once: bool) -> Tensor:
    """Scores of one framed sentence by captum, all its omissions in one call."""
    whole = read(ids[None])[-1] if once else None
    ablation = FeatureAblation(lambda keep: _similarity(read, keep, ids[None], whole))
    words = len(ids) - 2
    return ablation.attribute(torch.ones(1, words), perturbations_per_eval=words)[0]


def by_length(read: Callable[[Tensor], Tensor], encoded: list[Tensor], once: bool) -> Tensor:
    """Scores of framed sentences by captum, those of one length together."""
    lengths = np.array([len(ids) for ids in encoded])
    result: list[Tensor] = [torch.empty(0)] * len(encoded)
    ablation = FeatureAblation(lambda keep, ids, whole=None: _similarity(read, keep, ids, whole))
    for length in np.unique(lengths):
        chosen = np.flatnonzero(lengths == length)
        ids = torch.stack([encoded[i] for i in chosen])
        found = ablation.attribute(
            torch.ones(len(ids), length - 2),
            additional_forward_args=(ids, read(ids)[-1]) if once else (ids,),
            perturbations_per_eval=int(np.clip(ROWS // len(ids), 1, length - 2)),
        )
        for i, scores in zip(chosen, found, strict=True):
            result[i] = scores
    return torch.cat(result)


def _similarity(read: Callable[[Tensor], Tensor], keep: Tensor, ids: Tensor, whole: Tensor | None) -> Tensor:
    """Cosine of framed sentences without their masked words to the whole ones, as captum asks for it.

    captum masks one word of every sentence at a time, or none: what is left has one length.
    """
    framed = F.pad(keep, (1, 1), value=1).bool()
    kept = ids.expand(len(keep), -1)[framed].view(len(keep), -1)
    return F.cosine_similarity(read(kept)[-1], read(ids)[-1] if whole is None else whole)


def operations(pathway: CellPathway, words: Iterable[tuple[str, ...]]) -> int:
    """Floating-point operations of our matrix products: a recurrent one per prefix, an input one per word type.

    Counted as if all sentences were computed together, which holds for no more than a chunk of them.
    """
    encoded = [pathway.vocabulary.encode(sentence) for sentence in words]
    known, symbols = np.unique(np.concatenate(encoded), return_inverse=True)
    prefixes = sum(len(level[0]) for level in omission._levels(symbols, [len(ids) for ids in encoded]))
    gates = 3 * pathway.units
    return 2 * gates * (prefixes * pathway.units + len(known) * pathway.embedding.shape[1])
