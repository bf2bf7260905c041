// SPDX-License-Identifier: Apache-2.0
//
//   y = Conv(x, w, b, r) {activation = relu6}  ->  y = Clip(Add(Conv(x, w, b), r), 0, 6)
//   y(q) = Add(a(q), b(q))  ->  y(q) = QuantizeLinear(Add(DequantizeLinear(a),
//   DequantizeLinear(b)))
#include <algorithm>
#include <limits>
#include <map>
#include <string_view>

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
      // These take and make codes as they are.
      if (n->op == "QuantizeLinear" || n->op == "DequantizeLinear" || n->op == "Lookup") continue;
      for (size_t i = 0; i < n->inputs.size(); ++i) {
        ir::Value* v = n->inputs[i];
        if (v && v->type.quant) {
          FETTLE_TRY(check_typed(v));
          g_.set_input(n, i, dequantized(v, n));
        }
      }
      for (size_t i = 0; i < n->outputs.size(); ++i) {
        if (n->outputs[i] && n->outputs[i]->type.quant) FETTLE_TRY(check_typed(n->outputs[i]));
        if (n->outputs[i] && n->outputs[i]->type.quant) quantize_output(n, i);
      }
    }
    return {};
  }

 private:
  static Status check_typed(const ir::Value* v) {
    if (v->type.known()) return {};
    return unsupported("value '" + v->name +
                       "' is quantized and has no type yet; fix the inputs' "
                       "shapes first (--shape)");
  }

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

// How many axes an image operator's operands have; 0: unknown.
int rank_of(const ir::Node& node) {
  if (node.input(0)->type.known()) return node.input(0)->type.dims.rank();
  if (const ir::Value* w = node.input(1); w && w->is_constant()) return w->type.dims.rank();
  const size_t kernel = node.attrs.get_ints("kernel_shape").size();
  return kernel == 0 ? 0 : static_cast<int>(kernel) + 2;
}

Attributes permutation(std::vector<int64_t> perm) { return {{"perm", std::move(perm)}}; }

// A channels-last node becomes a channels-first one between transposes.
Status make_channels_first(ir::Graph& g, ir::Node* node) {
  // Recurrent operators have an attribute of that name, too, a number.
  if (node->attrs.get_string("layout").empty()) return {};
  const bool last = node->attrs.get_string("layout") == "nhwc";
  node->attrs.erase("layout");
  if (!last) return {};
  const int rank = rank_of(*node);
  if (rank < 3) return unsupported("it is laid out channels-last, and its rank is not known");
  std::vector<int64_t> first = {0, rank - 1}, back = {0};
  for (int i = 1; i < rank - 1; ++i) first.push_back(i);
  for (int i = 2; i < rank; ++i) back.push_back(i);
  back.push_back(1);
  g.set_input(node, 0, append(g, node, "Transpose", {node->inputs[0]}, permutation(first)));
  if (node->op == "Conv") {  // [O,K..,I] -> [O,I,K..]
    g.set_input(node, 1, append(g, node, "Transpose", {node->inputs[1]}, permutation(first)));
  } else if (node->op == "ConvTranspose") {  // [O,K..,I] -> [I,O,K..]
    if (node->attrs.get_int("group", 1) != 1) return unsupported("it is grouped channels-last");
    std::vector<int64_t> perm = {rank - 1};
    for (int i = 0; i < rank - 1; ++i) perm.push_back(i);
    g.set_input(node, 1, append(g, node, "Transpose", {node->inputs[1]}, permutation(perm)));
  }
  for (size_t i = 1; i < node->outputs.size(); ++i) {
    if (node->outputs[i]) return unsupported("channels-last, with a second output");
  }
  ir::Value* y = node->outputs[0];
  ir::Value* x = detach_output(g, node);
  x->type = {};
  define(g, y, "Transpose", {x}, permutation(back), next(g, node));
  return {};
}

