"""Omission scores: the fast road against a loop that reads every omission alone, planted words, and nulls."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reading_neurons.corpora import scenes
from reading_neurons.methods import omission
from reading_neurons.models import Imaginet, LanguageModel, SumPathway
from reading_neurons.models.captions import CaptionBatch
from reading_neurons.pathway import Recurrent
from reading_neurons.text import Batch, Vocabulary

WORDS = ["a", "dog", "cat", "chases", "sleeps", "two", "red", "on"]
VOCABULARY = Vocabulary(WORDS)
SENTENCES = [
    "a dog chases a cat", "a dog chases a red cat", "a dog chases a cat", "dog", "zebra", "dog",
    "an unheard zebra chases two yaks", "a a a a", "cat cat cat dog", "two red red two red", "a dog",
    "on a dog a dog a dog sleeps on two red cat", "a dog chases a red cat sleeps",
]  # fmt: skip
CORPUS = scenes.generate(scenes=50)


def wide(network):
    """With larger embeddings, so that words matter before training too."""
    network.embedding.weight.data.mul_(30)
    return network.eval()


class Lstm(nn.Module):
    """Its state is a pair; it can be stepped, but a step cannot be split."""

    name, output_names, vocabulary = "lstm", None, VOCABULARY

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(VOCABULARY), 5, generator=generator)
        self.cell = nn.LSTMCell(5, 6)
        for weight in self.cell.parameters():
            nn.init.normal_(weight, generator=generator)

    def initial(self, batch):
        return torch.zeros(batch, 6), torch.full((batch, 6), 0.3)

    def step(self, embedded, state):
        state = self.cell(embedded, state)
        return state, state[0]

    def states(self, embedded, lengths=None):
        state, seen = self.initial(len(embedded)), []
        for t in range(embedded.shape[1]):
            state, units = self.step(embedded[:, t], state)
            seen.append(units)
        return torch.stack(seen, dim=1)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[torch.arange(len(embedded)), lengths - 1]

    def outputs(self, states):
        return states


class Convolutional:
    """Windows of three words and a maximum over them: nothing to step."""

    name, output_names, vocabulary = "convolutional", None, VOCABULARY

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(VOCABULARY), 5, generator=generator)
        self.filters = torch.randn(6, 5, 3, generator=generator) / 6
        self.read = 0

    def states(self, embedded, lengths=None):
        assert not torch.is_grad_enabled()
        self.read += len(embedded)
        if lengths is not None:
            embedded = embedded * (torch.arange(embedded.shape[1]) < lengths[:, None])[..., None]
        return torch.conv1d(embedded.transpose(1, 2), self.filters, padding=1).transpose(1, 2).tanh()

    def representation(self, embedded, lengths=None):
        states = self.states(embedded, lengths)
        padded = torch.arange(embedded.shape[1]) >= lengths[:, None]
        return states.masked_fill(padded[..., None], -2).amax(dim=1)

    def outputs(self, states):
        return states


def pathways():
    sizes = {"embedding": 8, "units": 12}
    yield from wide(Imaginet(VOCABULARY, ["object:dog"], **sizes)).pathways.values()
    yield from wide(Imaginet(VOCABULARY, ["object:dog"], cell="kadar", **sizes)).pathways.values()
    yield from wide(SumPathway(VOCABULARY, ["object:dog"], embedding=8)).pathways.values()
    yield from wide(LanguageModel(VOCABULARY, **sizes)).double().pathways.values()
    yield Lstm()
    yield Convolutional()


PATHWAYS = list(pathways())
IDS = ["visual", "textual", "visual-kadar", "textual-kadar", "sum", "language-double", "lstm", "convolutional"]


def read(pathway, words):
    """The representation of one sentence, without neighbours, padding or shared work."""
    ids = torch.from_numpy(pathway.vocabulary.encode(words))
    with torch.no_grad():
        return pathway.representation(pathway.embedding[ids][None], torch.tensor([len(ids)]))[0].double()


def naive(pathway, sentences):
    """Equation 12, one omission at a time."""
    for sentence in sentences:
        words = sentence.split() if isinstance(sentence, str) else list(sentence)
        whole = read(pathway, words)
        for place in range(len(words)):
            part = read(pathway, words[:place] + words[place + 1 :])
            yield 0 if torch.equal(part, whole) else 1 - float(whole @ part / whole.norm() / part.norm())


# The fast road is the slow one


@pytest.mark.parametrize("pathway", PATHWAYS, ids=IDS)
def test_scores_are_those_of_a_loop(pathway):
    assert isinstance(pathway, Recurrent) == (pathway.name != "convolutional")
    expected = np.array(list(naive(pathway, SENTENCES)))
    assert np.median(expected) > 1e-3 and np.ptp(expected) > 0.03  # there is something to get wrong
    table = omission.scores(pathway, SENTENCES)
    np.testing.assert_allclose(table["score"], expected, atol=1e-5)
    assert list(table.columns) == ["sentence", "position", "word", "score"]
    rows = [(i, position, word) for i, s in enumerate(SENTENCES) for position, word in enumerate(s.split())]
    assert list(zip(table["sentence"], table["position"], table["word"], strict=True)) == rows


@pytest.mark.parametrize("pathway", PATHWAYS, ids=IDS)
@pytest.mark.parametrize("chunk", [1, 2, 5, 13, 1000])
@pytest.mark.parametrize("rows_at_once", [1, 7])
def test_how_work_is_divided_does_not_matter(monkeypatch, pathway, chunk, rows_at_once):
    expected = omission.scores(pathway, SENTENCES)
    monkeypatch.setattr(omission, "ROWS_AT_ONCE", rows_at_once)
    pd.testing.assert_frame_equal(omission.scores(pathway, SENTENCES, chunk), expected, atol=1e-6, rtol=0)


sentences = st.lists(
    st.lists(st.sampled_from([*WORDS, "zebra", "yak"]), min_size=1, max_size=9), min_size=1, max_size=8
)


@settings(max_examples=40)
@given(sentences, st.integers(1, 9), st.sampled_from([0, 2, 4, 6, 7]))
def test_scores_of_any_sentences_are_those_of_a_loop(sentences, chunk, which):
    table = omission.scores(PATHWAYS[which], sentences, chunk)
    np.testing.assert_allclose(table["score"], list(naive(PATHWAYS[which], sentences)), atol=1e-5)
    assert table["word"].tolist() == [word for words in sentences for word in words]


@settings(max_examples=30)
@given(sentences, st.randoms(use_true_random=False))
def test_the_order_of_sentences_does_not_matter(sentences, random):
    order = list(range(len(sentences)))
    random.shuffle(order)
    before = [rows["score"].to_numpy() for _, rows in omission.scores(PATHWAYS[0], sentences).groupby("sentence")]
    shuffled = omission.scores(PATHWAYS[0], [sentences[i] for i in order])
    for place, (_, rows) in zip(order, shuffled.groupby("sentence"), strict=True):
        np.testing.assert_allclose(rows["score"], before[place], atol=1e-6)


@settings(max_examples=60)
@given(sentences)
def test_every_prefix_is_read_once(sentences):
    """The levels of the tree are the distinct prefixes of all sequences, and each sequence ends where it should."""
    encoded = [VOCABULARY.encode(words) for words in sentences]
    sequences = [tuple(ids) for whole in encoded for ids in omission.omissions(whole)]
    known, symbols = np.unique(np.concatenate(encoded), return_inverse=True)
    prefixes, ended = [()], {}
    for depth, (parents, words, finished, rows) in enumerate(omission._levels(symbols, list(map(len, encoded))), 1):
        prefixes = [(*prefixes[parent], known[word]) for parent, word in zip(parents, words, strict=True)]
        assert sorted(prefixes) == sorted({ids[:depth] for ids in sequences if len(ids) >= depth})
        ended |= {sequence: prefixes[row] for sequence, row in zip(finished, rows, strict=True)}
    assert [ended[i] for i in range(len(sequences))] == sequences


@pytest.mark.parametrize("pathway", PATHWAYS, ids=IDS)
def test_representations_are_the_omissions_of_each_sentence_and_then_itself(pathway):
    words = [sentence.split() for sentence in SENTENCES]
    rows = omission.representations(pathway, [VOCABULARY.encode(w) for w in words])
    expected = [read(pathway, w[:i] + w[i + 1 :] if i < len(w) else w) for w in words for i in range(len(w) + 1)]
    torch.testing.assert_close(rows.double(), torch.stack(expected), atol=1e-5, rtol=1e-5)


def test_the_general_road_reads_every_omission():
    pathway = Convolutional()
    omission.scores(pathway, ["a dog sleeps", "a cat"])
    assert pathway.read == 4 + 3


def test_work_happens_where_the_network_is():
    """Word numbers are made on the processor; the network may live elsewhere (here on a device without values)."""
    for network in (Imaginet(VOCABULARY, ["x"], embedding=4, units=4), SumPathway(VOCABULARY, ["x"], embedding=4)):
        for pathway in network.to("meta").pathways.values():
            rows = omission.representations(pathway, [VOCABULARY.encode(["a", "dog"]), VOCABULARY.encode(["a"])])
            assert rows.device.type == "meta" and rows.shape == (5, 4)


def test_nothing_of_autograd_is_left():
    for pathway in PATHWAYS:
        rows = omission.representations(pathway, [VOCABULARY.encode(["a", "dog"])])
        assert not rows.requires_grad and rows.grad_fn is None
    network = wide(Imaginet(VOCABULARY, ["object:dog"], embedding=8, units=12))
    omission.scores(network.pathways["visual"], SENTENCES)
    assert all(weight.grad is None and weight.requires_grad for weight in network.parameters())
    batch = CaptionBatch(Batch.of([VOCABULARY.encode(["a", "dog"])]), torch.ones(1, 1))
    network.loss(batch).backward()  # nor is the network left unable to learn
    assert network.embedding.weight.grad.any()


# Odd sentences


def test_one_word_is_compared_with_the_empty_sentence():
    pathway = PATHWAYS[0]
    (found,) = omission.scores(pathway, ["dog"])["score"]
    whole, empty = read(pathway, ["dog"]), read(pathway, [])
    assert found == pytest.approx(1 - float(whole @ empty / whole.norm() / empty.norm()), abs=1e-5)


def test_unknown_words_are_all_alike_and_keep_their_names():
    table = omission.scores(PATHWAYS[0], ["a zebra sleeps", "a yak sleeps"])
    assert table["word"].tolist() == ["a", "zebra", "sleeps", "a", "yak", "sleeps"]
    first, second = (rows["score"].to_numpy() for _, rows in table.groupby("sentence"))
    assert np.array_equal(first, second) and first[1] > 1e-3


def test_leaving_out_one_of_two_equal_neighbours_is_the_same_whichever_it_is():
    scores = omission.scores(PATHWAYS[0], ["a dog dog sleeps"])["score"]
    assert scores[1] == pytest.approx(scores[2], abs=1e-6)


def test_a_sentence_may_be_given_as_its_words():
    pd.testing.assert_frame_equal(
        omission.scores(PATHWAYS[0], (["a", "dog"], ("a", "cat"))), omission.scores(PATHWAYS[0], ["A dog!", "a cat"])
    )


@pytest.mark.parametrize("given, index", [([""], 0), (["a dog", "a", "?!"], 2), ([["a"], []], 1)])
def test_an_empty_sentence_is_an_error_that_names_its_index(given, index):
    with pytest.raises(ValueError, match=f"sentence {index} has no word"):
        omission.scores(PATHWAYS[0], given)


def test_one_string_is_not_a_list_of_sentences():
    with pytest.raises(TypeError, match=r"write \['a dog'\]"):
        omission.scores(PATHWAYS[0], "a dog")


def test_no_sentence_and_no_chunk_are_errors():
    with pytest.raises(ValueError, match="expected at least one sentence, found none"):
        omission.scores(PATHWAYS[0], [])
    for chunk in (0, -2):
        with pytest.raises(ValueError, match=f"chunk must be at least 1 sentence, found {chunk}"):
            omission.scores(PATHWAYS[0], ["a dog"], chunk)


# Planted


class Attentive:
    """A pathway by hand: its units say whether each of some words has been read, after a unit that is always there."""

    output_names, vocabulary = None, VOCABULARY

    def __init__(self, *words, constant=1.0, name="attentive"):
        self.name = name
        self.embedding = torch.zeros(len(VOCABULARY), len(words) + 1)
        self.constant = constant
        for unit, word in enumerate(words, 1):
            self.embedding[VOCABULARY.number(word), unit] = 1

    def initial(self, batch):
        return torch.tensor([[self.constant] + [0.0] * (self.embedding.shape[1] - 1)]).repeat(batch, 1)

    def step(self, embedded, state):
        state = torch.maximum(state, embedded)
        return state, state

    def states(self, embedded, lengths=None):
        return torch.maximum(embedded.cummax(dim=1).values, self.initial(1)[:, None])

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[torch.arange(len(embedded)), lengths - 1]

    def outputs(self, states):
        return states


def test_a_pathway_that_reads_one_word_scores_no_other():
    table = omission.scores(Attentive("dog"), SENTENCES)
    counts = table.groupby("sentence")["word"].transform(lambda words: (words == "dog").sum())
    alone = (table["word"] == "dog") & (counts == 1)
    np.testing.assert_allclose(table["score"][alone], 1 - 1 / math.sqrt(2), atol=1e-6)
    assert alone.sum() > 3 and (table["score"][~alone] < 1e-6).all()  # of two dogs neither is missed


def test_a_state_of_zeros_that_stays_one_has_not_changed():
    """The cosine of two zero vectors is undefined; of a zero and another vector it is taken as 0."""
    table = omission.scores(Attentive("dog", constant=0.0), ["a cat sleeps", "cat", "a dog sleeps", "dog dog"])
    assert table["score"].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0]


def test_order_is_nothing_to_the_sum():
    """The two captions of a pair have the same words, so each word has the same score in both."""
    first, second = scenes.minimal_pairs(30)
    network = wide(SumPathway(Vocabulary.of(first.tokens), first.dimensions, embedding=16))
    tables = [omission.scores(network.pathways["sum"], captions.tokens) for captions in (first, second)]
    ordered = [table.sort_values(["sentence", "word"], ignore_index=True) for table in tables]
    assert ordered[0]["word"].equals(ordered[1]["word"]) and not tables[0]["word"].equals(tables[1]["word"])
    np.testing.assert_allclose(ordered[0]["score"], ordered[1]["score"], atol=1e-6)


def test_order_is_something_to_a_recurrent_network():
    first, second = scenes.minimal_pairs(30)
    network = wide(Imaginet(Vocabulary.of(first.tokens), first.dimensions, embedding=16, units=16))
    tables = [omission.scores(network.pathways["visual"], captions.tokens) for captions in (first, second)]
    ordered = [table.sort_values(["sentence", "word"], ignore_index=True)["score"] for table in tables]
    assert (ordered[0] - ordered[1]).abs().max() > 0.01


# Joined with tags and labels


def imaginet():
    return wide(Imaginet(Vocabulary.of(CORPUS.train.tokens), CORPUS.train.dimensions, embedding=8, units=12))


@pytest.mark.parametrize("as_sequence", [True, False])
def test_annotated_scores_have_a_row_for_each_word_and_pathway(as_sequence):
    captions, network = CORPUS.test, imaginet()
    given = list(network.pathways.values()) if as_sequence else network.pathways
    table = omission.annotated(given, captions, captions.parses)
    assert list(table.columns) == [
        "sentence", "position", "word", "pathway", "score", "tag", "deprel", "head", "image", "weight",
    ]  # fmt: skip
    assert table.index.tolist() == list(range(len(table)))
    for name, rows in table.groupby("pathway"):
        expected = omission.scores(network.pathways[name], captions.texts)
        pd.testing.assert_frame_equal(rows[expected.columns].reset_index(drop=True), expected)
        np.testing.assert_array_equal(rows["weight"], np.concatenate(captions.weights))
        assert rows["tag"].tolist() == [tag for parse in captions.parses for tag in parse.token_tags]
        assert rows["deprel"].tolist() == [label for parse in captions.parses for label in parse.token_deprels]
        assert rows["image"].tolist() == [captions.image[i] for i in rows["sentence"]]
    assert table["pathway"].unique().tolist() == ["visual", "textual"]


def test_names_may_be_given_and_weights_may_be_missing():
    captions = replace(CORPUS.test, weights=None)
    pathways = {"before": imaginet().pathways["visual"], "after": imaginet().pathways["visual"]}
    table = omission.annotated(pathways, captions, captions.parses)
    assert "weight" not in table and table["pathway"].unique().tolist() == ["before", "after"]


def test_two_pathways_of_one_name_are_an_error():
    captions, pathway = CORPUS.test, imaginet().pathways["visual"]
    with pytest.raises(ValueError, match="different names, at least one, found .*'visual', 'visual'.* in a mapping"):
        omission.annotated([pathway, pathway], captions, captions.parses)
    for none in ([], {}):
        with pytest.raises(ValueError, match="at least one"):
            omission.annotated(none, captions, captions.parses)


def test_parses_of_other_captions_are_an_error():
    with pytest.raises(ValueError, match="expected one a caption"):
        omission.annotated(imaginet().pathways, CORPUS.test, CORPUS.test.parses[1:])


# Log ratios


def two_pathways(visual, textual):
    """A table of two pathways with these scores of the same words."""
    parts = [
        pd.DataFrame({"sentence": 0, "position": range(len(scores)), "word": list("abcdef"[: len(scores)]),
                      "pathway": name, "score": scores, "tag": "NN"})
        for name, scores in (("visual", visual), ("textual", textual))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_a_log_ratio_compares_two_pathways_and_clamps_small_scores():
    table = omission.log_ratio(two_pathways([0.2, 0.0, 1e-7, 0.5, 1e-6], [0.1, 0.5, 0.0, 1e-9, 1e-6]))
    expected = [math.log(2), math.log(1e-6 / 0.5), 0, math.log(0.5 / 1e-6), 0]
    np.testing.assert_allclose(table["log_ratio"], expected)
    assert table["clamped"].tolist() == [False, True, True, True, False]
    assert list(table.columns) == ["sentence", "position", "word", "tag", "log_ratio", "clamped"]


def test_the_two_pathways_of_a_log_ratio_can_be_named_and_exchanged():
    table = two_pathways([0.2, 0.3], [0.1, 0.5])
    forth, back = omission.log_ratio(table), omission.log_ratio(table, "textual", "visual")
    np.testing.assert_allclose(forth["log_ratio"], -back["log_ratio"])
    mixed = table.iloc[[2, 0, 1, 3]]  # as long as each pathway has the same words in the same order
    np.testing.assert_allclose(omission.log_ratio(mixed)["log_ratio"], forth["log_ratio"])


def test_a_missing_pathway_is_an_error_that_names_it():
    table = two_pathways([0.2], [0.1])
    with pytest.raises(ValueError, match=r"no scores of the pathway sum; the table has \['textual', 'visual'\]"):
        omission.log_ratio(table, "visual", "sum")


@pytest.mark.parametrize("spoil", [lambda table: table.sort_values("score"), lambda table: table.iloc[:-1],
                                   lambda table: table.iloc[1:]])  # fmt: skip
def test_pathways_whose_words_do_not_match_are_an_error_rather_than_nonsense(spoil):
    with pytest.raises(ValueError, match="not the same words in the same order"):
        omission.log_ratio(spoil(two_pathways([0.2, 0.3, 0.1], [0.3, 0.1, 0.2])))


def test_a_log_ratio_of_annotated_scores_is_that_of_its_words():
    captions, network = CORPUS.test, imaginet()
    table = omission.annotated(network.pathways, captions, captions.parses)
    found = omission.log_ratio(table)
    visual, textual = (omission.scores(network.pathways[name], captions.tokens) for name in ("visual", "textual"))
    expected = np.log(visual["score"].clip(1e-6)) - np.log(textual["score"].clip(1e-6))
    np.testing.assert_allclose(found["log_ratio"], expected)
    assert found["word"].tolist() == visual["word"].tolist() and "weight" in found and "score" not in found


# Whole sentences


def test_evenness_by_hand():
    table = two_pathways([0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0]).assign(image=7)
    single = two_pathways([0.4], [0.4]).assign(image=7, sentence=1)  # one word cannot be uneven
    found = omission.evenness(pd.concat([table, single])).set_index("pathway")
    assert found["evenness"]["visual"] == pytest.approx(1)
    assert found["evenness"]["textual"] == pytest.approx(0.5, abs=1e-3)
    assert found["sentence"].tolist() == [0, 0] and found["image"].tolist() == [7, 7]


def test_a_pathway_of_one_word_is_as_uneven_as_can_be():
    scores = omission.scores(Attentive("dog"), ["a dog sleeps", "a cat sleeps"]).assign(pathway="attentive")
    found = omission.evenness(scores)["evenness"]
    assert found[0] < 0.001 and found[1] == pytest.approx(1)


def test_the_most_important_word_is_left_out():
    scores = omission.scores(Attentive("dog"), ["a dog sleeps", "cat", "on a dog"]).assign(pathway="attentive")
    assert omission.without_word(scores, "attentive") == [("a", "sleeps"), ("on", "a")]
    table = two_pathways([0.2, 0.4, 0.4, 0.1], [0.2, 0.1, 0.3, 0.5])
    assert omission.without_word(table, "visual") == [("a", "c", "d")]
    assert omission.without_word(table, "visual", 2) == [("b", "c", "d")]
    assert omission.without_word(table, "textual", -1) == [("a", "c", "d")]
