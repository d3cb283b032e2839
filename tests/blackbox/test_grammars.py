"""Source code is cut where tree-sitter's grammars say, in what the program's own scanner gets wrong; a grammar that is broken, hostile or not to be
trusted costs no document. Grammars are those that Python's packages have (tests/requirements.txt); what breaks is made of one of them."""

import contextlib
import ctypes
import importlib.util
import os
import pathlib
import shutil
import sqlite3
import subprocess
import zipfile

import pytest
from conftest import NOBODY, SANITIZED

# What is read, and the passages' headings, with the lines of each. The scanner finds others, but where `alike`.
CODE = {
    ("python", "a.py"): (
        'if LIMIT:\n    def second(): return """\ndef not_one():\n    pass\n"""\n\nasync def third(x):\n    if x: return \\\n0\n    return 2\n',
        ["(1)", 'def second(): return """(4)', "async def third(x)(4)"],
    ),
    ("c", "a.c"): (
        "// Not this: \\\nint no(void) {\nint yes(void)\n{\n    return 1;\n}\n\n/* Sells. */\nstruct shop {\n    int days;\n};\n",
        ["int yes(void)(6)", "struct shop(4)"],
    ),
    ("cpp", "a.cpp"): (
        'const char *text = R"x(\nclass No {\n)x";\n\ntemplate <typename T>\nclass Shop {\npublic:\n    Shop() : days(30) { }\n    int pay() const\n'
        "    {\n        return 1;\n    }\n};\n\nint late()\n{\n    return 1;\n}\n",
        ['const char *text = R"x( class No(3)', "class Shop(3)", "class Shop > Shop() : days(30) { }(1)", "class Shop > int pay() const(5)", "int late()(4)"],
    ),
    ("c-sharp", "a.cs"): (
        'namespace Shop\n{\n    public class Till\n    {\n        private string path = @"C:\\";\n\n        /// Pays.\n        [Fact]\n        public int Pay()\n'
        "        {\n            return 1;\n        }\n        public int Days { get; set; }\n        public void Close()\n        {\n        }\n    }\n}\n",
        ["(2)", "public class Till(3)", "public class Till > public int Pay()(6)", "public class Till > public int Days { get; set; }(1)",
         "public class Till > public void Close()(5)"],
    ),  # fmt: skip
    ("java", "A.java"): (
        "public class A {\n    @Override public int pay() {\n        return 1;\n    }\n\n    // Closes.\n    @Override public int close() {\n        return 2;\n    }\n}\n\n// Says.\n@interface Mark {\n    int value();\n}\n",
        ["public class A(1)", "public class A > @Override public int pay()(3)", "public class A > @Override public int close()(5)",
         "@interface Mark(4)"],
    ),
    ("go", "a.go"): (
        "package main\n\n// Shop sells.\ntype Shop struct {\n\tdays int\n}\n\nfunc (s *Shop) Pay() int {\n\treturn s.days\n}\n",
        ["(1)", "type Shop struct(4)", "func (s *Shop) Pay() int(3)"],
    ),
    ("rust", "a.rs"): (
        "const TEXT: &str = r#\"\nfn no() { \"\n\"#;\n\n/// Sells.\n#[derive(Debug)]\npub struct Shop<'a> {\n    name: &'a str,\n}\n\nimpl<'a> Shop<'a> {\n"
        "    pub fn pay(&self) -> char {\n        '{'\n    }\n\n    fn close(&self) {}\n}\n",
        ['const TEXT: &str = r#"(3)', "pub struct Shop<'a>(5)", "impl<'a> Shop<'a>(1)", "impl<'a> Shop<'a> > pub fn pay(&self) -> char(3)",
         "impl<'a> Shop<'a> > fn close(&self) {}(2)"],
    ),  # fmt: skip
    ("javascript", "a.js"): (
        "function first(x) {\n  if (x) /}/.test(x);\n  return 1;\n}\n\nclass Shop {\n  pay() { return 1; }\n}\n",
        ["function first(x)(4)", "class Shop(1)", "class Shop > pay() { return 1; }(2)"],
    ),
    ("typescript", "a.ts"): (
        'export class Shop {\n  pay(x: string): boolean {\n    if (x) /{/.test(x);\n    return true;\n  }\n  late<T>(x: T): T {\n    if (x) /}/.test("");\n'
        "    return x;\n  }\n}\n",
        ["export class Shop(1)", "export class Shop > pay(x: string): boolean(4)", "export class Shop > late<T>(x: T): T(5)"],
    ),
    ("tsx", "b.tsx"): (
        "export function Page(x: string) {\n  return <p>don't {\n    x}</p>;\n}\n\nfunction other() {\n  return 1;\n}\n",
        ["export function Page(x: string)(4)", "function other()(3)"],
    ),
    ("php", "a.php"): (
        "<?php\n$text = <<<EOT\nfunction no() {\nEOT;\n\n/** Sells. */\nclass Shop\n{\n    /** Pays. */\n    public function pay(): int\n    {\n        return 1;\n"
        '    }\n}\n\nfunction free_one($a)\n{\n    return "}";\n}\n',
        ["<?php(4)", "class Shop(3)", "class Shop > public function pay(): int(6)", "function free_one($a)(4)"],
    ),
    ("ruby", "a.rb"): (
        "class Shop\n# Pays.\ndef pay\n1\nend\n\ndef close\n2\nend\nend\n",
        ["class Shop(1)", "class Shop > def pay(4)", "class Shop > def close(4)"],
    ),
    ("bash", "a.sh"): (
        "say() {\necho 1\n}\n\n# Pays.\npay() {\necho 2\n}\n",
        ["say()(3)", "pay()(4)"],
    ),
}  # fmt: skip
ALIKE = {"go", "tsx"}  # the scanner finds these too


