"""The characters of every node of a function of C: each is printed back and parsed again."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycparser import c_ast, c_parser

from reading_neurons.corpora import archives, c_spans, c_syntax, c_text, tiny_c

DATA = os.environ.get("READING_NEURONS_DATA", "")
needs_data = pytest.mark.skipif(
    not (Path(DATA) / "linux").is_dir() or not DATA, reason="READING_NEURONS_DATA names no folder with linux/"
)
EXPRESSIONS = (
    c_ast.ArrayRef, c_ast.Assignment, c_ast.BinaryOp, c_ast.Cast, c_ast.CompoundLiteral, c_ast.Constant, c_ast.FuncCall,
    c_ast.ID, c_ast.StructRef, c_ast.TernaryOp, c_ast.UnaryOp,
)  # fmt: skip
STATEMENTS = (
    c_ast.Break, c_ast.Compound, c_ast.Continue, c_ast.DoWhile, c_ast.EmptyStatement, c_ast.For, c_ast.Goto, c_ast.If,
    c_ast.Label, c_ast.Return, c_ast.Switch, c_ast.While,
)  # fmt: skip
WHOLE = """static inline const struct node *find(struct node *list, unsigned long key, ...)
{
	int a = (1 + 2) * 3, *b = &a, c[10] = { 1, [3] = 2, { 4 } };
	int (*call)(int, char *);
	struct point { int x, y; } p = { .x = 1 }, *q;
	enum { RED, GREEN = 2 } colour;
	extern int other(void), more(int);
	for (int i = 0; i < a && (b[i] = c[i]); i++, a--) {
		list->next[i].call(1, (a + 2) * 3)++;
		((a)) = -(~a ? !b : c[(1, 2)]);
		a = a - b - c + (u8)(*call)(1, 2) % sizeof(int) - sizeof a;
	}
	switch (a) {
		int skipped;
	case 1:
	case 2:
		a = 1;
		if (b) break; else return list;
	case 3 + 4: {
			;
		}
	default:
		do a <<= 1; while (a < 10);
	}
	while (1)
		if (a) if (b) goto out; else continue;
	x = (struct point) { 1, 2 }.y;
	{ }
	printf("one" "two" "\\"};", '}', offsetof(struct point, x), ({ a; 1; }));
out:
	return 0;
}"""


def same(one, other):
    """Whether two trees agree in everything but their places."""
    if type(one) is not type(other):
        return False
    if [getattr(one, name) for name in one.attr_names] != [getattr(other, name) for name in other.attr_names]:
        return False
    pairs = zip(one.children(), other.children(), strict=False)
    return len(one.children()) == len(other.children()) and all(same(a, b) for (_, a), (_, b) in pairs)


def parsed_again(node, text, types):
    """The node that comes out of the text that a node was said to cover; None where it cannot stand alone."""
    match node:
        case c_ast.ID(name="offsetof"):
            return None  # a word of the language to pycparser
        case c_ast.FuncDef():
            return c_parser.CParser().parse(types + text).ext[-1]
        case c_ast.Compound() if any(isinstance(item, c_ast.Case | c_ast.Default) for item in node.block_items or ()):
            return None  # pycparser arranges the cases of a switch anew, and only there
        case c_ast.Case() | c_ast.Default() if node.stmts:  # none where another case follows at once
            before, after, found = "switch (0) { ", " }", lambda statement: statement.stmt.block_items[0]
        case c_ast.ExprList() if len(node.exprs) > 1 and not any(isinstance(e, c_ast.Typename) for e in node.exprs):
            before, after, found = "(", ");", lambda statement: statement
        case node if isinstance(node, EXPRESSIONS):
            before, after, found = "(", ");", lambda statement: statement
        case node if isinstance(node, STATEMENTS):
            before, after, found = "", "", lambda statement: statement
        case c_ast.Typename():
            before, after, found = "sizeof(", ");", lambda statement: statement.expr
        case c_ast.InitList():
            before, after, found = "int v[] = ", ";", lambda statement: statement.init
        case c_ast.ParamList():
            before, after, found = "int v(", ");", lambda statement: statement.type.args
        case _:
            return None
    body = c_parser.CParser().parse(f"{types} void v(void) {{ {before}{text}{after} }}").ext[-1].body
    return found(body.block_items[0])


def check(text, types=()):
    """Parse every span of a function again; how many there were."""
    prelude = "".join(f"typedef int {name}; " for name in types)
    compared = 0
    for node, start, end in c_syntax.spans(text, types):
        again = parsed_again(node, text[start:end], prelude)
        if again is not None:
            assert same(node, again), (type(node).__name__, text[start:end])
            compared += 1
    return compared


def test_every_span_parses_again_to_its_node():
    assert check(WHOLE, ["u8"]) > 150


def test_generated_functions_too():
    assert sum(check(text) for text in tiny_c.generate(60, seed=5).train.texts) > 1000


@needs_data
def test_real_functions_too():
    """Some functions of every twentieth file, all those that parse."""
    (archive,) = (Path(DATA) / "linux").glob("*.tar.gz")
    contents, _ = archives.contents(archive, ".c")
    codes = [c_text.cleaned(content.decode()) for content in list(contents.values())[::20]]
    defined = set().union(*map(c_text.typedef_names, codes))
    compared = 0
    for code in codes:
        for text, _ in list(c_text.functions(code))[:8]:
            types = c_text.types_of(text, defined)
            try:
                c_syntax.spans(text, types)
            except ValueError:
                continue
            compared += check(text, types)
    assert compared > 3000


def test_no_node_is_lost():
    """Every node of pycparser's own tree is there: but names of types that declarations share, and what has no text."""
    tree = c_parser.CParser().parse("typedef int u8; " + WHOLE).ext[-1]
    nodes, waiting = {}, [tree]
    while waiting:
        node = waiting.pop()
        nodes[id(node)] = node
        waiting.extend(child for _, child in node.children())
    expected = [type(node).__name__ for node in nodes.values() if getattr(node, "declname", "") is not None]
    found = [type(node).__name__ for node, _, _ in c_syntax.spans(WHOLE, ["u8"])]
    shared = "IdentifierType"
    assert sorted(kind for kind in found if kind != shared) == sorted(kind for kind in expected if kind != shared)


