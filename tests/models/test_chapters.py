"""The networks that are trained before the chapters run."""

import re
from pathlib import Path

from reading_neurons.models import chapters

BOOK = Path(__file__).parents[2] / "book"
CALL = re.compile(r"(?<!\w)trained\((?P<name>\"[\w -]+\"|\w+)(?:, *(?P<corpus>\"\w+\"|\w+))?\)")
NAME = re.compile(r"\"(recurrent|lstm|bi-lstm)\"")
LOADED = re.compile(r"corpora\.load\(\"(scenes|polarity|parentheses|arithmetic|tiny_c)\"\)")


def read_by(page):
    """Networks that a chapter names, with the corpora that it could mean."""
    text = page.read_text(encoding="utf-8")
    for call in CALL.finditer(text):
        names = [call["name"].strip('"')] if '"' in call["name"] else NAME.findall(text)
        corpora = [call["corpus"].strip('"')] if call["corpus"] and '"' in call["corpus"] else LOADED.findall(text)
        yield from ((name, corpora) for name in names)


def test_what_chapters_read_is_trained_before_they_run():
    names = {name for name, _ in chapters.NETWORKS}
    wanted = {name: corpora for page in BOOK.glob("*.md") for name, corpora in read_by(page)}
    assert len(wanted) > 5, "are the calls still found?"
    assert set(wanted) <= names
    for name, corpora in wanted.items():
        assert not corpora or {corpus for _, corpus in chapters.NETWORKS if _ == name} & set(corpora), name


def test_each_is_trained_once(monkeypatch):
    asked = []
    monkeypatch.setattr(chapters, "trained", lambda name, corpus: asked.append((name, corpus)))
    monkeypatch.setattr(chapters.own_networks, "trained", lambda corpus: asked.append(("own", corpus.name)))
    chapters.train_all()
    assert asked == [*chapters.NETWORKS, ("own", "polarity")] and len(set(asked)) == len(asked)
