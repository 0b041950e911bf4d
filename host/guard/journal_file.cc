// SPDX-License-Identifier: Apache-2.0
#include "guard/journal_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "base/hash.h"

namespace eddy::host {
namespace {

constexpr std::size_t kHeaderSize = 4096;  // a page, so that blocks can be mapped
constexpr std::size_t kBlockCells = 64;
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kMagic = "EDDYJRNL";

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t cell_size;
  std::uint32_t reserved;
  std::uint32_t crc;  // of all before it
};

static_assert(sizeof(JournalLayout) == 512);
static_assert(offsetof(JournalLayout, offset) == 16 && offsetof(JournalLayout, name) == 32);
static_assert(sizeof(Header) == 24 && kBlockCells * sizeof(JournalLayout) % 4096 == 0);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

constexpr std::size_t kBlockSize = kBlockCells * sizeof(JournalLayout);

std::uint32_t crc_of(const Header& header) {
  return crc32c({reinterpret_cast<const char*>(&header), offsetof(Header, crc)});
}

Error failed(const std::string& path, const char* what) {
  return {Code::kUnavailable, fmt::format("journal {}: cannot {}: {}", path, what, std::strerror(errno))};
}

std::string problem_with(std::string_view bytes) {
  Header header;
  if (bytes.size() < kHeaderSize) {
    return fmt::format("expected a journal of at least {} bytes, found {}", kHeaderSize, bytes.size());
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::string_view(header.magic.data(), header.magic.size()) != kMagic) {
    return "expected a file that starts with EDDYJRNL, found another kind of file";
  }
  if (header.crc != crc_of(header)) return "its header's checksum is wrong";
  if (header.version != kVersion) {
    return fmt::format("expected format version {}, found {}", kVersion, header.version);
  }
  if (header.cell_size != sizeof(JournalLayout)) {
    return fmt::format("expected cells of {} bytes, found {}", sizeof(JournalLayout), header.cell_size);
  }
  return "";
}

void add(std::vector<Suspect>& suspects, Suspect found) {
  const auto same = std::find_if(suspects.begin(), suspects.end(), [&](const Suspect& known) {
    return known.function == found.function && known.partition == found.partition && known.offset == found.offset;
  });
  if (same == suspects.end()) {
    suspects.push_back(std::move(found));
  } else {
    same->deaths += found.deaths;
  }
}

template <typename T>
T field(std::string_view cell, std::size_t offset) {
  T value;
  std::memcpy(&value, cell.data() + offset, sizeof value);
  return value;
}

// Gives false when the cell's bytes make no sense.
bool read_cell(std::string_view cell, std::vector<Suspect>& suspects) {
  const auto kind = field<std::uint32_t>(cell, offsetof(JournalLayout, kind));
  if (kind == JournalLayout::kFree) return true;
  const auto name_size = field<std::uint32_t>(cell, offsetof(JournalLayout, name_size));
  if (kind > JournalLayout::kSuspect || name_size == 0 || name_size > JournalLayout::kNameSize) return false;
  Suspect found;
  found.function = cell.substr(offsetof(JournalLayout, name), name_size);
  found.partition = field<std::uint32_t>(cell, offsetof(JournalLayout, partition));
  found.offset = field<std::int64_t>(cell, offsetof(JournalLayout, offset));
  found.deaths = kind == JournalLayout::kSuspect ? field<std::uint32_t>(cell, offsetof(JournalLayout, deaths)) : 1;
  const bool counts =
      kind == JournalLayout::kSuspect || field<std::uint32_t>(cell, offsetof(JournalLayout, in_call)) != 0;
  if (counts) add(suspects, std::move(found));
  return true;
}

}  // namespace

void JournalLayout::set_name(std::string_view text) {
  name_size = static_cast<std::uint32_t>(text.size());
  std::copy(text.begin(), text.end(), name.begin());
}

JournalContent read_journal(std::string_view bytes) {
  JournalContent content;
  content.problem = problem_with(bytes);
  if (!content.problem.empty()) return content;
  for (std::size_t at = kHeaderSize; at + sizeof(JournalLayout) <= bytes.size(); at += sizeof(JournalLayout)) {
    if (read_cell(bytes.substr(at, sizeof(JournalLayout)), content.suspects)) continue;
    return {{}, fmt::format("the cell at byte {} is damaged", at)};
  }
  return content;
}

Result<std::unique_ptr<JournalFile>> JournalFile::create(const std::string& path,
                                                         const std::vector<Suspect>& suspects) {
  const std::string draft = path + ".new";
  std::unique_ptr<JournalFile> file(new JournalFile(path));
  file->file_ = ::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file->file_ < 0) return failed(draft, "create it");
  EDDY_TRY(file->write_header());
  EDDY_TRY(file->grow());
  for (const Suspect& suspect : suspects) {
    EDDY_ASSIGN(JournalLayout * cell, file->take());
    cell->set_name(suspect.function);
    cell->partition.store(suspect.partition, std::memory_order_relaxed);
    cell->offset.store(suspect.offset, std::memory_order_relaxed);
    cell->deaths.store(suspect.deaths, std::memory_order_relaxed);
    cell->kind.store(JournalLayout::kSuspect, std::memory_order_release);
    file->suspects_.push_back(cell);
  }
  if (std::rename(draft.c_str(), path.c_str()) != 0) return failed(path, "put the new file in its place");
  return file;
}

Result<void> JournalFile::write_header() {
  Header header{};
  std::copy(kMagic.begin(), kMagic.end(), header.magic.begin());
  header.version = kVersion;
  header.cell_size = sizeof(JournalLayout);
  header.crc = crc_of(header);
  if (pwrite(file_, &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) return failed(path_, "write it");
  return {};
}

Result<void> JournalFile::grow() {
  const auto at = static_cast<off_t>(kHeaderSize + blocks_.size() * kBlockSize);
  // Real blocks, not a hole: a store into a hole of a full disk would be a SIGBUS.
  if (const int error = posix_fallocate(file_, at, kBlockSize); error != 0) {
    errno = error;
    return failed(path_, "make it longer");
  }
  void* block = mmap(nullptr, kBlockSize, PROT_READ | PROT_WRITE, MAP_SHARED, file_, at);
  if (block == MAP_FAILED) return failed(path_, "map it");
  blocks_.push_back(block);
  auto* cells = static_cast<JournalLayout*>(block);
  for (std::size_t i = kBlockCells; i > 0; --i) free_.push_back(cells + i - 1);
  return {};
}

JournalFile::~JournalFile() {
  for (void* block : blocks_) munmap(block, kBlockSize);
  if (file_ >= 0) close(file_);
}

Result<JournalLayout*> JournalFile::take() {
  if (free_.empty()) EDDY_TRY(grow());
  JournalLayout* cell = free_.back();
  free_.pop_back();
  return cell;
}

void JournalFile::give_back(JournalLayout* cell) {
  cell->in_call.store(0, std::memory_order_relaxed);
  cell->kind.store(JournalLayout::kFree, std::memory_order_release);
  free_.push_back(cell);
}

}  // namespace eddy::host
