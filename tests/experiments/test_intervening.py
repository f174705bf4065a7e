"""The experiment on intervening: quick runs, what their tables say, planted truth, and the recorded runs."""

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.corpora import parentheses
from reading_neurons.experiments import intervening, intervening_truth
from reading_neurons.experiments.intervening import following, questions
from reading_neurons.experiments.intervening_claims import (
    by_subject,
    claims_of,
    claims_of_worlds,
    figures_of,
    losses_shown,
    share,
    shares_shown,
)
from reading_neurons.experiments.record import read
from reading_neurons.features.text import characters
from reading_neurons.methods.generation import generate
from reading_neurons.methods.intervene import intervene
from reading_neurons.models.characters import CharacterLSTM

RESULTS = Path(__file__).parents[2] / "book" / "results"
WORLDS = sorted(path for path in RESULTS.glob("intervening-*.json") if "c_source" not in path.name)
CODE = sorted(RESULTS.glob("intervening-c_source.json"))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("intervening", "parentheses")


@pytest.fixture(scope="module")
def tables():
    """What a record keeps of small untrained networks on arithmetic."""
    world = intervening.panel("arithmetic", quick=True, networks=("character lstm",))
    return intervening.analyse(world, intervening.QUICK)


def test_a_quick_run_asks_two_worlds_and_its_claims_follow(quick, assert_follows):
    assert quick.tables["truth"].groupby("seed").size().nunique() == 1
    assert quick.tables["truth"]["seed"].nunique() == 2
    assert_follows(quick, figures_of(quick.tables), claims_of_worlds(quick.tables))
    assert set(quick.tables) == {"units", "written", "lost", "examples", "truth"}
    assert quick.provenance["command"].endswith("reproduce intervening --corpus parentheses --quick")


def test_what_was_written_by_hand_holds_in_a_quick_run_too(quick):
    truth = quick.tables["truth"]
    by_hand = truth[truth["check"].str.contains("by hand|counter|that nothing reads|other units")]
    assert by_hand["check"].nunique() == 5 and by_hand["holds"].all()


def test_a_record_keeps_every_question(tables):
    held, ablated = questions("arithmetic")
    for network in ("trained", "untrained"):
        written = tables["written"].query("network == @network")
        assert written["feature"].unique().tolist() == [feature.name for feature in held]
        assert written.loc[written["about"], "measure"].unique().tolist() == ["digit", "+", "parenthesis"]
        lost = tables["lost"].query("network == @network")
        assert lost["feature"].unique().tolist() == [feature.name for feature in ablated]
    assert set(tables["written"].query("network == 'trained'")["held"]) == {"active", "+1"}
    assert set(tables["written"].query("network == 'untrained'")["held"]) == {"active"}
    assert len(tables["written"].query("choice == 'random' and k == 5 and held == '+1'")) == 2 * 4 * 8
    assert tables["examples"].query("k == 0")["text"].nunique() == 8  # four of each network, whatever is held


@pytest.mark.parametrize("corpus", ["parentheses", "arithmetic", "tiny_c"])
def test_every_question_is_measured(corpus):
    held, ablated = questions(corpus)
    measures = intervening.MEASURES.get(corpus, intervening.MEASURES["c"])
    assert set(held.values()) <= set(measures) and len({feature.name for feature in [*held, *ablated]}) >= len(held)


def test_what_comes_next_is_one_character_ahead():
    labels = following(characters("(", "opening")).labels("(1)((")
    np.testing.assert_array_equal(labels, [0, 0, 1, 1, 0])


# Claims, of tables that are known


def written_rows(top, random):
    """Shares of digits by k, of the best units and of the mean of random ones."""
    rows = [("none", 0, 0, 0.3, 0.29, 0.31)]
    rows += [("top", k, 0, value, value - 0.01, value + 0.01) for k, value in top.items()]
    rows += [("random", k, s, value + 0.01 * (s - 1), 0, 1) for k, value in random.items() for s in range(3)]
    table = pd.DataFrame(rows, columns=["choice", "k", "set", "share", "low", "high"])
    return table.assign(network="trained", feature="digit", held="+1", about=True, measure="digit")


def lost_rows(top, random, told):
    parts = [("none", "none", 0, 0, 0.0)]
    parts += [("removed", "top", k, 0, value) for k, value in top.items()]
    parts += [("removed", "random", k, s, value + 0.001 * s) for k, value in random.items() for s in range(3)]
    parts += [("oracle", "top", 10, 0, told)]
    table = pd.DataFrame(parts, columns=["way", "choice", "k", "set", "change"])
    table = table.assign(change_low=table["change"] - 0.005, change_high=table["change"] + 0.005)
    return table.assign(network="trained", feature="digit", measure="type", value=0.9 + table["change"])


def test_claims_hold_where_the_tables_say_so():
    good = {
        "written": written_rows({1: 0.35, 5: 0.5, 10: 0.7}, {1: 0.3, 5: 0.3, 10: 0.31}),
        "lost": lost_rows({1: -0.01, 5: -0.1, 10: -0.2}, {5: -0.01, 10: -0.015}, -0.02),
    }
    claims = claims_of(good)
    assert len(claims) == 9 and all(claim.holds for claim in claims)
    assert claims[0].here == pytest.approx(0.7 - 0.31)
    # 0.01 over strings, and three sets that differ by 0.01 each
    error = np.hypot(0.02 / 3.92, 0.01 / np.sqrt(3))
    assert claims[0].interval == pytest.approx((0.39 - 1.96 * error, 0.39 + 1.96 * error))


