// SPDX-License-Identifier: Apache-2.0
// Which sanitizer this was compiled with, for g++ and clang++.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EDDY_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define EDDY_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define EDDY_ADDRESS_SANITIZER 1
#endif
#if defined(__SANITIZE_THREAD__)
#define EDDY_THREAD_SANITIZER 1
#endif

namespace eddy::host {

#if defined(EDDY_ADDRESS_SANITIZER)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

// Kills the process at the second survived SIGSEGV, and delivers asynchronous signals late: a signal cannot be
// recovered from in thread mode under it.
#if defined(EDDY_THREAD_SANITIZER)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace eddy::host
