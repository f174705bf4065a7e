"""Whether every claim has its place on the scoreboard."""

from dataclasses import replace
from pathlib import Path

import pytest

from reading_neurons.experiments import Claim, Record
from reading_neurons.paper_claims import PaperClaim
from reading_neurons.placing import problems

RESULTS = Path(__file__).parents[1] / "book" / "results"


@pytest.fixture
def book(tmp_path):
    """A book of one chapter with one record, and the claim of a paper that it answers."""
    (tmp_path / "omission.md").write_text("# Omission\n", encoding="utf-8")
    claims = [claim("tag NN counts"), claim("tag NN untrained", "no control")]
    Record("omission", "coco", claims=claims).write(tmp_path / "results")
    return tmp_path / "results"


def claim(text, paper="above 0"):
    return Claim(text, paper, 0.5, (0.4, 0.6), True)


SAID = PaperClaim(
    "kadar2017", 0, "Tags count.", section="5.2", answers={"omission-coco": ["tag * counts"]},
    beside={"omission-coco": ["* untrained"]},
)  # fmt: skip


def test_nothing_is_missing_from_the_board():
    assert problems(RESULTS) == []


def test_nothing_is_missing_from_a_whole_board(book):
    assert problems(book, [SAID]) == []


def test_a_recorded_claim_that_is_placed_nowhere(book):
    Record("omission", "scenes", claims=[claim("news")]).write(book)
    (said,) = problems(book, [SAID])
    assert said.startswith('omission-scenes: the claim "news" is placed nowhere; name it in reading_neurons/papers')


@pytest.mark.parametrize("paper", ["planted", "design", "promised"])
def test_what_is_planted_and_what_is_our_design_has_its_place(book, paper):
    Record("omission", "scenes", claims=[claim("news", paper)]).write(book)
    assert problems(book, [SAID]) == []


def test_a_pattern_that_no_recorded_claim_has(book):
    (said,) = problems(book, [replace(SAID, answers={"omission-coco": ["tag * counts", "gone"]})])
    assert "found no claim 'gone' in the record omission-coco" in said


def test_a_record_that_is_not_there(book):
    (said,) = problems(book, [replace(SAID, beside={**SAID.beside, "omission-sst": ["*"]})])
    assert "in the record omission-sst" in said


def test_a_claim_without_an_answer_or_a_reason_and_one_with_both(book):
    unsaid, both = PaperClaim("li2016", 0, "So."), replace(SAID, untested="no", chapter="omission")
    assert any("li2016.toml, claim 1: found no answer and no reason" in text for text in problems(book, [SAID, unsaid]))
    assert any("found an answer and a reason" in text for text in problems(book, [both]))


def test_what_is_not_testable_names_a_chapter(book):
    (said,) = problems(book, [SAID, PaperClaim("li2016", 0, "So.", untested="A cause.")])
    assert said.startswith("papers/li2016.toml, claim 1: found no chapter; name the one that comes nearest")


def test_a_record_without_a_chapter(book):
    Record("novel", "coco", claims=[claim("news", "design")]).write(book)
    (said,) = problems(book, [SAID])
    assert "record novel-coco: found no chapter novel.md in the book; name its chapter in scoreboard.CHAPTERS" in said


def test_a_test_of_the_paper_cannot_be_put_beside_its_claim(book):
    claims = [claim("tag NN counts"), claim("tag JJ counts"), claim("tag NN untrained", "no control")]
    Record("omission", "coco", claims=claims).write(book)
    one, hidden = {"omission-coco": ["tag NN counts"]}, {"omission-coco": ["tag JJ counts", "* untrained"]}
    (said,) = problems(book, [replace(SAID, answers=one, beside=hidden)])
    assert "'tag JJ counts' of omission-coco stands beside a claim" in said and "put it among the answers" in said
    # A control may, and so may what was asked of another corpus.
    assert problems(book, [replace(SAID, beside={"omission-coco": ["* untrained"]})]) == []
    Record("omission", "scenes", claims=[claim("tag JJ counts")]).write(book)
    assert problems(book, [replace(SAID, beside={**SAID.beside, "omission-scenes": ["tag JJ counts"]})]) == []
