// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/client.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/log.h"

namespace eddy::host::kafka {

namespace {

Client& client_of(void* opaque) { return *static_cast<Client*>(opaque); }

bool about_connection(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return true;
    default:
      return false;
  }
}

bool brokers_silent(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__WAIT_COORD ||
         code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::make(const KafkaOptions& options, Role role, std::string where,
                                             const Settings& own, Undelivered on_undelivered) {
  EDDY_ASSIGN(Conf conf, Conf::make(options, role, own));
  std::unique_ptr<Client> client(new Client(options, std::move(where)));
  client->on_undelivered = std::move(on_undelivered);
  client->hook(conf.get(), role);
  char text[512];
  client->handle_ =
      rd_kafka_new(role == Role::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text));
  if (client->handle_ == nullptr) {
    return Error{Code::kConfig, fmt::format("streams.kafka: librdkafka does not take the properties: {}",
                                            client->redactor_.clean(text))};
  }
  conf.release();
  if (role == Role::kProducer) client->serve_in_background();
  if (role == Role::kConsumer || role == Role::kBrowser) rd_kafka_poll_set_consumer(client->handle_);
  return client;
}

Client::~Client() {
  if (handle_ != nullptr) rd_kafka_destroy(handle_);
}

void Client::hook(rd_kafka_conf_t* conf, Role role) {
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_log_cb(conf, log_line);
  rd_kafka_conf_set_error_cb(conf, note_trouble);
  if (role == Role::kConsumer) {
    rd_kafka_conf_set_rebalance_cb(
        conf, [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions, void* self) {
          if (client_of(self).on_rebalance) client_of(self).on_rebalance(what, *partitions);
        });
  }
  if (role == Role::kProducer) {
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rd_kafka_conf_set_background_event_cb(conf, background);
  }
}

// Failed deliveries are served by a thread of librdkafka's. Served by flush() instead, every flush would end up to 10
// ms late: it looks that seldom when successes are not reported.
void Client::serve_in_background() {
  const Queue main(rd_kafka_queue_get_main(handle_));
  const Queue served(rd_kafka_queue_get_background(handle_));
  rd_kafka_queue_forward(main.get(), served.get());
}

void Client::background(rd_kafka_t*, rd_kafka_event_t* event, void* self) {
  const Event owner(event);
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_DR || !client_of(self).on_undelivered) return;
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) client_of(self).on_undelivered(*message);
  }
}

void Client::log_line(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  const std::string_view kind = facility;
  if (kind == "CONFWARN") return;  // a producer's property given to a consumer, and the like: all get the same
  const Client& self = client_of(rd_kafka_opaque(handle));
  const LogLevel ours = level <= 4 ? LogLevel::kWarn : level <= 6 ? LogLevel::kInfo : LogLevel::kDebug;
  log_limited(ours, self.where_, fmt::format("kafka {}", kind), "kafka: " + self.redactor_.clean(text));
}

void Client::note_trouble(rd_kafka_t*, int code, const char* text, void* self) {
  Client& client = client_of(self);
  if (!about_connection(static_cast<rd_kafka_resp_err_t>(code))) return;
  std::string cleaned = client.redactor_.clean(text);
  const std::lock_guard lock(client.mutex_);
  client.trouble_ = std::move(cleaned);
}

std::size_t Client::setting(const char* name, std::size_t otherwise) const {
  char text[32];
  std::size_t size = sizeof(text);
  if (rd_kafka_conf_get(rd_kafka_conf(handle_), name, text, &size) != RD_KAFKA_CONF_OK) return otherwise;
  return static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

std::string_view Client::rebalance_protocol() const {
  const char* const protocol = rd_kafka_rebalance_protocol(handle_);
  return protocol == nullptr ? "NONE" : protocol;
}

Error Client::explain(const Act& act, rd_kafka_resp_err_t code, std::string_view detail) const {
  std::string text = redactor_.clean(std::string(detail));
  if (brokers_silent(code)) {
    const std::lock_guard lock(mutex_);
    if (text.empty()) text = rd_kafka_err2str(code);
    if (!trouble_.empty()) text += fmt::format(" (last: {})", trouble_);
  }
  return kafka::explain(brokers_, act, code, text);
}

Error Client::explain(const Act& act, const rd_kafka_error_t& error) const {
  return explain(act, rd_kafka_error_code(&error), rd_kafka_error_string(&error));
}

rd_kafka_resp_err_t Client::fatal(std::string& detail) const {
  char text[512];
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle_, text, sizeof(text));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) detail = redactor_.clean(text);
  return code;
}

}  // namespace eddy::host::kafka
