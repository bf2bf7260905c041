// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/winograd_f32/winograd_conv_f32.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "runtime/kernels/gemm_f32/row_pointers.h"

namespace fettle::runtime {

namespace {
// Floats of a block's transformed inputs and products; of one whose weights are transformed again
// for each block.
constexpr int64_t kBlockFloats = 256 << 10, kLateBlockFloats = 512 << 10;
// Transformed weights that each thread may read in whole.
constexpr int64_t kOwnWeightFloats = 192 << 10;
constexpr double kNearWeightFloats = 160 << 10;  // of transformed ones
constexpr double kLate = 144;
constexpr double kTileRows = 8;  // of the micro-kernels, about
constexpr int64_t kMinChannels = 16;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
size_t align64(size_t bytes) { return (bytes + 63) / 64 * 64; }

struct Method {
  int out_edge = 0;   // 4, 2, or 0 for the direct one
  bool late = false;  // weights are transformed in each run
  double cost = 0;
};

// Estimated costs in multiply-adds of a direct convolution. A transform costs about as much for
// each channel of a tile as `transform` of them. Where weights do not stay in the second-level
// cache they come at the price of about 14 multiply-adds each, which few tiles cannot hide.
// Transformed weights that stay in memory have the price of memory, too: one more than the direct
// convolution's 9 has to save 24. To transform a weight's points in each run costs kLate.
Method faster_of(const ConvShape& s, int out_edge, double transform) {
  const double tiles =
      static_cast<double>(s.batch * ceil_div(s.out_h, out_edge) * ceil_div(s.out_w, out_edge));
  const auto channels = static_cast<double>(s.in_c + s.out_c);
  const double planes = static_cast<double>(s.in_c) * static_cast<double>(s.out_c);
  const double points = (out_edge + 2) * (out_edge + 2);
  const double rows = std::ceil(tiles / kTileRows) * kTileRows;
  const double products = 1.1 * rows * points * planes;
  const double transforms = tiles * transform * channels;
  const bool near = points * planes <= kNearWeightFloats;
  const double early =
      near ? products : std::max(products, 14 * points * planes) + 24 * (points - 9) * planes;
  const double blocks = std::ceil(tiles * points * channels / kLateBlockFloats);
  const double late = std::max(products, 14 * 9 * planes) + blocks * kLate * planes;
  return {out_edge, late < early, std::min(early, late) + transforms};
}
double direct_cost(const ConvShape& s) {
  return 1.05 * 9 * static_cast<double>(s.pixels() * s.in_c) * static_cast<double>(s.out_c);
}
Method best_method(const ConvShape& s) {
  const Method of4 = faster_of(s, 4, 220), of2 = faster_of(s, 2, 90);
  const Method& best = of4.cost < of2.cost ? of4 : of2;
  return best.cost > 0.9 * direct_cost(s) ? Method{} : best;
}

// The transform of weights, a row for each point along one axis.
const double (*rows_of_points(int edge))[3] {
  return edge == 6 ? kWinogradF32Of4 : kWinogradF32Of2;
}
}  // namespace

bool supports_winograd_conv_f32(const OpCall& call) {
  ConvShape s;
  return read_conv(call, &s) && s.kernel_h == 3 && s.kernel_w == 3 && s.stride_h == 1 &&
         s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1 && s.groups == 1 &&
         s.in_c >= kMinChannels && s.out_c >= kMinChannels && best_method(s).out_edge != 0;
}

Status WinogradConvF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_winograd_conv_f32(call) || !read_conv(call, &shape_)) {
    return unsupported("winograd_f32: not a convolution it takes");
  }
  const ConvShape& s = shape_;
  threads_ = options.threads;
  const Method method = best_method(s);
  const int out_edge = method.out_edge;
  late_ = method.late;
  const WinogradF32& family = winograd_f32(options.isa);
  transforms_ = out_edge == 4 ? &family.of4 : &family.of2;
  activate_ = activation_f32(options.isa).fn;
  const int64_t points = transforms_->edge * transforms_->edge;
  panels_ = PanelsF32::plan(gemm_f32(options.isa), s.out_c, s.in_c);
  tiles_h_ = ceil_div(s.out_h, out_edge);
  tiles_w_ = ceil_div(s.out_w, out_edge);
  tiles_ = s.batch * tiles_h_ * tiles_w_;
  plan_blocks(panels_.panels[0].kernel->mr);
  if (late_) {
    for (const PanelF32& p : panels_.panels) {  // with its bias; odd lines apart, as below
      const int64_t floats = late_floats(p);
      late_plane_ = std::max(late_plane_, (ceil_div(floats, 16) | 1) * 16);
    }
  }
  const size_t plain = static_cast<size_t>(9 * s.in_c * s.out_c) * sizeof(float);
  const size_t packed = (late_ ? 9 : points) * panels_.floats;
  const size_t spent = packed * sizeof(float) + scratch_bytes();
  if (spent > plain + options.extra_bytes) {
    direct_ = std::make_unique<ConvF32>();
    return direct_->prepare(call, options);
  }
  FETTLE_TRY(zeros_.allocate(s.in_c));
  FETTLE_TRY(bias_.allocate(s.out_c));
  if (call.has_in(2)) {
    std::memcpy(bias_.mutable_data(), call.in[2].as<float>(), s.out_c * sizeof(float));
  }
  if (packed_.borrow(options.packed, packed)) return {};
  FETTLE_TRY(packed_.allocate(packed));
  if (!late_) return pack(call.in[1].as<float>());
  pack_taps(call.in[1].as<float>());
  return {};
}

