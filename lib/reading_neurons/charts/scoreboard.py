"""Which claims of the papers hold, at a glance: a mark for each claim, in the row of its section.

Easy to get wrong: a mark that stands for one test. It stands for a claim of a paper, which may have been tested thirty
times; pointing at it says how many of the tests hold.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons import verdicts
from reading_neurons.charts import style, wording
from reading_neurons.paper_claims import PAPER, PAPERS

_BAR = "M-1,-0.35L1,-0.35L1,0.35L-1,0.35Z"
LOOKS = {
    verdicts.FAILS: style.Look("#d55e00", "cross", ()),
    verdicts.PART: style.Look("#967000", "triangle-up", ()),
    verdicts.UNDECIDED: style.Look("#b4568b", "diamond", ()),
    verdicts.UNTESTED: style.Look("#949494", _BAR, ()),
    verdicts.HOLDS: style.Look("#0072b2", "circle", ()),
}
"""How each verdict is drawn: by colour and by shape."""

_EVERY = "every"
_NARROW = "width < 420"  # a telephone, where what a section is about would cost the marks their room
_TITLES = {
    "claim": "Claim",
    "prints": "The paper says",
    "verdict": "Verdict here",
    "tests": "Tests",
    "example": "Test or reason",
}


def scoreboard(claims: pd.DataFrame, board: pd.DataFrame, title: str = "") -> alt.LayerChart:
    """Every claim of the papers as a mark, by section, what failed first.

    Parameters
    ----------
    claims : DataFrame
        As :func:`reading_neurons.scoreboard.summary` returns it.
    board : DataFrame
        As :func:`reading_neurons.scoreboard.read` returns it; the test that speaks most against a claim is shown with
        its mark.
    title : str
        By default how many of the claims that can be tested hold, fail and hold in part.

    Returns
    -------
    altair.LayerChart
        With menus of papers and verdicts, which leave the other marks faint. A click on a mark leads to the claim's
        row in the tables.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> claims = pd.DataFrame({"paper": ["li2016"], "number": [0], "short": ["Li 2016"], "section": ["6"],
    ...     "topic": ["variance"], "claim": ["So"], "prints": ["seen"], "verdict": ["holds"], "tests": [1], "hold": [1],
    ...     "reason": [""]})
    >>> board = pd.DataFrame({"paper": ["li2016"], "number": [0], "kind": ["paper's claim"], "verdict": ["holds"],
    ...     "asked": ["so"], "corpus": ["sst"], "here": [0.5], "interval": [(0.4, 0.6)]})
    >>> scoreboard(claims, board).description
    'One claim of 1 paper, by section: 1 holds.'
    """
    style.require(claims, "paper", "number", "short", "section", "topic", "claim", "prints", "verdict", "tests")
    style.require(board, "paper", "number", "kind", "verdict", "asked", "corpus", "here", "interval")
    marks = _marks(claims, board)
    sections = style.in_order(marks.sort_values(["paper_place", "section_place"])["row"])
    found = [verdict for verdict in verdicts.ORDER if verdict in set(marks["verdict"])]
    papers = {name: name for name in style.in_order(marks.sort_values("paper_place")["short"])}
    picked = f"(paper_pick == '{_EVERY}' || datum.short == paper_pick)"
    picked += f" && (verdict_pick == '{_EVERY}' || datum.verdict == verdict_pick)"
    rows = style.drawable(marks.drop(columns=["paper_place", "section_place"]))
    last = marks["place"].max()
    room = alt.ExprRef(expr=f"{_NARROW} ? {last + 4} : {last + 6}")  # for what stands behind the marks
    places = alt.Scale(domainMin=0.4, domainMax=room, nice=False, zero=False)
    base = alt.Chart(rows).encode(y=alt.Y("row:N", sort=sections, title=None, axis=_sections_axis()))
    point = base.mark_point(filled=True, opacity=1).encode(
        x=alt.X("place:Q", title=None, axis=None, scale=places),
        color=alt.Color("verdict:N", scale=_scale(found, "colour"), legend=_legend()),
        shape=alt.Shape("verdict:N", scale=_scale(found, "shape")),
        size=alt.value(alt.ExprRef(expr=f"{_NARROW} ? 80 : 150")),
        opacity=alt.condition(picked, alt.value(1), alt.value(0.12)),
        tooltip=[alt.Tooltip(column, title=name) for column, name in _TITLES.items()],
        href="address:N",
    )
    count = (
        base.mark_text(align="left", dx=12, fontSize=12)
        .encode(x="last:Q", text="said:N")
        .transform_aggregate(last="max(place)", groupby=["row", "counted", "topic"])
        .transform_calculate(said=f"{_NARROW} ? datum.counted : datum.topic + (datum.counted && ', ') + datum.counted")
    )
    every = {_EVERY: "all"}
    return (
        alt.layer(point, count)
        .add_params(
            style.menu("paper_pick", "Paper", {**every, **papers}, _EVERY),
            style.menu("verdict_pick", "Verdict", {**every, **{verdict: verdict for verdict in found}}, _EVERY),
        )
        .properties(
            title=style.heading(
                title or _title(claims), "Each mark is a claim; the numbers say how many of the testable ones hold."
            ),
            description=_description(claims),
            width="container",
            height=len(sections) * 24,
        )
    )


def anchor(paper: str, number: int) -> str:
    """The place of a claim's row on its page.

    Examples
    --------
    >>> anchor("li2016", 0)
    'claim-li2016-1'
    """
    return f"claim-{paper}-{number + 1}"


def _marks(claims: pd.DataFrame, board: pd.DataFrame) -> pd.DataFrame:
    """One row per claim with its place in the row of its section."""
    told = claims.assign(
        row=claims["short"].str.split().str[0] + " " + claims["section"],
        rank=claims["verdict"].map(verdicts.ORDER.index),
    ).sort_values(["paper", "number"])
    told["paper_place"] = told["paper"].map(PAPERS.index)
    told["section_place"] = told.groupby("row")["number"].transform("min")
    told = told.sort_values(["paper_place", "section_place", "rank", "number"]).reset_index(drop=True)
    told["place"] = told.groupby("row").cumcount() + 1
    testable = told["verdict"] != verdicts.UNTESTED
    holding = (told["verdict"] == verdicts.HOLDS).groupby(told["row"]).transform("sum")
    of = testable.groupby(told["row"]).transform("sum")
    told["counted"] = (holding.astype(str) + " of " + of.astype(str)).where(of > 0, "")
    told["address"] = ["#" + anchor(row.paper, row.number) for row in told.itertuples()]
    told["example"] = [_example(row, board) for row in told.itertuples()]
    told["tests"] = [_tested(row.hold, row.tests) for row in told.itertuples()]
    return told[[
        "row", "topic", "place", "short", "claim", "prints", "verdict", "tests", "example", "counted", "address",
        "paper_place", "section_place",
    ]]  # fmt: skip


def _tested(hold: int, tests: int) -> str:
    return f"{hold} of {tests} hold" if tests else "none"


def _example(claim: tuple, board: pd.DataFrame) -> str:
    """The test that speaks most against a claim, with its figure; or why there is none."""
    mine = board[(board["paper"] == claim.paper) & (board["number"] == claim.number) & (board["kind"] == PAPER)]
    mine = mine[mine["asked"] != ""]
    if mine.empty:
        return claim.reason
    first = mine.iloc[mine["verdict"].map(verdicts.ORDER.index).argmin()]
    between = wording.interval(first["interval"])
    said = f"{first['asked']}, on {first['corpus']}: {wording.figure(first['here'])}"
    return f"{said} ({between})" if between else said


def _scale(found: list[str], part: str) -> alt.Scale:
    return alt.Scale(domain=found, range=[getattr(LOOKS[verdict], part) for verdict in found])


def _legend() -> alt.Legend:
    return style.legend(columns=alt.ExprRef(expr=f"{_NARROW} ? 2 : 5"), symbolSize=120)


def _sections_axis() -> alt.Axis:
    return alt.Axis(domain=False, ticks=False)


def _title(claims: pd.DataFrame) -> str:
    testable = claims.loc[claims["verdict"] != verdicts.UNTESTED, "verdict"]
    return f"Of {len(testable)} claims that can be tested {', '.join(wording.counted(testable))}"


def _description(claims: pd.DataFrame) -> str:
    papers = claims["paper"].nunique()
    total = "One claim" if len(claims) == 1 else f"{len(claims)} claims"
    found = ", ".join(wording.counted(claims["verdict"]))
    return f"{total} of {papers} paper{'s' * (papers > 1)}, by section: {found}."
