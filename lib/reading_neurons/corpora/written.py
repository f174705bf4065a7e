"""Sentences written for this book, to be read by a network that comes with the package where no corpus is at hand.

Easy to get wrong: what they can show. They were written to be told apart, some of them to be misread; a share of them
is no figure of anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.plain import captions

SENTENCES = (
    "A brown dog catches a frisbee in the park.",
    "Two giraffes are eating leaves from a tall tree.",
    "A man in a suit is talking on his phone.",
    "A woman is cutting a pizza on a wooden table.",
    "A cat sleeps on top of a laptop.",
    "A child holds a teddy bear next to a birthday cake.",
    "An old train is leaving the station.",
    "A bowl of fruit with bananas, apples and oranges.",
    "A bathroom with a toilet, a sink and a mirror.",
    "The player swings his racket at the ball.",
    "A red double decker bus drives past a clock tower.",
    "Several boats are tied up at the dock.",
    "A bird is standing on the back of a zebra.",
    "A cow is lying on the beach.",
    "A dog is driving a car.",
    "There is no dog in the kitchen.",
    "A kitchen without a refrigerator.",
    "The dog is not on the couch but under the bed.",
    "One umbrella, two umbrellas, three umbrellas.",
    "A hot dog with mustard on a paper plate.",
    "A stuffed elephant sits on a chair.",
    "A picture of a horse hangs above the sofa.",
    "A doctor is talking to a nurse.",
    "The snowboarder whom the skier follows is falling.",
    "Colourless green ideas sleep furiously.",
)
"""Plain ones first, then unlikely ones, negations, counts, names within names, and what photographs do not show."""


def written(texts: Sequence[str] = SENTENCES) -> Captions:
    """Sentences as captions, each of an image of its own and without a scene: these, or anyone's.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    Captions

    Raises
    ------
    DataError
        If no sentence has a word.

    Examples
    --------
    >>> written().tokens[0]
    ('a', 'brown', 'dog', 'catches', 'a', 'frisbee', 'in', 'the', 'park')
    >>> len(written(["One dog.", "Two dogs."]))
    2
    """
    return captions("written", "written", texts, np.arange(len(texts)))
