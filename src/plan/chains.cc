// SPDX-License-Identifier: Apache-2.0
#include "plan/chains.h"

namespace fettle::plan {

namespace {

Status check_chain(const Plan& plan, const Chain& c, int32_t not_before) {
  const auto steps = static_cast<int32_t>(plan.steps.size());
  if (c.first_step < not_before || c.steps < 2 || c.steps > steps - c.first_step) {
    return invalid_input("a chain has no steps, or those of another");
  }
  if (c.stripe_rows < 1) return invalid_input("a chain's stripes have no rows");
  for (int32_t s = c.first_step; s <= c.last_step(); ++s) {
    const Step& step = plan.steps[s];
    const auto bad = [&](const std::string& what) {
      return invalid_input(what, "step " + step.op + " '" + step.name + "'");
    };
    if (step.in_place >= 0) return bad("works in place within a chain");
    if (step.guard >= 0) return bad("runs under a condition within a chain");
    if (step.outputs.size() != 1 || step.outputs[0] < 0)
      return bad("makes more than a chain takes");
    const PlanTensor& made = plan.tensors[step.outputs[0]];
    if (made.dims.rank() != 4 || made.dims[0] != 1) return bad("makes what has no rows");
    if (made.striped != (s < c.last_step())) return bad("is not linked to the rest of its chain");
    if (s > c.first_step && striped_input(plan, step) < 0) return bad("breaks its chain");
  }
  return {};
}

}  // namespace

int striped_input(const Plan& plan, const Step& step) {
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    if (step.inputs[i] >= 0 && plan.tensors[step.inputs[i]].striped) return static_cast<int>(i);
  }
  return -1;
}

Status check_chains(const Plan& plan) {
  int32_t next = 0;
  for (const Chain& c : plan.chains) {
    FETTLE_TRY(check_chain(plan, c, next));
    next = c.last_step() + 1;
  }
  // A striped tensor is made by a step of a chain and read by the next one, once.
  std::vector<int32_t> maker(plan.tensors.size(), -1), reads(plan.tensors.size(), 0);
  for (const Chain& c : plan.chains) {
    for (int32_t s = c.first_step; s < c.last_step(); ++s) maker[plan.steps[s].outputs[0]] = s;
  }
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    for (int32_t t : plan.steps[s].inputs) {
      if (t < 0 || !plan.tensors[t].striped) continue;
      if (maker[t] != static_cast<int32_t>(s) - 1 || ++reads[t] > 1) {
        return invalid_input("is read outside its chain, or twice",
                             "tensor '" + plan.tensors[t].name + "'");
      }
    }
  }
  for (size_t t = 0; t < plan.tensors.size(); ++t) {
    if (!plan.tensors[t].striped || (maker[t] >= 0 && reads[t] == 1)) continue;
    return invalid_input("is striped, but no chain makes and reads it",
                         "tensor '" + plan.tensors[t].name + "'");
  }
  for (int32_t t : plan.outputs) {
    if (plan.tensors[t].striped) return invalid_input("an output of the plan is striped");
  }
  return {};
}

}  // namespace fettle::plan
