"""Words from left to right with heat behind them and bars above."""

import re

import pandas as pd
import pytest
import vl_convert

from reading_neurons import charts


@pytest.fixture
def table():
    return pd.DataFrame(
        {"pathway": pathway, "sentence": number, "position": position, "word": word, "saliency": scale * (position + 1)}
        for pathway, scale in (("recurrent", 1), ("lstm", 100))
        for number, text in enumerate(("a dog", "the cat and the dog"))
        for position, word in enumerate(text.split())
    )  # fmt: skip


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def heights(svg):
    """How tall each bar is."""
    return [float(y2) for y2 in re.findall(r'<line [^>]*x2="0" y2="([\d.]+)" stroke="#', svg)]


def test_a_page_can_show_it(table, check):
    check(charts.word_heat(table))
    check(charts.word_heat(table.assign(saliency=-table["saliency"], known=True, note="negative")))


def test_words_stay_readable_on_a_narrow_screen(table):
    spec = {**charts.word_heat(table).to_dict(), "width": 320}
    sizes = re.findall(r'font-size="([0-9.]+)px"', vl_convert.vegalite_to_svg(spec))
    assert min(map(float, sizes)) >= 11


def test_words_stand_in_reading_order_on_a_line_for_each_panel(table, drawn):
    svg = drawn(charts.word_heat(table.sample(frac=1, random_state=0)), sentence_pick=1)
    places = re.findall(r'translate\(([\d.]+),([\d.]+)\)[^"]*"[^>]*>(the|cat|and|dog)<', svg)
    lines = {}
    for x, y, word in places:
        lines.setdefault(y, []).append((float(x), word))
    assert [[word for _, word in sorted(line)] for line in lines.values()] == 2 * ["the cat and the dog".split()]


def test_long_sentences_stand_on_their_ends(drawn):
    words = [f"extraordinary{n}" for n in range(12)]
    long = pd.DataFrame({"pathway": "lstm", "sentence": 0, "position": range(12), "word": words, "saliency": 1.0})
    assert "rotate(270)" in drawn(charts.word_heat(long))
    assert "rotate(270)" not in drawn(charts.word_heat(long[:2]))


def test_bars_are_full_at_the_strongest_of_each_line_or_of_all(table, drawn):
    own = heights(drawn(charts.word_heat(table)))
    assert own == pytest.approx([own[2] / 2, own[2] / 2, own[2], own[2]]) and own[2] > 0  # 'a' of both, 'dog' of both
    one = heights(drawn(charts.word_heat(table), scale_pick="one"))
    assert one == pytest.approx([own[2] / 200, own[2] / 2, own[2] / 100, own[2]])


def test_below_zero_goes_down_and_is_dashed(table, drawn):
    signed = drawn(charts.word_heat(table.assign(saliency=table["saliency"].where(table["word"] == "a", -5))))
    bars = re.findall(r'<line [^>]*translate\([\d.]+,([\d.]+)\)" x2="0" y2="([\d.]+)" stroke="(#\w+)"', signed)
    up, down = bars[0], bars[2]  # 'a' and 'dog' of the first line
    assert float(up[0]) + float(up[1]) == pytest.approx(float(down[0])), "the line of zero is between them"
    assert up[2] == "#d55e00" and down[2] == "#0072b2"
    assert 'stroke-dasharray="3,2"' in signed and 'stroke-dasharray="3,2"' not in drawn(charts.word_heat(table))


def test_what_is_unknown_and_what_was_chosen_are_said(table, drawn):
    chart = charts.word_heat(table.assign(known=table["word"] != "dog", note="negative"))
    shown = texts(drawn(chart))
    assert "dog ?" in shown and "lstm (negative)" in shown
    assert "unknown" in " ".join(chart.to_dict()["title"]["subtitle"])


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="needs the column method"):
        charts.word_heat(table, panel="method")
    with pytest.raises(ValueError, match="empty table"):
        charts.word_heat(table[:0])


def test_a_menu_picks_one_of_several_tables(table, drawn):
    both = pd.concat([table.assign(method="derivative"), table.assign(method="gradient x input", saliency=-5)])
    chart = charts.word_heat(both, pick="method")
    assert "#0072b2" not in drawn(chart)
    assert heights(drawn(chart)) == pytest.approx(heights(drawn(charts.word_heat(table))))
    assert "#0072b2" in drawn(chart, choice_pick="gradient x input")
    with pytest.raises(ValueError, match="needs the column method"):
        charts.word_heat(table, pick="method")
