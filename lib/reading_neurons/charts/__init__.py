"""Tables in, charts out: a tidy table as a method returns it becomes an Altair chart of the book.

Charts compute no method. They choose what is drawn, summarise what a page cannot carry row by row, and say in their
``description`` what a reader who does not see them has to know.
"""

from reading_neurons.charts.agreement import agreement_matrix, randomisation_curves, truth_bars
from reading_neurons.charts.base_rates import base_rates
from reading_neurons.charts.carrying import persistence, run_survival
from reading_neurons.charts.claims import ClaimTable, claims
from reading_neurons.charts.code_heat import code_heat
from reading_neurons.charts.completions import completions
from reading_neurons.charts.composition import phrase_vectors, word_states
from reading_neurons.charts.composition_means import dimension_use, expected_classes
from reading_neurons.charts.contexts import contexts
from reading_neurons.charts.copy_alignment import copy_alignment
from reading_neurons.charts.copy_saliency import copy_influence, copy_saliency
from reading_neurons.charts.curves import by_length, by_position
from reading_neurons.charts.dimension_heat import dimension_heat
from reading_neurons.charts.distributions import distributions, log_ratios
from reading_neurons.charts.fluent_inputs import fluency_cost, fluent_fronts
from reading_neurons.charts.focus import fading, focus
from reading_neurons.charts.grammatical_units import label_units, probe_accuracies, unit_stability
from reading_neurons.charts.group_tests import driven, held_out_members
from reading_neurons.charts.held_writing import held_chances, held_writing
from reading_neurons.charts.homogeneity import homogeneity
from reading_neurons.charts.imaginet import next_words, reading, scene_predictions
from reading_neurons.charts.input_lengths import input_lengths
from reading_neurons.charts.intervening import ablations, held_shares
from reading_neurons.charts.label_leads import decile_pairs, label_leads, lagged_activations
from reading_neurons.charts.link_table import LinkTable, link_table
from reading_neurons.charts.meaning_sides import meaning_distortion, meaning_sides
from reading_neurons.charts.meaning_space import meaning_space
from reading_neurons.charts.method_words import side_by_side
from reading_neurons.charts.methods_compared import activations_by_method, against_corpus, gains
from reading_neurons.charts.mutual_information import information, information_bias, information_ratios
from reading_neurons.charts.neuron_concepts import neuron_concepts
from reading_neurons.charts.node_types import node_types
from reading_neurons.charts.omission import omission
from reading_neurons.charts.omission_models import explained_variance, position_coefficients
from reading_neurons.charts.optimal_table import OptimalTable, optimal_table
from reading_neurons.charts.provenance import Provenance
from reading_neurons.charts.recovery import by_role, recovery
from reading_neurons.charts.roles import effects, scores_by_role
from reading_neurons.charts.scale import many_machines, memory_by_corpus, reading_costs, two_workers
from reading_neurons.charts.score_table import ScoreTable, scored_claims, scored_groups
from reading_neurons.charts.scoreboard import scoreboard
from reading_neurons.charts.searches import searches
from reading_neurons.charts.sentiment import accuracies, unfolding
from reading_neurons.charts.silence import silence
from reading_neurons.charts.sorted_relevance import sorted_relevance
from reading_neurons.charts.teaching import chosen_exercises, plan_timeline
from reading_neurons.charts.telling_contexts import telling_contexts
from reading_neurons.charts.training import training
from reading_neurons.charts.trajectories import trajectories
from reading_neurons.charts.tree_units import tree_units
from reading_neurons.charts.unit_groups import unit_correlations, unit_groups
from reading_neurons.charts.unit_traces import unit_traces
from reading_neurons.charts.variance import shares_on_words, variance_by_frequency
from reading_neurons.charts.word_heat import word_heat
from reading_neurons.charts.written_inputs import written_inputs
from reading_neurons.charts.wanted import function_places, optimal_ngrams

__all__ = [
    "ClaimTable",
    "LinkTable",
    "OptimalTable",
    "Provenance",
    "ScoreTable",
    "ablations",
    "accuracies",
    "activations_by_method",
    "against_corpus",
    "agreement_matrix",
    "base_rates",
    "by_length",
    "by_position",
    "by_role",
    "chosen_exercises",
    "claims",
    "code_heat",
    "completions",
    "contexts",
    "copy_alignment",
    "copy_influence",
    "copy_saliency",
    "decile_pairs",
    "dimension_heat",
    "dimension_use",
    "distributions",
    "driven",
    "effects",
    "expected_classes",
    "explained_variance",
    "fading",
    "fluency_cost",
    "fluent_fronts",
    "focus",
    "function_places",
    "gains",
    "held_chances",
    "held_out_members",
    "held_shares",
    "held_writing",
    "homogeneity",
    "information",
    "information_bias",
    "information_ratios",
    "input_lengths",
    "label_leads",
    "label_units",
    "lagged_activations",
    "link_table",
    "log_ratios",
    "many_machines",
    "meaning_distortion",
    "meaning_sides",
    "meaning_space",
    "memory_by_corpus",
    "neuron_concepts",
    "next_words",
    "node_types",
    "omission",
    "optimal_ngrams",
    "optimal_table",
    "persistence",
    "phrase_vectors",
    "plan_timeline",
    "position_coefficients",
    "probe_accuracies",
    "randomisation_curves",
    "reading",
    "reading_costs",
    "recovery",
    "run_survival",
    "scene_predictions",
    "scoreboard",
    "scored_claims",
    "scored_groups",
    "scores_by_role",
    "searches",
    "shares_on_words",
    "side_by_side",
    "silence",
    "sorted_relevance",
    "telling_contexts",
    "training",
    "trajectories",
    "tree_units",
    "truth_bars",
    "two_workers",
    "unfolding",
    "unit_correlations",
    "unit_groups",
    "unit_stability",
    "unit_traces",
    "variance_by_frequency",
    "word_heat",
    "word_states",
    "written_inputs",
]
