"""The blocks of a page in MyST Markdown."""

from reading_neurons.myst import Directive, blocks, header


def test_a_header_is_what_stands_on_top_and_nothing_else():
    assert header("---\na: 1\nb: 2\n---\n\n# Title\n\n---\nc: 3\n---\n") == "a: 1\nb: 2"
    assert header("# Title\n\n---\nc: 3\n---\n") == ""


def test_blocks_join_to_the_whole_text_and_nest():
    text = "before\n\n:::{note}\n```{tip}\ninner\n```\n:::\n\nafter"
    assert list(blocks(text)) == ["before\n", Directive("note", "", "```{tip}\ninner\n```"), "\nafter"]


def test_a_fence_is_closed_by_one_at_least_as_long_and_of_its_sign():
    (found,) = blocks("````{exercise} One\n```python\n1\n```\n:::\n`````\n".rstrip())
    assert found == Directive("exercise", "One", "```python\n1\n```\n:::")


def test_options_are_kept_apart_from_the_text():
    (found,) = blocks("```{exercise} One\n:label: one\n:class: dropdown\n:not: an option\n\ntext\n:label: text\n```")
    assert found.options == {"label": "one", "class": "dropdown", "not": "an option"}
    assert found.body == "\ntext\n:label: text"
    (code,) = blocks("```python\n:label: code\n```")
    assert code.options == {} and code.body == ":label: code"
