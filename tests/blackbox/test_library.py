"""The library, as a C program uses it: through assay.h and libassay, installed or not."""

import os
import shutil
import subprocess

import models
import pytest
from conftest import BINARY, ENVIRONMENT, ROOT, SANITIZED, check_streams

BUILD = BINARY.parent
COMPILER = shutil.which(os.environ.get("CC", "cc"))
SANITIZE = ["-fsanitize=address,undefined"] if SANITIZED else []
EXAMPLES = sorted((ROOT / "examples" / "c").glob("*.c"))

pytestmark = pytest.mark.skipif(
    COMPILER is None or not (BUILD / "include" / "libassay.so").exists(), reason="no compiler, or no library beside the program"
)

PROGRAM = r"""
#include <assay.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>
#undef NDEBUG

struct told { size_t count[6]; char last[256]; bool stop; struct assay_error error; };

static void on_document(void *context, enum assay_change change, const char *path, const struct assay_error *error)
{
    struct told *told = context;
    told->count[change]++;
    snprintf(told->last, sizeof(told->last), "%s", path);
    assert((error != NULL) == (change == ASSAY_FAILED || change == ASSAY_SKIPPED));
    if (error != NULL)
        told->error = *error;
}

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct told *told = context;
    assert(stage != NULL && done <= total);
    return !told->stop;
}

static bool on_listed(void *context, const struct assay_document *document)
{
    size_t *count = context;
    assert(strlen(document->sha256) == 64 && document->title[0] != '\0' && strcmp(document->format, "markdown") == 0);
    (*count)++;
    return *count < 2;
}

static void on_finding(void *context, const char *kind, const char *message)
{
    (void)message;
    if (strcmp(kind, "note") != 0)
        (*(size_t *)context)++;
}

static size_t search(struct assay *assay, const char *question, size_t k)
{
    struct assay_results *results = NULL;
    struct assay_error error;
    assert(assay_search(assay, question, &(struct assay_search_options){.k = k}, &results, &error));
    size_t count = assay_results_count(results);
    for (size_t i = 0; i < count; i++) {
        const struct assay_hit *hit = assay_results_hit(results, i);
        assert(hit->score > 0 && hit->text_size == strlen(hit->text) && hit->end > hit->start && hit->match_count > 0);
        for (size_t j = 0; j < hit->match_count; j++)
            assert(hit->matches[j].start < hit->matches[j].end && hit->matches[j].end <= hit->text_size);
    }
    assay_results_free(results);
    return count;
}

int main(int argc, char **argv)
{
    struct assay *assay = NULL, *reader = NULL, *third = NULL;
    struct assay_error error;
    struct assay_add_report report;
    struct told told = {0};
    assert(argc == 2);
    memset(&error, 0x5a, sizeof(error));

    assert(assay_version()[0] == '0' && assay_kernels()[0] != '\0');
    assert(strcmp(assay_error_kind_name(ASSAY_NOT_FOUND), "not_found") == 0);
    assert(strcmp(assay_error_kind_name(ASSAY_CANCELLED), "cancelled") == 0);
    assay_close(NULL);
    assay_results_free(NULL);

    /* nothing is there yet */
    assert(!assay_open(&assay, &(struct assay_open_options){.folder = argv[1]}, &error));
    assert(error.kind == ASSAY_NOT_FOUND && strstr(error.message, argv[1]) && error.hint[0] != '\0' && assay == NULL);

    assert(assay_create(argv[1], &error));
    assert(!assay_create(argv[1], &error) && error.kind == ASSAY_CONFLICT);
    assert(assay_open(&assay, &(struct assay_open_options){.folder = argv[1], .write = true}, &error));
    assert(strcmp(assay_folder(assay), argv[1]) == 0);
    assert(assay_open(&reader, &(struct assay_open_options){.folder = argv[1]}, &error));
    assert(!assay_open(&third, &(struct assay_open_options){.folder = argv[1], .write = true}, &error));
    assert(error.kind == ASSAY_CONFLICT && strstr(error.message, "assay library") && third == NULL);

    /* paths are relative to the working folder */
    const char *const paths[] = {"docs"};
    struct assay_add_options options = {
        .paths = paths, .path_count = 1, .on_document = on_document, .on_progress = on_progress, .context = &told};
    assert(search(assay, "zorbit", 5) == 0);
    assert(assay_add(assay, &options, &report, &error));
    assert(report.added == 3 && report.failed == 1 && report.skipped == 1 && report.passages == 3 && report.bytes > 0);
    assert(report.took_ms > 0 && report.updated == 0 && report.removed == 0);
    assert(told.count[ASSAY_ADDED] == 3 && told.count[ASSAY_FAILED] == 1 && told.count[ASSAY_SKIPPED] == 1);
    assert(search(assay, "zorbit", 0) == 3 && search(reader, "zorbit", 0) == 3 && search(reader, "zorbit", 2) == 2);
    assert(search(reader, "nowhere", 0) == 0);

    size_t listed = 0, findings = 0;
    assert(!assay_list(reader, on_listed, &listed, &error) && error.kind == ASSAY_CANCELLED && listed == 2);

    /* wrong questions */
    struct assay_results *results = NULL;
    static char large[70000];
    memset(large, 'x', sizeof(large) - 1);
    assert(!assay_search(reader, large, &(struct assay_search_options){0}, &results, &error));
    assert(error.kind == ASSAY_LIMIT && results == NULL);
    assert(!assay_search(reader, "\xff", &(struct assay_search_options){0}, &results, &error) && error.kind == ASSAY_INVALID);
    assert(!assay_search(reader, " ", &(struct assay_search_options){0}, &results, &error) && error.kind == ASSAY_INVALID);
    assert(!assay_search(reader, "x", &(struct assay_search_options){.k = 10001}, &results, &error));
    assert(error.kind == ASSAY_INVALID && results == NULL);
    assert(strlen(error.message) < sizeof(error.message) && strchr(error.message, '\n') == NULL);

    struct assay_tuned *tuned = NULL; /* what is for readers alone is refused before the data are looked at */
    const struct assay_tune_reader_options writer = {.common = {.data = "docs/a.md"}, .with_context = true};
    assert(!assay_tune_writer(reader, &writer, &tuned, &error) && error.kind == ASSAY_INVALID && tuned == NULL);
    assert(strstr(error.hint, "with_context") != NULL);

    /* again: nothing is new; then stopped; then removed */
    memset(&told, 0, sizeof(told));
    assert(assay_add(assay, &options, &report, &error) && report.added == 0 && report.unchanged == 3);
    assert(told.count[ASSAY_UNCHANGED] == 3);
    told.stop = true;
    assert(!assay_add(assay, &options, &report, &error) && error.kind == ASSAY_CANCELLED && error.hint[0] != '\0');
    const char *const gone[] = {"docs/none"}, *const one[] = {"docs/a.md"};
    assert(!assay_remove(assay, &(struct assay_add_options){.paths = gone, .path_count = 1}, &report, &error));
    assert(error.kind == ASSAY_NOT_FOUND);
    assert(assay_remove(assay, &(struct assay_add_options){.paths = one, .path_count = 1}, &report, &error));
    assert(report.removed == 1 && search(assay, "zorbit", 0) == 2 && search(reader, "zorbit", 0) == 2);

    struct assay_examine_report health;
    assert(assay_examine(reader, &(struct assay_examine_options){.on_finding = on_finding, .context = &findings}, &health, &error));
    assert(health.problems == 0 && findings == 0 && health.documents == 2);
    assert(assay_examine(assay, &(struct assay_examine_options){.repair = true}, &health, &error) && health.repaired == 0);
    assay_close(reader);
    assay_close(assay);
    assert(assay_open(&third, &(struct assay_open_options){.folder = argv[1], .write = true, .purpose = "p"}, &error));
    assay_close(third);
    puts("fine");
    return 0;
}
"""

