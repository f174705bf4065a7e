"""The tables of the scoreboard: a row for each claim, its tests folded away in it.

They work without a script: a row's tests are in a ``details`` element, which opens by mouse and keyboard, and on a
telephone a row becomes a card. Easy to get wrong: the order. What failed stands first, in the table and inside a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import pandas as pd

from reading_neurons import display, verdicts
from reading_neurons.charts import style, wording
from reading_neurons.charts.scoreboard import anchor
from reading_neurons.paper_claims import BESIDE, PAPER

_LEFT = 'style="text-align:left;vertical-align:top"'
_WIDE = 'style="text-align:left;vertical-align:top;min-width:7.5rem"'  # the name of a chapter stays whole
_BOARD = ("kind", "verdict", "paper", "number", "asked", "prints", "here", "interval", "corpus", "chapter")


class ScoreTable:
    """A table that a notebook and a page of the book show as HTML.

    Attributes
    ----------
    caption : str
        What the table says in one sentence.
    """

    def __init__(self, titles: Iterable[str], rows: list[tuple[str, list[str]]], caption: str):
        self._titles, self._rows, self.caption = list(titles), rows, caption

    def __repr__(self) -> str:
        return f"{self.caption} ({len(self._rows)} rows)"

    def __len__(self) -> int:
        return len(self._rows)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" {_LEFT}>{title}</th>' for title in self._titles)
        caption = f'<caption style="caption-side:top;text-align:left">{escape(self.caption)}</caption>'
        body = "".join(self._html_row(name, cells) for name, cells in self._rows)
        start = f'<table class="dataframe rn-claims">{caption}<thead><tr>{head}</tr></thead>'
        return f"{start}<tbody>{body}</tbody></table>"

    def _html_row(self, name: str, cells: list[str]) -> str:
        first = f'<th scope="row" style="text-align:left;vertical-align:top;font-weight:normal">{cells[0]}</th>'
        others = (
            f'<td data-title="{title}" {_WIDE if title == "Chapter" else _LEFT}>{cell}</td>'
            for title, cell in zip(self._titles[1:], cells[1:], strict=True)
        )
        return f'<tr{f" id={chr(34)}{name}{chr(34)}" if name else ""}>{first}{"".join(others)}</tr>'


def scored_claims(claims: pd.DataFrame, board: pd.DataFrame, paper: str) -> ScoreTable:
    """The claims of one paper, each with its tests, what failed first.

    Parameters
    ----------
    claims, board : DataFrame
        As :func:`reading_neurons.scoreboard.summary` and :func:`reading_neurons.scoreboard.read` return them.
    paper : str
        One of :data:`reading_neurons.paper_claims.PAPERS`.

    Returns
    -------
    ScoreTable

    Raises
    ------
    ValueError
        If a column is missing, or there is no claim of the paper.

    Examples
    --------
    >>> claims = pd.DataFrame({"paper": ["li2016"], "number": [0], "short": ["Li 2016"], "section": ["6"],
    ...     "where": [""], "claim": ["So"], "prints": ["seen"], "verdict": ["holds"], "tests": [1], "hold": [1],
    ...     "beside": [0], "beside_hold": [0], "chapters": [("variance",)], "reason": [""], "note": [""]})
    >>> board = pd.DataFrame({"kind": ["paper's claim"], "verdict": ["holds"], "paper": ["li2016"], "number": [0],
    ...     "asked": ["so"], "prints": ["seen"], "here": [0.5], "interval": [(0.4, 0.6)], "corpus": ["sst"],
    ...     "experiment": ["variance"], "chapter": ["variance"]})
    >>> scored_claims(claims, board, "li2016")
    Li 2016, 1 claim: 1 holds. (1 rows)
    """
    style.require(claims, "paper", "number", "short", "section", "claim", "prints", "verdict", "chapters", "reason")
    style.require(board, *_BOARD)
    mine = claims[claims["paper"] == paper]
    if mine.empty:
        raise ValueError(f"found no claim of {paper!r}, expected one of {', '.join(sorted(set(claims['paper'])))}")
    rows = []
    for claim in mine.itertuples():
        tests = board[(board["paper"] == paper) & (board["number"] == claim.number)]
        cells = [
            _claim_cell(claim), escape(claim.prints), _tests_cell(claim, tests), _links(claim.chapters),
            _verdict_cell(claim.verdict),
        ]  # fmt: skip
        rows.append((anchor(paper, claim.number), cells))
    return ScoreTable(("Claim", "Paper", "Here", "Chapter", "Verdict"), rows, _counted(mine))


def scored_groups(board: pd.DataFrame, kind: str, caption: str) -> ScoreTable:
    """Claims that no paper makes, gathered by what they ask or by their record, those with a failure first.

    Parameters
    ----------
    board : DataFrame
        As :func:`reading_neurons.scoreboard.read` returns it.
    kind : str
        One of :data:`reading_neurons.paper_claims.KINDS`.
    caption : str
        Precedes the count of claims that hold.

    Returns
    -------
    ScoreTable

    Raises
    ------
    ValueError
        If a column is missing, or there is no claim of the kind.

    Examples
    --------
    >>> board = pd.DataFrame({"kind": ["planted truth"], "verdict": ["holds"], "claim": [""], "asked": ["so"],
    ...     "prints": ["planted"], "here": [0.5], "interval": [(0.4, 0.6)], "corpus": ["polarity"],
    ...     "experiment": ["variance"], "chapter": ["variance"], "paper": [""], "number": [-1]})
    >>> scored_groups(board, "planted truth", "What was planted")
    What was planted: 1 of 1 hold. (1 rows)
    """
    style.require(board, *_BOARD, "claim", "experiment")
    mine = board[board["kind"] == kind]
    if mine.empty:
        kinds = ", ".join(sorted(set(board["kind"])))
        raise ValueError(f"found no claim of the kind {kind!r}, expected one of {kinds}")
    records = mine["experiment"] + " on " + mine["corpus"]
    # A stable order: groups of the same verdict stay in the order of the records.
    groups = [(name, tests) for name, tests in mine.groupby(mine["claim"].where(mine["claim"] != "", records))]
    groups.sort(key=lambda group: verdicts.ORDER.index(verdicts.together(group[1]["verdict"])))
    rows = []
    for name, tests in groups:
        holding = int((tests["verdict"] == verdicts.HOLDS).sum())
        cells = [
            escape(name), _details(f"{holding} of {len(tests)} hold", _list(tests)),
            _links(dict.fromkeys(tests["chapter"])), _verdict_cell(verdicts.together(tests["verdict"])),
        ]  # fmt: skip
        rows.append(("", cells))
    hold = int((mine["verdict"] == verdicts.HOLDS).sum())
    return ScoreTable(("Claims", "Here", "Chapter", "Verdict"), rows, f"{caption}: {hold} of {len(mine)} hold.")


def _claim_cell(claim: tuple) -> str:
    where = ", ".join(filter(None, [f"section {claim.section}", claim.where]))
    note = f"<br><small>{escape(claim.note)}</small>" if claim.note else ""
    return f"{escape(claim.claim)} <small>({escape(where)})</small>{note}"


def _tests_cell(claim: tuple, tests: pd.DataFrame) -> str:
    if not claim.tests:
        return escape(claim.reason)
    decide = tests[tests["kind"] == PAPER]
    said = f"{claim.hold} of {claim.tests} tests hold"
    if claim.tests == 1:
        said = _found(decide.iloc[0]) or wording.verdict(decide["verdict"].iloc[0])
    inside = _list(decide)
    if claim.beside:
        inside += f"<p>Beside it, without deciding it, {claim.beside_hold} of {claim.beside} hold:</p>"
        inside += _list(tests[tests["kind"] == BESIDE])
    return _details(said, inside)


def _list(tests: pd.DataFrame) -> str:
    # On a phone the theme's indent would take a third of the card.
    items = "".join(f"<li>{_item(test)}</li>" for _, test in tests.iterrows())
    return f'<ul style="padding-left:1rem">{items}</ul>'


def _item(test: pd.Series) -> str:
    printed = test["prints"] if test["prints"] != "planted" else ""
    notes = [_found(test), f"on {test['corpus']}", f"paper: {printed}" if printed else ""]
    said = escape("; ".join(filter(None, notes)))
    return f"{wording.verdict(test['verdict'])}: {escape(test['asked'])} – {said}"


def _found(test: pd.Series) -> str:
    between = wording.interval(test["interval"])
    return wording.figure(test["here"]) + (f" ({between})" if between else "")


def _details(said: str, inside: str) -> str:
    return f"<details><summary>{escape(said)}</summary>{inside}</details>"


def _links(names: Iterable[str]) -> str:
    return ", ".join(f'<a href="{escape(display.address(name))}">{escape(name)}</a>' for name in names if name)


def _verdict_cell(verdict: str) -> str:
    said = wording.verdict(verdict)
    return said if verdict == verdicts.HOLDS else f"<strong>{said}</strong>"


def _counted(claims: pd.DataFrame) -> str:
    total = "1 claim" if len(claims) == 1 else f"{len(claims)} claims"
    return f"{claims['short'].iloc[0]}, {total}: {', '.join(wording.counted(claims['verdict']))}."
