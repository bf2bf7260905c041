// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "ir/text.h"

namespace fettle::ir {

namespace {

const char kHex[] = "0123456789abcdef";

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (u < 0x20 || u == 0x7f) {
      out += "\\x";
      out += kHex[u >> 4];
      out += kHex[u & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool plain(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/' || c == '-';
  });
}

// The shortest text that reads back to the same number, never one that looks like an integer.
template <class T>
std::string real(T value) {
  if (std::isnan(value)) {
    if constexpr (sizeof(T) == 4) {
      char bits[9];
      const auto end = std::to_chars(bits, bits + 9, std::bit_cast<uint32_t>(value), 16).ptr;
      return "nan:" + std::string(bits, end);
    }
  }
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char text[64];
  std::string s(text, std::to_chars(text, text + sizeof(text), value).ptr);
  if (s.find_first_of(".e") == std::string::npos) s += ".0";
  return s;
}

template <class List, class F>
std::string listed(const List& list, F&& show) {
  std::string s = "[";
  for (const auto& e : list) s += (s.size() == 1 ? "" : ", ") + show(e);
  return s + "]";
}

std::string show(int64_t v) { return std::to_string(v); }
std::string show(float v) { return real(v); }
std::string show(const std::string& v) { return quoted(v); }

struct ShowAttribute {
  template <class T>
  std::string operator()(const T& v) const {
    return show(v);
  }
  template <class T>
  std::string operator()(const std::vector<T>& v) const {
    const char* kind = std::is_same_v<T, int64_t> ? "ints"
                       : std::is_same_v<T, float> ? "floats"
                                                  : "strings";
    if (v.empty()) return std::string(kind) + "[]";
    return listed(v, [](const T& e) { return show(e); });
  }
};

std::string show(const Type& type) {
  std::string s(name_of(type.dtype));
  s += "[";
  for (int i = 0; i < type.dims.rank(); ++i) s += (i ? "," : "") + std::to_string(type.dims[i]);
  s += type.dynamic ? "]~" : "]";
  if (!type.quant) return s;
  const Quantization& q = *type.quant;
  s += " q(";
  const bool short_form = q.per_tensor() && q.axis == 0;
  if (!short_form) s += "axis=" + std::to_string(q.axis);
  for (size_t i = 0; i < q.scale.size(); ++i) {
    s += short_form ? "" : ", ";
    s += real(q.scale[i]) + ":" + std::to_string(i < q.zero_point.size() ? q.zero_point[i] : 0);
  }
  return s + ")";
}

class Printer {
 public:
  Printer(const Graph& graph, const PrintOptions& options) : graph_(graph), options_(options) {
    // Numbered in the order they are printed in.
    for (const DeclaredInput& i : graph.inputs()) refer(i.value);
    for (const auto& v : graph.values()) {
      if (v->is_constant()) refer(v.get());
    }
    for (const auto& n : graph.nodes()) {
      for (const Value* o : n->outputs) refer(o);
    }
    for (const auto& v : graph.values()) refer(v.get());
    refs_[nullptr] = "_";
  }

  std::string print(const std::string& indent) {
    const std::string inner = indent + "  ";
    std::string s = "graph " + quoted(graph_.name) + " {\n";
    for (const auto& [key, value] : graph_.metadata) {
      s += inner + "meta " + quoted(key) + " = " + quoted(value) + "\n";
    }
    for (const DeclaredInput& i : graph_.inputs()) s += inner + declared(i) + "\n";
    for (const auto& v : graph_.values()) {
      if (v->is_constant()) s += inner + constant(*v) + "\n";
    }
    for (const auto& n : graph_.nodes()) s += inner + node(*n, inner) + "\n";
    for (const Value* o : graph_.outputs()) s += inner + "output " + refs_.at(o) + "\n";
    return s + indent + "}";
  }

 private:
  void refer(const Value* v) {
    if (v == nullptr || refs_.contains(v)) return;
    const int nth = ++seen_[v->name];
    std::string ref = "%";
    if (!v->name.empty()) ref += plain(v->name) ? v->name : quoted(v->name);
    if (nth > 1 || v->name.empty()) ref += "#" + std::to_string(nth);
    refs_[v] = std::move(ref);
  }

  std::string declared(const DeclaredInput& input) const {
    std::string s = "input " + refs_.at(input.value) + " : " + std::string(name_of(input.dtype));
    s += "[";
    if (!input.has_shape) s += "*";
    for (size_t i = 0; i < input.extents.size() && input.has_shape; ++i) {
      s += (i ? "," : "") + (input.extents[i] < 0 ? "?" : std::to_string(input.extents[i]));
    }
    s += "]";
    if (!(input.value->type == Type{})) s += " = " + show(input.value->type);
    return s;
  }

  std::string constant(const Value& v) const {
    Type type = v.type;
    type.dtype = v.data->dtype();
    type.dims = v.data->dims();
    return "const " + refs_.at(&v) + " : " + show(type) + " = " + elements(*v.data);
  }

  std::string elements(const Tensor& t) const {
    if (t.elements() <= options_.most_listed) {
      std::string list;
      const bool exact = visit_dtype(
          t.dtype(),
          [&](auto zero) {
            using T = decltype(zero);
            bool nan = false;
            list = listed(t.data<T>(), [&](T e) {
              if constexpr (std::is_integral_v<T>) {
                return std::to_string(e);
              } else if constexpr (std::is_same_v<T, double>) {
                nan |= std::isnan(e);
                return real(e);
              } else {
                nan |= std::isnan(static_cast<float>(e));
                return real(static_cast<float>(e));
              }
            });
            return !nan;
          },
          false);
      if (exact) return list;
    }
    if (options_.elide) return "...";
    std::string s = "hex\"";
    const auto* bytes = static_cast<const unsigned char*>(t.raw());
    for (size_t i = 0; i < t.bytes(); ++i) {
      s += kHex[bytes[i] >> 4];
      s += kHex[bytes[i] & 15];
    }
    return s + '"';
  }

  std::string node(const Node& n, const std::string& indent) const {
    std::string s;
    for (const Value* o : n.outputs) {
      s += (s.empty() ? "" : ", ") + refs_.at(o);
      if (o != nullptr && !(o->type == Type{})) s += " : " + show(o->type);
    }
    s += (s.empty() ? "() = " : " = ") + (plain(n.op) ? n.op : quoted(n.op));
    if (!n.name.empty()) s += " " + quoted(n.name) + " ";
    std::string operands;
    for (const Value* i : n.inputs) operands += (operands.empty() ? "" : ", ") + refs_.at(i);
    s += "(" + operands + ")";
    std::string attrs;
    for (const auto& [name, value] : n.attrs.entries()) {
      attrs += (attrs.empty() ? "" : ", ") + (plain(name) ? name : quoted(name)) + " = " +
               std::visit(ShowAttribute(), value);
    }
    if (!attrs.empty()) s += " {" + attrs + "}";
    for (const auto& g : n.subgraphs) s += " " + Printer(*g, options_).print(indent);
    return s;
  }

  const Graph& graph_;
  const PrintOptions& options_;
  std::unordered_map<const Value*, std::string> refs_;
  std::unordered_map<std::string_view, int> seen_;  // values of one name so far
};

}  // namespace

std::string print(const Graph& graph, const PrintOptions& options) {
  return Printer(graph, options).print("") + "\n";
}

}  // namespace fettle::ir
