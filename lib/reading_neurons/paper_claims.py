"""What the four papers claim, in our own words, and which recorded claims answer it.

One file for each paper in ``reading_neurons/papers``, and ``ours.toml`` for what no paper asks. A claim of a paper has

* ``section``, ``where`` (a figure, a table), ``claim`` and ``prints``, what the paper says of it;
* ``answers``: for each record the recorded claims that test it, as patterns in which ``*`` stands for anything;
* ``beside``: recorded claims that are shown with it and do not decide it, for they ask what the paper does not, as
  controls do, or they ask it of another corpus than the paper;
* or ``untested``, the reason why nothing here can answer it, and the ``chapter`` that comes nearest.

Easy to get wrong: putting a test that failed beside a claim. :func:`reading_neurons.placing.problems` finds it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

PAPERS = ("kadar2017", "poerner2018", "li2016", "inspection2017")
"""The papers by their keys in the book's bibliography."""

FILES = (*PAPERS, "ours")

PAPER, BESIDE, BEYOND = "paper's claim", "beside a paper's claim", "ours, beyond the papers"
PLANTED, UNPLACED = "planted truth", "not yet placed"

KINDS = (PAPER, BESIDE, BEYOND, PLANTED, UNPLACED)
"""What a recorded claim is: an answer, shown beside one, our own, planted, or unknown to these files."""


@dataclass(frozen=True)
class PaperClaim:
    """One claim of a paper, or one question of our own.

    Attributes
    ----------
    paper, number : str, int
        The file it stands in, and its place there.
    short : str
        Name of the paper in a chart.
    section, topic, where : str
        Number of the section, what it is about, and the figure or table.
    claim, prints : str
        The claim in our own words, and what the paper says of it.
    answers, beside : dict of str to list of str
        Patterns of recorded claims by the name of the record.
    untested, chapter, note : str
        Why nothing answers it; where it is discussed; what has to be known to read the answer.
    """

    paper: str
    number: int
    claim: str
    short: str = ""
    section: str = ""
    topic: str = ""
    where: str = ""
    prints: str = ""
    answers: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(default_factory=dict)
    untested: str = ""
    chapter: str = ""
    note: str = ""

    def answered_by(self, record: str, claim: str) -> bool:
        """Whether a recorded claim is one of its answers."""
        return any(matches(claim, pattern) for pattern in self.answers.get(record, []))

    def stands_beside(self, record: str, claim: str) -> bool:
        """Whether a recorded claim is shown with it without deciding it."""
        return any(matches(claim, pattern) for pattern in self.beside.get(record, []))


def matches(claim: str, pattern: str) -> bool:
    """Whether a recorded claim has the words of a pattern, in which ``*`` stands for anything.

    Examples
    --------
    >>> matches("tag NN counts more for visual", "tag * counts more for visual")
    True
    """
    return fnmatchcase(claim, pattern.replace("[", "[[]").replace("?", "[?]"))


@cache
def registry() -> tuple[PaperClaim, ...]:
    """All claims of the four papers, and the questions of our own, in the order of the files.

    Returns
    -------
    tuple of PaperClaim

    Examples
    --------
    >>> first = registry()[0]
    >>> first.short, first.section, first.topic
    ('Kádár 2017', '5.1', 'omission scores')
    """
    return tuple(claim for name in FILES for claim in parse(name, _text_of(name)))


def parse(name: str, text: str) -> Iterable[PaperClaim]:
    """The claims of one file.

    Parameters
    ----------
    name : str
        The file's name without its ending.
    text : str
        TOML: ``short``, ``[sections]`` and any number of ``[[claim]]``.

    Yields
    ------
    PaperClaim

    Raises
    ------
    ValueError
        If a claim is in a section that has no topic.

    Examples
    --------
    >>> list(parse("ours", 'short = "ours"\\n[[claim]]\\nclaim = "So?"'))[0].claim
    'So?'
    """
    content = tomllib.loads(text)
    topics = content.get("sections", {})
    for number, claim in enumerate(content["claim"]):
        section = claim.get("section", "")
        if section and section not in topics:
            raise ValueError(
                f"papers/{name}.toml: found a claim of section {section}, expected one of {', '.join(topics)}; "
                "name it under [sections] and say what it is about"
            )
        yield PaperClaim(paper=name, number=number, short=content["short"], topic=topics.get(section, ""), **claim)


def _text_of(name: str) -> str:
    return files("reading_neurons").joinpath("papers", f"{name}.toml").read_text(encoding="utf-8")
