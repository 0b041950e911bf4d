// SPDX-License-Identifier: Apache-2.0
#include "ingest/openapi_answers.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

Json text(const char* description) { return {{"description", description}, {"type", "string"}}; }

Json ref(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

Json header(const char* description, const char* type = "string") {
  return {{"description", description}, {"schema", {{"type", type}}}};
}

Json answer(const char* description, Json schema, Json headers = Json::object()) {
  headers["X-Request-Id"] = header("The request's name, in the log too.");
  return {{"description", description},
          {"headers", std::move(headers)},
          {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

Json refusal(const char* description, Json headers = Json::object()) {
  return answer(description, ref("eddy.Error"), std::move(headers));
}

Json count() { return {{"description", "Records that are durable now."}, {"type", "integer"}, {"minimum", 0}}; }

Json failed_element() {
  return {{"type", "object"},
          {"properties",
           {{"index", {{"description", "Which element of the request, from 0."}, {"type", "integer"}, {"minimum", 0}}},
            {"pointer", text("JSON pointer to what does not fit; empty: the element as a whole.")},
            {"message", text("What was expected and what was found.")},
            {"dead_letter_id",
             text("The dead letter; it keeps the element's bytes, unless `message` says that they are too many.")}}},
          {"required", {"index", "pointer", "message"}}};
}

Json retry_after() { return {{"Retry-After", header("Seconds until it is worth trying again.", "integer")}}; }

Json challenge() { return {{"WWW-Authenticate", header("As RFC 6750 says.")}}; }

Json replayed() {
  return {{"Idempotency-Replayed", header("`true`: what was answered when this Idempotency-Key came first.")}};
}

Json parameter(const char* name, const char* description, Json schema) {
  return {{"name", name}, {"in", "header"}, {"description", description}, {"schema", std::move(schema)}};
}

}  // namespace

void add_answer_schemas(SchemaSet& schemas) {
  schemas.add("eddy.Accepted",
              {{"type", "object"}, {"properties", {{"accepted", count()}}}, {"required", {"accepted"}}});
  schemas.add("eddy.FailedElement", failed_element());
  Json failed = ref("eddy.FailedElement");
  schemas.add("eddy.Results",
              {{"type", "object"},
               {"properties", {{"accepted", count()}, {"errors", {{"type", "array"}, {"items", std::move(failed)}}}}},
               {"required", {"accepted", "errors"}}});
  schemas.add("eddy.Error",
              {{"type", "object"}, {"properties", {{"error", text("What is wrong.")}}}, {"required", {"error"}}});
  schemas.add(
      "eddy.NotFound",
      {{"type", "object"},
       {"properties",
        {{"error", text("What is wrong.")},
         {"routes", {{"description", "The routes there are."}, {"type", "array"}, {"items", {{"type", "string"}}}}}}},
       {"required", {"error", "routes"}}});
}

Json answers() {
  Json bad = Json::array({ref("eddy.Results"), ref("eddy.Error")});
  return {
      {"200", answer("All records are durable.", ref("eddy.Accepted"), replayed())},
      {"207",
       answer("Some records are durable; those that do not fit are dead letters.", ref("eddy.Results"), replayed())},
      {"400", answer("No record fits, or the request is not well-formed.", {{"anyOf", std::move(bad)}}, replayed())},
      {"401", refusal("Nobody that is known: no token, or one that is not valid.", challenge())},
      {"403", refusal("Known, but not for this route.", challenge())},
      {"404", answer("There is no such route.", ref("eddy.NotFound"))},
      {"405", refusal("Another method than POST.", {{"Allow", header("The methods there are.")}})},
      {"408", refusal("The request did not come in time.")},
      {"409", refusal("A request with this Idempotency-Key is under way.", retry_after())},
      {"413", refusal("The body or one of its records is too large.")},
      {"415", refusal("Another content type or encoding than those described.")},
      {"422", refusal("This Idempotency-Key was used with another body.")},
      {"429", refusal("Too many requests or records.", retry_after())},
      {"503", refusal("Nothing could be made durable; send it again.", retry_after())},
  };
}

Json parameters() {
  return {
      {"IdempotencyKey",
       parameter("Idempotency-Key",
                 "Names the request: sent again with the same key within a day, it is answered as it was before, and "
                 "nothing is written twice.",
                 {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}})},
      {"RequestId", parameter("X-Request-Id", "A name for the request in the log; made when it is missing.",
                              {{"type", "string"}, {"minLength", 1}, {"maxLength", 128}})},
      {"ContentEncoding", parameter("Content-Encoding", "How the body is packed.",
                                    {{"type", "string"}, {"enum", {"identity", "gzip", "zstd"}}})},
  };
}

Json parameter_refs() {
  Json refs = Json::array();
  const Json all = parameters();
  for (const auto& [name, ignored] : all.items()) {
    refs.push_back({{"$ref", "#/components/parameters/" + name}});
  }
  return refs;
}

}  // namespace eddy::host
