"""The experiment on relevance: its quick runs, what its tables hold, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.corpora import parentheses
from reading_neurons.experiments import inspection, inspection_truth
from reading_neurons.experiments.inspection_claims import claims_of, figures_of, nodes, related
from reading_neurons.experiments.inspection_shown import beside_majority
from reading_neurons.features.libraries import library_of
from reading_neurons.methods.relevance_folds import ANSWERS
from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
RECORDS = sorted(RESULTS.glob("inspection-[!t]*.json")) + sorted(RESULTS.glob("inspection-tiny_c.json"))
TRUTH = sorted(RESULTS.glob("inspection-truth-*.json"))
VOCABULARY = Vocabulary(list("01234()"), list)
STRINGS = parentheses.generate(strings=150).test


@pytest.fixture(scope="module", params=["parentheses", "arithmetic", "tiny_c"])
def quick(request, reproduced):
    return reproduced("inspection", request.param)


@pytest.fixture(scope="module")
def tables():
    """A network that counts, and one that does not."""
    networks = {
        "trained": CountingPathway(VOCABULARY, noise=11, unit=3, seed=1),
        "untrained": CountingPathway(VOCABULARY, noise=11, unit=3, seed=1, most=10**9),
    }
    features = inspection.library_for(networks["trained"], STRINGS, "parentheses")
    return inspection.analyse(networks, STRINGS, features, permutations=40)


def claim(tables, text):
    (found,) = [one for one in claims_of(tables) if one.claim.startswith(text)]
    return found


def test_a_quick_run_records_what_its_tables_say(quick, assert_follows):
    tables = quick.tables
    assert_follows(quick, figures_of(tables), claims_of(tables), rel_claims=1e-3)
    assert set(tables["relevance"]["network"]) == {"trained", "untrained"}
    assert len(tables["folds"]) == 20 * 2 * len(tables["features"])
    assert tables["training"]["epochs"].unique().tolist() == [0, 1]
    assert tables["groups"]["units"].between(0, 16).all() and len(tables["groups"])
    assert tables["features"]["mean"].between(0, 1, inclusive="neither").all()
    assert quick.provenance["command"].endswith(f"inspection --corpus {quick.corpus} --quick")


def test_controls_stand_among_the_features(quick):
    names = quick.tables["features"]["feature"]
    assert (names.str.startswith("control")).sum() == inspection.CONTROLS
    assert any("labels drawn by character type" in one.claim for one in quick.claims)


def test_a_unit_that_counts_answers_the_ends_and_no_level_between(tables):
    assert figures_of(tables)["best, trained: nesting 0"] > 0.999
    trained = tables["relevance"].query("network == 'trained' and unit == 3").set_index("feature")
    assert trained.loc["nesting 0", "balanced"] > 0.999 and trained.loc["nesting 4", "balanced"] > 0.999
    assert trained.loc["nesting 2", "balanced"] < ANSWERS
    assert trained.loc["brackets, open", "score"] > 0.999
    more = claim(tables, "exactly at the first and deepest level: more units answer")
    assert more.holds and more.here >= 0.5
    assert claim(tables, "training raises the accuracy of the best unit").holds
    found = tables["discoveries"].set_index(["network", "feature"])["found"]
    assert found["trained", "nesting 0"] >= 1


def test_a_table_of_another_network_turns_the_claims_round(tables):
    turned = {**tables, "folds": tables["folds"].replace({"network": {"trained": "untrained", "untrained": "trained"}})}
    assert claim(turned, "training raises the accuracy of the best unit").holds is False


def test_figures_are_means_and_counts_of_rows(tables):
    figures = figures_of(tables)
    folds = tables["folds"].query("network == 'untrained' and feature == 'digit 0'")
    assert figures["best, untrained: digit 0"] == pytest.approx(folds["best"].mean())
    rows = tables["relevance"].query("network == 'trained' and feature == 'digit 0'")
    assert figures["units that answer, trained: digit 0"] == (rows["balanced"] >= ANSWERS).sum()
    assert "majority: brackets, open" not in figures and "best, trained: brackets, open" in figures


def test_unit_columns_agree_between_tables(tables):
    """The best unit's mean over folds is its score."""
    scores = tables["relevance"].set_index(["network", "feature", "unit"])["score"]
    folds = tables["folds"].groupby(["network", "feature"]).agg(unit=("unit", "first"), best=("best", "mean"))
    for (network, feature), row in folds.iterrows():
        assert row["best"] == pytest.approx(scores[network, feature, int(row["unit"])], abs=2e-4)


def test_what_is_compared_with_what():
    names = list(library_of("parentheses").names)
    pairs = related(names).groupby("relation").size().to_dict()
    assert pairs == {"range and impulse": 4, "levels": 6, "nestings": 10}
    arithmetic = list(library_of("arithmetic").names)
    assert nodes(arithmetic) == ["brackets", "sum", "difference", "product", "quotient"]
    assert related(arithmetic).groupby("relation").size().to_dict() == {
        "range and impulse": 5, "levels": 1, "kinds of nodes": 15,
    }  # fmt: skip


def test_strings_are_read_up_to_a_number_of_characters(monkeypatch):
    class Made:
        quick, test = False, STRINGS

    monkeypatch.setattr(inspection, "MOST", 1200)
    read = inspection.read_strings(Made())
    assert sum(map(len, read.texts)) <= 1200 < sum(map(len, read.texts)) + len(STRINGS.texts[len(read)])
    monkeypatch.setattr(inspection, "MOST", 1)
    assert len(inspection.read_strings(Made())) == 20  # one a fold


@pytest.mark.parametrize("run", [inspection.run, inspection_truth.run])
def test_other_corpora_are_refused(run):
    with pytest.raises(ValueError, match="choose one of parentheses, arithmetic"):
        run("coco", quick=True)


def test_the_truth_is_asked_of_worlds(reproduced):
    table = reproduced("inspection-truth", "parentheses").tables["truth"]
    assert table.groupby("seed").size().tolist() == [11, 11]
    planted = table[table["check"].str.contains("counting unit|it is right|no random unit|one boundary")]
    assert len(planted) == 14 and planted["holds"].all()
    assert table[table["check"].str.contains("no unit exceeds the majority")]["holds"].all()


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_recorded_figures_and_claims_follow_from_the_recorded_tables(path, tables, assert_follows, assert_has_schema):
    columns = {name: table for name, table in tables.items()}
    columns["training"] = pd.DataFrame(columns=["epochs", "feature", "score", "distance"])
    columns["groups"] = pd.DataFrame(columns=["strength", "units", "accuracy", "majority", "balanced", "feature"])
    found = assert_has_schema(path, columns)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel_claims=1e-3)
    assert found.tables["relevance"]["unit"].nunique() == 128
    assert np.isfinite(found.tables["relevance"]["score"]).all()


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_recorded_worlds_are_asked_what_a_quick_run_asks(path, reproduced, assert_asks):
    assert_asks(path, reproduced("inspection-truth", path.stem.rpartition("-")[2]))


def test_best_units_stand_beside_the_majority(tables):
    table, figures = beside_majority(tables).set_index("feature"), figures_of(tables)
    assert "brackets, open" not in table.index and table["control"].sum() == inspection.CONTROLS
    for name, row in table.iterrows():
        assert row["best"] == pytest.approx(figures[f"best, trained: {name}"])
        assert row["untrained"] == pytest.approx(figures[f"best, untrained: {name}"])
        assert row["majority"] == pytest.approx(figures[f"majority: {name}"])
        assert row["low"] <= row["best"] <= row["high"]
