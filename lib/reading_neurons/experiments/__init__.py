"""Experiments at the papers' size: each run by one command and recorded with its provenance."""

from reading_neurons.experiments import carrying_units, contexts, omission
from reading_neurons.experiments.record import Claim, Record, read

EXPERIMENTS = {"carrying-units": carrying_units.run, "contexts": contexts.run, "omission": omission.run}

__all__ = ["EXPERIMENTS", "Claim", "Record", "read"]
