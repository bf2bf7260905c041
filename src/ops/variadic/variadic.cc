// SPDX-License-Identifier: Apache-2.0
//
// Max, Min, Sum and Mean of any number of operands that broadcast: the first two are combined into
// the output, each further one into that.
#include <cstring>

#include "ops/binary/binary.h"
#include "ops/binary/integer.h"
#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

struct Max {
  static constexpr const char* kName = "Max";
  template <class T>
  static T apply(T a, T b) {
    return a > b || a != a ? a : b;
  }  // a NaN wins
};
struct Min {
  static constexpr const char* kName = "Min";
  template <class T>
  static T apply(T a, T b) {
    return a < b || a != a ? a : b;
  }
};
struct Sum {
  static constexpr const char* kName = "Sum";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a + b);
  }
};
struct Mean : Sum {
  static constexpr const char* kName = "Mean";
};
template <class F>
inline constexpr bool kSelects = std::is_same_v<F, Max> || std::is_same_v<F, Min>;

template <class F>
Status infer(const OpCall& call) {
  const DType type = call.in[0].dtype;
  if (kSelects<F> ? type == DType::boolean : !is_float(type)) {
    return unsupported(std::string(F::kName) + " of " + std::string(name_of(type)));
  }
  if (kSelects<F> && any_quantized(call)) return infer_integer_pair(F::kName, call);
  FETTLE_TRY(refuse_quantized(F::kName, call));
  return infer_broadcast(F::kName, call, type);
}

template <class F>
RowLoop loop_for(DType type) {
  RowLoop loop = nullptr;
  if constexpr (kSelects<F>) {
    visit_dtype(
        type,
        [&]<class T>(T) {
          loop = row_loop<F, T, T>;
          return 0;
        },
        0);
  } else {
    visit_float(type, [&]<class T>(T) { loop = row_loop<F, T, T>; });
  }
  return loop;
}

template <class F>
Status reference(const OpCall& call) {
  const TensorView& y = call.out[0];
  if (kSelects<F> && call.in[0].quant) {
    const bool least = std::is_same_v<F, Min>;
    return run_integer_pair(F::kName, least ? PairKind::min : PairKind::max, call);
  }
  const RowLoop loop = loop_for<F>(y.dtype);
  if (call.in.size() == 1) {
    if (y.data != call.in[0].data) std::memcpy(y.data, call.in[0].data, y.bytes());
    return {};
  }
  run_rows(call.in[0], call.in[1], y, loop);
  for (size_t i = 2; i < call.in.size(); ++i) run_rows(y, call.in[i], y, loop);
  if constexpr (std::is_same_v<F, Mean>) {
    visit_float(y.dtype, [&]<class T>(T) {
      T* data = y.as_mutable<T>();
      const Accum<T> count = static_cast<Accum<T>>(call.in.size());
      for (int64_t i = 0, n = y.elements(); i < n; ++i) data[i] = T(data[i] / count);
    });
  }
  return {};
}

// A third operand would be overwritten before it is read.
bool in_place(const OpCall& call, int input) {
  return input < 2 && in_place_same_shape(call, input);
}

Cost cost(const OpCall& call) {
  return {.flops = call.out[0].elements() * static_cast<int64_t>(call.in.size())};
}

std::vector<Case> cases() {
  std::vector<Case> all = binary_cases(DType::f32, -2, 2);
  all.push_back({.name = "one", .inputs = {f32({3, 5})}});
  all.push_back({.name = "three", .inputs = {f32({3, 5}), f32({5}), f32({2, 1, 1})}});
  return all;
}

Status drop_consumed(ir::Graph&, ir::Node* node, int) {
  node->attrs.erase("consumed_inputs");
  return {};
}

template <class F>
constexpr OnnxRule kSameName[] = {{F::kName, 1, drop_consumed}};

template <class F>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite) {
  return {.name = F::kName,
          .schema = Schema(1, -1, 1, 1),
          .infer = infer<F>,
          .cost = cost,
          .reference = reference<F>,
          .scratch = kNotApplicable,
          .in_place = in_place,
          .rows = rows_same,
          .quant = kSelects<F> ? QuantRule::compute : QuantRule::keep_float,
          .onnx = kSameName<F>,
          .tflite = tflite,
          .cases = cases};
}

constexpr TfliteRule kMax[] = {{"MAXIMUM"}}, kMin[] = {{"MINIMUM"}}, kSum[] = {{"ADD_N"}};
constexpr OpDef kOps[] = {define<Max>(kMax), define<Min>(kMin), define<Sum>(kSum),
                          define<Mean>(kNotApplicable)};

}  // namespace

FETTLE_OP_TABLE(variadic, kOps)

}  // namespace fettle::ops
