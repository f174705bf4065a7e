"""Networks of sentiment: what they read, what they learn, and that a batch changes nothing."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from reading_neurons.corpora import scenes
from reading_neurons.models.sentiment import LSTM, BiLSTM, PhraseExamples, Recurrent, classes_of, error
from reading_neurons.models.training import Schedule, fit
from reading_neurons.pathway import Pathway, represent
from reading_neurons.pathway import Recurrent as WordByWord
from reading_neurons.text import UNKNOWN, Vocabulary

NETWORKS = (Recurrent, LSTM, BiLSTM)


def pathway_of(network):
    (pathway,) = network.pathways.values()
    return pathway


@pytest.fixture(params=NETWORKS, ids=lambda network: network.name)
def network(request, trees):
    return request.param.for_corpus(trees, embedding=6, units=5, seed=3).eval()


def test_every_network_is_a_pathway_and_those_of_one_direction_go_word_by_word(network):
    pathway = pathway_of(network)
    assert isinstance(pathway, Pathway)
    assert isinstance(pathway, WordByWord) == (not isinstance(network, BiLSTM))
    assert pathway.units == (10 if isinstance(network, BiLSTM) else 5)
    assert pathway.output_names == ("very negative", "negative", "neutral", "positive", "very positive")


def test_a_batch_changes_nothing(network):
    pathway = pathway_of(network)
    sentences = ["a good film", "bad", "a superb plain awful cast ."]
    together = represent(pathway, sentences)
    for sentence, row in zip(sentences, together, strict=True):
        torch.testing.assert_close(represent(pathway, [sentence])[0], row)


def test_padding_never_touches_a_state(network):
    pathway = pathway_of(network)
    embedded = torch.randn(2, 6, 6, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([6, 4])
    states = pathway.states(embedded, lengths)
    assert not states[1, 4:].any()
    torch.testing.assert_close(states[1, :4], pathway.states(embedded[1:, :4])[0])


def test_the_representation_is_read_off_the_states(network):
    pathway = pathway_of(network)
    embedded, lengths = torch.randn(2, 6, 6), torch.tensor([6, 4])
    states, found = pathway.states(embedded, lengths), pathway.representation(embedded, lengths)
    last = states[torch.arange(2), lengths - 1]
    if isinstance(network, BiLSTM):
        last = torch.cat((last[:, :5], states[:, 0, 5:]), dim=1)
    torch.testing.assert_close(found, last)


def test_two_directions_are_two_readings():
    network = BiLSTM(Vocabulary(["a", "b"]), embedding=3, units=4).eval()
    embedded = torch.randn(1, 5, 3)
    states = network.states(embedded)
    torch.testing.assert_close(states[..., :4], network.forwards(embedded))
    torch.testing.assert_close(states[..., 4:], network.backwards(embedded.flip(1)).flip(1))


@pytest.mark.parametrize("kind", (Recurrent, LSTM))
def test_steps_equal_one_pass(kind, trees):
    pathway = pathway_of(kind.for_corpus(trees, embedding=6, units=5).eval())
    embedded, state = torch.randn(3, 4, 6), pathway.initial(3)
    for t in range(4):
        state, units = pathway.step(embedded[:, t], state)
        torch.testing.assert_close(units, pathway.states(embedded)[:, t])


def test_the_readout_gives_the_outputs(network):
    pathway, states = pathway_of(network), torch.randn(2, pathway_of(network).units)
    weight, bias = pathway.readout(torch.tensor([4, 0]))
    torch.testing.assert_close(states @ weight.T + bias, pathway.outputs(states)[:, [4, 0]])


def test_every_constituent_is_an_example_and_sentences_are_measured(trees):
    network = LSTM.for_corpus(trees, units=4)
    examples, sentences = network.examples(trees.train), network.sentences(trees.train)
    assert (len(examples), len(sentences)) == (25 * 5, 25)
    assert np.bincount(sentences.labels).tolist() == [5] * 5
    read = network.vocabulary.decode(examples.ids[0])
    assert read == ["<s>", "a", "awful", "film", "</s>"]


def test_two_classes_leave_neutral_out(trees):
    network = LSTM.for_corpus(trees, units=4, classes=2)
    examples = network.examples(trees.train)
    assert len(network.sentences(trees.train)) == 20
    assert len(examples) == 20 * 3  # sentence, adjective with noun, adjective
    assert set(examples.labels.tolist()) == {0, 1}
    assert pathway_of(network).output_names == ("negative", "positive")


def test_classes_of_one_label():
    assert classes_of(4, 2) == 1 and classes_of(2, 2) == -1 and classes_of(2, 5) == 2


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_toy_treebank_is_learnt_and_random_weights_have_not_learnt_it(kind, trees):
    network = kind.for_corpus(trees, embedding=16, units=16, dropout=0.0)
    before = network.measures(trees)["validation_error"]
    schedule = Schedule(epochs=30, batch_size=8, learning_rate=0.1, optimizer="adagrad", patience=30)
    history = fit(
        network, network.examples(trees.train), network.sentences(trees.validation), schedule,
        measure=lambda trained: trained.measures(trees), choose=network.chosen_by,
    )  # fmt: skip
    assert before >= 0.5
    after = network.measures(trees)
    assert after["validation_error"] == history["validation_error"].min() == 0
    assert after["test_error"] <= 1 / 13


def test_errors_are_counted_as_by_hand(network, trees):
    examples = network.sentences(trees.test)
    wrong = 0
    for ids, label in zip(examples.ids, examples.labels, strict=True):
        scores = network.readout(network.representation(network.embedding(torch.from_numpy(ids))[None]))
        wrong += int(scores.argmax()) != label
    assert error(network, examples, batch_size=4) == wrong / 13


def test_words_of_one_sentence_are_sometimes_unknown_while_training(trees):
    network = LSTM.for_corpus(trees, embedding=4, units=4, dropout=0.0)
    assert not network.seen_once.any()  # every word of the toy is in several sentences
    network.seen_once[network.vocabulary.number("film")] = True
    examples = PhraseExamples([(("film",), 2)] * 400, network.vocabulary, 5)
    batch = examples.batch(np.arange(400))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        loss = network.train().loss(batch).item()
    losses = []
    for word in ("film", UNKNOWN):
        ids = network.vocabulary.encode([word])
        scores = network.readout(network.representation(network.embedding(torch.from_numpy(ids))[None]))
        losses.append(F.cross_entropy(scores, torch.tensor([2])).item())
    assert min(losses) < loss < max(losses)
    assert (loss - losses[0]) / (losses[1] - losses[0]) == pytest.approx(0.5, abs=0.1)
    assert network.eval().loss(batch).item() == pytest.approx(losses[0], abs=1e-5)


def test_which_words_occur_in_one_sentence_is_counted(trees):
    network = LSTM.for_corpus(type(trees)("t", trees.test, trees.validation, trees.test), units=4)
    once = [word for word, alone in zip(network.vocabulary.words, network.seen_once, strict=True) if alone]
    assert once == ["soundtrack"]


@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda: LSTM(Vocabulary(["a"]), classes=3), "5 classes or 2, found 3"),
        (lambda: LSTM(Vocabulary(["a"]), dropout=1.0), "chance from 0 to below 1, found 1.0"),
        (lambda: LSTM.for_corpus(scenes.generate(scenes=10)), "learns from labelled trees.*polarity"),
        (lambda: classes_of(3, 4), "5 classes or 2, found 4"),
    ],
)
def test_bad_input_says_what_is_wrong(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
