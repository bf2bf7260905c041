// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/writer.h"

#include <onnx.pb.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "formats/onnx/tensor_proto.h"

namespace fettle::formats {

namespace {

using onnx_pb::AttributeProto;
using onnx_pb::GraphProto;

constexpr int64_t kIrVersion = 10, kOpset = 21;
// Operators that came later take the file to the opset that brought them.
constexpr std::pair<std::string_view, int64_t> kNewer[] = {{"Attention", 23},
                                                           {"RMSNormalization", 23},
                                                           {"RotaryEmbedding", 23},
                                                           {"TensorScatter", 24},
                                                           {"Swish", 24},
                                                           {"BitCast", 26},
                                                           {"CumProd", 26},
                                                           {"LinearAttention", 27},
                                                           {"CausalConvWithState", 27},
                                                           {"SwiGLU", 28}};
// A protobuf message ends at 2 GiB; what is not weights needs little.
constexpr size_t kMaxBytes = (size_t{1} << 31) - (size_t{64} << 20);
enum { kFloat = 1, kInt, kString, kGraph = 5, kFloats, kInts, kStrings, kTensor = 4 };

using Names = std::unordered_map<const ir::Value*, std::string>;

struct SetAttribute {
  AttributeProto* a;
  void operator()(int64_t v) const { a->set_type(kInt), a->set_i(v); }
  void operator()(float v) const { a->set_type(kFloat), a->set_f(v); }
  void operator()(const std::string& v) const { a->set_type(kString), a->set_s(v); }
  void operator()(const std::vector<int64_t>& v) const {
    a->set_type(kInts);
    for (int64_t e : v) a->add_ints(e);
  }
  void operator()(const std::vector<float>& v) const {
    a->set_type(kFloats);
    for (float e : v) a->add_floats(e);
  }
  void operator()(const std::vector<std::string>& v) const {
    a->set_type(kStrings);
    for (const std::string& e : v) a->add_strings(e);
  }
};

class Writer {
 public:
  Writer(const ir::Graph& graph, std::unordered_set<std::string>& taken, GraphProto* proto)
      : graph_(graph), taken_(taken), proto_(proto) {}

  // `outer`: names of the values that a nested graph's inputs stand for.
  Status write(const std::vector<std::string>* outer) {
    proto_->set_name(graph_.name.empty() ? "graph" : graph_.name);
    for (size_t i = 0; i < graph_.inputs().size(); ++i) {
      const ir::DeclaredInput& input = graph_.inputs()[i];
      if (outer != nullptr) {
        names_[input.value] = i < outer->size() ? (*outer)[i] : "";
        continue;
      }
      claim(input.value, input.value->name);
      write_input(input);
    }
    for (const ir::Value* o : graph_.outputs()) claim(o, o->name);
    for (const auto& v : graph_.values()) {
      if (v->is_constant()) write_constant(v.get());
    }
    for (const auto& n : graph_.nodes()) {
      if (Status s = write_node(*n); !s.ok()) return std::move(s).at("node " + n->label());
    }
    for (const ir::Value* o : graph_.outputs()) {
      auto* info = proto_->add_output();
      info->set_name(names_.at(o));
      if (o->type.known()) write_type(o->type, info);
    }
    return {};
  }

 private:
  const std::string& claim(const ir::Value* v, const std::string& wish) {
    std::string& name = names_[v];
    if (!name.empty()) return name;
    const std::string stem = wish.empty() ? "v" : wish;
    name = wish.empty() ? "v0" : wish;
    for (int& i = next_[stem]; !taken_.insert(name).second;) {
      name = stem + (wish.empty() ? "" : "_") + std::to_string(++i);
    }
    return name;
  }

  std::string unique_node_name(const std::string& wish) {
    std::string name = wish;
    while (!name.empty() && !node_names_.insert(name).second) {
      name = wish + "_" + std::to_string(++next_[wish]);
    }
    return name;
  }

  static void write_type(const ir::Type& type, onnx_pb::ValueInfoProto* info) {
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(onnx_type_of(type.dtype));
    auto* shape = tensor->mutable_shape();
    for (int64_t e : type.dims) {
      auto* d = shape->add_dim();
      if (!type.dynamic) d->set_dim_value(e);
    }
  }

