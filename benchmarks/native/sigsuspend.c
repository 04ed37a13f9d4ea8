/* Valgrind 3.19 removes its own signals from the mask that sigsuspend is given, in place. Swift's libdispatch keeps
   that mask in read-only memory, so valgrind crashes as soon as an asynchronous main begins to wait. Preloaded, this
   hands valgrind a copy. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    /* The kernel's own signal sets have 64 bits. */
    return (int)syscall(SYS_rt_sigsuspend, &copy, 8);
}
