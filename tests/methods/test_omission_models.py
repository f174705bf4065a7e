"""Linear models of omission scores: splits, penalties, variance explained, planted effects and nulls."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from reading_neurons.methods import omission_models as om

def found(table, **settings):
    return om.r2(om.fit(table, **settings), replicates=200).set_index(["pathway", "model"])


# Places


def test_the_first_three_places_win_in_short_sentences():
    names = {
        1: ["first"], 2: ["first", "second"], 3: ["first", "second", "third"],
        4: ["first", "second", "third", "last"], 5: ["first", "second", "third", "penult", "last"],
        6: ["first", "second", "third", "antepenult", "penult", "last"],
        7: ["first", "second", "third", "middle", "antepenult", "penult", "last"],
    }  # fmt: skip
    for length, expected in names.items():
        assert om.position_bin(np.arange(length), [length] * length).tolist() == expected
    assert set(names[7]) == set(om.POSITIONS)


@pytest.mark.parametrize("position", [-1, 3])
def test_a_place_outside_its_sentence_is_an_error(position):
    with pytest.raises(ValueError, match="filtered"):
        om.position_bin([position], [3])


# What is planted is found, and nothing where nothing is


def test_a_planted_label_is_found_by_the_models_that_know_labels(scored):
    r2 = found(scored(word=0.1, deprel=0.1, both=0.05)).loc["visual"]
    assert r2.loc["DEPREL", "increase_low"] > 0.2 and r2.loc["FULL", "increase_low"] > 0.2
    assert abs(r2.loc["POSITION", "increase"]) < 0.03
    assert r2.loc["WORD", "low"] < r2.loc["WORD", "r2"] < r2.loc["WORD", "high"]
    assert (r2.loc["WORD", ["increase", "increase_low", "increase_high"]] == 0).all()


def test_a_planted_place_is_found_by_the_models_that_know_places(scored):
    r2 = found(scored(word=0.1, position=0.3)).loc["visual"]
    assert r2.loc["POSITION", "increase_low"] > 0.2 and r2.loc["FULL", "increase_low"] > 0.2
    assert abs(r2.loc["DEPREL", "increase"]) < 0.03


@pytest.mark.parametrize("seed", range(3))
def test_noise_explains_nothing(scored, seed):
    r2 = found(scored(seed=seed))
    assert (r2["high"] < 0.05).all() and (r2["increase_high"] < 0.03).all()


def test_the_share_explained_is_the_one_planted(scored):
    table = scored(2000, word=0.1, noise=0.1)
    signal = table.groupby("word")["score"].transform("mean").var()
    assert found(table).loc[("visual", "WORD"), "r2"] == pytest.approx(signal / table["score"].var(), abs=0.02)


# Against scikit-learn


def test_predictions_and_r2_are_those_of_scikit_learn(scored):
    table = scored(60, word=0.1, deprel=0.1, position=0.1)
    fitted = om.fit(table)
    tokens, train = fitted.tokens, fitted.train
    for model, terms in om.MODELS.items():
        keys = [tokens[list(term)].agg(":".join, axis=1) for term in terms]
        X = np.column_stack([(key == level) for key in keys for level in sorted(set(key[train]))]).astype(float)
        reference = Ridge(fitted.penalty(model, "visual")).fit(X[train], fitted.scores[train, 0])
        predicted = reference.predict(X[~train])
        np.testing.assert_allclose(fitted.predictions[model][:, 0], predicted, atol=1e-8)
        r2 = om.explained(fitted, "visual", replicates=1)[model][0]
        assert r2 == pytest.approx(r2_score(fitted.scores[~train, 0], predicted), abs=1e-9)
        assert fitted.coefficients(model, "visual").size == X.shape[1]


def test_the_bootstrap_draws_whole_images(scored):
    # Every image has one score for all its words: its words are one fact.
    table = scored(200, word=0.1)
    rng = np.random.default_rng(0)
    table["score"] += 0.3 * rng.normal(size=table["image"].max() + 1)[table["image"]]
    clustered = found(table).loc[("visual", "WORD")]
    alone = om.fit(table)
    alone = om.Fitted(**{**vars(alone), "tokens": alone.tokens.assign(image=np.arange(len(table)))})
    single = om.r2(alone, replicates=200).set_index("model").loc["WORD"]
    assert clustered["r2"] == pytest.approx(single["r2"])
    assert clustered["high"] - clustered["low"] > 1.2 * (single["high"] - single["low"])


# Splits and penalties


def test_halves_share_no_image_and_the_test_half_chooses_nothing(scored):
    table = scored(word=0.1, deprel=0.1)
    fitted = om.fit(table)
    image = fitted.tokens["image"]
    assert not set(image[fitted.train]) & set(image[~fitted.train])
    # Another test half: nothing that was fitted or chosen may change.
    held = ~fitted.train
    table.loc[held, "score"] = np.random.default_rng(1).normal(size=held.sum())
    again = om.fit(table)
    pd.testing.assert_frame_equal(again.choice, fitted.choice)
    for model in om.MODELS:
        np.testing.assert_array_equal(again.predictions[model], fitted.predictions[model])


def test_each_pathway_has_its_own_penalty(scored):
    quiet, loud = scored(word=0.3, noise=0.01), scored(word=0.3, noise=3.0)
    both = pd.concat([quiet, loud.assign(pathway="textual")], ignore_index=True)
    fitted = om.fit(both)
    assert fitted.penalty("DEPREL", "visual") < fitted.penalty("DEPREL", "textual")
    for name, part in (("visual", quiet), ("textual", loud.assign(pathway="textual"))):
        column = fitted.pathways.index(name)
        alone = om.fit(part)
        np.testing.assert_allclose(alone.predictions["FULL"][:, 0], fitted.predictions["FULL"][:, column], atol=1e-10)
    chosen = fitted.choice[fitted.choice["chosen"]]
    assert len(chosen) == 8 and len(fitted.choice) == 8 * len(om.PENALTIES)
    best = fitted.choice.groupby(["pathway", "model"], sort=False)["r2"].max()
    assert (chosen.set_index(["pathway", "model"])["r2"] == best).all()


def test_as_published_the_first_tokens_are_fitted_and_the_test_part_chooses(scored):
    table = scored(word=0.1)
    fitted = om.fit(table, as_published=True, published_tokens=700)
    assert fitted.train.tolist() == [True] * 700 + [False] * (len(table) - 700)
    r2 = om.r2(fitted, replicates=2).set_index("model")["r2"]
    chosen = fitted.choice[fitted.choice["chosen"]].set_index("model")["r2"]
    pd.testing.assert_series_equal(r2, chosen, check_index=False, check_names=False, atol=1e-9)
    with pytest.raises(ValueError, match="first 100,000 tokens"):
        om.fit(table, as_published=True)


def test_a_seed_decides_the_split(scored):
    table = scored(50)
    first, again, other = om.fit(table), om.fit(table), om.fit(table, seed=1)
    assert (first.train == again.train).all() and (first.train != other.train).any()


# Edges


def test_a_score_that_never_varies_is_no_error(scored):
    r2 = om.r2(om.fit(scored(50, noise=0.0)), replicates=20)
    assert r2["r2"].isna().all() and r2["low"].isna().all()


def test_words_of_the_test_half_alone_are_predicted_by_the_intercept(scored):
    table = scored(100, word=0.1)
    fitted = om.fit(table)
    table.loc[~fitted.train, "word"] = "unseen"
    again = om.fit(table, models=["WORD"])
    assert np.ptp(again.predictions["WORD"]) < 1e-12


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        (lambda t: t.drop(columns="deprel"), {}, "columns deprel"),
        (lambda t: t[:0], {}, "empty table"),
        (lambda t: t.assign(score=np.nan), {}, "a number"),
        (lambda t: t.assign(deprel=None), {}, "dependency label"),
        (lambda t: t[t["position"] != 2], {}, "filtered"),
        (lambda t: t.assign(sentence=0, position=0), {}, "number of its own"),
        (lambda t: t.assign(image=0), {}, "at least 4 images"),
        (lambda t: pd.concat([t, t.assign(pathway="textual", word="dog")]), {}, "same words"),
        (lambda t: t, {"models": ["DEPREL", "TAG"]}, "found DEPREL, TAG"),
        (lambda t: t, {"models": []}, "none"),
        (lambda t: t, {"penalties": [0.0]}, "above 0"),
        (lambda t: t, {"as_published": True, "published_tokens": 120}, "only 120 tokens"),
    ],
)
def test_bad_input_is_an_error(scored, change, settings, message):
    with pytest.raises(ValueError, match=message):
        om.fit(change(scored(20)), **settings)


def test_an_unknown_model_or_pathway_is_an_error(scored):
    fitted = om.fit(scored(20), models=["WORD"])
    with pytest.raises(ValueError, match="no model 'FULL'"):
        fitted.coefficients("FULL", "visual")
    with pytest.raises(ValueError, match="pathway 'sum'"):
        fitted.coefficients("WORD", "sum")
