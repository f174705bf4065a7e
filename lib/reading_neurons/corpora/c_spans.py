"""A parser of C that knows which tokens each node of its tree is made of: pycparser, and a note of every rule's ends.

pycparser (Bendersky; BSD) is a recursive descent, one method per rule of the grammar. Most methods return the node of
their rule as soon as its last token is read, so where the tokens stand before and after is the node's span. Three kinds
of nodes are made otherwise and have code of their own here: those made in a loop (``a + b - c``, ``a.b[c](d)``), those
put together after all their tokens (declarations), and the cases of a switch, which are arranged anew afterwards.

Easy to get wrong: these methods are private. :data:`RELIED_UPON` lists them; where a version of pycparser lacks one,
:data:`MISSING` says so, and nothing is parsed, instead of spans that are wrong.
"""

from __future__ import annotations

from pycparser import c_ast
from pycparser.c_lexer import CLexer
from pycparser.c_parser import CParser

#: Methods of the parser that return the node of a rule, as soon as its last token is read.
RULES = (
    "_parse_argument_expression_list", "_parse_array_decl_common", "_parse_assignment_expression",
    "_parse_cast_expression", "_parse_compound_statement", "_parse_conditional_expression", "_parse_constant",
    "_parse_designator", "_parse_enum_specifier", "_parse_enumerator", "_parse_enumerator_list", "_parse_expression",
    "_parse_expression_statement", "_parse_function_decl", "_parse_identifier", "_parse_identifier_list",
    "_parse_identifier_or_typeid", "_parse_initializer", "_parse_initializer_item", "_parse_iteration_statement",
    "_parse_jump_statement", "_parse_labeled_statement", "_parse_parameter_declaration", "_parse_parameter_type_list",
    "_parse_selection_statement", "_parse_specifier_qualifier_list", "_parse_struct_or_union_specifier",
    "_parse_type_name", "_parse_unary_expression", "_parse_unified_string_literal",
)  # fmt: skip

#: Everything private of pycparser that the spans rely upon, by class.
RELIED_UPON = {
    CParser: (
        *RULES, "_add_declaration_specifier", "_build_declarations", "_fix_decl_name_type", "_mark",
        "_parse_binary_expression", "_parse_block_item", "_parse_declaration_specifiers", "_parse_external_declaration",
        "_parse_init_declarator", "_parse_offsetof_member_designator", "_parse_postfix_expression",
        "_parse_primary_expression", "_parse_statement", "_parse_struct_declarator",
    ),
    CLexer: ("_make_token", "input"),
}  # fmt: skip
#: What of it the installed version lacks, nothing if all is well.
MISSING = tuple(
    f"{owner.__name__}.{name}" for owner, names in RELIED_UPON.items() for name in names if not hasattr(owner, name)
)
OPEN, CLOSE = {"LPAREN", "LBRACKET", "LBRACE"}, {"RPAREN", "RBRACKET", "RBRACE"}
_ONE_TOKEN = (c_ast.TypeDecl, c_ast.PtrDecl, c_ast.ID, c_ast.EllipsisParam)


class KeepingLexer(CLexer):
    """A lexer that keeps of each token its type, its characters, its line and column."""

    def input(self, text, filename=""):
        """Start with another text."""
        super().input(text, filename)
        self.kept: list[tuple[str, int, int]] = []
        self.at: dict[tuple[int, int], int] = {}

    def _make_token(self, tok_type, value, pos):
        token = super()._make_token(tok_type, value, pos)
        self.at[token.lineno, token.column] = len(self.kept)
        self.kept.append((tok_type, pos, pos + len(value)))
        return token


def _noting(name: str):
    """The rule of that name, which notes the tokens of the node that it returns."""
    rule = getattr(CParser, name, None)

    def parse(self, *arguments, **options):
        start = self._mark()
        node = rule(self, *arguments, **options)
        self._note(node, start, self._mark())
        return node

    return parse


