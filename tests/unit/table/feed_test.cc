// SPDX-License-Identifier: Apache-2.0
// Whatever fails at whatever moment, each record of the stream is a row or a dead letter, once.
#include "table/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "base/temporary_folder.h"
#include "stream/embedded/embedded.h"
#include "support/faulty_transport.h"
#include "table/feeder.h"
#include "table/letter_row.h"

namespace {

// Of the files in this folder what was synced last is kept beside them: what a power cut would leave.
std::string g_watched_folder;

void keep_synced(int file) {
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file));
  if (path.parent_path() != g_watched_folder) return;
  struct stat stat {};
  ASSERT_EQ(::fstat(file, &stat), 0);
  std::string bytes(static_cast<std::size_t>(stat.st_size), '\0');
  ASSERT_EQ(::pread(file, bytes.data(), bytes.size(), 0), stat.st_size);
  std::ofstream(path.string() + ".synced", std::ios::binary) << bytes;
}

}  // namespace

// Stands in front of the C library's for the whole program, SQLite included.
extern "C" int fdatasync(int file) {
  const int done = static_cast<int>(::syscall(SYS_fdatasync, file));
  if (!g_watched_folder.empty()) keep_synced(file);
  return done;
}

namespace eddy::host {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr eddy_type kI64{sizeof(eddy_type), EDDY_TYPE_I64, nullptr, nullptr, nullptr, 0};

std::shared_ptr<const Model> make_film_model() {
  static const eddy_field fields[] = {{sizeof(eddy_field), EDDY_FIELD_UNIQUE, to_abi("id"), &kI64}};
  eddy_model model{};
  model.struct_size = sizeof model;
  model.field_count = 1;
  model.field_stride = sizeof(eddy_field);
  model.name = to_abi("Film");
  model.fields = fields;
  return *Model::compile(&model);
}

// A real sink that fails before or after it has written: what a caller sees of a connection that breaks.
class FaultySink final : public TableSink {
 public:
  FaultySink(std::unique_ptr<TableSink> real, test::FaultyTransport& dice) : real_(std::move(real)), dice_(dice) {}

  Result<void> prepare() override { return real_->prepare(); }
  Result<void> look() const override { return real_->look(); }
  Result<FeedPosition> position(std::string_view feed, std::uint32_t partition) override {
    if (dice_.strike()) return error();
    return real_->position(feed, partition);
  }
  Result<std::vector<Refusal>> write(const RowBatch& batch) override {
    if (dice_.strike()) return error();
    auto written = real_->write(batch);
    if (dice_.strike()) return error();
    return written;
  }
  std::string describe() const override { return real_->describe(); }

 private:
  static Error error() { return {Code::kUnavailable, "the table refused by the test"}; }

  std::unique_ptr<TableSink> real_;
  test::FaultyTransport& dice_;
};

class FeedTest : public testing::Test {
 protected:
  FeedTest() {
    store_ = *open_embedded({.data_dir = folder_.path() + "/store"});
    for (const char* name : {"films", "dlq"}) EXPECT_TRUE(store_->ensure_stream({name, 2, 0}).ok());
    spec_.stream = "films";
    spec_.table = {"films", make_film_model(), OnConflict::kRefuse};
    spec_.url = "sqlite:" + database();
    spec_.queue = "dlq";
    spec_.queue_id = *store_->find_stream("dlq");
    spec_.queue_options.max_record_bytes = 1 << 20;
    spec_.batch_time = milliseconds(0);
  }

  std::string database() const { return folder_.path() + "/tables.db"; }

  void append(const std::vector<std::string>& values) {
    std::vector<OutRecord> records;
    for (std::uint32_t i = 0; i < values.size(); ++i) records.push_back({Bytes(), Bytes(values[i]), {}, 1, i % 2});
    ASSERT_TRUE(store_->append(*store_->find_stream("films"), records).ok());
  }

  std::vector<std::int64_t> rows() {
    std::vector<std::int64_t> ids;
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(database().c_str(), &db), SQLITE_OK);
    sqlite3_stmt* query = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db, "SELECT id FROM films ORDER BY id", -1, &query, nullptr), SQLITE_OK);
    while (sqlite3_step(query) == SQLITE_ROW) ids.push_back(sqlite3_column_int64(query, 0));
    sqlite3_finalize(query);
    sqlite3_close(db);
    return ids;
  }

  std::vector<std::string> letters() {
    std::vector<std::string> values;
    const auto browser = *store_->open_browser("dlq");
    const auto positions = *store_->positions("", "dlq");
    for (const Position& position : positions) {
      for (std::int64_t next = position.begin; next < position.end; ++next) {
        values.emplace_back((*browser->read(position.partition, next, 1)).front().value.view());
      }
    }
    return values;
  }

  bool at_end() {
    const auto positions = *store_->positions("eddy-" + spec_.name(), "films");
    return std::ranges::all_of(positions, [](const Position& p) { return p.committed == p.end; });
  }

  std::unique_ptr<TableSink> prepared_sink() {
    auto sink = *open_table(spec_.url, spec_.table);
    EXPECT_TRUE(sink->prepare().ok());
    return sink;
  }

  TemporaryFolder folder_ = *TemporaryFolder::make();
  std::unique_ptr<Transport> store_;
  const SystemClock clock_;
  FeedSpec spec_;
  WorkerCounters counters_;
};

