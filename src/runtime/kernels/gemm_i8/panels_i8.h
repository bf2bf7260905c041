// SPDX-License-Identifier: Apache-2.0
//
// The right side of an integer product, packed for the kernels of gemm_i8.h, and the loops around
// them.
#pragma once

#include <vector>

#include "runtime/kernels/aligned_buffer.h"
#include "runtime/kernels/gemm_f32/gemm_blocks.h"
#include "runtime/kernels/gemm_i8/gemm_i8.h"
#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

struct PanelI8 {
  int64_t column = 0;  // first
  int columns = 0;     // in use
  const GemmI8MicroKernel* kernel = nullptr;
  size_t offset = 0;  // into the packed bytes
  // Where sums begin as floats: their initial sums and what GemmI8Tile::offset is. Empty: as
  // packed.
  std::vector<int32_t> initial = {};
  std::vector<float> offsets = {};
  // What each column would get from a tap of padding, a row of kernel->nr a tap. Empty: nothing.
  std::vector<int32_t> padding_sums = {};
  // Of 16-bit activations. A run ends where the next elements could make some sum of 32 bits
  // overflow, whatever the activations are: |sum| <= 32768 * (sum of |weights|).
  std::vector<GemmRun> runs = {};
  bool widens = false;
  bool has_lowest = false;  // some weight is -128
};

// A product's depth is taps of pixels of channels; in rows that are widened, channels may have
// been padded, and their weights are then zeros.
struct DepthI8 {
  int64_t taps = 1, pixels = 1, channels = 1, padded = 1;
  int64_t elements() const { return pixels * padded; }  // of one tap in a row
  int64_t terms() const { return taps * pixels * channels; }
};

class PanelsI8 {
 public:
  // Of weights [column][taps][pixels][channels]. Allocates, unless `packed` is what it would make.
  Status pack(const GemmI8& kernels, const QuantizedI8& quantized, const DepthI8& depth,
              std::span<const std::byte> packed = {});
  const GemmI8& kernels() const { return *kernels_; }
  const std::vector<PanelI8>& panels() const { return panels_; }
  std::span<const std::byte> packed() const { return packed_.bytes(); }
  // Where the result is sums, what is wanted of a row is not its sum but its zero point.
  bool needs_row_sums() const { return needs_row_sums_; }
  // row_bytes: of the input that one more row reads.
  GemmBlocks plan_blocks(int64_t rows, int64_t row_bytes, int64_t max_rows, int threads) const;

  // Row sums [0, count) of the rows at rows[tap * row_step + m].
  void sum_rows(const std::byte* const* rows, int64_t row_step, int64_t count, int32_t* to) const;
  // Rows [0, count) of panels [first, last); row 0 begins at `out`, the next `out_stride` codes
  // (or sums) behind it. row_sums is not read unless needs_row_sums().
  void run(const std::byte* const* rows, int64_t row_step, int64_t count, const int32_t* row_sums,
           int64_t first, int64_t last, std::byte* out, int64_t out_stride) const;
  // From now on a tap's last group is read whole: what rows have behind a tap can be read. (Its
  // weights are 0.)
  void read_whole_groups();
  // From now on taps where every row of a tile points at `padding`, a tap of zero points, are left
  // out. Worth looking for where dilation puts whole tiles there. Not done for 16-bit codes and for
  // sums, whose zero point comes with the codes.
  void leave_out(const std::byte* padding, const QuantizedI8& quantized);

 private:
  uint64_t taps_left_out(const std::byte* const* rows, int64_t row_step, int64_t count) const;
  const std::byte* base_of(const PanelI8& panel) const { return packed().data() + panel.offset; }
  int64_t bytes_of(const PanelI8& panel) const;
  void pack_panel(const PanelI8& panel, const QuantizedI8& quantized);
  bool scaled_as(const QuantizedI8& quantized) const;
  bool has_lowest(const PanelI8& panel) const;
  const int32_t* initial_without(uint64_t left_out, const PanelI8& panel, int32_t* own) const;
  void begin_as_floats(PanelI8* panel) const;
  void plan_runs(const QuantizedI8& quantized, PanelI8* panel) const;

  const GemmI8* kernels_ = nullptr;
  DepthI8 depth_;
  int64_t read_elements_ = 0;  // of a tap
  std::vector<PanelI8> panels_;
  AlignedBuffer packed_;
  bool needs_row_sums_ = false, sums_ = false;
  SumForm form_ = SumForm::integer;
  int32_t out_zero_point_ = 0;
  float lo_ = 0, hi_ = 0;
  const std::byte* padding_ = nullptr;  // null: taps are not left out
};

}  // namespace fettle::runtime
