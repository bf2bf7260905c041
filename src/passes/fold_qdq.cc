// SPDX-License-Identifier: Apache-2.0
#include "passes/fold_qdq.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op.h"

namespace fettle::passes {

namespace {

using Quant = std::shared_ptr<const Quantization>;
constexpr double kScaleTolerance = 1e-3;  // of a bias's unit against the product of the others

bool is_node(const ir::Node* node, const char* op) { return node != nullptr && node->op == op; }

// The numbers of a QuantizeLinear or DequantizeLinear, and the type of its codes.
struct Parameters {
  Quantization quant;
  DType dtype = DType::none;
};

bool read_parameters(const ir::Node& node, DType code_type, Parameters* p) {
  const ir::Value *scale = node.input(1), *zero = node.input(2);
  if (scale == nullptr || !scale->is_constant() || scale->data->dtype() != DType::f32) return false;
  if (zero != nullptr && !zero->is_constant()) return false;
  if (node.attrs.get_int("block_size", 0) != 0 || scale->data->dims().rank() > 1) return false;
  p->dtype = zero ? zero->data->dtype() : code_type;
  p->quant.scale = to_float(scale->data->view());
  const size_t n = p->quant.scale.size();
  p->quant.zero_point.assign(n, 0);
  if (zero != nullptr) {
    const std::vector<int64_t> z = to_int64(zero->data->view());
    if (z.size() != n) return false;
    for (size_t i = 0; i < n; ++i) p->quant.zero_point[i] = static_cast<int32_t>(z[i]);
  }
  for (float s : p->quant.scale) {
    if (!(s > 0) || !std::isfinite(s)) return false;
  }
  return n > 0;
}

bool same(const Parameters& a, const Parameters& b) {
  return a.dtype == b.dtype && a.quant == b.quant;
}

void make_signed(Parameters* p) {
  if (p->dtype != DType::u8 && p->dtype != DType::u16) return;
  const bool wide = p->dtype == DType::u16;
  p->dtype = wide ? DType::i16 : DType::i8;
  for (int32_t& z : p->quant.zero_point) z -= wide ? 32768 : 128;
}

template <class To, class From>
Tensor less_half_range(const Tensor& codes) {
  Tensor made(kDTypeOf<To>, codes.dims());
  const auto from = codes.data<From>();
  std::transform(from.begin(), from.end(), made.mutable_data<To>().begin(),
                 [](From c) { return static_cast<To>(c + std::numeric_limits<To>::min()); });
  return made;
}

// 16-bit codes are symmetric in every integer form.
bool has_integer_form(const Parameters& p) {
  if (p.dtype == DType::i8) return true;
  const auto& zeros = p.quant.zero_point;
  return p.dtype == DType::i16 &&
         std::all_of(zeros.begin(), zeros.end(), [](int32_t z) { return z == 0; });
}

void set_parameters(ir::Graph& graph, ir::Node* node, const Parameters& p) {
  const Dims dims =
      p.quant.per_tensor() ? Dims{} : Dims{static_cast<int64_t>(p.quant.scale.size())};
  Tensor zero(p.dtype, dims);
  visit_dtype(
      p.dtype,
      [&](auto t) {
        using T = decltype(t);
        std::transform(p.quant.zero_point.begin(), p.quant.zero_point.end(),
                       zero.mutable_data<T>().begin(), [](int32_t z) { return static_cast<T>(z); });
        return true;
      },
      false);
  graph.set_input(node, 2, graph.add_constant("zero_point", std::move(zero)));
  node->attrs.erase("output_dtype");
}

// Activations: a QuantizeLinear that only matching DequantizeLinear read.
void state_activation(ir::Graph& graph, ir::Node* q) {
  Parameters p;
  ir::Value* y = q->output(0);
  if (y == nullptr || graph.is_output(y) || !read_parameters(*q, DType::u8, &p)) return;
  if (!p.quant.per_tensor() || q->attrs.get_int("output_dtype", 0) != 0) return;
  for (const ir::Use& u : y->uses) {
    Parameters other;
    const bool reads = is_node(u.node, "DequantizeLinear") && u.index == 0 &&
                       read_parameters(*u.node, p.dtype, &other) && same(p, other);
    if (!reads) return;
  }
  make_signed(&p);
  if (!has_integer_form(p)) return;
  set_parameters(graph, q, p);
  for (const ir::Use& u : std::vector<ir::Use>(y->uses)) set_parameters(graph, u.node, p);
  y->type.quant = std::make_shared<const Quantization>(p.quant);
}

// Weights and biases: a DequantizeLinear of a constant.
void state_constant(ir::Graph& graph, ir::Node* dq) {
  ir::Value* x = dq->input(0);
  Parameters p;
  if (x == nullptr || !x->is_constant() || x->type.quant) return;
  if (!read_parameters(*dq, x->data->dtype(), &p) || p.dtype != x->data->dtype()) return;
  const Dims& dims = x->data->dims();
  if (!p.quant.per_tensor()) {
    int64_t axis = dq->attrs.get_int("axis", 1);
    if (axis < 0) axis += dims.rank();
    if (axis < 0 || axis >= dims.rank()) return;
    p.quant.axis = static_cast<int>(axis);
    if (dims[p.quant.axis] != static_cast<int64_t>(p.quant.scale.size())) return;
  }
  Tensor codes = *x->data;
  if (p.dtype == DType::u8) codes = less_half_range<int8_t, uint8_t>(codes);
  if (p.dtype == DType::u16) codes = less_half_range<int16_t, uint16_t>(codes);
  make_signed(&p);
  if (p.dtype != DType::i32 && !has_integer_form(p)) return;
  codes.set_quant(std::make_shared<const Quantization>(p.quant));
  set_parameters(graph, dq, p);
  graph.set_input(dq, 0, graph.add_constant(x->name, std::move(codes)));
}

// What a float operand stands for: the quantized value behind its DequantizeLinear, or null.
ir::Value* codes_behind(const ir::Value* v) {
  if (v == nullptr || !is_node(v->producer, "DequantizeLinear")) return nullptr;
  ir::Value* x = v->producer->input(0);
  return x != nullptr && x->type.quant ? x : nullptr;
}

// The type of the codes that a QuantizeLinear makes or a DequantizeLinear takes.
DType code_type(const ir::Node& node) {
  if (const ir::Value* zero = node.input(2)) return zero->data->dtype();
  return (node.op == "QuantizeLinear" ? node.output(0) : node.input(0))->type.dtype;
}

ir::Node* only_user(const ir::Graph& graph, const ir::Value* v) {
  return v->uses.size() == 1 && v->uses[0].index == 0 && !graph.is_output(v) ? v->uses[0].node
                                                                             : nullptr;
}

// A Relu or a Clip by constants as the attributes of the operator before it.
bool as_activation(const ir::Node& node, Attributes* attrs) {
  if (node.op == "Relu") {
    attrs->set("activation", std::string("relu"));
    return true;
  }
  if (node.op != "Clip") return false;
  float bounds[2] = {-std::numeric_limits<float>::infinity(),
                     std::numeric_limits<float>::infinity()};
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const ir::Value* v = node.inputs[i];
    if (v == nullptr) continue;
    if (!v->is_constant() || v->data->dtype() != DType::f32 || v->data->elements() != 1) {
      return false;
    }
    bounds[i - 1] = v->data->data<float>()[0];
  }
  attrs->set("activation", std::string("clip"));
  attrs->set("activation_params", std::vector<float>{bounds[0], bounds[1]});
  return true;
}

bool takes_activation(const ops::OpDef& op) {
  const auto attrs = op.schema.get().attrs;
  return std::any_of(attrs.begin(), attrs.end(),
                     [](const AttrSpec& a) { return a.name == "activation"; });
}

// The bias in units of x's scale times w's, i32 beside 8-bit activations, i64 beside 16-bit ones;
// null where it cannot be one. Of a dead channel, whose weights are next to nothing, those units
// are so small that a bias of them fits no integer; where all of it is less than a code of y, any
// bias as small will do.
ir::Value* integer_bias(ir::Graph& graph, const ir::Value* bias, const Quantization& x,
                        const ir::Value& weights, const Quantization& y, bool wide) {
  const Quantization& w = *weights.type.quant;
  const ir::Value* codes = codes_behind(bias);
  const Tensor* data = codes ? codes->data.get() : bias->data.get();
  if (data == nullptr || data->dims().rank() != 1) return nullptr;
  const auto n = static_cast<size_t>(data->elements());
  if (w.scale.size() != 1 && w.scale.size() != n) return nullptr;
  auto quant = std::make_shared<Quantization>();
  for (float s : w.scale) quant->scale.push_back(s * x.scale[0]);
  quant->zero_point.assign(quant->scale.size(), 0);
  const double most = wide ? 0x1p52 : 0x1p30;
  const double most_product = static_cast<double>(weights.data->elements()) /
                              static_cast<double>(n) * (wide ? 0x1p31 : 0x1p16);
  Tensor out(wide ? DType::i64 : DType::i32, {static_cast<int64_t>(n)});
  for (size_t i = 0; i < n; ++i) {
    const double unit = quant->scale[quant->scale.size() == 1 ? 0 : i];
    double code = 0;
    if (codes != nullptr && data->dtype() == DType::i32) {
      const Quantization& own = *codes->type.quant;
      const size_t k = own.per_tensor() ? 0 : i;
      if (k >= own.scale.size() || own.zero_point[k] != 0) return nullptr;
      if (std::abs(own.scale[k] - unit) > kScaleTolerance * unit) return nullptr;
      code = data->data<int32_t>()[i];
    } else if (codes == nullptr && data->dtype() == DType::f32) {
      code = std::nearbyint(data->data<float>()[i] / unit);
    } else {
      return nullptr;
    }
    if ((std::abs(code) + most_product) * unit < 0.25 * y.scale[0]) {
      code = std::clamp(code, -most, most);
    }
    if (!(std::abs(code) <= most)) return nullptr;
    if (wide) {
      out.mutable_data<int64_t>()[i] = static_cast<int64_t>(code);
    } else {
      out.mutable_data<int32_t>()[i] = static_cast<int32_t>(code);
    }
  }
  out.set_quant(std::move(quant));
  return graph.add_constant(bias->name + (wide ? "/i64" : "/i32"), std::move(out));
}

// Operands on codes; false where the operator has to stay in float.
bool integer_operands(ir::Graph& graph, const ir::Node& node, ops::QuantRule rule,
                      const Quantization& y, std::vector<ir::Value*>* out) {
  const ir::Value* x = codes_behind(node.input(0));
  if (x == nullptr) return false;
  const bool wide = code_type(*node.input(0)->producer) == DType::i16;
  const bool weighted = rule == ops::QuantRule::weighted;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    ir::Value* v = node.inputs[i];
    ir::Value* codes = codes_behind(v);
    if (v != nullptr && weighted && i == 2) {
      codes = integer_bias(graph, v, *x->type.quant, *(*out)[1], y, wide);
      if (codes == nullptr) return false;
    } else if (v != nullptr && codes == nullptr) {
      const bool number = v->is_constant() && !is_float(v->data->dtype());
      if (!number && !(rule == ops::QuantRule::table && v->is_constant())) return false;
      codes = v;
    } else if (v != nullptr && !(weighted && i == 1) &&
               code_type(*v->producer) != code_type(*node.input(0)->producer)) {
      return false;
    }
    if (weighted && i == 1) {
      if (codes == nullptr || !codes->is_constant() || !codes->type.quant) return false;
      const DType type = codes->data->dtype();
      if (type != DType::i8 && !(wide && type == DType::i16)) return false;
    }
    out->push_back(codes);
  }
  return !weighted || out->size() >= 2;
}