// Threads take blocks of their own where there are tiles enough for all and the weights, which then
// go to every thread, stay in its cache.
void WinogradConvF32::plan_blocks(int mr) {
  const ConvShape& s = shape_;
  const int64_t points = transforms_->edge * transforms_->edge;
  own_blocks_ = !late_ && threads_ > 1 && tiles_ >= int64_t{2} * mr * threads_ &&
                points * static_cast<int64_t>(panels_.floats) <= kOwnWeightFloats;
  const int64_t fits = (late_ ? kLateBlockFloats : kBlockFloats) / (points * (s.in_c + s.out_c));
  blocks_ = ceil_div(tiles_, std::max<int64_t>(fits, 2 * mr));
  if (own_blocks_) blocks_ = ceil_div(blocks_, threads_) * threads_;
  tile_rows_ = mr;
  const int64_t all = ceil_div(tiles_, mr);
  blocks_ = std::min(blocks_, all);
  block_tiles_ = std::min(tiles_, ceil_div(all, blocks_) * mr);
  // Odd lines apart, so that the points of a tile fall into different sets of the cache.
  in_plane_ = (ceil_div(block_tiles_ * s.in_c, 16) | 1) * 16;
  out_plane_ = (ceil_div(block_tiles_ * s.out_c, 16) | 1) * 16;
  block_bytes_ = align64(points * (in_plane_ + out_plane_) * sizeof(float));
  pointer_bytes_ = align64(std::max(points, block_tiles_) * sizeof(float*));
}

// Of a panel and its bias, which is before it.
int64_t WinogradConvF32::late_floats(const PanelF32& panel) const {
  return static_cast<int64_t>(panel.weights - panel.bias) + panel.kernel->nr * shape_.in_c;
}

// Tap by tap, each a product's right side of its own.
void WinogradConvF32::pack_taps(const float* weights) {
  for (int64_t t = 0; t < 9; ++t) {
    panels_.pack(weights + t * shape_.in_c, 1, 9 * shape_.in_c, nullptr,
                 packed_.mutable_data() + t * panels_.floats);
  }
}

