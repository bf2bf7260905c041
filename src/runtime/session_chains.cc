// SPDX-License-Identifier: Apache-2.0
//
// How a session runs the chains of its plan: each as one, or in pieces that hold what lies between
// them whole.
#include <algorithm>

#include "runtime/session.h"
#include "runtime/step_cost.h"

namespace fettle::runtime {

namespace {
// The chain's steps [begin, end). Stripes of as large a part of their last output.
plan::Chain part_of(const plan::Plan& plan, const plan::Chain& c, int32_t begin, int32_t end) {
  const auto rows = [&](int32_t step) { return plan.tensors[plan.steps[step].outputs[0]].dims[1]; };
  const int32_t last = c.first_step + end - 1;
  const int64_t stripe = c.stripe_rows * rows(last) / std::max<int64_t>(1, rows(c.last_step()));
  return {c.first_step + begin, end - begin, static_cast<int32_t>(std::max<int64_t>(1, stripe))};
}
}  // namespace

// None where it cannot run in stripes, or not well: a kernel takes no rows, threads overlap.
Result<std::unique_ptr<ChainRunner>> Session::runner_of(const plan::Chain& c,
                                                        const SessionOptions& options) const {
  std::vector<ChainLink> links;
  double ns = 0;
  for (int32_t s = c.first_step; s <= c.last_step(); ++s) {
    const LoadedStep& step = steps_[s];
    if (step.dynamic || !step.kernel->by_rows()) return std::unique_ptr<ChainRunner>();
    ns += step.ns;
    links.push_back({step.kernel.get(), step.portable.rows, &plan_->steps[s].attrs, step.in,
                     step.out,
                     step.ns / static_cast<double>(std::max<int64_t>(1, step.out[0].dims[1]))});
  }
  auto runner = std::make_unique<ChainRunner>();
  FETTLE_TRY(runner->prepare(*plan_, c, std::move(links),
                             threads_worth(ns, options.least_share_ns, pool_.most_threads())));
  if (runner->overlap() > options.most_overlap) return std::unique_ptr<ChainRunner>();
  return runner;
}

// Algorithm: the shortest way over the chain's steps. A piece is a runner or one step; it costs the
// bytes of the tensor before it, which has to be whole.
Result<std::vector<plan::Chain>> Session::pieces_of(const plan::Chain& c,
                                                    const SessionOptions& options) const {
  struct Way {
    size_t bytes = 0;
    int32_t from = 0;
  };
  std::vector<Way> best(static_cast<size_t>(c.steps) + 1);
  for (int32_t end = 1; end <= c.steps; ++end) {
    Way& way = best[end];
    way.bytes = SIZE_MAX;
    for (int32_t begin = 0; begin < end; ++begin) {
      size_t bytes = best[begin].bytes;
      if (begin > 0) bytes += tensors_[plan_->steps[c.first_step + begin - 1].outputs[0]].bytes();
      if (bytes >= way.bytes) continue;
      if (end - begin > 1) {
        FETTLE_ASSIGN(const auto runner, runner_of(part_of(*plan_, c, begin, end), options));
        if (!runner) continue;
      }
      way = {bytes, begin};
    }
  }
  std::vector<plan::Chain> pieces;
  for (int32_t end = c.steps; end > 0; end = best[end].from) {
    pieces.push_back(part_of(*plan_, c, best[end].from, end));
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

void Session::take_runner(ChainRunner runner) {
  for (int32_t s = 0; s < runner.steps(); ++s) {
    LoadedStep& step = steps_[runner.first_step() + s];
    step.in_chain = true;
    step.threads = runner.threads();
  }
  memory_.scratch = std::max(memory_.scratch, runner.scratch_bytes());
  memory_.windows = std::max(memory_.windows, runner.window_bytes());
  chains_.push_back(std::move(runner));
}

Status Session::load_chains(const SessionOptions& options) {
  std::vector<std::vector<plan::Chain>> cut;
  for (const plan::Chain& c : plan_->chains) {
    FETTLE_ASSIGN(const auto whole, runner_of(c, options));
    if (whole) {
      take_runner(std::move(*whole));
      continue;
    }
    FETTLE_ASSIGN(std::vector<plan::Chain> pieces, pieces_of(c, options));
    for (const plan::Chain& piece : pieces) {
      if (piece.steps == 1) continue;
      FETTLE_ASSIGN(const auto runner, runner_of(piece, options));
      take_runner(std::move(*runner));
    }
    cut.push_back(std::move(pieces));
  }
  cut_chains_ = cut.size();
  for (const LoadedStep& step : steps_) {
    if (!step.in_chain) memory_.scratch = std::max(memory_.scratch, step.kernel->scratch_bytes());
  }
  return hold_between(cut);
}

// What lies within one chain is dead when the next one begins, and what lies before a piece when
// the piece after it begins: they take turns at the two ends of one place.
Status Session::hold_between(const std::vector<std::vector<plan::Chain>>& chains) {
  for (const std::vector<plan::Chain>& pieces : chains) {
    size_t before = 0;
    for (size_t p = 0; p + 1 < pieces.size(); ++p) {
      const size_t bytes =
          plan::align_up(tensors_[plan_->steps[pieces[p].last_step()].outputs[0]].bytes());
      memory_.unstriped = std::max(memory_.unstriped, before + bytes);
      before = bytes;
    }
  }
  FETTLE_ASSIGN(whole_, allocate_touched(memory_.unstriped, "tensors between pieces of chains"));
  for (const std::vector<plan::Chain>& pieces : chains) {
    for (size_t p = 0; p + 1 < pieces.size(); ++p) {
      TensorView& t = tensors_[plan_->steps[pieces[p].last_step()].outputs[0]];
      t.data = whole_.get() + (p % 2 == 0 ? 0 : memory_.unstriped - plan::align_up(t.bytes()));
    }
    for (int32_t s = pieces.front().first_step; s <= pieces.back().last_step(); ++s) {
      gather(steps_[s], plan_->steps[s]);
    }
  }
  return {};
}

void Session::run_chain(ChainRunner& chain, bool profiled) {
  pool_.use(chain.threads());
  if (profiled) {
    const auto first = static_cast<size_t>(chain.first_step());
    chain.run_profiled(pool_, scratch_bytes_,
                       step_ns_.subspan(first, static_cast<size_t>(chain.steps())));
  } else {
    chain.run(pool_, scratch_bytes_);
  }
}

}  // namespace fettle::runtime
