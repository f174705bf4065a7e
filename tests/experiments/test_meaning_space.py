"""The experiment on the space of meanings: quick runs, tables of small networks, planted effects, recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.charts.meaning_sides import CLAUSES
from reading_neurons.corpora import polarity
from reading_neurons.experiments import meaning_space, meaning_truth
from reading_neurons.experiments.meaning_space import GOLD, claims_of, effects_of, figures_of
from reading_neurons.models import LSTM, BiLSTM, Recurrent

RESULTS = Path(__file__).parents[2] / "book" / "results"
SST = sorted(RESULTS.glob("meaning-space-sst.json"))
TRUTH = sorted(RESULTS.glob("meaning-space-polarity.json"))
CORPUS = polarity.generate(sentences=400)


def pathways(seed):
    networks = [kind.for_corpus(CORPUS, embedding=6, units=6, seed=seed).eval() for kind in (Recurrent, LSTM, BiLSTM)]
    return {name: pathway for network in networks for name, pathway in network.pathways.items()}


@pytest.fixture(scope="module")
def tables():
    """What a record keeps, of small networks that have learnt nothing."""
    with pytest.MonkeyPatch.context() as patch:
        few = meaning_space.pictures
        patch.setattr(meaning_space, "pictures", lambda points: few(points, (5,), (0,)))
        return meaning_space.analyse(pathways(0), pathways(1), CORPUS)


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("meaning-space", corpus="polarity")


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert list(table) == ["seed", "check", "value", "low", "high", "holds"]
    assert table.groupby("seed").size().tolist() == [15, 15]
    nulls = table[table["check"].str.contains("without training|shuffled|t-SNE")]
    assert len(nulls) == 6 and nulls["holds"].all()  # which need no training


def test_figures_and_claims_follow_from_the_tables(tables):
    figures, claims = figures_of(tables), claims_of(tables)
    assert figures["negations: lstm, sentiment: asymmetry"] == pytest.approx(claims[11].here, abs=1e-4)
    assert len(claims) == 36 and all(np.isfinite(claim.here) for claim in claims)
    assert {"words by t-SNE: lstm, kept", "clauses by PCA: random vectors, trustworthiness"} <= set(figures)


def test_effects_are_those_of_the_rows(tables):
    again = effects_of(tables)
    pd.testing.assert_frame_equal(again, tables["effects"])
    rows = pd.concat([tables["negation phrases"], tables["negations, lstm"]], axis=1).query("sign == 1")
    drop = (rows["sentiment base"] - rows["sentiment modified"]).mean()
    row = again.query("kind == 'negations' and network == 'lstm' and measure == 'sentiment' and quantity == 'drop'")
    assert row["value"].item() == pytest.approx(drop, abs=1e-4)


def test_planted_labels_have_the_planted_asymmetry(tables):
    """The generated treebank is read here as if people had labelled it."""
    found = tables["effects"][tables["effects"]["network"] == GOLD].set_index(["kind", "quantity"])
    for kind in ("treebank negations", "treebank clauses", "treebank clauses, from middle"):
        assert found.loc[(kind, "asymmetry"), "low"] > 0.2, kind


def test_untrained_networks_show_none(tables):
    found = tables["effects"].query("measure == 'sentiment' and quantity == 'asymmetry'")
    found = found[found["network"] != GOLD]
    assert len(found) == 30 and (found["value"].abs() < 0.1).all()


def test_a_treebank_leaves_no_words_in_a_record(tables):
    for name in ("treebank negations", "treebank clauses"):
        texts = tables[name].select_dtypes(["object", "string"])
        assert set(texts) <= {"split", "connective"}


def test_the_charts_draw_the_tables(tables):
    own = tables["effects"].query("kind == 'clauses'")
    assert "I hate it" in str(charts.meaning_sides(own, CLAUSES).to_dict())
    for figure in ("words", "clauses"):
        drawn, shown = meaning_space.shown(tables, figure)
        assert charts.meaning_space(drawn, shown).to_dict()["description"]
    assert charts.meaning_distortion(tables["distortion"].query("figure == 'words'")).to_dict()


def test_planted_controls_change_nothing():
    """Neutral words in the place of a negator leave the planted value what it is."""
    pairs = meaning_truth.pairs_of(pathways(0)["lstm"])
    for part in pairs.values():
        assert (part["planted control"] == part["planted base"]).all()


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_what_the_quick_run_asks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", SST, ids=lambda path: path.stem)
def test_the_recorded_run_has_the_schema_and_its_figures_follow(path, tables, assert_has_schema, assert_follows):
    record = assert_has_schema(path, tables)
    again = effects_of(record.tables)
    numbers = ["value", "low", "high"]
    np.testing.assert_allclose(again[numbers], record.tables["effects"][numbers], atol=2e-3)
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))
