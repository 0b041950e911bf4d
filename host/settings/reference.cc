// SPDX-License-Identifier: Apache-2.0
#include "settings/reference.h"

#include "settings/fields.h"
#include "settings/render.h"

namespace eddy::host {
namespace {

constexpr const char* kIntroduction = R"(# Configuration reference

Every key that the configuration file knows. This page and `eddy.schema.json` are made from the host's own table of
keys, so they say what the host does.

- The file is YAML, or JSON. Without a file, or with an empty one, all defaults hold.
- Every problem is reported at once, each with file, line and column. A key that is not known is an error.
- `${NAME}` is replaced by the environment variable, which must be set; `${NAME:-default}` by the default when it is
  unset or empty. `$${` stands for `${`. In flow style and in JSON put it in quotes: the value's type stays that of what
  is put in.
- Relative paths start at the working directory of the host.
- Passwords are masked wherever the configuration is shown: in URLs, after `password=`, and under keys whose name says
  that they are secret.
- Where only one value is available, this version accepts no other.
- "Declared; not served by this version" means: the key is known and checked, and nothing reads it.
)";

struct Part {
  Scope scope;
  const char* title;
  const char* text;
};

constexpr Part kParts[] = {
    {Scope::kTop, "Top of the file", "Keys are nested: `streams.transport` is `streams: { transport: … }`."},
    {Scope::kStream, "`streams.named`",
     "Sections keyed by the name of a stream or a dead letter queue, or by a glob with `*` and `?`. They override "
     "`streams.defaults` and what a plugin declares; all that match are laid over each other in file order, and later "
     "ones win. The retention of a queue is set in `dead_letter_queues`."},
    {Scope::kFunction, "`functions`",
     "Sections keyed by the name of a function, or by a glob. They override what the plugin declares; all that match "
     "are laid over each other in file order, and later ones win, so put `\"*\"` first."},
    {Scope::kQueue, "`dead_letter_queues`",
     "Sections keyed by the name of a dead letter queue, or by a glob, likewise."},
    {Scope::kTable, "`tables.named`",
     "Sections keyed by the name of a table, or by a glob, likewise. They override what `tables` says for all."},
    {Scope::kWebhook, "`webhooks`",
     "Sections keyed by a name of yours; each is somebody who is told. See `deploy/MONITORING.md`."},
    {Scope::kToken, "`ingest.tokens`",
     "A list; each entry is one bearer token, which is known by its hash alone: the token itself is nowhere in the "
     "configuration."},
    {Scope::kAdminToken, "`admin.tokens`",
     "A list; each entry is one bearer token of an operator, a tool or a scraper, and what it may do."},
};

std::string type_of(const Field& field) {
  if (field.kind == Kind::kText && field.allowed.empty() && !field.listen_address) return "text";
  return field.allowed.empty() ? expectation(field) : "`" + [&] {
    std::string list;
    for (const auto value : field.allowed) list += (list.empty() ? "" : "`, `") + std::string(value);
    return list;
  }() + "`";
}

std::string default_of(const Field& field) {
  if (std::holds_alternative<std::monostate>(field.fallback)) return "none";
  if (field.fallback == Value(std::string())) return "empty";
  if (field.kind == Kind::kMapping || field.kind == Kind::kProperties) return "`{}`";
  return "`" + render_plain(field.fallback) + "`";
}

std::string meaning_of(const Field& field) {
  std::string text(field.doc);
  if (!field.only.empty()) {
    const bool absent = std::holds_alternative<std::monostate>(field.fallback);
    text +=
        " Only " + (absent ? "leaving it out" : default_of(field)) + " is available: " + std::string(field.only) + ".";
  }
  if (!field.served) text += " Declared; not served by this version.";
  return text;
}

}  // namespace

std::string settings_reference() {
  std::string out = kIntroduction;
  for (const Part& part : kParts) {
    out += "\n## " + std::string(part.title) + "\n\n" + part.text + "\n\n| key | type | default | meaning |\n";
    out += "| --- | --- | --- | --- |\n";
    for (const Field& field : fields(part.scope)) {
      out += "| `" + std::string(field.path) + "` | " + type_of(field) + " | " + default_of(field) + " | " +
             meaning_of(field) + " |\n";
    }
  }
  return out;
}

}  // namespace eddy::host
