"""What spaCy does here: parses of sentences, kept in a cache, and pictures of trees.

A pipeline reads about 1,000 captions a second on two cores, so its parses are kept.
They lie in the cache folder as a spaCy ``DocBin``, ``annotations/KEY.spacy``. The key covers the texts, every
file of the pipeline and spaCy's version, so a pipeline that is trained again under the same name is not mistaken for
its predecessor, and one that is copied elsewhere is recognised.

Easy to get wrong: a tagger and a parser see case and punctuation. They are given the sentence as written, never the
lower-cased words of a network.
"""

from __future__ import annotations

import hashlib
import html
import logging
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import spacy
from spacy.displacy import DependencyRenderer
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Token
from spacy.vocab import Vocab

from reading_neurons.annotation import ROOT, Parse
from reading_neurons.progress import progress_bar

DEFAULT = "en_core_web_sm"
VARIABLE = "READING_NEURONS_SPACY"

_log = logging.getLogger(__name__)
_PUBLISHED = re.compile(r"[a-z]{2,3}_\w+_(sm|md|lg|trf)")
# Components go by any name; what they set tells a tagger and a parser.
_NEEDED = {"tagger": "token.tag", "parser": "token.dep"}
_STORED = ("TAG", "HEAD", "DEP")
# 256 was the quickest of 32 to 2,048 on captions, by less than a tenth.
_BATCH = 256


class MissingPipeline(OSError):
    """No spaCy pipeline under the name or in the folder that was given."""


def parse(texts: Sequence[str], pipeline: str | Path | None = None, cache: bool = True) -> tuple[Parse, ...]:
    """Tag and parse sentences as they are written.

    Parameters
    ----------
    texts : sequence of str
    pipeline : str or path, optional
        A spaCy pipeline by name or folder. By default the environment variable ``READING_NEURONS_SPACY`` names it,
        else it is ``en_core_web_sm``.
    cache : bool
        Whether to read the parses from the cache folder, where they are there, and else to write them to it.

    Returns
    -------
    tuple of Parse
        In the order of the texts.

    Raises
    ------
    MissingPipeline
        If the pipeline is not installed; the message says how to install it.
    ValueError
        If the pipeline has no tagger or no parser.
    TypeError
        If ``texts`` is one text.

    Examples
    --------
    With a pipeline installed, ``parse(["A dog runs."])[0].token_deprels`` is ``('det', 'nsubj', 'ROOT')``. No texts
    need no pipeline:

    >>> parse([])
    ()
    """
    if isinstance(texts, str):
        raise TypeError(f"found the single text {texts!r}, expected a sequence of texts: put it into a list")
    if not len(texts):
        return ()
    folder, fingerprint = _find(pipeline)
    if not cache:
        return tuple(map(_parse, _docs(texts, _load(folder, fingerprint))))
    from reading_neurons.corpora.fetch import cache_folder

    path = Path(cache_folder()) / "annotations" / f"{_key(texts, fingerprint)}.spacy"
    if path.exists():
        try:
            return _read(path, texts)
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("the cached parses %s are damaged (%s) and are made again", path, error)
    docs = DocBin(attrs=_STORED)
    parses = []
    for doc in _docs(texts, _load(folder, fingerprint)):
        docs.add(doc)
        parses.append(_parse(doc))
    _write(path, docs.to_bytes())
    return tuple(parses)


