// SPDX-License-Identifier: Apache-2.0
#include "settings/address.h"

#include <arpa/inet.h>

#include <charconv>

namespace eddy::host {
namespace {

Error not_an_address(std::string_view text) {
  const std::string found = text.empty() ? "an empty text" : std::string(text);
  return {Code::kConfig, "expected " + std::string(kAddressForm) + ", found " + found};
}

}  // namespace

Result<ListenAddress> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return not_an_address(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    in6_addr address{};
    if (inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1) return not_an_address(text);
  } else if (host.find_first_of("[]: /\t") != std::string_view::npos) {
    return not_an_address(text);
  }
  ListenAddress parsed{std::string(host), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return not_an_address(text);
  return parsed;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace eddy::host
