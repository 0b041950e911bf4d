// SPDX-License-Identifier: Apache-2.0
// What a plugin declares, copied out of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eddy/abi.h"
#include "eddy/ext/state.h"
#include "model/model.h"

namespace eddy::host {

using ModelPtr = std::shared_ptr<const Model>;

struct StreamDecl {
  std::string name;
  ModelPtr model;                    // null: any bytes
  std::uint32_t partitions = 0;      // 0: default
  std::uint32_t retention_days = 0;  // 0: default
  std::string dead_letter_queue;     // empty: none
  std::string destination;           // table; empty: none
};

struct QueueDecl {
  std::string name;
  ModelPtr model;
  std::uint32_t retention_days = 0;
};

struct TableDecl {
  std::string name;
  ModelPtr model;
};

struct IngestApiDecl {
  std::string name;
  std::string version;
  ModelPtr model;
  std::string destination;
  std::string dead_letter_queue;
  bool validates = false;  // its model has checks of the plugin's own, which are its code
};

struct FunctionDecl {
  std::string name;
  std::uint32_t kind = 0;   // EDDY_FUNCTION_*
  std::uint32_t input = 0;  // EDDY_INPUT_*
  std::string source;
  std::string destination;        // TRANSFORM
  std::string dead_letter_queue;  // as declared; empty: inherit
  std::uint32_t concurrency = 0;  // 0: as many as partitions
  ModelPtr input_model;
  ModelPtr output_model;
  eddy_function_decl code{};  // the plugin's own entry points; valid while its image is mapped
  eddy_state state{};         // what it hands to its successor; save is NULL when it offers nothing
};

// Models are compiled once per declaration pointer: `models` maps the plugin's static data to them.
struct Manifest {
  std::vector<StreamDecl> streams;
  std::vector<QueueDecl> queues;
  std::vector<TableDecl> tables;
  std::vector<IngestApiDecl> ingest_apis;
  std::vector<FunctionDecl> functions;
  std::vector<std::pair<const eddy_model*, ModelPtr>> models;
};

// Whose signature a plugin file carries.
struct Signer {
  std::string key;      // id; empty: it is not signed, or nobody asked
  std::string name;     // of the key, as the trusted list has it
  std::string comment;  // of the signature
  bool operator==(const Signer&) const = default;
};

// Who a plugin is. Name and version come from its note, else the file's stem and its build id.
struct PluginIdentity {
  std::string name;
  std::string version;
  std::string build_id;  // hex; empty when the file has none
  std::string sha256;    // hex, of the file
  std::string file;      // as it was found, for messages
  Signer signer{};
};

}  // namespace eddy::host
