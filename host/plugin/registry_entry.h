// SPDX-License-Identifier: Apache-2.0
// One file of the plugin directory, as the registry knows it.
#pragma once

#include <utility>

#include "plugin/registry.h"
#include "plugin/selection.h"

namespace eddy::host {

struct Registry::Entry {
  std::string file;  // as found, for messages
  FileStamp stamp;   // of the last look; empty: look again
  PluginIdentity identity;
  ImagePtr running;
  Loader::Admitted admitted;  // of `running`, without its bytes; the signer of the last signature over them
  ImagePtr candidate;         // loaded, waits for a set it fits into
  Loader::Admitted candidate_admitted;
  bool held = false;  // the candidate waits for admit()
  ImagePtr previous;  // the build before `running`, to go back to; null: none
  Loader::Admitted previous_admitted;
  bool on_canary = false;      // `running` may still be rolled back by itself
  std::string rolled_back;     // SHA-256 of a build that is not to come again; empty: none
  bool turned_away = false;    // the last look at the file ended before it could be loaded
  std::string duplicate_of;    // SHA-256 it shares with another file; empty: none
  std::string reason;          // of the last refusal or of the quarantine
  ImagePtr quarantined_image;  // not called any more; null: none

  bool quarantined() const { return running && running == quarantined_image; }

  PluginStatus status() const {
    PluginStatus status{
        .file = file, .identity = identity, .state = PluginStatus::State::kRefused, .reason = reason, .generation = 0};
    if (!running) return status;
    status.identity = running->identity;
    status.identity.signer = admitted.identity.signer;
    status.generation = running->generation;
    if (previous) status.previous_version = previous->identity.version;
    status.state = quarantined() ? PluginStatus::State::kQuarantined : PluginStatus::State::kRunning;
    return status;
  }

  // Keeps a refusal, and tells it once.
  void refuse(std::string text, Change& change) {
    if (running && !quarantined()) text += "; version " + running->identity.version + " of it, loaded before, goes on";
    if (text == reason) return;
    reason = std::move(text);
    PluginIdentity whose = identity;
    if (running && whose.name.empty()) whose.name = running->identity.name;  // it was to be a build of that one
    change.events.push_back({file, std::move(whose), PluginStatus::State::kRefused, reason, 0});
  }

  // What a build that waits is held against.
  const ImagePtr& stable() const { return on_canary ? previous : running; }

  void keep_previous() {
    if (running && !on_canary && running->identity.name == candidate->identity.name) {
      previous = running;
      previous_admitted = std::move(admitted);
    }
    on_canary = false;
  }

  // Takes the selection's word for this file; true when what runs changed.
  bool settle(Choice::Pick pick, std::string refusal, Change& change) {
    const ImagePtr before = running;
    if (pick == Choice::Pick::kCandidate) {
      keep_previous();
      running = std::exchange(candidate, nullptr);
      admitted = std::move(candidate_admitted);
      reason.clear();
      change.events.push_back(status());
    } else if (pick == Choice::Pick::kNone && running) {
      // What it needs is gone. A changed version that waits with it is the one to come back.
      if (!candidate) {
        candidate = running;
        candidate_admitted = std::move(admitted);
      }
      running = nullptr;
      held = false;
    }
    if (!refusal.empty()) refuse(std::move(refusal), change);
    return running != before;
  }
};

}  // namespace eddy::host
