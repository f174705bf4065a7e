"""Vectors of phrases and of two sentences word by word: what is drawn, in which order, and what is boxed."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def vectors(rng):
    phrases = {
        "denied": [(0, "good"), (0, "not good"), (1, "bad"), (1, "not bad")],
        "grown": [(0, "fun"), (0, "so fun")],
    }
    return pd.DataFrame(
        {
            "pathway": pathway, "group": group, "pair": pair, "phrase": phrase, "dimension": dimension,
            "value": rng.uniform(-1, 1),
        }
        for pathway, units in (("lstm", 6), ("bi-lstm", 12))
        for group, members in phrases.items()
        for pair, phrase in members
        for dimension in range(units)
    )  # fmt: skip


@pytest.fixture
def dimensions(vectors):
    table = vectors.drop_duplicates(["pathway", "group", "dimension"])[["pathway", "group", "dimension"]]
    share = table["dimension"] / 12
    return table.assign(share=share, null=0.1, consistent=(share >= 4 / 12) & (table["group"] == "denied"))


@pytest.fixture
def states(rng):
    words = [("i", "i"), ("hate", "like"), ("it", "it")]
    return pd.DataFrame(
        {
            "pathway": "lstm", "way": way, "position": position, "first_word": first, "second_word": second,
            "dimension": dimension, "first": rng.normal(), "second": rng.normal(),
        }
        for way in ("states", "beginnings")
        for position, (first, second) in enumerate(words)
        for dimension in range(4)
    )  # fmt: skip


def test_a_page_can_show_vectors(vectors, dimensions, check):
    check(charts.phrase_vectors(vectors, dimensions))
    check(charts.phrase_vectors(vectors))


def test_dimensions_stand_in_the_order_of_their_shares_the_consistent_first(vectors, dimensions, rows):
    held = pd.DataFrame([row for row in rows(charts.phrase_vectors(vectors, dimensions)) if "_values" in row])
    part = held.query("pathway == 'lstm' and group == 'denied'").sort_values("_place")
    assert part["dimension"].tolist() == [5, 4, 3, 2, 1, 0]
    expected = vectors.query("pathway == 'lstm' and group == 'denied' and dimension == 5")["value"]
    assert part["_values"].iloc[0] == pytest.approx(expected.tolist(), abs=1e-3)


def test_the_box_is_around_the_consistent_ones(vectors, dimensions, rows, drawn):
    chart = charts.phrase_vectors(vectors, dimensions)
    boxes = pd.DataFrame([row for row in rows(chart) if "_count" in row]).set_index(["pathway", "group"])
    assert boxes.loc[("lstm", "denied"), "_count"] == 2 and boxes.loc[("bi-lstm", "denied"), "_count"] == 8
    assert boxes.loc[("lstm", "grown"), "_count"] == 0
    assert "2 of 6 dimensions" in drawn(chart) and "8 of 12 dimensions" in drawn(chart, pathway_pick="bi-lstm")
    assert "so fun" in drawn(chart, group_pick="grown") and "so fun" not in drawn(chart)


def test_a_page_can_show_two_sentences(states, check, drawn):
    chart = charts.word_states(states)
    check(chart)
    assert "hate" in drawn(chart) and "like" in drawn(chart, way_pick="beginnings")


def test_words_keep_their_distances_and_dimensions_are_sorted_by_the_last(states, rows):
    held = [row for row in rows(charts.word_states(states)) if row["way"] == "states"]
    for row in held:
        part = states.query("way == 'states' and position == @row['position']")
        assert row["distance"] == pytest.approx(np.linalg.norm(part["first"] - part["second"]), rel=1e-3)
    last = np.array(held[-1]["_first"]) - np.array(held[-1]["_second"])
    assert (np.diff(last) <= 1e-3).all()


def test_a_table_that_lacks_something_is_an_error(vectors, states):
    with pytest.raises(ValueError, match="needs the column pair"):
        charts.phrase_vectors(vectors.drop(columns="pair"))
    with pytest.raises(ValueError, match="needs the column way"):
        charts.word_states(states.drop(columns="way"))


def test_a_page_can_show_means(check):
    table = pd.DataFrame(
        [("good, denied", "lstm", -0.4, -0.5, -0.3), ("good, denied", "untrained lstm", 0.0, -0.1, 0.1),
         ("bad, denied", "lstm", -0.6, -0.7, -0.5), ("bad, denied", "untrained lstm", 0.0, -0.1, 0.1)],
        columns=["case", "pathway", "mean", "low", "high"],
    )  # fmt: skip
    check(charts.expected_classes(table))
    assert "good, denied, lstm -0.40" in charts.expected_classes(table).to_dict()["description"]


def test_a_page_can_show_the_use_of_dimensions(check, rows):
    table = pd.DataFrame({"width": [15, 60], "accuracy": [0.4, 0.5], "relative": [0.1, 0.2], "absolute": [0.2, 0.3],
                          "idle": [0.1, 0.2], "fewest": [12, 30]})  # fmt: skip
    chart = charts.dimension_use(table)
    check(chart)
    held = pd.DataFrame(rows(chart))
    assert held.loc[held["measure"] == "dimensions that are enough", "share"].tolist() == [0.8, 0.5]
