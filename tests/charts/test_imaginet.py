"""Predicted scenes, expected words."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def scenes(rng):
    names = [f"object:thing{i}" for i in range(20)] + ["number:two"]
    return pd.DataFrame(
        {"sentence": number, "text": text, "dimension": name, "predicted": rng.normal(), "true": rng.normal()}
        for number, text in enumerate(("A dog runs.", "Two cats."))
        for name in names
    )


@pytest.fixture
def words():
    rows = []
    for number, text in enumerate(("a dog runs", "two cats")):
        read = ["<s>", *text.split(), "</s>"]
        for position, (word, following) in enumerate(zip(read, read[1:], strict=False)):
            guesses = [following, "<unk>", "boat"] if position % 2 else ["sky", following, "<unk>"]
            for rank, guess in enumerate(guesses, 1):
                rows.append((number, position, word, following, guess, 0.5**rank, rank))
    columns = ["sentence", "position", "word", "next", "candidate", "probability", "rank"]
    return pd.DataFrame(rows, columns=columns)


def test_pages_can_show_them(scenes, words, check):
    check(charts.scene_predictions(scenes))
    check(charts.next_words(words))
    check(charts.reading(scenes, words))


def test_a_scene_keeps_the_strongest_predicted_or_true(scenes, rows):
    held = pd.DataFrame(rows(charts.scene_predictions(scenes)))
    assert held.groupby("sentence").size().tolist() == [10, 10]
    strength = scenes[["predicted", "true"]].max(axis=1)
    strongest = set(scenes[scenes["sentence"] == 0].assign(s=strength).nlargest(10, "s")["dimension"])
    shown = set(held[held["sentence"] == 0]["dimension"])
    assert shown == {f"{name.split(':')[1]} ({name.split(':')[0]})" for name in strongest}


def test_a_sentence_without_a_scene_shows_predictions_alone(scenes, check):
    chart = charts.scene_predictions(scenes.drop(columns="true"))
    check(chart)
    assert "true" not in " ".join(chart.to_dict()["title"]["subtitle"])


def test_the_menu_changes_both_parts(scenes, words, drawn):
    chart = charts.reading(scenes, words)
    texts = [re.findall(r"<text[^>]*>([^<]*)</text>", drawn(chart, sentence_pick=pick)) for pick in (0, 1)]
    assert "runs" in texts[0] and "runs" not in texts[1] and "cats" in texts[1]
    bound = [p for p in chart.to_dict()["params"] if "bind" in p]
    assert len(bound) == 1 and bound[0]["bind"]["labels"] == ["A dog runs.", "Two cats."]


def test_special_symbols_are_said_in_words(words, drawn):
    svg = drawn(charts.next_words(words))
    assert "(start)" in svg and "(end)" in svg and "(unknown)" in svg and "&lt;s&gt;" not in svg


def test_every_position_has_its_guesses_and_the_right_one_a_frame(words, drawn, rows):
    chart = charts.next_words(words)
    assert len(rows(chart)) == len(words)
    # Four words are read in the first sentence, each with the right guess among its three.
    assert drawn(chart).count('stroke-width="2.5"') == 4
    assert "right at 2 of 4 places" in chart.description


def test_tables_of_other_sentences_are_an_error(scenes, words):
    with pytest.raises(ValueError, match="the same sentences, found 2 with scenes and 1 with next words"):
        charts.reading(scenes, words[words["sentence"] == 0])


def test_a_missing_column_is_an_error(scenes, words):
    with pytest.raises(ValueError, match="needs the column dimension"):
        charts.scene_predictions(scenes.drop(columns="dimension"))
    with pytest.raises(ValueError, match="needs the column rank"):
        charts.next_words(words.drop(columns="rank"))
