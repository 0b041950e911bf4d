// SPDX-License-Identifier: Apache-2.0
// A model with a field of every type.
#pragma once

#include "unit/model/model_fixture.h"

namespace eddy::fuzz {

inline const std::shared_ptr<const host::Model>& rich_model() {
  static host::test::Declarations all;
  static const auto make = [] {
    const auto type = [](std::uint32_t kind) { return all.type(kind); };
    eddy_model* const point =
        all.model("Point", {{"x", type(EDDY_TYPE_F64)}, {"y", all.optional(type(EDDY_TYPE_F32))}});
    return *host::Model::compile(all.model("Rich", {{"k", type(EDDY_TYPE_STRING), EDDY_FIELD_KEY},
                                                    {"b", type(EDDY_TYPE_BOOL)},
                                                    {"i8", all.optional(type(EDDY_TYPE_I8))},
                                                    {"i64", type(EDDY_TYPE_I64)},
                                                    {"u16", all.optional(type(EDDY_TYPE_U16))},
                                                    {"u64", all.optional(type(EDDY_TYPE_U64))},
                                                    {"f32", all.optional(type(EDDY_TYPE_F32))},
                                                    {"f64", type(EDDY_TYPE_F64)},
                                                    {"t", all.optional(type(EDDY_TYPE_TIMESTAMP))},
                                                    {"e", all.optional(all.symbols({"red", "green", "\xC3\xA9"}))},
                                                    {"p", all.optional(all.nested(point))},
                                                    {"l", all.list(type(EDDY_TYPE_I64))},
                                                    {"ll", all.optional(all.list(all.list(type(EDDY_TYPE_STRING))))},
                                                    {"m", all.optional(all.map(all.optional(type(EDDY_TYPE_STRING))))},
                                                    {"j", all.optional(type(EDDY_TYPE_JSON))},
                                                    {"a/b~", all.optional(type(EDDY_TYPE_U32))}}));
  };
  static const std::shared_ptr<const host::Model> model = make();
  return model;
}

// A short one, so that many a text fits.
inline const std::shared_ptr<const host::Model>& small_model() {
  static host::test::Declarations all;
  static const std::shared_ptr<const host::Model> model = *host::Model::compile(
      all.model("Event", {{"u", all.type(EDDY_TYPE_STRING), EDDY_FIELD_KEY}, {"n", all.type(EDDY_TYPE_I64)}}));
  return model;
}

}  // namespace eddy::fuzz
