// SPDX-License-Identifier: Apache-2.0
//
// Attention: softmax(scale * Q K^T, capped, + bias) V, in heads; keys and values of earlier calls
// may come in front, several query heads may share one key head, and what a query may see is
// limited by a mask, causality, a window around it and the count of keys that are no padding.
//
//   q [B,Hq,S,D]  k [B,Hkv,L,D]  v [B,Hkv,L,Dv]   or rank 3: [B,S,Hq*D] and so on
//   mask (bool, or added; broadcast to [B,Hq,S,P+L])?  past_key, past_value [B,Hkv,P,.]?
//   nonpad_kv_seqlen i64 [B]?
//   y like q, with Dv   present_key, present_value [B,Hkv,P+L,.]   scores [B,Hq,S,P+L]
#pragma once

#include "ops/op.h"
#include "ops/shapes.h"

namespace fettle::ops {

// Which scores output 3 shows.
enum class ScoreOutput : uint8_t { raw, capped, biased, probabilities };

// Element (b, head, position, 0) of an operand is at their sum of products with steps.
struct HeadLayout {
  int64_t step_b = 0, step_head = 0, step_position = 0;
  int64_t offset(int64_t b, int64_t head, int64_t position) const {
    return b * step_b + head * step_head + position * step_position;
  }
};

struct AttentionShape {
  int64_t batch = 0, q_heads = 0, kv_heads = 0, queries = 0, keys = 0, past = 0;
  int64_t head = 0, value_head = 0;  // D, Dv
  HeadLayout q, k, v, y;
  bool packed = false;  // rank 3
  float scale = 1, softcap = 0;
  bool causal = false;
  int64_t left = -1, right = -1;  // window; -1: no limit
  ScoreOutput scores = ScoreOutput::raw;
  int64_t mask_length = 0;  // keys past it are masked
  Strides mask;             // of the mask, broadcast to [B,Hq,S,mask_length]
};

Status resolve_attention(const OpCall& call, AttentionShape* out);
size_t scratch_attention(const OpCall& call);
Status reference_attention(const OpCall& call);

}  // namespace fettle::ops