MODEL = r"""
#include <assay.h>
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef NDEBUG

static struct assay_text text(const char *of)
{
    return (struct assay_text){of, strlen(of)};
}

static bool count_places(void *context, const struct assay_model_place *place)
{
    assert(place->folder[0] == '/' && place->source[0] != '\0');
    return ++*(size_t *)context < 1;
}

int main(int argc, char **argv)
{
    struct assay_model_place place;
    struct assay_model *model = NULL, *second = NULL;
    struct assay_error error;
    float vectors[3 * 384], single[384], score;
    size_t places = 0;
    assert(argc == 2);
    assay_model_close(NULL);

    assert(!assay_model_find("nowhere", NULL, &place, &error) && error.kind == ASSAY_NOT_FOUND && error.hint[0] != '\0');
    assert(!assay_model_open(&model, &(struct assay_model_options){.folder = "nowhere"}, &error) && model == NULL);
    assert(!assay_model_list(NULL, count_places, &places, &error) && error.kind == ASSAY_CANCELLED && places == 1);
    assert(assay_model_find(NULL, NULL, &place, &error) && strcmp(place.source, "folder") == 0);
    assert(assay_model_find(argv[1], NULL, &place, &error) && strcmp(place.source, "path") == 0);
    struct assay_model_options options = {.folder = place.folder, .precision = "f32", .threads = 1};
    assert(assay_model_open(&model, &options, &error));
    options.precision = "f64";
    assert(!assay_model_open(&second, &options, &error) && error.kind == ASSAY_INVALID && second == NULL);
    options = (struct assay_model_options){.folder = place.folder, .precision = "f32", .threads = 100000};
    assert(!assay_model_open(&second, &options, &error) && error.kind == ASSAY_LIMIT);

    const struct assay_model_info *info = assay_model_info(model);
    assert(info->dimensions == 384 && info->labels == 0 && info->threads == 1 && strcmp(info->precision, "f32") == 0);
    assert(strcmp(info->pooling, "mean") == 0 && info->normalized && info->tokens_max == 256 && info->prompt_count == 0);
    assert(info->parameters > info->linear_weights && info->linear_weights > 10000000);

    const struct assay_text texts[] = {text("a refund"), text(""), {"one\0two", 7}};
    assert(assay_model_embed(model, texts, 3, NULL, vectors, &error));
    assert(assay_model_embed(model, texts + 2, 1, NULL, single, &error));
    assert(memcmp(single, vectors + 2 * 384, sizeof(single)) == 0);
    assert(assay_model_embed(model, texts, 0, NULL, NULL, &error));
    assert(!assay_model_embed(model, texts, 1, "query", single, &error) && error.kind == ASSAY_NOT_FOUND);
    assert(!assay_model_score(model, texts, texts, 1, &score, &error) && error.kind == ASSAY_INVALID);
    const struct assay_text huge = {"", (size_t)1 << 40};
    assert(!assay_model_embed(model, &huge, 1, NULL, single, &error) && error.kind == ASSAY_LIMIT);

    /* another handle, other threads: the same bits */
    options.threads = 2;
    assert(assay_model_open(&second, &options, &error));
    assert(assay_model_embed(second, texts + 2, 1, NULL, vectors, &error));
    assert(memcmp(single, vectors, sizeof(single)) == 0);
    assay_model_close(second);

    const float *states;
    size_t rows;
    assert(assay_model_states(model, texts[0], &states, &rows, &error) && rows == 5 && isfinite(states[5 * 384 - 1]));
    assert(assay_model_states(model, texts[1], &states, &rows, &error) && rows == 2);

    struct assay_tokens tokens[3];
    struct assay_text word;
    assert(assay_model_tokenize(model, texts, 3, &(struct assay_tokenize_options){0}, tokens, &error));
    assert(tokens[0].count == 5 && tokens[1].count == 2 && tokens[0].special[0] == 1 && tokens[0].special[1] == 0);
    assert(tokens[0].starts[2] == 2 && tokens[0].ends[1] == 1 && tokens[0].ids[0] == 101);
    assert(assay_model_token(model, 101, &word) && word.size == 5 && memcmp(word.data, "[CLS]", 5) == 0);
    assert(!assay_model_token(model, 30522, &word) && !assay_model_token(model, UINT32_MAX, &word));
    assert(assay_model_tokenize(model, texts, 1, &(struct assay_tokenize_options){.tokens_max = 3, .bare = false}, tokens, &error));
    assert(tokens[0].count == 3);
    assert(assay_model_tokenize(model, texts, 1, &(struct assay_tokenize_options){.bare = true}, tokens, &error));
    assert(tokens[0].count == 3 && tokens[0].ids[0] == 1037);
    const uint32_t wrong = 30522, right = 1037;
    assert(assay_model_decode(model, &right, 1, false, &word, &error) && word.size == 1 && word.data[0] == 'a');
    assert(!assay_model_decode(model, &wrong, 1, false, &word, &error) && error.kind == ASSAY_INVALID);
    assay_model_close(model);
    puts("fine");
    return 0;
}
"""

