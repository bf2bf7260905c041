// SPDX-License-Identifier: Apache-2.0
//
// RotaryEmbedding: pairs of elements of each head are turned by the angle of their position.
//
//   x [B,H,S,D] or [B,S,H*D]   cos, sin [P,R/2] with position ids [B,S], or [B,S,R/2] without
//   pair i: elements i and i + R/2, or interleaved: 2i and 2i + 1; elements past R stay
#include <cstring>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "RotaryEmbedding";
constexpr AttrSpec kAttrs[] = {{"interleaved", AttrKind::integer},
                               {"num_heads", AttrKind::integer},
                               {"rotary_embedding_dim", AttrKind::integer}};

struct Rotary {
  int64_t batch = 0, heads = 0, positions = 0, head = 0, pairs = 0, table = 0;
  bool packed = false;
};

Status resolve(const OpCall& call, Rotary* s) {
  const Dims& x = call.in[0].dims;
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 3, 4));
  s->packed = x.rank() == 3;
  s->batch = x[0];
  s->heads = s->packed ? call.attrs.get_int("num_heads", 0) : x[1];
  s->positions = x[s->packed ? 1 : 2];
  if (s->packed && (s->heads < 1 || x[2] % s->heads != 0)) {
    return invalid_input("RotaryEmbedding: num_heads does not divide the input");
  }
  s->head = s->packed ? x[2] / s->heads : x[3];
  int64_t width = call.attrs.get_int("rotary_embedding_dim", 0);
  if (width == 0) width = s->head;
  if (width < 0 || width > s->head || width % 2 != 0) {
    return invalid_input("RotaryEmbedding: rotary_embedding_dim is out of range");
  }
  s->pairs = width / 2;
  const Dims& table = call.in[1].dims;
  if (call.has_in(3)) {
    FETTLE_TRY(require_rank(kOp, "cos", call.in[1], 2, 2));
    s->table = table[0];
    FETTLE_TRY(require_dims(kOp, "cos", call.in[1], {s->table, s->pairs}));
    FETTLE_TRY(require_dims(kOp, "position ids", call.in[3], {s->batch, s->positions}));
    if (call.in[3].dtype != DType::i64) return invalid_input("position ids should be i64");
  } else {
    FETTLE_TRY(require_dims(kOp, "cos", call.in[1], {s->batch, s->positions, s->pairs}));
  }
  return require_dims(kOp, "sin", call.in[2], table);
}

Status infer(const OpCall& call) {
  Rotary s;
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(resolve(call, &s));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  FETTLE_TRY(require_same_dtype(kOp, call.in[0], call.in[1]));
  FETTLE_TRY(require_same_dtype(kOp, call.in[0], call.in[2]));
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

template <class T>
void rotate(const Rotary& s, bool interleaved, const T* x, const T* cosine, const T* sine, T* out) {
  using A = Accum<T>;
  for (int64_t i = 0; i < s.pairs; ++i) {
    const int64_t first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + s.pairs;
    const A a = static_cast<A>(x[first]), b = static_cast<A>(x[second]);
    const A c = static_cast<A>(cosine[i]), d = static_cast<A>(sine[i]);
    out[first] = static_cast<T>(c * a - d * b);
    out[second] = static_cast<T>(d * a + c * b);
  }
  for (int64_t i = 2 * s.pairs; i < s.head; ++i) out[i] = x[i];
}

Status reference(const OpCall& call) {
  Rotary s;
  FETTLE_TRY(resolve(call, &s));
  const bool interleaved = call.attrs.get_int("interleaved", 0) != 0;
  Status status;
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t p = 0; p < s.positions; ++p) {
        int64_t row = b * s.positions + p;
        if (call.has_in(3)) {
          row = call.in[3].as<int64_t>()[row];
          if (row < 0 || row >= s.table) {
            status = invalid_input("RotaryEmbedding: position " + std::to_string(row) +
                                   " is not in the table");
            return;
          }
        }
        for (int64_t h = 0; h < s.heads; ++h) {
          const int64_t at = (s.packed ? (b * s.positions + p) * s.heads + h
                                       : (b * s.heads + h) * s.positions + p) *
                             s.head;
          rotate(s, interleaved, call.in[0].as<T>() + at, call.in[1].as<T>() + row * s.pairs,
                 call.in[2].as<T>() + row * s.pairs, call.out[0].as_mutable<T>() + at);
        }
      }
    }
  });
  return status;
}

Cost cost(const OpCall& call) { return {.flops = 3 * call.in[0].elements()}; }

std::vector<Case> cases() {
  return {{.name = "heads", .inputs = {f32({2, 3, 4, 8}), f32({2, 4, 4}), f32({2, 4, 4})}}};
}

constexpr OnnxRule kOnnx[] = {{"RotaryEmbedding"}};
constexpr OpDef kOps[] = {{
    .name = "RotaryEmbedding",
    .schema = Schema(3, 4, 1, 1, kAttrs),
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

FETTLE_OP_TABLE(rotary_embedding, kOps)

}  // namespace fettle::ops
