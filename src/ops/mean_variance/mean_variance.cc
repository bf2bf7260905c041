// SPDX-License-Identifier: Apache-2.0
//
// MeanVarianceNormalization: (x - mean) / (deviation + 1e-9), statistics over the given axes.
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "MeanVarianceNormalization";
constexpr AttrSpec kAttrs[] = {{"axes", AttrKind::integers}};

// Extents and steps of the axes that statistics run over, and of those that they are kept for.
struct Axes {
  struct List {
    int rank = 0;
    int64_t extent[kMaxRank], step[kMaxRank], count = 1;
    void add(int64_t e, int64_t s) {
      extent[rank] = e;
      step[rank++] = s;
      count *= e;
    }
    int64_t offset(int64_t i) const {
      int64_t at = 0;
      for (int a = rank - 1; a >= 0; --a) {
        at += i % extent[a] * step[a];
        i /= extent[a];
      }
      return at;
    }
  } kept, reduced;
};

Status resolve(const OpCall& call, Axes* s) {
  const Dims& x = call.in[0].dims;
  static constexpr int64_t kDefault[] = {0, 2, 3};
  const auto given = call.attrs.get_ints("axes");
  bool over[kMaxRank] = {};
  for (int64_t axis : given.empty() ? std::span<const int64_t>(kDefault) : given) {
    int a;
    FETTLE_TRY(normalize_axis(kOp, axis, x.rank(), &a));
    over[a] = true;
  }
  const Strides steps = row_major_strides(x);
  for (int a = 0; a < x.rank(); ++a) {
    (over[a] ? s->reduced : s->kept).add(x[a], steps.step[a]);
  }
  return {};
}

Status infer(const OpCall& call) {
  Axes s;
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 1, kMaxRank));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  FETTLE_TRY(resolve(call, &s));
  return infer_same(call);
}

template <class T>
void normalize(const Axes& s, const T* x, T* out) {
  const auto n = static_cast<double>(s.reduced.count);
  for (int64_t g = 0; g < s.kept.count; ++g) {
    const int64_t start = s.kept.offset(g);
    const auto value = [&](int64_t i) -> double {
      return static_cast<Accum<T>>(x[start + s.reduced.offset(i)]);
    };
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < s.reduced.count; ++i) sum += value(i);
    const double mean = sum / n;
    for (int64_t i = 0; i < s.reduced.count; ++i) {
      squares += (value(i) - mean) * (value(i) - mean);
    }
    const double deviation = std::sqrt(squares / n) + 1e-9;
    for (int64_t i = 0; i < s.reduced.count; ++i) {
      out[start + s.reduced.offset(i)] =
          static_cast<T>(static_cast<Accum<T>>((value(i) - mean) / deviation));
    }
  }
}

Status reference(const OpCall& call) {
  Axes s;
  FETTLE_TRY(resolve(call, &s));
  visit_float(call.in[0].dtype,
              [&]<class T>(T) { normalize(s, call.in[0].as<T>(), call.out[0].as_mutable<T>()); });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 5 * call.in[0].elements()}; }
std::vector<Case> cases() {
  return {{.name = "image", .inputs = {f32({2, 3, 4, 5})}},
          {.name = "last_axis",
           .attrs = {{"axes", std::vector<int64_t>{-1}}},
           .inputs = {f32({3, 7})}}};
}

constexpr OnnxRule kOnnx[] = {{"MeanVarianceNormalization"}};
constexpr OpDef kOps[] = {{
    .name = "MeanVarianceNormalization",
    .schema = Schema(1, 1, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = in_place_first,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(mean_variance, kOps)

}  // namespace fettle::ops
