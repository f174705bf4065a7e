"""The experiment on omission scores: its quick run from end to end, and the recorded runs beside it."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.experiments import omission
from reading_neurons.experiments.omission import TEXTUAL, VISUAL, claims_of, figures_of
from reading_neurons.experiments.panel import QUICK_TEST
from reading_neurons.experiments.record import read

RECORDED = Path(__file__).parents[2] / "book" / "results"
RESULTS = [path for path in sorted(RECORDED.glob("omission-*.json")) if path.stem.rpartition("-")[0] == "omission"]
QUICK_COUNT, FULL_COUNT = 20, 500
DIGITS = 2e-5  # a record keeps six digits, and a figure may be a ratio of two numbers
OF_CAPTIONS = {"captions", "images", "words", "clamped"}  # figures that are counts of what was read


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("omission")


def assert_claims_follow(record, min_count):
    again = claims_of(record.tables, min_count)
    assert [claim.claim for claim in again] == [claim.claim for claim in record.claims]
    for found, recorded in zip(again, record.claims, strict=True):
        numbers = (recorded.here, *recorded.interval)
        assert (found.here, *found.interval) == pytest.approx(numbers, rel=DIGITS, nan_ok=True), recorded.claim
        assert (found.paper, found.holds) == (recorded.paper, recorded.holds), recorded.claim


def assert_figures_follow(record):
    again = figures_of(record.tables)
    assert again.keys() | OF_CAPTIONS == record.figures.keys()
    assert {name: record.figures[name] for name in again} == pytest.approx(again, rel=DIGITS)
    lengths, ratios = record.tables["lengths"], record.tables["log_ratios"]
    assert record.figures["captions"] == lengths["captions"].sum()
    assert record.figures["words"] == (lengths["words"] * lengths["captions"]).sum()
    assert (ratios[ratios["kind"] == "all"]["count"] == record.figures["words"]).all()
    assert 0 < record.figures["images"] <= record.figures["captions"]
    assert 0 <= record.figures["clamped"] <= record.figures["words"]


def assert_intervals_hold_medians(table):
    assert (table["low"] <= table["median"]).all() and (table["median"] <= table["high"]).all()
    assert (table["p5"] <= table["q1"]).all() and (table["q3"] <= table["p95"]).all()


# The quick run


def test_the_quick_run_records_where_it_comes_from(quick):
    assert (quick.experiment, quick.corpus) == ("omission", "scenes")
    assert quick.provenance["command"] == "python -m reading_neurons reproduce omission --corpus scenes --quick"
    assert quick.provenance["data"] == {} and quick.provenance["seed"] == 0
    assert quick.provenance["network"]["imaginet"].keys() == {"key", "weights"}


def test_figures_of_the_quick_run_follow_from_its_tables(quick):
    assert_figures_follow(quick)
    assert quick.figures["captions"] == QUICK_TEST


def test_claims_of_the_quick_run_follow_from_its_tables(quick):
    assert_claims_follow(quick, QUICK_COUNT)


def test_every_label_that_the_paper_lists_is_a_claim(quick):
    claims = [claim.claim for claim in quick.claims]
    assert len(claims) == len(set(claims))
    for side, pathway in ((VISUAL, "visual"), (TEXTUAL, "textual")):
        for kind, labels in side.items():
            assert {f"{kind} {label} counts more for {pathway}" for label in labels} <= set(claims)
    assert len(claims) == sum(len(labels) for side in (VISUAL, TEXTUAL) for labels in side.values()) + 3


def test_tables_of_the_quick_run_hold_both_networks_and_both_pathways(quick):
    ratios, scores = quick.tables["log_ratios"], quick.tables["scores"]
    assert set(ratios["network"]) == {"trained", "untrained"}
    assert set(scores["pathway"]) == {"visual", "textual"}
    for table in (ratios, scores):
        assert set(table["kind"]) == {"tag", "deprel", "all"}
        assert not table.duplicated(["kind", "label", *({"network", "pathway"} & set(table))]).any()
        assert_intervals_hold_medians(table)
    assert quick.tables["best_scenes"]["changed"].between(0, QUICK_TEST).all()


# Claims from tables that are known


def known_tables(**rows):
    """Tables in which every label that is named has this median, interval and count."""
    ratios = pd.DataFrame(
        [("trained", *key.split("_"), *values) for key, values in rows.items()],
        columns=["network", "kind", "label", "median", "low", "high", "count"],
    )
    contrasts = pd.DataFrame(
        [
            ("log ratio, nouns - function words", 1.0, 0.5, 1.5),
            ("log ratio, nouns - function words, untrained", 9.0, 8.0, 10.0),
            ("visual score, nouns - verbs", -1.0, -1.5, -0.5),
            ("evenness, textual - visual", 0.1, -0.1, 0.3),
        ],
        columns=["contrast", "difference", "low", "high"],
    )
    return {"log_ratios": ratios, "contrasts": contrasts}


def test_a_claim_holds_if_its_whole_interval_is_on_its_side():
    tables = known_tables(
        tag_NN=(0.5, 0.1, 0.9, 600), tag_CD=(0.5, -0.1, 0.9, 600), tag_JJ=(0.5, 0.1, 0.9, 499),
        tag_DT=(-2.0, -3.0, -1.0, 500), tag_IN=(2.0, 1.0, 3.0, 600),
    )  # fmt: skip
    claims = {claim.claim: claim for claim in claims_of(tables, min_count=500)}
    holds = {label: claims[f"tag {label} counts more for visual"].holds for label in ("NN", "CD", "JJ", "NNP")}
    assert holds == {"NN": True, "CD": None, "JJ": None, "NNP": None}
    assert [claims[f"tag {label} counts more for textual"].holds for label in ("DT", "IN", "TO")] == [True, False, None]
    assert claims["tag JJ counts more for visual"].here == 0.5
    assert math.isnan(claims["tag NNP counts more for visual"].here)
    assert [claim.holds for claim in list(claims.values())[-3:]] == [True, False, None]


def test_the_untrained_network_decides_no_claim():
    tables = known_tables(tag_NN=(0.5, 0.1, 0.9, 600))
    other = tables["log_ratios"].assign(network="untrained", median=-5.0, low=-6.0, high=-4.0)
    tables["log_ratios"] = pd.concat([other, tables["log_ratios"]])
    claims = {claim.claim: claim for claim in claims_of(tables, min_count=1)}
    assert claims["tag NN counts more for visual"].here == 0.5


def test_contrasts_find_what_was_planted_and_nothing_where_nothing_was():
    rng = np.random.default_rng(0)
    size = 3000
    tokens = pd.DataFrame({"tag": rng.choice(["NN", "DT", "VBZ"], size=size), "image": np.arange(size) // 10})
    tokens["sentence"] = tokens["image"]
    score = 0.2 + 0.05 * rng.random(size)
    scored = pd.concat(
        [
            tokens.assign(pathway="visual", score=score + 0.3 * (tokens["tag"] == "NN")),
            tokens.assign(pathway="textual", score=score),
        ],
        ignore_index=True,
    )
    noise = rng.normal(size=size)
    ratios = {
        "trained": tokens.assign(log_ratio=noise + 2.0 * (tokens["tag"] == "NN")),
        "untrained": tokens.assign(log_ratio=noise),
    }
    found = omission.contrasts(scored, ratios, replicates=200).set_index("contrast")
    planted = {"log ratio, nouns - function words": 2, "visual score, nouns - verbs": 0.3}
    for name, size in planted.items():
        assert found.loc[name, "difference"] == pytest.approx(size, abs=0.2)
        assert found.loc[name, "low"] > 0
    assert found.loc["evenness, textual - visual", "low"] > 0
    null = found.loc["log ratio, nouns - function words, untrained"]
    assert null["low"] < 0 < null["high"]


# The recorded runs


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
class TestRecorded:
    def test_has_the_schema_of_the_quick_run(self, path, quick):
        found = read(path)
        assert found.figures.keys() == quick.figures.keys()
        assert found.provenance.keys() - {"judged"} == quick.provenance.keys()
        assert found.tables.keys() == quick.tables.keys()
        for name, table in quick.tables.items():
            assert list(found.tables[name]) == list(table), name
        assert [claim.claim for claim in found.claims] == [claim.claim for claim in quick.claims]

    def test_its_figures_and_claims_follow_from_its_tables(self, path, quick):
        found = read(path)
        assert_figures_follow(found)
        assert_claims_follow(found, FULL_COUNT)
        for name in ("log_ratios", "scores"):
            assert_intervals_hold_medians(found.tables[name])
