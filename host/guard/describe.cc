// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <csignal>
#include <string_view>

#include "guard/symbolise.h"

namespace eddy::host {
namespace {

struct CodeName {
  int signal;
  int code;
  const char* name;
};

constexpr std::array<CodeName, 12> kCodeNames = {{{SIGSEGV, SEGV_MAPERR, "address not mapped"},
                                                  {SIGSEGV, SEGV_ACCERR, "access not allowed"},
                                                  {SIGSEGV, SI_KERNEL, "no valid address"},
                                                  {SIGBUS, BUS_ADRALN, "misaligned address"},
                                                  {SIGBUS, BUS_ADRERR, "behind the end of the file"},
                                                  {SIGBUS, BUS_OBJERR, "hardware error"},
                                                  {SIGFPE, FPE_INTDIV, "integer division by zero"},
                                                  {SIGFPE, FPE_INTOVF, "integer overflow"},
                                                  {SIGFPE, FPE_FLTDIV, "floating point division by zero"},
                                                  {SIGFPE, FPE_FLTINV, "invalid floating point operation"},
                                                  {SIGILL, ILL_ILLOPN, "illegal operand"},
                                                  {SIGILL, ILL_ILLOPC, "illegal instruction"}}};

std::string_view code_name(const Fault& fault) {
  if (fault.stack_overflow) return "stack overflow";
  for (const CodeName& known : kCodeNames) {
    if (known.signal == fault.signal && known.code == fault.code) return known.name;
  }
  return {};
}

std::string place(const Frame& frame) {
  std::string text = frame.module.empty() ? "an unmapped address" : fmt::format("{}+{:#x}", frame.module, frame.offset);
  if (!frame.function.empty()) text += fmt::format(" ({})", frame.function);
  return text;
}

// "movies.so+0x2f31 (to_release)", or "libc.so.6+0x… (…), called from movies.so+0x… (…)".
std::string where(const Fault& fault, const CodeRange& image) {
  const std::vector<Frame> frames = symbolise(fault, image);
  if (frames.empty()) return "an unknown place";
  std::string text = place(frames.front());
  if (frames.front().in_image) return text;
  for (const Frame& frame : frames) {
    if (frame.in_image) return text + ", called from " + place(frame);
  }
  return text;
}

std::string describe_signal(const Fault& fault, const CodeRange& image) {
  std::string text = signal_name(fault.signal);
  if (const std::string_view code = code_name(fault); !code.empty()) text += fmt::format(" ({})", code);
  if (fault.code > 0 && (fault.signal == SIGSEGV || fault.signal == SIGBUS)) {
    text += fmt::format(" at {:#x}", fault.address);
  }
  text += " in " + where(fault, image);
  if (fault.exception_type[0] != '\0') text += fmt::format(", after {}", fault.exception_type);
  if (fault.exception_message[0] != '\0') text += fmt::format(": {}", fault.exception_message);
  return text;
}

std::string describe_exit(const Fault& fault, const CodeRange& image) {
  if (std::string_view(fault.exit_name) == "pthread_exit") return "pthread_exit() in " + where(fault, image);
  return fmt::format("{}({}) in {}", fault.exit_name, fault.exit_status, where(fault, image));
}

std::string describe_exception(const Fault& fault) {
  if (fault.exception_message[0] == '\0') return fault.exception_type;
  return fmt::format("{}: {}", fault.exception_type, fault.exception_message);
}

}  // namespace

const char* signal_name(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    case SIGTRAP:
      return "SIGTRAP";
    case SIGABRT:
      return "SIGABRT";
    case SIGKILL:
      return "SIGKILL";
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGHUP:
      return "SIGHUP";
    case SIGQUIT:
      return "SIGQUIT";
    case SIGSYS:
      return "SIGSYS";
    case SIGXCPU:
      return "SIGXCPU";
    case SIGPIPE:
      return "SIGPIPE";
    case SIGALRM:
      return "SIGALRM";
    default:
      return "signal";
  }
}

std::string describe(Verdict verdict, const Fault& fault, std::uint32_t timeout_ms, const CodeRange& image) {
  switch (verdict) {
    case Verdict::kReturned:
      return "returned";
    case Verdict::kException:
      return describe_exception(fault);
    case Verdict::kSignal:
      return describe_signal(fault, image);
    case Verdict::kTimeout:
      return fmt::format("no return within {} ms, hung in {}", timeout_ms, where(fault, image));
    case Verdict::kExit:
      return describe_exit(fault, image);
  }
  return "";
}

}  // namespace eddy::host
