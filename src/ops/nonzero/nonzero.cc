// SPDX-License-Identifier: Apache-2.0
//
// NonZero (coordinates of what is not zero, one column each) and Compress (slices along an axis
// that a condition selects). How many there are shows only while they run.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kCompressAttrs[] = {{"axis", AttrKind::integer}};

Status infer_nonzero(const OpCall& call) {
  FETTLE_TRY(refuse_quantized("NonZero", call));
  call.out[0].dtype = DType::i64;
  call.out[0].dims = {call.in[0].dims.rank(), call.in[0].elements()};
  call.out[0].dynamic = true;
  return {};
}

template <class T>
void run_nonzero(const OpCall& call) {
  const T* x = call.in[0].as<T>();
  const Dims& dims = call.in[0].dims;
  const int64_t n = call.in[0].elements();
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) count += x[i] != T(0);
  int64_t* y = call.out[0].as_mutable<int64_t>();
  int64_t column = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (x[i] == T(0)) continue;
    int64_t rest = i;
    for (int d = dims.rank() - 1; d >= 0; --d) {
      y[d * count + column] = rest % dims[d];
      rest /= dims[d];
    }
    ++column;
  }
  call.out[0].dims = {dims.rank(), count};
}

Status reference_nonzero(const OpCall& call) {
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        run_nonzero<T>(call);
        return 0;
      },
      0);
  return {};
}

// Along axis, or of the flattened tensor: extent and what surrounds it.
struct Selection {
  int64_t outer = 1, extent = 0, inner = 1;
  int axis = -1;
};

Status select(const OpCall& call, Selection* s) {
  const Dims& dims = call.in[0].dims;
  if (!call.attrs.has("axis")) {
    s->extent = dims.elements();
    return {};
  }
  FETTLE_TRY(normalize_axis("Compress", call.attrs.get_int("axis"), dims.rank(), &s->axis));
  if (dims.rank() == 0) return invalid_input("Compress of a scalar along an axis");
  s->outer = dims.product(0, s->axis);
  s->extent = dims[s->axis];
  s->inner = dims.product(s->axis + 1, dims.rank());
  return {};
}

void set_count(const OpCall& call, const Selection& s, int64_t count) {
  call.out[0].dims = call.in[0].dims;
  if (s.axis < 0)
    call.out[0].dims = {count};
  else
    call.out[0].dims[s.axis] = count;
}

int64_t selected(const TensorView& condition, int64_t extent) {
  int64_t count = 0;
  const int64_t n = std::min(condition.elements(), extent);
  for (int64_t i = 0; i < n; ++i) count += condition.as<bool>()[i];
  return count;
}

Status infer_compress(const OpCall& call) {
  const TensorView& condition = call.in[1];
  Selection s;
  FETTLE_TRY(select(call, &s));
  if (condition.dtype != DType::boolean || condition.dims.rank() != 1) {
    return invalid_input("Compress: its condition should be one axis of bool");
  }
  FETTLE_TRY(inherit_quant("Compress", call));
  const bool known = has_values(call, 1) && !any_dynamic(call);
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dynamic = !known;
  set_count(call, s,
            known ? selected(condition, s.extent) : std::min(condition.elements(), s.extent));
  return {};
}

Status reference_compress(const OpCall& call) {
  Selection s;
  FETTLE_TRY(select(call, &s));
  const TensorView& condition = call.in[1];
  const int64_t n = std::min(condition.elements(), s.extent);
  const size_t bytes = static_cast<size_t>(s.inner) * size_of(call.in[0].dtype);
  const char* from = static_cast<const char*>(call.in[0].data);
  char* to = static_cast<char*>(call.out[0].data);
  for (int64_t o = 0; o < s.outer; ++o, from += static_cast<size_t>(s.extent) * bytes) {
    for (int64_t i = 0; i < n; ++i) {
      if (!condition.as<bool>()[i]) continue;
      std::memcpy(to, from + static_cast<size_t>(i) * bytes, bytes);
      to += bytes;
    }
  }
  set_count(call, s, selected(condition, s.extent));
  return {};
}

// TFLite's WHERE of one operand has a row for each.
Status from_tflite(ir::Graph& graph, ir::Node* node) {
  node->op = "NonZero";
  append_node(graph, node, "Transpose", {{"perm", std::vector<int64_t>{1, 0}}});
  return {};
}

std::vector<Case> cases_nonzero() {
  return {{.name = "bool", .inputs = {typed(DType::boolean, {5, 7})}, .low = 0, .high = 1}};
}
std::vector<Case> cases_compress() {
  return {{.name = "axis",
           .attrs = {{"axis", int64_t{1}}},
           .inputs = {f32({3, 7, 2}), typed(DType::boolean, {6})},
           .low = 0,
           .high = 1}};
}

constexpr OnnxRule kNonZero[] = {{"NonZero"}}, kCompress[] = {{"Compress"}};
constexpr TfliteRule kTflite[] = {{"WHERE", from_tflite}};
constexpr OpDef kOps[] = {{.name = "NonZero",
                           .schema = Schema(1, 1, 1, 1),
                           .infer = infer_nonzero,
                           .cost = kNotApplicable,
                           .reference = reference_nonzero,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kNonZero,
                           .tflite = kTflite,
                           .cases = cases_nonzero},
                          {.name = "Compress",
                           .schema = Schema(2, 2, 1, 1, kCompressAttrs),
                           .infer = infer_compress,
                           .cost = kNotApplicable,
                           .reference = reference_compress,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kCompress,
                           .tflite = kNotApplicable,
                           .cases = cases_compress}};

}  // namespace

FETTLE_OP_TABLE(nonzero, kOps)

}  // namespace fettle::ops
