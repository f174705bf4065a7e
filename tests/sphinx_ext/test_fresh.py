"""Pages that are read again in every build."""

from types import SimpleNamespace

from reading_neurons.sphinx_ext import fresh

FORCED = "---\nmystnb:\n  execution_mode: force\n---\n\n# Made of others\n"


def test_only_pages_whose_header_asks_for_it_are_read_again(tmp_path):
    texts = {"made": FORCED, "usual": "---\nkernelspec: {}\n---\n\n# Usual\n\nSay `execution_mode: force` in the header.\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    calls = {}
    fresh.setup(SimpleNamespace(connect=calls.__setitem__))
    env = SimpleNamespace(found_docs=set(texts), doc2path=lambda page: str(tmp_path / f"{page}.md"))
    assert calls["env-get-outdated"](None, env, set(), set(), set()) == ["made"]
