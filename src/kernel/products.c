/* products.c - oneDNN's matmuls of plain matrices, each made when first asked for and kept, in one list for the process: there are as many as
 * there are sizes of layers and of packs, some dozens. */
#include "products.h"
#include "onednn.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { ALIGNMENT = 64, SLOTS = 256 };

struct plain {
    struct gemm_product shape; /* without pointers */
    struct onednn_product product;
    struct plain *next;
};

/* Chains by a hash of the shape. A link that was published never changes, so looking needs no lock. */
static struct {
    pthread_mutex_t mutex;
    struct plain *_Atomic slots[SLOTS];
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

struct product_lane {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_status_t status; /* of the first failure */
    enum gemm_type type; /* of what was multiplied last, or failed */
    void *scratch;
    size_t scratch_bytes;
};

struct product_lane *product_lane_create(void)
{
    struct product_lane *lane = memory_alloc(1, sizeof(*lane));
    lane->status = onednn_engine(&lane->engine);
    if (lane->status == dnnl_success)
        lane->status = dnnl_stream_create(&lane->stream, lane->engine, dnnl_stream_default_flags);
    return lane;
}

void product_lane_free(struct product_lane *lane)
{
    if (lane == NULL)
        return;
    dnnl_stream_destroy(lane->stream);
    free(lane->scratch);
    free(lane);
}

bool product_lane_finish(struct product_lane *lane, struct error *error)
{
    dnnl_status_t status = lane->status;
    lane->status = dnnl_success;
    return onednn_told(status, lane->type, error);
}

static bool same_shape(const struct gemm_product *a, const struct gemm_product *b)
{
    return a->type == b->type && a->m == b->m && a->n == b->n && a->k == b->k && a->a_stride == b->a_stride &&
           a->b_stride == b->b_stride && a->out_stride == b->out_stride && a->a_turned == b->a_turned &&
           a->b_turned == b->b_turned && a->add == b->add;
}

static size_t slot_of(const struct gemm_product *shape)
{
    size_t hash = shape->m * 31 + shape->n * 131 + shape->k * 1031 + shape->out_stride * 8191 + shape->a_stride * 65537;
    return (hash + shape->add * 7 + shape->a_turned * 3 + shape->b_turned) % SLOTS;
}

static const struct plain *find(const struct gemm_product *shape, size_t slot)
{
    const struct plain *plain = kept.slots[slot];
    while (plain != NULL && !same_shape(&plain->shape, shape))
        plain = plain->next;
    return plain;
}

static const struct onednn_product *product_of(struct product_lane *lane, const struct gemm_product *shape)
{
    size_t slot = slot_of(shape);
    const struct plain *found = find(shape, slot);
    if (found != NULL)
        return &found->product;
    pthread_mutex_lock(&kept.mutex);
    found = find(shape, slot);
    if (found == NULL) {
        struct plain *made = memory_alloc(1, sizeof(*made));
        made->shape = *shape;
        made->next = kept.slots[slot];
        lane->status = onednn_plain_create(&made->product, lane->engine, shape);
        if (lane->status == dnnl_success) {
            kept.slots[slot] = made;
            found = made;
        } else {
            free(made);
        }
    }
    pthread_mutex_unlock(&kept.mutex);
    return found != NULL ? &found->product : NULL;
}

static bool room_for_scratch(struct product_lane *lane, size_t bytes)
{
    if (bytes <= lane->scratch_bytes)
        return true;
    free(lane->scratch);
    lane->scratch_bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    lane->scratch = aligned_alloc(ALIGNMENT, lane->scratch_bytes);
    if (lane->scratch == NULL) {
        lane->scratch_bytes = 0;
        lane->status = dnnl_out_of_memory;
    }
    return lane->scratch != NULL;
}

void gemm_product(struct product_lane *lane, const struct gemm_product *product)
{
    assert(product->type != GEMM_INT8 && product->m > 0 && product->n > 0 && product->k > 0);
    if (lane->status != dnnl_success)
        return;
    int threads = onednn_one_thread();
    lane->type = product->type;
    const struct onednn_product *made = product_of(lane, product);
    if (made != NULL && room_for_scratch(lane, made->scratch_bytes)) {
        static const int places[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD};
        void *data[] = {(void *)(uintptr_t)product->a, (void *)(uintptr_t)product->b, product->out, lane->scratch};
        dnnl_exec_arg_t arguments[ARRAY_COUNT(places)] = {{0}};
        for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
            arguments[i].arg = places[i];
            if (lane->status == dnnl_success)
                lane->status = onednn_memory(&arguments[i].memory, made, places[i], lane->engine, data[i]);
        }
        if (lane->status == dnnl_success)
            lane->status = dnnl_primitive_execute(made->primitive, lane->stream, ARRAY_COUNT(arguments), arguments);
        for (size_t i = 0; i < ARRAY_COUNT(places); i++)
            dnnl_memory_destroy(arguments[i].memory);
    }
    onednn_threads_back(threads);
}
