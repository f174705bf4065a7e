"""Strings as text, marked and plain, and the chances of the next character as bars."""

import re

import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.charts.held_writing import _masked

BLANK = "\u00a0"


@pytest.fixture
def examples():
    return pd.DataFrame(
        {
            "feature": feature, "choice": choice, "k": k, "string": number, "text": text, "measure": "digit",
            "pattern": "[0-9]", "share": 0.1 * k,
        }
        for feature in ("digit", "digit next")
        for choice, k in (("none", 0), ("top", 1), ("top", 5), ("random", 1), ("random", 5))
        for number, text in enumerate([f"1+{k}(22)", ""])
    )  # fmt: skip


@pytest.fixture
def tables():
    chances = pd.DataFrame(
        {"setting": setting, "character": character, "free": 0.2, "held": held}
        for setting, held in (("unit 3", 0.1), ("unit 4", 0.4))
        for character in ("(", "\n", "1", "</s>")
    )
    strings = pd.DataFrame(
        {"setting": setting, "string": number, "free": f"1+{number}", "held": f"(1 {number}"}
        for setting in ("unit 3", "unit 4")
        for number in range(2)
    )
    return chances, strings


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_page_can_show_them(examples, tables, check):
    check(charts.held_writing(examples))
    check(charts.held_chances(*tables))


def test_marked_and_plain_characters_keep_their_places(examples, drawn):
    assert _masked("1+(22)", "[0-9]") == f"1{BLANK}{BLANK}22{BLANK}"
    lines = [line.replace("\u200b", "") for line in texts(drawn(charts.held_writing(examples)))]
    assert f"1{BLANK}5{BLANK}22{BLANK}".rstrip(BLANK) in [line.rstrip(BLANK) for line in lines]
    assert f"{BLANK}+{BLANK}({BLANK}{BLANK})" in lines


def test_the_menus_pick_the_feature_and_how_many_units(examples, drawn):
    other = examples.assign(text=[f"{text}{len(name)}" for text, name in zip(examples["text"], examples["feature"])])
    first, second = (texts(drawn(charts.held_writing(other), feature_pick=name)) for name in ("digit", "digit next"))
    assert first != second
    few, many = (texts(drawn(charts.held_writing(examples), k_pick=k)) for k in (1, 5))
    assert "1 best unit held: 10 % digits" in few and "5 random units held: 50 % digits" in many
    assert "As it is: 0 % digits" in few and "As it is: 0 % digits" in many
    assert few.count("(empty)") == 3


def test_bars_are_as_high_as_chances_and_lines_as_they_were(tables, drawn):
    def heights(**picks):
        svg = drawn(charts.held_chances(*tables), **picks)
        path = r'aria-label="[^"]*Chance, units held: [\d.]+%[^"]*"[^>]*d="M[-\d.]+,[-\d.]+h[\d.]+v([-\d.]+)'
        return [abs(float(height)) for height in re.findall(path, svg)]

    low, high = (max(heights(setting_pick=name)) for name in ("unit 3", "unit 4"))
    assert high == pytest.approx(4 * low, rel=0.01)


def test_characters_that_are_not_seen_have_names(tables, drawn):
    shown = texts(drawn(charts.held_chances(*tables)))
    assert {"end", "⏎", "("} <= set(shown) and f"(1{BLANK}0" in shown


def test_descriptions_say_the_finding(examples, tables):
    assert "best 50 %" in charts.held_writing(examples).to_dict()["description"]
    assert "0.10 instead of 0.20" in charts.held_chances(*tables).to_dict()["description"]


def test_a_missing_column_is_said(examples, tables):
    with pytest.raises(ValueError, match="pattern"):
        charts.held_writing(examples.drop(columns="pattern"))
    with pytest.raises(ValueError, match="held"):
        charts.held_chances(tables[0].drop(columns="held"), tables[1])
