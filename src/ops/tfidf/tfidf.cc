// SPDX-License-Identifier: Apache-2.0
//
// TfIdfVectorizer: counts how often each n-gram of a pool occurs in rows of integers, elements of
// an occurrence being up to max_skip_count apart; as counts, weights of those present, or both.
//
// pool_int64s holds the 1-grams, then the 2-grams, ...; ngram_counts says where each size starts.
#include <algorithm>

#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "TfIdfVectorizer";
constexpr AttrSpec kAttrs[] = {
    {"max_gram_length", AttrKind::integer}, {"max_skip_count", AttrKind::integer},
    {"min_gram_length", AttrKind::integer}, {"mode", AttrKind::string},
    {"ngram_counts", AttrKind::integers},   {"ngram_indexes", AttrKind::integers},
    {"pool_int64s", AttrKind::integers},    {"weights", AttrKind::reals}};

struct Vectorizer {
  std::span<const int64_t> pool, starts, indexes;
  std::span<const float> weights;
  int64_t least = 1, most = 1, skip = 0;
  int64_t width = 0;  // of the output
  bool counts = true, weighs = false;
  // The part of the pool with n-grams.
  std::span<const int64_t> grams(int64_t n) const {
    const auto k = static_cast<size_t>(n - 1);
    const auto first = static_cast<size_t>(starts[k]);
    const size_t last = k + 1 < starts.size() ? static_cast<size_t>(starts[k + 1]) : pool.size();
    return pool.subspan(first, last - first);
  }
};

Status resolve(const OpCall& call, Vectorizer* s) {
  const Attributes& a = call.attrs;
  const auto bad = [](const char* what) {
    return invalid_input(std::string("TfIdfVectorizer: ") + what);
  };
  s->pool = a.get_ints("pool_int64s");
  s->starts = a.get_ints("ngram_counts");
  s->indexes = a.get_ints("ngram_indexes");
  s->weights = a.get_floats("weights");
  s->least = a.get_int("min_gram_length", 1);
  s->most = a.get_int("max_gram_length", 1);
  s->skip = a.get_int("max_skip_count", 0);
  const std::string_view mode = a.get_string("mode", "TF");
  s->counts = mode != "IDF";
  s->weighs = mode != "TF";
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF") return bad("mode is unknown");
  const auto sizes = static_cast<int64_t>(s->starts.size());
  if (s->least < 1 || s->most < s->least || s->most > sizes || s->skip < 0 || s->skip > 1 << 20) {
    return bad("gram lengths are out of range");
  }
  const auto pool = static_cast<int64_t>(s->pool.size());
  int64_t grams = 0;
  for (int64_t k = 0; k < sizes; ++k) {
    const int64_t first = s->starts[static_cast<size_t>(k)];
    const int64_t last = k + 1 < sizes ? s->starts[static_cast<size_t>(k + 1)] : pool;
    if (first < 0 || last < first || last > pool || (last - first) % (k + 1) != 0) {
      return bad("ngram_counts do not fit the pool");
    }
    grams += (last - first) / (k + 1);
  }
  if (static_cast<int64_t>(s->indexes.size()) != grams ||
      (!s->weights.empty() && static_cast<int64_t>(s->weights.size()) != grams)) {
    return bad("ngram_indexes or weights do not fit the pool");
  }
  for (int64_t i : s->indexes) {
    if (i < 0 || i >= int64_t{1} << 31) return bad("an index is out of range");
    s->width = std::max(s->width, i + 1);
  }
  return {};
}

Status infer(const OpCall& call) {
  Vectorizer s;
  FETTLE_TRY(resolve(call, &s));
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 1, 2));
  if (call.in[0].dtype != DType::i32 && call.in[0].dtype != DType::i64) {
    return unsupported("TfIdfVectorizer: its input should be i32 or i64");
  }
  call.out[0].dtype = DType::f32;
  call.out[0].dims = {s.width};
  if (call.in[0].dims.rank() == 2) call.out[0].dims = {call.in[0].dims[0], s.width};
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

// Adds the occurrences of n-grams in one row; `first` is the number of the first n-gram.
void count(const OpCall& call, const Vectorizer& s, int64_t n, int64_t first, int64_t row,
           int64_t length, float* out) {
  const auto grams = s.grams(n);
  const auto total = static_cast<int64_t>(grams.size()) / n;
  for (int64_t step = 1; step <= (n == 1 ? 1 : s.skip + 1); ++step) {
    for (int64_t i = 0; i + (n - 1) * step < length; ++i) {
      for (int64_t g = 0; g < total; ++g) {
        bool same = true;
        for (int64_t k = 0; same && k < n; ++k) {
          same = value_at(call.in[0], row * length + i + k * step) ==
                 grams[static_cast<size_t>(g * n + k)];
        }
        if (same) out[s.indexes[static_cast<size_t>(first + g)]] += 1;
      }
    }
  }
}

Status reference(const OpCall& call) {
  Vectorizer s;
  FETTLE_TRY(resolve(call, &s));
  const Dims& x = call.in[0].dims;
  const int64_t rows = x.rank() == 2 ? x[0] : 1, length = x.back();
  for (int64_t r = 0; r < rows; ++r) {
    float* out = call.out[0].as_mutable<float>() + r * s.width;
    std::fill_n(out, s.width, 0.0f);
    int64_t first = 0;
    for (int64_t n = 1; n <= s.most; ++n) {
      if (n >= s.least) count(call, s, n, first, r, length, out);
      first += static_cast<int64_t>(s.grams(n).size()) / n;
    }
    for (size_t g = 0; s.weighs && g < s.indexes.size(); ++g) {
      float& slot = out[s.indexes[g]];
      const float weight = s.weights.empty() ? 1 : s.weights[g];
      if (slot != 0) slot = s.counts ? slot * weight : weight;
    }
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }
std::vector<Case> cases() { return {}; }  // conformance cases cover it

constexpr OnnxRule kOnnx[] = {{"TfIdfVectorizer"}};
constexpr OpDef kOps[] = {{
    .name = "TfIdfVectorizer",
    .schema = Schema(1, 1, 1, 1, kAttrs),
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

FETTLE_OP_TABLE(tfidf, kOps)

}  // namespace fettle::ops
