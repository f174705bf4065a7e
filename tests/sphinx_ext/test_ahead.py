"""Chapters that run ahead of Sphinx."""

import os
from types import SimpleNamespace

import pytest
from jupyter_cache import get_cache
from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig

from reading_neurons.sphinx_ext import ahead

HEADER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
MORE---

# A chapter

"""
MEETING = """```{code-cell} python
import os, time
from pathlib import Path
Path("NAME.began").touch()
until = time.monotonic() + 60
while len(list(Path().glob("*.began"))) < 2 and time.monotonic() < until:
    time.sleep(0.05)
with open(f"{time.time()}.ran", "w") as log:
    log.write(f"NAME {len(list(Path().glob('*.began')))} {os.environ['OMP_NUM_THREADS']}")
2 + 2
```
"""
BROKEN = "```{code-cell} python\nraise RuntimeError('on purpose')\n```\n"


@pytest.fixture
def book(tmp_path):
    texts = {
        "first": HEADER.replace("MORE", "") + MEETING.replace("NAME", "first"),
        "second": HEADER.replace("MORE", "") + MEETING.replace("NAME", "second"),
        "broken": HEADER.replace("MORE", "") + BROKEN,
        "forced": HEADER.replace("MORE", "mystnb: {execution_mode: force}\n") + MEETING.replace("NAME", "forced"),
        "words": "# Words only\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def build(book, monkeypatch):
    """Sphinx, about to read all pages, or those that are named; gives what has run, how many it met, its threads."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    config = SimpleNamespace(
        nb_execution_mode="cache", nb_execution_cache_path=str(book / "cache"), nb_execution_timeout=60
    )
    env = SimpleNamespace(
        doc2path=lambda page: str(book / f"{page}.md"), myst_config=MdParserConfig(), mystnb_config=NbParserConfig()
    )
    connected = {}
    ahead.setup(SimpleNamespace(connect=connected.__setitem__))

    def build(pages=("broken", "first", "forced", "second", "words"), **changes):
        app = SimpleNamespace(config=SimpleNamespace(**{**vars(config), **changes}))
        connected["env-before-read-docs"](app, env, list(pages))
        return sorted(tuple(log.read_text().split()) for log in book.glob("*.ran"))

    return build


@pytest.mark.slow
def test_chapters_run_at_the_same_time_once_and_are_found_in_the_cache(book, build):
    ran = build()
    # Neither a page without cells nor one that runs in every build; each saw the other begin, and has one thread.
    assert ran == [("first", "2", "1"), ("second", "2", "1")]
    assert "OMP_NUM_THREADS" not in os.environ

    records = get_cache(str(book / "cache")).list_cache_records()
    assert sorted(os.path.basename(record.uri) for record in records) == ["first.md", "second.md"]
    assert all(record.data["execution_seconds"] > 0 for record in records)
    assert build(["first", "second", "words"]) == ran


def test_nothing_runs_where_the_cache_is_not_asked_or_cannot_answer(build):
    assert build(nb_execution_mode="off") == []
    assert build(["broken", "forced", "words"]) == []
