"""The table of claims."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "claim": ["Nouns <b>are</b> visual", "Verbs are low", "Numerals are visual", "Determiners are textual"],
            "paper": ["> 0", "low", "> 0", "< 0"],
            "here": [0.7, np.nan, -0.4, -3.7],
            "interval": [(0.6, 0.8), (np.nan, None), [-1, 0], (-3.8, -3.6)],
            "holds": [True, None, False, True],
        }
    )


class Cells(HTMLParser):
    """The texts of a table's cells, row by row."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.tags = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows:
            self.rows[-1][-1] += data


def test_what_failed_comes_first_and_is_said_in_words(table):
    rows = Cells(charts.claims(table)._repr_html_()).rows
    assert [row[0] for row in rows[1:]] == [
        "Numerals are visual", "Verbs are low", "Nouns <b>are</b> visual", "Determiners are textual",
    ]  # fmt: skip
    assert [row[-1] for row in rows[1:]] == ["✗ fails", "– not testable here", "✓ holds", "✓ holds"]


def test_numbers_and_intervals_are_readable(table):
    rows = {row[0]: row[1:4] for row in Cells(charts.claims(table)._repr_html_()).rows}
    assert rows["Nouns <b>are</b> visual"] == ["> 0", "0.70", "0.60 to 0.80"]
    assert rows["Numerals are visual"][1:] == ["−0.40", "−1.00 to 0.00"]
    assert rows["Verbs are low"][1:] == ["", ""]


def test_what_the_data_cannot_decide_is_not_called_untestable(table):
    undecided = charts.claims(table.assign(here=[0.7, 0.1, -0.4, -3.7], interval=[(-1, 1)] * 4))
    rows = Cells(undecided._repr_html_()).rows
    assert [row[-1] for row in rows[1:]] == ["✗ fails", "– undecided", "✓ holds", "✓ holds"]
    assert undecided.caption.endswith(": 2 of 4 hold, 1 fails, 1 undecided.")


def test_a_single_case_has_no_interval(table):
    for paper, single in (("> 0", (0.7, 0.7)), ("planted", (5, 5))):
        shown = charts.claims(table.assign(paper=paper, interval=[single] * 4))
        assert {row[-2] for row in Cells(shown._repr_html_()).rows[1:]} == {""}
    several = charts.claims(table.assign(interval=[(0.7, 0.8)] * 4))
    assert {row[-2] for row in Cells(several._repr_html_()).rows[1:]} == {"0.70 to 0.80"}


def test_it_is_accessible_and_counts(table):
    shown = charts.claims(table, caption="Section 5.2")
    tags = Cells(shown._repr_html_()).tags
    assert shown.caption == "Section 5.2: 2 of 4 hold, 1 fails, 1 cannot be tested here."
    assert "caption" in [tag for tag, _ in tags]
    assert [attributes["scope"] for tag, attributes in tags if tag == "th"] == ["col"] * 5 + ["row"] * 4


def test_long_tables_are_folded_by_what_they_ask(table):
    shown = charts.claims(table.assign(about=["words", "forms", "words", "forms"]), caption="Section 5.2", by="about")
    html = shown._repr_html_()
    cells = Cells(html)
    tags = [tag for tag, _ in cells.tags]
    assert tags.count("details") == tags.count("summary") == tags.count("table") == 2
    assert [row[0] for row in cells.rows] == ["Claim", "Verbs are low", "Determiners are textual",
                                              "Claim", "Numerals are visual", "Nouns <b>are</b> visual"]  # fmt: skip
    assert "forms: 1 of 2 holds, 1 cannot be tested here<" in html and "words: 1 of 2 holds, 1 fails<" in html
    assert "Section 5.2: 2 of 4 hold" in html


def test_markup_in_a_claim_stays_text(table):
    assert "<b>" not in charts.claims(table)._repr_html_()


def test_a_missing_column_is_an_error(table):
    with pytest.raises(ValueError, match="needs the column holds"):
        charts.claims(table.drop(columns="holds"))


def test_small_figures_keep_a_digit_and_zero_has_no_sign(table):
    small = table.assign(here=[0.0154, -0.00002, -0.047, 0.0])
    rows = {row[0]: row[2] for row in Cells(charts.claims(small)._repr_html_()).rows}
    assert [rows[claim] for claim in table["claim"]] == ["0.015", "0.000", "−0.047", "0.00"]


def test_what_was_planted_has_no_paper_and_a_range_over_worlds(table):
    rows = Cells(charts.claims(table.assign(paper="planted"))._repr_html_()).rows
    assert rows[0] == ["Claim", "Median", "Least and most", "Holds?"]
    assert rows[1] == ["Numerals are visual", "−0.40", "−1.00 to 0.00", "✗ fails"]
