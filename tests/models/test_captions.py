"""Imaginet and its relatives: the loss against a loop over single sentences, and the pathways against each other."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from reading_neurons.corpora import scenes
from reading_neurons.models.captions import CaptionExamples, Imaginet, LanguageModel, SumPathway, next_words
from reading_neurons.models.training import Schedule, fit
from reading_neurons.pathway import Recurrent
from reading_neurons.text import Batch, Vocabulary

CORPUS = scenes.generate(scenes=50)
TRAIN = CORPUS.train
VOCABULARY = Vocabulary.of(TRAIN.tokens, min_count=6)  # many words are unknown
BARE = replace(TRAIN, scenes=None, dimensions=())
KINDS = ["imaginet", "kadar", "sum", "language model"]


def network(kind, **settings):
    if kind == "sum":
        made = SumPathway(VOCABULARY, TRAIN.dimensions, embedding=8, **settings)
    elif kind == "language model":
        made = LanguageModel(VOCABULARY, embedding=8, units=10, **settings)
    else:
        cell = "kadar" if kind == "kadar" else "torch"
        made = Imaginet(VOCABULARY, TRAIN.dimensions, embedding=8, units=10, cell=cell, **settings)
    made.embedding.weight.data.mul_(10)  # so that words matter before training too
    made.prepare(TRAIN)
    return made


def standardised():
    """Scenes of the training captions with mean 0 and deviation 1, by numpy."""
    raw = np.stack([TRAIN.scenes[image] for image in TRAIN.image]).astype(np.float64)
    deviation = raw.std(axis=0)
    return torch.from_numpy((raw - raw.mean(axis=0)) / np.where(deviation == 0, 1, deviation)).float()


def read(network, pathway, numbers):
    """The states of one sentence, one word after the other."""
    cell, state, states = network.cells[pathway], network.cells[pathway].initial(1), []
    for number in numbers:
        state = cell.advance(cell.project(network.embedding.weight[number][None]), state)
        states.append(state)
    return torch.cat(states)


def loss_by_hand(network, chosen, alpha, second_end):
    """Equations 9-11, one sentence at a time, nothing padded."""
    visual, textual, count = 0.0, 0.0, 0
    for caption in chosen:
        numbers = [1, *(VOCABULARY.number(word) for word in TRAIN.tokens[caption]), 2]
        if network.visual_pathway:
            end = read(network, network.visual_pathway, numbers)[-1]
            predicted, true = network.readouts[network.visual_pathway](end), standardised()[caption]
            visual += 1 - (predicted @ true) / (predicted.norm() * true.norm())
        if network.textual_pathway:
            following = [*numbers[1:], 2] if second_end else numbers[1:]
            states = read(network, network.textual_pathway, numbers)[: len(following)]
            scores = network.readouts[network.textual_pathway](states)
            textual -= sum(scores[t].log_softmax(0)[word] for t, word in enumerate(following))
            count += len(following)
    visual = visual / len(chosen)
    if not network.textual_pathway:
        return visual
    return alpha * textual / count + (1 - alpha) * visual


@pytest.mark.parametrize("kind, settings, alpha", [
    ("imaginet", {}, 0.1), ("imaginet", {"alpha": 0.7, "as_published": True}, 0.7), ("kadar", {}, 0.1),
    ("kadar", {"as_published": True}, 0.1), ("sum", {}, 0.0), ("language model", {}, 1.0),
    ("language model", {"as_published": True, "cell": "kadar"}, 1.0),
])  # fmt: skip
def test_loss_and_gradients_are_those_of_single_sentences(kind, settings, alpha):
    net = network(kind, **settings)
    chosen = np.array([3, 150, 7, 7, 60])
    lengths = [len(TRAIN.tokens[i]) for i in chosen]
    assert len(set(lengths)) > 1 and any(word not in VOCABULARY for i in chosen for word in TRAIN.tokens[i])
    found = net.loss(net.examples(TRAIN).batch(chosen))
    expected = loss_by_hand(net, chosen, alpha, second_end=not settings.get("as_published"))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    weights = dict(net.named_parameters())
    gradients = torch.autograd.grad(found, weights.values()), torch.autograd.grad(expected, weights.values())
    for name, one, other in zip(weights, *gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-3, msg=lambda text, name=name: f"{name}: {text}")


def test_alpha_weighs_the_two_losses():
    losses = {}
    for alpha in (0.0, 0.3, 1.0):
        net = network("imaginet", alpha=alpha)
        losses[alpha] = net.loss(net.examples(TRAIN).batch(np.arange(20))).item()
    assert losses[0.0] < 2 < losses[1.0]  # a cosine distance and a cross-entropy
    assert losses[0.3] == pytest.approx(0.3 * losses[1.0] + 0.7 * losses[0.0], abs=1e-5)


def test_padding_gets_no_gradient_and_no_say():
    net = network("imaginet")
    ids = [VOCABULARY.encode(TRAIN.tokens[i]) for i in (3, 150)]
    assert len(ids[0]) != len(ids[1])
    chosen = net.examples(TRAIN).batch(np.array([3, 150]))
    wider = replace(chosen, sentences=Batch(F.pad(chosen.sentences.ids, (0, 9)), chosen.sentences.lengths))
    torch.testing.assert_close(net.loss(wider), net.loss(chosen))
    net.loss(wider).backward()
    assert not net.embedding.weight.grad[Vocabulary.pad].any()
    assert net.embedding.weight.grad[Vocabulary.end].any()


def test_bfloat16_changes_the_loss_little():
    net = network("imaginet", alpha=0.5)
    batch = net.examples(TRAIN).batch(np.arange(30))
    full = net.loss(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = net.loss(batch)
    assert half.dtype == torch.float32 and half.item() == pytest.approx(full.item(), rel=0.01)


@given(st.lists(st.lists(st.integers(3, 9), max_size=5), min_size=1, max_size=4), st.booleans())
def test_next_words_are_the_next_words(sentences, second_end):
    framed = [[1, *words, 2] for words in sentences]
    real, following = next_words(Batch.of([np.array(ids) for ids in framed]), second_end)
    for row, ids in enumerate(framed):
        expected = [*ids[1:], 2] if second_end else ids[1:]
        assert following[row][real[row]].tolist() == expected
        assert real[row].tolist() == [t < len(expected) for t in range(real.shape[1])]


def test_standardised_scenes_have_mean_0_and_deviation_1_over_captions():
    captions = TRAIN.take([0, 1, 2, 3, 5, 10, 11, 12])  # scenes count as often as they are described
    columns = captions.targets().std(axis=0) > 0
    assert 0 < columns.sum() < len(columns)
    net = SumPathway(VOCABULARY, TRAIN.dimensions, embedding=4)
    net.prepare(captions)
    scenes_of_captions = net.standardise(torch.from_numpy(captions.targets())).double().numpy()
    np.testing.assert_allclose(scenes_of_captions.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scenes_of_captions.std(axis=0)[columns], 1, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1e4])
def test_a_dimension_that_never_varies_is_centred_and_not_blown_up(value):
    constant = replace(TRAIN, scenes=np.full_like(TRAIN.scenes, value))
    net = SumPathway(VOCABULARY, TRAIN.dimensions, embedding=4)
    net.prepare(constant)
    assert torch.equal(net.scene_scale, torch.ones_like(net.scene_scale))
    assert not net.standardise(torch.from_numpy(constant.targets())).any()


def test_preparing_takes_nothing_from_a_corpus_where_there_is_no_visual_loss():
    net = LanguageModel(VOCABULARY, TRAIN.dimensions, embedding=4, units=4)
    net.prepare(BARE)
    assert net.dimensions == () and net.scene_mean.numel() == 0
    assert net.examples(BARE).batch(np.array([0, 1])).scenes is None
    assert net.loss(net.examples(BARE).batch(np.arange(9))).isfinite()


@pytest.mark.parametrize("kind", ["imaginet", "sum"])
def test_a_visual_network_says_that_it_needs_scenes(kind):
    net = network(kind)
    for attempt in (net.prepare, net.examples):
        with pytest.raises(ValueError, match="'scenes' has no scene vectors, which the visual pathway needs"):
            attempt(BARE)


def test_examples_are_framed_sentences_and_the_scene_of_each():
    examples = CaptionExamples(TRAIN, VOCABULARY, with_scenes=True)
    chosen = np.array([150, 3, 7])
    batch = examples.batch(chosen)
    assert len(examples) == len(TRAIN) and examples.lengths.tolist() == [len(words) + 2 for words in TRAIN.tokens]
    for row, caption in enumerate(chosen):
        numbers = batch.sentences.ids[row, : batch.sentences.lengths[row]].tolist()
        assert numbers == VOCABULARY.encode(TRAIN.tokens[caption]).tolist()
        np.testing.assert_array_equal(batch.scenes[row], TRAIN.scenes[TRAIN.image[caption]])


@pytest.mark.parametrize("kind", KINDS)
def test_states_steps_and_representation_agree(kind):
    net = network(kind).eval()
    batch = Batch.of([VOCABULARY.encode(TRAIN.tokens[i]) for i in (0, 3, 150)])
    for name, pathway in net.pathways.items():
        assert isinstance(pathway, Recurrent) and pathway.name == name and pathway.vocabulary is VOCABULARY
        embedded = pathway.embedding[batch.ids]
        states = pathway.states(embedded, batch.lengths)
        representation = pathway.representation(embedded, batch.lengths)
        assert states.shape == (*batch.ids.shape, pathway.units)
        for row, length in enumerate(batch.lengths):
            state = pathway.initial(1)
            for t in range(length):
                state, units = pathway.step(embedded[row, t][None], state)
                torch.testing.assert_close(states[row, t], units[0], atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(representation[row], units[0], atol=1e-5, rtol=1e-5)
            assert not states[row, length:].any()
        whole = embedded[batch.lengths.argmax()][None]
        torch.testing.assert_close(pathway.states(whole), pathway.states(whole, batch.lengths.max()[None]))
        torch.testing.assert_close(pathway.representation(whole), pathway.states(whole)[:, -1])


@pytest.mark.parametrize("kind, expected", [
    ("imaginet", {"visual": TRAIN.dimensions, "textual": VOCABULARY.words}), ("sum", {"sum": TRAIN.dimensions}),
    ("language model", {"language model": VOCABULARY.words}),
])  # fmt: skip
def test_outputs_have_names(kind, expected):
    pathways = network(kind).pathways
    assert {name: pathway.output_names for name, pathway in pathways.items()} == expected
    for name, pathway in pathways.items():
        assert pathway.outputs(torch.zeros(2, 3, pathway.units)).shape == (2, 3, len(expected[name]))
        assert pathway.embedding.shape == (len(VOCABULARY), 8)


@pytest.mark.parametrize("kind", KINDS)
def test_the_readout_of_some_outputs_gives_their_scores(kind):
    for pathway in network(kind).pathways.values():
        states, chosen = torch.randn(3, pathway.units, generator=torch.Generator().manual_seed(0)), torch.tensor([2, 0])
        weight, bias = pathway.readout(chosen)
        torch.testing.assert_close(states @ weight.t() + bias, pathway.outputs(states)[:, [2, 0]])


@pytest.mark.parametrize("kind", KINDS)
def test_a_pathway_scans_what_it_steps_through(kind):
    for pathway in network(kind).pathways.values():
        embedded = 2 * torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(0))
        state, _ = pathway.step(embedded[:, 0], pathway.initial(3))
        scanned, stepped = pathway.scan(pathway.project(embedded[:, 1:].transpose(0, 1)), state), []
        for word in embedded[:, 1:].unbind(1):
            state, units = pathway.step(word, state)
            stepped.append(units)
        torch.testing.assert_close(scanned, torch.stack(stepped), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_come_from_the_seed_alone(kind):
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    first, again, other = network(kind, seed=3), network(kind, seed=3), network(kind, seed=4)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1]) and random.getstate() == before[2]
    for (name, one), same, different in zip(
        first.named_parameters(), again.parameters(), other.parameters(), strict=True
    ):
        assert one.isfinite().all() and torch.equal(one, same)
        assert name.endswith("readouts.bias") or not one.any() or not torch.equal(one, different)


def test_the_pathways_of_imaginet_share_the_embedding_and_nothing_else():
    pathways = network("imaginet").pathways
    assert pathways["visual"].embedding is pathways["textual"].embedding
    ids = torch.from_numpy(VOCABULARY.encode(TRAIN.tokens[0]))[None]
    ends = [pathway.representation(pathway.embedding[ids]) for pathway in pathways.values()]
    assert (ends[0] - ends[1]).abs().max() > 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_every_network_learns(kind):
    net = network(kind)
    examples = net.examples(TRAIN)
    history = fit(net, examples, examples, Schedule(epochs=4, batch_size=16, learning_rate=0.02))
    assert history["train_loss"].iloc[-1] < 0.85 * history["train_loss"].iloc[0]
    assert all(weight.isfinite().all() for weight in net.parameters())


def test_the_second_end_symbol_trains_the_state_at_the_first():
    """As published, nothing pulls on the textual state at ``</s>``; by default a second ``</s>`` is soon likely."""
    certain = {}
    for as_published in (False, True):
        net = network("language model", as_published=as_published)
        fit(net, net.examples(BARE), net.examples(BARE), Schedule(epochs=4, batch_size=16, learning_rate=0.02))
        pathway = net.pathways["language model"]
        ids = torch.from_numpy(VOCABULARY.encode(TRAIN.tokens[0]))[None]
        ends = pathway.outputs(pathway.representation(pathway.embedding[ids])).softmax(1)
        certain[as_published] = ends[0, Vocabulary.end].item()
    assert certain[False] > 0.5 > certain[True]


def test_an_unknown_cell_is_an_error_that_lists_the_known():
    for make in (lambda: Imaginet(VOCABULARY, ["x"], cell="lstm"), lambda: LanguageModel(VOCABULARY, cell="lstm")):
        with pytest.raises(ValueError, match="unknown cell 'lstm': choose one of 'torch', 'kadar'"):
            make()
