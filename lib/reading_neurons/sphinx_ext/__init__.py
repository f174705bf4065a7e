"""The Sphinx extension of the book: charts without a network, and chapters that run again when the library changes.

Named in ``_config.yml`` among the extra extensions, it does this during a build:

* tells the kernels that they run for the book (:data:`reading_neurons.display.BOOK_VARIABLE`);
* gives the cache of executed chapters a folder named after a hash of everything in
  ``reading_neurons_watched``, since jupyter-cache itself looks at a chapter's own cells only;
* writes Vega and the script that draws the charts into the built pages, from installed packages;
* loads them on pages that have a chart, and on no others; removes pages whose chapter is gone;
* sorts what the search finds, chapters first, and leaves out the bundles of MathJax that no page loads;
* puts buttons over the pages (:mod:`reading_neurons.sphinx_ext.buttons`), descriptions into their heads
  (:mod:`reading_neurons.sphinx_ext.preview`) and links back into the bibliography
  (:mod:`reading_neurons.sphinx_ext.citations`);
* lets docstrings name what their module imports, and data begin their docstrings with a colon in the first line.

Easy to get wrong: a script in one of Sphinx's static folders is loaded on every page of a Jupyter Book, so the
scripts are not kept in one; and the hash has to cover the pinned versions too, hence the lock file.
"""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path
from pydoc import locate
from typing import Any

import altair
import vl_convert
from docutils.nodes import Node
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.display import progress_message
from sphinx.util.nodes import make_refnode

from reading_neurons.display import BOOK_VARIABLE
from reading_neurons.sphinx_ext import buttons, citations, preview

VEGA_LITE = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])  # 6.4 for v6.4.1
_STATIC = Path(__file__).parent / "static"
_START_OF_A_CHART = '<figure class="rn-chart"'


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to a build; Sphinx calls this."""
    app.add_config_value("reading_neurons_watched", [], "")
    app.setup_extension("sphinx.ext.autodoc")
    app.add_css_file("book.css")
    app.connect("config-inited", _prepare_execution)
    app.connect("config-inited", _sort_search_results)
    app.connect("builder-inited", _write_assets)
    app.connect("autodoc-process-docstring", _keep_colons, priority=400)  # before napoleon
    app.connect("missing-reference", _follow_imports)
    app.connect("html-page-context", _load_assets_where_needed)
    app.connect("html-page-context", _drop_thebe, priority=900)
    app.connect("build-finished", _remove_pages_that_are_gone)
    app.connect("build-finished", _drop_other_bundles, priority=900)  # after they were copied
    for part in (buttons, citations, preview):
        part.connect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def fingerprint(paths: list[Path]) -> str:
    """A hash of the names and contents of files, and of the files in folders, whatever Python compiled left out.

    Parameters
    ----------
    paths : list of pathlib.Path
        Files or folders. One that does not exist counts as empty, so that it matters when it appears.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    digest = sha256()
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(path.parent).as_posix().encode() + b"\0")
                digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _prepare_execution(app: Sphinx, config: Config) -> None:
    os.environ[BOOK_VARIABLE] = "1"
    # A progress bar is a widget, and a page can only show a dead one.
    os.environ.setdefault("TQDM_DISABLE", "1")
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / fingerprint([Path(app.srcdir) / path for path in config.reading_neurons_watched])
    for old in caches.glob("*"):
        if old != current:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    config.nb_execution_cache_path = str(current)


def _sort_search_results(app: Sphinx, config: Config) -> None:
    config.html_search_scorer = config.html_search_scorer or str(_STATIC / "scorer.js")


def _keep_colons(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    # On its first line napoleon would read "Opacity of the heat: low, so that ..." as a type and a description.
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]


def _follow_imports(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Node) -> Node | None:
    # A docstring may name what its module imports, or a package what it offers from its modules.
    if node.get("refdomain") != "py":
        return None
    for name in (f"{node.get('py:module')}.{node['reftarget']}", node["reftarget"]):
        found = locate(name)
        defined = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', '')}"
        if entry := env.domains["py"].objects.get(defined):
            return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, text, defined)
    return None


def _write_assets(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    with progress_message("writing the charts' scripts"):
        # The function keeps the bundle's many short names from becoming global ones.
        bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
        (static / "vega-bundle.js").write_text(f"(function () {{{bundle}\n}})();\n", encoding="utf-8")
        for name in ("charts.js", "charts.css", "book.css"):
            (static / name).write_text((_STATIC / name).read_text("utf-8"), "utf-8")


def _load_assets_where_needed(app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
    if _START_OF_A_CHART in context.get("body", ""):
        app.add_css_file("charts.css")
        app.add_js_file("vega-bundle.js", loading_method="defer")
        app.add_js_file("charts.js", loading_method="defer")


def _drop_thebe(app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
    # Jupyter Book always adds Thebe, which would fetch itself from another host when asked to start.
    scripts = context["script_files"]
    scripts[:] = [script for script in scripts if "thebe" not in str(script).lower()]


def _remove_pages_that_are_gone(app: Sphinx, error: Exception | None) -> None:
    # Sphinx leaves the page of a chapter that was renamed, and the zip and the tests would take it along.
    if error or app.builder.format != "html":
        return
    sources = Path(app.outdir) / "_sources"
    for source in sources.rglob("*.md"):
        page = source.relative_to(sources).with_suffix("").as_posix()
        if page not in app.env.found_docs:
            source.unlink()
            (Path(app.outdir) / f"{page}.html").unlink(missing_ok=True)


def _drop_other_bundles(app: Sphinx, error: Exception | None) -> None:
    # Each bundle is all of MathJax for another notation or output, and a page loads one of them.
    bundles = Path(app.outdir) / "_static" / "mathjax"
    kept = Path(app.config.mathjax_path).name
    for bundle in [*bundles.glob("tex-*.js"), *bundles.glob("mml-*.js"), bundles / "node-main.js"]:
        if bundle.name != kept:
            bundle.unlink(missing_ok=True)
