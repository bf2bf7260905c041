// SPDX-License-Identifier: Apache-2.0
//
// CausalConvWithState: each channel convolved on its own with the present and the k - 1 positions
// before it, which a call hands on to the next.
//
//   x [B,C,L]  w [C,1,k]  bias [C]?  past [B,C,k-1]?   ->   y [B,C,L]  present [B,C,k-1]
#include "ops/activation.h"
#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "CausalConvWithState";
constexpr AttrSpec kAttrs[] = {{"activation", AttrKind::string}};

Status infer(const OpCall& call) {
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 3, 3));
  FETTLE_TRY(require_rank(kOp, "weight", call.in[1], 3, 3));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  for (size_t i = 1; i < call.in.size(); ++i) {
    if (call.has_in(i)) FETTLE_TRY(require_same_dtype(kOp, call.in[0], call.in[i]));
  }
  const Dims& x = call.in[0].dims;
  const int64_t taps = call.in[1].dims[2];
  if (taps < 1) return invalid_input("CausalConvWithState: the kernel is empty");
  FETTLE_TRY(require_dims(kOp, "weight", call.in[1], {x[1], 1, taps}));
  if (call.has_in(2)) FETTLE_TRY(require_dims(kOp, "bias", call.in[2], {x[1]}));
  const Dims state{x[0], x[1], taps - 1};
  if (call.has_in(3)) FETTLE_TRY(require_dims(kOp, "past state", call.in[3], state));
  const std::string_view f = call.attrs.get_string("activation", "none");
  if (f != "none" && f != "silu" && f != "swish") {
    return unsupported("CausalConvWithState: activation '" + std::string(f) + "'");
  }
  for (size_t i = 0; i < call.out.size(); ++i) {
    call.out[i].dtype = call.in[0].dtype;
    call.out[i].dims = i == 0 ? x : state;
    call.out[i].dynamic = any_dynamic(call);
  }
  return {};
}

template <class T>
void run(const OpCall& call) {
  using A = Accum<T>;
  const Dims& x = call.in[0].dims;
  const int64_t length = x[2], taps = call.in[1].dims[2];
  const bool silu = call.attrs.get_string("activation", "none") != "none";
  const Activation f{silu ? ActivationKind::silu : ActivationKind::none};
  for (int64_t row = 0; row < x[0] * x[1]; ++row) {
    const int64_t channel = row % x[1];
    const T* from = call.in[0].as<T>() + row * length;
    const T* past = call.has_in(3) ? call.in[3].as<T>() + row * (taps - 1) : nullptr;
    const T* w = call.in[1].as<T>() + channel * taps;
    // Position i >= 0 of the input, or one of the taps - 1 before it.
    const auto at = [&](int64_t i) -> T {
      return i >= 0 ? from[i] : past ? past[i + taps - 1] : T{};
    };
    for (int64_t i = 0; i < length; ++i) {
      A sum = call.has_in(2) ? static_cast<A>(call.in[2].as<T>()[channel]) : A(0);
      for (int64_t k = 0; k < taps; ++k) {
        sum += static_cast<A>(w[k]) * static_cast<A>(at(i - (taps - 1) + k));
      }
      call.out[0].as_mutable<T>()[row * length + i] = static_cast<T>(activate(f, sum));
    }
    if (call.out.size() < 2 || call.out[1].data == nullptr) continue;
    T* present = call.out[1].as_mutable<T>() + row * (taps - 1);
    for (int64_t k = 0; k < taps - 1; ++k) present[k] = at(length - (taps - 1) + k);
  }
}

Status reference(const OpCall& call) {
  visit_float(call.in[0].dtype, [&]<class T>(T) { run<T>(call); });
  return {};
}

Cost cost(const OpCall& call) { return {.macs = call.in[0].elements() * call.in[1].dims[2]}; }

std::vector<Case> cases() {
  return {{.name = "silu_past",
           .attrs = {{"activation", "silu"}},
           .inputs = {f32({2, 3, 7}), f32({3, 1, 4}), f32({3}), f32({2, 3, 3})},
           .constants = {1, 2}}};
}

constexpr OnnxRule kOnnx[] = {{"CausalConvWithState"}};
constexpr OpDef kOps[] = {{
    .name = "CausalConvWithState",
    .schema = Schema(2, 4, 1, 2, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(causal_conv, kOps)

}  // namespace fettle::ops
