"""What neurons want: the quick run of the truth, the tables of a small panel, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.experiments import what_neurons_want as experiment
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.wanted_claims import (
    claims_of,
    figures_of,
    function_costs,
    function_places,
    function_shares,
)

RESULTS = Path(__file__).parents[2] / "book" / "results"
COCO = sorted(RESULTS.glob("what-neurons-want-coco.json"))
TRUTH = sorted(RESULTS.glob("what-neurons-want-scenes.json"))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("what-neurons-want")


@pytest.fixture(scope="module")
def tables():
    """What a record on captions keeps, of small networks."""
    return experiment.analyse(panel("scenes", quick=True, networks=("imaginet",)))


def test_the_quick_run_of_the_truth_has_its_checks(quick):
    table = quick.tables["truth"]
    assert table.groupby("seed").size().tolist() == [12, 12]
    by_hand = table[table["check"].str.contains("topic|random direction")]
    assert len(by_hand) == 8 and by_hand["holds"].all()


def test_every_neuron_has_both_ngrams_and_the_control_one(tables):
    counts = tables["ngrams"].groupby(["network", "pathway", "method"]).size()
    assert counts["trained", "visual"].tolist() == [6, 6] and counts["untrained", "textual"].index.tolist() == [
        "optimal"
    ]
    assert set(tables["words"]["word"]) >= {word for ngram in tables["ngrams"]["words"] for word in ngram.split()}


def test_an_optimal_ngram_reaches_no_less_than_the_corpus(tables):
    wide = (
        tables["ngrams"]
        .query("network == 'trained'")
        .pivot(index=["pathway", "neuron"], columns="method", values="activation")
    )
    assert (wide["optimal"] >= wide["corpus"] - 1e-3).mean() > 0.8


def test_shares_of_function_words_are_counted_from_the_words(tables):
    shares = function_shares(tables)
    row, words = shares.iloc[0], tables["ngrams"]["words"].iloc[0].split()
    classes = dict(tables["words"].values.tolist())
    function = [classes[word] == "function" for word in words]
    assert row["share"] == pytest.approx(np.mean(function)) and row["last"] == function[-1]
    assert row["earlier"] == pytest.approx(np.mean(function[:-1]))
    places = function_places(tables, replicates=50)
    assert places["place"].unique().tolist() == [1, 2, 3, 4, 5] and (places["low"] <= places["share"]).all()


def test_shown_tables_fit_their_charts(tables):
    assert charts.optimal_ngrams(experiment.shown(tables)).to_dict()["description"]
    assert charts.function_places(function_places(tables, 50), 0.3).to_dict()["description"]
    corpus = tables["ngrams"].query("method == 'corpus'")
    one = experiment.shown_concepts(tables).query("kind == 'one'")
    assert charts.neuron_concepts(one, corpus).to_dict()["description"]


def planted(share, last, several, pairs):
    """Tables in which function words stand in so many visual n-grams, and last in so many textual ones."""
    rows = []
    for network in ("trained", "untrained"):
        for number in range(40):
            word = "the" if number < 40 * share else "dog"
            for method, activation in (("corpus", 1.0), ("optimal", 2.0)):
                ngram = "the dog of the cat" if method == "corpus" else f"dog dog dog dog {word}"
                rows.append((f"object:{number}", ngram, activation, method, "category", network, "visual"))
                end = "the" if network == "trained" and number < 40 * last else "dog"
                ngram = "a dog on a cat" if method == "corpus" else f"dog cat dog cat {end}"
                rows.append((f"word{number}", ngram, activation, method, "random", network, "textual"))
    ngrams = pd.DataFrame(rows, columns=["neuron", "words", "activation", "method", "why", "network", "pathway"])
    ngrams = ngrams.assign(**{f"drop{place}": 0.2 for place in range(5)})
    classes = dict.fromkeys(["the", "a", "of", "on"], "function") | dict.fromkeys(["dog", "cat"], "noun")
    classes |= {f"word{i}": "noun" for i in range(40)}
    following = ngrams.query("pathway == 'textual'")[["network", "method", "neuron"]]
    following = following.assign(known=(following["network"] == "trained").astype(float), others=0.2, last="the")
    kinds = [("textual", "one"), ("visual", "one")]
    found = [
        (network, pathway, kind, f"n{i}", 2 if network == "trained" and i < several else 1)
        for network in ("trained", "untrained")
        for pathway, kind in kinds
        for i in range(20)
    ]
    found += [("trained", "visual", "pair", f"p{i}", 2 if i < pairs else 1) for i in range(10)]
    concepts = [("trained", "textual", "one", "n0", 0, True), ("trained", "textual", "one", "n0", 1, False)]
    return {
        "ngrams": ngrams,
        "words": pd.DataFrame(list(classes.items()), columns=["word", "class"]),
        "captions": pd.DataFrame(
            {"class": ["noun", "any"], "share": [0.4, 0.3], "low": 0.3, "high": 0.5, "count": 100}
        ),
        "vocabulary": pd.DataFrame({"words": [100], "function": [10]}),
        "next": following,
        "found": pd.DataFrame(found, columns=["network", "pathway", "kind", "neuron", "concepts"]),
        "concepts": pd.DataFrame(concepts, columns=["network", "pathway", "kind", "neuron", "concept", "in_corpus"]),
    }


def test_claims_follow_the_tables():
    claims = {claim.claim: claim for claim in claims_of(planted(0.0, 0.9, 12, 10))}
    held = {text: claim.holds for text, claim in claims.items()}
    assert [text for text, holds in held.items() if not holds] == [
        "optimal visual inputs hold fewer function words than those of the untrained network",
        "of a neuron with several concepts the best n-gram of the corpus leaves at least one out",
    ]
    elsewhere = next(claim for text, claim in claims.items() if "than elsewhere" in text)
    assert elsewhere.here == pytest.approx(0.9)
    other = {claim.claim: claim.holds for claim in claims_of(planted(0.9, 0.0, 0, 1))}
    assert not other["optimal visual inputs hold fewer function words than textual ones"]
    assert not other["of the mean of two categories both concepts are found"]
    assert not any(holds for text, holds in other.items() if "right before" in text or "several concepts more" in text)


def test_costs_are_shares_of_the_activation():
    costs = (
        function_costs(planted(0.5, 0.5, 1, 1)).query("network == 'trained' and pathway == 'visual'").set_index("kind")
    )
    assert costs["mean"].tolist() == pytest.approx([0.2, 0.2]) and costs["count"].to_dict() == {
        "function": 120,
        "other": 80,
    }


def test_the_papers_table_is_quoted_with_its_figures():
    table = experiment.TABLE_1
    assert table["paper_corpus_activation"].tolist() == [48.44, 31.25, 65.00, 13.28, 9.45, 10.42, 10.64]
    assert (table["paper_optimal_activation"] > table["paper_corpus_activation"]).all()


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", COCO, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel=2e-4)
    assert len(experiment.beside_paper(found.tables)) == len(experiment.TABLE_1)
