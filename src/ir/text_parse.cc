// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "ir/text.h"
#include "ir/text_scanner.h"

namespace fettle::ir {

namespace {

constexpr int kMaxNesting = 16;

class Parser {
 public:
  Parser(Scanner& scanner, Graph& graph, int depth) : s_(scanner), graph_(graph), depth_(depth) {}

  bool parse() {
    if (depth_ > kMaxNesting) return s_.fail("graphs nest too deep");
    graph_.name = s_.string();
    if (!s_.expect("{")) return false;
    while (s_.ok() && !s_.accept("}")) statement();
    return s_.ok();
  }

 private:
  bool statement() {
    if (s_.peek() == '%' || s_.peek() == '_' || s_.peek() == '(') return node();
    if (s_.accept_word("meta")) {
      const std::string key = s_.string();
      s_.expect("=");
      graph_.metadata[key] = s_.string();
      return s_.ok();
    }
    if (s_.accept_word("input")) return input();
    if (s_.accept_word("const")) return constant();
    if (s_.accept_word("output")) {
      Value* v = nullptr;
      if (!operand(&v)) return false;
      if (v == nullptr) return s_.fail("an output cannot be absent");
      graph_.add_output(v);
      return true;
    }
    return s_.fail("expected meta, input, const, output, a value or }");
  }

  // %name#2: the key that tells values apart, and the name.
  bool reference(std::string* key, std::string* name) {
    if (!s_.expect("%")) return false;
    *name = "";
    if (s_.adjacent('"')) {
      *name = s_.string();
    } else if (!s_.adjacent('#')) {
      *name = s_.word();
    }
    uint32_t nth = 1;
    const bool numbered = s_.adjacent('#');
    if (numbered && !(s_.accept("#") && s_.integer(&nth))) return false;
    if (name->empty() && !numbered) return s_.fail("expected a value's name");
    *key = std::to_string(nth) + "#" + *name;
    return s_.ok();
  }

  bool operand(Value** out) {
    *out = nullptr;
    if (s_.accept("_")) return true;
    std::string key, name;
    if (!reference(&key, &name)) return false;
    const auto it = values_.find(key);
    if (it == values_.end()) return s_.fail("nothing before makes %" + name);
    *out = it->second;
    return true;
  }

  bool define(const std::string& key, Value* value) {
    return values_.emplace(key, value).second || s_.fail("%" + value->name + " is made twice");
  }

  bool element_type(DType* out) {
    const std::string name = s_.word();
    *out = dtype_from_name(name);
    return *out != DType::none || name == "none" || s_.fail("no element type '" + name + "'");
  }

  bool quantization(Type* type) {
    auto q = std::make_shared<Quantization>();
    if (s_.accept("axis=") && !(s_.integer(&q->axis) && s_.expect(","))) return false;
    do {
      float scale = 0;
      int32_t zero = 0;
      if (!s_.real(&scale) || !s_.expect(":") || !s_.integer(&zero)) return false;
      q->scale.push_back(scale);
      q->zero_point.push_back(zero);
    } while (s_.accept(","));
    type->quant = std::move(q);
    return s_.expect(")");
  }

  bool type(Type* out) {
    if (!element_type(&out->dtype) || !s_.expect("[")) return false;
    while (!s_.accept("]")) {
      int64_t extent = 0;
      if (out->dims.rank() > 0 && !s_.expect(",")) return false;
      if (!s_.integer(&extent)) return false;
      if (out->dims.rank() == kMaxRank) return s_.fail("too many dimensions");
      out->dims.push_back(extent);
    }
    if (!out->dims.valid()) return s_.fail("impossible shape " + out->dims.to_string());
    out->dynamic = s_.accept("~");
    return s_.peek() != 'q' || (s_.expect("q(") && quantization(out));
  }

  bool input() {
    std::string key, name;
    DType dtype;
    std::vector<int64_t> extents;
    if (!reference(&key, &name) || !s_.expect(":") || !element_type(&dtype)) return false;
    if (!s_.expect("[")) return false;
    const bool has_shape = !s_.accept("*");
    while (s_.ok() && !s_.accept("]")) {
      if (!has_shape || (!extents.empty() && !s_.expect(","))) return s_.fail("expected ']'");
      extents.push_back(-1);
      if (!s_.accept("?") && !s_.integer(&extents.back())) return false;
    }
    Value* v = graph_.add_input(name, dtype, std::move(extents), nullptr, has_shape);
    if (s_.accept("=") && !type(&v->type)) return false;
    return define(key, v);
  }

  bool constant() {
    std::string key, name;
    Type t;
    if (!reference(&key, &name) || !s_.expect(":") || !type(&t) || !s_.expect("=")) return false;
    if (t.dtype == DType::none) return s_.fail("a constant has an element type");
    const bool hex = s_.accept("hex");
    if (!hex && s_.accept("...")) return s_.fail("the constant's elements were elided");
    Tensor tensor;
    if (!(hex ? hex_elements(t, &tensor) : listed_elements(t, &tensor))) return false;
    tensor.set_quant(t.quant);
    Value* v = graph_.add_constant(name, std::move(tensor));
    v->type = t;
    return define(key, v);
  }

  bool hex_elements(const Type& t, Tensor* out) {
    if (!s_.has_hex_digits(t.bytes())) return s_.fail("too few hex digits");
    *out = Tensor(t.dtype, t.dims);
    auto* bytes = static_cast<unsigned char*>(out->mutable_raw());
    if (!s_.hex(t.bytes(), bytes)) return false;
    for (size_t i = 0; t.dtype == DType::boolean && i < t.bytes(); ++i) bytes[i] = bytes[i] != 0;
    return true;
  }

