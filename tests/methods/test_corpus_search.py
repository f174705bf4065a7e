"""Corpus search: distinct n-grams and their best against plain loops, merged summaries, and what cannot be searched."""

import math

import numpy as np
import pytest
import torch

from reading_neurons.corpora import scenes
from reading_neurons.methods.corpus_search import BestNgrams, activations, distinct_ngrams, search
from reading_neurons.models import Imaginet
from reading_neurons.neurons import group, output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

CAPTIONS = scenes.generate(scenes=60).test
SENTENCES = [list(words) for words in CAPTIONS.tokens] + [["a", "dog"], ["dog"], ["a", "dog"], ["zebra", "unheard"]]
VOCABULARY = Vocabulary.of([list(words) for words in CAPTIONS.tokens], min_count=2)
NETWORK = Imaginet(VOCABULARY, CAPTIONS.dimensions, embedding=8, units=32).eval()
NETWORK.embedding.weight.data.mul_(30)
VISUAL, TEXTUAL = NETWORK.pathways["visual"], NETWORK.pathways["textual"]


def by_loop(length, allowed=None):
    """Every n-gram of known words once: whole sentences where they are shorter."""
    found = set()
    for words in SENTENCES:
        ids = [VOCABULARY.number(word) for word in words]
        for begin in range(max(len(ids) - length, 0) + 1):
            part = tuple(ids[begin : begin + length])
            if all(number > 3 and (allowed is None or allowed[number]) for number in part):
                found.add(part)
    return found


@pytest.mark.parametrize("length", [1, 2, 3, 5, 40])
def test_every_distinct_n_gram_once_and_in_order(length):
    blocks = distinct_ngrams(SENTENCES, VOCABULARY, length)
    listed = [tuple(row) for block in blocks for row in block.tolist()]
    assert len(listed) == len(set(listed)) and set(listed) == by_loop(length)
    for block in blocks:
        assert block.tolist() == sorted(block.tolist()) and 1 <= block.shape[1] <= length


def test_short_sentences_are_n_grams_of_their_own_width():
    blocks = distinct_ngrams([["a", "dog"], ["dog"], ["dog", "a", "dog"]], Vocabulary(["a", "dog"]), 3)
    assert [block.tolist() for block in blocks] == [[[5]], [[4, 5]], [[5, 4, 5]]]


def test_only_n_grams_of_allowed_words_take_part():
    allowed = np.arange(len(VOCABULARY)) % 3 > 0
    blocks = distinct_ngrams(SENTENCES, VOCABULARY, 2, allowed)
    found = {tuple(row) for block in blocks for row in block.tolist()}
    assert found == by_loop(2, allowed) and 0 < len(found) < len(by_loop(2))


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("pathway", [VISUAL, TEXTUAL], ids=["visual", "textual"])
@pytest.mark.parametrize("frame", [True, False])
def test_the_best_is_that_of_a_loop(pathway, lowest, frame):
    neurons = [output(pathway, 5), output(pathway, 9)] if pathway is VISUAL else [unit(3), group([1, 7]), output(pathway, 8)]
    reader = Reader(pathway, neurons, frame=frame)
    found, values, read = search(reader, distinct_ngrams(SENTENCES, VOCABULARY, 3), lowest=lowest)
    ngrams = sorted(by_loop(3))
    assert read == len(ngrams)
    for row in range(len(neurons)):
        every = [float(reader.read(torch.tensor([one]), torch.tensor([row]))) for one in ngrams]
        wanted = min(every) if lowest else max(every)
        assert values[row] == pytest.approx(wanted, rel=1e-5)
        own = float(reader.read(torch.tensor([found[row]]), torch.tensor([row])))
        assert own == pytest.approx(wanted, rel=1e-5) and found[row] in ngrams


def test_a_neuron_in_company_finds_what_it_finds_alone():
    neurons = [unit(i) for i in range(20)]
    blocks = distinct_ngrams(SENTENCES, VOCABULARY, 3)
    together, values, _ = search(Reader(VISUAL, neurons), blocks)
    for row in (0, 7, 19):
        alone, value, _ = search(Reader(VISUAL, [neurons[row]]), blocks)
        assert alone == [together[row]] and value[0] == values[row]


def test_half_precision_gives_activations_in_single_precision():
    neurons = [unit(i) for i in range(6)]
    blocks = distinct_ngrams(SENTENCES, VOCABULARY, 3)
    found, values, _ = search(Reader(VISUAL, neurons, precision="bfloat16"), blocks)
    exact = Reader(VISUAL, neurons)
    _, best, _ = search(exact, blocks)
    for row in range(6):
        assert values[row] == float(exact.read(torch.tensor([found[row]]), torch.tensor([row])))
    assert (values <= best + 1e-6).all() and (best - values < 0.05).all()


def test_summaries_of_parts_merge_to_that_of_the_whole():
    reader = Reader(VISUAL, [unit(i) for i in range(5)])
    parts = list(activations(reader, [block[i::4] for block in distinct_ngrams(SENTENCES, VOCABULARY, 3) for i in range(4)]))
    for sign in (1, -1):
        whole, first, later = BestNgrams(5, sign), BestNgrams(5, sign), BestNgrams(5, sign)
        for number, part in enumerate(parts):
            whole.update(*part)
            (first if number < len(parts) // 2 else later).update(*part)
        first.merge(later)
        assert first.result()[0] == whole.result()[0]
        assert np.array_equal(first.result()[1], whole.result()[1])
        empty = BestNgrams(5, sign)
        empty.merge(whole)
        assert empty.result()[0] == whole.result()[0]


def test_of_equals_the_first_is_kept_in_a_merge_too():
    first, later = BestNgrams(1), BestNgrams(1)
    first.update(np.array([[4], [5]]), torch.tensor([[2.0], [2.0]]))
    later.update(np.array([[6]]), torch.tensor([[2.0]]))
    first.merge(later)
    assert first.result()[0] == [(4,)]


def test_what_cannot_be_searched_is_an_error():
    with pytest.raises(ValueError, match="at least 1 word, found a length of 0"):
        distinct_ngrams(SENTENCES, VOCABULARY, 0)
    with pytest.raises(ValueError, match="no 2-gram of the 1 sentences is made of allowed words alone: lower min_count"):
        distinct_ngrams([["zebra", "unheard"]], VOCABULARY, 2)
    with pytest.raises(ValueError, match="no n-gram was given to this summary"):
        BestNgrams(2).result()
    with pytest.raises(ValueError, match="an activation of neuron 1 is not a number"):
        BestNgrams(2).update(np.array([[4]]), torch.tensor([[0.0, math.nan]]))