def test_claims_fail_or_stay_open_where_the_tables_say_so():
    bad = {
        "written": written_rows({1: 0.35, 5: 0.3, 10: 0.2}, {1: 0.3, 5: 0.3, 10: 0.31}),
        "lost": lost_rows({1: -0.1, 5: -0.1, 10: -0.05}, {5: -0.2, 10: -0.2}, 0.1),
    }
    assert [claim.holds for claim in claims_of(bad)] == [False, False, False, None, False, False, False, False, False]


def test_random_units_are_averaged_over_sets():
    rows = written_rows({1: 0.4}, {1: 0.2})
    assert share(rows, "random", 1) == pytest.approx((0.2, 0.01 / np.sqrt(3)))
    assert share(rows, "top", 1) == pytest.approx((0.4, 0.02 / 3.92))


def test_what_charts_take_has_every_kind_of_units(tables):
    shares, losses = shares_shown(tables["written"]), losses_shown(tables["lost"])
    assert charts.held_shares(shares).to_dict()["description"]
    assert charts.ablations(losses).to_dict()["description"]
    assert len(shares) == 4 * 2 * 2 * 3 and set(losses["way"]) == {"removed", "mean", "oracle"}
    random = tables["written"].query(
        "network == 'trained' and about and feature == 'digit' and held == '+1' and choice == 'random' and k == 5"
    )
    row = shares.query("feature == 'digit' and held == '+1' and units == 'random units' and k == 5").iloc[0]
    assert row["share"] == pytest.approx(random["share"].mean()) and row["low"] < row["share"] < row["high"]
    start = losses[losses["k"] == 0]
    assert (start["value"] == start["low"]).all()
    assert start.groupby(["feature", "measure"])["value"].nunique().max() == 1


def test_over_worlds_a_claim_is_about_their_mean(tables):
    one = claims_of(tables)[0]
    values, held = [0.1, 0.2, 0.3, 0.2, 0.4], [False, True, True, True, True]
    columns = {"seed": range(5), "value": values, "low": 0.0, "high": 1.0, "holds": held}
    truth = [pd.DataFrame({**columns, "check": claim.claim}) for claim in claims_of(tables)]
    claims = claims_of_worlds({**tables, "truth": pd.concat(truth)})
    assert claims[0].claim == f"{one.claim} (in 4 of 5 networks)" and claims[0].paper == one.paper
    assert claims[0].here == pytest.approx(0.24) and claims[0].holds
    half = 2.7764 * np.std(values, ddof=1) / np.sqrt(5)
    assert claims[0].interval == pytest.approx((0.24 - half, 0.24 + half), abs=1e-4)


# Planted truth


def test_an_intervention_that_does_nothing_fails_the_checks(monkeypatch):
    @contextmanager
    def nothing(pathway, *args):
        yield pathway

    monkeypatch.setattr("reading_neurons.methods.ablation.intervene", nothing)
    corpus = parentheses.generate(strings=60)
    pathway = CharacterLSTM.for_corpus(corpus, units=4).pathways["character lstm"]
    holds = [check.holds for check in intervening_truth.counter(corpus.test, pathway)]
    assert holds == [True, True, False, True]


def test_a_unit_changes_what_is_written_unless_it_is_cut():
    network = CharacterLSTM.for_corpus(parentheses.generate(strings=60), units=4)
    network.readout.weight.data *= 5
    assert intervening_truth.severed(network) == 0
    pathway = network.pathways["character lstm"]
    free = generate(pathway)
    with intervene(pathway, 0, 1.0):
        assert generate(pathway) != free


# The recorded runs


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_a_recorded_language_follows_from_its_tables(path, quick, assert_follows):
    record = read(path)
    assert record.tables.keys() == quick.tables.keys()
    assert all(list(record.tables[name]) == list(quick.tables[name]) for name in quick.tables)
    assert record.tables["truth"]["seed"].nunique() == 5
    assert_follows(record, figures_of(record.tables), claims_of_worlds(record.tables), rel_claims=1e-3)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_the_recorded_run_on_code_follows_from_its_tables(path, tables, assert_has_schema, assert_follows):
    record = assert_has_schema(path, tables)
    assert_follows(record, figures_of(record.tables), claims_of(record.tables), rel_claims=1e-3)


@pytest.mark.parametrize("path", [*WORLDS, *CODE], ids=lambda path: path.stem)
def test_claims_are_told_apart_by_what_was_done_to_the_units(path):
    claims = by_subject(read(path).claim_table())
    assert set(claims.loc[claims["claim"].str.contains("gains less than"), "about"]) == {
        "4. Predicted with units told the feature"
    }
    assert set(claims.loc[claims["claim"].str.contains("cost more"), "about"]) == {"3. Predicted without units"}
    assert claims.loc[claims["claim"].str.startswith("top units of 'digit"), "about"].str[0].isin(["1", "2"]).all()
