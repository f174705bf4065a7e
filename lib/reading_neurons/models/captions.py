"""Imaginet and its two relatives: networks that read captions (Kádár et al. 2017, section 3.1).

Imaginet reads a caption twice over one embedding. The ``visual`` pathway predicts the scene from its state at
``</s>`` (loss LV, cosine distance to the standardised scene vector); the ``textual`` pathway predicts the next word at
each position (loss LT, cross-entropy). The network minimises ``alpha * LT + (1 - alpha) * LV``.
:class:`SumPathway` keeps the visual loss and drops the recurrence; :class:`LanguageModel` is the textual pathway alone.

Easy to get wrong: a language model never reads ``</s>`` during training, for nothing comes after it, yet omission
scores compare its states at ``</s>``. Here the textual pathway also learns to predict a second ``</s>`` after the
first, so that this state is a trained one; ``as_published=True`` leaves that out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from reading_neurons.corpora.captions import CaptionCorpus, Captions
from reading_neurons.models.gru import CELLS, RunningSum
from reading_neurons.padding import last_state, mask_padding
from reading_neurons.text import Batch, Vocabulary


@dataclass(frozen=True)
class CaptionBatch:
    """What a caption network learns from at once: sentences, and the scene each describes if there is one."""

    sentences: Batch
    scenes: Float[Tensor, "batch dimensions"] | None


class CaptionExamples:
    """Captions encoded for training.

    Parameters
    ----------
    captions : Captions
    vocabulary : Vocabulary
    with_scenes : bool
        Whether batches carry scene vectors.

    Raises
    ------
    ValueError
        If scenes are wanted and the corpus has none.
    """

    def __init__(self, captions: Captions, vocabulary: Vocabulary, with_scenes: bool):
        self.ids = [vocabulary.encode(words) for words in captions.tokens]
        self.lengths = np.array([len(ids) for ids in self.ids])
        self._scenes = torch.from_numpy(captions.targets()) if with_scenes else None

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, chosen: np.ndarray) -> CaptionBatch:
        """The captions with these indices."""
        scenes = None if self._scenes is None else self._scenes[torch.from_numpy(chosen)]
        return CaptionBatch(Batch.of([self.ids[i] for i in chosen]), scenes)


class CellPathway:
    """One pathway of a caption network, as methods see it: a cell over an embedding, read out linearly."""

    def __init__(self, name: str, network: CaptionNetwork, output_names: Sequence[str]):
        self.name = name
        self.network = network
        self.vocabulary = network.vocabulary
        self.output_names = tuple(output_names)
        self._cell = network.cells[name]
        self._readout = network.readouts[name]

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {self._cell.units} units, {len(self.output_names)} outputs>"

    @property
    def embedding(self) -> Float[Tensor, "words embedding"]:
        """One row per word of the vocabulary."""
        return self.network.embedding.weight

    @property
    def units(self) -> int:
        """How many units a state has."""
        return self._cell.units

    def states(self, embedded, lengths=None):
        """The units at every position; zero at padded ones."""
        return mask_padding(self._cell(embedded), lengths)

    def representation(self, embedded, lengths=None):
        """The state at the last position, ``</s>`` in a framed sentence."""
        return last_state(self._cell(embedded), lengths)

    def outputs(self, states):
        """Scores before any softmax: words for textual pathways, scene dimensions (standardised) for visual ones."""
        return self._readout(states)

    def initial(self, batch):
        """The state before the first word."""
        return self._cell.initial(batch).to(self.embedding.device)

    def step(self, embedded, state):
        """Read one word: the new state, and its units."""
        return self.advance(self.project(embedded), state)

    def project(self, embedded):
        """The part of a step that depends on the word alone."""
        return self._cell.project(embedded)

    def advance(self, projected, state):
        """The rest of a step: the new state, and its units."""
        state = self._cell.advance(projected, state)
        return state, state

    def scan(self, projected, state):
        """All states of projected words, time first, from a state; differentiable with respect to the words alone."""
        return self._cell.scan(projected, state, frozen=True)

    def readout(self, outputs):
        """The weights, shape (outputs, units), and biases of some outputs."""
        return self._readout.weight[outputs], self._readout.bias[outputs]


class CaptionNetwork(nn.Module):
    """One embedding, and a cell with a linear readout for each pathway.

    Parameters
    ----------
    vocabulary : Vocabulary
    dimensions : sequence of str
        Names of the scene dimensions; empty for a network without a visual loss.
    cells : mapping of str to module
        The recurrent cell of every pathway.
    visual, textual : str or None
        Which pathway carries the visual and which the textual loss.
    alpha : float
        Weight of the textual loss where a network has both.
    as_published : bool
        Leave out the second end symbol (see the module's docstring).
    generator : torch.Generator
        Source of the random weights.
    """

    world: ClassVar[str] = "scenes"
    """The generated corpus that such a network is for."""
    chosen_by: ClassVar[str] = "validation_loss"
    """The column of the training history whose least value makes the best epoch."""
    threads: ClassVar[int | None] = None
    """How many to train with; None for as many as there are."""
    needs_scenes: ClassVar[bool] = True
    """Whether it learns from scene vectors."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        dimensions: Sequence[str],
        cells: Mapping[str, nn.Module],
        *,
        embedding: int,
        visual: str | None,
        textual: str | None,
        alpha: float,
        as_published: bool,
        generator: torch.Generator,
    ):
        super().__init__()
        self.vocabulary = vocabulary
        self.dimensions = tuple(dimensions)
        self.visual_pathway, self.textual_pathway = visual, textual
        self.alpha, self.as_published = alpha, as_published
        self.embedding = nn.Embedding.from_pretrained(
            torch.empty(len(vocabulary), embedding).uniform_(-0.1, 0.1, generator=generator), freeze=False
        )
        self.cells = nn.ModuleDict(cells)
        self.readouts = nn.ModuleDict()
        for name, names in self._output_names().items():
            self.readouts[name] = _readout(self.cells[name].units, len(names), generator)
        self.register_buffer("scene_mean", torch.zeros(len(self.dimensions)))
        self.register_buffer("scene_scale", torch.ones(len(self.dimensions)))

    @classmethod
    def for_corpus(cls, corpus: CaptionCorpus, min_count: int = 1, **sizes) -> CaptionNetwork:
        """An untrained network for the words and scenes of a corpus.

        Raises
        ------
        ValueError
            If the corpus has no captions, or none with scenes where they are needed.
        """
        if not isinstance(corpus, CaptionCorpus):
            raise ValueError(
                f"{cls.__name__} learns from captions, and the corpus {corpus.name!r} has none: take load('scenes') or "
                "load('coco')"
            )
        if cls.needs_scenes and corpus.train.scenes is None:
            corpus.train.targets()  # which says what is missing, before anything is made of nothing
        network = cls(Vocabulary.of(corpus.train.tokens, min_count), corpus.train.dimensions, **sizes)
        network.prepare(corpus.train)
        return network

    def _output_names(self) -> dict[str, tuple[str, ...]]:
        names = {self.visual_pathway: self.dimensions, self.textual_pathway: self.vocabulary.words}
        return {pathway: outputs for pathway, outputs in names.items() if pathway is not None}

    @property
    def pathways(self) -> dict[str, CellPathway]:
        """The pathways by name, as methods take them."""
        return {name: CellPathway(name, self, outputs) for name, outputs in self._output_names().items()}

    def examples(self, captions: Captions) -> CaptionExamples:
        """Captions as this network's :meth:`loss` takes them."""
        return CaptionExamples(captions, self.vocabulary, with_scenes=self.visual_pathway is not None)

    def prepare(self, captions: Captions) -> None:
        """Take from the training captions what is not learnt: mean and scale of each scene dimension.

        A dimension that never varies keeps its scale of 1.
        """
        if self.visual_pathway is None:
            return
        targets = torch.from_numpy(captions.targets()).double()
        scale = targets.std(dim=0, correction=0)
        self.scene_mean.copy_(targets.mean(dim=0))
        self.scene_scale.copy_(torch.where(scale > 0, scale, 1.0))

    def measures(self, corpus: CaptionCorpus) -> dict[str, float]:
        """More columns of the training history: none."""
        return {}

    def standardise(self, scenes: Float[Tensor, "... dimensions"]) -> Float[Tensor, "... dimensions"]:
        """Scene vectors with mean 0 and deviation 1 in each dimension over the training captions."""
        return (scenes - self.scene_mean) / self.scene_scale

    def loss(self, batch: CaptionBatch) -> Tensor:
        """``alpha * LT + (1 - alpha) * LV``, or the one loss there is (paper: equations 9-11)."""
        projected, places = self._words(batch.sentences.ids)
        losses = {}
        for name, cell in self.cells.items():
            states = cell.scan(F.embedding(places, cell.project(projected)).transpose(0, 1))
            if name == self.visual_pathway:
                losses[name] = (1 - self.alpha, self._visual_loss(states, batch))
            else:
                losses[name] = (self.alpha, self._textual_loss(states, batch.sentences))
        if len(losses) == 1:
            return next(iter(losses.values()))[1]
        return sum(weight * loss for weight, loss in losses.values())

    def _words(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings of the distinct words of a batch, and where each stands: a word is projected once."""
        distinct, places = torch.unique(ids, return_inverse=True)
        return self.embedding(distinct), places

    def _visual_loss(self, states: Float[Tensor, "time batch units"], batch: CaptionBatch) -> Tensor:
        ends = states[batch.sentences.lengths - 1, torch.arange(states.shape[1])]
        predicted = self.readouts[self.visual_pathway](ends).float()
        return (1 - F.cosine_similarity(predicted, self.standardise(batch.scenes))).mean()

    def _textual_loss(self, states: Float[Tensor, "time batch units"], sentences: Batch) -> Tensor:
        real, following = next_words(sentences, second_end=not self.as_published)
        scores = self.readouts[self.textual_pathway](states.transpose(0, 1)[real])
        return F.cross_entropy(scores.float(), following[real])


def next_words(sentences: Batch, second_end: bool) -> tuple[Tensor, Tensor]:
    """Where a next word is to be predicted, and which.

    Returns
    -------
    (bool tensor, int tensor), both of shape (batch, time)
        The positions that count, and the word that follows each. At ``</s>`` that is a second ``</s>`` if
        ``second_end``; otherwise the position does not count.

    Examples
    --------
    >>> real, following = next_words(Batch.of([np.array([1, 4, 2])]), second_end=True)
    >>> real.tolist(), following.tolist()
    ([[True, True, True]], [[4, 2, 2]])
    >>> next_words(Batch.of([np.array([1, 4, 2])]), second_end=False)[0].tolist()
    [[True, True, False]]
    """
    end = torch.full_like(sentences.ids[:, :1], Vocabulary.end)
    following = torch.cat((sentences.ids[:, 1:], end), dim=1)
    at_end = sentences.ids == Vocabulary.end
    following = following.masked_fill(at_end, Vocabulary.end)
    return (sentences.mask if second_end else sentences.mask & ~at_end), following


def _readout(units: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(units, outputs, device="meta").to_empty(device="cpu")
    bound = units**-0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


class Imaginet(CaptionNetwork):
    """A ``visual`` and a ``textual`` pathway over one embedding.

    Parameters
    ----------
    vocabulary : Vocabulary
    dimensions : sequence of str
        Names of the scene dimensions.
    embedding, units : int
        Widths; 1024 and 1024 are the paper's.
    alpha : float
        Weight of the textual loss.
    cell : "torch" or "kadar"
        Which gated recurrent unit; see :mod:`reading_neurons.models.gru`.
    as_published : bool
        Do not train the textual state at ``</s>``.
    seed : int

    Examples
    --------
    >>> Imaginet(Vocabulary(["dog"]), ["object:dog"], embedding=4, units=8).pathways
    {'visual': <pathway 'visual': 8 units, 1 outputs>, 'textual': <pathway 'textual': 8 units, 5 outputs>}
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        dimensions: Sequence[str],
        *,
        embedding: int = 1024,
        units: int = 1024,
        alpha: float = 0.1,
        cell: str = "torch",
        as_published: bool = False,
        seed: int = 0,
    ):
        generator = torch.Generator().manual_seed(seed)
        cells = {name: _cell(cell)(embedding, units, generator) for name in ("visual", "textual")}
        super().__init__(
            vocabulary, dimensions, cells, embedding=embedding, visual="visual", textual="textual",
            alpha=alpha, as_published=as_published, generator=generator,
        )  # fmt: skip


