/* A disk that takes its time: while the file named by SLOW_SYNC exists, every fsync and fdatasync takes two seconds
   longer. Loaded with LD_PRELOAD by durability.rs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *slow = getenv("SLOW_SYNC");
    if (slow && access(slow, F_OK) == 0) {
        sleep(2);
    }
    return real(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }

int fdatasync(int fd) { return slowly("fdatasync", fd); }
