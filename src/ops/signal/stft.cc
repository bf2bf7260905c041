// SPDX-License-Identifier: Apache-2.0
//
// STFT: Fourier transforms of frames of a signal [batch, length, 1 or 2], each weighted by the
// window, frame_step apart: [batch, frames, bins, 2].
#include <algorithm>

#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/signal/fourier.h"
#include "ops/signal/signal.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"onesided", AttrKind::integer}};

struct Plan {
  int64_t step = 0, length = 0, frames = 0;
  bool onesided = true;
  int64_t bins() const { return onesided ? length / 2 + 1 : length; }
};

Status resolve(const OpCall& call, Plan* p) {
  const TensorView& x = call.in[0];
  FETTLE_TRY(require_float("STFT", "signal", x));
  FETTLE_TRY(require_rank("STFT", "signal", x, 3, 3));
  if (x.dims[2] != 1 && x.dims[2] != 2) return invalid_input("STFT: neither real nor complex");
  FETTLE_TRY(scalar_input("STFT", "frame_step", call, 1, 0, &p->step));
  const bool windowed = call.has_in(2);
  int64_t natural = x.dims[1];
  if (windowed) {
    FETTLE_TRY(require_same_dtype("STFT", x, call.in[2]));
    FETTLE_TRY(require_rank("STFT", "window", call.in[2], 1, 1));
    natural = call.in[2].dims[0];
  }
  FETTLE_TRY(scalar_input("STFT", "frame_length", call, 3, natural, &p->length));
  if (windowed && p->length != call.in[2].dims[0]) {
    return invalid_input("STFT: the window is not as long as a frame");
  }
  if (p->step < 1 || p->length < 1 || p->length > x.dims[1]) {
    return invalid_input("STFT: frames of " + std::to_string(p->length) + " every " +
                         std::to_string(p->step) + " do not fit " + std::to_string(x.dims[1]));
  }
  p->frames = 1 + (x.dims[1] - p->length) / p->step;
  p->onesided = call.attrs.get_int("onesided", 1) != 0;
  return {};
}

Status infer(const OpCall& call) {
  Plan p;
  FETTLE_TRY(refuse_quantized("STFT", call));
  FETTLE_TRY(resolve(call, &p));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dynamic = any_dynamic(call);
  call.out[0].dims = {call.in[0].dims[0], p.frames, p.bins(), 2};
  return {};
}

size_t scratch(const OpCall& call) {
  Plan p;
  if (!resolve(call, &p).ok()) return 0;
  return Fourier::scratch_elements(p.length) * sizeof(Complex);
}

Status reference(const OpCall& call) {
  Plan p;
  FETTLE_TRY(resolve(call, &p));
  const TensorView &x = call.in[0], &y = call.out[0];
  const int64_t parts = x.dims[2], bins = p.bins();
  Fourier f(p.length, false, reinterpret_cast<Complex*>(call.scratch.data()));
  int64_t to = 0;
  for (int64_t b = 0; b < x.dims[0]; ++b) {
    for (int64_t frame = 0; frame < p.frames; ++frame) {
      for (int64_t k = 0; k < p.length; ++k) {
        const int64_t at = (b * x.dims[1] + frame * p.step + k) * parts;
        const double w = call.has_in(2) ? number_at(call.in[2], k) : 1;
        f.input()[k] = {w * number_at(x, at), parts == 2 ? w * number_at(x, at + 1) : 0};
      }
      const Complex* out = f.transform();
      for (int64_t k = 0; k < bins; ++k) {
        set_number(y, to++, out[k].re);
        set_number(y, to++, out[k].im);
      }
    }
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements() * 50}; }

constexpr OnnxRule kOnnx[] = {{"STFT", 17}};
constexpr OpDef kOps[] = {{.name = "STFT",
                           .schema = Schema(2, 4, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = scratch,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = kNotApplicable}};  // its step has to be a constant

}  // namespace

FETTLE_OP_TABLE(stft, kOps)

}  // namespace fettle::ops
