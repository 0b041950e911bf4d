// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "plugin/content.h"
#include "plugin/place.h"
#include "plugin/refusal.h"
#include "plugin/registry_entry.h"
#include "plugin/selection.h"

namespace eddy::host {

namespace {

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Registry::Registry(std::string directory, Loader loader)
    : directory_(std::move(directory)), loader_(std::move(loader)), topology_(merge({}).topology) {}

Registry::Change Registry::scan(const std::vector<FileStamp>& stamps) {
  Change change;
  drop_removed(stamps, change);
  std::vector<FileStamp> ordered = stamps;
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  for (const FileStamp& stamp : ordered) consider(stamp, change);
  if (dirty_) publish(change);
  return change;
}

void Registry::drop_removed(const std::vector<FileStamp>& stamps, Change& change) {
  std::set<std::string> present;
  for (const FileStamp& stamp : stamps) present.insert(file_name(stamp.path));
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (present.contains(it->first)) {
      ++it;
      continue;
    }
    PluginStatus status = it->second->status();
    status.state = PluginStatus::State::kRemoved;
    status.reason.clear();
    change.events.push_back(std::move(status));
    change.topology_changed |= it->second->running != nullptr;
    dirty_ = true;
    it = entries_.erase(it);
  }
}

void Registry::consider(const FileStamp& stamp, Change& change) {
  const std::string name = file_name(stamp.path);
  EntryPtr& slot = entries_[name];
  if (!slot) slot = std::make_shared<Entry>();
  Entry& entry = *slot;
  const bool freed = !entry.duplicate_of.empty() && holder_of(entry.duplicate_of, entry) == nullptr;
  if (entry.stamp == stamp && !freed) return;
  entry.file = directory_ + "/" + name;
  entry.stamp = stamp;
  entry.duplicate_of.clear();
  Result<Loader::Admitted> admitted = loader_.admit(entry.file);
  entry.turned_away = !admitted;
  if (!admitted) {
    if (admitted.error().code == Code::kUnavailable) entry.stamp = {};
    dirty_ |= entry.candidate != nullptr;
    entry.candidate = nullptr;
    entry.identity = {};
    entry.refuse(admitted.error().text, change);
    return;
  }
  take_file(entry, *std::move(admitted), change);
}

void Registry::take_file(Entry& entry, Loader::Admitted file, Change& change) {
  const std::string sha256 = file.identity.sha256;
  entry.identity = file.identity;
  const bool waits = entry.candidate && entry.candidate->identity.sha256 == sha256;
  if (waits && entry.candidate->identity.signer == file.identity.signer) return;
  dirty_ |= entry.candidate != nullptr;
  entry.candidate = nullptr;
  // A quarantined plugin comes back when its file is replaced, be it by the same bytes.
  if (entry.running && entry.running->identity.sha256 == sha256 && !entry.quarantined()) {
    entry.admitted.identity.signer = file.identity.signer;
    entry.reason.clear();
    return;
  }
  if (const Entry* const holder = holder_of(sha256, entry)) {
    entry.duplicate_of = sha256;
    entry.refuse(entry.file + ": read: expected a plugin of its own, found the same bytes as " + holder->file +
                     "; remove one of the two",
                 change);
    return;
  }
  if (sha256 == entry.rolled_back) {
    entry.refuse(entry.file +
                     ": reload: expected another build, found the one that was rolled back; replace it, or try "
                     "it again with: eddy plugin release " +
                     file.identity.name,
                 change);
    return;
  }
  Result<ImagePtr> image = loader_.load(file);
  if (!image) {
    if (image.error().code == Code::kUnavailable) entry.stamp = {};
    entry.refuse(image.error().text, change);
    return;
  }
  entry.candidate = *std::move(image);
  entry.candidate_admitted = std::move(file);
  entry.candidate_admitted.bytes = {};
  const bool replaces = entry.running && !entry.quarantined() && entry.running->identity.name == entry.identity.name;
  entry.held = hold_changes_ && replaces;
  if (entry.held) {
    change.waiting.push_back({entry.identity.name, entry.stable(), entry.candidate});
  } else {
    dirty_ = true;
  }
}

const Registry::Entry* Registry::holder_of(const std::string& sha256, const Entry& except) const {
  for (const auto& [name, entry] : entries_) {
    if (entry.get() == &except) continue;
    const bool runs = entry->running && entry->running->identity.sha256 == sha256 && !entry->candidate;
    if (runs || (entry->candidate && entry->candidate->identity.sha256 == sha256)) return entry.get();
  }
  return nullptr;
}

// Merges all that could run and publishes what goes together.
void Registry::publish(Change& change) {
  dirty_ = false;
  std::vector<Entry*> order;
  std::vector<Contender> contenders;
  for (const auto& [name, entry] : entries_) {
    const ImagePtr candidate = entry->held ? nullptr : entry->candidate;
    if (!entry->running && !candidate) continue;
    order.push_back(entry.get());
    contenders.push_back({entry->running, candidate});
  }
  Selection selection = select(contenders);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Choice& choice = selection.choices[i];
    const std::string refusal = choice.reason.empty() ? "" : order[i]->file + ": topology: " + choice.reason;
    change.topology_changed |= order[i]->settle(choice.pick, refusal, change);
  }
  topology_ = std::move(selection.topology);
  drop_quarantined();
}

