// SPDX-License-Identifier: Apache-2.0
#include "device/roofline.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fettle::device {

namespace {

// The model's constants. They were fitted by random search to 67 published latencies of
// MobileNetV1, MobileNetV2 and ResNet-18 (ncnn, XNNPACK, Tengine, TVM on Raspberry Pi 3 and 4,
// Jetson Nano and both clusters of RK3588), then rounded. Fitting without a board and predicting it
// gave factors of 1.14 (A55) to 1.33 (A76), so they are not those boards' own.
struct KindRow {
  LayerKind kind;
  double float_efficiency, integer_efficiency;  // of the peak, in MACs of the direct form
  double weight_growth;                         // transformed float weights against the direct ones
};
constexpr KindRow kKinds[] = {
    {LayerKind::gemm, 0.90, 0.43, 1},
    {LayerKind::conv, 0.90, 0.58, 1},
    // Float: F(4x4, 3x3) needs a quarter of the multiplications and 36/9 of the weights; what is
    // reached is a good half of either.
    {LayerKind::winograd, 2.25, 0.60, 2.25},
    {LayerKind::depthwise, 0.14, 0.20, 1},
    {LayerKind::other, 0.14, 0.20, 1},
};
// Of the last cache, what weights that are read again may count on.
constexpr double kCacheShare = 0.26;
// Output rows that are computed per pass over the weights.
constexpr double kRowsPerPass = 32;
// Of the bandwidth that copying reaches.
constexpr double kMemoryEfficiency = 0.39;
// One core reading from its last cache, where the profile does not say.
constexpr double kCacheBytesPerCycle = 8;
// Starting a layer, and what each further thread adds by waiting at its end.
constexpr double kLayerOverheadUs = 4, kThreadOverheadUs = 0.8;

const KindRow& row_of(LayerKind kind) { return kKinds[static_cast<size_t>(kind)]; }

// What the threads have together.
struct Machine {
  double mac_per_us[kDTypeCount] = {};  // 0: no figure for the type
  double memory_bytes_per_us = 0;
  double cache_bytes_per_us = 0;
  double last_cache_bytes = 0;
  int threads = 1;
  Confidence confidence = Confidence::measured;

  void rest_on(const Figure& f) { confidence = std::min(confidence, f.confidence); }
};

const Cache* last_cache(const Profile& p, const Cluster& c) {
  if (!p.shared_caches.empty()) return &p.shared_caches.back();
  return c.caches.empty() ? nullptr : &c.caches.back();
}

// The clusters in the order in which threads are put on them.
std::vector<const Cluster*> order_of_use(const Profile& p, const Cluster& first) {
  std::vector<const Cluster*> order = {&first};
  for (const Cluster& c : p.clusters) {
    if (&c != &first) order.push_back(&c);
  }
  std::stable_sort(order.begin() + 1, order.end(),
                   [](const Cluster* a, const Cluster* b) { return a->max_mhz() > b->max_mhz(); });
  return order;
}

Result<Machine> machine_of(const Profile& p, const EstimateOptions& o) {
  const Cluster* first = o.cluster.empty() ? &p.fastest_cluster() : p.find_cluster(o.cluster);
  if (!first) return usage_error("device '" + p.id + "' has no cluster '" + o.cluster + "'");
  if (o.threads < 1 || o.threads > p.core_count()) {
    return usage_error("device '" + p.id + "' has " + std::to_string(p.core_count()) + " cores; " +
                       std::to_string(o.threads) + " threads were asked for");
  }
  Machine m;
  m.threads = o.threads;
  const Cache* cache = last_cache(p, *first);
  if (cache) {
    m.last_cache_bytes = cache->size_kib.value * 1024;
    m.rest_on(cache->size_kib);
  }
  int left = o.threads;
  for (const Cluster* c : order_of_use(p, *first)) {
    const int here = std::min(left, c->core_count());
    const double mhz = o.clock_mhz > 0 ? o.clock_mhz : c->max_mhz();
    for (int t = 0; t < kDTypeCount && here > 0; ++t) {
      const Peak* peak = c->find_peak(static_cast<DType>(t));
      if (!peak) continue;
      m.mac_per_us[t] += here * peak->gmacs.value * 1e3 * mhz / peak->at_mhz.value;
    }
    m.cache_bytes_per_us += here * (cache && cache->read_gbps ? cache->read_gbps->value * 1e3
                                                              : kCacheBytesPerCycle * mhz);
    left -= here;
  }
  if (m.mac_per_us[static_cast<int>(DType::f32)] == 0) {
    return unsupported("no f32 peak for cluster '" + first->name + "': probe the device or add one",
                       p.id);
  }
  double gbps = 0;
  m.rest_on(*read_bandwidth(p, *first, o.threads, &gbps));
  m.memory_bytes_per_us = gbps * 1e3 * kMemoryEfficiency;
  return m;
}

// A type without a figure of its own is computed as float.
double rate_for(const Machine& m, DType type) {
  const double rate = m.mac_per_us[static_cast<int>(type)];
  return rate > 0 ? rate : m.mac_per_us[static_cast<int>(DType::f32)];
}

LayerEstimate estimate_layer(const LayerCost& l, const Machine& m, bool weights_stay) {
  const KindRow& k = row_of(l.kind);
  const double efficiency = is_integer(l.compute) ? k.integer_efficiency : k.float_efficiency;
  const double growth = is_integer(l.compute) ? 1 : k.weight_growth;
  LayerEstimate e;
  e.compute_us = static_cast<double>(l.macs) / (rate_for(m, l.compute) * efficiency) +
                 static_cast<double>(l.flops_other) /
                     (rate_for(m, l.compute) * row_of(LayerKind::other).float_efficiency);

  const double share = m.last_cache_bytes * kCacheShare;
  const double weights = static_cast<double>(l.weight_bytes) * growth;
  double cache_bytes = 0;
  if (!weights_stay) e.memory_bytes += weights;
  if (l.kind != LayerKind::depthwise && l.weight_bytes > 0) {
    const double elements =
        static_cast<double>(l.weight_bytes) / static_cast<double>(size_of(l.compute));
    const double rows = static_cast<double>(l.macs) / elements / growth;
    const double again = weights * std::max(0.0, rows / kRowsPerPass - 1);
    // Between one and two shares, part of the weights survives from pass to pass.
    const double lost = share > 0 ? std::clamp(weights / share - 1, 0.0, 1.0) : 1;
    if (!weights_stay) e.memory_bytes += again * lost;
    cache_bytes += again;
  }
  for (const int64_t activation : {l.in_bytes, l.out_bytes}) {
    const auto bytes = static_cast<double>(activation);
    if (bytes > share) e.memory_bytes += bytes;
    cache_bytes += bytes;
  }
  e.memory_us = e.memory_bytes / m.memory_bytes_per_us;
  // What is read from DRAM passes the cache meanwhile.
  e.cache_us = std::max(0.0, cache_bytes / m.cache_bytes_per_us - e.memory_us);
  e.overhead_us = kLayerOverheadUs + kThreadOverheadUs * (m.threads - 1);
  e.time_us = e.compute_us + e.cache_us + e.memory_us + e.overhead_us;
  const double largest = std::max({e.compute_us, e.cache_us, e.memory_us, e.overhead_us});
  e.bound = largest == e.compute_us  ? Bound::compute
            : largest == e.memory_us ? Bound::memory
            : largest == e.cache_us  ? Bound::cache
                                     : Bound::overhead;
  return e;
}

}  // namespace

