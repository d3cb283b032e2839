/* as_option.c - see as_option.h. */
#include "as_option.h"

bool as_option_read(const struct invocation *invocation, struct assay *assay, struct as_option *as, struct assay_error *error)
{
    struct assay_key_rights rights;
    const char *name = invocation_option(invocation, "as");
    *as = (struct as_option){0};
    if (name == NULL)
        return true;
    if (!assay_key_rights_of(assay, name, &rights, error))
        return false;
    if (rights.is_admin)
        as->asker = name;
    else
        as->principal = name;
    return true;
}
