"""How figures and verdicts are written."""

import math

import pytest

from reading_neurons import verdicts
from reading_neurons.charts import wording


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.5, "0.50"), (0.0154, "0.015"), (-0.0154, "\N{MINUS SIGN}0.015"), (-0.00002, "0.000"), (0, "0.00"),
        (None, ""), (math.nan, ""), ((1, 2), "1.00 to 2.00"), ((math.nan, None), ""), ("about", "about"),
    ],
)  # fmt: skip
def test_a_figure(value, said):
    assert wording.figure(value) == said


def test_an_interval_of_no_width_is_left_out():
    assert wording.interval((1, 1)) == "" and wording.interval((1, 2)) == "1.00 to 2.00"


def test_every_verdict_has_a_sign():
    assert [wording.verdict(word) for word in verdicts.ORDER] == [
        "✗ fails", "◐ in part", "– undecided", "– not testable here", "✓ holds",
    ]  # fmt: skip
