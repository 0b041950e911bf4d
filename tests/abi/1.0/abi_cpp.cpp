// SPDX-License-Identifier: Apache-2.0
// A plugin on the C++ SDK that uses what its first release has. The binary beside it was built with that and stays as
// it is.
#include <eddy/eddy.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

EDDY_PLUGIN_INFO("abi_cpp", "1.0.0")

enum class Colour { red, green };
EDDY_ENUM(Colour, red, green)

struct Line {
  std::string article;
  std::uint16_t count = 0;
};
EDDY_MODEL(Line, article, count)

struct Order {
  eddy::Key<std::string> id;
  eddy::Unique<std::int64_t> number;
  double amount = 0;
  float rate = 0;
  bool paid = false;
  std::int8_t small = 0;
  std::uint64_t large = 0;
  eddy::Timestamp placed;
  Colour colour = Colour::red;
  std::optional<std::string> note;
  std::vector<Line> lines;
  std::map<std::string, std::int32_t> counts;
  eddy::Json extra;
};
EDDY_MODEL(Order, id, number, EDDY_FIELD(amount, "Amount due"), rate, paid, small, large, placed, colour, note, lines,
           counts, extra)

void validate(const Line& line) {
  if (line.count == 0) throw std::invalid_argument("a line of nothing");
}

struct Foreign {};
static int* volatile nowhere = nullptr;

Order check(const Order& order, eddy::Context& context) {
  if (order.id.value == "standard") throw std::out_of_range("order is out of range");
  if (order.id.value == "integer") throw 42;
  if (order.id.value == "foreign") throw Foreign();
  if (order.id.value == "retryable") throw eddy::Retryable("not now");
  if (order.id.value == "fatal") throw eddy::Fatal("not ever");
  if (order.id.value == "down") throw eddy::DependencyDown("nobody is there");
  if (order.id.value == "late" && !context.cancelled()) throw eddy::ValidationError("too late");
  context.set_header("checked-by", "abi_cpp");
  context.set_timestamp(eddy::Timestamp(4'102'444'800'000'000));
  Order checked = order;
  checked.amount += 0.5;
  if (checked.note) *checked.note += "!";
  return checked;
}

// Failures without a throw, outputs that may not come, and several.
eddy::Result<std::vector<Line>> split(const Order& order) {
  if (order.lines.empty()) return eddy::fail("NoLines", "an order of nothing");
  return order.lines;
}

std::optional<std::string> words(const eddy::Record& record) {
  if (record.value() == "crash") *nowhere = 1;
  if (record.value().empty()) return std::nullopt;
  return "<" + std::string(record.value()) + ">";
}

// A class with a configuration, and a count.
class Tally {
 public:
  explicit Tally(const eddy::Config& config) : step_(config.get("step", 1)) { eddy::log::info("abi_cpp tallies"); }
  eddy::Json operator()(const eddy::Json& in) {
    if (in.is_string()) throw std::runtime_error("a text");
    total_ += step_;
    return {{"total", total_}, {"of", in}};
  }

 private:
  int step_, total_ = 0;
};

auto sort(const eddy::Json& in) {
  if (in.value("loud", false)) return eddy::routed("abi_cpp_loud", in, "abi_cpp_log", std::string("loud"));
  return eddy::routed("abi_cpp_log", std::string("quiet"));
}

void refuse(const eddy::Record& record) {
  if (record.value() == "refuse") throw std::runtime_error("refused");
}

std::optional<Order> mend(const eddy::DeadLetter<Order>& letter) {
  if (letter.error_type != "std::out_of_range") return std::nullopt;
  Order order = letter.as_typed();
  order.id.value = "mended";
  return order;
}

EDDY_PLUGIN(app) {
  auto queue = app.dead_letter_queue<Order>("abi_cpp_failed", {.retention = std::chrono::days(9)});
  auto raw = app.dead_letter_queue("abi_cpp_raw_failed");
  auto orders =
      app.ingest_pipeline<Order>("abi_cpp_orders", {.table = true, .dead_letter_queue = queue, .version = "v1"});
  auto checked = app.stream<Order>("abi_cpp_checked");
  orders.stream().add_transform<check>(checked, {.name = "abi_cpp_check"});
  auto lines = app.stream<Line>("abi_cpp_lines", {.partitions = 2});
  orders.stream().add_transform<split>(lines, {.name = "abi_cpp_split", .concurrency = 1});
  auto texts = app.stream("abi_cpp_texts", {.dead_letter_queue = raw});
  auto worded = app.stream("abi_cpp_words");
  texts.add_transform<words>(worded, {.name = "abi_cpp_words"});
  texts.add_consumer<refuse>({.name = "abi_cpp_refuse"});
  auto things = app.stream<eddy::Json>("abi_cpp_things", {.dead_letter_queue = raw});
  things.add_transform<Tally>(app.stream<eddy::Json>("abi_cpp_tallied"), {.name = "abi_cpp_tally"});
  app.stream<eddy::Json>("abi_cpp_loud");
  app.stream("abi_cpp_log");
  things.add_multi_transform<sort>({.name = "abi_cpp_sort"});
  queue.add_transform<mend>(app.stream<Order>("abi_cpp_mended"), {.name = "abi_cpp_mend"});
}
