/* model_option.h - the model that a command's options name. Private to cli. */
#ifndef CLI_MODEL_OPTION_H
#define CLI_MODEL_OPTION_H

#include "command.h"

/* Opens what --model (else "builtin"), --precision and --threads name. EXIT_DONE, or the error was told. */
enum exit_code model_of_options(const struct invocation *invocation, struct assay_model **model);

/* The same for a name; `place` says where it was found. */
enum exit_code model_named(const struct invocation *invocation, const char *name, struct assay_model_place *place,
                           struct assay_model **model);

#endif
