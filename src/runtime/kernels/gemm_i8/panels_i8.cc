// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/panels_i8.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace fettle::runtime {

namespace {
// Of the input that a block reads, in the second-level cache.
constexpr int64_t kLeftBytes = 64 << 10;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
size_t align64(size_t bytes) { return (bytes + 63) / 64 * 64; }
}  // namespace

Status PanelsI8::pack(const GemmI8& kernels, const QuantizedI8& quantized, const DepthI8& depth,
                      std::span<const std::byte> packed) {
  kernels_ = &kernels;
  depth_ = depth;
  read_elements_ = depth.elements();
  sums_ = quantized.sums;
  needs_row_sums_ = kernels.element_bytes == 1 && (sums_ || !quantized.symmetric_weights());
  out_zero_point_ = quantized.output.zero_point;
  if (kernels.float_sums) form_ = sum_form(quantized);
  lo_ = quantized.lo();
  hi_ = quantized.hi();
  const int unit = kernels.kernels[0].nr;
  const int64_t widest = kernels.kernels[kernels.count - 1].nr / unit;
  const auto columns = static_cast<int64_t>(quantized.channels.size());
  const int64_t units = ceil_div(columns, unit), count = ceil_div(units, widest);
  const int64_t groups = ceil_div(depth.elements(), kernels.group);
  size_t bytes = 0;
  for (int64_t p = 0; p < count; ++p) {  // as even as can be
    const int64_t first = units * p / count, last = units * (p + 1) / count;
    PanelI8 panel;
    panel.column = first * unit;
    panel.columns = static_cast<int>(std::min(last * unit, columns) - panel.column);
    panel.kernel = kernels.kernels;
    while (panel.kernel->nr < (last - first) * unit) ++panel.kernel;
    panel.offset = bytes;
    const int64_t nr = panel.kernel->nr;
    const int64_t terms = depth.taps * groups * kernels.group * kernels.halves;
    bytes +=
        align64(static_cast<size_t>(nr * (kernels.header_bytes() + terms * kernels.weight_bytes)));
    if (quantized.wide) plan_runs(quantized, &panel);
    panels_.push_back(std::move(panel));
  }
  // The runs of 16-bit activations follow from the weights themselves.
  if (quantized.wide || !packed_.borrow(packed, bytes / sizeof(float)) || !scaled_as(quantized)) {
    FETTLE_TRY(packed_.allocate(bytes / sizeof(float)));
    for (const PanelI8& panel : panels_) pack_panel(panel, quantized);
  }
  for (PanelI8& panel : panels_) {
    if (kernels.element_bytes == 1) panel.has_lowest = has_lowest(panel);
    if (form_ != SumForm::integer) begin_as_floats(&panel);
  }
  return {};
}

// Whether what was packed is of these scales: no others reach a kernel.
bool PanelsI8::scaled_as(const QuantizedI8& quantized) const {
  return std::all_of(panels_.begin(), panels_.end(), [&](const PanelI8& panel) {
    const std::byte* multipliers = base_of(panel) + panel.kernel->nr * sizeof(int32_t);
    for (int n = 0; n < panel.kernel->nr; ++n, multipliers += sizeof(float)) {
      const auto channel = static_cast<size_t>(panel.column + n);
      const float wanted = n < panel.columns ? quantized.channels[channel].multiplier : 0;
      if (std::memcmp(multipliers, &wanted, sizeof wanted) != 0) return false;
    }
    return true;
  });
}

void PanelsI8::begin_as_floats(PanelI8* panel) const {
  const int nr = panel->kernel->nr;
  const auto* initial = reinterpret_cast<const uint32_t*>(base_of(*panel));
  const auto* multiplier = reinterpret_cast<const float*>(initial + nr);
  for (int n = 0; n < nr; ++n) {
    const auto start = static_cast<uint32_t>(start_of(form_));
    panel->initial.push_back(static_cast<int32_t>(initial[n] + start));
    panel->offsets.push_back(offset_of(multiplier[n]));
  }
}

int64_t PanelsI8::bytes_of(const PanelI8& panel) const {
  const size_t end = &panel == &panels_.back() ? packed().size() : (&panel + 1)->offset;
  return static_cast<int64_t>(end - panel.offset);
}

bool PanelsI8::has_lowest(const PanelI8& panel) const {
  const int64_t header = int64_t{kernels_->header_bytes()} * panel.kernel->nr;
  const auto weights = static_cast<size_t>(bytes_of(panel) - header);
  return std::memchr(base_of(panel) + header, 0x80, weights) != nullptr;
}

