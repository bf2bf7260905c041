// SPDX-License-Identifier: Apache-2.0
//
// An operator's options as attributes. Builtin options are walked by reflection over schema.fbs,
// so every field of every table there arrives under its own name, absent ones with the schema's
// default: numbers as integers or reals, booleans as 0 or 1, enumerators as their names ("SAME",
// "RELU6"), element types as ours ("i64"). Custom options are a flexbuffer: the scalars of its
// map arrive under their keys.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/attributes.h"
#include "base/dtype.h"
#include "base/status.h"

namespace flatbuffers {
class Table;
}

namespace fettle::formats::tflite {

// The element type that a TensorType of the schema stands for; none where there is none here.
DType dtype_of(int tensor_type);

// `table` has been verified, or is null (every option has its default, if `type` is known).
Attributes builtin_options(uint8_t type, const flatbuffers::Table* table);
Result<Attributes> custom_options(std::span<const uint8_t> flexbuffer);

}  // namespace fettle::formats::tflite
