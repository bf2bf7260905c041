// SPDX-License-Identifier: Apache-2.0
//
// BatchNormalization: y = (x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + bias[c].
// In training mode mean and variance are the batch's own, and outputs 1 and 2 are the running
// ones: old * momentum + batch * (1 - momentum).
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"epsilon", AttrKind::real},
                               {"momentum", AttrKind::real},
                               {"training_mode", AttrKind::integer},
                               {"layout", AttrKind::string}};

// x as [outer, channels, inner].
struct Channels {
  int64_t outer = 1, channels = 1, inner = 1;
};

Status resolve(const OpCall& call, Channels* s) {
  bool nhwc;
  FETTLE_TRY(parse_layout("BatchNormalization", call.attrs, &nhwc));
  const Dims& x = call.in[0].dims;
  if (x.rank() < 1) return invalid_input("BatchNormalization of a scalar");
  if (x.rank() == 1) {  // a batch of one channel
    s->outer = x[0];
    return {};
  }
  const int axis = nhwc ? x.rank() - 1 : 1;
  *s = {x.product(0, axis), x[axis], x.product(axis + 1, x.rank())};
  return {};
}

Status infer(const OpCall& call) {
  Channels s;
  FETTLE_TRY(resolve(call, &s));
  FETTLE_TRY(refuse_quantized("BatchNormalization", call));
  const char* names[] = {"input", "scale", "bias", "mean", "variance"};
  for (size_t i = 0; i < 5; ++i) {
    if (!call.has_in(i)) return invalid_input("BatchNormalization needs five inputs");
    FETTLE_TRY(require_float("BatchNormalization", names[i], call.in[i]));
    if (i > 0) FETTLE_TRY(require_dims("BatchNormalization", names[i], call.in[i], {s.channels}));
  }
  if (call.out.size() > 1 && call.attrs.get_int("training_mode", 0) == 0) {
    return unsupported("BatchNormalization: running statistics outside training mode");
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = any_dynamic(call);
  for (size_t i = 1; i < call.out.size(); ++i) {
    call.out[i].dtype = call.in[i + 2].dtype;
    call.out[i].dims = {s.channels};
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 2 * call.in[0].elements()}; }

template <class T>
void batch_statistics(const Channels& s, const T* x, int64_t c, double* mean, double* variance) {
  const double count = static_cast<double>(s.outer * s.inner);
  double sum = 0, squares = 0;
  for (int64_t n = 0; n < s.outer; ++n) {
    const T* xr = x + (n * s.channels + c) * s.inner;
    for (int64_t i = 0; i < s.inner; ++i) sum += static_cast<Accum<T>>(xr[i]);
  }
  *mean = count > 0 ? sum / count : 0;
  for (int64_t n = 0; n < s.outer; ++n) {
    const T* xr = x + (n * s.channels + c) * s.inner;
    for (int64_t i = 0; i < s.inner; ++i) {
      const double d = static_cast<Accum<T>>(xr[i]) - *mean;
      squares += d * d;
    }
  }
  *variance = count > 0 ? squares / count : 0;
}

template <class T>
void normalize(const OpCall& call, const Channels& s) {
  using A = Accum<T>;
  const T* x = call.in[0].as<T>();
  T* out = call.out[0].as_mutable<T>();
  const bool training = call.attrs.get_int("training_mode", 0) != 0;
  const double epsilon = call.attrs.get_float("epsilon", 1e-5f);
  const double momentum = call.attrs.get_float("momentum", 0.9f);
  for (int64_t c = 0; c < s.channels; ++c) {
    double mean = number_at(call.in[3], c), variance = number_at(call.in[4], c);
    if (training) {
      double now[2];
      batch_statistics(s, x, c, &now[0], &now[1]);
      for (size_t i = 0; i < 2 && i + 1 < call.out.size(); ++i) {
        const double before = i == 0 ? mean : variance;
        set_number(call.out[i + 1], c, before * momentum + now[i] * (1 - momentum));
      }
      mean = now[0];
      variance = now[1];
    }
    const auto factor = static_cast<A>(number_at(call.in[1], c) / std::sqrt(variance + epsilon));
    const auto middle = static_cast<A>(mean), bias = static_cast<A>(number_at(call.in[2], c));
    for (int64_t n = 0; n < s.outer; ++n) {
      const int64_t at = (n * s.channels + c) * s.inner;
      for (int64_t i = 0; i < s.inner; ++i) {
        out[at + i] = static_cast<T>((static_cast<A>(x[at + i]) - middle) * factor + bias);
      }
    }
  }
}

Status reference(const OpCall& call) {
  Channels s;
  FETTLE_TRY(resolve(call, &s));
  visit_float(call.in[0].dtype, [&]<class T>(T) { normalize<T>(call, s); });
  return {};
}

bool in_place(const OpCall& call, int input) {
  return input == 0 && call.attrs.get_int("training_mode", 0) == 0;
}

// Older forms said `is_test` or `spatial`, and had up to four outputs of training.
Status read_onnx(ir::Graph&, ir::Node* node, int opset) {
  if (opset >= 14) return {};
  if (node->attrs.get_int("spatial", 1) == 0) {
    return unsupported("BatchNormalization with spatial = 0", node->label());
  }
  for (const char* name : {"spatial", "is_test", "consumed_inputs"}) node->attrs.erase(name);
  while (node->outputs.size() > 1) {
    ir::Value* extra = node->outputs.back();
    if (extra && !extra->uses.empty()) {
      return unsupported("statistics of a BatchNormalization before opset 14", node->label());
    }
    if (extra) extra->producer = nullptr;
    node->outputs.pop_back();
  }
  return {};
}

std::vector<Case> cases() {
  return {{.name = "image",
           .inputs = {f32({2, 5, 4, 3}), f32({5}), f32({5}), f32({5}), f32({5})},
           .low = 0.1,
           .constants = {1, 2, 3, 4}},
          {.name = "matrix",
           .inputs = {f32({4, 6}), f32({6}), f32({6}), f32({6}), f32({6})},
           .low = 0.1,
           .constants = {1, 2, 3, 4}}};
}

constexpr OnnxRule kOnnx[] = {{"BatchNormalization", 1, read_onnx}};
constexpr OpDef kOps[] = {{
    .name = "BatchNormalization",
    .schema = Schema(5, 5, 1, 3, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = in_place,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(batch_norm, kOps)

}  // namespace fettle::ops