// The QuantizeLinear that alone reads a result; null where it has to stay a float.
ir::Node* quantizer_of(const ir::Graph& graph, const ir::Value* result) {
  ir::Node* user = result != nullptr ? only_user(graph, result) : nullptr;
  return is_node(user, "QuantizeLinear") && user->output(0)->type.quant ? user : nullptr;
}

// What a node that keeps its range makes, brought to the range that `user` gave it.
ir::Value* in_range_of(ir::Graph& graph, ir::Node* before, ir::Value* result,
                       const ir::Node& user) {
  const ir::Value* y = user.output(0);
  if (*result->type.quant == *y->type.quant &&
      code_type(*before->input(0)->producer) == code_type(user)) {
    return result;
  }
  const std::string to(name_of(code_type(user)));
  ir::Node* change = graph.add_node("Requantize", {result}, 1, {{"to", to}}, before);
  change->name = y->name + "/range";
  change->outputs[0]->type.quant = y->type.quant;
  return change->outputs[0];
}

bool fold_island(ir::Graph& graph, ir::Node* node) {
  const ops::OpDef* op = ops::find(node->op);
  if (op == nullptr || !op->quant.applies() || op->quant.get() == ops::QuantRule::keep_float) {
    return false;
  }
  const ops::QuantRule rule = op->quant.get();
  const bool keeps_range = rule == ops::QuantRule::pass_through;
  const size_t results = node->outputs.size();
  if (results == 0 || (results != 1 && !keeps_range) || !node->subgraphs.empty()) return false;
  Attributes attrs = node->attrs;
  std::vector<ir::Node*> users;
  for (const ir::Value* result : node->outputs) {
    const ir::Node* next = result != nullptr ? only_user(graph, result) : nullptr;
    if (next != nullptr && takes_activation(*op) && !attrs.has("activation") &&
        as_activation(*next, &attrs)) {
      result = next->output(0);
    }
    users.push_back(quantizer_of(graph, result));
    if (users.back() == nullptr) return false;
  }
  std::vector<ir::Value*> operands;
  const Quantization& y = *users[0]->output(0)->type.quant;
  if (!integer_operands(graph, *node, rule, y, &operands)) return false;
  const DType from = code_type(*node->input(0)->producer);
  if (!keeps_range && code_type(*users[0]) != from) return false;

  ir::Node* on_codes =
      graph.add_node(node->op, operands, static_cast<int>(results), std::move(attrs), node);
  on_codes->name = node->name;
  for (size_t i = 0; i < results; ++i) {
    ir::Value *codes = users[i]->outputs[0], *result = on_codes->outputs[i];
    result->name = codes->name;
    result->type.quant = keeps_range ? operands[0]->type.quant : codes->type.quant;
    graph.replace_uses(codes, in_range_of(graph, node, result, *users[i]));
  }
  return true;
}

}  // namespace

int fold_qdq(ir::Graph& graph) {
  std::vector<ir::Node*> nodes;
  for (const auto& n : graph.nodes()) nodes.push_back(n.get());
  for (ir::Node* n : nodes) {
    if (n->op == "QuantizeLinear") state_activation(graph, n);
    if (n->op == "DequantizeLinear") state_constant(graph, n);
  }
  int folded = 0;
  for (ir::Node* n : nodes) {
    if (n->op != "QuantizeLinear" && n->op != "DequantizeLinear") folded += fold_island(graph, n);
  }
  graph.erase_dead();
  return folded;
}

}  // namespace fettle::passes
