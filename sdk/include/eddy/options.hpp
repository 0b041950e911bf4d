// SPDX-License-Identifier: Apache-2.0
// What can be said about a declaration: aggregates for designated initialisers, {.partitions = 4}. Members are named in
// the order they have here. A zero or an empty name means the host's default.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "eddy/hidden.hpp"

namespace eddy {

template <class T>
class EDDY_HIDDEN Stream;
template <class T>
class EDDY_HIDDEN Queue;
template <class T>
class Table;

// The name of something declared, given as its handle or as text.
template <template <class> class Handle>
struct NameOf {
  std::string text;

  NameOf() = default;
  template <class T>
  NameOf(const Handle<T>& handle) : text(handle.name()) {}
  NameOf(const char* name) : text(name) {}
  NameOf(std::string name) : text(std::move(name)) {}
  NameOf(std::string_view name) : text(name) {}
};
using StreamName = NameOf<Stream>;
using QueueName = NameOf<Queue>;
using TableName = NameOf<Table>;

struct FunctionOptions {
  std::string_view name = {};        // else the function's own name, without namespaces
  QueueName dead_letter_queue = {};  // else the source stream's, else the host-wide one
  std::uint32_t concurrency = 0;     // worker threads; else as many as the source has partitions
};

struct StreamOptions {
  std::uint32_t partitions = 0;
  std::chrono::days retention = {};
  TableName destination = {};        // a table fed from the stream
  QueueName dead_letter_queue = {};  // what the stream's functions inherit
};

struct QueueOptions {
  std::chrono::days retention = {};
};

struct IngestApiOptions {
  StreamName destination = {};  // required
  QueueName dead_letter_queue = {};
  std::string_view version = {};
};

// false: none. true: a queue of its own, named <pipeline>DeadLetterQueue. Or an existing queue.
struct PipelineQueue {
  bool own = true;
  QueueName existing = {};

  PipelineQueue() = default;
  template <std::same_as<bool> B>
  PipelineQueue(B wanted) : own(wanted) {}
  template <class T>
  PipelineQueue(const Queue<T>& queue) : own(false), existing(queue) {}
  PipelineQueue(const char* name) : own(false), existing(name) {}
};

struct PipelineOptions {
  bool ingest_api = true;
  bool stream = true;
  bool table = false;
  PipelineQueue dead_letter_queue = {};  // for the API and for the stream's functions
  std::uint32_t partitions = 0;
  std::chrono::days retention = {};
  std::string_view version = {};  // of the ingest API
};

}  // namespace eddy
