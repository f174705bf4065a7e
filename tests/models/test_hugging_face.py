"""Transformers as pathways: states, scores, omission and derivatives are the model's own, and misfits are named."""

import numpy as np
import pytest
import torch

from reading_neurons import passes, pathway as protocol
from reading_neurons.checks import check
from reading_neurons.methods import contexts, mutual_information, omission
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.gradients import output_scores
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.saliency import maps, saliency
from reading_neurons.models.hugging_face import pathway
from reading_neurons.neurons import output, scores_next_word, unit

transformers = pytest.importorskip("transformers", reason="the adapter for Hugging Face needs the extra 'huggingface'")
BERTS = ["BertModel", "BertForSequenceClassification", "BertForMaskedLM"]
GPTS = ["GPT2Model", "GPT2LMHeadModel", "GPT2ForSequenceClassification"]


def made(tiny, kind, **settings):
    """A model and its tokenizer."""
    if kind.startswith("Bert"):
        return tiny.bert(getattr(transformers, kind), **settings), tiny.wordpieces
    return tiny.gpt2(getattr(transformers, kind), **settings), tiny.bytepieces


def numbered(tokenizer, text):
    """The model's own numbers of a text, framed."""
    first, last = tokenizer.cls_token_id or tokenizer.bos_token_id, tokenizer.sep_token_id or tokenizer.eos_token_id
    return [first, *tokenizer(text, add_special_tokens=False)["input_ids"], last]


@torch.no_grad()
def by_hand(model, numbers, layer=-1):
    """Hidden states of one text, read by its numbers."""
    read = model.base_model(input_ids=torch.tensor([numbers]), output_hidden_states=True)
    return read.hidden_states[layer][0]


@pytest.mark.parametrize("layer", [-1, 0, 1])
@pytest.mark.parametrize("kind", [*BERTS, *GPTS])
def test_states_are_the_models_own_at_every_layer_padded_or_not(tiny, kind, layer):
    model, tokenizer = made(tiny, kind)
    wrapped = pathway(model, tokenizer, layer=layer)
    expected = [by_hand(model, numbered(tokenizer, text), layer)[1:-1] for text in tiny.captions]
    np.testing.assert_allclose(passes.states(wrapped, tiny.captions), torch.cat(expected), atol=1e-5)


@pytest.mark.parametrize("place", ["first", "last", "mean"])
@pytest.mark.parametrize("kind", ["BertModel", "GPT2Model"])
def test_omission_is_a_loop_that_deletes_a_piece_and_calls_the_model(tiny, kind, place):
    model, tokenizer = made(tiny, kind)
    represent = {"first": lambda h: h[0], "last": lambda h: h[-1], "mean": lambda h: h.mean(dim=0)}[place]
    expected = []
    for text in tiny.captions:
        numbers = numbered(tokenizer, text)
        whole = represent(by_hand(model, numbers))
        for gone in range(1, len(numbers) - 1):
            part = represent(by_hand(model, numbers[:gone] + numbers[gone + 1 :]))
            expected.append(1 - torch.cosine_similarity(whole, part, dim=0).item())
    found = omission.scores(pathway(model, tokenizer, representation=place), tiny.captions)
    np.testing.assert_allclose(found["score"], np.clip(expected, 0, None), atol=1e-5)
    if place == "first" and kind == "GPT2Model":
        assert found["score"].max() < 1e-5  # what reads from left to right knows nothing at <s>


