"""The network over characters: pieces, both pathways, and whether states are the same however they are computed."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from reading_neurons import passes
from reading_neurons.corpora import parentheses
from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.models.characters import LONGEST, UNPREDICTED, CharacterLSTM, Pieces, next_characters
from reading_neurons.pathway import Recurrent
from reading_neurons.text import Batch, Vocabulary

PATHWAYS = ("character lstm", "character cell")


@pytest.fixture(scope="module")
def corpus():
    return parentheses.generate(strings=60)


@pytest.fixture(scope="module")
def network(corpus):
    return CharacterLSTM.for_corpus(corpus, units=6, seed=2).eval()


@torch.no_grad()
def cell_by_cell(network, text):
    """h and c after ``<s>`` and every character, by torch's own cell."""
    reference = torch.nn.LSTMCell(len(network.vocabulary), network.cell.units)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    reference.load_state_dict({name: getattr(network.cell.lstm, f"{name}_l0") for name in names})
    state, found = None, []
    for number in network.vocabulary.encode(text)[:-1]:
        state = reference(F.one_hot(torch.tensor([number]), len(network.vocabulary)).float(), state)
        found.append(torch.cat(state))
    return torch.stack(found, dim=1)  # (h or c) x time x units


@pytest.mark.parametrize(("which", "name"), list(enumerate(PATHWAYS)))
def test_states_are_those_of_torchs_cell(corpus, network, which, name):
    pathway, text = network.pathways[name], corpus.test.texts[0]
    ids = torch.from_numpy(network.vocabulary.encode(text))[None, :-1]
    expected = cell_by_cell(network, text)[which]
    with torch.no_grad():
        torch.testing.assert_close(pathway.states(pathway.embedding[ids])[0], expected)
        state = pathway.initial(1)
        for time in range(ids.shape[1]):
            state, units = pathway.step(pathway.embedding[ids[:, time]], state)
            torch.testing.assert_close(units[0], expected[time])


@pytest.mark.parametrize("name", PATHWAYS)
def test_a_pass_gives_one_row_per_character_after_it_was_read(corpus, network, name):
    strings = corpus.test.take(range(5))
    rows = torch.cat([window.states for window in passes.windows(network.pathways[name], strings, sentences=2)])
    expected = torch.cat([cell_by_cell(network, text)[PATHWAYS.index(name)][1:] for text in strings.texts])
    torch.testing.assert_close(rows, expected)


@pytest.mark.parametrize("name", PATHWAYS)
def test_padding_changes_no_state(corpus, network, name):
    pathway = network.pathways[name]
    ids = [network.vocabulary.encode(text) for text in ("00", "0(1(2)1)0")]
    batch = Batch.of(ids)
    with torch.no_grad():
        states = pathway.states(pathway.embedding[batch.ids], batch.lengths)
        alone = pathway.states(pathway.embedding[torch.from_numpy(ids[0])[None]])
        torch.testing.assert_close(states[0, : len(ids[0])], alone[0])
        assert not states[0, len(ids[0]) :].any()
        torch.testing.assert_close(
            pathway.representation(pathway.embedding[batch.ids], batch.lengths)[0], alone[0, -1]
        )


@pytest.mark.parametrize(("which", "name"), list(enumerate(PATHWAYS)))
def test_what_is_written_flows_on(network, which, name):
    pathway = network.pathways[name]
    assert isinstance(pathway, Recurrent)
    character = pathway.embedding[[5]]
    state, units = pathway.step(character, pathway.initial(1))
    written = pathway.write(state, units + 1)
    torch.testing.assert_close(written[which], state[which] + 1)
    torch.testing.assert_close(written[1 - which], state[1 - which])
    after, _ = pathway.step(character, written)
    assert not torch.allclose(after[0], pathway.step(character, state)[0][0])
    torch.testing.assert_close(pathway.write(state, units), state)


