"""Units with their top contexts."""

import re

import pandas as pd
import pytest
import vl_convert

from reading_neurons import charts


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def subtitle(chart):
    return " ".join(chart.to_dict()["title"]["subtitle"])


NGRAMS = {("visual", 3): ["a red bus", "bus", "the bus"], ("visual", 7): ["on a", "near a", "to a"], ("textual", 3): ["is on", "are in", "extraordinarily incomprehensible of"]}  # fmt: skip


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "pathway": pathway, "unit": unit, "rank": rank, "place": place - len(ngram.split()) + 1, "word": word,
            "activation": round(0.9 - 0.1 * rank - 0.7 * (len(ngram.split()) - 1 - place), 2),
        }
        for (pathway, unit), ngrams in NGRAMS.items()
        for rank, ngram in enumerate(ngrams)
        for place, word in enumerate(ngram.split())
    )  # fmt: skip


@pytest.fixture
def labels():
    return pd.DataFrame(
        {"pathway": pathway, "unit": unit, "kind": kind, "label": label, "count": count, "share": count / 20, "corpus": 0.1}
        for pathway, unit in NGRAMS
        for kind in ("tag", "deprel")
        for label, count in zip([f"{kind}{n}" for n in range(6)], (8, 5, 3, 2, 1, 1), strict=True)
    )


@pytest.fixture
def units():
    return pd.DataFrame({"pathway": ["visual", "visual", "textual"], "unit": [7, 3, 3], "note": ["a word", "buses", "random"]})


def test_a_page_can_show_it(table, labels, units, check):
    check(charts.contexts(table, labels, units))
    check(charts.contexts(table, labels))


def test_words_stay_readable_on_a_narrow_screen(table, labels, units):
    spec = {**charts.contexts(table, labels, units).to_dict(), "width": 320}
    sizes = re.findall(r'font-size="([0-9.]+)px"', vl_convert.vegalite_to_svg(spec))
    assert min(map(float, sizes)) >= 11


def test_the_first_unit_of_each_pathway_is_shown(table, labels, units, drawn):
    shown = texts(drawn(charts.contexts(table, labels, units)))
    assert "visual, unit 7" in shown and "a word" in shown and "textual, unit 3" in shown and "random" in shown
    assert "near" in shown and "bus" not in shown
    assert "tag0" in shown and "deprel3" in shown and "tag4" not in shown


def test_a_menu_picks_another_unit(table, labels, units, drawn):
    chart = charts.contexts(table, labels, units)
    shown = texts(drawn(chart, unit_0=3))
    assert shown.count("bus") == 3 and "near" not in shown and "are" in shown
    menus = [parameter["bind"] for parameter in chart.to_dict()["params"] if "bind" in parameter]
    assert [menu["labels"] for menu in menus] == [["7: a word", "3: buses"]]


def test_words_stand_in_reading_order_and_end_at_the_right(table, labels, drawn):
    svg = drawn(charts.contexts(table, labels))
    places = {word: float(x) for x, word in re.findall(r'translate\(([\d.]+),[\d.]+\)"[^>]*>(a|red)<', svg)}
    assert places["a"] < places["red"]
    last = re.findall(r'translate\(([\d.]+),([\d.]+)\)"[^>]*>bus<', svg)
    assert len(last) == 3 and len({x for x, _ in last}) == 1 and len({y for _, y in last}) == 3


def test_below_zero_is_marked_without_colour_too(table, labels, drawn):
    chart = charts.contexts(table, labels)
    assert 'stroke-dasharray="3,2"' in drawn(chart) and "Dashed: below 0" in subtitle(chart)
    positive = charts.contexts(table.assign(activation=table["activation"].abs()), labels)
    assert 'stroke-dasharray="3,2"' not in drawn(positive) and "Dashed" not in subtitle(positive)


def test_ten_contexts_are_drawn_and_long_words_are_cut(labels, drawn):
    table = pd.DataFrame({"pathway": "visual", "unit": 3, "rank": range(20), "place": 0, "word": [f"w{n}" for n in range(20)], "activation": 0.5})
    shown = texts(drawn(charts.contexts(table, labels[labels["pathway"] == "visual"])))
    assert "w9" in shown and "w10" not in shown


def test_a_pathway_beyond_one_has_its_own_scale(table, labels, rows):
    large = charts.contexts(table.assign(activation=4 * table["activation"]), labels)
    assert max(row["_heat"] for row in rows(large) if "_heat" in row) == 1
    assert "full at the most of its pathway" in subtitle(large)
    small = rows(charts.contexts(table.assign(activation=0.1 * table["activation"]), labels))
    assert max(row["_heat"] for row in small if "_heat" in row) < 0.1


def test_the_subtitle_says_how_many_contexts_the_bars_count(table, labels):
    """Of an image several objects are shown, so that counts of topics add up to more."""
    objects = labels[labels["kind"] == "tag"].assign(kind="topic", count=20, share=1.0)
    assert "last words of the top 20" in subtitle(charts.contexts(table, pd.concat([labels, objects])))


def test_bad_tables_are_errors(table, labels):
    with pytest.raises(ValueError, match="needs the column word"):
        charts.contexts(table.drop(columns="word"), labels)
    with pytest.raises(ValueError, match="empty table"):
        charts.contexts(table[:0], labels)
    with pytest.raises(ValueError, match="room for 2 pathways side by side, found 3"):
        charts.contexts(pd.concat([table, table.assign(pathway="sum")]), labels)