@pytest.mark.parametrize(
    "kind, place", [("BertForSequenceClassification", "first"), ("GPT2ForSequenceClassification", "last")]
)
def test_scores_are_the_models_logits_and_stand_where_it_reads_them(tiny, kind, place):
    model, tokenizer = made(tiny, kind, num_labels=3, id2label={0: "bad", 1: "so-so", 2: "good"})
    wrapped = pathway(model, tokenizer)
    assert wrapped.place == place and wrapped.output_names == ("bad", "so-so", "good")
    embeddings = model.get_input_embeddings()
    for text in tiny.captions:
        table = saliency(wrapped, [text], "good", frame=True)
        embedded = embeddings(torch.tensor([numbered(tokenizer, text)])).detach().requires_grad_()
        scores = model(inputs_embeds=embedded).logits[0]
        (gradient,) = torch.autograd.grad(scores[2], embedded)
        np.testing.assert_allclose(table["score"], scores[2].item(), atol=1e-5)
        np.testing.assert_allclose(table["saliency"], gradient[0].abs().norm(dim=-1), atol=1e-4, rtol=1e-3)


def test_saliency_is_captums_on_the_embeddings_of_numbers(tiny):
    from captum.attr import LayerIntegratedGradients

    model, tokenizer = made(tiny, "BertForSequenceClassification")
    text = tiny.captions[0]
    numbers = torch.tensor([numbered(tokenizer, text)])
    empty = model.bert.embeddings.word_embeddings.weight.detach()
    assert empty[0].abs().sum() == 0  # the row of [PAD], from which the path begins
    baseline = numbers.clone()
    baseline[:, 1:-1] = 0
    looked_up = model.bert.embeddings.word_embeddings
    attribution = LayerIntegratedGradients(lambda ids: model(input_ids=ids).logits, looked_up)
    expected = attribution.attribute(numbers, baseline, target=1, n_steps=32, method="gausslegendre")[0, 1:-1]
    found = maps(pathway(model, tokenizer), [text], 1, method="integrated gradients", steps=32)
    np.testing.assert_allclose(found["saliency"].to_numpy().reshape(expected.shape), expected.detach(), atol=1e-4)


def test_a_decoder_scores_the_next_piece_as_it_does_itself(tiny):
    model, tokenizer = made(tiny, "GPT2LMHeadModel")
    wrapped = pathway(model, tokenizer)
    assert scores_next_word(wrapped) and wrapped.place == "last"
    text = tiny.captions[0]
    ids = torch.from_numpy(wrapped.vocabulary.encode(wrapped.vocabulary.tokenizer(text)))[None]
    with torch.no_grad():
        found = output_scores(wrapped, wrapped.embedding[ids], torch.tensor([ids.shape[1]])).softmax(dim=1)[0]
        own = model(input_ids=torch.tensor([numbered(tokenizer, text)[:-1]])).logits[0, -1].softmax(dim=0)
    np.testing.assert_allclose(found[~wrapped.copies], own[wrapped.rows[~wrapped.copies]], atol=1e-6)
    assert found[wrapped.copies].sum() == 0 and found.sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", [*BERTS, *GPTS])
def test_the_protocol_is_kept(tiny, kind):
    table = check(pathway(*made(tiny, kind)), list(tiny.captions))
    assert table["holds"].all(), table[~table["holds"]].to_string()


@pytest.mark.parametrize("kind", ["BertForSequenceClassification", "GPT2LMHeadModel"])
def test_contexts_information_and_relevance_read_pieces(tiny, kind):
    from reading_neurons.features.words import unparsed, word_is
    from reading_neurons.methods.relevance import relevance

    wrapped = pathway(*made(tiny, kind))
    texts = list(tiny.captions) * 4
    states = passes.states(wrapped, texts)
    top = contexts.top_contexts(wrapped, texts, k=1, units=[3])
    assert top["activation"].item() == pytest.approx(states[:, 3].max(), abs=1e-5)
    known = mutual_information.of_pathway(wrapped, texts, count=4)
    assert set(known["context"]) == {"word unigram", "word bigram", "word trigram"} and (known["mi"] >= 0).all()
    pieces = unparsed(texts, wrapped.vocabulary.tokenizer)
    assert [item.text for item in pieces.items] == [" ".join(wrapped.vocabulary.tokenizer(text)) for text in texts]
    horse = [piece for piece in wrapped.vocabulary.words if "horse" in piece]
    found = relevance(wrapped, pieces, word_is(*horse), folds=2)
    assert len(found) == 12 and found["accuracy"].max() >= found["majority"].max()


