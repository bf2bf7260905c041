// SPDX-License-Identifier: Apache-2.0
#include "ops/slice/slice.h"

#include <algorithm>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"
#include "ops/strided_copy.h"

namespace fettle::ops {

namespace {

SliceSpan resolve_span(int64_t start, int64_t end, int64_t step, int64_t extent) {
  step = std::clamp(step, -kMaxElements, kMaxElements);
  if (start < 0) start += extent;  // cannot overflow: a negative plus a small positive
  if (end < 0) end += extent;
  if (step > 0) {
    start = std::clamp(start, int64_t{0}, extent);
    end = std::clamp(end, int64_t{0}, extent);
    return {start, step, end > start ? (end - start + step - 1) / step : 0};
  }
  start = std::clamp(start, int64_t{-1}, extent - 1);
  end = std::clamp(end, int64_t{-1}, extent - 1);
  return {start, step, start > end ? (start - end - step - 1) / -step : 0};
}

}  // namespace

Status resolve_slice(const OpCall& call, SliceSpan (&spans)[kMaxRank], bool* known) {
  const Dims& dims = call.in[0].dims;
  for (int i = 0; i < dims.rank(); ++i) spans[i] = {0, 1, dims[i]};
  *known = true;
  for (size_t k = 1; k < 5; ++k) {
    if (call.has_in(k) && !has_values(call, k)) *known = false;
  }
  if (!*known) {
    for (size_t k = 1; k < 5; ++k) {
      if (call.has_in(k) && !is_integer(call.in[k].dtype)) {
        return invalid_input("Slice: its positions are not integers");
      }
    }
    return {};
  }
  SmallInts starts, ends, axes, steps;
  FETTLE_TRY(read_ints("Slice", "starts", call, 1, &starts));
  FETTLE_TRY(read_ints("Slice", "ends", call, 2, &ends));
  if (call.has_in(3)) {
    FETTLE_TRY(read_ints("Slice", "axes", call, 3, &axes));
  } else {
    axes = all_axes(starts.count);
  }
  if (call.has_in(4)) {
    FETTLE_TRY(read_ints("Slice", "steps", call, 4, &steps));
  } else {
    steps.count = starts.count;
    std::fill_n(steps.value, steps.count, 1);
  }
  if (ends.count != starts.count || axes.count != starts.count || steps.count != starts.count) {
    return invalid_input("Slice: starts, ends, axes and steps are not equally many");
  }
  FETTLE_TRY(normalize_axes("Slice", dims.rank(), &axes));
  for (int i = 0; i < starts.count; ++i) {
    if (steps[i] == 0) return invalid_input("Slice: step 0");
    const int axis = static_cast<int>(axes[i]);
    spans[axis] = resolve_span(starts[i], ends[i], steps[i], dims[axis]);
  }
  return {};
}

namespace {

Status infer(const OpCall& call) {
  SliceSpan spans[kMaxRank];
  bool known;
  FETTLE_TRY(resolve_slice(call, spans, &known));
  FETTLE_TRY(inherit_quant("Slice", call));
  TensorView& y = call.out[0];
  y.dtype = call.in[0].dtype;
  y.dynamic = !known || any_dynamic(call);
  y.dims = {};
  for (int i = 0; i < call.in[0].dims.rank(); ++i) y.dims.push_back(spans[i].count);
  return {};
}

Status reference(const OpCall& call) {
  SliceSpan spans[kMaxRank];
  bool known;
  FETTLE_TRY(resolve_slice(call, spans, &known));
  const TensorView &x = call.in[0], &y = call.out[0];
  const Strides from = row_major_strides(x.dims), to = row_major_strides(y.dims);
  CopyAxis axes[kMaxRank];
  int64_t begin = 0;
  for (int i = 0; i < x.dims.rank(); ++i) {
    if (spans[i].count == 0) return {};
    begin += spans[i].start * from.step[i];
    // One element has no next, and a huge step would overflow.
    axes[i] = {spans[i].count, spans[i].count == 1 ? 1 : spans[i].step * from.step[i], to.step[i]};
  }
  const size_t size = size_of(x.dtype);
  copy_strided(size, static_cast<const char*>(x.data) + static_cast<size_t>(begin) * size, y.data,
               {axes, static_cast<size_t>(x.dims.rank())});
  return {};
}

constexpr OnnxRule kOnnx[] = {{"Slice", 1, read_slice}};
constexpr TfliteRule kTflite[] = {{"SLICE", from_tflite_slice},
                                  {"STRIDED_SLICE", from_tflite_strided_slice},
                                  {"REVERSE_V2", from_tflite_reverse}};
// No cases: an example's positions would have to be constants.
constexpr OpDef kOps[] = {{.name = "Slice",
                           .schema = Schema(3, 5, 1, 1),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};

}  // namespace

FETTLE_OP_TABLE(slice, kOps)

}  // namespace fettle::ops
