// SPDX-License-Identifier: Apache-2.0
// What the host's table does for a plugin within a call.
#include "function/call.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "support/capture_session.h"
#include "support/fake_image.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;

class CallTest : public testing::Test {
 protected:
  CallTest() {
    static const eddy_type text = {sizeof(eddy_type), EDDY_TYPE_STRING, nullptr, nullptr, nullptr, 0};
    static const eddy_type number = {sizeof(eddy_type), EDDY_TYPE_I64, nullptr, nullptr, nullptr, 0};
    static const eddy_field fields[] = {{sizeof(eddy_field), EDDY_FIELD_KEY, to_abi("id"), &text},
                                        {sizeof(eddy_field), 0, to_abi("n"), &number}};
    static const eddy_model declaration = {
        sizeof(eddy_model), 2, sizeof(eddy_field), 0, to_abi("Item"), fields, nullptr};
    declaration_ = &declaration;
    auto image = std::make_shared<Image>();
    image->manifest.models.emplace_back(declaration_, *Model::compile(declaration_));
    decl_.kind = EDDY_FUNCTION_TRANSFORM;
    binding_.image = image;
    binding_.decl = &decl_;
    binding_.destinations = {{"out", StreamId{1}, 2, 1000, nullptr}};
    call_.binding = &binding_;
    call_.start(Bytes("input key"), inherited_, 77);
  }

  static eddy_output output(std::string_view value) {
    eddy_output out{};
    out.struct_size = sizeof out;
    out.value = to_abi(value);
    return out;
  }

  std::uint32_t emit(const eddy_output& out) { return host_table()->emit(&call_, &out); }

  // What was staged, as it would be written.
  std::vector<test::CaptureSession::Captured> written() {
    test::CaptureSession session;
    EXPECT_TRUE(call_.outputs.write(session, inherited_).ok());
    return session.captured;
  }

  const eddy_model* declaration_ = nullptr;
  FunctionDecl decl_;
  Binding binding_;
  std::vector<Header> inherited_ = {{"trace", "1"}, {"trace", Bytes()}};
  eddy_call call_;
};

TEST_F(CallTest, OutputsTakeOverKeyHeadersAndTime) {
  EXPECT_EQ(emit(output("v")), EDDY_OK);
  const auto all = written();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].to, StreamId{1});
  EXPECT_EQ(all[0].key, "input key");
  EXPECT_EQ(all[0].headers, (std::vector<std::string>{"trace=1", "trace=(null)"}));
  EXPECT_EQ(all[0].timestamp_us, 77);
}

TEST_F(CallTest, OutputsMaySetTheirOwn) {
  const eddy_header headers[] = {{to_abi("a"), {nullptr, 0}}};
  eddy_output out = output("v");
  out.flags = EDDY_OUTPUT_KEY | EDDY_OUTPUT_HEADERS | EDDY_OUTPUT_TIMESTAMP | EDDY_OUTPUT_PARTITION;
  out.headers = headers;
  out.header_count = 1;
  out.timestamp_us = 5;
  out.partition = 1;
  EXPECT_EQ(emit(out), EDDY_OK);
  const auto all = written();
  EXPECT_EQ(all[0].key, "(null)");
  EXPECT_EQ(all[0].headers, (std::vector<std::string>{"a=(null)"}));
  EXPECT_EQ(all[0].timestamp_us, 5);
  EXPECT_EQ(all[0].partition, 1u);
}

TEST_F(CallTest, ARowIsEncodedAndKeyedByItsModel) {
  eddy_value row[2] = {};
  row[0].kind = EDDY_VALUE_STRING;
  row[0].count = 2;
  row[0].as.text = "k7";
  row[1].kind = EDDY_VALUE_I64;
  row[1].as.i64 = INT64_MIN;
  eddy_output out = output("");
  out.model = declaration_;
  out.row = row;
  EXPECT_EQ(emit(out), EDDY_OK);
  const auto all = written();
  EXPECT_EQ(all[0].value, R"({"id":"k7","n":-9223372036854775808})");
  EXPECT_EQ(all[0].key, "k7");
}

