// SPDX-License-Identifier: Apache-2.0
//
// An ONNX file from anybody: read, bound, optimized, lowered, and run once where that is little
// work. A model may be refused anywhere; what is accepted has to be sound.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/onnx/reader.h"
#include "formats/onnx/writer.h"
#include "ir/verify.h"
#include "lower/lower.h"
#include "ops/op.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "runtime/session.h"

namespace {

constexpr int64_t kMaxElements = 1 << 16, kMaxWork = 1 << 22;

// Whether the graph is small enough to be run here.
bool is_small(const fettle::ir::Graph& graph) {
  int64_t elements = 0, work = 0;
  for (const auto& v : graph.values()) {
    elements += v->type.dims.elements();
    if (elements > kMaxElements) return false;
  }
  for (const auto& n : graph.nodes()) {
    const fettle::ops::OpDef* op = fettle::ops::find(n->op);
    std::vector<fettle::TensorView> in, out;
    for (const auto* v : n->inputs) in.push_back(v ? v->view() : fettle::TensorView{});
    for (const auto* v : n->outputs) out.push_back(v ? v->view() : fettle::TensorView{});
    const fettle::OpCall call{n->attrs, in, out};
    if (op->cost.applies()) {
      const fettle::ops::Cost c = op->cost.get()(call);
      work += c.macs + c.flops;
    }
    if (op->scratch.applies() && op->scratch.get()(call) > size_t{1} << 24) return false;
    if (work < 0 || work > kMaxWork) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fettle;
  auto graph = formats::read_onnx(std::string_view(reinterpret_cast<const char*>(data), size), "");
  if (!graph.ok()) return 0;
  if (!ir::verify(**graph).ok()) std::abort();
  if (const auto bytes = formats::write_onnx(**graph); bytes.ok()) {
    (void)formats::read_onnx(*bytes, "").ok();
  }
  passes::Bindings bindings;
  bindings.fold_limit_bytes = 1 << 16;
  if (!passes::bind_shapes(**graph, bindings).ok() || !is_small(**graph)) return 0;
  const auto reports = passes::run_pipeline(**graph);
  if (!reports.ok()) {
    if (reports.status().code() == Code::failed) std::abort();
    return 0;
  }
  auto plan = lower::lower(**graph);
  if (!plan.ok()) return 0;
  auto session = runtime::Session::load(std::make_shared<const plan::Plan>(std::move(*plan)),
                                        ops::find_portable);
  if (session.ok()) (void)(*session)->run().ok();
  return 0;
}
