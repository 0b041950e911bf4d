// SPDX-License-Identifier: Apache-2.0
// One librdkafka instance with its callbacks.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "stream/kafka/conf.h"
#include "stream/kafka/error.h"
#include "stream/kafka/handles.h"
#include "stream/kafka/kafka.h"

namespace eddy::host::kafka {

// Thread-safe as librdkafka is; the functions below are to be set before they can be called.
class Client {
 public:
  using Undelivered = std::function<void(const rd_kafka_message_t&)>;

  // `where` names it in log lines: the function, or the part of the host.
  static Result<std::unique_ptr<Client>> make(const KafkaOptions& options, Role role, std::string where,
                                              const Settings& own = {}, Undelivered on_undelivered = {});
  ~Client();  // waits for librdkafka's threads
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* get() const { return handle_; }
  const std::string& where() const { return where_; }

  // A property as it is in force.
  std::size_t setting(const char* name, std::size_t otherwise) const;
  // Of a consumer's group: COOPERATIVE, EAGER, or NONE before it is let in and after it has left.
  std::string_view rebalance_protocol() const;

  // As kafka::explain, with what librdkafka last said about its connections when the brokers do not answer.
  Error explain(const Act& act, rd_kafka_resp_err_t code, std::string_view detail = {}) const;
  Error explain(const Act& act, const rd_kafka_error_t& error) const;
  // The error that finished this client, or none.
  rd_kafka_resp_err_t fatal(std::string& detail) const;

  std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t&)> on_rebalance;  // [who polls]
  Undelivered on_undelivered;                                                               // [a librdkafka thread]

 private:
  Client(const KafkaOptions& options, std::string where)
      : where_(std::move(where)), brokers_(options.brokers), redactor_(options) {}
  void hook(rd_kafka_conf_t* conf, Role role);
  void serve_in_background();
  static void log_line(const rd_kafka_t* handle, int level, const char* facility, const char* text);
  static void note_trouble(rd_kafka_t* handle, int code, const char* text, void* self);
  static void background(rd_kafka_t* handle, rd_kafka_event_t* event, void* self);

  rd_kafka_t* handle_ = nullptr;
  const std::string where_;
  const std::string brokers_;
  const Redactor redactor_;
  mutable std::mutex mutex_;
  std::string trouble_;  // under the mutex: the last error of a connection
};

}  // namespace eddy::host::kafka
