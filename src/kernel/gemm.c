/* gemm.c - packs matrices and multiplies by them, with oneDNN's matmul, or in 8 bits with the kernel multiply8 where there is one.
 *
 * A matmul of oneDNN is made for fixed sizes and takes a tenth of a millisecond to make, so products are made when first asked for and
 * kept, in one list for the whole process. What a thread needs to run one (its memory objects) is kept in that thread's lane.
 *
 * oneDNN would share each product out over threads of its own; a product here is one tile, and the threads are ours. So it is told
 * to use one thread wherever it is called, and what the calling program had chosen is put back. */
#include "cpu.h"
#include "kernel.h"
#include "onednn.h"
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Of the OpenMP library that oneDNN runs on; clang has no header for it. */
int omp_get_max_threads(void);
void omp_set_num_threads(int count);

/* Rows of a tile: few for a short question, then in larger steps; with AMX in those of sixteen that it has. Without AVX-512 oneDNN works on six
 * rows at a time, and sums up in another order when two are left over: those steps leave none or four. */
enum { ROW_STEPS = 8, ALIGNMENT = 64 };
static const size_t row_steps_amx[ROW_STEPS] = {4, 8, 16, 16, 16, 32, 48, GEMM_TILE};
static const size_t row_steps_wide[ROW_STEPS] = {4, 8, 12, 16, 24, 32, 48, GEMM_TILE};
static const size_t row_steps_narrow[ROW_STEPS] = {4, 12, 16, 16, 16, 36, 48, GEMM_TILE};

/* For the 16- and 8-bit types k and the width of a panel are filled up to whole tiles of AMX, with zeros: oneDNN 2.6 runs into an illegal
 * instruction where it has to reconfigure its tiles for a rest, and takes another way, with other sums, for small products. Without AMX bf16
 * needs whole registers only. */
enum { FILL_TILES = 64, FILL_PLAIN = 16, WIDTH_LEAST = 128 };

struct product {
    enum gemm_type type;
    size_t k, width; /* filled up */
    size_t number; /* the place in lanes; its row steps stand behind one another */
    struct onednn_product steps[ROW_STEPS];
    bool made[ROW_STEPS];
    struct product *next;
};

/* A panel of a matrix in oneDNN's layout, or where `product` is NULL, in that of the kernel multiply8. */
struct gemm_packed {
    struct product *product;
    size_t k, width; /* filled up */
    void *data;
    dnnl_memory_t memory;
};

static struct {
    pthread_once_t once;
    pthread_mutex_t mutex;
    dnnl_engine_t engine;
    dnnl_status_t status;
    unsigned isa; /* what oneDNN uses: bits, of which each of its levels holds those of the ones before it */
    const size_t *row_steps;
    struct product *products;
    size_t product_count;
} shared = {.once = PTHREAD_ONCE_INIT, .mutex = PTHREAD_MUTEX_INITIALIZER};

struct lane_product {
    dnnl_primitive_t primitive;
    dnnl_memory_t a, out, scratch;
    void *scratch_data;
};

struct gemm_lane {
    dnnl_stream_t stream;
    dnnl_status_t status; /* of the first failure */
    enum gemm_type type; /* of what was multiplied last, or failed */
    struct lane_product *products;
    size_t product_count;
    struct filled {
        void *data;
        size_t bytes;
    } a, out; /* of products that are filled up */
};

static bool has_isa(dnnl_cpu_isa_t isa)
{
    return (shared.isa & (unsigned)isa) == (unsigned)isa;
}

