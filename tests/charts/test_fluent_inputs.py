"""Fronts of fluent inputs, and what fluency costs."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

MEDIANS = {"median n-gram": -5.0, "median opening": -3.0}


def texts(svg):
    return re.findall(r"<t(?:ext|span)[^>]*>([^<]+)</t(?:ext|span)>", svg)


@pytest.fixture
def points():
    return pd.DataFrame([
        {"pathway": pathway, "neuron": neuron, "words": f"{neuron} {n} of five words", "activation": 9.0 - n, "log_probability": -8.0 + n}
        for pathway, neuron in (("visual", "dog"), ("visual", "cat"), ("textual", "dog")) for n in range(6)
    ])  # fmt: skip


@pytest.fixture
def corpus():
    return pd.DataFrame({"pathway": "visual", "neuron": ["dog", "dog", "cat"], "words": ["a big dog", "a dog", "a cat"], "activation": [4.0, 3.0, 2.0], "log_probability": [-6.0, -4.0, -4.5]})


@pytest.fixture
def shares(rng):
    return pd.DataFrame([
        {"pathway": pathway, "level": level, "neuron": f"n{n}", "words": "a b", "share": centre + 0.05 * rng.normal()}
        for pathway, centre in (("visual", 0.9), ("untrained visual", 0.5)) for level in ("fluent", "corpus") for n in range(10)
    ])  # fmt: skip


def test_a_page_can_show_them(points, corpus, shares, check):
    check(charts.fluent_fronts(points, corpus, MEDIANS))
    check(charts.fluency_cost(shares))


def test_the_first_neurons_ngrams_are_listed_with_the_corpus_below(points, corpus, drawn):
    shown = texts(drawn(charts.fluent_fronts(points, corpus, MEDIANS)))
    assert [text for text in shown if text.startswith("dog ")] == [f"dog {n} of five words" for n in range(6)]
    assert "a big dog" in shown and "a dog" in shown and "a cat" not in shown
    assert {"1", "6", "a", "b", "median", "opening"} <= set(shown)


def test_a_menu_picks_another_neuron_and_pathways_are_apart(points, corpus, drawn):
    chart = charts.fluent_fronts(points, corpus, MEDIANS)
    menus = [parameter["bind"] for parameter in chart.to_dict()["params"] if "bind" in parameter]
    assert menus[0]["labels"] == ["dog (visual)", "cat (visual)", "dog (textual)"]
    shown = texts(drawn(chart, neuron=1))
    assert "cat 0 of five words" in shown and "dog 0 of five words" not in shown and "a cat" in shown
    assert "a dog" not in texts(drawn(chart, neuron=2))


def test_without_a_corpus_the_front_stands_alone(points, corpus, drawn):
    assert "a" not in texts(drawn(charts.fluent_fronts(points, corpus[:0], MEDIANS)))


def test_means_and_intervals_are_those_of_the_neurons(shares, rows):
    chart = charts.fluency_cost(shares)
    means = {(row["pathway"], row["level"]): row for row in rows(chart) if "low" in row}
    for (pathway, level), own in shares.groupby(["pathway", "level"]):
        row = means[pathway, level]
        assert row["share"] == pytest.approx(own["share"].mean(), abs=1e-3) and row["count"] == 10
        assert row["low"] < row["share"] < row["high"] < row["share"] + 3 * own["share"].std() / np.sqrt(10)


def test_bad_tables_are_errors(points, corpus, shares):
    with pytest.raises(ValueError, match="needs the column words"):
        charts.fluent_fronts(points.drop(columns="words"), corpus, MEDIANS)
    with pytest.raises(ValueError, match="empty table"):
        charts.fluency_cost(shares[:0])
