// SPDX-License-Identifier: Apache-2.0
#include "ops/binary/binary.h"

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

void run_rows(const TensorView& a, const TensorView& b, const TensorView& out, RowLoop loop) {
  const auto* pa = static_cast<const char*>(a.data);
  const auto* pb = static_cast<const char*>(b.data);
  auto* py = static_cast<char*>(out.data);
  const auto size_a = static_cast<int64_t>(size_of(a.dtype));
  const auto size_b = static_cast<int64_t>(size_of(b.dtype));
  const auto size_y = static_cast<int64_t>(size_of(out.dtype));
  for (RowWalk w(out.dims, {&a.dims, &b.dims}); !w.done(); w.next()) {
    loop(pa + w.at(0) * size_a, w.step(0), pb + w.at(1) * size_b, w.step(1),
         py + w.out_at() * size_y, w.length());
  }
}

Status infer_broadcast(const char* op, const OpCall& call, DType out) {
  Dims dims = call.in[0].dims;
  for (size_t i = 1; i < call.in.size(); ++i) {
    FETTLE_TRY(require_same_dtype(op, call.in[0], call.in[i]));
    FETTLE_TRY(broadcast(op, dims, call.in[i].dims, &dims));
  }
  call.out[0].dtype = out;
  call.out[0].dims = dims;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

std::vector<Case> binary_cases(DType type, double low, double high) {
  const auto t = [&](std::initializer_list<int64_t> extents) { return typed(type, extents); };
  return {{.name = "same", .inputs = {t({2, 3, 35}), t({2, 3, 35})}, .low = low, .high = high},
          {.name = "scalar", .inputs = {t({5, 33}), t({})}, .low = low, .high = high},
          {.name = "scalar_left", .inputs = {t({1}), t({5, 33})}, .low = low, .high = high},
          {.name = "channels_last", .inputs = {t({7, 19}), t({19})}, .low = low, .high = high},
          {.name = "channels", .inputs = {t({2, 5, 3, 7}), t({5, 1, 1})}, .low = low, .high = high},
          {.name = "both_ways", .inputs = {t({4, 1, 6}), t({3, 1})}, .low = low, .high = high}};
}

bool in_place_binary(const OpCall& call, int input) {
  return input < 2 && in_place_same_shape(call, input);
}

Status read_old_broadcast(ir::Graph& graph, ir::Node* node, int opset) {
  node->attrs.erase("consumed_inputs");
  const bool broadcasts = node->attrs.get_int("broadcast") != 0;
  const Attribute* axis = node->attrs.find("axis");
  if (opset < 7 && broadcasts && axis != nullptr) {
    // b's axes stand at axis, axis + 1, ... of a: append what a has behind them. Their number is
    // known only if b's rank is.
    ir::Value* a = node->input(0);
    ir::Value* b = node->input(1);
    if (a == nullptr || b == nullptr || !b->is_constant() || !a->type.known()) {
      return unsupported(node->op + ": old broadcasting along an axis needs a constant operand");
    }
    Dims dims = b->type.dims;
    const int64_t behind = a->type.dims.rank() - node->attrs.get_int("axis") - dims.rank();
    if (behind < 0 || dims.rank() + behind > kMaxRank) {
      return invalid_input(node->op + ": axis does not fit the operands");
    }
    for (int64_t i = 0; i < behind; ++i) dims.push_back(1);
    set_constant_input(graph, node, 1, "aligned", b->data->reshaped(dims));
  }
  node->attrs.erase("broadcast");
  node->attrs.erase("axis");
  return {};
}

}  // namespace fettle::ops
