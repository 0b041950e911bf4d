// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "unit/admin/client.h"

namespace eddy::host {
namespace {

using test::Client;
using testing::HasSubstr;
namespace http = boost::beast::http;

class AdminServerTest : public testing::Test {
 protected:
  void SetUp() override {
    // Nobody is let go because the test, or the server, has to wait for the processor.
    auto started = AdminServer::start({.listen = "127.0.0.1:0", .idle_time = std::chrono::minutes(10)});
    ASSERT_TRUE(started) << started.error().text;
    server = *std::move(started);
    serve(
        "/healthz",
        [] {
          return HttpReply{200, "text/plain; charset=utf-8", "ok\n"};
        },
        ApiLane::kQuick);
    serve("/big", [] { return HttpReply{200, "text/plain", std::string(4 << 20, 'x')}; });
    serve("/throws", []() -> HttpReply { throw std::runtime_error("no such luck"); });
    serve("/throws_int", []() -> HttpReply { throw 5; });
  }

  void serve(const std::string& path, std::function<HttpReply()> handler, ApiLane lane = ApiLane::kWork) {
    server->route({.path = path, .needs = std::nullopt, .lane = lane, .handler = [handler](const ApiRequest&) {
                     return handler();
                   }});
  }

  std::unique_ptr<AdminServer> server;
};

TEST_F(AdminServerTest, AnswersAndKeepsTheConnection) {
  Client client(server->address());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.get("/healthz");
    EXPECT_EQ(reply.result_int(), 200u);
    EXPECT_EQ(reply.body(), "ok\n");
    EXPECT_EQ(reply[http::field::content_type], "text/plain; charset=utf-8");
    EXPECT_EQ(reply[http::field::content_length], "3");
    EXPECT_TRUE(reply.keep_alive());
  }
}

TEST_F(AdminServerTest, HeadHasTheHeaderOfGetAndNoBody) {
  Client client(server->address());
  const auto reply = client.get("/healthz", "HEAD");
  EXPECT_EQ(reply.result_int(), 200u);
  EXPECT_EQ(reply[http::field::content_length], "3");
  EXPECT_EQ(reply.body(), "");
  EXPECT_EQ(client.get("/healthz").body(), "ok\n") << "the connection goes on";
}

TEST_F(AdminServerTest, TheHostDoesNotChangeTheRoute) {
  Client client(server->address());
  EXPECT_EQ(client.get("http://localhost:5001/healthz").result_int(), 200u);
}

TEST_F(AdminServerTest, AnUnknownPathListsThePaths) {
  Client client(server->address());
  const auto reply = client.get("/health");
  EXPECT_EQ(reply.result_int(), 404u);
  EXPECT_THAT(reply.body(), HasSubstr("\"GET /healthz\""));
  EXPECT_THAT(reply.body(), HasSubstr("\"GET /big\""));
  EXPECT_EQ(client.get("/healthz").result_int(), 200u);
}

TEST_F(AdminServerTest, OtherMethodsAreNotAllowed) {
  Client client(server->address());
  for (const char* method : {"DELETE", "OPTIONS", "POST", "PUT"}) {
    const auto reply = client.get("/healthz", method);
    EXPECT_EQ(reply.result_int(), 405u) << method;
    EXPECT_EQ(reply[http::field::allow], "GET, HEAD");
  }
  EXPECT_EQ(client.get("/nowhere", "POST").result_int(), 404u);
}

// What a test says beside the request line of a POST; the reply.
http::response<http::string_body> post(Client& client, const std::string& target, const std::string& headers) {
  client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  return client.receive();
}

TEST_F(AdminServerTest, AnActionTakesTheNameInItsPath) {
  server->route({.method = "POST", .path = "/plugins/{name}/release", .handler = [](const ApiRequest& request) {
                   return HttpReply{200, "text/plain", "released " + request.parameter("name") + "\n"};
                 }});
  Client client(server->address());
  EXPECT_EQ(post(client, "/plugins/a.b-c_1/release", "X-Eddy-Request: 1\r\n").body(), "released a.b-c_1\n");
  EXPECT_EQ(post(client, "/plugins/a%2Fb%20c/release", "X-Eddy-Request: 1\r\n").body(), "released a/b c\n");
  EXPECT_EQ(post(client, "/plugins/a/release", "Content-Type: application/json\r\nContent-Length: 0\r\n").result_int(),
            200u);
  for (const char* path : {"/plugins//release", "/plugins/a/b/release", "/plugins/a", "/plugins/release"}) {
    const auto reply = post(client, path, "X-Eddy-Request: 1\r\n");
    EXPECT_EQ(reply.result_int(), 404u) << path;
    EXPECT_THAT(reply.body(), HasSubstr("\"POST /plugins/{name}/release\""));
  }
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    const auto reply = client.get("/plugins/a/release", method);
    EXPECT_EQ(reply.result_int(), 405u) << method;
    EXPECT_EQ(reply[http::field::allow], "POST");
  }
}

