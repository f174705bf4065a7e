"""Verdicts from the tables of records: of every one there is, where a rule has changed, and where tables do not fit."""

from dataclasses import replace
from pathlib import Path

import pytest

from reading_neurons.experiments import judging, omission
from reading_neurons.experiments.record import Claim, Record, read

RESULTS = sorted((Path(__file__).parents[2] / "book" / "results").glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_every_record_has_the_verdicts_of_its_tables(path):
    record = read(path)
    assert judging.judged(record) is record


@pytest.fixture
def made(monkeypatch):
    """A record of two claims; the first one's rule has become stricter."""
    claims = [Claim(text, "", 0.1, (-0.1, 0.3), False) for text in ("so", "thus")]
    record = Record("omission", "coco", claims=claims, provenance={"command": "made", "commit": "old"})
    today = [replace(claims[0], here=0.2, holds=None), claims[1]]
    monkeypatch.setattr(omission, "claims_of", lambda tables: today)
    monkeypatch.setattr(judging, "stamp", lambda: {"commit": "new"})
    return record


def test_a_rule_that_changed_changes_verdicts_and_nothing_that_was_measured(made):
    found = judging.judged(made)
    assert [claim.holds for claim in found.claims] == [None, False]
    assert [claim.here for claim in found.claims] == [0.1, 0.1]
    assert found.provenance == {"command": "made", "commit": "old", "judged": {"commit": "new"}}
    assert [claim.holds for claim in made.claims] == [False, False] and judging.judged(found) is found


def test_tables_that_lead_to_other_claims_are_an_error(made):
    made.claims.pop()
    with pytest.raises(ValueError, match="reading_neurons reproduce omission --corpus coco"):
        judging.judged(made)
