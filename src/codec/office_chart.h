/* office_chart.h - the numbers that a chart of an office document shows, as a table. Private to this room. */
#ifndef CODEC_OFFICE_CHART_H
#define CODEC_OFFICE_CHART_H

#include "office_text.h"
#include "package.h"

/* Which charts of a document were told, by their entry in its archive. Begins as zeros. */
struct office_charts {
    bool *are_told;
};

void office_charts_release(struct office_charts *charts);

/* Tells of a chart's part: its title, and a row for each category, below the names of the series; of one that is shown again and again, once.
 * Nothing, and false, of one that cannot be read: the document's text does not suffer from it. No table is open. */
bool office_chart_tell(struct office_charts *charts, struct package *package, struct slice part, struct office_text *text);

#endif