void Registry::drop_quarantined() {
  std::set<ImagePtr> quarantined;
  for (const auto& [name, entry] : entries_) {
    if (entry->quarantined()) quarantined.insert(entry->running);
  }
  std::erase_if(topology_.functions, [&](const auto& item) { return quarantined.contains(item.second.image); });
}

void Registry::set_trust(Trust trust) {
  loader_.set_trust(std::move(trust));
  for (const auto& [name, entry] : entries_) {
    if (entry->turned_away || entry->candidate) entry->stamp = {};
  }
}

Registry::Entry* Registry::running(const std::string& plugin) {
  for (const auto& [name, entry] : entries_) {
    if (entry->running && entry->running->identity.name == plugin) return entry.get();
  }
  return nullptr;
}

Result<ImagePtr> Registry::reload(const std::string& plugin) {
  Entry* const entry = running(plugin);
  if (entry == nullptr || entry->quarantined()) {
    return refuse("reload", "a running plugin", "none named \"" + plugin + "\"", "see `eddy ls`");
  }
  return renew(*entry);
}

Result<ImagePtr> Registry::release(const std::string& plugin) {
  Entry* const entry = running(plugin);
  if (entry == nullptr || !entry->quarantined()) {
    return refuse("release", "a plugin in quarantine", "none named \"" + plugin + "\"", "see `eddy plugin ls`");
  }
  EDDY_ASSIGN(ImagePtr image, renew(*entry));
  entry->reason.clear();
  return image;
}

Result<ImagePtr> Registry::renew(Entry& entry) {
  EDDY_ASSIGN(ImagePtr image, load_again(entry.admitted, entry.running->mapped_path));
  EDDY_TRY(exchange(entry, image));
  return image;
}

void Registry::quarantine(const std::string& plugin, std::string reason) {
  Entry* const entry = running(plugin);
  if (entry == nullptr) return;
  entry->quarantined_image = entry->running;
  entry->reason = std::move(reason);
  drop_quarantined();
}

std::vector<ImagePtr> Registry::images() const {
  std::vector<ImagePtr> images;
  for (const auto& [name, entry] : entries_) {
    if (entry->running) images.push_back(entry->running);
  }
  return images;
}

std::vector<PluginStatus> Registry::statuses() const {
  std::vector<PluginStatus> statuses;
  for (const auto& [name, entry] : entries_) statuses.push_back(entry->status());
  return statuses;
}

}  // namespace eddy::host
