// SPDX-License-Identifier: Apache-2.0
//
// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss over scores [N,C,...] and classes [N,...]:
// minus the log-probability of the right class, weighted by class, none for ignore_index; kept,
// summed, or averaged by weight. The second takes the logarithm of the softmax itself first, and
// can give it out.
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"ignore_index", AttrKind::integer},
                               {"reduction", AttrKind::string}};

template <bool kSoftmax>
constexpr const char* kName = kSoftmax ? "SoftmaxCrossEntropyLoss" : "NegativeLogLikelihoodLoss";

template <bool kSoftmax>
Status infer(const OpCall& call) {
  const char* op = kName<kSoftmax>;
  FETTLE_TRY(refuse_quantized(op, call));
  FETTLE_TRY(require_rank(op, "input", call.in[0], 2, kMaxRank));
  FETTLE_TRY(require_float(op, "input", call.in[0]));
  const Dims& x = call.in[0].dims;
  Dims target{x[0]};
  for (int i = 2; i < x.rank(); ++i) target.push_back(x[i]);
  FETTLE_TRY(require_dims(op, "target", call.in[1], target));
  if (call.in[1].dtype != DType::i64 && call.in[1].dtype != DType::i32) {
    return invalid_input(std::string(op) + ": classes should be i32 or i64");
  }
  if (call.has_in(2)) {
    FETTLE_TRY(require_dims(op, "weight", call.in[2], {x[1]}));
    FETTLE_TRY(require_float(op, "weight", call.in[2]));
  }
  const std::string_view reduction = call.attrs.get_string("reduction", "mean");
  if (reduction != "none" && reduction != "sum" && reduction != "mean") {
    return invalid_input(std::string(op) + ": reduction is unknown");
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = reduction == "none" ? target : Dims{};
  call.out[0].dynamic = any_dynamic(call);
  if (call.out.size() > 1) {
    call.out[1].dtype = call.in[0].dtype;
    call.out[1].dims = x;
    call.out[1].dynamic = call.out[0].dynamic;
  }
  return {};
}

// Scores of one position are `step` apart; the log of the sum of their exponentials.
template <class T>
double log_sum(const T* x, int64_t classes, int64_t step) {
  double top = -INFINITY, sum = 0;
  for (int64_t c = 0; c < classes; ++c) {
    top = std::fmax(top, static_cast<Accum<T>>(x[c * step]));
  }
  for (int64_t c = 0; c < classes; ++c) {
    sum += std::exp(static_cast<Accum<T>>(x[c * step]) - top);
  }
  return top + std::log(sum);
}

template <bool kSoftmax, class T>
Status run(const OpCall& call) {
  const Dims& dims = call.in[0].dims;
  const int64_t classes = dims[1], inner = dims.product(2, dims.rank());
  const std::string_view reduction = call.attrs.get_string("reduction", "mean");
  const bool ignores = call.attrs.has("ignore_index");
  const int64_t ignored = call.attrs.get_int("ignore_index", 0);
  T* log_probabilities =
      call.out.size() > 1 && call.out[1].data ? call.out[1].as_mutable<T>() : nullptr;
  double total = 0, weights = 0;
  for (int64_t p = 0; p < dims[0] * inner; ++p) {
    const int64_t at = p / inner * classes * inner + p % inner;
    const T* x = call.in[0].as<T>() + at;
    const double base = kSoftmax ? log_sum(x, classes, inner) : 0;
    for (int64_t c = 0; log_probabilities && c < classes; ++c) {
      log_probabilities[at + c * inner] =
          static_cast<T>(static_cast<Accum<T>>(static_cast<Accum<T>>(x[c * inner]) - base));
    }
    const int64_t label = value_at(call.in[1], p);
    double loss = 0, weight = 0;
    if (!ignores || label != ignored) {
      if (label < 0 || label >= classes) {
        return invalid_input(std::string(kName<kSoftmax>) + ": there is no class " +
                             std::to_string(label));
      }
      weight = call.has_in(2) ? number_at(call.in[2], label) : 1;
      loss = -(static_cast<Accum<T>>(x[label * inner]) - base) * weight;
    }
    if (reduction == "none") set_number(call.out[0], p, loss);
    total += loss;
    weights += weight;
  }
  if (reduction == "sum") set_number(call.out[0], 0, total);
  if (reduction == "mean") set_number(call.out[0], 0, total / weights);
  return {};
}

template <bool kSoftmax>
Status reference(const OpCall& call) {
  Status status;
  visit_float(call.in[0].dtype, [&]<class T>(T) { status = run<kSoftmax, T>(call); });
  return status;
}

Cost cost(const OpCall& call) { return {.flops = 4 * call.in[0].elements()}; }
std::vector<Case> cases() { return {}; }  // classes are values: conformance cases cover them

template <bool kSoftmax>
constexpr OpDef define(std::span<const OnnxRule> onnx) {
  return {.name = kName<kSoftmax>,
          .schema = Schema(2, 3, 1, kSoftmax ? 2 : 1, kAttrs),
          .infer = infer<kSoftmax>,
          .cost = cost,
          .reference = reference<kSoftmax>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases};
}

constexpr OnnxRule kPlain[] = {{"NegativeLogLikelihoodLoss"}},
                   kSoftmax[] = {{"SoftmaxCrossEntropyLoss"}};
constexpr OpDef kOps[] = {define<false>(kPlain), define<true>(kSoftmax)};

}  // namespace

FETTLE_OP_TABLE(class_loss, kOps)

}  // namespace fettle::ops
