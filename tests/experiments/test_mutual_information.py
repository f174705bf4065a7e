"""The experiment on mutual information: its quick runs, what follows from its tables, and the recorded runs beside it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.experiments import information_truth, mutual_information, truth
from reading_neurons.experiments.mutual_information import claims_of, figures_of, ratio_table, sentence_rows, unit_rows
from reading_neurons.experiments.record import read
from reading_neurons.models import Imaginet, LanguageModel, SumPathway
from reading_neurons.text import Vocabulary

RESULTS = sorted((Path(__file__).parents[2] / "book" / "results").glob("mutual-information-*.json"))
REAL = [path for path in RESULTS if not path.stem.endswith("-scenes")]
DIGITS = 2e-5
CORPUS = scenes.generate(scenes=60)


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("mutual-information")


@pytest.fixture(scope="module")
def tables():
    """What is recorded of real captions, on a few generated ones and small untrained networks."""
    captions = CORPUS.train
    vocabulary = Vocabulary.of(captions.tokens)
    networks = {}
    for seed, name in enumerate(mutual_information.NETWORKS):
        made = (
            Imaginet(vocabulary, captions.dimensions, embedding=12, units=12, seed=seed),
            SumPathway(vocabulary, captions.dimensions, embedding=12, seed=seed),
            LanguageModel(vocabulary, embedding=12, units=12, seed=seed),
        )
        networks[name] = {name: pathway for network in made for name, pathway in network.pathways.items()}
    return mutual_information.analyse(networks, captions, captions.parses, replicates=50, sentence_replicates=3)


def assert_claims_follow(claims, record):
    assert [claim.claim for claim in claims] == [claim.claim for claim in record.claims]
    for found, recorded in zip(claims, record.claims, strict=True):
        numbers = (recorded.here, *recorded.interval)
        assert (found.here, *found.interval) == pytest.approx(numbers, rel=DIGITS, nan_ok=True), recorded.claim
        assert (found.paper, found.holds) == (recorded.paper, recorded.holds), recorded.claim


# The quick run on generated worlds


def test_the_quick_run_asks_every_world_the_same(quick):
    assert (quick.experiment, quick.corpus) == ("mutual-information", "scenes")
    table = quick.tables["truth"]
    assert len({tuple(rows["check"]) for _, rows in table.groupby("seed")}) == 1
    assert quick.figures == truth.figures_of(table)
    assert_claims_follow(truth.claims_of(table), quick)


def test_what_needs_no_training_holds_in_the_quick_run(quick):
    table = quick.tables["truth"]
    planted = table[~table["check"].str.startswith(("trained", "untrained:"))]
    assert planted["check"].nunique() == 5
    assert planted["holds"].all(), planted[~planted["holds"]]


def test_planted_networks_need_captions_enough():
    with pytest.raises(ValueError, match="expected captions with 24 nouns and 4 prepositions, found"):
        information_truth.planted(CORPUS.train.take(range(3)))
    words, grammar, noise = information_truth.planted(CORPUS.train)
    assert [pathway.units for pathway in (words, grammar, noise)] == [24, 24, 25]
    tokens = token_table(CORPUS.train, CORPUS.train.parses)
    assert all(set(detector.on) <= set(tokens.loc[tokens["tag"] == "IN", "word"]) for detector in grammar.detectors)


def test_bias_grows_with_the_number_of_contexts_and_corrections_hold_for_a_while():
    table = information_truth.bias((20, 200, 2000), tokens=4000, units=5)
    found = table.pivot(index="contexts", columns="estimator", values="mi")
    truth = table["truth"].iloc[0]
    plain = found["as estimated"]
    assert (plain > truth - 0.02).all() and plain[2000] > plain[200] > plain[20] and plain[2000] > truth + 0.5
    assert found.loc[20, ["above shuffled contexts", "Miller and Madow"]].to_numpy() == pytest.approx(
        [truth] * 2, abs=0.03
    )
    assert (found["Miller and Madow"] < plain).all()


# What is recorded of real captions


def test_tables_hold_every_pathway_and_context(tables):
    medians = tables["medians"]
    assert set(medians["network"]) == {"trained", "untrained"}
    assert set(medians["pathway"]) == {"visual", "textual", "sum", "language model"}
    assert len(medians) == 2 * 4 * 6 * 3 and (medians["count"] == 12).all()
    ordered = medians[["p5", "q1", "median", "q3", "p95"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    known = medians[medians["paper"].notna()]
    assert len(known) == 24 and set(known["network"]) == {"trained"} and set(known["measure"]) == {"mi"}
    assert len(tables["units"]) == 24 and len(tables["sentences"]) == 2 * 4


def test_medians_are_those_of_the_units(tables):
    units = unit_rows(tables)
    of_units = units.groupby(["pathway", "context"])[["mi", "excess"]].median()
    found = tables["medians"].query("network == 'trained'").set_index(["measure", "pathway", "context"])["median"]
    for (pathway, context), row in of_units.iterrows():
        for measure in ("mi", "excess"):
            assert found[measure, pathway, context] == pytest.approx(row[measure], abs=1e-9)


def test_ratios_claims_and_figures_follow_from_the_tables(tables):
    again = ratio_table(unit_rows(tables), sentence_rows(tables), replicates=50).assign(network="trained")
    recorded = tables["ratios"].query("network == 'trained'").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, recorded)
    claims = claims_of(tables)
    assert len(claims) == len({claim.claim for claim in claims}) == 16
    figures = figures_of(tables)
    assert figures["words"] == len(token_table(CORPUS.train, CORPUS.train.parses))
    assert figures["log ratio mi, trained, deprel unigram"] == recorded.query(
        "measure == 'mi' and context == 'deprel unigram'"
    )["log_ratio"].item()


def known_ratios(**rows):
    """A table of ratios in which every context has this ratio, interval over units and least replicate."""
    columns = ["context", "log_ratio", "low", "high", "least", "image_low", "image_high"]
    names = [
        *mutual_information.PAPER_RATIOS,
        *(f"deprel - word, {width}" for width in ("unigram", "bigram", "trigram")),
    ]
    default = (0.5, 0.4, 0.6, 0.1, 0.45, 0.55)
    table = pd.DataFrame(
        [(name, *rows.get(name.replace(" ", "_").replace(",", ""), default)) for name in names], columns=columns
    )
    parts = [
        table.assign(measure=measure, network=network)
        for measure in ("mi", "excess")
        for network in ("trained", "untrained")
    ]
    return {"ratios": pd.concat(parts, ignore_index=True)}


def test_a_claim_holds_if_both_intervals_are_on_its_side_and_nothing_overlaps():
    tables = known_ratios(
        **{
            "word_bigram": (-0.2, -0.3, -0.1, -0.4, -0.25, -0.15),
            "word_trigram": (-0.2, -0.3, -0.1, -0.4, -0.4, 0.01),
            "deprel_bigram": (0.2, -0.01, 0.3, -0.1, 0.1, 0.3),
            "deprel_-_word_bigram": (0.2, 0.1, 0.3, -0.1, 0.1, 0.3),
            "deprel_-_word_trigram": (0.2, 0.1, 0.3, np.nan, np.nan, np.nan),
        }
    )
    holds = [claim.holds for claim in claims_of(tables)]
    assert holds == [True, None, True, None, True, True, False, None] * 2
    claims = claims_of(tables)
    assert claims[1].interval == (-0.4, 0.01)
    assert claims[0].paper == "log ratio -0.11 [-0.18, -0.05]"


def test_the_untrained_network_decides_no_claim():
    tables = known_ratios()
    before = claims_of(tables)
    untrained = tables["ratios"]["network"] == "untrained"
    tables["ratios"].loc[untrained, ["log_ratio", "low", "high"]] = -9
    assert claims_of(tables) == before


# The recorded runs


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_record_is_no_heavier_than_a_page_needs(path):
    assert path.stat().st_size < 500_000


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_a_record_has_the_schema_and_follows_from_its_tables(path, tables):
    found = read(path)
    assert found.tables.keys() == tables.keys()
    for name, table in tables.items():
        assert list(found.tables[name]) == list(table), name
    assert found.figures.keys() == figures_of(tables).keys()
    assert found.figures == pytest.approx(figures_of(found.tables), rel=DIGITS)
    assert_claims_follow(claims_of(found.tables), found)
    again = ratio_table(unit_rows(found.tables), sentence_rows(found.tables))
    recorded = found.tables["ratios"].query("network == 'trained'").reset_index(drop=True)
    numbers = list(again.select_dtypes("number"))
    pd.testing.assert_frame_equal(again[numbers], recorded[numbers], rtol=DIGITS, atol=1e-5, check_dtype=False)


@pytest.mark.parametrize("path", [path for path in RESULTS if path not in REAL], ids=lambda path: path.stem)
def test_a_record_of_worlds_asks_what_the_quick_run_asks(path, quick):
    found = read(path)
    assert found.figures.keys() == quick.figures.keys() and found.tables["truth"]["seed"].nunique() == truth.SEEDS
    assert_claims_follow(truth.claims_of(found.tables["truth"]), found)
