// SPDX-License-Identifier: Apache-2.0
//
// What network_tiles.py asks of the runtime: which tiles the convolutions of a network are cut
// into, and one tile run alone, so that its instructions can be recorded.
//
//   tile_probe list NETWORK f32|i8    a line a kind of tile of a layer:
//                                     LAYER MACS COUNT KERNEL WIDTH ROWS TAPS DEPTH FORM
//   tile_probe run  f32|i8 KERNEL WIDTH ROWS TAPS DEPTH FORM
//
// KERNEL is gemm, or dw1 and dw2: depthwise of stride 1 and 2, of which WIDTH are the channels,
// ROWS the output columns of a tile and TAPS the rows of its kernel, 3 wide. FORM is how sums of
// codes begin (sum_form.h): 2, from zero, before a ReLU; else 1, centred; 0, integer, where weights
// of a third of the largest, half of them negative, would let sums grow too far.
// Layers are cut as the kernels' planning does it (panels, blocks of rows); loops around the tiles
// are not looked at.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "runtime/kernels/depthwise_f32/depthwise_f32.h"
#include "runtime/kernels/depthwise_i8/depthwise_i8.h"
#include "runtime/kernels/gemm_f32/gemm_blocks.h"
#include "runtime/kernels/gemm_i8/panels_i8.h"

