// SPDX-License-Identifier: Apache-2.0
//
// FULLY_CONNECTED(x [...,K], w [N,K], b)  ->  Reshape [-1,K]  Gemm(transB=1)  Reshape [...,N]
// BATCH_MATMUL(x, y, adj_x, adj_y)        ->  Transposes where adj_ says so, MatMul
#include "ops/matmul/matmul.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

ir::Value* reshaped(ir::Graph& graph, ir::Value* x, const std::vector<int64_t>& shape,
                    ir::Node* before) {
  ir::Value* to = graph.add_constant(x->name + "/shape",
                                     Tensor::vector<int64_t>(std::span<const int64_t>(shape)));
  ir::Node* node = graph.add_node("Reshape", {x, to}, 1, {}, before);
  node->outputs[0]->type.quant = x->type.quant;
  return node->outputs[0];
}

Status read_fully_connected(ir::Graph& graph, ir::Node* node) {
  FETTLE_TRY(need_inputs(*node, 2));
  const std::string format(node->attrs.get_string("weights_format", "DEFAULT"));
  if (format != "DEFAULT") return unsupported("weights_format " + format, node->label());
  const bool keep = node->attrs.get_int("keep_num_dims", 0) != 0;
  FETTLE_TRY(read_tflite_activation(node->attrs));
  for (const char* name :
       {"weights_format", "keep_num_dims", "asymmetric_quantize_inputs", "quantized_bias_type"}) {
    node->attrs.erase(name);
  }
  node->op = "Gemm";
  node->attrs.set("transB", int64_t{1});
  ir::Value* x = node->inputs[0];
  const Dims& w = node->inputs[1]->type.dims;
  if (w.rank() != 2) return invalid_input("weights should be a matrix", node->label());
  const Dims in = x->type.dims;
  if (!x->type.known() || (in.rank() == 2 && in[1] == w[1])) return {};
  graph.set_input(node, 0, reshaped(graph, x, {-1, w[1]}, node));
  if (!keep || in.rank() < 1) return {};
  // The node's output becomes the reshaped one's input; readers of it follow.
  ir::Value* out = node->outputs[0];
  ir::Value* flat = graph.add_value(out->name + "/flat");
  flat->type.quant = out->type.quant;
  flat->producer = node;
  node->outputs[0] = flat;
  out->producer = nullptr;
  std::vector<int64_t> shape(in.begin(), in.end());
  shape.back() = w[0];
  shape.front() = in.rank() > 1 ? -1 : shape.front();
  ir::Value* to = graph.add_constant(out->name + "/shape",
                                     Tensor::vector<int64_t>(std::span<const int64_t>(shape)));
  const auto next = std::next(node->position);
  ir::Node* before = next == graph.nodes().end() ? nullptr : next->get();
  graph.add_node_with_outputs("Reshape", {flat, to}, {out}, {}, before);
  return {};
}

Status transpose_last(ir::Graph& graph, ir::Node* node, size_t input) {
  ir::Value* x = node->inputs[input];
  const int64_t rank = x->type.dims.rank();
  if (rank < 2) return invalid_input("operand of rank " + std::to_string(rank), node->label());
  std::vector<int64_t> perm;
  for (int64_t i = 0; i < rank; ++i) perm.push_back(i);
  std::swap(perm[rank - 1], perm[rank - 2]);
  ir::Node* turn = graph.add_node("Transpose", {x}, 1, {{"perm", perm}}, node);
  turn->outputs[0]->type.quant = x->type.quant;
  graph.set_input(node, input, turn->outputs[0]);
  return {};
}

Status read_batch_matmul(ir::Graph& graph, ir::Node* node) {
  if (node->inputs.size() != 2 || !node->inputs[0] || !node->inputs[1]) {
    return invalid_input("BATCH_MATMUL needs two inputs", node->label());
  }
  const bool x = node->attrs.get_int("adj_x", 0) != 0, y = node->attrs.get_int("adj_y", 0) != 0;
  node->attrs = {};
  node->op = "MatMul";
  if (x) FETTLE_TRY(transpose_last(graph, node, 0));
  if (y) FETTLE_TRY(transpose_last(graph, node, 1));
  return {};
}

}  // namespace

constexpr TfliteRule kGemmTflite[] = {{"FULLY_CONNECTED", read_fully_connected, true}};
constexpr TfliteRule kMatmulTflite[] = {{"BATCH_MATMUL", read_batch_matmul, true}};

}  // namespace fettle::ops
