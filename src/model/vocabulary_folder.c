/* vocabulary_folder.c - vocab.txt with tokenizer_config.json, where the names of special tokens may stand in special_tokens_map.json alone:
 *
 *   {"tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true,
 *    "cls_token": "[CLS]" or {"content": "[CLS]", …}, …} */
#include "vocabulary_folder.h"
#include "config.h"

struct files {
    const struct json_value *config, *map; /* NULL: not there */
    const char *config_path, *map_path;
};

/* Absent or null: as it was. */
static bool read_flag(const struct files *files, const char *key, bool *flag, struct error *error)
{
    const struct json_value *value = NULL;
    if (files->config != NULL && !json_member(files->config, files->config_path, key, JSON_BOOL, &value, error))
        return false;
    if (value != NULL)
        *flag = value->boolean;
    return true;
}

/* The text of a special token in one of the files; absent or null: as it was. */
static bool read_name(const struct json_value *root, const char *path, const char *key, struct slice *name, struct error *error)
{
    const struct json_value *value = root != NULL ? json_get(root, key) : NULL;
    if (value != NULL && value->kind == JSON_OBJECT)
        value = json_get(value, "content");
    else if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (value == NULL || value->kind != JSON_TEXT || value->text.size == 0)
        return error_set(error, ERROR_INVALID, "\"%s\" in \"%s\" is neither a text nor an object with its \"content\"", key,
                         path);
    *name = value->text;
    return true;
}

static bool read_names(const struct files *files, struct vocabulary_settings *settings, struct error *error)
{
    const struct {
        const char *key;
        struct slice *name;
    } names[] = {{"unk_token", &settings->unknown},
                 {"sep_token", &settings->separator},
                 {"cls_token", &settings->first},
                 {"pad_token", &settings->padding},
                 {"mask_token", &settings->mask}};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (!read_name(files->map, files->map_path, names[i].key, names[i].name, error) ||
            !read_name(files->config, files->config_path, names[i].key, names[i].name, error))
            return false;
    return true;
}

/* MPNet's class; where no class is named, its model. */
static bool is_mpnet(const struct files *files, const char *folder, struct arena *arena, bool *mpnet, struct error *error)
{
    const struct json_value *class = NULL, *type = NULL, *model = NULL;
    const char *path;
    if (files->config != NULL && !json_member(files->config, files->config_path, "tokenizer_class", JSON_TEXT, &class, error))
        return false;
    if (class == NULL && (!config_file_read(folder, "config.json", JSON_OBJECT, arena, &model, &path, error) ||
                          (model != NULL && !json_member(model, path, "model_type", JSON_TEXT, &type, error))))
        return false;
    *mpnet = (class != NULL && slice_starts_with(class->text, SLICE("MPNet"))) ||
             (type != NULL && slice_equal_text(type->text, "mpnet"));
    return true;
}

bool vocabulary_folder_read(struct tokenizer **tokenizer, const char *folder, const char *path, struct slice vocabulary,
                            struct arena *arena, struct error *error)
{
    struct files files;
    struct vocabulary_settings settings = {0};
    bool lowers = true, cuts_ideographs = true;
    if (!config_file_read(folder, "tokenizer_config.json", JSON_OBJECT, arena, &files.config, &files.config_path, error) ||
        !config_file_read(folder, "special_tokens_map.json", JSON_OBJECT, arena, &files.map, &files.map_path, error) ||
        !is_mpnet(&files, folder, arena, &settings.is_mpnet, error) || !read_flag(&files, "do_lower_case", &lowers, error))
        return false;
    bool strips = lowers; /* null: as the letters */
    if (!read_flag(&files, "strip_accents", &strips, error) ||
        !read_flag(&files, "tokenize_chinese_chars", &cuts_ideographs, error) || !read_names(&files, &settings, error))
        return false;
    settings.is_cased = !lowers;
    settings.accents = strips == lowers ? ACCENTS_AS_CASE : strips ? ACCENTS_GO : ACCENTS_STAY;
    settings.keeps_ideographs = !cuts_ideographs;
    return tokenizer_read_vocabulary(tokenizer, vocabulary, &settings, path, error);
}
