"""Derivatives of many sentences: ours in batches beside captum's, one sentence at a time.

captum is handed embeddings and a function from them to the class scores, as its users do; it takes one sentence a call,
for a batch of several lengths is the user's own to pad. The promise is to be faster.
"""

from __future__ import annotations

from collections.abc import Callable

import measure
import numpy as np
import torch
from captum.attr import IntegratedGradients, Saliency
from measure import Row

from reading_neurons.corpora import load
from reading_neurons.corpora.trees import TreeCorpus
from reading_neurons.methods.gradients import output_scores
from reading_neurons.methods.saliency import STEPS, saliency
from reading_neurons.models import LSTM, BiLSTM
from reading_neurons.models.sentiment import Recurrent
from reading_neurons.pathway import Pathway

CAPTUM = "captum per sentence"
EQUAL = 1e-4
OUTPUT = 1


def rows(corpus: TreeCorpus | None = None, sentences: int = 1000, repeats: int = 3) -> list[Row]:
    """Our seconds beside captum's, for the derivative of each network, and integrated gradients of the LSTM."""
    corpus = corpus or load("polarity")
    words = [*corpus.test.tokens, *corpus.train.tokens][:sentences]
    found = []
    for kind in (Recurrent, LSTM, BiLSTM):
        ((name, pathway),) = kind.for_corpus(corpus).eval().pathways.items()
        found.append(compared(f"saliency, {name}", pathway, words, "derivative", repeats, corpus.name))
        if kind is LSTM:
            few = words[: max(1, len(words) // 10)]
            found.append(compared("integrated", pathway, few, "integrated gradients", repeats, corpus.name))
    return found


def compared(name: str, pathway: Pathway, words, method: str, repeats: int, corpus: str) -> Row:
    """One row: ours and captum's on the same sentences in one run."""
    check(pathway, words[:: max(1, len(words) // 20)], method)
    roads: dict[str, Callable[[], object]] = {
        "ours": lambda: saliency(pathway, words, OUTPUT, method=method),
        CAPTUM: lambda: by_captum(pathway, words, method),
    }
    seconds = measure.interleaved(roads, repeats)
    return Row(name, CAPTUM, seconds["ours"], seconds[CAPTUM], 1.0, f"{method}, {len(words)} sentences of {corpus}")


def by_captum(pathway: Pathway, words, method: str) -> list[np.ndarray]:
    """The saliency of every word of each sentence."""
    found = []
    for sentence in words:
        ids = torch.from_numpy(pathway.vocabulary.encode(sentence))[None]
        embedded = pathway.embedding[ids].detach().requires_grad_()

        def forward(vectors, length=ids.shape[1]):
            return output_scores(pathway, vectors, torch.full((len(vectors),), length))

        if method == "derivative":
            terms = Saliency(forward).attribute(embedded, target=OUTPUT)[0].norm(dim=1)
        else:
            empty = embedded.detach().clone()
            empty[:, 1:-1] = 0
            explained = IntegratedGradients(forward).attribute(
                embedded, empty, target=OUTPUT, n_steps=STEPS, method="gausslegendre"
            )
            terms = explained[0].sum(dim=1)
        found.append(terms[1:-1].detach().numpy())
    return found


def check(pathway: Pathway, words, method: str) -> None:
    """Raise an error if the two roads differ; on the way both are warmed up."""
    ours = saliency(pathway, words, OUTPUT, method=method)["saliency"].to_numpy()
    if (gap := np.abs(ours - np.concatenate(by_captum(pathway, words, method))).max()) > EQUAL:
        raise RuntimeError(f"the saliencies of captum and ours differ by {gap:.2g}, expected at most {EQUAL}")
