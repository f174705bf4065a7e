"""Agreement of methods: scipy's correlations, a planted ranking, shuffled words, and bad input."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, spearmanr

from reading_neurons.corpora import polarity
from reading_neurons.methods import omission, saliency, score_omission, variance
from reading_neurons.methods.agreement import METHODS, attributions, mean_agreement, rank_agreement
from reading_neurons.models import LSTM, BiLSTM, Recurrent

CORPUS = polarity.generate(sentences=60)
TREES = CORPUS.train.take(range(12))


def pathway_of(network_type=LSTM):
    network = network_type.for_corpus(CORPUS, embedding=6, units=5, seed=1).eval()
    return next(iter(network.pathways.values()))


def words(sentences=60, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 12, size=sentences)
    table = pd.DataFrame({"sentence": np.repeat(np.arange(sentences), lengths)})
    table["a"] = rng.normal(size=len(table))
    table["b"] = table["a"] + rng.normal(size=len(table))
    table["c"] = rng.integers(-1, 2, size=len(table))  # full of ties
    return table


@pytest.mark.parametrize("network_type", [Recurrent, LSTM, BiLSTM])
def test_columns_are_what_each_method_gives_alone(network_type):
    pathway = pathway_of(network_type)
    table = attributions(pathway, TREES)
    outputs = table.groupby("sentence")["output"].first().tolist()
    alone = {
        "omission": omission.scores(pathway, TREES.tokens)["score"],
        "score omission": score_omission.score_omission(pathway, TREES)["saliency"],
        "variance": variance.variance(pathway, TREES)["saliency"],
        **{method: saliency.saliency(pathway, TREES, method=method)["saliency"] for method in saliency.METHODS},
    }
    assert set(alone) == set(METHODS)
    for method, values in alone.items():
        np.testing.assert_allclose(table[method], values, atol=1e-6, err_msg=method)
    assert outputs == saliency.saliency(pathway, TREES).groupby("sentence")["output"].first().tolist()
    assert table["word"].tolist() == [word for sentence in TREES.tokens for word in sentence]


def test_the_class_can_be_given_and_is_that_of_all_methods():
    pathway = pathway_of()
    table = attributions(pathway, TREES, "negative", ["score omission", "derivative"])
    assert set(table["output"]) == {1}
    np.testing.assert_allclose(table["derivative"], saliency.saliency(pathway, TREES, 1)["saliency"], atol=1e-6)


@pytest.mark.parametrize("magnitudes", [True, False])
def test_correlations_are_those_of_scipy(magnitudes):
    table = words()
    found = rank_agreement(table, ["a", "b", "c"], magnitudes=magnitudes)
    assert len(found) > 100
    for row in found.itertuples():
        rows = table[table["sentence"] == row.sentence]
        x, y = (rows[name].abs() if magnitudes else rows[name] for name in (row.first, row.second))
        assert row.spearman == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)
        assert row.kendall == pytest.approx(kendalltau(x, y).statistic, abs=1e-9)


def test_short_sentences_and_columns_that_never_vary_are_left_out():
    columns = {"a": [1, 2, 1, 2, 3], "b": [2, 1, 5, 5, 5], "c": [1, 2, 3, 2, 1]}
    table = pd.DataFrame({"sentence": [0, 0, 1, 1, 1], **columns})
    found = rank_agreement(table, ["a", "b", "c"])
    assert found[["sentence", "first", "second", "spearman"]].values.tolist() == [[1, "a", "c", -1.0]]


def test_a_planted_ranking_agrees_and_shuffled_words_do_not():
    table = words(400)
    table["same"] = np.exp(table["a"].abs())
    planted = mean_agreement(rank_agreement(table, ["a"], ["same"]))
    assert planted["mean"][0] == pytest.approx(1)
    null = mean_agreement(rank_agreement(table, ["a"], ["same"], shuffled=3))
    assert null["low"][0] < 0 < null["high"][0] and abs(null["mean"][0]) < 0.1
    again = rank_agreement(table, ["a"], ["same"], shuffled=3)
    assert again.equals(rank_agreement(table, ["a"], ["same"], shuffled=3))


def test_rows_need_not_be_in_order():
    table = words()
    mixed = table.sample(frac=1, random_state=0)
    first, second = (rank_agreement(one, ["a", "b"]).sort_values("sentence") for one in (table, mixed))
    np.testing.assert_allclose(first["spearman"], second["spearman"])


def test_means_are_over_sentences():
    found = rank_agreement(words(), ["a", "b"])
    row = mean_agreement(found, value="kendall").iloc[0]
    assert row["mean"] == pytest.approx(found["kendall"].mean())
    assert row["low"] < row["mean"] < row["high"] and row["count"] == len(found)


BAD = [
    (["a", "x"], "no column 'x'"),
    (["a"], "at least two columns"),
]


@pytest.mark.parametrize("columns, message", BAD)
def test_bad_columns_are_errors(columns, message):
    with pytest.raises(ValueError, match=message):
        rank_agreement(words(), columns)


def test_only_short_sentences_are_an_error():
    with pytest.raises(ValueError, match="3 words or more, found none"):
        rank_agreement(words().groupby("sentence").head(2), ["a", "b"])


@pytest.mark.parametrize(
    "sentences, options, message",
    [
        ([], {}, "at least one sentence"),
        (["zzz"], {}, "no word that 'lstm' knows"),
        (["a film"], {"methods": ["magic"]}, "unknown method 'magic'"),
        (["a film"], {"outputs": 9}, "from 0 to 4, found 9"),
    ],
)
def test_bad_input_is_an_error(sentences, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        attributions(pathway_of(), sentences, **options)
