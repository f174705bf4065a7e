"""How the generated reviews are worded: phrases of a sentiment that is asked for, about one topic a sentence.

A phrase is built as nested pairs (:data:`~reading_neurons.corpora.polarity_meaning.Phrase`); tree, labels and the
planted contribution of every word are all read off it, so that they cannot contradict each other.

Easy to get wrong: one wording must never have two structures. "is not good but funny" always reads (not good) but
funny, never not (good but funny); else the same words could have two labels, and no network could learn them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from reading_neurons.corpora import polarity_lexicon as lexicon
from reading_neurons.corpora.polarity_meaning import Phrase, words

# What kinds of sentence there are and how often each is drawn.
_KINDS = {"plain": 42, "stacked": 7, "conceded": 25, "contrasted": 14, "conjoined": 12}
_SIGNS = {1: 43, -1: 32, 0: 25}
_FORMS = {"feeling": 33, "description": 42, "verdict": 13, "effect": 14}
_STRONG = 0.8
_LONGEST = 20


_TABLES = {"noun": lexicon.POLAR_NOUNS, "feeling": lexicon.FEELING, "effect": lexicon.EFFECT}
_TABLES |= {topic: lexicon.ADJECTIVES["any"] | lexicon.ADJECTIVES[topic] for topic in ("story", "food")}


@cache
def _chosen(table: str, sign: int, least: float = 0.0) -> tuple:
    """The words of a table that have this sign, and at least this strength."""
    return tuple(word for word, value in _TABLES[table].items() if value * sign > 0 and abs(value) >= least)


@cache
def _repeated(weights: tuple[tuple, ...]) -> tuple:
    return tuple(key for key, weight in weights for _ in range(weight))


class Writer:
    """Words phrases about one topic, drawing what is left open."""

    def __init__(self, rng: np.random.Generator, topic: str | None = None):
        self.rng = rng
        self.topic = topic or self.pick(tuple(lexicon.NOUNS))
        self.used: set[str] = set()

    def pick(self, options: Sequence):
        return options[int(self.rng.random() * len(options))]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def weighted(self, weights: dict):
        """A key, as often as its weight says."""
        return self.pick(_repeated(tuple(weights.items())))

    # Sentences

    def sentence(self) -> Phrase:
        """A sentence of at most 20 words with its full stop, the first word capitalised."""
        while True:
            self.used.clear()
            phrase = (self.unpunctuated(), ".")
            if len(words(phrase)) <= _LONGEST:
                return capitalised(phrase)

    def unpunctuated(self) -> Phrase:
        kind, sign = self.weighted(_KINDS), self.weighted(_SIGNS)
        opposite = self.pick((1, -1))
        match kind:
            case "plain":
                return self.clause(sign)
            case "stacked":
                return self.stacked(sign or opposite)
            case "conceded":
                return self.conceded(self.clause(opposite), self.clause(-opposite))
            case "contrasted":
                return self.contrasted(opposite)
            case _:
                return self.clause(sign), ("and", self.clause(sign))

    def conceded(self, main: Phrase, minor: Phrase) -> Phrase:
        """Two clauses, the second of which is admitted."""
        connective = self.pick(("though", "although", "but", "but"))
        if connective == "but":
            return but(minor, main)
        if self.chance(0.5):
            return main, (connective, minor)
        return ((connective, minor), ","), main

    def contrasted(self, sign: int) -> Phrase:
        """Two predicates of one subject, the second of this sign and the first of the other."""
        if self.chance(0.4):
            return self.pick(lexicon.SUBJECTS), (self.feeling(-sign, True), ("but", self.feeling(sign, True)))
        first, second = self.quality(-sign), self.quality(sign)
        return self.subject(), (self.be(), (first, ("but", second)))

    def stacked(self, sign: int) -> Phrase:
        """More strong words of one sign than the scale has room for."""
        subject = (self.pick(("the", "this", "that")), (self.adjective(sign, _STRONG), self.noun()))
        form = self.pick(("verdict", "description", "feeling"))
        if form == "feeling":
            verb = self.pick(self.pick(_chosen("feeling", sign, _STRONG)))
            return self.pick(lexicon.SUBJECTS), (self.pick(("really", "truly")), (verb, subject))
        if form == "description":
            degree = self.pick(("truly", "extremely", "incredibly"))
            return subject, (self.be(), (degree, self.adjective(sign, _STRONG)))
        noun = self.pick(_chosen("noun", sign))
        return subject, (self.be(), indefinite((self.adjective(sign, _STRONG), noun)))

    def clause(self, sign: int) -> Phrase:
        """A clause that is positive (1), negative (-1) or about neutral (0)."""
        if sign == 0 and self.chance(0.5):
            return self.fact()
        match self.weighted(_FORMS):
            case "feeling":
                return self.pick(lexicon.SUBJECTS), self.feeling(sign)
            case "description":
                return self.description(sign)
            case "verdict":
                return self.verdict(sign)
            case _:
                return self.subject(), self.effect(sign)

    def fact(self) -> Phrase:
        """A clause that values nothing."""
        if self.chance(0.4):
            graded = self.pick(lexicon.GRADABLE[self.topic])
            degree = self.pick((None, None, "very", "fairly", "not"))
            return self.subject(), (self.be(), (degree, graded) if degree else graded)
        verb = self.pick(lexicon.ACTIONS[self.topic])
        event = (verb, self.whole())
        return self.pick(lexicon.SUBJECTS), (event, self.pick(lexicon.TIMES)) if self.chance(0.7) else event

    def verdict(self, sign: int) -> Phrase:
        """What the thing is or has: *it is not a gem*, *the film had a dull plot*."""
        polar, negated = self.polarity(sign)
        if not negated and self.chance(0.4):
            noun = self.unused(lexicon.PARTS[self.topic])
            had = (self.adjective(polar), noun)
            return self.pick(("it", self.whole())), ("had", had if noun in lexicon.MASS else indefinite(had))
        verdict = indefinite(self.pick(_chosen("noun", polar)))
        return self.subject(), (self.be(), ("not", verdict) if negated else verdict)

    def description(self, sign: int) -> Phrase:
        subject = self.subject(sign if sign and self.chance(0.1) else 0)
        if sign < 0 and self.chance(0.12):
            return subject, (self.be(), ("too", self.pick(lexicon.GRADABLE[self.topic])))
        if sign and self.chance(0.15):
            return subject, (self.be(), (self.adjective(sign), ("and", self.adjective(sign))))
        polar, negated = self.polarity(sign)
        if negated and self.chance(0.4):
            return subject, ((self.be(), "n't"), self.graded(polar, negated))
        return subject, (self.be(), self.quality(sign, (polar, negated)))

    # What is said of a subject

    def polarity(self, sign: int) -> tuple[int, bool]:
        """The sign of the word that carries a value of this sign, and whether it is denied."""
        if sign == 0:
            return -1, True
        return (1, True) if sign < 0 and self.chance(0.35) else (sign, False)

    def quality(self, sign: int, polarity: tuple[int, bool] | None = None) -> Phrase:
        """An adjective, perhaps with its degree, perhaps denied: *not very good*."""
        polar, negated = polarity or self.polarity(sign)
        quality = self.graded(polar, negated)
        if not negated:
            return quality
        return self.pick(("not", "not", "never", "hardly")) if isinstance(quality, str) else "not", quality

    def graded(self, polar: int, negated: bool) -> Phrase:
        adjective = self.adjective(polar)
        if not self.chance(0.25 if negated else 0.4):
            return adjective
        if negated:
            return self.pick(("very", "so", "really")), adjective
        if self.chance(0.35):
            return self.pick(("somewhat", "fairly") if polar > 0 else ("slightly", "somewhat", ("a", "bit"))), adjective
        return self.pick(tuple(lexicon.INTENSIFIERS)), adjective

    def feeling(self, sign: int, brief: bool = False) -> Phrase:
        """A verb of feeling with its object; a brief one has no relative clause and no adverb behind it."""
        polar, negated = self.polarity(sign)
        present, past = self.pick(_chosen("feeling", polar))
        verb = present if negated or self.chance(0.5) else past
        thing: Phrase = "it" if self.chance(0.12) and not brief else self.thing(0.0 if brief else 0.25)
        if not negated:
            return self.emphasised((verb, thing), brief)
        if self.chance(0.3):
            return "never", (past, thing)
        predicate = ("really", (verb, thing)) if self.chance(0.15) else (verb, thing)
        return self.denied(self.pick(("do", "did")), predicate)

    def effect(self, sign: int) -> Phrase:
        """What the subject does to the writer: *bored me a lot*."""
        polar, negated = self.polarity(sign)
        verb, past = self.pick(_chosen("effect", polar))
        if negated:
            return ("never", (past, "me")) if self.chance(0.3) else self.denied("did", (verb, "me"))
        return self.emphasised((past, "me"), False)

    def denied(self, auxiliary: str, predicate: Phrase) -> Phrase:
        if self.chance(0.35):
            return auxiliary, ("not", predicate)
        return (auxiliary, "n't"), predicate

    def emphasised(self, predicate: Phrase, brief: bool) -> Phrase:
        if brief or not self.chance(0.4):
            return (self.pick(("really", "truly")), predicate) if self.chance(0.15) else predicate
        return predicate, self.pick((("a", "lot"), ("so", "much"), ("very", "much"), ("a", "bit")))

    # What is spoken of

    def subject(self, sign: int = 0) -> Phrase:
        if sign:
            return self.pick(("the", "this", "that")), (self.adjective(sign), self.noun())
        return "it" if self.chance(0.12) else self.thing(0.1)

    def thing(self, relative: float) -> Phrase:
        """A neutral noun phrase, with a relative clause so often; *the movie that I saw last night*."""
        if self.chance(relative):
            noun = self.pick(lexicon.WHOLES[self.topic])
            who = ("my", self.pick(lexicon.RELATIVES)) if self.chance(0.3) else self.pick(lexicon.SUBJECTS)
            verb = self.pick(lexicon.ACTIONS[self.topic])
            happened = (verb, self.pick(lexicon.TIMES)) if self.chance(0.6) else verb
            return (self.pick(("the", "this")), noun), ("that", (who, happened))
        return self.pick(("the", "the", "the", "this", "that")), self.noun()

    def whole(self) -> Phrase:
        return self.pick(("the", "this", "that")), self.pick(lexicon.WHOLES[self.topic])

    def noun(self) -> str:
        return self.unused(lexicon.NOUNS[self.topic])

    def adjective(self, sign: int, least: float = 0.0) -> str:
        """One of this sign, and of at least this strength."""
        return self.unused(_chosen(lexicon.TOPIC_ADJECTIVES[self.topic], sign, least))

    def unused(self, options: Sequence[str]) -> str:
        """One that the sentence does not have yet, where there is one."""
        if self.used.issuperset(options):
            self.used.clear()
        word = self.pick(options)
        while word in self.used:
            word = self.pick(options)
        self.used.add(word)
        return word

    def be(self) -> str:
        return self.pick(("is", "was"))


def but(first: Phrase, final: Phrase) -> Phrase:
    """Two clauses with *but* between them."""
    return (first, ","), ("but", final)


def indefinite(phrase: Phrase) -> Phrase:
    """The phrase with *a* or *an*."""
    first = phrase
    while not isinstance(first, str):
        first = first[0]
    return ("an" if first[0] in "aeiou" else "a"), phrase


def capitalised(phrase: Phrase) -> Phrase:
    """The phrase with its first letter in upper case."""
    if isinstance(phrase, str):
        return phrase[:1].upper() + phrase[1:]
    return capitalised(phrase[0]), phrase[1]
