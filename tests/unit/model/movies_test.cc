// SPDX-License-Identifier: Apache-2.0
// The demo's real films against their model.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "model/decoder.h"
#include "model/encoder.h"
#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

std::vector<std::string> films() {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream file(root / "config/demo/movies.ndjson");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class MoviesTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* i64 = d.type(EDDY_TYPE_I64);
    const auto* text = d.type(EDDY_TYPE_STRING);
    model = *Model::compile(d.model("Movie", {{"Title", text, EDDY_FIELD_UNIQUE},
                                              {"US Gross", i64},
                                              {"Worldwide Gross", i64},
                                              {"Release Date", text},
                                              {"Director", d.optional(text)},
                                              {"IMDB Rating", d.optional(d.type(EDDY_TYPE_F64))}}));
  }
  test::Declarations d;
  std::shared_ptr<const Model> model;
  Decoder decoder;
  ModelError error;
};

TEST_F(MoviesTest, TheOnesThatDoNotFitAreToldByField) {
  std::map<std::string, int> refusals;
  int fitting = 0;
  for (const std::string& line : films()) {
    decoder.reset();
    if (decoder.decode_unpadded(*model, line, error) != nullptr) {
      ++fitting;
    } else {
      EXPECT_EQ(error.type(), "ValidationError");
      ++refusals[error.pointer + " " + error.found.substr(0, 10)];
    }
  }
  EXPECT_EQ(fitting, 3184);
  EXPECT_EQ(refusals,
            (std::map<std::string, int>{{"/Title the number", 9}, {"/Title null", 1}, {"/US Gross null", 7}}));
}

TEST_F(MoviesTest, DecodedValuesAreNlohmannsValuesAndComeBack) {
  for (const std::string& line : films()) {
    decoder.reset();
    const auto* row = decoder.decode_unpadded(*model, line, error);
    if (row == nullptr) continue;
    std::string out;
    ASSERT_TRUE(encode(*model, row, out).ok());
    const auto original = nlohmann::json::parse(line);
    const auto encoded = nlohmann::json::parse(out);
    for (const ModelField& field : model->fields()) EXPECT_EQ(encoded[field.name], original[field.name]) << line;
  }
}

}  // namespace
}  // namespace eddy::host