void PanelsI8::plan_runs(const QuantizedI8& quantized, PanelI8* panel) const {
  constexpr int64_t kMostSum = std::numeric_limits<int32_t>::max();
  constexpr int64_t kStep = 8;  // elements that are not divided, a multiple of every group
  const int64_t elements = depth_.elements(), terms = depth_.terms();
  const int halves = kernels_->halves;
  // What a column adds to the largest sum of each part.
  std::vector<int64_t> largest(static_cast<size_t>(panel->columns * halves), 0);
  const auto add = [&](int64_t first, int64_t count) {
    for (int n = 0; n < panel->columns; ++n) {
      const int64_t column = panel->column + n;
      const int32_t zero = quantized.channels[static_cast<size_t>(column)].zero_point;
      for (int64_t k = column * terms + first; k < column * terms + first + count; ++k) {
        const int32_t w = quantized.weights[k] - zero;
        for (int p = 0; p < halves; ++p) {
          largest[static_cast<size_t>(n * halves + p)] +=
              kMostCodeI16 * std::abs(weight_element(w, halves, p));
        }
      }
    }
    return *std::max_element(largest.begin(), largest.end()) <= kMostSum;
  };
  for (int n = 0; n < panel->columns && halves == 1; ++n) {
    largest[static_cast<size_t>(n)] =
        std::abs(quantized.channels[static_cast<size_t>(panel->column + n)].bias);
  }
  panel->widens = halves > 1 || !add(0, terms);
  std::fill(largest.begin(), largest.end(), 0);
  for (int64_t tap = 0; tap < depth_.taps; ++tap) {
    int64_t begin = 0;
    for (int64_t at = 0; panel->widens && at < elements; at += kStep) {
      const int64_t count = std::min(kStep, elements - at), first = tap * elements + at;
      if (add(first, count)) continue;
      if (at > begin) panel->runs.push_back({tap, begin, at - begin, false});
      panel->runs.back().widens = true;
      begin = at;
      std::fill(largest.begin(), largest.end(), 0);
      add(first, count);
    }
    panel->runs.push_back({tap, begin, elements - begin, false});
  }
}

void PanelsI8::pack_panel(const PanelI8& panel, const QuantizedI8& quantized) {
  const int nr = panel.kernel->nr, group = kernels_->group, halves = kernels_->halves;
  // Widened codes have no zero points left, and weights of two bytes neither.
  const bool widened = kernels_->element_bytes == 2, wide = kernels_->weight_bytes == 2;
  auto* base = reinterpret_cast<std::byte*>(packed_.mutable_data()) + panel.offset;
  auto* initial = reinterpret_cast<int32_t*>(base);
  auto* multiplier = reinterpret_cast<float*>(initial + nr);
  int32_t* factor = initial + 2 * nr;
  auto* wide_base = reinterpret_cast<double*>(initial + 2 * nr);
  auto* codes = reinterpret_cast<int8_t*>(base + kernels_->header_bytes() * nr);
  auto* words = reinterpret_cast<int16_t*>(codes);
  const int64_t elements = depth_.elements();
  const int64_t tap_step = ceil_div(elements, group) * group * halves * nr;
  for (int n = 0; n < panel.columns; ++n) {
    const OutputChannel& channel = quantized.channels[static_cast<size_t>(panel.column + n)];
    int64_t sum = 0, w = (panel.column + n) * depth_.terms();
    for (int64_t tap = 0; tap < depth_.taps; ++tap) {
      for (int64_t pixel = 0; pixel < depth_.pixels; ++pixel) {
        for (int64_t c = 0; c < depth_.channels; ++c) {
          const int64_t k = pixel * depth_.padded + c;
          const int64_t at = tap * tap_step + (k / group * halves * nr + n) * group + k % group;
          const int32_t code = quantized.weights[w++];
          sum += code;
          if (!wide) codes[at] = static_cast<int8_t>(code);
          for (int p = 0; wide && p < halves; ++p) {
            words[at + p * nr * group] =
                static_cast<int16_t>(weight_element(code - channel.zero_point, halves, p));
          }
        }
      }
    }
    // sum of (x - zx) (w - zw), where the kernel sums (x + flip) w.
    const int64_t zx = quantized.in_zero_point, zw = channel.zero_point;
    int64_t begin = channel.bias;
    if (!widened) begin += depth_.terms() * zx * zw - (zx + kernels_->activation_flip) * sum;
    initial[n] = static_cast<int32_t>(static_cast<uint32_t>(begin));  // sums wrap around
    multiplier[n] = channel.multiplier;
    if (quantized.wide) {
      wide_base[n] = static_cast<double>(channel.bias);
    } else {
      factor[n] = widened ? 0 : sums_ ? static_cast<int32_t>(-sum) : -channel.zero_point;
    }
  }
}

GemmBlocks PanelsI8::plan_blocks(int64_t rows, int64_t row_bytes, int64_t max_rows,
                                 int threads) const {
  int mr = 1;
  for (const PanelI8& p : panels_) mr = std::max(mr, p.kernel->mr);
  const int64_t columns = panels_.back().column + panels_.back().columns;
  const int64_t block = std::max<int64_t>(kLeftBytes / std::max<int64_t>(1, row_bytes), 4 * mr);
  return GemmBlocks::cut({.rows = rows,
                          .panels = static_cast<int64_t>(panels_.size()),
                          .tile_rows = mr,
                          .most_rows = std::min(block, max_rows),
                          .macs = rows * columns * depth_.taps * depth_.elements(),
                          .weight_bytes = static_cast<int64_t>(packed().size()),
                          .moved_bytes = rows * (row_bytes + columns * kernels_->code_bytes)},
                         threads);
}

