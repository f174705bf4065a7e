"""The experiment on units that know a word's function: its quick run, its tables, and the recorded runs beside them."""

from pathlib import Path

import numpy as np
import pytest

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.experiments import grammatical_truth, truth
from reading_neurons.experiments import grammatical_units as experiment
from reading_neurons.experiments.record import read
from reading_neurons.models import Imaginet, LanguageModel, SumPathway
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
DIGITS = 2e-5  # a record keeps six digits, and a figure may be a difference of two numbers


@pytest.fixture(scope="module")
def tables():
    """Tables of tiny networks on few captions."""
    captions = experiment.some(scenes.generate(scenes=300).test, 2000)
    vocabulary = Vocabulary.of(captions.tokens)
    sizes = {"embedding": 8, "units": 8}
    networks = [
        Imaginet(vocabulary, captions.dimensions, **sizes),
        SumPathway(vocabulary, captions.dimensions, embedding=8),
        LanguageModel(vocabulary, **sizes),
    ]
    pathways = {name: pathway for network in networks for name, pathway in network.eval().pathways.items()}
    words = token_table(captions, captions.parses)
    networks = {"trained": pathways, "untrained": pathways}
    return experiment.analyse(networks, captions, words, min_count=10, refits=({"trained": 2, "untrained": 2}, 500))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("grammatical-units")


def assert_claims_follow(record):
    """The claims of a record of generated worlds are those of its table."""
    again = truth.claims_of(record.tables["truth"])
    assert [(claim.claim, claim.holds) for claim in again] == [(claim.claim, claim.holds) for claim in record.claims]


def test_every_pathway_has_its_accuracies_and_controls(tables):
    every = tables["accuracies"]
    assert not every.duplicated(["network", "pathway", "features", "part", "control"]).any()
    assert every["accuracy"].between(0, 1).all() and (every["low"] <= every["high"]).all()
    assert set(every["part"]) == {"all words", "nouns"}
    for network in ("trained", "untrained"):
        rows = every[(every["network"] == network) & (every["features"] == experiment.STATES)]
        assert set(rows["pathway"]) == {"visual", "textual", "sum", "language model"}
        assert set(rows["control"]) == {True, False}


def test_the_same_states_give_the_same_figures(tables):
    """Here the untrained networks are the trained ones."""
    differences = tables["differences"].set_index(["pair", "part"])["difference"]
    assert (differences[["textual states, trained - untrained", "visual states, trained - untrained"]] == 0).all()
    assert len(differences) == 2 * len(experiment.PAIRS)


def test_differences_are_those_of_the_accuracies(tables):
    every = tables["accuracies"]
    found = every[~every["control"]].set_index(["network", "pathway", "features", "part"])["accuracy"]
    for row in tables["differences"].itertuples():
        first, second = experiment.PAIRS[row.pair]
        assert row.difference == pytest.approx(found[(*first, row.part)] - found[(*second, row.part)], abs=1e-9)
        assert row.low <= row.difference <= row.high


def test_accuracies_are_those_of_the_labels(tables):
    """Two roads to one figure: words that are right, and labels one by one."""
    every = tables["accuracies"]
    found = every[~every["control"] & (every["part"] == "all words")].set_index(["network", "pathway", "features"])
    for key, rows in tables["labels"].groupby(["network", "pathway", "features"]):
        assert rows["right"].sum() / rows["count"].sum() == pytest.approx(found.loc[key, "accuracy"])
        assert rows["count"].sum() == rows["predicted"].sum() == found.loc[key, "count"]


