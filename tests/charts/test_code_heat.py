"""Code in the colours of a unit and of a feature."""

import re

import pandas as pd
import pytest
import vl_convert

from reading_neurons import charts
from reading_neurons.charts.code_heat import WIDEST, laid_out

TEXTS = ["int f(int a)\n{\n\treturn a;\n}", "g();"]


@pytest.fixture
def tables(rng):
    characters = pd.DataFrame(
        [(n, p, c) for n, text in enumerate(TEXTS) for p, c in enumerate(text)],
        columns=["string", "position", "character"],
    )
    units = pd.DataFrame(rng.uniform(-1, 1, (len(characters), 3)), columns=[4, 7, 9])
    labels = pd.DataFrame({"call, range": (characters["string"] == 1) * 1.0, "depth": 0.25})
    return characters, units, labels


def svg_of(chart, width, **picks):
    spec = chart.to_dict()
    for parameter in spec["params"]:
        parameter["value"] = picks.get(parameter["name"], parameter.get("value"))
        if parameter["value"] is None:
            del parameter["value"]
    return vl_convert.vegalite_to_svg({**spec, "width": width})


def cells(svg):
    """What is said of each cell of the unit's layer: fill and opacity."""
    found = re.findall(r'<g class="mark-rect[^"]*"[^>]*>(.*?)</g>', svg, re.DOTALL)[0]
    return [dict(re.findall(r'(\w+)="([^"]*)"', path)) for path in re.findall(r"<path ([^>]*)>", found)]


def letters(svg):
    """The characters of the code, with their places."""
    return [
        (float(x), float(y), text)
        for x, y, text in re.findall(
            r'text-anchor="middle" transform="translate\(([\d.]+),([\d.]+)\)"[^>]*>([^<])<', svg
        )
    ]


def test_a_page_can_show_it(tables, check):
    check(charts.code_heat(*tables))
    check(charts.code_heat(*tables, best={"call, range": 9, "depth": 4}, notes={"depth": {4: "R2 0.50"}}))


@pytest.mark.parametrize("width", [700, 340])
def test_the_code_stands_as_it_was_written(tables, width):
    places = letters(svg_of(charts.code_heat(*tables), width))
    left = [place for place in places if place[0] < 350 or width < 400]
    lines = {}
    for x, y, character in sorted(left, key=lambda place: (place[1], place[0])):
        lines.setdefault(y, {})[round(x, 1)] = character
    said = ["".join(line[x] for x in sorted(line)).replace(" ", "") for line in lines.values()]
    assert said == ["intf(inta)↵", "{↵", "⇥returna;↵", "}"]


def test_beside_each_other_where_there_is_room_and_one_where_not(tables):
    wide, narrow = (letters(svg_of(charts.code_heat(*tables), width)) for width in (700, 340))
    assert max(x for x, _, _ in wide) > 360 and max(x for x, _, _ in narrow) < 340
    assert "; bars: call, range" in svg_of(charts.code_heat(*tables), 340)


def test_a_unit_is_orange_above_zero_and_blue_below(tables):
    characters, units, labels = tables
    colours = [cell["fill"] for cell in cells(svg_of(charts.code_heat(*tables), 700, unit_pick=1))]
    expected = ["#d55e00" if value >= 0 else "#0072b2" for value in units[7].round(2)[characters["string"] == 0]]
    assert colours == expected


def test_the_menus_pick_code_feature_and_unit(tables):
    chart = charts.code_heat(*tables, best={"call, range": 9, "depth": 4}, notes={"depth": {4: "R2 0.50"}})
    menus = {p["name"]: p["bind"]["labels"] for p in chart.to_dict()["params"] if "bind" in p}
    assert menus == {
        "string_pick": ["no. 0", "no. 1"],
        "feature_pick": ["call, range", "depth"],
        "unit_pick": ["the feature's best", "unit 4", "unit 7", "unit 9"],
    }
    assert ">unit 9<" in svg_of(chart, 700) and ">unit 4, R2 0.50<" in svg_of(chart, 700, feature_pick=1)
    assert ">unit 7<" in svg_of(chart, 700, unit_pick=1) and ">g<" in svg_of(chart, 700, string_pick=1)


def test_what_is_long_goes_on_in_the_next_line():
    places = laid_out("x" * (WIDEST + 3) + "\ny")
    assert places[WIDEST] == (1, 0) and places[-1] == (2, 0)
    assert max(column for _, column in places) < WIDEST


def test_the_description_says_where_the_unit_is_highest(tables):
    characters, units, labels = tables
    units = units.assign(**{"4": 0})
    units = pd.DataFrame({5: [(c == "{") - 0.5 * (c == "}") for c in characters["character"]]})
    assert "unit 5: highest after '{', lowest after '}'." in charts.code_heat(characters, units, labels).description


def test_what_does_not_fit_is_named(tables):
    characters, units, labels = tables
    with pytest.raises(ValueError, match="needs the column position"):
        charts.code_heat(characters.drop(columns="position"), units, labels)
    with pytest.raises(
        ValueError, match="a row per character in all tables, .* found 31 characters, 30 rows of 3 units"
    ):
        charts.code_heat(characters, units[1:], labels)
    with pytest.raises(ValueError, match="at least one unit"):
        charts.code_heat(characters, units[[]], labels)
    with pytest.raises(ValueError, match="missing: 5"):
        charts.code_heat(characters, units, labels, best={"call, range": 5, "depth": 4})
    with pytest.raises(ValueError, match="missing: depth"):
        charts.code_heat(characters, units, labels, best={"call, range": 4})
