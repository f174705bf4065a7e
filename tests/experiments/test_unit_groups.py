"""The experiment on groups of units: its planted truth, its tables, and what follows from them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.corpora import scenes
from reading_neurons.experiments import group_truth, unit_groups
from reading_neurons.experiments.group_claims import claims_of, figures_of
from reading_neurons.experiments.unit_groups import QUICK
from reading_neurons.models import Imaginet
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
COCO = sorted(RESULTS.glob("unit-groups-coco.json"))
TRUTH = sorted(RESULTS.glob("unit-groups-scenes.json"))
CORPUS = scenes.generate(scenes=300)


@pytest.fixture(scope="module")
def quick(reproduced):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group_truth, "SAMPLE", 4000)
        patch.setattr(group_truth, "SHUFFLES", 1)
        patch.setattr(group_truth, "LENGTH", 3)
        return reproduced("unit-groups")


def network(seed):
    vocabulary = Vocabulary.of(CORPUS.train.tokens)
    return Imaginet(vocabulary, CORPUS.train.dimensions, embedding=8, units=24, seed=seed).eval().pathways


@pytest.fixture(scope="module")
def tables():
    """What a record on captions keeps, of small networks that have learnt nothing."""
    return unit_groups.analyse(network(0), network(1), CORPUS.train, CORPUS.test, QUICK)


# The truth


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert list(table) == ["seed", "check", "value", "low", "high", "holds"]
    assert table.groupby("seed").size().tolist() == [9, 9]
    # What is planted does not depend on training.
    assert table[~table["check"].str.contains("trained")]["holds"].all()


def test_a_method_that_finds_other_groups_fails_the_checks(monkeypatch):
    monkeypatch.setattr(group_truth, "SHUFFLES", 1)
    monkeypatch.setattr(group_truth, "LENGTH", 2)
    pathway, kind = group_truth.planted(Vocabulary.of(CORPUS.train.tokens), noise=10)
    labels = np.where(kind >= 0, kind, 5)
    right = [check.holds for check in group_truth._held_out(pathway, labels, kind, 0)]
    random = group_truth.shuffled(labels, 1)
    wrong = [check.holds for check in group_truth._held_out(pathway, random, kind, 0)]
    assert right == [True, True] and not wrong[0]
    monkeypatch.setattr(group_truth, "kinds", lambda: [tuple(reversed(NOT_PLANTED))] * 5)
    assert not next(group_truth._wanted(pathway, kind)).holds


NOT_PLANTED = ("two", "three", "four", "five")


def test_what_is_planted_is_what_is_said():
    pathway, kind = group_truth.planted(Vocabulary.of(CORPUS.train.tokens), noise=3)
    assert np.bincount(kind[kind >= 0]).tolist() == [8] * 5 and pathway.units == 43
    words = [word for of_kind in group_truth.kinds() for word in of_kind]
    assert len(words) == len(set(words)) == 20 and all(word in pathway.vocabulary for word in words)
    table = group_truth.optimize(pathway, group_truth.group(np.flatnonzero(kind == 2)), 2)
    assert table["activation"].item() == pytest.approx(group_truth.MOST, abs=1e-6)


# Tables of captions


def test_every_unit_is_in_a_group_and_every_group_has_an_input(tables):
    for name in ("visual", "textual"):
        units = tables[f"units, {name}"]
        assert units["unit"].tolist() == list(range(24))
        assert set(units["group"]) == set(units["untrained group"]) == set(range(5))
        assert units["contexts"].str.count(";").eq(2).all()
        groups = tables["groups"].query("pathway == @name")
        assert groups.groupby("network").size().tolist() == [5, 5]
        trained = groups[groups["network"] == "trained"]
        assert trained["size"].tolist() == units["group"].value_counts().sort_index().tolist()
        assert trained["default words"].str.split().str.len().eq(5).all()
        assert groups.loc[groups["network"] == "untrained", "default"].isna().all()
        # Both searches may write what the other found; the default is no worse by more than rounding of bfloat16.
        assert (trained["default"] >= trained["corpus"] - 0.02).all()


def test_members_are_held_out_of_groups_and_of_random_ones(tables):
    held = tables["held out"]
    counts = held.groupby(["pathway", "network", "method", "what"]).size()
    assert counts.index.get_level_values("what").unique().tolist() == ["groups", "random"]
    assert len(counts) == 2 * (2 * 2 + 2) and (counts == 3).all()
    same = held.pivot_table(index=["pathway", "network", "method", "group"], columns="what", values="size")
    assert (same["groups"] == same["random"]).all()
    assert (held["seen"] > held["seen_elsewhere"]).mean() > 0.8  # it was optimised


def test_halves_of_the_ngrams_are_compared(tables):
    found = tables["agreement"]
    assert found.groupby(["pathway", "network"]).size().tolist() == [QUICK.splits] * 4
    assert (found["index"] <= 1).all() and (found["low"] < 0.1).all()
    assert tables["linkages"].groupby(["pathway", "network"]).size().tolist() == [3] * 4


def test_claims_follow_from_the_tables(tables):
    claims = claims_of(tables)
    assert len(claims) == 2 * (4 + 5) and len({claim.claim for claim in claims}) == len(claims)
    made = {name: table.copy() for name, table in tables.items()}
    held = made["held out"]
    own = (held["what"] == "groups") & (held["network"] == "trained")
    held["held_out"] = held["held_out_elsewhere"] + np.where(own, 0.5, 0.0) + 0.01 * np.arange(len(held)) / len(held)
    held["seen"] = held["seen_elsewhere"] + 0.6
    made["single"]["default"] = 0.99
    by_text = {claim.claim: claim for claim in claims_of(made)}
    gained = by_text["visual members held out gain more in groups than in random groups, by the default"]
    assert gained.holds and gained.here == pytest.approx(0.5, abs=0.02)
    share = "of what visual members seen gain, those held out have a larger share than in untrained groups"
    assert by_text[share].holds
    single = by_text["more than half of the single visual units are driven above 0.95 by the default"]
    assert single.here == 1 and single.interval[0] < 1
    held["held_out"] = held["held_out_elsewhere"]
    assert not any(claim.holds for claim in claims_of(made) if "held out" in claim.claim)


def test_what_is_shown_fits_the_charts(tables):
    groups, members = unit_groups.shown(tables)
    assert charts.unit_groups(groups, members).to_dict()["description"]
    assert set(members["pathway"]) == {"visual", "textual"} and len(members) == 48
    found = unit_groups.gained(tables)
    assert charts.held_out_members(found).to_dict()["description"]
    assert found["case"].unique().tolist() == ["trained, default", "trained, corpus search", "untrained, default"]
    trained = tables["single"]["network"] == "trained"
    assert charts.driven(tables["single"][trained], groups).to_dict()["description"]


def test_figures_are_means_of_the_tables(tables):
    figures = figures_of(tables)
    groups = tables["groups"].query("pathway == 'visual' and network == 'trained'")
    assert figures["groups, mean by corpus: trained visual"] == pytest.approx(groups["corpus"].mean())
    held = tables["held out"].query("pathway == 'textual' and network == 'trained' and method == 'default'")
    held = held[held["what"] == "random"]
    assert figures["gain of members held out: trained textual, random by default"] == pytest.approx(
        (held["held_out"] - held["held_out_elsewhere"]).mean()
    )
    assert not any("by corpus" in name and "untrained" in name for name in figures)


# The recorded runs


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", COCO, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel=1e-3)
    assert found.tables["groups"].groupby(["pathway", "network"]).size().unique().tolist() == [81]
    assert pd.concat([found.tables[f"units, {name}"] for name in ("visual", "textual")])["group"].max() == 80
