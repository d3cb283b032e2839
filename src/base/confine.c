/* confine.c - seccomp, Landlock and limits for a process that reads what nobody vouches for.
 *
 * The filters are lists of what is allowed; the rest fails with EPERM. They are made once, by libseccomp, and kept as the kernel's own
 * programs, because the child of a process with threads may neither allocate nor lock.
 *
 * How a program is let to its exec and to no other: the filter compares pointers, not what they point to, so the exec is one of an open
 * descriptor (execveat with an empty path at an address known before). Behind the exec that descriptor is closed, its number is past the
 * limit of new ones, and Landlock lets no other file be executed. */
#include "confine.h"
#include "limits.h"
#include "slice.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char empty_path[] = "";

struct filter {
    bool is_made;
    struct sock_filter *items;
    unsigned short count;
};

static struct filter filters[3]; /* by enum confine_kind; never changed once made */
static pthread_mutex_t filters_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- what is allowed ---- */

/* All kinds: input and output on open descriptors, time, chance, its own signals' masks, its own end. */
static const int allowed_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_getaffinity),
};

/* A program, and a loader, besides: what it takes to start, and to look at files and read them. */
static const int program_calls[] = {
    SCMP_SYS(lseek),      SCMP_SYS(pread64),   SCMP_SYS(getdents64), SCMP_SYS(newfstatat),      SCMP_SYS(fstat),
    SCMP_SYS(stat),       SCMP_SYS(lstat),     SCMP_SYS(statx),      SCMP_SYS(access),          SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(readlink),  SCMP_SYS(readlinkat), SCMP_SYS(getcwd),          SCMP_SYS(fadvise64),
    SCMP_SYS(statfs),     SCMP_SYS(fstatfs),   SCMP_SYS(sysinfo),    SCMP_SYS(uname),           SCMP_SYS(getuid),
    SCMP_SYS(geteuid),    SCMP_SYS(getgid),    SCMP_SYS(getegid),    SCMP_SYS(getppid),         SCMP_SYS(dup),
    SCMP_SYS(dup2),       SCMP_SYS(dup3),      SCMP_SYS(arch_prctl), SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),       SCMP_SYS(getrusage), SCMP_SYS(times),
};

/* A call that this processor does not have is no error: libseccomp says EDOM. */
static bool is_added(int result)
{
    return result == 0 || result == -EDOM;
}

static bool allow_calls(scmp_filter_ctx context, const int *calls, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        ok = ok && is_added(seccomp_rule_add(context, SCMP_ACT_ALLOW, calls[i], 0));
    return ok;
}

static bool allow_when(scmp_filter_ctx context, int call, struct scmp_arg_cmp condition)
{
    return is_added(seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1, condition));
}

static bool allow_worker_memory(scmp_filter_ctx context)
{
    return allow_when(context, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) &&
           allow_when(context, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* Libraries are code, but nothing may be written and run. */
static bool allow_program_memory(scmp_filter_ctx context)
{
    return allow_worker_memory(context) &&
           allow_when(context, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC)) &&
           allow_when(context, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC));
}

static bool allow_program_files(scmp_filter_ctx context)
{
    static const int descriptor_commands[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_SETLK, F_SETLKW, F_GETLK};
    const scmp_datum_t changes = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
    bool ok = allow_when(context, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, changes, O_RDONLY)) &&
              allow_when(context, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, changes, O_RDONLY));
    for (size_t i = 0; i < ARRAY_COUNT(descriptor_commands); i++)
        ok = ok && allow_when(context, SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)descriptor_commands[i], 0));
    return ok;
}

/* Limits are only read; one exec. */
static bool allow_program_start(scmp_filter_ctx context)
{
    return allow_when(context, SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0, 0)) &&
           is_added(seccomp_rule_add(
               context, SCMP_ACT_ALLOW, SCMP_SYS(execveat), 3, SCMP_A0(SCMP_CMP_EQ, CONFINE_PROGRAM_DESCRIPTOR, 0),
               SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)(uintptr_t)empty_path, 0), SCMP_A4(SCMP_CMP_EQ, AT_EMPTY_PATH, 0)));
}