LIBRARIES = ["libtree-sitter.so.0", *(f"libtree-sitter.so.0.{version}" for version in range(20, 27))]

# A grammar made of Python's, whose tables it has: its first words are version, …; the function that reads the next word of a text lies behind 13 pointers.
BROKEN = r"""
#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#if defined(AT_LOAD)
__attribute__((constructor)) static void load(void) { AT_LOAD; }
#endif
#if defined(AT_READ)
static _Bool read_word(void *lexer, unsigned short state) { (void)lexer; (void)state; AT_READ; return 0; }
#endif
const void *tree_sitter_python(void)
{
    static _Alignas(8) unsigned char language[256];
    const void *(*find)(void) = dlsym(dlopen(REAL, RTLD_LAZY), "tree_sitter_python");
    memcpy(language, find(), 232);
#if defined(VERSION)
    memcpy(language, &(unsigned){VERSION}, sizeof(unsigned));
#endif
#if defined(AT_READ)
    memcpy(language + 40 + 13 * 8, &(_Bool(*)(void *, unsigned short)){read_word}, sizeof(void *));
#endif
    return language;
}
"""
CRASH = "_exit(3)" if SANITIZED else "*(volatile int *)16 = 0"  # a crash is a sanitizer's finding
SOURCE, WITHOUT, WITH = "def first(x):\n    return \\\n0\n", ["def first(x)(2)", "0(1)"], ["def first(x)(3)"]


def has_library():
    for name in LIBRARIES:
        try:
            return bool(ctypes.CDLL(name))
        except OSError:
            pass
    return False


def module_of(grammar):
    """The file of a grammar, or None."""
    spec = importlib.util.find_spec("tree_sitter_" + {"tsx": "typescript"}.get(grammar, grammar).replace("-", "_"))
    return spec and pathlib.Path(spec.submodule_search_locations[0]) / "_binding.abi3.so"


def take(folder, grammar):
    module = module_of(grammar)
    if module is None:
        pytest.skip(f"the grammar {grammar} is not in .venv: scripts/setup installs it, where there is one for this processor")
    shutil.copy(module, folder / f"libtree-sitter-{grammar}.so")


