// SPDX-License-Identifier: Apache-2.0
#include "runtime/step_cost.h"

#include <algorithm>

namespace fettle::runtime {

namespace {

// Of one core, per nanosecond: about half of what its registers could do and what a near cache
// delivers. The Arm rows are a Cortex-A72, an A76 and an A78.
struct Rates {
  Isa isa;
  double f32, i8, i16, bytes;
};
constexpr Rates kRates[] = {
    {Isa::portable, 1, 1, 1, 4},        {Isa::avx2, 20, 20, 20, 16},
    {Isa::avx512, 30, 40, 40, 24},      {Isa::avx512vnni, 30, 100, 60, 24},
    {Isa::avx512vbmi, 30, 100, 60, 24}, {Isa::neon, 3, 4, 4, 4},
    {Isa::neondot, 8, 30, 8, 8},        {Isa::neoni8mm, 10, 60, 10, 12},
};

const Rates& rates_of(Isa isa) {
  for (const Rates& r : kRates) {
    if (r.isa == isa) return r;
  }
  return kRates[0];
}

double macs_per_ns(const Rates& rates, DType type) {
  switch (size_of(type)) {
    case 1:
      return rates.i8;
    case 2:
      return rates.i16;
    default:
      return rates.f32;
  }
}

double bytes_of(std::span<const TensorView> views) {
  double bytes = 0;
  for (const TensorView& v : views) bytes += v.present() ? static_cast<double>(v.bytes()) : 0;
  return bytes;
}

}  // namespace

double estimated_ns(const StepWork& work, Isa isa) {
  const Rates& rates = rates_of(isa);
  const double moved = (bytes_of(work.in) + bytes_of(work.out)) / rates.bytes;
  if (work.in.empty()) return moved;
  return moved + static_cast<double>(work.macs) / macs_per_ns(rates, work.in[0].dtype);
}

int threads_worth(double step_ns, int64_t least_share_ns, int most_threads) {
  if (least_share_ns <= 0) return most_threads;
  const double shares = step_ns / static_cast<double>(least_share_ns);
  return static_cast<int>(std::clamp(shares, 1.0, static_cast<double>(most_threads)));
}

}  // namespace fettle::runtime
