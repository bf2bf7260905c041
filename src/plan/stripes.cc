// SPDX-License-Identifier: Apache-2.0
#include "plan/stripes.h"

#include "plan/chains.h"

namespace fettle::plan {

Result<StripeSchedule> schedule_stripes(const Plan& plan, const Chain& chain, Rows band,
                                        const RowRule& rule) {
  const auto links = static_cast<size_t>(chain.steps);
  const auto made_by = [&](size_t link) -> const PlanTensor& {
    return plan.tensors[plan.steps[chain.first_step + link].outputs[0]];
  };
  StripeSchedule schedule;
  schedule.window_rows.assign(links - 1, 0);
  schedule.most_rows.assign(links, 0);
  std::vector<Rows> held(links - 1);  // of each window
  std::vector<Rows> wanted(links), makes(links);
  for (int64_t begin = band.begin; begin < band.end; begin += chain.stripe_rows) {
    makes[links - 1] = {begin, std::min(band.end, begin + chain.stripe_rows)};
    for (size_t l = links - 1; l > 0; --l) {
      const int32_t step = chain.first_step + static_cast<int32_t>(l);
      Rows& want = wanted[l - 1];
      Rows& held_rows = held[l - 1];
      makes[l - 1] = {held_rows.end, held_rows.end};
      if (makes[l].count() == 0) {
        want = held_rows;
        continue;
      }
      const int input = striped_input(plan, plan.steps[step]);
      const int64_t size = made_by(l - 1).dims[1];
      if (!rule(step, input, makes[l], &want) || want.begin < 0 || want.end > size) {
        return invalid_input("cannot be run by rows",
                             "step " + plan.steps[step].op + " '" + plan.steps[step].name + "'");
      }
      want.begin = std::max(want.begin, held_rows.begin);
      makes[l - 1] = {std::max(held_rows.end, want.begin), std::max(want.end, held_rows.end)};
      held_rows = {want.begin, makes[l - 1].end};
      schedule.window_rows[l - 1] = std::max(schedule.window_rows[l - 1], held_rows.count());
    }
    for (size_t l = 0; l < links; ++l) {
      if (makes[l].count() == 0) continue;
      schedule.most_rows[l] = std::max(schedule.most_rows[l], makes[l].count());
      schedule.parts.push_back(
          {static_cast<int32_t>(l), makes[l], l + 1 < links ? held[l].begin : 0});
    }
  }
  return schedule;
}

}  // namespace fettle::plan
