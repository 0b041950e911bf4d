// SPDX-License-Identifier: Apache-2.0
#include "triage/triage_index.h"

#include <algorithm>

#include "base/log.h"
#include "dead_letter/queue_names.h"
#include "triage/follower.h"
#include "triage/group_list.h"
#include "triage/letter_list.h"
#include "triage/samples.h"
#include "triage/schema.h"

namespace eddy::host {

using triage::Lister;

namespace {

constexpr std::chrono::milliseconds kTimeLimit{10'000};

// A parked queue is read with its queue: as a queue of its own, its letters would be listed under a name that nobody
// asks for, and not be read again.
std::vector<std::string> base_queues(std::span<const std::string> names) {
  std::vector<std::string> queues;
  for (const std::string& name : names) {
    std::string queue = base_queue(name);
    if (std::ranges::find(queues, queue) == queues.end()) queues.push_back(std::move(queue));
  }
  return queues;
}

Result<std::optional<LetterStanding>> find_standing(sqlite::Database& reader, const std::string& id) {
  EDDY_ASSIGN(auto row, reader.prepare("SELECT s.name, l.partition, l.offset, l.hops, l.state FROM letter l "
                                       "JOIN stream s ON s.number = l.stream WHERE l.id = ?1"));
  row.bind(1, std::string_view(id));
  EDDY_ASSIGN(const bool found, row.step("looking for where a letter stands"));
  if (!found) return std::optional<LetterStanding>();
  return std::optional(LetterStanding{{std::string(row.text(0)), static_cast<std::uint32_t>(row.integer(1)),
                                       row.integer(2), id, static_cast<std::uint32_t>(row.integer(3))},
                                      static_cast<LetterState>(row.integer(4))});
}

}  // namespace

struct TriageIndex::State {
  State(std::string data_dir_, Transport& transport_, std::string source_, const Clock& clock_, TriageMasks masks_)
      : data_dir(std::move(data_dir_)),
        transport(transport_),
        source(std::move(source_) + (masks_.identity.empty() ? "" : " masked " + masks_.identity)),
        clock(clock_),
        masks(std::move(masks_)) {}

  Result<void> open(const std::string& damaged = {});
  Result<void> ready();
  Result<void> reopen();
  Result<void> renew();
  Result<void> may_match(const std::string& queue, const LetterFilter& filter) const;
  bool damaged() const { return writer->damaged() || reader->damaged(); }
  template <typename Work>
  auto read(const Work& work) -> decltype(work(std::declval<const Lister&>()));

  const std::string data_dir;
  Transport& transport;
  const std::string source;
  const Clock& clock;
  const TriageMasks masks;
  std::vector<std::string> queues;  // of the last catch-up
  std::chrono::milliseconds limit = kTimeLimit;
  std::uint64_t identity = 0;  // of the file that is open
  std::string born;            // and of its content

