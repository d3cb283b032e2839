/* attention_amx.c - attention in bf16 (attention_bf16_body.h) on the processor's tiles. */
#include "tables.h"

#if defined(__x86_64__)

#include "attention_bf16_body.h"

/* What the processor is told before tiles are used: eight tiles of 16 rows of 64 bytes. */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

static void multiply_begin(void)
{
    struct tile_config config = {.palette = 1};
    for (size_t i = 0; i < 8; i++) {
        config.row_bytes[i] = 64;
        config.rows[i] = TILE;
    }
    _tile_loadconfig(&config);
}

static void multiply_scores(const struct bf16_work *work, size_t first, size_t rows)
{
    const uint16_t *tile = work->key_tiles;
    (void)rows; /* whole tiles */
    for (size_t j = 0; j < work->padded; j += TILE) {
        _tile_zero(0);
        for (size_t d = 0; d < work->deep; d += DEEP, tile += TILE * DEEP) {
            _tile_loadd(1, work->queries + first * work->stride + d, work->stride * sizeof(uint16_t));
            _tile_loadd(2, tile, 64);
            _tile_dpbf16ps(0, 1, 2);
        }
        _tile_stored(0, work->scores + j, work->padded * sizeof(float));
    }
}

static void multiply_values(const struct bf16_work *work, size_t rows)
{
    (void)rows;
    for (size_t d = 0; d < work->columns; d += TILE) {
        _tile_zero(0);
        for (size_t j = 0; j < work->padded; j += DEEP) {
            _tile_loadd(1, work->weights + j, work->padded * sizeof(uint16_t));
            _tile_loadd(2, work->value_tiles + (j / DEEP * (work->columns / TILE) + d / TILE) * TILE * DEEP, 64);
            _tile_dpbf16ps(0, 1, 2);
        }
        _tile_stored(0, work->out + d, work->columns * sizeof(float));
    }
}

static void multiply_end(void)
{
    _tile_release();
}

void kernels_attention_amx(struct kernels *kernels)
{
    attention_f32 = kernels->attention;
    kernels->attention_bf16 = attention_either;
    kernels->attention_halves = attention_bf16;
    kernels->multiply8 = NULL; /* oneDNN multiplies by tiles, which is faster */
}

#else
void kernels_attention_amx(struct kernels *kernels)
{
    (void)kernels;
}
#endif
