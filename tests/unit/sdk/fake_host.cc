// SPDX-License-Identifier: Apache-2.0
#include "fake_host.h"

#include <cstring>
#include <stdexcept>

#include "model/encoder.h"

using eddy::host::Decoder;
using eddy::host::Model;

struct eddy_registry {
  std::vector<eddy::test::Declared>* declared;
  std::string* refusal;
};

struct eddy_call {
  eddy::test::Outcome outcome;
  Decoder decoder;
  std::deque<std::unique_ptr<std::max_align_t[]>> memory;
};

namespace eddy::test {

namespace {

std::vector<std::pair<std::uint32_t, std::string>> lines;

eddy_str to_str(const Text& text) { return text ? eddy_str{text->data(), text->size()} : eddy_str{nullptr, 0}; }
eddy_str to_str(const std::string& text) { return {text.data(), text.size()}; }
Text to_text(eddy_str str) { return str.data == nullptr ? Text() : Text(std::string(str.data, str.size)); }
std::string_view view(eddy_str str) { return {str.data, static_cast<std::size_t>(str.size)}; }

const Model& compiled(const eddy_model* declaration) {
  static std::map<const eddy_model*, std::shared_ptr<const Model>> models;
  auto& model = models[declaration];
  if (model == nullptr) {
    auto result = Model::compile(declaration);
    if (!result) throw std::runtime_error(result.error().text);
    model = *result;
  }
  return *model;
}

void* scratch(eddy_call* call, uint64_t size) {
  call->memory.push_back(std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1));
  return call->memory.back().get();
}

eddy_str keep(eddy_call* call, std::string_view text) {
  char* copy = static_cast<char*>(scratch(call, text.size() + 1));
  text.copy(copy, text.size());
  return {copy, text.size()};
}

void fail(eddy_call* call, uint32_t kind, eddy_str type, eddy_str message) {
  call->outcome.fail_kind = kind;
  call->outcome.error_type = view(type);
  call->outcome.message = view(message);
}

uint32_t emit(eddy_call* call, const eddy_output* output) {
  OutputText kept;
  kept.stream = to_text(output->stream);
  if (output->model != nullptr) {
    std::string json;
    const auto encoded = host::encode(compiled(output->model), output->row, json);
    if (!encoded) {
      const std::string& text = encoded.error().text;
      fail(call, EDDY_FAIL_FATAL, {"ValidationError", 15}, {text.data(), text.size()});
      return EDDY_FAILED;
    }
    kept.value = json;
  } else {
    kept.value = to_text(output->value);
  }
  kept.key_given = (output->flags & EDDY_OUTPUT_KEY) != 0;
  kept.key = to_text(output->key);
  if ((output->flags & EDDY_OUTPUT_HEADERS) != 0) {
    kept.headers.emplace();
    for (uint64_t i = 0; i < output->header_count; ++i) {
      kept.headers->push_back({std::string(view(output->headers[i].name)), to_text(output->headers[i].value)});
    }
  }
  if ((output->flags & EDDY_OUTPUT_TIMESTAMP) != 0) kept.timestamp_us = output->timestamp_us;
  if ((output->flags & EDDY_OUTPUT_PARTITION) != 0) kept.partition = output->partition;
  call->outcome.outputs.push_back(std::move(kept));
  return EDDY_OK;
}

uint32_t decode(eddy_call* call, const eddy_model* declaration, eddy_str json, const eddy_value** row, eddy_str* type,
                eddy_str* message) {
  host::ModelError error;
  *row = call->decoder.decode_unpadded(compiled(declaration), view(json), error);
  if (*row != nullptr) return EDDY_OK;
  *type = keep(call, error.type());
  *message = keep(call, error.message());
  return EDDY_FAILED;
}

uint32_t encode_row(eddy_call* call, const eddy_model* declaration, const eddy_value* row, eddy_str* json,
                    eddy_str* message) {
  std::string text;
  const auto encoded = host::encode(compiled(declaration), row, text);
  if (!encoded) {
    *message = keep(call, encoded.error().text);
    return EDDY_FAILED;
  }
  *json = keep(call, text);
  return EDDY_OK;
}

uint32_t cancelled(eddy_call*) { return 1; }
void write_log(uint32_t level, eddy_str text) { lines.emplace_back(level, std::string(view(text))); }
int64_t now_us() { return 1'714'564'800'000'001; }  // 2024-05-01T12:00:00.000001Z
const void* extension(const char*) { return nullptr; }

uint32_t keep_stream(eddy_registry* registry, const eddy_stream_decl* decl) {
  Declared kept{"stream", std::string(view(decl->name)), decl->model};
  kept.partitions = decl->partitions;
  kept.retention_days = decl->retention_days;
  kept.destination = to_text(decl->destination);
  kept.dead_letter_queue = to_text(decl->dead_letter_queue);
  registry->declared->push_back(kept);
  return EDDY_OK;
}

uint32_t keep_queue(eddy_registry* registry, const eddy_queue_decl* decl) {
  Declared kept{"queue", std::string(view(decl->name)), decl->model};
  kept.retention_days = decl->retention_days;
  registry->declared->push_back(kept);
  return EDDY_OK;
}

uint32_t keep_table(eddy_registry* registry, const eddy_table_decl* decl) {
  registry->declared->push_back({"table", std::string(view(decl->name)), decl->model});
  return EDDY_OK;
}

uint32_t keep_ingest_api(eddy_registry* registry, const eddy_ingest_api_decl* decl) {
  Declared kept{"ingest_api", std::string(view(decl->name)), decl->model};
  kept.version = to_text(decl->version);
  kept.destination = to_text(decl->destination);
  kept.dead_letter_queue = to_text(decl->dead_letter_queue);
  registry->declared->push_back(kept);
  return EDDY_OK;
}

uint32_t keep_function(eddy_registry* registry, const eddy_function_decl* decl) {
  Declared kept{"function", std::string(view(decl->name)), decl->input_model, decl->output_model};
  kept.source = to_text(decl->source);
  kept.destination = to_text(decl->destination);
  kept.dead_letter_queue = to_text(decl->dead_letter_queue);
  kept.kind = decl->kind;
  kept.input = decl->input;
  kept.concurrency = decl->concurrency;
  kept.code = *decl;
  registry->declared->push_back(kept);
  return EDDY_OK;
}

void refuse(eddy_registry* registry, eddy_str type, eddy_str message) {
  *registry->refusal = std::string(view(type)) + ": " + std::string(view(message));
}

std::vector<eddy_header> to_headers(const std::vector<HeaderText>& headers) {
  std::vector<eddy_header> result;
  for (const HeaderText& header : headers) result.push_back({to_str(header.name), to_str(header.value)});
  return result;
}

eddy_record make_record(const Text& key, const Text& value, const std::vector<eddy_header>& headers) {
  eddy_record record{};
  record.struct_size = sizeof record;
  record.partition = 3;
  record.offset = 41;
  record.timestamp_us = 1000;
  record.stream = {"in", 2};
  record.key = to_str(key);
  record.value = to_str(value);
  record.headers = headers.data();
  record.header_count = headers.size();
  return record;
}

}  // namespace

const eddy_host* fake_host() {
  static constexpr eddy_host kTable = {
      sizeof(eddy_host), EDDY_ABI_MAJOR, EDDY_ABI_MINOR, emit,   fail,     scratch, decode,
      encode_row,        cancelled,      write_log,      now_us, extension};
  return &kTable;
}

const std::vector<std::pair<std::uint32_t, std::string>>& log_lines() { return lines; }
void forget_log_lines() { lines.clear(); }

Outcome check_row(const eddy_model& model, const std::string& json) {
  Decoder decoder;
  host::ModelError error;
  const eddy_value* row = decoder.decode_unpadded(compiled(&model), json, error);
  if (row == nullptr) throw std::runtime_error(error.message());
  eddy_call call;
  call.outcome.status = model.validate(row, &call);
  return std::move(call.outcome);
}

FakePlugin::FakePlugin(const Describe& describe) {
  const eddy_registrar registrar = {sizeof(eddy_registrar), 0,     keep_stream, keep_queue, keep_table, keep_ingest_api,
                                    keep_function,          refuse};
  eddy_registry registry{&declared_, &refusal_};
  described_ = describe(&registrar, &registry);
}

FakePlugin::~FakePlugin() {
  for (const auto& [name, instance] : instances_) {
    const eddy_function_decl& code = find("function", name).code;
    if (code.destroy != nullptr) code.destroy(code.user, instance);
  }
}

const Declared& FakePlugin::find(std::string_view what, std::string_view name) const {
  for (const Declared& one : declared_) {
    if (one.what == what && one.name == name) return one;
  }
  throw std::runtime_error("no " + std::string(what) + " " + std::string(name));
}

Outcome FakePlugin::create(std::string_view function, std::string_view config) {
  const eddy_function_decl& code = find("function", function).code;
  eddy_call call;
  call.outcome.status = EDDY_OK;
  void* instance = nullptr;
  if (code.create != nullptr)
    call.outcome.status = code.create(code.user, &call, {config.data(), config.size()}, &instance);
  if (call.outcome.status == EDDY_OK) instances_[std::string(function)] = instance;
  return std::move(call.outcome);
}

Outcome FakePlugin::run(std::string_view function, const Input& input) {
  const std::vector<eddy_header> headers = to_headers(input.headers);
  const eddy_record record = make_record(input.key, input.value, headers);
  const Declared& declared = find("function", function);
  eddy_input in{sizeof(eddy_input), 0, &record, nullptr, nullptr};
  Decoder decoder;
  if (declared.input == EDDY_INPUT_ROW) {
    host::ModelError error;
    in.row = decoder.decode_unpadded(compiled(declared.model), input.value.value_or(""), error);
    in.field_count = declared.model->field_count;
    if (in.row == nullptr) return {EDDY_FAILED, {}, 0, std::string(error.type()), error.message()};
  }
  return process(declared, in);
}

Outcome FakePlugin::recover(std::string_view function, const Letter& letter) {
  const Text key = "key";
  const Text envelope = "envelope";
  const std::vector<HeaderText> texts = {{"h", "1"}};
  const std::vector<eddy_header> headers = to_headers(texts);
  const eddy_record record = make_record(key, envelope, headers);
  eddy_dead_letter abi{};
  abi.struct_size = sizeof abi;
  abi.attempts = 2;
  abi.hops = 1;
  abi.origin_partition = 5;
  abi.origin_offset = 77;
  abi.failed_at_us = 1'714'564'800'000'000;
  abi.id = {"id-1", 4};
  abi.fingerprint = {"fp-1", 4};
  abi.error_type = to_str(letter.error_type);
  abi.error_message = to_str(letter.error_message);
  abi.source = to_str(letter.source);
  abi.function = {"f", 1};
  abi.origin_stream = {"origin", 6};
  abi.original = to_str(letter.original);
  return process(find("function", function), {sizeof(eddy_input), 0, &record, nullptr, &abi});
}

Outcome FakePlugin::process(const Declared& function, const eddy_input& input) {
  if (!instances_.contains(function.name)) {
    if (Outcome made = create(function.name); made.status != EDDY_OK) return made;
  }
  eddy_call call;
  call.outcome.status = function.code.process(function.code.user, instances_[function.name], &input, &call);
  if (call.outcome.status != EDDY_OK) call.outcome.outputs.clear();
  return std::move(call.outcome);
}

}  // namespace eddy::test
