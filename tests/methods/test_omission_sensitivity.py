"""Places and roles that move a score: coefficients with errors, sensitive words, labels compared."""

import numpy as np
import pytest

from reading_neurons.methods import omission_models as om
from reading_neurons.methods import omission_sensitivity as sens


def test_coefficients_of_places_are_centred_and_the_planted_one_stands_out(scored):
    table = scored(1000, word=0.1, position=0.2, pathways=("visual", "textual"))
    found = sens.positions(om.fit(table))
    assert list(found["pathway"].unique()) == ["visual", "textual"] and len(found) == 12  # six places of six words
    for _, rows in found.groupby("pathway"):
        assert rows["coefficient"].sum() == pytest.approx(0, abs=1e-10)
        by_place = rows.set_index("position")
        # A penalised effect is shared out between the place and its words.
        assert by_place.loc["last", "low"] > 0.05
        assert (by_place.drop("last")["high"] < 0).all()
    assert (found["low"] < found["coefficient"]).all() and (found["coefficient"] < found["high"]).all()


def test_without_a_planted_place_intervals_hold_zero(scored):
    inside = [
        (rows["low"] < 0) & (rows["high"] > 0)
        for rows in (sens.positions(om.fit(scored(300, seed, word=0.1))) for seed in range(10))
    ]
    assert 0.85 < np.mean(inside) <= 1


def test_a_contrast_is_a_difference_of_coefficients(scored):
    fitted = om.fit(scored(300, word=0.1, position=0.2))
    places = sens.positions(fitted).set_index("position")["coefficient"]
    found = sens.position_contrasts(fitted, {"last - first": {"last": 1, "first": -1}}).iloc[0]
    assert found["difference"] == pytest.approx(places["last"] - places["first"])
    with pytest.raises(ValueError, match="position 'middle'"):
        sens.position_contrasts(fitted, {"wrong": {"middle": 1}})
    with pytest.raises(ValueError, match="FULL or POSITION"):
        sens.positions(fitted, "DEPREL")


def test_errors_of_places_are_those_of_refits_to_drawn_images(scored):
    table = scored(400, word=0.1, position=0.1)
    table["score"] += 0.1 * np.random.default_rng(0).normal(size=80)[table["image"]]
    fitted = om.fit(table, penalties=[4.0])
    found = sens.positions(fitted).set_index("position")
    tokens, score = fitted.tokens[fitted.train], fitted.scores[fitted.train]
    design = fitted.designs["FULL"]
    columns = [design.names.index(f"position={place}") for place in found.index]
    places = list(tokens.groupby("image").indices.values())
    rng, drawn = np.random.default_rng(1), []
    for _ in range(200):
        rows = np.concatenate([places[i] for i in rng.integers(len(places), size=len(places))])
        refit = om.collect(design, tokens.iloc[rows], score[rows]).fit(4.0)
        drawn.append(refit.coefficients[columns, 0] - refit.coefficients[columns, 0].mean())
    width = (found["high"] - found["low"]) / 2 / 1.96
    np.testing.assert_allclose(width, np.std(drawn, axis=0), rtol=0.2)


def role_word(scored, size=1500):
    """Only the dog's score depends on its role."""
    table = scored(size, word=0.1)
    role = table["deprel"].map({"nsubj": 0.3, "conj": 0.0, "nn": -0.3})
    return table.assign(score=table["score"] + role * (table["word"] == "dog"))


def test_the_word_that_depends_on_its_role_is_first(scored):
    fitted = om.fit(role_word(scored))
    words = sens.sensitive_words(fitted, replicates=200).set_index("word")
    assert words.index[0] == "dog" and words.loc["dog", "low"] > 0.05 and words.loc["dog", "rank"] == 1
    assert (words.drop("dog")["reduction"] < 0.01).all()
    np.testing.assert_allclose(words["reduction"], words["word_error"] - words["deprel_error"])


def test_errors_of_words_are_those_of_a_loop(scored):
    fitted = om.fit(role_word(scored, 300))
    words = sens.sensitive_words(fitted, min_count=1, replicates=5).set_index("word")
    errors = {name: [] for name in words.index}
    held = np.flatnonzero(~fitted.train)
    for row, place in enumerate(held):
        miss = [abs(fitted.scores[place, 0] - fitted.predictions[model][row, 0]) for model in ("WORD", "DEPREL")]
        errors[fitted.tokens["word"][place]].append(miss)
    for word, misses in errors.items():
        np.testing.assert_allclose(words.loc[word, ["word_error", "deprel_error"]].astype(float), np.mean(misses, axis=0))
        assert words.loc[word, "held_out"] == len(misses)
        assert words.loc[word, "count"] == (fitted.tokens["word"] == word).sum()


def test_rare_words_are_left_out(scored):
    fitted = om.fit(role_word(scored, 300))
    fewest = int(fitted.tokens["word"].value_counts().min())
    assert len(sens.sensitive_words(fitted, min_count=fewest, replicates=5)) == 5
    assert len(sens.sensitive_words(fitted, min_count=fewest + 1, replicates=5)) < 5
    with pytest.raises(ValueError, match="lower min_count"):
        sens.sensitive_words(fitted, min_count=10_000)
    with pytest.raises(ValueError, match="pathway 'sum'"):
        sens.sensitive_words(fitted, "sum")


def test_scores_by_role(scored):
    table = role_word(scored)
    found = sens.by_deprel(table, ["owl", "dog"], min_count=1, replicates=20).set_index(["word", "deprel"])
    assert list(found.index.get_level_values(0).unique()) == ["owl", "dog"]
    dog = found.loc["dog"]
    assert dog["median"].idxmax() == "nsubj" and dog["median"].idxmin() == "nn"
    assert dog.loc["nsubj", "count"] == ((table["word"] == "dog") & (table["deprel"] == "nsubj")).sum()
    with pytest.raises(ValueError, match="unicorn"):
        sens.by_deprel(table, ["unicorn"])


def test_a_wrong_label_is_told_from_the_score(scored):
    table = role_word(scored)
    subjects = np.flatnonzero((table["deprel"] == "nsubj") & (table["word"] == "dog"))
    wrong = table.copy()
    wrong.loc[np.random.default_rng(0).choice(subjects, 40, replace=False), "deprel"] = "nn"
    fitted = om.fit(wrong)
    found = sens.compare_labels(fitted, table["deprel"])
    changed = (wrong["deprel"] != table["deprel"]).to_numpy() & ~fitted.train
    assert len(found) == changed.sum() and set(found["given"]) == {"nn"} and set(found["other"]) == {"nsubj"}
    assert found["other_nearer"].mean() > 0.9
    np.testing.assert_array_equal(found["other_nearer"] == 1, found["other_error"] < found["given_error"])


def test_where_roles_do_not_matter_neither_label_is_nearer(scored):
    table = scored(1000, word=0.1)
    fitted = om.fit(table)
    found = sens.compare_labels(fitted, table["deprel"].replace({"nn": "conj"}))
    assert 0.45 < found["other_nearer"].mean() < 0.55 and len(found) > 300


def test_labels_that_do_not_fit_the_tokens_are_an_error(scored):
    fitted = om.fit(scored(20))
    with pytest.raises(ValueError, match="found 3 labels"):
        sens.compare_labels(fitted, ["nn"] * 3)
    with pytest.raises(ValueError, match="and WORD"):
        sens.compare_labels(fitted, fitted.tokens["deprel"], model="WORD")
