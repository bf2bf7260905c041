// SPDX-License-Identifier: Apache-2.0
//
// Reshape, Flatten, Squeeze and Unsqueeze: the same elements under other extents. Lowering lets
// them share their input's memory, so the copy here is the exception.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/reshape/rules.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kReshapeAttrs[] = {{"allowzero", AttrKind::integer}};
constexpr AttrSpec kFlattenAttrs[] = {{"axis", AttrKind::integer}};

Status relabel(const char* op, const OpCall& call, const Dims& dims) {
  FETTLE_TRY(inherit_quant(op, call));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

// To a shape of which only bounds are known: the largest that each extent can be.
Status infer_bounded_reshape(const OpCall& call, const SmallInts& most, bool keep_zero) {
  const Dims& from = call.in[0].dims;
  const TensorView least = call.in[1].bounds->least.view();
  const int64_t elements = std::max<int64_t>(from.elements(), 1);
  Dims to;
  int wildcard = -1;
  int64_t rest = 1;  // the least that the others multiply to
  for (int i = 0; i < most.count; ++i) {
    const int64_t low = value_at(least, i);
    if (most[i] == -1 && wildcard < 0) {
      wildcard = i;
      to.push_back(1);
      continue;
    }
    if (low < 0) return needs_value("Reshape", "shape");
    const bool may_copy = low == 0 && !keep_zero && i < from.rank();
    to.push_back(std::min(may_copy ? std::max(most[i], from[i]) : most[i], elements));
    rest = std::min(rest, kMaxElements / std::max<int64_t>(low, 1)) * std::max<int64_t>(low, 1);
  }
  if (wildcard >= 0) to[wildcard] = elements / rest;
  FETTLE_TRY(relabel("Reshape", call, to));
  call.out[0].dynamic = true;
  return {};
}

Status infer_reshape(const OpCall& call) {
  const Dims& from = call.in[0].dims;
  SmallInts shape;
  FETTLE_TRY(read_most("Reshape", "shape", call, 1, &shape));
  const bool keep_zero = call.attrs.get_int("allowzero") != 0;
  if (shape.bounded) return infer_bounded_reshape(call, shape, keep_zero);
  Dims to;
  int wildcard = -1;
  for (int i = 0; i < shape.count; ++i) {
    int64_t e = shape[i];
    if (e == -1 && wildcard < 0) {
      wildcard = i;
      e = 1;
    } else if (e == 0 && !keep_zero) {
      if (i >= from.rank())
        return invalid_input("Reshape: extent 0 copies an axis that is not there");
      e = from[i];
    }
    to.push_back(e);
  }
  if (!to.valid()) return invalid_input("Reshape to an impossible shape " + to.to_string());
  if (wildcard >= 0) {
    const int64_t rest = to.elements();
    to[wildcard] = rest == 0 ? 0 : from.elements() / rest;
  }
  if (to.elements() != from.elements()) {
    return invalid_input("Reshape: " + from.to_string() + " does not fill " + to.to_string());
  }
  return relabel("Reshape", call, to);
}

Status infer_flatten(const OpCall& call) {
  const Dims& from = call.in[0].dims;
  int64_t axis = call.attrs.get_int("axis", 1);
  if (axis < -from.rank() || axis > from.rank()) {
    return invalid_input("Flatten: axis " + std::to_string(axis) + " is outside " +
                         from.to_string());
  }
  if (axis < 0) axis += from.rank();
  const int split = static_cast<int>(axis);
  return relabel("Flatten", call, {from.product(0, split), from.product(split, from.rank())});
}

Status infer_squeeze(const OpCall& call) {
  const Dims& from = call.in[0].dims;
  SmallInts axes;
  if (call.has_in(1)) {
    FETTLE_TRY(read_ints("Squeeze", "axes", call, 1, &axes));
    FETTLE_TRY(normalize_axes("Squeeze", from.rank(), &axes));
  } else {
    for (int i = 0; i < from.rank(); ++i) {
      if (from[i] == 1) axes.value[axes.count++] = i;
    }
  }
  unsigned gone = 0;
  for (int i = 0; i < axes.count; ++i) {
    if (from[static_cast<int>(axes[i])] != 1) {
      return invalid_input("Squeeze: axis " + std::to_string(axes[i]) + " of " + from.to_string() +
                           " is not of extent 1");
    }
    gone |= 1u << axes[i];
  }
  Dims to;
  for (int i = 0; i < from.rank(); ++i) {
    if (!(gone >> i & 1u)) to.push_back(from[i]);
  }
  return relabel("Squeeze", call, to);
}

Status infer_unsqueeze(const OpCall& call) {
  const Dims& from = call.in[0].dims;
  SmallInts axes;
  FETTLE_TRY(read_ints("Unsqueeze", "axes", call, 1, &axes));
  const int rank = from.rank() + axes.count;
  if (rank > kMaxRank) return unsupported("Unsqueeze past rank " + std::to_string(kMaxRank));
  FETTLE_TRY(normalize_axes("Unsqueeze", rank, &axes));
  unsigned added = 0;
  for (int i = 0; i < axes.count; ++i) added |= 1u << axes[i];
  Dims to;
  for (int i = 0, k = 0; i < rank; ++i) to.push_back(added >> i & 1u ? 1 : from[k++]);
  return relabel("Unsqueeze", call, to);
}

Status reference(const OpCall& call) {
  if (call.out[0].data != call.in[0].data) {
    std::memcpy(call.out[0].data, call.in[0].data, call.in[0].bytes());
  }
  return {};
}

std::vector<Case> cases_flatten() {
  return {{.name = "axis1", .inputs = {f32({2, 3, 5})}},
          {.name = "axis0", .attrs = {{"axis", int64_t{0}}}, .inputs = {f32({2, 3, 5})}}};
}
std::vector<Case> cases_squeeze() { return {{.name = "all", .inputs = {f32({1, 3, 1, 5})}}}; }

constexpr OpDef define(std::string_view name, Schema schema, Status (*infer)(const OpCall&),
                       std::span<const OnnxRule> onnx, Facet<std::span<const TfliteRule>> tflite,
                       Facet<std::vector<Case> (*)()> cases) {
  return {.name = name,
          .schema = schema,
          .infer = infer,
          .cost = kNotApplicable,
          .reference = reference,
          .scratch = kNotApplicable,
          .in_place = in_place_first,
          .rows = kNotApplicable,
          .quant = QuantRule::pass_through,
          .onnx = onnx,
          .tflite = tflite,
          .cases = cases};
}

constexpr OnnxRule kReshape[] = {{"Reshape", 1, read_reshape}}, kFlatten[] = {{"Flatten"}},
                   kSqueeze[] = {{"Squeeze", 1, read_axes_attribute}},
                   kUnsqueeze[] = {{"Unsqueeze", 1, read_axes_attribute}};
constexpr TfliteRule kTfliteReshape[] = {{"RESHAPE", from_tflite_reshape}},
                     kTfliteSqueeze[] = {{"SQUEEZE", from_tflite_squeeze}},
                     kTfliteUnsqueeze[] = {{"EXPAND_DIMS"}};
// Reshape and Unsqueeze have no cases: an example's shape would have to be a constant.
constexpr OpDef kOps[] = {
    define("Reshape", Schema(2, 2, 1, 1, kReshapeAttrs), infer_reshape, kReshape, kTfliteReshape,
           kNotApplicable),
    define("Flatten", Schema(1, 1, 1, 1, kFlattenAttrs), infer_flatten, kFlatten, kNotApplicable,
           cases_flatten),
    define("Squeeze", Schema(1, 2, 1, 1), infer_squeeze, kSqueeze, kTfliteSqueeze, cases_squeeze),
    define("Unsqueeze", Schema(2, 2, 1, 1), infer_unsqueeze, kUnsqueeze, kTfliteUnsqueeze,
           kNotApplicable)};

}  // namespace

FETTLE_OP_TABLE(reshape, kOps)

}  // namespace fettle::ops
