// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantize/quantize_kernel.h"

#include <cmath>

#include "base/requantize.h"

namespace fettle::runtime {

namespace {

bool read_code_type(const TensorView& v, CodeType* type) {
  if (v.dtype == DType::i8) {
    *type = CodeType::i8;
  } else if (v.dtype == DType::u8) {
    *type = CodeType::u8;
  } else if (v.dtype == DType::i16) {
    *type = CodeType::i16;
  } else {
    return false;
  }
  return true;
}

int32_t lowest(CodeType type) {
  return type == CodeType::i8 ? -128 : type == CodeType::u8 ? 0 : -32768;
}
int32_t highest(CodeType type) {
  return type == CodeType::i8 ? 127 : type == CodeType::u8 ? 255 : 32767;
}

// One scale and zero point within the range of its type: those of `codes` itself, or where the call
// has them, inputs 1 and 2.
bool read_range(const OpCall& call, const TensorView& codes, CodeType type, float* scale,
                int32_t* zero) {
  if (call.has_in(1)) {
    const TensorView& s = call.in[1];
    if (s.dtype != DType::f32 || s.data == nullptr || s.elements() != 1) return false;
    *scale = *s.as<float>();
    *zero = 0;
    if (call.has_in(2)) {
      const TensorView& z = call.in[2];
      if (z.data == nullptr || z.elements() != 1 || z.dtype != codes.dtype) return false;
      *zero = static_cast<int32_t>(to_int64(z)[0]);
    }
  } else {
    const Quantization* q = codes.quant;
    if (q == nullptr || !q->per_tensor() || q->zero_point.size() != 1) return false;
    *scale = q->scale[0];
    *zero = q->zero_point[0];
  }
  return std::isfinite(*scale) && *zero >= lowest(type) && *zero <= highest(type);
}

// What the call asks for; the type of its codes before, and after.
bool read(const OpCall& call, QuantizeForm form, Requantization* r, CodeType* from, CodeType* to) {
  if (call.in.empty() || call.out.size() != 1 || call.in[0].dynamic) return false;
  const TensorView &x = call.in[0], &y = call.out[0];
  if (call.attrs.get_int("block_size", 0) != 0) return false;
  *r = {};
  r->count = x.elements();
  if (form == QuantizeForm::dequantize) {
    return y.dtype == DType::f32 && read_code_type(x, from) &&
           read_range(call, x, *from, &r->scale, &r->zero_x);
  }
  if (!read_code_type(y, to) || !read_range(call, y, *to, &r->scale, &r->zero_y)) return false;
  r->lo = static_cast<float>(lowest(*to) - r->zero_y);
  r->hi = static_cast<float>(highest(*to) - r->zero_y);
  if (form == QuantizeForm::quantize) return x.dtype == DType::f32 && x.quant == nullptr;
  float from_scale;
  if (!read_code_type(x, from) || !read_range(call, x, *from, &from_scale, &r->zero_x)) {
    return false;
  }
  r->scale = requantize_multiplier(from_scale, r->scale);
  return true;
}

}  // namespace

template <QuantizeForm kForm>
bool supports_quantize(const OpCall& call) {
  Requantization r;
  CodeType from, to;
  return read(call, kForm, &r, &from, &to);
}
template bool supports_quantize<QuantizeForm::quantize>(const OpCall&);
template bool supports_quantize<QuantizeForm::dequantize>(const OpCall&);
template bool supports_quantize<QuantizeForm::requantize>(const OpCall&);

Status QuantizeKernel::prepare(const OpCall& call, const KernelOptions& options) {
  CodeType from{}, to{};
  if (!read(call, form_, &what_, &from, &to)) return unsupported("quantize: not a call it takes");
  const QuantizeKernels& kernels = quantize_kernels(options.isa);
  const auto f = static_cast<size_t>(from), t = static_cast<size_t>(to);
  fn_ = form_ == QuantizeForm::quantize     ? kernels.quantize[t]
        : form_ == QuantizeForm::dequantize ? kernels.dequantize[f]
                                            : kernels.requantize[f][t];
  x_bytes_ = static_cast<int64_t>(size_of(call.in[0].dtype));
  y_bytes_ = static_cast<int64_t>(size_of(call.out[0].dtype));
  set_extents(call.out[0].dims);
  return {};
}

void QuantizeKernel::run_elements(const OpCall& call, int64_t begin, int64_t end) const {
  Requantization r = what_;
  r.x = static_cast<const std::byte*>(call.in[0].data) + begin * x_bytes_;
  r.y = static_cast<std::byte*>(call.out[0].data) + begin * y_bytes_;
  r.count = end - begin;
  fn_(r);
}

}  // namespace fettle::runtime
