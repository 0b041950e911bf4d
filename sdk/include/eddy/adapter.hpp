// SPDX-License-Identifier: Apache-2.0
// A C++ function as the three C entry points of a declaration, create, destroy, process; and as what it offers beside
// them.
#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <type_traits>

#include "eddy/function.hpp"
#include "eddy/state.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

// Each input keeps what one worker can use again for the next record.
template <Model T>
struct ModelInput {
  static constexpr std::uint32_t kind = EDDY_INPUT_ROW;
  static constexpr const eddy_model* model() { return &model_of<T>; }
  T value{};

  const T& read(const eddy_input& input, eddy_call*) {
    if (input.row == nullptr || input.field_count != fields_of<T>.size()) {
      throw std::logic_error("the host gave no row of the function's model");
    }
    read_row(input.row, value);
    check(value);
    return value;
  }
};

struct RecordInput {
  static constexpr std::uint32_t kind = EDDY_INPUT_RECORD;
  static constexpr const eddy_model* model() { return nullptr; }
  Record read(const eddy_input& input, eddy_call*) { return Record(*input.record); }
};

template <class J>
struct JsonInput {
  static constexpr std::uint32_t kind = EDDY_INPUT_JSON;
  static constexpr const eddy_model* model() { return nullptr; }
  J read(const eddy_input& input, eddy_call*) {
    const std::string_view text = to_view(input.record->value);
    J json = J::parse(text.begin(), text.end(), nullptr, false);
    if (json.is_discarded()) throw ValidationError("ParseError", "the record is not JSON");
    return json;
  }
};

template <class T>
struct LetterInput {
  static constexpr std::uint32_t kind = EDDY_INPUT_DEAD_LETTER;
  static constexpr const eddy_model* model() {
    if constexpr (Model<T>) return &model_of<T>;
    return nullptr;
  }
  DeadLetter<T> read(const eddy_input& input, eddy_call* call) {
    if (input.dead_letter == nullptr) throw std::logic_error("the host gave no dead letter");
    return DeadLetter<T>(*input.dead_letter, *input.record, call);
  }
};

template <class T>
auto input_for() {
  if constexpr (is_letter<T>) {
    return std::type_identity<LetterInput<typename LetterOf<T>::type>>{};
  } else if constexpr (std::same_as<T, Record>) {
    return std::type_identity<RecordInput>{};
  } else if constexpr (Model<T>) {
    return std::type_identity<ModelInput<T>>{};
  } else {
    return std::type_identity<JsonInput<T>>{};
  }
}
template <class T>
using InputFor = typename decltype(input_for<T>())::type;

template <class Target>
struct Adapter {
  using S = TargetSignature<Target>;
  using Input = InputFor<std::remove_cvref_t<std::tuple_element_t<0, typename S::Arguments>>>;
  using Return = typename S::Return;
  using Instance = typename Target::Instance;
  static constexpr bool takes_context = S::arity == 2;

  struct Worker {
    Worker() requires std::default_initializable<Instance> : instance() {}
    explicit Worker(const Config& config) requires std::constructible_from<Instance, const Config&> : instance(config) {
    }

    // In this order: what the function reads may be used by its instance to the last.
    Input input;
    TypeName names;
    Instance instance;
  };

  static std::uint32_t create(void*, eddy_call* call, [[maybe_unused]] eddy_str config, void** made) {
    TypeName names;
    return guarded(call, names, [&] {
      if constexpr (std::constructible_from<Instance, const Config&>) {
        *made = new Worker(config.data != nullptr ? Config(to_view(config)) : Config());
      } else {
        *made = new Worker();
      }
      return std::uint32_t{EDDY_OK};
    });
  }

  static void destroy(void*, void* made) {
    TypeName names;
    caught(
        names,
        [made] {
          delete static_cast<Worker*>(made);
          return std::uint32_t{EDDY_OK};
        },
        [](FailKind, std::string_view type, std::string_view message) {
          plugin_host->log(EDDY_LOG_ERROR, to_abi("while ending a function's instance: " + std::string(type) + ": " +
                                                  std::string(message)));
          return std::uint32_t{EDDY_FAILED};
        });
  }

  static std::uint32_t process(void*, void* made, const eddy_input* input, eddy_call* call) {
    Worker& worker = *static_cast<Worker*>(made);
    return guarded(call, worker.names, [&worker, input, call] {
      const auto& value = worker.input.read(*input, call);
      if constexpr (takes_context) {
        Context context(call, *input->record);
        return run(worker, {call, &context}, value, context);
      } else {
        return run(worker, {call, nullptr}, value);
      }
    });
  }

  // What it hands to its successor; NULL: nothing.
  static const eddy_state* state() {
    if constexpr (keeps_state<Instance>()) {
      static constexpr eddy_state offered = {sizeof(eddy_state), Instance::state_version, &save, &load};
      return &offered;
    } else {
      return nullptr;
    }
  }

  static std::uint32_t save(void*, void* made, eddy_call* call, const eddy_state_writer* to) {
    Worker& worker = *static_cast<Worker*>(made);
    return guarded(call, worker.names, [&worker, call, to] {
      StateWriter writer(call, *to);
      static_cast<const Instance&>(worker.instance).save(writer);
      return std::uint32_t{EDDY_OK};
    });
  }

  static std::uint32_t load(void*, void* made, eddy_call* call, std::uint32_t version, eddy_str bytes) {
    Worker& worker = *static_cast<Worker*>(made);
    return guarded(call, worker.names, [&worker, version, bytes] {
      StateReader reader(to_view(bytes));
      worker.instance.load(version, reader);
      return std::uint32_t{EDDY_OK};
    });
  }

  template <class... A>
  static std::uint32_t run(Worker& worker, const Emitter& to, A&... arguments) {
    if constexpr (std::is_void_v<Return>) {
      Target::call(worker.instance, arguments...);
      return EDDY_OK;
    } else {
      return deliver(to, Target::call(worker.instance, arguments...));
    }
  }
};

}  // namespace EDDY_HIDDEN
}  // namespace eddy
