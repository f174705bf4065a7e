"""The experiment on composition: pairs of both corpora, quick runs, what claims follow, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.experiments import (
    composition,
    composition_claims,
    composition_pairs,
    composition_shown,
    composition_truth,
    composition_widths,
)
from reading_neurons.experiments.panel import SENTIMENT, panel
from reading_neurons.experiments.record import read
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
SST = sorted(RESULTS.glob("composition-sst.json"))
TRUTH = sorted(RESULTS.glob("composition-polarity.json"))
WIDTHS = sorted(RESULTS.glob("composition-widths-*.json"))
OWN = Trees("sst", "test", tuple(map(Tree.parse, [
    "(1 (2 not) (3 (3 (2 very) (3 good)) (2 film)))",
    "(3 (3 (2 It) (3 (3 charms) (2 (2 so) (2 much)))) (2 .))",
    "(2 (1 (2 It) (1 (2 (2 does) (2 n't)) (3 please))) (2 .))",
    "(1 (3 (3 (2 the) (3 fun)) (2 ,)) (1 (2 but) (1 (2 the) (1 plot))))",
    "(3 (3 nice) (3 (2 though) (1 (2 it) (1 bores))))",
])))  # fmt: skip
WORDS = Vocabulary([word for word in dict.fromkeys(w for tokens in OWN.tokens for w in tokens) if word != "please"])


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("composition", "polarity")


@pytest.fixture(scope="module")
def quick_widths(reproduced):
    return reproduced("composition-widths", "polarity")


@pytest.fixture(scope="module")
def world(cache):
    """Tiny networks on the generated reviews, whose test sentences stand for a treebank's."""
    return panel("polarity", quick=True, networks=SENTIMENT)


@pytest.fixture(scope="module")
def tables(world):
    return composition.analyse(world)


# Pairs


def test_modified_constituents_of_a_treebank_are_found():
    found = composition_pairs.of_treebank([OWN], "negation", WORDS)
    assert found[["base", "modified", "base_label", "modified_label"]].values.tolist() == [
        ["very good film", "not very good film", 3, 1]
    ]
    known = Vocabulary([*WORDS.words[4:], "please"])
    assert "does n't please" in composition_pairs.of_treebank([OWN], "negation", known)["modified"].tolist()
    found = composition_pairs.of_treebank([OWN, OWN], "intensification", WORDS)
    assert found["modified"].tolist() == ["very good", "charms so much", "so much"]
    assert found["neutral"].tolist() == ["is good", "charms here", "the much"]


def test_two_clauses_of_a_treebank_are_found():
    found = composition_pairs.clauses([OWN], WORDS)
    assert found.values.tolist() == [["but", "the fun", ", but", "the plot", 3, 1, 1]]


def test_neutral_words_stand_where_the_modifier_does():
    for kind in composition_pairs.KINDS:
        pairs = composition_pairs.of_polarity(kind)
        for row in pairs.itertuples():
            behind = row.modified.startswith(row.base)
            assert row.neutral != row.other
            for neutral in (row.neutral, row.other):
                assert neutral.startswith(row.base) if behind else neutral.endswith(row.base)
                assert len(neutral.split()) == len(row.base.split()) + 1


def test_templates_differ_in_verbs_and_last_words_alone(world):
    rows = composition_pairs.templates(world.trained["lstm"].vocabulary)
    for row in rows.itertuples():
        assert len(set(row.negative.split()) ^ set(row.positive.split())) == 2
        assert row.neutral != row.other and row.good != row.bad
    full = composition_pairs.templates(Vocabulary([*composition_pairs.PAPER, "adore", "funny", "long", "slow"]))
    assert full.loc[0, ["main", "ending"]].tolist() == ["hate, like", "interesting, boring"]


# The truth


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert table.groupby("seed")["check"].nunique().tolist() == [48, 48]
    assert all(table["check"].str.contains(f"{name}: ").sum() == 2 * 16 for name in ("recurrent", "bi-lstm"))
    assert quick.provenance["command"] == "python -m reading_neurons reproduce composition --corpus polarity --quick"


def test_the_quick_run_of_widths_has_its_table(quick_widths):
    table = quick_widths.tables["widths"]
    assert table.groupby(["width", "network"]).size().to_dict() == {
        (w, n): 1 for w in (4, 8) for n in ("trained", "untrained")
    }
    assert "lstm, 8 dimensions, seed 0" in quick_widths.provenance["network"]
    assert quick_widths.figures["accuracy: 8 dimensions"] == pytest.approx(
        table.query("width == 8 and network == 'trained'").eval("right / sentences").iloc[0]
    )


