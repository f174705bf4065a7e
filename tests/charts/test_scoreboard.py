"""The marks of the scoreboard."""

import pytest

from reading_neurons import charts, verdicts
from reading_neurons.charts.scoreboard import LOOKS



@pytest.fixture
def chart(claims, board):
    return charts.scoreboard(claims, board)


def marks(chart, rows):
    return [row for row in rows(chart) if "claim" in row]


def test_it_is_as_a_page_needs_it(chart, check):
    check(chart)


def test_each_claim_is_one_mark_with_its_verdict(chart, rows, claims):
    drawn = {row["claim"]: row["verdict"] for row in marks(chart, rows)}
    assert drawn == dict(zip(claims["claim"], claims["verdict"], strict=True))


def test_in_a_row_what_failed_stands_first(chart, rows):
    places = {}
    for row in sorted(marks(chart, rows), key=lambda row: row["place"]):
        places.setdefault(row["row"], []).append(verdicts.ORDER.index(row["verdict"]))
    assert len(places) > 20
    assert all(found == sorted(found) for found in places.values())


def test_the_test_that_is_shown_speaks_most_against_the_claim(chart, rows, board):
    for row in marks(chart, rows):
        if row["verdict"] in (verdicts.FAILS, verdicts.PART):
            asked, _, corpus = row["example"].rpartition(": ")[0].rpartition(", on ")
            found = board[(board["asked"] == asked) & (board["corpus"] == corpus)]
            assert set(found["verdict"]) in ({verdicts.FAILS}, {verdicts.UNDECIDED})


def test_verdicts_differ_in_shape_and_colour(claims):
    assert len({look.shape for look in LOOKS.values()}) == len({look.colour for look in LOOKS.values()}) == len(LOOKS)


def test_menus_leave_other_marks_faint(chart, drawn):
    whole, one, none = drawn(chart), drawn(chart, paper_pick="Li 2016"), drawn(chart, verdict_pick="holds")
    assert 'opacity="0.12"' not in whole
    assert 0 < one.count('opacity="0.12"') != none.count('opacity="0.12"') > 0


def test_the_title_counts(chart, claims):
    title = " ".join(chart.to_dict()["title"]["text"])
    testable = claims[claims["verdict"] != verdicts.UNTESTED]
    held = (claims["verdict"] == verdicts.HOLDS).sum()
    assert title.startswith(f"Of {len(testable)} claims that can be tested {held} hold")


def test_a_missing_column_is_an_error(claims, board):
    with pytest.raises(ValueError, match="needs the column topic"):
        charts.scoreboard(claims.drop(columns="topic"), board)
