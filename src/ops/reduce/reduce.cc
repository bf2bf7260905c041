// SPDX-License-Identifier: Apache-2.0
#include "ops/reduce/reduce.h"

#include <algorithm>

#include "ops/reduce/members.h"

namespace fettle::ops {

namespace {

template <class F, class T>
using Wide = std::conditional_t<F::kInDouble || !std::is_integral_v<T>, double,
                                std::conditional_t<std::is_unsigned_v<T>, uint64_t, int64_t>>;
template <class F, class T>
using State = decltype(F::template start<Wide<F, T>>());

// Goes through an odometer of outer axes; `at` moves along. False once it is round.
bool advance(int axes, const int64_t* extent, const int64_t* step, int64_t* index, int64_t* at) {
  for (int i = axes - 1; i >= 0; --i) {
    *at += step[i];
    if (++index[i] < extent[i]) return true;
    *at -= step[i] * extent[i];
    index[i] = 0;
  }
  return false;
}

// In eight interleaved parts, which do not wait for each other.
template <class F, class T>
State<F, T> reduce_row(const T* x, int64_t n, State<F, T> acc) {
  using W = Wide<F, T>;
  int64_t i = 0;
  if (n >= 16) {
    State<F, T> lane[8];
    std::fill_n(lane, 8, F::template start<W>());
    for (; i + 8 <= n; i += 8) {
      for (int j = 0; j < 8; ++j) lane[j] = F::join(lane[j], static_cast<W>(x[i + j]));
    }
    for (const auto& l : lane) acc = F::merge(acc, l);
  }
  for (; i < n; ++i) acc = F::join(acc, static_cast<W>(x[i]));
  return acc;
}

template <class T, class W>
T narrow(W v) {
  if constexpr (std::is_integral_v<T> && std::is_same_v<W, double>) {  // of a logarithm or a root
    constexpr double kLow = static_cast<double>(std::numeric_limits<T>::lowest());
    const double high = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (!(v > kLow)) return std::numeric_limits<T>::lowest();
    return v < high ? static_cast<T>(v) : std::numeric_limits<T>::max();
  } else if constexpr (kDTypeOf<T> == DType::f16 || kDTypeOf<T> == DType::bf16) {
    return T(static_cast<float>(v));
  } else {
    return static_cast<T>(v);
  }
}

template <class F, class T>
void run(const OpCall& call, const ReducePlan& p) {
  using W = Wide<F, T>;
  if (call.out[0].elements() == 0) return;
  const T* x = call.in[0].as<T>();
  T* y = call.out[0].as_mutable<T>();
  auto* column = reinterpret_cast<State<F, T>*>(call.scratch.data());
  const int64_t results = p.row_reduced ? 1 : p.row;
  int64_t kept_index[kMaxRank] = {}, base = 0;
  do {
    auto acc = F::template start<W>();
    if (!p.row_reduced) std::fill_n(column, results, acc);
    int64_t reduced_index[kMaxRank] = {}, at = base;
    bool more = p.count > 0;
    while (more) {
      if (p.row_reduced) {
        acc = reduce_row<F, T>(x + at, p.row, acc);
      } else {
        for (int64_t j = 0; j < p.row; ++j) {
          column[j] = F::join(column[j], static_cast<W>(x[at + j]));
        }
      }
      more = advance(p.reduced, p.reduced_extent, p.reduced_step, reduced_index, &at);
    }
    for (int64_t j = 0; j < results; ++j) {
      *y++ = narrow<T>(F::finish(p.row_reduced ? acc : column[j], p.count));
    }
  } while (advance(p.kept, p.kept_extent, p.kept_step, kept_index, &base));
}

template <class F>
Status infer(const OpCall& call) {
  return infer_reduce(F::kName, call, F::kTypes, F::kSelects);
}

// Whether the call is a sum or mean of codes.
template <class F>
bool sums_codes(const OpCall& call) {
  return !F::kSelects && call.in[0].quant != nullptr;
}

template <class F>
size_t scratch(const OpCall& call) {
  if (sums_codes<F>(call)) return scratch_reduce_integer(call);
  ReducePlan p;
  if (!plan_reduce(call, &p).ok() || p.row_reduced) return 0;
  return static_cast<size_t>(p.row) * sizeof(State<F, double>);
}

template <class F>
Status reference(const OpCall& call) {
  if (sums_codes<F>(call)) return run_reduce_integer(call, std::is_same_v<F, reduce::Mean>);
  ReducePlan p;
  FETTLE_TRY(plan_reduce(call, &p));
  switch (call.in[0].dtype) {
    case DType::f32:
      run<F, float>(call, p);
      break;
    case DType::f64:
      run<F, double>(call, p);
      break;
    case DType::f16:
      run<F, Half>(call, p);
      break;
    case DType::bf16:
      run<F, BFloat16>(call, p);
      break;
    case DType::i32:
      run<F, int32_t>(call, p);
      break;
    case DType::u32:
      run<F, uint32_t>(call, p);
      break;
    case DType::i64:
      run<F, int64_t>(call, p);
      break;
    case DType::u64:
      run<F, uint64_t>(call, p);
      break;
    default:
      if constexpr (F::kTypes == ReduceTypes::numbers_and_bytes) {
        if (call.in[0].dtype == DType::i8)
          run<F, int8_t>(call, p);
        else if (call.in[0].dtype == DType::u8)
          run<F, uint8_t>(call, p);
        else
          run<F, bool>(call, p);
      }
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

// Inputs: x, axes; keep_dims is off unless said.
template <class F>
Status from_tflite(ir::Graph&, ir::Node* node) {
  const int64_t keep = node->attrs.get_int("keep_dims");
  node->op = F::kName;
  node->attrs = {{"keepdims", keep}};
  return {};
}

constexpr AttrSpec kAttrs[] = {{"keepdims", AttrKind::integer},
                               {"noop_with_empty_axes", AttrKind::integer}};

template <class F>
OpDef define(Facet<std::span<const TfliteRule>> tflite, QuantRule quant) {
  static constexpr OnnxRule kOnnx[] = {{F::kName, 1, read_reduce}};
  return {.name = F::kName,
          .schema = Schema(1, 2, 1, 1, kAttrs),
          .infer = infer<F>,
          .cost = cost,
          .reference = reference<F>,
          .scratch = scratch<F>,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = quant,
          .onnx = kOnnx,
          .tflite = tflite,
          .cases = reduce_cases};
}

}  // namespace

std::span<const OpDef> reduce_ops() {
  using namespace reduce;
  static constexpr TfliteRule kSum[] = {{"SUM", from_tflite<Sum>}},
                              kMean[] = {{"MEAN", from_tflite<Mean>}},
                              kProd[] = {{"REDUCE_PROD", from_tflite<Prod>}},
                              kMax[] = {{"REDUCE_MAX", from_tflite<Max>},
                                        {"REDUCE_ANY", from_tflite<Max>}},
                              kMin[] = {{"REDUCE_MIN", from_tflite<Min>},
                                        {"REDUCE_ALL", from_tflite<Min>}};
  static const OpDef ops[] = {define<Sum>(kSum, QuantRule::compute),
                              define<Mean>(kMean, QuantRule::compute),
                              define<Prod>(kProd, QuantRule::keep_float),
                              define<Max>(kMax, QuantRule::pass_through),
                              define<Min>(kMin, QuantRule::pass_through),
                              define<L1>(kNotApplicable, QuantRule::keep_float),
                              define<L2>(kNotApplicable, QuantRule::keep_float),
                              define<SumSquare>(kNotApplicable, QuantRule::keep_float),
                              define<LogSum>(kNotApplicable, QuantRule::keep_float),
                              define<LogSumExp>(kNotApplicable, QuantRule::keep_float)};
  return ops;
}

}  // namespace fettle::ops
