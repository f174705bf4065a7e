"""Words by dimension, panels side by side."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def table(rng):
    return pd.DataFrame(
        {
            "pathway": pathway, "sentence": number, "position": position, "word": word, "dimension": dimension,
            "saliency": scale * rng.random(),
        }
        for pathway, scale in (("recurrent", 1), ("lstm", 100))
        for number, text in enumerate(("a dog", "the cat and the dog"))
        for position, word in enumerate(text.split())
        for dimension in range(6)
    )  # fmt: skip


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def cells(svg):
    """Left, top, width, height and colour of every cell."""
    found = re.findall(r'mark-rect.*?</g>', svg, re.DOTALL)[0]
    place = r'd="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)[^"]*" fill="([^"]+)"'
    return re.findall(rf'<path aria-label="[^"]*" [^>]*{place}', found)


def test_a_page_can_show_it(table, check):
    check(charts.dimension_heat(table))
    check(charts.dimension_heat(table.assign(saliency=table["saliency"] - 0.5)))
    check(charts.dimension_heat(table.assign(label=table["dimension"].map("word{}".format))))


def test_a_cell_for_each_word_and_dimension_of_each_panel(table, drawn):
    assert len(cells(drawn(charts.dimension_heat(table)))) == 2 * 2 * 6
    assert len(cells(drawn(charts.dimension_heat(table), sentence_pick=1))) == 2 * 5 * 6
    assert len(cells(drawn(charts.dimension_heat(table), panel_pick="lstm"))) == 2 * 6


def test_a_repeated_word_has_a_row_for_each_place(table, drawn):
    svg = drawn(charts.dimension_heat(table), sentence_pick=1)
    assert texts(svg).count("the") == 2
    assert len({top for _, top, *_ in cells(svg)}) == 5


def test_rows_are_in_reading_order_whatever_the_order_of_the_table(table, drawn):
    svg = drawn(charts.dimension_heat(table.sample(frac=1, random_state=0)), sentence_pick=1)
    places = re.findall(r'translate\(([\d.]+),([\d.]+)\)"[^>]*>(the|cat|and|dog)<', svg)
    assert [word for _, _, word in sorted(places, key=lambda place: float(place[1]))] == "the cat and the dog".split()


def test_each_panel_has_its_own_scale_and_the_menu_gives_one(table, drawn):
    def strongest(svg):
        by_panel = {}
        for left, _, _, _, colour in cells(svg):
            by_panel.setdefault(float(left) > 190, set()).add(colour)
        return by_panel

    own = strongest(drawn(charts.dimension_heat(table)))
    full = own[False] & own[True]
    assert full, "both panels have a cell of full colour"
    one = strongest(drawn(charts.dimension_heat(table), scale_pick="one"))
    assert full & one[True] and not full & one[False]


def test_signed_values_diverge_at_zero(table, drawn):
    signed = table.assign(saliency=np.where(table["dimension"] < 3, -1.0, 1.0))
    colours = {colour for *_, colour in cells(drawn(charts.dimension_heat(signed)))}
    assert len(colours) == 2
    assert "Blue: below 0." in " ".join(charts.dimension_heat(signed).to_dict()["title"]["subtitle"])
    assert "#0072b2" in str(charts.dimension_heat(signed).to_dict())


def test_a_missing_value_is_no_cell(table, drawn):
    holes = table.assign(saliency=table["saliency"].where(table["dimension"] != 2))
    assert len(cells(drawn(charts.dimension_heat(holes)))) == 2 * 2 * 5


def test_columns_can_have_names(table, drawn):
    named = table.assign(label=table["dimension"].map("step{}".format))
    shown = texts(drawn(charts.dimension_heat(named, columns="Word written")))
    assert shown.count("step3") == 2 and "5" not in shown
    assert {"Dimension 0", "5"} <= set(texts(drawn(charts.dimension_heat(table), panel_pick="lstm")))


def test_panels_can_be_methods(table, drawn):
    methods = table.rename(columns={"pathway": "method"})
    assert {"recurrent", "lstm"} <= set(texts(drawn(charts.dimension_heat(methods, panel="method"))))


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="needs the column dimension"):
        charts.dimension_heat(table.drop(columns="dimension"))
    with pytest.raises(ValueError, match="from 5 to 6 dimensions, expected as many of each"):
        charts.dimension_heat(table.drop(index=0))
