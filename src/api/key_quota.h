/* key_quota.h - what a key may do, and use in a day, as words among its groups. Private.
 *
 *   @day-requests=1000    @day-tokens=2000000    @day-money=2.5
 *
 * They are kept with the key, in one transaction, and a program that does not know them takes them for labels that no document has. */
#ifndef API_KEY_QUOTA_H
#define API_KEY_QUOTA_H

#include "base/base.h"
#include <assay.h>

enum { QUOTA_KINDS = 3 };

/* Adds a group for each limit of the quota to `groups`, which has room for QUOTA_KINDS more. */
bool quota_to_groups(const struct assay_quota *quota, struct arena *arena, struct slice *groups, size_t *count,
                     struct error *error) MUST_USE;
/* True: the group is a limit, which stands in the quota now. */
bool quota_take_group(struct slice group, struct assay_quota *quota);
/* True: the group is "@admin", "@metrics" or "@write", which stands in the rights now. */
bool rights_take_group(struct slice group, struct assay_key_rights *rights);

#endif
