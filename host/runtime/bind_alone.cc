// SPDX-License-Identifier: Apache-2.0
#include "runtime/bind_alone.h"

namespace eddy::host {

namespace {
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;
}

Result<BindingPtr> bind_alone(const ImagePtr& image, const Settings& settings, const std::string& name,
                              const std::map<std::string, ModelPtr>& others) {
  auto binding = std::make_shared<Binding>();
  binding->image = image;
  binding->decl = image->function(name);
  if (binding->decl == nullptr) {
    std::string known;
    for (const FunctionDecl& function : image->manifest.functions) known += " " + function.name;
    return Error{Code::kUsage, "plugin " + image->identity.name + " has no function " + name + "; it has:" + known};
  }
  binding->settings = settings.function(name);
  binding->settings.retry = {};  // a record is called once here
  std::map<std::string, ModelPtr> streams;
  if (binding->decl->kind == EDDY_FUNCTION_TRANSFORM) streams[binding->decl->destination] = binding->decl->output_model;
  if (binding->decl->kind == EDDY_FUNCTION_MULTI_TRANSFORM) {
    streams = others;
    for (const StreamDecl& stream : image->manifest.streams) streams[stream.name] = stream.model;
  }
  for (const auto& [stream, model] : streams) {
    const auto id = static_cast<StreamId>(binding->destinations.size());
    binding->destinations.push_back({stream, id, UINT32_MAX, kMaxRecordBytes, model});
  }
  binding->queue = binding->over_queue() ? binding->decl->source : "dead letters";
  binding->queue_id = kQueueAlone;
  binding->parked_id = kParkedAlone;
  binding->queue_options = settings.queue(binding->queue).options;
  binding->queue_options.max_record_bytes = kMaxRecordBytes;
  binding->queue_options.key.reset();  // what is captured is to be looked at
  return BindingPtr(std::move(binding));
}

}  // namespace eddy::host
