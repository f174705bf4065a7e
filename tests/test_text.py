"""Words, numbers and padding: the three places where a sentence and a network can come to disagree."""

import re
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from reading_neurons import passes
from reading_neurons.methods import omission
from reading_neurons.models import SumPathway
from reading_neurons.pathway import represent
from reading_neurons.text import SPECIALS, Batch, Vocabulary, token_spans, tokenize, treebank_tokenize

words = st.text("ab1'", min_size=1, max_size=4)
sentences = st.lists(st.lists(words, max_size=6), max_size=8)
encoded = st.lists(st.lists(st.integers(1, 99), max_size=9).map(np.array), min_size=1, max_size=6)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("A man doesn't ride.", ["a", "man", "doesn't", "ride"]),
        ("dogs' well-lit 2nd-hand", ["dogs'", "well", "lit", "2nd", "hand"]),
        ("the don’t of a curly apostrophe", ["the", "don", "t", "of", "a", "curly", "apostrophe"]),
        ("Café, naïve", ["caf", "na", "ve"]),
        ("\u212aelvin", ["kelvin"]),
        ("  \n?! …", []),
    ],
)
def test_tokens_by_hand(text, expected):
    assert tokenize(text) == expected


def test_spans_by_hand():
    text = "Two dogs' clock-tower!"
    assert [text[start:end] for start, end in token_spans(text)] == ["Two", "dogs'", "clock", "tower"]


@given(st.text())
@example("İ")
@example("AİB İ'")
@example("ΑΣ İ ΑΣ")
def test_spans_are_those_of_the_tokens_in_any_text(text):
    spans = token_spans(text)
    assert tokenize(text) == re.findall("[a-z0-9']+", text.lower())
    assert [tokenize(text[start:end]) for start, end in spans] == [[token] for token in tokenize(text)]
    ends = [0, *(end for _, end in spans)]
    assert all(previous <= start < end for previous, (start, end) in zip(ends, spans))


@given(st.text())
def test_tokens_of_tokens_are_themselves(text):
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens


@given(sentences)
def test_a_vocabulary_gives_back_the_words_it_was_made_of(sentences):
    vocabulary = Vocabulary.of(sentences)
    for sentence in sentences:
        ids = vocabulary.encode(sentence)
        assert ids.dtype == np.int64
        assert vocabulary.decode(ids) == ["<s>", *sentence, "</s>"]
        assert vocabulary.unknown not in ids


@given(sentences, st.integers(1, 4))
def test_rare_words_become_unknown(sentences, min_count):
    counts = Counter(word for sentence in sentences for word in sentence)
    vocabulary = Vocabulary.of(sentences, min_count)
    for word, count in counts.items():
        assert (word in vocabulary) == (count >= min_count)
        assert (vocabulary.number(word) == vocabulary.unknown) == (count < min_count)
    kept = vocabulary.words[len(SPECIALS) :]
    assert list(kept) == sorted(kept, key=lambda word: (-counts[word], word))


@given(sentences)
def test_the_order_of_sentences_does_not_matter(sentences):
    assert Vocabulary.of(sentences) == Vocabulary.of(sentences[::-1])
    assert hash(Vocabulary.of(sentences)) == hash(Vocabulary.of(sentences[::-1]))


def test_special_symbols_come_first():
    vocabulary = Vocabulary(["dog"])
    assert vocabulary.decode([vocabulary.pad, vocabulary.start, vocabulary.end, vocabulary.unknown]) == list(SPECIALS)
    assert (len(vocabulary), vocabulary.number("dog"), vocabulary.number("cat")) == (5, 4, vocabulary.unknown)
    assert vocabulary.encode([]).tolist() == [vocabulary.start, vocabulary.end]
    assert vocabulary != ("dog",)


@pytest.mark.parametrize("words", [["dog", "cat", "dog"], ["dog", "<pad>"]])
def test_a_repeated_or_special_word_is_an_error_that_names_it(words):
    with pytest.raises(ValueError, match=words[-1]):
        Vocabulary(words)


