"""Back from the bibliography: under each entry the pages that cite it, with links.

Easy to get wrong: sphinxcontrib-bibtex links back only where bibliography and citation are on one page; in a book they
never are. The pages are known once all are read, so the links are made when the bibliography is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docutils import nodes
from sphinx.application import Sphinx


def connect(app: Sphinx) -> None:
    """Make links back from the bibliography part of a build."""
    app.connect("doctree-resolved", _add_links_back)


def citing(domain) -> dict[str, list[tuple[str, str]]]:
    """The first place on each page that cites an entry, as page and anchor, by the entry's key.

    Parameters
    ----------
    domain : sphinx.domains.Domain
        That of sphinxcontrib-bibtex, after all pages were read.

    Examples
    --------
    >>> from types import SimpleNamespace as New
    >>> places = [("omission", "id1", "li2016"), ("omission", "id2", "li2016"), ("api/methods", "id1", "li2016")]
    >>> refs = [New(docname=page, citation_ref_id=name, targets=[New(key=key)]) for page, name, key in places]
    >>> citing(New(citation_refs=refs))
    {'li2016': [('omission', 'id1'), ('api/methods', 'id1')]}
    """
    found: dict[str, dict[str, str]] = {}
    for reference in domain.citation_refs:
        for target in reference.targets:
            found.setdefault(target.key, {}).setdefault(reference.docname, reference.citation_ref_id)
    return {key: list(pages.items()) for key, pages in found.items()}


def _add_links_back(app: Sphinx, doctree: nodes.document, page: str) -> None:
    if "cite" not in app.env.domains or not any(doctree.findall(nodes.citation)):
        return
    domain = app.env.get_domain("cite")
    places = citing(domain)
    keys = {citation.citation_id: citation.key for citation in domain.citations}
    order = list(_in_order(app.env.toctree_includes, app.config.root_doc))
    for entry in doctree.findall(nodes.citation):
        key = next((keys[name] for name in entry["ids"] if name in keys), None)
        others = [place for place in places.get(key, ()) if place[0] != page]
        if others:
            entry += _cited_in(app, page, sorted(others, key=lambda place: order.index(place[0])))


def _in_order(children: dict[str, list[str]], page: str) -> Iterator[str]:
    """The pages of the book, in the order of its table of contents."""
    yield page
    for child in children.get(page, ()):
        yield from _in_order(children, child)


def _cited_in(app: Sphinx, page: str, places: Iterable[tuple[str, str]]) -> nodes.paragraph:
    line = nodes.paragraph("", "Cited in ", classes=["rn-cited"])
    for number, (other, anchor) in enumerate(places):
        # Up to the colon: the name of a chapter, without the question behind it.
        title = app.env.titles[other].astext().partition(":")[0]
        address = f"{app.builder.get_relative_uri(page, other)}#{anchor}"
        line += [nodes.Text(", ")] * bool(number) + [nodes.reference("", title, refuri=address, internal=True)]
    return line