  void write_input(const ir::DeclaredInput& input) {
    auto* info = proto_->add_input();
    info->set_name(names_.at(input.value));
    if (input.value->type.known()) return write_type(input.value->type, info);
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(onnx_type_of(input.dtype));
    if (!input.has_shape) return;
    auto* shape = tensor->mutable_shape();
    for (int64_t e : input.extents) {
      auto* d = shape->add_dim();
      if (e >= 0) d->set_dim_value(e);
    }
  }

  void write_constant(const ir::Value* v) {
    from_tensor(*v->data, claim(v, v->name), proto_->add_initializer());
  }

  Status write_node(const ir::Node& node) {
    auto* n = proto_->add_node();
    n->set_name(unique_node_name(node.name));
    const size_t colon = node.op.find(':');
    n->set_op_type(node.op.substr(colon + 1));
    if (colon != std::string::npos) n->set_domain(node.op.substr(0, colon));
    size_t inputs = node.inputs.size();
    if (!node.subgraphs.empty()) {
      if (node.op != "If") return unsupported("its body cannot be written");
      inputs = 1;  // the rest are what its branches read, by name
      std::vector<std::string> captured;
      for (size_t i = 1; i < node.inputs.size(); ++i) captured.push_back(names_.at(node.inputs[i]));
      for (size_t i = 0; i < node.subgraphs.size(); ++i) {
        AttributeProto* a = n->add_attribute();
        a->set_name(i == 0 ? "then_branch" : "else_branch");
        a->set_type(kGraph);
        Writer nested(*node.subgraphs[i], taken_, a->mutable_g());
        FETTLE_TRY(nested.write(&captured));
      }
    } else if (node.op == "ConstantOfShape" && node.input(1) != nullptr) {
      inputs = 1;
      if (!node.inputs[1]->is_constant()) return unsupported("its value is not constant");
      AttributeProto* a = n->add_attribute();
      a->set_name("value");
      a->set_type(kTensor);
      from_tensor(node.inputs[1]->data->reshaped({1}), "value", a->mutable_t());
    }
    for (size_t i = 0; i < inputs; ++i) {
      n->add_input(node.inputs[i] ? names_.at(node.inputs[i]) : "");
    }
    for (const ir::Value* o : node.outputs) n->add_output(o ? claim(o, o->name) : "");
    for (const auto& [name, value] : node.attrs.entries()) {
      AttributeProto* a = n->add_attribute();
      a->set_name(name);
      std::visit(SetAttribute{a}, value);
    }
    return {};
  }

  const ir::Graph& graph_;
  std::unordered_set<std::string>& taken_;  // names in the whole file
  GraphProto* proto_;
  Names names_;
  std::unordered_map<std::string, int> next_;  // number to try for a taken name
  std::unordered_set<std::string> node_names_;
};

// The oldest that has every operator.
int64_t opset_of(const ir::Graph& graph) {
  int64_t opset = kOpset;
  for (const auto& n : graph.nodes()) {
    for (const auto& [op, since] : kNewer) opset = n->op == op ? std::max(opset, since) : opset;
    for (const auto& branch : n->subgraphs) opset = std::max(opset, opset_of(*branch));
  }
  return opset;
}

}  // namespace

Result<std::string> write_onnx(const ir::Graph& graph) {
  size_t bytes = 0;
  for (const auto& v : graph.values()) bytes += v->is_constant() ? v->data->bytes() : 0;
  if (bytes > kMaxBytes) return unsupported("its weights do not fit into one ONNX file of 2 GiB");
  FETTLE_ASSIGN(const auto form, to_onnx_form(graph));
  onnx_pb::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("fettle");
  model.add_opset_import()->set_version(opset_of(*form));
  for (const auto& [key, value] : graph.metadata) {
    auto* p = model.add_metadata_props();
    p->set_key(key);
    p->set_value(value);
  }
  std::unordered_set<std::string> taken;
  FETTLE_TRY(Writer(*form, taken, model.mutable_graph()).write(nullptr));
  std::string out;
  if (!model.SerializeToString(&out)) return unsupported("it does not fit into one ONNX file");
  return out;
}

}  // namespace fettle::formats
