"""Next characters: sums by a naive loop, the grammar's own best, and a network that approaches it."""

import numpy as np
import pytest
import torch

from reading_neurons.corpora import arithmetic, parentheses
from reading_neurons.corpora.fetch import CACHE_VARIABLE
from reading_neurons.corpora.shift_reduce import PARENTHESES
from reading_neurons.corpora.strings import Strings
from reading_neurons.corpora.walks import END
from reading_neurons.models import next_character
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.models.store import trained, untrained


@pytest.fixture(scope="module")
def corpus():
    return parentheses.generate(strings=150, longest=30)


@pytest.fixture(scope="module")
def network(corpus):
    return CharacterLSTM.for_corpus(corpus, units=8, seed=1).eval()


@torch.no_grad()
def naive(network, text):
    """Log chances of the characters of one string and its end, and whether each is the most likely, step by step."""
    pathway, vocabulary = network.pathways["character lstm"], network.vocabulary
    ids = vocabulary.encode(text)
    state, logs, right = pathway.initial(1), [], []
    for now, following in zip(ids, ids[1:], strict=False):
        state, units = pathway.step(pathway.embedding[[now]], state)
        scores = torch.log_softmax(pathway.outputs(units)[0], dim=0)
        logs.append(float(scores[following]))
        right.append(int(scores.argmax()) == following)
    return logs, right


def test_sums_are_those_of_a_naive_loop(corpus, network):
    table = next_character.predictions(network, corpus.test, batch_size=7)
    for row, text in zip(table.itertuples(), corpus.test.texts, strict=True):
        logs, right = naive(network, text)
        assert row.predicted == len(text) + 1 == len(logs) and row.correct == sum(right)
        assert row.surprise == pytest.approx(-sum(logs), rel=1e-4)
    assert next_character.accuracy(network, corpus.test) == pytest.approx(table.correct.sum() / table.predicted.sum())
    assert next_character.perplexity(network, corpus.test) == pytest.approx(
        np.exp(table.surprise.sum() / table.predicted.sum())
    )


def test_a_network_of_equal_scores_is_as_perplexed_as_there_are_outputs(corpus, network):
    with torch.no_grad():
        even = CharacterLSTM.for_corpus(corpus, units=4)
        even.readout.weight.zero_()
    assert next_character.perplexity(even, corpus.test) == pytest.approx(len(even.vocabulary), rel=1e-5)


@pytest.mark.parametrize("language", [parentheses, arithmetic])
def test_the_best_attainable_by_a_naive_loop(language):
    walk, strings = language.walk(longest=9), language.generate(strings=60, longest=9).test
    likely, logs = [], []
    for text in strings.texts:
        for place, following in enumerate([*text, END]):
            chances = dict(zip(walk.outcomes, walk.chances(text[:place])[-1], strict=True))
            likely.append(max(chances.values()))
            logs.append(np.log(chances[following]))
    found = next_character.attainable(strings.corpus, strings, longest=9)
    assert found["accuracy"] == pytest.approx(np.mean(likely))
    assert found["perplexity"] == pytest.approx(np.exp(-np.mean(logs)))


def test_nobody_is_better_than_the_best_attainable(corpus):
    """Not even somebody whose chances are nearly right: with a shift of chances, perplexity grows."""
    walk = parentheses.walk(longest=30)
    other = parentheses.walk(longest=30, ending=0.2)
    column = {outcome: number for number, outcome in enumerate(walk.outcomes)}

    def perplexity(judge):
        logs = [
            np.log(judge.chances(text)[np.arange(len(text) + 1), [column[c] for c in [*text, END]]])
            for text in corpus.train.texts
        ]
        return np.exp(-np.concatenate(logs).mean())

    best = next_character.attainable("parentheses", corpus.train, longest=30)["perplexity"]
    assert perplexity(walk) == pytest.approx(best) and perplexity(other) > best


def test_training_approaches_the_best_attainable(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    rows = {"untrained": untrained("character lstm", corpus, units=32)}
    settings = {"units": 32, "epochs": 25, "batch_size": 16, "learning_rate": 0.02, "decay": 0.9}
    rows["trained"] = trained("character lstm", corpus, **settings)
    table = next_character.table(rows, corpus, longest=30).set_index("predictor")
    assert table.index.tolist() == ["most frequent", "untrained", "trained", "best attainable"]
    perplexity = table["perplexity"]
    assert perplexity["untrained"] > perplexity["most frequent"] > perplexity["trained"] > perplexity["best attainable"]
    assert perplexity["trained"] < perplexity["best attainable"] * 1.3
    assert table["accuracy"]["trained"] > table["accuracy"]["most frequent"]


def test_the_most_frequent_character(corpus):
    found = next_character.most_frequent(corpus)
    texts = "".join(corpus.test.texts)
    assert found["accuracy"] == pytest.approx(texts.count(")") / (len(texts) + len(corpus.test)))


def test_a_corpus_without_known_chances_has_no_best(strings):
    network = CharacterLSTM.for_corpus(strings, units=4)
    table = next_character.table({"a network": network}, strings)
    assert table["predictor"].tolist() == ["most frequent", "a network"] and table.notna().all(axis=None)
    with pytest.raises(ValueError, match="chances of the corpus 'tiny_c' are not known"):
        next_character.attainable("tiny_c", strings.test)


def test_strings_of_another_language_are_refused(corpus, network):
    two, one = (Strings("parentheses", "test", (PARENTHESES.tree(text),)) for text in ("00", "0"))
    with pytest.raises(ValueError, match=r"found '0' at column 2 of '00', expected .* no string of 'arithmetic'"):
        next_character.attainable("arithmetic", two)
    with pytest.raises(ValueError, match="the string '0' ends where none of 'parentheses, lstmvis' can end"):
        next_character.attainable("parentheses", one)
    with pytest.raises(ValueError, match="expected at least one string"):
        next_character.predictions(network, corpus.test.take([]))
