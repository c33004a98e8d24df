/* A disk that fails: while the file named by FAULTY_DISK exists, files whose path contains FAULTY_DISK_PATH cannot be
   written. The first letter of the file chooses how: `f`, the disk is full; `w`, writing fails; `s`, only syncing fails.
   Loaded with LD_PRELOAD by outage.rs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* The fault that meets this descriptor, 0 for none. */
static char fault(int fd) {
    const char *control = getenv("FAULTY_DISK"), *wanted = getenv("FAULTY_DISK_PATH");
    char link[64], path[4096], kind = 0;
    ssize_t length;
    int file;
    if (!control || !wanted || (file = open(control, O_RDONLY | O_CLOEXEC)) < 0) {
        return 0;
    }
    length = read(file, &kind, 1);
    close(file);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (length != 1 || (length = readlink(link, path, sizeof path - 1)) < 0) {
        return 0;
    }
    path[length] = 0;
    return strstr(path, wanted) ? kind : 0;
}

static int refuses_to_write(int fd) {
    switch (fault(fd)) {
    case 'f': errno = ENOSPC; return 1;
    case 'w': errno = EIO; return 1;
    default: return 0;
    }
}

static int refuses_to_sync(int fd) {
    if (!fault(fd)) {
        return 0;
    }
    errno = EIO;
    return 1;
}

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t write(int fd, const void *bytes, size_t count) {
    return refuses_to_write(fd) ? -1 : REAL(ssize_t, "write", int, const void *, size_t)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return refuses_to_write(fd) ? -1 : REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    return refuses_to_write(fd) ? -1 : REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(fd, bytes, count, at);
}

int fsync(int fd) { return refuses_to_sync(fd) ? -1 : REAL(int, "fsync", int)(fd); }

int fdatasync(int fd) { return refuses_to_sync(fd) ? -1 : REAL(int, "fdatasync", int)(fd); }
