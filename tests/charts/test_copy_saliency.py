"""Charts of copies: a cell for each word that a step rests on, and influence by step beside what equal words have."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

SENTENCES = [("a", "dog", "sees", "a", "cat"), ("dogs", "sleep")]


@pytest.fixture
def table(rng):
    """Two copies, as the method gives them; the second is wrong and longer."""
    rows = []
    for number, (words, copy) in enumerate(zip(SENTENCES, (SENTENCES[0], ("dogs", "dogs", "dogs")), strict=True)):
        for step, predicted in enumerate((*copy, "</s>")):
            sides = ("source", words), ("copy", copy[:step])
            read = [(side, *word) for side, part in sides for word in enumerate(part)]
            rows += [(number, step, predicted, *word, rng.uniform(0.1, 0.5)) for word in read]
    table = pd.DataFrame(rows, columns=["sentence", "step", "predicted", "side", "position", "word", "saliency"])
    strongest = (table["sentence"] == 0) & (table["step"] == 1) & (table["word"] == "dog")
    return table.assign(saliency=table["saliency"].where(~strongest, 0.9))


@pytest.fixture
def steps():
    rows = [
        (pathway, measure, step, *(power * gain * step + off for off in (0, -0.02, 0.02)), 0.01 * step, 90)
        for pathway, gain in (("autoencoder", 0.05), ("untrained autoencoder", 0.02))
        for measure, power in (("share", 1), ("ratio", 4))
        for step in range(1, 9)
    ]
    return pd.DataFrame(rows, columns=["pathway", "measure", "step", "mean", "low", "high", "alike", "count"])


def cells(svg):
    """Left, top and colour of every cell, and what it says."""
    group = re.findall(r"mark-rect.*?</g>", svg, re.DOTALL)[0]
    found = re.findall(r'<path aria-label="([^"]*)" [^>]*d="M([\d.]+),([\d.]+)[^"]*" fill="([^"]+)"', group)
    return [(float(left), float(top), colour, said) for said, left, top, colour in found]


def test_a_page_can_show_them(table, steps, check):
    check(charts.copy_saliency(table))
    check(charts.copy_saliency(table, full="step"))
    check(charts.copy_influence(steps))


def test_a_cell_for_each_word_that_came_before(table, drawn):
    chart = charts.copy_saliency(table)
    assert len(cells(drawn(chart))) == sum(5 + step for step in range(6))
    second = cells(drawn(chart, sentence_pick=1))
    tops = sorted({top for _, top, _, _ in second})
    assert [sum(cell[1] == top for cell in second) for top in tops] == [2, 3, 4, 5]
    copied = [left for left, top, *_ in sorted(second) if top == tops[-1]]
    assert np.diff(copied)[1] > 1.5 * np.diff(copied)[0]  # the sides are apart


def test_rows_and_columns_have_their_words_and_the_menu_the_sources(table, drawn):
    chart = charts.copy_saliency(table)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn(chart, sentence_pick=1))
    assert texts.count("dogs") == 1 + 3 + 3 and texts.count("sleep") == 1 and texts.count("&lt;/s&gt;") == 1
    labels = str(chart.to_dict()["params"])
    assert "a dog sees a cat" in labels and "dogs sleep" in labels


def test_full_colour_is_the_strongest_of_all_or_of_each_step(table, drawn):
    colours = [colour for _, _, colour, _ in cells(drawn(charts.copy_saliency(table)))]
    full = next(c for _, _, c, said in cells(drawn(charts.copy_saliency(table))) if "0.9" in said)
    assert colours.count(full) == 1
    each = [colour for _, _, colour, _ in cells(drawn(charts.copy_saliency(table, full="step")))]
    assert each.count(full) == 6
    word = [cell for cell in cells(drawn(charts.copy_saliency(table, full="word"))) if cell[2] == full]
    assert len({left for left, *_ in word}) == len(word) == 10


def test_the_strongest_of_a_word_is_its_largest_share_of_a_step():
    rows = [
        (step, side, position, size)
        for step, sizes in enumerate([(4, 1), (4, 6)])
        for side in ("source", "copy")[: step + 1]
        for position, size in enumerate(sizes if side == "source" else (9,))
    ]
    table = pd.DataFrame(rows, columns=["step", "side", "position", "saliency"])
    table = table.assign(sentence=0, predicted="a", word="a")
    found = charts.copy_saliency(table, full="word").to_dict()
    values = [row["_values"] for data in found["datasets"].values() for row in data]
    assert values == [[1.0, 0.333, None, None], [0.5, 1.0, None, 1.0]]


def test_the_description_says_what_words_are_written_from(table):
    said = charts.copy_saliency(table).description
    assert said.startswith("Heat of 2 copies to pick from") and "'dog' from 'dog'" in said
    assert "by what was written before, 'dog' from 'a'" in said


def test_a_menu_picks_how_it_was_asked(table, steps, drawn, check):
    squared = table.assign(method="exchange", saliency=table["saliency"] ** 2)
    both = pd.concat([table.assign(method="derivative"), squared])
    chart = charts.copy_saliency(both, full="step")
    check(chart)
    first, other = (cells(drawn(chart, panel_pick=method)) for method in ("derivative", "exchange"))
    alone = cells(drawn(charts.copy_saliency(table, full="step")))
    assert [cell[2] for cell in first] == [cell[2] for cell in alone] != [cell[2] for cell in other]
    assert len(first) == len(other) and "exchange" in drawn(chart, panel_pick="exchange")
    asked = pd.concat([steps.assign(method="derivative"), steps.assign(method="exchange", mean=steps["mean"] / 2)])
    chart = charts.copy_influence(asked)
    check(chart)
    assert len(re.findall(r'aria-roledescription="point"', drawn(chart))) == 16
    assert drawn(chart) != drawn(chart, method_pick="exchange")
    assert chart.description == charts.copy_influence(steps).description


def test_influence_has_a_curve_for_each_network_and_one_for_equal_words(steps, drawn, rows):
    chart = charts.copy_influence(steps)
    assert len(rows(chart)) == len(steps)
    svg = drawn(chart)
    assert svg.count("mark-line") == 3 and len(re.findall(r'aria-roledescription="point"', svg)) == 16
    assert svg != drawn(chart, measure_pick="ratio")
    assert "autoencoder from 0.05 after 1 to 0.40 after 8" in chart.description


def test_bad_input_is_an_error_that_says_what_to_do(table, steps):
    with pytest.raises(ValueError, match="needs the column predicted"):
        charts.copy_saliency(table.drop(columns="predicted"))
    with pytest.raises(ValueError, match="full colour is the strongest of 'sentence', 'step', 'word', found 'page'"):
        charts.copy_saliency(table, full="page")
    with pytest.raises(ValueError, match="at least one row"):
        charts.copy_saliency(table.iloc[:0])
    with pytest.raises(ValueError, match="measures are share, excess, ratio, found power"):
        charts.copy_influence(steps.assign(measure="power"))
    with pytest.raises(ValueError, match="needs the column alike"):
        charts.copy_influence(steps.drop(columns="alike"))