/* What confine_self() does for a worker: its own limits (root can raise them), and another filter, which takes more away. */
static bool allow_loader_confinement(scmp_filter_ctx context)
{
    return allow_when(context, SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_EQ, 0, 0)) &&
           allow_when(context, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0)) &&
           allow_when(context, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS, 0)) &&
           allow_when(context, SCMP_SYS(seccomp), SCMP_A0(SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER, 0));
}

static bool add_rules(scmp_filter_ctx context, enum confine_kind kind)
{
    if (!allow_calls(context, allowed_calls, ARRAY_COUNT(allowed_calls)))
        return false;
    if (kind == CONFINE_WORKER)
        return allow_worker_memory(context);
    return allow_calls(context, program_calls, ARRAY_COUNT(program_calls)) && allow_program_memory(context) &&
           allow_program_files(context) &&
           (kind == CONFINE_PROGRAM ? allow_program_start(context) : allow_loader_confinement(context));
}

/* ---- filters, made once ---- */

/* libseccomp writes its program to a descriptor; it is read back from a file in memory. */
static bool export_filter(scmp_filter_ctx context, struct filter *filter)
{
    bool ok = false;
    struct sock_filter *items = NULL;
    int file = memfd_create("filter", MFD_CLOEXEC);
    if (file < 0)
        return false;
    off_t size = seccomp_export_bpf(context, file) == 0 ? lseek(file, 0, SEEK_END) : -1;
    if (size <= 0 || size % (off_t)sizeof(*items) != 0 || size / (off_t)sizeof(*items) > BPF_MAXINSNS)
        goto done;
    items = malloc((size_t)size);
    if (items == NULL || pread(file, items, (size_t)size, 0) != size)
        goto done;
    *filter = (struct filter){.is_made = true, .items = items, .count = (unsigned short)(size / (off_t)sizeof(*items))};
    ok = true;
done:
    if (!ok)
        free(items);
    close(file);
    return ok;
}

static bool make_filter(enum confine_kind kind)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (context == NULL)
        return false;
    bool ok = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && add_rules(context, kind) &&
              export_filter(context, &filters[kind]);
    seccomp_release(context);
    return ok;
}

bool confine_prepare(struct error *error)
{
    bool ok = true;
    pthread_mutex_lock(&filters_lock);
    for (enum confine_kind kind = CONFINE_PROGRAM; kind <= CONFINE_LOADER && ok; kind++)
        ok = filters[kind].is_made || make_filter(kind);
    pthread_mutex_unlock(&filters_lock);
    return ok || error_set(error, ERROR_NO_MEMORY, "could not make the filters of system calls that readers run under");
}

/* ---- limits ---- */

/* Bytes of address space in use, or 0 when the system does not say. */
static size_t memory_in_use(void)
{
    char text[32];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t got = read(file, text, sizeof(text));
    close(file);
    struct slice rest = {text, got > 0 ? (size_t)got : 0}, pages;
    uint64_t count;
    if (!slice_next(&rest, ' ', &pages) || !slice_to_u64(pages, &count) || count > SIZE_MAX / 65536)
        return 0;
    return (size_t)count * (size_t)sysconf(_SC_PAGESIZE);
}

static bool limit(__rlimit_resource_t resource, size_t soft, size_t hard, const char *what, struct error *error)
{
    struct rlimit old, wanted = {.rlim_cur = soft, .rlim_max = hard};
    if (getrlimit(resource, &old) != 0)
        return error_system(error, "could not read the limit of %s", what);
    if (wanted.rlim_max > old.rlim_max) /* already tighter, and it may not be raised */
        wanted.rlim_max = old.rlim_max;
    if (wanted.rlim_cur > wanted.rlim_max)
        wanted.rlim_cur = wanted.rlim_max;
    return setrlimit(resource, &wanted) == 0 || error_system(error, "could not limit %s", what);
}

