// SPDX-License-Identifier: Apache-2.0
#include "ops/quantize_linear/contrib_rules.h"

#include <algorithm>

#include "ops/quantize_linear/bias.h"

namespace fettle::ops {

namespace {

// Operands are triples of codes, scale and zero point from `first` on; `count` 0: all that follow.
struct Form {
  std::string_view name, op;
  size_t first, count, scale;  // of the result, its zero point behind it
};
constexpr Form kForms[] = {
    {"com.microsoft:QLinearAdd", "Add", 0, 2, 6},
    {"com.microsoft:QLinearMul", "Mul", 0, 2, 6},
    {"com.microsoft:QLinearAveragePool", "AveragePool", 0, 1, 3},
    {"com.microsoft:QLinearGlobalAveragePool", "GlobalAveragePool", 0, 1, 3},
    {"com.microsoft:QLinearLeakyRelu", "LeakyRelu", 0, 1, 3},
    {"com.microsoft:QLinearSigmoid", "Sigmoid", 0, 1, 3},
    {"com.microsoft:QLinearSoftmax", "Softmax", 0, 1, 3},
    {"com.microsoft:QLinearConcat", "Concat", 2, 0, 0},
};

Status missing(const ir::Node& node, size_t i) {
  return invalid_input(node.op + ": input " + std::to_string(i) + " is missing");
}

// The float behind the codes of inputs i to i + 2.
Result<ir::Value*> dequantized(ir::Graph& graph, ir::Node* node, size_t i, int64_t axis) {
  if (node->input(i) == nullptr) return missing(*node, i);
  if (node->input(i + 1) == nullptr) return missing(*node, i + 1);
  return graph
      .add_node("DequantizeLinear", {node->input(i), node->input(i + 1), node->input(i + 2)}, 1,
                {{"axis", axis}}, node)
      ->outputs[0];
}

// The operator on floats as ONNX has it at that opset, before `node`.
Result<ir::Value*> computed(ir::Graph& graph, ir::Node* node, std::string_view name,
                            std::vector<ir::Value*> operands, Attributes attrs, int opset) {
  const OpDef* op = nullptr;
  const OnnxRule* rule = find_onnx_rule(name, &op);
  ir::Node* made =
      graph.add_node(std::string(op->name), std::move(operands), 1, std::move(attrs), node);
  made->name = node->name;
  ir::Value* result = made->outputs[0];
  if (rule->from != nullptr) FETTLE_TRY(rule->from(graph, made, opset));
  return result;
}

// The node itself becomes what quantizes the result.
void quantize(ir::Graph& graph, ir::Node* node, ir::Value* result, size_t scale) {
  ir::Value* operands[] = {result, node->input(scale), node->input(scale + 1)};
  for (size_t i = 0; i < node->inputs.size(); ++i) graph.set_input(node, i, nullptr);
  node->inputs.resize(3);
  for (size_t i = 0; i < 3; ++i) graph.set_input(node, i, operands[i]);
  node->op = "QuantizeLinear";
  node->attrs = {};
}

Status from_form(ir::Graph& graph, ir::Node* node, int opset) {
  const Form& form = *std::find_if(std::begin(kForms), std::end(kForms),
                                   [&](const Form& f) { return f.name == node->op; });
  Attributes attrs = node->attrs;
  if (attrs.get_int("channels_last", 0) != 0) {
    return unsupported(node->op + ": channels_last is not 0");
  }
  attrs.erase("channels_last");
  if (form.op == "Softmax") {
    opset = static_cast<int>(std::clamp<int64_t>(attrs.get_int("opset", 13), 1, 21));
    attrs.erase("opset");
  } else {
    opset = 21;  // of the other domain that is
  }
  const size_t end = form.count == 0 ? node->inputs.size() : form.first + 3 * form.count;
  std::vector<ir::Value*> operands;
  for (size_t i = form.first; i < end; i += 3) {
    FETTLE_ASSIGN(operands.emplace_back(), dequantized(graph, node, i, 0));
  }
  if (operands.empty()) return missing(*node, form.first);
  if (node->input(form.scale) == nullptr) return missing(*node, form.scale);
  FETTLE_ASSIGN(ir::Value * result,
                computed(graph, node, form.op, std::move(operands), std::move(attrs), opset));
  quantize(graph, node, result, form.scale);
  return {};
}

Status from_qgemm(ir::Graph& graph, ir::Node* node, int) {
  const bool transposed = node->attrs.get_int("transB", 0) != 0;
  FETTLE_ASSIGN(ir::Value * a, dequantized(graph, node, 0, 0));
  FETTLE_ASSIGN(ir::Value * b, dequantized(graph, node, 3, transposed ? 0 : 1));
  std::vector<ir::Value*> operands = {a, b};
  if (ir::Value* c = node->input(6)) {
    operands.push_back(dequantized_bias(graph, node, c, node->input(1), node->input(4),
                                        node->attrs.get_float("alpha", 1.0F)));
    if (operands[2] == nullptr) {
      return unsupported("QGemm with a bias: scales that are not constant");
    }
  }
  const bool codes = node->input(7) != nullptr;
  FETTLE_ASSIGN(ir::Value * result,
                computed(graph, node, "Gemm", std::move(operands), node->attrs, 21));
  if (codes) {
    quantize(graph, node, result, 7);
  } else {
    graph.replace_uses(node->outputs[0], result);
    graph.erase(node);
  }
  return {};
}

}  // namespace

constexpr OnnxRule kQuantizeOnnx[] = {{"QuantizeLinear"},
                                      {"com.microsoft:QuantizeLinear"},
                                      {"com.microsoft:QLinearAdd", 1, from_form},
                                      {"com.microsoft:QLinearMul", 1, from_form},
                                      {"com.microsoft:QLinearAveragePool", 1, from_form},
                                      {"com.microsoft:QLinearGlobalAveragePool", 1, from_form},
                                      {"com.microsoft:QLinearLeakyRelu", 1, from_form},
                                      {"com.microsoft:QLinearSigmoid", 1, from_form},
                                      {"com.microsoft:QLinearSoftmax", 1, from_form},
                                      {"com.microsoft:QLinearConcat", 1, from_form},
                                      {"com.microsoft:QGemm", 1, from_qgemm}};

}  // namespace fettle::ops
