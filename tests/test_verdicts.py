"""The words for whether a claim holds."""

import itertools
import math

import pytest

from reading_neurons import verdicts
from reading_neurons.verdicts import FAILS, HOLDS, ORDER, PART, UNDECIDED, UNTESTED


@pytest.mark.parametrize(
    ("holds", "here", "expected"),
    [
        (True, 0.5, HOLDS), (False, 0.5, FAILS), (None, 0.0, UNDECIDED), (math.nan, 0.0, UNDECIDED),
        (None, None, UNTESTED), (None, math.nan, UNTESTED), (False, math.nan, FAILS),
    ],
)  # fmt: skip
def test_the_verdict_of_one_test(holds, here, expected):
    assert verdicts.of(holds, here) == expected


def by_definition(found):
    """Together, written out: it holds if every test that was made does, and so on."""
    made = [verdict for verdict in found if verdict != UNTESTED]
    if not made:
        return UNTESTED
    if all(verdict == HOLDS for verdict in made):
        return HOLDS
    if any(verdict in (HOLDS, PART) for verdict in made):
        return PART
    return FAILS if any(verdict == FAILS for verdict in made) else UNDECIDED


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_verdict_of_several_is_as_it_is_defined_and_needs_no_order(count):
    for found in itertools.product(ORDER, repeat=count):
        assert verdicts.together(found) == by_definition(found) == verdicts.together(reversed(found))


def test_one_failure_keeps_a_claim_from_holding():
    assert verdicts.together([HOLDS] * 30) == HOLDS
    assert verdicts.together([HOLDS] * 30 + [FAILS]) == PART


def test_what_failed_comes_first():
    assert ORDER[0] == FAILS and ORDER[-1] == HOLDS
