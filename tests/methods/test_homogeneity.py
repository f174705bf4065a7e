"""Homogeneity: against a loop over pairs, planted units, shuffled labels, and what the best of many reaches."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from reading_neurons.annotation import token_table
from reading_neurons.corpora import from_text, scene_lexicon, scenes
from reading_neurons.methods import homogeneity as module
from reading_neurons.methods.contexts import top_contexts
from reading_neurons.methods.homogeneity import homogeneity, label_shares, ranking, topics
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

CAPTIONS = scenes.generate(scenes=300).test
TOKENS = token_table(CAPTIONS, CAPTIONS.parses)
TOPICS = topics(CAPTIONS)
DRAWS = 2000


def random_contexts(units, k=20, seed=0):
    """Words drawn at random, as the contexts of so many units."""
    rng = np.random.default_rng(seed)
    rows = np.concatenate([rng.choice(len(TOKENS), size=k, replace=False) for _ in range(units)])
    return TOKENS.loc[rows, ["sentence", "position"]].assign(unit=np.repeat(np.arange(units), k)).reset_index(drop=True)


def naive(contexts, kind, other_words):
    """The share of agreeing pairs of each unit, pair by pair."""
    table = contexts.merge(TOKENS, on=["sentence", "position"])
    shown = [set(np.flatnonzero(row)) for row in TOPICS.to_numpy()]
    result = []
    for _, rows in table.groupby("unit"):
        pairs = [
            (a, b)
            for a, b in combinations(rows.itertuples(), 2)
            if a.image != b.image and not (other_words and a.word == b.word)
        ]
        agree = [shown[a.image] & shown[b.image] if kind == "topic" else getattr(a, kind) == getattr(b, kind) for a, b in pairs]
        enough = len({row.image for row in rows.itertuples()}) >= 5 and not (other_words and len(set(rows["word"])) < 3)
        result.append(np.mean([bool(one) for one in agree]) if enough else np.nan)
    return np.array(result)


@pytest.mark.parametrize("kind", module.KINDS)
@pytest.mark.parametrize("other_words", [False, True])
def test_scores_are_those_of_a_loop_over_pairs(kind, other_words):
    contexts = random_contexts(30, k=8)
    found = homogeneity(contexts, TOKENS, TOPICS, [kind], other_words=other_words, draws=DRAWS)["score"].to_numpy()
    null = np.nanmean(naive(random_contexts(600, k=8, seed=1), kind, other_words))
    expected = (naive(contexts, kind, other_words) - null) / (1 - null)
    np.testing.assert_allclose(found, expected, atol=0.015)  # two samples of the null
    scored = ~np.isnan(found)
    if found[scored].std() > 0:
        assert np.corrcoef(found[scored], expected[scored])[0, 1] > 1 - 1e-9


def test_pairs_of_one_image_do_not_count():
    image = TOKENS["image"] == TOKENS["image"].iloc[0]
    rows = TOKENS[image].iloc[:4][["sentence", "position"]].assign(unit=0)
    found = homogeneity(rows, TOKENS, TOPICS, draws=DRAWS)
    assert found["score"].isna().all() and (found["p"] == 1).all()


def test_too_few_images_or_words_are_no_score():
    """Nineteen captions of one image and one of another would agree or not by a single accident."""
    one = TOKENS[TOKENS["image"] == TOKENS["image"].iloc[0]].iloc[:16]
    others = TOKENS[TOKENS["image"] != TOKENS["image"].iloc[0]].drop_duplicates("image")
    for count, scored in ((3, False), (4, True)):
        rows = pd.concat([one, others.iloc[:count]])[["sentence", "position"]].assign(unit=0)
        found = homogeneity(rows, TOKENS, TOPICS, draws=DRAWS).set_index("kind")["score"]
        assert found.notna().tolist() == [scored] * 4
    alike = TOKENS[TOKENS["word"] == "the"].drop_duplicates("image").iloc[:16]
    for count, scored in ((1, False), (2, True)):
        rows = pd.concat([alike, others[others["word"] != "the"].drop_duplicates("word").iloc[:count]])
        rows = rows[["sentence", "position"]].assign(unit=0)
        assert pd.notna(homogeneity(rows, TOKENS, kinds=["tag"], other_words=True, draws=DRAWS)["score"][0]) == scored
        assert pd.notna(homogeneity(rows, TOKENS, kinds=["tag"], draws=DRAWS)["score"][0])


def test_a_unit_of_one_word_has_nothing_to_say_about_other_words():
    rows = TOKENS[TOKENS["word"] == "the"].drop_duplicates("image").iloc[:12][["sentence", "position"]].assign(unit=0)
    assert rows.merge(TOKENS)["image"].nunique() >= 5
    scores = {other: homogeneity(rows, TOKENS, kinds=["tag"], other_words=other, draws=DRAWS)["score"][0] for other in (False, True)}
    assert scores[False] == 1 and np.isnan(scores[True])


def test_detectors_are_found_among_random_units():
    captions = scenes.generate(scenes=300).train
    # One caption of each image after the other: of equal activations the first would come from too few images.
    captions = captions.take(np.arange(len(captions)).reshape(-1, 5).T.ravel())
    tokens, shown = token_table(captions, captions.parses), topics(captions)
    noun = shown.sum().idxmax()
    relations = {word for word, tag in zip(tokens["word"], tokens["tag"], strict=True) if tag == "IN"} - {"by"}
    known = [Detector("noun", on={noun, scene_lexicon.NOUNS[noun]}), Detector("prep", on=relations)]
    pathway = DetectorPathway(Vocabulary.of(captions.tokens), known, noise=30)
    contexts = top_contexts(pathway, captions, 20, distinct=True)
    plain = homogeneity(contexts, tokens, shown, draws=DRAWS)
    across = homogeneity(contexts, tokens, shown, other_words=True, draws=DRAWS)
    assert ranking(across, "deprel")["unit"][0] == 1 and ranking(across, "tag")["unit"][0] == 1
    topic, prep = plain.query("kind == 'topic' and unit == 0").iloc[0], plain.query("kind == 'deprel' and unit == 1").iloc[0]
    assert (topic["score"], topic["label"], topic["share"]) == (1, noun, 1)
    assert (prep["score"], prep["label"], prep["share"]) == (1, "prep", 1)
    assert topic["q"] < 0.05 and prep["q"] < 0.05 and topic["score"] > topic["best"]


def test_of_random_contexts_one_in_twenty_is_significant():
    found = homogeneity(random_contexts(1500), TOKENS, TOPICS, draws=4000)
    for kind, rows in found.groupby("kind"):
        assert 0.02 < (rows["p"] <= 0.05).mean() < 0.07, kind
        inside = rows["score"].between(rows["low"], rows["high"]).mean()
        assert 0.92 < inside < 0.99, kind
        assert abs(rows["score"].mean()) < 0.01, kind
        assert (rows["q"] < 0.05).mean() < 0.01, kind


def test_the_best_of_many_random_units_passes_one_test_and_not_the_corrected_one():
    """What a pick of the best does to a score: it is far above the interval of a single unit."""
    tops, bounds = [], []
    for seed in range(12):
        rows = homogeneity(random_contexts(128, seed=seed), TOKENS, kinds=["tag"], draws=4000, seed=seed)
        tops.append(rows["score"].max())
        bounds.append((rows["high"][0], rows["best"][0]))
    assert sum(top > high for top, (high, _) in zip(tops, bounds, strict=True)) >= 10
    assert sum(top > best for top, (_, best) in zip(tops, bounds, strict=True)) <= 2


def test_the_same_seed_gives_the_same_null():
    contexts = random_contexts(5)
    first, second, other = (homogeneity(contexts, TOKENS, TOPICS, draws=500, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, second)
    assert not first["low"].equals(other["low"])


def test_label_shares_count_the_contexts():
    contexts = random_contexts(3)
    found = label_shares(contexts, TOKENS, ("tag", "topic"), TOPICS)
    tags = contexts.merge(TOKENS, on=["sentence", "position"])
    for unit, rows in tags.groupby("unit"):
        counts = found[(found["unit"] == unit) & (found["kind"] == "tag")].set_index("label")["count"]
        assert counts.to_dict() == rows["tag"].value_counts().to_dict()
        assert counts.is_monotonic_decreasing
        shown = TOPICS.to_numpy()[rows["image"]].sum(axis=0)
        counts = found[(found["unit"] == unit) & (found["kind"] == "topic")].set_index("label")["count"]
        assert counts.to_dict() == {name: count for name, count in zip(TOPICS, shown, strict=True) if count}
    corpus = found[found["kind"] == "tag"].drop_duplicates("label").set_index("label")["corpus"]
    expected = TOKENS["tag"].value_counts(normalize=True)[corpus.index]
    np.testing.assert_allclose(corpus, expected)


def test_topics_are_the_objects_of_each_image():
    assert all(name.startswith("object:") for name in np.array(CAPTIONS.dimensions)[: TOPICS.shape[1]])
    for image in range(5):
        shown = {name.removeprefix("object:") for name, weight in zip(CAPTIONS.dimensions, CAPTIONS.scenes[image], strict=True) if weight and name.startswith("object:")}
        assert set(TOPICS.columns[TOPICS.loc[image]]) == shown


def test_a_corpus_without_scenes_has_no_topics(tmp_path):
    (tmp_path / "own.txt").write_text("\n".join(f"a dog sees cat number {n}" for n in range(30)))
    with pytest.raises(ValueError, match="does not say which objects an image shows"):
        topics(from_text(tmp_path / "own.txt").test)


def test_bad_tables_are_errors():
    contexts = random_contexts(2)
    with pytest.raises(ValueError, match="no column 'tag', 'deprel'"):
        homogeneity(contexts, TOKENS.drop(columns=["tag", "deprel"]))
    with pytest.raises(ValueError, match="'topic' needs the objects"):
        homogeneity(contexts, TOKENS, kinds=["topic"])
    with pytest.raises(ValueError, match="'topic' needs the objects"):
        label_shares(contexts, TOKENS, ["topic"])
    with pytest.raises(ValueError, match=r"same number of contexts of each unit, at least 2, found \[19, 20\]"):
        homogeneity(contexts[1:], TOKENS)
    with pytest.raises(ValueError, match="at least 2, found \\[1\\]"):
        homogeneity(contexts[:1], TOKENS)
    with pytest.raises(ValueError, match="at least 2, found \\[\\]"):
        homogeneity(contexts[:0], TOKENS)
    with pytest.raises(ValueError, match="no word of the table"):
        homogeneity(contexts.assign(sentence=10**6), TOKENS)
    with pytest.raises(ValueError, match="no column 'unit'"):
        homogeneity(contexts.drop(columns="unit"), TOKENS)
    with pytest.raises(ValueError, match="no scores of the kind 'colour'"):
        ranking(homogeneity(contexts, TOKENS, draws=100), "colour")


def test_a_ranking_puts_units_without_a_score_last():
    shares = {"share": [0.5, 0.1, 0.9, 0.5, 0.8], "corpus": [0.1, 0.1, 0.1, 0.1, 0.2]}
    scores = pd.DataFrame({"unit": range(5), "kind": "tag", "score": [0.5, np.nan, 0.9, 0.5, 0.5], **shares})
    assert ranking(scores, "tag")["unit"].tolist() == [2, 4, 0, 3, 1]