WRONG_HANDLE = r"""
#include <assay.h>
#include <stdio.h>

/* What a reader may not do is an error, not a crash. */
int main(int argc, char **argv)
{
    struct assay *assay = NULL;
    struct assay_error error = {ASSAY_OK, "", ""};
    struct assay_add_report report;
    struct assay_examine_report health;
    (void)argc;
    if (!assay_create(argv[1], &error) || !assay_open(&assay, &(struct assay_open_options){.folder = argv[1]}, &error))
        return 1;
    if (assay_add(assay, &(struct assay_add_options){0}, &report, &error) || error.kind != ASSAY_INVALID)
        return 2;
    if (assay_examine(assay, &(struct assay_examine_options){.repair = true}, &health, &error) || error.kind != ASSAY_INVALID)
        return 3;
    const char *const paths[] = {"x"};
    if (assay_remove(assay, &(struct assay_add_options){.paths = paths, .path_count = 1}, &report, &error))
        return 4;
    puts(error.message);
    assay_close(assay);
    return 0;
}
"""


READER_MEMORY = r"""
#include <assay.h>
#include <stdio.h>
#include <string.h>

static char held[64] = "zorbit"; /* what the program holds: read from standard input, so that no file has it */

static void on_document(void *context, enum assay_change change, const char *path, const struct assay_error *error)
{
    (void)context;
    printf("%d %s\n", change, error != NULL ? error->message : path);
    fflush(stdout);
    (void)getchar(); /* its reader is there until all is added */
}

int main(int argc, char **argv)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_add_report report;
    (void)argc;
    puts("ready");
    fflush(stdout);
    if (fgets(held, sizeof(held), stdin) == NULL || !assay_create(argv[1], &error) ||
        !assay_open(&assay, &(struct assay_open_options){.folder = argv[1], .write = true}, &error))
        return 1;
    bool ok = assay_add(assay, &(struct assay_add_options){.on_document = on_document}, &report, &error);
    puts(ok ? "" : error.message);
    assay_close(assay);
    return !ok;
}
"""


