/* team.c - Open MPI, each function and object found by its name: it is needed only where mpirun has started the program, and there it is. */
#include "team.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define TEAM_IN_PLACE ((void *)1) /* MPI_IN_PLACE, of which only sums are made */
enum { THREADS_FUNNELED = 1 }; /* MPI_THREAD_FUNNELED: there are others, and they never call it */

struct library {
    int (*MPI_Init_thread)(int *argc, char ***argv, int required, int *provided);
    int (*MPI_Comm_rank)(void *comm, int *rank);
    int (*MPI_Comm_size)(void *comm, int *size);
    int (*MPI_Allreduce)(const void *from, void *to, int count, void *type, void *op, void *comm);
    int (*MPI_Bcast)(void *bytes, int count, void *type, int root, void *comm);
    int (*MPI_Finalize)(void);
    /* what Open MPI's header makes of MPI_COMM_WORLD, MPI_FLOAT …: addresses of objects of its library */
    void *ompi_mpi_comm_world, *ompi_mpi_float, *ompi_mpi_double, *ompi_mpi_unsigned_char, *ompi_mpi_op_sum, *ompi_mpi_op_max;
};

struct team {
    struct library library;
    size_t place, size;
};

static size_t number_of(const char *variable)
{
    uint64_t number = 0;
    const char *text = getenv(variable);
    return text != NULL && slice_to_u64(slice_from(text), &number) && number <= UINT32_MAX ? (size_t)number : 0;
}

size_t team_processes(void)
{
    size_t size = number_of("OMPI_COMM_WORLD_SIZE");
    return size > 0 ? size : 1;
}

bool team_helps(void)
{
    return team_processes() > 1 && number_of("OMPI_COMM_WORLD_RANK") > 0;
}

static bool load(struct library *library, struct error *error)
{
    void *handle = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL); /* its plugins look for its names */
    bool ok = handle != NULL && library_find(handle, "MPI_Init_thread", &library->MPI_Init_thread) &&
              library_find(handle, "MPI_Comm_rank", &library->MPI_Comm_rank) &&
              library_find(handle, "MPI_Comm_size", &library->MPI_Comm_size) &&
              library_find(handle, "MPI_Allreduce", &library->MPI_Allreduce) &&
              library_find(handle, "MPI_Bcast", &library->MPI_Bcast) &&
              library_find(handle, "MPI_Finalize", &library->MPI_Finalize) &&
              library_find(handle, "ompi_mpi_comm_world", &library->ompi_mpi_comm_world) &&
              library_find(handle, "ompi_mpi_float", &library->ompi_mpi_float) &&
              library_find(handle, "ompi_mpi_double", &library->ompi_mpi_double) &&
              library_find(handle, "ompi_mpi_unsigned_char", &library->ompi_mpi_unsigned_char) &&
              library_find(handle, "ompi_mpi_op_sum", &library->ompi_mpi_op_sum) &&
              library_find(handle, "ompi_mpi_op_max", &library->ompi_mpi_op_max);
    if (ok)
        return true;
    const char *why = dlerror();
    error_set(error, ERROR_NOT_FOUND, "several processes train together by Open MPI, which cannot be loaded: %s",
              why != NULL ? why : "something is missing in it");
    return error_hint(error, "Install it (Debian and Ubuntu: openmpi-bin), and start with its own mpirun.");
}

static bool done(int code, const char *what, struct error *error)
{
    if (code == 0)
        return true;
    return error_set(error, ERROR_IO, "Open MPI failed to %s: its error is %d", what, code);
}

bool team_join(struct team **team, struct error *error)
{
    static bool was_joined;
    int place = 0, size = 0, provided;
    *team = NULL;
    if (team_processes() == 1)
        return true;
    if (was_joined)
        return error_set(error, ERROR_INVALID, "processes of mpirun train together once, and have done so");
    was_joined = true;
    struct team *joined = memory_alloc(1, sizeof(*joined));
    struct library *library = &joined->library;
    bool ok = load(library, error) && done(library->MPI_Init_thread(NULL, NULL, THREADS_FUNNELED, &provided), "begin", error) &&
              done(library->MPI_Comm_rank(library->ompi_mpi_comm_world, &place), "tell which process this is", error) &&
              done(library->MPI_Comm_size(library->ompi_mpi_comm_world, &size), "tell how many there are", error);
    joined->place = (size_t)place;
    joined->size = (size_t)size;
    double all = 0;
    ok = ok && team_sum_double(joined, &all, error); /* when it is there, all are */
    if (!ok) {
        free(joined);
        return false;
    }
    *team = joined;
    return true;
}

void team_leave(struct team *team)
{
    if (team == NULL)
        return;
    (void)team->library.MPI_Finalize();
    free(team);
}

static bool reduce(struct team *team, void *values, size_t count, size_t size, void *type, void *op, struct error *error)
{
    enum { AT_ONCE = 1 << 24 };
    unsigned char *at = values;
    if (team == NULL)
        return true;
    for (size_t summed = 0, part; summed < count; summed += part) {
        part = count - summed < AT_ONCE ? count - summed : AT_ONCE;
        if (!done(team->library.MPI_Allreduce(TEAM_IN_PLACE, at + summed * size, (int)part, type, op,
                                              team->library.ompi_mpi_comm_world),
                  "add up what the processes have", error))
            return false;
    }
    return true;
}

bool team_sum(struct team *team, float *values, size_t count, struct error *error)
{
    return team == NULL ||
           reduce(team, values, count, sizeof(*values), team->library.ompi_mpi_float, team->library.ompi_mpi_op_sum, error);
}

bool team_sum_double(struct team *team, double *value, struct error *error)
{
    return team == NULL ||
           reduce(team, value, 1, sizeof(*value), team->library.ompi_mpi_double, team->library.ompi_mpi_op_sum, error);
}

bool team_largest(struct team *team, unsigned char *values, size_t count, struct error *error)
{
    return team == NULL ||
           reduce(team, values, count, 1, team->library.ompi_mpi_unsigned_char, team->library.ompi_mpi_op_max, error);
}

bool team_share(struct team *team, void *bytes, size_t count, struct error *error)
{
    enum { AT_ONCE = 1 << 26 };
    unsigned char *at = bytes;
    for (size_t shared = 0, part; team != NULL && shared < count; shared += part) {
        part = count - shared < AT_ONCE ? count - shared : AT_ONCE;
        if (!done(team->library.MPI_Bcast(at + shared, (int)part, team->library.ompi_mpi_unsigned_char, 0,
                                          team->library.ompi_mpi_comm_world),
                  "share what the first process has", error))
            return false;
    }
    return true;
}

size_t team_place(const struct team *team)
{
    return team != NULL ? team->place : 0;
}

size_t team_size(const struct team *team)
{
    return team != NULL ? team->size : 1;
}
