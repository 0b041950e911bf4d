// SPDX-License-Identifier: Apache-2.0
// The headers that a letter may carry after the original's own. FORMAT.md says what each holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace eddy::host {

inline constexpr std::string_view kHeaderPrefix = "__eddy.errors.";

// Last of the added headers; its value says how many there are, itself included.
inline constexpr std::string_view kCountHeader = "__eddy.errors.count";

enum class Fact : std::uint8_t {
  // Context headers, in both formats.
  kTopic,
  kPartition,
  kOffset,
  kStage,
  kExceptionClassName,
  kExceptionMessage,
  kFunction,
  kPlugin,
  kAttempts,
  kFingerprint,
  kId,
  // Of the raw format alone: there a letter has nothing but its headers.
  kFormat,
  kFailedAt,
  kDigest,
  kTimestamp,
  kPluginVersion,
  kPluginBuildId,
  kPluginSha256,
  kRoute,
  kRequestId,
  kIndex,
  kFault,
  kHops,
  kReturnedBy,
  kFirstFailure,
  kTruncated,
  kPrevious,
  kEditedFrom,
  kEncryptedWith,
};

inline constexpr std::array<std::string_view, 29> kFactNames = {
    "__eddy.errors.topic",
    "__eddy.errors.partition",
    "__eddy.errors.offset",
    "__eddy.errors.stage",
    "__eddy.errors.exception.class.name",
    "__eddy.errors.exception.message",
    "__eddy.errors.function",
    "__eddy.errors.plugin",
    "__eddy.errors.attempts",
    "__eddy.errors.fingerprint",
    "__eddy.errors.id",
    "__eddy.errors.format",
    "__eddy.errors.failed_at",
    "__eddy.errors.digest",
    "__eddy.errors.timestamp",
    "__eddy.errors.plugin.version",
    "__eddy.errors.plugin.build_id",
    "__eddy.errors.plugin.sha256",
    "__eddy.errors.route",
    "__eddy.errors.request_id",
    "__eddy.errors.index",
    "__eddy.errors.fault",
    "__eddy.errors.hops",
    "__eddy.errors.returned_by",
    "__eddy.errors.first_failure",
    "__eddy.errors.truncated",
    "__eddy.errors.previous",
    "__eddy.errors.edited_from",
    "__eddy.errors.encrypted_with",
};

constexpr std::string_view name_of(Fact fact) { return kFactNames[static_cast<std::size_t>(fact)]; }

}  // namespace eddy::host
