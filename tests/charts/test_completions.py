"""The words that a neuron wants in a blank."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def table():
    return pd.DataFrame([
        {"pathway": pathway, "frame": frame, "neuron": neuron, "rank": rank, "filling": f"{neuron}{number}{rank}", "activation": 5.0 - rank}
        for pathway, neuron in (("visual", "dog"), ("textual", "left")) for number, frame in enumerate(("under an _", "a _ on")) for rank in range(4)
    ])  # fmt: skip


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_page_can_show_it(table, check):
    check(charts.completions(table))
    check(charts.completions(table.drop(columns="pathway")))


def test_menus_pick_a_frame_and_a_neuron(table, drawn):
    chart = charts.completions(table)
    assert {"dog00", "dog01", "dog02", "dog03"} <= set(texts(drawn(chart)))
    shown = texts(drawn(chart, frame=1, neuron=1))
    assert {"left10", "left13"} <= set(shown) and "dog00" not in shown
    menus = [parameter["bind"]["labels"] for parameter in chart.to_dict()["params"] if "bind" in parameter]
    assert menus == [["under an _", "a _ on"], ["dog (visual)", "left (textual)"]]


def test_one_frame_and_one_neuron_need_no_menu(table):
    chart = charts.completions(table.query("frame == 'a _ on' and neuron == 'dog'"))
    assert not any("bind" in parameter for parameter in chart.to_dict()["params"])


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="needs the column filling"):
        charts.completions(table.drop(columns="filling"))
    with pytest.raises(ValueError, match="empty table"):
        charts.completions(table[:0])
