// SPDX-License-Identifier: Apache-2.0
//
// One query at a time: its scores against all keys wait in scratch, become probabilities there,
// and weight the values.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "ops/attention/attention.h"
#include "ops/floats.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

template <class T>
struct Heads {
  using A = Accum<T>;
  const OpCall& call;
  const AttentionShape& s;
  A *scores, *sums;

  // Row j of keys (input 1, past 4) or values (2, 5) of a head.
  const T* row(size_t now, size_t past, const HeadLayout& layout, int64_t width, int64_t b,
               int64_t head, int64_t j) const {
    if (j < s.past) {
      return call.in[past].as<T>() + ((b * s.kv_heads + head) * s.past + j) * width;
    }
    return call.in[now].as<T>() + layout.offset(b, head, j - s.past);
  }

  // What is added to the score of query i and key j; kMasked where i may not see j.
  double bias(int64_t b, int64_t head, int64_t i, int64_t j) const {
    int64_t offset = s.past;
    if (call.has_in(6)) {
      const int64_t valid = call.in[6].as<int64_t>()[b];
      if (j >= valid) return kMasked;
      offset = std::clamp<int64_t>(valid, -kMaxElements, kMaxElements) - s.queries;
    }
    const int64_t distance = i + offset - j;
    if (s.causal && distance < 0) return kMasked;
    if (s.left >= 0 && distance > s.left) return kMasked;
    if (s.right >= 0 && -distance > s.right) return kMasked;
    if (!call.has_in(3)) return 0;
    if (j >= s.mask_length) return kMasked;
    const int64_t* step = s.mask.step;
    const int64_t at = b * step[0] + head * step[1] + i * step[2] + j * step[3];
    const double m = number_at(call.in[3], at);
    return call.in[3].dtype == DType::boolean ? (m != 0 ? 0 : kMasked) : m;
  }

  void show(ScoreOutput which, int64_t b, int64_t head, int64_t i) const {
    if (which != s.scores || call.out.size() < 4 || call.out[3].data == nullptr) return;
    const int64_t total = s.past + s.keys;
    T* out = call.out[3].as_mutable<T>() + ((b * s.q_heads + head) * s.queries + i) * total;
    for (int64_t j = 0; j < total; ++j) out[j] = static_cast<T>(scores[j]);
  }

  // Probabilities in place; all zero for a query that may see nothing.
  void softmax(int64_t b, int64_t head, int64_t i, int64_t total) const {
    bool sees = false;
    for (int64_t j = 0; j < total; ++j) {
      const double added = bias(b, head, i, j);
      sees |= added != kMasked;
      scores[j] = added == kMasked ? static_cast<A>(kMasked) : scores[j] + static_cast<A>(added);
    }
    show(ScoreOutput::biased, b, head, i);
    A top = static_cast<A>(kMasked), sum = 0;
    for (int64_t j = 0; j < total; ++j) top = std::max(top, scores[j]);
    for (int64_t j = 0; j < total; ++j) {
      scores[j] = sees && scores[j] != static_cast<A>(kMasked) ? std::exp(scores[j] - top) : A(0);
      sum += scores[j];
    }
    for (int64_t j = 0; sum > 0 && j < total; ++j) scores[j] /= sum;
  }

  void query(int64_t b, int64_t head, int64_t i) const {
    const int64_t kv = head / (s.q_heads / s.kv_heads), total = s.past + s.keys;
    const T* q = call.in[0].as<T>() + s.q.offset(b, head, i);
    for (int64_t j = 0; j < total; ++j) {
      scores[j] = static_cast<A>(s.scale) * dot<A>(q, row(1, 4, s.k, s.head, b, kv, j), s.head);
    }
    if (s.softcap <= 0) show(ScoreOutput::capped, b, head, i);
    show(ScoreOutput::raw, b, head, i);
    if (s.softcap > 0) {
      for (int64_t j = 0; j < total; ++j) {
        scores[j] = std::tanh(scores[j] / s.softcap) * s.softcap;
      }
      show(ScoreOutput::capped, b, head, i);
    }
    softmax(b, head, i, total);
    show(ScoreOutput::probabilities, b, head, i);
    std::fill_n(sums, s.value_head, A(0));
    for (int64_t j = 0; j < total; ++j) {
      if (scores[j] == 0) continue;
      axpy(scores[j], row(2, 5, s.v, s.value_head, b, kv, j), 1, sums, s.value_head);
    }
    T* y = call.out[0].as_mutable<T>() + s.y.offset(b, head, i);
    for (int64_t d = 0; d < s.value_head; ++d) y[d] = static_cast<T>(sums[d]);
  }

  // Output `to` is the past in front of the present.
  void concatenate(size_t now, size_t past, const HeadLayout& layout, int64_t width,
                   size_t to) const {
    if (call.out.size() <= to || call.out[to].data == nullptr) return;
    T* out = call.out[to].as_mutable<T>();
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t head = 0; head < s.kv_heads; ++head) {
        for (int64_t j = 0; j < s.past + s.keys; ++j, out += width) {
          std::memcpy(out, row(now, past, layout, width, b, head, j),
                      static_cast<size_t>(width) * sizeof(T));
        }
      }
    }
  }
};

}  // namespace

size_t scratch_attention(const OpCall& call) {
  AttentionShape s;
  if (!resolve_attention(call, &s).ok()) return 0;
  return static_cast<size_t>(s.past + s.keys + s.value_head) * sizeof(double);
}

Status reference_attention(const OpCall& call) {
  AttentionShape s;
  FETTLE_TRY(resolve_attention(call, &s));
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    auto* scores = reinterpret_cast<Accum<T>*>(call.scratch.data());
    const Heads<T> heads{call, s, scores, scores + s.past + s.keys};
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t head = 0; head < s.q_heads; ++head) {
        for (int64_t i = 0; i < s.queries; ++i) heads.query(b, head, i);
      }
    }
    heads.concatenate(1, 4, s.k, s.head, 1);
    heads.concatenate(2, 5, s.v, s.value_head, 2);
  });
  return {};
}

}  // namespace fettle::ops
