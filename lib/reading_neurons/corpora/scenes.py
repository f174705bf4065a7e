"""Generated captions whose truth is planted: which word matters how much to what the caption shows.

A scene holds three nouns in three roles, some of them with a number or an attribute, and one verb. Five captions say
the same scene in different words. The scene vector, which a visual pathway learns to predict, has one dimension for
every noun, number and attribute; a noun enters it with the weight of its role,

    subject 1 > object .7 > oblique .45 > conjunct .3 > compound modifier .15,

its number and its attribute with half of that, and every other word with nothing. So the same *dog* matters more
where it is the subject, and a network that knows only which words occur cannot tell.

Easy to get wrong: training standardises each dimension, and a rare dimension grows by it. Numbers and attributes
are drawn about four times as often as a noun, which makes up for their half weight: planted and standardised weights
have the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reading_neurons.annotation import Parse
from reading_neurons.corpora.captions import CaptionCorpus, Captions
from reading_neurons.corpora.scene_grammar import Participant, Scene, write
from reading_neurons.corpora.scene_lexicon import ATTRIBUTES, INTRANSITIVE, NOUNS, NUMBERS, RELATIONS, TRANSITIVE
from reading_neurons.text import tokenize

DIMENSIONS = tuple(
    f"{kind}:{value}"
    for kind, values in (("object", NOUNS), ("number", NUMBERS), ("attribute", ATTRIBUTES))
    for value in values
)
"""Names of the dimensions of a scene vector."""

_COLUMN = {name: column for column, name in enumerate(DIMENSIONS)}
# How often, the clause, the roles of the second and third noun, and what the third belongs to. Compound modifiers are
# rarer than the others: they are never plural, so the forms of the nouns say a little about their roles, and the more
# compounds there are, the more a network that ignores word order can gain from that.
_STRUCTURES = tuple(
    structure
    for count, *structure in (
        (4, "transitive", "object", "oblique", "verb"),
        (4, "transitive", "object", "conjunct", "subject"),
        (4, "transitive", "object", "conjunct", "second"),
        (1, "transitive", "object", "compound", "subject"),
        (1, "transitive", "object", "compound", "second"),
        (1, "intransitive", "oblique", "oblique", "verb"),
        (2, "intransitive", "oblique", "conjunct", "subject"),
        (2, "intransitive", "oblique", "conjunct", "second"),
        (1, "intransitive", "oblique", "compound", "subject"),
        (1, "intransitive", "oblique", "compound", "second"),
        (1, "intransitive", "conjunct", "compound", "subject"),
        (1, "intransitive", "conjunct", "compound", "second"),
        (2, "passive", "agent", "oblique", "verb"),
        (2, "passive", "agent", "conjunct", "subject"),
        (2, "passive", "agent", "conjunct", "second"),
        (1, "passive", "agent", "compound", "subject"),
        (1, "passive", "agent", "compound", "second"),
    )
    for _ in range(count)
)
_VERBS = {"transitive": tuple(TRANSITIVE), "passive": tuple(TRANSITIVE), "intransitive": tuple(INTRANSITIVE)}
# How many adjectives and how many numbers a scene holds, whatever its structure: 0, 1 or 2 with these probabilities.
_ATTRIBUTE_COUNTS = (0.1, 0.6, 0.3)
_NUMBER_COUNTS = (0.4, 0.45, 0.15)
_BARE_PLURAL = 0.2
_TRIES = 200


def generate(scenes: int = 4000, captions_per_scene: int = 5, seed: int = 0) -> CaptionCorpus:
    """A corpus of scenes and their captions, with gold parses and planted weights.

    Parameters
    ----------
    scenes : int
        How many scenes, at least 10: 80 % become training data, 10 % validation, 10 % test.
    captions_per_scene : int
        Different captions of each scene.
    seed : int
        The same seed gives the same corpus.

    Returns
    -------
    CaptionCorpus
        Its ``scenes`` have the columns :data:`DIMENSIONS`.

    Raises
    ------
    ValueError
        If there are too few scenes for three splits, no captions are asked for, or more than a scene has wordings.

    Examples
    --------
    >>> corpus = generate(scenes=50, seed=5)
    >>> [len(split) for split in corpus.splits]
    [200, 25, 25]
    >>> corpus.train.texts[0], corpus.train.weights[0].tolist()
    ('The bicycle waits behind this huge woman plane.', [0.0, 1.0, 0.0, 0.0, 0.0, 0.225, 0.15, 0.45])
    """
    if scenes < 10:
        raise ValueError(f"three splits need at least 10 scenes, found {scenes}: ask for more")
    if captions_per_scene < 1:
        raise ValueError(f"a scene needs at least one caption, found {captions_per_scene}")
    rng = np.random.default_rng(seed)
    drawn = [_draw(rng) for _ in range(scenes)]
    written = [_captions(scene, captions_per_scene, rng) for scene in drawn]
    tenth = scenes // 10
    ranges = {
        "train": range(scenes - 2 * tenth),
        "validation": range(scenes - 2 * tenth, scenes - tenth),
        "test": range(scenes - tenth, scenes),
    }
    splits = {
        split: _split(split, np.array(chosen), [drawn[i] for i in chosen], [written[i] for i in chosen])
        for split, chosen in ranges.items()
    }
    return CaptionCorpus("scenes", **splits)


def minimal_pairs(pairs: int = 500, seed: int = 1) -> tuple[Captions, Captions]:
    """Captions that differ in nothing but which of two nouns is the subject.

    Caption ``i`` of both has exactly the same words ("a dog is chasing a cat", "a cat is chasing a dog"), and each
    comes with the scene vector that belongs to it. A network that ignores the order of words cannot tell which of the
    two vectors belongs to which caption.

    Parameters
    ----------
    pairs : int
    seed : int
        The same seed gives the same pairs.

    Returns
    -------
    two Captions
        One caption and one scene a pair.

    Examples
    --------
    >>> first, second = minimal_pairs(4)
    >>> first.texts[3], second.texts[3]
    ('A merry shark washes our pig and three cats.', 'A merry pig washes our shark and three cats.')
    """
    if pairs < 1:
        raise ValueError(f"found {pairs} pairs, expected at least one")
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < pairs:
        scene = _draw(rng)
        other = int(rng.integers(1, len(scene.participants)))
        if scene.participants[0].plural != scene.participants[other].plural:
            continue
        versions = (scene, _exchanged(scene, other))
        wording = int(rng.integers(2**63))
        readings = [write(version, np.random.default_rng(wording)) for version in versions]
        first, second = (sorted(tokenize(parse.text)) for parse, _ in readings)
        if first == second:  # "the dog .. an owl" has become "the owl .. a dog": other words
            found.append(tuple(zip(versions, readings, strict=True)))
    sides = []
    for number, side in enumerate(zip(*found, strict=True), start=1):
        scenes, written = zip(*side, strict=True)
        sides.append(_split(f"minimal pairs {number}", np.arange(pairs), scenes, [[one] for one in written]))
    return tuple(sides)


def _draw(rng: np.random.Generator) -> Scene:
    """A scene. Which nouns, which attributes and which verb do not depend on who does what, nor on each other."""
    clause, second, third, owner = _STRUCTURES[rng.integers(len(_STRUCTURES))]
    roles = ("subject", second, third)
    owners = (None, 0 if second == "conjunct" else None, {"verb": None, "subject": 0, "second": 1}[owner])
    nouns = rng.choice(list(NOUNS), size=3, replace=False)
    # A compound modifier is bare: its head carries what the phrase says.
    described = [place for place in range(3) if roles[place] != "compound"]
    attributes = _described(described, tuple(ATTRIBUTES), _ATTRIBUTE_COUNTS, rng)
    numbers = _described(described, tuple(NUMBERS), _NUMBER_COUNTS, rng)
    # Scenes with two described nouns have more numbers a noun, so only those with three get plurals without a number:
    # otherwise a singular among plurals would more often be a compound modifier.
    bare = [place for place in described if len(described) == 3 and rng.random() < _BARE_PLURAL]
    relations = iter(rng.permutation(list(RELATIONS)))
    participants = tuple(
        Participant(
            noun=str(nouns[place]),
            role=roles[place],
            head=owners[place],
            plural=place in numbers or place in bare,
            number=numbers.get(place),
            attribute=attributes.get(place),
            relation=str(next(relations)) if roles[place] == "oblique" else None,
        )
        for place in range(3)
    )
    verbs = _VERBS[clause]
    return Scene(clause, verbs[rng.integers(len(verbs))], participants)


def _described(
    places: Sequence[int], values: Sequence[str], counts: Sequence[float], rng: np.random.Generator
) -> dict[int, str]:
    """Which of these participants get a value and which; how many do not depend on how many there are."""
    count = rng.choice(len(counts), p=counts)
    chosen = rng.choice(places, size=count, replace=False)
    return {int(place): values[rng.integers(len(values))] for place in chosen}


def _exchanged(scene: Scene, other: int) -> Scene:
    """The scene with the nouns of the subject and of another participant exchanged."""
    participants = list(scene.participants)
    subject = participants[0]
    participants[0] = replace(subject, noun=participants[other].noun)
    participants[other] = replace(participants[other], noun=subject.noun)
    return replace(scene, participants=tuple(participants))


def _captions(scene: Scene, count: int, rng: np.random.Generator) -> list[tuple[Parse, np.ndarray]]:
    """So many different captions of a scene, each with its parse and weights."""
    found: dict[str, tuple[Parse, np.ndarray]] = {}
    for _ in range(_TRIES * count):
        parse, weights = write(scene, rng)
        found.setdefault(parse.text, (parse, weights))
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"found {len(found)} different captions of a scene, expected {count}: ask for fewer per scene")


def _vector(scene: Scene) -> np.ndarray:
    """The weights of a scene's nouns, numbers and attributes, shape (dimensions,)."""
    vector = np.zeros(len(DIMENSIONS), dtype=np.float32)
    for one in scene.participants:
        vector[_COLUMN[f"object:{one.noun}"]] = one.weight
        for kind, value in (("number", one.number), ("attribute", one.attribute)):
            if value:
                vector[_COLUMN[f"{kind}:{value}"]] += one.weight / 2
    return vector


def _split(
    name: str, image_ids: np.ndarray, scenes: Sequence[Scene], written: Sequence[list[tuple[Parse, np.ndarray]]]
) -> Captions:
    """Scenes and their captions as a split."""
    parses, weights = zip(*(caption for captions in written for caption in captions), strict=True)
    return Captions(
        corpus="scenes",
        split=name,
        texts=tuple(parse.text for parse in parses),
        image=np.repeat(np.arange(len(scenes)), [len(captions) for captions in written]),
        image_ids=image_ids,
        scenes=np.stack([_vector(scene) for scene in scenes]),
        dimensions=DIMENSIONS,
        parses=parses,
        weights=weights,
    )