def make_broken(folder, **defined):
    """A grammar for Python that is as good as the real one but for what is defined."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if module_of("python") is None or compiler is None:
        pytest.skip("no compiler, or Python's grammar is not in .venv: scripts/setup installs them")
    (folder / "broken.c").write_text(BROKEN)
    words = [f"-D{name}={value}" for name, value in {"REAL": f'"{module_of("python")}"', **defined}.items()]
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "libtree-sitter-python.so", folder / "broken.c", *words], check=True)


@pytest.fixture
def folder(tmp_path):
    """For grammars, of which there are none but those that a test puts there."""
    if not has_library():
        pytest.skip("libtree-sitter is not on this machine: apt-get install libtree-sitter0")
    made = tmp_path / "grammars"
    made.mkdir()
    return made


def add(project, folder, *words):
    """The notes of `add`, which takes every document."""
    report = project.add(*words, env={"ASSAY_GRAMMARS": str(folder), "HOME": str(project.path)})
    assert report["failed"] == []
    return [(note["path"], note["message"]) for note in report["notes"]]


def passages(project, path):
    """The passages of a document as "HEADING > HEADING(LINES)"."""
    with contextlib.closing(sqlite3.connect(project.database)) as database:
        rows = database.execute("SELECT headings, line_end - line + 1 FROM passages WHERE document = (SELECT id FROM documents WHERE path = ?)"
                                " ORDER BY start", (path,))  # fmt: skip
        return [f"{' > '.join(found.split(chr(31)))}({lines})" for found, lines in rows]


def is_parsed(project, path):
    with contextlib.closing(sqlite3.connect(project.database)) as database:
        ((reason,),) = database.execute("SELECT text FROM metadata JOIN documents ON id = document WHERE path = ? AND key = 'passage_unit_reason'",
                                        (path,))  # fmt: skip
    return reason.endswith(", functions by tree-sitter")


# ---- what grammars are for ----


@pytest.mark.parametrize(("grammar", "name"), CODE)
def test_code_is_cut_where_the_grammar_says(project, folder, grammar, name):
    text, wanted = CODE[grammar, name]
    take(folder, grammar)
    project.write(f"docs/{name}", text)
    assert add(project, folder) == []
    assert passages(project, f"docs/{name}") == wanted
    assert is_parsed(project, f"docs/{name}")


def test_code_in_another_encoding_with_a_nul_is_read_once(project, folder):
    text, wanted = CODE["python", "a.py"]
    take(folder, "python")
    (project.path / "docs").mkdir(exist_ok=True)
    (project.path / "docs" / "a.py").write_bytes(("\ufeff# A nul: \0\n" + text).encode("utf-16-le"))
    assert ("docs/a.py", "it was read as utf-16le") in add(project, folder)
    assert passages(project, "docs/a.py") == ["(2)", *wanted[1:]]


def test_without_grammars_the_scanner_cuts(project, folder):
    for (_, name), (text, _) in CODE.items():
        project.write(f"docs/{name}", text)
    assert add(project, folder) == []
    for (grammar, name), (_, wanted) in CODE.items():
        assert (passages(project, f"docs/{name}") == wanted) == (grammar in ALIKE), name
        assert not is_parsed(project, f"docs/{name}")


def test_each_language_of_a_pile_has_its_grammar(project, folder):
    """Beside documents of other kinds, in archives, in another encoding, and for readers that differ."""
    take(folder, "python")
    take(folder, "c")
    project.settings("embedding: none\naccess:\n  labels: from-folder\n")
    (code, wanted), (other, wanted_of_other) = CODE["c", "a.c"], CODE["python", "a.py"]
    project.write("docs/a.c", code)
    project.write("docs/b.md", "# Title\n\nText.\n")
    project.write("docs/own/a.c", code + "\n")
    project.write("docs/own/a.py", ("# Zürich\n\n" + other).encode("utf-16"))
    with zipfile.ZipFile(project.path / "docs/all.zip", "w") as archive:
        archive.writestr("inner.py", other)
    assert [path for path, _ in add(project, folder)] == ["docs/own/a.py"]  # that it was read as UTF-16
    assert passages(project, "docs/a.c") == passages(project, "docs/own/a.c") == wanted
    assert passages(project, "docs/all.zip/inner.py") == wanted_of_other
    assert passages(project, "docs/own/a.py")[1:] == wanted_of_other


def test_what_is_too_large_is_cut_without(project, folder):
    take(folder, "python")
    project.write("docs/a.py", SOURCE + "# x\n" * (2 << 20))
    ((path, message),) = add(project, folder)
    assert path == "docs/a.py" and message == "it is larger than the 8 MiB that tree-sitter is given, so it was cut without its grammar"
    assert not is_parsed(project, "docs/a.py") and passages(project, "docs/a.py")[:1] == WITHOUT[:1]


# ---- what may be wrong with them ----


def add_three(project, folder):
    """Three files of source code: the notes, and how each was cut."""
    for name in "abc":
        project.write(f"docs/{name}.py", f"{SOURCE}# {name}\n")
    notes = add(project, folder)
    return notes, [passages(project, f"docs/{name}.py")[:1] for name in "abc"]


def expect_useless(project, folder, *parts):
    """It is told once, with the first file, and all are cut without."""
    notes, cut = add_three(project, folder)
    ((_, message),) = notes
    assert message.startswith('the grammar "python" of tree-sitter is not used, so code is cut without it, here and in other files: '), message
    for part in parts:
        assert part in message
    assert cut == [WITHOUT[:1]] * 3


def test_what_is_made_of_a_grammar_works(project, folder):
    """So what fails below fails for what is defined there."""
    make_broken(folder, VERSION=14)
    assert add_three(project, folder) == ([], [WITH] * 3)


def test_a_file_that_is_no_library(project, folder):
    (folder / "libtree-sitter-python.so").write_text("INPUT(libc.so.6)\n")
    expect_useless(project, folder, "it is no library that can be loaded", "libtree-sitter-python.so: ")


def test_a_library_without_the_function(project, folder):
    take(folder, "c")
    (folder / "libtree-sitter-c.so").rename(folder / "libtree-sitter-python.so")
    expect_useless(project, folder, f'"{folder}/libtree-sitter-python.so" has no function tree_sitter_python')


@pytest.mark.parametrize("version", [9, 4000])
def test_another_version(project, folder, version):
    make_broken(folder, VERSION=version)
    expect_useless(project, folder, "is made for another version of tree-sitter than the library that is installed")


def test_the_next_place_is_asked(project, folder):
    """One that is of no use is passed over, without a word when another one is."""
    make_broken(folder, VERSION=4000)
    second = folder.with_name("second")
    second.mkdir()
    take(second, "python")
    assert add_three(project, f"{folder}:{second}") == ([], [WITH] * 3)


def test_a_crash_while_it_is_loaded(project, folder):
    make_broken(folder, AT_LOAD=CRASH)
    expect_useless(project, folder, "code 3" if SANITIZED else "crashed (Segmentation fault)")


def test_a_crash_while_it_reads(project, folder):
    """Each file is told, and after the third one in a row the grammar is left alone."""
    make_broken(folder, AT_READ=CRASH)
    for number in range(12):
        project.write(f"docs/{number}.py", f"{SOURCE}# {number}\n")
    messages = [message for _, message in add(project, folder)]
    failed = [message for message in messages if 'the grammar "python" of tree-sitter did not read it, so it was cut without: ' in message]
    (given_up,) = [message for message in messages if message not in failed]
    assert 3 <= len(failed) <= 2 + max(2, os.cpu_count()) and ("code 3" if SANITIZED else "Segmentation fault") in failed[0]
    assert given_up.endswith("here and in other files: it failed on 3 files in a row")
    assert all(passages(project, f"docs/{number}.py")[:1] == WITHOUT[:1] for number in range(12))


def test_a_grammar_that_never_ends(project, folder):
    make_broken(folder, AT_READ="for (;;)")
    project.write("docs/a.py", SOURCE)
    ((path, message),) = add(project, folder)
    assert path == "docs/a.py" and "did not read it, so it was cut without: its reader was stopped after 5 s" in message
    assert passages(project, "docs/a.py") == WITHOUT


def test_what_it_does_while_it_is_loaded_is_confined(project, folder, tmp_path):
    """It may open files to read them, which takes libraries, and not write one."""
    mark = tmp_path / "mark"
    write = f'if(open("{mark}",O_WRONLY|O_CREAT,0600)>=0)_exit(3);if(open("/proc/self/maps",O_RDONLY)<0)_exit(4)'
    make_broken(folder, AT_LOAD=write)
    assert add_three(project, folder) == ([], [WITH] * 3)
    assert not mark.exists()


# ---- whose they may be ----


@pytest.mark.parametrize("place", ["file", "folder", "above", "link", "owner"])
def test_what_others_can_change_is_not_run(project, folder, tmp_path, place):
    make_broken(folder, AT_LOAD="_exit(3)")
    grammar, named = folder / "libtree-sitter-python.so", folder
    if place == "file":
        grammar.chmod(0o666)
    elif place == "folder":
        folder.chmod(0o777)
    elif place == "above":
        named = tmp_path / "open" / "inner"
        named.mkdir(parents=True)
        grammar = grammar.rename(named / grammar.name)
        named.parent.chmod(0o777)
    elif place == "link":
        folder.chmod(0o777)
        named = tmp_path / "links"
        named.mkdir()
        (named / grammar.name).symlink_to(grammar)
    elif os.getuid() != 0:
        pytest.skip("only root can give a file away")
    else:
        os.chown(grammar, NOBODY, NOBODY)
    expect_useless(project, named, "is not run, because others than you can change", str(grammar if place in ("file", "owner") else folder if place != "above" else named.parent))
