// SPDX-License-Identifier: Apache-2.0
// Example calls with attributes, extents and types changed at random: inference refuses them or
// the reference stays inside its memory. Run under the sanitizers this finds reads outside, too.
#include <gtest/gtest.h>

#include "generate.h"
#include "ops/evaluate.h"

namespace fettle::operators {
namespace {

constexpr int kTries = 60;
constexpr size_t kMaxBytes = size_t{1} << 20;
constexpr int64_t kMaxWork = int64_t{1} << 22;

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  void mutate(ops::Case* call) {
    const int changes = 1 + below(3);
    for (int i = 0; i < changes; ++i) {
      const bool attribute = below(2) == 0 && !call->attrs.entries().empty();
      if (attribute) {
        mutate_attribute(&call->attrs);
      } else if (!call->inputs.empty()) {
        mutate_input(&call->inputs[static_cast<size_t>(below(call->inputs.size()))]);
      }
    }
    if (below(10) == 0 && !call->inputs.empty()) call->inputs.pop_back();
    if (below(10) == 0) call->inputs.push_back(ir::Type{DType::i64, false, {2}, nullptr});
  }

  std::mt19937& random() { return random_; }

 private:
  int below(size_t n) { return static_cast<int>(random_() % n); }

  int64_t integer() {
    static constexpr int64_t kTelling[] = {0,  1,  -1, 2, 3,         -2,        7,
                                           64, -9, 99, 8, INT64_MAX, INT64_MIN, 1 << 30};
    return kTelling[below(std::size(kTelling))];
  }

  void mutate_attribute(Attributes* attrs) {
    const auto at = static_cast<size_t>(below(attrs->entries().size()));
    auto [name, value] = attrs->entries()[at];
    if (auto* i = std::get_if<int64_t>(&value)) {
      *i = integer();
    } else if (auto* list = std::get_if<std::vector<int64_t>>(&value)) {
      if (below(4) == 0) list->push_back(integer());
      if (!list->empty() && below(4) == 0) list->pop_back();
      if (!list->empty()) (*list)[static_cast<size_t>(below(list->size()))] = integer();
    } else if (auto* f = std::get_if<float>(&value)) {
      static constexpr float kTelling[] = {0, -1, 1e30f, -1e30f, __builtin_nanf("")};
      *f = kTelling[below(std::size(kTelling))];
    } else if (auto* s = std::get_if<std::string>(&value)) {
      *s = "surprise";
    }
    attrs->set(name, std::move(value));
  }

  void mutate_input(ir::Type* type) {
    if (!type->known()) return;
    switch (below(4)) {
      case 0:
        type->dtype = static_cast<DType>(1 + below(kDTypeCount - 1));
        break;
      case 1:
        if (type->dims.rank() < kMaxRank) type->dims.push_back(1 + below(3));
        break;
      case 2:
        if (type->dims.rank() > 0) type->dims.resize(type->dims.rank() - 1);
        break;
      default:
        if (type->dims.rank() > 0) {
          type->dims[below(static_cast<size_t>(type->dims.rank()))] = below(9);
        }
    }
    type->quant = nullptr;
  }

  std::mt19937 random_;
};

class Hostile : public testing::TestWithParam<Example> {};

TEST_P(Hostile, IsRefusedOrStaysInside) {
  const Example& e = GetParam();
  if (!e.op->reference.applies()) return;
  const size_t outputs = output_count(*e.op, e.call);
  for (int attempt = 0; attempt < kTries; ++attempt) {
    Mutator mutator(static_cast<uint32_t>(attempt));
    ops::Case call = e.call;
    mutator.mutate(&call);
    std::vector<Tensor> inputs;
    std::vector<TensorView> in, out(outputs);
    bool small = true;
    for (const ir::Type& t : call.inputs) small &= !t.known() || t.bytes() <= kMaxBytes;
    if (!small || !ops::check_schema(*e.op, call.attrs, call.inputs.size(), out.size()).ok()) {
      continue;
    }
    for (const ir::Type& t : call.inputs) {
      inputs.push_back(t.known() ? random_tensor(t, call.low, call.high, mutator.random())
                                 : Tensor());
    }
    for (const Tensor& t : inputs) {
      in.push_back(t.dtype() == DType::none ? TensorView{} : t.view());
    }
    if (!ops::infer(*e.op, {call.attrs, in, out}).ok()) continue;
    if (e.op->cost.applies()) {
      const ops::Cost cost = e.op->cost.get()({call.attrs, in, out});
      if (cost.macs < 0 || cost.flops < 0 || cost.macs + cost.flops > kMaxWork) continue;
    }
    // A Status is as good as a result.
    (void)ops::evaluate(*e.op, call.attrs, in, out.size(), kMaxBytes).ok();
  }
}

INSTANTIATE_TEST_SUITE_P(All, Hostile, testing::ValuesIn(all_examples()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fettle::operators