// Transforms each 3x3 kernel g into G g G^T, in double: a row of G for each point.
Status WinogradConvF32::pack(const float* weights) {
  const ConvShape& s = shape_;
  const int edge = transforms_->edge;
  const auto* g = rows_of_points(edge);
  std::vector<float> point(s.in_c * s.out_c);
  for (int i = 0; i < edge; ++i) {
    for (int j = 0; j < edge; ++j) {
      for (int64_t o = 0; o < s.out_c; ++o) {
        const float* w = weights + o * 9 * s.in_c;
        for (int64_t c = 0; c < s.in_c; ++c) {
          double sum = 0;
          for (int a = 0; a < 3; ++a) {
            for (int b = 0; b < 3; ++b) sum += g[i][a] * g[j][b] * w[(a * 3 + b) * s.in_c + c];
          }
          point[o * s.in_c + c] = static_cast<float>(sum);
        }
      }
      panels_.pack(point.data(), 1, s.in_c, nullptr,
                   packed_.mutable_data() + (i * edge + j) * panels_.floats);
    }
  }
  return {};
}

std::span<const std::byte> WinogradConvF32::packed() const {
  return direct_ ? direct_->packed() : packed_.bytes();
}

size_t WinogradConvF32::scratch_bytes() const {
  if (direct_) return direct_->scratch_bytes();
  const size_t late = transforms_->edge * late_plane_ * sizeof(float);
  return (own_blocks_ ? threads_ : 1) * block_bytes_ + threads_ * (late + pointer_bytes_);
}

void WinogradConvF32::find_pixels(const float* x, int64_t tile, const float** pixels) const {
  const ConvShape& s = shape_;
  const int edge = transforms_->edge, out_edge = edge - 2;
  const int64_t image = tile / (tiles_h_ * tiles_w_);
  const int64_t top = tile / tiles_w_ % tiles_h_ * out_edge - s.pad_top;
  const int64_t left = tile % tiles_w_ * out_edge - s.pad_left;
  for (int64_t ih = top; ih < top + edge; ++ih) {
    const bool inside = ih >= 0 && ih < s.in_h;
    const float* row = inside ? x + (image * s.in_h + ih) * s.in_w * s.in_c : nullptr;
    for (int64_t iw = left; iw < left + edge; ++iw) {
      *pixels++ = inside && iw >= 0 && iw < s.in_w ? row + iw * s.in_c : zeros_.data();
    }
  }
}

void WinogradConvF32::transform_inputs(const float* x, const Block& b, int64_t begin, int64_t end,
                                       const float** pixels) const {
  for (int64_t t = begin; t < end; ++t) {
    find_pixels(x, b.first + t, pixels);
    transforms_->input({pixels, b.in_points + t * shape_.in_c, in_plane_, shape_.in_c});
  }
}

void WinogradConvF32::multiply_points(const Block& b, const Weights& w, int64_t begin, int64_t end,
                                      const float** rows) const {
  const ConvShape& s = shape_;
  for (int64_t p = begin; p < end; ++p) {
    point_evenly<float>(rows, b.in_points + p * in_plane_, s.in_c, b.tiles);
    const GemmJob job{.panels = &panels_,
                      .packed = w.packed + p * w.plane,
                      .taps = 1,
                      .depth = s.in_c,
                      .out = b.out_points + p * out_plane_,
                      .out_stride = s.out_c,
                      .residual = nullptr,
                      .activation = {},
                      .activate = nullptr};
    run_gemm_block(job, 0, b.tiles, w.first, w.last, rows, block_tiles_);
  }
}

const float** WinogradConvF32::pointers(const OpCall& call, int thread) const {
  return reinterpret_cast<const float**>(call.scratch.data() + scratch_bytes() -
                                         (thread + 1) * pointer_bytes_);
}

void WinogradConvF32::multiply_late(const OpCall& call, const Block& b, ThreadPool& pool) const {
  const int edge = transforms_->edge;
  const auto* g = rows_of_points(edge);
  auto* rooms = reinterpret_cast<float*>(call.scratch.data() + block_bytes_);
  const auto units = static_cast<int64_t>(panels_.panels.size()) * edge;
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    float* room = rooms + thread * edge * late_plane_;
    for (int64_t u = begin; u < end; ++u) {
      const int64_t index = u / edge, row = u % edge;
      const PanelF32& panel = panels_.panels[static_cast<size_t>(index)];
      const float* taps = packed_.data() + panel.bias;  // zeros, then the weights
      transforms_->weights({taps, static_cast<int64_t>(panels_.floats), g[row], room, late_plane_,
                            late_floats(panel)});
      const Weights w{room - panel.bias - row * edge * late_plane_, late_plane_, index, index + 1};
      multiply_points(b, w, row * edge, (row + 1) * edge, pointers(call, thread));
    }
  });
}

