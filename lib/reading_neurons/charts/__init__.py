"""Tables in, charts out: a tidy table as a method returns it becomes an Altair chart of the book.

Charts compute no method. They choose what is drawn, summarise what a page cannot carry row by row, and say in their
``description`` what a reader who does not see them has to know.
"""

from reading_neurons.charts.claims import ClaimTable, claims
from reading_neurons.charts.curves import by_length, by_position
from reading_neurons.charts.distributions import distributions, log_ratios
from reading_neurons.charts.imaginet import next_words, reading, scene_predictions
from reading_neurons.charts.omission import omission
from reading_neurons.charts.provenance import Provenance
from reading_neurons.charts.recovery import by_role, recovery
from reading_neurons.charts.training import training

__all__ = [
    "ClaimTable",
    "Provenance",
    "by_length",
    "by_position",
    "by_role",
    "claims",
    "distributions",
    "log_ratios",
    "next_words",
    "omission",
    "reading",
    "recovery",
    "scene_predictions",
    "training",
]