static bool limit_memory(enum confine_kind kind, size_t memory_bytes, struct error *error)
{
    size_t in_use = 0;
    if (kind != CONFINE_PROGRAM && CONFINE_SANITIZED)
        return true;
    if (kind != CONFINE_PROGRAM && (in_use = memory_in_use()) == 0)
        return error_set(error, ERROR_IO, "could not tell the memory in use from /proc/self/statm");
    if (memory_bytes > SIZE_MAX / 2 - in_use)
        memory_bytes = SIZE_MAX / 2 - in_use;
    return limit(RLIMIT_AS, in_use + memory_bytes, in_use + memory_bytes, "memory", error);
}

static bool set_limits(enum confine_kind kind, const struct confine_limits *limits, struct error *error)
{
    size_t seconds = limits->cpu_seconds > 0 ? limits->cpu_seconds : 1;
    size_t descriptors = CONFINE_PROGRAM_DESCRIPTOR; /* that number itself can never be given out again */
    return limit_memory(kind, limits->memory_bytes, error) &&
           limit(RLIMIT_CPU, seconds, seconds + 1, "processor time", error) && limit(RLIMIT_FSIZE, 0, 0, "file sizes", error) &&
           limit(RLIMIT_CORE, 0, 0, "core dumps", error) && limit(RLIMIT_NPROC, 0, 0, "processes", error) &&
           limit(RLIMIT_NOFILE, descriptors, descriptors, "descriptors", error);
}

/* ---- files, by Landlock ---- */

static void allow_below(int rules, const char *path, uint64_t access)
{
    int folder = open(path, O_PATH | O_CLOEXEC);
    if (folder < 0) /* what is not there needs no rule */
        return;
    struct landlock_path_beneath_attr below = {.allowed_access = access, .parent_fd = folder};
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
    close(folder);
}

static void allow_program(int rules)
{
    struct landlock_path_beneath_attr program = {.allowed_access = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
                                                 .parent_fd = CONFINE_PROGRAM_DESCRIPTOR};
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &program, 0);
}

/* Reading is left for programs, libraries, fonts and their settings; execution for the program and what loads it. A kernel without
 * Landlock, or with it switched off, leaves it at the system calls. */
static bool limit_files(struct error *error)
{
    enum { FILE_READ = LANDLOCK_ACCESS_FS_READ_FILE, TREE_READ = FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR };
    enum { LOADER = FILE_READ | LANDLOCK_ACCESS_FS_EXECUTE };
    static const struct {
        const char *path;
        unsigned access;
    } seen[] = {{"/usr", TREE_READ},
                {"/lib", TREE_READ},
                {"/lib64", TREE_READ},
                {"/etc/fonts", TREE_READ},
                {"/var/cache/fontconfig", TREE_READ},
                {"/etc/ld.so.cache", FILE_READ},
                {"/lib/ld-linux-aarch64.so.1", LOADER},
                {"/lib64/ld-linux-x86-64.so.2", LOADER}};
    const struct landlock_ruleset_attr handled = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
    if (rules < 0)
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(seen); i++)
        allow_below(rules, seen[i].path, seen[i].access);
    allow_program(rules);
    bool ok = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    int number = errno;
    close(rules);
    errno = number;
    return ok || error_system(error, "could not confine a program's files");
}

/* ---- the steps in order ---- */

bool confine_self(enum confine_kind kind, const struct confine_limits *limits, struct error *error)
{
    const struct filter *filter = &filters[kind];
    assert(filter->is_made);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_system(error, "could not give up privileges");
    if (!set_limits(kind, limits, error) || (kind == CONFINE_PROGRAM && !limit_files(error)))
        return false;
    const struct sock_fprog program = {.len = filter->count, .filter = filter->items};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        error_system(error, "could not confine system calls");
        return error_hint(error, "Readers of such documents run confined, which takes a kernel with seccomp.");
    }
    return true;
}

void confine_descriptors(int keep)
{
    for (int i = STDERR_FILENO + 1; i < keep; i++)
        close(i);
    closefrom(keep > STDERR_FILENO ? keep + 1 : STDERR_FILENO + 1);
}

void confine_exec(char *const *arguments, char *const *environment)
{
    (void)syscall(SYS_execveat, CONFINE_PROGRAM_DESCRIPTOR, empty_path, arguments, environment, AT_EMPTY_PATH);
}
