/* models.c - where models lie, and bringing one there.
 *
 *   PROJECT/models/NAME/                 a project's own, fetched by scripts/setup or brought by `assay model add`
 *   ./models/NAME/                       outside a project
 *   ~/.local/share/assay/models/NAME/    the user's (or below $XDG_DATA_HOME)
 *   PREFIX/share/assay/models/NAME/      of the installation, found from where the program or library lies (or $ASSAY_MODELS)
 *
 * A new one is copied to .NAME.new-PID beside its place, synced, tried there and then renamed: a model is whole or not there. */
#include "codec/codec.h"
#include "parts.h"
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUILTIN "builtin"
#define BUILTIN_NAME "all-MiniLM-L6-v2"
#define ADD_HINT "Run scripts/setup, or `assay model add PATH`."

enum { PLACES_MAX = 4, PLACE_PROJECT = 0, NAME_BYTES = 80 };

/* Folders that hold models, in the order in which they are looked through. */
struct places {
    struct {
        const char *source, *folder;
    } items[PLACES_MAX];
    size_t count;
    bool in_project; /* then the first is the project's */
};

static void add_place(struct places *places, const char *source, const char *folder)
{
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].folder, folder) == 0)
            return;
    places->items[places->count].source = source;
    places->items[places->count++].folder = folder;
}

/* The folder of the user's models; NULL when there is no home. */
static const char *user_models(struct arena *arena)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data != NULL && data[0] == '/')
        return arena_format(arena, "%s/assay/models", data);
    return home != NULL && home[0] == '/' ? arena_format(arena, "%s/.local/share/assay/models", home) : NULL;
}

/* Beside the program or library that this code is part of: PREFIX/bin/assay, PREFIX/lib/libassay.so, PREFIX/lib/TRIPLET/libassay.so; or
 * build/assay of a source tree, whose models/ must belong to whoever built it: a folder for everybody may be above. `witness` stands in the
 * right one. NULL: none there. */
static const char *installed_folder(const char *stated, const char *name, const char *witness, struct arena *arena)
{
    static const char *const ways[] = {"../share/assay", "../../share/assay", "..", "../.."};
    enum { OF_SOURCE_TREE = 2 };
    struct stat program, status;
    Dl_info info;
    char path[PATH_MAX];
    if (stated != NULL)
        return stated[0] == '/' ? stated : NULL;
    if (dladdr(BUILTIN_NAME, &info) == 0 || info.dli_fname == NULL)
        return NULL;
    /* Of a program that is no library the name is as it was called: perhaps without its folder. */
    const char *self = strchr(info.dli_fname, '/') != NULL ? info.dli_fname : "/proc/self/exe";
    if (realpath(self, path) == NULL || stat(path, &program) != 0)
        return NULL;
    const char *own = arena_text(arena, path_folder(path));
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        const char *folder = path_normal(arena, own, arena_format(arena, "%s/%s", ways[i], name));
        bool is_trusted = stat(folder, &status) == 0 && (i < OF_SOURCE_TREE || status.st_uid == program.st_uid);
        if (is_trusted && file_exists(path_join(arena, folder, witness)))
            return folder;
    }
    return NULL;
}

static const char *installed_models(struct arena *arena)
{
    return installed_folder(getenv("ASSAY_MODELS"), "models", BUILTIN_NAME "/config.json", arena);
}

const char *adapters_folder(struct arena *arena, const char *root)
{
    return path_join(arena, root, PROJECT_STATE "/adapters");
}

bool model_is_builtin(const char *name)
{
    return strcmp(name, BUILTIN) == 0 || strcmp(name, MODEL_WRITER) == 0;
}

bool adapter_find(const char *name, const char *root, struct arena *arena, const char **folder, struct error *error)
{
    static const char file[] = "adapter_config.json";
    const char *witness = arena_format(arena, "%s/%s", name, file);
    const char *own = root != NULL ? adapters_folder(arena, root) : NULL;
    const char *installed = installed_folder(getenv("ASSAY_ADAPTERS"), "adapters", witness, arena);
    const char *const places[] = {own, installed};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        if (places[i] != NULL && file_exists(path_join(arena, places[i], witness))) {
            *folder = path_join(arena, places[i], name);
            return true;
        }
    error_set(error, ERROR_NOT_FOUND, "there is no %s: no adapter \"%s\" in the project or beside the program", name, name);
    return error_hint(error, "`assay tune %s` makes one from %s.", strcmp(name, "reranker") == 0 ? "rerank" : name,
                      strcmp(name, "reranker") == 0 ? "questions with texts that answer them" : "questions on passages");
}

