"""Mutual information of all units with six kinds of context: ours beside scikit-learn's, unit by unit, in one process.

scikit-learn is timed on a few of the units and its seconds are scaled to all, for a loop over a thousand takes minutes.
Binning and the bootstrap are timed apart, against the seconds that they may take.
"""

from __future__ import annotations

import measure
import numpy as np
import torch
from measure import Row
from sklearn.metrics import mutual_info_score

from reading_neurons.annotation import annotate, token_table
from reading_neurons.corpora import CaptionCorpus
from reading_neurons.methods import information_ratios
from reading_neurons.methods import mutual_information as information

SKLEARN = "mutual_info_score, unit by unit"
TARGET = 50
BINNING, BOOTSTRAP = 10.0, 1.0  # seconds that they may take
EQUAL = 1e-9


def rows(
    corpus: CaptionCorpus, units: int = 1024, captions: int | None = None, sample: int = 4, repeats: int = 3
) -> list[Row]:
    """Our seconds beside scikit-learn's; targets hold for COCO captions."""
    chosen = corpus.test.take(range(min(captions or len(corpus.test), len(corpus.test))))
    tokens = token_table(chosen, annotate(chosen))
    contexts = information.contexts(tokens)
    states = states_of(contexts["word bigram"], units)
    few = np.linspace(0, units - 1, sample).astype(int)
    binned = information.bins(states)
    check(binned[:, few], contexts)
    seconds = measure.interleaved(
        {
            "ours": lambda: information.per_unit(binned, contexts),
            SKLEARN: lambda: by_sklearn(binned[:, few], contexts),
            "binning": lambda: information.bins(states),
            "bootstrap": lambda: information_ratios.median_draws(states[:units, :6]),
        },
        repeats,
    )
    promised = corpus.name == "coco" and captions is None
    name, note = f"information-{units}", f"{len(tokens)} tokens of {corpus.name}, {len(contexts)} kinds of context"
    return [
        Row(name, SKLEARN, seconds["ours"], seconds[SKLEARN] * units / sample, TARGET if promised else None, f"{note}; {sample} units scaled"),
        Row(name, "ten seconds for binning", seconds["binning"], BINNING, 1 if promised else None, note),
        Row(name, "a second for 5,000 replicates", seconds["bootstrap"], BOOTSTRAP, 1 if promised else None, f"{units} units"),
    ]  # fmt: skip


def states_of(context: np.ndarray, units: int) -> np.ndarray:
    """States that depend on the context and on chance, half and half, shape (words, units)."""
    generator = torch.Generator().manual_seed(0)
    known = torch.randn(int(context.max()) + 1, units, generator=generator)
    states = torch.randn(len(context), units, generator=generator)
    return states.add_(known[torch.from_numpy(context)]).numpy()


def by_sklearn(binned: np.ndarray, contexts: dict[str, np.ndarray]) -> np.ndarray:
    """Shape (units, contexts)."""
    columns = np.ascontiguousarray(binned.T)
    return np.array([[mutual_info_score(codes, unit) for codes in contexts.values()] for unit in columns])


def check(binned: np.ndarray, contexts: dict[str, np.ndarray]) -> None:
    """Raise an error if ours is not what scikit-learn finds; on the way both are warmed up."""
    ours = information.per_unit(binned, contexts)["mi"].to_numpy().reshape(-1, len(contexts))
    apart = float(np.abs(ours - by_sklearn(binned, contexts)).max())
    if not apart < EQUAL:
        raise RuntimeError(f"scikit-learn's figures are up to {apart:.2g} from ours, expected less than {EQUAL}")
