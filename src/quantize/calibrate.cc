// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate.h"

#include "lower/lower.h"
#include "ops/portable.h"
#include "runtime/session.h"

namespace fettle::quantize {

namespace {

bool is_observed(const ir::Value& v) {
  return !v.is_constant() && v.type.dtype == DType::f32 && !v.type.dynamic && !v.type.quant &&
         v.type.dims.elements() > 0 && (v.producer != nullptr || !v.uses.empty());
}

// A copy of the graph in which every observed value is an output, in the order of `observed`,
// behind the outputs it has.
std::unique_ptr<ir::Graph> expose(const ir::Graph& graph, std::vector<const ir::Value*>* observed) {
  auto copy = graph.clone();
  auto mine = copy->values().begin();
  for (const auto& theirs : graph.values()) {
    if (is_observed(*theirs)) {
      observed->push_back(theirs.get());
      copy->add_output(mine->get());
    }
    ++mine;
  }
  return copy;
}

}  // namespace

Result<Distributions> calibrate(const ir::Graph& graph, const SampleSource& samples, int threads) {
  std::vector<const ir::Value*> observed;
  const auto exposed = expose(graph, &observed);
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(*exposed));
  runtime::SessionOptions options;
  options.threads = threads;
  FETTLE_ASSIGN(auto session,
                runtime::Session::load(std::make_shared<const plan::Plan>(std::move(plan)),
                                       ops::find_portable, options));
  Distributions distributions;
  const size_t first = graph.outputs().size();
  std::vector<Tensor> inputs;
  for (int64_t i = 0;; ++i) {
    FETTLE_ASSIGN(const bool more, samples(i, &inputs));
    if (!more) {
      if (i == 0) return invalid_input("there is no sample to calibrate with");
      return distributions;
    }
    for (size_t k = 0; k < inputs.size(); ++k) {
      FETTLE_TRY(session->set_input(k, inputs[k].view()));
    }
    FETTLE_TRY(session->run());
    for (size_t k = 0; k < observed.size(); ++k) {
      const TensorView& seen = session->output(first + k);
      distributions[observed[k]].add({seen.as<float>(), static_cast<size_t>(seen.elements())});
    }
  }
}

}  // namespace fettle::quantize
