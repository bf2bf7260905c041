// SPDX-License-Identifier: Apache-2.0
#include "lower/stripes.h"

#include <algorithm>

#include "ops/op.h"
#include "plan/chains.h"
#include "plan/stripes.h"

namespace fettle::lower {

namespace {

using plan::Chain;
using plan::Plan;
using plan::PlanTensor;
using plan::Step;

// A tensor that takes less than this part of the cache is still there when it is read.
constexpr int64_t kStaysPart = 4;
// Of the cache, what a chain may fill; the rest is for what it reads and writes.
constexpr double kFill = 0.6;
constexpr size_t kLongestChain = 8;
// So many pixels of the last output are enough for kernels to run at their best; higher stripes
// only take more of the cache.
constexpr int64_t kStripePixels = 256;

// The operands of a step as its operator sees them; data only of weights.
struct Operands {
  std::vector<TensorView> in, out;
  const Step* step;
  OpCall call() { return {step->attrs, in, out}; }
};

Operands operands_of(const Plan& plan, const Step& step) {
  const auto view = [&](int32_t t) {
    if (t < 0) return TensorView{};
    const PlanTensor& p = plan.tensors[t];
    return TensorView{p.dtype, p.dynamic, p.dims, const_cast<void*>(p.weight.raw()), p.quant.get()};
  };
  Operands o;
  o.step = &step;
  for (int32_t t : step.inputs) o.in.push_back(view(t));
  for (int32_t t : step.outputs) o.out.push_back(view(t));
  return o;
}

bool rows_of(const Plan& plan, int32_t s, int input, Rows out, Rows* in) {
  const ops::OpDef* op = ops::find(plan.steps[s].op);
  if (op == nullptr || !op->rows.applies()) return false;
  Operands o = operands_of(plan, plan.steps[s]);
  return op->rows.get()(o.call(), input, out, in);
}

// Float 3x3 convolutions of many channels run as Winograd transforms, which take whole images.
bool is_transformed(const Plan& plan, const Step& step) {
  if (step.op != "Conv" || plan.tensors[step.inputs[0]].dtype != DType::f32) return false;
  const Dims& w = plan.tensors[step.inputs[1]].dims;
  const auto strides = step.attrs.get_ints("strides");
  const bool stride1 =
      std::all_of(strides.begin(), strides.end(), [](int64_t v) { return v == 1; });
  return w.rank() == 4 && w[1] == 3 && w[2] == 3 && w[3] >= 16 && stride1;
}

// Floats by weights of 8 bits: a row cannot be quantized before the range of the image is known.
bool has_dynamic_range(const Plan& plan, const Step& step) {
  return plan.tensors[step.inputs[0]].dtype == DType::f32 &&
         plan.tensors[step.inputs[1]].dtype != DType::f32;
}

// Operators whose kernels run by rows; one that has none would dissolve its chain when it is
// loaded.
bool has_row_kernel(const Plan& plan, const Step& step) {
  if (step.op == "Conv") return !is_transformed(plan, step) && !has_dynamic_range(plan, step);
  const DType type = plan.tensors[step.outputs[0]].dtype;
  if (step.op == "MaxPool" || step.op == "AveragePool") {
    return type == DType::f32 || type == DType::i8 || type == DType::i16;
  }
  return (step.op == "Add" || step.op == "Requantize") && (type == DType::i8 || type == DType::u8);
}

// Makes rows of an image from planes, which have none: what a chain may begin with.
bool turns_planes(const Step& step) {
  const auto perm = step.attrs.get_ints("perm");
  constexpr int64_t kToRows[] = {0, 2, 3, 1};
  return step.op == "Transpose" &&
         std::equal(perm.begin(), perm.end(), std::begin(kToRows), std::end(kToRows));
}

bool has_rows(const PlanTensor& t) {
  return !t.dynamic && t.dims.rank() == 4 && t.dims[0] == 1 && t.dims[1] > 1;
}

// What the windows of a chain take in one band of all rows; -1 where the rules do not allow it.
int64_t window_bytes(const Plan& plan, const Chain& c) {
  const auto made = [&](int32_t link) -> const PlanTensor& {
    return plan.tensors[plan.steps[c.first_step + link].outputs[0]];
  };
  const auto rule = [&](int32_t s, int input, Rows out, Rows* in) {
    return rows_of(plan, s, input, out, in);
  };
  const auto schedule = plan::schedule_stripes(plan, c, {0, made(c.steps - 1).dims[1]}, rule);
  if (!schedule.ok()) return -1;
  int64_t bytes = 0;
  for (int32_t l = 0; l + 1 < c.steps; ++l) {
    bytes += schedule.value().window_rows[static_cast<size_t>(l)] * plan::row_bytes(made(l));
  }
  return bytes;
}

class Stripes {
 public:
  Stripes(Plan& plan, const StripeOptions& options) : plan_(plan), options_(options) {
    readers_.assign(plan.tensors.size(), 0);
    for (const Step& s : plan.steps) {
      for (int32_t t : s.inputs) readers_[std::max(t, 0)] += t >= 0 ? 1 : 0;
    }
    for (int32_t t : plan.outputs) readers_[t] += 2;  // never between two steps only
  }

  void run() {
    const auto steps = static_cast<int32_t>(plan_.steps.size());
    for (int32_t s = 0; s < steps;) {
      int32_t end = s + 1;
      if (can_join(s)) {
        while (end < steps && can_join(end) && linking_input(end) >= 0) ++end;
      }
      partition(s, end);
      s = end;
    }
  }

