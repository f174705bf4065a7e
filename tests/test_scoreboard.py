"""The scoreboard: every claim on it once or more, each as its record has it, what failed first."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from reading_neurons import scoreboard, verdicts
from reading_neurons.experiments import Claim, Record
from reading_neurons.paper_claims import BESIDE, BEYOND, KINDS, PAPER, PAPERS, PLANTED, UNPLACED, PaperClaim, registry

RESULTS = Path(__file__).parents[1] / "book" / "results"


@pytest.fixture(scope="module")
def board():
    return scoreboard.read(RESULTS)


@pytest.fixture
def said():
    """Two claims of papers: one with answers and a control, one that cannot be tested."""
    answers, beside = {"omission-coco": ["tag * counts"]}, {"omission-coco": ["* untrained"]}
    return [
        PaperClaim("kadar2017", 0, "Tags count.", "Kádár", "5.2", "tags", "", "above 0", answers, beside),
        PaperClaim("li2016", 0, "Gates do it.", "Li", "1", "why", untested="A cause.", chapter="saliency"),
        PaperClaim("ours", 0, "Our own.", answers={"omission-coco": ["something else"]}),
    ]


@pytest.fixture
def recorded(tmp_path):
    """A function that writes a record of claims, and gives the folder."""

    def write(*claims, experiment="omission", corpus="coco"):
        Record(experiment, corpus, claims=list(claims)).write(tmp_path / "results")
        return tmp_path / "results"

    return write


def claim(text="tag NN counts", holds=True, paper="above 0", here=0.5):
    return Claim(text, paper, here, (here - 0.1, here + 0.1), holds)


def kinds(board):
    return dict(zip(board["asked"], board["kind"], strict=True))


def test_each_claim_is_of_its_kind(recorded, said):
    folder = recorded(
        claim(), claim("tag NN untrained", paper="no control"), claim("something else"),
        claim("found", paper="planted"), claim("mine", paper="design"), claim("nobody knows"),
    )  # fmt: skip
    found = scoreboard.read(folder, said)
    assert kinds(found) == {
        "tag NN counts": PAPER, "tag NN untrained": BESIDE, "something else": BEYOND, "found": PLANTED,
        "mine": BEYOND, "nobody knows": UNPLACED, "": PAPER,
    }  # fmt: skip
    untested = found[found["asked"] == ""].iloc[0]
    assert (untested["verdict"], untested["reason"], untested["chapter"]) == (verdicts.UNTESTED, "A cause.", "saliency")


def test_a_row_is_as_it_was_recorded(recorded, said):
    row = scoreboard.read(recorded(claim(here=0.25)), said).query("asked != ''").iloc[0]
    assert (row["here"], row["prints"], row["interval"]) == (0.25, "above 0", (0.15, 0.35))
    assert (row["corpus"], row["experiment"], row["chapter"]) == ("coco", "omission", "omission")


def test_a_planted_claim_may_answer_a_paper_and_stays_among_the_planted(recorded, said):
    found = scoreboard.read(recorded(claim(paper="planted")), said).query("asked != ''")
    assert sorted(found["kind"]) == sorted([PAPER, PLANTED])
    assert set(found["prints"]) == {"above 0", "planted"}


def test_what_failed_comes_first_and_the_rest_in_order(recorded, said):
    given = {"A": (True, 0.5), "B": (None, 0.5), "C": (False, 0.5), "D": (None, math.nan)}
    folder = recorded(*(claim(f"tag {name} counts", holds, here=here) for name, (holds, here) in given.items()))
    found = scoreboard.read(folder, said)["verdict"].tolist()
    assert found[0] == verdicts.FAILS and found[-1] == verdicts.HOLDS
    assert found == sorted(found, key=verdicts.ORDER.index)


def test_a_doctored_verdict_changes_the_board(recorded, said):
    honest = scoreboard.summary(scoreboard.read(recorded(claim()), said), said)
    doctored = scoreboard.summary(scoreboard.read(recorded(claim(holds=False)), said), said)
    first = [table.set_index("paper").loc["kadar2017"] for table in (honest, doctored)]
    assert [row["verdict"] for row in first] == [verdicts.HOLDS, verdicts.FAILS]
    assert [row["fail"] for row in first] == [0, 1]


def test_what_stands_beside_a_claim_does_not_decide_it(recorded, said):
    folder = recorded(claim(), claim("tag NN untrained", holds=False, paper="no control"))
    row = scoreboard.summary(scoreboard.read(folder, said), said).set_index("paper").loc["kadar2017"]
    assert (row["verdict"], row["beside"], row["beside_hold"]) == (verdicts.HOLDS, 1, 0)


def test_a_claim_whose_answers_are_gone_is_not_testable(recorded, said):
    row = scoreboard.summary(scoreboard.read(recorded(claim("mine", paper="design")), said), said)
    assert set(row["verdict"]) == {verdicts.UNTESTED}
    assert row.set_index("paper").loc["kadar2017", "reason"]


def test_a_folder_without_records_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="found no record in .*, expected files such as"):
        scoreboard.read(tmp_path)


def test_by_chance_counts_each_test_once_and_single_cases_never():
    rows = [
        ("a", (0.1, 0.3), verdicts.HOLDS), ("a", (0.1, 0.3), verdicts.HOLDS), ("b", (-0.4, -0.2), verdicts.FAILS),
        ("c", (-0.3, -0.1), verdicts.FAILS), ("d", (1, 1), verdicts.HOLDS), ("e", (-1, 1), verdicts.UNDECIDED),
        ("f", (math.nan, math.nan), verdicts.UNTESTED),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["asked", "interval", "verdict"]).assign(kind=PAPER, experiment="x", corpus="y")
    (found,) = scoreboard.by_chance(table).to_dict("records")
    assert found == {"kind": PAPER, "tests": 4, "hold": 1, "fail": 2, "undecided": 1, "by chance": 0.1}


# What is recorded


def test_every_recorded_claim_is_on_the_board_with_its_figure(board):
    shown = {(row.experiment, row.corpus, row.asked): row for row in board.itertuples()}
    count = 0
    for path in RESULTS.glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for each in content["claims"]:
            row = shown[content["experiment"], content["corpus"], each["claim"]]
            here = math.nan if each["here"] is None else each["here"]
            assert row.here == here or math.isnan(here) and math.isnan(row.here)
            assert row.verdict == verdicts.of(each["holds"], each["here"])
            count += 1
    assert count > 500


def test_every_claim_of_a_paper_is_on_the_board(board):
    shown = set(zip(board["paper"], board["number"], strict=True))
    assert {(each.paper, each.number) for each in registry() if each.paper in PAPERS} <= shown
    assert set(board["kind"]) <= set(KINDS)


def test_verdicts_of_papers_claims_are_those_of_their_rows(board):
    claims = scoreboard.summary(board)
    assert claims["verdict"].map(verdicts.ORDER.index).is_monotonic_increasing
    for row in claims.itertuples():
        tests = board[(board["paper"] == row.paper) & (board["number"] == row.number) & (board["kind"] == PAPER)]
        assert row.verdict == verdicts.together(tests["verdict"])
        assert row.verdict != verdicts.HOLDS or row.hold + (tests["verdict"] == verdicts.UNTESTED).sum() == row.tests


def test_sources_name_every_record():
    found = scoreboard.sources(RESULTS)
    assert found["record"].tolist() == sorted(path.stem for path in RESULTS.glob("*.json"))
    assert found["command"].str.startswith("python -m reading_neurons reproduce").all()
    assert (found["commit"].str.len() == 10).all()
