"""Writing into networks: against loops over torch's cells, and nothing stays behind."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons import passes
from reading_neurons.features import Feature
from reading_neurons.methods.intervene import intervene, mean_over, means, oracle
from reading_neurons.models import LSTM, BiLSTM, Imaginet
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.models.sentiment import Recurrent
from reading_neurons.pathway import represent, state_rows
from reading_neurons.text import Batch, Vocabulary

TEXTS = ["(1)", "0(12)1", "()", "2((0)1)2"]
CHARACTERS = CharacterLSTM(Vocabulary(list("()012"), list), units=6, seed=4).eval()
WORDS = Vocabulary(["a", "dog", "runs", "fast"])
IMAGINET = Imaginet(WORDS, ["object:dog"], embedding=5, units=6, seed=2).eval()
SENTENCES = ["a dog runs", "dog", "a a fast dog runs"]
ONE = Feature("one", "the digit 1", lambda text: [c == "1" for c in text])


def characters():
    return CHARACTERS.pathways["character lstm"]


def others():
    """A fresh pathway of every other kind that can be driven word by word."""
    return [
        CHARACTERS.pathways["character cell"],
        IMAGINET.pathways["visual"],
        Imaginet(WORDS, ["object:dog"], embedding=5, units=6, cell="kadar").eval().pathways["textual"],
        *(cls(WORDS, embedding=5, units=6).eval().pathways[cls.name] for cls in (Recurrent, LSTM)),
    ]


def batch_of(pathway, texts):
    batch = Batch.of([pathway.vocabulary.encode(pathway.vocabulary.tokenizer(text)) for text in texts])
    return pathway.embedding[batch.ids], batch.lengths


def lstm_loop(network, text, units, values):
    """Torch's own cell over one string, its shown state overwritten by hand before it is handed on."""
    cell = torch.nn.LSTMCell(len(network.vocabulary), network.cell.units)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in network.cell.lstm.state_dict().items()})
    shown, kept = torch.zeros(1, 6), torch.zeros(1, 6)
    seen = []
    for position, number in enumerate(network.vocabulary.encode(list(text))):
        shown, kept = cell(network.one_hot[number][None], (shown, kept))
        for unit, value in zip(units, values[position] if np.ndim(values) == 2 else values, strict=True):
            if not np.isnan(value):
                shown[0, unit] = value
        seen.append(shown.clone())
    return torch.cat(seen).detach()


def gru_loop(pathway, sentence, units, values):
    gru = IMAGINET.cells["visual"].gru
    cell = torch.nn.GRUCell(gru.input_size, gru.hidden_size)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in gru.state_dict().items()})
    state, seen = torch.zeros(1, 6), []
    for number in WORDS.encode(sentence.split()):
        state = cell(pathway.embedding[number][None], state)
        state[0, units] = torch.tensor(values)
        seen.append(state.clone())
    return torch.cat(seen).detach()


@torch.no_grad()
def test_written_states_flow_into_the_next_step_as_in_a_loop_over_torch_cells():
    pathway, units, values = characters(), [4, 1], [0.9, -0.4]
    with intervene(pathway, units, values):
        states = pathway.states(*batch_of(pathway, TEXTS))
    for row, text in enumerate(TEXTS):
        expected = lstm_loop(CHARACTERS, text, units, values)
        torch.testing.assert_close(states[row, : len(expected)], expected)
        assert not states[row, len(expected) :].any()
    pathway = IMAGINET.pathways["visual"]
    with intervene(pathway, units, values):
        states = pathway.states(*batch_of(pathway, SENTENCES))
    for row, sentence in enumerate(SENTENCES):
        expected = gru_loop(pathway, sentence, units, values)
        torch.testing.assert_close(states[row, : len(expected)], expected)


@torch.no_grad()
def test_every_road_to_a_state_meets_the_intervention():
    for pathway in [characters(), *others()]:
        texts = TEXTS if pathway.vocabulary == CHARACTERS.vocabulary else SENTENCES
        embedded, lengths = batch_of(pathway, texts)
        with intervene(pathway, [2, 5], 0.3):
            whole = pathway.states(embedded, lengths)
            by_step, state = [], pathway.initial(len(texts))
            for time in range(embedded.shape[1]):
                state, units = pathway.step(embedded[:, time], state)
                by_step.append(units)
            prefixes, last = passes.states(pathway, texts), represent(pathway, texts)
            scan = getattr(pathway, "scan", None)
            scanned = scan and scan(pathway.project(embedded).transpose(0, 1), pathway.initial(len(texts)))
        mask = torch.arange(embedded.shape[1]) < lengths[:, None]
        torch.testing.assert_close(torch.stack(by_step, dim=1)[mask], whole[mask])
        if scan:
            torch.testing.assert_close(scanned.transpose(0, 1)[mask], whole[mask])
        words = mask & (torch.arange(embedded.shape[1]) > 0) & (torch.arange(embedded.shape[1]) < lengths[:, None] - 1)
        np.testing.assert_allclose(prefixes, whole[words], atol=1e-6)
        torch.testing.assert_close(last, whole[torch.arange(len(texts)), lengths - 1])
        assert (whole[mask][:, [2, 5]] == 0.3).all()
        free = pathway.states(embedded, lengths)
        assert (free[mask][:, [0, 1, 3, 4]] != whole[mask][:, [0, 1, 3, 4]]).any(), pathway


