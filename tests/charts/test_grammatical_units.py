"""Accuracies of probes, units of labels, and their stability."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def accuracies():
    rows = [
        ("", "", "majority", False, 0.2), ("", "", "word", False, 0.7), ("", "", "word", True, 0.9),
        ("", "", "4-grams", False, 0.8), ("trained", "visual", "states", False, 0.66), ("trained", "visual", "states", True, 0.51),
        ("untrained", "visual", "states", False, 0.61), ("untrained", "visual", "states", True, 0.77), ("trained", "textual", "states", False, 0.86),
        ("trained", "textual", "states + 4-grams", False, 0.87),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["network", "pathway", "features", "control", "accuracy"])
    table = table.assign(low=table["accuracy"] - 0.01, high=table["accuracy"] + 0.01, count=500)
    return pd.concat([table.assign(part=part) for part in ("all words", "nouns")], ignore_index=True)


@pytest.fixture
def chosen():
    labels = ["det", "nsubj", "pobj"]
    units = pd.DataFrame(
        [(label, rank, 10 * place + rank, 0.5 - rank) for place, label in enumerate(labels) for rank in range(2)],
        columns=["label", "rank", "unit", "weight"],
    )
    weights = pd.DataFrame(
        [(unit, label, 0.1 * (unit % 7) - 0.3) for unit in units["unit"] for label in labels],
        columns=["unit", "label", "weight"],
    )
    contexts = pd.DataFrame(
        [(row.label, row.unit, place, f"{row.label} {row.unit} c{place}") for row in units.itertuples() for place in range(3)],
        columns=["label", "unit", "place", "context"],
    )
    return units, weights, contexts


@pytest.fixture
def shares():
    return pd.DataFrame(
        [(label, share - 0.3 * (network == "untrained"), 0.005, pathway, network, 190, count)
         for label, share, count in (("det", 0.9, 400), ("nsubj", 0.4, 900))
         for pathway in ("visual", "textual") for network in ("trained", "untrained")],
        columns=["label", "share", "chance", "pathway", "network", "pairs", "count"],
    )  # fmt: skip


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_pages_can_show_them(accuracies, chosen, shares, check):
    check(charts.probe_accuracies(accuracies, draft={("", "word"): 0.71, ("textual", "states"): 0.81}))
    check(charts.label_units(*chosen))
    check(charts.unit_stability(shares))


def test_the_menu_picks_the_pathway_and_what_reads_none_stays(accuracies, drawn):
    chart = charts.probe_accuracies(accuracies)
    first, second = (texts(drawn(chart, pathway_pick=name)) for name in ("visual", "textual"))
    assert {"0.66", "0.61", "0.77", "0.51"} < set(first) and "0.86" not in first
    assert "0.86" in second and "0.66" not in second
    assert "0.70" in first and "0.70" in second


def test_published_figures_stand_beside_all_words_only(accuracies, drawn):
    chart = charts.probe_accuracies(accuracies, draft={("textual", "states"): 0.811})
    assert "0.81" in texts(drawn(chart, pathway_pick="textual"))
    assert "0.81" not in texts(drawn(chart, pathway_pick="textual", part_pick="nouns"))
    assert "0.81" not in texts(drawn(chart, pathway_pick="visual"))
    assert "draft of the paper" not in texts(drawn(charts.probe_accuracies(accuracies)))


def test_the_menu_picks_the_label_and_its_units(chosen, drawn):
    chart = charts.label_units(*chosen)
    first, second = texts(drawn(chart)), texts(drawn(chart, label_pick="pobj"))
    assert "unit 0, +0.50 for det" in first and "det 0 c0, det 0 c1" in first and "det 0 c2" in first
    assert "unit 20, +0.50 for pobj" in second and "unit 0, +0.50 for det" not in second
    assert "unit 21, −0.50 for pobj" in second


def test_a_weight_is_told_by_its_sign_too(chosen, drawn):
    units, weights, contexts = chosen
    svg = texts(drawn(charts.label_units(units, weights.assign(weight=[1.0, -1.0, 0.0] * 6), contexts)))
    assert svg.count("+") == 2 and svg.count("−") == 2


def test_pathways_have_their_own_units(chosen, drawn):
    both = [pd.concat([part.assign(pathway="visual"), part.assign(pathway="textual")]) for part in chosen]
    both[0].loc[both[0]["pathway"] == "textual", "unit"] += 100
    for part in both[1:]:
        part.loc[part["pathway"] == "textual", "unit"] += 100
    chart = charts.label_units(*both)
    assert "unit 0, +0.50 for det" in texts(drawn(chart))
    assert "unit 100, +0.50 for det" in texts(drawn(chart, pathway_pick="textual"))


def test_a_label_without_units_is_an_error(chosen):
    with pytest.raises(ValueError, match="no units of iobj; its labels are"):
        charts.label_units(*chosen, labels=["iobj"])


def test_labels_stand_in_order_of_their_count(shares, drawn):
    shown = texts(drawn(charts.unit_stability(shares)))
    assert shown.index("nsubj, n = 900") < shown.index("det, n = 400")


def test_a_missing_column_is_an_error(accuracies, chosen, shares):
    with pytest.raises(ValueError, match="needs the column control"):
        charts.probe_accuracies(accuracies.drop(columns="control"))
    with pytest.raises(ValueError, match="needs the column rank"):
        charts.label_units(chosen[0].drop(columns="rank"), *chosen[1:])
    with pytest.raises(ValueError, match="needs the column chance"):
        charts.unit_stability(shares.drop(columns="chance"))
