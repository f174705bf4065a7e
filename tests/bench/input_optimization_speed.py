"""Input optimization at the size of COCO, in a process of its own, with the default small network, and one step of it.

The search is the default, "gumbel + swaps", in bfloat16, for 160 outputs of the textual pathway: 40 steps of four
restarts, then passes of exact swaps until nothing changes. One step is timed beside the same step as one would write it
first: ``torch.nn.GRU``, autograd and ``torch.optim.Adam`` in single precision, with no gradient for the weights.
"""

from __future__ import annotations

import time

import measure
import torch
from measure import Row
from torch import nn

from reading_neurons.corpora import CaptionCorpus, load
from reading_neurons.methods.ascent import DEFAULT, _Adam
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.objective import Objective
from reading_neurons.methods.relaxations import WordRelaxation, generator
from reading_neurons.models import Imaginet, store
from reading_neurons.models.captions import CellPathway
from reading_neurons.neurons import Neuron, output
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

NEURONS, LENGTH = 160, 5
SECONDS, GIGABYTES, AT_ONCE = 120.0, 1.0, 1.0
PLAIN = "torch.nn.GRU and autograd in float32"
STEP = 2.5  # how many times the plain step's speed ours is promised to have
HOT = 1.0


def rows(corpus: CaptionCorpus, units: int = 1024, neurons: int = NEURONS, repeats: int = 5) -> list[Row]:
    """What was promised beside what was measured; targets hold for COCO captions, 1,024 units and 160 neurons."""
    promised = corpus.name == "coco" and units == 1024 and neurons == NEURONS
    seconds, memory = in_its_own_process(corpus.name, units, neurons)
    one = one_neuron(repeats)
    name, note = f"inputs-{units}", f"{neurons} neurons, default, bfloat16, {corpus.name}"
    found = [
        Row(name, "two minutes", seconds, SECONDS, 1 if promised else None, note),
        Row(name, "one GB", memory, GIGABYTES, 1 if promised else None, note, "GB"),
        Row("inputs-small", "one second", one, AT_ONCE, 1, "one neuron, default, the default network on scenes"),
    ]
    pathway = network(corpus, units)
    chosen = textual(pathway, neurons)
    check(pathway, chosen[:4])
    steps = {"ours": ours(pathway, chosen, "bfloat16"), "ours in float32": ours(pathway, chosen, "float32")}
    steps[PLAIN] = Plain(pathway, chosen).step
    timed = measure.interleaved(steps, repeats)
    first = timed.pop("ours")
    words = len(pathway.vocabulary) - 4
    note = f"one step, {neurons} neurons, {words:,} words"
    target = STEP if promised else None
    return found + [Row(name, road, first, other, target if road == PLAIN else None, note) for road, other in timed.items()]


def network(corpus: CaptionCorpus, units: int) -> CellPathway:
    """A textual pathway with random weights over the words of the training captions."""
    vocabulary = Vocabulary.of(corpus.train.tokens, min_count=5)
    return Imaginet(vocabulary, ["object"], embedding=units, units=units).eval().pathways["textual"]


def textual(pathway: CellPathway, count: int) -> list[Neuron]:
    """Outputs for words at even distances."""
    words = len(pathway.vocabulary)
    return [output(pathway, 4 + (words - 4) * i // count) for i in range(count)]


def in_its_own_process(corpus: str, units: int, neurons: int) -> tuple[float, float]:
    """Seconds that the search takes, and the most memory that its process held, captions and all, in GB."""
    return measure.alone(searched, corpus, units, neurons)


def searched(corpus: str, units: int, neurons: int) -> tuple[float, float]:
    """The same in this process."""
    pathway = network(load(corpus), units)
    chosen = textual(pathway, neurons)
    began = time.perf_counter()
    optimize(pathway, chosen, LENGTH, precision="bfloat16")
    return time.perf_counter() - began, measure.peak_memory()


def one_neuron(repeats: int) -> float:
    """Median seconds for one output of the default network on scenes."""
    pathway = store.untrained("imaginet", load("scenes")).pathways["visual"]
    optimize(pathway, output(pathway, 0))
    return measure.interleaved({"one": lambda: optimize(pathway, output(pathway, 1))}, repeats)["one"]


def ours(pathway: CellPathway, neurons: list[Neuron], precision: str):
    """One step of the ascent, one row for each neuron."""
    words = torch.arange(4, len(pathway.vocabulary))
    objective = Objective(Reader(pathway, neurons, precision=precision), words, LENGTH)
    relaxed = WordRelaxation("gumbel", objective, [generator(0, one, 0) for one in neurons], 1, DEFAULT.start)
    adam = _Adam(relaxed.free, DEFAULT.learning_rate)

    def step() -> torch.Tensor:
        activation = objective.reader.activation(relaxed.embedded(HOT), objective.neurons)
        (slope,) = torch.autograd.grad(activation.sum(), relaxed.free)
        adam.raise_by(slope)
        return activation.detach()

    return step


class Plain:
    """The same step as one would write it first."""

    def __init__(self, pathway: CellPathway, neurons: list[Neuron]):
        cell = pathway.network.cells["textual"].gru
        self.gru = nn.GRU(cell.input_size, cell.hidden_size, batch_first=True)
        self.gru.load_state_dict(cell.state_dict())
        self.gru.requires_grad_(False)
        self.table = pathway.embedding.detach()
        self.weight, self.bias = (part.detach() for part in pathway.readout(torch.tensor([one.members[0] for one in neurons])))
        self.sources = [generator(0, one, 0) for one in neurons]
        shape = (LENGTH, len(self.table) - 4)
        drawn = [torch.empty(shape).uniform_(-DEFAULT.start, DEFAULT.start, generator=one) for one in self.sources]
        self.free = torch.stack(drawn).requires_grad_()
        self.adam = torch.optim.Adam([self.free], lr=DEFAULT.learning_rate, maximize=True)

    def step(self) -> torch.Tensor:
        """Noise, mixture, network, gradient, update."""
        noise = torch.stack([torch.rand(self.free.shape[1:], generator=one) for one in self.sources])
        scores = torch.log_softmax(self.free, dim=2) - torch.log(-torch.log(noise.clamp(min=1e-38)))
        mixed = torch.softmax(scores / HOT, dim=2) @ self.table[4:]
        start = self.table[Vocabulary.start].expand(len(mixed), 1, -1)
        states = self.gru(torch.cat((start, mixed), dim=1))[0][:, -1]
        activation = (states * self.weight).sum(dim=1) + self.bias
        self.adam.zero_grad()
        activation.sum().backward()
        self.adam.step()
        return activation.detach()


def check(pathway: CellPathway, neurons: list[Neuron]) -> None:
    """Raise an error if three steps of ours are not those of the plain way."""
    step, plain = ours(pathway, neurons, "float32"), Plain(pathway, neurons)
    apart = max(float((step() - plain.step()).abs().max()) for _ in range(3))
    if not apart < 1e-3:
        raise RuntimeError(f"the plain step reads activations up to {apart:.2g} from ours")
