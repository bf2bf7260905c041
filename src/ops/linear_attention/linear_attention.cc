// SPDX-License-Identifier: Apache-2.0
//
// LinearAttention: a matrix S [Dk,Dv] for each key head that every token fades, writes and reads.
//
//   gated rules   S <- exp(decay) S        (decay for each head, or each of its Dk rows)
//   delta rules   v <- beta (v - S^T k)
//   then          S <- S + k v^T,  o = scale * S^T q
//
//   q [B,T,Hq*Dk]  k [B,T,H*Dk]  v [B,T,H*Dv]  past [B,H,Dk,Dv]?  decay [B,T,H or H*Dk]?
//   beta [B,T,H or 1]?   ->   o [B,T,Hq*Dv]  S [B,H,Dk,Dv]
#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "LinearAttention";
constexpr AttrSpec kAttrs[] = {{"chunk_size", AttrKind::integer},
                               {"kv_num_heads", AttrKind::integer},
                               {"q_num_heads", AttrKind::integer},
                               {"scale", AttrKind::real},
                               {"update_rule", AttrKind::string}};

struct Shape {
  int64_t batch = 0, tokens = 0, q_heads = 0, heads = 0, dk = 0, dv = 0;
  bool gated = false, delta = false;
  double scale = 1;
};

Status resolve(const OpCall& call, Shape* s) {
  const Dims& q = call.in[0].dims;
  for (size_t i = 0; i < 3; ++i) FETTLE_TRY(require_rank(kOp, "operand", call.in[i], 3, 3));
  const std::string_view rule = call.attrs.get_string("update_rule", "gated_delta");
  if (rule != "linear" && rule != "gated" && rule != "delta" && rule != "gated_delta") {
    return invalid_input("LinearAttention: update_rule is unknown");
  }
  s->gated = rule.starts_with("gated");
  s->delta = rule.ends_with("delta");
  s->batch = q[0];
  s->tokens = q[1];
  s->q_heads = call.attrs.get_int("q_num_heads", 0);
  s->heads = call.attrs.get_int("kv_num_heads", 0);
  const int64_t v = call.in[2].dims[2];
  if (s->heads < 1 || s->q_heads < 1 || s->q_heads % s->heads != 0 || q[2] % s->q_heads != 0 ||
      v % s->heads != 0) {
    return invalid_input("LinearAttention: heads do not fit the operands");
  }
  s->dk = q[2] / s->q_heads;
  s->dv = v / s->heads;
  FETTLE_TRY(require_dims(kOp, "key", call.in[1], {s->batch, s->tokens, s->heads * s->dk}));
  FETTLE_TRY(require_dims(kOp, "value", call.in[2], {s->batch, s->tokens, v}));
  if (call.has_in(3)) {
    FETTLE_TRY(require_dims(kOp, "past state", call.in[3], {s->batch, s->heads, s->dk, s->dv}));
  }
  if (call.has_in(4) != s->gated || call.has_in(5) != s->delta) {
    return invalid_input("LinearAttention: decay and beta should be given as the rule asks");
  }
  const auto check = [&](size_t i, const char* what, int64_t other) -> Status {
    FETTLE_TRY(require_rank(kOp, what, call.in[i], 3, 3));
    const int64_t last = call.in[i].dims[2];
    return require_dims(kOp, what, call.in[i],
                        {s->batch, s->tokens, last == other ? other : s->heads});
  };
  if (s->gated) FETTLE_TRY(check(4, "decay", s->heads * s->dk));
  if (s->delta) FETTLE_TRY(check(5, "beta", 1));
  const double scale = call.attrs.get_float("scale", 0);
  s->scale = scale != 0 ? scale : 1 / std::sqrt(static_cast<double>(s->dk));
  return {};
}

