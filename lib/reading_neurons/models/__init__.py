"""The networks of the four papers, one training loop, and a cache of trained ones."""

from reading_neurons.models.captions import Imaginet, LanguageModel, SumPathway
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.models.sentiment import LSTM, BiLSTM, Recurrent
from reading_neurons.models.shipped import shipped
from reading_neurons.models.store import trained, untrained

__all__ = [
    "LSTM", "BiLSTM", "CharacterLSTM", "Imaginet", "LanguageModel", "Recurrent", "SumPathway", "shipped", "trained",
    "untrained",
]  # fmt: skip
