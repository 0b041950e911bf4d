// SPDX-License-Identifier: Apache-2.0
#include "plugin/registrar.h"

#include <algorithm>
#include <exception>

#include "plugin/declaration.h"

#pragma GCC diagnostic ignored "-Wold-style-cast"  // EDDY_HAS is a macro for C as well

namespace eddy::host {

namespace {

constexpr std::size_t kMostProblems = 10;
constexpr std::size_t kMostDeclarations = 10000;

// The size a declaration had in the first minor: up to and with this member.
#define EDDY_SMALLEST(type, member) (offsetof(type, member) + sizeof(type::member))

std::string label(const char* kind, const std::string& name) { return std::string(kind) + " \"" + name + "\""; }

Result<std::string> own_name(eddy_str text, const char* kind) {
  EDDY_ASSIGN(std::string name, copy_name(text, std::string(kind) + ": name"));
  if (name.empty()) return declaration_error(std::string(kind) + ": expected a name, found none");
  return name;
}

}  // namespace

struct Registrar::Callbacks {
  // A bad pointer in a declaration is the plugin's fault and ends its call; what is half copied by then is lost, and
  // the manifest is thrown away with the registrar.
  template <typename Decl>
  static std::uint32_t take(eddy_registry* registry, const Decl* decl) {
    if (registry == nullptr) return EDDY_FAILED;
    const HostScope scope;
    auto& self = *reinterpret_cast<Registrar*>(registry);
    try {
      const Result<void> taken = self.take(decl);
      if (taken) return EDDY_OK;
      self.note_problem(taken.error().text);
    } catch (const std::exception& error) {
      self.note_problem(error.what());
    }
    return EDDY_FAILED;
  }

