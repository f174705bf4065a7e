"""Every way in which a wrapper can be wrong is found by the part of the table that it belongs to."""

import pytest
import torch
from torch import nn

from reading_neurons.asking import MissingPart, PathwayError
from reading_neurons.checks import check, require
from reading_neurons.models import CharacterLSTM, Imaginet, LanguageModel, SumPathway
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.models.sentiment import LSTM, BiLSTM, Recurrent
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "cat", "runs"])
PARTS = [
    "name", "vocabulary", "embedding", "output_names", "states", "states, alone", "states, padding", "states, no lengths",
    "states, finite", "states, twice", "representation", "representation, alone", "representation, no lengths",
    "outputs", "gradient",
]  # fmt: skip


class Own:
    """Keeps to the protocol; the subclasses below do not."""

    name, output_names, vocabulary = "own", ["bad", "good"], VOCABULARY

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(VOCABULARY), 4, generator=generator)
        self.weights = torch.randn(4, 2, generator=generator)

    def real(self, embedded, lengths):
        time = torch.arange(embedded.shape[1])
        return (time < (embedded.shape[1] if lengths is None else lengths[:, None]))[..., None].expand_as(embedded)

    def states(self, embedded, lengths=None):
        return embedded.cumsum(dim=1).tanh() * self.real(embedded, lengths)

    def representation(self, embedded, lengths=None):
        return (self.states(embedded, lengths)).sum(dim=1)

    def outputs(self, states):
        return states @ self.weights


def changed(**parts):
    return type("Changed", (Own,), parts)()


def states(change):
    return {"states": lambda self, embedded, lengths=None: change(self, Own.states(self, embedded, lengths))}


def unmasked(self, embedded, lengths=None):
    return embedded.cumsum(dim=1).tanh()


def neighbours(self, embedded, lengths=None):
    return Own.states(self, embedded - embedded.mean(dim=0), lengths)


def padding_read(self, embedded, lengths=None):
    return (embedded.flip(1).cumsum(dim=1).flip(1) * self.real(embedded, lengths)).tanh()


def mean_of_all(self, embedded, lengths=None):
    return embedded.mean(dim=1)


def needs_lengths(self, embedded, lengths=None):
    return Own.representation(self, embedded, lengths.clone())


def dropped(self, found):
    return nn.functional.dropout(found, 0.5)