TEST_F(AdminServerTest, AnActionIsOutOfReachOfPagesInABrowser) {
  int done = 0;
  server->route({.method = "POST", .path = "/plugins/{name}/release", .handler = [&done](const ApiRequest&) {
                   ++done;
                   return HttpReply{200, "text/plain", "ok\n"};
                 }});
  const std::string port = server->address().substr(server->address().rfind(':'));
  Client client(server->address());
  const std::string target = "/plugins/a/release";
  for (const std::string& headers : {std::string(), std::string("Content-Type: text/plain\r\n"),
                                     std::string("Content-Type: application/x-www-form-urlencoded\r\n"),
                                     std::string("X-Eddy-Request: 1\r\nOrigin: http://evil.example\r\n"),
                                     std::string("X-Eddy-Request: 1\r\nOrigin: null\r\n"),
                                     std::string("X-Eddy-Request: 1\r\nOrigin: http://localhost:1\r\n"),
                                     // A name of somebody's that leads to this machine.
                                     "X-Eddy-Request: 1\r\nOrigin: http://rebound.example" + port + "\r\n"}) {
    EXPECT_EQ(post(client, target, headers).result_int(), 403u) << headers;
  }
  EXPECT_EQ(done, 0);
  EXPECT_EQ(post(client, target, "X-Eddy-Request: 1\r\nOrigin: http://" + server->address() + "\r\n").result_int(),
            200u);
  EXPECT_EQ(post(client, target, "X-Eddy-Request: 1\r\nOrigin: http://localhost" + port + "\r\n").result_int(), 200u);
  EXPECT_EQ(done, 2);
  Client with_body(server->address());
  EXPECT_EQ(post(with_body, target, "X-Eddy-Request: 1\r\nContent-Length: 3\r\n\r\nabc").result_int(), 413u);
  EXPECT_EQ(done, 2) << "refused before anything is done";
}

