"""Links from the bibliography back to the pages."""

from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from reading_neurons.sphinx_ext import citations


def titled(text):
    return nodes.title("", text)


def resolved(references):
    """The text and the addresses under one entry, cited at the places given as page and anchor."""
    targets = [SimpleNamespace(key="li2016")]
    refs = [SimpleNamespace(docname=page, citation_ref_id=anchor, targets=targets) for page, anchor in references]
    entries = [SimpleNamespace(citation_id=name, key=key) for name, key in (("id7", "li2016"), ("id8", "x"))]
    domain = SimpleNamespace(citation_refs=refs, citations=entries)
    titles = {"saliency": titled("Saliency: which words?"), "omission": titled("Omission: what moves?")}
    environment = SimpleNamespace(
        domains={"cite": domain}, get_domain=lambda _: domain, titles=titles,
        toctree_includes={"index": ["saliency", "omission"]},
    )
    config = SimpleNamespace(root_doc="index")
    builder = SimpleNamespace(get_relative_uri=lambda page, other: f"{other}.html")
    doctree = new_document("bibliography")
    doctree += [nodes.citation("", ids=["id7"]), nodes.citation("", ids=["id8"])]
    citations._add_links_back(SimpleNamespace(env=environment, builder=builder, config=config), doctree, "bibliography")
    cited, other = doctree.findall(nodes.citation)
    assert not other.children, "nothing cites the other entry"
    return cited.astext(), [link["refuri"] for link in cited.findall(nodes.reference)]


def test_each_page_is_named_once_in_the_order_of_the_book_at_its_first_citation():
    text, links = resolved([("bibliography", "id9"), ("omission", "id3"), ("saliency", "id1"), ("saliency", "id2")])
    assert text == "Cited in Saliency, Omission"
    assert links == ["saliency.html#id1", "omission.html#id3"]


def test_a_page_without_entries_is_left_alone():
    doctree = new_document("omission")
    citations._add_links_back(SimpleNamespace(env=SimpleNamespace(domains={"cite": None})), doctree, "omission")
    assert not doctree.children