 private:
  bool can_join(int32_t s) const {
    const Step& step = plan_.steps[s];
    if (step.outputs.size() != 1 || step.outputs[0] < 0 || step.guard >= 0) return false;
    if (!has_rows(plan_.tensors[step.outputs[0]])) return false;
    if (turns_planes(step)) return true;
    if (!has_row_kernel(plan_, step)) return false;
    Rows in;
    return rows_of(plan_, s, 0, {0, 1}, &in);
  }

  // The input of step s that takes what step s - 1 makes, and only it does. -1: none.
  int linking_input(int32_t s) const {
    const int32_t made = plan_.steps[s - 1].outputs[0];
    if (readers_[made] != 1) return -1;
    const Step& step = plan_.steps[s];
    const auto at = std::find(step.inputs.begin(), step.inputs.end(), made);
    if (at == step.inputs.end()) return -1;
    const int input = static_cast<int>(at - step.inputs.begin());
    Rows in;
    return rows_of(plan_, s, input, {0, 1}, &in) ? input : -1;
  }

  const PlanTensor& made_by(int32_t s) const { return plan_.tensors[plan_.steps[s].outputs[0]]; }

  // Bytes that need not be moved when what step s makes is striped.
  int64_t saved(int32_t s) const {
    const auto bytes = static_cast<int64_t>(made_by(s).bytes());
    return bytes * kStaysPart > options_.cache_bytes ? 2 * bytes : -1;
  }

  // What the windows would take if [first, last] were a chain; -1 where it cannot be one.
  int64_t window_bytes_of(const Chain& c) {
    const auto mark = [&](bool striped) {
      for (int32_t s = c.first_step; s < c.last_step(); ++s) {
        plan_.tensors[plan_.steps[s].outputs[0]].striped = striped;
      }
    };
    mark(true);
    const int64_t bytes = window_bytes(plan_, c);
    mark(false);
    return bytes;
  }

  int64_t weight_bytes(int32_t s) const {
    int64_t bytes = 0;
    for (int32_t t : plan_.steps[s].inputs) {
      if (t >= 0 && plan_.tensors[t].is_weight())
        bytes += static_cast<int64_t>(plan_.tensors[t].bytes());
    }
    return bytes;
  }

  // The highest stripe worth having whose windows fit beside the chain's weights. 0: none.
  int64_t stripe_rows(int32_t first, int32_t last) {
    auto room = static_cast<int64_t>(kFill * static_cast<double>(options_.cache_bytes));
    for (int32_t s = first; s <= last; ++s) room -= weight_bytes(s);
    const Dims& made = made_by(last).dims;
    const int64_t rows = std::min(made[1], std::max<int64_t>(2, 2 * kStripePixels / made[2]));
    int64_t best = 0;
    for (int64_t r = 1; r < rows; r *= 2) {
      Chain c{first, last - first + 1, static_cast<int32_t>(r)};
      const int64_t bytes = window_bytes_of(c);
      if (bytes < 0 || bytes > room) break;
      best = r;
    }
    return best;
  }

  void partition(int32_t begin, int32_t end) {
    const auto count = static_cast<size_t>(end - begin);
    std::vector<int64_t> best(count + 1, 0);
    std::vector<Chain> last(count + 1);
    for (size_t j = 1; j <= count; ++j) {
      best[j] = best[j - 1];
      int64_t gain = 0;
      for (size_t i = j - 1; i > 0 && j - i < kLongestChain; --i) {  // the chain [i - 1, j)
        gain += saved(begin + static_cast<int32_t>(i) - 1);
        if (best[i - 1] + gain <= best[j]) continue;
        const auto first = begin + static_cast<int32_t>(i) - 1;
        const auto final = begin + static_cast<int32_t>(j) - 1;
        const int64_t rows = stripe_rows(first, final);
        if (rows == 0) continue;
        best[j] = best[i - 1] + gain;
        last[j] = {first, final - first + 1, static_cast<int32_t>(rows)};
      }
    }
    std::vector<Chain> chosen;
    for (size_t j = count; j > 0;) {
      if (last[j].steps == 0 || best[j] == best[j - 1]) {
        --j;
        continue;
      }
      chosen.push_back(last[j]);
      j -= static_cast<size_t>(last[j].steps);
    }
    for (auto c = chosen.rbegin(); c != chosen.rend(); ++c) keep(*c);
  }

  void keep(const Chain& c) {
    for (int32_t s = c.first_step; s <= c.last_step(); ++s) {
      plan_.steps[s].in_place = -1;
      if (s < c.last_step()) plan_.tensors[plan_.steps[s].outputs[0]].striped = true;
    }
    plan_.chains.push_back(c);
  }

  Plan& plan_;
  const StripeOptions& options_;
  std::vector<int32_t> readers_;
};

}  // namespace

void plan_stripes(plan::Plan& plan, const StripeOptions& options) {
  if (options.cache_bytes > 0) Stripes(plan, options).run();
}

std::vector<ChainReport> report_chains(const plan::Plan& plan) {
  std::vector<ChainReport> reports;
  for (const Chain& c : plan.chains) {
    ChainReport r{c, window_bytes(plan, c), 0};
    for (int32_t s = c.first_step; s < c.last_step(); ++s) {
      r.whole_bytes += static_cast<int64_t>(plan.tensors[plan.steps[s].outputs[0]].bytes());
    }
    reports.push_back(r);
  }
  return reports;
}

}  // namespace fettle::lower
