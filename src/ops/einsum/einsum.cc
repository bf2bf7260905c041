// SPDX-License-Identifier: Apache-2.0
#include "ops/einsum/einsum.h"

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"equation", AttrKind::string}};

Status infer(const OpCall& call) {
  const DType type = call.in[0].dtype;
  for (const TensorView& in : call.in) FETTLE_TRY(require_same_dtype("Einsum", call.in[0], in));
  if (type == DType::boolean || size_of(type) == 1) {
    return unsupported("Einsum of " + std::string(name_of(type)));
  }
  FETTLE_TRY(refuse_quantized("Einsum", call));
  EinsumPlan plan;
  FETTLE_TRY(plan_einsum(call, &plan));
  call.out[0].dtype = type;
  call.out[0].dims = plan.out;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

// Moves one step on through loops [first, last); false once they are round.
bool advance(const EinsumPlan& p, int first, int last, int operands, int64_t* index, int64_t* at) {
  for (int l = last - 1; l >= first; --l) {
    for (int i = 0; i < operands; ++i) at[i] += p.step[i][l];
    if (++index[l] < p.extent[l]) return true;
    for (int i = 0; i < operands; ++i) at[i] -= p.step[i][l] * p.extent[l];
    index[l] = 0;
  }
  return false;
}

template <class T>
void run(const OpCall& call, const EinsumPlan& p) {
  // Integers wrap around: multiplied without a sign.
  using A = std::conditional_t<std::is_integral_v<T>, uint64_t, Accum<T>>;
  const int operands = static_cast<int>(call.in.size());
  const T* x[EinsumPlan::kMaxOperands];
  for (int i = 0; i < operands; ++i) x[i] = call.in[static_cast<size_t>(i)].as<T>();
  T* y = call.out[0].as_mutable<T>();
  if (p.out.elements() == 0) return;
  bool empty = false;
  for (int l = p.kept; l < p.labels; ++l) empty |= p.extent[l] == 0;
  const bool summed = p.labels > p.kept;
  const int last = p.labels - 1;  // the innermost loop, if there is one to sum over
  int64_t index[EinsumPlan::kMaxLabels] = {}, at[EinsumPlan::kMaxOperands] = {};
  do {
    A sum = 0;
    bool more = !empty;
    while (more) {
      const int64_t n = summed ? p.extent[last] : 1;
      for (int64_t k = 0; k < n; ++k) {
        A product = 1;
        for (int i = 0; i < operands; ++i) {
          product *= static_cast<A>(x[i][at[i] + (summed ? k * p.step[i][last] : 0)]);
        }
        sum += product;
      }
      more = summed && advance(p, p.kept, last, operands, index, at);
    }
    *y++ = static_cast<T>(sum);
  } while (advance(p, 0, p.kept, operands, index, at));
}

Status reference(const OpCall& call) {
  EinsumPlan plan;
  FETTLE_TRY(plan_einsum(call, &plan));
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        if constexpr (sizeof(T) > 1) run<T>(call, plan);
        return 0;
      },
      0);
  return {};
}

Cost cost(const OpCall& call) {
  EinsumPlan plan;
  if (!plan_einsum(call, &plan).ok()) return {};
  double macs = 1;
  for (int l = 0; l < plan.labels; ++l) macs *= static_cast<double>(plan.extent[l]);
  return {.macs = macs < 9e18 ? static_cast<int64_t>(macs) : INT64_MAX};
}

std::vector<Case> cases() {
  const auto with = [](const char* equation) {
    return Attributes{{"equation", std::string(equation)}};
  };
  return {{.name = "matmul", .attrs = with("ij,jk->ik"), .inputs = {f32({5, 7}), f32({7, 9})}},
          {.name = "attention",
           .attrs = with("bhqd,bhkd->bhqk"),
           .inputs = {f32({2, 3, 5, 8}), f32({2, 3, 6, 8})}},
          {.name = "diagonal", .attrs = with("...ii->...i"), .inputs = {f32({3, 5, 5})}},
          {.name = "implicit", .attrs = with("ba,ca"), .inputs = {f32({3, 5}), f32({4, 5})}}};
}

constexpr OnnxRule kOnnx[] = {{"Einsum"}};
constexpr OpDef kOps[] = {{.name = "Einsum",
                           .schema = Schema(1, EinsumPlan::kMaxOperands, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(einsum, kOps)

}  // namespace fettle::ops
