"""Effects of role and place: statsmodels with a column per word, MixedLM, planted effects and nulls."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.regression.mixed_linear_model import MixedLM

from reading_neurons.methods import omission_effects as oe
from reading_neurons.methods.omission_models import position_bin

REFERENCE = {"deprel": "conj", "position": "second"}


def effects(found):
    return found.set_index(["term", "level"])[["estimate", "low", "high"]]


def long(table):
    """The table with what a formula needs."""
    place = position_bin(table["position"], np.full(len(table), 6))
    return table.assign(place=place, one=1, image=table["image"])


def test_robust_effects_and_errors_are_those_of_a_column_per_word(scored):
    table = scored(60, word=0.1, deprel=0.1, position=0.1)
    table["score"] += 0.1 * np.random.default_rng(0).normal(size=12)[table["image"]]
    formula = "score ~ C(deprel, Treatment('conj')) + C(place, Treatment('second')) + C(word)"
    expected = smf.ols(formula, long(table)).fit(cov_type="cluster", cov_kwds={"groups": table["image"]})
    found = effects(oe.robust(table, "visual", reference=REFERENCE, min_count=1))
    assert len(found) == 2 + 5
    for (term, level), row in found.iterrows():
        name = f"C({'deprel' if term == 'deprel' else 'place'}, Treatment('{REFERENCE[term]}'))[T.{level}]"
        assert row["estimate"] == pytest.approx(expected.params[name], abs=1e-9)
        assert (row["high"] - row["low"]) / 2 / 1.959964 == pytest.approx(expected.bse[name], rel=1e-6)


def test_nested_tests_are_those_of_statsmodels(scored):
    table = scored(60, word=0.1, deprel=0.05)
    formula = "score ~ C(deprel) + C(place) + C(word)"
    fitted = smf.ols(formula, long(table)).fit(cov_type="cluster", cov_kwds={"groups": table["image"]})
    found = oe.nested(table, "visual", reference=REFERENCE, min_count=1).set_index("added")
    for added, column in (("deprel", "deprel"), ("position", "place")):
        names = [name for name in fitted.params.index if f"C({column})" in name]
        expected = fitted.f_test(np.eye(len(fitted.params))[[fitted.params.index.get_loc(name) for name in names]])
        assert found.loc[added, "f"] == pytest.approx(float(expected.fvalue), rel=1e-6)
        assert found.loc[added, "df"] == len(names) and found.loc[added, "df_rest"] == 11
        assert found.loc[added, "p"] == pytest.approx(float(expected.pvalue), rel=1e-5)


def mixed_world(scored, sentences=60, seed=0, sentence=0.08, word=0.1, once=0):
    """Random intercepts of words and sentences; ``once`` words are seen a single time."""
    table = scored(sentences, seed, deprel=0.05)
    rng = np.random.default_rng(seed)
    names = [f"w{i}" for i in rng.integers(40, size=len(table))]
    for i in range(once):
        names[3 * i] = f"once{i}"
    number = pd.factorize(pd.Series(names))[0]
    extra = word * rng.normal(size=number.max() + 1)[number] + sentence * rng.normal(size=sentences)[table["sentence"]]
    return table.assign(word=names, score=table["score"] + extra)


@pytest.mark.parametrize("once", [0, 25])
def test_the_mixed_model_is_that_of_statsmodels(scored, once):
    table = mixed_world(scored, once=once)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = MixedLM.from_formula(
            "score ~ C(deprel, Treatment('conj')) + C(place, Treatment('second'))", groups="one", re_formula="0",
            vc_formula={"sentence": "0 + C(sentence)", "word": "0 + C(word)"}, data=long(table),
        ).fit(method="lbfgs")  # fmt: skip
    assert expected.converged
    found = oe.mixed(table, "visual", reference=REFERENCE, min_count=1)
    variances = found.variances.set_index("source")["variance"]
    np.testing.assert_allclose(variances[["sentence", "word"]], expected.vcomp, rtol=2e-3)
    assert variances["rest"] == pytest.approx(expected.scale, rel=1e-3)
    for (term, level), row in effects(found.effects).iterrows():
        name = f"C({'deprel' if term == 'deprel' else 'place'}, Treatment('{REFERENCE[term]}'))[T.{level}]"
        assert row["estimate"] == pytest.approx(expected.fe_params[name], abs=1e-5)
        # MixedLM's errors come from the curvature in all parameters at once, variances included.
        assert (row["high"] - row["low"]) / 2 / 1.959964 == pytest.approx(expected.bse_fe[name], rel=1e-2)


def test_the_criterion_is_the_dense_restricted_likelihood(scored):
    table = mixed_world(scored, 12, once=6)
    fixed = oe._fixed(table, "visual", REFERENCE, 1)
    design = np.column_stack([np.ones(len(table)), fixed.design])
    crossed = oe._Crossed.of(design, fixed)
    sentence, word = (np.equal.outer(part, part).astype(float) for part in (fixed.numbers("sentence"), fixed.numbers("word")))
    for ratios in ((0.3, 0.8), (0.0, 0.5), (1.2, 0.0)):
        V = np.eye(len(table)) + ratios[0] ** 2 * sentence + ratios[1] ** 2 * word
        inverse = np.linalg.inv(V)
        precision = design.T @ inverse @ design
        beta = np.linalg.solve(precision, design.T @ inverse @ fixed.score)
        rest = fixed.score - design @ beta
        spare = len(table) - design.shape[1]
        variance = rest @ inverse @ rest / spare
        logs = np.linalg.slogdet(V)[1] + np.linalg.slogdet(precision)[1]
        found = crossed.solve(*ratios)
        np.testing.assert_allclose(found[0], beta, atol=1e-9)
        np.testing.assert_allclose(found[1], np.linalg.inv(precision) * variance, atol=1e-9)
        assert found[2] == pytest.approx(variance)
        assert found[3] == pytest.approx(logs + spare * (1 + np.log(2 * np.pi * variance)))


def test_planted_effects_and_variances_are_found(scored):
    table = mixed_world(scored, 600)
    found = oe.mixed(table, "visual", reference=REFERENCE)
    row = effects(found.effects).loc[("deprel", "nsubj")]
    assert row["low"] < 0.05 < row["high"] and row["low"] > 0
    deviation = found.variances.set_index("source")["deviation"]
    assert deviation["sentence"] == pytest.approx(0.08, abs=0.02)
    assert deviation["word"] == pytest.approx(0.1, abs=0.04)
    assert deviation["rest"] == pytest.approx(0.1, abs=0.01)
    assert found.variances["share"].sum() == pytest.approx(1)


def test_where_nothing_is_planted_nothing_is_found(scored):
    table = scored(400, word=0.1)
    found = oe.mixed(table, "visual", reference=REFERENCE)
    assert found.variances.set_index("source").loc["sentence", "deviation"] < 0.03
    assert (oe.nested(table, "visual", reference=REFERENCE)["p"] > 0.01).all()
    assert found.effects["said"].str.contains("no clear difference").mean() > 0.7


def test_clustered_errors_are_wider_where_images_differ(scored):
    table = scored(200, word=0.1)
    # In each image the label's effect is another one.
    own = np.random.default_rng(0).normal(size=40)[table["image"]] * (table["deprel"] == "nsubj")
    table = table.assign(score=table["score"] + 0.2 * own)
    inside = effects(oe.robust(table, "visual", reference=REFERENCE)).loc[("deprel", "nsubj")]
    dummies = pd.get_dummies(long(table)[["deprel", "place", "word"]], drop_first=True).astype(float)
    plain = sm.OLS(table["score"], sm.add_constant(dummies)).fit().bse["deprel_nsubj"]
    assert (inside["high"] - inside["low"]) / 2 / 1.96 > 1.5 * plain


def test_labels_that_no_word_ties_to_the_reference_are_left_out(scored):
    table = scored(200, deprel=0.1)
    apart = table["word"] == "the"
    table.loc[apart, "deprel"] = "det"
    found = oe.robust(table, "visual", reference=REFERENCE)
    assert set(found.loc[found["term"] == "deprel", "level"]) == {"nn", "nsubj"}
    assert np.isfinite(found["estimate"]).all() and (found["high"] > found["low"]).all()


def test_rare_labels_are_put_together(scored):
    table = scored(200)
    table.loc[:9, "deprel"] = [f"rare{i}" for i in range(10)]
    found = oe.robust(table, "visual", reference=REFERENCE, min_count=11)
    assert set(found.loc[found["term"] == "deprel", "level"]) == {"nn", "nsubj", "other"}
    assert found.set_index("level").loc["other", "count"] == 10


def test_tags_choose_words_but_keep_their_places(scored):
    table = scored(200, position=0.3).assign(tag=lambda t: np.where(t["word"] == "the", "DT", "NN"))
    found = oe.robust(table, "visual", reference=REFERENCE, tags=["NN"]).set_index("level")
    assert found.loc["last", "estimate"] == pytest.approx(0.3, abs=0.05)
    assert found.loc["last", "count"] == ((table["position"] == 5) & (table["tag"] == "NN")).sum()


def test_effects_are_said_in_words(scored):
    found = oe.robust(scored(400, deprel=0.1), "visual", reference=REFERENCE).set_index("level")
    assert found.loc["nsubj", "said"].startswith("as nsubj, not conj: 0.1") and " higher (+0." in found.loc["nsubj", "said"]
    assert " lower (-0." in found.loc["nn", "said"]
    assert found.loc["last", "said"].startswith("in place last, not second: ")


def test_only_some_sentences_are_read(scored):
    table = mixed_world(scored, 100)
    found = oe.mixed(table, "visual", reference=REFERENCE, sentences=40)
    assert found.variances.set_index("source").loc[["sentence", "rest"], "levels"].tolist() == [40, 240]
    other = oe.mixed(table, "visual", reference=REFERENCE, sentences=40, seed=1)
    assert (found.effects["estimate"] != other.effects["estimate"]).any()


def test_bad_input_is_an_error(scored):
    table = scored(40)
    with pytest.raises(ValueError, match="no scores of the pathway 'sum'"):
        oe.robust(table, "sum")
    with pytest.raises(ValueError, match="deprel 'pobj'.*conj, nn, nsubj"):
        oe.robust(table, "visual", min_count=1)
    with pytest.raises(ValueError, match="at least 2 images"):
        oe.robust(table.assign(image=0), "visual", reference=REFERENCE, min_count=1)
    with pytest.raises(ValueError, match="at least 2 of them"):
        oe.mixed(table[table["sentence"] == 0], "visual", reference=REFERENCE, min_count=1)
