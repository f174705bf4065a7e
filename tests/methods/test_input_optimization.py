"""Input optimization: every method behind the one call, held against enumeration, a counting network and itself alone."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from reading_neurons import pathway as pathway_module
from reading_neurons import reader as reader_module
from reading_neurons.corpora import scenes
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.discrete_search import SEARCHES, Budget
from reading_neurons.methods.input_optimization import METHODS, allowed_words, optimize
from reading_neurons.methods.relaxations import RELAXATIONS
from reading_neurons.methods.swaps import Swaps
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import group, output, unit
from reading_neurons.text import SPECIALS, Vocabulary

VOCABULARY = Vocabulary([f"w{i}" for i in range(12)])
NETWORK = Imaginet(VOCABULARY, ["object:a", "object:b"], embedding=6, units=32, seed=1).eval()
NETWORK.embedding.weight.data.mul_(10)
VISUAL, TEXTUAL = NETWORK.pathways["visual"], NETWORK.pathways["textual"]
CORPUS = [[f"w{(3 * i + j * j) % 12}" for j in range(2 + i % 5)] for i in range(40)]
BUDGET = Budget(evaluations=1500)
each = pytest.mark.parametrize("method", METHODS)


def run(pathway, neurons, method, **settings):
    settings = {"corpus": CORPUS, "budget": BUDGET if method in SEARCHES else None, "length": 3, **settings}
    return optimize(pathway, neurons, method=method, **settings)


@torch.no_grad()
def activation(pathway, neuron, words, frame=True):
    """The activation after some words, read alone through the whole network."""
    ids = [pathway.vocabulary.number(word) for word in words.split()]
    embedded = pathway.embedding[torch.tensor([1, *ids, 2] if frame else ids)][None]
    if frame and neuron.place == "end":
        state = pathway.representation(embedded)[0]
    else:
        state = pathway.states(embedded)[0, -2 if frame else -1]
    return float((state if neuron.kind == "unit" else pathway.outputs(state))[list(neuron.members)].mean())


@each
@pytest.mark.parametrize("settings", [{}, {"frame": False}, {"lowest": True}, {"precision": "bfloat16"}], ids=str)
def test_a_row_for_each_neuron_with_the_activation_of_its_words(method, settings):
    neurons = [output(VISUAL, 1), unit(3), group([0, 5, 7], "three"), output(VISUAL, 0)]
    table = run(VISUAL, neurons, method, **settings)
    columns = ["neuron", "words", "activation", "method", "steps", "seconds", "evaluations"]
    assert list(table) == columns + ["cosine"] * (method == "embedding") and list(table.index) == [0, 1, 2, 3]
    assert table["neuron"].tolist() == ["object:b", "unit 3", "three", "object:a"]
    assert (table["method"] == method).all() and (table["evaluations"] > 0).all() and (table["seconds"] >= 0).all()
    assert (table["steps"] == (40 if method in RELAXATIONS or "swaps" in method else 0)).all()
    for row, neuron in zip(table.itertuples(), neurons, strict=True):
        expected = activation(VISUAL, neuron, row.words, settings.get("frame", True))
        assert row.activation == pytest.approx(expected, abs=1e-5)
        assert len(row.words.split()) == 3 or method == "corpus"
    if method == "embedding":
        assert table["cosine"].between(-1, 1).all() and table["cosine"].nunique() > 1


@pytest.mark.parametrize("settings", [{}, {"lowest": True}, {"frame": False}, {"pinned": {1: "w4"}}], ids=str)
@pytest.mark.parametrize("pathway", [VISUAL, TEXTUAL], ids=["visual", "textual"])
def test_the_default_finds_what_enumeration_finds(pathway, settings):
    neurons = [output(pathway, 0), output(pathway, 1), group([2, 3, 9])]
    table = run(pathway, neurons, "gumbel + swaps", **settings)
    every = [" ".join(words) for words in itertools.product(VOCABULARY.words[4:], repeat=3)]
    every = [words for words in every if "pinned" not in settings or words.split()[1] == "w4"]
    for row, neuron in zip(table.itertuples(), neurons, strict=True):
        ids = torch.tensor([[VOCABULARY.number(word) for word in words.split()] for words in every])
        scores = reader_module.Reader(pathway, [neuron], frame=settings.get("frame", True)).read(ids, ids[:, 0] * 0)
        best = scores.min() if settings.get("lowest") else scores.max()
        assert row.activation == pytest.approx(float(best), rel=1e-5)


def test_what_is_planted_is_found_by_every_method():
    captions = scenes.generate(scenes=60).test
    vocabulary = Vocabulary.of(captions.tokens)
    pathway = DetectorPathway(vocabulary, [Detector("dog", on=["dog"], off=["cat"], hold=0.5), Detector("a", on=["a"])])
    for method in METHODS:
        table = optimize(
            pathway, [unit(0), unit(1)], 3, method, corpus=captions, budget=Budget(evaluations=20_000) if method in SEARCHES else None
        )
        assert [words.split()[-1] for words in table["words"]] == ["dog", "a"], method
        assert table["activation"].tolist() == [1.0, 1.0]


@each
def test_where_no_word_matters_nothing_is_found(method):
    pathway = DetectorPathway(VOCABULARY, [Detector("never", on=["<unk>"])])
    table = run(pathway, [unit(0)], method)
    assert table["activation"].tolist() == [0.0]
    assert run(pathway, [unit(0)], method, lowest=True)["activation"].tolist() == [0.0]


@each
def test_special_symbols_never_win(method):
    words = Vocabulary(["a", "b"])
    network = Imaginet(words, ["object:a"], embedding=6, units=32, seed=1).eval()
    network.embedding.weight.data[:4] *= 100  # which anything free to write them would
    table = run(network.pathways["visual"], [output(network.pathways["visual"], 0), unit(2)], method, corpus=[["a", "b", "a"]])
    assert not set(" ".join(table["words"]).split()) & set(SPECIALS)


def test_a_word_may_occur_twice():
    table = run(VISUAL, [output(VISUAL, 0), output(VISUAL, 1)], "gumbel + swaps")
    assert any(len(set(words.split())) < 3 for words in table["words"])


@each
def test_only_words_that_are_frequent_enough_are_written(method):
    counts = {word: sum(one.count(word) for one in CORPUS) for word in VOCABULARY.words[4:]}
    least = sorted(counts.values())[6]
    table = run(VISUAL, [unit(i) for i in range(6)], method, min_count=least, length=2)
    used = set(" ".join(table["words"]).split())
    assert all(counts[word] >= least for word in used) and min(counts.values()) < least
    assert allowed_words(VOCABULARY, CORPUS, least).sum() == sum(count >= least for count in counts.values())


@each
def test_words_given_stay(method):
    first = CORPUS[2][0]
    table = run(VISUAL, [unit(0), output(VISUAL, 1)], method, pinned={0: first})
    assert all(words.split()[0] == first for words in table["words"])


@pytest.mark.parametrize(
    "method, precision", [*((method, "float32") for method in METHODS[1:]), ("gumbel + swaps", "bfloat16"), ("corpus", "bfloat16")]
)
def test_memory_and_company_change_nothing(method, precision):
    neurons = [unit(i) for i in range(5)]
    together = run(VISUAL, neurons, method, precision=precision, length=5)
    apart = [run(VISUAL, [neuron], method, precision=precision, length=5) for neuron in neurons]
    chunked = run(VISUAL, neurons, method, precision=precision, length=5, memory=20_000)
    for column in ("words", "activation", "evaluations", "steps"):
        assert together[column].tolist() == chunked[column].tolist() == [one[column].iloc[0] for one in apart], column


def test_the_seed_decides():
    neurons = [unit(i) for i in range(5)]
    one, same, other = (run(TEXTUAL, neurons, "random", length=6, seed=seed)["words"].tolist() for seed in (0, 0, 1))
    assert one == same and one != other


class Counting:
    """A network that counts the n-grams that pass through it, forward and backward; it cannot be driven word by word."""

    name, vocabulary, output_names = "counting", VOCABULARY, None

    def __init__(self):
        self.embedding = torch.randn(len(VOCABULARY), 6, generator=torch.Generator().manual_seed(1))
        self._mix = torch.randn(12, 32, generator=torch.Generator().manual_seed(2))
        self.count = 0

    def states(self, embedded, lengths=None):
        """A tanh of each word and the one before."""
        if embedded.shape[1] == 5:  # three words in a frame
            self._add(len(embedded))
            if embedded.requires_grad:
                embedded.register_hook(lambda slope: self._add(len(slope)))
        return torch.tanh(torch.cat((F.pad(embedded, (0, 0, 1, 0))[:, :-1], embedded), dim=2) @ self._mix)

    def _add(self, count):
        self.count += count

    def representation(self, embedded, lengths=None):
        """The last state."""
        return self.states(embedded)[:, -1]

    def outputs(self, states):
        """The states."""
        return states


@pytest.mark.parametrize("method", METHODS)
def test_every_n_gram_through_the_network_is_counted(method, monkeypatch):
    for module in (reader_module, pathway_module):  # rows that fill up a product are nobody's
        monkeypatch.setattr(module, "FEWEST_ROWS", 0)
    pathway = Counting()
    table = run(pathway, [unit(0), unit(5)], method, ascent=Ascent(steps=7, restarts=3, samples=2), swaps=Swaps(candidates=5))
    if method == "corpus":  # one pass for all neurons
        threes = sum(len(words) >= 3 for words in CORPUS)
        assert 0 < pathway.count - 2 <= table["evaluations"].iloc[0] and threes and table["evaluations"].nunique() == 1
        return
    again = 2  # what is given is read once more, on its own
    assert table["evaluations"].sum() == pathway.count - again


def test_more_precise_looks_are_counted_too(monkeypatch):
    for module in (reader_module, pathway_module):
        monkeypatch.setattr(module, "FEWEST_ROWS", 0)
    pathway = Counting()
    table = run(pathway, [unit(0), unit(5)], "gumbel + swaps", precision="bfloat16")
    assert table["evaluations"].sum() == pathway.count - 2


def test_who_asks_is_told_of_every_better_n_gram():
    for method in METHODS[1:]:
        told = []
        table = run(VISUAL, [unit(3), output(VISUAL, 0)], method, found=told.append)
        for row in table.itertuples():
            own = [one for one in told if one.neuron.name == row.neuron]
            assert (own[-1].words, own[-1].activation) == (row.words, pytest.approx(row.activation, abs=1e-6))
            assert own[-1].evaluations <= row.evaluations


def test_the_published_schedule_runs_by_its_name(monkeypatch):
    steps = []

    def stop(step):
        steps.append(step)
        if len(steps) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(VISUAL, unit(0), "gumbel", ascent="published", watch=stop)
    assert [step.temperature for step in steps] == pytest.approx([2.0, 1.9999, 1.99980001], rel=1e-6)
    assert steps[0].relaxation.samples == 64 and len(steps[0].rows) == 1
    assert steps[2].objective.evaluations.item() >= 2 * 2 * 64


@pytest.mark.parametrize("length", [1, 2, 10])
def test_lengths_from_one_word_to_ten(length):
    for method in METHODS:
        words = run(VISUAL, unit(0), method, length=length)["words"][0].split()
        assert len(words) == length or (method == "corpus" and len(words) <= length)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"method": "annealing"}, "unknown method 'annealing': choose one of 'corpus', 'embedding'"),
        ({"neurons": []}, "expected at least one neuron, found none"),
        ({"length": 0}, "an n-gram has at least 1 word, found a length of 0"),
        ({"length": -2}, "found a length of -2"),
        ({"method": "corpus", "corpus": None}, "the method 'corpus' looks for n-grams in a corpus: give corpus="),
        ({"method": "corpus", "corpus": []}, "expected at least one sentence, found none"),
        ({"method": "corpus", "pinned": {0: "w1", 1: "w1"}}, "no n-gram of the corpus has the pinned words in their places"),
        ({"min_count": 2, "corpus": None}, "min_count=2 counts words of a corpus: give corpus="),
        ({"min_count": 10_000}, "occurs 10000 times: lower min_count"),
        ({"min_count": 2, "corpus": []}, "expected at least one sentence, found none"),
        ({"pinned": {3: "w1"}}, "cannot pin 'w1' at place 3: the places are 0 to 2"),
        ({"pinned": {-1: "w1"}}, "cannot pin 'w1' at place -1"),
        ({"pinned": {0: "zebra"}}, "cannot pin 'zebra': the network does not know this word"),
        ({"pinned": {0: "w1", 1: "w2", 2: "w3"}}, "all 3 places are pinned: leave one free"),
        ({"method": "random", "budget": None}, "the search 'random' goes on until its budget is spent: give budget="),
        ({"method": "coordinate", "budget": Budget(evaluations=5)}, "too small for one move of 'coordinate'"),
        ({"method": "greedy gradient", "budget": Budget(seconds=0)}, "too small for one move of 'greedy gradient'"),
        ({"ascent": "published", "method": "coordinate"}, "found the ascent 'published' for 'coordinate'"),
        ({"ascent": "fast"}, "found the ascent 'fast' for 'gumbel': give an Ascent, or 'published'"),
        ({"precision": "float16"}, "unknown precision 'float16'"),
        ({"memory": 0}, "expected some bytes of memory, found 0"),
        ({"neurons": [unit(32)]}, "there is no unit 32: 'visual' has the units 0 to 31"),
    ],
)
def test_what_cannot_be_searched_is_an_error_with_a_way_out(settings, message):
    settings = {"neurons": [unit(0)], "method": "gumbel", **settings}
    with pytest.raises(ValueError, match=message):
        run(VISUAL, settings.pop("neurons"), settings.pop("method"), **settings)


@each
def test_an_activation_that_is_not_a_number_is_an_error(method):
    network = Imaginet(VOCABULARY, ["object:a"], embedding=6, units=32).eval()
    network.cells["visual"].gru.weight_hh_l0.data[0] = math.nan
    with pytest.raises(ValueError, match="not a number: was the network's training unstable"):
        run(network.pathways["visual"], unit(0), method)


def test_the_words_allowed_are_all_but_the_special_symbols():
    assert np.flatnonzero(~allowed_words(VOCABULARY)).tolist() == [0, 1, 2, 3]
