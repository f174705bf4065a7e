"""The charts of agreement: what they hold, and what they refuse."""

import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.charts.agreement import METHOD_LOOKS
from reading_neurons.methods.agreement import METHODS

NETWORKS = ("lstm", "bi-lstm")


@pytest.fixture
def pairs():
    methods = ("omission", "derivative", "variance")
    found = [("omission", "derivative", 0.5), ("omission", "variance", -0.2), ("derivative", "variance", 0.1)]
    rows = [(name, *pair, pair[2] - 0.1, pair[2] + 0.1) for name in NETWORKS for pair in found]
    assert {row[1] for row in rows} | {row[2] for row in rows} == set(methods)
    return pd.DataFrame(rows, columns=["pathway", "first", "second", "mean", "low", "high"])


@pytest.fixture
def bars():
    rows = [
        (name, method, state, value, value - 0.1, value + 0.1, 90)
        for name in NETWORKS
        for method in METHODS
        for state, value in (("trained", 0.5), ("untrained", 0.1), ("shuffled", 0.0))
    ]
    return pd.DataFrame(rows, columns=["pathway", "method", "network", "mean", "low", "high", "count"])


@pytest.fixture
def stages():
    rows = [
        (name, stage, method, value, value - 0.1, value + 0.1)
        for name in NETWORKS
        for stage, value in (("readout", 0.8), ("everything", 0.1), ("cell alone", 0.3))
        for method in METHODS
    ]
    return pd.DataFrame(rows, columns=["pathway", "stage", "method", "mean", "low", "high"])


def test_every_method_has_a_look_of_its_own():
    assert tuple(METHOD_LOOKS) == METHODS
    looks = METHOD_LOOKS.values()
    assert len({look.colour for look in looks}) == len({look.shape for look in looks}) == len(METHODS)


def test_pages_can_show_them(pairs, bars, stages, check):
    check(charts.agreement_matrix(pairs))
    check(charts.truth_bars(bars))
    check(charts.randomisation_curves(stages))


def test_the_matrix_is_symmetric_and_says_its_extremes(pairs, drawn):
    chart = charts.agreement_matrix(pairs)
    svg = drawn(chart)
    assert svg.count(">0.50<") == 2 and svg.count(">−0.20<") == 2
    assert "Least: omission and variance -0.20; most: omission and derivative 0.50" in chart.description


def test_one_network_is_drawn_at_a_time(bars, drawn):
    bars.loc[bars["pathway"] == "bi-lstm", ["mean", "low", "high"]] += 0.3
    chart = charts.truth_bars(bars)
    assert drawn(chart) != drawn(chart, pathway_pick="bi-lstm")
    assert chart.to_dict()["params"][0]["bind"]["options"] == list(NETWORKS)


def test_truths_can_stand_side_by_side(bars, drawn):
    truths = bars[bars["network"] != "shuffled"].replace({"trained": "left out", "untrained": "shapley"})
    svg = drawn(charts.truth_bars(truths.rename(columns={"network": "truth"}), series="truth"))
    assert ">left out<" in svg and ">shapley<" in svg


def test_curves_begin_at_the_original_and_alone_is_not_joined(stages, rows, drawn):
    chart = charts.randomisation_curves(stages)
    held = pd.DataFrame(rows(chart))
    assert (held[held["stage"] == "nothing"]["mean"] == 1).all()
    assert held["stage"].drop_duplicates().tolist() == ["nothing", "readout", "everything", "cell alone"]
    filtered = [layer["transform"] for layer in chart.to_dict()["layer"] if "transform" in layer]
    assert any("alone" in str(transform) for transform in filtered)
    assert "cell alone randomised: omission 0.30" in chart.description


def test_bad_tables_are_errors(pairs, bars, stages):
    with pytest.raises(ValueError, match="needs the column second"):
        charts.agreement_matrix(pairs.drop(columns="second"))
    with pytest.raises(ValueError, match="needs the column truth"):
        charts.truth_bars(bars, series="truth")
    with pytest.raises(ValueError, match="no look is known for the method 'magic'"):
        charts.randomisation_curves(stages.replace({"variance": "magic"}))
