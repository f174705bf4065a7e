"""Saliency of copies: against a loop with a pass for each step, what rows say, and copies that end or do not."""

import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import copies
from reading_neurons.text import Vocabulary

SENTENCES = [
    ("a", "dog", "sees", "a", "dog"),
    ("the", "cat"),
    ("a", "zebra", "sees", "the", "dog"),
    ("dog",),
    ("the", "dog", "and", "the", "cat"),
]
WORDS = Vocabulary(["a", "and", "cat", "dog", "sees", "the"])


class ReadsItsOwnWay(Autoencoder):
    """Sees the first word of the source at every step, past the encoder, which nothing but autograd can follow."""

    def read(self, source, lengths, copy):
        states, decoded = super().read(source, lengths, copy)
        return states, decoded + 0.1 * F.pad(source[:, 1:2], (0, decoded.shape[2] - source.shape[2]))


class ScoresItsOwnWay(Autoencoder):
    """Squares its states before it scores words."""

    def readout(self, states):
        return super().readout(states.square())


def untrained(kind=Autoencoder, **settings):
    net = kind(WORDS, **{"embedding": 6, "units": 7, **settings})
    with torch.no_grad():
        net.readout_weight.mul_(20)  # so that its copies are not one word again and again
        net.readout_bias[WORDS.end] -= 1
    return net.eval()


def by_hand(net, words, copy, of, measure):
    """Saliency by (step, side, position), with a pass for every step of one sentence."""
    ids = net.vocabulary.encode(words)
    symbols = net.vocabulary.encode(copy)
    steps = len(copy) + (len(copy) < 2 * len(words) + 5)
    found = {}
    for step in range(steps):
        source, before = (net.embedding.weight[torch.from_numpy(part)].detach() for part in (ids, symbols[: step + 1]))
        source, before = source.requires_grad_(), before.requires_grad_()
        _, states = net.read(source[None], None, before[None])
        scores = states[0, -1] @ net.readout_weight.t() + net.readout_bias
        value = {"score": scores, "exp": scores.exp(), "loss": -scores.log_softmax(0)}[of][symbols[step + 1]]
        value.backward()
        for side, part, count in (("source", source, len(words)), ("copy", before, step)):
            products = (part.grad * part.detach()).sum(dim=1).abs()
            sizes = {"mean": part.grad.abs().mean(1), "norm": part.grad.norm(dim=1), "product": products}[measure]
            found |= {(step, side, place - 1): sizes[place].item() for place in range(1, count + 1)}
    return found


@pytest.mark.parametrize(
    ("copy", "of", "measure"), [("own", "score", "mean"), ("right", "loss", "norm"), ("own", "exp", "norm"), ("right", "score", "product")]
)
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("kind", [Autoencoder, ReadsItsOwnWay])
def test_saliency_is_that_of_a_loop_over_steps(copy, of, measure, tied, kind):
    net = untrained(kind, **({"embedding": 7, "tied": True} if tied else {}))
    table = copy_saliency(net, SENTENCES, copy=copy, of=of, measure=measure, batch_size=3)
    written = copies(net, SENTENCES) if copy == "own" else SENTENCES
    assert copy == "right" or tied or len({len(words) for words in written}) > 1
    for number, words in enumerate(SENTENCES):
        rows = table[table["sentence"] == number]
        found = dict(zip(zip(rows["step"], rows["side"], rows["position"], strict=True), rows["saliency"], strict=True))
        expected = by_hand(net, words, written[number], of, measure)
        assert found.keys() == expected.keys()
        assert found == pytest.approx(expected, rel=2e-4, abs=1e-7)


def test_a_network_that_scores_in_its_own_way_is_derived_as_it_scores():
    plain, own = untrained(), untrained(ScoresItsOwnWay)
    tables = [copy_saliency(net, ["a dog"], copy="right")["saliency"] for net in (plain, own)]
    words = torch.from_numpy(WORDS.encode(["a", "dog"]))
    source, copy = own.embedding(words).detach().requires_grad_(), own.embedding(words[:1]).detach()
    _, states = own.read(source[None], None, copy[None])
    own.readout(states)[0, 0, words[1]].backward()
    assert tables[1][:2].tolist() == pytest.approx(source.grad[1:3].abs().mean(dim=1).tolist(), rel=1e-4)
    assert not torch.allclose(*(torch.tensor(table) for table in tables), rtol=0.1)


def test_rows_say_what_is_written_and_from_what():
    table = copy_saliency(untrained(), [SENTENCES[2]], copy="right")
    predicted = table.drop_duplicates("step")["predicted"].tolist()
    assert predicted == ["a", "<unk>", "sees", "the", "dog", "</s>"]
    fourth = table[table["step"] == 3]
    assert list(zip(fourth["side"], fourth["word"], strict=True)) == [
        *(("source", word) for word in SENTENCES[2]), *(("copy", word) for word in SENTENCES[2][:3]),
    ]  # fmt: skip
    framed = copy_saliency(untrained(), [SENTENCES[2]], copy="right", frame=True)
    assert framed[framed["step"] == 0]["word"].tolist() == ["<s>", *SENTENCES[2], "</s>", "<s>"]
    inside = framed[framed["position"].between(0, 4)]
    pd.testing.assert_frame_equal(inside.reset_index(drop=True), table)


def test_a_word_that_comes_twice_has_two_saliencies():
    table = copy_saliency(untrained(), [SENTENCES[0]], copy="right")
    last = table[(table["step"] == 5) & (table["word"] == "dog")]
    assert last["side"].tolist() == ["source", "source", "copy", "copy"] and last["saliency"].nunique() == 4


def test_a_copy_that_does_not_end_writes_no_end():
    net = untrained()
    net.readout_bias.data[WORDS.end] = -1e6
    table = copy_saliency(net, ["the cat"])
    assert table["step"].max() + 1 == 2 * 2 + 5 and (table["predicted"] != "</s>").all()
    net.readout_bias.data[WORDS.end] = 1e6
    silent = copy_saliency(net, ["the cat", "a dog"])
    assert (silent["predicted"] == "</s>").all() and (silent["side"] == "source").all() and len(silent) == 4


def test_bad_input_is_an_error_that_says_what_to_do():
    net = untrained()
    with pytest.raises(ValueError, match="copy is one of 'own', 'right', found 'wrong'"):
        copy_saliency(net, ["a dog"], copy="wrong")
    with pytest.raises(ValueError, match="of is one of 'score', 'loss', 'exp', found 'sum'"):
        copy_saliency(net, ["a dog"], of="sum")
    with pytest.raises(ValueError, match="measure is one of 'mean', 'norm', 'product', found 'max'"):
        copy_saliency(net, ["a dog"], measure="max")
    with pytest.raises(ValueError, match="sentence 0 has no word that the network knows"):
        copy_saliency(net, ["yaks graze"])
    with pytest.raises(ValueError, match="at least one sentence, found none"):
        copy_saliency(net, [])
    with pytest.raises(ValueError, match="has no word"):
        copy_saliency(net, ["..."])
