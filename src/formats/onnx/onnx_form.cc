// SPDX-License-Identifier: Apache-2.0
//
//   y = Conv(x, w, b, r) {activation = relu6}  ->  y = Clip(Add(Conv(x, w, b), r), 0, 6)
//   y(q) = Add(a(q), b(q))  ->  y(q) = QuantizeLinear(Add(DequantizeLinear(a),
//   DequantizeLinear(b)))
#include <map>

#include "formats/onnx/writer.h"
#include "ops/activation.h"
#include "ops/op.h"

namespace fettle::formats {

namespace {

ir::Value* scalar(ir::Graph& g, float v) { return g.add_constant("", Tensor::scalar(v)); }

ir::Value* append(ir::Graph& g, ir::Node* before, const char* op, std::vector<ir::Value*> in,
                  Attributes attrs = {}) {
  return g.add_node(op, std::move(in), 1, std::move(attrs), before)->outputs[0];
}

// `node` makes a new value; what it used to make is left for the caller to define from that.
ir::Value* detach_output(ir::Graph& g, ir::Node* node) {
  ir::Value* old = node->outputs[0];
  ir::Value* fresh = g.add_value("");
  fresh->type = old->type;
  fresh->type.quant = nullptr;
  fresh->producer = node;
  node->outputs[0] = fresh;
  old->producer = nullptr;
  return fresh;
}

void define(ir::Graph& g, ir::Value* old, const char* op, std::vector<ir::Value*> in,
            Attributes attrs, ir::Node* before) {
  g.add_node_with_outputs(op, std::move(in), {old}, std::move(attrs), before);
}

ir::Node* next(const ir::Graph& g, ir::Node* node) {
  const auto it = std::next(node->position);
  return it == g.nodes().end() ? nullptr : it->get();
}

Status split_activation(ir::Graph& g, ir::Node* node) {
  ops::Activation f;
  FETTLE_TRY(ops::parse_activation(node->attrs, &f));
  node->attrs.erase("activation");
  node->attrs.erase("activation_params");
  if (f.kind == ops::ActivationKind::none || node->output(0) == nullptr) return {};
  ir::Value* y = node->outputs[0];
  ir::Value* x = detach_output(g, node);
  ir::Node* after = next(g, node);
  using Kind = ops::ActivationKind;
  switch (f.kind) {
    case Kind::clip:
      if (f.a == 0 && f.b == std::numeric_limits<float>::infinity()) {
        define(g, y, "Relu", {x}, {}, after);
      } else {
        define(g, y, "Clip", {x, scalar(g, f.a), scalar(g, f.b)}, {}, after);
      }
      break;
    case Kind::hard_swish:
      define(g, y, "HardSwish", {x}, {}, after);
      break;
    case Kind::hard_sigmoid:
      define(g, y, "HardSigmoid", {x}, {{"alpha", f.a}, {"beta", f.b}}, after);
      break;
    case Kind::sigmoid:
      define(g, y, "Sigmoid", {x}, {}, after);
      break;
    case Kind::silu:
      define(g, y, "Mul", {x, append(g, after, "Sigmoid", {x})}, {}, after);
      break;
    case Kind::leaky_relu:
      define(g, y, "LeakyRelu", {x}, {{"alpha", f.a}}, after);
      break;
    case Kind::tanh:
      define(g, y, "Tanh", {x}, {}, after);
      break;
    case Kind::gelu:
      define(g, y, "Gelu", {x}, {}, after);
      break;
    case Kind::none:
      break;
  }
  return {};
}

void split_residual(ir::Graph& g, ir::Node* conv) {
  ir::Value* residual = conv->input(3);
  if (conv->inputs.size() > 3) {
    g.set_input(conv, 3, nullptr);
    conv->inputs.resize(3);
  }
  if (residual == nullptr) return;
  ir::Value* y = conv->outputs[0];
  ir::Node* after = next(g, conv);
  ir::Value* x = detach_output(g, conv);
  define(g, y, "Add", {x, residual}, {}, after);
}

// Between quantized values these only change the range, which QDQ states at both ends.
void relabel_range_change(ir::Node* node) {
  const bool range_only = node->op == "Requantize" ||
                          ((node->op == "QuantizeLinear" || node->op == "DequantizeLinear") &&
                           node->inputs.size() == 1);
  if (!range_only) return;
  node->op = "Identity";
  node->attrs = {};
}

class Dequantizer {
 public:
  explicit Dequantizer(ir::Graph& graph) : g_(graph) {}

