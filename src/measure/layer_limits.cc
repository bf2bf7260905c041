// SPDX-License-Identifier: Apache-2.0
#include "measure/layer_limits.h"

#include <algorithm>

#include "device/measure.h"

namespace fettle::measure {

namespace {

constexpr double kSeconds = 0.25;  // for each figure

// The best that the instruction sets up to `isa` reach.
double peak_gmacs(DType type, Isa isa) {
  double best = 0;
  for (const device::PeakLoop& loop : device::peak_loops()) {
    if (loop.type != type || !implies(isa, loop.isa)) continue;
    best = std::max(best, device::measure_peak_gmacs(loop, kSeconds));
  }
  return best;
}

bool multiplies_in(const plan::Plan& plan, DType type) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& s) {
    return s.macs > 0 && compute_type(plan, s) == type;
  });
}

double compute_gmacs(DType type, const MachineLimits& limits) {
  switch (type) {
    case DType::f32:
      return limits.f32_gmacs;
    case DType::i8:
      return limits.i8_gmacs;
    case DType::i16:
      return limits.i16_gmacs;
    default:
      return 0;
  }
}

}  // namespace

DType compute_type(const plan::Plan& plan, const plan::Step& step) {
  if (step.inputs.empty() || step.inputs[0] < 0) return DType::none;
  const DType type = plan.tensors[static_cast<size_t>(step.inputs[0])].dtype;
  return type == DType::u8 ? DType::i8 : type;
}

MachineLimits measure_limits(const plan::Plan& plan, Isa isa, const std::vector<int>& cores) {
  MachineLimits limits;
  limits.threads = static_cast<int>(cores.size());
  limits.touched_bytes = static_cast<int64_t>(plan.weight_bytes() + plan.arena_bytes);
  const device::PinnedThread pinned(cores[0]);
  const double threads = limits.threads;
  if (multiplies_in(plan, DType::f32)) limits.f32_gmacs = threads * peak_gmacs(DType::f32, isa);
  if (multiplies_in(plan, DType::i8)) limits.i8_gmacs = threads * peak_gmacs(DType::i8, isa);
  if (multiplies_in(plan, DType::i16)) limits.i16_gmacs = threads * peak_gmacs(DType::i16, isa);
  // Past a gigabyte it is memory anyway, and less than a few kilobytes measure the loop.
  const auto bytes = std::clamp<int64_t>(limits.touched_bytes, 1 << 14, 1 << 30);
  limits.read_gbps =
      std::max(0.0, device::measure_read_gbps(cores, static_cast<size_t>(bytes), kSeconds));
  return limits;
}

StepLimit limit_of(const StepTime& step, DType type, const MachineLimits& limits) {
  const double share = static_cast<double>(step.threads) / limits.threads;
  const double gmacs = compute_gmacs(type, limits) * share;
  const double compute_us = gmacs > 0 ? static_cast<double>(step.macs) / gmacs / 1e3 : 0;
  const double memory_us =
      limits.read_gbps > 0 ? static_cast<double>(step.bytes) / (limits.read_gbps * share) / 1e3 : 0;
  return {std::max(compute_us, memory_us), memory_us > compute_us};
}

}  // namespace fettle::measure
