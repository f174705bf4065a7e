"""Experiments at the papers' size: each run by one command and recorded with its provenance."""

from reading_neurons.experiments import omission
from reading_neurons.experiments.record import Claim, Record, read

EXPERIMENTS = {"omission": omission.run}

__all__ = ["EXPERIMENTS", "Claim", "Record", "read"]
