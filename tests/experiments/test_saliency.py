"""The experiment on saliency: quick runs of truth and treebank, tables of small networks, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons import charts
from reading_neurons.corpora import polarity
from reading_neurons.corpora.polarity_lexicon import STRENGTH
from reading_neurons.corpora.trees import Tree
from reading_neurons.experiments import saliency, saliency_truth
from reading_neurons.experiments.panel import SENTIMENT
from reading_neurons.experiments.saliency import PAPER, leaf_labels, long_cells, of_trees
from reading_neurons.experiments.saliency_claims import claims_of, disagreements, figures_of, means
from reading_neurons.methods.saliency import METHODS
from reading_neurons.models import LSTM, BiLSTM
from reading_neurons.models.sentiment import Recurrent
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
SST = sorted(RESULTS.glob("saliency-sst.json"))
TRUTH = sorted(RESULTS.glob("saliency-polarity.json"))
CORPUS = polarity.generate(sentences=400)


def pathways_of(seed):
    networks = [kind.for_corpus(CORPUS, embedding=8, units=6, seed=seed).eval() for kind in (Recurrent, LSTM, BiLSTM)]
    return {name: pathway for network in networks for name, pathway in network.pathways.items()}


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("saliency", corpus="polarity")


@pytest.fixture(scope="module")
def tables():
    """What a record keeps, of small networks that have learnt nothing."""
    return saliency.analyse(pathways_of(0), pathways_of(1), CORPUS.test)


# The truth


class Additive:
    """A network whose score of a sentence is the sum of the strengths that were planted in its words."""

    name = "additive"
    output_names = ("very negative", "negative", "neutral", "positive", "very positive")

    def __init__(self, strengths, vocabulary):
        self.vocabulary = vocabulary
        self.embedding = torch.tensor([[strengths.get(word, 0.0)] for word in vocabulary.words])

    def states(self, embedded, lengths=None):
        return embedded.cumsum(dim=1)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[torch.arange(len(embedded)), lengths - 1]

    def outputs(self, states):
        return states * torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])


@pytest.fixture(scope="module")
def additive():
    return Additive(STRENGTH, Vocabulary.of([words for split in CORPUS.splits for words in split.tokens]))


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert table.groupby("seed").size().tolist() == [24, 24]
    assert quick.provenance["command"] == "python -m reading_neurons reproduce saliency --corpus polarity --quick"


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("method", METHODS[1:])
def test_a_network_that_adds_planted_strengths_is_recovered(additive, method, signed):
    """Exactly where truth adds up too; less where it knows negation and stacking, which a sum does not."""
    table = saliency_truth.planted(additive, CORPUS.test, method)
    strengths = table.assign(weight=[STRENGTH.get(word, 0.0) for word in table["word"]])
    assert saliency_truth.correlation(strengths, signed)["correlation"] == pytest.approx(1, abs=0.01)
    found = saliency_truth.correlation(table, signed)
    assert found["correlation"] > 0.4 and found["low"] > found["null_high"]


def test_nothing_is_found_in_shuffled_contributions(additive):
    table = saliency_truth.planted(additive, CORPUS.test, "gradient x input")
    mixed = saliency_truth.shuffled(table)
    assert sorted(mixed["weight"]) == sorted(table["weight"])
    assert (mixed.groupby("sentence")["weight"].sum() - table.groupby("sentence")["weight"].sum()).abs().max() < 1e-9
    assert abs(saliency_truth.correlation(mixed, False)["correlation"]) < 0.2


def test_the_derivative_of_a_sum_knows_no_word(additive):
    """It is the same for each of them: what a derivative can miss."""
    table = saliency_truth.planted(additive, CORPUS.test, "derivative")
    assert (table.groupby("sentence")["saliency"].std() < 1e-6).all()


def test_a_direction_is_that_of_the_class(additive):
    table = saliency_truth.planted(additive, CORPUS.test)
    assert set(table["direction"]) <= {-1, 0, 1}
    assert (np.sign(table["output"] - 2) == table["direction"]).all()
    known = saliency_truth.planted(additive, CORPUS.test, "derivative", "positive")
    assert (known["direction"] == 1).all()
    neutral = saliency_truth.planted(additive, CORPUS.test, "derivative", "neutral")
    assert np.isnan(saliency_truth.correlation(neutral, signed=True)["correlation"])


def test_what_is_recovered_fits_the_chart(additive):
    found = saliency_truth.recovery({"lstm": additive}, CORPUS.test)
    assert len(found) == 5 and charts.recovery(found[found["correlation"].notna()]).to_dict()["description"]


# Tables of a treebank


def test_leaves_have_the_labels_of_their_words():
    assert leaf_labels(Tree.parse("(3 (2 a) (4 (4 (4 very) (3 fine)) (2 film)))")) == [2, 4, 3, 2]
    assert leaf_labels(Tree.parse("(3 word)")) == [3]


def test_every_word_is_measured_for_the_gold_class():
    table = of_trees(pathways_of(0)["lstm"], CORPUS.test)
    assert table.groupby("sentence")["output"].first().tolist() == CORPUS.test.labels.tolist()
    assert len(table) == sum(len(tree.words) for tree in CORPUS.test.trees)
    assert 0.05 < table["bearing"].mean() < 0.5


def test_every_sentence_of_every_network_is_kept(tables):
    found = tables["sentences"]
    assert len(found) == len(CORPUS.test)
    assert len(list(found)) == 2 + 3 * 4 + 3 * 3
    entropies = found.filter(like="entropy")
    assert entropies.max(axis=None) <= 1 and entropies.notna().all(axis=None)


def test_untrained_networks_decide_no_claim_about_learning(tables):
    """Both are random, so that an excess of one over the other is small."""
    gained = [claim for claim in claims_of(tables) if "has learnt to" in claim.claim]
    assert len(gained) == 3 and all(abs(claim.here) < 0.08 for claim in gained)


def test_the_papers_sentences_are_there(tables):
    rows = tables["examples"][tables["examples"]["pathway"] == "lstm"]
    assert [" ".join(part["word"]) for _, part in rows.groupby("sentence")] == [text.lower() for text in PAPER]
    cells = long_cells(tables["cells"])
    assert cells["pathway"].unique().tolist() == list(SENTIMENT) and cells["dimension"].max() == 7
    assert charts.dimension_heat(cells).to_dict()["description"]


def test_clauses_of_both_sources_are_judged(tables):
    found = {(source, name): rows for source, name, rows in disagreements(tables["clauses"])}
    assert {source for source, _ in found} <= {"generated", "treebank"} and found
    for rows in found.values():
        assert rows[["against", "misled", "second"]].isin([0, 1]).all(axis=None)


def planted(tables, shift):
    """The same tables, where the LSTM's share is that of the recurrent network and a little more."""
    sentences = tables["sentences"].copy()
    sentences["trained lstm share"] = sentences["trained recurrent share"] + shift
    return {**tables, "sentences": sentences}


@pytest.mark.parametrize(("shift", "holds"), [(0.1, True), (-0.1, False)])
def test_a_sharper_focus_that_was_planted_is_claimed(tables, shift, holds):
    (claim,) = [
        claim for claim in claims_of(planted(tables, shift)) if "the LSTM puts more of the saliency" in claim.claim
    ]
    assert claim.here == pytest.approx(shift) and claim.holds is holds


def test_means_and_distances_fit_their_charts(tables):
    found = means(tables)
    assert len(found) == 3 * 2 * 3
    assert found.loc[found["measure"] == "share", "null_low"].notna().all()
    assert charts.focus(found).to_dict()["description"] and charts.fading(tables["distance"]).to_dict()["description"]


# The recorded runs


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", SST, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    wide = {str(number): 0.0 for number in range(8, 60)}
    expected = {**tables, "cells": pd.DataFrame(columns=[*tables["cells"], *wide])}
    found = assert_has_schema(path, expected)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables))
    assert len(found.tables["sentences"]) == 2210
