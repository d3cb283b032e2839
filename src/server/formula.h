/* formula.h - a formula of numbers and names: what a multi grader makes of its graders' scores. Pure. Private.
 *
 *   sum     := product (("+" | "-") product)*
 *   product := sign (("*" | "/") sign)*
 *   sign    := ("-" | "+") sign | power
 *   power   := atom ("^" sign)?                      2 ^ 3 ^ 2 is 2 ^ 9, -2 ^ 2 is -4
 *   atom    := number | name | function "(" sum ("," sum)* ")" | "(" sum ")"
 *
 * Functions: min and max of one or more, abs, floor, ceil, exp, sqrt, and log, which is the natural one. */
#ifndef SERVER_FORMULA_H
#define SERVER_FORMULA_H

#include "base/base.h"

enum { FORMULA_BYTES_MAX = 4096, FORMULA_DEPTH_MAX = 64 };

struct formula_value {
    struct slice name; /* letters, digits and "_", no digit first */
    double value;
};

enum formula_fault { FORMULA_FINE, FORMULA_UNREADABLE, FORMULA_UNKNOWN_NAME, FORMULA_NO_NUMBER /* as of 1 / 0 */ };

struct formula_given {
    double value;
    enum formula_fault fault;
    size_t at; /* the byte from which on it cannot be read, or of a name that is not known */
};

bool formula_is_name(struct slice name); /* and of no function */

/* True: it has a value, a finite one. */
bool formula_compute(struct slice formula, const struct formula_value *values, size_t count, struct formula_given *given);

#endif
