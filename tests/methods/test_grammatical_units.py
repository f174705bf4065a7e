"""Classifiers of labels: features against a loop, an independent library, planted units, control task and nulls."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.experiments.grammatical_truth import PLANTED, planted_pathway
from reading_neurons.methods import grammatical_units, probe_measures, probe_units
from reading_neurons.text import Vocabulary


@pytest.fixture(scope="module")
def captions():
    return scenes.generate(scenes=500).test


@pytest.fixture(scope="module")
def tokens(captions):
    return token_table(captions, captions.parses)


@pytest.fixture(scope="module")
def task(tokens):
    return grammatical_units.task(tokens, min_count=10)


@pytest.fixture(scope="module")
def states(captions):
    return passes.states(planted_pathway(Vocabulary.of(captions.tokens), random=12), captions)


@pytest.fixture(scope="module")
def frequent(task):
    """Words that a classifier of words had a chance to learn."""
    counts = task.tokens["word"][task.fitted].value_counts()
    return task.tokens["word"].map(counts).fillna(0).to_numpy() >= 5


def naive_ngrams(words, sentence, place, width):
    """The n-grams that end at a place, padded on the left."""
    begin = place
    while begin > 0 and sentence[begin - 1] == sentence[place]:
        begin -= 1
    padded = ["<pad>"] * width + list(words[begin : place + 1])
    return {(size, tuple(padded[-size:])) for size in range(1, width + 1)}


# Features


def test_features_are_the_ngrams_that_end_at_each_word():
    words = "a dog and a dog a cat a dog runs".split()
    sentence = np.array([0, 0, 0, 0, 0, 1, 1, 2, 2, 2])
    fitted = np.array([True] * 7 + [False] * 3)
    features, widths = grammatical_units.ngram_features(words, sentence, fitted, width=3)
    every = [naive_ngrams(words, sentence, place, 3) for place in range(len(words))]
    seen = pd.Series([ngram for place, ngrams in enumerate(every) if fitted[place] for ngram in ngrams]).value_counts()
    kept = set(seen.index[seen > 1])
    assert features.shape == (10, len(kept)) and (np.diff(widths) >= 0).all()
    for place, ngrams in enumerate(every):
        row = features[place].toarray().ravel()
        assert row.sum() == len(ngrams & kept) and set(row) <= {0, 1}
        for other, theirs in enumerate(every):
            assert (features[other].toarray().ravel() * row).sum() == len(ngrams & theirs & kept)


def test_words_alone_are_those_of_sklearn(task, tokens):
    """Unigram features and the classifier on them, by another library from the words up."""
    probe = task.fit(width=1, ngram_penalty=2.0, tolerance=1e-5)
    train = task.fitted & (task.target >= 0)
    counter = CountVectorizer(analyzer=lambda word: [word], min_df=1).fit(tokens["word"][task.fitted])
    seen_twice = np.asarray(counter.transform(tokens["word"][task.fitted]).sum(axis=0)).ravel() > 1
    features = counter.transform(tokens["word"])[:, seen_twice].astype(float)
    model = LogisticRegression(C=0.5, tol=1e-8, max_iter=5000).fit(features[train], task.target[train])
    expected = model.predict(features)
    assert (probe.predicted() == expected).mean() > 0.999
    held = ~task.fitted
    accuracy = probe_measures.accuracies(task, {"word": probe.correct()}).loc[0, "accuracy"]
    assert accuracy == pytest.approx(accuracy_score(task.target[held], expected[held]), abs=2e-3)


def test_per_label_scores_are_those_of_sklearn(task, states):
    predicted = task.fit(states, 2).predicted(states)
    found = probe_measures.by_label(task, predicted).set_index("label")["f1"]
    held = ~task.fitted
    names = list(found.index)
    given = np.array(task.names, dtype=object)[predicted[held]]
    np.testing.assert_allclose(found, f1_score(task.label[held], given, labels=names, average=None, zero_division=0))


def test_rare_labels_are_not_learnt_and_count_as_errors(tokens):
    task = grammatical_units.task(tokens, min_count=60)
    rare = ~np.isin(task.label, task.names)
    assert 0 < rare[~task.fitted].sum() and len(task.names) < tokens["deprel"].nunique()
    assert not task.fit(width=1).correct()[rare].any()


# Planted


def test_planted_units_are_found(task, states):
    top = task.fit(states, 4, penalty=10.0).top_units(3)
    for unit, label in enumerate(PLANTED):
        first = top[(top["label"] == label) & (top["rank"] == 0)].iloc[0]
        assert first["unit"] == unit and first["weight"] > 0


def test_a_planted_unit_tells_nouns_apart_that_words_cannot(task, states):
    nouns = task.tokens["tag"].isin(("NN", "NNS")).to_numpy()
    word, both = task.fit(width=1).correct(), task.fit(states, 1).correct(states)
    gain, low, high = probe_measures.difference(task, both, word, nouns)
    assert gain == pytest.approx((both.astype(float) - word)[~task.fitted & nouns].mean())
    assert 0.1 < low < gain < high


def test_random_labels_per_word_are_learnt_by_the_word_and_not_by_states(task, states, frequent):
    control = task.control()
    assert (control.tokens.assign(label=control.label).groupby("word")["label"].nunique() == 1).all()
    held = ~task.fitted & frequent & (control.target >= 0)
    assert control.fit(width=1, ngram_penalty=0.1).correct()[held].mean() > 0.95
    planted = states[:, :3]
    assert control.fit(planted).correct(planted)[held].mean() < 0.35


def test_shuffled_labels_leave_the_word_alone(task, states, frequent):
    null = task.shuffled()
    for word in ("dog", "a"):
        rows = (task.tokens["word"] == word).to_numpy()
        assert sorted(null.label[rows]) == sorted(task.label[rows])
    assert (null.label != task.label).mean() > 0.05
    word, both = null.fit(width=1).correct(), null.fit(states, 1).correct(states)
    gain, low, high = probe_measures.difference(null, both, word, frequent)
    assert low <= 0 and gain < 0.02


def test_weights_do_not_depend_on_the_size_of_a_unit_unless_states_are_raw(task, states):
    larger = states * np.linspace(1, 50, states.shape[1]).astype(np.float32)
    first, second = (task.fit(of, tolerance=1e-5).weights()["weight"].to_numpy() for of in (states, larger))
    np.testing.assert_allclose(first, second, atol=5e-3)
    raw = task.fit(larger, as_published=True, penalty=1.0, tolerance=1e-3).weights()["weight"].to_numpy()
    assert np.abs(raw - first).max() > 0.1


def test_a_unit_that_never_varies_gets_no_weight(task, states):
    constant = np.column_stack([states[:, :3], np.full(len(states), 7, dtype=np.float32)])
    assert np.abs(task.fit(constant).classifier.dense[3]).max() < 1e-6


# Choosing and refitting


def test_the_penalty_is_chosen_without_a_look_at_the_held_out_half(task, states):
    found = probe_measures.penalties(task, states, candidates=(1.0, 1e5))
    assert found["penalty"].tolist() == [1.0, 1e5]
    spoilt = states.copy()
    spoilt[~task.fitted] = 9e9
    pd.testing.assert_frame_equal(probe_measures.penalties(task, spoilt, candidates=(1.0, 1e5)), found)


def test_refits_find_planted_units_again_and_random_ones_less_often(task, states):
    again = probe_units.refits(task, states, count=4, words=1200, k=1, penalty=10.0)
    assert again["refit"].nunique() == 4
    found = probe_units.stability(again, states.shape[1]).set_index("label")
    assert (found.loc[list(PLANTED), "share"] == 1).all() and (found["chance"] == 1 / states.shape[1]).all()
    assert (found["pairs"] == 6).all() and found["share"].min() < 1


def test_random_units_reappear_as_often_as_chance():
    rng = np.random.default_rng(0)
    chosen = pd.DataFrame(
        [(refit, f"l{label}", rank, unit) for refit in range(6) for label in range(40)
         for rank, unit in enumerate(rng.choice(20, size=5, replace=False))],
        columns=["refit", "label", "rank", "unit"],
    )  # fmt: skip
    found = probe_units.stability(chosen, 20)
    assert found["share"].mean() == pytest.approx(0.25, abs=0.02)
    assert found["first"].mean() == pytest.approx(0.05, abs=0.03)


def test_a_sample_is_of_whole_images():
    image = np.repeat(np.arange(50), 4)
    kept = probe_measures.sample(image, 40, seed=1)
    assert kept.sum() in (40, 44) and set(np.bincount(image[kept], minlength=50)) == {0, 4}
    assert not np.array_equal(kept, probe_measures.sample(image, 40, seed=2))


# Contexts


def test_contexts_follow_the_sign_of_the_weight(tokens, states):
    chosen = pd.DataFrame({"label": ["pobj", "pobj"], "rank": [0, 1], "unit": [0, 5], "weight": [1.0, -1.0]})
    found = probe_units.unit_contexts(chosen, states, tokens, k=3)
    assert found.groupby("unit")["place"].apply(list).to_dict() == {0: [0, 1, 2], 5: [0, 1, 2]}
    low = found[found["unit"] == 5]["activation"].to_numpy()
    assert low[0] == states[:, 5].min() and (np.diff(low) >= 0).all()
    assert (found[found["unit"] == 0]["activation"] == 1).all()
    assert not found.duplicated(["unit", "context"]).any()
    published = probe_units.unit_contexts(chosen, states, tokens, k=3, as_published=True)
    assert abs(published[published["unit"] == 5]["activation"].iloc[0]) == np.abs(states[:, 5]).max()


# Surveys


def test_a_survey_holds_every_classifier(task, states):
    nouns = task.tokens["tag"].isin(("NN", "NNS")).to_numpy()
    table = probe_measures.survey(task, {"planted": states}, {"planted": states[:, 3:]}, {"nouns": nouns})
    assert not table.duplicated(["network", "pathway", "features", "part", "control"]).any()
    assert len(table) == 2 * (1 + 2 * 5)
    at = table[~table["control"] & (table["part"] == "nouns")].set_index(["network", "features"])["accuracy"]
    assert at["trained", "states"] > at["untrained", "states"] + 0.2


# Bad input


def test_bad_input_is_an_error_that_says_how_to_mend_it(tokens, task, states):
    with pytest.raises(ValueError, match="no column 'deprel'.*annotation.token_table"):
        grammatical_units.task(tokens.drop(columns="deprel"))
    with pytest.raises(ValueError, match="at least one word, found an empty table"):
        grammatical_units.task(tokens.iloc[:0])
    with pytest.raises(ValueError, match="found 0 labels that 100000 fitted words have"):
        grammatical_units.task(tokens, min_count=100_000)
    with pytest.raises(ValueError, match="width of at least 1, found 0"):
        grammatical_units.task(tokens, width=0)
    with pytest.raises(ValueError, match="found nothing to predict from"):
        task.fit()
    with pytest.raises(ValueError, match="widths up to 4, found 5"):
        task.fit(width=5)
    with pytest.raises(ValueError, match=f"found 3 states for {len(tokens)} words"):
        task.fit(states[:3])
    for k in (0, 16):
        with pytest.raises(ValueError, match=f"asked for {k} units of each label, expected 1 to 15"):
            task.fit(states, tolerance=1e-2).top_units(k)
    with pytest.raises(ValueError, match="at least 2 refits, found 1"):
        probe_units.refits(task, states, count=1, words=100)
    with pytest.raises(ValueError, match="lower words, or give more text"):
        probe_units.refits(task, states, words=10**6)
    with pytest.raises(ValueError, match="no held-out word"):
        probe_measures.accuracies(task, {}, rows=np.zeros(len(tokens), dtype=bool))
