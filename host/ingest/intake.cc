// SPDX-License-Identifier: Apache-2.0
// The first half: heads.
#include "ingest/intake.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace eddy::host {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kPrefix = "/ingest/";
constexpr std::string_view kOpenApi = "/openapi.json";

std::string hex(std::uint64_t number) {
  char text[16];
  return {text, std::to_chars(text, text + sizeof text, number, 16).ptr};
}

}  // namespace

std::optional<std::string_view> route_of(std::string_view path) {
  if (path.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  return path.substr(kPrefix.size());
}

Intake::Intake(const IngestOptions& options, Transport& transport, const Clock& clock, IngestMetrics& metrics)
    : options_(options),
      transport_(transport),
      clock_(clock),
      metrics_(metrics),
      routes_(std::make_shared<IngestRoutes>()),
      authority_(options.authority),
      keys_(options.max_idempotency_keys),
      sorter_(options.max_waiting_bytes),
      // The time keeps the ids of one life of the host apart from those of the next.
      id_prefix_(options.host_id + "-" + hex(static_cast<std::uint64_t>(clock.now_us())) + "-") {}

void Intake::name_request(Exchange& exchange) {
  const HeadField& given = exchange.head.request_id;
  if (given.seen == 1 && sane_request_id(given.value)) {
    exchange.request_id = given.value;
  } else {
    exchange.request_id.assign(id_prefix_).append(hex(++last_id_));
  }
}

void Intake::judge(Exchange& exchange, const Peer& peer) {
  name_request(exchange);
  if (!judge_form(exchange)) return;
  const RequestHead& head = exchange.head;
  const std::string_view path = head.path();
  const auto name = route_of(path);
  if (name) find(exchange, *name);
  add_cors(exchange);
  if (head.verb == http::verb::options) return preflight(exchange);
  if (path == kOpenApi && options_.openapi) {
    if (admit(exchange, "openapi.json", peer)) serve_openapi(exchange);
    return;
  }
  if (!admit(exchange, name.value_or(path), peer)) return;
  if (exchange.route == nullptr) return not_found(exchange);
  if (head.verb != http::verb::post) {
    exchange.answer.refuse(405, "records are sent with POST");
    exchange.answer.add_header("Allow", "POST, OPTIONS");
    return;
  }
  if (judge_content(exchange)) judge_size(exchange);
}

// What two programs on the way could read differently, so that one sees a request where the other sees a body.
bool Intake::judge_form(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  const char* fault = nullptr;
  if (head.http_1_1 && head.host.seen != 1) {
    fault = "expected one Host header";
  } else if (head.content_length.seen > 1) {
    fault = "expected at most one Content-Length header";
  } else if (head.content_length.value.find_first_not_of("0123456789") != std::string::npos) {
    fault = "expected Content-Length to be a number";
  } else if (head.content_length.present() && head.transfer_encoding.present()) {
    fault = "expected either Content-Length or Transfer-Encoding";
  } else if (head.transfer_encoding.seen > 1 ||
             (head.transfer_encoding.present() && !same_word(head.transfer_encoding.value, "chunked"))) {
    fault = "expected Transfer-Encoding to be chunked";
  } else if (head.transfer_encoding.present() && !head.http_1_1) {
    fault = "HTTP/1.0 has no Transfer-Encoding";
  }
  if (fault == nullptr) return true;
  exchange.answer.refuse(400, fault);
  exchange.answer.close = true;
  return false;
}

void Intake::find(Exchange& exchange, std::string_view name) {
  if (const auto found = routes_->find(name); found != routes_->end()) exchange.route = found->second;
}

bool Intake::admit(Exchange& exchange, std::string_view name, const Peer& peer) {
  if (authority_ == nullptr) return true;
  const HeadField& authorization = exchange.head.authorization;
  if (authorization.seen > 1) {
    exchange.answer.refuse(400, "expected at most one Authorization header");
    return false;
  }
  exchange.admission =
      authority_->admit(name, {peer.address, authorization.get(), peer.certificate}, exchange.arrived_us);
  const Admission& admission = exchange.admission;
  if (admission.accepted()) return true;
  // Whoever may send to some route may read the description of all.
  if (admission.status == 403 && name == kOpenApi.substr(1)) return true;
  exchange.answer.refuse(admission.status, admission.message);
  if (!admission.www_authenticate.empty()) exchange.answer.add_header("WWW-Authenticate", admission.www_authenticate);
  if (admission.status == 429) exchange.answer.add_header("Retry-After", std::to_string(admission.retry_after_s));
  return false;
}

void Intake::not_found(Exchange& exchange) {
  Answer& answer = exchange.answer;
  answer.refuse(404, "there is no such route");
  answer.body.pop_back();
  answer.body += R"(,"routes":[)";
  const char* comma = "";
  for (const auto& [name, route] : *routes_) {
    answer.body += comma;
    append_json_string(answer.body, std::string(kPrefix) + name);
    comma = ",";
  }
  answer.body += "]}";
}

void Intake::serve_openapi(Exchange& exchange) {
  const auto verb = exchange.head.verb;
  if (verb != http::verb::get && verb != http::verb::head) {
    exchange.answer.refuse(405, "the description is read with GET");
    exchange.answer.add_header("Allow", "GET, HEAD, OPTIONS");
    return;
  }
  exchange.answer.status = 200;
  exchange.answer.body = options_.openapi();
}

bool Intake::judge_content(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  const auto format = body_format(head.content_type.value);
  if (!format || head.content_type.seen > 1) {
    exchange.answer.refuse(
        415, "expected Content-Type application/json, application/x-ndjson or application/jsonl, in UTF-8");
    return false;
  }
  const auto packed = packing(head.content_encoding.value);
  if (!packed || head.content_encoding.seen > 1) {
    exchange.answer.refuse(415, "expected Content-Encoding gzip, zstd or identity");
    exchange.answer.add_header("Accept-Encoding", "gzip, zstd");
    return false;
  }
  const HeadField& key = head.idempotency_key;
  if (key.present() && (key.seen > 1 || !sane_idempotency_key(key.value))) {
    exchange.answer.refuse(400, "expected one Idempotency-Key of 1 to 255 visible ASCII characters");
    return false;
  }
  exchange.format = *format;
  exchange.packing = *packed;
  return true;
}

void Intake::judge_size(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  if (head.expect.present() && head.http_1_1 && !same_word(head.expect.value, "100-continue")) {
    exchange.answer.refuse(417, "expected Expect to be 100-continue");
    return;
  }
  std::uint64_t length = 0;
  const std::string& text = head.content_length.value;
  std::from_chars(text.data(), text.data() + text.size(), length);
  if (length <= options_.max_body_bytes) return;
  exchange.answer.refuse(413, "the body has " + std::to_string(length) + " bytes; at most " +
                                  std::to_string(options_.max_body_bytes) + " are taken");
}

void Intake::add_cors(Exchange& exchange) {
  const std::vector<std::string>& allowed = options_.cors_origins;
  const HeadField& origin = exchange.head.origin;
  if (allowed.empty() || origin.seen != 1) return;
  const bool any = std::find(allowed.begin(), allowed.end(), "*") != allowed.end();
  if (!any && std::find(allowed.begin(), allowed.end(), origin.value) == allowed.end()) return;
  exchange.answer.add_header("Access-Control-Allow-Origin", any ? "*" : std::string_view(origin.value));
  if (!any) exchange.answer.add_header("Vary", "Origin");
  exchange.answer.add_header("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
}

// Browsers ask so without credentials, before the request itself.
void Intake::preflight(Exchange& exchange) {
  Answer& answer = exchange.answer;
  const bool openapi = exchange.head.path() == kOpenApi;
  if (exchange.route == nullptr && !openapi) return answer.refuse(404, "there is no such route");
  const std::string_view methods = openapi ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
  answer.status = 204;
  answer.add_header("Allow", methods);
  if (!exchange.head.asked_method.present()) return;
  if (answer.headers.find("Access-Control-Allow-Origin") == std::string::npos) return;
  answer.add_header("Access-Control-Allow-Methods", methods);
  answer.add_header(
      "Access-Control-Allow-Headers",
      "Content-Type, Content-Encoding, Authorization, Idempotency-Key, X-Request-Id, traceparent, tracestate");
  answer.add_header("Access-Control-Max-Age", "600");
}

}  // namespace eddy::host