Status infer(const OpCall& call) {
  Shape s;
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(resolve(call, &s));
  for (size_t i = 0; i < call.in.size(); ++i) {
    if (call.has_in(i)) FETTLE_TRY(require_float(kOp, "operand", call.in[i]));
    if (call.has_in(i) && i != 3) FETTLE_TRY(require_same_dtype(kOp, call.in[0], call.in[i]));
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = {s.batch, s.tokens, s.q_heads * s.dv};
  call.out[0].dynamic = any_dynamic(call);
  if (call.out.size() > 1) {
    call.out[1].dtype = call.in[call.has_in(3) ? 3 : 0].dtype;
    call.out[1].dims = {s.batch, s.heads, s.dk, s.dv};
    call.out[1].dynamic = call.out[0].dynamic;
  }
  return {};
}

template <class T>
void token(const OpCall& call, const Shape& s, int64_t row, int64_t head, float* state,
           float* value) {
  const T* k = call.in[1].as<T>() + (row * s.heads + head) * s.dk;
  const T* v = call.in[2].as<T>() + (row * s.heads + head) * s.dv;
  if (s.gated) {
    const bool each = call.in[4].dims[2] != s.heads || s.dk == 1;
    const T* decay = call.in[4].as<T>() + (row * s.heads + head) * (each ? s.dk : 1);
    for (int64_t i = 0; i < s.dk; ++i) {
      const float fade = std::exp(static_cast<float>(decay[each ? i : 0]));
      for (int64_t j = 0; j < s.dv; ++j) state[i * s.dv + j] *= fade;
    }
  }
  for (int64_t j = 0; j < s.dv; ++j) value[j] = static_cast<float>(v[j]);
  if (s.delta) {
    const int64_t betas = call.in[5].dims[2];
    const float beta = static_cast<float>(call.in[5].as<T>()[row * betas + (betas > 1 ? head : 0)]);
    for (int64_t i = 0; i < s.dk; ++i) {
      axpy(-static_cast<float>(k[i]), state + i * s.dv, 1, value, s.dv);
    }
    for (int64_t j = 0; j < s.dv; ++j) value[j] *= beta;
  }
  for (int64_t i = 0; i < s.dk; ++i) {
    axpy(static_cast<float>(k[i]), value, 1, state + i * s.dv, s.dv);
  }
  const int64_t group = s.q_heads / s.heads;
  for (int64_t h = head * group; h < (head + 1) * group; ++h) {
    const T* q = call.in[0].as<T>() + (row * s.q_heads + h) * s.dk;
    T* out = call.out[0].as_mutable<T>() + (row * s.q_heads + h) * s.dv;
    std::fill_n(value, s.dv, 0.0f);
    for (int64_t i = 0; i < s.dk; ++i) {
      axpy(static_cast<float>(q[i]), state + i * s.dv, 1, value, s.dv);
    }
    for (int64_t j = 0; j < s.dv; ++j) {
      out[j] = static_cast<T>(static_cast<float>(s.scale) * value[j]);
    }
  }
}

size_t scratch(const OpCall& call) {
  Shape s;
  if (!resolve(call, &s).ok()) return 0;
  return static_cast<size_t>((s.dk + 1) * s.dv) * sizeof(float);
}

Status reference(const OpCall& call) {
  Shape s;
  FETTLE_TRY(resolve(call, &s));
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    auto* state = reinterpret_cast<float*>(call.scratch.data());
    const int64_t size = s.dk * s.dv;
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t head = 0; head < s.heads; ++head) {
        const int64_t at = (b * s.heads + head) * size;
        for (int64_t i = 0; i < size; ++i) {
          state[i] = call.has_in(3) ? static_cast<float>(number_at(call.in[3], at + i)) : 0;
        }
        for (int64_t t = 0; t < s.tokens; ++t) {
          token<T>(call, s, b * s.tokens + t, head, state, state + size);
        }
        if (call.out.size() < 2 || call.out[1].data == nullptr) continue;
        for (int64_t i = 0; i < size; ++i) set_number(call.out[1], at + i, state[i]);
      }
    }
  });
  return {};
}

Cost cost(const OpCall& call) {
  Shape s;
  if (!resolve(call, &s).ok()) return {};
  return {.macs = s.batch * s.tokens * (2 * s.heads + s.q_heads) * s.dk * s.dv};
}

std::vector<Case> cases() {
  return {{.name = "linear",
           .attrs = {{"update_rule", "linear"},
                     {"q_num_heads", int64_t{4}},
                     {"kv_num_heads", int64_t{2}}},
           .inputs = {f32({1, 3, 16}), f32({1, 3, 8}), f32({1, 3, 6})},
           .tolerance = 1e-4f}};
}

constexpr OnnxRule kOnnx[] = {{"LinearAttention"}};
constexpr OpDef kOps[] = {{
    .name = "LinearAttention",
    .schema = Schema(3, 6, 1, 2, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = scratch,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(linear_attention, kOps)

}  // namespace fettle::ops
