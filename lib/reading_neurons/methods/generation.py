"""What a language model writes, one character after another (Deep Neural Inspection 2017, figures 4 and 6).

A string begins after ``<s>`` and each character is drawn from

    p(c) = softmax(outputs(h_t) / temperature),

where only characters and the end of the string can be drawn. Inside of :func:`.intervene` it is what the network
writes while some of its units are held.

Easy to get wrong: comparing. Two runs that draw other numbers differ even where nothing was changed. Numbers are
therefore drawn beforehand, one for each string and place, and equal seeds give equal numbers whatever is written:
string 7 of a held network and of the free one part where their chances do, and not before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import asking
from reading_neurons.neurons import scores_next_word
from reading_neurons.pathway import Pathway, Recurrent, require_recurrent, state_rows, stepper
from reading_neurons.text import SPECIALS, Vocabulary

NEVER = (Vocabulary.pad, Vocabulary.start, Vocabulary.unknown)


@torch.inference_mode()
def generate(
    pathway: Recurrent,
    strings: int = 100,
    longest: int = 200,
    temperature: float = 1.0,
    seed: int = 0,
    start: str = "",
) -> list[str]:
    """Strings that a network writes.

    Parameters
    ----------
    pathway : Pathway
        One that can be driven word by word, and whose outputs are scores of the next character or word.
    strings : int
    longest : int
        Characters (or words) after which a string is cut, ``start`` not counted.
    temperature : float
        Above 1 strings are more random, towards 0 each character is the most likely one.
    seed : int
    start : str
        What every string begins with.

    Returns
    -------
    list of str
        Shorter than ``longest`` where the network ended them. They may be empty.

    Raises
    ------
    TypeError
        If the pathway cannot be driven word by word, or does not score the next word.
    ValueError
        If ``strings`` or ``longest`` is below 1, the temperature not above 0, or ``start`` has a character that the
        network does not know.

    Examples
    --------
    >>> from reading_neurons.models.characters import CharacterLSTM
    >>> pathway = CharacterLSTM(Vocabulary(list("01"), list), units=4).pathways["character lstm"]
    >>> generate(pathway, strings=3, longest=5, start="1")
    ['111', '110000', '1010']
    """
    _check(pathway, strings, longest, temperature)
    project, advance = stepper(pathway)
    table = project(pathway.embedding)
    state, units = _read(pathway, start, strings)
    draws = torch.rand(longest, strings, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    written = np.full((strings, longest), Vocabulary.end)
    going = torch.arange(strings)
    for place in range(longest):
        sums = chances(pathway, units, temperature).cumsum(dim=1)
        drawn = draws[place, going, None].to(sums.device) * sums[:, -1:]
        following = torch.searchsorted(sums, drawn, right=True)[:, 0].clamp(max=sums.shape[1] - 1).cpu()
        written[going, place] = following
        on = (following != Vocabulary.end).nonzero()[:, 0]
        if not len(on):
            break
        going = going[on]
        on = on.to(table.device)
        state, units = advance(table[following.to(table.device)[on]], state_rows(state, on))
    return [start + _joined(pathway, ids[: _ending(ids)], start) for ids in written]


def chances(
    pathway: Pathway, units: Float[Tensor, "batch units"], temperature: float = 1.0
) -> Float[Tensor, "batch words"]:
    """The chance of each character to be the next, in double precision; 0 for what is never written.

    Parameters
    ----------
    pathway : Pathway
    units : float tensor, shape (batch, units)
        States.
    temperature : float
    """
    scores = asking.outputs(pathway, units).double() / temperature
    scores[..., list(NEVER)] = -torch.inf
    return scores.softmax(dim=-1)


@torch.inference_mode()
def next_chances(pathway: Recurrent, text: str, temperature: float = 1.0) -> pd.DataFrame:
    """How likely each character is after a text.

    Returns
    -------
    DataFrame
        ``character`` (``</s>`` for the end of the string) and ``chance``, the most likely first.

    Raises
    ------
    TypeError, ValueError
        As :func:`generate`.

    Examples
    --------
    >>> from reading_neurons.models.characters import CharacterLSTM
    >>> pathway = CharacterLSTM(Vocabulary(list("01"), list), units=4).pathways["character lstm"]
    >>> next_chances(pathway, "0").round(2).values.tolist()
    [['0', 0.34], ['1', 0.34], ['</s>', 0.32]]
    """
    _check(pathway, 1, 1, temperature)
    found = chances(pathway, _read(pathway, text, 1)[1], temperature)[0].cpu()
    kept = [number for number in range(len(found)) if number not in NEVER]
    table = pd.DataFrame({"character": pathway.vocabulary.decode(kept), "chance": found[kept].numpy()})
    return table.sort_values("chance", ascending=False, kind="stable", ignore_index=True)


def _read(pathway: Recurrent, text: str, strings: int) -> tuple:
    """The state and the units after ``<s>`` and a text, so many times."""
    words = pathway.vocabulary.tokenizer(text)
    if unknown := [word for word in words if word not in pathway.vocabulary or word in SPECIALS]:
        known = " ".join(pathway.vocabulary.words[len(SPECIALS) :][:40])
        raise ValueError(f"the network does not know {unknown[0]!r}; it knows {known}")
    project, advance = stepper(pathway)
    ids = torch.from_numpy(pathway.vocabulary.encode(words)[:-1]).to(pathway.embedding.device)
    state = pathway.initial(strings)
    for projected in project(asking.words(pathway, ids)):
        state, units = advance(projected.expand(strings, -1), state)
    return state, units


def _ending(ids: np.ndarray) -> int:
    """How many characters come before the end of the string."""
    ends = np.flatnonzero(ids == Vocabulary.end)
    return int(ends[0]) if len(ends) else len(ids)


def _joined(pathway: Pathway, ids: np.ndarray, start: str) -> str:
    """Characters side by side, words with a space between them."""
    of_characters = pathway.vocabulary.tokenizer is list
    space = " " if start and len(ids) and not of_characters else ""
    return space + ("" if of_characters else " ").join(pathway.vocabulary.decode(ids))


def _check(pathway: Recurrent, strings: int, longest: int, temperature: float) -> None:
    require_recurrent(pathway, "generation")
    if not scores_next_word(pathway):
        raise TypeError(
            f"the pathway {pathway.name!r} does not score the next character: generation needs a language model, such "
            "as 'character lstm' or 'textual'"
        )
    if strings < 1 or longest < 1:
        raise ValueError(f"expected at least 1 string of at least 1 character, found strings={strings}, {longest=}")
    if not 0 < temperature < np.inf:
        raise ValueError(f"the temperature must be above 0, found {temperature}")
