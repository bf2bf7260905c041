// SPDX-License-Identifier: Apache-2.0
//
// Whatever shapes and attributes a call has, inference refuses it or the reference survives it:
// every operator's cases with extents, attributes and operand counts changed at random, and with
// data that no honest model has. Meant for the sanitizers; without them it checks that nothing
// crashes or asks for absurd memory.
#include <gtest/gtest.h>

#include <random>

#include "ops/cases.h"
#include "ops/evaluate.h"

namespace fettle::ops {
namespace {

constexpr int kTries = 60;  // of each case
constexpr size_t kLimitBytes = size_t{1} << 20;

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}
  int64_t below(int64_t n) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(n)); }
  int64_t odd_number() {
    static constexpr int64_t kOdd[] = {
        0, 1, 2, 3, -1, -2, 5, 8, 100, 1 << 20, INT32_MAX, INT64_MAX, INT64_MIN, int64_t{1} << 40};
    return below(3) == 0 ? kOdd[below(std::size(kOdd))] : below(5);
  }

  void mutate(Attributes& attrs, std::span<const AttrSpec> specs) {
    if (specs.empty() || below(2) == 0) return;
    const AttrSpec& spec = specs[static_cast<size_t>(below(static_cast<int64_t>(specs.size())))];
    if (spec.kind == AttrKind::integer) attrs.set(spec.name, odd_number());
    if (spec.kind == AttrKind::real) attrs.set(spec.name, static_cast<float>(odd_number()));
    if (spec.kind == AttrKind::string) attrs.set(spec.name, std::string("no such thing"));
    if (spec.kind == AttrKind::integers) {
      std::vector<int64_t> list(static_cast<size_t>(below(6)));
      for (int64_t& v : list) v = odd_number();
      attrs.set(spec.name, list);
    }
    if (spec.kind == AttrKind::reals) {
      attrs.set(spec.name, std::vector<float>(static_cast<size_t>(below(4)), 0.5f));
    }
  }

  Dims mutate(const Dims& dims) {
    Dims out = dims;
    if (below(3) == 0 && out.rank() > 0) out[static_cast<int>(below(out.rank()))] = below(9);
    if (below(8) == 0) out.resize(static_cast<int>(below(6)), 2);
    return out;
  }

  Tensor fill(DType dtype, const Dims& dims) {
    Tensor t(dtype, dims);
    auto* bytes = static_cast<uint8_t*>(t.mutable_raw());
    const bool wild = below(2) == 0;
    for (size_t i = 0; i < t.bytes(); ++i) {
      bytes[i] = static_cast<uint8_t>(dtype == DType::boolean ? below(2) : below(256));
      const bool high = i % size_of(dtype) >= 1;
      if (!wild && is_integer(dtype) && high) bytes[i] = 0;  // small numbers now and then
    }
    return t;
  }

 private:
  std::mt19937_64 random_;
};

void try_call(const OpDef& op, const Case& base, Mutator& m) {
  Attributes attrs = base.attrs;
  m.mutate(attrs, op.schema.get().attrs);
  std::vector<Tensor> tensors;
  std::vector<TensorView> in;
  for (const ir::Type& type : base.inputs) {
    if (!type.known()) {
      tensors.emplace_back();
      continue;
    }
    const DType dtype =
        m.below(12) == 0 ? static_cast<DType>(1 + m.below(kDTypeCount - 1)) : type.dtype;
    tensors.push_back(m.fill(dtype, m.mutate(type.dims)));
  }
  for (const Tensor& t : tensors) in.push_back(t.dtype() == DType::none ? TensorView{} : t.view());
  if (m.below(6) == 0) in.emplace_back();
  if (m.below(6) == 0 && in.size() > 1) in.pop_back();
  const Schema& schema = op.schema.get();
  const bool more = schema.max_outputs > schema.min_outputs && m.below(2) == 0;
  const auto outputs =
      static_cast<size_t>(more ? schema.max_outputs : std::max(schema.min_outputs, 1));
  if (!check_schema(op, attrs, in.size(), outputs).ok()) return;
  for (size_t i = 0; i < static_cast<size_t>(schema.min_inputs); ++i) {
    if (!in[i].present()) return;
  }
  (void)evaluate(op, attrs, in, outputs, kLimitBytes);
}