def memory_of(process):
    """All that can be read of a process's memory."""
    parts = []
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1].startswith("r") and "[v" not in line:
                memory.seek(start)
                try:
                    parts.append(memory.read(end - start))
                except OSError:
                    pass
    return b"".join(parts)


def children_of(process):
    found = {}
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and int(open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[1]) == process:
                found[int(entry)] = open(f"/proc/{entry}/cmdline").read()
        except OSError:  # it has ended meanwhile
            pass
    return found


def compiled(folder, source, *flags, language="c"):
    path = folder / f"program.{language}"
    path.write_text(source)
    program = folder / "program"
    standard = [COMPILER, "-std=c17"] if language == "c" else [shutil.which("c++"), "-std=c++20"]
    done = subprocess.run([*standard, "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", *SANITIZE,
                           "-o", program, path, *flags], capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


def run(words, cwd, library):
    done = subprocess.run(words, cwd=cwd, capture_output=True, env={**ENVIRONMENT, "LD_LIBRARY_PATH": str(library)}, timeout=300)
    check_streams(words, done.returncode, done.stderr)
    assert done.returncode == 0, (done.returncode, done.stderr[-3000:])
    return done.stdout.decode()


def documents(folder):
    (folder / "docs").mkdir()
    for name, content in (("a.md", b"zorbit"), ("b.md", b"zorbit two"), ("c.md", b"zorbit three"), ("bad.md", b"\0"), ("d.png", b"\x89PNG\r\n\x1a\n\0")):
        (folder / "docs" / name).write_bytes(content)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The library below a folder of its own, and the flags that pkg-config gives for it."""
    folder = tmp_path_factory.mktemp("installed")
    if shutil.which("meson") is None or shutil.which("pkg-config") is None:
        pytest.skip("meson or pkg-config is not there")
    done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (pc,) = folder.rglob("assay.pc")
    env = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent), "PKG_CONFIG_SYSROOT_DIR": str(folder)}
    done = subprocess.run(["pkg-config", "--cflags", "--libs", pc.stem], env=env, check=True, capture_output=True, text=True)
    return folder, pc.parent.parent, done.stdout.split()


def test_library_of_the_build(tmp_path):
    documents(tmp_path)
    library = BUILD / "include"
    program = compiled(tmp_path, PROGRAM, f"-I{ROOT / 'include'}", f"-L{library}", "-lassay")
    assert run([program, tmp_path / "shop"], tmp_path, library) == "fine\n"


def test_installed_library(tmp_path, installed):
    documents(tmp_path)
    _, library, flags = installed
    program = compiled(tmp_path, PROGRAM, *flags)
    assert run([program, tmp_path / "shop"], tmp_path, library) == "fine\n"


def test_what_is_installed(installed):
    folder, library, _ = installed
    names = {path.name for path in folder.rglob("*")}
    assert {"assay", "assay.h", "libassay.so", "libassay.a", "assay.1", "assay-search.1"} <= names
    assert {path.name for path in folder.rglob("*.h")} == {path.name for path in (ROOT / "include").glob("*.h")}
    (program,) = (path for path in folder.rglob("bin/assay"))
    assert run([program, "version"], folder, library).startswith("assay ")


def test_only_the_header_is_exported(installed):
    _, library, _ = installed
    if shutil.which("nm") is None:
        pytest.skip("nm is not there")
    done = subprocess.run(["nm", "-D", "--defined-only", library / "libassay.so"], capture_output=True, text=True, check=True)
    names = {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}
    header = "".join(path.read_text() for path in (ROOT / "include").glob("*.h"))
    ours = {name for name in names if not name.startswith(("_", "__", "asan", "ubsan"))}
    assert ours and all(name.startswith("assay_") and f"{name}(" in header for name in ours), sorted(ours)


def test_a_reader_may_not_write(tmp_path):
    library = BUILD / "include"
    program = compiled(tmp_path, WRONG_HANDLE, f"-I{ROOT / 'include'}", f"-L{library}", "-lassay")
    assert run([program, tmp_path / "shop"], tmp_path, library).strip()


@models.needed
def test_models(tmp_path):
    library = BUILD / "include"
    (tmp_path / "models").symlink_to(models.FOLDER.parent)
    program = compiled(tmp_path, MODEL, f"-I{ROOT / 'include'}", f"-L{library}", "-lassay", "-lm")
    assert run([program, models.FOLDER], tmp_path, library) == "fine\n"


@pytest.mark.skipif(SANITIZED, reason="clang's sanitizers are in the program, and not in what loads the library alone")
@pytest.mark.parametrize("is_there", [True, False])
def test_memory_of_a_reader_within_a_program(tmp_path, is_there):
    """A library's readers start in a process of their own, too. Where the library's file is gone, they are forked from the program."""
    library, project = tmp_path / "a space", tmp_path / "project"
    library.mkdir()
    shutil.copy(BUILD / "include" / "libassay.so", library / "libassay.so.0")
    program = compiled(tmp_path, READER_MEMORY, "-I", ROOT / "include", "-L", BUILD / "include", "-lassay")
    (project / "docs").mkdir(parents=True)
    (project / "docs" / "letter.eml").write_text("From: a@example.com\nTo: b@example.com\nSubject: Greeting\n\nGood morning.\n")
    canary = os.urandom(20).hex()
    environment = {**ENVIRONMENT, "PROVIDER_KEY": canary, "LD_LIBRARY_PATH": str(library)}
    words = [program, project]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as running:
        assert running.stdout.readline() == "ready\n"
        if not is_there:
            (library / "libassay.so.0").unlink()
        print(canary, file=running.stdin, flush=True)
        assert running.stdout.readline() == "0 docs/letter.eml\n"
        children = children_of(running.pid)
        assert canary.encode() in memory_of(running.pid)
        held = {process: canary.encode() in memory_of(process) for process in children}
        running.stdin.close()
        assert running.wait(60) == 0
    assert len(held) == (2 if is_there else 1), children  # what it is forked from, and the reader
    assert list(held.values()) == [not is_there] * len(held)
    assert all(("assay-readers" in words) == is_there for words in children.values())


def test_header_in_cplusplus(tmp_path):
    if shutil.which("c++") is None:
        pytest.skip("c++ is not there")
    library = BUILD / "include"
    source = '#include <assay.h>\n#include <cstdio>\nint main() { std::puts(assay_version()); }\n'
    program = compiled(tmp_path, source, f"-I{ROOT / 'include'}", f"-L{library}", "-lassay", language="cc")
    assert run([program], tmp_path, library).startswith("0.")


@pytest.mark.parametrize("example", EXAMPLES or [None], ids=lambda path: path.stem if path else "none")
def test_examples(tmp_path, installed, example):
    if example is None:
        pytest.skip("there is no example in C yet")
    documents(tmp_path)
    _, library, flags = installed
    program = compiled(tmp_path, example.read_text(), *flags)
    if example.stem == "embed" and not models.FOLDER.exists():
        pytest.skip("models/ is empty: scripts/setup fetches the model")
    about = models.FOLDER if example.stem == "embed" else tmp_path / "docs"
    if example.stem == "search":
        refused = subprocess.run([program, about, "zorbit"], cwd=tmp_path, env={**ENVIRONMENT, "LD_LIBRARY_PATH": str(library)}, capture_output=True, text=True)
        assert refused.returncode == 1 and "is not a project" in refused.stderr and not (about / "assay.yaml").exists(), refused
        subprocess.run([BINARY, "init", "--quiet", about], check=True, env=ENVIRONMENT)
    assert "zorbit" in run([program, about, "zorbit"], tmp_path, library)
