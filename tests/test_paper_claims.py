"""The claims of the papers, as their files have them."""

import re
from pathlib import Path

import pytest

from reading_neurons import paper_claims
from reading_neurons.paper_claims import PAPERS, matches, parse, registry

BIBLIOGRAPHY = Path(__file__).parents[1] / "book" / "references.bib"
FILE = """
short = "Li 2016"
[sections]
"4" = "representations"
[[claim]]
section = "4"
claim = "Negation turns dimensions"
answers.composition-sst = ["negation turns *"]
beside.composition-sst = ["* untrained"]
"""


def test_a_star_stands_for_anything_and_nothing_else_does():
    assert matches("tag NN counts", "tag * counts")
    assert not matches("deprel NN counts", "tag * counts")
    assert matches("why? [so]", "why? [so]")
    assert not matches("whyx s", "why? [so]")
    assert not matches("TAG NN counts", "tag * counts")


def test_a_claim_knows_its_answers_and_what_stands_beside_it():
    (claim,) = parse("li2016", FILE)
    assert (claim.paper, claim.short, claim.topic) == ("li2016", "Li 2016", "representations")
    assert claim.answered_by("composition-sst", "negation turns dimensions")
    assert not claim.answered_by("composition-polarity", "negation turns dimensions")
    assert claim.stands_beside("composition-sst", "more than untrained")
    assert not claim.stands_beside("composition-sst", "negation turns dimensions")


def test_a_section_without_a_topic_is_an_error():
    with pytest.raises(ValueError, match="found a claim of section 5, expected one of 4"):
        list(parse("li2016", FILE.replace('section = "4"', 'section = "5"')))


def test_every_paper_has_claims_and_stands_in_the_bibliography():
    keys = re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE)
    for paper in PAPERS:
        assert paper in keys
        assert sum(claim.paper == paper for claim in registry()) >= 15


def test_no_claim_is_there_twice_and_each_is_worded():
    said = [claim.claim for claim in registry()]
    assert len(set(said)) == len(said)
    assert all(text.endswith(".") for text in said)
    for claim in registry():
        if claim.paper in PAPERS:
            assert claim.section and claim.topic and claim.prints and claim.short


def test_claims_are_numbered_by_their_place():
    for name in paper_claims.FILES:
        numbers = [claim.number for claim in registry() if claim.paper == name]
        assert numbers == list(range(len(numbers)))
