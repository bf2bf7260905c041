// SPDX-License-Identifier: Apache-2.0
//
// Where: elements of one operand or the other, as a condition says; all three broadcast.
#include "ops/cases.h"
#include "ops/element_size.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/row_walk.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer(const OpCall& call) {
  const TensorView &condition = call.in[0], &a = call.in[1], &b = call.in[2];
  if (condition.dtype != DType::boolean) return invalid_input("Where: its condition is not bool");
  FETTLE_TRY(require_same_dtype("Where", a, b));
  const bool same_quant =
      (a.quant == nullptr && b.quant == nullptr) || (a.quant && b.quant && *a.quant == *b.quant);
  if (!same_quant) return unsupported("Where: its operands are quantized differently");
  Dims dims;
  FETTLE_TRY(broadcast("Where", a.dims, b.dims, &dims));
  FETTLE_TRY(broadcast("Where", dims, condition.dims, &dims));
  call.out[0].dtype = a.dtype;
  call.out[0].dims = dims;
  call.out[0].dynamic = any_dynamic(call);
  if (a.quant) call.out[0].quant = a.quant;
  return {};
}

template <class T>
void run(const OpCall& call) {
  const bool* condition = call.in[0].as<bool>();
  const T* a = static_cast<const T*>(call.in[1].data);
  const T* b = static_cast<const T*>(call.in[2].data);
  T* y = static_cast<T*>(call.out[0].data);
  for (RowWalk w(call.out[0].dims, {&call.in[0].dims, &call.in[1].dims, &call.in[2].dims});
       !w.done(); w.next()) {
    const bool* c = condition + w.at(0);
    const T *pa = a + w.at(1), *pb = b + w.at(2);
    T* py = y + w.out_at();
    for (int64_t i = 0; i < w.length(); ++i) {
      py[i] = c[i * w.step(0)] ? pa[i * w.step(1)] : pb[i * w.step(2)];
    }
  }
}

Status reference(const OpCall& call) {
  visit_element_size(size_of(call.out[0].dtype), [&]<class T>(T) { run<T>(call); });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements()}; }

std::vector<Case> cases() {
  const ir::Type condition = typed(DType::boolean, {4, 33});
  return {
      {.name = "same", .inputs = {condition, f32({4, 33}), f32({4, 33})}},
      {.name = "scalar", .inputs = {condition, f32({}), f32({4, 33})}},
      {.name = "all_ways", .inputs = {typed(DType::boolean, {3, 1}), f32({2, 1, 1}), f32({1, 5})}}};
}

bool in_place(const OpCall& call, int input) {
  return input > 0 && in_place_same_shape(call, input);
}

// TFLite's older SELECT takes whole rows where its condition has one axis.
Status from_select(ir::Graph& graph, ir::Node* node) {
  node->op = "Where";
  const ir::Value* condition = node->input(0);
  const ir::Value* x = node->input(1);
  if (condition == nullptr || x == nullptr || !x->type.known()) return {};
  const int rank = x->type.dims.rank();
  if (condition->type.dims.rank() != 1 || rank <= 1) return {};
  std::vector<int64_t> shape(static_cast<size_t>(rank), 1);
  shape[0] = -1;
  ir::Value* rows =
      graph.add_constant(node->outputs[0]->name + "/rows", Tensor::vector<int64_t>(shape));
  ir::Node* reshape = graph.add_node("Reshape", {node->inputs[0], rows}, 1, {}, node);
  graph.set_input(node, 0, reshape->outputs[0]);
  return {};
}

constexpr OnnxRule kOnnx[] = {{"Where"}};
constexpr TfliteRule kTflite[] = {{"SELECT_V2"}, {"SELECT", from_select}};
constexpr OpDef kOps[] = {{.name = "Where",
                           .schema = Schema(3, 3, 1, 1),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(where, kOps)

}  // namespace fettle::ops
