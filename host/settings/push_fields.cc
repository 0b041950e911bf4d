// SPDX-License-Identifier: Apache-2.0
// The keys of those who are sent the metrics.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using P = PushSettings;

template <auto... Members>
Field push(Field field) {
  return stored<&Settings::push, Members...>(std::move(field));
}

Field interval(std::string_view path, std::uint32_t fallback) {
  return integer(path, fallback, 100, 3'600'000, "ms", "Time from one snapshot of the metrics to the next.");
}

void add_dogstatsd(std::vector<Field>& all) {
  using D = DogStatsdSettings;
  const auto add = [&](Field field) { all.push_back(std::move(field)); };
  add(push<&P::dogstatsd, &D::address>(
      {.path = "push.dogstatsd.address",
       .fallback = ""s,
       .doc = "Where a Datadog agent takes metrics: `udp://127.0.0.1:8125` or `unix:///var/run/datadog/dsd.socket`; "
              "`false`: they are not sent.",
       .may_be_off = true}));
  add(push<&P::dogstatsd, &D::interval_ms>(interval("push.dogstatsd.interval_ms", D().interval_ms)));
  add(push<&P::dogstatsd, &D::prefix>(text("push.dogstatsd.prefix", D().prefix,
                                           "Put in front of each metric's name: `eddy_records_total` becomes "
                                           "`eddy.records`.")));
  add(push<&P::dogstatsd, &D::tags>(
      texts("push.dogstatsd.tags", {}, "Tags of every metric, such as `env:production`.")));
}

void add_emf(std::vector<Field>& all) {
  using E = EmfSettings;
  const auto add = [&](Field field) { all.push_back(std::move(field)); };
  add(push<&P::emf, &E::file>(
      {.path = "push.emf.file",
       .fallback = ""s,
       .doc = "File that gets the metrics as lines in CloudWatch's embedded metric format, or `stdout`; it may be "
              "renamed or cut by whoever rotates it. `false`: they are not written.",
       .may_be_off = true}));
  add(push<&P::emf, &E::interval_ms>(interval("push.emf.interval_ms", E().interval_ms)));
  add(push<&P::emf, &E::name_space>(
      text("push.emf.namespace", E().name_space, "Namespace of the metrics in CloudWatch.")));
  add(push<&P::emf, &E::dimensions>({.path = "push.emf.dimensions",
                                     .kind = Kind::kProperties,
                                     .fallback = "{}"s,
                                     .doc = "Dimensions of every metric, such as `{ cluster: eu }`."}));
}

}  // namespace

void add_push(std::vector<Field>& all) {
  add_dogstatsd(all);
  add_emf(all);
}

}  // namespace eddy::host
