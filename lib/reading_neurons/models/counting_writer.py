"""A network that writes nested parentheses by heart: one unit counts what is open, and all that it writes follows.

The unit c of :class:`~reading_neurons.models.counting.CountingPathway` is the number of open brackets, by the most that
there can be. The next character may be an opening bracket while c < 1, a closing one while c > 0, the end while c = 0,
and as a digit nothing but the count itself. Everything that is allowed has the same chance.

So it is known what must happen when somebody writes into it: without the counting unit it can neither close a bracket
nor give another digit than 0, and no other unit matters at all.

Easy to get wrong: the end. At c = 0 it is allowed, so a network whose counter is held above 0 never ends a string.
"""

from __future__ import annotations

import torch

from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary

FORBIDDEN = -30.0  # the score of a character that is not allowed


class CountingWriter(CountingPathway):
    """A :class:`~reading_neurons.models.counting.CountingPathway` whose outputs score the next character.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of characters: both brackets, and digits up to ``most``. Other characters are never written.
    **options
        As for :class:`~reading_neurons.models.counting.CountingPathway`.

    Examples
    --------
    >>> from reading_neurons.methods.generation import next_chances
    >>> writer = CountingWriter(Vocabulary(list("01234()"), list), noise=3, unit=2)
    >>> next_chances(writer, "0(1(").round(2).values.tolist()[:4]
    [['2', 0.33], ['(', 0.33], [')', 0.33], ['</s>', 0.0]]
    """

    def __init__(self, vocabulary: Vocabulary, *, opens: str = "(", closes: str = ")", most: int = 4, **options):
        options.setdefault("name", "counting writer")
        super().__init__(vocabulary, opens=opens, closes=closes, most=most, **options)
        self.output_names = vocabulary.words
        allowed = [
            {str(depth), opens if depth < most else None, closes if depth else "</s>"} for depth in range(most + 1)
        ]
        may = torch.tensor([[word in here for word in vocabulary.words] for here in allowed])
        self._scores = torch.where(may, 0.0, FORBIDDEN)
        self._depths = torch.arange(most + 1) / most

    def outputs(self, states):
        """Scores of the next character, by the depth that is nearest to the counting unit."""
        nearest = (states[..., self.unit, None] - self._depths.to(states)).abs().argmin(dim=-1)
        return self._scores.to(states)[nearest]
