"""What a page says of itself: to a search engine, to whoever gets a link to it, to who lost the way.

Every page has a description, its first sentences, and the title and name of the book as Open Graph has them. Addresses
are there only where the site is known (:mod:`reading_neurons.sphinx_ext.address`): a picture for previews, the page's
own address, the canonical one, and ``404.html`` with a way home.

Easy to get wrong: a preview is fetched by another host, so its addresses have to be whole; and a page for lost readers
is shown at any depth, so that it can load nothing by a relative address.
"""

from __future__ import annotations

import re
import shutil
from html import escape, unescape
from pathlib import Path
from string import Template
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from reading_neurons.sphinx_ext.address import from_environment

LONGEST = 200
_PREVIEW = "_static/preview.png"
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z*\"'“])")


def connect(app: Sphinx) -> None:
    """Make what pages say of themselves part of a build."""
    app.add_config_value("reading_neurons_description", "", "html", str)
    app.add_config_value("reading_neurons_preview", {}, "html", dict)
    app.connect("config-inited", _name_the_site)
    app.connect("html-page-context", _add_tags)
    app.connect("build-finished", _write_files_of_the_site)


def description(doctree: nodes.document) -> str:
    """The first sentences of a page, as many as fit into 200 characters, boxes left out.

    Parameters
    ----------
    doctree : docutils.nodes.document
        The page.

    Returns
    -------
    str
        Empty if the page has no paragraph. A first sentence that is longer is cut at a word.
    """
    for paragraph in doctree.findall(nodes.paragraph):
        inside = paragraph.parent
        while inside is not None and not isinstance(inside, (nodes.Admonition, nodes.table, nodes.figure)):
            inside = inside.parent
        if inside is None and (text := " ".join(paragraph.astext().split())):
            return shortened(text)
    return ""


def shortened(text: str, longest: int = LONGEST) -> str:
    """As many whole sentences as fit, or the first words of a sentence that does not.

    Examples
    --------
    >>> shortened("Leave a word out. What moves? Then read on.", longest=30)
    'Leave a word out. What moves?'
    >>> shortened("Leave a word out of it", longest=12)
    'Leave a…'
    """
    first, *others = _SENTENCE.split(text)
    if len(first) > longest:
        return first[: longest - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"
    for sentence in others:
        if len(first) + len(sentence) >= longest:
            break
        first = f"{first} {sentence}"
    return first


def tags(title: str, book: str, text: str, page: str, picture: dict[str, Any]) -> dict[str, str]:
    """Names and contents of the ``meta`` elements of a page, those with addresses only where the site is known."""
    found = {"description": text, "og:title": title, "og:site_name": book, "og:type": "article", "og:description": text}
    address = from_environment()
    if address.site:
        found["og:url"] = address.page(page)
        if picture:
            found |= {"og:image": f"{address.site}/{_PREVIEW}", "og:image:alt": picture["alt"]}
            found |= {"og:image:width": "1200", "og:image:height": "630", "twitter:card": "summary_large_image"}
    return found


def _name_the_site(app: Sphinx, config: Config) -> None:
    if site := from_environment().site:
        config.html_baseurl = f"{site}/"


def _add_tags(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    title = unescape(re.sub("<[^>]+>", "", context.get("title", ""))) or app.config.html_title
    text = (doctree and description(doctree)) or app.config.reading_neurons_description
    found = tags(title, app.config.html_title, text, page, app.config.reading_neurons_preview)
    attribute = {name: "property" if name.startswith("og:") else "name" for name in found}
    lines = [f'<meta {attribute[name]}="{name}" content="{escape(found[name])}" />' for name in found]
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines, ""])


def _write_files_of_the_site(app: Sphinx, error: Exception | None) -> None:
    address, top = from_environment(), Path(app.outdir)
    if error or app.builder.format != "html":
        return
    if not address.site:
        for name in ("404.html", _PREVIEW):
            (top / name).unlink(missing_ok=True)
        return
    lost = Template((Path(__file__).parent / "static" / "404.html").read_text("utf-8"))
    home = escape(f"{address.site}/")
    (top / "404.html").write_text(lost.substitute(home=home, book=escape(app.config.html_title)), encoding="utf-8")
    if app.config.reading_neurons_preview:
        shutil.copyfile(Path(app.srcdir) / app.config.reading_neurons_preview["image"], top / _PREVIEW)
