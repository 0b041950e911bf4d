// SPDX-License-Identifier: Apache-2.0
#include "ingest/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/decoder.h"
#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

class OpenApi : public testing::Test {
 protected:
  OpenApi() {
    test::Declarations d;
    add("movies",
        d.model("Movie", {{"Title", d.type(EDDY_TYPE_STRING)}, {"Gross", d.optional(d.type(EDDY_TYPE_I64))}}));
    add("movies/2", d.model("Movie", {{"Title", d.type(EDDY_TYPE_STRING)}}));
    add("odd {name}", d.model("eddy.Error", {{"x", d.type(EDDY_TYPE_BOOL)}}));
  }
  void add(const std::string& name, const eddy_model* declaration) {
    auto route = std::make_shared<IngestRoute>();
    route->name = name;
    route->model = *Model::compile(declaration);
    route->stream = "raw_" + name;
    route->queue = "MovieDLQ";
    routes_[name] = route;
  }
  Json document(const IngestSettings& settings = {}) const { return Json::parse(openapi(routes_, settings, "1.2.3")); }

  IngestRoutes routes_;
};

// Every reference of the document leads somewhere.
void expect_resolved(const Json& document, const Json& node) {
  if (node.is_object() && node.contains("$ref")) {
    const auto target = node["$ref"].get<std::string>();
    EXPECT_TRUE(target.starts_with('#') && document.contains(Json::json_pointer(target.substr(1)))) << target;
  }
  if (!node.is_structured()) return;
  for (const auto& child : node) expect_resolved(document, child);
}

TEST_F(OpenApi, HasAPathForEachRoute) {
  const Json described = document();
  EXPECT_EQ(described["openapi"], "3.1.0");
  EXPECT_EQ(described["info"]["version"], "1.2.3");
  EXPECT_THAT(keys(described["paths"]),
              ElementsAre("/ingest/movies", "/ingest/movies/2", "/ingest/odd%20%7Bname%7D", "/openapi.json"));
  const Json& post = described["paths"]["/ingest/movies/2"]["post"];
  EXPECT_EQ(post["operationId"], "ingest_movies_2");
  EXPECT_THAT(post["description"].get<std::string>(), testing::HasSubstr("MovieDLQ"));
  expect_resolved(described, described);
}

TEST_F(OpenApi, SaysAllAnswers) {
  const Json post = document()["paths"]["/ingest/movies"]["post"];
  EXPECT_THAT(keys(post["responses"]), ElementsAre("200", "207", "400", "401", "403", "404", "405", "408", "409", "413",
                                                   "415", "422", "429", "503"));
  const Json responses = document()["components"]["responses"];
  EXPECT_TRUE(responses["429"]["headers"].contains("Retry-After"));
  EXPECT_TRUE(responses["401"]["headers"].contains("WWW-Authenticate"));
  EXPECT_EQ(document()["components"]["schemas"]["eddy.Results"]["required"], Json::parse(R"(["accepted","errors"])"));
  EXPECT_EQ(document()["components"]["schemas"]["eddy.Accepted"]["required"], Json::parse(R"(["accepted"])"));
}

TEST_F(OpenApi, TakesOneRecordAnArrayOrLines) {
  const Json described = document();
  const Json content = described["paths"]["/ingest/movies"]["post"]["requestBody"]["content"];
  EXPECT_THAT(keys(content), ElementsAre("application/json", "application/jsonl", "application/x-ndjson"));
  const Json& choices = content["application/json"]["schema"]["anyOf"];
  EXPECT_EQ(choices[0]["$ref"], "#/components/schemas/Movie");
  EXPECT_EQ(choices[1]["items"]["$ref"], "#/components/schemas/Movie");
  Decoder decoder;
  ModelError error;
  const auto decodes = [&](const std::string& text) {
    return decoder.decode_unpadded(*routes_.at("movies")->model, text, error) != nullptr;
  };
  const Json& examples = content["application/json"]["examples"];
  EXPECT_TRUE(decodes(examples["one"]["value"].dump()));
  EXPECT_TRUE(decodes(examples["several"]["value"][1].dump()));
  const auto lines = content["application/x-ndjson"]["example"].get<std::string>();
  EXPECT_TRUE(decodes(lines.substr(0, lines.find('\n'))));
}

TEST_F(OpenApi, ModelsOfOneNameAndOurOwnAreToldApart) {
  const Json described = document();
  const Json& schemas = described["components"]["schemas"];
  EXPECT_TRUE(schemas.contains("Movie"));
  EXPECT_FALSE(schemas["Movie_2"]["properties"].contains("Gross"));
  EXPECT_TRUE(schemas["eddy.Error"]["properties"].contains("error"));
  EXPECT_TRUE(schemas["eddy.Error_2"]["properties"].contains("x"));
}

TEST_F(OpenApi, SaysHowToComeIn) {
  EXPECT_FALSE(document().contains("security"));
  IngestSettings settings;
  settings.tokens = {{"shop", "sha256:geheim", {"*"}, ""}};
  EXPECT_EQ(document(settings)["security"], Json::parse(R"([{"bearer":[]}])"));
  EXPECT_EQ(document(settings).dump().find("geheim"), std::string::npos);
  settings.tls = {"c", "k", "ca", ClientCertificates::kOptional};
  EXPECT_EQ(document(settings)["security"], Json::parse(R"([{"bearer":[]},{"client_certificate":[]}])"));
  settings.tls.client_certificates = ClientCertificates::kRequired;
  EXPECT_EQ(document(settings)["security"], Json::parse(R"([{"bearer":[],"client_certificate":[]}])"));
  settings.tokens.clear();
  EXPECT_EQ(document(settings)["security"], Json::parse(R"([{"client_certificate":[]}])"));
  EXPECT_EQ(document(settings)["components"]["securitySchemes"],
            Json::parse(R"({"client_certificate":{"type":"mutualTLS"}})"));
}

TEST_F(OpenApi, WithoutRoutesItIsADocumentAllTheSame) {
  routes_.clear();
  EXPECT_THAT(keys(document()["paths"]), ElementsAre("/openapi.json"));
}

}  // namespace
}  // namespace eddy::host
