"""A unit word by word: heat, runs and curve."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def traces():
    """Two units; the first is on from 'two' to 'dogs' and in a second sentence nowhere."""
    sentences = {0: ("two big dogs sleep", [0, 1, 2, -1]), 7: ("a cat and a cat", [-1] * 5)}
    return pd.DataFrame(
        {
            "pathway": pathway, "unit": unit, "sentence": number, "position": position, "word": word,
            "activation": 0.9 - 0.2 * position, "decile": 10 - 2 * position, "age": age, "high": 0.8, "low": 0.1,
        }
        for pathway, unit in (("visual", 3), ("textual", 11))
        for number, (text, ages) in sentences.items()
        for position, (word, age) in enumerate(zip(text.split(), ages, strict=True))
    )  # fmt: skip


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_page_can_show_it(traces, check):
    check(charts.unit_traces(traces))


def test_every_word_has_its_cell_and_its_activation(traces, rows):
    held = pd.DataFrame(rows(charts.unit_traces(traces)))
    assert len(held) == len(traces)
    merged = traces.assign(
        _unit=traces["pathway"] + " " + traces["unit"].astype(str), _row=(traces["sentence"] == 7).astype(int)
    )
    merged = merged.merge(held, on=["_unit", "_row", "position", "word"])
    assert len(merged) == len(traces) and (merged["activation_x"] - merged["activation_y"]).abs().max() < 1e-3


def test_words_stand_in_reading_order_all_sentences_under_each_other(traces, drawn):
    shown = [text for text in texts(drawn(charts.unit_traces(traces))) if text.islower()]
    assert sorted(shown) == sorted("two big dogs sleep a cat and a cat".split())


def test_menus_pick_the_unit_and_a_sentence(traces, drawn):
    chart = charts.unit_traces(traces)
    menus = {p["name"]: p["bind"] for p in chart.to_dict()["params"] if "bind" in p}
    assert menus["unit_pick"]["labels"] == ["visual 3", "textual 11"]
    assert menus["row_pick"]["labels"] == ["all", "no. 1, with its curve", "no. 2, with its curve"]
    one = texts(drawn(chart, row_pick=1))
    assert "cat" in one and "dogs" not in one
    assert "switched on from 0.80" in one and "off below 0.10" in one
    assert "switched on from 0.80" not in texts(drawn(chart))


def test_one_sentence_comes_with_its_curve_and_no_menu(traces, drawn):
    chart = charts.unit_traces(traces[(traces["unit"] == 3) & (traces["sentence"] == 0)])
    assert not [p for p in chart.to_dict()["params"] if "bind" in p]
    assert "switched on from 0.80" in texts(drawn(chart))


def test_triggers_and_runs_are_marked(traces, drawn):
    def seen(svg):
        return [
            len(re.findall(rf"<(?:line|path)[^>]*{look}[^>]*>", svg))
            - len(re.findall(rf"<(?:line|path)[^>]*{look}[^>]* opacity=\"0\"", svg))
            for look in ('stroke-width="3"',)
        ]

    assert seen(drawn(charts.unit_traces(traces)))[0] == seen(drawn(charts.unit_traces(traces.assign(age=-1))))[0] + 3


def test_no_layer_is_empty_of_rows(traces):
    """Vega would complain in the console of a reader."""
    conditions = re.findall(r"'filter': '([^']*)'", str(charts.unit_traces(traces).to_dict()))
    assert len(conditions) > 5 and {c for c in conditions if "unit_pick" not in c} <= {"true", "datum.position == 0"}


def test_words_turn_where_they_do_not_fit(drawn):
    long = pd.DataFrame(
        {"pathway": "visual", "unit": 0, "sentence": 0, "position": range(18), "word": "enthusiastically",
         "activation": 0.1, "decile": 3, "age": -1, "high": 0.8, "low": 0.1}
    )  # fmt: skip
    assert "rotate(270)" in drawn(charts.unit_traces(long))


def test_an_unknown_word_is_marked(traces, drawn):
    assert "dogs ?" in texts(drawn(charts.unit_traces(traces.assign(known=traces["word"] != "dogs"))))


def test_a_constant_unit_can_be_drawn(traces, check):
    check(charts.unit_traces(traces.assign(activation=0.0, high=0.0, low=0.0, age=-1)))


def test_the_description_reads_the_first_sentence(traces):
    assert "'two big dogs sleep': on from 'two' to 'dogs'" in charts.unit_traces(traces).description
    assert "never on" in charts.unit_traces(traces[traces["sentence"] == 7]).description


def test_markup_in_a_word_stays_text(traces, drawn):
    svg = drawn(charts.unit_traces(traces.replace({"word": {"dogs": "<b>dogs</b>"}})))
    assert "<b>" not in svg and "&lt;b&gt;dogs" in svg
