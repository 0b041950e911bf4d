// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include "table/clickhouse_connection.h"
#include "unit/table/sink_bed.h"

namespace eddy::host::test {
namespace {

using table::ClickHouseConnection;

// EDDY_TEST_CLICKHOUSE names a server of somebody else's, or one is started.
class ClickHouseServer {
 public:
  explicit ClickHouseServer(const std::string& option = "") {
    if (const char* given = std::getenv("EDDY_TEST_CLICKHOUSE"); given != nullptr && option.empty()) {
      url_ = given;
      return;
    }
    std::string pattern = "/tmp/eddy-clickhouse-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    run("start", option);
    std::ifstream(folder_ + "/url") >> url_;
  }
  ~ClickHouseServer() {
    if (folder_.empty()) return;
    run("stop");
    std::filesystem::remove_all(folder_);
  }
  void run(const std::string& verb, const std::string& option = "") {
    const std::string command = EDDY_CLICKHOUSE_SERVER " " + verb + " " + folder_ + " " + option + " >&2";
    if (std::system(command.c_str()) != 0) ADD_FAILURE() << "failed: " << command;
  }
  // Of a database there.
  std::string url(const std::string& database) const {
    const std::size_t options = std::min(url_.find('?'), url_.size());
    return url_.substr(0, url_.find_last_of('/', options) + 1) + database + url_.substr(options);
  }

 private:
  std::string folder_;
  std::string url_;
};

ClickHouseServer& clickhouse_server() {
  static ClickHouseServer one;
  return one;
}

ClickHouseServer& secure_server() {
  static ClickHouseServer one("--tls");
  return one;
}

ClickHouseConnection connection_to(const std::string& url) {
  const auto parsed = table::parse_clickhouse_url(url);
  if (!parsed) throw std::runtime_error("no ClickHouse server: " + parsed.error().text);
  return ClickHouseConnection({*parsed, "test", std::chrono::seconds(40)});
}

// A database of its own.
class ClickHouseBed final : public SinkBed {
 public:
  explicit ClickHouseBed(const ClickHouseServer& server)
      : server_(server),
        database_("t" + std::to_string(std::random_device()())),
        all_(connection_to(server_.url("default"))),
        own_(connection_to(url())) {
    must(all_, "CREATE DATABASE " + database_);
  }
  ~ClickHouseBed() override { must(all_, "DROP DATABASE " + database_); }

  std::string url() const override { return server_.url(database_); }
  bool clickhouse() const override { return true; }
  Lines query(const std::string& sql) override {
    Lines lines;
    if (!sql.starts_with("SELECT")) {
      must(own_, sql);
      return lines;
    }
    const auto rows = own_.select(sql, "test");
    EXPECT_TRUE(rows.ok()) << rows.error().text;
    if (!rows) return lines;
    for (const auto& row : *rows) {
      std::string line;
      for (const std::string& cell : row) line += (line.empty() ? "" : "|") + (cell == "null" ? "NULL" : cell);
      lines.push_back(line);
    }
    return lines;
  }

 private:
  static void must(ClickHouseConnection& connection, const std::string& sql) {
    const auto failure = connection.run(sql);
    EXPECT_FALSE(failure.has_value()) << sql << ": " << failure->message;
  }

  const ClickHouseServer& server_;
  const std::string database_;
  ClickHouseConnection all_;
  ClickHouseConnection own_;
};

}  // namespace

std::unique_ptr<SinkBed> make_clickhouse_bed() { return std::make_unique<ClickHouseBed>(clickhouse_server()); }
std::unique_ptr<SinkBed> make_secure_clickhouse_bed() { return std::make_unique<ClickHouseBed>(secure_server()); }
void restart_clickhouse() { clickhouse_server().run("restart"); }

}  // namespace eddy::host::test