  // The list first, so that memory is taken for what is there and not for what is claimed.
  bool listed_elements(const Type& t, Tensor* out) {
    return visit_dtype(
        t.dtype,
        [&](auto zero) {
          using T = decltype(zero);
          std::vector<T> list;
          if (!s_.expect("[")) return false;
          while (!s_.accept("]")) {
            if (!list.empty() && !s_.expect(",")) return false;
            if constexpr (std::is_same_v<T, bool>) {
              int e = 0;
              if (!s_.integer(&e)) return false;
              list.push_back(e != 0);
            } else if constexpr (std::is_integral_v<T>) {
              T e{};
              if (!s_.integer(&e)) return false;
              list.push_back(e);
            } else if constexpr (std::is_same_v<T, double>) {
              double e = 0;
              if (!s_.real(&e)) return false;
              list.push_back(e);
            } else {
              float e = 0;
              if (!s_.real(&e)) return false;
              list.push_back(T(e));
            }
          }
          if (static_cast<int64_t>(list.size()) != t.dims.elements()) {
            return s_.fail(std::to_string(list.size()) + " elements for " + t.dims.to_string());
          }
          *out = Tensor(t.dtype, t.dims);
          std::copy(list.begin(), list.end(), out->mutable_data<T>().begin());
          return true;
        },
        false);
  }

  bool node() {
    std::vector<Value*> outputs, inputs;
    std::vector<std::pair<std::string, Value*>> made;
    if (s_.accept("(")) {
      if (!s_.expect(")")) return false;
    } else {
      do {
        if (s_.accept("_")) {
          outputs.push_back(nullptr);
          continue;
        }
        std::string key, name;
        Type t;
        if (!reference(&key, &name) || (s_.accept(":") && !type(&t))) return false;
        outputs.push_back(graph_.add_value(name));
        outputs.back()->type = t;
        made.emplace_back(key, outputs.back());
      } while (s_.accept(","));
    }
    if (!s_.expect("=")) return false;
    const std::string op = s_.word_or_string();
    if (op.empty()) return s_.fail("expected an operator");
    const std::string name = s_.peek() == '"' ? s_.string() : "";
    if (!s_.expect("(")) return false;
    while (!s_.accept(")")) {
      if (!inputs.empty() && !s_.expect(",")) return false;
      inputs.push_back(nullptr);
      if (!operand(&inputs.back())) return false;
    }
    Attributes attrs;
    if (s_.accept("{")) {
      while (!s_.accept("}")) {
        if (!attrs.entries().empty() && !s_.expect(",")) return false;
        if (!attribute(&attrs)) return false;
      }
    }
    Node* n =
        graph_.add_node_with_outputs(op, std::move(inputs), std::move(outputs), std::move(attrs));
    n->name = name;
    while (s_.accept_word("graph")) {
      n->subgraphs.push_back(std::make_unique<Graph>());
      if (!Parser(s_, *n->subgraphs.back(), depth_ + 1).parse()) return false;
    }
    for (const auto& [key, value] : made) {
      if (!define(key, value)) return false;
    }
    return s_.ok();
  }

  bool attribute(Attributes* attrs) {
    const std::string name = s_.word_or_string();
    if (name.empty() || attrs->has(name)) return s_.fail("expected a new attribute's name");
    if (!s_.expect("=")) return false;
    Attribute value;
    if (s_.accept("ints[]")) {
      value = std::vector<int64_t>();
    } else if (s_.accept("floats[]")) {
      value = std::vector<float>();
    } else if (s_.accept("strings[]")) {
      value = std::vector<std::string>();
    } else if (s_.accept("[")) {
      if (!attribute_list(&value)) return false;
    } else if (!attribute_scalar(&value)) {
      return false;
    }
    attrs->set(name, std::move(value));
    return true;
  }

  bool attribute_scalar(Attribute* out) {
    if (s_.peek() == '"') {
      *out = s_.string();
      return s_.ok();
    }
    const std::string_view n = s_.number();
    if (n.find_first_of(".en") != std::string_view::npos) {  // 1.5, 1e9, inf, nan
      float f = 0;
      if (!s_.real(n, &f)) return false;
      *out = f;
      return true;
    }
    int64_t i = 0;
    const auto [end, error] = std::from_chars(n.data(), n.data() + n.size(), i);
    *out = i;
    return (error == std::errc() && end == n.data() + n.size() && !n.empty()) ||
           s_.fail("expected a number, a string or a list");
  }

  bool attribute_list(Attribute* out) {
    std::vector<Attribute> list;
    do {
      list.emplace_back();
      if (!attribute_scalar(&list.back())) return false;
      if (list.back().index() != list[0].index()) return s_.fail("a list has elements of one kind");
    } while (s_.accept(","));
    if (!s_.expect("]")) return false;
    std::visit(
        [&](const auto& first) {
          using T = std::decay_t<decltype(first)>;
          if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, float> ||
                        std::is_same_v<T, std::string>) {
            std::vector<T> typed;
            for (const Attribute& a : list) typed.push_back(std::get<T>(a));
            *out = std::move(typed);
          }
        },
        list[0]);
    return true;
  }

  Scanner& s_;
  Graph& graph_;
  const int depth_;
  std::unordered_map<std::string, Value*> values_;
};

}  // namespace

Result<std::unique_ptr<Graph>> parse(std::string_view text) {
  Scanner scanner(text);
  auto graph = std::make_unique<Graph>();
  if (!scanner.accept_word("graph")) scanner.fail("expected 'graph'");
  if (!scanner.ok() || !Parser(scanner, *graph, 0).parse()) return scanner.take_status();
  if (scanner.peek() != '\0') scanner.fail("expected the end");
  if (!scanner.ok()) return scanner.take_status();
  return graph;
}

}  // namespace fettle::ir
