// SPDX-License-Identifier: Apache-2.0
#include "table/letter_row.h"

#include <array>
#include <cstring>
#include <new>

#include "base/encoding.h"

namespace eddy::host {

namespace {

constexpr eddy_type scalar(std::uint32_t kind) { return {sizeof(eddy_type), kind, nullptr, nullptr, nullptr, 0}; }
constexpr eddy_type optional(const eddy_type& element) {
  return {sizeof(eddy_type), EDDY_TYPE_OPTIONAL, &element, nullptr, nullptr, 0};
}

constexpr eddy_type kText = scalar(EDDY_TYPE_STRING), kU32 = scalar(EDDY_TYPE_U32), kI64 = scalar(EDDY_TYPE_I64),
                    kTime = scalar(EDDY_TYPE_TIMESTAMP), kJson = scalar(EDDY_TYPE_JSON);
constexpr eddy_type kMaybeText = optional(kText), kMaybeU32 = optional(kU32), kMaybeI64 = optional(kI64),
                    kMaybeTime = optional(kTime), kMaybeJson = optional(kJson);

struct LetterColumn {
  std::string_view name;
  const eddy_type* type;
  std::uint32_t flags = 0;
};

constexpr LetterColumn kColumns[] = {
    {"id", &kText, EDDY_FIELD_KEY},
    {"fingerprint", &kText},
    {"error_type", &kText},
    {"error_message", &kText},
    {"failed_at", &kTime},
    {"source", &kText},
    {"function", &kText},
    {"plugin", &kText},
    {"plugin_version", &kText},
    {"attempts", &kU32},
    {"hops", &kU32},
    {"origin_stream", &kMaybeText},
    {"origin_partition", &kMaybeU32},
    {"origin_offset", &kMaybeI64},
    {"origin_timestamp", &kMaybeTime},
    {"route", &kMaybeText},
    {"request_id", &kMaybeText},
    {"record_key", &kMaybeText},  // base64
    {"original_record", &kMaybeText},
    {"original_encoding", &kText},  // utf8 or base64
    {"digest", &kText},
    {"fault", &kMaybeJson},
};

std::shared_ptr<const Model> make_model() {
  std::array<eddy_field, std::size(kColumns)> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i] = {sizeof(eddy_field), kColumns[i].flags, to_abi(kColumns[i].name), kColumns[i].type};
  }
  eddy_model declaration{};
  declaration.struct_size = sizeof declaration;
  declaration.field_count = static_cast<std::uint32_t>(fields.size());
  declaration.field_stride = sizeof(eddy_field);
  declaration.name = to_abi("DeadLetter");
  declaration.fields = fields.data();
  auto model = Model::compile(&declaration);
  return model ? *std::move(model) : nullptr;  // the columns above are good: a test reads every one of them
}

// Values one after another, in the order of kColumns.
class RowWriter {
 public:
  explicit RowWriter(Arena& arena)
      : arena_(arena), row_(reinterpret_cast<eddy_value*>(arena.allocate(std::size(kColumns) * sizeof(eddy_value)))) {}

  void text(std::string_view text, std::uint32_t kind = EDDY_VALUE_STRING) {
    char* const memory = arena_.allocate(text.size() + 1);
    if (!text.empty()) std::memcpy(memory, text.data(), text.size());
    eddy_value& value = next(kind);
    value.count = static_cast<std::uint32_t>(text.size());
    value.as.text = memory;
  }
  void text_if(bool there, std::string_view value, std::uint32_t kind = EDDY_VALUE_STRING) {
    there ? text(value, kind) : absent();
  }
  void number(std::uint32_t number) { next(EDDY_VALUE_U64).as.u64 = number; }
  void integer(std::int64_t number) { next(EDDY_VALUE_I64).as.i64 = number; }
  void time(std::int64_t us) { next(EDDY_VALUE_TIMESTAMP).as.i64 = us; }
  void absent() { next(EDDY_VALUE_ABSENT); }

  const eddy_value* row() const { return row_; }

 private:
  eddy_value& next(std::uint32_t kind) {
    eddy_value* const value = new (&row_[size_++]) eddy_value{};
    value->kind = kind;
    return *value;
  }

  Arena& arena_;
  eddy_value* row_;
  std::size_t size_ = 0;
};

void write_origin(RowWriter& row, const DeadLetter& letter) {
  const bool from_stream = letter.origin_offset >= 0;
  row.text_if(from_stream, letter.origin_stream);
  from_stream ? row.number(letter.origin_partition) : row.absent();
  from_stream ? row.integer(letter.origin_offset) : row.absent();
  letter.origin_timestamp_us != 0 ? row.time(letter.origin_timestamp_us) : row.absent();
  row.text_if(!letter.route.empty(), letter.route);
  row.text_if(!letter.request_id.empty(), letter.request_id);
}

// No database takes a zero byte in a text as it is.
bool is_text(std::string_view bytes) { return is_utf8(bytes) && bytes.find('\0') == bytes.npos; }

void write_original(RowWriter& row, const DeadLetter& letter) {
  row.text_if(!letter.key.null(), to_base64(letter.key.view()));
  const bool text = is_text(letter.original.view());
  row.text_if(!letter.original.null(), text ? std::string(letter.original.view()) : to_base64(letter.original.view()));
  row.text(text ? "utf8" : "base64");
}

}  // namespace

const std::shared_ptr<const Model>& letter_model() {
  static const std::shared_ptr<const Model> model = make_model();
  return model;
}

const eddy_value* letter_row(const DeadLetter& letter, Arena& arena) {
  RowWriter row(arena);
  row.text(letter.id);
  row.text(letter.fingerprint);
  row.text(letter.error_type);
  row.text(letter.error_message);
  row.time(letter.failed_at_us);
  row.text(letter.source);
  row.text(letter.function);
  row.text(letter.plugin);
  row.text(letter.plugin_version);
  row.number(letter.attempts);
  row.number(letter.hops);
  write_origin(row, letter);
  write_original(row, letter);
  row.text(letter.digest);
  row.text_if(!letter.fault_json.empty(), letter.fault_json, EDDY_VALUE_JSON);
  return row.row();
}

}  // namespace eddy::host
