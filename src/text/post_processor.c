#include "post_processor.h"
#include <assert.h>
#include <stdlib.h>

size_t post_processors_added(const struct post_processors *processors, bool is_pair)
{
    size_t added = 0;
    for (size_t i = 0; i < processors->count; i++) {
        const struct post_processor *processor = &processors->items[i];
        if (processor->kind == PROCESS_TEMPLATE)
            added += is_pair ? processor->pair.added : processor->single.added;
        else if (processor->kind == PROCESS_BERT)
            added += is_pair ? 3 : 2;
        else if (processor->kind == PROCESS_ROBERTA)
            added += is_pair ? 4 : 2;
    }
    return added;
}

bool post_processors_trim(const struct post_processors *processors)
{
    for (size_t i = 0; i < processors->count; i++)
        if (processors->items[i].trims)
            return true;
    return false;
}

/* ---- building the next sequence in `spare` ---- */

static void begin(struct sequence *sequence)
{
    sequence->spare->count = 0;
}

static void add_special(struct sequence *sequence, uint32_t id, uint8_t type)
{
    tokens_append(sequence->spare, id, 0, 0, type, 1);
}

/* `type` below 0: as it is. */
static void add_segment(struct sequence *sequence, struct segment segment, int type)
{
    const struct tokens *from = sequence->tokens;
    for (size_t i = segment.start; i < segment.end; i++)
        tokens_append(sequence->spare, from->ids[i], from->starts[i], from->ends[i], type < 0 ? from->types[i] : (uint8_t)type,
                      from->special[i]);
}

static void put_segment(struct sequence *sequence, size_t at, size_t start)
{
    if (at >= sequence->segment_capacity) {
        size_t capacity = memory_grown(sequence->segment_capacity, at + 1);
        sequence->segments = memory_resize(sequence->segments, capacity, sizeof(*sequence->segments));
        sequence->segment_capacity = capacity;
    }
    sequence->segments[at] = (struct segment){start, sequence->spare->count};
}

static void finish(struct sequence *sequence)
{
    struct tokens *tokens = sequence->tokens;
    sequence->tokens = sequence->spare;
    sequence->spare = tokens;
}

static void apply_template(const struct post_processor *processor, struct sequence *sequence, bool is_bare)
{
    if (sequence->segment_count < 1 || sequence->segment_count > 2)
        return;
    struct segment texts[2] = {sequence->segments[0], sequence->segments[sequence->segment_count - 1]};
    const struct template *template = sequence->segment_count == 2 ? &processor->pair : &processor->single;
    size_t count = 0;
    begin(sequence);
    for (size_t i = 0; i < template->count; i++) {
        const struct template_part *part = &template->parts[i];
        size_t start = sequence->spare->count;
        if (!part->is_text && is_bare)
            continue;
        if (part->is_text)
            add_segment(sequence, texts[part->text], part->type);
        for (size_t j = 0; j < part->id_count; j++)
            add_special(sequence, part->ids[j], part->type);
        put_segment(sequence, count++, start);
    }
    sequence->segment_count = count;
    finish(sequence);
}

/* [CLS] text [SEP] text [SEP]; RoBERTa has the separator before each further text too, and one type. */
static void apply_bert(const struct post_processor *processor, struct sequence *sequence, bool is_bare)
{
    bool is_roberta = processor->kind == PROCESS_ROBERTA;
    begin(sequence);
    for (size_t i = 0; i < sequence->segment_count; i++) {
        uint8_t type = is_roberta || i == 0 ? 0 : 1;
        size_t start = sequence->spare->count;
        if (!is_bare && (i == 0 || is_roberta))
            add_special(sequence, i == 0 ? processor->first : processor->separator, 0);
        add_segment(sequence, sequence->segments[i], is_roberta ? 0 : -1);
        if (!is_bare)
            add_special(sequence, processor->separator, type);
        put_segment(sequence, i, start);
    }
    finish(sequence);
}

/* ---- trimming ---- */

static bool continues(struct slice text, size_t at)
{
    return at < text.size && ((unsigned char)text.data[at] & 0xC0) == 0x80;
}

static uint32_t forward(struct slice text, uint32_t at, uint32_t count, uint32_t end)
{
    for (; count > 0 && at < end; count--)
        do
            at++;
        while (at < end && continues(text, at));
    return at;
}

/* False when fewer characters stand before. */
static bool backward(struct slice text, uint32_t *at, uint32_t count)
{
    uint32_t place = *at;
    for (; count > 0; count--) {
        if (place == 0)
            return false;
        do
            place--;
        while (place > 0 && continues(text, place));
    }
    *at = place;
    return true;
}

static void trim(const struct post_processor *processor, struct sequence *sequence)
{
    struct tokens *tokens = sequence->tokens;
    for (size_t s = 0; s < sequence->segment_count && s < 2; s++) {
        struct slice text = sequence->texts[s];
        struct segment segment = sequence->segments[s];
        for (size_t i = segment.start; i < segment.end; i++) {
            struct token_margin margin = sequence->margins[i];
            bool is_first = i == segment.start || tokens->starts[i] == 0;
            if (is_first && processor->adds_space && margin.before == 1)
                margin.before = 0; /* it was added, so the text has none there */
            tokens->starts[i] = forward(text, tokens->starts[i], margin.before, tokens->ends[i]);
            uint32_t end = tokens->ends[i];
            if (margin.behind > 0 && backward(text, &end, margin.behind))
                tokens->ends[i] = end > tokens->starts[i] ? end : tokens->starts[i];
        }
    }
}

void post_processors_apply(const struct post_processors *processors, struct sequence *sequence, bool is_bare)
{
    bool is_first = true; /* margins belong to the tokens as the model made them */
    for (size_t i = 0; i < processors->count; i++) {
        const struct post_processor *processor = &processors->items[i];
        if (processor->trims && is_first)
            trim(processor, sequence);
        if (processor->kind == PROCESS_TEMPLATE)
            apply_template(processor, sequence, is_bare);
        else if (processor->kind != PROCESS_TRIM)
            apply_bert(processor, sequence, is_bare);
        is_first = is_first && processor->kind == PROCESS_TRIM;
    }
}