@pytest.mark.parametrize("kind", ["BertForSequenceClassification", "GPT2LMHeadModel"])
def test_an_optimal_input_is_better_than_every_sentence_of_the_corpus(tiny, kind):
    wrapped = pathway(*made(tiny, kind))
    piece = [name for name in wrapped.vocabulary.words if "cat" in name][0]
    wanted = output(wrapped, piece if kind.startswith("GPT") else 1)
    quick = Ascent(steps=10, restarts=2)
    for neuron in (unit(2), wanted):
        found = optimize(wrapped, neuron, length=3, ascent=quick)["activation"].item()
        read = optimize(wrapped, neuron, length=3, method="corpus", corpus=list(tiny.captions))["activation"].item()
        assert found >= read


def test_what_has_no_scores_says_why(tiny):
    cases = {
        "a model without a head": pathway(*made(tiny, "BertModel")),
        "masked language model.*no next one": pathway(*made(tiny, "BertForMaskedLM")),
        "read at layer 1": pathway(*made(tiny, "GPT2LMHeadModel"), layer=1),
    }
    for reason, wrapped in cases.items():
        assert wrapped.output_names is None and not scores_next_word(wrapped)
        with pytest.raises(TypeError, match=reason):
            saliency(wrapped, list(tiny.captions))


def test_a_head_of_ones_own(tiny):
    weights = torch.randn(12, 2, generator=torch.Generator().manual_seed(0))
    named = {"head": lambda states: states @ weights, "output_names": ["no", "yes"]}
    wrapped = pathway(*made(tiny, "BertModel"), layer=1, **named)
    table = saliency(wrapped, [tiny.captions[1]], "yes")
    states = by_hand(wrapped.network, numbered(tiny.wordpieces, tiny.captions[1]), 1)
    assert table["score"].iloc[0] == pytest.approx((states[0] @ weights)[1].item(), abs=1e-5)
    with pytest.raises(ValueError, match="the head gives 2 scores, found 3 output_names"):
        pathway(*made(tiny, "BertModel"), head=lambda states: states @ weights, output_names=["a", "b", "c"])


@pytest.mark.parametrize(
    "kind, settings",
    [
        ("DistilBertForSequenceClassification", {"dim": 12, "n_layers": 1, "n_heads": 2, "hidden_dim": 16}),
        ("RobertaForSequenceClassification", {}),
        ("ElectraForSequenceClassification", {"embedding_size": 12}),
        ("AlbertForTokenClassification", {"embedding_size": 12}),
        ("AlbertForSequenceClassification", {"embedding_size": 12}),
        ("BertForTokenClassification", {}),
        ("RobertaForCausalLM", {"is_decoder": True}),
    ],
)
def test_the_heads_of_other_families_are_found(tiny, kind, settings):
    cls = getattr(transformers, kind)
    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    if not kind.startswith("Distil"):
        settings = {**sizes, **settings}
    config = cls.config_class(vocab_size=len(tiny.wordpieces), max_position_embeddings=40, pad_token_id=0, **settings)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = cls(config).eval()
    wrapped = pathway(model, tiny.wordpieces)
    text = tiny.captions[2]
    states = passes.states(wrapped, [text])
    assert states.shape == (len(tiny.wordpieces.tokenize(text)), 12)
    assert output_scores(wrapped, wrapped.embedding[torch.tensor([[1, 5, 6, 2]])], torch.tensor([4])).isfinite().all()