TEST_F(AdminServerTest, ABodyIsRefusedAndTheReplyStillArrives) {
  Client post(server->address());
  post.send("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'b'));
  EXPECT_EQ(post.receive().result_int(), 405u);
  EXPECT_TRUE(post.closed());
  Client get(server->address());
  get.send("GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(get.receive().result_int(), 413u);
  EXPECT_TRUE(get.closed());
}

TEST_F(AdminServerTest, ABodyComesWholeToTheHandler) {
  server->route({.method = "POST",
                 .path = "/echo",
                 .body = {{"type", "object"}},
                 .needs = std::nullopt,
                 .handler = [](const ApiRequest& request) { return HttpReply{.body = request.body}; },
                 .max_body = 100'000});
  Client client(server->address());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const std::string large(100'000, 'y');
  client.send(head + "Content-Length: 100000\r\n\r\n" + large + head + "Content-Length: 2\r\n\r\n{}");
  EXPECT_EQ(client.receive().body(), large);
  EXPECT_EQ(client.receive().body(), "{}") << "the next one, behind it";
  client.send(head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n4\r\na\":1\r\n1\r\n}\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().body(), "{\"a\":1}");
  client.send(head + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive_line(), "HTTP/1.1 100 Continue");
  client.send("{}");
  EXPECT_EQ(client.receive().body(), "{}");
}

TEST_F(AdminServerTest, ABodyBeyondTheRoutesLimitIsRefused) {
  server->route({.method = "POST",
                 .path = "/small",
                 .body = {{"type", "object"}},
                 .needs = std::nullopt,
                 .handler = [](const ApiRequest&) { return HttpReply{}; },
                 .max_body = 10});
  const std::string head = "POST /small HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  for (const std::string& rest : {std::string("Content-Length: 11\r\n\r\n12345678901"),
                                  std::string("Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n"),
                                  std::string("Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n"),
                                  std::string("Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n")}) {
    Client client(server->address());
    client.send(head + rest);
    EXPECT_EQ(client.receive().result_int(), 413u) << rest;
    EXPECT_TRUE(client.closed()) << rest;
  }
}

TEST_F(AdminServerTest, TheBodyOfACallThatIsDeniedIsNotAwaited) {
  const NewToken viewer = make_token();
  AdminSettings settings;
  settings.tokens.push_back({.name = "viewer", .hash = viewer.hash});
  server->set_authority(*AdminAuthority::make(settings));
  server->route({.method = "POST",
                 .path = "/act",
                 .body = {{"type", "object"}},
                 .needs = Right::kOperate,
                 .handler = [](const ApiRequest&) { return HttpReply{}; }});
  Client client(server->address());
  client.send("POST /act HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
              viewer.token + "\r\nContent-Length: 1000000\r\n\r\n{");
  EXPECT_EQ(client.receive().result_int(), 403u);
  EXPECT_TRUE(client.closed());
}

TEST_F(AdminServerTest, SilentClientsGiveWay) {
  std::deque<Client> silent;
  for (int i = 0; i < 256; ++i) silent.emplace_back(server->address());
  for (int i = 0; i < 3; ++i) {
    Client client(server->address());
    EXPECT_EQ(client.get("/healthz").result_int(), 200u);
  }
  EXPECT_TRUE(silent.front().closed()) << "the one that was silent for longest";
  EXPECT_EQ(silent.back().get("/healthz").result_int(), 200u);
}

TEST_F(AdminServerTest, GarbageIsABadRequest) {
  for (const char* bytes : {"hello\r\n\r\n", "GET /healthz HTTP/1.1\r\n\r\n", "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
                            "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "\x16\x03\x01\x02\x01\x01",
                            "GET /healthz HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n"}) {
    Client client(server->address());
    client.send(bytes);
    EXPECT_EQ(client.receive().result_int(), 400u) << bytes;
    EXPECT_TRUE(client.closed()) << bytes;
  }
}

TEST_F(AdminServerTest, AHeaderBeyondTheLimitIsRefused) {
  Client fits(server->address());
  fits.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + std::string(7'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(fits.receive().result_int(), 200u);
  for (const std::size_t size : {9'000, 40'000}) {
    Client large(server->address());
    large.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + std::string(size, 'a') + "\r\n\r\n");
    EXPECT_EQ(large.receive().result_int(), 431u) << size;
    EXPECT_TRUE(large.closed());
  }
}

TEST_F(AdminServerTest, OldClientsAreAnsweredAndLetGo) {
  Client client(server->address());
  client.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().result_int(), 200u);
  EXPECT_TRUE(client.closed());
}

TEST_F(AdminServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Client client(server->address());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += i % 3 == 0 ? "HEAD" : "GET";
    requests += i % 2 == 0 ? " /healthz" : " /nowhere";
    requests += " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  requests += "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client.receive(i % 3 == 0).result_int(), i % 2 == 0 ? 200u : 404u) << i;
  }
  EXPECT_FALSE(client.receive().keep_alive());
  EXPECT_TRUE(client.closed());
  sender.join();
}

TEST_F(AdminServerTest, ARequestMayComeByteByByte) {
  Client slow(server->address());
  slow.send("GET /healthz HTTP/1.1\r\n");
  for (const char c : std::string_view("Host: x\r\n\r")) {
    slow.send(std::string(1, c));
    Client quick(server->address());
    ASSERT_EQ(quick.get("/healthz").result_int(), 200u) << "others are not held up";
  }
  slow.send("\n");
  EXPECT_EQ(slow.receive().result_int(), 200u);
}

TEST_F(AdminServerTest, AHandlerThatThrowsIsA500) {
  Client client(server->address());
  const auto reply = client.get("/throws");
  EXPECT_EQ(reply.result_int(), 500u);
  EXPECT_THAT(reply.body(), HasSubstr("no such luck"));
  EXPECT_EQ(client.get("/throws_int").result_int(), 500u);
  EXPECT_EQ(client.get("/healthz").result_int(), 200u);
}

TEST_F(AdminServerTest, AHandlersStatusIsChecked) {
  serve("/none", [] { return HttpReply{204, "text/plain", "a body that HTTP does not want"}; });
  serve("/zero", [] { return HttpReply{0, "text/plain", ""}; });
  serve("/not_ready", [] { return HttpReply{503, "text/plain", "starting\n"}; });
  Client client(server->address());
  EXPECT_EQ(client.get("/none").result_int(), 204u);
  EXPECT_EQ(client.get("/zero").result_int(), 500u);
  EXPECT_EQ(client.get("/not_ready").body(), "starting\n");
}

TEST_F(AdminServerTest, SlowHandlersHoldUpNeitherEachOtherNorTheQuickOnes) {
  constexpr int kSlow = 8;  // more than there are threads
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::counting_semaphore<kSlow> entered(0);
  serve("/slow", [&] {
    entered.release();
    released.wait();
    return HttpReply{200, "text/plain", "late\n"};
  });
  std::deque<Client> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back(server->address()).send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (int i = 0; i < 4; ++i) entered.acquire();  // four of them run at once
  Client quick(server->address());
  EXPECT_EQ(quick.get("/healthz").body(), "ok\n") << "while all workers are taken";
  EXPECT_EQ(quick.get("/nowhere").result_int(), 404u);
  release.set_value();
  for (Client& client : slow) EXPECT_EQ(client.receive().body(), "late\n");
}

TEST_F(AdminServerTest, ManyClientsAtOnce) {
  constexpr int kClients = 16, kRequests = 50;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      Client client(server->address());
      for (int request = 0; request < kRequests; ++request) good += client.get("/healthz").body() == "ok\n" ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, kClients * kRequests);
}

