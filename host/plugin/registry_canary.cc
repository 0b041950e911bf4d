// SPDX-License-Identifier: Apache-2.0
// The registry's way from a build that waits to one that stays, and back.
#include "base/hash.h"
#include "plugin/content.h"
#include "plugin/place.h"
#include "plugin/refusal.h"
#include "plugin/registry_entry.h"

namespace eddy::host {

// From the private copy, not the file as it is now: these bytes were running.
Result<ImagePtr> Registry::load_again(Loader::Admitted file, const std::string& copy) {
  EDDY_ASSIGN(const FileDescriptor fd, open_in_place(copy, true));
  EDDY_ASSIGN(file.bytes, read_content(fd));
  if (to_hex(sha256(file.bytes)) != file.identity.sha256) {
    return refuse("reload", "the private copy as it was written", "other bytes in " + copy, "restart the host");
  }
  return loader_.load(file);
}

// The entry's plugin goes on with this image, if all still go together.
Result<void> Registry::exchange(Entry& entry, const ImagePtr& image) {
  const ImagePtr before = std::exchange(entry.running, image);
  MergeResult merged = merge(images());
  if (!merged.errors.empty()) {
    entry.running = before;
    return in_context(image->identity.file, merged.errors.front());
  }
  topology_ = std::move(merged.topology);
  drop_quarantined();
  return {};
}

Registry::Entry* Registry::waiting(const std::string& plugin, std::uint64_t generation) {
  Entry* const entry = running(plugin);
  const bool waits = entry != nullptr && entry->held && entry->candidate && entry->candidate->generation == generation;
  return waits ? entry : nullptr;
}

Registry::Change Registry::admit(const std::string& plugin, std::uint64_t generation) {
  Change change;
  Entry* const entry = waiting(plugin, generation);
  if (entry == nullptr) return change;
  if (entry->candidate->poisoned.load(
          std::memory_order_acquire)) {  // in its trial, by what its predecessor faults on too
    auto fresh = load_again(entry->candidate_admitted, entry->candidate->mapped_path);
    if (!fresh) return turn_away(plugin, generation, fresh.error().text);
    entry->candidate = *std::move(fresh);
    generation = entry->candidate->generation;
  }
  entry->held = false;
  publish(change);
  entry->on_canary = entry->running && entry->running->generation == generation && entry->previous;
  return change;
}

Registry::Change Registry::turn_away(const std::string& plugin, std::uint64_t generation, const std::string& reason) {
  Change change;
  Entry* const entry = waiting(plugin, generation);
  if (entry == nullptr) return change;
  entry->held = false;
  entry->candidate = nullptr;
  entry->refuse(entry->file + ": canary: " + reason, change);
  return change;
}

Registry::Change Registry::let_in_for_quarantined(const std::string& plugin) {
  Change change;
  Entry* const entry = running(plugin);
  if (entry == nullptr || !entry->quarantined() || !entry->held) return change;
  entry->held = false;
  // Its trial may still be at work in the image, and poison it.
  auto fresh = load_again(entry->candidate_admitted, entry->candidate->mapped_path);
  if (fresh) {
    entry->candidate = *std::move(fresh);
    publish(change);
    return change;
  }
  const Error why = fresh.take_error();
  entry->candidate = nullptr;
  if (why.code == Code::kUnavailable) entry->stamp = {};  // the next scan looks at it again
  std::string quarantine = std::move(entry->reason);
  entry->refuse(why.text, change);
  entry->reason = std::move(quarantine);
  return change;
}

void Registry::promote(const std::string& plugin) {
  if (Entry* const entry = running(plugin)) entry->on_canary = false;
}

std::optional<std::pair<ImagePtr, ImagePtr>> Registry::on_canary(const std::string& plugin) {
  const Entry* const entry = running(plugin);
  if (entry == nullptr || !entry->on_canary) return std::nullopt;
  return std::pair(entry->running, entry->previous);
}

// A build beside its successor runs, and what runs goes on whoever signed it.
Result<void> Registry::trust_predecessor(const Entry& entry) const {
  const PluginIdentity& identity = entry.previous_admitted.identity;
  if (entry.on_canary || loader_.trust().accepts(identity.signer)) return {};
  const Signer& signer = identity.signer;
  Error error = refuse("rollback", "version " + identity.version + " to be signed by a trusted key",
                       signer.key.empty() ? "one that is not signed" : "one signed by key " + signer.key,
                       "sign that version with a trusted key and put it in place as a new file");
  error.code = Code::kConflict;
  return in_context(entry.file, error);
}

Result<ImagePtr> Registry::roll_back(const std::string& plugin, std::string reason) {
  Entry* const entry = running(plugin);
  if (entry == nullptr) return Error{Code::kBadData, "there is no running plugin " + plugin};
  if (!entry->previous) return Error{Code::kConflict, "plugin " + plugin + " has no earlier version to go back to"};
  EDDY_TRY(trust_predecessor(*entry));
  ImagePtr back = entry->previous;
  if (back->poisoned.load(std::memory_order_acquire)) {
    EDDY_ASSIGN(back, load_again(entry->previous_admitted, back->mapped_path));
  }
  const std::string leaving = entry->running->identity.sha256;
  EDDY_TRY(exchange(*entry, back));
  entry->admitted = std::move(entry->previous_admitted);
  entry->previous = nullptr;
  entry->on_canary = false;
  entry->rolled_back = leaving;
  entry->reason = std::move(reason);
  return back;
}

bool Registry::forget_rolled_back(const std::string& plugin) {
  Entry* const entry = running(plugin);
  if (entry == nullptr || entry->rolled_back.empty()) return false;
  entry->rolled_back.clear();
  entry->stamp = {};
  return true;
}

Result<ImagePtr> Registry::reload_previous(const std::string& plugin) {
  Entry* const entry = running(plugin);
  if (entry == nullptr || !entry->previous) return refuse("reload", "a version before the one that runs", "none", "");
  EDDY_ASSIGN(entry->previous, load_again(entry->previous_admitted, entry->previous->mapped_path));
  return entry->previous;
}

Result<ImagePtr> Registry::copy_for_trial(const std::string& plugin) {
  Entry* const entry = running(plugin);
  if (entry == nullptr) return refuse("reload", "a running plugin", "none named \"" + plugin + "\"", "see `eddy ls`");
  return entry->on_canary ? load_again(entry->previous_admitted, entry->previous->mapped_path)
                          : load_again(entry->admitted, entry->running->mapped_path);
}

}  // namespace eddy::host
