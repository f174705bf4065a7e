"""The experiment on variance: its quick runs, what its tables hold, and the recorded runs."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.experiments import variance, variance_words
from reading_neurons.experiments.variance import claims_of, differences, figures_of
from reading_neurons.models.store import SENTIMENT

RESULTS = Path(__file__).parents[2] / "book" / "results"
SST = sorted(RESULTS.glob("variance-sst.json"))
TRUTH = sorted(RESULTS.glob("variance-polarity.json"))
CORPUS = polarity.generate(sentences=200)


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("variance", "polarity")


def pathways(seed):
    made = [network.for_corpus(CORPUS, embedding=8, units=6, seed=seed) for network in SENTIMENT]
    return {name: pathway for network in made for name, pathway in network.eval().pathways.items()}


def planted():
    """Networks whose words of sentiment were moved far from where they began."""
    found = pathways(0)
    tokens = [word for words in CORPUS.test.tokens for word in words]
    polar = {word for word, strength in zip(tokens, variance_words.strengths(CORPUS.test), strict=True) if strength}
    for pathway in found.values():
        pathway.embedding.data[[pathway.vocabulary.number(word) for word in polar]] += 0.5
    return found


@pytest.fixture(scope="module")
def tables():
    return variance.analyse(planted(), pathways(0), CORPUS.train, CORPUS.test)


def test_the_quick_run_asks_every_world_the_same(quick):
    table = quick.tables["truth"]
    assert len({tuple(rows["check"]) for _, rows in table.groupby("seed")}) == 1
    assert table.groupby("seed").size().tolist() == [18, 18]
    assert quick.provenance["command"] == "python -m reading_neurons reproduce variance --corpus polarity --quick"


def test_what_needs_no_training_holds_in_the_quick_run(quick):
    table = quick.tables["truth"]
    sure = table[table["check"].str.contains("another order|fixed random embedding: polar|before training")]
    assert len(sure) == 10 and sure["holds"].all()


def test_strengths_are_those_of_the_leaves():
    brackets = ("(0 (1 (2 the) (1 (0 awful) (2 film))) (1 (2 is) (1 bad)))", "(4 fine)")
    trees = Trees("own", "own", tuple(map(Tree.parse, brackets)))
    assert variance_words.strengths(trees).tolist() == [0, 2, 0, 0, 1, 2]


def test_words_are_counted_in_the_training_sentences():
    pathway = pathways(0)["lstm"]
    table = variance_words.word_table(pathway, CORPUS.test, CORPUS.train)
    counts = Counter(word for words in CORPUS.train.tokens for word in words)
    tokens = [word for words in CORPUS.test.tokens for word in words]
    assert table["frequency"].tolist() == [counts[word] for word in tokens]
    assert table.groupby("sentence")["relative"].mean().to_numpy() == pytest.approx(1)


def test_planted_words_stand_out_and_random_ones_do_not(tables):
    found = differences(tables["sentences"]).set_index(["pathway", "network"])
    assert (found.xs("trained", level=1)["low"] > 0.2).all()
    assert found.xs("untrained", level=1)["mean"].abs().max() < 0.05
    assert all(claim.holds for claim in claims_of(tables))
    nothing = variance.analyse(pathways(0), pathways(1), CORPUS.train, CORPUS.test)
    assert not any(claim.holds for claim in claims_of(nothing) if "before training" in claim.claim)


def test_bands_cover_all_known_words_and_say_how_far_they_moved(tables):
    bands = tables["bands"]
    known = variance_words.word_table(pathways(0)["lstm"], CORPUS.test, CORPUS.train)["frequency"] > 0
    assert (bands.groupby(["pathway", "network"])["count"].sum() == known.sum()).all()
    moved = bands[bands["network"] == "trained"].set_index("kind")["moved"]
    assert moved["bears sentiment"].to_numpy() == pytest.approx(0.5 * np.sqrt(8), rel=1e-5)
    assert moved["neutral"].abs().max() == 0


def test_differences_are_means_over_sentences(tables):
    sentences = tables["sentences"]
    row = differences(sentences).set_index(["pathway", "network"]).loc[("lstm", "trained")]
    expected = (sentences["trained lstm"] - sentences["marked"] / sentences["words"]).to_numpy()
    assert row["mean"] == pytest.approx(expected.mean())
    width = 1.96 * expected.std() / np.sqrt(len(expected))
    assert row["high"] - row["low"] == pytest.approx(2 * width, rel=0.15)


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_what_a_quick_run_asks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", SST, ids=lambda path: path.stem)
def test_figures_and_claims_follow_from_the_recorded_tables(path, tables, assert_has_schema, assert_follows):
    record = assert_has_schema(path, tables)
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))
    assert path.stat().st_size < 500_000
    assert isinstance(record.tables["sentences"], pd.DataFrame) and len(record.tables["sentences"]) > 2000