static void start(void)
{
    static const struct {
        unsigned feature;
        dnnl_cpu_isa_t isa;
    } most[] = {
        {CPU_AMX, dnnl_cpu_isa_avx512_core_amx},
        {CPU_AVX512_BF16, dnnl_cpu_isa_avx512_core_bf16},
        {CPU_AVX512_VNNI, dnnl_cpu_isa_avx512_core_vnni},
        {CPU_AVX512, dnnl_cpu_isa_avx512_core},
        {CPU_AVX2, dnnl_cpu_isa_avx2},
        {CPU_ALWAYS, dnnl_cpu_isa_sse41}, /* the least that oneDNN knows */
    };
    /* The same limit as our own kernels have. A program that uses oneDNN itself may have fixed it already: then that stays. */
    size_t level = 0;
    while ((kernels()->features & most[level].feature) != most[level].feature)
        level++;
    if (getenv("ASSAY_CPU") != NULL)
        (void)dnnl_set_max_cpu_isa(most[level].isa);
    shared.isa = (unsigned)dnnl_get_effective_cpu_isa();
    shared.row_steps = has_isa(dnnl_cpu_isa_avx512_core_amx) ? row_steps_amx
                       : has_isa(dnnl_cpu_isa_avx512_core)   ? row_steps_wide
                                                             : row_steps_narrow;
    shared.status = dnnl_engine_create(&shared.engine, dnnl_cpu, 0);
}

dnnl_status_t onednn_engine(dnnl_engine_t *engine)
{
    pthread_once(&shared.once, start);
    *engine = shared.engine;
    return shared.status;
}

int onednn_one_thread(void)
{
    int before = omp_get_max_threads();
    if (before != 1)
        omp_set_num_threads(1);
    return before;
}

void onednn_threads_back(int before)
{
    if (before != 1)
        omp_set_num_threads(before);
}

static const char *status_text(dnnl_status_t status)
{
    switch (status) {
    case dnnl_out_of_memory:
        return "out of memory";
    case dnnl_invalid_arguments:
        return "invalid arguments";
    case dnnl_unimplemented:
        return "not possible on this processor";
    default:
        return "runtime error";
    }
}

bool onednn_told(dnnl_status_t status, enum gemm_type type, struct error *error)
{
    static const char *const names[] = {"f32", "bf16", "int8"};
    if (status == dnnl_success)
        return true;
    error_set(error, status == dnnl_out_of_memory ? ERROR_NO_MEMORY : ERROR_INVALID,
              "could not multiply %s matrices with oneDNN: %s", names[type], status_text(status));
    if (status == dnnl_unimplemented && type != GEMM_F32)
        error_hint(error, "Use --precision f32%s.", type == GEMM_BF16 ? " or int8" : "");
    return false;
}

/* The product of that type and size, new if need be. The mutex is held. */
static struct product *product_find(enum gemm_type type, size_t k, size_t width)
{
    struct product *product = shared.products;
    while (product != NULL && !(product->type == type && product->k == k && product->width == width))
        product = product->next;
    if (product == NULL) {
        product = memory_alloc(1, sizeof(*product));
        product->type = type;
        product->k = k;
        product->width = width;
        product->number = shared.product_count++ * ROW_STEPS;
        product->next = shared.products;
        shared.products = product;
    }
    return product;
}

/* The layout of w is the one that the largest tile likes; smaller ones take it as it is. */
static dnnl_status_t product_make(struct product *product, size_t step)
{
    const size_t largest = ROW_STEPS - 1;
    dnnl_status_t status = dnnl_success;
    if (product->made[step])
        return status;
    if (step != largest)
        status = product_make(product, largest);
    if (status == dnnl_success)
        status = onednn_product_create(&product->steps[step], shared.engine, product->type, shared.row_steps[step], product->k,
                                       product->width, step == largest ? NULL : &product->steps[largest]);
    product->made[step] = status == dnnl_success;
    return status;
}

/* ---- matrices ---- */

/* The largest size of one of the numbers. Their bits without the sign compare as sizes do, and the compiler takes many at a time. */
static float largest_of(const float *numbers, size_t count)
{
    int32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, &numbers[i], sizeof(bits));
        bits &= INT32_MAX;
        largest = bits > largest ? bits : largest;
    }
    float size;
    memcpy(&size, &largest, sizeof(size));
    return size;
}

