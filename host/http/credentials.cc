// SPDX-License-Identifier: Apache-2.0
#include "http/credentials.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace eddy::host {

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() < kScheme.size()) return {};
  const bool bearer = std::equal(kScheme.begin(), kScheme.end(), header.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + ('a' - 'A')) : b);
  });
  if (!bearer) return {};
  header.remove_prefix(kScheme.size());
  const std::size_t begin = header.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return header.substr(begin, header.find_last_not_of(' ') + 1 - begin);
}

std::string printable(std::string_view name) {
  std::string out(name.substr(0, kLongestPeerName));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

std::string address_account(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in6_addr six{};
  const std::string plain(address.substr(0, address.find('%')));
  if (inet_pton(AF_INET6, plain.c_str(), &six) != 1 || IN6_IS_ADDR_V4MAPPED(&six)) return "address:" + plain;
  std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &six, text.data(), text.size());
  return std::string("address:") + text.data() + "/64";
}

}  // namespace eddy::host
