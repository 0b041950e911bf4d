// SPDX-License-Identifier: Apache-2.0
// Damaged requests by the thousand, and bodies that are packed.
#include <zlib.h>
#include <zstd.h>

#include <random>
#include <set>

#include "unit/ingest/ingest_fixture.h"

namespace eddy::host::test {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST_F(IngestTest, PackedBodiesAreUnpackedAndBombsRefused) {
  start();
  const std::string bomb(9'000'000, ' ');
  for (const auto& [name, pack] : {std::pair("gzip", &gzip), std::pair("zstd", &zstd)}) {
    const std::string header = std::string("Content-Encoding: ") + name + "\r\n";
    EXPECT_EQ(post(pack(kGood), header).result_int(), 200u) << name;
    const std::string cut = pack(kGood).substr(0, 12);
    EXPECT_EQ(post(cut, header).result_int(), 400u) << name;
    EXPECT_EQ(post(pack(bomb), header).result_int(), 413u) << name;
  }
  EXPECT_THAT(values("events"), testing::ElementsAre(kGood, kGood));
}

// A good request with a few of its bytes changed, doubled, cut or put elsewhere.
std::string damaged(std::string text, std::mt19937& random) {
  const std::string bytes = std::string("\r\n\t :;,{}[]\"\\0PZ\x80\xff") + std::string(1, 0);
  const auto below = [&](std::size_t end) {
    return static_cast<std::size_t>(random()) % std::max<std::size_t>(end, 1);
  };
  for (std::size_t i = 0; i <= below(4); ++i) {
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = bytes[below(bytes.size())];
        break;
      case 1:
        text.insert(at, 1, bytes[below(bytes.size())]);
        break;
      case 2:
        text.erase(at, 1 + below(8));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        text.resize(std::max<std::size_t>(at, 1));
    }
    if (text.empty()) text = "X";
  }
  return text;
}

TEST_F(IngestTest, DamagedRequestsGetADocumentedAnswerOrNone) {
  start();
  const std::set<unsigned> documented{100, 200, 204, 207, 400, 404, 405, 408, 409, 413, 415, 417, 422, 431};
  const std::string chunked =
      "POST /ingest/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "12\r\n{\"user\":\"a\",\"n\":1}\r\n0\r\nX: y\r\n\r\n";
  const std::vector<std::string> seeds{request(kGood), request("[" + kGood + ",7]", "Idempotency-Key: k\r\n"), chunked,
                                       "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"};
  std::mt19937 random(7);
  unsigned answered = 0;
  for (int i = 0; i < 20'000; ++i) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    const auto address = *parse_listen(server_->address());
    socket.connect({boost::asio::ip::make_address(address.host), address.port});
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(damaged(seeds[static_cast<std::size_t>(i) % seeds.size()], random)),
                       error);
    socket.shutdown(boost::asio::socket_base::shutdown_send, error);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    http::read(socket, buffer, answer, error);
    if (error) continue;  // it ended before it was a request
    ++answered;
    ASSERT_TRUE(documented.contains(answer.result_int())) << answer.result_int();
  }
  EXPECT_GT(answered, 5'000u);
  EXPECT_EQ(post(kGood).result_int(), 200u);
}

}  // namespace
}  // namespace eddy::host::test
