// SPDX-License-Identifier: Apache-2.0
// Handles on what a plugin has declared. Cheap to copy; functions are added to them inside EDDY_PLUGIN only.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "eddy/adapter.hpp"
#include "eddy/declarations.hpp"
#include "eddy/options.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

// Declares the function Target over a source that carries Source, a model or a DeadLetter.
template <class Target, Use use, class Source, class Destination = void>
void declare_function(Declarations& declarations, std::string_view source, std::string_view destination,
                      const FunctionOptions& options) {
  if constexpr (check_function<Target, use, Source, Destination>()) {
    using Function = Adapter<Target>;
    eddy_function_decl decl{};
    decl.struct_size = sizeof decl;
    decl.kind = use == Use::transform  ? EDDY_FUNCTION_TRANSFORM
                : use == Use::consumer ? EDDY_FUNCTION_CONSUMER
                                       : EDDY_FUNCTION_MULTI_TRANSFORM;
    decl.input = Function::Input::kind;
    decl.concurrency = options.concurrency;
    decl.name = to_abi(options.name.empty() ? Target::name() : options.name);
    decl.source = to_abi(source);
    decl.destination = optional_name(destination);
    decl.dead_letter_queue = optional_name(options.dead_letter_queue.text);
    decl.input_model = Function::Input::model();
    if constexpr (use == Use::transform) {
      decl.output_model = model_or_null<typename Produced<typename Function::Return>::type>();
    }
    decl.create = &Function::create;
    decl.destroy = &Function::destroy;
    decl.process = &Function::process;
    if (decl.name.size == 0) {
      declarations.refuse("eddy::DeclarationError",
                          "a lambda over " + std::string(source) + " has no name; give it one: {.name = \"...\"}");
      return;
    }
    declarations.add(decl, Function::state());
  }
}

}  // namespace EDDY_HIDDEN

template <class T>
class Table {
 public:
  explicit Table(std::string name) : name_(std::move(name)) {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

// A stream of T: an EDDY_MODEL, or eddy::Json or eddy::Record for any bytes.
template <class T>
class EDDY_HIDDEN Stream {
 public:
  Stream(detail::Declarations& declarations, std::string name) : declarations_(&declarations), name_(std::move(name)) {}
  const std::string& name() const noexcept { return name_; }

  // F: a function, or a lambda without captures. Its outputs go to `destination`.
  template <auto F, class U>
  void add_transform(const Stream<U>& destination, const FunctionOptions& options = {}) const {
    transform<detail::FunctionTarget<F>, U>(destination, options);
  }
  // C: a class with operator(), one instance per worker.
  template <class C, class U>
  void add_transform(const Stream<U>& destination, const FunctionOptions& options = {}) const {
    transform<detail::ClassTarget<C>, U>(destination, options);
  }
  template <auto F>
  void add_consumer(const FunctionOptions& options = {}) const {
    function<detail::FunctionTarget<F>, detail::Use::consumer>(options);
  }
  template <class C>
  void add_consumer(const FunctionOptions& options = {}) const {
    function<detail::ClassTarget<C>, detail::Use::consumer>(options);
  }
  // Returns eddy::routed(stream, value…).
  template <auto F>
  void add_multi_transform(const FunctionOptions& options = {}) const {
    function<detail::FunctionTarget<F>, detail::Use::multi_transform>(options);
  }
  template <class C>
  void add_multi_transform(const FunctionOptions& options = {}) const {
    function<detail::ClassTarget<C>, detail::Use::multi_transform>(options);
  }

 private:
  template <class Target, class U>
  void transform(const Stream<U>& destination, const FunctionOptions& options) const {
    detail::declare_function<Target, detail::Use::transform, T, U>(*declarations_, name_, destination.name(), options);
  }
  template <class Target, detail::Use use>
  void function(const FunctionOptions& options) const {
    detail::declare_function<Target, use, T>(*declarations_, name_, {}, options);
  }

  detail::Declarations* declarations_;
  std::string name_;
};

// A dead letter queue of originals of T. A transform over it is a recovery.
template <class T>
class EDDY_HIDDEN Queue {
 public:
  Queue(detail::Declarations& declarations, std::string name) : declarations_(&declarations), name_(std::move(name)) {}
  const std::string& name() const noexcept { return name_; }

  template <auto F, class U>
  void add_transform(const Stream<U>& destination, const FunctionOptions& options = {}) const {
    transform<detail::FunctionTarget<F>, U>(destination, options);
  }
  template <class C, class U>
  void add_transform(const Stream<U>& destination, const FunctionOptions& options = {}) const {
    transform<detail::ClassTarget<C>, U>(destination, options);
  }
  template <auto F>
  void add_consumer(const FunctionOptions& options = {}) const {
    function<detail::FunctionTarget<F>, detail::Use::consumer>(options);
  }
  template <class C>
  void add_consumer(const FunctionOptions& options = {}) const {
    function<detail::ClassTarget<C>, detail::Use::consumer>(options);
  }
  template <auto F>
  void add_multi_transform(const FunctionOptions& options = {}) const {
    function<detail::FunctionTarget<F>, detail::Use::multi_transform>(options);
  }
  template <class C>
  void add_multi_transform(const FunctionOptions& options = {}) const {
    function<detail::ClassTarget<C>, detail::Use::multi_transform>(options);
  }

 private:
  template <class Target, class U>
  void transform(const Stream<U>& destination, const FunctionOptions& options) const {
    detail::declare_function<Target, detail::Use::transform, DeadLetter<T>, U>(*declarations_, name_,
                                                                               destination.name(), options);
  }
  template <class Target, detail::Use use>
  void function(const FunctionOptions& options) const {
    detail::declare_function<Target, use, DeadLetter<T>>(*declarations_, name_, {}, options);
  }

  detail::Declarations* declarations_;
  std::string name_;
};

// A stream with what belongs to it. A part that its options left out cannot be asked for: the plugin is refused.
template <class T>
class EDDY_HIDDEN Pipeline {
 public:
  Pipeline(detail::Declarations& declarations, std::string name, const PipelineOptions& options,
           std::string dead_letter_queue)
      : declarations_(&declarations),
        name_(std::move(name)),
        queue_(std::move(dead_letter_queue)),
        has_stream_(options.stream),
        has_table_(options.table) {}
  const std::string& name() const noexcept { return name_; }

  Stream<T> stream() const {
    require(has_stream_, "stream");
    return {*declarations_, name_};
  }
  Table<T> table() const {
    require(has_table_, "table");
    return Table<T>(name_);
  }
  Queue<T> dead_letter_queue() const {
    require(!queue_.empty(), "dead_letter_queue");
    return {*declarations_, queue_};
  }

 private:
  void require(bool there, std::string_view part) const {
    if (there) return;
    const std::string option(part);
    declarations_->refuse("eddy::DeclarationError", "the " + option + " of pipeline " + name_ +
                                                        " is used but not declared; say {." + option + " = true}");
  }

  detail::Declarations* declarations_;
  std::string name_;
  std::string queue_;
  bool has_stream_;
  bool has_table_;
};

}  // namespace eddy
