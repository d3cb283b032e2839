/* test_codec_code.c - source code into its parts, in many languages, against what is written here by hand. */
#include "compare.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

/* Headings as "LEVEL:text", each block of code as the number of its lines: "1:class Shop(2) 2:def refund(self)(3)". */
static void expect_parts(const char *name, const char *text, const struct code_part *parts, size_t part_count,
                         const char *wanted)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct buffer shown;
    char *exact = memory_copy_text(text, strlen(text));
    struct slice source = {exact, strlen(text)};
    arena_init(&arena);
    buffer_init(&shown, MIB);
    expect_ok(code_read_parts(source, name, parts, part_count, &arena, &blocks, &error), &error);
    assert_int_equal(blocks.is_parsed, part_count > 0);
    size_t end = 0;
    for (size_t i = 0; i < blocks.count; i++) {
        const struct block *block = &blocks.items[i];
        assert_true(block->start >= end || block->kind == BLOCK_CODE);
        if (block->kind == BLOCK_HEADING) {
            buffer_format(&shown, "%s%u:", shown.size > 0 ? " " : "", block->level);
            buffer_append_slice(&shown, block->text);
            continue;
        }
        size_t lines = 1;
        for (size_t j = 0; j < block->text.size; j++)
            lines += block->text.data[j] == '\n';
        buffer_format(&shown, "(%zu)", lines);
        compare_bytes("block", block->text, slice_range(source, block->start, block->end), 0);
        for (size_t j = end; j < block->start; j++)
            assert_true(source.data[j] == '\n' || source.data[j] == ' '); /* nothing is left out */
        end = block->end;
    }
    compare_text(name, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    arena_release(&arena);
    free(exact);
}

static void expect_code(const char *name, const char *text, const char *wanted)
{
    expect_parts(name, text, NULL, 0, wanted);
}

/* A part from one piece of the text to the end of another, which follow it. */
static struct code_part part_of(const char *text, unsigned level, const char *lead, const char *signature, const char *last)
{
    const char *start = strstr(text, lead), *body = strstr(start, signature), *end = strstr(body, last) + strlen(last);
    return (struct code_part){
        .start = (uint32_t)(start - text), .body = (uint32_t)(body - text), .end = (uint32_t)(end - text), .level = level};
}

/* Where each of these lines is looked past anew for each of them, this takes hours. */
static void many_comments_behind_a_part(void **state)
{
    (void)state;
    static const char head[] = "def told():\n    pass\n";
    enum { LINES = 300000 };
    struct buffer text;
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    buffer_init(&text, 2 * MIB);
    arena_init(&arena);
    buffer_append_text(&text, head);
    for (size_t i = 0; i < LINES; i++)
        buffer_append_text(&text, "#\n\n");
    const struct code_part part = {.start = 0, .body = 0, .end = sizeof(head) - 2, .level = 0};
    expect_ok(code_read_parts(buffer_slice(&text), "a.py", &part, 1, &arena, &blocks, &error), &error);
    assert_true(blocks.is_parsed);
    arena_release(&arena);
    buffer_release(&text);
}

static void by_indentation(void **state)
{
    (void)state;
    expect_code("a.py",
                "#!/usr/bin/env python3\n# Licence.\n\nimport os\nfrom a import (b,\n               c)\n\nLIMIT = 3\n\n\n# "
                "Says it.\n@cached\ndef say(text,\n        "
                "*rest):\n    \"\"\"Doc:\n\ndef no(): pass\n    \"\"\"\n    def inner():\n        return 1\n# odd comment\n    "
                "return inner\n\nclass "
                "Shop(Base):\n    \"\"\"A shop.\"\"\"\n    open = True\n\n    def refund(self): # }\n        return '''\nclass "
                "X:\n'''\n\n    async def "
                "close(self):\n        pass\n\nif __name__ == '__main__':\n    say('x')\n",
                "(2)(5) 1:def say(text, *rest)(12) 1:class Shop(Base)(3) 2:def refund(self): # }(4) 2:async def close(self)(2) "
                "1:if __name__ == "
                "'__main__'(2)");
    expect_code(
        "a.rb",
        "require 'x'\n\n# Pays.\nclass Shop\n  def refund(a)\n    if a\n      1\n    end\n  end\n\n  def close\n  end\nend\n",
        "(1) 1:class Shop(2) 2:def refund(a)(5) 2:def close(3)");
    expect_code("run", "#!/bin/bash -e\nset -u\n\n# Says.\nsay() { # {{{\n    cat <<EOF\n}\nEOF\n}\n\nsay \"$1\"\n",
                "(2) 1:say() { #(6) 1:say \"$1\"(1)");
    expect_code("a.sh", "x=1\nfunction say {\n    echo \"}\"\n}\nsay\n", "(1) 1:function say(3) 1:say(1)");
    expect_code("a.lua",
                "local x = 1\nlocal function f(a)\n  return a\nend\n--[[ long\nfunction no()\n]]\nfunction M.g()\nend\n",
                "(1) 1:local function f(a)(3) 1:function M.g()(5)");
}

