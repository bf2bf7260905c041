// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/graph_reader.h"

#include <onnx.pb.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "ops/op.h"

namespace fettle::formats {

namespace {

using onnx_pb::AttributeProto;
using onnx_pb::GraphProto;
using onnx_pb::NodeProto;

constexpr int kMaxNesting = 16;

std::string place(const NodeProto& node) {
  std::string name = node.name();
  for (int i = 0; name.empty() && i < node.output_size(); ++i) name = node.output(i);
  return "node " + node.op_type() + " '" + name + "'";
}

std::string qualified_name(const NodeProto& node) {
  const std::string& domain = node.domain();
  return domain.empty() || domain == "ai.onnx" ? node.op_type() : domain + ":" + node.op_type();
}

// Names that a nested graph reads from outside, in order of appearance.
void collect_captures(const GraphProto& graph, std::vector<std::string>* out) {
  std::unordered_set<std::string> own;
  for (const auto& i : graph.input()) own.insert(i.name());
  for (const auto& i : graph.initializer()) own.insert(i.name());
  for (const auto& i : graph.sparse_initializer()) own.insert(i.values().name());
  for (const NodeProto& n : graph.node()) own.insert(n.output().begin(), n.output().end());
  std::vector<std::string> read;
  for (const NodeProto& n : graph.node()) {
    read.insert(read.end(), n.input().begin(), n.input().end());
    for (const AttributeProto& a : n.attribute()) {
      if (a.has_g()) collect_captures(a.g(), &read);
    }
  }
  for (const auto& o : graph.output()) read.push_back(o.name());
  std::unordered_set<std::string> seen(out->begin(), out->end());
  for (const std::string& name : read) {
    if (!name.empty() && !own.contains(name) && seen.insert(name).second) out->push_back(name);
  }
}

class GraphReader {
 public:
  GraphReader(const GraphProto& proto, ExternalFiles& files, ir::Graph* graph, int depth)
      : proto_(proto), files_(files), graph_(*graph), depth_(depth) {}

  // `captures`: outer values, which become the last inputs of a nested graph.
  Status read(const std::vector<std::string>& captures) {
    if (depth_ > kMaxNesting) return unsupported("subgraphs nest too deep");
    graph_.name = proto_.name();
    FETTLE_TRY(read_initializers());
    for (const auto& i : proto_.input()) FETTLE_TRY(read_input(i).at("input '" + i.name() + "'"));
    for (const std::string& c : captures) {
      ir::Value* v = graph_.add_input(c, DType::none, {});
      FETTLE_TRY(define(c, v));
    }
    for (const NodeProto& n : proto_.node()) FETTLE_TRY(define_outputs(n).at(place(n)));
    for (const NodeProto& n : proto_.node()) {
      if (is_constant(n) || n.output_size() == 0) continue;
      FETTLE_TRY(read_node(n).at(place(n)));
    }
    for (const auto& o : proto_.output()) FETTLE_TRY(read_output(o.name()));
    FETTLE_TRY(graph_.sort());
    if (depth_ == 0) graph_.erase_dead();
    return apply_rules();
  }

 private:
  struct Origin {  // what an error about a node tells
    std::string name;
    int64_t opset;
  };

  static bool is_constant(const NodeProto& n) { return qualified_name(n) == "Constant"; }

  Status define(const std::string& name, ir::Value* value) {
    if (!names_.emplace(name, value).second) {
      return invalid_input("two values have the name '" + name + "'");
    }
    return {};
  }

  Status read_initializers() {
    for (const auto& t : proto_.initializer()) {
      auto tensor = to_tensor(t, files_);
      if (!tensor.ok()) return tensor.take_status().at("tensor '" + t.name() + "'");
      FETTLE_TRY(define(t.name(), graph_.add_constant(t.name(), std::move(*tensor))));
    }
    for (const auto& t : proto_.sparse_initializer()) {
      const std::string& name = t.values().name();
      auto tensor = to_tensor(t, files_);
      if (!tensor.ok()) return tensor.take_status().at("tensor '" + name + "'");
      FETTLE_TRY(define(name, graph_.add_constant(name, std::move(*tensor))));
    }
    return {};
  }

  Status read_input(const onnx_pb::ValueInfoProto& info) {
    // Before IR 4 every initializer was listed as an input, too.
    const auto known = names_.find(info.name());
    if (known != names_.end() && known->second->is_constant()) return {};
    DType dtype = DType::none;
    std::vector<int64_t> extents;
    bool has_shape = false;
    if (info.type().value_case() == onnx_pb::TypeProto::kTensorType) {
      const auto& type = info.type().tensor_type();
      dtype = dtype_of_onnx(type.elem_type());
      if (dtype == DType::none) {
        return unsupported("its element type is " + onnx_type_name(type.elem_type()) +
                           ", which Fettle does not compute with");
      }
      has_shape = type.has_shape();
      for (const auto& d : type.shape().dim()) {
        const bool fixed = d.value_case() == onnx_pb::TensorShapeProto::Dimension::kDimValue;
        extents.push_back(fixed && d.dim_value() >= 0 ? d.dim_value() : -1);
      }
    } else if (depth_ == 0) {  // bodies of loops need not state types
      switch (info.type().value_case()) {
        case onnx_pb::TypeProto::kSequenceType:
          return unsupported("it is a sequence, not a tensor");
        case onnx_pb::TypeProto::kOptionalType:
          return unsupported("it is an optional, not a tensor");
        case onnx_pb::TypeProto::kMapType:
          return unsupported("it is a map, not a tensor");
        case onnx_pb::TypeProto::kSparseTensorType:
          return unsupported("it is a sparse tensor");
        default:
          return invalid_input("it has no type");
      }
    }
    ir::Value* v = graph_.add_input(info.name(), dtype, std::move(extents), nullptr, has_shape);
    return define(info.name(), v);
  }

