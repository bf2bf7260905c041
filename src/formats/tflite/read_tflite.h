// SPDX-License-Identifier: Apache-2.0
//
// Reads a TFLite model. The file is verified as a flatbuffer, then every index, shape and buffer
// is checked before it is used; each operator becomes a node named after its builtin, its options
// become attributes, and the TFLite rule of the operator that takes the builtin rewrites it.
//
// What the graph then holds:
// - Quantized 8-bit activations are int8. A uint8 tensor with zero point z is stored as int8 with
//   z - 128 (constants likewise); an input or output of the graph stays uint8, with a Requantize
//   beside it.
// - int8 weights under a float operator (the "dynamic range" form) become the floats they stand
//   for; int4 constants are unpacked to int8.
// - Constants borrow the mapped file where their alignment allows.
// - metadata: "description", and of TFLite Model Metadata "labels" (one a line), "mean" and "std"
//   (numbers with spaces between).
//
// Not taken, each with an error that says so: more than one subgraph (control flow), variables,
// strings, complex numbers, sparse weights, custom operators without a rule.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "ir/graph.h"

namespace fettle::formats {

Result<std::unique_ptr<ir::Graph>> read_tflite(const std::string& path);
// `owner` keeps `bytes` alive for the constants that borrow them; without one they are copied.
Result<std::unique_ptr<ir::Graph>> read_tflite(std::span<const std::byte> bytes,
                                               std::shared_ptr<const void> owner);

}  // namespace fettle::formats