class SpanParser(CParser):
    """A parser that knows the tokens of every node it has made.

    A node has three ranges of tokens that may differ: its own, the one with brackets around it (what a larger
    expression starts or ends with), and the one of the statement that it is.
    """

    def __init__(self):
        super().__init__(lexer=KeepingLexer)

    def parse(self, text, filename="", debug=False):
        """The syntax tree of a text."""
        self._own: dict[int, tuple[object, int, int]] = {}  # with the object, whose number is then not given anew
        self._bracketed: dict[int, tuple[int, int]] = {}
        self._statements: dict[int, int] = {}
        return super().parse(text, filename, debug)

    def _note(self, node, start, end):
        if node is not None and id(node) not in self._own:
            self._own[id(node)] = (node, start, end)

    def _outer(self, node):
        return self._bracketed.get(id(node)) or self._own[id(node)][1:]

    # -- expressions whose parts are made in a loop ---------------------------------------------------------------
    def _parse_primary_expression(self):
        start = self._mark()
        node = super()._parse_primary_expression()
        if id(node) in self._own and self.clex.kept[start][0] == "LPAREN":
            self._bracketed[id(node)] = (start, self._mark())
        self._note(node, start, self._mark())
        return node

    def _parse_binary_expression(self, min_prec=0, lhs=None):
        start = self._mark() if lhs is None else self._outer(lhs)[0]
        node = super()._parse_binary_expression(min_prec, lhs)
        made = node
        while id(made) not in self._own:  # ((a + b) - c) + d, from the last to the first
            self._note(made, start, self._outer(made.right)[1])
            made = made.left
        return node

    def _parse_postfix_expression(self):
        return self._suffixed(super()._parse_postfix_expression)

    def _parse_offsetof_member_designator(self):
        return self._suffixed(super()._parse_offsetof_member_designator)

    def _suffixed(self, rule):
        """Note a, a.b, a.b(c) and a.b(c)[d], all from the same token on."""
        start = self._mark()
        node = rule()
        made, end = node, self._mark()
        while made is not None and id(made) not in self._own:
            self._note(made, start, end)
            made, end = self._without_suffix(made, end)
        return node

    def _without_suffix(self, node, end):
        match node:
            case c_ast.ArrayRef() | c_ast.FuncCall():
                return node.name, self._opening(end - 1)
            case c_ast.StructRef():
                return node.name, end - 2
            case c_ast.UnaryOp(op="p++" | "p--"):
                return node.expr, end - 1
        return None, end

    def _opening(self, token):
        """The token that opens the bracket which this one closes."""
        depth = 0
        for place in range(token, -1, -1):
            kind = self.clex.kept[place][0]
            depth += (kind in CLOSE) - (kind in OPEN)
            if depth == 0:
                return place
        raise ValueError("found a bracket that was never opened")

    def _closing(self, token):
        depth = 0
        for place in range(token, len(self.clex.kept)):
            kind = self.clex.kept[place][0]
            depth += (kind in OPEN) - (kind in CLOSE)
            if depth == 0:
                return place
        raise ValueError("found a bracket that is never closed")

    # -- declarations, which are put together after all their tokens are read -------------------------------------
    def _parse_declaration_specifiers(self, allow_no_type=False):
        start = self._mark()
        found = super()._parse_declaration_specifiers(allow_no_type)
        self._note(found[0], start, self._mark())
        return found

    def _add_declaration_specifier(self, declspec, newspec, kind, **options):
        if isinstance(newspec, c_ast.IdentifierType):
            self._note(newspec, self._mark() - 1, self._mark())
        return super()._add_declaration_specifier(declspec, newspec, kind, **options)

    def _parse_init_declarator(self, id_only=False):
        start = self._mark()
        found = super()._parse_init_declarator(id_only)
        self._note(found, start, self._mark())
        return found

    def _parse_struct_declarator(self):
        start = self._mark()
        found = super()._parse_struct_declarator()
        self._note(found, start, self._mark())
        return found

    def _build_declarations(self, spec, decls, typedef_namespace=False):
        made = super()._build_declarations(spec, decls, typedef_namespace)
        if id(spec) in self._own:
            for number, (declaration, parts) in enumerate(zip(made, decls, strict=True)):
                whole = (None, self._own[id(spec)][1], self._mark())
                _, start, end = self._own.get(id(parts), whole)
                self._note(declaration, start if number else whole[1], end)
        return made

    def _fix_decl_name_type(self, decl, typename):
        innermost = decl
        while not isinstance(innermost, c_ast.TypeDecl):
            innermost = innermost.type
        fixed = super()._fix_decl_name_type(decl, typename)
        if typename and isinstance(innermost.type, c_ast.IdentifierType):
            self._note(innermost.type, self._own[id(typename[0])][1], self._own[id(typename[-1])][2])
        return fixed

    def _parse_external_declaration(self):
        start = self._mark()
        found = super()._parse_external_declaration()
        for node in found:
            if isinstance(node, c_ast.FuncDef):
                self._note(node, start, self._mark())
                after = (node.param_decls or [node.body])[0]
                self._own[id(node.decl)] = (node.decl, start, self._own[id(after)][1])
        return found

    # -- statements with their semicolon --------------------------------------------------------------------------
    def _parse_statement(self):
        node = super()._parse_statement()
        self._statements[id(node)] = self._mark()
        return node

    def _parse_block_item(self):
        found = super()._parse_block_item()
        self._statements[id(found[-1] if isinstance(found, list) else found)] = self._mark()
        return found

    # -- what was found -------------------------------------------------------------------------------------------
    def span(self, node: c_ast.Node) -> tuple[int, int] | None:
        """The first token of a node and the one after its last; None of what is not in the text."""
        if isinstance(node, c_ast.Case | c_ast.Default):
            return self._case(node)
        if id(node) in self._own:
            return self._own[id(node)][1:]
        if isinstance(node, c_ast.EmptyStatement | c_ast.IdentifierType):
            return None  # after a label before "}", or the "int" that is understood
        if isinstance(node, c_ast.DeclList | c_ast.ExprList):
            parts = [self._outer(part) for _, part in node.children() if id(part) in self._own]
            return min(start for start, _ in parts), max(end for _, end in parts)
        if node.coord is None or (isinstance(node, c_ast.TypeDecl) and node.declname is None):
            return None
        token = self.clex.at[node.coord.line, node.coord.column]
        if isinstance(node, _ONE_TOKEN):
            return token, token + 1
        if self.clex.kept[token][0] in OPEN:  # the statements of a switch, (*)(int)
            return token, self._closing(token) + 1
        raise ValueError(f"found no span of a {type(node).__name__}")

    def _case(self, node):
        start = self._own[id(node)][1]
        colon = self._outer(node.expr)[1] if isinstance(node, c_ast.Case) else start + 1
        return start, max([colon + 1, *(self._statements.get(id(part), 0) for part in node.stmts)])


for _name in RULES:
    setattr(SpanParser, _name, _noting(_name))
