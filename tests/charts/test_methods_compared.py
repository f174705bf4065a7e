"""Methods beside corpus search: boxes for each case, one point a neuron, gains of several networks."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

CASES = ("visual projection", "textual hidden")
METHODS = ("corpus", "embedding", "gumbel + swaps")


@pytest.fixture
def reached():
    rng = np.random.default_rng(0)
    scale = {"visual projection": 10.0, "textual hidden": 0.5}
    return pd.DataFrame(
        {"case": case, "method": method, "activation": scale[case] * (1 + 0.2 * better + 0.05 * rng.normal())}
        for case in CASES
        for better, method in enumerate(METHODS)
        for _ in range(30)
    )


@pytest.fixture
def neurons():
    return pd.DataFrame(
        {
            "case": ["visual projection"] * 3 + ["textual hidden"] * 2, "neuron": ["object:dog", "object:cat", "object:bus", "group 0", "group 1"],
            "corpus": [8.0, 9.0, 7.0, 0.4, 0.5], "corpus words": ["a dog on the bed"] * 5,
            "gumbel + swaps": [9.5, 9.0, 8.0, 0.6, 0.45], "gumbel + swaps words": ["puppy dog dogs pug hound"] * 5,
        }
    )  # fmt: skip


@pytest.fixture
def compared():
    networks = ("default", "every word", "untrained")
    return pd.DataFrame(
        {
            "case": case, "network": network, "neurons": 40, "share": 0.1 * number, "share_low": 0.1 * number - 0.05,
            "share_high": 0.1 * number + 0.05, "won": 0.925,
        }
        for case in CASES
        for number, network in enumerate(networks)
    )  # fmt: skip


def carried(chart):
    """All rows that a chart carries, those of its layers included."""
    found = []

    def look(part):
        if isinstance(part, dict):
            found.extend(part.get("values", []) if isinstance(part.get("values"), list) else [])
            for value in part.values():
                look(value)
        elif isinstance(part, list):
            for value in part:
                look(value)

    spec = chart.to_dict()
    look(spec["layer"])
    return [row for row in [*found, *(row for data in spec.get("datasets", {}).values() for row in data)] if row]


def test_a_page_can_show_them(reached, neurons, compared, check):
    check(charts.activations_by_method(reached))
    check(charts.against_corpus(neurons))
    check(charts.gains(compared))


# Boxes


def test_boxes_summarise_the_neurons_of_each_method(reached):
    boxes = [row for row in carried(charts.activations_by_method(reached)) if "median" in row]
    assert {(box["case"], box["method"]) for box in boxes} == {(case, method) for case in CASES for method in METHODS}
    for box in boxes:
        values = reached.query("case == @box['case'] and method == @box['method']")["activation"]
        assert box["median"] == pytest.approx(values.median(), rel=1e-3)
        assert box["q1"] == pytest.approx(values.quantile(0.25), rel=1e-3) and box["count"] == 30


def test_each_case_has_its_own_scale(reached):
    boxes = [row for row in carried(charts.activations_by_method(reached)) if "median" in row]
    for case in CASES:
        values = reached[reached["case"] == case]["activation"]
        for box in (box for box in boxes if box["case"] == case):
            place = (box["median"] - values.min()) / (values.max() - values.min())
            assert box["_median"] == pytest.approx(place, abs=1e-3)


def test_every_neuron_is_a_tick_inside_its_block(reached):
    points = [row for row in carried(charts.activations_by_method(reached)) if set(row) == {"x", "y", "c"}]
    assert len(points) == len(reached)
    assert min(row["x"] for row in points) == 0 and max(row["x"] for row in points) == 1


def test_headings_say_the_case_and_its_count(reached, drawn):
    svg = drawn(charts.activations_by_method(reached))
    assert "visual projection, 30 neurons" in svg and "textual hidden, 30 neurons" in svg
    assert svg.count(">gumbel + swaps</text>") == 2


def test_axes_have_round_numbers(reached, drawn):
    said = re.findall(r">([\d.]+)</text>", drawn(charts.activations_by_method(reached)))
    assert "10" in said and "0.5" in said


def test_values_that_are_all_equal_are_drawn(drawn):
    table = pd.DataFrame({"case": "visual units", "method": ["corpus", "gumbel"] * 3, "activation": 1.0})
    assert "visual units, 3 neurons" in drawn(charts.activations_by_method(table))


def test_a_case_without_a_method_leaves_no_gap_that_claims_a_value(reached):
    part = reached.query("not (case == 'textual hidden' and method == 'embedding')")
    boxes = [row for row in carried(charts.activations_by_method(part)) if "median" in row]
    assert len(boxes) == 5


# Points


def test_the_first_case_is_shown_and_a_menu_leads_to_others(neurons, drawn):
    chart = charts.against_corpus(neurons)
    first, second = drawn(chart), drawn(chart, chosen="textual hidden")
    assert "2 of 3 above the line" in first and "1 of 2 above the line" not in first
    assert "1 of 2 above the line" in second
    assert first.count('aria-roledescription="point"') == 3 and second.count('aria-roledescription="point"') == 2


def test_a_tie_is_not_above_the_line(neurons):
    assert "visual projection: 2 of 3 above the line" in charts.against_corpus(neurons).to_dict()["description"]


def test_both_axes_have_one_scale_that_holds_all_points(neurons):
    spec = charts.against_corpus(neurons).to_dict()
    ends = {p["name"]: p["expr"] for p in spec["params"] if "expr" in p}
    assert "6.925" in ends["least"] and "9.575" in ends["most"]
    encoding = next(layer for layer in spec["layer"] if "domainMin" in str(layer))["encoding"]
    assert encoding["x"]["scale"] == encoding["y"]["scale"]


def test_a_point_says_both_ngrams(neurons):
    rows = [row for row in carried(charts.against_corpus(neurons)) if "written" in row]
    assert rows[0]["in_corpus"] == "a dog on the bed" and rows[0]["written"] == "puppy dog dogs pug hound"


# Gains


def test_untrained_networks_are_grey_and_networks_have_shapes(compared, drawn):
    svg = drawn(charts.gains(compared))
    assert "#949494" in svg and "#d55e00" in svg and "#0072b2" in svg
    assert svg.count(">92%</text>") + svg.count(">93%</text>") == 6
    assert all(f">{name}</text>" in svg for name in ("default", "every word", "untrained"))


def test_more_networks_than_shapes_are_an_error(compared):
    more = pd.concat([compared.assign(network=f"network {n}") for n in range(5)])
    with pytest.raises(ValueError, match="tells 4 networks apart, found 5"):
        charts.gains(more)


def test_bad_tables_are_errors(reached, neurons, compared):
    with pytest.raises(ValueError, match="needs the column method"):
        charts.activations_by_method(reached.drop(columns="method"))
    with pytest.raises(ValueError, match="empty table"):
        charts.activations_by_method(reached[:0])
    with pytest.raises(ValueError, match="needs the columns gumbel, gumbel words"):
        charts.against_corpus(neurons, "gumbel")
    with pytest.raises(ValueError, match="needs the column won"):
        charts.gains(compared.drop(columns="won"))
