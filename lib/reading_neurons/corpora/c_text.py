"""From a file of C to the functions in it, as text that a network reads and a parser understands.

No compiler is at hand and no headers, so the file is read lexically: comments, preprocessor lines and annotations that
only mean something to one compiler are taken out, then everything from a head ``type name(parameters)`` to its closing
brace is a function. Strings and character constants are stepped over: ``"}"`` closes nothing.

Easy to get wrong: both branches of ``#if .. #else .. #endif`` at once. Inside of a function they often open the same
brace twice; there only the first is kept. Between functions both are, and both are functions of the corpus. ``#if 0``
is a way to write a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LITERAL = r'"(?:\\.|[^"\\\n])*+"|' + r"'(?:\\.|[^'\\\n])*+'"
_COMMENTS = re.compile(rf"(?s:{_LITERAL})|(?P<comment>//[^\n]*|(?s:/\*.*?(?:\*/|\Z)))")
_BRACES = re.compile(rf"{_LITERAL}|[{{}}]")
_MARKS = re.compile(rf"{_LITERAL}|[{{}};]")
_DIRECTIVE = re.compile(r"\s*#\s*(\w*)\s*(.*)")

#: What only one compiler reads, or the kernel's own checker, and is taken out.
ANNOTATIONS = (
    "__init", "__exit", "__initdata", "__exitdata", "__devinit", "__devexit", "__devinitdata", "__cpuinit", "__sched",
    "__user", "__kernel", "__iomem", "__force", "__safe", "__must_check", "__deprecated", "__attribute_used__",
    "__attribute_pure__", "__attribute_const__", "__attribute_used", "__read_mostly", "__cacheline_aligned",
    "____cacheline_aligned", "__cacheline_aligned_in_smp", "____cacheline_aligned_in_smp", "asmlinkage", "fastcall",
    "noinline", "__always_inline", "__extension__", "__lockfunc", "__kprobes", "__pure", "__packed",
    "__used", "__unused", "__maybe_unused", "__noreturn", "notrace",
)  # fmt: skip
#: Other spellings of what C has a word for.
SPELLINGS = {
    "__inline__": "inline", "__inline": "inline", "__const": "const", "__const__": "const", "__signed__": "signed",
    "__signed": "signed", "__volatile__": "volatile", "__volatile": "volatile", "__restrict": "restrict",
    "__restrict__": "restrict", "__builtin_offsetof": "offsetof",
}  # fmt: skip
# Parentheses up to four deep; "+" behind a repetition: what is matched once is not tried in another way.
_NESTED = r"\((?:[^()]++|\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\))*+\)"
_WORDS = re.compile(
    rf"{_LITERAL}|(?P<argument>\bFASTCALL\s*\((?P<inside>[^()]*+(?:\([^()]*+\)[^()]*+)*+)\))|"
    rf"(?P<gone>\b(?:(?:__attribute(?:__)?|__acquires|__releases)\s*{_NESTED}|"
    rf"(?:{'|'.join(ANNOTATIONS)})\b)[ \t]*|\bKERN_[A-Z]+\s*(?=\"))|"  # printk(KERN_INFO "..."): half a string
    rf"\b(?P<spelling>{'|'.join(SPELLINGS)})\b"
)
_HEAD = re.compile(r"[A-Za-z_]\w*\s*\(")
_NO_HEAD = re.compile(r"(?:if|for|while|switch|do|else|return|sizeof|typedef|enum)\b")


def cleaned(text: str) -> str:
    """A file of C without comments, preprocessor lines and annotations; what is left keeps its lines and tabs.

    Examples
    --------
    >>> print(cleaned('int x; /* so */ // far\\n#define Y \\\\\\n 1\\nstatic void __init f(char __user *s) {}'))
    int x;
    static void f(char *s) {}
    """
    text = re.sub(r"\r\n?", "\n", text).replace("\\\n", "")
    text = _COMMENTS.sub(lambda found: " " if found["comment"] else found[0], text)
    text = _WORDS.sub(_replaced, "\n".join(_kept_lines(text.split("\n"))))
    text = re.sub(r"(?<![ \t\f\v])[ \t\f\v]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text)


def _replaced(found: re.Match) -> str:
    """What stands for an annotation: nothing, and no second space."""
    if found["spelling"]:
        return SPELLINGS[found["spelling"]]
    return found["inside"] or "" if found["argument"] or found["gone"] else found[0]


def _kept_lines(lines: list[str]) -> Iterator[str]:
    """The lines that are no directives, less those of the branches that are left out."""
    depth, branches = 0, []  # of each open #if: inside of a function?, is this branch kept?, was an earlier one?
    for line in lines:
        if directive := _DIRECTIVE.match(line):
            _turn(branches, directive[1], directive[2].strip(), depth > 0)
        elif all(kept for _, kept, _ in branches):
            yield line
            braces = _BRACES.findall(line)
            depth = 0 if line.startswith("}") else max(depth + braces.count("{") - braces.count("}"), 0)


def _turn(branches: list[tuple[bool, bool, bool]], directive: str, condition: str, inside: bool) -> None:
    """Go into a branch, on to the next, or out."""
    match directive:
        case "if" | "ifdef" | "ifndef":
            branches.append((inside, condition != "0", False))
        case "elif" | "else" if branches:
            inside, kept, earlier = branches[-1]
            branches[-1] = (inside, not (inside and (kept or earlier)), kept or earlier)
        case "endif" if branches:
            branches.pop()


def functions(code: str) -> Iterator[tuple[str, bool]]:
    """The functions of a cleaned file, from the type to the closing brace, and whether their braces balance.

    One that is never closed is given up to the next closing brace that begins a line.

    Examples
    --------
    >>> list(functions('struct s { int a; };\\nint f(void)\\n{ g("}"); }\\nint h() { if (1) {\\n}\\n'))
    [('int f(void)\\n{ g("}"); }', True), ('int h() { if (1) {\\n}', False)]
    """
    place = 0
    while place is not None:
        place = yield from _until_unbalanced(code, place)


def _until_unbalanced(code: str, after: int):
    """The functions from a place on; the place where to go on after one that is never closed, or None."""
    depth = opened = 0
    for found in _MARKS.finditer(code, after):
        match found[0]:
            case ";" if depth == 0:
                after = found.end()
            case "{":
                opened = opened if depth else found.start()
                depth += 1
            case "}":
                depth = max(depth - 1, 0)
                if depth == 0:
                    if _is_head(code[after:opened]):
                        yield code[after : found.end()].strip(), True
                    after = found.end()
    if depth == 0:
        return None
    close = code.find("\n}", opened)
    end = len(code) if close < 0 else close + 2
    if _is_head(code[after:opened]):
        yield code[after:end].strip(), False
    return end if close >= 0 else None


def _is_head(text: str) -> bool:
    text = text.strip()
    return text.endswith(")") and "=" not in text and bool(_HEAD.search(text)) and not _NO_HEAD.match(text)


#: Names of types that are made by convention, and those of C's own headers.
TYPES = re.compile(
    r"(?:\w+_t|u_?int\d*|u_?char|u_?short|u_?long|(?:__)?[usbl]e?(?:8|16|32|64)|bool|va_list|FILE|DIR|uInt|uLong|"
    r"Bytef?)"
)
_TYPEDEF = re.compile(r"\btypedef\b[^;{]*+(?:\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}[^;]*+)?;")
_NAMED = re.compile(r"(\w+)\s*(?:\[[^\]]*\])*\s*;$|\(\s*\*\s*(\w+)\s*\)\s*\(")
_NAME = r"([A-Za-z_]\w*)"
_QUALIFIED = r"(?:(?:const|static|register|volatile|extern)\s+)*"
_DECLARED = (
    re.compile(rf"[;{{}}]\s*{_QUALIFIED}{_NAME}(?:\s+|\s*\*[\s*]*){_NAME}\s*(?=[;=,\[])"),  # Point *p = ...
    re.compile(rf"\(\s*(?:const\s+)?{_NAME}\s*\*[\s*]*()\)"),  # (Point *)
)
_PARAMETER = re.compile(rf"(?:^|[(,])\s*{_QUALIFIED}(?:inline\s+)?{_NAME}(?:\s+|\s*\*[\s*]*){_NAME}\s*(?=[,()\[])")
KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long offsetof "
    "register restrict return short signed sizeof static struct switch typedef typeof union unsigned void volatile "
    "while".split()
)


def typedef_names(code: str) -> set[str]:
    """The names of types that a cleaned file defines.

    Examples
    --------
    >>> sorted(typedef_names("typedef struct { int a; } Point; typedef int (*Call)(int); typedef char Line[80];"))
    ['Call', 'Line', 'Point']
    """
    found = (_NAMED.search(typedef[0]) for typedef in _TYPEDEF.finditer(code))
    return {match[1] or match[2] for match in found if match}


def types_of(function: str, defined: set[str] = frozenset()) -> list[str]:
    """The names in a function that are types: defined in some file, so by convention, or by where they stand.

    Where a statement or a parameter begins, a name before another name, or before a star and a name, is a type:
    ``Point p;``, ``Point *p = 0;``, ``f(Point *p) {``. So is ``Point`` in the cast ``(Point *)``.

    Parameters
    ----------
    function : str
    defined : set of str
        Names of types from :func:`typedef_names`.

    Examples
    --------
    >>> types_of("void f(u8 a, Fd *b) { Point p = g(a * b); size_t n; Elf *e, *h = (Head *) p; }", {"Point"})
    ['Elf', 'Fd', 'Head', 'Point', 'size_t', 'u8']
    """
    head, _, body = function.partition("{")
    placed = {found[1] for found in _PARAMETER.finditer(head) if found[2] not in KEYWORDS}
    for pattern in _DECLARED:
        placed |= {found[1] for found in pattern.finditer("{" + body) if found[2] not in KEYWORDS}
    words = set(re.findall(r"\b[A-Za-z_]\w*+(?!\s*\()", function))  # to_time_t(x) is a call
    return sorted((placed | {word for word in words if word in defined or TYPES.fullmatch(word)}) - KEYWORDS)
