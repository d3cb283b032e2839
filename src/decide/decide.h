/* decide.h - which approach to build: from what was measured of each to a verdict that its intervals carry. Pure: nothing is run here.
 *
 *   arms' scores, case by case ─▶ verdict     the simplest one that is good enough, or what is missing to tell
 *   failing cases, repaired    ─▶ gaps        why answers were wrong
 *   scores by examples         ─▶ curve       how many examples would be enough
 *   tokens, hours, prices      ─▶ costs       to build, by the month, and where one becomes cheaper than another
 *   all of these               ─▶ frameworks  what published rules of thumb say, and where measurement disagrees */
#ifndef DECIDE_DECIDE_H
#define DECIDE_DECIDE_H

#include "cost.h"
#include "curve.h"
#include "frameworks.h"
#include "gaps.h"
#include "verdict.h"

#endif
