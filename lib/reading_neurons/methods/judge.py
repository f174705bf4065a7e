"""How fluent an n-gram is: the mean log probability of its words, as a network that guesses the next word sees it.

With p the softmax of a pathway's outputs,

    fluency(w1 .. wn) = 1/n (log p(w1 | <s>) + log p(w2 | <s> w1) + .. + log p(wn | <s> .. w(n-1))),

in nats per word. The end is not asked for: an n-gram is the beginning of something that a person may write, and need
not be whole. Like fluent dreaming, a :class:`Judge` gives a gradient over words too, exact for the word's own
probability and to first order for what it does to the words after it.

Easy to get wrong: who judges. A textual pathway shares its embedding with the visual one that it would judge; a
language model trained on its own is the more independent judge. Both are networks, and neither knows what is
grammatical.
"""

from __future__ import annotations

from contextlib import nullcontext

import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.neurons import scores_next_word
from reading_neurons.pathway import Pathway, Recurrent, state_rows, stepper
from reading_neurons.reader import PRECISIONS
from reading_neurons.text import Vocabulary

ROWS = 1024  # beginnings of n-grams whose next words are scored at once


class Judge:
    """Scores n-grams by how a pathway would guess their words.

    Parameters
    ----------
    pathway : Pathway
        Its outputs stand for the words of its vocabulary.
    precision : "float32" or "bfloat16"
        Of matrix products.

    Raises
    ------
    ValueError
        If the pathway's outputs are not the words of its vocabulary, or the precision is unknown.

    Examples
    --------
    >>> from reading_neurons.models import LanguageModel
    >>> judge = Judge(LanguageModel(Vocabulary(["a", "dog"]), embedding=4, units=8).pathways["language model"])
    >>> judge.read(torch.tensor([[4, 5], [5, 4]])).shape
    torch.Size([2])
    """

    def __init__(self, pathway: Pathway, *, precision: str = "float32"):
        if not scores_next_word(pathway):
            raise ValueError(
                f"the pathway {getattr(pathway, 'name', pathway)!r} cannot judge how fluent words are: its outputs are not "
                "the words of its vocabulary; give a textual pathway, or that of a language model"
            )
        if precision not in PRECISIONS:
            raise ValueError(f"unknown precision {precision!r}: choose one of {', '.join(map(repr, PRECISIONS))}")
        self.pathway, self.precision, self.device = pathway, precision, pathway.embedding.device
        self.recurrent = isinstance(pathway, Recurrent)
        if self.recurrent:
            self._project, self._advance = stepper(pathway)
            with torch.no_grad(), self._autocast():
                self._table = self._project(pathway.embedding)

    def _autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16) if self.precision == "bfloat16" else nullcontext()

    @torch.no_grad()
    def read(self, ids: Int[Tensor, "rows length"]) -> Float[Tensor, "rows"]:
        """The mean log probability per word of each n-gram.

        What n-grams begin with alike is read once.
        """
        if not self.recurrent:
            return torch.cat([self._words(part).mean(dim=1) for part in ids.split(ROWS)])
        total = torch.zeros(len(ids), device=self.device)
        state, parents = self.pathway.initial(1), torch.zeros(len(ids), dtype=torch.long, device=self.device)
        first = torch.full((1,), Vocabulary.start, device=self.device)
        known, prefix = first, torch.zeros(1, dtype=torch.long, device=self.device)
        for place in range(ids.shape[1]):
            with self._autocast():
                state, units = self._advance(self._table.index_select(0, known), state_rows(state, prefix))
            total += self._scores(units, parents, ids[:, place])
            pairs = parents * len(self.pathway.vocabulary) + ids[:, place]
            distinct, parents = torch.unique(pairs, return_inverse=True)
            prefix, known = distinct // len(self.pathway.vocabulary), distinct % len(self.pathway.vocabulary)
        return total / ids.shape[1]

    def _scores(self, units, parents, words) -> Float[Tensor, "rows"]:
        """Log probabilities of the words that follow, the state of each given by its number."""
        normaliser, own = [], torch.empty(len(words), device=self.device)
        order = torch.argsort(parents, stable=True)
        bounds = torch.searchsorted(parents[order], torch.arange(0, len(units) + ROWS, ROWS, device=self.device))
        for number, part in enumerate(units.split(ROWS)):
            scores = self._outputs(part)
            normaliser.append(scores.logsumexp(dim=1))
            rows = order[bounds[number] : bounds[number + 1]]
            own[rows] = scores[parents[rows] - number * ROWS, words[rows]]
        return own - torch.cat(normaliser)[parents]

    def _outputs(self, units: Tensor) -> Tensor:
        with self._autocast():
            return asking.outputs(self.pathway, units).float()

    def _words(self, ids: Int[Tensor, "rows length"]) -> Float[Tensor, "rows length"]:
        """The log probability of each word."""
        return self._guesses(self.pathway.embedding[ids]).gather(2, ids[..., None])[..., 0]

    def _guesses(self, embedded: Float[Tensor, "rows length embedding"]) -> Float[Tensor, "rows length words"]:
        """Log probabilities of all words at each place, given what is read before it."""
        start = self.pathway.embedding[Vocabulary.start].expand(len(embedded), 1, -1)
        before = torch.cat((start, embedded[:, :-1]), dim=1)
        with self._autocast():
            if hasattr(self.pathway, "scan"):
                projected = self._project(before.transpose(0, 1))
                states = self.pathway.scan(projected, self.pathway.initial(len(before))).transpose(0, 1)
            else:
                states = asking.states(self.pathway, before)
        return self._outputs(states).log_softmax(dim=2)

    def gradient(
        self, ids: Int[Tensor, "rows length"], words: Int[Tensor, "candidates"]
    ) -> Float[Tensor, "rows length candidates"]:
        """To first order, what each candidate would change of the mean log probability, at each place.

        The candidate's own probability is exact; what it does to that of the words after it is a first guess.
        """
        table = self.pathway.embedding.detach()
        embedded = table[ids].requires_grad_()
        with torch.enable_grad(), asking.differentiable():
            guesses = self._guesses(embedded)
            own = guesses.gather(2, ids[..., None])[..., 0]
            (slope,) = asking.slopes(self.pathway, own.sum(), embedded)
        before = (slope * table[ids]).sum(dim=2)
        after = slope.float() @ table[words].t() - before[..., None]
        return (guesses.detach()[..., words] - own.detach()[..., None] + after) / ids.shape[1]