static bool find_places(const char *project, struct arena *arena, struct places *places, struct error *error)
{
    const char *root, *working, *user = user_models(arena), *installed = installed_models(arena);
    struct error ignored;
    *places = (struct places){0};
    if (!working_folder(arena, &working, error))
        return false;
    places->in_project = project_locate(project, arena, &root, project != NULL ? error : &ignored);
    if (project != NULL && !places->in_project)
        return false;
    if (places->in_project)
        add_place(places, "project", arena_format(arena, "%s/models", root));
    add_place(places, "folder", path_join(arena, working, "models"));
    if (user != NULL)
        add_place(places, "user", user);
    if (installed != NULL)
        add_place(places, "installation", installed);
    return true;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_model(struct arena *arena, const char *folder)
{
    return file_exists(path_join(arena, folder, "config.json"));
}

/* Which forms of weights the names of files tell of. */
struct kinds {
    bool safetensors, torch, gguf, onnx;
    char other[NAME_BYTES]; /* a file in one of the other forms */
};

static bool note_kind(void *context, const char *name, struct error *error)
{
    struct kinds *kinds = context;
    struct slice ending = path_extension(name);
    (void)error;
    bool is_torch = slice_equal_text(ending, "bin") || slice_equal_text(ending, "pt") || slice_equal_text(ending, "pth");
    bool is_gguf = slice_equal_text(ending, "gguf"), is_onnx = slice_equal_text(ending, "onnx");
    kinds->safetensors = kinds->safetensors || slice_equal_text(ending, "safetensors");
    kinds->torch = kinds->torch || is_torch;
    kinds->gguf = kinds->gguf || is_gguf;
    kinds->onnx = kinds->onnx || is_onnx;
    if (is_torch || ((is_gguf || is_onnx) && !kinds->torch))
        snprintf(kinds->other, sizeof(kinds->other), "%s", name);
    return true;
}

static bool hint_for(const struct kinds *kinds, struct error *error)
{
    if (kinds->torch)
        return error_hint(error, "Weights are read from safetensors; in Python: "
                                 "AutoModel.from_pretrained(FOLDER).save_pretrained(NEW, safe_serialization=True).");
    if (kinds->gguf)
        return error_hint(error, "GGUF is not read; take the model's folder with config.json and model.safetensors.");
    if (kinds->onnx)
        return error_hint(error, "ONNX is not read; take the model's folder with config.json and model.safetensors.");
    return error_hint(error, "A model is a folder with config.json, model.safetensors and tokenizer.json.");
}

bool models_check(const char *folder, struct error *error)
{
    struct kinds kinds = {0};
    struct arena arena;
    bool ok = true;
    arena_init(&arena);
    if (!folder_list(folder, note_kind, &kinds, error)) {
        ok = false;
    } else if (!kinds.safetensors) {
        ok = error_set(error, ERROR_INVALID, "\"%s\" is not a model: it holds no weights in safetensors%s%s", folder,
                       kinds.other[0] != '\0' ? ", only " : "", kinds.other);
        hint_for(&kinds, error);
    } else if (!is_model(&arena, folder)) {
        ok = error_set(error, ERROR_INVALID, "\"%s\" is not a model: it has no config.json", folder);
        hint_for(&(struct kinds){0}, error);
    }
    arena_release(&arena);
    return ok;
}

/* A file was named where a folder is wanted. */
static bool refuse_file(const char *path, struct error *error)
{
    struct kinds kinds = {0};
    note_kind(&kinds, path, error);
    struct slice parent = path_folder(path);
    error_set(error, ERROR_INVALID, "model \"%s\" is a file, and a model is a folder", path);
    if (kinds.safetensors)
        return error_hint(error, "Name the folder it lies in: " SLICE_FORMAT, SLICE_ARGUMENT(parent));
    return hint_for(&kinds, error);
}

static bool refuse_name(const char *name, const struct places *places, struct error *error)
{
    struct buffer looked;
    buffer_init(&looked, 4 * LIMIT_PATH_BYTES);
    for (size_t i = 0; i < places->count; i++)
        buffer_format(&looked, "%s%s", i > 0 ? ", " : "", places->items[i].folder);
    error_set(error, ERROR_NOT_FOUND, "no model named \"%s\": looked in %s", name, buffer_text(&looked));
    buffer_release(&looked);
    return error_hint(error, ADD_HINT);
}

bool models_find(const char *name, const char *project, struct arena *arena, struct model_place *place, struct error *error)
{
    struct places places;
    bool is_builtin = strcmp(name, BUILTIN) == 0, is_path = strchr(name, '/') != NULL || name[0] == '.';
    if (is_builtin)
        name = BUILTIN_NAME;
    bool is_there = !is_builtin && is_folder(name);
    if (!is_builtin && file_exists(name) && !is_there)
        return refuse_file(name, error);
    if (!find_places(project, arena, &places, error))
        return false;
    if (is_there && (is_path || is_model(arena, name))) {
        *place = (struct model_place){"path", arena_text(arena, slice_from(name))};
        return models_check(name, error);
    }
    for (size_t i = 0; name[0] != '\0' && !is_path && i < places.count; i++) {
        const char *folder = path_join(arena, places.items[i].folder, name);
        if (is_model(arena, folder)) {
            *place = (struct model_place){places.items[i].source, folder};
            return models_check(folder, error);
        }
    }
    if (is_there) { /* what it lacks is told */
        *place = (struct model_place){"path", arena_text(arena, slice_from(name))};
        return models_check(name, error);
    }
    if (is_path) {
        error_set(error, ERROR_NOT_FOUND, "there is no model folder \"%s\"", name);
        return error_hint(error, ADD_HINT);
    }
    return refuse_name(name, &places, error);
}

bool models_find_base(const char *adapter, const char *project, struct arena *arena, const char **folder, struct error *error)
{
    const char *path = path_join(arena, adapter, "adapter_config.json");
    struct buffer bytes;
    struct json_value root;
    const struct json_value *base = NULL;
    struct model_place place = {0};
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    bool is_read = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &bytes, error) &&
                   json_read(buffer_slice(&bytes), path, arena, &root, error) &&
                   json_member(&root, path, "base_model_name_or_path", JSON_TEXT, &base, error);
    const char *name = base != NULL ? arena_text(arena, base->text) : BUILTIN;
    buffer_release(&bytes);
    if (!is_read)
        return false;
    if (is_model(arena, name)) {
        *folder = name;
        return true;
    }
    if (!models_find(arena_text(arena, path_name(name)), project, arena, &place, error))
        return error_wrap(error, "could not find the base of adapter \"%s\"", adapter);
    *folder = place.folder;
    return true;
}