  std::unique_ptr<sqlite::Database> writer, reader;
  std::unique_ptr<triage::Follower> follower;
};

Result<void> TriageIndex::State::open(const std::string& damaged) {
  EDDY_ASSIGN(writer, triage::open_index(data_dir, source, damaged));
  EDDY_ASSIGN(reader, triage::open_reader(data_dir));
  EDDY_ASSIGN(follower, triage::Follower::open(*writer, transport, clock, masks));
  EDDY_ASSIGN(born, triage::read_meta(*writer, "born"));
  identity = triage::file_identity(triage::index_path(data_dir));
  return {};
}

// The file may have been deleted, cut or made anew since it was opened.
Result<void> TriageIndex::State::ready() {
  if (writer == nullptr || reader == nullptr || follower == nullptr) return open();
  if (identity != triage::file_identity(triage::index_path(data_dir))) return reopen();
  EDDY_ASSIGN(const bool usable, triage::is_usable(*writer, source));
  return usable ? Result<void>() : reopen();
}

Result<void> TriageIndex::State::reopen() {
  const std::string broken = writer != nullptr && damaged() ? born : "";
  follower.reset();
  triage::abandon(std::move(reader));
  triage::abandon(std::move(writer));
  return open(broken);
}

// After an error of the index itself.
Result<void> TriageIndex::State::renew() {
  log(LogLevel::kWarn, "triage",
      triage::index_path(data_dir) + ": is damaged or gone, and is made anew from the queues");
  return reopen();
}

// Runs a listing over one state of the index. One that has come to harm is filled again, if it is known with what.
template <typename Work>
auto TriageIndex::State::read(const Work& work) -> decltype(work(std::declval<const Lister&>())) {
  EDDY_TRY(ready());
  const auto run = [&]() -> decltype(work(std::declval<const Lister&>())) {
    sqlite::Transaction snapshot(*reader);
    EDDY_TRY(snapshot.begin("BEGIN"));
    return work(Lister{*reader, transport, limit});
  };
  auto listed = run();
  if (listed || !damaged()) return listed;
  EDDY_TRY(renew());
  if (queues.empty()) {
    return Error{Code::kUnavailable, "the triage index was damaged and is being made anew from the queues: try again"};
  }
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, follower->catch_up(queues, {}));
  return run();
}

// Which letters are left tells what stands there.
Result<void> TriageIndex::State::may_match(const std::string& queue, const LetterFilter& filter) const {
  if (filter.match.empty() || filter.reveal || !masks.of) return {};
  const Mask mask = masks.of(queue);
  for (const PointerMatch& match : filter.match) {
    if (!mask.touches(match.pointer)) continue;
    return Error{Code::kRefused,
                 "match " + match.pointer +
                     ": redact hides what is there, and the letters found would tell it; leave it out, or ask as one "
                     "who may reveal it (the right `reveal`; of listings with reveal=true, of commands with --reveal)"};
  }
  return {};
}

TriageIndex::TriageIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
TriageIndex::~TriageIndex() = default;

Result<std::unique_ptr<TriageIndex>> TriageIndex::open(const std::string& data_dir, Transport& transport,
                                                       const std::string& source, const Clock& clock,
                                                       TriageMasks masks) {
  auto state = std::make_unique<State>(data_dir, transport, source, clock, std::move(masks));
  EDDY_TRY(state->open());
  return std::unique_ptr<TriageIndex>(new TriageIndex(std::move(state)));
}

Result<std::unique_ptr<TriageIndex>> TriageIndex::open(const std::string& data_dir, Transport& transport,
                                                       const std::string& source, TriageMasks masks) {
  static const SystemClock clock;
  return open(data_dir, transport, source, clock, std::move(masks));
}

void TriageIndex::set_time_limit(std::chrono::milliseconds limit) { state_->limit = limit; }

Result<CatchUp> TriageIndex::catch_up(std::span<const std::string> queues, const std::function<bool()>& stop) {
  State& state = *state_;
  state.queues = base_queues(queues);
  EDDY_TRY(state.ready());
  auto done = state.follower->catch_up(state.queues, stop);
  if (done) return done;
  if (!state.damaged() && done.error().code != Code::kConflict) {
    const auto usable = triage::is_usable(*state.writer, state.source);
    if (!usable || *usable) return done;
  }
  EDDY_TRY(state.renew());
  return state.follower->catch_up(state.queues, stop);
}

Result<std::vector<QueueSummary>> TriageIndex::queues() {
  return state_->read([](const Lister& lister) { return triage::list_queues(lister.reader); });
}

Result<GroupPage> TriageIndex::groups(const std::string& queue, const LetterFilter& filter, const Page& page) {
  EDDY_TRY(state_->may_match(queue, filter));
  return state_->read(
      [&](const Lister& lister) { return triage::list_groups(lister, queue, filter, page, state_->clock.now_us()); });
}

Result<LetterPage> TriageIndex::letters(const std::string& queue, const LetterFilter& filter, const Page& page) {
  EDDY_TRY(state_->may_match(queue, filter));
  return state_->read([&](const Lister& lister) { return triage::list_letters(lister, queue, filter, page); });
}

Result<std::vector<LetterPlace>> TriageIndex::select(const std::string& queue, const LetterFilter& filter) {
  EDDY_TRY(state_->may_match(queue, filter));
  EDDY_ASSIGN(auto letters,
              state_->read([&](const Lister& lister) { return triage::all_letters(lister, queue, filter, false); }));
  std::vector<LetterPlace> places;
  places.reserve(letters.size());
  for (triage::CountedLetter& letter : letters) places.push_back(std::move(letter.place));
  return places;
}

Result<std::vector<LetterRow>> TriageIndex::find(std::string_view id_prefix, std::size_t limit) {
  return state_->read([&](const Lister& lister) { return triage::find_letters(lister.reader, id_prefix, limit); });
}

Result<std::vector<KeptLetter>> TriageIndex::kept(std::string_view id_prefix, std::size_t limit) {
  return state_->read([&](const Lister& lister) { return triage::find_kept(lister.reader, id_prefix, limit); });
}

Result<std::optional<LetterStanding>> TriageIndex::standing_of(const std::string& id) {
  return state_->read([&](const Lister& lister) { return find_standing(lister.reader, id); });
}

Result<std::optional<LetterStateRecord>> TriageIndex::state_of(const std::string& id) {
  return state_->read([&](const Lister& lister) { return triage::find_state(lister.reader, id); });
}

}  // namespace eddy::host
