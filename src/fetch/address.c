/* address.c - which addresses are public: by the registries of special addresses (IANA, for RFC 6890), and some that providers of machines
 * keep for themselves. */
#include "fetch.h"

struct block4 {
    unsigned char start[4];
    unsigned bits;
};

static const struct block4 special4[] = {
    {{0, 0, 0, 0}, 8}, /* this network */
    {{10, 0, 0, 0}, 8}, /* private */
    {{100, 64, 0, 0}, 10}, /* providers' own, shared; Alibaba's metadata too */
    {{127, 0, 0, 0}, 8}, /* this machine */
    {{168, 63, 129, 16}, 32}, /* Azure's own services */
    {{169, 254, 0, 0}, 16}, /* the link; the metadata of most clouds */
    {{172, 16, 0, 0}, 12}, /* private */
    {{192, 0, 0, 0}, 24}, /* protocols; Oracle's metadata too */
    {{192, 0, 2, 0}, 24}, /* examples */
    {{192, 88, 99, 0}, 24}, /* 6to4 relays */
    {{192, 168, 0, 0}, 16}, /* private */
    {{198, 18, 0, 0}, 15}, /* measurements */
    {{198, 51, 100, 0}, 24}, /* examples */
    {{203, 0, 113, 0}, 24}, /* examples */
    {{224, 0, 0, 0}, 4}, /* multicast */
    {{240, 0, 0, 0}, 4}, /* reserved, broadcast */
};

struct block6 {
    unsigned char start[4];
    unsigned bits;
};

/* Within 2000::/3, outside of which nothing is public: not ::1, mapped (::ffff:0:0/96), translated (64:ff9b::/96), local or multicast ones. */
static const struct block6 special6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocols, Teredo among them */
    {{0x20, 0x01, 0x0D, 0xB8}, 32}, /* examples */
    {{0x20, 0x02, 0x00, 0x00}, 16}, /* 6to4 */
    {{0x3F, 0xFF, 0x00, 0x00}, 20}, /* examples */
};

static bool is_within(const unsigned char *address, const unsigned char *start, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        unsigned mask = 0x80u >> (i % 8);
        if (((address[i / 8] ^ start[i / 8]) & mask) != 0)
            return false;
    }
    return true;
}

/* An interface's number that holds an IPv4 address (ISATAP): "…:0:5efe:10.0.0.1". */
static bool holds_ipv4(const unsigned char address[16])
{
    return (address[8] & 0xFD) == 0 && address[9] == 0 && address[10] == 0x5E && address[11] == 0xFE;
}

bool fetch_is_public(const unsigned char *address, size_t size)
{
    if (size == 4) {
        for (size_t i = 0; i < ARRAY_COUNT(special4); i++)
            if (is_within(address, special4[i].start, special4[i].bits))
                return false;
        return true;
    }
    if (size != 16 || (address[0] & 0xE0) != 0x20 || holds_ipv4(address))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(special6); i++)
        if (is_within(address, special6[i].start, special6[i].bits))
            return false;
    return true;
}
