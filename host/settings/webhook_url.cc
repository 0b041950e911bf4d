// SPDX-License-Identifier: Apache-2.0
#include "settings/webhook_url.h"

#include <algorithm>

#include "settings/address.h"

namespace eddy::host {
namespace {

Error wrong(const char* found) {
  return {Code::kConfig, std::string("expected https://HOST/PATH or http://HOST:PORT/PATH, found ") + found};
}

}  // namespace

Result<WebhookUrl> parse_webhook_url(std::string_view url) {
  WebhookUrl out;
  out.secure = url.starts_with("https://");
  if (!out.secure && !url.starts_with("http://")) return wrong("another scheme, or none");
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return wrong("characters that a URL does not have; write them as %XX");
  url.remove_prefix(url.find("://") + 3);
  const std::size_t slash = std::min(url.find_first_of("/?#"), url.size());
  std::string_view place = url.substr(0, slash);
  out.target = url.substr(slash, url.find('#') - slash);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (place.find('@') != std::string_view::npos) return wrong("a user before the host; notices are signed instead");
  out.port = out.secure ? "443" : "80";
  const std::size_t colon = place.rfind(':');
  if (colon != std::string_view::npos && place.find(']', colon) == std::string_view::npos) {
    const auto port = parse_listen("127.0.0.1:" + std::string(place.substr(colon + 1)));
    if (!port || port->port == 0) return wrong("no port after the colon");
    out.port = std::to_string(port->port);
    place = place.substr(0, colon);
  }
  if (place.starts_with('[') && place.ends_with(']')) place = place.substr(1, place.size() - 2);
  if (place.empty() || place.find_first_of("[]") != std::string_view::npos) return wrong("no host");
  out.host = place;
  return out;
}

}  // namespace eddy::host