def test_scores_that_are_kept_in_bounds_are_not_taken_for_linear(tiny):
    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.Gemma2Config(
        vocab_size=len(tiny.bytepieces), num_key_value_heads=2, head_dim=8, pad_token_id=0, initializer_range=2.0,
        final_logit_softcapping=5.0, **sizes,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = transformers.Gemma2ForCausalLM(config).eval()
    wrapped = pathway(model, tiny.bytepieces)
    ids = wrapped.vocabulary.encode(wrapped.vocabulary.tokenizer(tiny.captions[0]))
    with torch.no_grad():
        own = model(input_ids=wrapped.rows[ids][None]).logits[0, -2, wrapped.rows]
        found = output_scores(wrapped, wrapped.embedding[ids][None], torch.tensor([len(ids)]))[0]
    np.testing.assert_allclose(found[~wrapped.copies], own[~wrapped.copies], atol=1e-4)
    assert not hasattr(wrapped, "readout") and own.abs().max() > 3


def test_rows_without_a_token_are_left_out(tiny):
    model = tiny.gpt2(transformers.GPT2LMHeadModel)
    model.resize_token_embeddings(len(tiny.bytepieces) + 7, mean_resizing=False)
    assert len(pathway(model.eval(), tiny.bytepieces).vocabulary) == len(tiny.bytepieces) + 3


def misfits(tiny):
    from transformers import T5Config, T5ForConditionalGeneration

    bert, tokenizer = made(tiny, "BertModel")
    two = T5ForConditionalGeneration(T5Config(vocab_size=40, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2))
    small = tiny.bert(transformers.BertModel)
    small.resize_token_embeddings(6)
    asks = transformers.BertForQuestionAnswering(bert.config).eval()
    long = pathway(bert, tokenizer)
    return {
        "expected a model of the transformers library, found Linear": lambda: pathway(torch.nn.Linear(2, 2), tokenizer),
        r"is an encoder with a decoder.*get_encoder\(\)": lambda: pathway(two.eval(), tokenizer),
        "does not take inputs_embeds": lambda: pathway(Deaf(bert.config).eval(), tokenizer),
        "has 2 layers: layer goes from 0.*found 3": lambda: pathway(bert, tokenizer, layer=3),
        "one of first, last, mean, found 'cls'": lambda: pathway(bert, tokenizer, representation="cls"),
        "numbers its tokens up to 19, and the model has 6 embeddings": lambda: pathway(small.eval(), tokenizer),
        r"is in training mode.*model.eval\(\)": lambda: pathway(made(tiny, "BertModel")[0].train(), tokenizer),
        "a sentence of 21 pieces, framed, and 'bert' reads at most 20": lambda: omission.scores(long, ["a " * 19]),
        "no way that is known leads to them": lambda: pathway(Odd(bert.config).eval(), tokenizer),
        "reads the numbers of pieces otherwise": lambda: pathway(Scaled(bert.config).eval(), tokenizer),
    }, asks


class Deaf(transformers.BertModel):
    """Reads numbers alone."""

    def forward(self, input_ids=None, attention_mask=None):
        return super().forward(input_ids=input_ids, attention_mask=attention_mask)


class Odd(transformers.BertForSequenceClassification):
    """Squares its scores."""

    def forward(self, **inputs):
        found = super().forward(**inputs)
        found["logits"] = found.logits.square() + 1
        return found


class Scaled(transformers.BertModel):
    """Doubles what it looks up."""

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, **settings):
        inputs_embeds = 2 * self.get_input_embeddings()(input_ids) if inputs_embeds is None else inputs_embeds
        return super().forward(inputs_embeds=inputs_embeds, attention_mask=attention_mask, **settings)


@pytest.mark.parametrize("number", range(10))
def test_a_misfit_is_named(tiny, number):
    cases, _ = misfits(tiny)
    message, call = list(cases.items())[number]
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_a_model_of_spans_is_read_without_scores(tiny):
    _, asks = misfits(tiny)
    wrapped = pathway(asks, tiny.wordpieces)
    assert isinstance(wrapped, protocol.Pathway) and wrapped.output_names is None


def test_the_library_is_asked_for_where_it_is_missing(tiny, monkeypatch):
    model, tokenizer = made(tiny, "BertModel")
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ImportError, match=r"pip install './lib\[huggingface\]'"):
        pathway(model, tokenizer)
