/* office_chart.h - the numbers that a chart of an office document shows, as a table. Private to this room. */
#ifndef CODEC_OFFICE_CHART_H
#define CODEC_OFFICE_CHART_H

#include "office_text.h"
#include "package.h"

/* Reads a chart's part: its title, and a row for each category, below the names of the series. No table is open. */
bool office_chart_read(struct package *package, struct slice part, struct office_text *text, struct error *error) MUST_USE;

#endif
