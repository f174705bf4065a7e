"""The experiment on fluent inputs: quick runs end to end, the tables, and the recorded runs."""

from pathlib import Path

import numpy as np
import pytest

from reading_neurons import charts
from reading_neurons.corpora import scenes
from reading_neurons.experiments import fluent_inputs
from reading_neurons.experiments.fluent_claims import shares
from reading_neurons.experiments.fluent_inputs import FEW, claims_of, figures_of
from reading_neurons.models import Imaginet, LanguageModel
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
COCO = sorted(RESULTS.glob("fluent-inputs-coco.json"))
TRUTH = sorted(RESULTS.glob("fluent-inputs-scenes.json"))
CORPUS = scenes.generate(scenes=300)


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("fluent-inputs")


def panel_of(seed):
    vocabulary = Vocabulary.of(CORPUS.train.tokens)
    networks = [
        Imaginet(vocabulary, CORPUS.train.dimensions, embedding=8, units=12, seed=seed),
        LanguageModel(vocabulary, embedding=8, units=12, seed=seed),
    ]
    return {name: pathway for network in networks for name, pathway in network.eval().pathways.items()}


@pytest.fixture(scope="module")
def tables():
    """What a record on captions keeps, of small networks that have learnt nothing."""
    return fluent_inputs.analyse(panel_of(0), panel_of(1), CORPUS, FEW)


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert table.groupby("seed").size().tolist() == [13, 13]
    untaught = table[table["check"].str.contains("detector|random words")]
    assert len(untaught) == 6 and untaught["holds"].all()
    assert quick.provenance["command"] == "python -m reading_neurons reproduce fluent-inputs --corpus scenes --quick"


def test_every_output_has_its_row_and_its_points(tables):
    neurons, fronts = tables["neurons"], tables["fronts"]
    sizes = neurons.groupby(["network", "pathway"]).size().to_dict()
    assert sizes == {
        ("trained", "textual"): 3,
        ("trained", "visual"): 3,
        ("untrained", "textual"): 2,
        ("untrained", "visual"): 2,
    }
    first = fronts.groupby(["network", "pathway", "neuron"], sort=False)["activation"].first().to_numpy()
    np.testing.assert_allclose(first, neurons["optimum activation"], rtol=1e-5)
    levels = neurons["fluent log_probability"].dropna()
    assert (levels >= tables["fluency"].set_index("written").loc["n-grams", "median"] - 1e-6).all()
    assert (
        neurons["matched log_probability"].dropna()
        >= neurons["corpus log_probability"].loc[neurons["matched log_probability"].dropna().index] - 1e-6
    ).all()
    assert (neurons["fluent activation"] <= neurons["optimum activation"] + 1e-6).all()


def test_peers_may_spend_no_less(tables):
    spent = tables["searches"].pivot(index=["pathway", "neuron"], columns="search", values="evaluations")
    assert (spent["fronts"] < 1.05 * spent[["epo", "weighted"]].min(axis=1)).all()


def test_silencers_lengths_and_completions(tables):
    pairs = tables["silence"]
    assert pairs.groupby(["network", "pathway"]).size().tolist() == [6, 6, 2, 2]
    assert set(tables["lengths"]["kind"]) == {"output", "unit"} and set(tables["lengths"]["method"]) == {
        "optimised",
        "corpus",
    }
    completed = tables["completions"]
    assert completed[completed["rank"] == 0].groupby(["pathway", "frame"]).size().nunique() == 1
    winners = tables["winners"]
    assert (winners["outputs"] <= winners["of"]).all() and winners.groupby(["pathway", "frame"])["outputs"].apply(
        lambda v: v.is_monotonic_decreasing
    ).all()


def test_charts_take_the_tables(tables):
    fronts = tables["fronts"].query("network == 'trained'")
    assert charts.fluent_fronts(fronts, fluent_inputs.of_corpus(tables["neurons"]), {"median": -5.0}).to_dict()[
        "description"
    ]
    assert charts.fluency_cost(shares(tables["neurons"])).to_dict()["description"]
    assert charts.input_lengths(tables["lengths"]).to_dict()["description"]
    trained = {name: tables[name].query("network == 'trained'") for name in ("silence", "silencers")}
    assert charts.silence(trained["silence"], trained["silencers"]).to_dict()["description"]
    assert charts.completions(tables["completions"]).to_dict()["description"]


def test_outputs_are_those_of_the_papers_table_first():
    textual = Imaginet(Vocabulary(["race", "umbrella", "dog"]), ["object:x"], embedding=4, units=4).pathways["textual"]
    assert [neuron.name for neuron in fluent_inputs.outputs(textual, 9, 0)] == ["umbrella", "race", "dog"]


# The recorded runs


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", COCO, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel=2e-4)