def test_outputs_are_scores_of_the_next_character(network):
    pathway = network.pathways["character lstm"]
    states = torch.randn(3, pathway.units)
    weight, bias = pathway.readout([4, 5])
    torch.testing.assert_close(pathway.outputs(states)[:, [4, 5]], states @ weight.T + bias)
    assert pathway.output_names == network.vocabulary.words and pathway.units == 6


def test_the_cell_alone_scores_nothing(network):
    pathway = network.pathways["character cell"]
    for ask in (pathway.outputs, pathway.readout):
        with pytest.raises(TypeError, match="'character cell' has no outputs: .* use the pathway 'character lstm'"):
            ask(torch.zeros(1, 6))
    assert pathway.output_names is None


def test_one_hot_characters_are_the_embedding(network):
    torch.testing.assert_close(network.pathways["character lstm"].embedding, torch.eye(len(network.vocabulary)))


def whole(text):
    return Strings("toy", "train", (ParsedString(text, ()),))


@pytest.mark.parametrize("length", [1, LONGEST - 2, LONGEST - 1, LONGEST, 279, 280, 281, 1000])
def test_every_character_of_a_long_string_is_predicted_exactly_once(length):
    characters = "".join(chr(ord("a") + i % 26) for i in range(length))
    vocabulary = Vocabulary.of([list(characters)], 1, list)
    pieces = Pieces(whole(characters), vocabulary)
    ids, predicted, first = vocabulary.encode(characters), [], 0
    for number, piece in enumerate(pieces.ids):
        assert len(piece) == pieces.lengths[number] <= LONGEST
        np.testing.assert_array_equal(piece, ids[first : first + len(piece)])
        batch = pieces.batch(np.array([number]))
        counted, following = next_characters(batch.pieces)
        counted &= torch.arange(counted.shape[1]) >= batch.predicted_from[:, None]
        places = counted[0].nonzero()[:, 0]
        predicted += (places + first).tolist()
        expected = [*ids[1:], Vocabulary.end][first:][places[0] : places[-1] + 1]
        np.testing.assert_array_equal(following[0, places], expected)
        first += LONGEST - UNPREDICTED
    assert predicted == list(range(len(ids)))


def test_the_loss_is_the_mean_surprise_of_the_characters(corpus, network):
    examples = network.examples(corpus.test)
    chosen = np.arange(4)
    batch = examples.batch(chosen)
    assert (examples.lengths[chosen] <= LONGEST).all()
    losses = []
    with torch.no_grad():
        for text in corpus.test.texts[:4]:
            ids = torch.from_numpy(network.vocabulary.encode(text))
            scores = network.readout(network.cell(network.one_hot[ids][None])[0])
            following = torch.cat([ids[1:], torch.tensor([Vocabulary.end])])
            losses += F.cross_entropy(scores, following, reduction="none").tolist()
        assert network.loss(batch).item() == pytest.approx(np.mean(losses), rel=1e-5)


def test_the_seed_alone_draws_the_weights(corpus):
    torch.manual_seed(1)
    first = CharacterLSTM.for_corpus(corpus, units=4)
    torch.manual_seed(2)
    second, other = CharacterLSTM.for_corpus(corpus, units=4), CharacterLSTM.for_corpus(corpus, units=4, seed=1)
    for mine, same, different in zip(*(n.state_dict().values() for n in (first, second, other)), strict=True):
        torch.testing.assert_close(mine, same)
        assert mine.count_nonzero() == 0 or not torch.equal(mine, different)


def test_typed_text_is_split_into_characters(network):
    assert network.vocabulary.tokenizer("0(1 1)") == ["0", "(", "1", " ", "1", ")"]
    assert network.vocabulary.encode("0x")[2] == Vocabulary.unknown


def test_a_corpus_without_strings_is_refused(trees):
    with pytest.raises(ValueError, match="'character lstm' learns from strings of characters, and the corpus 'toy'"):
        CharacterLSTM.for_corpus(trees)
