"""Relevance: equal to scikit-learn's cross-validation, true of a network whose counting unit is known."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict, cross_val_score
from sklearn.svm import SVC

from reading_neurons import passes
from reading_neurons.corpora import scenes
from reading_neurons.corpora.strings import Node, ParsedString, Strings
from reading_neurons.features import Feature, Library
from reading_neurons.features.text import characters, control, pattern
from reading_neurons.features.words import annotated, deprel_is, tag_is, word_is
from reading_neurons.methods import least_squares, linear_svm, relevance as module
from reading_neurons.methods.rank_measures import auc
from reading_neurons.methods.labelled import divide, labelled
from reading_neurons.methods.relevance import COLUMNS, from_states, relevance, through_training, top
from reading_neurons.models import Imaginet
from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary

DEPTH = Feature(
    "open brackets", "how many brackets are open",
    lambda item: np.cumsum([(c == "(") - (c == ")") for c in item.text]), continuous=True, most=4,
)  # fmt: skip
LEVEL = Feature("open at least 2", "two brackets are open", lambda item: DEPTH.values(item) >= 2)
VOCABULARY = Vocabulary(list("01234()"), list)


def strings_of(texts):
    return Strings("toy", "test", tuple(ParsedString(text, (Node("text", 0, len(text)),)) for text in texts))


def walks(count=60, seed=0):
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(count):
        depth, text = 0, ""
        for _ in range(rng.integers(8, 24)):
            move = rng.choice([m for m in "d()" if not (m == "(" and depth == 4 or m == ")" and depth == 0)])
            depth += (move == "(") - (move == ")")
            text += str(depth) if move == "d" else move
        texts.append(text + ")" * depth)
    return strings_of(texts)


@pytest.fixture(scope="module")
def strings():
    return walks()


@pytest.fixture(scope="module")
def counter():
    return CountingPathway(VOCABULARY, noise=15, unit=6, seed=3)


def test_every_column_is_what_scikit_learn_finds(strings, counter):
    features = Library([LEVEL, DEPTH, characters("()"), ~characters("()").named("digit")])
    table = relevance(counter, strings, features, folds=4, seed=1)
    assert list(table) == list(COLUMNS)
    assert table[["feature", "unit"]].values.tolist() == [[f, u] for f in features.names for u in range(16)]
    states = passes.states(counter, strings).astype(float)
    labels, folds = labelled(strings, features, 4, 1)
    split = PredefinedSplit(folds)
    for row in table[table["unit"].isin([0, 6])].itertuples():
        x, y = states[:, [row.unit]], labels[features.names.index(row.feature)]
        if row.feature == DEPTH.name:
            assert row.r2 == pytest.approx(cross_val_score(LinearRegression(), x, y, cv=split).mean(), abs=1e-6)
            line = LinearRegression().fit(x, y)
            assert (row.weight, row.bias) == pytest.approx((line.coef_[0], line.intercept_), abs=1e-5)
            assert row.score == row.r2 and np.isnan([row.accuracy, row.majority, row.balanced, row.auc]).all()
            continue
        machine = SVC(kernel="linear", tol=1e-4)
        assert row.accuracy == pytest.approx(cross_val_score(machine, x, y, cv=split).mean(), abs=1e-3)
        predicted = cross_val_predict(machine, x, y, cv=split)
        assert row.balanced == pytest.approx(balanced_accuracy_score(y, predicted), abs=2e-3)
        assert row.auc == pytest.approx(roc_auc_score(y, x[:, 0]))
        machine.fit(x, y)
        assert (row.weight, row.bias) == pytest.approx((machine.coef_[0, 0], machine.intercept_[0]), rel=2e-3, abs=2e-3)
        assert row.score == row.accuracy and np.isnan(row.r2)
        often = [
            (labels[features.names.index(row.feature)][folds == k] == (y[folds != k].mean() >= 0.5)).mean()
            for k in range(4)
        ]
        assert row.majority == pytest.approx(np.mean(often))


def test_the_counting_unit_is_found_and_no_other_comes_near(strings, counter):
    table = relevance(counter, strings, [LEVEL, DEPTH])
    assert top(table, k=1)["unit"].tolist() == [6, 6]
    best = table[table["unit"] == 6]["score"].to_numpy()
    rest = table[table["unit"] != 6].groupby("feature", sort=False)["score"].max().to_numpy()
    assert best == pytest.approx([1, 1]) and (rest < best - 0.1).all()


def test_labels_that_mean_nothing_are_predicted_no_better_than_by_saying_no(strings, counter):
    rng = np.random.default_rng(0)
    noise = Feature("noise", "drawn anew for every character", lambda item: rng.random(len(item)) < 0.3)
    table = relevance(counter, strings, noise)
    assert (table["accuracy"] <= table["majority"] + 0.01).all()
    assert table["balanced"].between(0.45, 0.55).all() and table["auc"].between(0.4, 0.6).all()


def test_the_same_seed_gives_the_same_table_and_another_another(strings, counter):
    one = relevance(counter, strings, LEVEL)
    assert one.equals(relevance(counter, strings, LEVEL))
    assert not one.equals(relevance(counter, strings, LEVEL, seed=1))


def test_states_in_memory_give_the_same(strings, counter):
    features = [LEVEL, DEPTH]
    found = from_states(passes.states(counter, strings), strings, features, folds=5)
    pd.testing.assert_frame_equal(found, relevance(counter, strings, features, folds=5))


def test_captions_are_read_like_strings():
    corpus = scenes.generate(scenes=60)
    network = Imaginet(Vocabulary.of(corpus.train.tokens), corpus.train.dimensions, embedding=8, units=8).eval()
    captions = annotated(corpus.test)
    features = [word_is("a"), tag_is("NN"), deprel_is("nsubj"), control(network.vocabulary.words)]
    for pathway in network.pathways.values():
        table = relevance(pathway, captions, features, folds=3)
        assert len(table) == 4 * 8 and table["accuracy"].between(0, 1).all()
    # Captions of one image are in one fold.
    folds = divide(captions.groups, np.array([len(words) for words in captions.tokens]), 3)
    assert pd.Series(folds).groupby(captions.groups).nunique().eq(1).all()


def test_memory_does_not_grow_with_the_number_of_units(monkeypatch):
    rng = np.random.default_rng(0)
    labels, folds = rng.random((4, 8000)) < 0.5, np.arange(8000) % 5
    monkeypatch.setattr(linear_svm, "AT_ONCE", 4 * 8000)
    monkeypatch.setattr(least_squares, "AT_ONCE", 4 * 8000)

    def most(units):
        values = rng.normal(size=(units, 8000)).astype(np.float32)
        tracemalloc.start()
        try:
            linear_svm.fit(values, labels, folds)
            least_squares.fit(values, labels, folds)
            auc(values, labels)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(2)
    small, large = most(16), most(128)
    assert large < 1.2 * small  # a problem's solution is kept, 8 times as many of them


def test_top_units(strings):
    table = pd.DataFrame(
        {"feature": ["a"] * 3 + ["b"] * 3, "unit": [0, 1, 2] * 2, "score": [0.5, 0.9, 0.7, 0.9, 0.9, 0.9],
         "auc": [0.5, 0.9, 0.7, 0.6, 0.1, 0.5], "balanced": [0.1, 0.2, 0.3] * 2}
    )  # fmt: skip
    assert top(table, k=2)[["feature", "rank", "unit"]].values.tolist() == [
        ["a", 0, 1], ["a", 1, 2], ["b", 0, 1], ["b", 1, 0],
    ]  # fmt: skip
    assert top(table, least=0.8)["unit"].tolist() == [1, 1, 0, 2]
    assert top(table, k=1, by="balanced")["unit"].tolist() == [2, 2]
    assert top(table, k=1, by="auc")["unit"].tolist() == [1, 1]
    assert top(table, least=2).empty
    with pytest.raises(ValueError, match="top 0 units"):
        top(table, k=0)
    with pytest.raises(ValueError, match="unknown ranking 'weight'"):
        top(table, by="weight")


def test_bad_input(strings, counter):
    with pytest.raises(ValueError, match="must give one value for each of the"):
        relevance(counter, strings, Feature("short", "", lambda item: [1.0]))
    with pytest.raises(ValueError, match="'no q' is 0 at every one of"):
        relevance(counter, strings, [LEVEL, pattern("q", "no q")])
    with pytest.raises(ValueError, match="found 60 strings .* for 61 folds"):
        relevance(counter, strings, LEVEL, folds=61)
    with pytest.raises(ValueError, match="at least 2 folds, found 1"):
        relevance(counter, strings, LEVEL, folds=1)
    with pytest.raises(ValueError, match="at least one character, found none"):
        relevance(counter, strings.take([]), LEVEL)
    with pytest.raises(ValueError, match="at least one feature"):
        relevance(counter, strings, [])
    with pytest.raises(ValueError, match="found 3 states for"):
        from_states(np.zeros((3, 2)), strings, LEVEL)
    assert module.FOLDS == 20


def test_other_measures_stand_behind_the_same_call(strings, counter):
    for measure in ("correlation", "mutual information", "difference of means"):
        table = relevance(counter, strings, LEVEL, measure=measure)
        assert list(table) == list(COLUMNS) and table["accuracy"].isna().all()
        assert top(table, k=1)["unit"].tolist() == [6]
    with pytest.raises(ValueError, match="unknown measure 'saliency'"):
        relevance(counter, strings, LEVEL, measure="saliency")


def test_checkpoints_of_one_network_stand_in_one_table(strings, counter):
    blank = CountingPathway(VOCABULARY, noise=15, unit=2, seed=8)
    table = through_training({0: blank, 3: counter}, strings, LEVEL, folds=4, seed=2)
    assert table["checkpoint"].tolist() == [0] * 16 + [3] * 16
    later = table[table["checkpoint"] == 3].drop(columns="checkpoint").reset_index(drop=True)
    pd.testing.assert_frame_equal(later, relevance(counter, strings, LEVEL, folds=4, seed=2))
    with pytest.raises(ValueError, match="at least one checkpoint"):
        through_training({}, strings, LEVEL)
