// SPDX-License-Identifier: Apache-2.0
//
// Post-training quantization: every operator that has an integer form runs in integers, with
// Quantize and Dequantize where integers and floats meet.
//
//   before: Conv(x, w, b)                        all f32
//   int8:   Conv(q(x), w_i8, b_i32)              i8 in, i8 out
//   int16:  Conv(q(x), w_i8, b_i64)              i16 in, i16 out
//
// Activations are int8 (affine) or int16 (symmetric) per tensor, their ranges from calibration;
// weights symmetric int8 in [-127, 127] per output channel; biases of scale x * w
// (docs/arithmetic.md).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "quantize/calibrate.h"

namespace fettle::quantize {

// The type of activations; both have int8 weights.
enum class Scheme : uint8_t { int8, int16 };

struct PostTrainingReport {
  int integer_nodes = 0, float_nodes = 0;
  std::vector<std::string> kept_float;  // "Softmax 'prob': no integer form", one each
};

// The graph is typed and optimized, but for activations other than clamps and for residuals,
// which have no fused integer form.
Result<PostTrainingReport> quantize(ir::Graph& graph, Scheme scheme,
                                    const Distributions& distributions);

// The whole of it for a graph as a reader made it: binds, optimizes as far as integers allow,
// calibrates and quantizes. `sample(i, like)` gives input 0 (of type `like`) of sample i, nothing
// past the last.
using InputSource = std::function<Result<std::optional<Tensor>>(int64_t i, const TensorView& like)>;
Result<PostTrainingReport> post_training(ir::Graph& graph, Scheme scheme,
                                         const passes::Bindings& bindings,
                                         passes::PipelineOptions pipeline,
                                         const InputSource& sample, int threads);

// Symmetric int8 weights, one scale per index of `axis`.
// A channel's scale is no less than its entry in `least_scales`, where there are any.
Tensor quantize_weights(const Tensor& weights, int axis, std::span<const float> least_scales = {});
// A bias as sums begin with it: one code for each of the weights' scales, in units of that scale
// times the activation's. i32 or i64.
Tensor quantize_bias(const Tensor& bias, float x_scale, const Quantization& weights, DType type);
// A constant operand as codes of `type`, i8 or i16.
Tensor quantize_constant(const Tensor& reals, DType type,
                         std::shared_ptr<const Quantization> quant);

}  // namespace fettle::quantize