def _find(pipeline: str | Path | None) -> tuple[Path, str]:
    """The folder of a pipeline's data and a hash of all that determines its parses."""
    name = str(pipeline or os.environ.get(VARIABLE) or DEFAULT)
    folder = spacy.util.get_package_path(name) if spacy.util.is_package(name) else Path(name).expanduser()
    # A package keeps its data one folder below its code.
    configurations = [folder / "config.cfg", *sorted(folder.glob("*/config.cfg"))]
    data = next((file.parent for file in configurations if file.is_file()), None)
    if data is None:
        found = "a folder without a config.cfg" if folder.is_dir() else "no package and no folder of that name"
        wanted = name if _PUBLISHED.fullmatch(name) else DEFAULT
        raise MissingPipeline(
            f"the spaCy pipeline {name!r} is not there: found {found}. Install one with\n"
            f"    python -m spacy download {wanted}\n"
            f"or point at another one, a package's name or a folder, by the argument `pipeline` or the environment "
            f"variable {VARIABLE}"
        )
    digest = hashlib.sha256(spacy.__version__.encode())
    for path in sorted(data.rglob("*")):
        if path.is_file():
            digest.update(f"\0{path.relative_to(data).as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return data, digest.hexdigest()


@lru_cache(maxsize=1)
def _load(folder: Path, fingerprint: str) -> Language:
    """The pipeline in a folder, kept in memory; the fingerprint makes files that changed be read anew."""
    nlp = spacy.load(folder, exclude=["ner", "lemmatizer"])
    assigned = {attribute for name in nlp.pipe_names for attribute in nlp.get_pipe_meta(name).assigns}
    missing = [component for component, attribute in _NEEDED.items() if attribute not in assigned]
    if missing:
        raise ValueError(
            f"the spaCy pipeline {str(folder)!r} has no {' and no '.join(missing)}: found the components "
            f"{', '.join(nlp.pipe_names) or '(none)'}, expected one that sets tags and one that sets heads and labels; "
            f"{DEFAULT} has both (python -m spacy download {DEFAULT})"
        )
    return nlp


def _docs(texts: Sequence[str], nlp: Language) -> Iterable[Doc]:
    # The delay keeps the bar away from the few sentences of a chapter or a widget.
    return progress_bar(nlp.pipe(texts, batch_size=_BATCH), desc="parsing", unit="sentence", total=len(texts), delay=2)


def _parse(doc: Doc) -> Parse:
    """A doc as a parse; runs of white space, which spaCy counts as words, are passed over."""
    words = [word for word in doc if not word.text.isspace()]
    number = {word.i: index for index, word in enumerate(words)}

    def head(word: Token) -> int:
        above = word
        while above.head.i != above.i:  # spaCy's roots are their own heads
            above = above.head
            if above.i in number:
                return number[above.i]
        return ROOT

    return Parse(
        doc.text,
        tuple((word.idx, word.idx + len(word)) for word in words),
        tuple(word.tag_ for word in words),
        tuple(map(head, words)),
        tuple(word.dep_ for word in words),
    )


def _key(texts: Sequence[str], fingerprint: str) -> str:
    digest = hashlib.sha256(fingerprint.encode())
    for text in texts:
        written = text.encode()
        digest.update(f"{len(written)}:".encode() + written)
    return digest.hexdigest()[:32]


def _read(path: Path, texts: Sequence[str]) -> tuple[Parse, ...]:
    parses = tuple(map(_parse, DocBin().from_disk(path).get_docs(Vocab())))
    if [parse.text for parse in parses] != list(texts):
        raise ValueError(f"found {len(parses)} parses, expected those of the {len(texts)} texts")
    return parses


def _write(path: Path, content: bytes) -> None:
    """Write a file that is either whole or not there, whoever else writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class Tree:
    """A picture of a dependency tree that a notebook and a rendered page both show.

    Attributes
    ----------
    svg : str
        displaCy's picture, in the colour of the text around it.
    description : str
        The sentence and every arc in words, for those who do not see the picture.
    """

    svg: str
    description: str

    def _repr_html_(self) -> str:
        # A long sentence scrolls within its own box, which takes the focus so that the arrow keys scroll it too.
        return (
            f'<div class="dependency-tree" role="group" aria-label="Dependency tree" tabindex="0" '
            f'style="overflow-x: auto">{self.svg}</div>'
        )


def draw(parse: Parse) -> Tree:
    """The dependency tree of a sentence, drawn by displaCy: words with their tags, arcs with their labels.

    Parameters
    ----------
    parse : Parse

    Returns
    -------
    Tree
        Shown by a notebook where it is the last line of a cell. The picture's ids are a hash of the parse: the same
        parse is drawn alike on every run, and two different parses on a page do not collide.

    Examples
    --------
    >>> tree = draw(Parse("Dogs run", ((0, 4), (5, 8)), ("NNS", "VBP"), (1, -1), ("nsubj", "ROOT")))
    >>> tree.description
    'Dependency tree of "Dogs run": Dogs (NNS) is nsubj of run; run (VBP) is a root.'
    """
    words = [{"text": word, "tag": html.escape(tag)} for word, tag in zip(parse.words, parse.tags)]
    arcs = [
        {
            "start": min(word, head),
            "end": max(word, head),
            "label": html.escape(label),
            "dir": "left" if word < head else "right",
        }
        for word, (head, label) in enumerate(zip(parse.heads, parse.deprels))
        if head != ROOT
    ]
    # In pixels: room for the longest word at 16 px, for the longest label at 13 px with its letter spacing, and a
    # sixth of it, by which displaCy sets levels of arcs apart, for a line of labels.
    distance = max(126, 10 * max(map(len, parse.words), default=0), 9 * max(map(len, parse.deprels), default=0) + 30)
    picture = _Picture(_describe(parse), distance)
    name = hashlib.sha256(repr(parse).encode()).hexdigest()[:12]
    return Tree(picture.render_svg(f"tree-{name}", words, arcs), picture.description)


def _describe(parse: Parse) -> str:
    arcs = [
        f"{word} ({tag}) is " + ("a root" if head == ROOT else f"{label} of {parse.words[head]}")
        for word, tag, head, label in zip(parse.words, parse.tags, parse.heads, parse.deprels)
    ]
    return f'Dependency tree of "{parse.text}": {"; ".join(arcs) or "no words"}.'


class _Picture(DependencyRenderer):
    """displaCy's words and square arcs in a frame of our own: as high as its arcs, and with a description.

    displaCy's own frame leaves room for round arcs, three times as high; its round arcs squeeze the labels.
    """

    def __init__(self, description: str, distance: int):
        super().__init__({"compact": True, "distance": distance, "offset_x": distance // 2})
        self.description = description

    def render_svg(self, render_id: str, words: list[dict], arcs: list[dict]) -> str:
        self.id = render_id
        self.levels = self.get_levels(arcs)
        self.highest_level = max(self.levels.values(), default=0)
        self.offset_y = self.highest_level * self.distance / 6 + self.arrow_stroke
        self.width = max(1, len(words)) * self.distance
        height = self.offset_y + 2.5 * self.word_spacing
        content = [self.render_word(word["text"], word["tag"], None, index) for index, word in enumerate(words)]
        content += [
            self.render_arrow(arc["label"], arc["start"], arc["end"], arc["dir"], index)
            for index, arc in enumerate(arcs)
        ]
        # Without max-width, pages that fit pictures to a column would shrink the words of a long sentence.
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" id="{self.id}" '
            f'class="displacy" role="img" aria-label="{html.escape(self.description)}" width="{self.width}" '
            f'height="{height}" viewBox="0 0 {self.width} {height}" '
            f'style="max-width: none; background: transparent; font: 16px sans-serif">'
            f"{''.join(content)}</svg>"
        )
