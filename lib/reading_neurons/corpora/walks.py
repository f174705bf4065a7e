"""Languages as random walks between a few states, with strings of limited length, and all their chances exactly.

In each state a walk reads one of a few characters, or ends. Of all walks only those count that end after ``shortest``
to ``longest`` characters, so the chance of a character is that of the free walk, times the chance that a walk can
still end in time:

    p(character | t characters read, state) = chance(character) * alive(t + 1, next state) / alive(t, state)

where ``alive`` follows from the last possible character backwards. A network that has read the first t characters can
know no more, so this is also the best prediction that there is, and its score is what a trained network is held to.

Easy to get wrong: limiting lengths by cutting, or by drawing again and still calling the free walk's chances the best.
Near its longest a string is all closing brackets, and a network learns that.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

END = "</s>"


class Move(NamedTuple):
    """A character that may be read in a state, the state that it leads to, and how likely it is there."""

    character: str
    to: int
    chance: float


@dataclass(frozen=True)
class Walk:
    """A random walk from state 0, given that it ends after ``shortest`` to ``longest`` characters.

    Attributes
    ----------
    name : str
    moves : tuple of tuples of Move
        For every state what may be read there; no character twice.
    ending : tuple of float
        For every state the chance to end there. With those of its moves it sums to 1.
    shortest, longest : int
        Characters of a string.

    Raises
    ------
    ValueError
        If the chances of a state do not sum to 1, a character has two moves there, or no walk ends after so many
        characters.

    Examples
    --------
    Heads and tails until the first tail, of at most three throws:

    >>> throws = Walk("throws", ((Move("h", 0, 0.5), Move("t", 1, 0.5)), ()), (0.0, 1.0), 1, 3)
    >>> throws.characters
    ('h', 't')
    >>> throws.chances("ht").round(3).tolist()
    [[0.429, 0.571, 0.0], [0.333, 0.667, 0.0], [0.0, 0.0, 1.0]]
    >>> throws.distinct.tolist()
    [0, 1, 1, 1]
    """

    name: str
    moves: tuple[tuple[Move, ...], ...]
    ending: tuple[float, ...]
    shortest: int
    longest: int

    def __post_init__(self):
        if not 1 <= self.shortest <= self.longest:
            raise ValueError(
                f"strings need at least one character, and shortest at most longest: found shortest={self.shortest}, "
                f"longest={self.longest}"
            )
        for state, (moves, ending) in enumerate(zip(self.moves, self.ending, strict=True)):
            chances = [ending, *(move.chance for move in moves)]
            if abs(sum(chances) - 1) > 1e-9 or min(chances) < 0:
                raise ValueError(
                    f"chances of a state must be from 0 on and sum to 1, state {state} has {ending} and {moves}"
                )
            if len({move.character for move in moves}) < len(moves):
                raise ValueError(f"a character has two moves in state {state}: {moves}")
        if not self.alive[0, 0]:
            raise ValueError(
                f"no string of {self.name!r} has {self.shortest} to {self.longest} characters: allow other lengths"
            )

    @cached_property
    def alive(self) -> Float[np.ndarray, "read states"]:
        """The chance to end in time from each state after 0, 1, .. ``longest`` characters (then: none)."""
        alive = np.zeros((self.longest + 2, len(self.moves)))
        for read in range(self.longest, -1, -1):
            for state, moves in enumerate(self.moves):
                alive[read, state] = self._end(read, state) + sum(m.chance * alive[read + 1, m.to] for m in moves)
        return alive

    def _end(self, read: int, state: int) -> float:
        return self.ending[state] if self.shortest <= read <= self.longest else 0.0

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """The characters of the language, in alphabetical order."""
        return tuple(sorted({move.character for moves in self.moves for move in moves}))

    @cached_property
    def _choices(self) -> list[list[tuple[list[float], list[Move]]]]:
        """By characters read and state: the possible moves and their chances summed up; what remains is ending."""
        return [[self._choice(read, state) for state in range(len(self.moves))] for read in range(self.longest + 1)]

    def _choice(self, read: int, state: int) -> tuple[list[float], list[Move]]:
        moves = [move for move in self.moves[state] if move.chance * self.alive[read + 1, move.to] > 0]
        sums = list(accumulate(m.chance * self.alive[read + 1, m.to] / self.alive[read, state] for m in moves))
        if moves and not self._end(read, state):
            sums[-1] = 1.0  # rounding must not end a string where it cannot end
        return sums, moves

    def draw(self, rng: np.random.Generator, begun: str = "") -> str:
        """One string, or one of those that begin as given, with their exact chances.

        Raises
        ------
        ValueError
            If no string of this walk begins so.

        Examples
        --------
        >>> Walk("a", ((Move("a", 0, 0.9),),), (0.1,), 2, 9).draw(np.random.default_rng(0))
        'aaaa'
        """
        text, state = list(begun), self._reached(begun)
        while True:
            sums, moves = self._choices[len(text)][state]
            chosen = bisect_right(sums, rng.random())
            if chosen == len(moves):
                return "".join(text)
            character, state, _ = moves[chosen]
            text.append(character)

    def _reached(self, text: str) -> int:
        """The state after the beginning of a string."""
        state = 0
        for read, character in enumerate(text):
            following = self._place(read, state)[1]
            if character not in following:
                raise self._refused(text, read, state)
            state = following[character].to
        return state

    def _refused(self, text: str, read: int, state: int) -> ValueError:
        expected = [name for name, chance in zip(self.outcomes, self._place(read, state)[0], strict=True) if chance]
        return ValueError(
            f"found {text[read]!r} at column {read + 1} of {_shown(text)}, expected "
            f"{' or '.join(map(repr, expected))}: no string of {self.name!r}"
        )

    def chances(self, text: str) -> Float[np.ndarray, "places outcomes"]:
        """The exact chances of what comes next at every place of a string, or of the beginning of one.

        Parameters
        ----------
        text : str

        Returns
        -------
        float array, shape (n + 1, characters + 1)
            Row i belongs to the place after i characters; the last column is the end of the string.

        Raises
        ------
        ValueError
            If no string of this walk begins so; the message names the column.
        """
        found, state = np.zeros((len(text) + 1, len(self.characters) + 1)), 0
        for read in range(len(text) + 1):
            found[read], following = self._place(read, state)
            if read < len(text):
                if text[read] not in following:
                    raise self._refused(text, read, state)
                state = following[text[read]].to
        return found

    def _place(self, read: int, state: int) -> tuple[np.ndarray, dict[str, Move]]:
        """The chances of what comes next, and the possible moves by their characters."""
        alive, following = self.alive[read, state], {}
        found = np.zeros(len(self.characters) + 1)
        found[-1] = self._end(read, state) / alive
        for move in self.moves[state]:
            chance = move.chance * self.alive[read + 1, move.to] / alive
            if chance:
                found[self.characters.index(move.character)] = chance
                following[move.character] = move
        return found, following

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What the columns of :meth:`chances` stand for: the characters, and ``</s>``, the end."""
        return *self.characters, END

    @cached_property
    def distinct(self) -> np.ndarray:
        """How many different strings of 0, 1, .. ``longest`` characters there are, as Python ints."""
        ways = [1] + [0] * (len(self.moves) - 1)
        counts = []
        for read in range(self.longest + 1):
            counts.append(sum(way for state, way in enumerate(ways) if self._end(read, state) > 0))
            after = [0] * len(ways)
            for state, way in enumerate(ways):
                for move in self.moves[state]:
                    after[move.to] += way if move.chance > 0 else 0
            ways = after
        return np.array(counts, dtype=object)


def _shown(text: str) -> str:
    return f"{text[:40]!r}{' ...' if len(text) > 40 else ''}"
