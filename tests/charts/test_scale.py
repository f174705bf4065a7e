"""Charts of scale: what is measured is a point, what is extrapolated is dashed and says so."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def costs():
    grid = [(units, words) for units in (64, 256, 1024) for words in (1e4, 1e6, 1e9)]
    table = pd.DataFrame(grid, columns=["units", "words"])
    return table.assign(seconds=table["units"] * table["words"] * 1e-7, serial=0.01)


@pytest.fixture
def measured():
    grid = [(units, words) for units in (64, 256, 1024) for words in (5000, 10_000) for _ in range(3)]
    table = pd.DataFrame(grid, columns=["units", "words"])
    return table.assign(processor=table["units"] * table["words"] * 1e-7)


@pytest.fixture
def speeds():
    roads = ("two processes apart", "two workers")
    return pd.DataFrame(
        [(units, road, repeat, 1.5 + 0.1 * repeat) for units in (256, 1024) for road in roads for repeat in range(3)],
        columns=["units", "road", "repeat", "speed_up"],
    )


@pytest.fixture
def memory():
    return pd.DataFrame(
        [
            (times, times * 60_000, process, 300.0 + times)
            for times in (1, 4, 16)
            for process in ("worker 0", "worker 1", "client")
        ],
        columns=["times", "words", "process", "peak"],
    )


def test_costs_are_lines_and_measurements_points(costs, measured, rows, drawn):
    chart = charts.reading_costs(costs, measured)
    kept = rows(chart)
    assert sum("seconds" in row for row in kept) == 9 and sum("processor" in row for row in kept) == 6  # medians
    assert ">With 1 machine<" in drawn(chart)
    more = drawn(chart, machines=10)
    assert ">With 1024 machines: extrapolated<" in more and "stroke-dasharray" in more
    assert "1,000,000,000 words at 1024 units take 28.4 hours" in chart.to_dict()["description"]


def test_two_workers_stand_beside_two_processes(speeds, drawn):
    chart = charts.two_workers(speeds)
    assert "256 units, two workers: 1.60" in chart.to_dict()["description"]
    assert " ".join(chart.to_dict()["title"]["text"]) == "Two workers read 1.6 times as fast as one process"
    wider = speeds.assign(speed_up=speeds["speed_up"] + (speeds["units"] > 256) * (speeds["road"] == "two workers"))
    assert "1.6 to 2.6 times" in " ".join(charts.two_workers(wider).to_dict()["title"]["text"])
    assert ">two processes apart<" in drawn(chart) and ">1024 units<" in drawn(chart)


def test_memory_stands_beside_that_of_all_states(memory, rows, drawn):
    chart = charts.memory_by_corpus(memory, 256)
    held = {row["times"]: row["peak"] for row in rows(chart) if row["of"] == "all states, if they were held"}
    assert held == pytest.approx({times: times * 60_000 * 256 * 4 / 2**20 for times in (1, 4, 16)}, rel=1e-3)
    assert "301 MB at 1 times, 304 MB at 4 times, 316 MB at 16 times" in chart.to_dict()["description"]
    assert " ".join(chart.to_dict()["title"]["text"]) == "16 times the words: a worker needs 1.05 times the memory"
    assert ">a worker<" in drawn(chart)


def test_a_thousand_machines_are_dashed(speeds, drawn):
    table = pd.DataFrame({"units": 256, "machines": [1, 10, 1000], "speed_up": [1.0, 9.0, 80.0]})
    chart = charts.many_machines(table, speeds[speeds["units"] == 256])
    assert "With 1,000 machines: 256 units 80" in chart.to_dict()["description"]
    assert "1,000 machines read 80 times as fast as one" in " ".join(chart.to_dict()["title"]["text"])
    assert "stroke-dasharray" in drawn(chart) and "extrapolated" in drawn(chart)


@pytest.mark.parametrize("name", ["reading_costs", "two_workers", "memory_by_corpus", "many_machines"])
def test_a_table_without_its_columns_is_an_error(name):
    few = pd.DataFrame({"units": np.arange(2)})
    with pytest.raises(ValueError, match="the chart needs the columns"):
        getattr(charts, name)(*{"two_workers": (few,)}.get(name, (few, few)))
