// SPDX-License-Identifier: Apache-2.0
//
// Pad: adds elements around a tensor, or with negative pads takes some away. Modes: constant,
// edge, reflect (without the border), wrap, and TFLite's symmetric (with the border). Constants
// around a quantized tensor are its zero point unless given.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/element_size.h"
#include "ops/operands.h"
#include "ops/pad/rules.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"
#include "ops/strided_copy.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"mode", AttrKind::string}};

enum class Mode { constant, edge, reflect, wrap, symmetric };

struct Plan {
  Mode mode = Mode::constant;
  int64_t before[kMaxRank] = {}, after[kMaxRank] = {};
};

Status parse_mode(std::string_view name, Mode* mode) {
  if (name == "constant")
    *mode = Mode::constant;
  else if (name == "edge")
    *mode = Mode::edge;
  else if (name == "reflect")
    *mode = Mode::reflect;
  else if (name == "wrap")
    *mode = Mode::wrap;
  else if (name == "symmetric")
    *mode = Mode::symmetric;
  else
    return unsupported("Pad: there is no mode '" + std::string(name) + "'");
  return {};
}

Status resolve(const OpCall& call, Plan* plan) {
  const Dims& dims = call.in[0].dims;
  FETTLE_TRY(parse_mode(call.attrs.get_string("mode", "constant"), &plan->mode));
  SmallInts axes = all_axes(dims.rank());
  if (call.has_in(3)) {
    FETTLE_TRY(read_ints("Pad", "axes", call, 3, &axes));
    FETTLE_TRY(normalize_axes("Pad", dims.rank(), &axes));
  }
  const TensorView& pads = call.in[1];
  if (!has_values(call, 1)) return needs_value("Pad", "pads");
  if ((pads.dtype != DType::i64 && pads.dtype != DType::i32) || pads.elements() != 2 * axes.count) {
    return invalid_input("Pad: pads should be " + std::to_string(2 * axes.count) + " integers");
  }
  for (int k = 0; k < axes.count; ++k) {
    const int i = static_cast<int>(axes[k]);
    const int64_t before = value_at(pads, k), after = value_at(pads, axes.count + k);
    if (before < -dims[i] || after < -dims[i] || before > kMaxElements || after > kMaxElements ||
        dims[i] + before + after < 0) {
      return invalid_input("Pad: pads " + std::to_string(before) + " and " + std::to_string(after) +
                           " do not fit extent " + std::to_string(dims[i]));
    }
    if (dims[i] == 0 && plan->mode != Mode::constant && before + after > 0) {
      return invalid_input("Pad: nothing to repeat along an empty axis");
    }
    plan->before[i] = before;
    plan->after[i] = after;
  }
  return {};
}

Status infer(const OpCall& call) {
  Plan plan;
  FETTLE_TRY(resolve(call, &plan));
  if (call.has_in(2)) {
    FETTLE_TRY(require_same_dtype("Pad", call.in[0], call.in[2]));
    if (call.in[2].elements() != 1) return invalid_input("Pad: its constant is not one element");
  }
  FETTLE_TRY(inherit_quant("Pad", call));
  TensorView& y = call.out[0];
  y.dtype = call.in[0].dtype;
  y.dynamic = any_dynamic(call);
  y.dims = call.in[0].dims;
  for (int i = 0; i < y.dims.rank(); ++i) y.dims[i] += plan.before[i] + plan.after[i];
  return {};
}

void pad_constant(const OpCall& call, const Plan& plan) {
  const TensorView &x = call.in[0], &y = call.out[0];
  const size_t size = size_of(x.dtype);
  int64_t value = 0;  // little-endian: the low bytes of an integer of any size
  if (call.has_in(2))
    std::memcpy(&value, call.in[2].data, size);
  else if (x.quant)
    value = x.quant->zero_point[0];
  fill(size, &value, y.data, y.elements());

  const Strides from = row_major_strides(x.dims), to = row_major_strides(y.dims);
  CopyAxis axes[kMaxRank];
  int64_t src = 0, dst = 0;
  for (int i = 0; i < x.dims.rank(); ++i) {  // what is left of x
    const int64_t first = std::max<int64_t>(0, -plan.before[i]);
    const int64_t last = x.dims[i] - std::max<int64_t>(0, -plan.after[i]);
    if (last <= first) return;
    axes[i] = {last - first, from.step[i], to.step[i]};
    src += first * from.step[i];
    dst += std::max<int64_t>(0, plan.before[i]) * to.step[i];
  }
  copy_strided(size, static_cast<const char*>(x.data) + static_cast<size_t>(src) * size,
               static_cast<char*>(y.data) + static_cast<size_t>(dst) * size,
               {axes, static_cast<size_t>(x.dims.rank())});
}

// Which element of an axis stands at position i, which may lie outside [0, n).
int64_t source(Mode mode, int64_t i, int64_t n) {
  const auto modulo = [](int64_t a, int64_t m) { return (a % m + m) % m; };
  switch (mode) {
    case Mode::edge:
      return std::clamp<int64_t>(i, 0, n - 1);
    case Mode::wrap:
      return modulo(i, n);
    case Mode::reflect: {
      if (n == 1) return 0;
      const int64_t k = modulo(i, 2 * n - 2);
      return k < n ? k : 2 * n - 2 - k;
    }
    default: {
      const int64_t k = modulo(i, 2 * n);
      return k < n ? k : 2 * n - 1 - k;
    }
  }
}

template <class T>
void pad_repeating(const OpCall& call, const Plan& plan) {
  const TensorView &x = call.in[0], &y = call.out[0];
  const T* from = static_cast<const T*>(x.data);
  T* to = static_cast<T*>(y.data);
  const int last = x.dims.rank() - 1;
  const Strides strides = row_major_strides(x.dims);
  int64_t index[kMaxRank] = {};
  const int64_t rows = y.dims.product(0, last);
  for (int64_t r = 0; r < rows; ++r) {
    int64_t at = 0;
    for (int i = 0; i < last; ++i) {
      at += source(plan.mode, index[i] - plan.before[i], x.dims[i]) * strides.step[i];
    }
    const int64_t n = y.dims[last], m = x.dims[last], before = plan.before[last];
    for (int64_t j = 0; j < n; ++j) {
      const int64_t k = j - before;
      to[j] = from[at + (k >= 0 && k < m ? k : source(plan.mode, k, m))];
    }
    to += n;
    for (int i = last - 1; i >= 0 && ++index[i] == y.dims[i]; --i) index[i] = 0;
  }
}

Status reference(const OpCall& call) {
  Plan plan;
  FETTLE_TRY(resolve(call, &plan));
  if (call.out[0].elements() == 0) return {};
  if (plan.mode == Mode::constant || call.in[0].dims.rank() == 0) {
    pad_constant(call, plan);
  } else {
    visit_element_size(size_of(call.in[0].dtype),
                       [&]<class T>(T) { pad_repeating<T>(call, plan); });
  }
  return {};
}

constexpr OnnxRule kOnnx[] = {{"Pad", 1, read_pad, write_pad}};
constexpr TfliteRule kTflite[] = {
    {"PAD", from_tflite_pad}, {"PADV2", from_tflite_pad}, {"MIRROR_PAD", from_tflite_mirror_pad}};
constexpr OpDef kOps[] = {{.name = "Pad",
                           .schema = Schema(2, 4, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};  // its pads would have to be constants

}  // namespace

FETTLE_OP_TABLE(pad, kOps)

}  // namespace fettle::ops
