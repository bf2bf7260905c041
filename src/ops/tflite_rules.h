// SPDX-License-Identifier: Apache-2.0
//
// What the rules that read TFLite's operators share: their options arrive as attributes under the
// schema's field names and leave as ours.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// Moves integer attribute pair (`h`, `w`) into the list `name`; a missing one reads as 1.
void pair_to_list(Attributes& attrs, const char* h, const char* w, const char* name);
// "SAME"/"VALID" in attribute padding becomes auto_pad.
Status read_tflite_padding(Attributes& attrs);
// An error where one of the first `count` inputs is absent.
Status need_inputs(const ir::Node& node, size_t count);
// The shape of a constant, or an error that names node and input.
Result<const Tensor*> constant_input(const ir::Node& node, size_t index, const char* what);

}  // namespace fettle::ops