bool models_find_base_of(const char *name, const char *adapter, const char *project, struct arena *arena, const char **folder,
                         struct error *error)
{
    const char *installed;
    struct error why, none;
    *folder = NULL;
    if (models_find_base(adapter, project, arena, folder, &why))
        return true;
    if (why.kind == ERROR_NOT_FOUND && adapter_find(name, NULL, arena, &installed, &none) && strcmp(adapter, installed) == 0)
        return true;
    *error = why;
    return false;
}

struct names {
    struct arena *arena;
    const char *folder;
    const char **items;
    size_t count, capacity;
};

static bool note_name(void *context, const char *name, struct error *error)
{
    struct names *names = context;
    (void)error;
    if (name[0] == '.' || !is_model(names->arena, path_join(names->arena, names->folder, name)))
        return true;
    names->items = arena_more(names->arena, names->items, names->count, &names->capacity, sizeof(*names->items));
    names->items[names->count++] = arena_text(names->arena, slice_from(name));
    return true;
}

static int by_name(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

bool models_each(const char *project, bool (*each)(void *context, const struct model_place *place, struct error *error),
                 void *context, struct error *error)
{
    struct arena arena;
    struct places places;
    arena_init(&arena);
    bool ok = find_places(project, &arena, &places, error);
    for (size_t i = 0; ok && i < places.count; i++) {
        struct names names = {.arena = &arena, .folder = places.items[i].folder};
        if (!is_folder(names.folder))
            continue;
        ok = folder_list(names.folder, note_name, &names, error);
        if (ok && names.count > 0)
            qsort(names.items, names.count, sizeof(*names.items), by_name);
        for (size_t j = 0; ok && j < names.count; j++)
            ok = each(context, &(struct model_place){places.items[i].source, path_join(&arena, names.folder, names.items[j])},
                      error);
    }
    arena_release(&arena);
    return ok;
}

/* ---- bringing one in ---- */

/* What a model needs, with what tells its licence and what it is for. Code and weights in other forms are never copied. */
static bool is_wanted(const char *name)
{
    static const struct {
        const char *start, *end;
    } forms[] = {{"config", ".json"},
                 {"sentence_", ".json"},
                 {"tokenizer", ".json"},
                 {"modules", ".json"},
                 {"special_tokens_map", ".json"},
                 {"added_tokens", ".json"},
                 {"vocab", ".txt"},
                 {"vocab", ".json"},
                 {"merges", ".txt"},
                 {"", ".safetensors"},
                 {"", ".safetensors.index.json"},
                 {"LICENSE", ""},
                 {"README", ""}};
    static const char *const never[] = {"bin", "pt", "pth", "py", "onnx", "pkl"};
    struct slice whole = slice_from(name), ending = path_extension(name);
    for (size_t i = 0; i < ARRAY_COUNT(never); i++)
        if (slice_equal_text(ending, never[i]))
            return false;
    for (size_t i = 0; i < ARRAY_COUNT(forms); i++)
        if (slice_starts_with(whole, slice_from(forms[i].start)) && slice_ends_with(whole, slice_from(forms[i].end)))
            return true;
    return false;
}

/* "1_Pooling", "2_Dense": a step behind the encoder. */
static bool is_module_folder(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    return digits > 0 && name[digits] == '_' && strchr(name, '.') == NULL;
}

struct copying {
    const struct models_install *install;
    const char *from, *to;
    bool in_module;
};

static bool copy_entries(const struct copying *copying, struct error *error);

static bool copy_entry(void *context, const char *name, struct error *error)
{
    const struct copying *copying = context;
    const struct models_install *install = copying->install;
    struct arena arena;
    struct stat status;
    bool ok = true;
    arena_init(&arena);
    const char *from = path_join(&arena, copying->from, name), *to = path_join(&arena, copying->to, name);
    if (lstat(from, &status) == 0 && S_ISDIR(status.st_mode)) {
        if (!copying->in_module && is_module_folder(name))
            ok = folder_create_new(to, error) && copy_entries(&(struct copying){install, from, to, true}, error);
    } else if (is_wanted(name)) {
        if (install->on_file != NULL && !install->on_file(install->context, name))
            ok = error_set(error, ERROR_CANCELLED, "adding the model was stopped");
        ok = ok && file_copy(from, to, error);
    }
    arena_release(&arena);
    return ok;
}

static bool copy_entries(const struct copying *copying, struct error *error)
{
    struct copying context = *copying;
    return folder_list(copying->from, copy_entry, &context, error) && folder_sync(copying->to, error);
}

static bool check_name(struct slice name, struct error *error)
{
    size_t at;
    bool printable = true;
    for (size_t i = 0; i < name.size; i++)
        printable = printable && (unsigned char)name.data[i] >= 0x20 && name.data[i] != 0x7F;
    if (name.size > 0 && name.size <= 128 && name.data[0] != '.' && printable && !slice_find(name, '/', &at) &&
        !slice_equal_text(name, BUILTIN))
        return true;
    error_set(error, ERROR_INVALID, "\"" SLICE_FORMAT "\" cannot be a model's name", name.size > 140 ? 140 : (int)name.size,
              name.data);
    return error_hint(error,
                      "A name has 1 to 128 bytes, no /, no control character, no dot in front, and is not \"" BUILTIN "\".");
}

/* Where the new model goes: the project's models, or the user's. */
static bool choose_target(const struct models_install *install, struct arena *arena, const char **folder, struct error *error)
{
    struct places places;
    if (!find_places(install->project, arena, &places, error))
        return false;
    if (!install->global && !places.in_project) {
        error_set(error, ERROR_NOT_FOUND, "there is no project here to add the model to");
        return error_hint(error, "Run `assay init` first, or use --global for all projects of this user.");
    }
    *folder = install->global ? user_models(arena) : places.items[PLACE_PROJECT].folder;
    return *folder != NULL || error_set(error, ERROR_NOT_FOUND, "there is no home folder to add the model to: HOME is not set");
}

/* Removes what a killed one left: ".NAME.new-PID" of a process that is not there any more. */
static bool sweep(void *context, const char *name, struct error *error)
{
    static const char mark[] = ".new-";
    const char *folder = context, *at = name[0] == '.' ? strstr(name, mark) : NULL;
    uint64_t process;
    (void)error;
    if (at == NULL || !slice_to_u64(slice_from(at + strlen(mark)), &process) || process == 0 || process > INT32_MAX ||
        kill((pid_t)process, 0) == 0 || errno != ESRCH)
        return true;
    struct arena arena;
    struct error ignored;
    arena_init(&arena);
    (void)!folder_remove(path_join(&arena, folder, name), &ignored);
    arena_release(&arena);
    return true;
}

/* The folder that is filled before it gets its name: always a new one, for what lies there already may be a link to anywhere. */
static bool create_fresh(const char *folder, struct slice name, struct arena *arena, const char **fresh, struct error *error)
{
    enum { TRIES = 16 };
    for (unsigned i = 0; i < TRIES; i++) {
        const char *between = i == 0 ? "" : arena_format(arena, ".%u", i);
        *fresh = arena_format(arena, "%s/." SLICE_FORMAT "%s.new-%ld", folder, SLICE_ARGUMENT(name), between, (long)getpid());
        if (folder_create_new(*fresh, error))
            return true;
        if (error->kind != ERROR_CONFLICT)
            return false;
    }
    return error_hint(error, "Remove the entries of this form in \"%s\".", folder);
}

/* An absolute path, its links resolved. */
static bool resolve(const char *path, struct arena *arena, const char **whole, struct error *error)
{
    char real[LIMIT_PATH_BYTES];
    if (realpath(path, real) == NULL)
        return error_system(error, "could not find \"%s\"", path);
    *whole = arena_text(arena, slice_from(real));
    return true;
}

bool models_install(const struct models_install *install, struct arena *arena, const char **placed, struct error *error)
{
    const char *from, *folder;
    struct error ignored;
    if (!is_folder(install->path))
        return file_exists(install->path) ? refuse_file(install->path, error)
                                          : error_set(error, ERROR_NOT_FOUND, "there is no folder \"%s\"", install->path);
    if (!resolve(install->path, arena, &from, error))
        return false;
    struct slice name = install->name != NULL ? slice_from(install->name) : path_name(from);
    if (!check_name(name, error) || !models_check(from, error) || !install->check(install->context, from, error) ||
        !choose_target(install, arena, &folder, error) || !folder_create(folder, error))
        return false;
    const char *final = path_join(arena, folder, arena_text(arena, name));
    if (file_exists(final)) {
        error_set(error, ERROR_CONFLICT, "there is a model \"%s\" already", final);
        return error_hint(error, "Remove its folder first, or choose another name with --name.");
    }
    (void)!folder_list(folder, sweep, (void *)(uintptr_t)folder, &ignored);
    const char *fresh;
    if (!create_fresh(folder, name, arena, &fresh, error))
        return false;
    bool ok = copy_entries(&(struct copying){install, from, fresh, false}, error) &&
              install->check(install->context, fresh, error) && folder_move(fresh, final, error);
    if (!ok) {
        (void)!folder_remove(fresh, &ignored); /* the first failure is the one to tell */
        return false;
    }
    *placed = final;
    return true;
}
