// SPDX-License-Identifier: Apache-2.0
//
// How long a network takes on a device that is not at hand: per layer, the time to compute at the
// rate that kernels of its kind reach, plus the time to move what its caches cannot hold, plus a
// constant per layer.
//
// Algorithm: compute and memory are added, not overlapped: on the boards of devices/ the sum fits
// the published latencies better than the maximum does (geometric mean factor 1.20 against 1.25).
// Weights are read once a run from DRAM unless the whole network fits the last cache; weights that
// exceed their share of that cache are read again for every band of output rows, which is why a
// Raspberry Pi 4 gains only a factor of 2 from four threads.
//
// Weakness: one set of constants for every runtime and core; layers are taken one by one, so a
// producer's output that still lies in a cache is credited by size alone; two clusters at once are
// taken as perfectly balanced. Expect a factor of 1.2 either way, 1.8 at worst (roofline_test.cc).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "base/status.h"
#include "device/profile.h"

namespace fettle::device {

// What decides how much of its peak a layer reaches.
enum class LayerKind : uint8_t {
  gemm,       // fully connected and 1x1 convolutions
  conv,       // other dense convolutions, direct
  winograd,   // 3x3 stride 1 convolutions where the kernels transform them
  depthwise,  // one filter per channel
  other,      // pooling, element by element, moves
};
LayerKind kind_of_conv(int64_t kernel_h, int64_t kernel_w, int64_t stride, int64_t groups,
                       int64_t channels, DType compute);

struct LayerCost {
  std::string name, op;
  LayerKind kind = LayerKind::other;
  int64_t macs = 0;
  int64_t flops_other = 0;  // additions, comparisons, exponentials: whatever is no MAC
  int64_t weight_bytes = 0, in_bytes = 0, out_bytes = 0;
  DType compute = DType::f32;
};

enum class Bound : uint8_t { compute, cache, memory, overhead };
std::string_view name_of(Bound bound);

struct LayerEstimate {
  double time_us = 0;  // the sum of the four below
  double compute_us = 0, cache_us = 0, memory_us = 0, overhead_us = 0;
  double memory_bytes = 0;        // moved to and from DRAM
  Bound bound = Bound::overhead;  // the largest part
};

struct EstimateOptions {
  int threads = 1;
  std::string cluster;      // where threads go first; empty: the fastest
  double clock_mhz = 0;     // of every core; 0: its highest
  int64_t arena_bytes = 0;  // activations; 0: the largest in + out of a layer
};

struct Estimate {
  std::vector<LayerEstimate> layers;
  double total_us = 0;
  double memory_bytes = 0;                       // moved per run
  int64_t peak_bytes = 0;                        // weights and arena
  bool fits_memory = true;                       // peak_bytes against the device's memory
  Confidence confidence = Confidence::estimate;  // the least of the figures used
};

Result<Estimate> estimate_latency(std::span<const LayerCost> layers, const Profile& profile,
                                  const EstimateOptions& options = {});

// All threads together; between known thread counts interpolated, outside them the nearest.
const Figure* read_bandwidth(const Profile& profile, const Cluster& cluster, int threads,
                             double* gbps);

}  // namespace fettle::device
