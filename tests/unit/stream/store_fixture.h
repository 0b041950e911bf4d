// SPDX-License-Identifier: Apache-2.0
// A data directory for one test, and the few lines every test of the embedded store needs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "stream/embedded/embedded.h"

namespace eddy::host::embedded {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern = testing::TempDir() + "eddy-store-XXXXXX";
    data_dir_ = ::mkdtemp(pattern.data());
    options_.data_dir = data_dir_;
  }
  ~StoreTest() override { std::filesystem::remove_all(data_dir_); }

  std::unique_ptr<Transport> open() {
    auto opened = open_embedded(options_);
    EXPECT_TRUE(opened.ok()) << opened.error().text;
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<Transport> open_tool() {
    EmbeddedOptions options = options_;
    options.exclusive = false;
    auto opened = open_embedded(options);
    EXPECT_TRUE(opened.ok()) << opened.error().text;
    return opened ? *std::move(opened) : nullptr;
  }

  std::string file(const std::string& name) const { return data_dir_ + "/" + name; }

  // Runs SQL on the file, past the store. The last column of the last row is returned.
  std::string sql(const std::string& text) const {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file("eddy.db").c_str(), &database), SQLITE_OK);
    sqlite3_busy_timeout(database, 10'000);
    std::string value;
    char* message = nullptr;
    const auto keep = [](void* out, int columns, char** texts, char**) {
      const char* last = texts[columns - 1];
      *static_cast<std::string*>(out) = last == nullptr ? "" : last;
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, text.c_str(), keep, &value, &message), SQLITE_OK) << message;
    sqlite3_close(database);
    return value;
  }

  std::string data_dir_;
  EmbeddedOptions options_;
};

inline void append_values(Transport& transport, StreamId to, const std::vector<std::string>& values,
                          std::int64_t timestamp_us = 0) {
  std::vector<OutRecord> records;
  for (const std::string& value : values) records.push_back({{}, value, {}, timestamp_us, {}});
  const auto appended = transport.append(to, records);
  ASSERT_TRUE(appended.ok()) << appended.error().text;
}

// What comes without waiting, ended.
inline std::vector<std::string> poll_values(Session& session, std::size_t max_records = 1'000'000) {
  std::vector<std::string> values;
  for (;;) {
    auto polled = session.poll(std::chrono::milliseconds(0), max_records);
    EXPECT_TRUE(polled.ok()) << polled.error().text;
    if (!polled || polled->empty()) return values;
    for (const Record& record : *polled) {
      values.emplace_back(record.value.view());
      session.end(record, Outcome::kDelivered);
    }
  }
}

}  // namespace eddy::host::embedded
