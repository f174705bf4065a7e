"""Recovery of planted weights: what finds them, what does not, and what the intervals and the null say of it."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import planted
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.models import SumPathway
from reading_neurons.planted import TESTS, by_role, recovery, role_swaps
from reading_neurons.text import Vocabulary

QUICK = {"replicates": 150, "permutations": 80}


@pytest.fixture(scope="module")
def tokens():
    captions = scenes.generate(scenes=200).train
    return token_table(captions, captions.parses)


def recovered(tokens, score, **options):
    table = tokens.assign(pathway="visual", score=score)
    return recovery(table, **QUICK, **options).set_index("test")


def outside_null(found):
    return found["low"] > found["null_high"]


def test_the_weights_themselves_are_recovered(tokens):
    found = recovered(tokens, tokens["weight"])
    assert tuple(found.index) == TESTS
    assert found[["correlation", "low", "high"]].to_numpy() == pytest.approx(1)
    assert outside_null(found).all()
    nouns = tokens["tag"].isin(["NN", "NNS"]).sum()
    assert found["count"].tolist() == [len(tokens), nouns, nouns]


def test_any_increasing_function_of_them_is_recovered_and_a_decreasing_one_is_not(tokens):
    assert recovered(tokens, np.exp(5 * tokens["weight"]))["correlation"].to_numpy() == pytest.approx(1)
    assert recovered(tokens, -tokens["weight"])["correlation"].to_numpy() == pytest.approx(-1)


def test_a_noisy_reading_is_recovered_in_all_three(tokens):
    noise = np.random.default_rng(0).normal(scale=0.3, size=len(tokens))
    found = recovered(tokens, tokens["weight"] + noise)
    assert outside_null(found).all()
    assert found["correlation"].between(0.3, 0.95).all()
    assert (found["low"] < found["correlation"]).all() and (found["correlation"] < found["high"]).all()


def test_a_mean_per_word_predicts_nothing_within_a_word(tokens):
    mean = tokens.groupby("word")["weight"].transform("mean")
    exact = recovered(tokens, mean)["correlation"]
    assert exact[TESTS[0]] > 0.8
    assert np.isnan(exact[TESTS[2]])  # it never varies within a word
    jitter = np.random.default_rng(0).normal(scale=1e-6, size=len(tokens))
    found = recovered(tokens, mean + jitter)
    assert outside_null(found.loc[TESTS[0]])
    across = found.loc[TESTS[2]]
    assert abs(across["correlation"]) < 0.1
    assert across["low"] < 0 < across["high"]
    assert across["null_low"] <= across["correlation"] <= across["null_high"]


def test_a_list_of_content_words_says_nothing_of_nouns(tokens):
    nouns = tokens["tag"].isin(["NN", "NNS"])
    jitter = np.random.default_rng(1).normal(scale=1e-6, size=len(tokens))
    found = recovered(tokens, (tokens["weight"] > 0) + nouns + jitter)
    assert outside_null(found.loc[TESTS[0]])
    for test in TESTS[1:]:
        assert found.loc[test, "low"] < 0 < found.loc[test, "high"]


def test_shuffled_scores_lie_within_the_null(tokens):
    inside = 0
    for seed in range(10):
        score = np.random.default_rng(seed).permutation(tokens["weight"])
        found = recovered(tokens, score, seed=seed)
        assert found["correlation"].abs().max() < 0.1
        inside += found["correlation"].between(found["null_low"], found["null_high"]).sum()
    assert inside >= 25  # of 30, each with a chance of .95


def test_every_pathway_is_judged_by_itself_and_by_the_column_named(tokens):
    weight = tokens["weight"].to_numpy()
    both = pd.concat([tokens.assign(pathway="good", gradient=weight), tokens.assign(pathway="bad", gradient=-weight)])
    found = recovery(both, "gradient", **QUICK)
    assert found["pathway"].tolist() == ["good"] * 3 + ["bad"] * 3
    assert found["correlation"].to_numpy() == pytest.approx(np.repeat([1, -1], 3))


def test_the_seed_decides_interval_and_null(tokens):
    noise = np.random.default_rng(0).normal(size=len(tokens))
    first, again, other = (recovered(tokens, tokens["weight"] + noise, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert first["correlation"].equals(other["correlation"])
    assert not first["low"].equals(other["low"]) and not first["null_low"].equals(other["null_low"])


def test_weights_that_are_missing_are_an_error(tokens):
    with pytest.raises(ValueError, match="a planted weight for every word, in a column 'weight': only generated"):
        recovered(tokens.drop(columns="weight"), 1.0)
    holes = tokens.assign(weight=tokens["weight"].where(tokens.index != 5))
    with pytest.raises(ValueError, match="a planted weight for every word"):
        recovered(holes, 1.0)


# Means per role


def test_means_per_role_are_those_of_the_nouns_with_that_weight(tokens):
    rng = np.random.default_rng(0)
    table = pd.concat(
        [tokens.assign(pathway=name, score=rng.random(len(tokens))) for name in ("visual", "sum")], ignore_index=True
    )
    found = by_role(table, min_count=5)
    nouns = table[table["tag"].isin(["NN", "NNS"])]
    whole = found[found["word"] == "all nouns"].set_index(["pathway", "weight"])
    expected = nouns.groupby(["pathway", "weight"])["score"].agg(["mean", "size"])
    assert whole["mean"].sort_index().tolist() == pytest.approx(expected["mean"].tolist())
    assert whole["count"].sort_index().tolist() == expected["size"].tolist()
    assert (found["low"] <= found["mean"]).all() and (found["mean"] <= found["high"]).all()


def test_a_noun_of_its_own_is_frequent_in_three_of_its_roles(tokens):
    table = tokens.assign(pathway="visual", score=tokens["weight"])
    nouns = tokens[tokens["tag"].isin(["NN", "NNS"])]
    for min_count in (10, 15):
        counts = nouns.groupby(["word", "weight"]).size()
        expected = {word for word, roles in counts.groupby("word") if (roles >= min_count).sum() >= 3}
        found = by_role(table, min_count=min_count)
        assert set(found["word"]) == {"all nouns"} | expected
        assert expected or min_count > 10
    assert found["mean"].to_numpy() == pytest.approx(found["weight"].to_numpy())
    assert set(by_role(table, min_count=10**6)["word"]) == {"all nouns"}


# Pairs of captions made of the same words


@pytest.fixture
def pairs():
    return scenes.minimal_pairs(60)


def test_role_swaps_tell_a_reader_of_structure_from_a_list_of_words(pairs, monkeypatch):
    known = {
        words: weights for captions in pairs for words, weights in zip(captions.tokens, captions.weights, strict=True)
    }
    readers = {
        "planted": lambda words: known[words],
        "reversed": lambda words: -known[words],
        "list of words": lambda words: np.array([len(word) for word in words], dtype=float),
        "rounding": lambda words: 1e-7 * known[words],
    }
    monkeypatch.setattr(
        planted.omission,
        "scores",
        lambda reader, sentences: pd.DataFrame({"score": np.concatenate([reader(words) for words in sentences])}),
    )
    found = role_swaps(readers, *pairs).set_index("pathway")
    assert found["agree"].to_dict() == {"planted": 1, "reversed": 0, "list of words": 0.5, "rounding": 0.5}
    assert (found["low"] == found["agree"]).all() and (found["high"] == found["agree"]).all()
    assert (found["nouns"] >= 60).all()  # both nouns of a pair, but those that occur twice in it


def test_a_sum_of_embeddings_cannot_tell_the_pairs_apart(pairs):
    network = SumPathway(Vocabulary.of(pairs[0].tokens), pairs[0].dimensions, embedding=12)
    found = role_swaps(network.pathways, *pairs)
    assert found[["pathway", "agree", "low", "high"]].values.tolist() == [["sum", 0.5, 0.5, 0.5]]
