// SPDX-License-Identifier: Apache-2.0
#include "sandbox/seccomp_filter.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "sandbox/syscall_lists.h"
#include "sandbox/system_error.h"

namespace eddy::host {
namespace {

using Program = std::vector<sock_filter>;

// Stands for the child's own number, which is not known when the filter is compiled; no process has this one.
constexpr std::uint32_t kOwnPid = 0x5EDD1E57;

// Made once and kept, in the zygote, for its children.
std::array<Program, 4> prepared;

std::size_t index_of(const SyscallProfile& profile) { return (profile.files ? 1U : 0U) + (profile.network ? 2U : 0U); }

scmp_arg_cmp equal(unsigned argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

class Compiler {
 public:
  Compiler() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release) {}

  Result<Program> compile(const SyscallProfile& profile) {
    if (context_ == nullptr) return cannot("sandbox", "begin a filter", ENOMEM);
    allow_always();
    if (profile.files) allow(kFileCalls);
    if (profile.network) allow_network();
    if (error_ != 0) return cannot("sandbox", "build a filter", -error_);
    return program();
  }

 private:
  void keep(int result) {
    if (result != 0 && error_ == 0) error_ = result;
  }
  void allow(std::span<const int> calls) {
    for (const int call : calls) keep(seccomp_rule_add(context_.get(), SCMP_ACT_ALLOW, call, 0));
  }
  void allow_when(int call, scmp_arg_cmp condition) {
    keep(seccomp_rule_add(context_.get(), SCMP_ACT_ALLOW, call, 1, condition));
  }

  void allow_always() {
    for (const auto calls : std::initializer_list<std::span<const int>>{kMemoryCalls, kThreadCalls, kSignalCalls,
                                                                        kTimeCalls, kDescriptorCalls, kIdentityCalls}) {
      allow(calls);
    }
    // Threads, not processes. clone3 passes its flags in memory, where no filter sees them: the C library falls back.
    constexpr std::uint64_t kSpaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                      CLONE_NEWPID | CLONE_NEWNET | CLONE_PARENT | CLONE_PTRACE;
    allow_when(SCMP_SYS(clone),
               {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD | kSpaces, .datum_b = CLONE_THREAD});
    keep(seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
    for (const int call : {SCMP_SYS(kill), SCMP_SYS(tgkill)}) allow_when(call, equal(0, kOwnPid));
    // Not F_SETOWN: with F_SETSIG it sends any signal to any process of the same user.
    for (const unsigned command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL}) {
      allow_when(SCMP_SYS(fcntl), equal(1, command));
    }
    for (const unsigned command : {PR_SET_NAME, PR_GET_NAME}) {
      allow_when(SCMP_SYS(prctl), equal(0, command));
    }
    allow_when(SCMP_SYS(prlimit64), equal(2, 0));  // to read, not to set
  }

  void allow_network() {
    allow(kNetworkCalls);
    for (const unsigned long request : {FIONREAD, FIONBIO}) {
      allow_when(SCMP_SYS(ioctl), equal(1, request));
    }
  }

  Result<Program> program() {
    seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree, not a list: 15 ns a call
    const FileDescriptor file(memfd_create("eddy-filter", MFD_CLOEXEC));
    if (!file.valid()) return cannot("sandbox", "keep a filter");
    if (const int result = seccomp_export_bpf(context_.get(), file.get()); result != 0) {
      return cannot("sandbox", "compile a filter", -result);
    }
    const off_t size = lseek(file.get(), 0, SEEK_END);
    Program program(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) {
      return cannot("sandbox", "read a filter");
    }
    return program;
  }

  std::unique_ptr<void, decltype(&seccomp_release)> context_;
  int error_ = 0;
};

void put_own_pid(Program& program) {
  for (sock_filter& step : program) {
    if (BPF_CLASS(step.code) == BPF_JMP && step.k == kOwnPid) step.k = static_cast<std::uint32_t>(getpid());
  }
}

}  // namespace

void prepare_seccomp_filters() {
  for (const bool files : {false, true}) {
    for (const bool network : {false, true}) {
      const SyscallProfile profile{.files = files, .network = network};
      auto program = Compiler().compile(profile);
      if (program) prepared[index_of(profile)] = *std::move(program);  // else the child tries, and tells
    }
  }
}

Result<void> install_seccomp_filter(const SyscallProfile& profile) {
  Program program = prepared[index_of(profile)];
  if (program.empty()) {
    EDDY_ASSIGN(program, Compiler().compile(profile));
  }
  put_own_pid(program);
  sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (result != 0) return cannot("sandbox", "install a filter", result > 0 ? EBUSY : errno);
  return {};
}

}  // namespace eddy::host
