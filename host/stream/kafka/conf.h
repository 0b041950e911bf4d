// SPDX-License-Identifier: Apache-2.0
// The settings of one librdkafka client: ours, the user's, and those that nobody may change.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "stream/kafka/handles.h"
#include "stream/kafka/kafka.h"

namespace eddy::host::kafka {

enum class Role : std::uint8_t { kAdmin, kBrowser, kConsumer, kProducer };

using Settings = std::vector<std::pair<std::string, std::string>>;

class Conf {
 public:
  // What suits the role, then the user's properties over it, then `own` over all. kConfig names a property that is
  // unknown, has a bad value, or that the guarantees stand on.
  static Result<Conf> make(const KafkaOptions& options, Role role, const Settings& own = {});

  rd_kafka_conf_t* get() const { return conf_.get(); }
  rd_kafka_conf_t* release() { return conf_.release(); }

 private:
  Conf() : conf_(rd_kafka_conf_new()) {}
  Result<void> set(const std::string& name, const std::string& value);

  std::unique_ptr<rd_kafka_conf_t, CallDestroy<rd_kafka_conf_destroy>> conf_;
};

// True for a property whose value must never be shown.
bool is_secret(std::string_view property);

// Takes secrets out of texts that librdkafka wrote. A value.
class Redactor {
 public:
  explicit Redactor(const KafkaOptions& options);
  std::string clean(std::string text) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace eddy::host::kafka
