"""A wrapper that is wrong, used straight in a method: the error says which part, what it gave, what was expected."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from reading_neurons import asking, passes
from reading_neurons.features.words import unparsed, word_is
from reading_neurons.methods.contexts import top_contexts
from reading_neurons.methods.discrete_search import Budget
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.judge import Judge
from reading_neurons.methods.omission import scores
from reading_neurons.methods.relevance import relevance
from reading_neurons.methods.saliency import saliency
from reading_neurons.methods.score_omission import score_omission
from reading_neurons.neurons import output, unit
from reading_neurons.pathway import represent
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "cat", "runs"])
SENTENCES = ["a dog", "a dog runs a cat", "cat"]


class Own:
    """A network of one's own that keeps to the protocol: the running mean of embeddings, squashed."""

    name, output_names, vocabulary = "own", ["bad", "good", "so-so"], VOCABULARY

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(VOCABULARY), 4, generator=generator)
        self.weights = torch.randn(4, 3, generator=generator)

    def states(self, embedded, lengths=None):
        return embedded.cumsum(dim=1).tanh()

    def representation(self, embedded, lengths=None):
        last = embedded.shape[1] - 1 if lengths is None else lengths - 1
        return self.states(embedded)[torch.arange(len(embedded)), last]

    def outputs(self, states):
        return states @ self.weights


def faulty(**parts):
    """The network with other parts, each a function of itself and its arguments."""
    return type("Faulty", (Own,), parts)()


def of_states(change):
    return {"states": lambda self, embedded, lengths=None: change(Own.states(self, embedded, lengths))}


def of_representation(change):
    whole = lambda self, embedded, lengths=None: change(Own.representation(self, embedded, lengths))  # noqa: E731
    return {"representation": whole, **of_states(lambda states: states)}


def contexts(pathway):
    return top_contexts(pathway, SENTENCES, k=1)


def related(pathway):
    return relevance(pathway, unparsed(SENTENCES), word_is("dog"), folds=2)


def optimal(pathway):
    return optimize(pathway, [unit(0)], length=2)


READS_STATES = (contexts, related, optimal, lambda pathway: passes.states(pathway, SENTENCES))
READS_WHOLE = (
    lambda pathway: represent(pathway, SENTENCES),
    lambda pathway: scores(pathway, SENTENCES),
    lambda pathway: score_omission(pathway, SENTENCES),
    lambda pathway: saliency(pathway, SENTENCES, method="integrated gradients"),
    lambda pathway: optimize(pathway, [output(pathway, "good")], length=2),
)
WRONG_STATES = {
    "time first": (lambda s: s.transpose(0, 1), r"gave shape \(\d+, \d+, 4\).*batch_first=True"),
    "units before time": (lambda s: s.transpose(1, 2), r"gave shape \(\d+, 4, \d+\).*\(\d+, \d+, units\)"),
    "one vector a sentence": (lambda s: s[:, -1], r"gave shape \(\d+, 4\).*representation gives"),
    "one too few": (lambda s: s[:, 1:], r"expected one vector of units per position.*1 position too few"),
    "a tuple": (lambda s: (s, s[:, -1]), "gave a tuple of 2: expected a tensor; of a recurrent layer"),
    "nothing": (lambda s: None, "gave nothing .is a return missing"),
    "integers": (lambda s: s.argmax(dim=-1, keepdim=True), r"type torch\.int64: expected floating-point"),
    "elsewhere": (lambda s: s.to("meta"), "a tensor on meta for one on cpu"),
}


def test_the_network_itself_is_read_by_every_method():
    for method in (*READS_STATES, *READS_WHOLE):
        assert len(method(Own()))


@pytest.mark.parametrize("method", READS_STATES)
@pytest.mark.parametrize("fault", WRONG_STATES)
def test_wrong_states(method, fault):
    change, said = WRONG_STATES[fault]
    with pytest.raises(asking.PathwayError, match=r"'own': states\(embedded, lengths\) .*" + f"({said})"):
        method(faulty(**of_states(change)))


@pytest.mark.parametrize("method", READS_WHOLE)
@pytest.mark.parametrize(
    "change, said",
    [
        (lambda r: r[:, None], r"representation\(embedded, lengths\) gave shape \(\d+, 1, 4\).*one vector for each sentence"),
        (lambda r: r[0], r"gave shape \(4,\)"),
        (lambda r: r / torch.zeros(()) * 0, "numbers that are not finite: expected finite ones"),
        (lambda r: r.long(), "type torch.int64"),
    ],
)
def test_wrong_representations(method, change, said):
    with pytest.raises(asking.PathwayError, match=said):
        method(faulty(**of_representation(change)))


@pytest.mark.parametrize("method", READS_WHOLE[2:])
def test_wrong_outputs(method):
    with pytest.raises(asking.PathwayError, match=r"outputs\(states\) gave 2 scores for 3 output_names.*bad, good, so-so"):
        method(faulty(outputs=lambda self, states: states[..., :2]))
    with pytest.raises(asking.PathwayError, match=r"outputs\(states\) gave shape .*expected the scores of each state"):
        method(faulty(outputs=lambda self, states: Own.outputs(self, states).sum(dim=-1)))
    with pytest.raises(asking.PathwayError, match="before any argmax"):
        method(faulty(outputs=lambda self, states: Own.outputs(self, states).argsort()))


@pytest.mark.parametrize("method", (*READS_STATES, *READS_WHOLE))
def test_too_few_rows(method):
    own = Own()
    own.embedding = own.embedding[:6]
    said = r"embedding has shape \(6, 4\) for a vocabulary of 8 words, <pad>.*expected one row a word"
    with pytest.raises(asking.PathwayError, match=said):
        method(own)


