// SPDX-License-Identifier: Apache-2.0
//
// LayerNormalization, RMSNormalization, InstanceNormalization and GroupNormalization: rows of the
// input are brought to mean 0 (not RMS) and unit variance, then scaled and shifted. They differ in
// what a row is and which element of scale and bias belongs to an element of the row.
//
//   Layer, RMS   row: axes [axis, rank)          scale, bias: broadcast to the input
//   Instance     row: one channel's image        scale, bias: [C]
//   Group        row: C/num_groups channels      scale, bias: [C], before opset 21 [num_groups]
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

enum class NormKind : uint8_t { layer, rms, instance, group };

template <NormKind kKind>
constexpr const char* kName = kKind == NormKind::layer      ? "LayerNormalization"
                              : kKind == NormKind::rms      ? "RMSNormalization"
                              : kKind == NormKind::instance ? "InstanceNormalization"
                                                            : "GroupNormalization";

constexpr AttrSpec kLayerAttrs[] = {
    {"axis", AttrKind::integer}, {"epsilon", AttrKind::real}, {"stash_type", AttrKind::integer}};
constexpr AttrSpec kInstanceAttrs[] = {{"epsilon", AttrKind::real}, {"layout", AttrKind::string}};
constexpr AttrSpec kGroupAttrs[] = {{"epsilon", AttrKind::real},
                                    {"num_groups", AttrKind::integer},
                                    {"stash_type", AttrKind::integer}};

// Element i of row r is at start(r) + i * step.
struct Rows {
  int64_t count = 0, length = 0, step = 1;
  int64_t channels = 0;     // nhwc: rows alternate within an image
  int64_t scale_group = 0;  // > 0: elements that share a scale, in order, within a row
  int64_t scales = 0;       // how many scales there are in all, for scale_group > 0
  int axis = 0;
  int64_t start(int64_t r) const {
    return step == 1 ? r * length : r / channels * channels * length + r % channels;
  }
};

template <NormKind kKind>
Status resolve(const OpCall& call, Rows* s) {
  const char* op = kName<kKind>;
  const Dims& x = call.in[0].dims;
  if (kKind == NormKind::layer || kKind == NormKind::rms) {
    FETTLE_TRY(require_rank(op, "input", call.in[0], 1, kMaxRank));
    FETTLE_TRY(normalize_axis(op, call.attrs.get_int("axis", -1), x.rank(), &s->axis));
    s->count = x.product(0, s->axis);
    s->length = x.product(s->axis, x.rank());
    for (size_t i = 1; i < call.in.size(); ++i) {
      if (!call.has_in(i)) continue;
      Dims both;
      FETTLE_TRY(broadcast(op, call.in[i].dims, x, &both));
      FETTLE_TRY(require_dims(op, "scale or bias, broadcast,", {DType::f32, false, both}, x));
    }
    return {};
  }
  FETTLE_TRY(require_rank(op, "input", call.in[0], 2, kMaxRank));
  bool nhwc = false;
  FETTLE_TRY(parse_layout(op, call.attrs, &nhwc));
  const int64_t channels = nhwc ? x.back() : x[1];
  const int64_t image = spatial_of(x, nhwc).elements();
  const int64_t groups = kKind == NormKind::group ? call.attrs.get_int("num_groups", 0) : channels;
  if (groups < 1 || channels % groups != 0) {
    if (channels != 0) {
      return invalid_input(std::string(op) + ": " + std::to_string(channels) +
                           " channels do not make " + std::to_string(groups) + " groups");
    }
  }
  const int64_t per_group = channels == 0 ? 0 : channels / groups;
  s->count = x[0] * groups;
  s->length = per_group * image;
  s->channels = channels;
  s->step = nhwc ? channels : 1;
  s->scales = call.in[1].elements();
  s->scale_group = s->scales == channels ? image : s->length;
  const bool fits = s->scales == channels || (kKind == NormKind::group && s->scales == groups);
  for (size_t i = 1; i < 3; ++i) {
    if (!fits || call.in[i].dims.rank() != 1 || call.in[i].elements() != s->scales) {
      return invalid_input(std::string(op) + ": a scale or bias of " + call.in[i].dims.to_string() +
                           " for " + std::to_string(channels) + " channels");
    }
  }
  return {};
}

template <NormKind kKind>
Status infer(const OpCall& call) {
  Rows s;
  FETTLE_TRY(resolve<kKind>(call, &s));
  FETTLE_TRY(refuse_quantized(kName<kKind>, call));
  for (size_t i = 0; i < call.in.size(); ++i) {
    if (call.has_in(i)) FETTLE_TRY(require_float(kName<kKind>, "operand", call.in[i]));
  }
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  for (size_t i = 1; i < call.out.size(); ++i) {  // mean and inverse deviation
    call.out[i].dtype = DType::f32;
    call.out[i].dims = call.in[0].dims;
    for (int a = s.axis; a < call.in[0].dims.rank(); ++a) call.out[i].dims[a] = 1;
    call.out[i].dynamic = call.out[0].dynamic;
  }
  return {};
}

// Which element of an operand, broadcast to `dims`, belongs to element i.
int64_t broadcast_index(const Strides& steps, const Dims& dims, int64_t i) {
  int64_t at = 0;
  for (int a = dims.rank() - 1; a >= 0; --a) {
    at += i % dims[a] * steps.step[a];
    i /= dims[a];
  }
  return at;
}

