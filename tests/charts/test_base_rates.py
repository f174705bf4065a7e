"""Best units beside base rates."""

import pandas as pd
import pytest

from reading_neurons.charts import base_rates


@pytest.fixture
def table():
    return pd.DataFrame(
        {"feature": ["open", "rare"], "best": [0.98, 0.91], "low": [0.97, 0.9], "high": [0.99, 0.92],
         "untrained": [0.8, 0.91], "majority": [0.7, 0.91]}
    )  # fmt: skip


def test_it_can_be_shown_on_a_page(table, check):
    check(base_rates(table, "A title"))


def test_every_feature_has_its_three_values_and_the_scale_holds_them(table, rows):
    chart = base_rates(table)
    held = pd.DataFrame(rows(chart))
    assert held[["feature", "best", "untrained", "majority"]].values.tolist() == [
        ["open", 0.98, 0.8, 0.7], ["rare", 0.91, 0.91, 0.91],
    ]  # fmt: skip
    low, high = chart.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 0.7 and high > 1
    assert "rare: 0.91, untrained 0.91, more frequent label 0.91" in chart.description


def test_bad_input(table):
    with pytest.raises(ValueError, match="needs the column majority"):
        base_rates(table.drop(columns="majority"))
    with pytest.raises(ValueError, match="at least one row"):
        base_rates(table[:0])