static void by_nesting(void **state)
{
    (void)state;
    expect_code("a.c",
                "/* Licence. */\n\n#include <stdio.h>\n#define MORE(x) { \\\n    x\n\nstatic int count; /* { */\n\n/* Says. "
                "*/\nstatic void\nsay(const char "
                "*text)\n{\n#ifdef A\n    if (*text == '{') {\n#else\n    if (1) {\n#endif\n        puts(\"}\");\n    "
                "}\n}\n\nenum kind\nget_kind(void)\n{\n}\n"
                "struct x {\n    int a;\n};\nint f(int);\n",
                "(1)(5) 1:static void(12) 1:enum kind(4) 1:struct x(3) 1:int f(int);(1)");
    expect_code("Shop.java",
                "package a;\nimport b.C;\n\n/** A shop. */\n@Service(\"x\")\npublic class Shop {\n    private int days = "
                "30;\n\n    /** Pays {back}. */\n    "
                "@Override\n    public int refund(int a,\n                      int b) {\n        return '}' + a;\n    }\n\n   "
                " interface Part {\n        void "
                "go();\n    }\n}\n",
                "(2) 1:public class Shop(4) 2:public int refund(int a, int b)(6) 2:interface Part(4)");
    expect_code("a.js",
                "import x from 'x'\n\nconst go = async (a) => {\n  return `}${a}`\n}\n\nfunction test(s) {\n  return "
                "/[}\"]/.test(s) // {\n}\n\nexport default {\n"
                "  name: 'x',\n  go\n}\n",
                "(1) 1:const go = async (a) =>(3) 1:function test(s)(3) 1:export default(4)");
    expect_code("a.go",
                "package main\n\nimport (\n\t\"fmt\"\n)\n\n// Shop sells.\ntype Shop struct {\n\tdays int\n}\n\nfunc (s *Shop) "
                "Refund() int {\n\treturn s.days\n}\n",
                "(5) 1:type Shop struct(4) 1:func (s *Shop) Refund() int(3)");
    expect_code(
        "a.rs",
        "use a::b;\n\n#[derive(Debug)]\nstruct Shop<'a> {\n    name: &'a str,\n}\n\nimpl<'a> Shop<'a> {\n    /// Pays.\n    "
        "pub fn refund(&self) -> char "
        "{\n        '}'\n    }\n\n    fn close<'b>(&'b self) {}\n}\n",
        "(1) 1:struct Shop<'a>(4) 1:impl<'a> Shop<'a>(1) 2:pub fn refund(&self) -> char(4) 2:fn close<'b>(&'b self) {}(2)");
    expect_code("a.cs",
                "using A;\n\nnamespace Shop\n{\n    public class Till\n    {\n        public int Pay()\n        {\n            "
                "return 1;\n        }\n    }\n}\n",
                "(1) 1:namespace Shop(2) 2:public class Till(2) 3:public int Pay()(6)");
    expect_code("a.sql",
                "-- Shops.\nCREATE TABLE shop (\n  id int, -- ;)\n  name text DEFAULT ')'\n);\n\nINSERT INTO shop VALUES (1, "
                "'a;\n');\n",
                "1:CREATE TABLE shop ( id int, -- ;) name text DEFAULT ')' );(5) 1:INSERT INTO shop VALUES (1, 'a; ');(2)");
    expect_code("a.el", "(require 'x)\n\n;; Says.\n(defun say (text)\n  \"Doc (\"\n  (message text))\n",
                "(1) 1:(defun say (text) \"Doc (\" (message text))(4)");
    expect_code("a.cpp",
                "namespace a {\nclass Shop {\npublic:\n    int pay() { return 1; }\n    int days;\n};\n\nint Shop::x()\n{\n    "
                "return 2;\n}\n}\n",
                "(1) 1:class Shop(2) 2:int pay() { return 1; }(1) 2:int days;(2) 1:int Shop::x()(5)");
    expect_code("a.php", "<?php\n// x\nclass Shop\n{\n    function pay() { # }\n        return 1;\n    }\n}\n",
                "(2) 1:class Shop(2) 2:function pay() { # }(4)");
}

