// SPDX-License-Identifier: Apache-2.0
// What EDDY_PLUGIN(app) declares things on.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "eddy/handles.hpp"

namespace eddy {

// Lives for one describe call. Declarations may come in any order and are taken by the host at once.
class EDDY_HIDDEN App {
 public:
  explicit App(detail::Declarations& declarations) : declarations_(declarations) {}
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  template <class T = Record>
  Stream<T> stream(std::string name, const StreamOptions& options = {}) {
    eddy_stream_decl decl{};
    decl.struct_size = sizeof decl;
    decl.partitions = options.partitions;
    decl.retention_days = detail::day_count(options.retention);
    decl.name = detail::to_abi(name);
    decl.model = detail::model_or_null<T>();
    decl.dead_letter_queue = detail::optional_name(options.dead_letter_queue.text);
    decl.destination = detail::optional_name(options.destination.text);
    declarations_.add(decl);
    return {declarations_, std::move(name)};
  }

  template <class T = Record>
  Queue<T> dead_letter_queue(std::string name, const QueueOptions& options = {}) {
    eddy_queue_decl decl{};
    decl.struct_size = sizeof decl;
    decl.retention_days = detail::day_count(options.retention);
    decl.name = detail::to_abi(name);
    decl.model = detail::model_or_null<T>();
    declarations_.add(decl);
    return {declarations_, std::move(name)};
  }

  template <class T>
  Table<T> table(std::string name) {
    static_assert(detail::Model<T>, "eddy: a table needs an EDDY_MODEL");
    eddy_table_decl decl{};
    decl.struct_size = sizeof decl;
    decl.name = detail::to_abi(name);
    decl.model = detail::model_or_null<T>();
    declarations_.add(decl);
    return Table<T>(std::move(name));
  }

  // POST /ingest/<route>[/<version>] validates against T and appends to the destination.
  template <class T>
  void ingest_api(std::string_view route, const IngestApiOptions& options) {
    static_assert(detail::Model<T>, "eddy: an ingest API needs an EDDY_MODEL");
    eddy_ingest_api_decl decl{};
    decl.struct_size = sizeof decl;
    decl.name = detail::to_abi(route);
    decl.version = detail::optional_name(options.version);
    decl.model = detail::model_or_null<T>();
    decl.destination = detail::to_abi(options.destination.text);
    decl.dead_letter_queue = detail::optional_name(options.dead_letter_queue.text);
    declarations_.add(decl);
  }

  // Ingest API, stream, table and dead letter queue of one name.
  template <class T>
  Pipeline<T> ingest_pipeline(std::string name, const PipelineOptions& options = {}) {
    std::string queue = options.dead_letter_queue.existing.text;
    if (options.dead_letter_queue.own) {
      queue = name + "DeadLetterQueue";
      dead_letter_queue<T>(queue);
    }
    if (options.table) table<T>(name);
    if (options.stream) {
      stream<T>(name, {.partitions = options.partitions,
                       .retention = options.retention,
                       .destination = options.table ? TableName(name) : TableName(),
                       .dead_letter_queue = queue});
    }
    if (options.ingest_api) {
      ingest_api<T>(name, {.destination = name, .dead_letter_queue = queue, .version = options.version});
    }
    return {declarations_, std::move(name), options, std::move(queue)};
  }

 private:
  detail::Declarations& declarations_;
};

}  // namespace eddy
