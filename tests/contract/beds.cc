// SPDX-License-Identifier: Apache-2.0
// The transports the contract is held against.
#include <cstdlib>
#include <filesystem>

#include "contract/kafka_bed.h"
#include "contract/transport_contract.h"
#include "stream/embedded/embedded.h"

namespace eddy::host::contract {

namespace {

class EmbeddedBed final : public TransportBed {
 public:
  EmbeddedBed() {
    std::string pattern = testing::TempDir() + "eddy-contract-XXXXXX";
    data_dir_ = ::mkdtemp(pattern.data());
  }
  ~EmbeddedBed() override { std::filesystem::remove_all(data_dir_); }

  Result<std::unique_ptr<Transport>> open() override {
    EmbeddedOptions options;
    options.data_dir = data_dir_;
    options.exclusive = false;
    options.max_record_bytes = 4u << 20;
    return open_embedded(options);
  }

 private:
  std::string data_dir_;
};

std::unique_ptr<TransportBed> make_embedded() { return std::make_unique<EmbeddedBed>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(Transports, TransportContract,
                         testing::Values(BedParam{"Embedded", make_embedded, true},
                                         BedParam{"Kafka", make_kafka, false}),
                         [](const auto& param) { return param.param.name; });

}  // namespace eddy::host::contract
