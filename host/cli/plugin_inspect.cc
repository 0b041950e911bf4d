// SPDX-License-Identifier: Apache-2.0
// eddy plugin inspect: the note, then the manifest.
#include "base/temporary_folder.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "function/call.h"
#include "plugin/loader.h"
#include "runtime/trust.h"

namespace eddy::host {

namespace {

struct InspectOptions {
  CommonOptions common;
  std::string file;
  bool note_only = false;
};

std::string model_name(const ModelPtr& model) { return model == nullptr ? "" : model->signature(); }

// The signature beside the file, judged by the configuration's keys. Looking at a file does not need a good one.
Result<Json> signature_json(const InspectOptions& options, const Sha256Digest& digest) {
  EDDY_ASSIGN(const Settings settings, load(options.common));
  EDDY_ASSIGN(Trust trust, open_trust(settings));
  trust.required = true;
  const auto signer = check_signature(options.file, digest, trust, true);
  if (!signer) return Json{{"signed_by", nullptr}, {"signature", signer.error().text}};
  return Json{{"signed_by", signer_json(*signer)}, {"signature", "good"}};
}

Json note_json(const Loader::Admitted& file) {
  return {{"plugin", file.identity.name},
          {"version", file.identity.version},
          {"build_id", file.identity.build_id},
          {"sha256", file.identity.sha256},
          {"sdk", file.sdk_version},
          {"abi", std::to_string(file.abi_major) + "." + std::to_string(file.abi_minor_required)}};
}

Json manifest_json(const Manifest& manifest) {
  static constexpr const char* kKinds[] = {"", "transform", "consumer", "multi-transform"};
  static constexpr const char* kInputs[] = {"", "record", "json", "row", "dead letter"};
  Json json{{"streams", Json::array()},
            {"queues", Json::array()},
            {"tables", Json::array()},
            {"ingest_apis", Json::array()},
            {"functions", Json::array()}};
  for (const StreamDecl& stream : manifest.streams) {
    json["streams"].push_back({{"name", stream.name},
                               {"model", model_name(stream.model)},
                               {"partitions", stream.partitions},
                               {"dead_letter_queue", stream.dead_letter_queue},
                               {"destination", stream.destination}});
  }
  for (const QueueDecl& queue : manifest.queues) {
    json["queues"].push_back({{"name", queue.name}, {"model", model_name(queue.model)}});
  }
  for (const TableDecl& table : manifest.tables) {
    json["tables"].push_back({{"name", table.name}, {"model", model_name(table.model)}});
  }
  for (const IngestApiDecl& api : manifest.ingest_apis) {
    json["ingest_apis"].push_back({{"name", api.name}, {"version", api.version}, {"destination", api.destination}});
  }
  for (const FunctionDecl& function : manifest.functions) {
    json["functions"].push_back({{"name", function.name},
                                 {"kind", kKinds[function.kind]},
                                 {"input", kInputs[function.input]},
                                 {"source", function.source},
                                 {"destination", function.destination},
                                 {"dead_letter_queue", function.dead_letter_queue}});
  }
  return json;
}

void print_section(const Json& json) {
  for (const auto& [name, value] : json.items()) {
    if (value.is_array()) {
      print(name + (value.empty() ? ": none\n" : ":\n"));
      for (const Json& item : value) print("  " + item.dump() + "\n");
    } else {
      print(name + ": " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n");
    }
  }
}

Result<int> inspect(const InspectOptions& options) {
  EDDY_ASSIGN(const auto zygote, Zygote::start());
  EDDY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  // What is only looked at is not loaded here: the child that tries it says what it declares.
  Loader loader(
      {.state_dir = folder.path(), .host = host_table(), .zygote = zygote.get(), .in_host = [](const Manifest&) {
         return false;
       }});
  EDDY_ASSIGN(const Loader::Admitted file, loader.admit(options.file, true));
  Json json = note_json(file);
  EDDY_ASSIGN(const Json signature, signature_json(options, sha256(file.bytes)));
  json.update(signature);
  if (!options.common.json) print_section(json);
  if (!options.note_only) {
    EDDY_ASSIGN(const ImagePtr image, loader.load(file));
    const Json manifest = manifest_json(image->manifest);
    if (!options.common.json) print_section(manifest);
    json["manifest"] = manifest;
  }
  if (options.common.json) print_json(json);
  return kExitDone;
}

}  // namespace

void add_plugin_inspect(CommandLine& line, CLI::App& plugin) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = plugin.add_subcommand("inspect", "The note of a file and who signed it, then what it declares");
  command->add_option("file", options->file, "Plugin (.so)")->required();
  command->add_flag("--note", options->note_only, "The note only: runs no code of the plugin");
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = inspect(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

void add_plugin(CommandLine& line) {
  CLI::App* plugin =
      line.app.add_subcommand("plugin", "Look at a plugin file, try it, sign it; see to those of a running host");
  plugin->require_subcommand(1);
  add_plugin_inspect(line, *plugin);
  add_plugin_test(line, *plugin);
  add_plugin_keygen(line, *plugin);
  add_plugin_sign(line, *plugin);
  add_plugin_verify(line, *plugin);
  add_plugin_control(line, *plugin);
}

}  // namespace eddy::host
