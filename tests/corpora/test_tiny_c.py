"""Generated functions of C: seeded, different, of the length asked for; what pycparser reads is what was written."""

import re

import numpy as np
import pytest
from pycparser import c_ast, c_parser
from pycparser.c_generator import CGenerator

from reading_neurons.corpora import c_syntax, load, tiny_c


@pytest.fixture(scope="module")
def corpus():
    return load("tiny_c", strings=300)


def test_sizes_and_seeds(corpus):
    assert corpus.name == "tiny_c" and [len(split) for split in corpus.splits] == [240, 30, 30]
    texts = [text for split in corpus.splits for text in split.texts]
    assert len(set(texts)) == 300
    assert all(tiny_c.SHORTEST <= len(text) <= tiny_c.LONGEST for text in texts)
    assert tiny_c.generate(40).fingerprint == tiny_c.generate(40).fingerprint != tiny_c.generate(40, seed=1).fingerprint


def test_the_tree_that_was_written_is_the_tree_that_is_read():
    def shape(node):
        values = [getattr(node, name) for name in node.attr_names]
        return type(node).__name__, values, [shape(child) for _, child in node.children()]

    for seed in range(60):
        tree = tiny_c.Writer(np.random.default_rng(seed)).function()
        text = CGenerator().visit(tree)
        again = c_parser.CParser().parse(text).ext[0]
        assert shape(again) == shape(tree), text
        assert [type(node).__name__ for node, _, _ in c_syntax.spans(text)][0] == "FuncDef"


def test_every_kind_of_statement_is_there_and_none_is_rare(corpus):
    kinds = corpus.train.kinds
    assert {"If", "For", "While", "Return", "Decl", "Assignment", "FuncCall", "BinaryOp", "Compound"} <= set(kinds)
    assert min(kinds[kind] for kind in ("If", "For", "While")) > 0.15 * len(corpus.train)


def test_every_name_is_declared_before_it_is_used(corpus):
    for string in corpus.train.strings[:100]:
        known = set()
        for node, _, _ in c_syntax.spans(string.text):
            if isinstance(node, c_ast.Decl):
                known.add(node.name)
            elif isinstance(node, c_ast.ID):
                assert node.name in known | set(tiny_c.FUNCTIONS)


def test_blocks_are_no_deeper_than_said(corpus):
    indents = [len(found) // 2 for text in corpus.train.texts for found in re.findall(r"^ *(?=\S)", text, re.M)]
    assert max(indents) <= tiny_c.DEPTH + 2


@pytest.mark.parametrize("strings", [-1, 0, 9])
def test_too_few_strings(strings):
    with pytest.raises(ValueError, match=f"at least 10 strings, found {strings}: ask for more"):
        tiny_c.generate(strings)


def test_more_than_are_found(monkeypatch):
    monkeypatch.setattr(tiny_c, "SHORTEST", tiny_c.LONGEST)
    with pytest.raises(ValueError, match="found 0 different functions, expected 10: ask for fewer"):
        tiny_c.generate(10)
