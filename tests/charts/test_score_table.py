"""The tables of the scoreboard."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from reading_neurons import charts, display, verdicts
from reading_neurons.charts import wording
from reading_neurons.paper_claims import BEYOND, PAPERS, PLANTED

BOOK = Path(__file__).parents[2] / "book"


def soup(table):
    return BeautifulSoup(table._repr_html_(), "html.parser")


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_s_table_has_each_claim_once_what_failed_first(claims, board, paper):
    rows = soup(charts.scored_claims(claims, board, paper)).tbody.find_all("tr")
    assert len({row["id"] for row in rows}) == len(rows) == (claims["paper"] == paper).sum()
    found = [row.find_all("td")[-1].text for row in rows]
    order = [wording.verdict(word) for word in verdicts.ORDER]
    assert found == sorted(found, key=order.index)


def test_every_test_of_a_claim_is_in_its_row(claims, board):
    table = soup(charts.scored_claims(claims, board, "kadar2017"))
    claim = claims[(claims["paper"] == "kadar2017") & (claims["tests"] > 3)].iloc[0]
    row = table.find(id=f"claim-kadar2017-{claim['number'] + 1}")
    tests = board[(board["paper"] == "kadar2017") & (board["number"] == claim["number"])]
    items = [item.text for item in row.find_all("li")]
    assert len(items) == len(tests)
    for asked in tests["asked"]:
        assert any(asked in item for item in items)
    assert row.summary.text == f"{claim['hold']} of {claim['tests']} tests hold"


def test_what_is_not_testable_says_why(claims, board):
    untested = claims[(claims["verdict"] == verdicts.UNTESTED) & (claims["paper"] == "li2016")].iloc[0]
    row = soup(charts.scored_claims(claims, board, "li2016")).find(id=f"claim-li2016-{untested['number'] + 1}")
    assert row.find_all("td")[1].text == untested["reason"] and row.details is None


def test_links_lead_to_pages_in_a_build_and_to_notebooks_elsewhere(claims, board, monkeypatch):
    monkeypatch.delenv(display.BOOK_VARIABLE, raising=False)
    shown = soup(charts.scored_claims(claims, board, "poerner2018"))
    assert shown.find("a")["href"].endswith(".md")
    monkeypatch.setenv(display.BOOK_VARIABLE, "1")
    shown = soup(charts.scored_claims(claims, board, "poerner2018"))
    for link in shown.find_all("a"):
        assert link["href"].endswith(".html") and (BOOK / link["href"]).with_suffix(".md").exists()


@pytest.mark.parametrize("kind", [BEYOND, PLANTED])
def test_groups_have_every_claim_of_their_kind(board, kind):
    table = soup(charts.scored_groups(board, kind, "All"))
    mine = board[board["kind"] == kind]
    assert len(table.find_all("li")) == len(mine)
    assert f"{(mine['verdict'] == verdicts.HOLDS).sum()} of {len(mine)} hold" in table.caption.text
    assert "holds" not in table.tbody.tr.find_all("td")[-1].text, "a group with a failure stands first"


def test_markup_in_a_claim_stays_text(claims, board):
    first = claims[claims["paper"] == "li2016"].index[0]
    changed = claims.assign(claim=claims["claim"].where(claims.index != first, "<b>bold</b>"))
    assert "<b>" not in charts.scored_claims(changed, board, "li2016")._repr_html_()


def test_it_is_accessible_and_light(claims, board):
    shown = [charts.scored_claims(claims, board, paper) for paper in PAPERS]
    shown += [charts.scored_groups(board, kind, "All") for kind in (BEYOND, PLANTED)]
    assert sum(len(table._repr_html_()) for table in shown) < 700_000
    for table in shown:
        found = soup(table)
        assert found.caption.text == table.caption
        assert {cell["scope"] for cell in found.find_all("th")} == {"col", "row"}
        assert all(cell.has_attr("data-title") for cell in found.tbody.find_all("td"))


def test_an_unknown_paper_and_an_unknown_kind_are_errors(claims, board):
    with pytest.raises(ValueError, match="found no claim of 'freud1900'"):
        charts.scored_claims(claims, board, "freud1900")
    with pytest.raises(ValueError, match="found no claim of the kind 'odd'"):
        charts.scored_groups(board, "odd", "All")
    with pytest.raises(ValueError, match="needs the column asked"):
        charts.scored_groups(board.drop(columns="asked"), PLANTED, "All")
