"""Do methods find what was planted in networks of one's own, whatever their form?

For any pathways that score the classes of sentiment: rank correlation, within sentences, of what a method gives each
word with what was planted, beside contributions shuffled among the words of each sentence.

Easy to get wrong: signs. Omission of a representation and the derivative know none, so sizes are compared for all; those
that have a sign are asked once more, for or against the class that the network chose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import saliency_truth
from reading_neurons.experiments.saliency_truth import shuffled
from reading_neurons.methods.agreement import SIGNED, attributions
from reading_neurons.methods.clause_saliency import polarity as sign_of
from reading_neurons.methods.gradients import PREDICTED, Outputs
from reading_neurons.pathway import Pathway

__all__ = ["ASKED", "attributed", "correlation", "recovery", "shuffled"]

ASKED = ("omission", "score omission", "derivative", "gradient x input", "integrated gradients")
"""The methods that are asked, as :func:`reading_neurons.methods.agreement.attributions` names them."""


def attributed(
    pathway: Pathway, trees: Trees, methods: Sequence[str] = ASKED, outputs: Outputs = PREDICTED
) -> pd.DataFrame:
    """What each method gives each word, beside what was planted.

    Returns
    -------
    DataFrame
        As :func:`~reading_neurons.methods.agreement.attributions` gives it, with ``weight`` (what the sentence loses
        without the word) and ``direction`` (-1, 0, 1: the polarity of the class that was asked).
    """
    table = attributions(pathway, trees, outputs, methods)
    return table.assign(
        weight=np.concatenate(polarity.contributions(trees)),
        direction=sign_of(table["output"], len(pathway.output_names)),
    )


def correlation(table: pd.DataFrame, method: str, signed: bool) -> dict[str, float]:
    """Rank correlation within sentences, its interval, and that of shuffled contributions."""
    return saliency_truth.correlation(table.assign(saliency=table[method]), signed)


def recovery(pathways: Mapping[str, Pathway], trees: Trees, outputs: Outputs = PREDICTED) -> pd.DataFrame:
    """Each method and network against what was planted, as :func:`reading_neurons.charts.recovery` takes it."""
    tables = {name: attributed(pathway, trees, outputs=outputs) for name, pathway in pathways.items()}
    asked = [(method, "size") for method in ASKED] + [(method, "signed") for method in SIGNED]
    return pd.DataFrame(
        {"test": f"{method}, {kind}", "pathway": name, **correlation(table, method, kind == "signed")}
        for method, kind in asked
        for name, table in tables.items()
    )
