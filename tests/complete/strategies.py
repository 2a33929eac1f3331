"""Texts that editors hold: pieces of code of each language, broken code, and any characters."""

from hypothesis import strategies as st

CODE = {
    "js": (
        "import { a, b as c } from './x.js';\n"
        "export class Büro extends Base {\n"
        "\tconstructor(name, { size = 10, ...rest } = {}) {\n\t\tsuper(name);\n"
        "\t\tthis.size = size; // 😀 how big\n\t}\n"
        "\tget area() { return this.size ** 2; }\n"
        "\tasync *each(fn) { for (const x of await this.all()) yield fn?.(x, `<${x.id}>`); }\n}\n"
        "const re = /[/\\]]+$/gi, text = 'it\\'s \\u00e9', n = 0x1f + 1e-3;\r\n"
        "if (a && !b) { a = b ? [1, 2, , 3] : {a, 'b': 2, [c]: () => ({})}; } else throw new Error(\"no\");\n"
        "/* a\n comment */ label: while (true) { break label }\n"
        "var el = <div className='x' {...rest}>hi {name}, &amp; <b/></div>;\n"
    ),
    "py": (
        "#!/usr/bin/env python\nfrom __future__ import annotations\nimport os, sys as system\n\n\n"
        "class Größe(Base, metaclass=Meta):\n    '''A doc-string\n    of two lines.'''\n\n"
        "    @property\n    def size(self, *args: int, key='a\\n😀', **kw) -> dict[str, int]:\n"
        "        if self.a and \\\n           not self.b:  # a comment\n"
        "            return {k: v for k, v in self.items() if v > 1e-3}\n"
        "        elif (y := f'{x!r:>{width}} and {{z}}'):\n            pass\n"
        "        else:\n            raise ValueError(rb'\\d' + b\"x\") from None\n"
        "        with open('f') as f, \\\n                g: yield from f\n        return 1\n\n\n"
        "async def main():\r\n\tx = [1,\r\n    2]\r\n"
        "\treturn await x[1:-1] @ lambda a, /, b: a ** b\n\nprint(0x1F, 1_000, 3j)\n"
    ),
    "cpp": (
        "#pragma once\n#include <vector>\n#include \"a.h\"\n#if defined(X) && \\\n    Y > 1\n"
        "#define MAX(a, b) ((a) > (b) ? \\\n"
        "  (a) : (b))\n#elif 0\nint zero;\n#else\n#  define N 10\n#endif\n"
        "namespace größe::inner {\ntemplate <typename T, int N = 3>\nclass Foo : public Bar<T> {\n public:\n"
        "  explicit Foo(const std::vector<T>& v) noexcept : v_{v}, n_(0) {}\n  ~Foo() override = default;\n"
        "  T operator()(std::size_t i) const { return v_[i] >> 2; } // 😀\n private:\n"
        "  std::vector<T> v_; unsigned long n_ = 0xffUL;\n};\n"
        "}  // namespace\nint main(int argc, char** argv) {\r\n  auto f = [&](auto x) -> int { return x->y.*z; };\r\n"
        "  const char* s = R\"(raw \" text)\" \"es\\n\" ; char c = '\\'';\n"
        "  for (auto& [k, v] : m) if constexpr (sizeof(k) > 4u) f(k);\n"
        "  switch (argc) { case 1: goto end; default: ; }\nend:\n  return 0;\n}\n"
    ),
}  # fmt: skip
LANGUAGES = tuple(CODE)

PIECES = (
    "(", ")", "{", "}", "[", "]", '"', "'", "`", "${", "/*", "*/", "//", "#", "#if X", "#endif",
    "\n", "\r\n", "\r", "\t", "    ", " ", ";", ",", ".", ":", "=", "\\", "\\\n",
    "😀", "é", "\u2028", "\0", "\ud83d", "\ude00", "\ufeff",
    "name", "def f():", "return", "if", "class A", "=>", "<", ">", "0", "1.5", "f'{", '"""', "R\"(", ")\"",
    "@", "$", "?",
)  # fmt: skip
anything = st.text(st.characters(codec=None), max_size=30)  # surrogates too
pieces = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@st.composite
def code(draw, key):
    """Real code, cut and spoilt here and there."""
    text = CODE[key]
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + draw(pieces) + text[end:]
    start = draw(st.integers(0, len(text)))
    return text[start : draw(st.integers(start, len(text)))]


def texts(key):
    return st.one_of(code(key), pieces, anything)
