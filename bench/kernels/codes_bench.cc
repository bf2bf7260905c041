// SPDX-License-Identifier: Apache-2.0
//
// Speed of the integer convolution kernels on layers of known networks: 8-bit codes, 16-bit ones
// with weights of 8 and of 16 bits. The three take turns, so that what disturbs one disturbs all;
// the least time of each counts.
//
// usage: fettle_codes_bench [--threads N] [--isa NAME] [--filter TEXT] [--seconds S]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernel.h"

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

struct Widths {
  const char* name;
  DType activations, weights;
};
constexpr Widths kWidths[] = {{"i8", DType::i8, DType::i8},
                              {"i16x8", DType::i16, DType::i8},
                              {"i16x16", DType::i16, DType::i16}};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Weights as trained ones are spread: normal, the largest of a channel at the end of the range.
void fill(Tensor* t, bool normal) {
  std::mt19937 rng(1);
  std::normal_distribution<float> bell(0, 0.3F);
  std::uniform_real_distribution<float> even(-1, 1);
  const auto draw = [&] { return normal ? std::clamp(bell(rng), -1.0F, 1.0F) : even(rng); };
  if (t->dtype() == DType::i8) {
    for (int8_t& v : t->mutable_data<int8_t>()) v = static_cast<int8_t>(draw() * 127);
  } else {
    for (int16_t& v : t->mutable_data<int16_t>()) v = static_cast<int16_t>(draw() * 32767);
  }
}

// One layer in one pair of types, ready to run.
class Layer {
 public:
  Layer(const Conv& c, const Widths& widths, const KernelOptions& options)
      : x_(widths.activations, {1, c.h, c.w, c.c}),
        w_(widths.weights, {c.o, c.k, c.k, c.c / c.groups}),
        y_(widths.activations, {1, (c.h - 1) / c.stride + 1, (c.w - 1) / c.stride + 1, c.o}),
        pool_(options.threads) {
    fill(&x_, false);
    fill(&w_, true);
    const int64_t pad = c.k / 2;
    attrs_ = {{"layout", std::string("nhwc")},
              {"strides", std::vector<int64_t>{c.stride, c.stride}},
              {"pads", std::vector<int64_t>{pad, pad, pad, pad}},
              {"group", c.groups},
              {"activation", std::string(*c.activation == 'r' ? c.activation : "none")}};
    x_.set_quant(std::make_shared<Quantization>(Quantization{{1e-3F}, {0}, 0}));
    w_.set_quant(std::make_shared<Quantization>(Quantization{{1e-3F}, {0}, 0}));
    y_.set_quant(std::make_shared<Quantization>(Quantization{{2e-3F}, {0}, 0}));
    in_ = {x_.view(), w_.view()};
    out_ = y_.view();
    for (const KernelEntry& e : fast_kernels()) {
      const OpCall call{attrs_, in_, {&out_, 1}};
      if (std::strcmp(e.op, "Conv") != 0 || !implies(options.isa, e.isa) || !e.supports(call)) {
        continue;
      }
      kernel_ = e.make();
      if (kernel_->prepare(call, options).ok()) break;
      kernel_.reset();
    }
    if (kernel_) scratch_.resize(kernel_->scratch_bytes() + 64);
  }
  explicit operator bool() const { return kernel_ != nullptr; }
  void run() {
    const auto at = reinterpret_cast<uintptr_t>(scratch_.data());
    const OpCall call{
        attrs_, in_, {&out_, 1}, {scratch_.data() + (64 - at % 64) % 64, kernel_->scratch_bytes()}};
    const auto start = Clock::now();
    (void)kernel_->run(call, pool_).ok();
    best_ = std::min(best_, seconds_since(start));
  }
  double best() const { return best_; }

 private:
  Tensor x_, w_, y_;
  Attributes attrs_;
  std::vector<TensorView> in_;
  TensorView out_;
  std::unique_ptr<Kernel> kernel_;
  std::vector<std::byte> scratch_;
  ThreadPool pool_;
  double best_ = 1e9;
};

void bench(const Conv& c, const KernelOptions& options, double seconds) {
  std::vector<std::unique_ptr<Layer>> layers;
  for (const Widths& w : kWidths) layers.push_back(std::make_unique<Layer>(c, w, options));
  const auto begin = Clock::now();
  for (int i = 0; i < 3 || seconds_since(begin) < seconds; ++i) {
    for (auto& layer : layers) {
      if (*layer) layer->run();
    }
  }
  const double macs = static_cast<double>(((c.h - 1) / c.stride + 1) * ((c.w - 1) / c.stride + 1) *
                                          c.o * c.k * c.k * (c.c / c.groups));
  std::printf("%-26s", c.name);
  for (size_t i = 0; i < layers.size(); ++i) {
    if (!*layers[i]) continue;
    std::printf("  %s %8.1f us %6.1f GMAC/s", kWidths[i].name, layers[i]->best() * 1e6,
                macs / layers[i]->best() * 1e-9);
    if (i > 0 && *layers[0]) std::printf(" x%.2f", layers[i]->best() / layers[0]->best());
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  KernelOptions options{.isa = detect_isa()};
  std::string filter;
  double seconds = 0.3;
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
  std::printf("%s, %d threads\n", std::string(name_of(options.isa)).c_str(), options.threads);
  for (const Conv& c : kConvs) {
    if (std::string(c.name).find(filter) != std::string::npos) bench(c, options, seconds);
  }
  return 0;
}
