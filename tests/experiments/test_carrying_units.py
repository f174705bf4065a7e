"""The experiment on carrying units: its quick runs from end to end, and the recorded runs beside them."""

from pathlib import Path

import numpy as np
import pytest

from reading_neurons.experiments import carrying_truth, carrying_units
from reading_neurons.experiments import truth as planted_truth
from reading_neurons.experiments.carrying_units import claims_of, figures_of, units_of
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.panel import QUICK_TEST
from reading_neurons.experiments.record import read

RESULTS = Path(__file__).parents[2] / "book" / "results"
RECORDED = sorted(RESULTS.glob("carrying-units-*.json"))
DIGITS = 2e-5
OF_CAPTIONS = {"captions", "words"}


@pytest.fixture(scope="module")
def truth(reproduced):
    return reproduced("carrying-units")


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """What a corpus without planted units is asked, here on tiny networks of generated scenes."""
    record = carrying_units.measured(panel("scenes", quick=True), quick=True)
    return read(record.write(tmp_path_factory.mktemp("measured")))


def assert_follows(record):
    again = figures_of(record.tables)
    assert again.keys() | OF_CAPTIONS == record.figures.keys()
    # Medians of three digits, and differences of two of them.
    assert {name: record.figures[name] for name in again} == pytest.approx(again, rel=DIGITS, abs=1e-6)
    for found, recorded in zip(claims_of(record.tables), record.claims, strict=True):
        numbers = (recorded.here, *recorded.interval)
        assert (found.here, *found.interval) == pytest.approx(numbers, rel=DIGITS, abs=1e-6, nan_ok=True), (
            recorded.claim
        )
        assert (found.claim, found.paper, found.holds) == (recorded.claim, recorded.paper, recorded.holds)


def test_what_was_planted_is_found_in_every_quick_world(truth):
    """But for the trained networks, which a quick run does not train."""
    rows = truth.tables["truth"]
    assert rows["seed"].nunique() == planted_truth.QUICK_SEEDS
    by_hand = rows[~rows["check"].str.contains("trained")]
    assert by_hand["check"].nunique() == 10 and by_hand["holds"].all()
    assert rows["check"].nunique() == 12
    assert planted_truth.figures_of(rows) == truth.figures


def test_distance_in_words_is_that_of_a_sentence_read_by_hand():
    world = panel("scenes", quick=True, networks=("imaginet",))
    tokens = carrying_truth.token_table(world.corpus.test, world.corpus.test.parses).head(0)
    for sentence, words in enumerate(["in a big box", "in a red big box", "a box in"]):
        for position, word in enumerate(words.split()):
            tokens.loc[len(tokens), ["sentence", "position", "word"]] = [sentence, position, word]
    # After "in" two words, three words, and one whose end cannot be seen.
    assert carrying_truth.words_until(tokens, ["in"], ["box"]) == pytest.approx(1 + 1 + 0.5)


def test_figures_and_claims_of_the_quick_run_follow_from_its_tables(quick):
    assert_follows(quick)
    assert quick.figures["captions"] == QUICK_TEST


def test_tables_of_the_quick_run_hold_every_pathway_trained_and_untrained(quick):
    names = {
        f"{network} {pathway}"
        for network in ("trained", "untrained")
        for pathway in ("visual", "textual", "sum", "language model")
    }
    for value in ("persistence", "by_position", "carried"):
        assert set(quick.tables[value]) == names
    for table in ("curves", "areas", "to_end"):
        found = quick.tables[table]
        assert set(found["network"] + " " + found["pathway"]) == names
        assert ((found["low"] <= found["high"]) | found["low"].isna()).all()
    units = units_of(quick.tables)
    assert units["persistence"].between(0, 5).all()
    assert (units["carried"] <= units["persistence"] + 1e-9).all()
    early = quick.tables["areas"].query("early == 1").groupby(["network", "pathway", "label"])["unit"].nunique()
    assert (early == 1).all()


def test_contexts_in_a_record_are_short(quick):
    assert quick.tables["triggers"]["trigger"].str.split().str.len().max() <= 3


def test_units_are_chosen_on_one_half_and_measured_on_the_other():
    world = panel("scenes", quick=True, networks=("sum",))
    captions = world.corpus.test
    tokens = carrying_truth.token_table(captions, captions.parses)
    choose, test = carrying_units._halves(captions, tokens, seed=0)
    assert not set(choose.captions.image) & set(test.captions.image)
    assert len(choose.tokens) + len(test.tokens) == len(tokens)
    for half in (choose, test):
        assert half.tokens["word"].tolist() == [word for words in half.captions.tokens for word in words]
        lengths = np.bincount(half.tokens["sentence"])
        assert lengths.tolist() == [len(words) for words in half.captions.tokens]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_the_quick_run(path, quick, truth):
    found, expected = read(path), truth if path.stem.endswith("-scenes") else quick
    assert found.figures.keys() == expected.figures.keys()
    assert found.provenance.keys() - {"judged"} == expected.provenance.keys()
    assert {name: list(table) for name, table in found.tables.items()} == {
        name: list(table) for name, table in expected.tables.items()
    }
    if path.stem.endswith("-scenes"):
        assert planted_truth.figures_of(found.tables["truth"]) == found.figures
        assert found.tables["truth"]["seed"].nunique() == planted_truth.SEEDS
    else:
        assert_follows(found)
    assert path.stat().st_size < 500_000
