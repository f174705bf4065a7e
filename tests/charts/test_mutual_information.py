"""Charts of mutual information: distributions over units, ratios beside the paper's, and bias."""

import pandas as pd
import pytest

from reading_neurons import charts

CONTEXTS = [f"{kind} {width}" for kind in ("word", "deprel") for width in ("unigram", "bigram", "trigram")]


@pytest.fixture
def medians(rng):
    rows = []
    for network in ("trained", "untrained"):
        for pathway in ("visual", "textual", "sum", "language model"):
            for place, context in enumerate(CONTEXTS):
                for measure in ("mi", "null", "excess"):
                    low = place / 5 + rng.random() / 10
                    paper = low + 0.1 if (network, measure) == ("trained", "mi") else None
                    rows.append((network, pathway, context, measure, 99, low + 0.2, low, low + 0.1, low + 0.3, low + 0.4, paper))
    columns = ["network", "pathway", "context", "measure", "count", "median", "p5", "q1", "q3", "p95", "paper"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def ratios():
    rows = []
    for network in ("trained", "untrained"):
        for measure in ("mi", "excess"):
            for place, context in enumerate([*CONTEXTS, "deprel - word, unigram"]):
                ratio = place / 10 - 0.2
                paper = (ratio + 0.1, ratio, ratio + 0.2) if measure == "mi" else (None,) * 3
                rows.append((network, measure, context, ratio, ratio - 0.1, ratio + 0.1, ratio - 0.3, ratio + 0.3, ratio - 0.05, ratio + 0.05, *paper))
    columns = ["network", "measure", "context", "log_ratio", "low", "high", "least", "most", "image_low", "image_high", "paper", "paper_low", "paper_high"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def bias():
    estimates = {"plug-in": 0.9, "above shuffled": 0.7, "miller-madow": 0.75}
    return pd.DataFrame(
        {"contexts": contexts, "estimator": name, "mi": value + contexts / 9999, "truth": 0.7}
        for name, value in estimates.items()
        for contexts in (20, 200, 2000)
    )


def test_pages_can_show_them(medians, ratios, bias, check):
    check(charts.information(medians), budget=60_000)
    check(charts.information_ratios(ratios))
    check(charts.information_bias(bias))


def test_menus_choose_what_is_drawn(medians, drawn):
    chart = charts.information(medians)
    seen = {drawn(chart, measure_pick=measure, network_pick=network) for measure in ("mi", "null") for network in ("trained", "untrained")}
    assert len(seen) == 4
    names = {parameter["name"]: parameter.get("bind", {}).get("labels") for parameter in chart.to_dict()["params"]}
    assert names["measure_pick"] == ["as estimated", "above shuffled contexts", "shuffled contexts alone"]
    assert names["network_pick"] == ["trained", "untrained"]


def test_one_scale_serves_every_choice(medians):
    chart = charts.information(medians).to_dict()
    domain = chart["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain == pytest.approx([0, medians["p95"].max()], rel=1e-3)


def test_the_papers_medians_are_drawn_where_it_has_them(medians, drawn):
    chart = charts.information(medians)
    diamonds = [drawn(chart, measure_pick=measure).count("<path") for measure in ("mi", "excess")]
    assert diamonds[0] == diamonds[1] + 24
    assert "paper" not in " ".join(charts.information(medians.drop(columns="paper")).to_dict()["title"]["subtitle"])


def test_a_table_without_choices_has_no_menu(medians):
    one = medians.query("network == 'trained' and measure == 'mi'").drop(columns=["network", "measure"])
    assert not any("bind" in parameter for parameter in charts.information(one).to_dict()["params"])


def test_differences_are_passed_over_and_words_and_labels_drawn(ratios, rows):
    held = rows(charts.information_ratios(ratios))
    assert {row["context"] for row in held} == set(CONTEXTS)
    assert {(row["kind"], row["width"]) for row in held} == {tuple(context.split()) for context in CONTEXTS}


def test_ratios_without_paper_or_images_can_be_drawn(ratios, check):
    plain = ratios.drop(columns=["paper", "paper_low", "paper_high", "image_low", "image_high"])
    chart = charts.information_ratios(plain)
    check(chart)
    subtitle = " ".join(chart.to_dict()["title"]["subtitle"])
    assert "paper" not in subtitle and "images" not in subtitle


def test_the_truth_is_named(bias, drawn):
    svg = drawn(charts.information_bias(bias))
    assert ">the truth<" in svg and all(f">{name}<" in svg for name in bias["estimator"])


def test_a_missing_column_is_an_error(medians, ratios, bias):
    with pytest.raises(ValueError, match="needs the column p95"):
        charts.information(medians.drop(columns="p95"))
    with pytest.raises(ValueError, match="needs the column least"):
        charts.information_ratios(ratios.drop(columns="least"))
    with pytest.raises(ValueError, match="needs the column truth"):
        charts.information_bias(bias.drop(columns="truth"))
