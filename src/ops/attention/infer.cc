// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "ops/attention/attention.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "Attention";
Status bad(const std::string& what) { return invalid_input("Attention: " + what); }

HeadLayout heads_of(bool packed, int64_t heads, int64_t positions, int64_t width) {
  if (packed) return {positions * heads * width, width, heads * width};
  return {heads * positions * width, positions * width, width};
}

Status read_heads(const OpCall& call, AttentionShape* s) {
  const Dims &q = call.in[0].dims, &k = call.in[1].dims, &v = call.in[2].dims;
  FETTLE_TRY(require_rank(kOp, "query", call.in[0], 3, 4));
  FETTLE_TRY(require_rank(kOp, "key", call.in[1], q.rank(), q.rank()));
  FETTLE_TRY(require_rank(kOp, "value", call.in[2], q.rank(), q.rank()));
  s->packed = q.rank() == 3;
  s->batch = q[0];
  s->q_heads = s->packed ? call.attrs.get_int("q_num_heads", 0) : q[1];
  s->kv_heads = s->packed ? call.attrs.get_int("kv_num_heads", 0) : k[1];
  if (s->q_heads < 1 || s->kv_heads < 1 || s->q_heads % s->kv_heads != 0) {
    return bad(std::to_string(s->q_heads) + " query heads over " + std::to_string(s->kv_heads) +
               " key heads");
  }
  const int last = q.rank() - 1;
  const int64_t divide_q = s->packed ? s->q_heads : 1, divide_kv = s->packed ? s->kv_heads : 1;
  if (q[last] % divide_q != 0 || v[last] % divide_kv != 0) return bad("heads of unequal width");
  s->queries = q[last - 1];
  s->keys = k[last - 1];
  s->head = q[last] / divide_q;
  s->value_head = v[last] / divide_kv;
  const Dims want_k = s->packed ? Dims{s->batch, s->keys, s->kv_heads * s->head}
                                : Dims{s->batch, s->kv_heads, s->keys, s->head};
  const Dims want_v = s->packed ? Dims{s->batch, s->keys, s->kv_heads * s->value_head}
                                : Dims{s->batch, s->kv_heads, s->keys, s->value_head};
  FETTLE_TRY(require_dims(kOp, "key", call.in[1], want_k));
  FETTLE_TRY(require_dims(kOp, "value", call.in[2], want_v));
  s->q = heads_of(s->packed, s->q_heads, s->queries, s->head);
  s->k = heads_of(s->packed, s->kv_heads, s->keys, s->head);
  s->v = heads_of(s->packed, s->kv_heads, s->keys, s->value_head);
  s->y = heads_of(s->packed, s->q_heads, s->queries, s->value_head);
  return {};
}

Status read_mask(const OpCall& call, AttentionShape* s) {
  const int64_t total = s->past + s->keys;
  s->mask_length = total;
  if (!call.has_in(3)) return {};
  const TensorView& mask = call.in[3];
  FETTLE_TRY(require_rank(kOp, "mask", mask, 1, 4));
  if (mask.dtype != DType::boolean) FETTLE_TRY(require_float(kOp, "mask", mask));
  if (mask.dims.back() > total) return bad("the mask is longer than the keys");
  if (mask.dims.back() != 1 || total == 1) s->mask_length = mask.dims.back();
  const Dims all{s->batch, s->q_heads, s->queries, s->mask_length};
  Dims both;
  FETTLE_TRY(broadcast(kOp, mask.dims, all, &both));
  if (!(both == all)) return bad("a mask of " + mask.dims.to_string() + " does not broadcast");
  s->mask = broadcast_strides(mask.dims, all);
  return {};
}

}  // namespace

Status resolve_attention(const OpCall& call, AttentionShape* s) {
  FETTLE_TRY(read_heads(call, s));
  if (call.has_in(4) != call.has_in(5)) return bad("past key and value go together");
  if (call.has_in(4)) {
    FETTLE_TRY(require_rank(kOp, "past key", call.in[4], 4, 4));
    s->past = call.in[4].dims[2];
    FETTLE_TRY(
        require_dims(kOp, "past key", call.in[4], {s->batch, s->kv_heads, s->past, s->head}));
    FETTLE_TRY(require_dims(kOp, "past value", call.in[5],
                            {s->batch, s->kv_heads, s->past, s->value_head}));
  }
  if (call.has_in(6)) {
    if (call.has_in(4)) return bad("counts of keys and past keys exclude each other");
    FETTLE_TRY(require_dims(kOp, "count of keys", call.in[6], {s->batch}));
    if (call.in[6].dtype != DType::i64) return bad("the count of keys should be i64");
  }
  FETTLE_TRY(read_mask(call, s));
  const Attributes& attrs = call.attrs;
  s->scale = attrs.get_float("scale", 1.0f / std::sqrt(static_cast<float>(s->head)));
  s->softcap = attrs.get_float("softcap", 0);
  s->causal = attrs.get_int("is_causal", 0) != 0;
  s->left = attrs.get_int("left_window_size", -1);
  s->right = attrs.get_int("right_window_size", -1);
  const int64_t mode = attrs.get_int("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3 || s->left < -1 || s->right < -1) {
    return bad("an attribute is out of range");
  }
  s->scores = static_cast<ScoreOutput>(mode);
  return {};
}

}  // namespace fettle::ops
