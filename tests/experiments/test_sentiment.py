"""How often the networks of sentiment are right: quick runs, what follows from the tables, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora import load
from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.experiments import sentiment
from reading_neurons.experiments.panel import SENTIMENT, panel
from reading_neurons.experiments.record import read
from reading_neurons.experiments.sentiment import claims_of, correct, figures_of, measured, recorded
from reading_neurons.models import LSTM
from reading_neurons.pathway import represent

RESULTS = sorted((Path(__file__).parents[2] / "book" / "results").glob("sentiment-*.json"))
TRUTH = [path for path in RESULTS if path.stem.endswith("-polarity")]
REAL = [path for path in RESULTS if path not in TRUTH]


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("sentiment", "polarity")


@pytest.fixture(scope="module")
def panels():
    """What is recorded of a treebank, on generated trees."""
    return {
        (seed, classes): panel("polarity", seed=seed, quick=True, networks=SENTIMENT, classes=classes)
        for seed in (0, 1)
        for classes in (5, 2)
    }


@pytest.fixture(scope="module")
def tables(panels):
    one_corpus = {key: panels[key] for key in panels if key[0] == 0}
    return measured(one_corpus)


def test_the_quick_run_asks_every_world_the_same(quick):
    table = quick.tables["truth"]
    first, second = (rows["check"].tolist() for _, rows in table.groupby("seed"))
    assert first == second and len(first) == 9


def test_every_network_is_counted_in_every_measure(tables):
    runs = tables["runs"]
    assert len(runs) == 9 and set(runs["measure"]) == set(sentiment.MEASURES)
    sentences = tables["sentences"]
    for row in runs.itertuples():
        assert sentences[f"{row.network} {row.measure}"].mean() == pytest.approx(row.accuracy)
    neutral = sentences["label"] == 2
    assert neutral.any() and not sentences["lstm five"].isna().any()
    for name in SENTIMENT:
        assert (sentences[f"{name} two"].isna() == neutral).all()
        assert (sentences[f"{name} collapsed"].isna() == neutral).all()


def test_a_chosen_epoch_is_that_of_the_history(panels, tables):
    history = panels[0, 2].networks["lstm"].history
    row = tables["runs"].set_index(["network", "measure"]).loc["lstm", "two"]
    chosen = history["validation_error"].idxmin()
    assert row["validation"] == 1 - history["validation_error"][chosen]
    assert row["best"] == 1 - history["test_error"].min() >= row["accuracy"] - 1e-9
    assert row["accuracy"] == pytest.approx(1 - history["test_error"][chosen])
    collapsed = tables["runs"].query("measure == 'collapsed'")
    assert collapsed[["validation", "best epoch", "best"]].isna().all(axis=None)


def test_collapsed_classes_are_sums_of_chances():
    trees = Trees("t", "test", tuple(Tree.parse(f"({label} (2 a) ({label} w{label}))") for label in range(5)))
    corpus = load("polarity", sentences=20)
    network = LSTM.for_corpus(corpus, units=6, seed=1).eval()
    with torch.no_grad():
        chances = network.pathways["lstm"].outputs(represent(network.pathways["lstm"], trees.tokens)).softmax(1)
    says = (chances[:, 3:].sum(dim=1) > chances[:, :2].sum(dim=1)).tolist()
    expected = [not says[0], not says[1], np.nan, says[3], says[4]]
    np.testing.assert_array_equal(correct(network, trees, "collapsed"), np.array(expected, dtype=float))


def made_up(five, two):
    """Tables of two seeds in which every network has the same accuracy but the ones given."""
    sentences = {"label": [0, 1, 3, 4] * 50}
    runs = []
    for name in SENTIMENT:
        for measure in sentiment.MEASURES:
            share = {"five": five, "two": two, "collapsed": two}[measure].get(name, 0.5)
            right = np.zeros(200)
            right[: round(200 * share)] = 2
            sentences[f"{name} {measure}"] = right
            runs += [
                {"network": name, "measure": measure, "seed": seed, "accuracy": share, "best": share, "untrained": 0.2}
                for seed in (0, 1)
            ]
    return {"runs": pd.DataFrame(runs), "sentences": pd.DataFrame(sentences)}


def test_claims_hold_where_the_interval_says_so():
    claims = {claim.claim: claim for claim in claims_of(made_up({"lstm": 0.9, "recurrent": 0.1}, {"bi-lstm": 0.88}))}
    text = "the {} network is right in five classes at least as often as in the paper"
    reached = {name: claims[text.format(name)] for name in SENTIMENT}
    assert [reached[name].holds for name in SENTIMENT] == [False, True, None]
    assert reached["lstm"].here == pytest.approx(0.9)
    assert claims["lstm is right more often than recurrent in five classes"].holds is True
    assert claims["bi-lstm is right more often than lstm in five classes"].holds is False
    assert claims["lstm is right more often than recurrent in two classes"].here == 0


def test_figures_and_claims_follow_from_the_tables(panels, assert_follows):
    record = recorded({key: one for key, one in panels.items() if key[0] == 0})
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))
    assert len(record.provenance["network"]) == 6


def test_means_are_those_of_the_runs(tables):
    found = sentiment.means(tables).set_index(["network", "measure"])
    for row in tables["runs"].itertuples():
        one = found.loc[row.network, row.measure]
        assert one["low"] <= one["mean"] <= one["high"]
        assert one["mean"] == pytest.approx(row.accuracy)


# The recorded runs


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    assert found.tables["runs"]["seed"].nunique() == sentiment.SEEDS
    assert_follows(found, figures_of(found.tables), claims_of(found.tables))
    assert read(path).provenance["network"].keys() >= {"lstm, 5 classes, seed 4", "bi-lstm, 2 classes, seed 0"}
