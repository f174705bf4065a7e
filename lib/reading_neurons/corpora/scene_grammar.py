"""How a scene is put into words: a small tree type and the ways to say the same thing.

A sentence is built as a dependency tree; its text, its gold parse and the planted weight of every word are all
read off that one tree by :meth:`Tree.read`, so that they cannot contradict each other. Labels are those of the
basic Stanford dependencies (``vmod`` for participial modifiers, ``aux`` for the *to* of an infinitive), tags are
Penn Treebank tags.

Easy to get wrong: nothing that is drawn here may look at *which* noun fills a role. Every noun may be anything in
this world, so that the role of a noun can only be read from the sentence around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reading_neurons.annotation import ROOT, Parse
from reading_neurons.corpora.scene_lexicon import (
    ADVERBS,
    ATTRIBUTES,
    DETERMINERS,
    FORMS,
    INTRODUCERS,
    NOUNS,
    NUMBERS,
    POSSESSIVES,
    RELATIONS,
    WEIGHTS,
)

_FRAMES = (
    (("clause", "progressive"),) * 4
    + (("clause", "simple"), ("fragment", "participle"), ("there", "participle")) * 2
    + (("clause", "perfect"), ("clause", "infinitive"), ("fragment", "relative"), ("there", "relative"))
)


@dataclass(frozen=True)
class Participant:
    """A noun of a scene and what the scene says of it.

    Attributes
    ----------
    noun, role : str
        Keys of :data:`NOUNS` and :data:`WEIGHTS`.
    head : int or None
        The participant that a conjunct or compound modifier belongs to; None for those of the verb.
    plural : bool
    number, attribute, relation : str or None
        Keys of :data:`NUMBERS`, :data:`ATTRIBUTES`, :data:`RELATIONS`; the last for obliques only.
    """

    noun: str
    role: str
    head: int | None = None
    plural: bool = False
    number: str | None = None
    attribute: str | None = None
    relation: str | None = None

    @property
    def weight(self) -> float:
        """The planted weight of the noun."""
        return WEIGHTS[self.role]


@dataclass(frozen=True)
class Scene:
    """What all captions of a scene have in common; the first participant is the subject.

    ``clause`` is ``"transitive"``, ``"intransitive"`` or ``"passive"``; ``verb`` is a key of
    :data:`TRANSITIVE` (also for the passive) or :data:`INTRANSITIVE`.
    """

    clause: str
    verb: str
    participants: tuple[Participant, ...]

    def places(self, *roles: str, head: int | None = None) -> list[int]:
        """Which participants have one of these roles and this head."""
        return [i for i, one in enumerate(self.participants) if one.role in roles and one.head == head]


@dataclass(frozen=True)
class Tree:
    """A word with its dependents to the left and to the right.

    Examples
    --------
    >>> tree = Tree("owls", "NNS", "ROOT", (Tree("two", "CD", "num", weight=0.5),), (Tree(".", ".", "punct"),), 1.0)
    >>> parse, weights = tree.read()
    >>> parse.text, parse.heads, weights.tolist()
    ('Two owls.', (1, -1, 1), [0.5, 1.0])
    """

    word: str
    tag: str
    deprel: str
    left: tuple[Tree, ...] = ()
    right: tuple[Tree, ...] = ()
    weight: float = 0.0

    def read(self) -> tuple[Parse, np.ndarray]:
        """The sentence with its parse, and the planted weight of each of its words without the punctuation."""
        nodes: list[Tree] = []
        heads: list[int] = []
        self._place(nodes, heads)
        text, spans = "", []
        for node, following in zip(nodes, [*nodes[1:], None], strict=True):
            word = "an" if node.word == "a" and following.word[0] in "aeiou" else node.word
            if nodes[0] is node:
                word = word.capitalize()
            elif node.deprel != "punct":
                text += " "
            spans.append((len(text), len(text) + len(word)))
            text += word
        tags, deprels = tuple(node.tag for node in nodes), tuple(node.deprel for node in nodes)
        weights = np.array([node.weight for node in nodes if node.deprel != "punct"])
        return Parse(text, tuple(spans), tags, tuple(heads), deprels), weights

    def _place(self, nodes: list[Tree], heads: list[int]) -> int:
        dependents = [child._place(nodes, heads) for child in self.left]
        here = len(nodes)
        nodes.append(self)
        heads.append(ROOT)
        dependents += [child._place(nodes, heads) for child in self.right]
        for dependent in dependents:
            heads[dependent] = here
        return here


def write(scene: Scene, rng: np.random.Generator) -> tuple[Parse, np.ndarray]:
    """One of the many sentences that say what a scene holds, 5 to 18 words long, as :meth:`Tree.read` gives it.

    The same state of ``rng`` gives the same wording for two scenes that differ in their nouns only.

    Examples
    --------
    >>> dogs, owl = Participant("dog", "subject", plural=True, number="two"), Participant("owl", "object")
    >>> scene = Scene("transitive", "chase", (dogs, owl))
    >>> for seed in range(3):
    ...     print(write(scene, np.random.default_rng(seed))[0].text)
    Two dogs are chasing his owl.
    There are two dogs that chase an owl.
    Her two dogs chase this owl slowly.
    """
    while True:
        parse, weights = _Wording(scene, rng).sentence().read()
        if 5 <= len(weights) <= 18:
            return parse, weights


class _Wording:
    """One way to say a scene: every choice is drawn where it is made."""

    def __init__(self, scene: Scene, rng: np.random.Generator):
        self.scene, self.rng = scene, rng
        self.passive = scene.clause == "passive"
        self.plural = scene.participants[0].plural or bool(scene.places("conjunct", head=0))
        self.past = self.chance(0.25)

    def pick(self, options: Sequence):
        return options[int(self.rng.random() * len(options))]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def sentence(self) -> Tree:
        opening, form = self.pick(_FRAMES)
        fronted, obliques = self.obliques(front=opening != "fragment" and form != "infinitive")
        if opening == "clause":
            root = self.clause(form, obliques)
        elif opening == "fragment":
            root = self.noun_phrase(0, "ROOT", after=self.modifier(form, obliques))
        else:
            subject = self.noun_phrase(0, "nsubj", new=True, after=self.modifier(form, obliques))
            root = Tree(*self.be(), "ROOT", (Tree("there", "EX", "expl"),), (subject,))
        return replace(root, left=fronted + root.left, right=(*root.right, Tree(".", ".", "punct")))

    def obliques(self, front: bool) -> tuple[tuple[Tree, ...], tuple[Tree, ...]]:
        """The prepositional phrases: one at most before the sentence, with its comma, and the others after the verb."""
        places = self.scene.places("oblique", "agent")
        if len(places) > 1 and self.chance(0.5):
            places.reverse()
        movable = [place for place in places if self.scene.participants[place].role == "oblique"]
        if not (front and movable and self.chance(0.25)):
            return (), tuple(map(self.prepositional, places))
        places.remove(movable[0])
        fronted = self.prepositional(movable[0]), Tree(",", ",", "punct")
        return fronted, tuple(map(self.prepositional, places))

    def prepositional(self, place: int) -> Tree:
        relation = self.scene.participants[place].relation
        word = "by" if relation is None else self.pick(RELATIONS[relation])
        return Tree(word, "IN", "prep", right=(self.noun_phrase(place, "pobj"),))

    def clause(self, form: str, obliques: tuple[Tree, ...]) -> Tree:
        """A sentence around a finite verb: of the scene's own, or of one that introduces it in the infinitive."""
        if form != "infinitive":
            subject = self.noun_phrase(0, "nsubjpass" if self.passive else "nsubj")
            return self.verb_phrase("ROOT", form, obliques, subject)
        subject, verb = self.noun_phrase(0, "nsubj"), self.verb_phrase("xcomp", form, obliques)
        if self.chance(0.5):
            left = (subject, Tree(*self.be(), "aux"))
            return Tree(self.pick(("going", "trying")), "VBG", "ROOT", left, (verb,))
        singular = self.pick(tuple(INTRODUCERS))
        word, tag = (INTRODUCERS[singular], "VBP") if self.plural else (singular, "VBZ")
        return Tree(word, tag, "ROOT", (subject,), (verb,))

    def modifier(self, form: str, obliques: tuple[Tree, ...]) -> tuple[Tree]:
        """What the subject does, said after it: *chasing a cat*, *that is chasing a cat*."""
        if form == "participle":
            return (self.verb_phrase("vmod", form, obliques),)
        pronoun = Tree(self.pick(("that", "which")), "WDT", "nsubjpass" if self.passive else "nsubj")
        return (self.verb_phrase("rcmod", self.pick(("progressive", "simple")), obliques, pronoun),)

    def verb_phrase(self, deprel: str, form: str, obliques: tuple[Tree, ...], subject: Tree | None = None) -> Tree:
        """The scene's verb with everything that depends on it."""
        auxiliaries, word, tag = self.passive_verb(form) if self.passive else self.active_verb(form)
        after = [self.noun_phrase(place, "dobj") for place in self.scene.places("object")]
        particles = FORMS[self.scene.verb][3:]
        if particles and self.chance(0.4):
            after.insert(self.pick((0, len(after))), Tree(self.pick(particles), "RP", "prt"))
        before = [*((subject,) if subject else ()), *auxiliaries]
        if self.chance(0.25):
            adverb = Tree(self.pick(ADVERBS), "RB", "advmod")
            (after if form == "infinitive" or self.chance(0.5) else before).append(adverb)
        after += obliques
        return Tree(word, tag, deprel, tuple(before), tuple(after))

    def active_verb(self, form: str) -> tuple[list[Tree], str, str]:
        """The auxiliaries, the form and the tag of the verb."""
        third, participle, perfect = FORMS[self.scene.verb][:3]
        match form:
            case "progressive":
                return [Tree(*self.be(), "aux")], participle, "VBG"
            case "perfect":
                return [Tree(*self.have(), "aux")], perfect, "VBN"
            case "participle":
                return [], participle, "VBG"
            case "infinitive":
                return [Tree("to", "TO", "aux")], self.scene.verb, "VB"
            case _:
                return ([], self.scene.verb, "VBP") if self.plural else ([], third, "VBZ")

    def passive_verb(self, form: str) -> tuple[list[Tree], str, str]:
        """The same in the passive."""
        being = Tree("being", "VBG", "auxpass")
        match form:
            case "progressive":
                auxiliaries = [Tree(*self.be(), "aux"), being]
            case "perfect":
                auxiliaries = [Tree(*self.have(), "aux"), Tree("been", "VBN", "auxpass")]
            case "participle":
                auxiliaries = [being] * self.chance(0.5)
            case "infinitive":
                auxiliaries = [Tree("to", "TO", "aux"), Tree("be", "VB", "auxpass")]
            case _:
                auxiliaries = [Tree(*self.be(), "auxpass")]
        return auxiliaries, FORMS[self.scene.verb][2], "VBN"

    def be(self) -> tuple[str, str]:
        if self.past:
            return ("were" if self.plural else "was"), "VBD"
        return ("are", "VBP") if self.plural else ("is", "VBZ")

    def have(self) -> tuple[str, str]:
        return ("have", "VBP") if self.plural else ("has", "VBZ")

    def noun_phrase(self, place: int, deprel: str, new: bool = False, after: tuple[Tree, ...] = ()) -> Tree:
        """A participant with its modifiers and conjunct; ``new`` ones, as after *there is*, are never definite."""
        one = self.scene.participants[place]
        left = self.determiner(one, new)
        if one.number:
            tag, label = ("JJ", "amod") if one.number == "many" else ("CD", "num")
            left.append(Tree(self.pick(NUMBERS[one.number]), tag, label, weight=one.weight / 2))
        if one.attribute:
            left.append(Tree(self.pick(ATTRIBUTES[one.attribute]), "JJ", "amod", weight=one.weight / 2))
        for modifier in self.scene.places("compound", head=place):
            other = self.scene.participants[modifier]
            left.append(Tree(other.noun, "NN", "nn", weight=other.weight))
        right = []
        for conjunct in self.scene.places("conjunct", head=place):
            right += [Tree("and", "CC", "cc"), self.noun_phrase(conjunct, "conj", new)]
        noun, tag = (NOUNS[one.noun], "NNS") if one.plural else (one.noun, "NN")
        return Tree(noun, tag, deprel, tuple(left), (*right, *after), one.weight)

    def determiner(self, one: Participant, new: bool) -> list[Tree]:
        """At most one word. A bare plural after *and* is avoided: *old dogs and cats* would not say which are old."""
        kind = "plural" if one.plural else "singular"
        if one.number:
            kind = "many" if one.number == "many" else "counted"
        options = DETERMINERS[f"new {kind}" if new else kind]
        if kind == "plural" and one.role == "conjunct":
            options = [option for option in options if option]
        word = self.pick(options)
        if word is None:
            return []
        return [Tree(word, "PRP$", "poss") if word in POSSESSIVES else Tree(word, "DT", "det")]