@pytest.mark.parametrize("method", (*READS_STATES, *READS_WHOLE))
def test_an_exception_inside_keeps_its_cause_and_says_where(method):
    def broken(self, embedded, lengths=None):
        return embedded @ torch.zeros(9, 9)

    said = r"'own': (states|representation)\(embedded, lengths\) failed for embedded of shape .*RuntimeError: "
    with pytest.raises(asking.PathwayError, match=said) as caught:
        method(faulty(states=broken, representation=broken))
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_error_on_purpose_and_a_lack_of_memory_pass_through():
    for error in (asking.PathwayError("words of its own"), torch.OutOfMemoryError("full")):

        def broken(self, embedded, lengths=None, error=error):
            raise error

        with pytest.raises(type(error), match=f"^{error}$"):
            represent(faulty(representation=broken), SENTENCES)


def test_a_missing_method_is_named():
    parts = {name: getattr(Own(), name) for name in ("name", "vocabulary", "embedding", "output_names", "representation")}
    with pytest.raises(asking.MissingPart, match=r"no method states\(embedded, lengths\).*wrapping\.Wrapped"):
        passes.states(SimpleNamespace(**parts), SENTENCES)
    assert issubclass(asking.MissingPart, TypeError) and issubclass(asking.MissingPart, ValueError)


@pytest.mark.parametrize("cut", [lambda s: s.detach(), lambda s: torch.from_numpy(s.detach().numpy())])
def test_states_without_a_gradient_are_told_where_one_is_needed(cut):
    own = faulty(**of_states(cut))
    assert len(scores(own, SENTENCES)), "no gradient is needed"
    said = "gave what has no derivative for embedded: expected operations of torch"
    with pytest.raises(asking.PathwayError, match=said):
        saliency(own, SENTENCES)
    with pytest.raises(asking.PathwayError, match=said):
        optimize(own, [unit(0)], length=2)


def test_weights_in_the_graph_do_not_hide_that_words_are_cut_off():
    own = faulty(**of_states(lambda states: states.detach()))
    own.weights.requires_grad_()
    with pytest.raises(asking.PathwayError, match="no derivative for embedded"):
        saliency(own, SENTENCES)


class Steps(Own):
    """The same network, one word at a time."""

    def initial(self, batch):
        return torch.zeros(batch, 4)

    def step(self, embedded, state):
        return state + embedded, (state + embedded).tanh()


def test_wrong_steps():
    assert len(scores(Steps(), SENTENCES))
    for step, said in (
        (lambda self, embedded, state: state + embedded, r"step\(word, state\) gave a Tensor: expected two things"),
        (lambda self, embedded, state: (state, state[0]), r"gave units of shape \(4,\): expected one vector a word, shape \(\d+, units"),
        (lambda self, embedded, state: state[:, 9], r"step\(word, state\) failed for a word of shape .*IndexError"),
    ):
        for method in (scores, passes.states):
            with pytest.raises(asking.PathwayError, match=said):
                method(type("Faulty", (Steps,), {"step": step})(), SENTENCES)


class Watching(nn.Module):
    """A layer that notes whether cuDNN is on while it computes."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, embedded):
        self.seen.append((torch.is_grad_enabled(), torch.backends.cudnn.enabled))
        return embedded.cumsum(dim=1).tanh()


@pytest.fixture
def watched():
    own, layer = faulty(states=lambda self, embedded, lengths=None: self.layer(embedded)), Watching()
    own.layer = layer
    return own, layer.seen


@pytest.mark.parametrize("method", ["derivative", "integrated gradients"])
def test_graphs_for_saliency_are_built_without_cudnn(watched, method):
    own, seen = watched
    saliency(own, SENTENCES, method=method)
    building = [cudnn for grad, cudnn in seen if grad]
    assert building and not any(building) and torch.backends.cudnn.enabled


@pytest.mark.parametrize("method", ["embedding", "gumbel + swaps", "greedy gradient"])
def test_graphs_for_input_optimization_are_built_without_cudnn(watched, method):
    own, seen = watched
    optimize(own, [unit(0)], length=2, method=method, budget=Budget(evaluations=2000))
    building = [cudnn for grad, cudnn in seen if grad]
    assert building and not any(building) and torch.backends.cudnn.enabled


def test_graphs_for_the_fluency_of_words_are_built_without_cudnn(watched):
    own, seen = watched
    own.output_names = VOCABULARY.words
    own.weights = torch.randn(4, len(VOCABULARY), generator=torch.Generator().manual_seed(0))
    Judge(own).gradient(torch.tensor([[4, 5]]), torch.tensor([4, 5, 6]))
    building = [cudnn for grad, cudnn in seen if grad]
    assert building and not any(building) and torch.backends.cudnn.enabled


@pytest.mark.parametrize("before", [True, False])
def test_cudnn_is_as_it_was_after_an_exception(before, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "enabled", before)
    with pytest.raises(asking.PathwayError):
        saliency(faulty(outputs=lambda self, states: 1 / 0), SENTENCES)
    assert torch.backends.cudnn.enabled is before
    with pytest.raises(KeyError), asking.differentiable():
        raise KeyError
    assert torch.backends.cudnn.enabled is before


def test_a_recurrent_layer_of_torch_is_derived_in_evaluation_mode(watched):
    """On a GPU this is what cuDNN refuses; on a processor it must go on as before."""
    own, _ = watched
    own.layer = nn.GRU(4, 4, batch_first=True).eval()
    own.states = lambda embedded, lengths=None: own.layer(embedded)[0]
    table = saliency(own, SENTENCES)
    assert (table["saliency"] > 0).all()
