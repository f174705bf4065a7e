"""Pages that are read again in every build, since they are made of what other pages say.

Such a page says so itself: ``mystnb: {execution_mode: force}`` in its header makes its cells run whenever it is read,
and this extension makes Sphinx read it, though its own text has not changed.

Easy to get wrong: a forced page that Sphinx does not read again shows what the other pages said long ago.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from reading_neurons.myst import header


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to a build; Sphinx calls this."""
    app.connect("env-get-outdated", _forced)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def is_forced(path: Path) -> bool:
    """Whether the header of a page asks for its cells to run in every build.

    Examples
    --------
    >>> is_forced(Path("book/teaching.md")), is_forced(Path("book/omission.md"))
    (True, False)
    """
    return "execution_mode: force" in header(path.read_text(encoding="utf-8"))


def _forced(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    return [page for page in env.found_docs if is_forced(Path(env.doc2path(page)))]