@torch.no_grad()
def test_values_of_every_kind():
    pathway = characters()
    plain = passes.states(pathway, TEXTS)
    table = pd.DataFrame({"unit": [3, 0], "weight": [-2.5, 0.1]})
    with intervene(pathway, table):
        assert np.unique(passes.states(pathway, TEXTS)[:, [3, 0]], axis=0).tolist() == [[-1, 1]]
    with intervene(pathway, table, 1.0):
        assert np.unique(passes.states(pathway, TEXTS)[:, [3, 0]]).tolist() == [1]
    with intervene(pathway, 3, "removed"):
        assert not passes.states(pathway, TEXTS)[:, 3].any()
    np.testing.assert_allclose(means(pathway, TEXTS), plain.mean(axis=0), atol=1e-6)
    with intervene(pathway, [5, 2], mean_over(TEXTS)):
        held = passes.states(pathway, TEXTS)
    np.testing.assert_allclose(held[:, [5, 2]], np.tile(plain.mean(axis=0)[[5, 2]], (len(held), 1)), atol=1e-6)


@torch.no_grad()
def test_no_unit_changes_nothing():
    pathway = characters()
    plain = passes.states(pathway, TEXTS)
    with intervene(pathway, [], 1.0):
        np.testing.assert_allclose(passes.states(pathway, TEXTS), plain, atol=1e-6)


@torch.no_grad()
def test_an_oracle_writes_a_label_at_each_character_towards_the_sign():
    pathway = characters()
    table = pd.DataFrame({"unit": [3, 0], "weight": [-2.5, 0.1]})
    with intervene(pathway, table, oracle(ONE, TEXTS)):
        states = pathway.states(*batch_of(pathway, TEXTS))
    for row, text in enumerate(TEXTS):
        label = np.concatenate([[np.nan], 2 * ONE.labels(text) - 1, [np.nan]])
        expected = lstm_loop(CHARACTERS, text, [3, 0], np.stack([-label, label], axis=1))
        torch.testing.assert_close(states[row, : len(expected)], expected)


@torch.no_grad()
def test_a_plan_follows_the_rows_of_a_state():
    """Rows that are left out or exchanged take their own string's values along."""
    pathway = characters()
    plan = np.random.default_rng(0).normal(size=(3, 4, 1))
    embedded, _ = batch_of(pathway, ["(1", "11", "2)"])
    with intervene(pathway, 2, plan):
        state, _ = pathway.step(embedded[:, 0], pathway.initial(3))
        kept = torch.tensor([2, 0])
        _, units = pathway.step(embedded[kept, 1], state_rows(state, kept))
        written = pathway.write(state, torch.zeros(3, 6))
        after, _ = pathway.step(embedded[:, 1], written)
    np.testing.assert_allclose(units[:, 2], plan[[2, 0], 1, 0], rtol=1e-6)
    np.testing.assert_allclose(after[0][0][:, 2], plan[:, 1, 0], rtol=1e-6)


@torch.no_grad()
def test_behind_a_plan_units_are_left_alone():
    pathway, text = characters(), "012"
    with intervene(pathway, 2, np.full((1, 2, 1), 0.7)):
        states = pathway.states(*batch_of(pathway, [text]))[0]
    expected = lstm_loop(CHARACTERS, text, [2], np.array([[0.7], [0.7], [np.nan], [np.nan], [np.nan]]))
    torch.testing.assert_close(states, expected)


