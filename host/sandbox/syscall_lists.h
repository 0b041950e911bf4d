// SPDX-License-Identifier: Apache-2.0
// The system calls of a sandboxed child, by what they are for. Whatever is not here fails with EPERM: making processes,
// tracing, signals and memory of others, mounts, keys, modules, clocks, io_uring, memfd (memory that no limit counts).
#pragma once

#include <seccomp.h>

namespace eddy::host {

inline constexpr int kMemoryCalls[] = {SCMP_SYS(mmap),    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
                                       SCMP_SYS(madvise), SCMP_SYS(brk),    SCMP_SYS(msync),  SCMP_SYS(membarrier)};

inline constexpr int kThreadCalls[] = {SCMP_SYS(futex),
                                       SCMP_SYS(futex_waitv),
                                       SCMP_SYS(set_robust_list),
                                       SCMP_SYS(get_robust_list),
                                       SCMP_SYS(rseq),
                                       SCMP_SYS(gettid),
                                       SCMP_SYS(sched_yield),
                                       SCMP_SYS(sched_getaffinity),
                                       SCMP_SYS(sched_getparam),
                                       SCMP_SYS(sched_getscheduler),
                                       SCMP_SYS(getcpu),
                                       SCMP_SYS(exit),
                                       SCMP_SYS(exit_group),
                                       SCMP_SYS(restart_syscall)};

inline constexpr int kSignalCalls[] = {SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
                                       SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigsuspend),  SCMP_SYS(rt_sigtimedwait),
                                       SCMP_SYS(sigaltstack),   SCMP_SYS(pause),          SCMP_SYS(alarm),
                                       SCMP_SYS(setitimer),     SCMP_SYS(getitimer)};

inline constexpr int kTimeCalls[] = {SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
                                     SCMP_SYS(nanosleep),     SCMP_SYS(gettimeofday), SCMP_SYS(time),
                                     SCMP_SYS(times)};

// On what is open already.
inline constexpr int kDescriptorCalls[] = {SCMP_SYS(read),
                                           SCMP_SYS(write),
                                           SCMP_SYS(readv),
                                           SCMP_SYS(writev),
                                           SCMP_SYS(pread64),
                                           SCMP_SYS(pwrite64),
                                           SCMP_SYS(preadv),
                                           SCMP_SYS(pwritev),
                                           SCMP_SYS(lseek),
                                           SCMP_SYS(close),
                                           SCMP_SYS(close_range),
                                           SCMP_SYS(fstat),
                                           SCMP_SYS(dup),
                                           SCMP_SYS(dup2),
                                           SCMP_SYS(dup3),
                                           SCMP_SYS(pipe),
                                           SCMP_SYS(pipe2),
                                           SCMP_SYS(eventfd2),
                                           SCMP_SYS(poll),
                                           SCMP_SYS(ppoll),
                                           SCMP_SYS(select),
                                           SCMP_SYS(pselect6),
                                           SCMP_SYS(epoll_create1),
                                           SCMP_SYS(epoll_ctl),
                                           SCMP_SYS(epoll_wait),
                                           SCMP_SYS(epoll_pwait),
                                           SCMP_SYS(timerfd_create),
                                           SCMP_SYS(timerfd_settime),
                                           SCMP_SYS(timerfd_gettime)};

// What a process may know of itself. newfstatat is also the C library's fstat: it tells that a file is there, and how
// large, of any path.
inline constexpr int kIdentityCalls[] = {
    SCMP_SYS(getpid),  SCMP_SYS(getppid), SCMP_SYS(getpgrp),   SCMP_SYS(getuid),    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),  SCMP_SYS(getegid), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
    SCMP_SYS(sysinfo), SCMP_SYS(uname),   SCMP_SYS(getcwd),    SCMP_SYS(newfstatat)};

inline constexpr int kFileCalls[] = {
    SCMP_SYS(open),       SCMP_SYS(openat),     SCMP_SYS(openat2),   SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(stat),       SCMP_SYS(lstat),     SCMP_SYS(statx),  SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(ftruncate), SCMP_SYS(fsync),  SCMP_SYS(fdatasync),
    SCMP_SYS(mkdir),      SCMP_SYS(mkdirat),    SCMP_SYS(rmdir),     SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    SCMP_SYS(rename),     SCMP_SYS(renameat),   SCMP_SYS(renameat2), SCMP_SYS(flock),  SCMP_SYS(fadvise64)};

inline constexpr int kNetworkCalls[] = {
    SCMP_SYS(socket),      SCMP_SYS(socketpair), SCMP_SYS(connect),   SCMP_SYS(bind),     SCMP_SYS(listen),
    SCMP_SYS(accept),      SCMP_SYS(accept4),    SCMP_SYS(sendto),    SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),     SCMP_SYS(sendmmsg),   SCMP_SYS(recvmmsg),  SCMP_SYS(shutdown), SCMP_SYS(getsockname),
    SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt)};

}  // namespace eddy::host
