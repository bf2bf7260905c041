// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/product_f32.h"

#include "runtime/kernels/gemm_f32/row_pointers.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kMaxBlockRows = 1024;

size_t align64(size_t bytes) { return (bytes + 63) / 64 * 64; }

bool is_static_f32(const TensorView& t) {
  return t.dtype == DType::f32 && !t.dynamic && t.dims.rank() >= 1 && t.elements() > 0;
}
bool read_operands(const OpCall& call) {
  return call.in.size() >= 2 && call.out.size() == 1 && is_static_f32(call.in[0]) &&
         is_static_f32(call.in[1]) && call.out[0].dtype == DType::f32 && !call.out[0].dynamic;
}
}  // namespace

bool read_gemm(const OpCall& call, ProductShape* shape) {
  if (!read_operands(call)) return false;
  const TensorView& a = call.in[0];
  const TensorView& b = call.in[1];
  if (a.dims.rank() != 2 || b.dims.rank() != 2 || b.data == nullptr) return false;
  if (call.attrs.get_int("transA") != 0 || call.attrs.get_float("alpha", 1) != 1) return false;
  const bool transposed = call.attrs.get_int("transB") != 0;
  ProductShape s{};
  s.batch = 1;
  s.rows = a.dims[0];
  s.depth = a.dims[1];
  s.columns = transposed ? b.dims[0] : b.dims[1];
  if ((transposed ? b.dims[1] : b.dims[0]) != s.depth) return false;
  s.depth_stride = transposed ? 1 : s.columns;
  s.column_stride = transposed ? s.depth : 1;
  if (call.has_in(2)) {
    const TensorView& c = call.in[2];
    const bool row = (c.dims.rank() == 1 && c.dims[0] == s.columns) ||
                     (c.dims.rank() == 2 && c.dims[0] == 1 && c.dims[1] == s.columns);
    if (!row || c.dtype != DType::f32 || c.data == nullptr) return false;
    if (call.attrs.get_float("beta", 1) != 1) return false;
    s.bias = c.as<float>();
  }
  if (call.out[0].elements() != s.rows * s.columns) return false;
  if (!read_activation(call.attrs, &s.activation)) return false;
  *shape = s;
  return true;
}

bool read_matmul(const OpCall& call, ProductShape* shape) {
  if (!read_operands(call)) return false;
  const TensorView& a = call.in[0];
  const TensorView& b = call.in[1];
  if (b.dims.rank() != 2 || b.data == nullptr || a.dims.back() != b.dims[0]) return false;
  ProductShape s{};
  s.batch = 1;
  s.rows = a.dims.product(0, a.dims.rank() - 1);
  s.depth = b.dims[0];
  s.columns = b.dims[1];
  s.depth_stride = s.columns;
  s.column_stride = 1;
  if (call.out[0].elements() != s.rows * s.columns) return false;
  if (!read_activation(call.attrs, &s.activation)) return false;
  *shape = s;
  return true;
}

bool read_batched_matmul(const OpCall& call, ProductShape* shape) {
  if (!read_operands(call)) return false;
  const Dims& a = call.in[0].dims;
  const Dims& b = call.in[1].dims;
  if (a.rank() < 2 || b.rank() < 2 || a.back() != b[b.rank() - 2]) return false;
  ProductShape s{};
  s.rows = a[a.rank() - 2];
  s.depth = a.back();
  s.columns = b.back();
  s.depth_stride = s.columns;
  s.column_stride = 1;
  s.batch = 1;
  for (int i = 3; i <= std::max(a.rank(), b.rank()); ++i) {
    const int64_t da = i <= a.rank() ? a[a.rank() - i] : 1;
    const int64_t db = i <= b.rank() ? b[b.rank() - i] : 1;
    if (da != db && da != 1 && db != 1) return false;
    s.batch *= std::max(da, db);
  }
  if (call.out[0].elements() != s.batch * s.rows * s.columns) return false;
  if (!read_activation(call.attrs, &s.activation)) return false;
  *shape = s;
  return true;
}

Status ProductF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_(call, &shape_)) return unsupported("product_f32: not a product it takes");
  threads_ = options.threads;
  panels_ = PanelsF32::plan(gemm_f32(options.isa), shape_.columns, shape_.depth);
  blocks_ = GemmBlocks::plan(panels_, shape_.rows, shape_.depth * 4, kMaxBlockRows, threads_);
  activate_ = activation_f32(options.isa).fn;
  thread_bytes_ = align64(blocks_.block_rows * sizeof(float*));
  if (packed_.borrow(options.packed, panels_.floats)) return {};
  FETTLE_TRY(packed_.allocate(panels_.floats));
  panels_.pack(call.in[1].as<float>(), shape_.depth_stride, shape_.column_stride, shape_.bias,
               packed_.mutable_data());
  return {};
}

