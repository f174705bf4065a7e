"""The experiment on agreement: its quick runs, what its tables hold, and the recorded runs."""

from pathlib import Path

import numpy as np
import pytest

from reading_neurons.corpora import polarity
from reading_neurons.experiments import agreement_truth, do_methods_agree
from reading_neurons.experiments.do_methods_agree import (
    LEAVES,
    against_leaves,
    analyse,
    cascade,
    claims_of,
    figures_of,
    guide,
    matrix,
)
from reading_neurons.experiments.variance_words import strengths
from reading_neurons.methods.agreement import METHODS, attributions, rank_agreement
from reading_neurons.methods.randomisation import STAGES
from reading_neurons.models.store import SENTIMENT

RESULTS = Path(__file__).parents[2] / "book" / "results"
SST = sorted(RESULTS.glob("do-methods-agree-sst.json"))
TRUTH = sorted(RESULTS.glob("do-methods-agree-polarity.json"))
CORPUS = polarity.generate(sentences=200)


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("do-methods-agree", "polarity")


def networks(seed):
    made = [network.for_corpus(CORPUS, embedding=8, units=6, seed=seed).eval() for network in SENTIMENT]
    return {network.name: network for network in made}


@pytest.fixture(scope="module")
def tables():
    untrained = {name: network.pathways[name] for name, network in networks(1).items()}
    return analyse(networks(0), untrained, CORPUS.test, 12, 6)


def test_the_quick_run_asks_every_world_the_same(quick):
    table = quick.tables["truth"]
    assert len({tuple(rows["check"]) for _, rows in table.groupby("seed")}) == 1
    assert table.groupby("seed").size().tolist() == [45, 45]


def test_what_needs_no_training_holds_in_the_quick_run(quick):
    table = quick.tables["truth"]
    sure = table[table["check"].str.contains("stays as it was|shuffled words")]
    assert len(sure) == 18 and sure["holds"].all(), sure[~sure["holds"]]


def test_ranks_are_those_of_the_methods(tables):
    pathway = networks(0)["lstm"].pathways["lstm"]
    chosen = CORPUS.test.take(np.linspace(0, len(CORPUS.test) - 1, 12).round().astype(int))
    table = attributions(pathway, chosen, steps=do_methods_agree.STEPS).assign(**{LEAVES: strengths(chosen)})
    expected = rank_agreement(table, ["derivative"], ["variance", LEAVES])
    for second in ("variance", LEAVES):
        found = tables["ranks, lstm"][f"derivative ~ {second}"].dropna()
        assert found.to_numpy() == pytest.approx(expected[expected["second"] == second]["spearman"], abs=6e-4)


def test_every_pair_network_and_stage_is_there_once(tables):
    assert len(matrix(tables)) == 3 * 15
    leaves, curves = against_leaves(tables), cascade(tables)
    methods = leaves.groupby("network")["method"].nunique().to_dict()
    assert methods == dict.fromkeys(["trained", "untrained", "shuffled"], 6)
    assert curves.groupby(["pathway", "stage", "method"]).size().eq(1).all()
    assert list(dict.fromkeys(curves["stage"])) == list(STAGES)
    assert set(curves["method"]) == set(METHODS)
    assert len(figures_of(tables)) == 45 + 54 + 90


def test_variance_does_not_react_to_the_cell_and_the_others_are_asked(tables):
    curves = cascade(tables).set_index(["pathway", "stage", "method"])["mean"]
    assert curves.xs("variance", level="method").loc[:, "cell alone"].to_numpy() == pytest.approx(1)
    said = [claim for claim in claims_of(tables) if "reacts" in claim.claim]
    assert len(said) == 18
    assert [claim.holds for claim in said if ": variance" in claim.claim] == [False] * 3


def test_the_guide_is_the_mean_over_networks(tables):
    found = guide(tables).set_index("method")
    assert found.index.tolist() == list(METHODS)
    assert found.loc["variance", "cell randomised"] == pytest.approx(1)
    leaves = against_leaves(tables).query("method == 'derivative' and network == 'trained'")["mean"]
    assert found.loc["derivative", "with leaf labels"] == pytest.approx(leaves.mean())
    assert found["signed"].tolist() == [False, True, False, True, True, False]


def test_the_planted_truth_is_that_of_the_corpus():
    trees = CORPUS.test.take(range(5))
    table = agreement_truth.planted(networks(0)["lstm"].pathways["lstm"], trees, ["variance"])
    assert table["left out"].to_numpy() == pytest.approx(np.concatenate(trees.weights))
    found = agreement_truth.truth_agreement(table.assign(variance=table["left out"]), ["variance"])
    assert found.set_index("truth")["mean"]["left out"] == pytest.approx(1)


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_what_a_quick_run_asks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", SST, ids=lambda path: path.stem)
def test_figures_and_claims_follow_from_the_recorded_tables(path, tables, assert_has_schema, assert_follows):
    record = assert_has_schema(path, tables)
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))
    assert path.stat().st_size < 500_000
