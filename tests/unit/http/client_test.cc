// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace eddy::host {
namespace {

using std::chrono::milliseconds;

// The impatient one, too, must come to ask before its time is over.
constexpr milliseconds kPatience = std::chrono::seconds(30), kImpatience{1000};

// A server that says one thing after another, each once it has heard what ends so.
struct Step {
  std::string after;
  std::string says;
};
using Conversation = std::vector<Step>;  // over one connection; then it hangs up

class Script {
 public:
  explicit Script(std::vector<Conversation> conversations)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, any, size), 0);
    // Without one nobody listens, and nobody else can at its port.
    if (!conversations.empty()) {
      EXPECT_EQ(::listen(listener_, 8), 0);
    }
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, conversations = std::move(conversations)] {
      for (const Conversation& conversation : conversations) serve(conversation);
    });
  }
  ~Script() {
    if (thread_.joinable()) thread_.join();
    ::close(listener_);
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  HttpServer server() const { return {"127.0.0.1", port_}; }
  const std::string& heard() {  // of all conversations, at their end
    thread_.join();
    return heard_;
  }

 private:
  void serve(const Conversation& conversation) {
    const int client = ::accept(listener_, nullptr, nullptr);
    for (const Step& step : conversation) {
      std::string heard;
      char byte = 0;
      while (!heard.ends_with(step.after) && ::recv(client, &byte, 1, 0) == 1) heard += byte;
      heard_ += heard;
      ::send(client, step.says.data(), step.says.size(), MSG_NOSIGNAL);
    }
    ::close(client);
  }

  const int listener_;
  std::string port_;
  std::string heard_;
  std::thread thread_;
};

const std::string kAsked = "\r\n\r\n";  // the end of a request without a body
const std::string kOne = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none",
                  kTwo = "HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\ntwo";

// What comes of one more question: "200 body", or the error.
std::string get(HttpClient& client) {
  const auto answer = client.ask("GET", "/", {}, "");
  return answer ? std::to_string(answer->status) + " " + answer->body : answer.error().text;
}

TEST(HttpClient, SendsWhatItIsTold) {
  Script script({{{"\r\n\r\n{}", kOne}}});
  HttpClient client(script.server(), kPatience);
  ASSERT_TRUE(client.ask("POST", "/a%20b?c=d", {{"X-Some", "thing"}}, "{}"));
  EXPECT_EQ(script.heard(), "POST /a%20b?c=d HTTP/1.1\r\nHost: " + script.server().authority() +
                                "\r\nUser-Agent: eddy\r\nX-Some: thing\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(HttpClient, FindsHeadersInAnyCase) {
  Script script({{{kAsked, "HTTP/1.1 201 Made\r\nX-Some: thing\r\nContent-Length: 0\r\n\r\n"}}});
  const auto answer = HttpClient(script.server(), kPatience).ask("GET", "/", {}, "");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 201u);
  EXPECT_EQ(answer->header("x-SOME"), "thing");
  EXPECT_EQ(answer->header("X-Other"), "");
}

TEST(HttpClient, KeepsItsConnection) {
  Script script({{{kAsked, kOne}, {kAsked, kTwo}}});
  HttpClient client(script.server(), kPatience);
  EXPECT_EQ(get(client), "200 one");
  EXPECT_EQ(get(client), "404 two");
}

TEST(HttpClient, MakesANewOneWhereTheServerWantsIt) {
  Script script({{{kAsked, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\none"}}, {{kAsked, kTwo}}});
  HttpClient client(script.server(), kPatience);
  EXPECT_EQ(get(client), "200 one");
  EXPECT_EQ(get(client), "404 two");
}

TEST(HttpClient, ReadsAnswersInPieces) {
  Conversation pieces{{kAsked, ""}};
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\non\r\n1\r\ne\r\n0\r\n\r\n";
  for (const char c : chunked) pieces.push_back({"", std::string(1, c)});
  Script script({pieces});
  HttpClient client(script.server(), kPatience);
  EXPECT_EQ(get(client), "200 one");
}

TEST(HttpClient, ReadsToTheEndWhereNoLengthIsSaid) {
  Script script({{{kAsked, "HTTP/1.1 200 OK\r\n\r\none"}}});
  HttpClient client(script.server(), kPatience);
  EXPECT_EQ(get(client), "200 one");
}

TEST(HttpClient, ASilentServerIsNotWaitedForForEver) {
  Script script({{{kAsked + "never", ""}}});
  {
    HttpClient client(script.server(), kImpatience);
    EXPECT_EQ(get(client), "asking: the server did not answer for 1000 ms");
  }  // which ends the conversation
}

TEST(HttpClient, AnAnswerThatIsCutOffIsNone) {
  Script script({{{kAsked, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\none"}}, {{kAsked, ""}}, {{kAsked, kTwo}}});
  HttpClient client(script.server(), kPatience);
  EXPECT_EQ(get(client), "asking: the server closed the connection");
  EXPECT_EQ(get(client), "asking: the server closed the connection") << "nothing is asked twice";
  EXPECT_EQ(get(client), "404 two");
}

TEST(HttpClient, RefusesWhatIsLargerThanAgreed) {
  Script script({{{kAsked, kOne}}});
  HttpServer server = script.server();
  server.most_answer_bytes = 2;
  HttpClient client(server, kPatience);
  EXPECT_EQ(get(client), "asking: body limit exceeded");
}

TEST(HttpClient, NobodyListens) {
  Script nobody({});
  HttpClient client(nobody.server(), kPatience);
  EXPECT_EQ(get(client), "connecting: Connection refused");
}

TEST(HttpServer, WritesAddressesAsInAUrl) {
  EXPECT_EQ((HttpServer{"db", "1"}).authority(), "db:1");
  EXPECT_EQ((HttpServer{"::1", "1"}).authority(), "[::1]:1");
}

}  // namespace
}  // namespace eddy::host
