// SPDX-License-Identifier: Apache-2.0
#include "unit/table/sink_bed.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/temporary_folder.h"

namespace eddy::host::test {
namespace {

std::string cell(const char* text) { return text == nullptr ? "NULL" : text; }

class SqliteBed final : public SinkBed {
 public:
  SqliteBed() : folder_(*TemporaryFolder::make()) { sqlite3_open(path().c_str(), &database_); }
  ~SqliteBed() override { sqlite3_close(database_); }

  std::string url() const override { return "sqlite:" + path(); }
  Lines query(const std::string& sql) override {
    Lines lines;
    const auto add = [](void* to, int columns, char** values, char**) {
      std::string line;
      for (int i = 0; i < columns; ++i) line += (i == 0 ? "" : "|") + cell(values[i]);
      static_cast<Lines*>(to)->push_back(line);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), add, &lines, nullptr), SQLITE_OK) << sqlite3_errmsg(database_);
    return lines;
  }

 private:
  std::string path() const { return folder_.path() + "/t.db"; }

  TemporaryFolder folder_;
  sqlite3* database_ = nullptr;
};

// EDDY_TEST_POSTGRES names a server of somebody else's, or one is started.
class PostgresServer {
 public:
  PostgresServer() {
    if (const char* given = std::getenv("EDDY_TEST_POSTGRES")) {
      url_ = given;
      return;
    }
    std::string pattern = "/tmp/eddy-postgres-XXXXXX";  // where the user postgres can get to
    folder_ = ::mkdtemp(pattern.data());
    run("start");
    std::ifstream(folder_ + "/url") >> url_;
  }
  ~PostgresServer() {
    if (folder_.empty()) return;
    run("stop");
    std::filesystem::remove_all(folder_);
  }
  void run(const std::string& verb) {
    const std::string command = EDDY_POSTGRES_SERVER " " + verb + " " + folder_ + " >&2";
    if (std::system(command.c_str()) != 0) ADD_FAILURE() << "failed: " << command;
  }
  const std::string& url() const { return url_; }

 private:
  std::string folder_;
  std::string url_;
};

PostgresServer& postgres_server() {
  static PostgresServer one;
  return one;
}

// A schema of its own.
class PostgresBed final : public SinkBed {
 public:
  PostgresBed() : schema_("t" + std::to_string(std::random_device()())) { query("CREATE SCHEMA " + schema_); }
  ~PostgresBed() override {
    query("DROP SCHEMA " + schema_ + " CASCADE");
    PQfinish(connection_);
  }

  std::string url() const override { return postgres_server().url() + "?options=-c%20search_path%3D" + schema_; }
  Lines query(const std::string& sql) override {
    if (PQstatus(connection_) != CONNECTION_OK) connect();
    PGresult* result = PQexec(connection_, sql.c_str());
    if (PQstatus(connection_) != CONNECTION_OK) {  // the server was restarted
      PQclear(result);
      connect();
      result = PQexec(connection_, sql.c_str());
    }
    EXPECT_TRUE(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK)
        << PQerrorMessage(connection_);
    Lines lines;
    for (int row = 0; row < PQntuples(result); ++row) {
      std::string line;
      for (int i = 0; i < PQnfields(result); ++i) {
        line += (i == 0 ? "" : "|") + cell(PQgetisnull(result, row, i) != 0 ? nullptr : PQgetvalue(result, row, i));
      }
      lines.push_back(line);
    }
    PQclear(result);
    return lines;
  }
  bool postgres() const override { return true; }

 private:
  void connect() {
    PQfinish(connection_);
    connection_ = PQconnectdb(url().c_str());
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    PQclear(PQexec(connection_, "SET timezone = 'UTC'"));
  }

  const std::string schema_;
  PGconn* connection_ = nullptr;
};

}  // namespace

std::unique_ptr<SinkBed> make_sqlite_bed() { return std::make_unique<SqliteBed>(); }
std::unique_ptr<SinkBed> make_postgres_bed() { return std::make_unique<PostgresBed>(); }
void restart_postgres() { postgres_server().run("restart"); }

}  // namespace eddy::host::test