WRONG = {
    "no name": ({"name": None}, "name", "nothing"),
    "words for a vocabulary": ({"vocabulary": ("a", "dog")}, "vocabulary", "a tuple"),
    "a name for a list": ({"output_names": "good"}, "output_names", "4: g, o, o"),
    "one name too few": ({"output_names": ["good"]}, "outputs", "gave 2 scores for 1 output_names"),
    "time first": (states(lambda self, s: s.transpose(0, 1)), "states", "gave shape (8, 2, 4) for embedded of shape (2, 8, 4)"),
    "one state too few": (states(lambda self, s: s[:, 1:]), "states", "gave shape (2, 7, 4)"),
    "one vector": (states(lambda self, s: s[:, -1]), "states", "gave shape (2, 4)"),
    "a tuple": (states(lambda self, s: (s, None)), "states", "gave a tuple of 2"),
    "not masked": ({"states": unmasked, "representation": Own.representation}, "states, padding", "up to"),
    "neighbours": ({"states": neighbours}, "states, alone", "padding is read, or neighbours"),
    "padding read": ({"states": padding_read}, "states, alone", "use lengths"),
    "mean of all": ({"representation": mean_of_all}, "representation, alone", "use lengths"),
    "lengths needed": ({"representation": needs_lengths}, "representation, no lengths", "AttributeError"),
    "not a number": (states(lambda self, s: s / 0 * 0), "states, finite", "64 of 64 are not"),
    "dropout": (states(dropped), "states, twice", "training mode?"),
    "a representation too many": ({"representation": unmasked}, "representation", "gave shape (2, 8, 4)"),
    "classes, not scores": ({"outputs": lambda self, s: (s @ self.weights).argsort()}, "outputs", "torch.int64"),
    "an exception": ({"outputs": lambda self, s: s @ self.weights.t()}, "outputs", "failed for states of shape"),
    "cut off": (states(lambda self, s: s.detach()), "gradient", "no derivative for embedded"),
    "no slope": ({"outputs": lambda self, s: s.sign() @ self.weights}, "gradient", "zero at every word of 2 of 2"),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_each_fault_is_found_where_it_is(fault):
    parts, part, said = WRONG[fault]
    table = check(changed(**parts))
    assert table["part"].tolist() == PARTS
    wrong = table[~table["holds"] & ~table["found"].str.startswith("not tried")]
    assert part in wrong["part"].tolist() and said in wrong.set_index("part")["found"][part]
    before = table["part"].tolist().index(part)
    assert table["holds"][:before].all() or fault in ("not a number", "dropout"), "the parts before it hold"
    with pytest.raises(PathwayError, match=f"'own'|'Changed'|None.*{part}: found"):
        require(changed(**parts))


def test_outputs_may_be_missing_on_purpose():
    def outputs(self, states):
        raise MissingPart("the pathway 'own' scores nothing: it has no head")

    silent = changed(outputs=outputs)
    table = check(silent).set_index("part")
    assert table["holds"].all() and table["found"]["outputs"] == "none: scores nothing: it has no head"
    require(silent)
    table = check(changed(outputs=outputs, **states(lambda self, s: s.detach()))).set_index("part")
    assert table["found"][~table["holds"]].index.tolist() == ["gradient"], "without scores, of the representation"


def test_too_few_rows_and_what_depends_on_them():
    own = Own()
    own.embedding = own.embedding[:6]
    table = check(own).set_index("part")
    assert table["found"]["embedding"] == "shape (6, 4), float32 for 8 words" and not table["holds"]["embedding"]
    assert table["found"]["states"] == "not tried, for embedding does not hold"
    with pytest.raises(PathwayError, match="embedding: found shape") as caught:
        require(own)
    assert "not tried" not in str(caught.value)


class Steps(Own):
    def initial(self, batch):
        return torch.zeros(batch, 4)

    def step(self, embedded, state):
        return state + embedded, (state + embedded).tanh()

    def representation(self, embedded, lengths=None):
        last = embedded.shape[1] - 1 if lengths is None else lengths - 1
        return self.states(embedded, lengths)[torch.arange(len(embedded)), last]


@pytest.mark.parametrize(
    "parts, said",
    [
        ({}, "the same"),
        ({"step": lambda self, word, state: (state + word, state + word)}, "differences up to"),
        ({"step": lambda self, word, state: state + word}, "gave a Tensor"),
        ({"representation": Own.representation}, "but the representation is not the last of them"),
        ({"initial": lambda self: torch.zeros(1, 4)}, "TypeError"),
    ],
)
def test_steps_are_the_states(parts, said):
    row = check(type("Changed", (Steps,), parts)()).set_index("part").loc["steps"]
    assert said in row["found"] and row["holds"] == (said == "the same")


def test_half_of_the_steps_is_not_enough():
    row = check(changed(initial=Steps.initial)).set_index("part").loc["steps"]
    assert row["found"] == "no step: a pathway has both or neither" and not row["holds"]


def networks():
    words = ["a", "dog", "cat"]
    yield from Imaginet(Vocabulary(words), ["object:dog"], embedding=4, units=8).pathways.values()
    yield from SumPathway(Vocabulary(words), ["object:dog"], embedding=4).pathways.values()
    yield from LanguageModel(Vocabulary(words), embedding=4, units=8).pathways.values()
    for kind in (Recurrent, LSTM, BiLSTM):
        yield from kind(Vocabulary(words), embedding=4, units=8).eval().pathways.values()
    yield CharacterLSTM(Vocabulary(list("ab"), list), units=8).eval().pathways["character lstm"]
    yield DetectorPathway(Vocabulary(words), [Detector("dog", on=["dog"], hold=0.5)], noise=3)


@pytest.mark.parametrize("pathway", list(networks()), ids=lambda pathway: pathway.name)
def test_every_network_of_the_project_keeps_to_the_protocol(pathway):
    table = check(pathway)
    assert table["holds"].all(), table[~table["holds"]].to_string()
    assert (table["part"] == "steps").any() == hasattr(pathway, "step")
    require(pathway)


def test_sentences_of_ones_own():
    assert check(Own(), ["a dog", "a cat runs"])["holds"].all()
    with pytest.raises(ValueError, match="two different lengths, found 2 of 2 words"):
        check(Own(), ["a dog", "a cat"])
    with pytest.raises(ValueError, match="two different lengths, found none"):
        check(Own(), [])
    lonely = Own()
    lonely.vocabulary = Vocabulary([])
    assert check(lonely)["holds"].all(), "a vocabulary of special symbols alone is read as <unk>"
