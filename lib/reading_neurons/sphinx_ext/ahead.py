"""Chapters run ahead of Sphinx, several at a time.

Sphinx reads one page after the other, and MyST-NB runs the cells of a page while it is read, so all cores but one would
wait. Here the pages that are about to be read and are not in the cache of executed chapters run first, a kernel for
each core, and are put into that cache, where MyST-NB finds them. One that fails is left to MyST-NB, which runs it again
and says what went wrong in the way that the build is configured.

Easy to get wrong: threads. As many kernels as cores, each with as many threads as cores, wait for each other; and for
networks as small as those of the chapters two threads are slower than one. And what a cell is known by in the cache:
its metadata too, so nothing may be written there.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from reading_neurons.sphinx_ext.fresh import is_forced

if TYPE_CHECKING:
    from jupyter_cache.base import JupyterCacheAbstract
    from nbformat import NotebookNode

MOST = 4  # kernels at a time: each holds a network and a corpus
THREADS = "OMP_NUM_THREADS"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chapter:
    """A page with cells: where its text is, and its cells, which get their outputs as it runs."""

    path: Path
    notebook: NotebookNode
    read_by: dict[str, str] | None


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to a build; Sphinx calls this."""
    app.connect("env-before-read-docs", _run_ahead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def kernels(chapters: int, cores: int | None = None) -> int:
    """How many chapters run at a time.

    Examples
    --------
    >>> kernels(30, cores=2), kernels(30, cores=64), kernels(1, cores=2), kernels(0, cores=2)
    (2, 4, 1, 1)
    """
    return max(1, min(chapters, cores or os.cpu_count() or 1, MOST))


def _run_ahead(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    if app.config.nb_execution_mode != "cache":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    chapters = [chapter for page in pages if (chapter := _chapter(env, page)) and not _is_cached(cache, chapter)]
    if chapters:
        asyncio.run(_run_all(chapters, cache, app.config.nb_execution_timeout))


def _chapter(env: BuildEnvironment, page: str) -> Chapter | None:
    """A page whose cells may come from the cache, read as MyST-NB will read it; None for any other."""
    path = Path(env.doc2path(page))
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    if reader is None or is_forced(path):
        return None
    return Chapter(path, reader.read(text), reader.read_fmt)


def _is_cached(cache: JupyterCacheAbstract, chapter: Chapter) -> bool:
    try:
        cache.match_cache_notebook(chapter.notebook)
    except KeyError:
        return False
    return True


async def _run_all(chapters: Sequence[Chapter], cache: JupyterCacheAbstract, timeout: int) -> None:
    at_once = kernels(len(chapters))
    free = asyncio.Semaphore(at_once)

    async def run(chapter: Chapter) -> None:
        async with free:
            await _run(chapter, cache, timeout)

    _log.info(f"running {len(chapters)} chapters, {at_once} at a time")
    with _one_thread_each():
        await asyncio.gather(*map(run, chapters))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Kernels that start meanwhile compute with one thread, unless the environment says how many."""
    told = os.environ.get(THREADS)
    os.environ.setdefault(THREADS, "1")
    try:
        yield
    finally:
        if told is None:
            del os.environ[THREADS]


async def _run(chapter: Chapter, cache: JupyterCacheAbstract, timeout: int) -> None:
    where = {"metadata": {"path": str(chapter.path.parent)}}
    client = NotebookClient(chapter.notebook, timeout=timeout, resources=where, record_timing=False)
    began = time.monotonic()
    try:
        await client.async_execute()
    except (CellControlSignal, RuntimeError) as error:
        _log.info(f"{chapter.path.stem}: {type(error).__name__}, to be run again")
        return
    seconds = time.monotonic() - began
    staged = cache.add_nb_to_project(str(chapter.path), **({"read_data": chapter.read_by} if chapter.read_by else {}))
    made = CacheBundleIn(chapter.notebook, staged.uri, data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(made, check_validity=False, overwrite=True)
    _log.info(f"{chapter.path.stem}: {seconds:.0f} s")
