/* as_option.h - the key that --as names. Private to cli. */
#ifndef CLI_AS_OPTION_H
#define CLI_AS_OPTION_H

#include "command.h"

struct as_option {
    const char *principal; /* whose documents are seen; NULL: all */
    const char *asker; /* for the audit log, where there is no principal; NULL: the owner */
};

/* Of a key in the group @admin all documents are seen, here as at the server. False: there is no such key, or it holds no more. */
bool as_option_read(const struct invocation *invocation, struct assay *assay, struct as_option *as, struct assay_error *error);

#endif