std::string_view name_of(Bound bound) {
  switch (bound) {
    case Bound::compute:
      return "compute";
    case Bound::cache:
      return "cache";
    case Bound::memory:
      return "memory";
    case Bound::overhead:
      return "overhead";
  }
  return "unknown";
}

LayerKind kind_of_conv(int64_t kernel_h, int64_t kernel_w, int64_t stride, int64_t groups,
                       int64_t channels, DType compute) {
  if (groups > 1 && groups == channels) return LayerKind::depthwise;
  if (kernel_h == 1 && kernel_w == 1) return LayerKind::gemm;
  // Few channels do not pay for the transforms; integers keep the direct form's rounding.
  const bool transformed = kernel_h == 3 && kernel_w == 3 && stride == 1 && groups == 1 &&
                           channels >= 16 && !is_integer(compute);
  if (transformed) return LayerKind::winograd;
  return LayerKind::conv;
}

const Figure* read_bandwidth(const Profile& profile, const Cluster& cluster, int threads,
                             double* gbps) {
  // The cluster's own figures where it has any, else those that name none, else whichever.
  std::vector<const ReadBandwidth*> known;
  for (int pass = 0; pass < 3 && known.empty(); ++pass) {
    for (const ReadBandwidth& b : profile.memory.read) {
      if (pass == 2 || b.cluster == (pass == 0 ? cluster.name : "")) known.push_back(&b);
    }
  }
  const ReadBandwidth *below = nullptr, *above = nullptr;
  for (const ReadBandwidth* b : known) {
    if (b->threads <= threads && (!below || b->threads > below->threads)) below = b;
    if (b->threads >= threads && (!above || b->threads < above->threads)) above = b;
  }
  if (!below) below = above;
  if (!above) above = below;
  const double span = above->threads - below->threads;
  const double at = span > 0 ? (threads - below->threads) / span : 0;
  *gbps = std::lerp(below->gbps.value, above->gbps.value, at);
  return below->gbps.confidence < above->gbps.confidence ? &below->gbps : &above->gbps;
}

Result<Estimate> estimate_latency(std::span<const LayerCost> layers, const Profile& profile,
                                  const EstimateOptions& options) {
  FETTLE_ASSIGN(Machine m, machine_of(profile, options));
  Estimate e;
  int64_t weights = 0, arena = options.arena_bytes;
  for (const LayerCost& l : layers) {
    weights += l.weight_bytes;
    if (options.arena_bytes == 0) arena = std::max(arena, l.in_bytes + l.out_bytes);
  }
  e.peak_bytes = weights + arena;
  e.fits_memory = static_cast<double>(e.peak_bytes) <= profile.memory.total_kib.value * 1024;
  const bool weights_stay = static_cast<double>(e.peak_bytes) <= m.last_cache_bytes;
  for (const LayerCost& l : layers) {
    const Peak* peak = profile.fastest_cluster().find_peak(l.compute);
    e.layers.push_back(estimate_layer(l, m, weights_stay));
    e.total_us += e.layers.back().time_us;
    e.memory_bytes += e.layers.back().memory_bytes;
    if (l.macs == 0) continue;
    if (peak) {
      m.rest_on(peak->gmacs);
    } else {
      m.confidence = Confidence::estimate;
    }
  }
  e.confidence = m.confidence;
  return e;
}

}  // namespace fettle::device
