// SPDX-License-Identifier: Apache-2.0
#include "guard/journal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <tuple>

#include "base/log.h"
#include "guard/journal_file.h"

namespace eddy::host {
namespace {

// Empty when there is no file yet, or an empty one, as a power cut may leave it.
Result<std::string> read_all(const std::string& path) {
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    return Error{Code::kUnavailable, fmt::format("journal {}: cannot read it: {}", path, std::strerror(errno))};
  }
  return bytes;
}

// The first free name, so that no evidence is overwritten.
Result<std::string> move_aside(const std::string& path) {
  std::string aside = path + ".damaged";
  for (int i = 2; access(aside.c_str(), F_OK) == 0; ++i) aside = fmt::format("{}.damaged-{}", path, i);
  if (std::rename(path.c_str(), aside.c_str()) == 0) return aside;
  return Error{Code::kUnavailable,
               fmt::format("journal {}: it is damaged and cannot be moved aside: {}", path, std::strerror(errno))};
}

}  // namespace

void JournalCell::begin(std::uint32_t partition, std::int64_t offset) noexcept {
  layout_->partition.store(partition, std::memory_order_relaxed);
  layout_->offset.store(offset, std::memory_order_relaxed);
  layout_->in_call.store(1, std::memory_order_release);
}

void JournalCell::end() noexcept { layout_->in_call.store(0, std::memory_order_release); }

struct Journal::State {
  using Key = std::tuple<std::string, std::uint32_t, std::int64_t>;

  mutable std::mutex mutex;
  std::unique_ptr<JournalFile> file;       // guarded by mutex, as all below
  std::map<Key, JournalLayout*> suspects;  // their cells hold the counts
  std::deque<JournalCell> cells;           // never move
  std::vector<JournalCell*> released;
  std::string warning;
};

Journal::Journal() : state_(std::make_unique<State>()) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path) {
  std::unique_ptr<Journal> journal(new Journal());
  State& state = *journal->state_;
  EDDY_ASSIGN(const std::string bytes, read_all(path));
  JournalContent content;
  if (!bytes.empty()) content = read_journal(bytes);
  if (!content.problem.empty()) {
    EDDY_ASSIGN(const std::string aside, move_aside(path));
    state.warning = fmt::format(
        "journal {}: {}; moved to {} and begun anew: a record that killed the last process is not known as such", path,
        content.problem, aside);
    log(LogLevel::kError, "journal", state.warning);
  }
  EDDY_ASSIGN(state.file, JournalFile::create(path, content.suspects));
  for (JournalLayout* cell : state.file->suspect_cells()) {
    state.suspects.emplace(State::Key(cell->get_name(), cell->partition.load(), cell->offset.load()), cell);
  }
  return journal;
}

const std::string& Journal::warning() const { return state_->warning; }

Result<JournalCell*> Journal::acquire(std::string_view function, std::uint32_t worker) {
  if (function.empty() || function.size() > JournalLayout::kNameSize) {
    return Error{Code::kRefused, fmt::format("journal: expected a function name of 1 to {} bytes, found {}: \"{}\"",
                                             JournalLayout::kNameSize, function.size(), function)};
  }
  const std::lock_guard lock(state_->mutex);
  EDDY_ASSIGN(JournalLayout * layout, state_->file->take());
  layout->set_name(function);
  layout->worker.store(worker, std::memory_order_relaxed);
  layout->in_call.store(0, std::memory_order_relaxed);
  layout->kind.store(JournalLayout::kWorker, std::memory_order_release);
  JournalCell* cell = nullptr;
  if (state_->released.empty()) {
    cell = &state_->cells.emplace_back();
  } else {
    cell = state_->released.back();
    state_->released.pop_back();
  }
  cell->layout_ = layout;
  return cell;
}

void Journal::release(JournalCell* cell) {
  if (cell == nullptr) return;
  const std::lock_guard lock(state_->mutex);
  state_->file->give_back(cell->layout_);
  cell->layout_ = nullptr;
  state_->released.push_back(cell);
}

void Journal::end_calls(const std::function<bool(std::string_view function)>& excused) {
  const std::lock_guard lock(state_->mutex);
  for (JournalCell& cell : state_->cells) {
    if (cell.layout_ != nullptr && excused(cell.layout_->get_name())) cell.end();
  }
}

std::vector<Suspect> Journal::suspects(std::string_view function) const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Suspect> found;
  for (const auto& [key, cell] : state_->suspects) {
    const auto& [name, partition, offset] = key;
    if (name == function) found.push_back({name, partition, offset, cell->deaths.load(std::memory_order_relaxed)});
  }
  return found;
}

void Journal::forget(std::string_view function, std::uint32_t partition, std::int64_t offset) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->suspects.find(State::Key(function, partition, offset));
  if (found == state_->suspects.end()) return;
  state_->file->give_back(found->second);
  state_->suspects.erase(found);
}

}  // namespace eddy::host
