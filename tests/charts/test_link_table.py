"""Tables with links."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from reading_neurons import charts

TABLE = pd.DataFrame({"what": ["Say `<s>` *twice*", "Rest"], "minutes": [5, 10], "where": ["a.html#b", ""]})
COLUMNS = {"what": "What", "minutes": "Minutes & more"}


@pytest.fixture
def shown():
    html = charts.link_table(TABLE, COLUMNS, "Two <rows>", {"what": "where"})._repr_html_()
    return BeautifulSoup(html, "html.parser")


def test_a_cell_is_a_link_where_there_is_an_address(shown):
    assert [link["href"] for link in shown.find_all("a")] == ["a.html#b"]
    assert [head.text for head in shown.find_all("th", scope="row")] == ["Say <s> twice", "Rest"]


def test_words_are_escaped_and_marked_up(shown):
    assert shown.find("code").text == "<s>" and shown.find("em").text == "twice"
    assert shown.find("caption").text == "Two <rows>"


def test_each_cell_of_a_card_says_what_it_is(shown):
    assert [cell["data-title"] for cell in shown.find_all("td")] == ["Minutes & more"] * 2
    assert [head.text for head in shown.find_all("th", scope="col")] == list(COLUMNS.values())


def test_it_says_itself_in_plain_text():
    assert repr(charts.link_table(TABLE, COLUMNS, "Two rows")).splitlines() == ["Two rows", "Say `<s>` *twice* | 5", "Rest | 10"]


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="needs the column place; found what, minutes, where"):
        charts.link_table(TABLE, COLUMNS, "", {"what": "place"})
