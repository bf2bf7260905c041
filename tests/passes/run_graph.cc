// SPDX-License-Identifier: Apache-2.0
#include "run_graph.h"

#include <cmath>
#include <random>
#include <sstream>
#include <unordered_map>

#include "lower/lower.h"
#include "ops/op.h"
#include "runtime/session.h"

namespace fettle::passes {

namespace {

template <class T>
void print_attribute(std::ostream& out, const T& value) {
  if constexpr (requires { value.begin(), value.front(); } && !std::is_same_v<T, std::string>) {
    for (size_t i = 0; i < value.size(); ++i) out << (i ? "," : "") << value[i];
  } else {
    out << value;
  }
}

void print_constant(std::ostream& out, const ir::Value& value) {
  out << name_of(value.type.dtype) << "[";
  for (int i = 0; i < value.type.dims.rank(); ++i) out << (i ? "," : "") << value.type.dims[i];
  out << "]{";
  const std::vector<float> elements = to_float(value.data->view());
  for (size_t i = 0; i < elements.size(); ++i) out << (i ? " " : "") << elements[i];
  out << "}";
}

}  // namespace

Result<std::vector<std::vector<float>>> run_graph(const ir::Graph& graph, uint32_t seed,
                                                  bool portable_only) {
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(graph));
  runtime::SessionOptions options;
  options.portable_only = portable_only;
  FETTLE_ASSIGN(const auto session,
                runtime::Session::load(std::make_shared<const plan::Plan>(std::move(plan)),
                                       ops::find_portable, options));
  std::mt19937 random(seed);
  for (size_t i = 0; i < session->inputs(); ++i) {
    const TensorView& in = session->input(i);
    if (in.dtype != DType::f32) return unsupported("only floats are drawn");
    Tensor t(DType::f32, in.dims);
    for (float& v : t.mutable_data<float>()) {
      v = std::uniform_real_distribution<float>(-2, 2)(random);
    }
    FETTLE_TRY(session->set_input(i, t.view()));
  }
  FETTLE_TRY(session->run());
  std::vector<std::vector<float>> outputs;
  for (size_t i = 0; i < session->outputs(); ++i) outputs.push_back(to_float(session->output(i)));
  return outputs;
}

double relative_difference(const std::vector<std::vector<float>>& got,
                           const std::vector<std::vector<float>>& expected) {
  if (got.size() != expected.size()) return INFINITY;
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i].size() != expected[i].size()) return INFINITY;
    double largest = 1e-3, difference = 0;
    for (size_t e = 0; e < got[i].size(); ++e) {
      if (std::isnan(got[i][e]) != std::isnan(expected[i][e])) return INFINITY;
      largest = std::max<double>(largest, std::fabs(expected[i][e]));
      difference = std::max<double>(difference, std::fabs(got[i][e] - expected[i][e]));
    }
    worst = std::max(worst, difference / largest);
  }
  return worst;
}

std::string outline(const ir::Graph& graph) {
  std::ostringstream out;
  std::unordered_map<const ir::Value*, std::string> names;
  const auto reference = [&](const ir::Value* v) {
    if (v == nullptr) {
      out << "_";
    } else if (v->is_constant()) {
      print_constant(out, *v);
    } else {
      out << names[v];
    }
  };
  for (const ir::DeclaredInput& i : graph.inputs()) names[i.value] = i.value->name;
  int next = 0;
  for (const auto& node : graph.nodes()) {
    for (const ir::Value* v : node->outputs) {
      if (v != nullptr) names[v] = std::to_string(++next);
      out << (v == node->outputs[0] ? "" : ", ") << (v ? names[v] : "_");
    }
    out << " = " << node->op << "(";
    for (size_t i = 0; i < node->inputs.size(); ++i) {
      out << (i ? ", " : "");
      reference(node->inputs[i]);
    }
    out << ")";
    for (const auto& [name, value] : node->attrs.entries()) {
      out << " " << name << "=";
      std::visit([&](const auto& v) { print_attribute(out, v); }, value);
    }
    out << "\n";
  }
  for (const ir::Value* v : graph.outputs()) {
    out << "output ";
    reference(v);
    out << " " << v->type.dims.to_string() << "\n";
  }
  return out.str();
}

}  // namespace fettle::passes