static void languages(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a/b.py", "", "python"},
        {"x.tsx", "", "typescript"},
        {"Makefile", "", "make"},
        {"run", "#!/usr/bin/env -S python3.11 -u\n", "python"},
        {"run", "#!/bin/sh", "shell"},
        {"a.txt", "#!/usr/bin/perl -w\n", "perl"},
        {"a.CPP", "", NULL},
        {"run", "#!", NULL},
        {"py", "", NULL},
        {"", "", NULL},
        {"a.h", "", "c"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *found = code_language(slice_from(cases[i][1]), cases[i][0]);
        if (cases[i][2] == NULL)
            assert_null(found);
        else
            assert_string_equal(found, cases[i][2]);
    }
    expect_code("a.py", "", "");
    expect_code("a.py", "\n\n", "");
    expect_code("a.c", "/* never ends\nint f(void)\n{\n}\n", "(4)");
    expect_code("a.c", "}}}}\nint f(void)\n{\n}\n", "(1) 1:int f(void)(3)");
}

/* Told parts are blocks, with what is told to be above them; what is between them is read as without. */
static void told_parts(void **state)
{
    (void)state;
    const char
        *shop = "import os\n\nLIMIT = 3\n\n# Pays.\n@cached\nclass Shop:\n    days = 30\n\n    # Says.\n    def say(self):\n"
                "        return 1\n\n    def pay(self): return 2\n\nprint(1)\ndef free():\n    pass\n";
    const struct code_part of_shop[] = {part_of(shop, 0, "# Pays", "class Shop", "return 2"),
                                        part_of(shop, 1, "# Says", "def say", "return 1"),
                                        part_of(shop, 1, "def pay", "def pay", "return 2")};
    expect_parts("a.py", shop, of_shop, 3,
                 "(3) 1:class Shop(4) 2:def say(self)(3) 2:def pay(self): return 2(1) 1:print(1)(1) 1:def free()(2)");
    /* which the scanner takes for one, and for none */
    const char *odd = "BEGIN_CALL(say)\n  return 1;\nEND_CALL\nint x;\nBEGIN_CALL(pay)\n  return \"{\";\nEND_CALL\n";
    const struct code_part of_odd[] = {part_of(odd, 0, "BEGIN_CALL(say", "BEGIN", "END_CALL"),
                                       part_of(odd, 0, "BEGIN_CALL(pay", "BEGIN", "END_CALL")};
    expect_parts("a.c", odd, of_odd, 2, "1:BEGIN_CALL(say)(3) 1:int x;(1) 1:BEGIN_CALL(pay)(3)");
    /* two in one line are one, and one that ends where the next begins gives way to it */
    const char *line = "int a() { return 1; } int b() {\n  return 2;\n}\n";
    const struct code_part of_line[] = {part_of(line, 0, "int a", "int a", "}"), part_of(line, 0, "int b", "int b", "2;\n}")};
    expect_parts("a.c", line, of_line, 2, "1:int a() { return 1; } int b()(1) 1:return 2;(2)");
}

/* A tree has the comment above the first member outside of what holds the members. */
static void comments_above_told_parts(void **state)
{
    (void)state;
    const char *shop = "class Shop\n  # Pays.\n  # Twice.\n  def pay\n    1\n  end\nend\n";
    const struct code_part of_shop[] = {part_of(shop, 0, "class", "class", "\nend"),
                                        part_of(shop, 1, "def pay", "def pay", "  end")};
    expect_parts("a.rb", shop, of_shop, 2, "1:class Shop(1) 2:def pay(6)");
    const char *two = "int f(void) {\n  return 1;\n  // last\n}\n// next\nint g(void) {}\n";
    const struct code_part of_two[] = {part_of(two, 0, "int f", "int f", "}"), part_of(two, 0, "int g", "int g", "}")};
    expect_parts("a.c", two, of_two, 2, "1:int f(void)(4) 1:int g(void) {}(2)");
}

/* What no parser would tell: each line is in a block once nevertheless, which expect_parts() looks at. */
static void parts_of_no_tree(void **state)
{
    (void)state;
    const char *text = "int a;\nint f(void)\n{\n}\nint g(void)\n{\n}\n";
    const struct code_part backward[] = {part_of(text, 0, "int g", "int g", "}"), part_of(text, 0, "int f", "int f", "}")};
    expect_parts("a.c", text, backward, 2, "(1) 1:int f(void)(3) 1:int g(void)(3)");
    const uint32_t size = (uint32_t)strlen(text);
    const struct code_part past[] = {{0, 0, size, 0}, {0, 7, size, 1}, {0, 7, 7, 9}, {size, size, size, 0}};
    expect_parts("a.c", text, past, 4, "1:int a;(1) 2:int f(void)(6)");
    const struct code_part nothing[] = {{0, 0, 0, 0}};
    expect_parts("a.py", "", nothing, 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_comments_behind_a_part),
                                       cmocka_unit_test(by_indentation),
                                       cmocka_unit_test(by_nesting),
                                       cmocka_unit_test(told_parts),
                                       cmocka_unit_test(comments_above_told_parts),
                                       cmocka_unit_test(parts_of_no_tree),
                                       cmocka_unit_test(languages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
