// SPDX-License-Identifier: Apache-2.0
// What the parts of one open transport share. Sessions and browsers keep it alive.
#pragma once

#include <memory>

#include "stream/kafka/cluster.h"
#include "stream/kafka/kafka.h"
#include "stream/kafka/topics.h"

namespace eddy::host::kafka {

// Thread-safe: what is below takes care of itself, the options do not change after open.
struct Core {
  Core(KafkaOptions with, std::unique_ptr<Cluster> opened)
      : options(std::move(with)), cluster(std::move(opened)), topics(options, *cluster) {}

  const KafkaOptions options;
  const std::unique_ptr<Cluster> cluster;
  Topics topics;
};

}  // namespace eddy::host::kafka
