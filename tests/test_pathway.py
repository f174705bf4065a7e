"""The protocol between networks and methods: what counts as a pathway, and how whole sentences pass through one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.models import Imaginet, LanguageModel, SumPathway
from reading_neurons.pathway import (
    Pathway,
    Recurrent,
    as_tokens,
    filled,
    length_batches,
    represent,
    represent_ids,
    require_recurrent,
    stepper,
)
from reading_neurons.text import Vocabulary

WORDS = ["a", "dog", "cat", "runs", "sleeps"]
SENTENCES = ["a dog", "a cat sleeps", "dog", "a a a cat runs", "an unheard zebra", "dog"]


def networks():
    vocabulary = Vocabulary(WORDS)
    sizes = {"embedding": 8, "units": 12}
    yield Imaginet(vocabulary, ["object:dog"], **sizes)
    yield Imaginet(vocabulary, ["object:dog"], cell="kadar", **sizes)
    yield SumPathway(vocabulary, ["object:dog"], embedding=8)
    yield LanguageModel(vocabulary, **sizes)


PATHWAYS = [pathway for network in networks() for pathway in network.pathways.values()]


class Bag:
    """A pathway that cannot be driven word by word: the mean of the embeddings."""

    name = "bag"
    output_names = None
    vocabulary = Vocabulary(WORDS)
    embedding = torch.eye(len(Vocabulary(WORDS)))

    def states(self, embedded, lengths=None):
        return embedded

    def representation(self, embedded, lengths=None):
        real = torch.arange(embedded.shape[1]) < lengths[:, None]
        return (embedded * real[..., None]).sum(1) / lengths[:, None]

    def outputs(self, states):
        return states


def alone(pathway, sentence):
    """The representation of one sentence, read without neighbours or padding."""
    (words,) = as_tokens([sentence])
    with torch.no_grad():
        return pathway.representation(pathway.embedding[torch.from_numpy(pathway.vocabulary.encode(words))][None],
                                      torch.tensor([len(words) + 2]))[0]  # fmt: skip


@pytest.mark.parametrize("pathway", PATHWAYS, ids=repr)
def test_every_pathway_of_the_caption_networks_is_recurrent(pathway):
    assert isinstance(pathway, Pathway) and isinstance(pathway, Recurrent)
    require_recurrent(pathway, "generation")


def test_what_cannot_be_driven_word_by_word_is_a_pathway_but_not_recurrent():
    assert isinstance(Bag(), Pathway) and not isinstance(Bag(), Recurrent)
    with pytest.raises(TypeError, match="generation drives .* 'bag' .* add both"):
        require_recurrent(Bag(), "generation")


def test_something_else_is_no_pathway():
    assert not isinstance(torch.nn.GRU(2, 2), Pathway)
    with pytest.raises(TypeError, match="initial"):
        require_recurrent("visual", "generation")


@pytest.mark.parametrize("pathway", PATHWAYS, ids=repr)
def test_the_two_parts_of_a_step_are_the_step(pathway):
    project, advance = stepper(pathway)
    embedded = pathway.embedding[4:7].detach()
    with torch.no_grad():
        state, _ = pathway.step(embedded, pathway.initial(3))
        whole, units = pathway.step(embedded.flip(0), state)
        parts, seen = advance(project(embedded.flip(0)), state)
    torch.testing.assert_close(parts, whole)
    torch.testing.assert_close(seen, units)
    assert units.shape == (3, pathway.units)


def test_a_pathway_in_one_part_keeps_its_own_step():
    class Whole:
        def step(self, embedded, state):
            return state + embedded, state + embedded

    pathway = Whole()
    project, advance = stepper(pathway)
    embedded = torch.ones(2, 3)
    assert project(embedded) is embedded
    assert torch.equal(advance(embedded, embedded)[1], pathway.step(embedded, embedded)[1])


@pytest.mark.parametrize("pathway", [*PATHWAYS, Bag()], ids=lambda pathway: f"{pathway.name} {type(pathway).__name__}")
@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_representations_are_those_of_each_sentence_alone(pathway, batch_size):
    found = represent(pathway, SENTENCES, batch_size)
    torch.testing.assert_close(found, torch.stack([alone(pathway, s) for s in SENTENCES]), atol=1e-6, rtol=1e-5)
    assert not found.requires_grad


@given(st.lists(st.lists(st.sampled_from([*WORDS, "zebra"]), min_size=1, max_size=7), min_size=1, max_size=9),
       st.integers(1, 5))  # fmt: skip
def test_neighbours_in_a_batch_do_not_matter(sentences, batch_size):
    pathway = PATHWAYS[0]
    found = represent(pathway, sentences, batch_size)
    torch.testing.assert_close(found, torch.stack([alone(pathway, s) for s in sentences]), atol=1e-6, rtol=1e-5)


def test_a_sentence_and_its_words_are_the_same_and_any_iterable_will_do():
    pathway = PATHWAYS[0]
    found = represent(pathway, (sentence for sentence in ["A dog!", ["a", "dog"], ("a", "dog")]))
    torch.testing.assert_close(found[1:], found[:1].expand(2, -1))


def test_numbers_that_are_framed_already_are_taken_as_they_are():
    pathway = PATHWAYS[0]
    ids = [pathway.vocabulary.encode(words) for words in as_tokens(SENTENCES)]
    torch.testing.assert_close(represent_ids(pathway, ids), represent(pathway, SENTENCES))


def test_no_sentence_is_an_error():
    with pytest.raises(ValueError, match="expected at least one sentence, found none"):
        represent(PATHWAYS[0], [])


@pytest.mark.parametrize("sentences, index", [(["a dog", "...", ""], 1), ([[]], 0), ([["a"], ["b"], ()], 2)])
def test_a_sentence_without_a_word_is_an_error_that_names_its_index(sentences, index):
    with pytest.raises(ValueError, match=f"sentence {index} has no word"):
        represent(PATHWAYS[0], sentences)


def test_one_string_is_not_a_list_of_sentences():
    with pytest.raises(TypeError, match=r"write \['a dog'\]"):
        as_tokens("a dog")


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_length_batches_cover_every_index_once_from_short_to_long(lengths, batch_size):
    batches = list(length_batches(lengths, batch_size))
    order = np.concatenate([np.empty(0, int), *batches])
    assert sorted(order.tolist()) == list(range(len(lengths)))
    assert [lengths[i] for i in order] == sorted(lengths)
    assert all(len(batch) == batch_size for batch in batches[:-1])


@pytest.mark.parametrize("batch_size", [0, -1])
def test_an_impossible_batch_size_is_an_error(batch_size):
    with pytest.raises(ValueError, match=f"batch_size must be at least 1, found {batch_size}"):
        represent(PATHWAYS[0], SENTENCES, batch_size)


def test_few_rows_are_filled_up_and_many_left_alone():
    few, many = torch.arange(6).view(3, 2), torch.zeros(20, 2)
    assert filled(few).shape == (16, 2) and torch.equal(filled(few)[:3], few) and torch.equal(filled(few)[3], few[0])
    assert filled(many) is many