TEST_F(AdminServerTest, RoutesMayBeAddedAndReplacedWhileItRuns) {
  Client client(server->address());
  EXPECT_EQ(client.get("/later").result_int(), 404u);
  serve("/later", [] { return HttpReply{200, "text/plain", "1"}; });
  EXPECT_EQ(client.get("/later").body(), "1");
  serve("/later", [] { return HttpReply{200, "text/plain", "2"}; });
  EXPECT_EQ(client.get("/later").body(), "2");
}

TEST_F(AdminServerTest, StopsWithClientsInEveryState) {
  Client idle(server->address()), used(server->address()), half(server->address()), reading(server->address());
  EXPECT_EQ(used.get("/healthz").result_int(), 200u);
  half.send("GET /healthz HTTP/1.1\r\nHost:");
  reading.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");  // far more than the sockets hold, and nobody reads
  EXPECT_EQ(Client(server->address()).get("/healthz").result_int(), 200u);
  server.reset();
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(used.closed());
}

bool listens(const std::string& address) {
  try {
    Client client(address);
    return true;
  } catch (const boost::system::system_error&) {
    return false;
  }
}

TEST_F(AdminServerTest, FinishesARunningReplyBeforeItStops) {
  // The sockets hold it: a client that is kept from reading for longer than the goodbye takes loses nothing of it.
  constexpr std::size_t kSize = 64 << 10;
  std::promise<void> entered, release;
  serve("/slow", [&] {
    entered.set_value();
    release.get_future().wait();
    return HttpReply{200, "text/plain", std::string(kSize, 'y')};
  });
  const std::string address = server->address();
  Client client(address);
  client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  std::thread stopper([&] { server.reset(); });
  while (listens(address)) std::this_thread::yield();  // it has begun to stop
  release.set_value();
  EXPECT_EQ(client.receive().body().size(), kSize);
  stopper.join();
}

TEST(AdminServerStart, ListensOnIpv6Too) {
  auto server = AdminServer::start({.listen = "[::1]:0"});
  if (!server && server.error().code == Code::kUnavailable) GTEST_SKIP() << server.error().text;
  ASSERT_TRUE(server) << server.error().text;
  EXPECT_THAT((*server)->address(), testing::StartsWith("[::1]:"));
  Client client((*server)->address());
  EXPECT_EQ(client.get("/").result_int(), 404u);
}

TEST(AdminServerStart, SaysWhichAddressIsInUse) {
  const auto first = AdminServer::start({.listen = "localhost:0"});
  ASSERT_TRUE(first);
  const std::string address = (*first)->address();
  const auto second = AdminServer::start({.listen = address});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_EQ(
      second.error().text,
      "admin.listen: " + address + " is in use by another program; stop that one, or set admin.listen to another port");
}

TEST(AdminServerStart, AnAddressIsFreeAgainAfterTheServer) {
  // It keeps the port from being given to other programs between the two, and from neither of them.
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor keeper(io, boost::asio::ip::tcp::v4());
  keeper.set_option(boost::asio::ip::tcp::acceptor::reuse_address(true));
  keeper.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
  const std::string address = "127.0.0.1:" + std::to_string(keeper.local_endpoint().port());
  auto first = AdminServer::start({.listen = address});
  ASSERT_TRUE(first) << first.error().text;
  Client client(address);
  EXPECT_EQ(client.get("/").result_int(), 404u);
  (*first).reset();
  const auto second = AdminServer::start({.listen = address});
  EXPECT_TRUE(second) << second.error().text;
}

TEST(AdminServerStart, RefusesToLeaveLoopback) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "10.1.2.3:0", "example.com:80"}) {
    const auto server = AdminServer::start({.listen = listen});
    ASSERT_FALSE(server) << listen;
    EXPECT_EQ(server.error().code, Code::kConfig);
    EXPECT_THAT(server.error().text, HasSubstr("expected a loopback address"));
    EXPECT_THAT(server.error().text, HasSubstr(listen));
  }
}

TEST(AdminServerStart, RefusesWhatIsNoAddress) {
  for (const char* listen : {"", "5001", "localhost", "127.0.0.1:99999"}) {
    const auto server = AdminServer::start({.listen = listen});
    ASSERT_FALSE(server) << listen;
    EXPECT_EQ(server.error().code, Code::kConfig);
    EXPECT_THAT(server.error().text, HasSubstr("admin.listen: expected host:port"));
  }
}

}  // namespace
}  // namespace eddy::host
