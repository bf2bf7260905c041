// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/reduce/reduce.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"

namespace fettle::ops {

namespace {

// Bit i: axis i is reduced.
Status reduced_axes(const char* op, const OpCall& call, unsigned* mask) {
  const int rank = call.in[0].dims.rank();
  SmallInts axes;
  if (call.has_in(1)) {
    FETTLE_TRY(read_ints(op, "axes", call, 1, &axes));
    FETTLE_TRY(normalize_axes(op, rank, &axes));
  }
  if (axes.count == 0 && call.attrs.get_int("noop_with_empty_axes") == 0) axes = all_axes(rank);
  *mask = 0;
  for (int i = 0; i < axes.count; ++i) *mask |= 1u << axes[i];
  return {};
}

bool takes(DType type, ReduceTypes types) {
  switch (type) {
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return types == ReduceTypes::numbers_and_bytes;
    case DType::i16:
    case DType::u16:
      return false;
    default:
      return true;
  }
}

}  // namespace

Status infer_reduce(const char* op, const OpCall& call, ReduceTypes types, bool selects) {
  const TensorView& x = call.in[0];
  const bool codes = !selects && any_quantized(call);
  if (!codes && !takes(x.dtype, types)) {
    return unsupported(std::string(op) + " of " + std::string(name_of(x.dtype)));
  }
  if (codes) {
    FETTLE_TRY(infer_reduce_integer(op, call));
  } else {
    FETTLE_TRY(inherit_quant(op, call));
  }
  unsigned mask;
  FETTLE_TRY(reduced_axes(op, call, &mask));
  const bool keep = call.attrs.get_int("keepdims", 1) != 0;
  TensorView& y = call.out[0];
  y.dtype = x.dtype;
  y.dynamic = any_dynamic(call);
  y.dims = {};
  for (int i = 0; i < x.dims.rank(); ++i) {
    const bool gone = mask >> i & 1u;
    if (!gone || keep) y.dims.push_back(gone ? 1 : x.dims[i]);
  }
  return {};
}

Status kept_dims(const OpCall& call, Dims* dims) {
  unsigned mask;
  FETTLE_TRY(reduced_axes("Reduce", call, &mask));
  *dims = call.in[0].dims;
  for (int i = 0; i < dims->rank(); ++i) (*dims)[i] = mask >> i & 1u ? 1 : (*dims)[i];
  return {};
}

Status plan_reduce(const OpCall& call, ReducePlan* plan) {
  unsigned mask;
  FETTLE_TRY(reduced_axes("Reduce", call, &mask));
  const Dims& dims = call.in[0].dims;
  struct Axis {
    int64_t extent;
    bool reduced;
  };
  Axis axes[kMaxRank + 1];
  int n = 0;
  for (int i = 0; i < dims.rank(); ++i) {
    const bool reduced = mask >> i & 1u;
    if (reduced) plan->count *= dims[i];
    if (dims[i] == 1) continue;
    if (n > 0 && axes[n - 1].reduced == reduced) {
      axes[n - 1].extent *= dims[i];
    } else {
      axes[n++] = {dims[i], reduced};
    }
  }
  if (n == 0) return {};  // one element
  plan->row = axes[n - 1].extent;
  plan->row_reduced = axes[n - 1].reduced;
  int64_t step = plan->row;
  // Steps from the innermost outwards, listed outermost first.
  int64_t steps[kMaxRank];
  for (int i = n - 2; i >= 0; --i) {
    steps[i] = step;
    step *= axes[i].extent;
  }
  for (int i = 0; i < n - 1; ++i) {
    if (axes[i].reduced) {
      plan->reduced_extent[plan->reduced] = axes[i].extent;
      plan->reduced_step[plan->reduced++] = steps[i];
    } else {
      plan->kept_extent[plan->kept] = axes[i].extent;
      plan->kept_step[plan->kept++] = steps[i];
    }
  }
  return {};
}

Status read_reduce(ir::Graph& graph, ir::Node* node, int) {
  ints_to_input(graph, node, "axes", 1);
  return {};
}

std::vector<Case> reduce_cases() {
  return {
      {.name = "all", .inputs = {f32({3, 5, 7})}, .low = 0.5},
      {.name = "flat", .attrs = {{"keepdims", int64_t{0}}}, .inputs = {f32({1031})}, .low = 0.5}};
}

}  // namespace fettle::ops
