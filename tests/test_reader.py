"""Readers: every road to an activation against reading one n-gram after the other through the whole network."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from reading_neurons import reader as reader_module
from reading_neurons.models import Imaginet, SumPathway
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import Neuron, group, output, unit
from reading_neurons.pathway import Recurrent
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

WORDS = [f"w{i}" for i in range(9)]
VOCABULARY = Vocabulary(WORDS)
DIMENSIONS = [f"object:{i}" for i in range(5)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class Neighbours:
    """A network that cannot be driven word by word, whose outputs are not linear: each place sees its neighbours."""

    name, vocabulary, output_names = "neighbours", VOCABULARY, tuple(DIMENSIONS)

    def __init__(self):
        self.embedding = torch.randn(len(VOCABULARY), 6, generator=generator(1))
        self._mix = torch.randn(18, 7, generator=generator(2))
        self._out = torch.randn(7, 5, generator=generator(3))

    def states(self, embedded, lengths=None):
        """A tanh of each word and the two beside it."""
        padded = F.pad(embedded, (0, 0, 1, 1))
        return torch.tanh(torch.cat((padded[:, :-2], padded[:, 1:-1], padded[:, 2:]), dim=2) @ self._mix)

    def representation(self, embedded, lengths=None):
        """The mean over all places."""
        return self.states(embedded).mean(dim=1)

    def outputs(self, states):
        """Squares of scores."""
        return (states @ self._out).square()


def network(cell):
    made = Imaginet(VOCABULARY, DIMENSIONS, embedding=6, units=32, cell=cell, seed=3)
    made.embedding.weight.data.mul_(10)
    return made.eval()


def pathways():
    """Pathways by name, each with some neurons that are read at one place."""
    detectors = DetectorPathway(VOCABULARY, [Detector("a", on=["w1"], off=["w2"], hold=0.5)], noise=31, seed=1)
    whole = SumPathway(VOCABULARY, DIMENSIONS, embedding=6, seed=2).eval().pathways["sum"]
    found = {"neighbours": Neighbours(), "detectors": detectors, "sum": whole}
    for cell in ("torch", "kadar"):
        found |= {f"{cell} {name}": pathway for name, pathway in network(cell).pathways.items()}
    neurons = {}
    for name, pathway in found.items():
        neurons[f"{name}, units"] = (pathway, [unit(0), group([5, 2]), unit(4), group([0, 1, 2, 3])])
        both = Neuron("output", (1, 3), "both", output(pathway, 1).place)
        neurons[f"{name}, outputs"] = (pathway, [output(pathway, 0), both, output(pathway, 4)])
    return neurons


PATHWAYS = pathways()
each = pytest.mark.parametrize("pathway, neurons", PATHWAYS.values(), ids=PATHWAYS)
framed = pytest.mark.parametrize("frame", [True, False], ids=["framed", "bare"])


def naive(pathway, neuron, embedded, frame):
    """The activation after some vectors, read alone through the whole network."""
    if frame:
        embedded = torch.cat((pathway.embedding[[1]], embedded, pathway.embedding[[2]]))
    if frame and neuron.place == "end":
        state = pathway.representation(embedded[None])[0]
    else:
        state = pathway.states(embedded[None])[0, -2 if frame else -1]
    return (state if neuron.kind == "unit" else pathway.outputs(state))[list(neuron.members)].mean()


def naively(pathway, neurons, ids, rows, frame):
    read = [naive(pathway, neurons[row], pathway.embedding[words], frame) for words, row in zip(ids, rows, strict=True)]
    return torch.stack(read).detach()


def some(count, length=4, neurons=3, seed=0):
    """Random n-grams, and for each the number of a neuron."""
    source = generator(seed)
    return torch.randint(4, 13, (count, length), generator=source), torch.randint(neurons, (count,), generator=source)


def test_the_pathways_are_of_both_kinds():
    driven = [isinstance(pathway, Recurrent) for pathway, _ in PATHWAYS.values()]
    assert any(driven) and not all(driven)
    assert not hasattr(PATHWAYS["neighbours, outputs"][0], "readout")


@each
@framed
@pytest.mark.parametrize("count, length", [(1, 1), (5, 4), (40, 3)])
def test_n_grams_are_read_as_one_would_read_each_alone(pathway, neurons, frame, count, length):
    ids, rows = some(count, length, len(neurons))
    found = Reader(pathway, neurons, frame=frame).read(ids, rows)
    torch.testing.assert_close(found, naively(pathway, neurons, ids, rows, frame), atol=1e-5, rtol=1e-5)


def test_the_frame_and_the_place_matter():
    pathway, neurons = PATHWAYS["torch visual, outputs"]
    ids, rows = some(20)
    at_end = Reader(pathway, neurons).read(ids, rows)
    early = [Neuron(neuron.kind, neuron.members, neuron.name) for neuron in neurons]
    for other in (Reader(pathway, neurons, frame=False), Reader(pathway, early)):
        assert (other.read(ids, rows) - at_end).abs().max() > 1e-2


@each
@framed
def test_any_vectors_are_read_and_have_the_gradient_of_plain_autograd(pathway, neurons, frame):
    rows = torch.arange(len(neurons)).repeat(3)
    embedded = torch.randn(len(rows), 4, pathway.embedding.shape[1], generator=generator(5)).requires_grad_()
    found = Reader(pathway, neurons, frame=frame).activation(embedded, rows)
    plain = torch.stack([naive(pathway, neurons[row], one, frame) for one, row in zip(embedded, rows, strict=True)])
    torch.testing.assert_close(found, plain, atol=1e-5, rtol=1e-5)
    weights = torch.randn(len(rows), generator=generator(6))
    (slope,) = torch.autograd.grad(found @ weights, embedded)
    (expected,) = torch.autograd.grad(plain @ weights, embedded)
    assert expected.abs().max() > 1e-3
    torch.testing.assert_close(slope, expected, atol=1e-5, rtol=1e-4)


@each
def test_the_gradient_is_that_of_finite_differences(pathway, neurons):
    reader = Reader(pathway, neurons)
    embedded = torch.randn(2, 3, pathway.embedding.shape[1], generator=generator(7))
    along = torch.randn(embedded.shape, generator=generator(8))
    rows = torch.tensor([0, 2])
    free = embedded.clone().requires_grad_()
    (slope,) = torch.autograd.grad(reader.activation(free, rows).sum(), free)
    step = 1e-3
    with torch.no_grad():
        up, down = (reader.activation(embedded + sign * step * along, rows).double().sum() for sign in (1, -1))
    assert float((slope * along).sum()) == pytest.approx(float(up - down) / (2 * step), rel=2e-2, abs=5e-3)


@each
@framed
@pytest.mark.parametrize("place", [0, 2, 3])
def test_every_word_at_one_place(pathway, neurons, frame, place, monkeypatch):
    monkeypatch.setattr(reader_module, "ROWS_AT_ONCE", 16)  # so that n-grams come in parts
    ids, rows = some(5, 4, len(neurons))
    candidates = torch.stack([torch.randperm(9, generator=generator(i))[:6] + 4 for i in range(5)])
    found = Reader(pathway, neurons, frame=frame).swapped(ids, rows, place, candidates)
    for column in range(6):
        whole = ids.clone()
        whole[:, place] = candidates[:, column]
        torch.testing.assert_close(found[:, column], naively(pathway, neurons, whole, rows, frame), atol=1e-5, rtol=1e-5)


@each
@framed
@pytest.mark.parametrize("at_once", [8192, 7, 1])
def test_all_neurons_over_a_sorted_list(pathway, neurons, frame, at_once):
    ids = np.unique(some(60, 3)[0].numpy(), axis=0)
    reader = Reader(pathway, neurons, frame=frame)
    found = torch.full((len(ids), len(neurons)), torch.nan)
    for begin, part in reader.all_neurons(ids, at_once):
        found[begin : begin + len(part)] = part
    for row in range(len(neurons)):
        expected = reader.read(torch.from_numpy(ids), torch.full((len(ids),), row))
        torch.testing.assert_close(found[:, row], expected, atol=1e-5, rtol=1e-5)


def test_a_list_that_is_not_sorted_is_read_all_the_same():
    pathway, neurons = PATHWAYS["torch textual, units"]
    ids = torch.tensor([[5, 4], [4, 4], [5, 4], [5, 4], [4, 5]])
    reader = Reader(pathway, neurons)
    ((_, found),) = reader.all_neurons(ids.numpy())
    torch.testing.assert_close(found[:, 1], reader.read(ids, torch.ones(5, dtype=torch.long)), atol=1e-5, rtol=1e-5)


@each
@pytest.mark.parametrize("count", [1, 3, 15, 17])
def test_an_n_gram_scores_the_same_to_the_last_bit_in_any_company(pathway, neurons, count):
    ids, rows = some(300, 4, len(neurons))
    reader = Reader(pathway, neurons)
    assert torch.equal(reader.read(ids[:count], rows[:count]), reader.read(ids, rows)[:count])
    embedded = pathway.embedding[ids].detach().clone()
    together = reader.activation(embedded, rows)[:count]
    assert torch.equal(reader.activation(embedded[:count], rows[:count]), together)
    alone = Reader(pathway, [neurons[int(rows[0])]])
    assert torch.equal(alone.read(ids[:1], rows[:1] * 0), reader.read(ids, rows)[:1])


@pytest.mark.parametrize("name", ["torch visual, outputs", "kadar textual, units", "neighbours, outputs"])
def test_half_precision_is_close_and_not_the_same(name):
    pathway, neurons = PATHWAYS[name]
    ids, rows = some(200, 4, len(neurons))
    exact, half = (Reader(pathway, neurons, precision=name).read(ids, rows) for name in ("float32", "bfloat16"))
    assert half.dtype == torch.float32 and not torch.equal(exact, half)
    assert (exact - half).abs().max() < 0.1 * exact.std() + 0.05 * exact.abs().max()


def test_reading_leaves_no_gradient_behind():
    pathway, neurons = PATHWAYS["torch visual, units"]
    ids, rows = some(3, 4, len(neurons))
    assert not Reader(pathway, neurons).read(ids, rows).requires_grad
    assert all(weight.grad is None for weight in pathway.network.parameters())


VISUAL = PATHWAYS["torch visual, units"][0]


@pytest.mark.parametrize(
    "pathway, neurons, settings, message",
    [
        (VISUAL, [], {}, "expected neurons that are read at one place, found no neuron"),
        (VISUAL, [unit(0), output(VISUAL, 0)], {}, r"found \['end', 'last word'\]"),
        (VISUAL, [unit(32)], {}, "there is no unit 32: 'visual' has the units 0 to 31"),
        (VISUAL, [unit(0)], {"precision": "float16"}, "unknown precision 'float16': choose one of 'float32', 'bfloat16'"),
        (Neighbours(), [Neuron("output", (5,), "five")], {}, "'five' is not one of the 5 outputs of 'neighbours'"),
        (Neighbours(), [Neuron("output", (1,), "one"), unit(0)], {}, "'unit 0' is not one of .* in two calls"),
    ],
)
def test_what_cannot_be_read_is_an_error(pathway, neurons, settings, message):
    with pytest.raises(ValueError, match=message):
        Reader(pathway, neurons, **settings)