TEST_F(CallTest, RefusesWhatCannotBeWritten) {
  const auto refused = [&](const eddy_output& out) {
    call_.start({}, {}, 0);
    EXPECT_EQ(emit(out), EDDY_FAILED);
    EXPECT_TRUE(call_.output_refused);
    return call_.failure.type + ": " + call_.failure.message;
  };
  eddy_output unknown = output("v");
  unknown.stream = to_abi("nowhere");
  EXPECT_THAT(refused(unknown), HasSubstr("OutputError: an output is for stream nowhere"));
  EXPECT_THAT(refused(output(std::string(1001, 'x'))), HasSubstr("RecordTooLarge"));
  eddy_output partition = output("v");
  partition.flags = EDDY_OUTPUT_PARTITION;
  partition.partition = 2;
  EXPECT_THAT(refused(partition), HasSubstr("partition 2 of stream out, which has 2"));
  eddy_output undeclared = output("");
  const eddy_model other{};
  undeclared.model = &other;
  EXPECT_THAT(refused(undeclared), HasSubstr("a model that was not declared"));
}

TEST_F(CallTest, InheritedHeadersCountForTheSize) {
  EXPECT_EQ(emit(output(std::string(985, 'x'))), EDDY_FAILED);  // 985 + 9 of the key + 11 of the headers
  call_.start({}, {}, 0);
  EXPECT_EQ(emit(output(std::string(1000, 'x'))), EDDY_OK);
}

TEST_F(CallTest, TheFirstCauseOfAFailureWins) {
  emit(output(std::string(2000, 'x')));
  host_table()->fail(&call_, EDDY_FAIL_PLAIN, to_abi("Later"), to_abi("x"));
  EXPECT_EQ(call_.failure.type, "RecordTooLarge");
}

TEST_F(CallTest, DecodesAndEncodesForThePlugin) {
  const eddy_value* row = nullptr;
  eddy_str type{}, message{};
  ASSERT_EQ(host_table()->decode(&call_, declaration_, to_abi(R"({"id":"a","n":3})"), &row, &type, &message), EDDY_OK);
  eddy_str json{};
  ASSERT_EQ(host_table()->encode(&call_, declaration_, row, &json, &message), EDDY_OK);
  EXPECT_EQ(to_view(json), R"({"id":"a","n":3})");
  EXPECT_EQ(host_table()->decode(&call_, declaration_, to_abi(R"({"id":"a"})"), &row, &type, &message), EDDY_FAILED);
  EXPECT_EQ(to_view(type), "ValidationError");
  EXPECT_THAT(std::string(to_view(message)), HasSubstr("/n"));
}

TEST_F(CallTest, SmallOutputsAndHeadersCountAsWhatItTakesToKeepThem) {
  binding_.max_call_bytes = std::size_t{4} << 20;  // the real limit is millions of headers
  eddy_output out = output("");
  out.flags = EDDY_OUTPUT_HEADERS;
  out.header_count = binding_.max_call_bytes / call_bytes(0, 0, 1) + 1;  // refused unread
  EXPECT_EQ(emit(out), EDDY_FAILED);
  EXPECT_EQ(call_.failure.type, "RecordTooLarge");
  EXPECT_THAT(call_.failure.message, HasSubstr("the outputs of one call take"));
  call_.start(Bytes("input key"), inherited_, 77);
  const std::vector<eddy_header> headers(1000);
  out.headers = headers.data();
  out.header_count = headers.size();
  std::size_t emitted = 0;
  while (emit(out) == EDDY_OK) ++emitted;
  EXPECT_EQ(emitted, binding_.max_call_bytes / call_bytes(0, 1, 1000));
  EXPECT_EQ(call_.failure.type, "RecordTooLarge");
}

}  // namespace
}  // namespace eddy::host
