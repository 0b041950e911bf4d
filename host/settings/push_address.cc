// SPDX-License-Identifier: Apache-2.0
#include "settings/push_address.h"

#include <sys/un.h>

#include "settings/address.h"

namespace eddy::host {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kUdp = "udp://";

Error not_one(std::string_view text) {
  return {Code::kConfig,
          "expected udp://HOST:PORT or unix:///PATH, such as udp://127.0.0.1:8125, found " + std::string(text)};
}

Result<PushAddress> socket_path(std::string_view path, std::string_view text) {
  if (!path.starts_with('/')) return not_one(text);
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error{Code::kConfig, "expected a path of at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                    " bytes, which is what a socket may have, found " + std::to_string(path.size())};
  }
  return PushAddress{std::string(path), "", ""};
}

}  // namespace

Result<PushAddress> parse_push_address(std::string_view text) {
  if (text.starts_with(kUnix)) return socket_path(text.substr(kUnix.size()), text);
  if (!text.starts_with(kUdp)) return not_one(text);
  const std::string_view place = text.substr(kUdp.size());
  const std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return not_one(text);
  std::string_view host = place.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return not_one(text);  // an IPv6 address needs its brackets
  }
  // parse_listen knows what a port is; the host may be any name here.
  const auto checked = parse_listen("127.0.0.1:" + std::string(place.substr(colon + 1)));
  if (host.empty() || !checked || checked->port == 0) return not_one(text);
  return PushAddress{"", std::string(host), std::to_string(checked->port)};
}

}  // namespace eddy::host