/* Rounded to whole numbers, ties to even; their sum. */
static int32_t quantize_row(const float *from, float factor, size_t count, int8_t *to)
{
    int32_t sum = 0, zero;
    const float shift = KERNEL_QUANTIZE_SHIFT;
    memcpy(&zero, &shift, sizeof(zero));
    for (size_t i = 0; i < count; i++) {
        float shifted = from[i] * factor + shift;
        int32_t bits;
        memcpy(&bits, &shifted, sizeof(bits));
        bits -= zero;
        to[i] = (int8_t)bits;
        sum += bits;
    }
    return sum;
}

/* The rows of a panel in 8 bits, each by its own largest number, at distances of `stride`. */
static void quantize_rows(struct gemm_matrix *matrix, const struct gemm_panel *panel, const float *w, size_t stride,
                          int8_t *out)
{
    /* Without VNNI products are added in pairs that 16 bits must hold: 2 · 255 · 64 fits, 2 · 255 · 127 does not. */
    float most = has_isa(dnnl_cpu_isa_avx512_core_vnni) || (kernels()->features & CPU_NEON) ? 127 : 63;
    for (size_t row = 0; row < panel->width; row++) {
        float largest = largest_of(w + row * matrix->k, matrix->k);
        if (largest < KERNEL_QUANTIZE_LEAST)
            largest = 0;
        float factor = largest > 0 ? most / largest : 0;
        int32_t sum = quantize_row(w + row * matrix->k, factor, matrix->k, out + row * stride);
        matrix->steps[panel->first + row] = largest / most;
        matrix->sums[panel->first + row] = sum;
    }
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static bool needs_tiles(enum gemm_type type)
{
    return type == GEMM_INT8 || has_isa(dnnl_cpu_isa_avx512_core_amx);
}

static size_t filled_k(enum gemm_type type, size_t k)
{
    return type == GEMM_F32 ? k : round_up(k, needs_tiles(type) ? FILL_TILES : FILL_PLAIN);
}

static size_t filled_width(enum gemm_type type, size_t width)
{
    if (type == GEMM_F32)
        return width;
    if (!needs_tiles(type))
        return round_up(width, FILL_PLAIN);
    return width < WIDTH_LEAST ? WIDTH_LEAST : round_up(width, FILL_TILES);
}

static bool has_own(enum gemm_type type)
{
    return type == GEMM_INT8 && kernels()->multiply8 != NULL;
}

/* Memory for a panel that is packed later. */
static dnnl_status_t make_panel(struct gemm_matrix *matrix, size_t i)
{
    struct gemm_packed *packed = &matrix->packed[i];
    packed->k = filled_k(matrix->type, matrix->k);
    packed->width = filled_width(matrix->type, matrix->panels[i].width);
    if (has_own(matrix->type)) {
        size_t size = packed->k * packed->width;
        packed->data = aligned_alloc(ALIGNMENT, size);
        matrix->packed_bytes += size;
        return packed->data != NULL ? dnnl_success : dnnl_out_of_memory;
    }
    pthread_mutex_lock(&shared.mutex);
    packed->product = product_find(matrix->type, packed->k, packed->width);
    dnnl_status_t status = product_make(packed->product, ROW_STEPS - 1);
    pthread_mutex_unlock(&shared.mutex);
    if (status != dnnl_success)
        return status;
    const struct onednn_product *largest = &packed->product->steps[ROW_STEPS - 1];
    size_t bytes = (onednn_w_bytes(largest) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    packed->data = aligned_alloc(ALIGNMENT, bytes);
    if (packed->data == NULL)
        return dnnl_out_of_memory;
    matrix->packed_bytes += bytes;
    return onednn_memory(&packed->memory, largest, DNNL_ARG_WEIGHTS, shared.engine, packed->data);
}

/* Panels of equal width where GEMM_PANEL or a little less divides n, else a narrower last one. */
static size_t panel_width(size_t n)
{
    for (size_t width = GEMM_PANEL; width >= 128; width -= 64)
        if (n % width == 0)
            return width;
    return GEMM_PANEL;
}

static bool is_filled(const struct gemm_matrix *matrix, const struct gemm_panel *panel)
{
    return filled_k(matrix->type, matrix->k) != matrix->k || filled_width(matrix->type, panel->width) != panel->width;
}

/* A copy of a panel's rows, filled up, in the format that is packed. */
static void copy_panel(struct gemm_matrix *matrix, const struct gemm_panel *panel, const float *w, void *copy)
{
    size_t k = filled_k(matrix->type, matrix->k), width = filled_width(matrix->type, panel->width);
    if (matrix->type == GEMM_INT8) {
        memset(copy, 0, k * width);
        quantize_rows(matrix, panel, w + panel->first * matrix->k, k, copy);
        return;
    }
    memset(copy, 0, k * width * sizeof(float));
    for (size_t row = 0; row < panel->width; row++) {
        float *to = (float *)copy + row * k;
        if (!matrix->turned)
            memcpy(to, w + (panel->first + row) * matrix->k, matrix->k * sizeof(float));
        for (size_t i = 0; i < matrix->k && matrix->turned; i++)
            to[i] = w[i * matrix->n + panel->first + row];
    }
}

/* From rows to the layout of multiply8. */
static void pack_strips(const struct gemm_packed *packed, const int8_t *rows)
{
    int8_t *out = packed->data;
    for (size_t strip = 0; strip < packed->width; strip += KERNEL_STRIP, out += KERNEL_STRIP * packed->k)
        for (size_t column = 0; column < KERNEL_STRIP; column++)
            for (size_t p = 0; p < packed->k; p += 4)
                memcpy(out + p * KERNEL_STRIP + column * 4, rows + (strip + column) * packed->k + p, 4);
}

/* `copy` holds the panel's rows filled up; NULL: they are packed from where they lie. */
static dnnl_status_t pack_panel(const struct gemm_matrix *matrix, size_t i, const float *w, const void *copy,
                                dnnl_stream_t stream)
{
    const struct gemm_packed *packed = &matrix->packed[i];
    const struct gemm_panel *panel = &matrix->panels[i];
    if (packed->product == NULL) {
        assert(copy != NULL); /* 8-bit numbers are made of others, never packed from where they lie */
        pack_strips(packed, copy);
        return dnnl_success;
    }
    struct onednn_plain plain = {
        .type = matrix->type, .k = packed->k, .width = packed->width, .stride = packed->k, .data = copy};
    if (copy == NULL) {
        plain.turned = matrix->turned;
        plain.stride = matrix->turned ? matrix->n : matrix->k;
        plain.data = w + panel->first * (matrix->turned ? 1 : matrix->k);
    }
    return onednn_pack(&packed->product->steps[ROW_STEPS - 1], &plain, shared.engine, stream, packed->data);
}

static dnnl_status_t pack_panels(struct gemm_matrix *matrix, const float *w)
{
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = dnnl_stream_create(&stream, shared.engine, dnnl_stream_default_flags);
    void *copy = NULL;
    size_t k = filled_k(matrix->type, matrix->k);
    bool copies = matrix->type == GEMM_INT8;
    for (size_t i = 0; i < matrix->panel_count; i++)
        copies = copies || is_filled(matrix, &matrix->panels[i]);
    if (copies) {
        copy = memory_try(k * filled_width(matrix->type, matrix->panels[0].width), sizeof(float));
        if (copy == NULL)
            status = dnnl_out_of_memory;
    }
    for (size_t i = 0; i < matrix->panel_count && status == dnnl_success; i++) {
        if (copy != NULL)
            copy_panel(matrix, &matrix->panels[i], w, copy);
        status = pack_panel(matrix, i, w, copy, stream);
    }
    free(copy);
    dnnl_stream_destroy(stream);
    return status;
}

/* Times 0, a number is 0 and anything else is not: one pass at the speed of memory. */
static bool check_numbers(const float *w, size_t n, size_t k, struct error *error)
{
    static const float zeros[1024];
    for (size_t at = 0; at < n * k; at += ARRAY_COUNT(zeros)) {
        size_t count = n * k - at < ARRAY_COUNT(zeros) ? n * k - at : ARRAY_COUNT(zeros);
        if (kernels()->dot(w + at, zeros, count) == 0)
            continue;
        while (isfinite(w[at]))
            at++;
        return error_set(error, ERROR_INVALID, "the weights hold %s in row %zu, column %zu",
                         isnan(w[at]) ? "NaN" : "an infinity", at / k, at % k);
    }
    return true;
}

static bool check_matrix(enum gemm_type type, const float *w, size_t n, size_t k, struct error *error)
{
    if (type == GEMM_INT8 && k > GEMM_INT8_K_MAX) {
        error_set(error, ERROR_LIMIT, "could not multiply by int8 matrices of %zu columns, the limit is %d", k,
                  GEMM_INT8_K_MAX);
        return error_hint(error, "Use --precision f32 or bf16.");
    }
    return check_numbers(w, n, k, error);
}

/* Cuts the matrix into panels, and makes room for them. */
static dnnl_status_t make_panels(struct gemm_matrix *matrix, size_t width)
{
    pthread_once(&shared.once, start);
    dnnl_status_t status = shared.status;
    matrix->panel_count = (matrix->n + width - 1) / width;
    matrix->panels = memory_alloc(matrix->panel_count, sizeof(*matrix->panels));
    matrix->packed = memory_alloc(matrix->panel_count, sizeof(*matrix->packed));
    if (matrix->type == GEMM_INT8) {
        matrix->steps = memory_alloc(matrix->n, sizeof(*matrix->steps));
        matrix->sums = memory_alloc(matrix->n, sizeof(*matrix->sums));
    }
    for (size_t i = 0; i < matrix->panel_count; i++) {
        size_t first = i * width;
        matrix->panels[i] = (struct gemm_panel){first, matrix->n - first < width ? matrix->n - first : width};
        if (status == dnnl_success)
            status = make_panel(matrix, i);
    }
    return status;
}

bool gemm_pack(struct gemm_matrix *matrix, enum gemm_type type, const float *w, size_t n, size_t k, struct error *error)
{
    assert(n > 0 && k > 0);
    *matrix = (struct gemm_matrix){0};
    if (!check_matrix(type, w, n, k, error))
        return false;
    *matrix = (struct gemm_matrix){.type = type, .n = n, .k = k};
    int threads = onednn_one_thread();
    dnnl_status_t status = make_panels(matrix, panel_width(n));
    if (status == dnnl_success)
        status = pack_panels(matrix, w);
    onednn_threads_back(threads);
    if (!onednn_told(status, type, error)) {
        gemm_release(matrix);
        return false;
    }
    return true;
}

bool gemm_make(struct gemm_matrix *matrix, const struct gemm_shape *shape, struct error *error)
{
    assert(shape->n > 0 && shape->k > 0 && shape->width > 0 && shape->width <= GEMM_PANEL && shape->type != GEMM_INT8);
    *matrix = (struct gemm_matrix){.type = shape->type, .n = shape->n, .k = shape->k, .turned = shape->turned};
    int threads = onednn_one_thread();
    dnnl_status_t status = make_panels(matrix, shape->width);
    onednn_threads_back(threads);
    if (!onednn_told(status, shape->type, error)) {
        gemm_release(matrix);
        return false;
    }
    return true;
}

void gemm_release(struct gemm_matrix *matrix)
{
    for (size_t i = 0; i < matrix->panel_count; i++) {
        dnnl_memory_destroy(matrix->packed[i].memory);
        free(matrix->packed[i].data);
    }
    free(matrix->packed);
    free(matrix->panels);
    free(matrix->steps);
    free(matrix->sums);
    *matrix = (struct gemm_matrix){0};
}

/* ---- lanes ---- */

static void lane_product_clear(struct lane_product *own)
{
    dnnl_memory_destroy(own->a);
    dnnl_memory_destroy(own->out);
    dnnl_memory_destroy(own->scratch);
    free(own->scratch_data);
    *own = (struct lane_product){0};
}

struct gemm_lane *gemm_lane_create(void)
{
    struct gemm_lane *lane = memory_alloc(1, sizeof(*lane));
    pthread_once(&shared.once, start);
    lane->status = shared.status;
    if (lane->status == dnnl_success)
        lane->status = dnnl_stream_create(&lane->stream, shared.engine, dnnl_stream_default_flags);
    return lane;
}

void gemm_lane_free(struct gemm_lane *lane)
{
    if (lane == NULL)
        return;
    for (size_t i = 0; i < lane->product_count; i++)
        lane_product_clear(&lane->products[i]);
    free(lane->products);
    free(lane->a.data);
    free(lane->out.data);
    dnnl_stream_destroy(lane->stream);
    free(lane);
}

bool gemm_lane_finish(struct gemm_lane *lane, struct error *error)
{
    dnnl_status_t status = lane->status;
    lane->status = dnnl_success;
    return onednn_told(status, lane->type, error);
}

static size_t row_step(size_t rows)
{
    assert(rows > 0 && rows <= GEMM_TILE);
    pthread_once(&shared.once, start);
    size_t step = 0;
    while (shared.row_steps[step] < rows)
        step++;
    return step;
}

size_t gemm_tile(enum gemm_type type)
{
    enum { OWN_TILE = 24 }; /* four times the kernel's; the sums stay in the first cache */
    return has_own(type) ? OWN_TILE : GEMM_TILE;
}

size_t gemm_rows(size_t rows)
{
    return shared.row_steps[row_step(rows)];
}

/* What this lane needs for a product that it meets for the first time. */
static dnnl_status_t lane_product_make(struct lane_product *own, struct product *product, size_t step)
{
    pthread_mutex_lock(&shared.mutex);
    dnnl_status_t status = product_make(product, step);
    pthread_mutex_unlock(&shared.mutex);
    const struct onednn_product *made = &product->steps[step];
    if (status == dnnl_success && made->scratch_bytes > 0) {
        own->scratch_data = aligned_alloc(ALIGNMENT, (made->scratch_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        status = own->scratch_data != NULL ? dnnl_success : dnnl_out_of_memory;
    }
    if (status == dnnl_success)
        status = onednn_memory(&own->a, made, DNNL_ARG_SRC, shared.engine, NULL);
    if (status == dnnl_success)
        status = onednn_memory(&own->out, made, DNNL_ARG_DST, shared.engine, NULL);
    if (status == dnnl_success)
        status = onednn_memory(&own->scratch, made, DNNL_ARG_SCRATCHPAD, shared.engine, own->scratch_data);
    if (status == dnnl_success)
        own->primitive = made->primitive;
    else
        lane_product_clear(own); /* it may be tried again */
    return status;
}

static struct lane_product *lane_product(struct gemm_lane *lane, struct product *product, size_t step)
{
    size_t place = product->number + step;
    if (place >= lane->product_count) {
        size_t count = place + ROW_STEPS;
        lane->products = memory_resize(lane->products, count, sizeof(*lane->products));
        memset(lane->products + lane->product_count, 0, (count - lane->product_count) * sizeof(*lane->products));
        lane->product_count = count;
    }
    struct lane_product *own = &lane->products[place];
    if (own->primitive == NULL && lane->status == dnnl_success)
        lane->status = lane_product_make(own, product, step);
    return own;
}

/* At least `bytes`, aligned; what was there before is lost. */
static void *filled_room(struct gemm_lane *lane, struct filled *filled, size_t bytes)
{
    if (bytes > filled->bytes) {
        free(filled->data);
        filled->bytes = round_up(bytes, ALIGNMENT);
        filled->data = aligned_alloc(ALIGNMENT, filled->bytes);
        if (filled->data == NULL) {
            filled->bytes = 0;
            lane->status = dnnl_out_of_memory;
        }
    }
    return filled->data;
}

/* The tile with each row filled up by zeros. */
static const void *filled_a(struct gemm_lane *lane, const struct gemm_matrix *matrix, size_t k, const void *a, size_t rows)
{
    size_t unit = matrix->type == GEMM_INT8 ? 1 : sizeof(uint16_t);
    unsigned char *to = filled_room(lane, &lane->a, rows * k * unit);
    if (to == NULL)
        return a;
    memset(to, 0, rows * k * unit);
    for (size_t row = 0; row < rows; row++)
        memcpy(to + row * k * unit, (const unsigned char *)a + row * matrix->k * unit, matrix->k * unit);
    return to;
}

static void multiply(struct gemm_lane *lane, const struct gemm_packed *packed, const void *a, size_t step, void *out)
{
    int threads = onednn_one_thread();
    struct lane_product *own = lane_product(lane, packed->product, step);
    if (lane->status == dnnl_success)
        lane->status = dnnl_memory_set_data_handle(own->a, (void *)(uintptr_t)a);
    if (lane->status == dnnl_success)
        lane->status = dnnl_memory_set_data_handle(own->out, out);
    if (lane->status == dnnl_success) {
        dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, own->a},
                                       {DNNL_ARG_WEIGHTS, packed->memory},
                                       {DNNL_ARG_DST, own->out},
                                       {DNNL_ARG_SCRATCHPAD, own->scratch}};
        lane->status = dnnl_primitive_execute(own->primitive, lane->stream, ARRAY_COUNT(arguments), arguments);
    }
    onednn_threads_back(threads);
}

void gemm_multiply(struct gemm_lane *lane, const struct gemm_matrix *matrix, size_t panel, const void *a, size_t rows,
                   void *out)
{
    assert(panel < matrix->panel_count);
    const struct gemm_packed *packed = &matrix->packed[panel];
    bool own = packed->product == NULL;
    if (lane->status == dnnl_success)
        lane->type = matrix->type;
    size_t step = row_step(rows), computed = own ? rows : shared.row_steps[step], width = matrix->panels[panel].width;
    if (packed->k != matrix->k)
        a = filled_a(lane, matrix, packed->k, a, computed);
    void *filled = out;
    if (packed->width != width)
        filled = filled_room(lane, &lane->out, computed * packed->width * sizeof(float));
    if (lane->status != dnnl_success)
        return;
    if (own)
        kernels()->multiply8(filled, a, packed->data, rows, packed->k, packed->width);
    else
        multiply(lane, packed, a, step, filled);
    for (size_t row = 0; row < computed && filled != out; row++)
        memcpy((float *)out + row * width, (float *)filled + row * packed->width, width * sizeof(float));
}

bool gemm_lane_failed(const struct gemm_lane *lane)
{
    return lane->status != dnnl_success;
}

void gemm_change(struct gemm_lane *lane, struct gemm_matrix *matrix, size_t panel, const float *w)
{
    assert(panel < matrix->panel_count && matrix->type != GEMM_INT8);
    void *copy = NULL;
    if (lane->status != dnnl_success)
        return;
    lane->type = matrix->type;
    if (is_filled(matrix, &matrix->panels[panel])) {
        const struct product *product = matrix->packed[panel].product;
        copy = filled_room(lane, &lane->out, product->k * product->width * sizeof(float));
        if (copy == NULL)
            return;
        copy_panel(matrix, &matrix->panels[panel], w, copy);
    }
    int threads = onednn_one_thread();
    lane->status = pack_panel(matrix, panel, w, copy, lane->stream);
    onednn_threads_back(threads);
}

size_t gemm_unit(void)
{
    pthread_once(&shared.once, start);
    return needs_tiles(GEMM_BF16) ? FILL_TILES : FILL_PLAIN;
}

bool gemm_has_fast_int8(void)
{
    pthread_once(&shared.once, start);
    return has_isa(dnnl_cpu_isa_avx512_core_vnni);
}

bool gemm_has_bf16(void)
{
    pthread_once(&shared.once, start);
    return has_isa(dnnl_cpu_isa_avx512_core_bf16);
}
