// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/functions.h"

#include <onnx.pb.h>

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace fettle::formats {

namespace {

using onnx_pb::AttributeProto;
using onnx_pb::FunctionProto;
using onnx_pb::GraphProto;
using onnx_pb::NodeProto;
using Nodes = google::protobuf::RepeatedPtrField<NodeProto>;
using Opsets = std::map<std::string, int64_t>;
using Names = std::unordered_map<std::string, std::string>;

constexpr int kMaxDepth = 32;
constexpr size_t kMaxNodes = 200'000;
constexpr size_t kMaxCopiedBytes = size_t{128} << 20;

std::string plain_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

template <class Imports>
Opsets read_opsets(const Imports& imports) {
  Opsets opsets;
  for (const auto& i : imports) opsets[plain_domain(i.domain())] = i.version();
  return opsets;
}

std::string place(const NodeProto& node) {
  const std::string name =
      node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  return "node " + node.op_type() + " '" + name + "'";
}

void collect_names(const GraphProto& graph, std::unordered_set<std::string>* names) {
  for (const NodeProto& n : graph.node()) {
    names->insert(n.output().begin(), n.output().end());
    for (const AttributeProto& a : n.attribute()) {
      if (a.has_g()) collect_names(a.g(), names);
    }
  }
  for (const auto& i : graph.input()) names->insert(i.name());
  for (const auto& i : graph.initializer()) names->insert(i.name());
  for (const auto& i : graph.sparse_initializer()) names->insert(i.values().name());
}

class Expander {
 public:
  explicit Expander(const onnx_pb::ModelProto& model) {
    for (const FunctionProto& f : model.functions()) {
      functions_.emplace(std::tuple(plain_domain(f.domain()), f.name(), f.overload()), &f);
    }
    collect_names(model.graph(), &taken_);
  }

  Status expand(Nodes* nodes, const Opsets& opsets, int depth) {
    if (depth > kMaxDepth) {
      return invalid_input("its functions call each other more than " + std::to_string(kMaxDepth) +
                           " deep");
    }
    Nodes expanded;
    for (NodeProto& node : *nodes) {
      if (++nodes_seen_ > kMaxNodes) return unsupported("its functions unfold into too many nodes");
      const auto f =
          functions_.find(std::tuple(plain_domain(node.domain()), node.op_type(), node.overload()));
      if (f == functions_.end()) {
        const auto version = opsets.find(plain_domain(node.domain()));
        node.set_opset(version == opsets.end() ? 0 : version->second);
        for (AttributeProto& a : *node.mutable_attribute()) {
          if (a.has_g()) FETTLE_TRY(expand(a.mutable_g()->mutable_node(), opsets, depth + 1));
        }
        expanded.Add(std::move(node));
        continue;
      }
      Nodes body;
      FETTLE_TRY(call(*f->second, node, &body).at(place(node)));
      FETTLE_TRY(expand(&body, read_opsets(f->second->opset_import()), depth + 1));
      for (NodeProto& n : body) expanded.Add(std::move(n));
    }
    nodes->Swap(&expanded);
    return {};
  }

 private:
  std::string fresh(const std::string& wish) {
    std::string name = wish;
    while (!taken_.insert(name).second) name = wish + "_" + std::to_string(++next_[wish]);
    return name;
  }

  Status call(const FunctionProto& f, const NodeProto& node, Nodes* body) {
    if (node.input_size() > f.input_size() || node.output_size() > f.output_size()) {
      return invalid_input("it passes more operands than the function '" + f.name() + "' has");
    }
    copied_bytes_ += f.ByteSizeLong() + node.ByteSizeLong();
    if (copied_bytes_ > kMaxCopiedBytes) return unsupported("its functions unfold into too much");
    Names names;
    for (int i = 0; i < f.input_size(); ++i) {
      names[f.input(i)] = i < node.input_size() ? node.input(i) : "";
    }
    std::string prefix = node.name();
    for (int i = node.output_size() - 1; i >= 0; --i) {
      if (!node.output(i).empty()) prefix = node.output(i);
    }
    for (int i = 0; i < f.output_size(); ++i) {
      const std::string& formal = f.output(i);
      const bool wanted = i < node.output_size() && !node.output(i).empty();
      const auto known = names.find(formal);
      if (known == names.end()) {
        names[formal] = wanted ? node.output(i) : fresh(prefix + "/" + formal);
      } else if (wanted) {  // an output that is an input, or stands twice
        NodeProto* copy = body->Add();
        copy->set_op_type("Identity");
        copy->set_opset(13);
        copy->add_input(known->second);
        copy->add_output(node.output(i));
      }
    }
    std::map<std::string, const AttributeProto*> attrs;
    for (const AttributeProto& a : f.attribute_proto()) attrs[a.name()] = &a;
    for (const AttributeProto& a : node.attribute()) attrs[a.name()] = &a;
    for (const NodeProto& n : f.node()) {
      for (const std::string& o : n.output()) {
        if (!o.empty() && !names.contains(o)) names[o] = fresh(prefix + "/" + o);
      }
    }
    for (const NodeProto& n : f.node()) {
      NodeProto* copy = body->Add();
      *copy = n;
      if (!n.name().empty()) copy->set_name(prefix + "/" + n.name());
      FETTLE_TRY(substitute(copy, names, attrs, 0));
    }
    return {};
  }

  static void rename(std::string* name, const Names& names) {
    if (const auto it = names.find(*name); it != names.end()) *name = it->second;
  }

  Status substitute(NodeProto* node, const Names& names,
                    const std::map<std::string, const AttributeProto*>& attrs, int depth) {
    if (depth > kMaxDepth) return invalid_input("its subgraphs nest too deep");
    for (std::string& i : *node->mutable_input()) rename(&i, names);
    for (std::string& o : *node->mutable_output()) rename(&o, names);
    google::protobuf::RepeatedPtrField<AttributeProto> kept;
    for (AttributeProto& a : *node->mutable_attribute()) {
      if (a.ref_attr_name().empty()) {
        kept.Add(std::move(a));
      } else if (const auto it = attrs.find(a.ref_attr_name()); it != attrs.end()) {
        copied_bytes_ += it->second->ByteSizeLong();
        if (copied_bytes_ > kMaxCopiedBytes)
          return unsupported("its functions unfold into too much");
        AttributeProto* copy = kept.Add();
        *copy = *it->second;
        copy->set_name(a.name());
      }
    }
    for (AttributeProto& a : kept) {
      if (!a.has_g()) continue;
      copied_bytes_ += names.size() * 64;
      if (copied_bytes_ > kMaxCopiedBytes) return unsupported("its functions unfold into too much");
      Names inner = names;  // names of the nested graph's own shadow the function's
      std::unordered_set<std::string> own;
      for (const auto& i : a.g().input()) own.insert(i.name());
      for (const auto& i : a.g().initializer()) own.insert(i.name());
      for (const NodeProto& n : a.g().node()) own.insert(n.output().begin(), n.output().end());
      for (const std::string& o : own) inner.erase(o);
      for (NodeProto& n : *a.mutable_g()->mutable_node()) {
        FETTLE_TRY(substitute(&n, inner, attrs, depth + 1));
      }
      for (auto& o : *a.mutable_g()->mutable_output()) rename(o.mutable_name(), inner);
    }
    node->mutable_attribute()->Swap(&kept);
    return {};
  }

  std::map<std::tuple<std::string, std::string, std::string>, const FunctionProto*> functions_;
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int> next_;  // suffix to try for a taken name
  size_t nodes_seen_ = 0, copied_bytes_ = 0;
};

}  // namespace

Status expand_functions(onnx_pb::ModelProto* model) {
  Opsets opsets = read_opsets(model->opset_import());
  if (opsets.empty()) opsets[""] = 1;  // before IR 3 a file named none
  Expander expander(*model);
  return expander.expand(model->mutable_graph()->mutable_node(), opsets, 0);
}

}  // namespace fettle::formats