TEST_F(FeedTest, RowsLettersAndTombstones) {
  append({R"({"id":1})", R"({"id":2})", R"({"id":1})", R"({"id":"x"})", "no json", R"({"id":3})"});
  const OutRecord tombstone{"k", Bytes(), {}, 1, 0};
  ASSERT_TRUE(store_->append(*store_->find_stream("films"), {&tombstone, 1}).ok());
  auto sink = prepared_sink();
  auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
  Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
  while (!at_end()) {
    ASSERT_TRUE(feed.run(milliseconds(0)).ok());
    ASSERT_TRUE(session->commit().ok());
    feed.committed();
  }
  EXPECT_THAT(rows(), testing::ElementsAre(1, 2, 3));
  const auto dead = letters();
  ASSERT_EQ(dead.size(), 3u);
  const std::string all = dead[0] + dead[1] + dead[2];
  EXPECT_THAT(all, HasSubstr(R"("error_type":"TableError")"));
  EXPECT_THAT(all, HasSubstr(R"("source":"table")"));
  EXPECT_THAT(all, HasSubstr("UNIQUE constraint failed: films.id"));
  EXPECT_THAT(all, HasSubstr(R"("error_type":"ValidationError")"));
  EXPECT_THAT(all, HasSubstr(R"("error_type":"ParseError")"));
  EXPECT_EQ(counters_.outcomes[0].get(), 3u);
  EXPECT_EQ(counters_.outcomes[1].get(), 1u);
  EXPECT_EQ(counters_.outcomes[2].get(), 3u);
  EXPECT_EQ(counters_.dead_letters().at("TableError"), 1u);

  ASSERT_EQ(*feed.run(milliseconds(0)), 0u);
  feed.committed();
  EXPECT_EQ(counters_.outcomes[0].get(), 3u) << "an idle look counts nothing again";
}

TEST_F(FeedTest, LettersThatWereLostWithTheirUnitAreWrittenAgain) {
  append({R"({"id":1})", R"({"id":5})", R"({"id":1})", "no json"});
  auto sink = prepared_sink();
  {
    auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
    Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
    ASSERT_EQ(*feed.run(milliseconds(0)), 4u);
  }  // the table has its rows; the session ends without a commit
  EXPECT_THAT(rows(), testing::ElementsAre(1, 5));
  EXPECT_TRUE(letters().empty());
  auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
  Feed again(spec_, *store_, *session, *sink, clock_, counters_);
  ASSERT_EQ(*again.run(milliseconds(0)), 4u);
  ASSERT_TRUE(session->commit().ok());
  EXPECT_THAT(rows(), testing::ElementsAre(1, 5));
  EXPECT_EQ(letters().size(), 2u);
  EXPECT_TRUE(at_end());
}

TEST_F(FeedTest, DeathsInARowRepeatNothingAndLoseNoLetter) {
  auto sink = prepared_sink();
  for (int death = 0; death < 3; ++death) {
    append({R"({"id":)" + std::to_string(death) + "}", R"({"id":)" + std::to_string(10 + death) + "}", "no json"});
    auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
    Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
    ASSERT_TRUE(feed.run(milliseconds(0)).ok());
  }  // each ends without a commit
  auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
  Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
  while (!at_end()) {
    ASSERT_TRUE(feed.run(milliseconds(0)).ok());
    ASSERT_TRUE(session->commit().ok());
    feed.committed();
  }
  EXPECT_THAT(rows(), testing::ElementsAre(0, 1, 2, 10, 11, 12));
  EXPECT_EQ(letters().size(), 3u);
}

