"""The networks that are trained before the chapters run."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reading_neurons.corpora import load
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


@pytest.fixture
def asked(monkeypatch):
    asked = []
    monkeypatch.setattr(chapters, "trained", lambda name, corpus: asked.append((name, corpus)))
    monkeypatch.setattr(chapters.own_networks, "trained", lambda corpus: asked.append(("own networks", corpus.name)))
    return asked


def test_each_is_trained_once(asked):
    chapters.train_all(processes=1)
    assert asked == list(chapters.NETWORKS) and len(set(asked)) == len(asked)


def test_several_are_trained_at_a_time(asked, monkeypatch, capfd):
    class Threads(ThreadPoolExecutor):
        def __init__(self, processes, context, initializer):
            assert context.get_start_method() == "spawn", "a process that forks from one with threads can hang"
            super().__init__(processes)

    monkeypatch.setattr(chapters, "ProcessPoolExecutor", Threads)
    chapters.train_all(processes=3)
    assert sorted(asked) == sorted(chapters.NETWORKS)
    assert f"{len(asked)}/{len(asked)}" in capfd.readouterr().err


def test_what_goes_wrong_in_one_is_said(monkeypatch):
    monkeypatch.setattr(chapters, "NETWORKS", (("sum", "scenes"), ("sum", "no such corpus")))
    monkeypatch.setattr(chapters, "ProcessPoolExecutor", lambda processes, *_, **__: ThreadPoolExecutor(processes))
    monkeypatch.setattr(chapters, "trained", lambda name, corpus: load(corpus))
    with pytest.raises(ValueError, match="no such corpus"):
        chapters.train_all(processes=2)
