"""A chart in a notebook that can be exchanged."""

from reading_neurons.live_chart import LiveChart


def test_it_brings_vega_along_and_names_no_host_to_fetch_it_from():
    chart = LiveChart({"mark": "bar"})
    assert len(chart._esm) > 500_000
    assert "import " not in chart._esm[:200] and "esm.sh" not in chart._esm


def test_a_front_end_is_sent_the_new_chart():
    chart = LiveChart({"mark": "bar"})
    chart.spec = {"mark": "line"}
    assert chart.get_state(["spec"]) == {"spec": {"mark": "line"}}
