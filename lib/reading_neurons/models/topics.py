"""A network written by hand whose outputs answer to topics: the truth that a search for concepts is held against.

Every word has a vector of random numbers, and words of a topic have a direction of their own in common: with u(k) the
direction of topic k and c its closeness, a word of the topic is c u(k) + sqrt(1 - c^2) noise, so that the cosine of two
of its words is about c^2. A unit for each direction adds up what it has read,

    s_k(t) = s_k(t - 1) + u(k) . e(word t),

and an output is the sum of some units, or, where it answers to either and not to a mixture, the largest of them.

Easy to get wrong: an output of a random direction is not without a topic. The words that it wants most have that
direction in common, the more so the fewer numbers a vector has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons.padding import last_state, mask_padding
from reading_neurons.text import Vocabulary


@dataclass(frozen=True)
class TopicOutput:
    """What an output answers to.

    Attributes
    ----------
    name : str
    topics : tuple of str
        Topics by name; None stands for a random direction that no word was given.
    either : bool
        The largest of the topics counts, so that a mixture is worth less; otherwise their sum.
    """

    name: str
    topics: tuple[str | None, ...]
    either: bool = False


class TopicPathway:
    """A recurrent pathway whose outputs answer to topics.

    Parameters
    ----------
    vocabulary : Vocabulary
    topics : mapping of str to collections of str
        The words of each topic.
    outputs : sequence of TopicOutput
    closeness : float
        The part of a topic word's vector that is its topic's, from 0 to 1.
    width : int
        Numbers of a vector.
    seed : int
    name : str

    Raises
    ------
    ValueError
        If there is no output, one names no topic or one that does not exist, a word of a topic is not in the
        vocabulary, or the closeness is not from 0 to 1.

    Examples
    --------
    >>> vocabulary = Vocabulary(["pizza", "salad", "ball", "bat", "the"])
    >>> topics = {"food": ["pizza", "salad"], "sports": ["ball", "bat"]}
    >>> pathway = TopicPathway(vocabulary, topics, [TopicOutput("both", ("food", "sports"))], closeness=1.0)
    >>> ids = torch.tensor([[vocabulary.number("pizza"), vocabulary.number("bat")]])
    >>> pathway.outputs(pathway.states(pathway.embedding[ids]))[0, :, 0].round(decimals=3).tolist()
    [1.0, 2.0]
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        topics: Mapping[str, Collection[str]],
        outputs: Sequence[TopicOutput],
        closeness: float = 0.6,
        width: int = 256,
        seed: int = 0,
        name: str = "topics",
    ):
        _check(vocabulary, topics, outputs, closeness)
        self.name, self.vocabulary, self.written = name, vocabulary, tuple(outputs)
        self.output_names = tuple(output.name for output in outputs)
        generator = torch.Generator().manual_seed(seed)
        random = sum(topic is None for output in outputs for topic in output.topics)
        directions = torch.linalg.qr(torch.randn(width, len(topics) + random, generator=generator)).Q.t()
        noise = torch.randn(len(vocabulary), width, generator=generator)
        # The noise of a word leaves the planted directions alone; that of outputs without a topic has them all.
        planted = directions[: len(topics)]
        noise = torch.nn.functional.normalize(noise - noise @ planted.t() @ planted, dim=1)
        of_topic = torch.zeros(len(vocabulary), len(topics))
        for column, words in enumerate(topics.values()):
            of_topic[[vocabulary.number(word) for word in words], column] = closeness
        rest = (1 - of_topic.square().sum(dim=1, keepdim=True).clamp(max=1)).sqrt()
        embedding = of_topic @ planted + rest * noise
        embedding[: vocabulary.unknown + 1] = 0  # what frames an n-gram says nothing
        self.embedding: Float[Tensor, "words embedding"] = embedding
        self._directions = directions
        spare = iter(range(len(topics), len(directions)))
        numbers = {topic: column for column, topic in enumerate(topics)}
        self._members = [
            [next(spare) if topic is None else numbers[topic] for topic in output.topics] for output in outputs
        ]

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {len(self.written)} outputs>"

    @property
    def units(self) -> int:
        """How many units a state has: one for each direction."""
        return len(self._directions)

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first word: zeros."""
        return torch.zeros(batch, self.units)

    def step(self, embedded, state):
        """Read one word: the new state, and its units."""
        state = state + embedded @ self._directions.t()
        return state, state

    def states(self, embedded, lengths=None):
        """The units at every position; zero at padded ones."""
        return mask_padding((embedded @ self._directions.t()).cumsum(dim=1), lengths)

    def representation(self, embedded, lengths=None):
        """The state at the last position."""
        return last_state(self.states(embedded), lengths)

    def outputs(self, states):
        """The sum, or the largest, of each output's units."""
        parts = [
            states[..., members].amax(dim=-1) if output.either else states[..., members].sum(dim=-1)
            for output, members in zip(self.written, self._members, strict=True)
        ]
        return torch.stack(parts, dim=-1)


def _check(vocabulary: Vocabulary, topics, outputs, closeness: float) -> None:
    if not outputs:
        raise ValueError("a pathway of topics needs at least one output, found none")
    if not 0 <= closeness <= 1:
        raise ValueError(f"the closeness of a topic's words is from 0 to 1, found {closeness}")
    for output in outputs:
        unknown = [topic for topic in output.topics if topic is not None and topic not in topics]
        if unknown or not output.topics:
            raise ValueError(f"the output {output.name!r} names the topics {output.topics}; there are {list(topics)}")
    for topic, words in topics.items():
        if missing := [word for word in words if word not in vocabulary]:
            raise ValueError(f"the topic {topic!r} has the word {missing[0]!r}, which is not in the vocabulary")