def test_untrained_networks_fail_the_checks(world):
    """What is found in trained networks is learnt: random ones have neither the asymmetry nor the competition."""
    from dataclasses import replace

    found = list(composition_truth.checks(replace(world, networks=world.controls)))
    learnt = [check for check in found if "asymmetric" in check.check or "no more than neutral" in check.check]
    assert not all(check.holds for check in learnt)
    turned = [check for check in found if "at least a tenth of the dimensions turn" in check.check]
    assert not any(check.holds for check in turned)


def test_widths_are_measured_against_a_loop(world):
    pathway = world.trained["lstm"]
    found = composition_widths.measured(pathway, world.test)
    values = composition_widths.vectors(pathway, world.test.tokens)
    near = [np.mean([abs(value) < 0.1 * max(map(abs, row)) for value in row]) for row in values]
    assert found["relative"] == pytest.approx(np.mean(near))
    assert found["relative_error"] == pytest.approx(np.std(near, ddof=1) / np.sqrt(len(near)))
    assert found["sentences"] == len(world.test) and 1 <= found["fewest"] <= 8


def widths(relative, accuracy):
    rows = [
        {"width": width, "seed": 0, "network": "trained", "sentences": 1000, "right": 1000 * right, "relative": near,
         "relative_error": 0.01, "absolute": 0.2, "absolute_error": 0.01, "idle": 0.1, "fewest": 9}
        for width, near, right in zip((15, 25, 35, 60, 120), relative, accuracy, strict=True)
    ]  # fmt: skip
    return {"widths": pd.DataFrame(rows)}


def test_claims_about_widths_follow_the_table():
    more, same, better = composition_widths.claims_of(widths((0.1, 0.1, 0.2, 0.3, 0.4), (0.3, 0.5, 0.5, 0.4, 0.4)))
    assert more.holds and more.here == pytest.approx(0.25)
    assert same.holds is None and same.here == 0
    assert better.holds and better.here == pytest.approx(0.1)
    assert composition_widths.claims_of(widths((0.1,) * 5, (0.4,) * 5))[2].holds is None


# Tables of a treebank


def test_every_dimension_of_every_network_is_counted(tables):
    counts = tables["dimensions"].groupby("network").size().to_dict()
    assert counts == {f"trained {name}": 3 * (16 if name == "bi-lstm" else 8) for name in SENTIMENT}
    networks = {f"{state} {name}": 3 for state in ("trained", "untrained") for name in SENTIMENT}
    assert tables["effects"].groupby("network").size().to_dict() == networks
    assert (tables["effects"]["consistent"] <= tables["effects"]["dimensions"]).all()


def test_no_phrase_is_in_the_tables_but_the_papers(tables):
    kept = {text for table in tables.values() for column in table for text in table[column] if isinstance(text, str)}
    kept |= {column for column in tables["vectors"]}
    allowed = set(composition.SHOWN) | {word for text in composition.SENTENCES for word in text.split()}
    assert {text for text in kept if len(text.split()) > 2 and text not in allowed} <= {"annotators"}


def test_figures_and_claims_follow(tables):
    figures, claims = composition_claims.figures_of(tables), composition_claims.claims_of(tables)
    assert len(claims) == 30 and len({claim.claim for claim in claims}) == 30
    assert all(claim.holds in (True, False, None) for claim in claims)
    rows = composition_claims.gaps(tables["endings"]).set_index(["connective", "network", "ending"])["mean"]
    part = tables["endings"].query("connective == 'though'")
    assert rows["though", "trained lstm", "opposite"] == pytest.approx(part["trained lstm: gap, opposite"].mean())
    assert figures["gap of classes, opposite, though: trained lstm"] == rows["though", "trained lstm", "opposite"]


def test_what_is_shown_fits_the_charts(tables):
    assert charts.phrase_vectors(*composition_shown.shown(tables)).to_dict()["description"]
    assert charts.word_states(tables["states"].assign(pathway="lstm")).to_dict()["description"]
    for rows in (composition_shown.denied(tables), composition_shown.endings_shown(tables)):
        assert charts.expected_classes(rows).to_dict()["description"]
        assert "untrained lstm" in rows["pathway"].tolist()


# The recorded runs


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", SST, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    figures, claims = composition_claims.figures_of(found.tables), composition_claims.claims_of(found.tables)
    assert_follows(found, figures, claims, rel=1e-3, rel_claims=2e-3)


@pytest.mark.parametrize("path", WIDTHS, ids=lambda path: path.stem)
def test_recorded_widths_have_the_schema_of_a_small_run(path, quick_widths, assert_follows, assert_has_schema):
    tables = assert_has_schema(path, quick_widths.tables).tables
    assert sorted(tables["widths"]["width"].unique()) == list(composition_widths.WIDTHS)
    assert_follows(read(path), composition_widths.figures_of(tables), composition_widths.claims_of(tables), rel=1e-3)
