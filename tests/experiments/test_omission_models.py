"""The experiment on linear models: its quick runs from end to end, and the recorded runs beside them."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.annotation import annotate
from reading_neurons.experiments import omission_models, omission_models_truth
from reading_neurons.experiments.omission_models import MODELS, PAPER_R2, analyse, claims_of, figures_of
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import read

RESULTS = Path(__file__).parents[2] / "book" / "results"
RECORDED, TRUTH = RESULTS / "omission-models-coco.json", RESULTS / "omission-models-scenes.json"
DIGITS = 2e-5  # a record keeps six digits, and a claim may be a difference
COUNTS = {"captions", "images", "tokens", "tokens fitted"}


@pytest.fixture(scope="module")
def quick():
    """What a run on a corpus of photographs would record, from a generated one."""
    compared = panel("scenes", quick=True)
    captions = compared.corpus.test
    pathways = {**compared.trained, **omission_models.untrained(compared)}
    tables, counts = analyse(pathways, captions, annotate(captions), min_count=5, replicates=20, sentences=100)
    return compared.record("omission-models", {**counts, **figures_of(tables)}, tables, claims_of(tables))


@pytest.fixture(scope="module")
def truth(reproduced):
    return reproduced("omission-models")


def assert_claims_follow(record):
    again = claims_of(record.tables)
    assert [claim.claim for claim in again] == [claim.claim for claim in record.claims]
    for found, recorded in zip(again, record.claims, strict=True):
        numbers = (recorded.here, *recorded.interval)
        assert (found.here, *found.interval) == pytest.approx(numbers, rel=DIGITS, nan_ok=True), recorded.claim
        assert (found.paper, found.holds) == (recorded.paper, recorded.holds), recorded.claim


def assert_figures_follow(record):
    again = figures_of(record.tables)
    assert again.keys() | COUNTS == record.figures.keys()
    assert {name: record.figures[name] for name in again} == pytest.approx(again, rel=DIGITS)
    assert 0 < record.figures["tokens fitted"] < record.figures["tokens"]
    assert 0 < record.figures["images"] <= record.figures["captions"]


def assert_tables_fit_together(tables):
    r2, choice = tables["r2"].set_index(["pathway", "model"]), tables["choice"]
    assert len(r2) == 8 * len(MODELS)
    chosen = choice[choice["chosen"]].set_index(["pathway", "model"])["penalty"]
    assert chosen.to_dict() == r2["penalty"].to_dict()
    for name, values in PAPER_R2.items():
        assert r2.loc[name, "paper"].tolist() == list(values)
    word = r2.xs("WORD", level="model")["r2"]
    np.testing.assert_allclose(
        r2["increase"], r2["r2"] - word.reindex(r2.index.get_level_values(0)).to_numpy(), atol=1e-5
    )
    places = tables["positions"]
    np.testing.assert_allclose(places.groupby("pathway")["coefficient"].sum(), 0, atol=1e-6)
    np.testing.assert_allclose(places.groupby("pathway")["paper"].sum(), 0, atol=1e-6)
    words = tables["words"]
    assert words["rank"].tolist() == list(range(1, len(words) + 1)) and words["reduction"].is_monotonic_decreasing
    np.testing.assert_allclose(words["reduction"], words["word_error"] - words["deprel_error"], atol=1e-5)
    for _, part in tables["variances"].groupby("pathway"):
        assert part["share"].sum() == pytest.approx(1, abs=1e-5)
    for name in ("r2", "positions", "effects", "roles"):
        table = tables[name].dropna(subset=["low", "high"])
        assert (table["low"] <= table["high"]).all()


# The quick runs


def test_figures_and_claims_of_the_quick_run_follow_from_its_tables(quick):
    assert_figures_follow(quick)
    assert_claims_follow(quick)
    assert_tables_fit_together(quick.tables)


def test_a_quick_record_can_be_written_and_read(quick, tmp_path):
    found = read(quick.write(tmp_path))
    assert [claim.claim for claim in found.claims] == [claim.claim for claim in quick.claims]
    assert {name: list(table) for name, table in found.tables.items()} == {
        name: list(table) for name, table in quick.tables.items()
    }


def test_words_that_a_corpus_lacks_decide_no_claim(quick):
    claims = {claim.claim: claim for claim in quick.claims}
    water = claims["water counts more as a modifier"]
    assert water.holds is None and math.isnan(water.here)


def test_the_quick_truth_asks_the_same_of_two_worlds(truth):
    rows = truth.tables["truth"]
    assert rows["seed"].nunique() == 2 and len(rows) == 2 * rows["check"].nunique()
    assert truth.provenance["command"] == "python -m reading_neurons reproduce omission-models --corpus scenes --quick"
    assert len(truth.claims) == rows["check"].nunique()


# Claims from tables that are known


def test_claims_are_decided_by_whole_intervals(quick):
    tables = dict(quick.tables)
    found = tables["contrasts"].copy()
    found.loc[found["contrast"] == "visual, last - middle", ["difference", "low", "high", "count"]] = [
        0.1,
        0.05,
        0.2,
        np.nan,
    ]
    found.loc[found["contrast"] == "clock as nn - as ROOT or nsubj", ["difference", "low", "high", "count"]] = [
        0.1,
        0.01,
        0.2,
        50,
    ]
    found.loc[found["contrast"] == "zebra as nn - as conj", ["difference", "low", "high", "count"]] = [
        0.1,
        0.05,
        0.2,
        4,
    ]
    tables["contrasts"] = found
    claims = {claim.claim: claim.holds for claim in claims_of(tables)}
    assert claims["visual weighs the last word too"] is True
    assert claims["a modifier counts less than a head (clock)"] is False
    assert claims["zebra counts as a modifier (parsers err)"] is None


def test_a_role_contrast_is_a_difference_of_means():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"deprel": rng.choice(["nn", "nsubj", "conj"], 600), "image": np.arange(600) // 5})
    rows["score"] = 0.1 * rng.normal(size=600) + 0.5 * (rows["deprel"] == "nsubj")
    name, difference, low, high, count = omission_models._role_contrast(rows, "dog", ["nn"], ["nsubj"], 200)
    means = rows.groupby("deprel")["score"].mean()
    assert (name, difference) == ("dog as nn - as nsubj", pytest.approx(means["nn"] - means["nsubj"]))
    assert low < -0.5 < high < -0.4 and count == rows["deprel"].value_counts()[["nn", "nsubj"]].min()
    null = omission_models._role_contrast(rows, "dog", ["nn"], ["conj"], 200)
    assert null[2] < 0 < null[3]
    assert omission_models._role_contrast(rows, "dog", ["pobj"], None, 10)[1:] == pytest.approx(
        (np.nan,) * 3 + (0,), nan_ok=True
    )


def test_corrupted_labels_are_few_and_of_subjects():
    table = pd.DataFrame({"deprel": ["nsubj"] * 200 + ["pobj"] * 50, "tag": ["NN"] * 150 + ["PRP"] * 50 + ["NN"] * 50})
    found = omission_models_truth.corrupted_labels(table, seed=0)
    changed = found["deprel"] != table["deprel"]
    assert (
        changed.sum() == round(0.05 * 150) and not changed[150:].any() and set(found.loc[changed, "deprel"]) == {"nn"}
    )
    assert (table["deprel"][:200] == "nsubj").all()  # the table that was given is as it was
    other = omission_models_truth.corrupted_labels(table, seed=1)
    assert (other["deprel"] != found["deprel"]).any()


# The recorded runs


@pytest.mark.skipif(not RECORDED.exists(), reason="not recorded yet")
def test_the_recorded_run_has_the_schema_of_the_quick_one(quick):
    found = read(RECORDED)
    assert found.figures.keys() == quick.figures.keys()
    assert found.provenance.keys() - {"judged"} == quick.provenance.keys()
    assert {name: list(table) for name, table in found.tables.items()} == {name: list(table) for name, table in quick.tables.items()}
    assert [claim.claim for claim in found.claims] == [claim.claim for claim in quick.claims]
    assert_figures_follow(found)
    assert_claims_follow(found)
    assert_tables_fit_together(found.tables)


@pytest.mark.skipif(not TRUTH.exists(), reason="not recorded yet")
def test_the_recorded_truth_asks_what_the_quick_one_asks(truth):
    found = read(TRUTH)
    assert found.tables["truth"]["check"].unique().tolist() == truth.tables["truth"]["check"].unique().tolist()
    assert found.tables["truth"]["seed"].nunique() == 5
    checks = found.tables["truth"].groupby("check")["holds"].sum()
    assert {f"holds: {check}": int(count) for check, count in checks.items()} == found.figures
