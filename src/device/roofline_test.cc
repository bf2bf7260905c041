// SPDX-License-Identifier: Apache-2.0
//
// The estimate against what others measured: layer tables from the architectures' papers, latencies
// from the runtimes' own published benchmarks.
#include "device/roofline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace fettle::device {
namespace {

// Builds layer tables for square images, in NHWC or any other layout: only sizes matter.
class Network {
 public:
  explicit Network(DType type, int64_t size, int64_t channels)
      : type_(type), size_(size), channels_(channels) {}

  Network& conv(int64_t out, int64_t kernel, int64_t stride) {
    add(out, kernel, stride, 1, channels_ * out * kernel * kernel);
    return *this;
  }
  Network& depthwise(int64_t stride) {
    add(channels_, 3, stride, channels_, channels_ * 9);
    return *this;
  }
  // A second input of the same extent, added.
  Network& residual() {
    const int64_t n = size_ * size_ * channels_;
    push({"", "Add", LayerKind::other, 0, n, 0, 2 * n, n, type_});
    return *this;
  }
  Network& pool(int64_t kernel, int64_t stride) {
    const int64_t in = size_ * size_ * channels_;
    size_ = (size_ + stride - 1) / stride;
    const int64_t out = size_ * size_ * channels_;
    push({"", "Pool", LayerKind::other, 0, out * kernel * kernel, 0, in, out, type_});
    return *this;
  }
  Network& dense(int64_t out) {
    push({"", "Gemm", LayerKind::gemm, channels_ * out, 0, channels_ * out, channels_, out, type_});
    return *this;
  }
  int64_t channels() const { return channels_; }
  int64_t size() const { return size_; }
  const std::vector<LayerCost>& layers() const { return layers_; }
  int64_t macs() const {
    int64_t n = 0;
    for (const LayerCost& l : layers_) n += l.macs;
    return n;
  }
  // A 1x1 convolution beside the main path, from an input of `in` channels at the doubled size.
  Network& projection(int64_t in) {
    const int64_t out = size_ * size_ * channels_;
    push(
        {"", "Conv", LayerKind::gemm, out * in, 0, in * channels_, size_ * size_ * in, out, type_});
    return *this;
  }

 private:
  void add(int64_t out, int64_t kernel, int64_t stride, int64_t groups, int64_t weights) {
    const int64_t in_elements = size_ * size_ * channels_;
    const LayerKind kind = kind_of_conv(kernel, kernel, stride, groups, channels_, type_);
    size_ = (size_ + stride - 1) / stride;
    channels_ = out;
    push({"", "Conv", kind, size_ * size_ * weights, 0, weights, in_elements, size_ * size_ * out,
          type_});
  }
  void push(LayerCost l) {  // sizes come in elements
    const auto bytes = static_cast<int64_t>(size_of(type_));
    l.weight_bytes *= bytes;
    l.in_bytes *= bytes;
    l.out_bytes *= bytes;
    layers_.push_back(std::move(l));
  }

