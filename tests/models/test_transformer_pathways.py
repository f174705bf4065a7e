"""What a wrapped transformer gives: nothing at padded places, its own readout, and no reading while it is trained."""

import pytest
import torch

from reading_neurons.asking import PathwayError
from reading_neurons.models.hugging_face import pathway
from reading_neurons.models.transformer_pathways import NEVER, Head

transformers = pytest.importorskip("transformers", reason="the adapter for Hugging Face needs the extra 'huggingface'")


def embedded(rows=2, time=5):
    return torch.randn(rows, time, 12, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def decoder(tiny):
    return pathway(tiny.gpt2(transformers.GPT2LMHeadModel), tiny.bytepieces)


@pytest.mark.parametrize("place", ["first", "last", "mean"])
def test_padding_changes_nothing_and_is_zero(tiny, place):
    wrapped = pathway(tiny.bert(transformers.BertModel), tiny.wordpieces, representation=place)
    sentences, lengths = embedded(), torch.tensor([5, 3])
    states = wrapped.states(sentences, lengths)
    assert not states[1, 3:].any() and states[1, :3].all()
    torch.testing.assert_close(states[1:, :3], wrapped.states(sentences[1:, :3]), atol=1e-5, rtol=1e-4)
    alone = wrapped.representation(sentences[1:, :3])
    torch.testing.assert_close(wrapped.representation(sentences, lengths)[1:], alone, atol=1e-5, rtol=1e-4)


def test_a_linear_readout_is_the_head(decoder):
    states, every = embedded()[0], torch.arange(len(decoder.vocabulary))
    weight, bias = decoder.readout(every)
    torch.testing.assert_close(states @ weight.t() + bias, decoder.outputs(states), atol=1e-4, rtol=1e-4)
    assert (bias == NEVER).sum() == 3


def test_a_head_that_looks_at_a_first_state_gets_each_alone():
    states = embedded()
    head = Head((lambda sequences: sequences[:, 0] * 2,), alone=True)
    torch.testing.assert_close(head(states), 2 * states)


def test_a_model_that_is_being_trained_is_not_read(decoder):
    decoder.network.train()
    with pytest.raises(PathwayError, match=r"in training mode, .* call network.eval\(\) first"):
        decoder.states(embedded())


def test_half_precision_is_read_and_given_as_float32(tiny):
    wrapped = pathway(tiny.gpt2(transformers.GPT2LMHeadModel).bfloat16(), tiny.bytepieces)
    assert wrapped.embedding.dtype == torch.bfloat16
    states = wrapped.states(embedded())
    assert states.dtype == torch.float32 and wrapped.outputs(states).dtype == torch.float32
    own = wrapped.network(inputs_embeds=embedded().bfloat16()).last_hidden_state.float()
    torch.testing.assert_close(states, own)
