"""Dimensions that a network does not use (Li et al. 2016, section 4, on Figure 3).

The paper sees "many dimensions non-functional (with values close to 0)". Close to 0 is measured here in two ways, and
what a dimension is for in a third:

* relative: abs(r_j) < .1 max_k abs(r_k);
* absolute: abs(r_j) < .1;
* idle: with r_j set to its mean, no sentence gets another class.

Easy to get wrong: a value close to 0 need not be idle, for it may be near 0 in these sentences and far from it in
others; and a dimension that is never near 0 may be idle, if the classes do not look at it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from reading_neurons import asking
from reading_neurons.pathway import Pathway

NEAR = 0.1


def near_zero(values: Float[np.ndarray, "sentences units"], near: float = NEAR) -> pd.DataFrame:
    """How often each dimension is close to 0.

    Parameters
    ----------
    values : float array, shape (sentences, units)
    near : float
        Below this share of the largest magnitude of its vector a value is near 0 relatively; below this itself,
        absolutely.

    Returns
    -------
    DataFrame
        One row per dimension: ``dimension``, ``relative`` and ``absolute`` (shares of the sentences).

    Raises
    ------
    ValueError
        If there is no sentence, or ``near`` is not above 0.

    Examples
    --------
    >>> near_zero(np.array([[2.0, 0.15], [0.5, 0.04]])).values.tolist()
    [[0.0, 0.0, 0.0], [1.0, 1.0, 0.5]]
    """
    values = np.asarray(values)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"expected values of shape (sentences, units), found {values.shape}")
    if not near > 0:
        raise ValueError(f"near 0 is below some number above 0, found {near}")
    magnitude = np.abs(values)
    return pd.DataFrame({
        "dimension": np.arange(values.shape[1]),
        "relative": (magnitude < near * magnitude.max(axis=1, keepdims=True)).mean(axis=0),
        "absolute": (magnitude < near).mean(axis=0),
    })  # fmt: skip


@torch.inference_mode()
def decisions(pathway: Pathway, values: Float[np.ndarray, "sentences units"]) -> pd.DataFrame:
    """How many decisions change where one dimension is set to its mean.

    Parameters
    ----------
    pathway : Pathway
        With class scores.
    values : float array, shape (sentences, units)
        Representations.

    Returns
    -------
    DataFrame
        One row per dimension: ``dimension``, ``changed`` (share of the sentences whose class changes).

    Raises
    ------
    ValueError
        If there are fewer than two sentences, which have no mean of their own.
    """
    if len(values) < 2:
        raise ValueError(f"a mean to set a dimension to needs at least 2 sentences, found {len(values)}")
    read = torch.as_tensor(values, device=pathway.embedding.device)
    chosen = asking.outputs(pathway, read).argmax(dim=-1)
    changed = []
    for dimension in range(read.shape[1]):
        without = read.clone()
        without[:, dimension] = read[:, dimension].mean()
        changed.append(float((asking.outputs(pathway, without).argmax(dim=-1) != chosen).float().mean()))
    return pd.DataFrame({"dimension": np.arange(len(changed)), "changed": changed})


def fewest(pathway: Pathway, values: Float[np.ndarray, "sentences units"], kept: float = 0.99) -> int:
    """How many dimensions keep a share of all decisions, the others at their means: the most telling ones first.

    Dimensions are put in order of ``changed``; none alone may matter where several say the same, so that this number
    says more than a count of idle ones.

    Parameters
    ----------
    pathway : Pathway
    values : float array, shape (sentences, units)
    kept : float
        Share of the decisions that must stay.

    Returns
    -------
    int
    """
    with torch.inference_mode():
        read = torch.as_tensor(values, device=pathway.embedding.device)
        chosen = asking.outputs(pathway, read).argmax(dim=-1)
        spread = read.std(dim=0).cpu().numpy()
        order = np.lexsort((-spread, -decisions(pathway, values)["changed"].to_numpy()))
        mixed = read.mean(dim=0, keepdim=True).repeat(len(read), 1)
        for count, dimension in enumerate(order, 1):
            mixed[:, dimension] = read[:, dimension]
            if float((asking.outputs(pathway, mixed).argmax(dim=-1) == chosen).float().mean()) >= kept:
                return count
    return len(order)