namespace fettle::runtime {
namespace {

struct Conv {
  int64_t size, in, out, kernel, stride;  // of a square map
  bool depthwise, relu;
  int64_t out_size() const { return size / stride; }
  int64_t pixels() const { return out_size() * out_size(); }
  int64_t macs() const { return pixels() * out * kernel * kernel * (depthwise ? 1 : in); }
};

std::vector<Conv> mobilenet_v2() {
  std::vector<Conv> convs = {{224, 3, 32, 3, 2, false, true}};
  constexpr int64_t kBlocks[][4] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                    {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  int64_t size = 112, in = 32;
  for (const auto& [expand, out, count, first_stride] : kBlocks) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t stride = i == 0 ? first_stride : 1, wide = in * expand;
      if (expand > 1) convs.push_back({size, in, wide, 1, 1, false, true});
      convs.push_back({size, wide, wide, 3, stride, true, true});
      size /= stride;
      convs.push_back({size, wide, out, 1, 1, false, false});
      in = out;
    }
  }
  convs.push_back({size, in, 1280, 1, 1, false, true});
  return convs;
}

std::vector<Conv> resnet_18() {
  std::vector<Conv> convs = {{224, 3, 64, 7, 2, false, true}};
  int64_t size = 56, in = 64;
  for (int64_t out = 64; out <= 512; out *= 2) {
    const int64_t stride = out == 64 ? 1 : 2;
    if (stride > 1) convs.push_back({size, in, out, 1, stride, false, false});
    convs.push_back({size, in, out, 3, stride, false, true});
    size /= stride;
    for (int i = 0; i < 3; ++i) convs.push_back({size, out, out, 3, 1, false, i == 1});
    in = out;
  }
  return convs;
}

SumForm form_of(const Conv& c) {
  const int64_t terms = c.kernel * c.kernel * (c.depthwise ? 1 : c.in);
  constexpr int64_t kWeight = 127 / 3;
  QuantizedI8 quantized;
  quantized.in_zero_point = c.relu ? 0 : -128;
  quantized.output.zero_point = c.relu ? -128 : 0;
  quantized.channels = {{0, 0, 0, terms * kWeight, terms % 2 == 0 ? 0 : -kWeight}};
  return sum_form(quantized);
}

// Kernels that count in place of computing. Their place in the table and their rows are constants.
std::map<std::string, int64_t> counted;
int widths[8];
SumForm form;
std::string kind_of(const char* kernel, int64_t width, int64_t rows, int64_t taps, int64_t depth) {
  return std::string(kernel) + " " + std::to_string(width) + " " + std::to_string(rows) + " " +
         std::to_string(taps) + " " + std::to_string(depth) + " " +
         std::to_string(static_cast<int>(form));
}
template <class Tile, int kPlace, int kRows>
void count_tile(const Tile& t) {
  ++counted[kind_of("gemm", widths[kPlace], kRows, t.taps, t.depth)];
}
template <class Tile, int kPlace, size_t... kRow, class Kernel>
void fill(Kernel* kernel, std::index_sequence<kRow...>) {
  ((kernel->fn[kRow] = count_tile<Tile, kPlace, static_cast<int>(kRow) + 1>), ...);
}
template <class Tile, int kMost, class Table, class Kernel>
Table counting(Table table, std::array<Kernel, 4>* kernels) {
  for (int i = 0; i < table.count; ++i) {
    (*kernels)[static_cast<size_t>(i)] = table.kernels[i];
    widths[i] = table.kernels[i].nr;
  }
  constexpr auto kRows = std::make_index_sequence<kMost>();
  fill<Tile, 0>(&(*kernels)[0], kRows);
  fill<Tile, 1>(&(*kernels)[1], kRows);
  fill<Tile, 2>(&(*kernels)[2], kRows);
  fill<Tile, 3>(&(*kernels)[3], kRows);
  table.kernels = kernels->data();
  return table;
}

void count_f32(const Conv& c) {
  std::array<GemmF32MicroKernel, 4> own;
  const GemmF32 kernels = counting<GemmF32Tile, kMaxTileRows>(gemm_f32(detect_isa()), &own);
  const bool whole_rows = c.in == 3;
  const int64_t taps = whole_rows ? c.kernel : c.kernel * c.kernel;
  const int64_t depth = whole_rows ? c.kernel * c.in : c.in;
  const PanelsF32 panels = PanelsF32::plan(kernels, c.out, taps * depth);
  const GemmBlocks blocks = GemmBlocks::plan(panels, c.pixels(), taps * depth * 4, 1024, 1);
  std::vector<float> packed(panels.floats), out(static_cast<size_t>(c.pixels() * c.out));
  const GemmJob job{&panels, packed.data(), taps, depth, out.data(), c.out, nullptr, {}, nullptr};
  const std::vector<const float*> rows(static_cast<size_t>(taps * blocks.block_rows));
  for (int64_t b = 0; b < blocks.blocks; ++b) {
    run_gemm_block(job, blocks.row_begin(b), blocks.row_end(b), 0, blocks.panels, rows.data(),
                   blocks.block_rows);
  }
}

void count_i8(const Conv& c) {
  std::array<GemmI8MicroKernel, 4> own;
  const GemmI8 kernels = counting<GemmI8Tile, kMaxI8TileRows>(gemm_i8(detect_isa(), true), &own);
  const int64_t codes = c.kernel * c.kernel * c.in;
  DepthI8 depth{.taps = c.kernel * c.kernel, .pixels = 1, .channels = c.in, .padded = c.in};
  if (c.in == 3 && codes <= 64) depth = {1, 1, codes, codes};
  if (c.in == 3 && codes > 64) depth = {c.kernel, c.kernel, c.in, c.in};
  const std::vector<int8_t> weights(static_cast<size_t>(c.out * codes));
  QuantizedI8 quantized;
  quantized.weights.data = weights.data();
  quantized.channels.assign(static_cast<size_t>(c.out), {1.0F, 0, 0});
  PanelsI8 panels;
  if (!panels.pack(kernels, quantized, depth).ok()) std::abort();
  if (c.in == 3) panels.read_whole_groups();
  const int64_t step = std::min(c.stride, c.kernel);  // of the input between neighbouring pixels
  const GemmBlocks blocks = panels.plan_blocks(c.pixels(), c.in * step * step, 1024, 1);
  const std::vector<const std::byte*> rows(static_cast<size_t>(depth.taps * blocks.block_rows));
  std::vector<std::byte> out(static_cast<size_t>(c.pixels() * c.out));
  for (int64_t b = 0; b < blocks.blocks; ++b) {
    panels.run(rows.data(), blocks.block_rows, blocks.row_end(b) - blocks.row_begin(b), nullptr, 0,
               blocks.panels, out.data(), c.out);
  }
}

void count_depthwise(const Conv& c, bool codes) {
  const int64_t most = codes ? kDepthwiseI8Columns : kDepthwiseColumns;
  const char* kernel = c.stride == 1 ? "dw1" : "dw2";
  for (int64_t left = c.out_size(); left > 0;) {
    const int64_t tiles = (left + most - 1) / most, columns = (left + tiles - 1) / tiles;
    counted[kind_of(kernel, c.in, columns, c.kernel, 3)] += c.out_size();
    left -= columns;
  }
}

int list(const std::string& network, bool codes) {
  int layer = 0;
  for (const Conv& c : network == "resnet18" ? resnet_18() : mobilenet_v2()) {
    counted.clear();
    form = codes ? form_of(c) : SumForm::integer;
    if (c.depthwise)
      count_depthwise(c, codes);
    else if (codes)
      count_i8(c);
    else
      count_f32(c);
    for (const auto& [kind, count] : counted) {
      std::printf("%d:%ldx%ld-%ld>%ld/%ld%s %ld %ld %s\n", layer, c.size, c.size, c.in, c.out,
                  c.kernel, c.depthwise ? "dw" : "", c.macs(), count, kind.c_str());
    }
    ++layer;
  }
  return 0;
}

alignas(64) std::byte memory[8 << 20];  // of every operand, zeros
alignas(64) std::byte results[1 << 20];

void run_gemm_f32(int nr, int rows, int64_t taps, int64_t depth) {
  const std::vector<const float*> at(static_cast<size_t>(taps * rows),
                                     reinterpret_cast<const float*>(memory));
  GemmF32Tile t{};
  t.rows = at.data();
  t.row_step = rows;
  t.taps = taps;
  t.depth = depth;
  t.panel = t.init = reinterpret_cast<const float*>(memory);
  t.out = reinterpret_cast<float*>(results);
  t.out_stride = 64;
  gemm_f32(detect_isa()).of_width(nr).fn[rows - 1](t);
}

void run_gemm_i8(int nr, int rows, int64_t taps, int64_t depth) {
  const std::vector<const std::byte*> at(static_cast<size_t>(taps * rows), memory);
  const GemmI8& kernels = gemm_i8(detect_isa(), true);
  const GemmI8MicroKernel* kernel = kernels.kernels;
  while (kernel->nr != nr) ++kernel;
  GemmI8Tile t{};
  t.rows = at.data();
  t.row_step = rows;
  t.taps = taps;
  t.depth = depth;
  t.panel = memory;
  t.initial = reinterpret_cast<const int32_t*>(memory);
  t.offset = reinterpret_cast<const float*>(memory);
  t.form = form;
  t.out = results;
  t.out_stride = 64;
  t.columns = nr;
  t.lo = -128;
  t.hi = 127;
  kernel->fn[rows - 1](t);
}

void run_depthwise_f32(int stride, int64_t channels, int columns, int64_t taps_h) {
  DepthwiseF32Tile t{};
  t.in = t.weights = t.bias = reinterpret_cast<const float*>(memory);
  t.in_column_step = t.weight_column_step = t.out_column_step = channels;
  t.in_row_step = 16 * channels;
  t.weight_row_step = 3 * channels;
  t.taps_h = taps_h;
  t.columns_inside = ~uint32_t{0};
  t.out = reinterpret_cast<float*>(results);
  t.channels = channels;
  depthwise_f32(detect_isa()).wide3[stride - 1][columns - 1](t);
}

void run_depthwise_i8(int stride, int64_t channels, int columns, int64_t taps_h) {
  const std::byte* rows[8];
  int64_t steps[8];
  for (int r = 0; r < 8; ++r) rows[r] = memory, steps[r] = channels;
  const DepthwiseI8& kernels = depthwise_i8(detect_isa(), true);
  DepthwiseI8Tile t{};
  t.rows = rows;
  t.row_steps = steps;
  t.row_groups = (taps_h + kernels.group - 1) / kernels.group;
  t.last = 64;
  t.taps_w = 3;
  t.dilation = 1;
  t.packed = memory;
  t.out = results;
  t.out_step = t.channels = t.last_block = channels;
  t.form = form;
  t.lo = -128;
  t.hi = 127;
  kernels.wide3[stride - 1][columns - 1](t);
}

int run(bool codes, const std::string& kernel, const int64_t (&n)[5]) {
  const int width = static_cast<int>(n[0]), rows = static_cast<int>(n[1]);
  form = static_cast<SumForm>(n[4]);
  if (kernel == "gemm") {
    (codes ? run_gemm_i8 : run_gemm_f32)(width, rows, n[2], n[3]);
  } else {
    (codes ? run_depthwise_i8 : run_depthwise_f32)(kernel == "dw1" ? 1 : 2, width, rows, n[2]);
  }
  return 0;
}

}  // namespace
}  // namespace fettle::runtime

int main(int count, char** words) {
  using namespace fettle::runtime;
  const std::string what = count > 1 ? words[1] : "";
  if (what == "list" && count == 4) return list(words[2], std::strcmp(words[3], "i8") == 0);
  if (what == "run" && count == 9) {
    return run(std::strcmp(words[2], "i8") == 0, words[3],
               {std::atoll(words[4]), std::atoll(words[5]), std::atoll(words[6]),
                std::atoll(words[7]), std::atoll(words[8])});
  }
  std::fprintf(stderr, "usage: see the head of tile_probe.cc\n");
  return 2;
}
