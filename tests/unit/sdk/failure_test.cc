// SPDX-License-Identifier: Apache-2.0
// The barrier: whatever leaves a function becomes a reason, and nothing gets past it.
#include <exception>
#include <system_error>

#include "app_fixture.h"

namespace eddy::test {
namespace failing {

struct Which {
  std::string how;
};
EDDY_MODEL(Which, how)

struct Busy : Retryable {
  using Retryable::Retryable;
};
struct OddlyShaped : ValidationError {
  using ValidationError::ValidationError;
};
struct NotStandard {};
struct NoText : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

void throw_nested() {
  try {
    try {
      throw std::string("disk");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("read"));
    }
  } catch (...) {
    std::throw_with_nested(std::logic_error("load"));
  }
}

void thrower(const Which& which) {
  const std::string& how = which.how;
  if (how == "int") throw 42;
  if (how == "text") throw "a literal";
  if (how == "string") throw std::string("a string");
  if (how == "own") throw NotStandard{};
  if (how == "null text") throw NoText{};
  if (how == "standard") throw std::invalid_argument("bad");
  if (how == "retryable") throw Retryable("later");
  if (how == "busy") throw Busy("busy");
  if (how == "fatal") throw Fatal("never");
  if (how == "down") throw DependencyDown("db");
  if (how == "validation") throw ValidationError("odd");
  if (how == "derived validation") throw OddlyShaped("odder");
  if (how == "nested") throw_nested();
  if (how == "system") throw std::system_error(std::make_error_code(std::errc::timed_out), "connect");
}

Result<Which> quiet(const Which& which) {
  if (which.how == "fail") return fail("out_of_stock", "no item left");
  if (which.how == "fail for good") return fail("gone", "x", FailKind::fatal);
  return which;
}
Result<std::optional<Which>> quiet_optional(const Which& which) {
  if (which.how == "fail") return fail("t", "m");
  if (which.how == "none") return std::nullopt;
  return which;
}
Result<std::vector<Which>> quiet_vector(const Which& which) {
  if (which.how == "fail") return fail("t", "m");
  return std::vector<Which>{which, which};
}
Result<void> quiet_consumer(const Which& which) {
  if (which.how == "fail") return fail("t", "m");
  return {};
}

}  // namespace failing

namespace {

class Failures : public ::testing::Test {
 protected:
  FakePlugin plugin{described_by([](App& app) {
    const auto in = app.stream<failing::Which>("in");
    in.add_consumer<failing::thrower>();
    in.add_transform<failing::quiet>(in);
    in.add_transform<failing::quiet_optional>(in);
    in.add_transform<failing::quiet_vector>(in);
    in.add_consumer<failing::quiet_consumer>();
  })};

  Outcome run(const std::string& how, const char* function = "thrower") {
    return plugin.run(function, {R"({"how":")" + how + R"("})"});
  }
  void expect(const std::string& how, const std::string& type, const std::string& message,
              std::uint32_t kind = EDDY_FAIL_PLAIN) {
    const Outcome outcome = run(how);
    EXPECT_EQ(outcome.status, std::uint32_t{EDDY_FAILED}) << how;
    EXPECT_EQ(outcome.error_type, type) << how;
    EXPECT_EQ(outcome.message, message) << how;
    EXPECT_EQ(outcome.fail_kind, kind) << how;
  }
};

TEST_F(Failures, AnythingThrownHasATypeAndAText) {
  const std::string here = "eddy::test::failing::";
  expect("int", "int", "an exception of type int");
  expect("text", "char const*", "a literal");
  expect("own", here + "NotStandard", "an exception of type " + here + "NotStandard");
  expect("null text", here + "NoText", "(no text)");
  expect("standard", "std::invalid_argument", "bad");
  expect("system", "std::system_error", "connect: Connection timed out");
  EXPECT_EQ(run("string").message, "a string");
  EXPECT_EQ(run("nothing").status, EDDY_OK);
}

TEST_F(Failures, SomeTypesSayWhatToDo) {
  expect("retryable", "eddy::Retryable", "later", EDDY_FAIL_RETRYABLE);
  expect("busy", "eddy::test::failing::Busy", "busy", EDDY_FAIL_RETRYABLE);
  expect("fatal", "eddy::Fatal", "never", EDDY_FAIL_FATAL);
  expect("down", "eddy::DependencyDown", "db", EDDY_FAIL_DEPENDENCY_DOWN);
  expect("validation", "ValidationError", "odd");
  expect("derived validation", "ValidationError", "odder");
}

TEST_F(Failures, NestedExceptionsAreReadFromTheOutside) { expect("nested", "std::logic_error", "load: read: disk"); }

TEST_F(Failures, OneTypeAfterAnotherKeepsItsName) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run("int").error_type, "int");
    EXPECT_EQ(run("standard").error_type, "std::invalid_argument");
  }
}

TEST_F(Failures, AFunctionMayFailWithoutThrowing) {
  const Outcome outcome = run("fail", "quiet");
  EXPECT_EQ(outcome.status, std::uint32_t{EDDY_FAILED});
  EXPECT_EQ(outcome.error_type, "out_of_stock");
  EXPECT_EQ(outcome.message, "no item left");
  EXPECT_EQ(run("fail for good", "quiet").fail_kind, std::uint32_t{EDDY_FAIL_FATAL});
  EXPECT_EQ(run("pass", "quiet").outputs.size(), 1U);
  EXPECT_EQ(run("none", "quiet_optional").status, std::uint32_t{EDDY_FILTERED});
  EXPECT_EQ(run("pass", "quiet_optional").outputs.size(), 1U);
  EXPECT_EQ(run("pass", "quiet_vector").outputs.size(), 2U);
  for (const char* function : {"quiet_optional", "quiet_vector", "quiet_consumer"}) {
    EXPECT_EQ(run("fail", function).error_type, "t") << function;
  }
  EXPECT_EQ(run("pass", "quiet_consumer").status, EDDY_OK);
}

}  // namespace
}  // namespace eddy::test
