"""Experiments at the papers' size: each run by one command and recorded with its provenance."""

from reading_neurons.experiments import (
    autoencoder,
    carrying_units,
    composition,
    composition_widths,
    contexts,
    do_methods_agree,
    fluent_inputs,
    grammatical_units,
    input_optimization,
    intervening,
    meaning_space,
    mutual_information,
    omission,
    omission_models,
    optimization_peers,
    published_schedule,
    saliency,
    sentiment,
    unit_groups,
    variance,
    what_neurons_want,
)
from reading_neurons.experiments.record import Claim, Record, read

EXPERIMENTS = {
    "autoencoder": autoencoder.run,
    "carrying-units": carrying_units.run,
    "composition": composition.run,
    "composition-widths": composition_widths.run,
    "contexts": contexts.run,
    "do-methods-agree": do_methods_agree.run,
    "fluent-inputs": fluent_inputs.run,
    "grammatical-units": grammatical_units.run,
    "input-optimization": input_optimization.run,
    "intervening": intervening.run,
    "meaning-space": meaning_space.run,
    "mutual-information": mutual_information.run,
    "omission": omission.run,
    "omission-models": omission_models.run,
    "optimization-peers": optimization_peers.run,
    "published-schedule": published_schedule.run,
    "saliency": saliency.run,
    "sentiment": sentiment.run,
    "unit-groups": unit_groups.run,
    "variance": variance.run,
    "what-neurons-want": what_neurons_want.run,
}

__all__ = ["EXPERIMENTS", "Claim", "Record", "read"]
