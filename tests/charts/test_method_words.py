"""One sentence, a line for each method."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.methods.agreement import METHODS


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    sentences = ["i hate the movie", "not bad"]
    rows = [
        {"pathway": name, "sentence": number, "position": place, "word": word, "text": text,
         **{method: rng.normal() * 10.0 ** rng.integers(-5, 5) for method in METHODS}}
        for name in ("lstm", "bi-lstm")
        for number, text in enumerate(sentences)
        for place, word in enumerate(text.split())
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_page_can_show_it(table, check):
    check(charts.side_by_side(table))


def test_each_method_is_in_units_of_its_strongest_word(table, rows):
    held = pd.DataFrame(rows(charts.side_by_side(table)))
    strongest = held.groupby(["sentence", "panel"])["strength"].agg(lambda values: values.abs().max())
    assert strongest.to_numpy() == pytest.approx(1, abs=1e-3) and len(strongest) == 4 * 6
    of_first = table[(table["pathway"] == "bi-lstm") & (table["sentence"] == 1)]["derivative"]
    found = held[(held["sentence"] == 3) & (held["panel"] == "derivative")].sort_values("position")["strength"]
    assert found.to_numpy() == pytest.approx((of_first / of_first.abs().max()).to_numpy(), rel=1e-3)


def test_menus_pick_the_sentence_and_the_network(table, drawn):
    chart = charts.side_by_side(table)
    binds = [param["bind"] for param in chart.to_dict()["params"] if "bind" in param]
    assert [bind["labels"] for bind in binds] == [["i hate the movie", "not bad"], ["lstm", "bi-lstm"]]
    assert chart.description.startswith("Heat of words by method, 2 sentences and 2 networks to pick from. 'i hate")
    first = drawn(chart)
    assert ">hate<" in first and ">bad<" not in first
    other = drawn(chart, text_pick=2)
    assert ">bad<" in other and ">hate<" not in other
    assert drawn(chart, network_pick=1) != first


def test_a_method_that_gives_nothing_is_drawn_as_nothing(table, rows):
    held = pd.DataFrame(rows(charts.side_by_side(table.assign(variance=0.0))))
    assert (held[held["panel"] == "variance"]["strength"] == 0).all()


def test_one_network_and_one_sentence_need_no_menu(table, drawn):
    one = table[(table["pathway"] == "lstm") & (table["sentence"] == 0)]
    chart = charts.side_by_side(one)
    assert not [param for param in chart.to_dict()["params"] if "bind" in param]
    assert ">hate<" in drawn(chart)


def test_a_table_without_a_method_is_an_error(table):
    with pytest.raises(ValueError, match="expected a column for a method"):
        charts.side_by_side(table[["pathway", "sentence", "position", "word"]])
