"""Sentences of several lengths in one batch: zeros where there is no word, and the state at the last that there is.

Easy to get wrong: what a padded position holds. It is zero in states, never in embeddings, where ``<pad>`` has a row
like any word; whoever reads over it (a convolution, attention, the second direction of a recurrent network) must be
told.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def real_positions(lengths: Int[Tensor, "batch"], time: int) -> Bool[Tensor, "batch time"]:
    """True where a position is a word or a symbol of the framing, False where it is padding.

    Examples
    --------
    >>> real_positions(torch.tensor([3, 1]), 3).tolist()
    [[True, True, True], [True, False, False]]
    """
    return torch.arange(time, device=lengths.device) < lengths[:, None]


def whole(
    embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"] | None
) -> Int[Tensor, "batch"]:
    """Lengths as they were given; those of sentences without padding where none were.

    Examples
    --------
    >>> whole(torch.zeros(2, 5, 3), None).tolist()
    [5, 5]
    """
    return torch.full((len(embedded),), embedded.shape[1], device=embedded.device) if lengths is None else lengths


def mask_padding(states: Float[Tensor, "batch time units"], lengths: Int[Tensor, "batch"] | None) -> Tensor:
    """States with zeros wherever a position is padding.

    Examples
    --------
    >>> mask_padding(torch.ones(2, 2, 1), torch.tensor([2, 1])).flatten().tolist()
    [1.0, 1.0, 1.0, 0.0]
    """
    if lengths is None:
        return states
    return states * real_positions(lengths, states.shape[1])[..., None]


def last_state(states: Float[Tensor, "batch time units"], lengths: Int[Tensor, "batch"] | None) -> Tensor:
    """The state at the last real position of each sentence.

    Examples
    --------
    >>> last_state(torch.tensor([[[1.0], [2.0]], [[3.0], [0.0]]]), torch.tensor([2, 1])).tolist()
    [[2.0], [3.0]]
    """
    if lengths is None:
        return states[:, -1]
    return states[torch.arange(len(states), device=states.device), lengths - 1]
