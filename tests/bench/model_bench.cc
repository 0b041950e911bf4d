// SPDX-License-Identifier: Apache-2.0
// Nanoseconds a record: decoding, encoding and checking, beside nlohmann and simdjson's DOM on the same texts.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/decoder.h"
#include "model/encoder.h"

namespace {

using namespace eddy::host;

// Texts in one buffer, each followed by padding.
class Texts {
 public:
  void add(std::string_view text) {
    places_.push_back({bytes_.size(), text.size()});
    bytes_.append(text).append(64, '\0');
  }
  std::size_t size() const { return places_.size(); }
  std::string_view operator[](std::size_t i) const { return {bytes_.data() + places_[i].first, places_[i].second}; }

 private:
  std::string bytes_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

struct Field {
  const char* name;
  std::uint32_t kind;
  bool optional = false;
};

std::shared_ptr<const Model> model_of(const char* name, const std::vector<Field>& fields) {
  static std::vector<std::unique_ptr<eddy_type>> types;
  const auto make = [](std::uint32_t kind, const eddy_type* element) {
    types.push_back(std::make_unique<eddy_type>(eddy_type{sizeof(eddy_type), kind, element, nullptr, nullptr, 0}));
    return types.back().get();
  };
  std::vector<eddy_field> declared;
  for (const Field& field : fields) {
    const eddy_type* type = make(field.kind, nullptr);
    if (field.optional) type = make(EDDY_TYPE_OPTIONAL, type);
    declared.push_back({sizeof(eddy_field), 0, to_abi(field.name), type});
  }
  const eddy_model declaration{sizeof(eddy_model),
                               static_cast<std::uint32_t>(declared.size()),
                               sizeof(eddy_field),
                               0,
                               to_abi(name),
                               declared.data(),
                               nullptr};
  return *Model::compile(&declaration);
}

// A corpus and its model.
struct Corpus {
  Texts texts;
  std::shared_ptr<const Model> model;
};

const Corpus& flat() {
  static const Corpus corpus = [] {
    Corpus made;
    made.model = model_of("Order", {{"id", EDDY_TYPE_I64},
                                    {"user_id", EDDY_TYPE_STRING},
                                    {"action", EDDY_TYPE_STRING},
                                    {"amount", EDDY_TYPE_F64},
                                    {"created_at", EDDY_TYPE_TIMESTAMP},
                                    {"country", EDDY_TYPE_STRING},
                                    {"paid", EDDY_TYPE_BOOL},
                                    {"quantity", EDDY_TYPE_I32}});
    for (int i = 0; i < 1000; ++i) {
      made.texts.add(R"({"id":)" + std::to_string(1'000'000'007LL * (i + 1)) + R"(,"user_id":"user-)" +
                     std::to_string(100'000 + i * 37) + R"(","action":"checkout_completed","amount":)" +
                     std::to_string(i % 900) + "." + std::to_string(10 + i % 90) +
                     R"(,"created_at":"2026-03-14T15:09:26.535897Z","country":"Netherlands","paid":true,"quantity":)" +
                     std::to_string(i % 40) + "}");
    }
    return made;
  }();
  return corpus;
}

const Corpus& films() {
  static const Corpus corpus = [] {
    Corpus made;
    made.model = model_of("Movie", {{"Title", EDDY_TYPE_STRING},
                                    {"US Gross", EDDY_TYPE_I64},
                                    {"Worldwide Gross", EDDY_TYPE_I64},
                                    {"US DVD Sales", EDDY_TYPE_I64, true},
                                    {"Production Budget", EDDY_TYPE_I64, true},
                                    {"Release Date", EDDY_TYPE_STRING},
                                    {"MPAA Rating", EDDY_TYPE_STRING, true},
                                    {"Running Time min", EDDY_TYPE_I32, true},
                                    {"Distributor", EDDY_TYPE_STRING, true},
                                    {"Source", EDDY_TYPE_STRING, true},
                                    {"Major Genre", EDDY_TYPE_STRING, true},
                                    {"Creative Type", EDDY_TYPE_STRING, true},
                                    {"Director", EDDY_TYPE_STRING, true},
                                    {"Rotten Tomatoes Rating", EDDY_TYPE_I32, true},
                                    {"IMDB Rating", EDDY_TYPE_F64, true},
                                    {"IMDB Votes", EDDY_TYPE_I64, true}});
    const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
    std::ifstream file(root / "config/demo/movies.ndjson");
    for (std::string line; std::getline(file, line);) made.texts.add(line);
    return made;
  }();
  return corpus;
}

// Runs `body(text)` over the corpus, one record an iteration.
template <typename Body>
void each(benchmark::State& state, const Corpus& corpus, Body body) {
  std::size_t i = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string_view text = corpus.texts[i];
    bytes += text.size();
    if (++i == corpus.texts.size()) i = 0;
    body(text);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void decode(benchmark::State& state, const Corpus& (*corpus)()) {
  Decoder decoder;
  ModelError error;
  each(state, corpus(), [&, &model = *corpus().model](std::string_view text) {
    decoder.reset();
    benchmark::DoNotOptimize(decoder.decode(model, text, error));
  });
}

void encode(benchmark::State& state, const Corpus& (*corpus)()) {
  Decoder decoder;
  ModelError error;
  const Corpus& from = corpus();
  std::vector<const eddy_value*> rows;
  for (std::size_t i = 0; i < from.texts.size(); ++i) {
    if (const auto* row = decoder.decode(*from.model, from.texts[i], error)) rows.push_back(row);
  }
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(eddy::host::encode(*from.model, rows[i], out).ok());
    if (++i == rows.size()) i = 0;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void check(benchmark::State& state, const Corpus& (*corpus)()) {
  Decoder decoder;
  each(state, corpus(), [&](std::string_view text) { benchmark::DoNotOptimize(decoder.is_json(text)); });
}

void refuse(benchmark::State& state) {
  const auto model = model_of("Order", {{"id", EDDY_TYPE_I64}, {"quantity", EDDY_TYPE_STRING}});
  Decoder decoder;
  ModelError error;
  each(state, flat(), [&](std::string_view text) {
    decoder.reset();
    benchmark::DoNotOptimize(decoder.decode(*model, text, error));
  });
}

void simdjson_dom(benchmark::State& state, const Corpus& (*corpus)()) {
  simdjson::dom::parser parser;
  each(state, corpus(),
       [&](std::string_view text) { benchmark::DoNotOptimize(parser.parse(text.data(), text.size(), false).error()); });
}

void nlohmann_parse(benchmark::State& state, const Corpus& (*corpus)()) {
  each(state, corpus(), [&](std::string_view text) { benchmark::DoNotOptimize(nlohmann::json::parse(text)); });
}

BENCHMARK_CAPTURE(decode, flat, flat);
BENCHMARK_CAPTURE(decode, films, films);
BENCHMARK_CAPTURE(encode, flat, flat);
BENCHMARK_CAPTURE(encode, films, films);
BENCHMARK_CAPTURE(check, flat, flat);
BENCHMARK_CAPTURE(check, films, films);
BENCHMARK(refuse);
BENCHMARK_CAPTURE(simdjson_dom, flat, flat);
BENCHMARK_CAPTURE(simdjson_dom, films, films);
BENCHMARK_CAPTURE(nlohmann_parse, flat, flat);
BENCHMARK_CAPTURE(nlohmann_parse, films, films);

}  // namespace

BENCHMARK_MAIN();
