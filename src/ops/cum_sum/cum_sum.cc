// SPDX-License-Identifier: Apache-2.0
//
// CumSum and CumProd along an axis; `exclusive` leaves out the element itself, `reverse` starts at
// the end.
#include "ops/floats.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"exclusive", AttrKind::integer}, {"reverse", AttrKind::integer}};

template <bool kProduct>
constexpr const char* kName = kProduct ? "CumProd" : "CumSum";

template <bool kProduct>
Status axis_of(const OpCall& call, int* axis) {
  const TensorView& given = call.in[1];
  if ((given.dtype != DType::i32 && given.dtype != DType::i64) || given.elements() != 1) {
    return invalid_input(std::string(kName<kProduct>) + ": its axis should be one integer");
  }
  if (!has_values(call, 1)) {  // no extent depends on it
    *axis = 0;
    return {};
  }
  if (call.in[0].dims.rank() == 0)
    return invalid_input(std::string(kName<kProduct>) + " of a scalar");
  return normalize_axis(kName<kProduct>, value_at(given, 0), call.in[0].dims.rank(), axis);
}

template <bool kProduct>
Status infer(const OpCall& call) {
  const DType type = call.in[0].dtype;
  if (type == DType::boolean || size_of(type) == 1) {
    return unsupported(std::string(kName<kProduct>) + " of " + std::string(name_of(type)));
  }
  FETTLE_TRY(refuse_quantized(kName<kProduct>, call));
  int axis;
  FETTLE_TRY(axis_of<kProduct>(call, &axis));
  return infer_same(call);
}

template <bool kProduct, class T>
void run(const OpCall& call, int axis) {
  // Integers wrap around: gathered without a sign.
  using A = std::conditional_t<std::is_integral_v<T>, uint64_t, Accum<T>>;
  const TensorView& x = call.in[0];
  const bool exclusive = call.attrs.get_int("exclusive") != 0;
  const bool reverse = call.attrs.get_int("reverse") != 0;
  const int64_t outer = x.dims.product(0, axis), n = x.dims[axis];
  const int64_t inner = x.dims.product(axis + 1, x.dims.rank());
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const T* from = x.as<T>() + o * n * inner + i;
      T* to = call.out[0].as_mutable<T>() + o * n * inner + i;
      A acc = kProduct ? A(1) : A(0);
      for (int64_t k = 0; k < n; ++k) {
        const int64_t at = (reverse ? n - 1 - k : k) * inner;
        const A v = static_cast<A>(from[at]);
        const A next = kProduct ? acc * v : acc + v;
        to[at] = static_cast<T>(exclusive ? acc : next);
        acc = next;
      }
    }
  }
}

template <bool kProduct>
Status reference(const OpCall& call) {
  int axis;
  FETTLE_TRY(axis_of<kProduct>(call, &axis));
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        if constexpr (sizeof(T) > 1) run<kProduct, T>(call, axis);
        return 0;
      },
      0);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

bool in_place(const OpCall& call, int input) {
  return input == 0 && in_place_same_shape(call, input);
}

template <bool kProduct>
constexpr OnnxRule kSameName[] = {
    {kName<kProduct>, 1, nullptr, kProduct ? refuse_to_write : nullptr}};

template <bool kProduct>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite) {
  return {.name = kName<kProduct>,
          .schema = Schema(2, 2, 1, 1, kAttrs),
          .infer = infer<kProduct>,
          .cost = cost,
          .reference = reference<kProduct>,
          .scratch = kNotApplicable,
          .in_place = in_place,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = kSameName<kProduct>,
          .tflite = tflite,
          .cases = kNotApplicable};  // its axis would be a random number
}

constexpr TfliteRule kTflite[] = {{"CUMSUM"}};
constexpr OpDef kOps[] = {define<false>(kTflite), define<true>(kNotApplicable)};

}  // namespace

FETTLE_OP_TABLE(cum_sum, kOps)

}  // namespace fettle::ops
