"""Colours that can be read and told apart, and checks of tables."""

import itertools

import pandas as pd
import pytest

from reading_neurons.charts import style

# Text and ground of the book's theme, light and dark.
THEMES = {"light": ("#222832", "#ffffff"), "dark": ("#ced6dd", "#121212")}
DRAWN = style.looks([*style.LOOKS, "untrained", "one", "two", "three"])


def channels(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(channels):
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("look", DRAWN.values(), ids=DRAWN)
def test_words_stay_readable_on_the_strongest_heat(look, theme):
    text, ground = map(channels, THEMES[theme])
    heat = [style.HEAT * c + (1 - style.HEAT) * g for c, g in zip(channels(look.colour), ground, strict=True)]
    assert contrast(text, heat) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("look", DRAWN.values(), ids=DRAWN)
def test_marks_stand_out_from_the_ground(look, theme):
    assert contrast(channels(look.colour), channels(THEMES[theme][1])) >= 3


def test_no_two_pathways_differ_in_colour_alone():
    for first, second in itertools.combinations(DRAWN.values(), 2):
        assert first.colour != second.colour and first.shape != second.shape


def test_an_untrained_pathway_is_grey_and_others_keep_their_looks():
    drawn = style.looks(["visual", "untrained visual", "seq2seq"])
    assert drawn["visual"] == style.LOOKS["visual"]
    assert drawn["untrained visual"] == style.NULL
    assert drawn["seq2seq"] not in (*style.LOOKS.values(), style.NULL)


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="needs the columns score, word; found pathway"):
        style.require(pd.DataFrame({"pathway": ["visual"]}), "score", "pathway", "word")


def test_an_empty_table_is_an_error():
    with pytest.raises(ValueError, match="at least one row"):
        style.require(pd.DataFrame({"word": []}), "word")


def test_more_rows_than_a_page_carries_are_an_error():
    with pytest.raises(ValueError, match="5001 rows .* at most 5000"):
        style.drawable(pd.DataFrame({"score": range(5001)}))


def test_numbers_keep_four_significant_digits():
    table = style.drawable(pd.DataFrame({"score": [0.000123456, 12345.678], "count": [123456, 1]}))
    assert table["score"].tolist() == [0.0001235, 12350.0]
    assert table["count"].tolist() == [123456, 1]


def test_a_menu_of_one_option_is_no_menu():
    assert "bind" not in style.menu("pick", "Sentence", {0: "a dog"}, 0).param.to_dict()
    assert style.menu("pick", "Sentence", {0: "a dog", 1: "a cat"}, 0).param.to_dict()["bind"]["labels"] == ["a dog", "a cat"]