  DType type_;
  int64_t size_, channels_;
  std::vector<LayerCost> layers_;
};

// Howard et al. 2017, table 1.
Network mobilenet_v1(DType type) {
  Network n(type, 224, 3);
  n.conv(32, 3, 2);
  constexpr struct {
    int out, stride;
  } kBlocks[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                 {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  for (const auto& b : kBlocks) n.depthwise(b.stride).conv(b.out, 1, 1);
  n.pool(7, 7).dense(1000);
  return n;
}

// Sandler et al. 2018, table 2.
Network mobilenet_v2(DType type) {
  Network n(type, 224, 3);
  n.conv(32, 3, 2);
  constexpr struct {
    int expansion, out, repeats, stride;
  } kRows[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
               {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  for (const auto& row : kRows) {
    for (int i = 0; i < row.repeats; ++i) {
      const int stride = i == 0 ? row.stride : 1;
      const bool same = stride == 1 && n.channels() == row.out;
      if (row.expansion > 1) n.conv(n.channels() * row.expansion, 1, 1);
      n.depthwise(stride).conv(row.out, 1, 1);
      if (same) n.residual();
    }
  }
  n.conv(1280, 1, 1).pool(7, 7).dense(1000);
  return n;
}

// He et al. 2015, table 1.
Network resnet18(DType type) {
  Network n(type, 224, 3);
  n.conv(64, 7, 2).pool(3, 2);
  for (const int out : {64, 128, 256, 512}) {
    for (int block = 0; block < 2; ++block) {
      const int64_t in = n.channels();
      n.conv(out, 3, in == out ? 1 : 2).conv(out, 3, 1);
      if (in != out) n.projection(in);
      n.residual();
    }
  }
  n.pool(7, 7).dense(1000);
  return n;
}

std::vector<LayerCost> layers_of(const std::string& model, DType type) {
  if (model == "mobilenet_v1") return mobilenet_v1(type).layers();
  if (model == "mobilenet_v2") return mobilenet_v2(type).layers();
  return resnet18(type).layers();
}

struct Published {
  const char *device, *cluster;
  int mhz, threads;
  const char* runtime;
  DType type;
  const char* model;
  double ms;
};
// ncnn: benchmark/README.md@a4d2ea1, issues 3485 and 4175; XNNPACK: README.md@75db3c0 (64-bit, at
// 1500 MHz); Tengine-Lite: OAID/Tengine benchmark/README.md@c73708c; TVM: dmlc/tvm wiki Benchmark.
// Every row of these three models and boards that is not noted noisy or implausible.
constexpr Published kPublished[] = {
    {"raspberry-pi-3", "", 1400, 4, "ncnn", DType::f32, "mobilenet_v1", 108.66},
    {"raspberry-pi-3", "", 1400, 4, "ncnn", DType::i8, "mobilenet_v1", 67.03},
    {"raspberry-pi-3", "", 1400, 4, "ncnn", DType::f32, "mobilenet_v2", 111.68},
    {"raspberry-pi-3", "", 1400, 4, "ncnn", DType::f32, "resnet18", 271.93},
    {"raspberry-pi-3", "", 1400, 4, "ncnn", DType::i8, "resnet18", 160.07},
    {"raspberry-pi-3", "", 1400, 1, "ncnn", DType::f32, "mobilenet_v1", 205.65},
    {"raspberry-pi-3", "", 1400, 1, "ncnn", DType::i8, "mobilenet_v1", 181.91},
    {"raspberry-pi-3", "", 1400, 1, "ncnn", DType::f32, "mobilenet_v2", 158.8},
    {"raspberry-pi-3", "", 1400, 1, "ncnn", DType::f32, "resnet18", 379.57},
    {"raspberry-pi-3", "", 1400, 1, "ncnn", DType::i8, "resnet18", 312.68},
    {"raspberry-pi-4", "", 1800, 4, "ncnn", DType::f32, "mobilenet_v1", 61.17},
    {"raspberry-pi-4", "", 1800, 4, "ncnn", DType::i8, "mobilenet_v1", 34.37},
    {"raspberry-pi-4", "", 1800, 4, "ncnn", DType::f32, "mobilenet_v2", 61.88},
    {"raspberry-pi-4", "", 1800, 4, "ncnn", DType::f32, "resnet18", 123.12},
    {"raspberry-pi-4", "", 1800, 4, "ncnn", DType::i8, "resnet18", 83.92},
    {"raspberry-pi-4", "", 1800, 1, "ncnn", DType::f32, "mobilenet_v1", 124.32},
    {"raspberry-pi-4", "", 1800, 1, "ncnn", DType::i8, "mobilenet_v1", 84.82},
    {"raspberry-pi-4", "", 1800, 1, "ncnn", DType::f32, "mobilenet_v2", 93.48},
    {"raspberry-pi-4", "", 1800, 1, "ncnn", DType::f32, "resnet18", 191.1},
    {"raspberry-pi-4", "", 1800, 1, "ncnn", DType::i8, "resnet18", 158.5},
    {"rk3588", "a55", 1800, 4, "ncnn", DType::f16, "mobilenet_v1", 16.11},
    {"rk3588", "a55", 1800, 4, "ncnn", DType::i8, "mobilenet_v1", 14.91},
    {"rk3588", "a55", 1800, 4, "ncnn", DType::f16, "mobilenet_v2", 12.37},
    {"rk3588", "a55", 1800, 4, "ncnn", DType::f16, "resnet18", 28.77},
    {"rk3588", "a55", 1800, 4, "ncnn", DType::i8, "resnet18", 41.67},
    {"rk3588", "a76", 2350, 4, "ncnn", DType::f16, "mobilenet_v1", 5.53},
    {"rk3588", "a76", 2350, 4, "ncnn", DType::i8, "mobilenet_v1", 4.56},
    {"rk3588", "a76", 2350, 4, "ncnn", DType::f16, "mobilenet_v2", 4.54},
    {"rk3588", "a76", 2350, 4, "ncnn", DType::f16, "resnet18", 9.93},
    {"rk3588", "a76", 2350, 4, "ncnn", DType::i8, "resnet18", 15.89},
    {"jetson-nano", "", 1430, 4, "ncnn", DType::f32, "mobilenet_v1", 42.05},
    {"jetson-nano", "", 1430, 4, "ncnn", DType::i8, "mobilenet_v1", 30.85},
    {"jetson-nano", "", 1430, 4, "ncnn", DType::f32, "mobilenet_v2", 33.83},
    {"jetson-nano", "", 1430, 4, "ncnn", DType::f32, "resnet18", 83.44},
    {"jetson-nano", "", 1430, 4, "ncnn", DType::i8, "resnet18", 60.7},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::f32, "mobilenet_v1", 137.63},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::i8, "mobilenet_v1", 108.13},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::f32, "mobilenet_v2", 93.99},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::f32, "resnet18", 221.6},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::i8, "resnet18", 190.74},
    {"raspberry-pi-4", "", 1500, 4, "ncnn", DType::f32, "mobilenet_v1", 72.08},
    {"raspberry-pi-4", "", 1500, 4, "ncnn", DType::i8, "mobilenet_v1", 40.3},
    {"raspberry-pi-4", "", 1500, 4, "ncnn", DType::f32, "mobilenet_v2", 72.62},
    {"raspberry-pi-4", "", 1500, 4, "ncnn", DType::f32, "resnet18", 176.18},
    {"raspberry-pi-4", "", 1500, 4, "ncnn", DType::i8, "resnet18", 97.99},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::f32, "mobilenet_v1", 131.82},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::f32, "mobilenet_v2", 88.9},
    {"jetson-nano", "", 1430, 1, "ncnn", DType::f32, "resnet18", 202.77},
    {"raspberry-pi-4", "", 1500, 4, "XNNPACK", DType::f32, "mobilenet_v1", 77.0},
    {"raspberry-pi-4", "", 1500, 4, "XNNPACK", DType::f32, "mobilenet_v2", 46.0},
    {"raspberry-pi-4", "", 1500, 4, "XNNPACK", DType::i8, "mobilenet_v1", 24.0},
    {"raspberry-pi-4", "", 1500, 4, "XNNPACK", DType::i8, "mobilenet_v2", 17.0},
    {"raspberry-pi-3", "", 1200, 1, "Tengine-Lite", DType::f32, "mobilenet_v1", 364.92},
    {"raspberry-pi-3", "", 1200, 1, "Tengine-Lite", DType::f32, "mobilenet_v2", 323.85},
    {"raspberry-pi-3", "", 1200, 1, "Tengine-Lite", DType::f32, "resnet18", 600.5},
    {"raspberry-pi-3", "", 1200, 4, "Tengine-Lite", DType::f32, "mobilenet_v1", 123.29},
    {"raspberry-pi-3", "", 1200, 4, "Tengine-Lite", DType::f32, "mobilenet_v2", 139.76},
    {"raspberry-pi-3", "", 1200, 4, "Tengine-Lite", DType::f32, "resnet18", 363.25},
    {"raspberry-pi-4", "", 1500, 1, "Tengine-Lite", DType::f32, "mobilenet_v1", 126.3},
    {"raspberry-pi-4", "", 1500, 1, "Tengine-Lite", DType::f32, "mobilenet_v2", 124.67},
    {"raspberry-pi-4", "", 1500, 1, "Tengine-Lite", DType::f32, "resnet18", 219.49},
    {"raspberry-pi-4", "", 1500, 4, "Tengine-Lite", DType::f32, "mobilenet_v1", 54.84},
    {"raspberry-pi-4", "", 1500, 4, "Tengine-Lite", DType::f32, "mobilenet_v2", 66.39},
    {"raspberry-pi-4", "", 1500, 4, "Tengine-Lite", DType::f32, "resnet18", 158.37},
    {"raspberry-pi-3", "", 1200, 4, "TVM(AutoTVM)", DType::f32, "mobilenet_v1", 121.8},
    {"raspberry-pi-3", "", 1200, 4, "TVM(AutoTVM)", DType::f32, "mobilenet_v2", 104.8},
    {"raspberry-pi-3", "", 1200, 4, "TVM(AutoTVM)", DType::f32, "resnet18", 320.0},
};

