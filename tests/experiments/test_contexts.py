"""The experiment on contexts: the quick run of the truth, the tables of a small panel, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.corpora import scenes
from reading_neurons.experiments import contexts
from reading_neurons.experiments.contexts import KINDS, SHOWN, claims_of, figures_of, long_contexts, unit_scores
from reading_neurons.models import Imaginet, LanguageModel, SumPathway
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
COCO = sorted(RESULTS.glob("contexts-coco.json"))
TRUTH = sorted(RESULTS.glob("contexts-scenes.json"))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("contexts")


CAPTIONS = scenes.generate(scenes=300).test


def panel_of(seed):
    vocabulary = Vocabulary.of(CAPTIONS.tokens)
    networks = [
        Imaginet(vocabulary, CAPTIONS.dimensions, embedding=8, units=24, seed=seed),
        SumPathway(vocabulary, CAPTIONS.dimensions, embedding=20, seed=seed),
        LanguageModel(vocabulary, embedding=8, units=24, seed=seed),
    ]
    return {name: pathway for network in networks for name, pathway in network.eval().pathways.items()}


@pytest.fixture(scope="module")
def tables():
    """What a record on captions keeps, of small networks that have learnt nothing."""
    return contexts.analyse(panel_of(0), panel_of(1), CAPTIONS)


# The truth


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert list(table) == ["seed", "check", "value", "low", "high", "holds"]
    assert table.groupby("seed").size().tolist() == [9, 9]
    assert quick.provenance["command"] == "python -m reading_neurons reproduce contexts --corpus scenes --quick"


def test_the_detectors_do_not_depend_on_training(quick):
    table = quick.tables["truth"]
    # So small a world has fewer than 20 different contexts of one noun.
    kept = table[table["check"].str.contains("detector|shuffled") & ~table["check"].str.contains("detector 'noun'")]
    assert len(kept) == 12 and kept["holds"].all()


def test_a_method_that_finds_other_contexts_fails_the_checks(monkeypatch):
    right = contexts.top_contexts
    monkeypatch.setattr(contexts, "top_contexts", lambda *args, **options: right(*args, lowest=True, **options))
    pathway = contexts.DetectorPathway(Vocabulary.of(CAPTIONS.tokens), contexts.detectors(), noise=2)
    found = contexts.top_contexts(pathway, CAPTIONS, 20, distinct=True)
    assert [check.holds for check in contexts._exact(found, contexts.detectors(), CAPTIONS)] == [False] * 4


def test_turned_captions_are_the_same_and_change_image():
    found = contexts.turned(CAPTIONS)
    assert sorted(found.texts) == sorted(CAPTIONS.texts)
    assert (np.diff(found.image) != 0).all()
    first = found.texts.index(CAPTIONS.texts[7])
    assert found.parses[first] == CAPTIONS.parses[7] and found.image[first] == CAPTIONS.image[7]


def test_words_of_a_detector_are_words_of_the_corpus():
    known = {word for sentence in scenes.generate(scenes=2000).train.tokens for word in sentence}
    for detector in contexts.detectors():
        assert set(detector.on) <= known, detector.name
        assert not set(detector.on) & set(detector.off)


# Tables of captions


def test_every_unit_of_every_pathway_is_scored(tables):
    found = unit_scores(tables)
    assert set(found["kind"]) == set(KINDS) and set(found["network"]) == {"trained", "untrained"}
    assert found.groupby(["pathway", "network", "kind"]).size().unique().tolist() == [24, 20]
    assert found["score"].max() <= 1
    assert (tables["null"]["low"] < tables["null"]["high"]).all() and (
        tables["null"]["high"] < tables["null"]["best"]
    ).all()


def test_units_are_chosen_by_their_score_and_at_random(tables):
    chosen = tables["chosen"]
    assert not chosen.duplicated(["pathway", "unit"]).any()
    for pathway, rows in chosen.groupby("pathway"):
        assert rows["why"].value_counts().to_dict() == {"tag": 4, "deprel": 4, "topic": 4, "random": 6}
        scores = unit_scores(tables).query(
            "pathway == @pathway and network == 'trained' and kind == 'tag, other words'"
        )
        best = rows[rows["why"] == "tag"]
        assert best["score"].max() == pytest.approx(scores["score"].max(), abs=1e-3)
        assert best["label"].is_unique and best["score"].is_monotonic_decreasing


def test_contexts_and_labels_are_those_of_the_chosen_units(tables):
    found, chosen = tables["contexts"], tables["chosen"]
    for pathway, rows in found.groupby("pathway"):
        units = chosen[chosen["pathway"] == pathway]["unit"]
        assert set(rows["unit"]) == set(units)
        assert (rows.groupby("unit").size() == SHOWN[pathway]).all()
        assert rows.groupby("unit")["activation0"].apply(lambda values: values.is_monotonic_decreasing).all()
        labels = tables["labels"].query("pathway == @pathway")
        assert set(labels["kind"]) == {"tag", "deprel", "topic"}
        assert labels.groupby(["unit", "kind"]).size().max() == contexts.LABELS
        assert (labels[labels["kind"] != "topic"].groupby(["unit", "kind"])["count"].sum() <= 20).all()


def test_long_contexts_hold_every_word_in_order(tables):
    wide, long = tables["contexts"], long_contexts(tables["contexts"])
    assert len(long) == sum(wide[f"word{back}"].notna().sum() for back in range(3))
    first = long[(long["pathway"] == "visual") & (long["unit"] == long["unit"].iloc[-1])]
    row = wide[(wide["pathway"] == "visual") & (wide["unit"] == long["unit"].iloc[-1]) & (wide["rank"] == 0)].iloc[0]
    words = [row[f"word{back}"] for back in (2, 1, 0) if row[f"word{back}"] is not None]
    assert first[first["rank"] == 0]["word"].tolist() == words
    assert first[first["rank"] == 0]["place"].tolist() == list(range(1 - len(words), 1))


def test_what_is_shown_fits_the_chart(tables):
    table, labels, units = contexts.shown(tables)
    assert charts.contexts(table, labels, units).to_dict()["description"]
    assert table["pathway"].unique().tolist() == ["visual", "textual"] and set(labels["pathway"]) == {
        "visual",
        "textual",
    }
    first = units.groupby("pathway", sort=False)["note"].first()
    assert first["visual"].startswith("topic ") and first["textual"].startswith("tag ")
    assert (units["note"] == "random").sum() == 12


def test_what_is_compared_fits_the_chart(tables):
    found = contexts.compared(tables)
    assert charts.homogeneity(found, tables["null"]).to_dict()["description"]
    assert found["pathway"].unique().tolist() == ["visual", "untrained visual", "textual", "untrained textual"]
    assert found["kind"].iloc[0] == "topic" and len(found) == 4 * 24 * len(KINDS)


def test_an_untrained_panel_decides_no_claim_about_training(tables):
    """Both panels are random, so that an excess over the untrained one is noise."""
    claims = [claim for claim in claims_of(tables) if "excess" in claim.claim or "training" in claim.claim]
    assert len(claims) == 10
    assert sum(claim.interval[0] > 0 or claim.interval[1] < 0 for claim in claims) <= 3


def planted(visual, textual, control):
    """Tables in which every unit of a pathway has nearly the same score."""
    rng = np.random.default_rng(0)
    made = {}
    for name, mean in (("visual", visual), ("textual", textual)):
        columns = {f"trained {kind}": mean + 0.01 * rng.normal(size=50) for kind in KINDS}
        columns |= {f"untrained {kind}": control[name] + 0.01 * rng.normal(size=50) for kind in KINDS}
        made[f"units, {name}"] = pd.DataFrame({"unit": range(50), **columns})
    return made


def test_claims_follow_the_pathway_that_agrees_more():
    claims = {claim.claim: claim for claim in claims_of(planted(0.6, 0.2, {"visual": 0.5, "textual": 0.0}))}
    raw = claims["contexts of visual units agree more in topic than those of textual units"]
    assert raw.holds and raw.here == pytest.approx(0.4, abs=0.01) and raw.interval[0] > 0.38
    name = "contexts of visual units agree more in topic than those of textual units, in excess of the same networks untrained"
    assert claims[name].holds is False and claims[name].here == pytest.approx(-0.1, abs=0.01)
    assert not claims["contexts of textual units agree more in tag than those of visual units"].holds
    assert claims["training makes the contexts of visual units agree more in topic"].here == pytest.approx(
        0.1, abs=0.01
    )


def test_units_without_a_score_are_left_out():
    made = planted(0.6, 0.2, {"visual": 0.5, "textual": 0.0})
    made["units, visual"].loc[:10, "trained topic"] = np.nan
    assert claims_of(made)[0].here == pytest.approx(0.4, abs=0.01)


# The recorded runs


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", COCO, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables))
    assert found.tables["contexts"].groupby("pathway").size().to_dict() == {name: 18 * k for name, k in SHOWN.items()}
