// SPDX-License-Identifier: Apache-2.0
#include "runtime/health_api.h"

namespace eddy::host {
namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

HttpReply readiness(const HostViewBox& box, Survey& survey) {
  HttpReply reply;
  reply.body = why_not_ready(box, survey);
  reply.status = reply.body.empty() ? 200 : 503;
  if (reply.body.empty()) reply.body = "ready\n";
  return reply;
}

}  // namespace

std::string why_not_ready(const HostViewBox& box, Survey& survey) {
  std::string why;
  const auto view = box.get();  // held: the control thread may replace it meanwhile
  for (const std::string& trouble : view->troubles) why += trouble + "\n";
  if (const std::string trouble = survey.trouble(); !trouble.empty()) why += "streams: " + trouble + "\n";
  return why;
}

void add_health_routes(AdminServer& admin, Metrics& metrics, const HostViewBox& view, Survey& survey) {
  admin.route({.path = "/metrics",
               .summary = "Metrics for Prometheus",
               .reply_type = "text/plain; version=0.0.4; charset=utf-8",
               .lane = ApiLane::kQuick,
               .handler = [&metrics](const ApiRequest&) {
                 return HttpReply{200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()};
               }});
  admin.route({.path = "/healthz",
               .summary = "Whether the process is alive",
               .reply_type = kText,
               .needs = std::nullopt,
               .lane = ApiLane::kQuick,
               .handler = [](const ApiRequest&) {
                 return HttpReply{200, kText, "ok\n"};
               }});
  admin.route({.path = "/readyz",
               .summary = "Whether all functions, tables and APIs work; if not, why, a line each",
               .reply_type = kText,
               .refusals = {503},
               .needs = std::nullopt,
               .lane = ApiLane::kQuick,
               .handler = [&view, &survey](const ApiRequest&) { return readiness(view, survey); }});
}

}  // namespace eddy::host
