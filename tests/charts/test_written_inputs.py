"""What each method writes for a neuron."""

import re

import pandas as pd
import pytest
import vl_convert

from reading_neurons import charts

FOUND = {("visual, dog", "gumbel"): ("a dog and", 1.5), ("visual, dog", "corpus search"): ("the dog extraordinarily", 0.5),
         ("textual, near", "gumbel"): ("is sitting", -2.0), ("textual, near", "corpus search"): ("is", -4.0)}  # fmt: skip


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.fixture
def table():
    return pd.DataFrame(
        {"neuron": neuron, "method": method, "activation": activation, "place": place, "word": word, "effect": 0.4 - 0.3 * place}
        for (neuron, method), (words, activation) in FOUND.items()
        for place, word in enumerate(words.split())
    )


def test_a_page_can_show_it(table, check):
    check(charts.written_inputs(table))


def test_the_first_neuron_is_shown_with_every_method(table, drawn):
    shown = texts(drawn(charts.written_inputs(table)))
    assert {"gumbel", "corpus search", "1.50", "0.50", "dog", "extraordinarily"} <= set(shown) and "sitting" not in shown


def test_a_menu_picks_another(table, drawn):
    shown = texts(drawn(charts.written_inputs(table), neuron_pick="textual, near"))
    assert "sitting" in shown and "−2.00" in shown and "dog" not in shown


def test_bars_are_in_proportion(table, rows):
    bars = {row["method"]: row for row in rows(charts.written_inputs(table)) if row["neuron"] == "visual, dog"}
    assert bars["gumbel"]["_bar"] == 1 and bars["corpus search"]["_bar"] == pytest.approx(1 / 3, abs=1e-3)
    assert bars["gumbel"]["_zero"] == 0 and bars["gumbel"]["_best"] and not bars["corpus search"]["_best"]
    below = {row["method"]: row for row in rows(charts.written_inputs(table)) if row["neuron"] == "textual, near"}
    assert below["corpus search"]["_zero"] == 1 and below["corpus search"]["_bar"] == 0 and below["gumbel"]["_bar"] == 0.5


def test_a_word_that_lowers_is_dashed(table, drawn):
    assert 'stroke-dasharray="3,2"' in drawn(charts.written_inputs(table))
    raised = table.assign(effect=table["effect"].abs())
    assert 'stroke-dasharray="3,2"' not in drawn(charts.written_inputs(raised))


def test_words_stay_readable_on_a_narrow_screen(table):
    spec = {**charts.written_inputs(table).to_dict(), "width": 320}
    sizes = re.findall(r'font-size="([0-9.]+)px"', vl_convert.vegalite_to_svg(spec))
    assert min(map(float, sizes)) >= 10.5


def test_a_word_alone_has_no_effect_to_draw(table, check):
    check(charts.written_inputs(table.assign(effect=float("nan"))))


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="needs the column effect"):
        charts.written_inputs(table.drop(columns="effect"))
    with pytest.raises(ValueError, match="empty table"):
        charts.written_inputs(table[:0])
