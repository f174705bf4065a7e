"""The search for an input as it runs."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

NEURONS = ("object:dog", "near")
WORDS = (["dog", "cat", "owl"], ["a", "the", "an"], ["runs", "sits", "is"])


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.fixture
def tables():
    steps, words = [], []
    for method in ("gumbel", "embedding", "corpus"):
        for neuron in NEURONS:
            for step in [*range(20)] if method != "corpus" else [0, 7, 400, 90_000]:
                soft = float(np.log1p(step))
                steps.append({
                    "method": method, "neuron": neuron, "restart": 0, "step": step, "words": "a b c",
                    "temperature": 2 * 0.9**step if method == "gumbel" else np.nan, "soft": soft, "hard": soft / 2,
                    "best": soft / 2, "mixed": 300 / (step + 1) if method == "gumbel" else np.nan,
                })  # fmt: skip
                words += [
                    {"method": method, "neuron": neuron, "restart": 0, "step": step, "place": place, "rank": rank,
                     "word": f"{word}{step}" if neuron == NEURONS[0] else f"{word}'", "weight": 0.5 / (rank + 1)}
                    for place, of_place in enumerate(WORDS)
                    for rank, word in enumerate(of_place)
                ]  # fmt: skip
    return pd.DataFrame(steps), pd.DataFrame(words)


def test_a_page_can_show_it(tables, check):
    check(charts.trajectories(*tables))


def test_the_first_view_shows_the_words_of_an_early_moment(tables, drawn):
    shown = texts(drawn(charts.trajectories(*tables)))
    (heading,) = [text for text in shown if text.startswith("Step ")]
    step = int(heading.split()[1].rstrip(":"))
    assert 3 <= step <= 8 and heading.endswith(": most probable words")
    assert {f"dog{step}", f"the{step}", f"is{step}"} <= set(shown)
    assert "no temperature" not in shown


def test_the_slider_goes_from_the_first_step_to_the_last(tables, drawn):
    chart = charts.trajectories(*tables)
    (slider,) = [p for p in chart.to_dict()["params"] if p["name"] == "moment"]
    assert slider["bind"]["input"] == "range" and slider["bind"]["min"] == 0
    assert "dog0" in texts(drawn(chart, moment=0))
    assert "dog19" in texts(drawn(chart, moment=slider["bind"]["max"]))


def test_menus_pick_method_and_neuron(tables, drawn):
    chart = charts.trajectories(*tables)
    shown = texts(drawn(chart, neuron_pick="near"))
    assert "dog'" in shown and not any(text.startswith("dog1") for text in shown)
    menus = {p["name"]: p["bind"]["labels"] for p in chart.to_dict()["params"] if p.get("bind", {}).get("input") == "select"}
    assert menus == {"method_pick": ["gumbel softmax", "embedding", "corpus search"], "neuron_pick": list(NEURONS)}


def test_what_a_method_has_none_of_is_said(tables, drawn):
    shown = texts(drawn(charts.trajectories(*tables), method_pick="embedding"))
    assert {"no temperature", "no mixture of words"} <= set(shown)
    assert any(text.endswith("nearest words, by cosine") for text in shown)


def test_corpus_search_counts_n_grams(tables, drawn):
    last = max(p["bind"]["max"] for p in charts.trajectories(*tables).to_dict()["params"] if p["name"] == "moment")
    shown = texts(drawn(charts.trajectories(*tables), method_pick="corpus", moment=last))
    assert "After 90,000 n-grams: the best of them" in shown and "n-grams read" in shown and "dog90000" in shown


def test_read_and_written_are_told_apart_without_colour(tables, drawn):
    svg = drawn(charts.trajectories(*tables))
    assert len(set(re.findall(r'stroke-dasharray="([\d,]+)"', svg))) >= 3
    assert "what is read" in texts(svg) and "words that it would write" in texts(svg)


def test_only_the_first_restart_is_drawn(tables, rows):
    steps, words = (pd.concat([table, table.assign(restart=1)]) for table in tables)
    again = charts.trajectories(steps, words)
    assert len(rows(again)) == len(rows(charts.trajectories(*tables)))


def test_heat_is_a_share_of_what_each_method_weighs_with(tables):
    from reading_neurons.charts.trajectories import _cells

    steps, words = tables
    more = words[words["method"] == "gumbel"].assign(method="logit", weight=lambda t: 40 * t["weight"] - 10)
    cells = _cells(pd.concat([words, more])).explode(["rank", "word", "weight", "_heat"])
    heat = cells.groupby("method")["_heat"].agg(["min", "max"])
    assert heat.loc["logit"].tolist() == [0, 1]  # below zero is none
    assert heat.loc["embedding", "max"] == 0.5 and heat.loc["gumbel", "max"] == pytest.approx(0.5**0.5, abs=1e-3)


def test_bad_tables_are_errors(tables):
    steps, words = tables
    with pytest.raises(ValueError, match="needs the column soft"):
        charts.trajectories(steps.drop(columns="soft"), words)
    with pytest.raises(ValueError, match="empty table"):
        charts.trajectories(steps, words[:0])
    short = steps[(steps["method"] != "corpus") | (steps["neuron"] != "near")]
    with pytest.raises(ValueError, match="watched with every method"):
        charts.trajectories(short, words)