void PanelsI8::sum_rows(const std::byte* const* rows, int64_t row_step, int64_t count,
                        int32_t* to) const {
  for (int64_t m = 0; m < count; ++m) {
    uint32_t sum = 0;
    for (int64_t tap = 0; tap < depth_.taps; ++tap) {
      const auto* row = reinterpret_cast<const int8_t*>(rows[tap * row_step + m]);
      sum += static_cast<uint32_t>(kernels_->row_sum(row, depth_.elements()));
    }
    to[m] = static_cast<int32_t>(sum);
  }
}

void PanelsI8::read_whole_groups() {
  read_elements_ = ceil_div(depth_.elements(), kernels_->group) * kernels_->group;
}

void PanelsI8::leave_out(const std::byte* padding, const QuantizedI8& quantized) {
  if (quantized.sums || depth_.taps > 64) return;
  padding_ = padding;
  if (kernels_->element_bytes == 2) return;  // without zero points padding is 0
  const int32_t code = quantized.in_zero_point + kernels_->activation_flip;
  const int64_t tap_terms = depth_.pixels * depth_.channels;
  for (PanelI8& panel : panels_) {
    const int nr = panel.kernel->nr;
    panel.padding_sums.assign(static_cast<size_t>(depth_.taps * nr), 0);
    for (int n = 0; n < panel.columns; ++n) {
      int64_t w = (panel.column + n) * depth_.terms();
      for (int64_t tap = 0; tap < depth_.taps; ++tap) {
        int64_t sum = 0;
        for (int64_t k = 0; k < tap_terms; ++k) sum += quantized.weights[w++];
        panel.padding_sums[static_cast<size_t>(tap * nr + n)] = static_cast<int32_t>(code * sum);
      }
    }
  }
}

uint64_t PanelsI8::taps_left_out(const std::byte* const* rows, int64_t row_step,
                                 int64_t count) const {
  uint64_t found = 0;
  for (int64_t tap = 0; tap < depth_.taps; ++tap, rows += row_step) {
    const bool all = std::all_of(rows, rows + count, [&](auto* row) { return row == padding_; });
    if (all) found |= uint64_t{1} << tap;
  }
  return found;
}

const int32_t* PanelsI8::initial_without(uint64_t left_out, const PanelI8& panel,
                                         int32_t* own) const {
  const auto* packed = reinterpret_cast<const int32_t*>(base_of(panel));
  const int32_t* initial = panel.initial.empty() ? packed : panel.initial.data();
  if (left_out == 0 || panel.padding_sums.empty()) return initial;
  const int nr = panel.kernel->nr;
  std::copy_n(initial, nr, own);
  const int32_t* sums = panel.padding_sums.data();
  for (; left_out != 0; left_out >>= 1, sums += nr) {
    for (int n = 0; (left_out & 1) != 0 && n < nr; ++n) {
      own[n] = static_cast<int32_t>(static_cast<uint32_t>(own[n]) + static_cast<uint32_t>(sums[n]));
    }
  }
  return own;
}

void PanelsI8::run(const std::byte* const* rows, int64_t row_step, int64_t count,
                   const int32_t* row_sums, int64_t first, int64_t last, std::byte* out,
                   int64_t out_stride) const {
  const int code_bytes = sums_ ? 4 : kernels_->code_bytes;
  GemmI8Tile tile;
  tile.row_step = row_step;
  tile.taps = depth_.taps;
  tile.depth = read_elements_;
  tile.out_stride = out_stride;
  tile.lo = lo_;
  tile.hi = hi_;
  tile.zero_point = out_zero_point_;
  tile.sums = sums_;
  tile.form = form_;
  tile.left_out = 0;
  int32_t own[kMaxI8PanelColumns];
  for (int64_t p = first; p < last; ++p) {
    const PanelI8& panel = panels_[static_cast<size_t>(p)];
    tile.panel = base_of(panel);
    tile.columns = panel.columns;
    tile.runs = panel.runs.data();
    tile.run_count = static_cast<int64_t>(panel.runs.size());
    tile.widens = panel.widens;
    tile.has_lowest = panel.has_lowest;
    tile.offset = panel.offsets.data();
    // The next panel lies behind this one.
    AheadShares ahead(tile.panel + bytes_of(panel),
                      p + 1 < last ? bytes_of(panels_[static_cast<size_t>(p + 1)]) : 0,
                      ceil_div(count, panel.kernel->mr));
    for (int64_t m = 0; m < count;) {
      tile.ahead = ahead.take();
      const int64_t height = ceil_div(count - m, ceil_div(count - m, panel.kernel->mr));
      tile.rows = rows + m;
      if (padding_ != nullptr) tile.left_out = taps_left_out(tile.rows, row_step, height);
      tile.initial = initial_without(tile.left_out, panel, own);
      tile.row_sums = needs_row_sums_ ? row_sums + m : nullptr;
      tile.out = out + (m * out_stride + panel.column) * code_bytes;
      panel.kernel->fn[height - 1](tile);
      m += height;
    }
  }
}

}  // namespace fettle::runtime