  Status run() {
    std::vector<ir::Node*> nodes;
    for (const auto& n : g_.nodes()) nodes.push_back(n.get());
    for (ir::Node* n : nodes) {
      for (size_t i = 0; i < n->inputs.size(); ++i) {
        ir::Value* v = n->inputs[i];
        if (v && v->type.quant) g_.set_input(n, i, dequantized(v, n));
      }
      for (size_t i = 0; i < n->outputs.size(); ++i) {
        if (n->outputs[i] && n->outputs[i]->type.quant) quantize_output(n, i);
      }
    }
    return {};
  }

 private:
  std::vector<ir::Value*> operands(ir::Value* first, const ir::Type& type) {
    const Quantization& q = *type.quant;
    Dims dims;
    if (!q.per_tensor()) dims.push_back(static_cast<int64_t>(q.scale.size()));
    Tensor zero(type.dtype, dims);
    visit_dtype(
        type.dtype,
        [&](auto t) {
          for (size_t i = 0; i < q.scale.size(); ++i) {
            zero.mutable_data<decltype(t)>()[i] = static_cast<decltype(t)>(q.zero_point[i]);
          }
          return true;
        },
        false);
    return {first, g_.add_constant("", Tensor::of<float>(dims, q.scale)),
            g_.add_constant("", std::move(zero))};
  }

  ir::Value* dequantized(ir::Value* v, ir::Node* before) {
    const auto [it, fresh] = made_.emplace(v, nullptr);
    if (fresh) {
      const int64_t axis = v->type.quant->per_tensor() ? 1 : v->type.quant->axis;
      it->second = append(g_, before, "DequantizeLinear", operands(v, v->type), {{"axis", axis}});
    }
    return it->second;
  }

  void quantize_output(ir::Node* node, size_t i) {
    ir::Value* v = node->outputs[i];
    ir::Value* real = g_.add_value("");
    real->producer = node;
    real->output_index = static_cast<int>(i);
    node->outputs[i] = real;
    v->producer = nullptr;
    const int64_t axis = v->type.quant->per_tensor() ? 1 : v->type.quant->axis;
    define(g_, v, "QuantizeLinear", operands(real, v->type), {{"axis", axis}}, next(g_, node));
  }

  ir::Graph& g_;
  std::map<const ir::Value*, ir::Value*> made_;
};

Status check_layout(const ir::Node& node) {
  // Recurrent operators have an attribute of that name, a number.
  if (node.attrs.get_string("layout", "nchw") == "nchw") return {};
  return unsupported("it is laid out channels-last; write the graph before the layout passes");
}

Status convert_node(ir::Graph& g, ir::Node* node) {
  FETTLE_TRY(check_layout(*node));
  if (!node->attrs.get_string("layout").empty()) node->attrs.erase("layout");
  if (node->attrs.has("activation")) FETTLE_TRY(split_activation(g, node));
  if (node->op == "Conv") split_residual(g, node);
  relabel_range_change(node);
  return {};
}

Status apply_rule(ir::Graph& g, ir::Node* node) {
  const ops::OpDef* op = ops::find(node->op);
  if (op != nullptr && op->onnx.applies()) {
    for (const ops::OnnxRule& r : op->onnx.get()) {
      if (r.to != nullptr) return r.to(g, node);
    }
  }
  if (ops::find_onnx_rule(node->op, nullptr) != nullptr) return {};
  return unsupported("ONNX has no operator " + node->op);
}

}  // namespace

Result<std::unique_ptr<ir::Graph>> to_onnx_form(const ir::Graph& graph) {
  auto copy = graph.clone();
  const auto each = [&](Status (*step)(ir::Graph&, ir::Node*)) -> Status {
    std::vector<ir::Node*> nodes;
    for (const auto& n : copy->nodes()) nodes.push_back(n.get());
    for (ir::Node* n : nodes) {
      const std::string place = "node " + n->label();
      FETTLE_TRY(step(*copy, n).at(place));
    }
    return {};
  };
  FETTLE_TRY(each(convert_node));
  FETTLE_TRY(Dequantizer(*copy).run());
  FETTLE_TRY(each(apply_rule));
  copy->erase_dead();
  return copy;
}

}  // namespace fettle::formats