class Roofline : public testing::Test {
 protected:
  void SetUp() override { setenv("FETTLE_DEVICES", FETTLE_SOURCE "/devices", 1); }
  void TearDown() override { unsetenv("FETTLE_DEVICES"); }

  static double predict_ms(const Published& p) {
    const Result<Profile> profile = find_profile(p.device);
    EXPECT_TRUE(profile.ok()) << profile.status().to_string();
    EstimateOptions o;
    o.threads = p.threads;
    o.cluster = p.cluster;
    o.clock_mhz = p.mhz;
    const Result<Estimate> e = estimate_latency(layers_of(p.model, p.type), *profile, o);
    EXPECT_TRUE(e.ok()) << e.status().to_string();
    return e->total_us / 1000;
  }
};

// The papers' own counts: 569 M, 300 M and 1.8 G multiply-adds.
TEST_F(Roofline, LayerTablesHaveThePapersCounts) {
  EXPECT_NEAR(mobilenet_v1(DType::f32).macs() / 1e6, 569, 1);
  EXPECT_NEAR(mobilenet_v2(DType::f32).macs() / 1e6, 300, 1);
  EXPECT_NEAR(resnet18(DType::f32).macs() / 1e9, 1.81, 0.01);
}

TEST_F(Roofline, AgainstPublishedLatencies) {
  double sum = 0, worst = 1;
  for (const Published& p : kPublished) {
    const double ms = predict_ms(p), factor = ms / p.ms;
    std::printf("%-15s %4s %4d MHz %dT %-13s %-4s %-13s published %7.1f predicted %7.1f  x%.2f\n",
                p.device, p.cluster, p.mhz, p.threads, p.runtime,
                std::string(fettle::name_of(p.type)).c_str(), p.model, p.ms, ms, factor);
    sum += std::abs(std::log(factor));
    worst = std::max({worst, factor, 1 / factor});
  }
  const double mean = std::exp(sum / static_cast<double>(std::size(kPublished)));
  std::printf("geometric mean factor %.3f, worst %.2f, of %zu\n", mean, worst,
              std::size(kPublished));
  EXPECT_LE(mean, 1.22);
  EXPECT_LE(worst, 1.9);
}

