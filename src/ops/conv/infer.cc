// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops/conv/conv.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"

namespace fettle::ops {

Status resolve_conv(const OpCall& call, ConvShape* s) {
  const Dims& x = call.in[0].dims;
  const Dims& w = call.in[1].dims;
  FETTLE_TRY(require_rank("Conv", "input", call.in[0], 3, 2 + kSpatial));
  FETTLE_TRY(require_rank("Conv", "weight", call.in[1], x.rank(), x.rank()));
  FETTLE_TRY(parse_layout("Conv", call.attrs, &s->nhwc));
  FETTLE_TRY(parse_activation(call.attrs, &s->activation));
  const int rank = x.rank() - 2;
  const Dims kernel = spatial_of(w, s->nhwc);
  const auto stated = call.attrs.get_ints("kernel_shape");
  if (!stated.empty() &&
      !(Dims(stated.begin(), stated.begin() + std::min<size_t>(stated.size(), 8)) == kernel)) {
    return invalid_input("Conv: kernel_shape does not agree with the weight " + w.to_string());
  }
  FETTLE_TRY(resolve_window("Conv", call.attrs, spatial_of(x, s->nhwc), kernel, &s->window));
  s->x = image_of(x, s->nhwc);
  s->group = call.attrs.get_int("group", 1);
  s->out_channels = w[0];
  s->in_per_group = s->nhwc ? w.back() : w[1];
  if (s->group < 1 || s->group > s->x.channels || s->in_per_group * s->group != s->x.channels ||
      s->out_channels % s->group != 0) {
    return invalid_input("Conv: input " + x.to_string() + " and weight " + w.to_string() +
                         " do not fit " + std::to_string(s->group) + " groups");
  }
  s->y = image_of(image_dims(rank, s->nhwc, s->x.batch, s->out_channels, s->window.out), s->nhwc);
  const Image weight = image_of(w, s->nhwc);
  s->w_step_o = weight.step_n;
  s->w_step_i = weight.step_c;
  for (int a = 0; a < kSpatial; ++a) s->w_step[a] = weight.step[a];
  if (call.has_in(2)) FETTLE_TRY(require_dims("Conv", "bias", call.in[2], {s->out_channels}));
  if (call.has_in(3)) {
    FETTLE_TRY(require_dims("Conv", "residual", call.in[3],
                            image_dims(rank, s->nhwc, s->x.batch, s->out_channels, s->window.out)));
  }
  return {};
}

Status infer_conv(const OpCall& call) {
  ConvShape s;
  FETTLE_TRY(resolve_conv(call, &s));
  if (has_dynamic_range(call)) {
    FETTLE_TRY(infer_conv_dynamic_range(call));
  } else if (any_quantized(call)) {
    FETTLE_TRY(infer_conv_integer(call));
  } else {
    FETTLE_TRY(require_float("Conv", "input", call.in[0]));
    for (size_t i = 1; i < call.in.size(); ++i) {
      if (call.has_in(i)) FETTLE_TRY(require_same_dtype("Conv", call.in[0], call.in[i]));
    }
    call.out[0].dtype = call.in[0].dtype;
  }
  call.out[0].dims =
      image_dims(call.in[0].dims.rank() - 2, s.nhwc, s.x.batch, s.out_channels, s.window.out);
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

bool rows_conv(const OpCall& call, int input, Rows out, Rows* in) {
  if (input == 3) return rows_same(call, input, out, in);  // the residual
  ConvShape s;
  if (input != 0 || !resolve_conv(call, &s).ok() || !s.nhwc || s.window.rank != 2) return false;
  if (has_dynamic_range(call) && !ranges_by_pixel(s)) return false;  // a range is of all rows
  *in = rows_of(s.window, out);
  return true;
}

Cost cost_conv(const OpCall& call) {
  ConvShape s;
  if (!resolve_conv(call, &s).ok()) return {};
  return {.macs =
              s.x.batch * s.out_channels * s.window.positions() * s.in_per_group * s.window.taps()};
}

}  // namespace fettle::ops
