"""Copies: against a loop over words, a network that learns to copy, and accuracy counted by hand."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora import scenes
from reading_neurons.models.autoencoder import Autoencoder, SentenceExamples
from reading_neurons.models.copying import MEASURES, accuracy, by_length, copies, readable
from reading_neurons.models.training import Schedule, fit
from reading_neurons.text import Vocabulary

TRAIN = scenes.generate(scenes=20).train.take(np.arange(20))
VOCABULARY = Vocabulary.of(TRAIN.tokens)


@pytest.fixture(scope="module")
def learnt():
    """A tiny network that has learnt twenty sentences by heart."""
    net = Autoencoder(VOCABULARY, embedding=24, units=48)
    examples = net.examples(TRAIN)
    fit(net, examples, examples, Schedule(epochs=150, batch_size=20, learning_rate=0.01))
    return net


def untrained(**settings):
    net = Autoencoder(VOCABULARY, embedding=8, units=8, **settings)
    net.readout_weight.data.mul_(20)  # so that its copies are not one word again and again
    return net.eval()


def copy_by_hand(net, words):
    """One sentence, one word after the other."""
    state = net.encoder.initial(1)
    for number in net.vocabulary.encode(words):
        state, _ = net.encoder.advance(net.encoder.project(net.embedding.weight[number][None]), state)
    word, written = "<s>", []
    while len(written) < 2 * len(words) + 5:
        number = net.vocabulary.number(word)
        state, units = net.decoder.advance(net.decoder.project(net.embedding.weight[number][None]), state)
        word = net.vocabulary.words[int(net.readout(units)[0].argmax())]
        if word == "</s>":
            break
        written.append(word)
    return tuple(written)


def test_twenty_sentences_are_learnt_by_heart(learnt):
    assert copies(learnt, TRAIN) == list(TRAIN.tokens)
    table = accuracy(learnt, TRAIN)
    assert (table[list(MEASURES)] == 1).all(axis=None)
    assert table["copy"].tolist() == [" ".join(words) for words in TRAIN.tokens]


@pytest.mark.parametrize("seed", range(3))
def test_copies_are_those_of_a_loop_however_they_are_batched(seed):
    net = untrained(seed=seed)
    net.readout_bias.data[VOCABULARY.end] += seed
    expected = [copy_by_hand(net, words) for words in TRAIN.tokens]
    assert len(set(expected)) > 3
    for batch_size in (1, 3, 128):
        assert copies(net, TRAIN.tokens, batch_size) == expected


def test_a_copy_that_never_ends_is_cut():
    net = untrained()
    net.readout_bias.data[VOCABULARY.end] = -1e6
    assert [len(copy) for copy in copies(net, TRAIN)] == [2 * len(words) + 5 for words in TRAIN.tokens]
    table = accuracy(net, TRAIN)
    assert (table["copied"] < 1).all() and not table["exact"].any()


def test_a_copy_may_be_empty():
    net = untrained()
    net.readout_bias.data[VOCABULARY.end] = 1e6
    assert copies(net, TRAIN) == [()] * 20
    table = accuracy(net, TRAIN)
    assert (table["copy"] == "").all() and not table["exact"].any()
    np.testing.assert_allclose(table["copied"], 1 / (table["length"] + 1))  # the end alone is right


@pytest.mark.parametrize("seed", range(2))
def test_accuracy_is_what_a_count_by_hand_finds(learnt, seed):
    net = learnt if seed else untrained()
    noisy = [words[::-1] if i % 2 else words for i, words in enumerate(TRAIN.tokens)]
    table = accuracy(net, noisy, batch_size=6)
    for row, words in zip(table.itertuples(), noisy, strict=True):
        symbols = [*words, "</s>"]
        written = [*copy_by_hand(net, words), *["</s>"] * len(symbols)]
        right = [one == other for one, other in zip(symbols, written)]
        assert row.copied == pytest.approx(np.mean(right)) and row.length == len(words)
        assert row.exact == (copy_by_hand(net, words) == tuple(words))
        ids = torch.from_numpy(net.sequence(words))
        pathway = net.copying(len(words) + 2)
        best = pathway.outputs(pathway.states(pathway.embedding[ids][None]))[0, len(words) + 2 :].argmax(dim=1)
        predicted = VOCABULARY.decode(best)
        hits = [one == other for one, other in zip(predicted, symbols, strict=True)]
        assert row.forced == pytest.approx(np.mean(hits))
        # While the copy is right, what the decoder writes is what it predicts after the right words.
        first_wrong = right.index(False) if False in right else len(symbols)
        assert predicted[: first_wrong + 1] == written[: len(symbols)][: first_wrong + 1]


def test_unknown_words_are_counted_and_can_be_copied_as_such():
    net = Autoencoder(VOCABULARY, embedding=16, units=24)
    words = ["a", "yak", TRAIN.tokens[0][0], "yak"]
    examples = SentenceExamples([words], VOCABULARY)
    fit(net, examples, examples, Schedule(epochs=60, learning_rate=0.02))
    table = accuracy(net, [words])
    assert table["unknown"].tolist() == [2] and table["exact"].tolist() == [1.0]
    assert table["copy"][0].split()[1::2] == ["<unk>", "<unk>"]


def test_typed_text_is_read_as_the_vocabulary_says():
    net = untrained()
    assert copies(net, [" ".join(TRAIN.tokens[0]).upper() + "!"]) == copies(net, [TRAIN.tokens[0]])


def test_images_come_from_captions_alone():
    net = untrained()
    assert accuracy(net, TRAIN)["image"].tolist() == TRAIN.image.tolist()
    assert accuracy(net, TRAIN.tokens)["image"].tolist() == list(range(20))


def test_by_length_counts_each_sentence_once_and_once_among_all():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({
        "length": rng.integers(1, 18, 200), "image": np.repeat(np.arange(40), 5), "forced": rng.random(200),
        "copied": rng.random(200), "exact": rng.integers(0, 2, 200).astype(float),
    })  # fmt: skip
    found = by_length(table, width=4)
    assert set(found["measure"]) == set(MEASURES)
    for row in found.itertuples():
        chosen = table[table["length"].between(row.shortest, row.longest)]
        assert row.count == len(chosen) and row.mean == pytest.approx(chosen[row.measure].mean())
        assert row.low <= row.mean <= row.high
    ranges = found[~found["all"]]
    assert (ranges["longest"] - ranges["shortest"] == 3).all() and (ranges["shortest"] % 4 == 1).all()
    assert (ranges.groupby("measure")["count"].sum() == 200).all() and found["all"].sum() == 3
    with pytest.raises(ValueError, match="at least 1 length"):
        by_length(table, width=0)


@pytest.mark.parametrize("sentences, message", [
    ([], "at least one sentence, found none"),
    ([TRAIN.tokens[0], "..."], "sentence 1 has no word that a network could read"),
    ([TRAIN.tokens[0], "Yaks zzz."], "sentence 1 has no word that the network knows .'yaks zzz'.: its vocabulary"),
    ([["a"] * 201], "sentence 0 has 201 words, and at most 200 are copied"),
])  # fmt: skip
def test_what_cannot_be_copied_is_an_error(sentences, message):
    for attempt in (readable, copies, accuracy):
        with pytest.raises(ValueError, match=message):
            attempt(untrained(), sentences)
