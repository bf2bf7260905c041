// SPDX-License-Identifier: Apache-2.0
//
// Speed of the float convolution kernels on layers of known networks: the least time of many runs,
// multiply-adds a second, and the share of what this machine's multiply-add units can do.
//
// usage: fettle_kernel_bench [--threads N] [--isa NAME] [--filter TEXT] [--seconds S]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/gemm_f32/gemm_f32.h"

namespace {

using namespace fettle;
using namespace fettle::runtime;
using Clock = std::chrono::steady_clock;

struct Conv {
  const char* name;
  int64_t h, w, c, o, k, stride, groups;
  const char* activation;
};
constexpr Conv kConvs[] = {
#define CONV(...) {__VA_ARGS__},
#include "shapes.def"
#undef CONV
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Multiply-adds a second of one core: the widest tile over panels that stay in the first cache.
double measure_peak(Isa isa) {
  const GemmF32& table = gemm_f32(isa);
  const GemmF32MicroKernel& k = table.kernels[table.count - 1];
  constexpr int kDepth = 64;
  std::vector<float> a(kMaxTileRows * kDepth, 0.5F), b(kDepth * k.nr, 0.5F), c(16 * k.nr), bias(64);
  const float* rows[kMaxTileRows];
  for (int i = 0; i < kMaxTileRows; ++i) rows[i] = a.data() + i * kDepth;
  GemmF32Tile t{};
  t.rows = rows;
  t.taps = 1;
  t.depth = kDepth;
  t.panel = b.data();
  t.init = bias.data();
  t.out = c.data();
  t.out_stride = k.nr;
  t.hi = 1e30F;
  double best = 0;
  for (int repeat = 0; repeat < 50; ++repeat) {
    const auto start = Clock::now();
    for (int i = 0; i < 2000; ++i) k.fn[k.mr - 1](t);
    best = std::max(best, 2000.0 * k.mr * k.nr * kDepth / seconds_since(start));
  }
  return best;
}

void bench(const Conv& c, const KernelOptions& options, double seconds, double peak) {
  const int64_t oh = (c.h - 1) / c.stride + 1, ow = (c.w - 1) / c.stride + 1;
  Tensor x(DType::f32, {1, c.h, c.w, c.c}), w(DType::f32, {c.o, c.k, c.k, c.c / c.groups});
  Tensor b(DType::f32, {c.o}), y(DType::f32, {1, oh, ow, c.o});
  for (Tensor* t : {&x, &w, &b}) {
    int i = 0;
    for (float& v : t->mutable_data<float>()) v = static_cast<float>(i++ % 17 - 8) * 0.05F;
  }
  const int64_t pad = c.k / 2;
  const Attributes attrs{{"layout", std::string("nhwc")},
                         {"strides", std::vector<int64_t>{c.stride, c.stride}},
                         {"pads", std::vector<int64_t>{pad, pad, pad, pad}},
                         {"group", c.groups},
                         {"activation", std::string(c.activation)}};
  TensorView in[] = {x.view(), w.view(), b.view()};
  TensorView out = y.view();
  OpCall call{attrs, in, {&out, 1}};
  for (const KernelEntry& e : fast_kernels()) {
    if (std::strcmp(e.op, "Conv") != 0 || !implies(options.isa, e.isa) || !e.supports(call)) {
      continue;
    }
    const std::unique_ptr<Kernel> kernel = e.make();
    if (!kernel->prepare(call, options).ok()) continue;
    Tensor scratch(DType::u8, {static_cast<int64_t>(kernel->scratch_bytes()) + 64});
    std::byte* bytes = static_cast<std::byte*>(scratch.mutable_raw());
    OpCall run_call{attrs, in, {&out, 1}, {bytes, kernel->scratch_bytes()}};
    ThreadPool pool(options.threads);
    double best = 1e9;
    const auto begin = Clock::now();
    for (int i = 0; i < 3 || seconds_since(begin) < seconds; ++i) {
      const auto start = Clock::now();
      if (!kernel->run(run_call, pool).ok()) return;
      best = std::min(best, seconds_since(start));
    }
    const double macs = static_cast<double>(oh * ow * c.o * c.k * c.k * (c.c / c.groups));
    std::printf("%-26s %-20s %9.1f us %7.1f GMAC/s %5.0f%%\n", c.name, e.name, best * 1e6,
                macs / best * 1e-9, 100 * macs / best / (peak * options.threads));
    return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  KernelOptions options{.isa = detect_isa()};
  std::string filter;
  double seconds = 0.2;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--threads") {
      options.threads = std::max(1, std::atoi(argv[i + 1]));
    } else if (flag == "--isa" && isa_from_name(argv[i + 1], &options.isa) &&
               implies(detect_isa(), options.isa)) {
    } else if (flag == "--filter") {
      filter = argv[i + 1];
    } else if (flag == "--seconds") {
      seconds = std::atof(argv[i + 1]);
    } else {
      std::fprintf(stderr, "unknown or impossible: %s %s\n", argv[i], argv[i + 1]);
      return 2;
    }
  }
  const double peak = measure_peak(options.isa);
  std::printf("%s, %d threads, peak of one core %.1f GMAC/s\n",
              std::string(name_of(options.isa)).c_str(), options.threads, peak * 1e-9);
  for (const Conv& c : kConvs) {
    if (std::string(c.name).find(filter) != std::string::npos) bench(c, options, seconds, peak);
  }
  return 0;
}
