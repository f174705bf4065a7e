"""Activation against the length of the input."""

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def table():
    return pd.DataFrame([
        {"pathway": pathway, "kind": kind, "neuron": f"n{n}", "length": length, "method": method, "words": "", "activation": scale * (n + 1) * min(length, most)}
        for pathway, most in (("visual", 5), ("textual", 2)) for kind in ("output", "unit") for n in range(3)
        for length in (1, 2, 5) for method, scale in (("optimised", 1.0), ("corpus", 0.5))
    ])  # fmt: skip


def test_a_page_can_show_it(table, check):
    check(charts.input_lengths(table))


def test_means_are_shares_of_each_neurons_best(table, rows):
    means = {(row["kind"], row["pathway"], row["method"], row["length"]): row["share"] for row in rows(charts.input_lengths(table))}
    assert means["output", "visual", "optimised", 1] == pytest.approx(0.2) and means["unit", "textual", "optimised", 1] == pytest.approx(0.5)
    assert means["output", "visual", "corpus", 5] == pytest.approx(0.5) and means["output", "textual", "optimised", 5] == 1


def test_a_menu_picks_the_kind(table):
    labels = [parameter["bind"]["labels"] for parameter in charts.input_lengths(table).to_dict()["params"]]
    assert labels == [["outputs", "units"]]


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="needs the column kind"):
        charts.input_lengths(table.drop(columns="kind"))
    with pytest.raises(ValueError, match="empty table"):
        charts.input_lengths(table[:0])