  static void fail(eddy_registry* registry, eddy_str error_type, eddy_str message) {
    if (registry == nullptr) return;
    const HostScope scope;
    auto& self = *reinterpret_cast<Registrar*>(registry);
    const auto type = copy_text(error_type, "type");
    const auto text = copy_text(message, "message");
    self.reason_ = (type ? *type : type.error().text) + ": " + (text ? *text : text.error().text);
  }
};

const eddy_registrar& Registrar::table() {
  static constexpr eddy_registrar kTable{
      .struct_size = sizeof(eddy_registrar),
      .reserved = 0,
      .stream = &Callbacks::take<eddy_stream_decl>,
      .queue = &Callbacks::take<eddy_queue_decl>,
      .table = &Callbacks::take<eddy_table_decl>,
      .ingest_api = &Callbacks::take<eddy_ingest_api_decl>,
      .function = &Callbacks::take<eddy_function_decl>,
      .fail = &Callbacks::fail,
  };
  return kTable;
}

void Registrar::note_problem(std::string text) {
  if (problems_.size() < kMostProblems) problems_.push_back(std::move(text));
}

Result<void> Registrar::check_room() const {
  const std::size_t declared = manifest_.streams.size() + manifest_.queues.size() + manifest_.tables.size() +
                               manifest_.ingest_apis.size() + manifest_.functions.size();
  if (declared < kMostDeclarations) return {};
  return declaration_error("expected at most " + std::to_string(kMostDeclarations) + " declarations, found more");
}

Result<ModelPtr> Registrar::model(const eddy_model* declaration, const std::string& what) {
  if (declaration == nullptr) return ModelPtr();
  const auto known = std::find_if(manifest_.models.begin(), manifest_.models.end(),
                                  [&](const auto& entry) { return entry.first == declaration; });
  if (known != manifest_.models.end()) return known->second;
  Result<ModelPtr> compiled = Model::compile(declaration);
  if (!compiled) return in_context(what + ": model", compiled.take_error());
  manifest_.models.emplace_back(declaration, *compiled);
  return compiled;
}

Result<void> Registrar::take(const eddy_stream_decl* from) {
  EDDY_TRY(check_room());
  EDDY_ASSIGN(const eddy_stream_decl decl, copy_struct(from, EDDY_SMALLEST(eddy_stream_decl, destination), "stream"));
  EDDY_ASSIGN(std::string name, own_name(decl.name, "stream"));
  const std::string what = label("stream", name);
  EDDY_ASSIGN(ModelPtr model_of, model(decl.model, what));
  EDDY_ASSIGN(std::string queue, copy_name(decl.dead_letter_queue, what + ": dead_letter_queue"));
  EDDY_ASSIGN(std::string table_name, copy_name(decl.destination, what + ": destination"));
  if (decl.partitions > 4096) {
    return declaration_error(what + ": partitions: expected at most 4096, found " + std::to_string(decl.partitions));
  }
  manifest_.streams.push_back({std::move(name), std::move(model_of), decl.partitions, decl.retention_days,
                               std::move(queue), std::move(table_name)});
  return {};
}

Result<void> Registrar::take(const eddy_queue_decl* from) {
  EDDY_TRY(check_room());
  EDDY_ASSIGN(const eddy_queue_decl decl, copy_struct(from, EDDY_SMALLEST(eddy_queue_decl, model), "queue"));
  EDDY_ASSIGN(std::string name, own_name(decl.name, "queue"));
  EDDY_ASSIGN(ModelPtr model_of, model(decl.model, label("queue", name)));
  manifest_.queues.push_back({std::move(name), std::move(model_of), decl.retention_days});
  return {};
}

Result<void> Registrar::take(const eddy_table_decl* from) {
  EDDY_TRY(check_room());
  EDDY_ASSIGN(const eddy_table_decl decl, copy_struct(from, EDDY_SMALLEST(eddy_table_decl, model), "table"));
  EDDY_ASSIGN(std::string name, own_name(decl.name, "table"));
  EDDY_ASSIGN(ModelPtr model_of, model(decl.model, label("table", name)));
  if (!model_of) return declaration_error(label("table", name) + ": expected a model, found NULL");
  manifest_.tables.push_back({std::move(name), std::move(model_of)});
  return {};
}

Result<void> Registrar::take(const eddy_ingest_api_decl* from) {
  EDDY_TRY(check_room());
  EDDY_ASSIGN(const eddy_ingest_api_decl decl,
              copy_struct(from, EDDY_SMALLEST(eddy_ingest_api_decl, dead_letter_queue), "ingest API"));
  EDDY_ASSIGN(std::string name, own_name(decl.name, "ingest API"));
  const std::string what = label("ingest API", name);
  EDDY_ASSIGN(std::string version, copy_name(decl.version, what + ": version"));
  EDDY_ASSIGN(ModelPtr model_of, model(decl.model, what));
  EDDY_ASSIGN(std::string stream, copy_name(decl.destination, what + ": destination"));
  EDDY_ASSIGN(std::string queue, copy_name(decl.dead_letter_queue, what + ": dead_letter_queue"));
  if (stream.empty()) return declaration_error(what + ": destination: expected a stream, found none");
  const bool validates = decl.model != nullptr && EDDY_HAS(decl.model, validate) && decl.model->validate != nullptr;
  manifest_.ingest_apis.push_back(
      {std::move(name), std::move(version), std::move(model_of), std::move(stream), std::move(queue), validates});
  return {};
}

Result<void> Registrar::take(const eddy_function_decl* from) {
  EDDY_TRY(check_room());
  EDDY_ASSIGN(const eddy_function_decl code, copy_struct(from, EDDY_SMALLEST(eddy_function_decl, process), "function"));
  FunctionDecl decl;
  EDDY_ASSIGN(decl.name, own_name(code.name, "function"));
  const std::string what = label("function", decl.name);
  decl.kind = code.kind;
  decl.input = code.input;
  decl.concurrency = code.concurrency;
  EDDY_ASSIGN(decl.source, copy_name(code.source, what + ": source"));
  EDDY_ASSIGN(decl.destination, copy_name(code.destination, what + ": destination"));
  EDDY_ASSIGN(decl.dead_letter_queue, copy_name(code.dead_letter_queue, what + ": dead_letter_queue"));
  EDDY_ASSIGN(decl.input_model, model(code.input_model, what + ": input"));
  EDDY_ASSIGN(decl.output_model, model(code.output_model, what + ": output"));
  decl.code = code;
  EDDY_TRY(check_function(decl, what));
  EDDY_TRY(check_code(code, what));
  manifest_.functions.push_back(std::move(decl));
  return {};
}

}  // namespace eddy::host
