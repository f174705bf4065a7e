"""What a shift-reduce parser does, as labels of characters (Deep Neural Inspection 2017, section 4).

The paper: "any of the expressions executed, or the state of any variables, between each *push next char* ... can be
used to generate a label for the corresponding character". Here: how high the stack is, and which rules were reduced.

Easy to get wrong: what a network can know. The parser looks at the next character before it reduces a sum, the network
has not read it yet. The height of the stack right after a push depends on the past alone; a reduction is certain one
character later, which is ``feature.shift(1)``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from reading_neurons.corpora.shift_reduce import ARITHMETIC, PARENTHESES, Grammar, Parsing
from reading_neurons.features.feature import Feature

__all__ = ["ARITHMETIC", "PARENTHESES", "Grammar", "last_rule", "reduced", "stack_height"]


@lru_cache(maxsize=4096)
def _parsed(grammar: Grammar, text: str) -> Parsing:
    return grammar.parse(text)


def _parse(grammar: Grammar, item: Any) -> Parsing:
    return _parsed(grammar, getattr(item, "text", item))


def stack_height(grammar: Grammar, most: int) -> Feature:
    """How high the stack is when a character has been pushed (continuous): the most until the next push.

    Parameters
    ----------
    grammar : Grammar
    most : int
        Higher stacks count as this high.

    Examples
    --------
    >>> stack_height(ARITHMETIC, most=4).labels("((1+2))").tolist()
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.75]
    """
    return Feature(
        "stack height", f"how many symbols the stack of the parser holds, up to {most}",
        lambda item: np.array(_parse(grammar, item).heights), continuous=True, most=most,
    )  # fmt: skip


def reduced(grammar: Grammar, kind: str) -> Feature:
    """Whether a rule is reduced after a character is read and before the next is.

    Examples
    --------
    >>> reduced(ARITHMETIC, "sum").labels("1+2*3+4").tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0]
    """
    _known(grammar, kind)
    return Feature(
        f"{kind} reduced", f"the parser reduces to a {kind} before it reads on",
        lambda item: [float(kind in kinds) for kinds in _parse(grammar, item).reduced],
    )  # fmt: skip


def last_rule(grammar: Grammar, kind: str) -> Feature:
    """Whether a rule is the one reduced last, when the parser is about to read the next character.

    Examples
    --------
    >>> last_rule(ARITHMETIC, "sum").labels("(1+2)*3").tolist()
    [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    """
    _known(grammar, kind)

    def values(item: Any) -> np.ndarray:
        latest, found = "", []
        for kinds in _parse(grammar, item).reduced:
            latest = kinds[-1] if kinds else latest
            found.append(float(latest == kind))
        return np.array(found)

    return Feature(f"{kind} last", f"the rule that the parser reduced last is that of a {kind}", values)


def _known(grammar: Grammar, kind: str) -> None:
    kinds = sorted({rule.kind for rule in grammar.rules if rule.kind})
    if kind not in kinds:
        raise ValueError(f"no rule of the {grammar.name} makes a {kind!r}: choose one of {', '.join(kinds)}")