@given(encoded)
def test_a_batch_pads_on_the_right_and_nothing_else(sequences):
    batch = Batch.of(sequences)
    longest = max(map(len, sequences))
    assert len(batch) == len(sequences)
    assert batch.ids.shape == batch.mask.shape == (len(sequences), longest)
    assert batch.ids.dtype == batch.lengths.dtype == torch.int64
    for row, mask, length, sequence in zip(batch.ids, batch.mask, batch.lengths, sequences, strict=True):
        assert row[mask].tolist() == row[:length].tolist() == sequence.tolist()
        assert row[~mask].tolist() == [Vocabulary.pad] * (longest - len(sequence))


def test_a_batch_moves_whole():
    batch = Batch.of([np.array([1, 4, 2]), np.array([1, 2])])
    moved = batch.to("meta")
    assert moved.ids.device.type == moved.lengths.device.type == moved.mask.device.type == "meta"


def test_an_empty_batch_is_an_error():
    with pytest.raises(ValueError, match="at least one sentence"):
        Batch.of([])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("I can't, won't and didn't.", ["i", "ca", "n't", ",", "wo", "n't", "and", "did", "n't", "."]),
        ("She's, they'll, we'd, I'm, you've, we're", [
            "she", "'s", ",", "they", "'ll", ",", "we", "'d", ",", "i", "'m", ",", "you", "'ve", ",", "we", "'re",
        ]),
        ("don\u2019t", ["do", "n't"]),
        ("Isn't it O'Hara's 3.5-star film?", ["is", "n't", "it", "o'hara", "'s", "3.5-star", "film", "?"]),
        ("``Good'' (very) -- so... no!", [
            "``", "good", "''", "-lrb-", "very", "-rrb-", "--", "so", "...", "no", "!",
        ]),
        ("a -LRB- b -RRB-", ["a", "-lrb-", "b", "-rrb-"]),
        ("Caf\u00e9, na\u00efve", ["caf\u00e9", ",", "na\u00efve"]),
        ("  ", []),
    ],
)  # fmt: skip
def test_treebank_words_by_hand(text, expected):
    assert treebank_tokenize(text) == expected


@given(st.text())
def test_treebank_words_hold_no_white_space_and_lose_no_letter(text):
    found = treebank_tokenize(text)
    assert all(word and not re.search(r"\s", word) for word in found)
    brackets = {"-lrb-": "(", "-rrb-": ")"}
    if not any(name in text.lower() for name in brackets):
        joined = "".join(brackets.get(word, word) for word in found)
        assert joined == re.sub(r"\s", "", text.lower().replace("\u2019", "'"))


def test_typed_text_is_split_as_the_vocabulary_says():
    words = ["do", "n't", "!", "don't"]
    typed, split = "Don't!", ["do", "n't", "!"]
    network = SumPathway(Vocabulary(words, treebank_tokenize), ["object:dog"], embedding=4).pathways["sum"]
    plain = SumPathway(Vocabulary(words), ["object:dog"], embedding=4).pathways["sum"]
    for pathway, read in ((network, split), (plain, ["don't"])):
        assert pathway.vocabulary.tokenizer(typed) == read
        torch.testing.assert_close(represent(pathway, [typed]), represent(pathway, [read]))
        assert passes.words_of([typed], pathway.vocabulary.tokenizer) == [tuple(read)]
        assert omission.scores(pathway, [typed])["word"].tolist() == read
        np.testing.assert_array_equal(passes.states(pathway, [typed]), passes.states(pathway, [read]))
    assert (represent(network, [typed]) - represent(plain, [typed])).abs().max() > 1e-3


def test_a_vocabulary_keeps_its_tokenizer_and_is_the_same_with_another():
    assert Vocabulary.of([["a"]], tokenizer=treebank_tokenize).tokenizer is treebank_tokenize
    assert Vocabulary.of([["a"]]).tokenizer is tokenize
    assert Vocabulary(["a"], treebank_tokenize) == Vocabulary(["a"])
