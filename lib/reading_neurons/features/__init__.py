"""Feature libraries: what somebody knows about a text, as labels of its characters or words."""

from __future__ import annotations

from reading_neurons.features.feature import Feature, Library

__all__ = ["Feature", "Library"]