class SumPathway(CaptionNetwork):
    """SUM: the visual pathway with its recurrence replaced by the sum of the embeddings (paper: section 5.3).

    Examples
    --------
    >>> SumPathway(Vocabulary(["dog"]), ["object:dog"], embedding=4).pathways
    {'sum': <pathway 'sum': 4 units, 1 outputs>}
    """

    def __init__(self, vocabulary: Vocabulary, dimensions: Sequence[str], *, embedding: int = 1024, seed: int = 0):
        super().__init__(
            vocabulary, dimensions, {"sum": RunningSum(embedding)}, embedding=embedding, visual="sum", textual=None,
            alpha=0.0, as_published=False, generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip


class LanguageModel(CaptionNetwork):
    """The textual pathway alone, trained on text alone.

    ``dimensions`` is taken so that all caption networks are made alike, and left unused.

    Examples
    --------
    >>> LanguageModel(Vocabulary(["dog"]), [], embedding=4, units=8).pathways
    {'language model': <pathway 'language model': 8 units, 5 outputs>}
    """

    needs_scenes = False

    def __init__(
        self,
        vocabulary: Vocabulary,
        dimensions: Sequence[str] = (),
        *,
        embedding: int = 1024,
        units: int = 1024,
        cell: str = "torch",
        as_published: bool = False,
        seed: int = 0,
    ):
        generator = torch.Generator().manual_seed(seed)
        cells = {"language model": _cell(cell)(embedding, units, generator)}
        super().__init__(
            vocabulary, (), cells, embedding=embedding, visual=None, textual="language model",
            alpha=1.0, as_published=as_published, generator=generator,
        )  # fmt: skip


def _cell(name: str):
    if name not in CELLS:
        raise ValueError(f"unknown cell {name!r}: choose one of {', '.join(map(repr, CELLS))}")
    return CELLS[name]
