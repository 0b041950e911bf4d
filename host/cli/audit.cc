// SPDX-License-Identifier: Apache-2.0
#include "cli/audit.h"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>

#include "audit/audit_log.h"
#include "base/clock.h"

namespace eddy::host {

std::string user_name() {
  const passwd* user = ::getpwuid(::getuid());
  return "user " + (user != nullptr ? std::string(user->pw_name) : std::to_string(::getuid()));
}

Result<std::string> audited(const Settings& settings, const std::string& action, const Json& parameters,
                            const std::function<Result<std::string>()>& run) {
  std::error_code failed;
  std::filesystem::create_directories(settings.data_dir, failed);
  if (failed) return Error{Code::kUnavailable, "data_dir " + settings.data_dir + ": " + failed.message()};
  const AdminSettings& admin = settings.admin;
  const AuditLog log(settings.data_dir, {std::uint64_t{admin.audit_max_mib} << 20, admin.audit_files});
  const SystemClock clock;
  AuditEntry entry{.who = user_name(), .from = "command line", .action = action, .parameters = parameters};
  EDDY_ASSIGN(entry.id, log.append(entry, clock.now_us()));
  Result<std::string> done = run();
  entry.outcome = done ? AuditOutcome::kDone : AuditOutcome::kFailed;
  entry.result = done ? *done : done.error().text;
  if (const auto written = log.append(entry, clock.now_us()); !written) {
    report(written.error());  // it is done: the first entry stands
  }
  return done;
}

Result<void> note_reveal(const Settings& settings, const std::string& action, const Json& parameters) {
  auto noted = audited(settings, action, parameters, []() -> Result<std::string> { return std::string("revealed"); });
  return noted ? Result<void>() : noted.take_error();
}

}  // namespace eddy::host