// Operators whose operands are values that random numbers rarely make sense of have no cases.
std::vector<std::pair<const char*, Case>> valued_calls() {
  using I = std::vector<int64_t>;
  const auto i64 = [](std::initializer_list<int64_t> d) { return typed(DType::i64, d); };
  const auto i8 = [](std::initializer_list<int64_t> d) { return typed(DType::i8, d); };
  return {
      {"Resize",
       {.name = "scales",
        .attrs = {{"mode", "cubic"}},
        .inputs = {f32({1, 1, 4, 4}), {}, f32({4})}}},
      {"Resize",
       {.name = "sizes",
        .attrs = {{"axes", I{2, 3}}, {"mode", "linear"}},
        .inputs = {f32({1, 1, 4, 4}), {}, {}, i64({2})}}},
      {"NonMaxSuppression",
       {.name = "all", .inputs = {f32({1, 6, 4}), f32({1, 2, 6}), i64({1}), f32({1}), f32({1})}}},
      {"RoiAlign", {.name = "two", .inputs = {f32({2, 2, 5, 5}), f32({2, 4}), i64({2})}}},
      {"AffineGrid", {.name = "image", .inputs = {f32({1, 2, 3}), i64({4})}}},
      {"Col2Im", {.name = "image", .inputs = {f32({1, 4, 9}), i64({2}), i64({2})}}},
      {"MaxUnpool",
       {.name = "2x2",
        .attrs = {{"kernel_shape", I{2, 2}}, {"strides", I{2, 2}}},
        .inputs = {f32({1, 1, 2, 2}), i64({1, 1, 2, 2}), i64({4})}}},
      {"ConvTranspose",
       {.name = "shape",
        .inputs = {f32({1, 1, 2, 2}), f32({1, 1, 2, 2}), {}, typed(DType::i32, {4})}}},
      {"SpaceToBatch", {.name = "2d", .inputs = {f32({1, 4, 4, 1}), i64({2}), i64({2, 2})}}},
      {"BatchToSpace", {.name = "2d", .inputs = {f32({4, 2, 2, 1}), i64({2}), i64({2, 2})}}},
      {"NegativeLogLikelihoodLoss", {.name = "2d", .inputs = {f32({3, 4}), i64({3}), f32({4})}}},
      {"SoftmaxCrossEntropyLoss", {.name = "2d", .inputs = {f32({3, 4}), i64({3}), f32({4})}}},
      {"TfIdfVectorizer",
       {.name = "pairs",
        .attrs = {{"mode", "TF"},
                  {"max_gram_length", int64_t{2}},
                  {"ngram_counts", I{0, 2}},
                  {"ngram_indexes", I{0, 1, 2}},
                  {"pool_int64s", I{1, 2, 3, 4}}},
        .inputs = {i64({2, 6})}}},
      {"RotaryEmbedding",
       {.name = "ids", .inputs = {f32({1, 2, 3, 4}), f32({5, 2}), f32({5, 2}), i64({1, 3})}}},
      {"Attention",
       {.name = "counts",
        .inputs = {f32({1, 2, 3, 4}), f32({1, 2, 5, 4}), f32({1, 2, 5, 4}), {}, {}, {}, i64({1})}}},
      {"LSTM",
       {.name = "lengths",
        .inputs = {f32({2, 1, 3}), f32({1, 8, 3}), f32({1, 8, 2}), {}, typed(DType::i32, {1})}}},
      {"ConvInteger", {.name = "2d", .inputs = {i8({1, 2, 4, 4}), i8({3, 2, 2, 2}), i8({1})}}},
      {"MatMulInteger", {.name = "2d", .inputs = {i8({3, 4}), i8({4, 5}), i8({1}), i8({5})}}},
      {"ArrayFeatureExtractor", {.name = "2d", .inputs = {f32({3, 4}), i64({2})}}},
      {"DetectionPostProcess",
       {.name = "ssd", .inputs = {f32({1, 5, 4}), f32({1, 5, 3}), f32({5, 4})}}},
      {"Adam",
       {.name = "one", .inputs = {f32({}), i64({}), f32({3}), f32({3}), f32({3}), f32({3})}}},
  };
}

TEST(Hostile, ValuesOutOfAnyRange) {
  for (const auto& [name, base] : valued_calls()) {
    const OpDef* op = find(name);
    ASSERT_NE(op, nullptr) << name;
    Mutator m(static_cast<uint32_t>(std::hash<std::string_view>{}(name)));
    for (int i = 0; i < 10 * kTries; ++i) try_call(*op, base, m);
  }
}

TEST(Hostile, EveryOperatorRefusesOrSurvives) {
  int tried = 0;
  for (const OpDef* op : all()) {
    if (!op->cases.applies() || !op->reference.applies()) continue;
    for (const Case& c : op->cases.get()()) {
      SCOPED_TRACE(std::string(op->name) + " " + std::string(c.name));
      Mutator m(static_cast<uint32_t>(std::hash<std::string_view>{}(op->name)));
      for (int i = 0; i < kTries; ++i, ++tried) try_call(*op, c, m);
    }
  }
  EXPECT_GT(tried, 1000);
}

}  // namespace
}  // namespace fettle::ops
