// SPDX-License-Identifier: Apache-2.0
#include "ingest/content.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "ingest/request_head.h"
#include "ingest/request_parser.h"

namespace eddy::host {
namespace {

// Records that repeat themselves reach 50 or 100; a bomb lives above.
constexpr std::size_t kMaxRatio = 250;
constexpr std::size_t kFreeOfRatio = 1 << 20;  // small ones do no harm
constexpr int kZstdWindowLog = 24;             // 16 MiB, more than a body has
constexpr int kGzipOnly = 15 + 16;             // zlib's way to say: gzip's header, 32 KiB of window

// Where unpacked bytes go, and when to stop.
class Output {
 public:
  Output(std::string& out, std::size_t limit, std::size_t packed)
      : out_(out), limit_(std::min(limit, std::max(kFreeOfRatio, packed * kMaxRatio))) {
    out_.clear();
  }
  bool add(const char* bytes, std::size_t size) {
    if (out_.size() + size > limit_) return false;
    out_.append(bytes, size);
    return true;
  }

 private:
  std::string& out_;
  const std::size_t limit_;
};

struct InflateEnd {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

// Several members one after another are one text, as gzip(1) has it.
Unpacked unpack_gzip(std::string_view packed, Output& out) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Unpacked::kDamaged;
  const std::unique_ptr<z_stream, InflateEnd> end(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::array<char, 32768> piece;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) return Unpacked::kDamaged;
    if (!out.add(piece.data(), piece.size() - stream.avail_out)) return Unpacked::kTooLarge;
    if (code != Z_STREAM_END) continue;
    if (stream.avail_in == 0) return Unpacked::kDone;
    if (inflateReset(&stream) != Z_OK) return Unpacked::kDamaged;
  }
}

Unpacked unpack_zstd(std::string_view packed, Output& out) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  if (context == nullptr) return Unpacked::kDamaged;
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::array<char, 32768> piece;
  std::size_t left = 1;
  while (in.pos < in.size || left != 0) {
    ZSTD_outBuffer to{piece.data(), piece.size(), 0};
    const std::size_t before = in.pos;
    left = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(left) != 0) return Unpacked::kDamaged;
    if (!out.add(piece.data(), to.pos)) return Unpacked::kTooLarge;
    if (left != 0 && to.pos == 0 && in.pos == before) return Unpacked::kDamaged;  // cut off
  }
  return Unpacked::kDone;
}

std::string_view until(std::string_view& text, char end) {
  const auto at = text.find(end);
  const std::string_view part = trimmed(text.substr(0, at));
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return part;
}

bool utf8_charset(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = until(parameters, ';');
    const std::string_view name = until(parameter, '=');
    if (!same_word(name, "charset")) continue;
    if (parameter.size() >= 2 && parameter.front() == '"' && parameter.back() == '"') {
      parameter = parameter.substr(1, parameter.size() - 2);
    }
    if (!same_word(parameter, "utf-8") && !same_word(parameter, "utf8")) return false;
  }
  return true;
}

}  // namespace

std::optional<BodyFormat> body_format(std::string_view content_type) {
  const std::string_view type = until(content_type, ';');
  if (!utf8_charset(content_type)) return std::nullopt;
  if (type.empty() || same_word(type, "application/json")) return BodyFormat::kDocument;
  for (const std::string_view lines : {"application/x-ndjson", "application/ndjson", "application/jsonl"}) {
    if (same_word(type, lines)) return BodyFormat::kLines;
  }
  return std::nullopt;
}

std::optional<Packing> packing(std::string_view content_encoding) {
  const std::string_view name = trimmed(content_encoding);
  if (name.empty() || same_word(name, "identity")) return Packing::kNone;
  if (same_word(name, "gzip") || same_word(name, "x-gzip")) return Packing::kGzip;
  if (same_word(name, "zstd")) return Packing::kZstd;
  return std::nullopt;
}

Unpacked unpack(Packing packing, std::string_view packed, std::size_t limit, std::string& out) {
  Output output(out, limit, packed.size());
  if (packing == Packing::kNone)
    return output.add(packed.data(), packed.size()) ? Unpacked::kDone : Unpacked::kTooLarge;
  const Unpacked done = packing == Packing::kGzip ? unpack_gzip(packed, output) : unpack_zstd(packed, output);
  out.reserve(out.size() + kBodyPadding);
  return done;
}

}  // namespace eddy::host