  Status define_outputs(const NodeProto& n) {
    if (is_constant(n)) {
      if (n.output_size() != 1) return invalid_input("a Constant has one output");
      FETTLE_ASSIGN(Tensor tensor, read_constant(n, files_));
      return define(n.output(0), graph_.add_constant(n.output(0), std::move(tensor)));
    }
    for (const std::string& o : n.output()) {
      if (!o.empty()) FETTLE_TRY(define(o, graph_.add_value(o)));
    }
    return {};
  }

  Result<ir::Value*> find(const std::string& name) {
    if (name.empty()) return static_cast<ir::Value*>(nullptr);
    const auto it = names_.find(name);
    if (it == names_.end()) return invalid_input("reads '" + name + "', which nothing makes");
    return it->second;
  }

  Status read_node(const NodeProto& n) {
    std::vector<ir::Value*> inputs, outputs;
    for (const std::string& i : n.input()) {
      FETTLE_ASSIGN(ir::Value * v, find(i));
      inputs.push_back(v);
    }
    while (!inputs.empty() && inputs.back() == nullptr) inputs.pop_back();
    for (const std::string& o : n.output()) outputs.push_back(o.empty() ? nullptr : names_.at(o));
    while (!outputs.empty() && outputs.back() == nullptr) outputs.pop_back();

    std::vector<const GraphProto*> bodies;
    Attributes attrs;
    for (const AttributeProto& a : n.attribute()) {
      const int type = attribute_type(a);
      if (type == kGraph) {
        // If: the branch for true comes first, whatever the file's order.
        bodies.insert(a.name() == "then_branch" ? bodies.begin() : bodies.end(), &a.g());
      } else if (type == kTensor && n.op_type() == "ConstantOfShape") {
        if (outputs.empty()) return invalid_input("has no output");
        auto value = to_tensor(a.t(), files_);
        if (!value.ok()) return value.take_status().at("attribute '" + a.name() + "'");
        inputs.push_back(graph_.add_constant(n.output(0) + "/value", std::move(*value)));
      } else {
        auto value = read_attribute(a);
        // Named after the operator: an unknown one is refused for itself.
        if (!value.ok() && ops::find_onnx_rule(qualified_name(n), nullptr)) {
          return value.take_status();
        }
        if (value.ok()) attrs.set(a.name(), std::move(*value));
      }
    }
    std::vector<std::string> captures;
    for (const GraphProto* b : bodies) collect_captures(*b, &captures);
    for (const std::string& c : captures) {
      FETTLE_ASSIGN(ir::Value * v, find(c));
      inputs.push_back(v);
    }
    ir::Node* node = graph_.add_node_with_outputs(qualified_name(n), std::move(inputs),
                                                  std::move(outputs), std::move(attrs));
    node->name = n.name();
    origins_[node] = {place(n), n.opset()};
    for (const GraphProto* b : bodies) {
      node->subgraphs.push_back(std::make_unique<ir::Graph>());
      GraphReader nested(*b, files_, node->subgraphs.back().get(), depth_ + 1);
      FETTLE_TRY(nested.read(captures));
    }
    return {};
  }

  Status read_output(const std::string& name) {
    const auto it = names_.find(name);
    if (it == names_.end()) return invalid_input("output '" + name + "' is made by nothing");
    // A nested graph may give the same value out twice.
    if (depth_ == 0 && graph_.is_output(it->second)) {
      return invalid_input("two outputs have the name '" + name + "'");
    }
    graph_.add_output(it->second);
    return {};
  }

  Status apply_rules() {
    std::vector<ir::Node*> nodes;
    for (const auto& n : graph_.nodes()) nodes.push_back(n.get());
    for (ir::Node* node : nodes) {
      const Origin& origin = origins_.at(node);
      FETTLE_TRY(apply_rule(node, origin).at(origin.name));
    }
    return {};
  }

  Status apply_rule(ir::Node* node, const Origin& origin) {
    const ops::OpDef* op = nullptr;
    const ops::OnnxRule* rule = ops::find_onnx_rule(node->op, &op);
    const size_t colon = node->op.find(':');
    const std::string domain = colon == std::string::npos ? "ai.onnx" : node->op.substr(0, colon);
    const std::string shown = "operator " + node->op.substr(colon + 1) + " of domain " + domain +
                              ", opset " + std::to_string(origin.opset);
    if (rule == nullptr || (origin.opset != 0 && origin.opset < rule->since)) {
      if (depth_ > 0) return {};  // refused when, and only when, this branch is taken
      return unsupported(shown + ", is not supported");
    }
    if (origin.opset == 0) return invalid_input(shown + ": the model does not import that domain");
    if (rule->from == nullptr) {
      node->op = op->name;
      return {};
    }
    FETTLE_TRY(ops::check_before_rule(*op, *node));
    return rule->from(graph_, node, static_cast<int>(std::min<int64_t>(origin.opset, 1 << 20)));
  }

  const GraphProto& proto_;
  ExternalFiles& files_;
  ir::Graph& graph_;
  const int depth_;
  std::unordered_map<std::string, ir::Value*> names_;
  std::unordered_map<const ir::Node*, Origin> origins_;
};

}  // namespace

Status read_graph(const GraphProto& proto, ExternalFiles& files, ir::Graph* graph) {
  return GraphReader(proto, files, graph, 0).read({});
}

}  // namespace fettle::formats