// Padding that depends on the extents in numbers, where those are known: other runtimes do not
// take auto_pad together with dilations.
void state_padding(ir::Node* node) {
  const std::string mode(node->attrs.get_string("auto_pad", "NOTSET"));
  const bool pools = node->op == "MaxPool" || node->op == "AveragePool";
  if ((mode != "SAME_UPPER" && mode != "SAME_LOWER") || !(pools || node->op == "Conv")) return;
  const ir::Type& x = node->inputs[0]->type;
  if (!x.known() || x.dynamic || x.dims.rank() < 3) return;
  const bool last = node->attrs.get_string("layout") == "nhwc";
  const int axes = x.dims.rank() - 2;
  const auto at = [&](const char* name, int a, int64_t fallback) {
    const auto v = node->attrs.get_ints(name);
    return static_cast<size_t>(a) < v.size() ? v[static_cast<size_t>(a)] : fallback;
  };
  std::vector<int64_t> pads(static_cast<size_t>(2 * axes));
  for (int a = 0; a < axes; ++a) {
    const int image_axis = last ? a + 1 : a + 2;
    const int64_t in = x.dims[image_axis], stride = at("strides", a, 1);
    const int64_t kernel =
        pools ? at("kernel_shape", a, 1) : node->inputs[1]->type.dims[image_axis];
    const int64_t out = (in + stride - 1) / stride;
    const int64_t total =
        std::max<int64_t>(0, (out - 1) * stride + (kernel - 1) * at("dilations", a, 1) + 1 - in);
    const int64_t before = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    pads[static_cast<size_t>(a)] = before;
    pads[static_cast<size_t>(a + axes)] = total - before;
  }
  node->attrs.erase("auto_pad");
  node->attrs.set("pads", std::move(pads));
}

Status convert_node(ir::Graph& g, ir::Node* node) {
  state_padding(node);
  if (node->attrs.has("activation")) FETTLE_TRY(split_activation(g, node));
  if (node->op == "Conv") split_residual(g, node);
  relabel_range_change(node);
  return make_channels_first(g, node);
}

// Lookup(x, table) of int8 codes, table[code + 128], is a Gather that takes negative indices from
// the end: Gather(rotated table, Cast(x)).
Status write_lookup(ir::Graph& g, ir::Node* node) {
  const ir::Value* table = node->input(1);
  if (node->input(0)->type.dtype != DType::i8 || table == nullptr || !table->is_constant() ||
      table->data->dtype() != DType::i8 || table->data->elements() != 256) {
    return unsupported("ONNX has no operator Lookup but for tables of int8");
  }
  Tensor rotated(DType::i8, {256});
  for (size_t i = 0; i < 256; ++i) {
    rotated.mutable_data<int8_t>()[i] = table->data->data<int8_t>()[(i + 128) % 256];
  }
  ir::Value* index = append(g, node, "Cast", {node->inputs[0]}, {{"to", std::string("i32")}});
  g.set_input(node, 0, g.add_constant(table->name, std::move(rotated)));
  g.set_input(node, 1, index);
  node->op = "Gather";
  return {};
}

// Operands that ONNX wants as int64 and others as int32.
Status widen_shapes(ir::Graph& g, ir::Node* node) {
  static constexpr std::pair<std::string_view, size_t> kShapes[] = {
      {"Reshape", 1}, {"Resize", 3},  {"Expand", 1},    {"Tile", 1},
      {"Pad", 1},     {"Squeeze", 1}, {"Split", 1},     {"ConstantOfShape", 0},
      {"TopK", 1},    {"Pad", 3},     {"Unsqueeze", 1}, {"CenterCropPad", 1}};
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    ir::Value* v = node->inputs[i];
    const bool shape =
        std::any_of(std::begin(kShapes), std::end(kShapes),
                    [&](const auto& s) { return s.first == node->op && s.second == i; }) ||
        (i == 1 && node->op.starts_with("Reduce"));
    if (!shape || v == nullptr || v->type.dtype != DType::i32) continue;
    if (v->is_constant()) {
      const std::vector<int64_t> wide = to_int64(v->view());
      g.set_input(node, i, g.add_constant(v->name, Tensor::of<int64_t>(v->type.dims, wide)));
    } else {
      g.set_input(node, i, append(g, node, "Cast", {v}, {{"to", std::string("i64")}}));
    }
  }
  return {};
}

Status finish_node(ir::Graph& g, ir::Node* node) {
  if (node->op == "Lookup") FETTLE_TRY(write_lookup(g, node));
  return widen_shapes(g, node);
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

// A branch is a graph of its own; what it reads from outside are its inputs.
Status convert_branches(ir::Graph&, ir::Node* node) {
  for (auto& branch : node->subgraphs) {
    for (const ir::DeclaredInput& i : branch->inputs()) {
      if (i.value->type.quant) return unsupported("ONNX form of a branch that reads codes");
    }
    FETTLE_ASSIGN(branch, to_onnx_form(*branch));
  }
  return {};
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
  FETTLE_TRY(each(convert_branches));
  FETTLE_TRY(each(convert_node));
  FETTLE_TRY(Dequantizer(*copy).run());
  FETTLE_TRY(each(finish_node));
  FETTLE_TRY(each(apply_rule));
  copy->erase_dead();
  return copy;
}

}  // namespace fettle::formats