@torch.no_grad()
@pytest.mark.parametrize("plan_outside", [False, True])
def test_blocks_can_be_nested_and_end_in_order(plan_outside):
    pathway = characters()
    embedded, lengths = batch_of(pathway, TEXTS)
    plan = oracle(ONE, TEXTS)(pathway, [1], None)
    (first, of_first), (second, of_second) = [(1, plan), (4, 0.5)] if plan_outside else [(4, 0.5), (1, plan)]
    before = dict(vars(pathway))
    with intervene(pathway, first, of_first):
        alone = pathway.states(embedded, lengths)
        with intervene(pathway, second, of_second):
            both = pathway.states(embedded, lengths)
        again = pathway.states(embedded, lengths)
    assert vars(pathway) == before
    torch.testing.assert_close(alone, again)
    for row, text in enumerate(TEXTS):
        label = np.concatenate([[np.nan], 2 * ONE.labels(text) - 1, [np.nan]])
        expected = lstm_loop(CHARACTERS, text, [1, 4], np.stack([label, np.full(len(label), 0.5)], axis=1))
        torch.testing.assert_close(both[row, : len(expected)], expected)


@torch.no_grad()
def test_the_inner_of_two_blocks_on_one_unit_wins():
    pathway = characters()
    with intervene(pathway, 1, 1.0), intervene(pathway, 1, -1.0):
        assert np.unique(passes.states(pathway, TEXTS)[:, 1]).tolist() == [-1]


@torch.no_grad()
def test_nothing_stays_behind_after_an_exception():
    for pathway in [characters(), *others()]:
        before = dict(vars(pathway))
        with pytest.raises(RuntimeError, match="mine"), intervene(pathway, 0, 1.0), intervene(pathway, 1, 0.0):
            raise RuntimeError("mine")
        assert vars(pathway) == before
        assert "step" not in vars(pathway)


def test_another_pathway_of_the_network_reads_as_ever():
    pathway, other = characters(), characters()
    plain = passes.states(other, TEXTS)
    with intervene(pathway, 0, 1.0):
        np.testing.assert_array_equal(passes.states(other, TEXTS), plain)


def test_gradients_pass_by_what_is_written():
    """The words before matter through the units that are free; where all are held, no word matters."""
    pathway = IMAGINET.pathways["visual"]
    embedded = pathway.embedding[torch.from_numpy(WORDS.encode(["a", "dog"]))][None].detach().requires_grad_()
    with intervene(pathway, range(5), 0.1):
        pathway.representation(embedded)[0, 5].backward()
    assert embedded.grad.any()
    embedded.grad = None
    with intervene(pathway, range(6), 0.1):
        pathway.representation(embedded).sum().backward()
    assert embedded.grad is None or not embedded.grad.any()


class Odd:
    """A pathway whose state is not its units."""

    name, output_names, vocabulary = "odd", None, WORDS
    embedding = torch.eye(len(WORDS))

    def initial(self, batch):
        return torch.zeros(batch, len(WORDS))

    def step(self, embedded, state):
        return state + embedded, torch.relu(state + embedded - 1)

    def states(self, embedded, lengths=None):
        return torch.relu(embedded.cumsum(1) - 1)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[:, -1]

    def outputs(self, states):
        return states


def test_a_state_that_cannot_be_written_is_refused_and_nothing_stays_behind():
    pathway = Odd()
    with pytest.raises(TypeError, match="add write"), intervene(pathway, 0, 1.0):
        passes.states(pathway, SENTENCES)
    assert not vars(pathway)


def test_a_network_that_reads_both_ways_is_refused():
    pathway = BiLSTM(WORDS, embedding=5, units=6).eval().pathways["bi-lstm"]
    with pytest.raises(TypeError, match="one word at a time"), intervene(pathway, 0, 1.0):
        pass


@pytest.mark.parametrize(
    ("units", "set_to", "message"),
    [
        (6, 1.0, "no unit 6: this pathway has the units 0 to 5"),
        (-1, 1.0, "no unit -1"),
        ([1, 1], 1.0, "twice"),
        ([0.5], 1.0, "whole numbers"),
        ("12", 1.0, "whole numbers"),
        ([0, 1], [1.0], "one for each of the 2 units"),
        ([0, 1], np.ones((2, 2)), "one for each of the 2 units"),
        (0, float("nan"), "numbers alone, found nan"),
        (0, float("inf"), "numbers alone, found inf"),
        (0, "gone", "'active', 'removed' or numbers"),
        (0, "active", "set_to=1 as published"),
        (pd.DataFrame({"unit": [0]}), 1.0, "columns 'unit' and 'weight'"),
        (pd.DataFrame({"unit": [0], "weight": [np.nan]}), "active", "weight of the table is NaN"),
        (0, oracle(ONE, []), "at least one string"),
    ],
)
def test_what_cannot_be_written_is_said(units, set_to, message):
    with pytest.raises(ValueError, match=message), intervene(characters(), units, set_to):
        pass


def test_a_plan_is_read_by_its_own_strings_alone():
    pathway = characters()
    with intervene(pathway, 0, oracle(ONE, TEXTS)):
        with pytest.raises(ValueError, match="exactly those strings"):
            passes.states(pathway, TEXTS)