def test_contexts_and_weights_belong_to_the_units_chosen(tables):
    units = tables["units"].query("network == 'trained'").set_index(["pathway", "label", "unit"])
    assert (tables["units"].groupby(["network", "pathway", "label"]).size() == experiment.TOP).all()
    for row in tables["contexts"].itertuples():
        assert units.loc[(row.pathway, row.label, row.unit), "weight"] == pytest.approx(row.weight)
    weights = tables["weights"].set_index(["pathway", "unit", "label"])["weight"]
    shown = units[units.index.get_level_values("label").isin(experiment.TABLE_2)]
    for (pathway, label, unit), row in shown[shown.index.get_level_values("pathway").isin(experiment.READ)].iterrows():
        assert weights[pathway, unit, label] == pytest.approx(row["weight"])


def test_claims_follow_from_the_differences(tables):
    claims = {claim.claim: claim for claim in experiment.claims_of(tables)}
    assert len(claims) == 10
    rows = tables["differences"].assign(low=[-1.0, 0.1] * len(experiment.PAIRS))  # all words, nouns
    holds = {claim.claim: claim.holds for claim in experiment.claims_of({"differences": rows})}
    assert {name for name, held in holds.items() if held} == {name for name in claims if name.endswith("nouns only")}


def test_some_captions_are_whole_images():
    captions = scenes.generate(scenes=100).test
    part = experiment.some(captions, 300)
    kept = np.isin(captions.image_ids[captions.image], part.image_ids[np.unique(part.image)])
    assert kept.sum() == len(part) and 300 <= sum(map(len, part.tokens)) < 400


def test_planted_units_are_on_where_they_should_be():
    captions = scenes.generate(scenes=100).test
    words = token_table(captions, captions.parses)
    states = passes.states(grammatical_truth.planted_pathway(Vocabulary.of(captions.tokens), random=3), captions)
    for unit, label in enumerate(grammatical_truth.PLANTED):
        inside = words["deprel"] == label
        assert states[inside, unit].mean() > 0.8 > 0.4 > states[~inside, unit].mean()


def test_the_quick_run_asks_every_check_of_two_worlds(quick):
    rows = quick.tables["truth"]
    assert (rows.groupby("check").size() == truth.QUICK_SEEDS).all() and rows["check"].nunique() == 11
    assert_claims_follow(quick)
    assert quick.figures == truth.figures_of(rows)


def test_planted_units_are_found_even_in_the_quick_run(quick):
    """They are written by hand, so no training is needed."""
    rows = quick.tables["truth"]
    assert rows[rows["check"].str.startswith("the unit planted")]["holds"].all()


class TestRecorded:
    @pytest.fixture
    def coco(self):
        path = RESULTS / "grammatical-units-coco.json"
        if not path.exists():
            pytest.skip("nothing recorded; run: python -m reading_neurons reproduce grammatical-units --corpus coco")
        return read(path)

    def test_has_the_tables_of_the_analysis(self, coco, tables):
        assert coco.tables.keys() == tables.keys()
        for name, table in tables.items():
            assert list(coco.tables[name]) == list(table), name

    def test_its_figures_and_claims_follow_from_its_tables(self, coco):
        again = experiment.figures_of(coco.tables)
        assert again.keys() | {"captions", "words"} == coco.figures.keys()
        assert {name: coco.figures[name] for name in again} == pytest.approx(again, rel=DIGITS, abs=1e-5)
        claims = experiment.claims_of(coco.tables)
        assert [claim.claim for claim in claims] == [claim.claim for claim in coco.claims]
        assert [claim.holds for claim in claims] == [claim.holds for claim in coco.claims]

    def test_every_fit_reached_its_minimum(self, coco):
        assert (coco.tables["fits"]["gradient"] <= 1e-4).all()
        assert coco.tables["fits"]["iterations"].min() > 5

    def test_the_checks_in_generated_worlds_are_those_of_the_quick_run(self, quick):
        path = RESULTS / "grammatical-units-scenes.json"
        if not path.exists():
            pytest.skip("nothing recorded; run: python -m reading_neurons reproduce grammatical-units --corpus scenes")
        found = read(path)
        assert set(found.tables["truth"]["check"]) == set(quick.tables["truth"]["check"])
        assert_claims_follow(found)
