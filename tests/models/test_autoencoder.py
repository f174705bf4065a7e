"""The autoencoder: against a loop that reads word by word, padding, gradients of source and copy, and learning."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from reading_neurons import passes
from reading_neurons.corpora import scenes
from reading_neurons.corpora.trees import Tree, TreeCorpus, Trees
from reading_neurons.corpora.fetch import CACHE_VARIABLE
from reading_neurons.methods import omission
from reading_neurons.models import trained
from reading_neurons.models.autoencoder import Autoencoder, SentenceExamples, pieces_of
from reading_neurons.models.store import fingerprint, recipe
from reading_neurons.models.training import Schedule, fit
from reading_neurons.neurons import scores_next_word
from reading_neurons.pathway import Pathway, Recurrent, represent
from reading_neurons.text import Batch, Vocabulary, tokenize, treebank_tokenize

CORPUS = scenes.generate(scenes=20)
VOCABULARY = Vocabulary.of(CORPUS.train.tokens, min_count=3)
SENTENCES = [("a", "dog"), ("the", "dog", "is", "a", "cat"), ("a",), ("the", "cat"), ("zebra", "a", "dog")]


def network(vocabulary=VOCABULARY, **settings):
    return Autoencoder(vocabulary, **{"embedding": 6, "units": 7, **settings})


def small(**settings):
    return network(Vocabulary.of(SENTENCES[:4]), **settings)


def lstm_step(cell, word, shown, kept):
    """One step by the formula, from the weights alone."""
    weights = cell.lstm
    gates = weights.weight_ih_l0 @ word + weights.bias_ih_l0 + weights.weight_hh_l0 @ shown + weights.bias_hh_l0
    enter, forget, candidate, leave = gates.chunk(4)
    kept = torch.sigmoid(forget) * kept + torch.sigmoid(enter) * torch.tanh(candidate)
    return torch.sigmoid(leave) * torch.tanh(kept), kept


def by_hand(net, source, copy):
    """States of one sequence of source and copy, vectors given, symbol by symbol."""
    shown = kept = torch.zeros(net.encoder.units)
    states = []
    for cell, words in ((net.encoder, source), (net.decoder, copy)):
        for word in words:
            shown, kept = lstm_step(cell, word, shown, kept)
            states.append(shown)
    return torch.stack(states)


def loss_by_hand(net, sentences):
    """The mean over all words of the copies and their ends, one sentence at a time."""
    losses = []
    for words in sentences:
        ids = net.vocabulary.encode(words)
        embedded = net.embedding.weight[torch.from_numpy(ids)]
        states = by_hand(net, embedded, embedded[:-1])[len(ids) :]
        scores = states @ net.readout_weight.t() + net.readout_bias
        losses += [-scores[t].log_softmax(0)[word] for t, word in enumerate(ids[1:])]
    return torch.stack(losses).mean()


@pytest.mark.parametrize("settings", [{}, {"embedding": 7, "tied": True}], ids=["untied", "tied"])
def test_loss_and_gradients_are_those_of_single_sentences(settings):
    net = small(**settings)
    examples = SentenceExamples(SENTENCES, net.vocabulary)
    assert net.vocabulary.unknown in examples.ids[4]
    chosen = np.array([3, 1, 0, 2, 4])
    found, expected = net.loss(examples.batch(chosen)), loss_by_hand(net, [SENTENCES[i] for i in chosen])
    torch.testing.assert_close(found, expected)
    weights = dict(net.named_parameters())
    gradients = torch.autograd.grad(found, weights.values()), torch.autograd.grad(expected, weights.values())
    for name, one, other in zip(weights, *gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4, msg=lambda text, name=name: f"{name}: {text}")


def sequences(net):
    """Sources with copies of other lengths, as one batch."""
    pairs = [(("a", "dog"), ("a", "dog")), (("the", "dog", "is"), ("the",)), (("a",), ("a", "cat", "is", "a", "dog"))]
    split = torch.tensor([len(source) + 2 for source, _ in pairs])
    return pairs, Batch.of([net.sequence(*pair) for pair in pairs]), split


def test_the_states_of_source_and_copy_are_those_of_a_loop_with_all_gradients():
    net = small()
    pairs, batch, split = sequences(net)
    pathway = net.copying(split)
    embedded = net.embedding(batch.ids).detach().requires_grad_()
    states = pathway.states(embedded, batch.lengths)
    assert states.shape == (3, batch.ids.shape[1], 7)
    weights = torch.randn(states.shape, generator=torch.Generator().manual_seed(0))
    (gradient,) = torch.autograd.grad((states * weights).sum(), embedded)
    for row, (source, copy) in enumerate(pairs):
        end = len(source) + len(copy) + 3
        alone = embedded[row, :end].detach().requires_grad_()
        expected = by_hand(net, alone[: split[row]], alone[split[row] :])
        torch.testing.assert_close(states[row, :end], expected)
        assert not states[row, end:].any() and not gradient[row, end:].any()
        (wanted,) = torch.autograd.grad((expected * weights[row, :end]).sum(), alone)
        torch.testing.assert_close(gradient[row, :end], wanted, atol=1e-6, rtol=1e-4)
        assert wanted[: split[row]].any(dim=1).all() and wanted[split[row] :].any(dim=1).all()
        torch.testing.assert_close(pathway.representation(embedded, batch.lengths)[row], expected[-1])


def test_a_word_of_the_copy_hears_of_the_source_and_of_the_copy_before_it_alone():
    net = small()
    ids = torch.from_numpy(net.sequence(["the", "cat"], ["the", "cat", "is"]))
    pathway = net.copying(4)
    embedded = net.embedding(ids).detach()[None].requires_grad_()
    for step in range(4, 8):
        (gradient,) = torch.autograd.grad(pathway.outputs(pathway.states(embedded))[0, step, 5], embedded)
        heard = gradient[0].abs().sum(dim=1) > 0
        assert heard.tolist() == [place <= step for place in range(8)]


def test_one_length_does_for_any_batch_and_reading_needs_no_pathway():
    net = small()
    words = SENTENCES[1]
    ids = torch.from_numpy(net.sequence(words))
    embedded = net.embedding(ids)[None]
    states = net.copying(len(words) + 2).states(embedded.expand(4, -1, -1))
    torch.testing.assert_close(states[3], by_hand(net, embedded[0, :7], embedded[0, 7:]))
    source, copy = net.read(embedded[:, :7], None, embedded[:, 7:])
    torch.testing.assert_close(torch.cat((source, copy), dim=1)[0], states[0])
    longer = F.pad(embedded[:, :7], (0, 0, 0, 3), value=9.0)
    padded, same = net.read(longer, torch.tensor([7]), F.pad(embedded[:, 7:], (0, 0, 0, 2), value=9.0))
    torch.testing.assert_close(padded[:, :7], source)
    torch.testing.assert_close(same[:, :6], copy)
    assert not padded[:, 7:].any()


def test_a_copy_pathway_is_a_pathway_that_scores_the_next_word():
    net = small()
    pathway = net.copying(torch.tensor([4, 3]))
    assert isinstance(pathway, Pathway) and not isinstance(pathway, Recurrent)
    assert scores_next_word(pathway) and pathway.units == 7
    states = torch.randn(3, 7, generator=torch.Generator().manual_seed(0))
    weight, bias = pathway.readout(torch.tensor([5, 2]))
    torch.testing.assert_close(states @ weight.t() + bias, pathway.outputs(states)[:, [5, 2]])


def test_the_encoder_is_driven_word_by_word():
    net = small()
    pathway = net.pathways["encoder"]
    assert isinstance(pathway, Recurrent) and pathway.output_names == ()
    batch = Batch.of([net.vocabulary.encode(words) for words in SENTENCES])
    embedded = pathway.embedding[batch.ids]
    states = pathway.states(embedded, batch.lengths)
    encoded, (shown, kept) = net.encode(embedded, batch.lengths)
    torch.testing.assert_close(encoded, states)
    torch.testing.assert_close(shown, pathway.representation(embedded, batch.lengths))
    for row, length in enumerate(batch.lengths):
        state = pathway.initial(1)
        for t in range(length):
            state, units = pathway.step(embedded[row, t][None], state)
            torch.testing.assert_close(units[0], states[row, t])
        torch.testing.assert_close(state[0][0], shown[row])
        torch.testing.assert_close(state[1][0], kept[row])
        assert not states[row, length:].any()
    assert pathway.outputs(states).shape == (*states.shape[:2], 0)


def test_methods_read_the_encoder():
    net = small().eval()
    pathway = net.pathways["encoder"]
    table = omission.scores(pathway, [" ".join(SENTENCES[1])])
    whole = represent(pathway, [SENTENCES[1]])
    without = represent(pathway, [SENTENCES[1][1:]])
    assert table["score"][0] == pytest.approx(1 - F.cosine_similarity(whole, without).item(), abs=1e-5)
    states = passes.states(pathway, SENTENCES)
    ids = torch.from_numpy(net.vocabulary.encode(SENTENCES[0]))
    np.testing.assert_allclose(states[:2], pathway.states(pathway.embedding[ids][None])[0, 1:3].detach(), atol=1e-6)


def test_dropout_is_for_training_alone():
    net = small(dropout=0.5)
    batch = SentenceExamples(SENTENCES, net.vocabulary).batch(np.arange(5))
    torch.testing.assert_close(net.eval().loss(batch), loss_by_hand(net, SENTENCES))
    first, second = net.train().loss(batch).item(), net.loss(batch).item()
    assert first != second


@given(st.lists(st.lists(st.integers(3, 99), min_size=1, max_size=9), min_size=1, max_size=6), st.integers(1, 12))
def test_pieces_are_neighbouring_words_framed(sentences, most):
    batch = Batch.of([np.array([1, *words, 2]) for words in sentences])
    found = pieces_of(batch, most)
    sizes = found.lengths - 2
    assert len(found) == len(sentences) and found.ids.shape[1] == sizes.max() + 2 <= most + 2
    for row, words, length in zip(found.ids.tolist(), sentences, found.lengths.tolist(), strict=True):
        start, *piece, end = row[:length]
        assert (start, end) == (1, 2) and not any(row[length:])
        assert piece in [words[begin : begin + len(piece)] for begin in range(len(words))]
        assert len(piece) == min(len(words), sizes.max())


def test_pieces_of_every_length_from_every_place_are_drawn():
    batch = Batch.of([np.array([1, 4, 5, 6, 2]), np.array([1, 7, 2])])
    drawn = [pieces_of(batch, 3) for _ in range(400)]
    firsts = [tuple(piece.ids[0, 1 : piece.lengths[0] - 1].tolist()) for piece in drawn]
    assert set(firsts) == {(4,), (5,), (6,), (4, 5), (5, 6), (4, 5, 6)}
    assert 80 < firsts.count((4, 5, 6)) < 190
    assert all(piece.ids[1, :3].tolist() == [1, 7, 2] for piece in drawn)


def test_pieces_grow_to_whole_sentences_while_training_alone():
    net = small(pieces=40)
    batch = SentenceExamples([SENTENCES[1]] * 2, net.vocabulary).batch(np.arange(2))
    whole = net.eval().loss(batch).item()
    assert int(net.batches) == 0
    seen = []

    def read(source, lengths, copy):
        seen.append(int(lengths[0]) - 2)
        return Autoencoder.read(net, source, lengths, copy)

    net.read = read
    net.train()
    for _ in range(39):
        net.loss(batch)
    assert max(seen[:10]) == 2 and max(seen) == 4  # of five words
    again = small(pieces=40)
    again.load_state_dict(net.state_dict())  # as a run that resumes
    again.train().loss(batch)
    assert int(again.batches) == 40 and again.loss(batch).item() == whole


def test_a_run_that_resumes_goes_on_with_the_pieces_it_had(tmp_path):
    whole, resumed = (network(pieces=9) for _ in range(2))
    examples = whole.examples(CORPUS.validation)
    schedule = Schedule(epochs=3, batch_size=2, patience=3)
    fit(whole, examples, examples, schedule)
    fit(resumed, examples, examples, replace(schedule, epochs=1), checkpoint=tmp_path / "half")
    assert 0 < int(resumed.batches) < 9
    again = network(pieces=9)
    fit(again, examples, examples, schedule, checkpoint=tmp_path / "half")
    for name, weight in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], weight, msg=lambda text, name=name: f"{name}: {text}")


def test_words_are_scored_by_their_embeddings_and_kept_once():
    net = small(embedding=7, tied=True)
    assert net.readout_weight is net.embedding.weight
    states = torch.randn(3, 7, generator=torch.Generator().manual_seed(0))
    scores = states @ net.embedding.weight.t() + net.readout_bias
    torch.testing.assert_close(net.copying(4).outputs(states), scores)
    weights = [weight for weight in net.state_dict().values() if weight.shape == net.embedding.weight.shape]
    assert len(weights) == 1 and "written" not in dict(net.named_parameters())
    assert sum(weight.numel() for weight in small(embedding=7).parameters()) == (
        sum(weight.numel() for weight in net.parameters()) + net.embedding.weight.numel()
    )


@pytest.mark.parametrize("tied", [False, True])
def test_the_store_trains_and_keeps_it(tmp_path, monkeypatch, tied):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    settings = {"embedding": 5, "units": 5, "epochs": 1, "pieces": 3, "tied": tied}
    first = trained("autoencoder", CORPUS, **settings)
    again = trained("autoencoder", CORPUS, **settings)
    assert isinstance(first, Autoencoder) and fingerprint(first) == fingerprint(again)
    assert int(again.batches) == int(first.batches) > 0
    assert recipe("autoencoder", "scenes").sizes["pieces"] > 100


def test_bfloat16_changes_the_loss_little():
    net = network()
    batch = net.examples(CORPUS.train).batch(np.arange(30))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = net.loss(batch)
    assert half.dtype == torch.float32 and half.item() == pytest.approx(net.loss(batch).item(), rel=0.01)


def test_a_network_for_a_corpus_has_its_words_and_its_tokenizer():
    net = Autoencoder.for_corpus(CORPUS, min_count=3, embedding=4, units=5, seed=2)
    assert net.vocabulary == VOCABULARY and net.vocabulary.tokenizer is tokenize
    assert len(net.examples(CORPUS.test)) == len(CORPUS.test)
    trees = Trees("made up", "train", (Tree.parse("(3 (2 It) (4 (3 is) (4 n't)))"),))
    net = Autoencoder.for_corpus(TreeCorpus("made up", trees, trees, trees), embedding=4, units=5)
    assert net.vocabulary.words[4:] == ("is", "it", "n't") and net.vocabulary.tokenizer is treebank_tokenize
    assert net.loss(net.examples(trees).batch(np.array([0]))).isfinite()


def test_weights_come_from_the_seed_alone():
    before = torch.get_rng_state()
    first, again, other = small(seed=3), small(seed=3), small(seed=4)
    assert torch.equal(torch.get_rng_state(), before)
    for (name, one), same, different in zip(
        first.named_parameters(), again.parameters(), other.parameters(), strict=True
    ):
        assert one.isfinite().all() and torch.equal(one, same)
        assert name == "readout_bias" or not torch.equal(one, different)
    assert not torch.equal(first.encoder.lstm.weight_hh_l0, first.decoder.lstm.weight_hh_l0)


def test_bad_input_is_an_error_that_says_what_to_do():
    net = small()
    embedded = torch.zeros(2, 5, 6)
    with pytest.raises(ValueError, match="made for 3 sources, and 2 sequences"):
        net.copying(torch.tensor([3, 3, 3])).states(embedded)
    with pytest.raises(ValueError, match="sequence 0 has 5 symbols, 5 of them source: expected at least <s> behind"):
        net.copying(5).states(embedded)
    with pytest.raises(ValueError, match="sequence 1 has 4 symbols, 4 of them source"):
        net.copying(4).states(embedded, torch.tensor([5, 4]))
    for lengths in (0, torch.tensor([3, 0]), torch.tensor([], dtype=torch.long)):
        with pytest.raises(ValueError, match="at least one symbol"):
            net.copying(lengths)
    for dropout in (-0.1, 1.0):
        with pytest.raises(ValueError, match="dropout is a chance from 0 to below 1"):
            small(dropout=dropout)
    with pytest.raises(ValueError, match="as wide as a state, found 6 and 7: give both the same width, or tied=False"):
        small(tied=True)
    with pytest.raises(ValueError, match="pieces is a number of batches, 0 or more, found -1"):
        small(pieces=-1)
