// SPDX-License-Identifier: Apache-2.0
#include "generate.h"

#include <algorithm>
#include <cmath>

#include "ops/evaluate.h"

namespace fettle::operators {

std::vector<Example> all_examples() {
  std::vector<Example> examples;
  for (const ops::OpDef* op : ops::all()) {
    if (!op->cases.applies()) continue;
    for (const ops::Case& c : op->cases.get()()) {
      std::string name = std::string(op->name) + "_" + std::string(c.name);
      std::replace_if(
          name.begin(), name.end(), [](char ch) { return !std::isalnum(ch) && ch != '_'; }, '_');
      name += "_" + std::to_string(examples.size());
      examples.push_back({op, c, name});
    }
  }
  return examples;
}

Tensor random_tensor(const ir::Type& type, double low, double high, std::mt19937& random) {
  Tensor t(type.dtype, type.dims);
  t.set_quant(type.quant);
  visit_dtype(
      type.dtype,
      [&](auto zero) {
        using T = decltype(zero);
        double from = low, to = high;
        if constexpr (std::is_integral_v<T>) {
          if (type.quant && sizeof(T) == 1) {
            from = std::numeric_limits<T>::min();
            to = std::numeric_limits<T>::max();
          }
          if (std::is_unsigned_v<T>) from = std::max(from, 0.0);
        }
        std::uniform_real_distribution<double> reals(from, to);
        std::uniform_int_distribution<int64_t> integers(static_cast<int64_t>(std::ceil(from)),
                                                        static_cast<int64_t>(std::floor(to)));
        for (T& e : t.mutable_data<T>()) {
          if constexpr (std::is_same_v<T, bool>) {
            e = random() % 2 == 0;
          } else if constexpr (std::is_integral_v<T>) {
            e = static_cast<T>(integers(random));
          } else {
            e = T(static_cast<float>(reals(random)));
          }
        }
        return true;
      },
      false);
  return t;
}

std::vector<Tensor> random_inputs(const ops::Case& call, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Tensor> inputs;
  for (const ir::Type& type : call.inputs) {
    inputs.push_back(type.known() ? random_tensor(type, call.low, call.high, random) : Tensor());
  }
  return inputs;
}

size_t output_count(const ops::OpDef& op, const ops::Case& call) {
  const Schema& s = op.schema.get();
  const auto most =
      static_cast<size_t>(s.max_outputs < 0 ? std::max(s.min_outputs, 2) : s.max_outputs);
  const std::vector<Tensor> inputs = random_inputs(call, 1);
  std::vector<TensorView> in, out(most);
  for (const Tensor& t : inputs) in.push_back(t.dtype() == DType::none ? TensorView{} : t.view());
  const bool all = ops::infer(op, {call.attrs, in, out}).ok();
  return all ? most : static_cast<size_t>(s.min_outputs);
}

}  // namespace fettle::operators
