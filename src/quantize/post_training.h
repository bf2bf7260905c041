// SPDX-License-Identifier: Apache-2.0
//
// Post-training quantization to int8: every operator that has an integer form runs in integers,
// with Quantize and Dequantize where integers and floats meet.
//
//   before: Conv(x, w, b)                        all f32
//   after:  Conv(q(x), w_i8, b_i32)              i8 in, i8 out
//
// Activations are affine int8 per tensor, their ranges from calibration; weights symmetric int8
// in [-127, 127] per output channel; biases int32 of scale x * w (docs/arithmetic.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "quantize/calibrate.h"

namespace fettle::quantize {

struct PostTrainingReport {
  int integer_nodes = 0, float_nodes = 0;
  std::vector<std::string> kept_float;  // "Softmax 'prob': no integer form", one each
};

// The graph is typed and optimized, but for activations other than clamps and for residuals,
// which have no fused integer form.
Result<PostTrainingReport> quantize_int8(ir::Graph& graph, const Distributions& distributions);

// The whole of it for a graph as a reader made it: binds, optimizes as far as integers allow,
// calibrates and quantizes. `sample(i, like)` gives input 0 (of type `like`) of sample i, nothing
// past the last.
using InputSource = std::function<Result<std::optional<Tensor>>(int64_t i, const TensorView& like)>;
Result<PostTrainingReport> post_training_int8(ir::Graph& graph, const passes::Bindings& bindings,
                                              passes::PipelineOptions pipeline,
                                              const InputSource& sample, int threads);

// Symmetric int8 weights, one scale per index of `axis`.
Tensor quantize_weights(const Tensor& weights, int axis);

}  // namespace fettle::quantize