TEST_F(FeedTest, APowerCutDoublesNothing) {
  const std::string folder = folder_.path() + "/store";
  store_.reset();
  std::filesystem::copy_file(folder + "/eddy.db", folder + "/eddy.db.synced");
  g_watched_folder = folder;
  store_ = *open_embedded({.data_dir = folder});
  append({R"({"id":1})", R"({"id":2})", R"({"id":3})", R"({"id":4})", R"({"id":5})", R"({"id":6})"});
  spec_.batch_rows = 2;
  auto sink = prepared_sink();
  {
    auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
    Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
    for (int batch = 0; batch < 3; ++batch) {
      ASSERT_EQ(*feed.run(milliseconds(0)), 2u);
      ASSERT_TRUE(session->commit().ok());
    }
  }
  g_watched_folder.clear();
  store_.reset();
  for (const char* name : {"/eddy.db", "/eddy.db-wal"})
    std::filesystem::rename(folder + name + ".synced", folder + name);
  store_ = *open_embedded({.data_dir = folder});
  EXPECT_FALSE(at_end()) << "the last position was not synced";
  auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
  Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
  while (!at_end()) {
    ASSERT_TRUE(feed.run(milliseconds(0)).ok());
    ASSERT_TRUE(session->commit().ok());
  }
  EXPECT_THAT(rows(), testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(letters().empty()) << "a row that came again would have been refused";
}

TEST_F(FeedTest, AGroupThatWasSetBackFillsTheTableAgain) {
  append({R"({"id":1})", R"({"id":2})"});
  auto sink = prepared_sink();
  for (int round = 0; round < 2; ++round) {
    auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
    Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
    ASSERT_EQ(*feed.run(milliseconds(0)), 2u);
    ASSERT_TRUE(session->commit().ok());
    append({R"({"id":3})", R"({"id":4})"});
    ASSERT_EQ(*feed.run(milliseconds(0)), 2u);
    ASSERT_TRUE(session->commit().ok());
    session.reset();
    if (round == 1) break;
    // The stream is made anew under the same name, the table stays.
    store_.reset();
    std::filesystem::remove_all(folder_.path() + "/store");
    store_ = *open_embedded({.data_dir = folder_.path() + "/store"});
    for (const char* name : {"films", "dlq"}) ASSERT_TRUE(store_->ensure_stream({name, 2, 0}).ok());
    append({R"({"id":11})", R"({"id":12})"});
  }
  EXPECT_THAT(rows(), testing::ElementsAre(1, 2, 3, 4, 11, 12));
}

TEST_F(FeedTest, ADeadLetterIsARow) {
  append({R"({"id":"x"})"});
  auto sink = prepared_sink();
  auto session = *store_->open_session({"eddy-" + spec_.name(), "films"});
  Feed feed(spec_, *store_, *session, *sink, clock_, counters_);
  ASSERT_EQ(*feed.run(milliseconds(0)), 1u);
  ASSERT_TRUE(session->commit().ok());

  FeedSpec of_letters = spec_;
  of_letters.stream = "dlq";
  of_letters.letters = true;
  of_letters.table = {"letters", letter_model(), OnConflict::kRefuse};
  auto letter_sink = *open_table(of_letters.url, of_letters.table);
  ASSERT_TRUE(letter_sink->prepare().ok());
  auto letter_session = *store_->open_session({"eddy-" + of_letters.name(), "dlq"});
  Feed letter_feed(of_letters, *store_, *letter_session, *letter_sink, clock_, counters_);
  ASSERT_EQ(*letter_feed.run(milliseconds(0)), 1u);
  ASSERT_TRUE(letter_session->commit().ok());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(database().c_str(), &db), SQLITE_OK);
  std::string seen;
  const auto keep = [](void* out, int count, char** values, char**) {
    for (int i = 0; i < count; ++i) *static_cast<std::string*>(out) += std::string(values[i]) + "|";
    return 0;
  };
  EXPECT_EQ(
      sqlite3_exec(db,
                   "SELECT error_type, origin_stream, origin_offset, original_record, original_encoding, attempts,"
                   " function FROM letters",
                   keep, &seen, nullptr),
      SQLITE_OK);
  sqlite3_close(db);
  EXPECT_EQ(seen, R"(ValidationError|films|0|{"id":"x"}|utf8|1|table.films.films|)");
}

// Faults at every seam, the process included: a feeder that is gone in the middle of a unit.
TEST_F(FeedTest, EveryRecordIsARowOrALetterWhateverFails) {
  constexpr int kRecords = 600;
  std::vector<std::string> values;
  for (int i = 0; i < kRecords; ++i) {
    values.push_back(i % 10 == 3 ? "no json" : R"({"id":)" + std::to_string(i % 10 == 7 ? i - 1 : i) + "}");
  }
  append(values);
  test::FaultyTransport faulty(*store_, 0.15);
  spec_.batch_rows = 7;
  std::mt19937 random(7);
  auto faulty_sink = std::make_unique<FaultySink>(prepared_sink(), faulty);
  std::unique_ptr<Session> session;
  std::unique_ptr<Feed> feed;
  for (int round = 0; round < 20'000 && !at_end(); ++round) {
    if (session == nullptr || random() % 20 == 0) {
      feed.reset();
      session.reset();
      auto opened = faulty.open_session({"eddy-" + spec_.name(), "films"});
      if (!opened) continue;
      session = *std::move(opened);
      feed = std::make_unique<Feed>(spec_, faulty, *session, *faulty_sink, clock_, counters_);
    }
    if (feed->run(milliseconds(0)) && session->commit()) {
      feed->committed();
      continue;
    }
    feed->gave_up();
    if (!session->abort()) session.reset();
  }
  ASSERT_TRUE(at_end());
  EXPECT_GT(faulty.faults(), 20u);
  EXPECT_EQ(rows().size(), kRecords * 8u / 10);
  EXPECT_EQ(letters().size(), kRecords * 2u / 10);
}

TEST_F(FeedTest, AFeederWaitsForItsDatabaseAndGoesOn) {
  append({R"({"id":1})", R"({"id":2})"});
  std::filesystem::create_directory(database());  // what can be opened as no database
  Feeder feeder(*store_, clock_, spec_, std::make_shared<WorkerCounters>());
  while (feeder.trouble().empty()) std::this_thread::yield();
  EXPECT_FALSE(at_end());
  std::filesystem::remove(database());
  while (!at_end()) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_THAT(rows(), testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace eddy::host
