// SPDX-License-Identifier: Apache-2.0
// A count of all records, which goes on from build to build; COUNT_REFUSES: this build takes over nothing.
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

#define COUNT_TEXT_(version) #version
#define COUNT_TEXT(version) COUNT_TEXT_(version)
EDDY_PLUGIN_INFO("count", COUNT_TEXT(COUNT_VERSION) ".0.0")

class Count {
 public:
  static constexpr std::uint32_t state_version = COUNT_VERSION;
  void save(eddy::StateWriter& to) const { to.write(count_); }
  void load([[maybe_unused]] std::uint32_t version, eddy::StateReader& from) {
#ifdef COUNT_REFUSES
    throw std::runtime_error("too old: version " + std::to_string(version));
#endif
    from.read(count_);
  }
  std::string operator()(const eddy::Record&) { return std::to_string(++count_) + " v" COUNT_TEXT(COUNT_VERSION); }

 private:
  std::uint64_t count_ = 0;
};

EDDY_PLUGIN(app) { app.stream("count_in").add_transform<Count>(app.stream("count_out"), {.name = "count"}); }
