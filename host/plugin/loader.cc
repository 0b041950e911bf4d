// SPDX-License-Identifier: Apache-2.0
#include "plugin/loader.h"

#include <atomic>
#include <filesystem>
#include <map>

#include "base/hash.h"
#include "plugin/content.h"
#include "plugin/copy.h"
#include "plugin/describe.h"
#include "plugin/elf.h"
#include "plugin/elf_rules.h"
#include "plugin/load.h"
#include "plugin/loading_journal.h"
#include "plugin/note.h"
#include "plugin/place.h"
#include "plugin/probe.h"
#include "plugin/refusal.h"

namespace eddy::host {

struct Loader::State {
  PrivateCopies copies;
  LoadingJournal journal;
  std::map<std::string, Manifest> probed;  // by SHA-256: a fresh copy of what has passed needs no other try
  explicit State(const std::string& state_dir) : copies(state_dir), journal(state_dir) {
    if (!state_dir.empty()) copies.clean_up();
  }
};

namespace {

Result<PluginIdentity> identify(const std::string& path, const PluginNote& note, const std::string& sha256) {
  PluginIdentity identity{
      .name = note.name, .version = note.version, .build_id = note.build_id, .sha256 = sha256, .file = path};
  if (identity.name.empty()) identity.name = std::filesystem::path(path).stem().string();
  if (!is_name(identity.name)) {
    return refuse("note", "a plugin name of letters, digits, '_', '.' and '-'", "\"" + identity.name + "\"",
                  "rename the file, or give the plugin a name with EDDY_PLUGIN_INFO");
  }
  if (identity.version.empty()) identity.version = (note.build_id.empty() ? sha256 : note.build_id).substr(0, 12);
  return identity;
}

Result<Loader::Admitted> admit_steps(const std::string& path, const Trust& trust, bool any_place) {
  EDDY_ASSIGN(const FileDescriptor fd, open_in_place(path, any_place));
  EDDY_ASSIGN(std::string bytes, read_content(fd));
  const Sha256Digest digest = sha256(bytes);
  EDDY_ASSIGN(Signer signer, check_signature(path, digest, trust, any_place));
  EDDY_ASSIGN(const Elf elf, Elf::parse(bytes));
  EDDY_TRY(check_rules(elf));
  EDDY_ASSIGN(const PluginNote note, read_note(elf));
  EDDY_ASSIGN(PluginIdentity identity, identify(path, note, to_hex(digest)));
  identity.signer = std::move(signer);
  return Loader::Admitted{.identity = std::move(identity),
                          .bytes = std::move(bytes),
                          .abi_major = note.abi_major,
                          .abi_minor_required = note.abi_minor_required,
                          .sdk_version = note.sdk_version};
}

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Loader::Loader(LoaderOptions options)
    : options_(std::move(options)), state_(std::make_shared<State>(options_.state_dir)) {}

Result<Loader::Admitted> Loader::admit(const std::string& path, bool allow_any_place) const {
  Result<Admitted> admitted = admit_steps(path, options_.trust, allow_any_place);
  if (!admitted) return in_context(path, admitted.take_error());
  return admitted;
}

// Null: there is no zygote.
Result<const Manifest*> Loader::try_elsewhere(const Admitted& file, const std::string& mapped_path) {
  if (options_.zygote == nullptr) return nullptr;
  auto known = state_->probed.find(file.identity.sha256);
  if (known == state_->probed.end()) {
    const ProbeRequest request{.mapped_path = mapped_path,
                               .abi_major = file.abi_major,
                               .abi_minor_required = file.abi_minor_required,
                               .timeout_ms = options_.timeout_ms,
                               .constructors_within = options_.constructors_within};
    EDDY_ASSIGN(Manifest manifest, probe(*options_.zygote, request, file.identity.name));
    known = state_->probed.emplace(file.identity.sha256, std::move(manifest)).first;
  }
  return &known->second;
}

Result<LoadedImage> Loader::map(const Admitted& file, const std::string& mapped_path) {
  LoadingJournal& journal = state_->journal;
  EDDY_TRY(journal.begin(file.identity.sha256));
  Result<LoadedImage> loaded = load_image(mapped_path);
  journal.end();
  return loaded;
}

Result<ImagePtr> Loader::load_steps(const Admitted& file) {
  if (options_.state_dir.empty()) {
    return not_now("copy", "a state directory", "none", "give one: only looking at a file needs none");
  }
  if (state_->journal.died(file.identity.sha256)) {
    return refuse("load", "a file that can be loaded", "that an earlier process died while loading it",
                  "replace the file, or remove " + state_->journal.path() + " and restart to try it again");
  }
  auto image = std::make_shared<Image>();
  image->identity = file.identity;
  image->generation = next_generation();
  image->abi_major = file.abi_major;
  image->abi_minor_required = file.abi_minor_required;
  EDDY_ASSIGN(image->mapped_path, state_->copies.write(file.bytes, file.identity, image->generation));
  EDDY_ASSIGN(const Manifest* const probed, try_elsewhere(file, image->mapped_path));
  if (probed != nullptr && options_.in_host && !options_.in_host(*probed)) {
    image->manifest = *probed;
    return ImagePtr(std::move(image));
  }
  EDDY_ASSIGN(const LoadedImage loaded, map(file, image->mapped_path));
  image->code = loaded.code;
  PluginNote note;
  note.abi_major = file.abi_major;
  note.abi_minor_required = file.abi_minor_required;
  EDDY_ASSIGN(image->manifest, describe_image(loaded, options_.host, note, options_.timeout_ms));
  return ImagePtr(std::move(image));
}

Result<ImagePtr> Loader::load(const Admitted& file) {
  if (options_.on_load) options_.on_load();
  Result<ImagePtr> image = load_steps(file);
  if (!image) return in_context(file.identity.file, image.take_error());
  return image;
}

}  // namespace eddy::host
