"""Sentences with heat behind their words."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_page_can_show_it(scores, check):
    check(charts.omission(scores))


def test_it_holds_every_score(scores, rows):
    held = rows(charts.omission(scores))
    assert len(held) == len(scores)
    key = ["sentence", "position", "word", "pathway"]
    merged = scores.merge(pd.DataFrame(held), on=key, suffixes=("", "_held"))
    assert len(merged) == len(scores)
    assert (merged["score"] - merged["score_held"]).abs().max() < 1e-3
    assert (merged["weight"] == merged["weight_held"]).all()


def test_each_pathway_has_its_row_of_words_in_reading_order(scores, drawn):
    shown = [text for text in texts(drawn(charts.omission(scores))) if text in "a dog chases two cats".split()]
    assert sorted(shown) == sorted("a dog chases two cats".split() * 2)


def test_a_repeated_word_keeps_its_places(scores, drawn):
    svg = drawn(charts.omission(scores), sentence_pick=2)
    assert texts(svg).count("the") == 4
    places = re.findall(r"translate\(([\d.]+),[\d.]+\)[^>]*>the<", svg)
    assert len(set(places)) == 2


def test_the_menu_changes_the_sentence(scores, drawn):
    chart = charts.omission(scores)
    assert "elephants" not in texts(drawn(chart)) and "elephants" in texts(drawn(chart, sentence_pick=1))
    menu = next(p for p in chart.to_dict()["params"] if p["name"] == "sentence_pick")["bind"]
    assert menu["input"] == "select" and menu["labels"][1] == "elephants sleep"


def test_the_menu_shows_sentences_as_they_were_written(scores):
    written = scores.assign(text=scores["sentence"].map({0: "A dog chases two cats.", 1: "Elephants sleep!", 2: "The .."}))
    menu = next(p for p in charts.omission(written).to_dict()["params"] if p["name"] == "sentence_pick")["bind"]
    assert menu["labels"] == ["A dog chases two cats.", "Elephants sleep!", "The .."]


def test_a_pathway_can_be_switched_off(scores, drawn):
    chart = charts.omission(scores)
    assert texts(drawn(chart)).count("chases") == 2
    without = texts(drawn(chart, show_1=False))
    assert without.count("chases") == 1 and "textual" not in without and "visual" in without


def test_the_planted_weight_is_drawn_whichever_pathway_is_shown(scores, drawn):
    assert "▬ planted weight" in texts(drawn(charts.omission(scores), show_0=False))
    assert "▬ planted weight" not in texts(drawn(charts.omission(scores.drop(columns="weight"))))


def test_an_unknown_word_is_marked_and_explained(scores, drawn):
    chart = charts.omission(scores.assign(known=scores["word"] != "dog"))
    svg = drawn(chart)
    assert texts(svg).count("dog ?") == 2 and "stroke-dasharray" in svg and "italic" in svg
    assert "unknown to the network" in " ".join(chart.to_dict()["title"]["subtitle"])


def test_words_turn_where_they_do_not_fit(scores, drawn):
    long = pd.DataFrame({"sentence": 0, "position": range(18), "word": "enthusiastically", "pathway": "visual", "score": 0.1})
    assert "rotate(270)" in drawn(charts.omission(long))
    assert "rotate(270)" not in "".join(re.findall(r"<text[^>]*>dog</text>", drawn(charts.omission(scores))))


def test_without_pickers_nothing_is_bound(scores):
    one = scores[scores["sentence"] == 0]
    assert not [p for p in charts.omission(one, pickers=False).to_dict()["params"] if "bind" in p]


def test_the_description_reads_the_first_view(scores):
    first = scores[(scores["sentence"] == 0) & (scores["pathway"] == "visual")]
    word = first.loc[first["score"].idxmax(), "word"]
    assert f"visual highest at '{word}'" in charts.omission(scores).description


def test_a_missing_column_is_an_error(scores):
    with pytest.raises(ValueError, match="needs the column position"):
        charts.omission(scores.drop(columns="position"))


def test_markup_in_a_word_stays_text(scores, drawn):
    svg = drawn(charts.omission(scores.replace({"word": {"dog": "<b>dog</b>"}})))
    assert "<b>" not in svg and "&lt;b&gt;dog" in svg
