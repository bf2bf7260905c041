// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>

#include "plan/chains.h"
#include "plan/lifetime.h"

namespace fettle::plan {

namespace {

Status check_tensor(const Plan& plan, const PlanTensor& t) {
  const auto bad = [&](const std::string& what) {
    return invalid_input(what, "tensor '" + t.name + "'");
  };
  if (t.dtype == DType::none || static_cast<int>(t.dtype) >= kDTypeCount) return bad("has no type");
  if (!t.dims.valid()) return bad("has impossible extents");
  if (t.quant) {
    const Quantization& q = *t.quant;
    if (q.scale.empty() || q.scale.size() != q.zero_point.size())
      return bad("has bad quantization");
    const auto is_scale = [](float v) { return std::isfinite(v) && v >= 0; };
    if (!std::all_of(q.scale.begin(), q.scale.end(), is_scale))
      return bad("has an impossible scale");
    if (!q.per_tensor() && (q.axis < 0 || q.axis >= t.dims.rank() ||
                            t.dims[q.axis] != static_cast<int64_t>(q.scale.size()))) {
      return bad("has as many scales as its axis does not");
    }
  }
  if (t.is_weight()) {
    if (t.weight.dtype() != t.dtype || !(t.weight.dims() == t.dims)) return bad("is not its data");
    return {};
  }
  if (t.striped) {
    if (t.dynamic || t.dims.rank() != 4 || t.dims[0] != 1) return bad("cannot be cut into rows");
    return {};
  }
  if (t.offset % kAlignment != 0) return bad("is not aligned in the arena");
  if (t.offset > plan.arena_bytes || t.bytes() > plan.arena_bytes - t.offset) {
    return bad("lies outside the arena");
  }
  return {};
}

// Under which condition each tensor is written.
struct Condition {
  int32_t guard = -1;
  bool is = true;
  bool operator==(const Condition&) const = default;
};

bool may_read(const Step& step, size_t input, const Condition& written) {
  if (written.guard == -1 || written == Condition{step.guard, step.guard_is}) return true;
  return step.op == kChoose && step.inputs.size() == 3 && step.inputs[0] == written.guard &&
         input == (written.is ? 1u : 2u);
}

bool is_condition(const PlanTensor& t) {
  return t.dtype == DType::boolean && t.dims.elements() == 1 && !t.dynamic && !t.striped;
}

// Writers come before readers, and one step writes a tensor.
Status check_steps(const Plan& plan) {
  const auto count = static_cast<int32_t>(plan.tensors.size());
  const auto in_range = [&](int32_t t) { return t >= 0 && t < count; };
  std::vector<bool> ready(plan.tensors.size(), false);
  std::vector<Condition> written(plan.tensors.size());
  for (size_t t = 0; t < ready.size(); ++t) ready[t] = plan.tensors[t].is_weight();
  for (int32_t t : plan.inputs) {
    if (!in_range(t) || ready[t])
      return invalid_input("an input of the plan is not a tensor of it");
    ready[t] = true;
  }
  for (const Step& s : plan.steps) {
    const auto bad = [&](const std::string& what) {
      return invalid_input(what, "step " + s.op + " '" + s.name + "'");
    };
    if (s.guard != -1) {
      const bool fits = in_range(s.guard) && ready[s.guard] && written[s.guard].guard == -1 &&
                        is_condition(plan.tensors[s.guard]);
      if (!fits) return bad("runs under a condition that is none");
    }
    for (size_t i = 0; i < s.inputs.size(); ++i) {
      const int32_t t = s.inputs[i];
      if (t == -1) continue;
      if (!in_range(t) || !ready[t]) return bad("reads a tensor that nothing has written");
      if (!may_read(s, i, written[t])) return bad("reads a tensor that may not have been written");
    }
    for (int32_t t : s.outputs) {
      if (t == -1) continue;
      if (!in_range(t) || ready[t]) return bad("writes a tensor that is not its own");
      ready[t] = true;
      written[t] = {s.guard, s.guard_is};
    }
    if (s.in_place == -1) continue;
    const bool valid =
        s.in_place >= 0 && s.in_place < static_cast<int32_t>(s.inputs.size()) &&
        s.inputs[s.in_place] >= 0 && !s.outputs.empty() && s.outputs[0] >= 0 &&
        !plan.tensors[s.inputs[s.in_place]].is_weight() &&
        plan.tensors[s.inputs[s.in_place]].offset == plan.tensors[s.outputs[0]].offset;
    if (!valid) return bad("cannot work in place as it says");
  }
  for (int32_t t : plan.outputs) {
    if (!in_range(t) || !ready[t] || written[t].guard != -1) {
      return invalid_input("an output of the plan is never written");
    }
  }
  return {};
}

// A tensor that a step takes over must not be read later under its own name; blocks that live at
// one time must not share bytes.
Status check_overlap(const Plan& plan) {
  std::vector<Block> blocks = live_blocks(plan);
  std::sort(blocks.begin(), blocks.end(),
            [](const Block& a, const Block& b) { return a.first_step < b.first_step; });
  const auto start = [&](const Block& b) { return plan.tensors[b.tensors[0]].offset; };
  const auto dies_later = [](const Block* a, const Block* b) {
    return a->last_step > b->last_step;
  };
  // Live blocks by their start; as none of them overlap, only the neighbours can.
  std::map<uint64_t, const Block*> live;
  std::priority_queue<const Block*, std::vector<const Block*>, decltype(dies_later)> next_to_die(
      dies_later);
  const auto clash = [&](const Block& a, const Block& b) {
    return invalid_input(
        "shares bytes with '" + plan.tensors[a.tensors[0]].name + "' while both are in use",
        "tensor '" + plan.tensors[b.tensors[0]].name + "'");
  };
  for (const Block& b : blocks) {
    while (!next_to_die.empty() && next_to_die.top()->last_step < b.first_step) {
      live.erase(start(*next_to_die.top()));
      next_to_die.pop();
    }
    const auto after = live.lower_bound(start(b));
    if (after != live.end() && after->first < start(b) + b.bytes) return clash(*after->second, b);
    if (after != live.begin()) {
      const Block& before = *std::prev(after)->second;
      if (start(before) + before.bytes > start(b)) return clash(before, b);
    }
    live.emplace(start(b), &b);
    next_to_die.push(&b);
  }
  std::vector<bool> taken(plan.tensors.size(), false);
  const auto check = [&](int32_t t) -> Status {
    if (t < 0 || !taken[t]) return {};
    return invalid_input("is read after a step overwrote it",
                         "tensor '" + plan.tensors[t].name + "'");
  };
  for (const Step& s : plan.steps) {
    for (int32_t t : s.inputs) FETTLE_TRY(check(t));
    FETTLE_TRY(check(s.guard));
    if (s.in_place >= 0) taken[s.inputs[s.in_place]] = true;
  }
  for (int32_t t : plan.outputs) {
    if (taken[t]) {
      return invalid_input("is an output that a step overwrote",
                           "tensor '" + plan.tensors[t].name + "'");
    }
  }
  return {};
}

}  // namespace

size_t Plan::weight_bytes() const {
  size_t bytes = 0;
  for (const PlanTensor& t : tensors) bytes += t.is_weight() ? t.bytes() : 0;
  return bytes;
}

Status validate(const Plan& plan) {
  if (plan.arena_bytes > kMaxArenaBytes) return invalid_input("the arena is impossibly large");
  for (const PlanTensor& t : plan.tensors) FETTLE_TRY(check_tensor(plan, t));
  FETTLE_TRY(check_steps(plan));
  FETTLE_TRY(check_chains(plan));
  return check_overlap(plan);
}

}  // namespace fettle::plan