// What no FLOP count explains: the Pi 4 gains 2.0 from four threads on MobileNetV1, the Jetson Nano
// with twice the cache and twice the bandwidth 3.3; and the Pi 4's next 20 % of clock bring 18 %.
TEST_F(Roofline, ThreadsHelpWhereThereIsBandwidth) {
  const auto gain = [](const char* device, int mhz) {
    const Published one{device, "", mhz, 1, "", DType::f32, "mobilenet_v1", 0};
    Published four = one;
    four.threads = 4;
    return predict_ms(one) / predict_ms(four);
  };
  const double pi = gain("raspberry-pi-4", 1800), nano = gain("jetson-nano", 1430);
  EXPECT_NEAR(pi, 2.03, 0.35);
  EXPECT_NEAR(nano, 3.27, 0.35);
  EXPECT_GT(nano, pi + 0.5);
}

// A machine on which nothing was fitted: one Zen 5 core with its measured limits, where the peers
// of those measurements transform no 3x3 convolution. Published are the medians of the runtimes.
TEST_F(Roofline, AgainstAServerCoreItWasNotFittedTo) {
  const auto measured = [](double v) { return Figure{v, Confidence::measured, ""}; };
  Profile p;
  p.id = "zen5";
  Cluster c;
  c.name = "zen5";
  c.isa = Isa::avx512vnni;
  c.cores = measured(1);
  c.clocks.push_back({measured(4000), {}, {}});
  c.caches.push_back({2, measured(1024), 1, {}});
  c.caches.push_back({3, measured(32768), 1, measured(60)});  // as the probe reads on a Zen 4
  c.peaks.push_back({DType::f32, Isa::avx512, measured(123), measured(4000)});
  c.peaks.push_back({DType::i8, Isa::avx512vnni, measured(490), measured(4000)});
  p.clusters.push_back(c);
  p.memory.total_kib = measured(16777216);
  p.memory.read.push_back({"", 1, measured(37)});
  constexpr struct {
    const char* model;
    DType type;
    double ms;
  } kRows[] = {{"mobilenet_v1", DType::f32, 6.33}, {"mobilenet_v1", DType::i8, 3.5},
               {"mobilenet_v2", DType::f32, 4.18}, {"mobilenet_v2", DType::i8, 1.64},
               {"resnet18", DType::f32, 16.65},    {"resnet18", DType::i8, 5.04}};
  double sum = 0;
  for (const auto& row : kRows) {
    std::vector<LayerCost> layers = layers_of(row.model, row.type);
    for (LayerCost& l : layers) {
      if (l.kind == LayerKind::winograd) l.kind = LayerKind::conv;
    }
    const Result<Estimate> e = estimate_latency(layers, p);
    ASSERT_TRUE(e.ok()) << e.status().to_string();
    const double factor = e->total_us / 1000 / row.ms;
    std::printf("zen5 %-13s %-4s published %6.2f predicted %6.2f  x%.2f\n", row.model,
                std::string(fettle::name_of(row.type)).c_str(), row.ms, e->total_us / 1000, factor);
    sum += std::abs(std::log(factor));
  }
  const double mean = std::exp(sum / std::size(kRows));
  std::printf("geometric mean factor %.3f\n", mean);
  EXPECT_LE(mean, 1.3);
}

