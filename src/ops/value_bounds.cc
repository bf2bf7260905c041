// SPDX-License-Identifier: Apache-2.0
#include "ops/value_bounds.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "ops/evaluate.h"

namespace fettle::ops {

namespace {

constexpr int64_t kMostElements = 64;  // shapes, axes and counts have a handful

enum class Takes : uint8_t {
  bounds,        // in every operand
  first,         // in the first; the others say how it is moved and have to be known
  not_negative,  // in every operand, of numbers that are not negative
};

struct Monotone {
  std::string_view op;
  Takes takes;
};
constexpr Monotone kMonotone[] = {
    {"Add", Takes::bounds},      {"Max", Takes::bounds},       {"Min", Takes::bounds},
    {"Concat", Takes::bounds},   {"Mul", Takes::not_negative}, {"ReduceProd", Takes::not_negative},
    {"ReduceMax", Takes::first}, {"ReduceMin", Takes::first},  {"ReduceSum", Takes::first},
    {"Identity", Takes::first},  {"Cast", Takes::first},       {"Gather", Takes::first},
    {"Slice", Takes::first},     {"Reshape", Takes::first},    {"Squeeze", Takes::first},
    {"Unsqueeze", Takes::first}, {"Flatten", Takes::first},    {"Transpose", Takes::first},
};

bool is_count(const ir::Type& type) {
  return (type.dtype == DType::i64 || type.dtype == DType::i32) && !type.dynamic && !type.quant &&
         type.dims.elements() <= kMostElements;
}

std::shared_ptr<const Bounds> shared(Tensor least, Tensor most) {
  return std::make_shared<const Bounds>(Bounds{std::move(least), std::move(most)});
}

// The extents of x are between 0 and their bound.
std::shared_ptr<const Bounds> bounds_of_extents(const ir::Node& node, const ir::Type& output) {
  const ir::Value* x = node.input(0);
  if (x == nullptr || !x->type.dynamic) return nullptr;
  const OpDef* op = find(node.op);
  const TensorView in[] = {x->view()};
  auto most = evaluate(*op, node.attrs, in, 1);
  if (!most.ok()) return nullptr;
  return shared(Tensor(output.dtype, output.dims), std::move((*most)[0]));
}

// Operand `v` at one of its ends; false where it has none.
bool end_of(const ir::Value* v, bool most, TensorView* end) {
  *end = v == nullptr ? TensorView{} : v->view();
  if (v == nullptr || v->is_constant()) return true;
  if (!v->type.bounds || !is_count(v->type)) return false;
  *end = most ? v->type.bounds->most.view() : v->type.bounds->least.view();
  return true;
}

bool has_negative(const TensorView& v) {
  const std::vector<int64_t> values = to_int64(v);
  return std::any_of(values.begin(), values.end(), [](int64_t x) { return x < 0; });
}

// No sum or product of the operands' elements at their ends leaves the type of the result: where a
// number could wrap around, it has no bounds.
bool fits(const Monotone& op, std::span<const TensorView> in, DType type) {
  double sum = 0, product = 1;
  for (size_t i = 0; i < (op.takes == Takes::first ? 1 : in.size()); ++i) {
    if (!in[i].present()) continue;
    for (const int64_t x : to_int64(in[i])) {
      const double size = std::abs(static_cast<double>(x));
      sum += size;
      product *= std::max(size, 1.0);
    }
  }
  const double largest = type == DType::i32 ? 0x1p31 : 0x1p62;
  return (op.takes == Takes::not_negative ? product : sum) < largest;
}

}  // namespace

std::shared_ptr<const Bounds> derive_bounds(const ir::Node& node, const ir::Type& output) {
  if (!is_count(output) || node.outputs.size() != 1) return nullptr;
  if (node.op == "Shape" || node.op == "Size") return bounds_of_extents(node, output);
  const auto entry = std::find_if(std::begin(kMonotone), std::end(kMonotone),
                                  [&](const Monotone& m) { return m.op == node.op; });
  if (entry == std::end(kMonotone)) return nullptr;
  Tensor ends[2];
  for (const bool most : {false, true}) {
    std::vector<TensorView> in;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      TensorView end;
      if (!end_of(node.inputs[i], most, &end)) return nullptr;
      const bool known = node.inputs[i] == nullptr || node.inputs[i]->is_constant();
      if (i > 0 && entry->takes == Takes::first && !known) return nullptr;
      const bool counts = is_integer(end.dtype) || !end.present();
      if (!counts || (entry->takes == Takes::not_negative && has_negative(end))) return nullptr;
      in.push_back(end);
    }
    if (!fits(*entry, in, output.dtype)) return nullptr;
    auto made = evaluate(*find(node.op), node.attrs, in, 1);
    if (!made.ok() || !((*made)[0].dims() == output.dims)) return nullptr;
    ends[most ? 1 : 0] = std::move((*made)[0]);
  }
  return shared(std::move(ends[0]), std::move(ends[1]));
}

}  // namespace fettle::ops
