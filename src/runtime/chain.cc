// SPDX-License-Identifier: Apache-2.0
#include "runtime/chain.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/clock.h"
#include "plan/chains.h"

namespace fettle::runtime {

namespace {
// Two bands of the last output for each thread even out threads that are held up, but bands compute
// what their windows overlap in again: as much more than with one band each is paid for it.
constexpr double kPaidForTwo = 1.02;

size_t align64(int64_t bytes) { return static_cast<size_t>((bytes + 63) / 64 * 64); }
}  // namespace

// The last output's rows in `bands` of even height, or as many as it has rows.
Result<ChainRunner::Schedules> ChainRunner::cut(const plan::Plan& plan, const plan::Chain& chain,
                                                int64_t bands) const {
  const auto rule = [&](int32_t step, int input, Rows out, Rows* in) {
    const ChainLink& l = links_[static_cast<size_t>(step - first_step_)];
    std::vector<TensorView> views(l.out.begin(), l.out.end());
    return l.rows != nullptr && l.rows({*l.attrs, l.in, views}, input, out, in);
  };
  const int64_t rows = links_.back().out[0].dims[1];
  bands = std::min(rows, bands);
  Schedules schedules;
  for (int64_t b = 0; b < bands; ++b) {
    const Rows band{rows * b / bands, rows * (b + 1) / bands};
    FETTLE_ASSIGN(plan::StripeSchedule schedule, plan::schedule_stripes(plan, chain, band, rule));
    schedules.push_back(std::move(schedule));
  }
  return schedules;
}

double ChainRunner::estimated_ns(const Schedules& bands, size_t begin, size_t end) const {
  double ns = 0;
  for (size_t b = begin; b < end; ++b) {
    for (const plan::StripePart& part : bands[b].parts) {
      ns += static_cast<double>(part.rows.count()) * links_[static_cast<size_t>(part.link)].row_ns;
    }
  }
  return ns;
}

Status ChainRunner::prepare(const plan::Plan& plan, const plan::Chain& chain,
                            std::vector<ChainLink> links, int threads) {
  first_step_ = chain.first_step;
  links_ = std::move(links);
  const size_t count = links_.size();
  FETTLE_ASSIGN(bands_, cut(plan, chain, threads));
  if (threads > 1) {
    FETTLE_ASSIGN(Schedules two, cut(plan, chain, 2 * threads));
    if (estimated_ns(two) < kPaidForTwo * estimated_ns(bands_)) bands_ = std::move(two);
    FETTLE_ASSIGN(const Schedules one, cut(plan, chain, 1));
    const size_t all = bands_.size(), shares = static_cast<size_t>(threads);
    double busiest = 0;
    for (size_t t = 0; t < shares; ++t) {
      busiest = std::max(busiest, estimated_ns(bands_, all * t / shares, all * (t + 1) / shares));
    }
    overlap_ = busiest * threads / estimated_ns(one);
  }
  size_t row_scratch = 0;
  for (size_t l = 0; l < count; ++l) {
    const plan::Step& step = plan.steps[static_cast<size_t>(first_step_) + l];
    striped_in_.push_back(plan::striped_input(plan, step));
    row_bytes_.push_back(plan::row_bytes(plan.tensors[step.outputs[0]]));
    int64_t window = 0, most = 0;
    for (const plan::StripeSchedule& s : bands_) {
      if (l + 1 < count) window = std::max(window, s.window_rows[l]);
      most = std::max(most, s.most_rows[l]);
    }
    window_offset_.push_back(window_bytes_);
    window_bytes_ += align64(window * row_bytes_.back());
    row_scratch = std::max(row_scratch, links_[l].kernel->row_scratch_bytes(most));
  }
  thread_bytes_ = window_bytes_ + align64(static_cast<int64_t>(row_scratch));
  workers_.resize(static_cast<size_t>(std::max(1, threads)));
  for (Worker& w : workers_) {
    for (const ChainLink& l : links_) {
      w.in.emplace_back(l.in.begin(), l.in.end());
      w.out.emplace_back(l.out.begin(), l.out.end());
    }
    w.held.resize(count);
    w.ns.resize(count);
  }
  return {};
}

// The window moves on: the rows that stay go to its front.
void ChainRunner::drop_rows(const plan::StripePart& part, Worker& worker, std::byte* window) const {
  const auto l = static_cast<size_t>(part.link);
  Rows& held = worker.held[l];
  const int64_t dropped = std::min(part.window_begin, held.end) - held.begin;
  const int64_t kept = held.end - held.begin - dropped;
  if (dropped > 0 && kept > 0) {
    std::memmove(window, window + dropped * row_bytes_[l],
                 static_cast<size_t>(kept * row_bytes_[l]));
  }
  held = {part.window_begin, part.rows.end};
  void* row0 = row_zero(window, part.window_begin * row_bytes_[l]);
  worker.out[l][0].data = row0;
  worker.in[l + 1][static_cast<size_t>(striped_in_[l + 1])].data = row0;
}

template <bool kProfiled>
void ChainRunner::run_band(const plan::StripeSchedule& band, Worker& worker,
                           std::byte* scratch) const {
  const std::span<std::byte> row_scratch(scratch + window_bytes_, thread_bytes_ - window_bytes_);
  std::fill(worker.held.begin(), worker.held.end(), Rows{});
  int64_t before = kProfiled ? now_ns() : 0;
  for (const plan::StripePart& part : band.parts) {
    const auto l = static_cast<size_t>(part.link);
    if (l + 1 < links_.size()) drop_rows(part, worker, scratch + window_offset_[l]);
    const OpCall call{*links_[l].attrs, worker.in[l], worker.out[l], row_scratch};
    links_[l].kernel->run_rows(call, part.rows);
    if constexpr (kProfiled) {
      const int64_t after = now_ns();
      worker.ns[l] += after - before;
      before = after;
    }
  }
}

template <bool kProfiled>
void ChainRunner::run_bands(ThreadPool& pool, std::span<std::byte> scratch) {
  for (Worker& w : workers_) {
    for (size_t l = 0; l < links_.size(); ++l) {
      std::copy(links_[l].in.begin(), links_[l].in.end(), w.in[l].begin());
      std::copy(links_[l].out.begin(), links_[l].out.end(), w.out[l].begin());
    }
    if (kProfiled) std::fill(w.ns.begin(), w.ns.end(), 0);
  }
  pool.parallel_for(static_cast<int64_t>(bands_.size()), 1,
                    [&](int64_t begin, int64_t end, int thread) {
                      const auto t = static_cast<size_t>(thread);
                      for (int64_t b = begin; b < end; ++b) {
                        run_band<kProfiled>(bands_[static_cast<size_t>(b)], workers_[t],
                                            scratch.data() + t * thread_bytes_);
                      }
                    });
}

void ChainRunner::run(ThreadPool& pool, std::span<std::byte> scratch) {
  run_bands<false>(pool, scratch);
}

void ChainRunner::run_profiled(ThreadPool& pool, std::span<std::byte> scratch,
                               std::span<int64_t> step_ns) {
  const int64_t begin = now_ns();
  run_bands<true>(pool, scratch);
  const int64_t whole = now_ns() - begin;
  std::fill(step_ns.begin(), step_ns.end(), 0);
  for (const Worker& w : workers_) {
    for (size_t l = 0; l < step_ns.size(); ++l) step_ns[l] += w.ns[l];
  }
  const int64_t sum = std::accumulate(step_ns.begin(), step_ns.end(), int64_t{0});
  for (int64_t& ns : step_ns) {
    ns = static_cast<int64_t>(static_cast<double>(ns) /
                              static_cast<double>(std::max<int64_t>(1, sum)) *
                              static_cast<double>(whole));
  }
}

}  // namespace fettle::runtime