struct Operand {
  const TensorView* view;
  Strides steps;
  bool whole_row;  // as long as a row, in the same order
};

double operand_at(const Operand& o, const Rows& s, const Dims& dims, int64_t r, int64_t i) {
  if (s.scale_group > 0) {
    return number_at(*o.view, (r * (s.length / s.scale_group) + i / s.scale_group) % s.scales);
  }
  return number_at(*o.view, o.whole_row ? i : broadcast_index(o.steps, dims, r * s.length + i));
}

Operand operand(const OpCall& call, size_t i, const Rows& s) {
  const Dims& x = call.in[0].dims;
  Operand o{&call.in[i], broadcast_strides(call.in[i].dims, x), false};
  o.whole_row = s.scale_group == 0 && call.in[i].dims == Dims(x.begin() + s.axis, x.end());
  return o;
}

template <class T>
void normalize_rows(const OpCall& call, const Rows& s, bool center) {
  const T* x = call.in[0].as<T>();
  T* out = call.out[0].as_mutable<T>();
  const double epsilon = call.attrs.get_float("epsilon", 1e-5f);
  const bool shifted = call.has_in(2);
  const Operand scale = operand(call, 1, s), bias = operand(call, shifted ? 2 : 1, s);
  const Dims& dims = call.in[0].dims;
  for (int64_t r = 0; r < s.count; ++r) {
    const T* xr = x + s.start(r);
    T* to = out + s.start(r);
    double sum = 0, squares = 0;
    for (int64_t i = 0; center && i < s.length; ++i) sum += static_cast<Accum<T>>(xr[i * s.step]);
    const double mean = center ? sum / static_cast<double>(s.length) : 0;
    for (int64_t i = 0; i < s.length; ++i) {
      const double d = static_cast<Accum<T>>(xr[i * s.step]) - mean;
      squares += d * d;
    }
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(s.length) + epsilon);
    if (call.out.size() > 1 && call.out[1].data) set_number(call.out[1], r, mean);
    if (call.out.size() > 2 && call.out[2].data) set_number(call.out[2], r, inverse);
    for (int64_t i = 0; i < s.length; ++i) {
      const double v = (static_cast<Accum<T>>(xr[i * s.step]) - mean) * inverse *
                       operand_at(scale, s, dims, r, i);
      to[i * s.step] =
          static_cast<T>(static_cast<Accum<T>>(shifted ? v + operand_at(bias, s, dims, r, i) : v));
    }
  }
}

template <NormKind kKind>
Status reference(const OpCall& call) {
  Rows s;
  FETTLE_TRY(resolve<kKind>(call, &s));
  visit_float(call.in[0].dtype,
              [&]<class T>(T) { normalize_rows<T>(call, s, kKind != NormKind::rms); });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 7 * call.in[0].elements()}; }

Status read_instance(ir::Graph&, ir::Node* node, int) {
  node->attrs.erase("consumed_inputs");
  return {};
}

std::vector<Case> layer_cases() {
  return {{.name = "last_axis",
           .inputs = {f32({2, 7, 48}), f32({48}), f32({48})},
           .constants = {1, 2}}};
}
std::vector<Case> rms_cases() {
  return {{.name = "last_axis", .inputs = {f32({2, 7, 48}), f32({48})}, .constants = {1}}};
}
std::vector<Case> instance_cases() {
  return {{.name = "nchw", .inputs = {f32({2, 5, 6, 4}), f32({5}), f32({5})}, .constants = {1, 2}},
          {.name = "nhwc",
           .attrs = {{"layout", "nhwc"}},
           .inputs = {f32({2, 6, 4, 5}), f32({5}), f32({5})},
           .constants = {1, 2}}};
}
std::vector<Case> group_cases() {
  return {{.name = "two_groups",
           .attrs = {{"num_groups", int64_t{2}}},
           .inputs = {f32({2, 6, 3, 4}), f32({6}), f32({6})},
           .constants = {1, 2}}};
}

template <NormKind kKind>
constexpr OpDef define(Schema schema, std::span<const OnnxRule> onnx,
                       std::vector<Case> (*cases)()) {
  return {.name = kName<kKind>,
          .schema = schema,
          .infer = infer<kKind>,
          .cost = cost,
          .reference = reference<kKind>,
          .scratch = kNotApplicable,
          .in_place = in_place_first,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases};
}

constexpr OnnxRule kLayer[] = {{"LayerNormalization"}}, kRms[] = {{"RMSNormalization"}},
                   kInstance[] = {{"InstanceNormalization", 1, read_instance}},
                   kGroup[] = {{"GroupNormalization"}};
constexpr OpDef kOps[] = {
    define<NormKind::layer>(Schema(2, 3, 1, 3, kLayerAttrs), kLayer, layer_cases),
    define<NormKind::rms>(Schema(2, 2, 1, 1, kLayerAttrs), kRms, rms_cases),
    define<NormKind::instance>(Schema(3, 3, 1, 1, kInstanceAttrs), kInstance, instance_cases),
    define<NormKind::group>(Schema(3, 3, 1, 1, kGroupAttrs), kGroup, group_cases),
};

}  // namespace

FETTLE_OP_TABLE(normalize, kOps)

}  // namespace fettle::ops
