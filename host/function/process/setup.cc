// SPDX-License-Identifier: Apache-2.0
#include "function/process/setup.h"

#include <nlohmann/json.hpp>

namespace eddy::host {

using Json = nlohmann::json;

namespace {

Json json_of(const Destination& destination) {
  return {{"name", destination.name},
          {"partitions", destination.partitions},
          {"max_record_bytes", destination.max_record_bytes},
          {"model", destination.foreign_model}};
}

Json json_of(const Confinement& limits) {
  return {{"sandboxed", limits.sandboxed},     {"memory_bytes", limits.memory_bytes},
          {"cpu_seconds", limits.cpu_seconds}, {"open_files", limits.open_files},
          {"network", limits.network},         {"read_paths", limits.read_paths},
          {"write_paths", limits.write_paths}};
}

Confinement confinement_of(const Json& json) {
  Confinement limits;
  limits.sandboxed = json.at("sandboxed");
  limits.memory_bytes = json.at("memory_bytes");
  limits.cpu_seconds = json.at("cpu_seconds");
  limits.open_files = json.at("open_files");
  limits.network = json.at("network");
  limits.read_paths = json.at("read_paths");
  limits.write_paths = json.at("write_paths");
  return limits;
}

WorkerSetup setup_of(const Json& json) {
  WorkerSetup setup;
  const Json& plugin = json.at("plugin");
  setup.identity = {.name = plugin.at("name"),
                    .version = plugin.at("version"),
                    .build_id = plugin.at("build_id"),
                    .sha256 = plugin.at("sha256"),
                    .file = plugin.at("file")};
  setup.mapped_path = json.at("mapped_path");
  setup.abi_major = json.at("abi_major");
  setup.abi_minor_required = json.at("abi_minor_required");
  setup.function = json.at("function");
  setup.config_json = json.at("config");
  setup.timeout_ms = json.at("timeout_ms");
  for (const Json& one : json.at("destinations")) {
    Destination destination{.name = one.at("name"),
                            .id = StreamId(static_cast<std::uint32_t>(setup.destinations.size())),
                            .partitions = one.at("partitions"),
                            .max_record_bytes = one.at("max_record_bytes"),
                            .model = nullptr,
                            .foreign_model = one.at("model")};
    setup.destinations.push_back(std::move(destination));
  }
  setup.confinement = confinement_of(json.at("confinement"));
  setup.log = {.level = json.at("log").at("level"), .json = json.at("log").at("json")};
  setup.letter_keys = json.at("letter_keys");
  return setup;
}

Confinement confinement_for(const Binding& binding) {
  const SandboxSettings& asked = binding.settings.sandbox;
  Confinement limits;
  limits.sandboxed = binding.placement == Placement::kSandbox;
  if (!limits.sandboxed) return {.sandboxed = false, .open_files = 0};  // moved there: it may do what it could before
  limits.memory_bytes = std::uint64_t{asked.memory_mib} << 20;
  limits.cpu_seconds = asked.cpu_seconds;
  limits.open_files = asked.open_files;
  limits.network = asked.network;
  limits.read_paths = asked.read;
  limits.write_paths = asked.write;
  return limits;
}

}  // namespace

WorkerSetup setup_for(const Binding& binding) {
  WorkerSetup setup{.identity = binding.image->identity,
                    .mapped_path = binding.image->mapped_path,
                    .abi_major = binding.image->abi_major,
                    .abi_minor_required = binding.image->abi_minor_required,
                    .function = binding.decl->name,
                    .config_json = binding.settings.config_json,
                    .timeout_ms = binding.settings.timeout_ms,
                    .destinations = binding.destinations,
                    .confinement = confinement_for(binding),
                    .log = log_options()};
  if (binding.over_queue()) {
    for (const auto& [id, key] : *letter_keys()) setup.letter_keys.push_back(key->text());
  }
  for (Destination& destination : setup.destinations) {
    if (destination.model != nullptr) destination.foreign_model = destination.model->signature();
    destination.model = nullptr;
  }
  return setup;
}

std::string to_json(const WorkerSetup& setup) {
  Json destinations = Json::array();
  for (const Destination& destination : setup.destinations) destinations.push_back(json_of(destination));
  const PluginIdentity& plugin = setup.identity;
  return Json{{"plugin",
               {{"name", plugin.name},
                {"version", plugin.version},
                {"build_id", plugin.build_id},
                {"sha256", plugin.sha256},
                {"file", plugin.file}}},
              {"mapped_path", setup.mapped_path},
              {"abi_major", setup.abi_major},
              {"abi_minor_required", setup.abi_minor_required},
              {"function", setup.function},
              {"config", setup.config_json},
              {"timeout_ms", setup.timeout_ms},
              {"destinations", std::move(destinations)},
              {"confinement", json_of(setup.confinement)},
              {"log", {{"level", setup.log.level}, {"json", setup.log.json}}},
              {"letter_keys", setup.letter_keys}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<WorkerSetup> from_json(std::string_view text) {
  try {
    return setup_of(Json::parse(text));
  } catch (const Json::exception& error) {
    return Error{Code::kInternal, std::string("worker process: its set-up cannot be read: ") + error.what()};
  }
}

}  // namespace eddy::host
