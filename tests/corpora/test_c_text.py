"""From a file of C to its functions: comments, directives, annotations, strings with braces in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.corpora import c_text, tiny_c

FILE = r"""/* A file. } */
#include <linux/x.h>
#define BOTH(x) \
	do { x; } \
	while (0)
MODULE_LICENSE("}");
struct table { int a; } __attribute__((aligned(8)));
static struct table tables[] = { { 1 }, { 2 } };
typedef struct { int a; } Point;

static inline int __init
first(char __user *s, /* { */ int n) // }
{
	char c = '{', *t = "} /* not a comment */ \" {";
	printk(KERN_INFO "found %d\n", n);
#ifdef CONFIG_X
	if (n) {
#else
	if (c) {
#endif
		return \
			1;
	}
#if 0
	}
#else
	n = 2;
#endif
	return 0;
}

#ifdef CONFIG_Y
int second(void) { return 1; }
#elif 1
int second(void) { return 2; }
#endif
asmlinkage long FASTCALL(third(int a)) __attribute__ ((const));
__inline__ void fourth(void)
{
}
"""


def cut(text):
    return list(c_text.functions(c_text.cleaned(text)))


def test_a_file_is_cut_into_its_functions():
    found = cut(FILE)
    assert all(balanced for _, balanced in found)
    texts = [text for text, _ in found]
    assert [text.split("(")[0].split()[-1] for text in texts] == ["first", "second", "second", "fourth"]
    assert texts[0] == (
        "static inline int\nfirst(char *s,   int n)\n{\n"
        '\tchar c = \'{\', *t = "} /* not a comment */ \\" {";\n'
        '\tprintk("found %d\\n", n);\n\tif (n) {\n\t\treturn \t\t\t1;\n\t}\n\tn = 2;\n\treturn 0;\n}'
    )
    assert texts[1:] == [
        "int second(void) { return 1; }",
        "int second(void) { return 2; }",
        "inline void fourth(void)\n{\n}",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int a; // b\r\nint c;\rint d;", "int a;\nint c;\nint d;"),
        ("int a; /* never closed", "int a;"),
        ("  # define X\n#\n int a;", " int a;"),
        ('char *s = "// no /* no";', 'char *s = "// no /* no";'),
        ("char c = '\"'; /* x */", "char c = '\"';"),
        ('__exit __inline__ int __attribute__((section("x"))) f;', "inline int f;"),
        ("FASTCALL(f(int a)) g;", "f(int a) g;"),
        ('f("__user KERN_INFO");', 'f("__user KERN_INFO");'),
        ('f(KERN_ERR "x");', 'f("x");'),
        ("my__init(); __initial();", "my__init(); __initial();"),
        ("a\n\n\n\nb  \n", "a\n\nb\n"),
        ("", ""),
    ],
)
def test_what_is_taken_out(text, expected):
    assert c_text.cleaned(text) == expected


def test_a_directive_that_nothing_opened_is_passed_over():
    assert c_text.cleaned("#endif\n#else\nint a;\n#elif X") == "int a;"


def test_branches_in_a_function_are_alternatives():
    text = (
        "int f()\n{\n#if A\nif (a) {\n#elif B\nif (b) {\n#else\nif (c) {\n#if D\nif (d) {\n#endif\n#endif\n}\n}\nint g;"
    )
    assert c_text.cleaned(text) == "int f()\n{\nif (a) {\n}\n}\nint g;"


def test_what_is_never_closed_ends_at_the_next_closing_brace_of_a_line():
    text = "int f(void)\n{\n\tif (a) {\n}\nint g(void)\n{\n\treturn 1;\n}\n"
    assert cut(text) == [("int f(void)\n{\n\tif (a) {\n}", False), ("int g(void)\n{\n\treturn 1;\n}", True)]
    assert cut("int f(void) { if (a) {") == [("int f(void) { if (a) {", False)]


def test_a_brace_too_many_costs_nothing_else():
    assert cut("int f(void) { } }\nint g(void) { }") == [("int f(void) { }", True), ("int g(void) { }", True)]


@pytest.mark.parametrize(
    "text",
    [
        "struct s { int a; };",
        "int a[] = { f(1) };",
        "enum { A };",
        "struct s x = (struct s) { 1 };",
        "typedef int (f)(int);",
        "if (a) { }",
        "union { int a; } u;",
        "int f(int a);",
        "{ }",
        "}",
    ],
)
def test_what_is_no_function(text):
    assert cut(text) == []


def test_types_by_convention_by_definition_and_by_place():
    head = "static Elf *f(const Fd *b, u8 a, struct x *c, int (*g)(int))"
    assert c_text.types_of(head + " { return a * b; for (;;) T *t; x_t y = (Q *) 1; }") == [
        "Elf",
        "Fd",
        "Q",
        "u8",
        "x_t",
    ]
    assert c_text.types_of("void f(void) { T *t; ; static S s[2]; }") == ["S", "T"]
    assert c_text.types_of("void f(void) { g(a * b); a = b * c; to_time_t(1); return x; else y; }") == []
    assert c_text.types_of("void f(void) { a = (Point) b; }", {"Point", "Line"}) == ["Point"]


def test_types_that_a_file_defines():
    code = c_text.cleaned(
        "typedef struct s {\n int a[2];\n union { int b; } u;\n} S, *T;\ntypedef unsigned char byte; int x;"
    )
    assert {"byte", "T"} <= c_text.typedef_names(code) and "x" not in c_text.typedef_names(code)


def test_generated_functions_survive():
    """Cleaning changes nothing in code without comments, and finds each function whole."""
    texts = tiny_c.generate(40, seed=2).train.texts
    assert cut("\n".join(texts)) == [(text, True) for text in texts]


@given(st.text(alphabet="{}()/*\"'\\#\n;a =", max_size=60))
def test_nonsense_ends(text):
    cleaned = c_text.cleaned(text)
    for function, _ in c_text.functions(cleaned):
        assert function in cleaned
