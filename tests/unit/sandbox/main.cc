// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "base/log.h"
#include "unit/sandbox/support.h"

namespace eddy::host::testing {
namespace {

std::map<std::string, ChildBody>& children() {
  static std::map<std::string, ChildBody> all;
  return all;
}

std::map<std::string, HostBody>& hosts() {
  static std::map<std::string, HostBody> all;
  return all;
}

int run_child(ChildRole /*role*/, const std::string& payload, std::span<const int> fds) {
  auto channel = ChildChannel::open(fds[0], fds[1]);
  return channel ? children().at(payload)(**channel) : 99;
}

}  // namespace

bool add_child(const std::string& name, ChildBody body) { return children().emplace(name, body).second; }
bool add_host(const std::string& name, HostBody body) { return hosts().emplace(name, body).second; }

void say(ChildChannel& channel, std::string_view text) {
  std::byte* const room = channel.reserve(text.size());
  std::memcpy(room, text.data(), text.size());
  channel.commit(text.size());
  channel.publish();
}

std::string error_name(bool failed) { return failed ? strerrorname_np(errno) : ""; }

Zygote& zygote() {
  static const std::unique_ptr<Zygote> one = [] {
    auto started = Zygote::start();
    return started ? *std::move(started) : (log(LogLevel::kError, "tests", started.error().text), nullptr);
  }();
  return *one;
}

Peer::Peer(const std::string& body, std::size_t request_bytes, std::size_t response_bytes) {
  auto channel = Channel::create(request_bytes, response_bytes);
  EXPECT_TRUE(channel) << channel.error().text;
  channel_ = *std::move(channel);
  const auto fds = channel_->fds();
  auto child = zygote().spawn({.role = ChildRole::kWorker, .name = body, .payload = body, .fds = {fds[0], fds[1]}},
                              [c = channel_.get()] { c->interrupt(); });
  EXPECT_TRUE(child) << child.error().text;
  if (child) process_ = *std::move(child);
}

void Peer::send(std::string_view text) {
  std::byte* room = nullptr;
  while ((room = channel_->reserve(text.size())) == nullptr) ASSERT_EQ(channel_->wait(kPatience), Channel::Wake::kRoom);
  std::memcpy(room, text.data(), text.size());
  channel_->commit(text.size());
  channel_->publish();
}

std::string Peer::hear() {
  const Channel::Wake wake = channel_->wait(kPatience);
  EXPECT_EQ(wake, Channel::Wake::kMessage);
  if (wake != Channel::Wake::kMessage) {
    process_.kill();
    return "nothing; the child " + describe(process_.wait());
  }
  auto message = channel_->next();
  EXPECT_TRUE(message) << message.error().text;
  if (!message) return "";
  std::string text(text_of(*message));
  channel_->release();
  return text;
}

}  // namespace eddy::host::testing

int main(int argc, char** argv) {
  using namespace eddy::host::testing;
  if (const auto code = eddy::host::zygote_main(argc, argv, run_child)) return *code;
  if (argc == 2 && hosts().contains(argv[1])) return hosts().at(argv[1])();
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
