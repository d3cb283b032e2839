#include "vector_live.h"
#include <pthread.h>
#include <stdlib.h>

struct walk_store {
    pthread_mutex_t lock;
    struct vector_walk **walks;
    size_t count, capacity;
};

struct walk_store *walk_store_create(void)
{
    struct walk_store *store = memory_alloc(1, sizeof(*store));
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

void walk_store_free(struct walk_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        vector_walk_release(store->walks[i]);
        free(store->walks[i]);
    }
    pthread_mutex_destroy(&store->lock);
    free(store->walks);
    free(store);
}

struct vector_walk *walk_store_take(struct walk_store *store)
{
    struct vector_walk *walk = NULL;
    pthread_mutex_lock(&store->lock);
    if (store->count > 0)
        walk = store->walks[--store->count];
    pthread_mutex_unlock(&store->lock);
    return walk != NULL ? walk : memory_alloc(1, sizeof(*walk));
}

void walk_store_give(struct walk_store *store, struct vector_walk *walk)
{
    pthread_mutex_lock(&store->lock);
    store->walks = memory_more(store->walks, store->count, &store->capacity, sizeof(struct vector_walk *));
    store->walks[store->count++] = walk;
    pthread_mutex_unlock(&store->lock);
}