TEST_F(Roofline, OneLayerByHand) {
  // 1 GMAC/s at 1000 MHz, 1 GB/s, no cache: 1 M MACs of gemm at 0.9 and 1 MB of weights in 32 rows.
  Profile p;
  p.id = "hand";
  p.clusters.push_back({"a",
                        "core",
                        Isa::portable,
                        {1, Confidence::measured, ""},
                        {{{1000, Confidence::measured, ""}, {}, {}}},
                        {},
                        {{DType::f32,
                          Isa::portable,
                          {1, Confidence::measured, ""},
                          {1000, Confidence::measured, ""}}}});
  p.memory.total_kib = {1000, Confidence::measured, ""};
  p.memory.read.push_back({"", 1, {1, Confidence::measured, ""}});
  const LayerCost l{"fc", "Gemm", LayerKind::gemm, 8000000, 0, 1000000, 0, 0, DType::f32};
  const Result<Estimate> e = estimate_latency({&l, 1}, p);
  ASSERT_TRUE(e.ok()) << e.status().to_string();
  EXPECT_NEAR(e->layers[0].compute_us, 8000000 / 900.0, 0.1);
  EXPECT_NEAR(e->layers[0].memory_us, 1000000 / 390.0, 0.1);  // rows 32: one pass
  EXPECT_EQ(e->layers[0].bound, Bound::compute);
  EXPECT_EQ(e->confidence, Confidence::measured);
  EXPECT_TRUE(e->fits_memory);
  EstimateOptions more;
  more.arena_bytes = 25000;  // 1,025,000 of 1,024,000 bytes
  EXPECT_FALSE(estimate_latency({&l, 1}, p, more)->fits_memory);
  more.threads = 2;
  EXPECT_EQ(estimate_latency({&l, 1}, p, more).status().exit_code(), 2);
  more.threads = 1;
  more.cluster = "b";
  EXPECT_EQ(estimate_latency({&l, 1}, p, more).status().exit_code(), 2);
}

TEST_F(Roofline, BandwidthBetweenKnownThreadCounts) {
  Profile p;
  p.clusters.resize(1);
  p.memory.read = {{"", 1, {4, Confidence::measured, ""}}, {"", 4, {10, Confidence::estimate, ""}}};
  double gbps = 0;
  EXPECT_EQ(read_bandwidth(p, p.clusters[0], 2, &gbps)->confidence, Confidence::estimate);
  EXPECT_DOUBLE_EQ(gbps, 6);
  read_bandwidth(p, p.clusters[0], 8, &gbps);
  EXPECT_DOUBLE_EQ(gbps, 10);
  EXPECT_EQ(read_bandwidth(p, p.clusters[0], 1, &gbps)->confidence, Confidence::measured);
  EXPECT_DOUBLE_EQ(gbps, 4);
}

}  // namespace
}  // namespace fettle::device