Status ProductF32::run(const OpCall& call, ThreadPool& pool) {
  const float* a = call.in[0].as<float>();
  const GemmJob job{.panels = &panels_,
                    .packed = packed_.data(),
                    .taps = 1,
                    .depth = shape_.depth,
                    .out = call.out[0].as_mutable<float>(),
                    .out_stride = shape_.columns,
                    .residual = nullptr,
                    .activation = shape_.activation,
                    .activate = activate_};
  const int64_t units = blocks_.units();
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    const float** rows =
        reinterpret_cast<const float**>(call.scratch.data() + thread * thread_bytes_);
    for (int64_t u = begin; u < end; ++u) {
      const int64_t block = u / blocks_.groups, group = u % blocks_.groups;
      const int64_t m0 = blocks_.row_begin(block), m1 = blocks_.row_end(block);
      point_evenly(rows, a + m0 * shape_.depth, shape_.depth, m1 - m0);
      run_gemm_block(job, m0, m1, blocks_.panel_begin(group), blocks_.panel_end(group), rows,
                     blocks_.block_rows);
    }
  });
  return {};
}

Status BatchedProductF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_batched_matmul(call, &shape_)) return unsupported("product_f32: not a MatMul");
  threads_ = options.threads;
  panels_ = PanelsF32::plan(gemm_f32(options.isa), shape_.columns, shape_.depth);
  const int within = shape_.batch >= 2 * threads_ ? 1 : threads_;
  blocks_ = GemmBlocks::plan(panels_, shape_.rows, shape_.depth * 4, kMaxBlockRows, within);
  activate_ = activation_f32(options.isa).fn;
  pointer_bytes_ = align64(blocks_.block_rows * sizeof(float*));
  packed_bytes_ = align64(panels_.floats * sizeof(float));
  const Dims& a = call.in[0].dims;
  const Dims& b = call.in[1].dims;
  const int rank = std::max(a.rank(), b.rank());
  a_offset_.assign(shape_.batch, 0);
  b_offset_.assign(shape_.batch, 0);
  for (int64_t i = 0; i < shape_.batch; ++i) {
    int64_t left = i, a_step = shape_.rows * shape_.depth, b_step = shape_.depth * shape_.columns;
    for (int d = 3; d <= rank; ++d) {
      const int64_t da = d <= a.rank() ? a[a.rank() - d] : 1;
      const int64_t db = d <= b.rank() ? b[b.rank() - d] : 1;
      const int64_t at = left % std::max(da, db);
      left /= std::max(da, db);
      if (da > 1) a_offset_[i] += at * a_step;
      if (db > 1) b_offset_[i] += at * b_step;
      a_step *= da;
      b_step *= db;
    }
  }
  return {};
}

void BatchedProductF32::run_units(const OpCall& call, int64_t product, int64_t begin, int64_t end,
                                  const float* packed, const float** rows) const {
  const float* a = call.in[0].as<float>() + a_offset_[product];
  const GemmJob job{.panels = &panels_,
                    .packed = packed,
                    .taps = 1,
                    .depth = shape_.depth,
                    .out = call.out[0].as_mutable<float>() + product * shape_.rows * shape_.columns,
                    .out_stride = shape_.columns,
                    .residual = nullptr,
                    .activation = shape_.activation,
                    .activate = activate_};
  for (int64_t u = begin; u < end; ++u) {
    const int64_t block = u / blocks_.groups, group = u % blocks_.groups;
    const int64_t m0 = blocks_.row_begin(block), m1 = blocks_.row_end(block);
    point_evenly(rows, a + m0 * shape_.depth, shape_.depth, m1 - m0);
    run_gemm_block(job, m0, m1, blocks_.panel_begin(group), blocks_.panel_end(group), rows,
                   blocks_.block_rows);
  }
}

Status BatchedProductF32::run(const OpCall& call, ThreadPool& pool) {
  const float* b = call.in[1].as<float>();
  const int64_t panels = static_cast<int64_t>(panels_.panels.size());
  const auto rows_of = [&](int thread) {
    return reinterpret_cast<const float**>(call.scratch.data() + thread * pointer_bytes_);
  };
  const auto packed_of = [&](int thread) {
    return reinterpret_cast<float*>(call.scratch.data() + threads_ * pointer_bytes_ +
                                    thread * packed_bytes_);
  };
  if (shape_.batch >= 2 * threads_) {
    pool.parallel_for(shape_.batch, 1, [&](int64_t begin, int64_t end, int thread) {
      for (int64_t i = begin; i < end; ++i) {
        if (i == begin || b_offset_[i] != b_offset_[i - 1]) {
          panels_.pack_some(b + b_offset_[i], shape_.depth_stride, 1, 0, panels, packed_of(thread));
        }
        run_units(call, i, 0, blocks_.units(), packed_of(thread), rows_of(thread));
      }
    });
    return {};
  }
  for (int64_t i = 0; i < shape_.batch; ++i) {
    pool.parallel_for(panels, 1, [&](int64_t begin, int64_t end, int) {
      panels_.pack_some(b + b_offset_[i], shape_.depth_stride, 1, begin, end, packed_of(0));
    });
    pool.parallel_for(blocks_.units(), 1, [&](int64_t begin, int64_t end, int thread) {
      run_units(call, i, begin, end, packed_of(0), rows_of(thread));
    });
  }
  return {};
}

}  // namespace fettle::runtime