void WinogradConvF32::transform_outputs(const OpCall& call, const Block& b, int64_t begin,
                                        int64_t end) const {
  const ConvShape& s = shape_;
  const int out_edge = transforms_->edge - 2;
  const float* residual = call.has_in(3) ? call.in[3].as<float>() : nullptr;
  for (int64_t t = begin; t < end; ++t) {
    const int64_t tile = b.first + t, image = tile / (tiles_h_ * tiles_w_);
    const int64_t oh = tile / tiles_w_ % tiles_h_ * out_edge, ow = tile % tiles_w_ * out_edge;
    const int64_t at = ((image * s.out_h + oh) * s.out_w + ow) * s.out_c;
    WinogradF32Output out;
    out.in = b.out_points + t * s.out_c;
    out.plane = out_plane_;
    out.bias = bias_.data();
    out.residual = residual == nullptr ? nullptr : residual + at;
    out.out = call.out[0].as_mutable<float>() + at;
    out.row_step = s.out_w * s.out_c;
    out.column_step = s.out_c;
    out.rows = static_cast<int>(std::min<int64_t>(out_edge, s.out_h - oh));
    out.columns = static_cast<int>(std::min<int64_t>(out_edge, s.out_w - ow));
    out.channels = s.out_c;
    out.lo = s.activation.clamp_lo();
    out.hi = s.activation.clamp_hi();
    transforms_->output(out);
    if (s.activation.is_clamp()) continue;
    for (int i = 0; i < out.rows; ++i) {
      float* row = out.out + i * out.row_step;
      activate_(s.activation, row, row, out.columns, s.out_c, s.out_c);
    }
  }
}

Status WinogradConvF32::run(const OpCall& call, ThreadPool& pool) {
  if (direct_) return direct_->run(call, pool);
  const float* x = call.in[0].as<float>();
  const int64_t points = transforms_->edge * transforms_->edge;
  const auto block = [&](int64_t index, int thread) {
    float* in_points =
        reinterpret_cast<float*>(call.scratch.data() + (own_blocks_ ? thread : 0) * block_bytes_);
    const int64_t all = ceil_div(tiles_, tile_rows_);
    const int64_t first = all * index / blocks_ * tile_rows_;
    const int64_t end = std::min(tiles_, all * (index + 1) / blocks_ * tile_rows_);
    return Block{first, end - first, in_points, in_points + points * in_plane_};
  };
  const Weights all{packed_.data(), static_cast<int64_t>(panels_.floats), 0,
                    static_cast<int64_t>(panels_.panels.size())};
  if (own_blocks_) {
    pool.parallel_for(blocks_, 1, [&](int64_t begin, int64_t end, int thread) {
      for (int64_t i = begin; i < end; ++i) {
        const Block b = block(i, thread);
        transform_inputs(x, b, 0, b.tiles, pointers(call, thread));
        multiply_points(b, all, 0, points, pointers(call, thread));
        transform_outputs(call, b, 0, b.tiles);
      }
    });
    return {};
  }
  for (int64_t i = 0; i < blocks_; ++i) {
    const Block b = block(i, 0);
    pool.parallel_for(b.tiles, 1, [&](int64_t begin, int64_t end, int thread) {
      transform_inputs(x, b, begin, end, pointers(call, thread));
    });
    if (late_) {
      multiply_late(call, b, pool);
    } else {
      pool.parallel_for(points, 1, [&](int64_t begin, int64_t end, int thread) {
        multiply_points(b, all, begin, end, pointers(call, thread));
      });
    }
    pool.parallel_for(b.tiles, 1, [&](int64_t begin, int64_t end, int) {
      transform_outputs(call, b, begin, end);
    });
  }
  return {};
}

}  // namespace fettle::runtime
