"""Live explorers for a notebook, and their twins for a page: the same tables and charts, with controls beside a kernel.

A widget connects controls to a method and a chart. :func:`omission_explorer` and :func:`imaginet_explorer` give a
chapter's cell its two lives: on the page a chart with the data of some sentences, beside a kernel a widget that takes
any sentence.
"""

from reading_neurons.widgets.agreement import AgreementExplorer, agreement_explorer, agreement_table
from reading_neurons.widgets.autoencoder import AutoencoderExplorer, autoencoder_explorer, copy_table, telling_copies
from reading_neurons.widgets.carrying_units import CarryingExplorer, carrying_explorer, carrying_table, longest_captions
from reading_neurons.widgets.completions import FrameExplorer, completion_chart, frame_explorer
from reading_neurons.widgets.composition import (
    CompositionExplorer,
    composition_chart,
    composition_explorer,
    composition_tables,
)
from reading_neurons.widgets.contexts import ContextExplorer, UnitContexts, context_chart, context_explorer
from reading_neurons.widgets.dreams import dream_explorer
from reading_neurons.widgets.imaginet import ImaginetExplorer, imaginet_chart, imaginet_explorer
from reading_neurons.widgets.input_optimization import InputExplorer, input_chart, input_explorer, written_table
from reading_neurons.widgets.inspection import QueryExplorer, query_explorer
from reading_neurons.widgets.intervening import HoldingExplorer, held_chart, holding_explorer
from reading_neurons.widgets.meaning_space import MeaningExplorer, MeaningSpace, meaning_chart, meaning_explorer
from reading_neurons.widgets.mutual_information import (
    InformationExplorer,
    UnitInformation,
    information_chart,
    information_explorer,
)
from reading_neurons.widgets.omission import OmissionExplorer, omission_explorer, omission_table
from reading_neurons.widgets.reading_c import CodeExplorer, code_chart, code_explorer, code_tables
from reading_neurons.widgets.roles import RoleExplorer, role_explorer
from reading_neurons.widgets.saliency import SaliencyExplorer, saliency_explorer, saliency_table
from reading_neurons.widgets.sentence import SentenceExplorer, spread, typed, typed_tree, unreadable
from reading_neurons.widgets.sentiment import SentimentExplorer, sentiment_explorer
from reading_neurons.widgets.tree_units import (
    TreeExplorer,
    tree_chart,
    tree_explorer,
    tree_nodes,
    tree_readings,
)
from reading_neurons.widgets.unit_groups import GroupExplorer, UnitGroups, group_chart, group_explorer
from reading_neurons.widgets.variance import VarianceExplorer, variance_explorer, variance_table
from reading_neurons.widgets.what_neurons_want import WantedExplorer, wanted_chart, wanted_explorer, wanted_table

__all__ = [
    "AgreementExplorer",
    "AutoencoderExplorer",
    "CarryingExplorer",
    "CodeExplorer",
    "CompositionExplorer",
    "ContextExplorer",
    "FrameExplorer",
    "GroupExplorer",
    "HoldingExplorer",
    "ImaginetExplorer",
    "InformationExplorer",
    "InputExplorer",
    "MeaningExplorer",
    "MeaningSpace",
    "OmissionExplorer",
    "QueryExplorer",
    "RoleExplorer",
    "SaliencyExplorer",
    "SentenceExplorer",
    "SentimentExplorer",
    "TreeExplorer",
    "UnitContexts",
    "UnitGroups",
    "UnitInformation",
    "VarianceExplorer",
    "WantedExplorer",
    "agreement_explorer",
    "agreement_table",
    "autoencoder_explorer",
    "carrying_explorer",
    "carrying_table",
    "code_chart",
    "code_explorer",
    "code_tables",
    "completion_chart",
    "composition_chart",
    "composition_explorer",
    "composition_tables",
    "context_chart",
    "context_explorer",
    "copy_table",
    "dream_explorer",
    "frame_explorer",
    "group_chart",
    "group_explorer",
    "held_chart",
    "holding_explorer",
    "imaginet_chart",
    "imaginet_explorer",
    "information_chart",
    "information_explorer",
    "input_chart",
    "input_explorer",
    "longest_captions",
    "meaning_chart",
    "meaning_explorer",
    "omission_explorer",
    "omission_table",
    "query_explorer",
    "role_explorer",
    "saliency_explorer",
    "saliency_table",
    "sentiment_explorer",
    "spread",
    "telling_copies",
    "tree_chart",
    "tree_explorer",
    "tree_nodes",
    "tree_readings",
    "typed",
    "typed_tree",
    "unreadable",
    "variance_explorer",
    "variance_table",
    "wanted_chart",
    "wanted_explorer",
    "wanted_table",
    "written_table",
]
