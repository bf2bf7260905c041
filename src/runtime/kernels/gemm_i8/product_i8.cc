// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/product_i8.h"

#include "runtime/kernels/gemm_f32/row_pointers.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kMaxBlockRows = 1024;

size_t align64(int64_t bytes) { return static_cast<size_t>((bytes + 63) / 64 * 64); }

bool read(const OpCall& call, QuantizedI8* quantized) {
  if (call.in.size() < 2 || call.out.size() != 1) return false;
  const Dims &a = call.in[0].dims, &b = call.in[1].dims;
  if (a.rank() != 2 || b.rank() != 2 || a[1] != b[1] || a.elements() == 0 || b.elements() == 0) {
    return false;
  }
  if (call.attrs.get_int("transA", 0) != 0 || call.attrs.get_int("transB", 0) == 0) return false;
  if (call.attrs.get_float("alpha", 1) != 1 || call.attrs.get_float("beta", 1) != 1) return false;
  if (call.out[0].dims != Dims{a[0], b[0]}) return false;
  if (call.has_in(2)) {
    const Dims& c = call.in[2].dims;
    if (!(c == Dims{b[0]} || c == Dims{1, b[0]})) return false;
  }
  return read_quantized(call, b[1], quantized);
}
}  // namespace

template <bool kWide>
bool supports_gemm_codes(const OpCall& call) {
  QuantizedI8 quantized;
  return read(call, &quantized) && quantized.wide == kWide;
}
template bool supports_gemm_codes<false>(const OpCall&);
template bool supports_gemm_codes<true>(const OpCall&);

Status GemmI8Kernel::prepare(const OpCall& call, const KernelOptions& options) {
  QuantizedI8 quantized;
  if (!read(call, &quantized)) return unsupported("gemm_i8: not a product it takes");
  const GemmI8& kernels = quantized.kernels(options.isa);
  threads_ = options.threads;
  rows_ = call.in[0].dims[0];
  depth_ = call.in[0].dims[1];
  columns_ = call.in[1].dims[0];
  in_zero_point_ = quantized.in_zero_point;
  padded_ = depth_;
  if (kernels.widen != nullptr)
    padded_ = (depth_ + kernels.group - 1) / kernels.group * kernels.group;
  FETTLE_TRY(
      panels_.pack(kernels, quantized, {.channels = depth_, .padded = padded_}, options.packed));
  blocks_ = panels_.plan_blocks(rows_, padded_ * kernels.element_bytes, kMaxBlockRows, threads_);
  pointer_bytes_ = align64(blocks_.block_rows * static_cast<int64_t>(sizeof(std::byte*)));
  sum_bytes_ = panels_.needs_row_sums() ? align64(blocks_.block_rows * 4) : 0;
  thread_bytes_ = pointer_bytes_ + sum_bytes_;
  if (kernels.widen != nullptr) thread_bytes_ += align64(blocks_.block_rows * padded_ * 2);
  return {};
}

Status GemmI8Kernel::run(const OpCall& call, ThreadPool& pool) {
  const auto* a = static_cast<const std::byte*>(call.in[0].data);
  auto* out = static_cast<std::byte*>(call.out[0].data);
  const GemmI8& kernels = panels_.kernels();
  const int64_t code_bytes = kernels.code_bytes;
  const int64_t units = blocks_.units();
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    std::byte* own = call.scratch.data() + static_cast<size_t>(thread) * thread_bytes_;
    auto* rows = reinterpret_cast<const std::byte**>(own);
    auto* sums = reinterpret_cast<int32_t*>(own + pointer_bytes_);
    auto* wide = reinterpret_cast<int16_t*>(own + pointer_bytes_ + sum_bytes_);
    int64_t found = -1;
    for (int64_t u = begin; u < end; ++u) {
      const int64_t block = u / blocks_.groups, group = u % blocks_.groups;
      const int64_t m0 = blocks_.row_begin(block), count = blocks_.row_end(block) - m0;
      if (found != block) {
        found = block;
        const std::byte* base = a + m0 * depth_ * code_bytes;
        int64_t step = depth_ * code_bytes;
        if (kernels.widen != nullptr) {
          kernels.widen(reinterpret_cast<const int8_t*>(base), count, depth_, padded_,
                        in_zero_point_, wide);
          base = reinterpret_cast<const std::byte*>(wide);
          step = padded_ * 2;
        }
        point_evenly(rows, base, step, count);
        if (panels_.needs_row_sums()) panels_.sum_rows(rows, blocks_.block_rows, count, sums);
      }
      panels_.run(rows, blocks_.block_rows, count, sums, blocks_.panel_begin(group),
                  blocks_.panel_end(group), out + m0 * columns_ * code_bytes, columns_);
    }
  });
  return {};
}

}  // namespace fettle::runtime
