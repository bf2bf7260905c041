// SPDX-License-Identifier: Apache-2.0
#include "ops/onnx_rules.h"

namespace fettle::ops {

namespace {
// Indexed by TensorProto.DataType.
constexpr DType kTypes[] = {DType::none, DType::f32, DType::u8,  DType::i8,   DType::u16,
                            DType::i16,  DType::i32, DType::i64, DType::none, DType::boolean,
                            DType::f16,  DType::f64, DType::u32, DType::u64,  DType::none,
                            DType::none, DType::bf16};
constexpr int64_t kTypeCount = sizeof(kTypes) / sizeof(kTypes[0]);
}  // namespace

DType dtype_of_onnx_code(int64_t code) {
  return code < 0 || code >= kTypeCount ? DType::none : kTypes[code];
}

int64_t onnx_code_of(DType dtype) {
  for (int64_t i = 1; i < kTypeCount; ++i) {
    if (kTypes[i] == dtype) return i;
  }
  return 0;
}

Status read_dtype_attribute(ir::Node* node, const char* name) {
  const Attribute* a = node->attrs.find(name);
  if (a == nullptr) return {};
  const int64_t code = node->attrs.get_int(name);
  const DType dtype = dtype_of_onnx_code(code);
  if (dtype == DType::none) {
    return unsupported("attribute '" + std::string(name) + "' asks for element type " +
                       std::to_string(code) + ", which Fettle does not compute with");
  }
  node->attrs.set(name, std::string(name_of(dtype)));
  return {};
}

void write_dtype_attribute(ir::Node* node, const char* name) {
  if (!node->attrs.has(name)) return;
  node->attrs.set(name, onnx_code_of(dtype_from_name(node->attrs.get_string(name))));
}

Status refuse_to_write(ir::Graph&, ir::Node* node) {
  return unsupported(node->op + " is newer than opset 21, which Fettle writes", node->label());
}

void set_constant_input(ir::Graph& graph, ir::Node* node, size_t index, const char* what,
                        Tensor value) {
  const ir::Value* out = node->output(0);
  const std::string base = out ? out->name : node->name;
  graph.set_input(node, index, graph.add_constant(base + "/" + what, std::move(value)));
}

void ints_to_input(ir::Graph& graph, ir::Node* node, const char* name, size_t index) {
  if (!node->attrs.has(name)) return;
  set_constant_input(graph, node, index, name, Tensor::vector<int64_t>(node->attrs.get_ints(name)));
  node->attrs.erase(name);
}

bool input_to_ints(ir::Graph& graph, ir::Node* node, size_t index, const char* name) {
  ir::Value* v = node->input(index);
  if (v == nullptr || !v->is_constant()) return false;
  node->attrs.set(name, to_int64(v->view()));
  graph.set_input(node, index, nullptr);
  while (!node->inputs.empty() && node->inputs.back() == nullptr) node->inputs.pop_back();
  return true;
}

ir::Node* append_node(ir::Graph& graph, ir::Node* node, std::string op, Attributes attrs) {
  const auto next = std::next(node->position);
  ir::Node* before = next == graph.nodes().end() ? nullptr : next->get();
  ir::Value* out = node->outputs[0];
  ir::Value* made = graph.add_value(out->name + "/" + node->op);
  node->outputs[0] = made;
  made->producer = node;
  made->output_index = 0;
  ir::Node* last =
      graph.add_node_with_outputs(std::move(op), {made}, {out}, std::move(attrs), before);
  last->name = node->name;
  return last;
}

}  // namespace fettle::ops
