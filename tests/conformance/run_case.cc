// SPDX-License-Identifier: Apache-2.0
#include "run_case.h"

#include <onnx.pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "formats/onnx/reader.h"
#include "formats/onnx/tensor_file.h"
#include "formats/onnx/writer.h"
#include "lower/lower.h"
#include "ops/op.h"
#include "passes/bind_inputs.h"
#include "passes/pipeline.h"
#include "runtime/session.h"

namespace fettle::conformance {

namespace {

namespace fs = std::filesystem;

// Of the standard's own test runner.
constexpr double kRelative = 1e-3, kAbsolute = 1e-5;

Result<Tensor> read_tensor(const std::string& path) {
  FETTLE_ASSIGN(const std::string bytes, read_file(path));
  FETTLE_ASSIGN(auto named, formats::read_tensor_proto(bytes));
  return std::move(named.tensor);
}

std::string differs(size_t i, double got, double expected) {
  return "element " + std::to_string(i) + " is " + std::to_string(got) + " instead of " +
         std::to_string(expected);
}

template <class T>
std::string compare_elements(const T* got, const T* expected, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double> ||
                  std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      const double g = static_cast<double>(got[i]), e = static_cast<double>(expected[i]);
      if ((std::isnan(g) && std::isnan(e)) || g == e) continue;
      if (std::abs(g - e) <= kAbsolute + kRelative * std::abs(e)) continue;
      return differs(i, g, e);
    } else if (got[i] != expected[i]) {
      return differs(i, static_cast<double>(got[i]), static_cast<double>(expected[i]));
    }
  }
  return "";
}

// Empty where they agree.
std::string compare(const TensorView& got, const Tensor& expected) {
  if (got.dtype != expected.dtype()) {
    return "is " + std::string(name_of(got.dtype)) + " instead of " +
           std::string(name_of(expected.dtype()));
  }
  if (!(got.dims == expected.dims())) {
    return "is " + got.dims.to_string() + " instead of " + expected.dims().to_string();
  }
  return visit_dtype(
      got.dtype,
      [&](auto zero) {
        using T = decltype(zero);
        return compare_elements(static_cast<const T*>(got.data),
                                static_cast<const T*>(expected.raw()),
                                static_cast<size_t>(got.elements()));
      },
      std::string("has no type"));
}

// Runs the graph as it was read, or after every pass. An error where it is refused.
Status run_set(const ir::Graph& graph, const fs::path& set, bool optimize,
               std::string* difference) {
  std::map<std::string, Tensor> inputs;
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    FETTLE_ASSIGN(inputs[graph.inputs()[i].value->name],
                  read_tensor(set / ("input_" + std::to_string(i) + ".pb")));
  }
  FETTLE_ASSIGN(const auto bound, passes::bind_inputs(graph, inputs));
  if (optimize) {
    FETTLE_ASSIGN(const auto reports, passes::run_pipeline(*bound));
    (void)reports;
  }
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(*bound));
  FETTLE_ASSIGN(const auto session,
                runtime::Session::load(std::make_shared<const plan::Plan>(std::move(plan)),
                                       ops::find_portable));
  for (size_t i = 0; i < session->inputs(); ++i) {
    const Tensor& t = inputs.at(std::string(session->input_name(i)));
    FETTLE_TRY(session->set_input(i, t.view()));
  }
  FETTLE_TRY(session->run());
  for (size_t i = 0; i < session->outputs(); ++i) {
    FETTLE_ASSIGN(const Tensor expected,
                  read_tensor(set / ("output_" + std::to_string(i) + ".pb")));
    *difference = compare(session->output(i), expected);
    if (!difference->empty()) {
      *difference = "output '" + std::string(session->output_name(i)) + "' " + *difference;
      return {};
    }
  }
  return {};
}

// The operator of the model's last node, which in most cases is the only one.
std::string operator_of(const std::string& case_name, const std::string& model_path) {
  if (case_name.find("_expanded") != std::string::npos) return "(expanded)";
  onnx_pb::ModelProto model;
  const auto bytes = read_file(model_path);
  if (!bytes.ok() || !model.ParseFromString(*bytes) || model.graph().node_size() == 0) return "";
  const onnx_pb::NodeProto& last = model.graph().node(model.graph().node_size() - 1);
  return (last.domain().empty() ? "" : last.domain() + ":") + last.op_type();
}

}  // namespace

std::vector<std::string> list_cases(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

CaseResult run_case(const std::string& folder, const std::string& name) {
  CaseResult result;
  result.name = name;
  const fs::path path = fs::path(folder) / name;
  result.op = operator_of(name, path / "model.onnx");
  const auto graph = formats::read_onnx((path / "model.onnx").string());
  Status status =
      graph.ok() ? Status()
                 : Status(graph.status().code(), graph.status().message(), graph.status().place());
  bool any = false;
  if (status.ok()) {
    // The same graph by way of a file of our own, where it can be written.
    std::unique_ptr<ir::Graph> rewritten;
    if (auto bytes = formats::write_onnx(**graph); bytes.ok()) {
      auto back = formats::read_onnx(*bytes, "");
      if (!back.ok()) result.message = "written and read back: " + back.status().to_string();
      if (back.ok()) rewritten = std::move(*back);
    } else if (bytes.status().code() != Code::unsupported) {
      result.message = "not written: " + bytes.status().to_string();
    }
    for (int set = 0; status.ok() && result.message.empty(); ++set) {
      const fs::path data = path / ("test_data_set_" + std::to_string(set));
      if (!fs::exists(data)) break;
      any = true;
      status = run_set(**graph, data, false, &result.message);
      if (!status.ok() || !result.message.empty()) break;
      // What the plain graph does, the others have to do.
      const auto expect = [&](const char* how, const ir::Graph& g, bool optimize) {
        if (!result.message.empty()) return;
        const Status s = run_set(g, data, optimize, &result.message);
        if (!s.ok()) result.message = s.to_string();
        if (!result.message.empty()) result.message = std::string(how) + result.message;
      };
      expect("after the passes: ", **graph, true);
      if (rewritten) expect("written and read back: ", *rewritten, false);
    }
  }
  if (!status.ok()) {
    // A model of the standard is well formed: to call it malformed is our error.
    const bool refused = status.code() == Code::unsupported || status.code() == Code::needs_value;
    result.outcome = refused ? Outcome::refused : Outcome::wrong;
    result.message = status.to_string();
    if (result.message.rfind(path.string(), 0) == 0) {
      result.message.erase(0, (path / "model.onnx: ").string().size());
    }
  } else if (!any) {
    result.message = "the case has no data";
  } else {
    result.outcome = result.message.empty() ? Outcome::passed : Outcome::wrong;
  }
  return result;
}

}  // namespace fettle::conformance
