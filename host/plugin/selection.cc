// SPDX-License-Identifier: Apache-2.0
#include "plugin/selection.h"

#include <algorithm>

namespace eddy::host {

namespace {

using Pick = Choice::Pick;

class Selector {
 public:
  explicit Selector(const std::vector<Contender>& contenders) : contenders_(contenders) {
    for (const Contender& contender : contenders) {
      picks_.push_back(contender.candidate ? Pick::kCandidate : Pick::kRunning);
    }
    reasons_.resize(contenders.size());
  }

  // Every round takes at least one pick back, so there is an end.
  Selection run() {
    Merged merged = merge_picks(picks_);
    while (!merged.result.errors.empty()) {
      if (!give_up_blamed_candidate(merged) && !give_up_one_culprit(merged) && !give_up_all_candidates(merged)) {
        leave_out_blamed(merged);
      }
      merged = merge_picks(picks_);
    }
    Selection selection{{}, std::move(merged.result.topology)};
    for (std::size_t i = 0; i < picks_.size(); ++i) selection.choices.push_back({picks_[i], reasons_[i]});
    return selection;
  }

 private:
  struct Merged {
    MergeResult result;
    std::vector<std::size_t> order;  // of the merged images, as indices of contenders
  };

  // What runs comes first, so that of two that disagree the new one is blamed.
  Merged merge_picks(const std::vector<Pick>& picks) const {
    Merged merged;
    std::vector<ImagePtr> images;
    for (const Pick pick : {Pick::kRunning, Pick::kCandidate}) {
      for (std::size_t i = 0; i < picks.size(); ++i) {
        if (picks[i] != pick) continue;
        images.push_back(pick == Pick::kRunning ? contenders_[i].running : contenders_[i].candidate);
        merged.order.push_back(i);
      }
    }
    merged.result = merge(images);
    return merged;
  }

  void give_up(std::size_t contender, const std::string& reason) {
    picks_[contender] = without(contender);
    std::string& text = reasons_[contender];
    text += (text.empty() ? "" : "; ") + reason;
  }

  // What is left of a contender when its pick is taken back.
  Pick without(std::size_t contender) const {
    return picks_[contender] == Pick::kCandidate && contenders_[contender].running ? Pick::kRunning : Pick::kNone;
  }

  // One a round, the first: a later one may be blamed for not agreeing with it only.
  bool give_up_blamed_candidate(const Merged& merged) {
    for (const std::size_t contender : merged.order) {
      if (picks_[contender] != Pick::kCandidate) continue;
      const std::string text = errors_of(merged, contender);
      if (text.empty()) continue;
      give_up(contender, text);
      return true;
    }
    return false;
  }

  // What runs does not fit any more: something new disagrees with it, or a changed file took away what it needs.
  bool give_up_one_culprit(const Merged& merged) {
    for (std::size_t i = picks_.size(); i-- > 0;) {
      if (picks_[i] != Pick::kCandidate) continue;
      std::vector<Pick> tried = picks_;
      tried[i] = without(i);
      if (merge_picks(tried).result.errors.size() >= merged.result.errors.size()) continue;
      give_up(i, all_errors(merged));
      return true;
    }
    return false;
  }

  // No single one is to blame: the old set, if that is good.
  bool give_up_all_candidates(const Merged& merged) {
    std::vector<Pick> tried = picks_;
    for (std::size_t i = 0; i < tried.size(); ++i) {
      if (tried[i] == Pick::kCandidate) tried[i] = without(i);
    }
    if (tried == picks_ || !merge_picks(tried).result.errors.empty()) return false;
    for (std::size_t i = 0; i < tried.size(); ++i) {
      if (tried[i] != picks_[i]) give_up(i, all_errors(merged));
    }
    return true;
  }

  void leave_out_blamed(const Merged& merged) {
    for (const std::size_t contender : merged.order) {
      const std::string text = errors_of(merged, contender);
      if (!text.empty()) give_up(contender, text);
    }
  }

  static std::string errors_of(const Merged& merged, std::size_t contender) {
    std::string text;
    for (std::size_t e = 0; e < merged.result.errors.size(); ++e) {
      if (merged.order[merged.result.blamed[e]] != contender) continue;
      text += (text.empty() ? "" : "; ") + merged.result.errors[e].text;
    }
    return text;
  }

  static std::string all_errors(const Merged& merged) {
    std::string text;
    for (const Error& error : merged.result.errors) text += (text.empty() ? "" : "; ") + error.text;
    return text;
  }

  const std::vector<Contender>& contenders_;
  std::vector<Pick> picks_;
  std::vector<std::string> reasons_;
};

}  // namespace

Selection select(const std::vector<Contender>& contenders) { return Selector(contenders).run(); }

}  // namespace eddy::host
