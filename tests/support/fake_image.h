// SPDX-License-Identifier: Apache-2.0
// An image whose functions live in the test program: workers run without a file, a loader or a swap.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "function/binding.h"
#include "guard/code_range.h"
#include "plugin/image.h"

namespace eddy::host::test {

using Process = std::uint32_t (*)(void* user, void* instance, const eddy_input* input, eddy_call* call);

// One function of the given kind and input over `source`, with `destination` for transforms.
inline ImagePtr fake_image(std::string function, std::uint32_t kind, std::uint32_t input, std::string source,
                           std::string destination, Process process) {
  auto image = std::make_shared<Image>();
  static std::uint64_t generation = 0;
  image->generation = ++generation;
  image->identity = {"fake", "1.0.0", "b01d", "5ha", "fake.so"};
  image->code = code_range_of(reinterpret_cast<const void*>(process));
  FunctionDecl decl;
  decl.name = std::move(function);
  decl.kind = kind;
  decl.input = input;
  decl.source = std::move(source);
  decl.destination = std::move(destination);
  decl.code.struct_size = sizeof decl.code;
  decl.code.process = process;
  image->manifest.functions.push_back(std::move(decl));
  return image;
}

// The image's one function, bound to streams that exist in `transport`.
inline BindingPtr fake_binding(const ImagePtr& image, Transport& transport, const std::string& queue,
                               FunctionSettings settings = {}) {
  auto binding = std::make_shared<Binding>();
  binding->image = image;
  binding->decl = &image->manifest.functions.front();
  binding->settings = std::move(settings);
  if (const std::string& to = binding->decl->destination; !to.empty()) {
    const StreamId id = *transport.find_stream(to);
    binding->destinations.push_back({to, id, 1, transport.max_record_bytes(id), nullptr});
  }
  binding->queue = queue;
  binding->queue_id = *transport.find_stream(queue);
  const auto parked = transport.find_stream(queue + ".parked");
  binding->parked_id = parked ? *parked : binding->queue_id;
  binding->queue_options.max_record_bytes = transport.max_record_bytes(binding->queue_id);
  return binding;
}

}  // namespace eddy::host::test
