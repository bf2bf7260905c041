// SPDX-License-Identifier: Apache-2.0
#include "ops/reduce/reduce.h"

#include <algorithm>

#include "ops/reduce/members.h"

namespace fettle::ops {

namespace {

// What elements are widened to. Members compute on the wide types alone; how elements are read and
// results written is a function of each type's, so that their number does not multiply.
template <class F, class T>
using Wide = std::conditional_t<F::kInDouble || !std::is_integral_v<T>, double,
                                std::conditional_t<std::is_unsigned_v<T>, uint64_t, int64_t>>;
template <class F, class W>
using State = decltype(F::template start<W>());
template <class W>
struct Access {
  void (*load)(const void* x, int64_t at, int64_t n, W* block);  // elements at .. at + n
  void (*store)(void* y, int64_t at, W value);
};
constexpr int64_t kBlock = 64;  // elements that are widened at a time
constexpr int64_t kLanes = 8;
static_assert(kBlock % kLanes == 0);

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
template <class F, class W>
State<F, W> reduce_row(const Access<W>& access, const void* x, int64_t at, int64_t n,
                       State<F, W> acc) {
  W block[kBlock];
  const int64_t in_lanes = n >= 2 * kLanes ? n - n % kLanes : 0;
  if (in_lanes > 0) {
    State<F, W> lane[kLanes];
    std::fill_n(lane, kLanes, F::template start<W>());
    for (int64_t i = 0; i < in_lanes; i += kBlock) {
      const int64_t m = std::min(kBlock, in_lanes - i);
      access.load(x, at + i, m, block);
      for (int64_t k = 0; k < m; k += kLanes) {
        for (int64_t j = 0; j < kLanes; ++j) lane[j] = F::join(lane[j], block[k + j]);
      }
    }
    for (const auto& l : lane) acc = F::merge(acc, l);
  }
  access.load(x, at + in_lanes, n - in_lanes, block);  // fewer than two of each lane
  for (int64_t i = 0; i < n - in_lanes; ++i) acc = F::join(acc, block[i]);
  return acc;
}

template <class F, class W>
void join_columns(const Access<W>& access, const void* x, int64_t at, int64_t n,
                  State<F, W>* column) {
  W block[kBlock];
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t m = std::min(kBlock, n - i);
    access.load(x, at + i, m, block);
    for (int64_t j = 0; j < m; ++j) column[i + j] = F::join(column[i + j], block[j]);
  }
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

template <class T, class W>
void load(const void* x, int64_t at, int64_t n, W* block) {
  const T* from = static_cast<const T*>(x) + at;
  for (int64_t i = 0; i < n; ++i) block[i] = static_cast<W>(from[i]);
}
template <class T, class W>
void store(void* y, int64_t at, W value) {
  static_cast<T*>(y)[at] = narrow<T>(value);
}

template <class F, class W>
void run(const OpCall& call, const ReducePlan& p, const Access<W>& access) {
  if (call.out[0].elements() == 0) return;
  const void* x = call.in[0].data;
  int64_t done = 0;
  auto* column = reinterpret_cast<State<F, W>*>(call.scratch.data());
  const int64_t results = p.row_reduced ? 1 : p.row;
  int64_t kept_index[kMaxRank] = {}, base = 0;
  do {
    auto acc = F::template start<W>();
    if (!p.row_reduced) std::fill_n(column, results, acc);
    int64_t reduced_index[kMaxRank] = {}, at = base;
    bool more = p.count > 0;
    while (more) {
      if (p.row_reduced) {
        acc = reduce_row<F, W>(access, x, at, p.row, acc);
      } else {
        join_columns<F, W>(access, x, at, p.row, column);
      }
      more = advance(p.reduced, p.reduced_extent, p.reduced_step, reduced_index, &at);
    }
    for (int64_t j = 0; j < results; ++j) {
      access.store(call.out[0].data, done++, F::finish(p.row_reduced ? acc : column[j], p.count));
    }
  } while (advance(p.kept, p.kept_extent, p.kept_step, kept_index, &base));
}

template <class F, class T>
void run_on(const OpCall& call, const ReducePlan& p) {
  using W = Wide<F, T>;
  run<F, W>(call, p, {load<T, W>, store<T, W>});
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
      run_on<F, float>(call, p);
      break;
    case DType::f64:
      run_on<F, double>(call, p);
      break;
    case DType::f16:
      run_on<F, Half>(call, p);
      break;
    case DType::bf16:
      run_on<F, BFloat16>(call, p);
      break;
    case DType::i32:
      run_on<F, int32_t>(call, p);
      break;
    case DType::u32:
      run_on<F, uint32_t>(call, p);
      break;
    case DType::i64:
      run_on<F, int64_t>(call, p);
      break;
    case DType::u64:
      run_on<F, uint64_t>(call, p);
      break;
    default:
      if constexpr (F::kTypes == ReduceTypes::numbers_and_bytes) {
        if (call.in[0].dtype == DType::i8)
          run_on<F, int8_t>(call, p);
        else if (call.in[0].dtype == DType::u8)
          run_on<F, uint8_t>(call, p);
        else
          run_on<F, bool>(call, p);
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
constexpr OnnxRule kSameName[] = {{F::kName, 1, read_reduce}};

template <class F>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite, QuantRule quant) {
  return {.name = F::kName,
          .schema = Schema(1, 2, 1, 1, kAttrs),
          .infer = infer<F>,
          .cost = cost,
          .reference = reference<F>,
          .scratch = scratch<F>,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = quant,
          .onnx = kSameName<F>,
          .tflite = tflite,
          .cases = reduce_cases};
}

using namespace reduce;
constexpr TfliteRule kSum[] = {{"SUM", from_tflite<Sum>}}, kMean[] = {{"MEAN", from_tflite<Mean>}},
                     kProd[] = {{"REDUCE_PROD", from_tflite<Prod>}},
                     kMax[] = {{"REDUCE_MAX", from_tflite<Max>}, {"REDUCE_ANY", from_tflite<Max>}},
                     kMin[] = {{"REDUCE_MIN", from_tflite<Min>}, {"REDUCE_ALL", from_tflite<Min>}};
constexpr OpDef kOps[] = {define<Sum>(kSum, QuantRule::compute),
                          define<Mean>(kMean, QuantRule::compute),
                          define<Prod>(kProd, QuantRule::keep_float),
                          define<Max>(kMax, QuantRule::pass_through),
                          define<Min>(kMin, QuantRule::pass_through),
                          define<L1>(kNotApplicable, QuantRule::keep_float),
                          define<L2>(kNotApplicable, QuantRule::keep_float),
                          define<SumSquare>(kNotApplicable, QuantRule::keep_float),
                          define<LogSum>(kNotApplicable, QuantRule::keep_float),
                          define<LogSumExp>(kNotApplicable, QuantRule::keep_float)};

}  // namespace

FETTLE_OP_TABLE(reduce, kOps)

}  // namespace fettle::ops
