"""Losses by epoch."""

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def history():
    return pd.DataFrame({"epoch": [1, 2, 3], "train_loss": [2.0, 1.0, 0.8], "validation_loss": [2.1, 1.5, 1.4]})


def test_a_page_can_show_it(history, check):
    check(charts.training(history))


def test_training_takes_either_form(history, rows):
    long = history.melt("epoch", var_name="measure", value_name="value")
    assert rows(charts.training(history)) == rows(charts.training(long))


def test_training_of_several_networks_has_a_menu(history, drawn):
    both = pd.concat([history.assign(network="imaginet"), (history * 3).assign(network="sum", epoch=history["epoch"])])
    chart = charts.training(both)
    assert drawn(chart) != drawn(chart, network_pick="sum")
    assert "training 2 to 0.8" in chart.description


def test_a_missing_column_is_an_error(history):
    with pytest.raises(ValueError, match="needs the column validation_loss"):
        charts.training(history.drop(columns="validation_loss"))
