// SPDX-License-Identifier: Apache-2.0
// What `describe` declares into: copies, checks one declaration at a time, and keeps the reasons for what it refused.
#pragma once

#include <string>
#include <vector>

#include "guard/guard.h"
#include "plugin/manifest.h"

namespace eddy::host {

// Lives on the control thread, outside the guarded call: a fault in the plugin leaves it to be thrown away.
class Registrar {
 public:
  explicit Registrar(CodeRange code) : code_(code) {}
  Registrar(const Registrar&) = delete;
  Registrar& operator=(const Registrar&) = delete;

  // The plugin's view: a table of functions that never throw, and the registry to pass to them.
  static const eddy_registrar& table();
  eddy_registry* handle() { return reinterpret_cast<eddy_registry*>(this); }

  Manifest& manifest() { return manifest_; }
  // One sentence for each refused declaration, the first few.
  const std::vector<std::string>& problems() const { return problems_; }
  // What the plugin itself gave as reason: "type: message"; empty: none.
  const std::string& reason() const { return reason_; }

 private:
  struct Callbacks;

  Result<void> take(const eddy_stream_decl* decl);
  Result<void> take(const eddy_queue_decl* decl);
  Result<void> take(const eddy_table_decl* decl);
  Result<void> take(const eddy_ingest_api_decl* decl);
  Result<void> take(const eddy_function_decl* decl);
  Result<void> check_function(const FunctionDecl& decl, const std::string& what) const;
  Result<void> check_code(const eddy_function_decl& code, const std::string& what) const;
  Result<void> check_room() const;
  void note_problem(std::string text);
  Result<ModelPtr> model(const eddy_model* declaration, const std::string& what);

  CodeRange code_;
  Manifest manifest_;
  std::vector<std::string> problems_;
  std::string reason_;
};

}  // namespace eddy::host
