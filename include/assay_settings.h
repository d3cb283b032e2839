/* assay_settings.h - what a page of settings reads and changes: lines of assay.yaml, prices.yaml, and which adapter is used. Part of assay.h, which
 * includes it. */
#ifndef ASSAY_SETTINGS_H
#define ASSAY_SETTINGS_H

#include <assay.h>

#ifdef __cplusplus
extern "C" {
#endif

struct assay_setting {
    const char *key; /* of the first level: "target" */
    const char *value; /* as assay.yaml has it: "0.9" */
    const char
        *was; /* of model, approach, access and target: as it was told, a number as "%.6g"; NULL: whatever it is by now */
};
/* Puts settings into assay.yaml, each in its own line, and leaves all other lines alone. What would not be read is refused, and so is a change of
 * what is not as it was any more (ASSAY_CONFLICT); nothing changes then. A handle keeps to the settings that it was opened with. */
ASSAY_API bool assay_settings_change(struct assay *assay, const struct assay_setting *settings, size_t count,
                                     struct assay_error *error);

struct assay_settings_told {
    const char *model, *approach, *access, *embedding; /* as assay.yaml has them */
    const char *key_variable; /* of the environment, that the model's key is read from; NULL: it wants none */
    bool has_key; /* that variable is set; its value is told to nobody */
    const char *examples; /* the file, relative to the project */
    bool has_examples; /* it is there */
    const char *prices;
    double target; /* 0: none */
};
/* As assay.yaml has them now, which may be others than the handle goes by. Good until the next telling, or assay_close. */
ASSAY_API bool assay_settings_tell(struct assay *assay, struct assay_settings_told *told, struct assay_error *error);

/* Whether what the handle's settings name is here: a model, an embedding model, a file of labels. Others' servers and keys of the environment are not
 * looked at. The message names the setting. */
ASSAY_API bool assay_settings_check(const struct assay *assay, struct assay_error *error);

#define ASSAY_MARK_BYTES 65
/* What tells a text from every other one: its SHA-256 in hexadecimal digits. */
ASSAY_API void assay_text_mark(struct assay_text text, char mark[ASSAY_MARK_BYTES]);

/* The list of prices as it is; one that is not there is empty. Freed by assay_text_free. Another one is checked before it is written, in place of the
 * text that has the mark `was`: of another one by now, ASSAY_CONFLICT. `was` NULL: in place of whatever is there. */
ASSAY_API bool assay_prices_read(const struct assay *assay, struct assay_text *text, struct assay_error *error);
ASSAY_API bool assay_prices_write(const struct assay *assay, struct assay_text text, const char *was,
                                  struct assay_error *error);

/* The file of access.labels, which says who may see what (docs/access.md), in the same way; ASSAY_NOT_FOUND where labels come from elsewhere. What is
 * written holds from the next adding of documents on. */
ASSAY_API bool assay_labels_read(const struct assay *assay, struct assay_text *text, struct assay_error *error);
ASSAY_API bool assay_labels_write(const struct assay *assay, struct assay_text text, const char *was,
                                  struct assay_error *error);

/* Gives an adapter another name, and so the work that goes by it: "reader", "writer" and "reranker" take none that has learned something else. If
 * `replace` is set, an adapter that has the name makes room, and is kept as "NAME-before". */
ASSAY_API bool assay_adapter_rename(struct assay *assay, const char *name, const char *to, bool replace,
                                    struct assay_error *error);
/* Removes one that is there; what a training of that name has begun stays (assay_adapter_remove takes that too). */
ASSAY_API bool assay_adapter_discard(struct assay *assay, const char *name, struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