@pytest.mark.parametrize(
    ("kind", "covered"),
    [
        ("BinaryOp", ["(a + b) * c - d", "(a + b) * c", "a + b"]),
        ("FuncCall", ["f(g(1), (2))", "g(1)"]),
        ("ExprList", ["g(1), (2)", "1"]),
        ("Decl", ["int f(int a, ...)", "int a", "static unsigned long x = 1", "*y"]),
        ("IdentifierType", ["int", "int", "unsigned long"]),
        ("PtrDecl", ["*"]),
        ("TypeDecl", ["f", "a", "x", "y"]),
        ("FuncDecl", ["(int a, ...)"]),
        ("If", ["if (a) return (a + b) * c - d; else f(g(1), (2));"]),
        ("Return", ["return (a + b) * c - d;"]),
        ("Label", ["end: ;"]),
        ("parentheses", ["(int a, ...)", "(a)", "(a + b)", "(g(1), (2))", "(1)", "(2)", "(;;)"]),
        ("braces", ["{ }"]),
        ("terminator", [";", ";", ";", ";", ";"]),
    ],
)
def test_what_a_node_covers(kind, covered):
    text = (
        "int f(int a, ...) { static unsigned long x = 1, *y; if (a) return (a + b) * c - d; else f(g(1), (2)); "
        "for (;;) { } x++; end: ; }"
    )
    function = c_syntax.parse(text)
    found = [text[start:end] for _, start, end in function.of(kind)]
    assert (found[1:] if kind == "braces" else found) == covered


def test_old_heads_have_spans():
    text = "int f(a, b) int a; char *b; { return a; }"
    found = {kind: text[start:end] for kind, start, end in reversed(c_syntax.parse(text).nodes)}
    assert found["FuncDef"] == text and found["Decl"] == "int f(a, b)" and found["ParamList"] == "a, b"
    assert [text[start:end] for _, start, end in c_syntax.parse(text).of("Decl")] == ["int f(a, b)", "int a", "char *b"]


def test_a_semicolon_in_a_string_ends_nothing():
    function = c_syntax.parse('void f(void) { g(";", \';\', "}"); }')
    assert [start for _, start, _ in function.of("terminator")] == [function.text.rindex(";")]
    assert len(list(function.of("braces"))) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected one function of C, found none"),
        ("int x;", "expected one function of C, found Decl"),
        ("int f(void) { } int g(void) { }", "expected one function of C, found FuncDef, FuncDef"),
        ("int f(void) {", "found .*At end of input"),
        ("int f(void) { } }", "found .*before: }"),
        ("int f(void) { u8 x; }", "found in line 1, column 18, before: x"),
        ("int f(void) { /* no */ }", "found .*Comments are not supported"),
        ("int f(void) { list_for_each(a) { } }", "found .*before: {"),
        ('int f(void) { "open; }', "found "),
        ("int f(void) { return 1ulul; }", "found "),
        ("int f(void) { return " + "(" * 4000 + "1" + ")" * 4000 + "; }", "found .*recursion"),
    ],
)
def test_what_is_no_function_is_named(text, message):
    with pytest.raises(ValueError, match=message):
        c_syntax.parse(text, ["u16"])


def test_what_is_no_token_is_named():
    with pytest.raises(ValueError, match="line 2, column 3: Illegal character '@'"):
        c_syntax.tokens("x\n  @")


PIECES = ["int", "f", "(", ")", "{", "}", ";", "x", "=", "1", "if", "else", "for", "*", ",", "u8", "case", ":", '"s"']


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_nonsense_is_parsed_or_refused(pieces):
    text = "int f(int a) { " + " ".join(pieces) + " }"
    try:
        spans = c_syntax.spans(text, ["u8"])
    except ValueError:
        return
    c_syntax.parse(text, ["u8"])  # its nodes nest, or it would not be a ParsedString
    assert spans[0][1:] == (0, len(text))
    assert all(0 <= start < end <= len(text) and text[start:end].strip() == text[start:end] for _, start, end in spans)


def test_a_parser_without_its_private_methods_is_refused(monkeypatch):
    assert c_spans.MISSING == ()
    monkeypatch.setattr(c_syntax, "MISSING", ("CParser._parse_statement",))
    with pytest.raises(RuntimeError, match=r"pycparser \S+ lacks CParser._parse_statement.*install"):
        c_syntax.parse("int f(void) { }")


def test_every_private_method_that_is_overridden_is_listed():
    listed = {name for names in c_spans.RELIED_UPON.values() for name in names}
    for own, theirs in ((c_spans.SpanParser, c_parser.CParser), (c_spans.KeepingLexer, c_spans.CLexer)):
        overridden = {name for name in vars(own) if name.startswith("_") and name in vars(theirs)}
        assert overridden - {"__init__", "__doc__", "__module__"} <= listed
