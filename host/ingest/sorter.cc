// SPDX-License-Identifier: Apache-2.0
#include "ingest/sorter.h"

#include "model/record_key.h"

namespace eddy::host {

Result<void> Sorter::sort(std::string_view body, Exchange& exchange, std::string_view identity,
                          std::size_t max_record_bytes) {
  exchange_ = &exchange;
  identity_ = identity;
  max_record_bytes_ = max_record_bytes;
  errors_.clear();
  exchange.accepted = exchange.refused = 0;
  check_faulted_ = false;
  letter_bytes_ = 0;
  seen_ = 0;

  const bool cut = reader_.open(body, exchange.format);
  bool json = cut;
  for (std::size_t i = 0; json && i < reader_.size(); ++i) {
    ++seen_;
    const eddy_value* row = decode(i);
    // An element that is no JSON makes its document none, unless it is only nested deeper than a model may be.
    if (row == nullptr && error_.parse && exchange.format == BodyFormat::kDocument) json = reader_.is_json();
    if (!json) break;
    const auto accepted = accept(i, row);
    if (!accepted) {
      drop_all();
      return accepted.error();
    }
    if (!*accepted) ++exchange.refused;
  }
  if (!json) EDDY_TRY(whole(body));
  finish();
  return {};
}

const eddy_value* Sorter::decode(std::size_t i) {
  error_.parse = false;
  return reader_.decode(*exchange_->route->model, i, error_);
}

// False: it became a letter.
Result<bool> Sorter::accept(std::size_t i, const eddy_value* row) {
  const IngestRoute& route = *exchange_->route;
  const std::string_view text = reader_.text(i);
  if (row == nullptr) {
    message_ = error_.message();
    EDDY_TRY(letter(i, text, {}, {error_.type(), error_.pointer, message_}));
    return false;
  }
  const Bytes key = record_key(*route.model, row, key_).value_or(Bytes());
  if (route.check) {
    EDDY_ASSIGN(const auto refusal, check(row));
    if (refusal) {
      EDDY_TRY(letter(i, text, key, {refusal->error_type, "", refusal->error_message}));
      return false;
    }
  }
  const std::size_t size = text.size() + key.size() + size_of(exchange_->job.of_records());
  if (size > max_record_bytes_) {
    message_ = "the record has " + std::to_string(size) + " bytes; stream " + route.stream + " takes " +
               std::to_string(max_record_bytes_);
    EDDY_TRY(letter(i, text, key, {"RecordTooLarge", "", message_}));
    return false;
  }
  AppendJob& job = exchange_->job;
  job.add(job.records, {job.keep(key), Bytes(text), job.of_records(), exchange_->arrived_us, {}});
  ++exchange_->accepted;
  return true;
}

// After an element of this very request that the check has broken on, the others become letters with it: sent again, it
// would break the check again before they are judged.
Result<std::optional<RowRefusal>> Sorter::check(const eddy_value* row) {
  auto refusal = exchange_->route->check(row);
  if (refusal) {
    check_faulted_ |= *refusal && (*refusal)->faulted;
    return refusal;
  }
  if (!check_faulted_) return refusal.take_error();
  return std::optional(RowRefusal{"PluginFault", "not checked: an element before it made the plugin fault"});
}

void Sorter::drop_all() {
  AppendJob& job = exchange_->job;
  job.records.clear();
  job.letters.clear();
  job.letter_types.clear();
  job.bytes = letter_bytes_ = 0;
  errors_.clear();
  exchange_->accepted = exchange_->refused = 0;
}

// One letter with all bytes, in place of everything that was found before.
Result<void> Sorter::whole(std::string_view body) {
  drop_all();
  exchange_->refused = 1;
  const ModelError fault = reader_.fault(*exchange_->route->model);
  message_ = fault.message();
  if (reader_.blank()) {
    errors_.add(0, "", message_, "");  // nothing was sent, so nothing is kept
    return {};
  }
  auto kept = letter(0, body, {}, {fault.type(), fault.pointer, message_});
  if (!kept) drop_all();
  return kept;
}

Result<void> Sorter::letter(std::size_t index, std::string_view text, Bytes key, const Fault& fault) {
  const IngestRoute& route = *exchange_->route;
  Record record;
  record.key = key;
  record.value = Bytes(text);
  record.headers = exchange_->job.of_letters();
  record.timestamp_us = exchange_->arrived_us;
  record.offset = static_cast<std::int64_t>(index);
  Failure failure;
  failure.error_type = fault.type;
  failure.error_message = fault.message;
  failure.source = "api";
  failure.plugin = route.plugin;
  failure.plugin_version = route.plugin_version;
  failure.plugin_build_id = route.plugin_build_id;
  failure.plugin_sha256 = route.plugin_sha256;
  failure.route = route.name;
  failure.request_id = exchange_->request_id;
  failure.request_identity = identity_;
  failure.failed_at_us = exchange_->arrived_us;
  const OutRecord& made = writer_.write(record, failure, route.queue_options);
  EDDY_TRY(check_size(made, fault));

  AppendJob& job = exchange_->job;
  OutRecord kept{job.keep(made.key), job.keep(made.value), {}, made.timestamp_us, {}};
  if (!made.headers.empty()) {
    auto* headers = reinterpret_cast<Header*>(job.memory.allocate(made.headers.size() * sizeof(Header)));
    for (std::size_t i = 0; i < made.headers.size(); ++i) {
      new (headers + i) Header{job.keep(made.headers[i].name), job.keep(made.headers[i].value)};
    }
    kept.headers = {headers, made.headers.size()};
  }
  job.add(job.letters, kept);
  job.letter_types.push_back(job.keep(Bytes(fault.type)).view());
  told_ = fault.message;
  // No stream has them: who sent them must know that nobody else does.
  if (writer_.pointer())
    told_ += "; it is too large for the dead letter queue, which does not have its bytes: keep them";
  errors_.add(index, fault.pointer, told_, writer_.id());
  return {};
}

Result<void> Sorter::check_size(const OutRecord& letter, const Fault& fault) {
  letter_bytes_ += letter.key.size() + letter.value.size() + size_of(letter.headers);
  if (errors_.empty() || letter_bytes_ + errors_.size() <= most_refused_bytes_) return {};
  return Error{Code::kTooLarge, "more than " + std::to_string(exchange_->refused) +
                                    " elements are refused, the last for: " + std::string(fault.message) +
                                    "; mend them, or send fewer at once"};
}

void Sorter::finish() {
  Answer& answer = exchange_->answer;
  if (exchange_->refused == 0) {
    answer.status = 200;
  } else {
    answer.status = exchange_->accepted > 0 ? 207 : 400;
  }
  errors_.render(exchange_->accepted, answer.body);
}

}  // namespace eddy::host
