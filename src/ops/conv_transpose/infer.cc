// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops/conv_transpose/conv_transpose.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {
constexpr const char* kOp = "ConvTranspose";

// Output extents that were asked for, by attribute or input; false where none were.
Status stated_extents(const OpCall& call, const ConvTransposeShape& s, bool* given, int64_t* out) {
  const int rank = s.window.rank;
  const auto list = call.attrs.get_ints("output_shape");
  *given = call.has_in(3) || !list.empty();
  if (!*given) return {};
  if (call.has_in(3)) {
    if (!has_values(call, 3)) return needs_value(kOp, "output shape");
    const bool whole = call.in[3].dtype == DType::i32 || call.in[3].dtype == DType::i64;
    if (!whole || call.in[3].elements() != rank + 2) {
      return invalid_input("ConvTranspose: the output shape should hold " +
                           std::to_string(rank + 2) + " integers");
    }
  } else if (static_cast<int>(list.size()) != rank) {
    return invalid_input("ConvTranspose: output_shape should hold the spatial extents only");
  }
  for (int i = 0; i < rank; ++i) {
    const int64_t e = call.has_in(3) ? value_at(call.in[3], i + (s.nhwc ? 1 : 2)) : list[i];
    if (e < 1 || e > kMaxElements) return invalid_input("ConvTranspose: impossible output shape");
    out[kSpatial - rank + i] = e;
  }
  return {};
}

Status resolve_output(const OpCall& call, ConvTransposeShape* s) {
  Window& w = s->window;
  const int rank = w.rank;
  const auto extra = call.attrs.get_ints("output_padding");
  if (!extra.empty() && static_cast<int>(extra.size()) != rank) {
    return invalid_input("ConvTranspose: output_padding should have one number an axis");
  }
  bool stated = false;
  int64_t want[kSpatial] = {1, 1, 1};
  FETTLE_TRY(stated_extents(call, *s, &stated, want));
  const std::string_view mode = call.attrs.get_string("auto_pad", "NOTSET");
  const bool same = mode.starts_with("SAME");
  for (int a = kSpatial - rank; a < kSpatial; ++a) {
    const int64_t more = extra.empty() ? 0 : extra[a - (kSpatial - rank)];
    if (more < 0 || more > kMaxWindow || w.in[a] > kMaxElements) {
      return invalid_input("ConvTranspose: output_padding is out of range");
    }
    const int64_t full = w.in[a] == 0 ? 0 : w.stride[a] * (w.in[a] - 1) + w.effective(a) + more;
    if (!stated && !same) {
      w.out[a] = full - w.pad_begin[a] - w.pad_end[a];
      if (w.out[a] < 0) return invalid_input("ConvTranspose: its pads leave no output");
      continue;
    }
    w.out[a] = stated ? want[a] : w.in[a] * w.stride[a];
    const int64_t pad = std::max<int64_t>(full - w.out[a], 0);
    w.pad_begin[a] = mode == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
    w.pad_end[a] = pad - w.pad_begin[a];
  }
  return {};
}
}  // namespace

Status resolve_conv_transpose(const OpCall& call, ConvTransposeShape* s) {
  const Dims& x = call.in[0].dims;
  const Dims& w = call.in[1].dims;
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 3, 2 + kSpatial));
  FETTLE_TRY(require_rank(kOp, "weight", call.in[1], x.rank(), x.rank()));
  FETTLE_TRY(parse_layout(kOp, call.attrs, &s->nhwc));
  FETTLE_TRY(parse_activation(call.attrs, &s->activation));
  FETTLE_TRY(
      read_window(kOp, call.attrs, spatial_of(x, s->nhwc), spatial_of(w, s->nhwc), &s->window));
  FETTLE_TRY(resolve_output(call, s));
  s->x = image_of(x, s->nhwc);
  s->group = call.attrs.get_int("group", 1);
  if (s->group < 1 || s->group > std::max<int64_t>(s->x.channels, 1) || w[1] > kMaxElements) {
    return invalid_input("ConvTranspose: group is out of range");
  }
  s->out_channels = s->nhwc ? w[0] : w[1] * s->group;
  const int64_t in_channels = s->nhwc ? w.back() * s->group : w[0];
  if (in_channels != s->x.channels || s->x.channels % s->group != 0 ||
      s->out_channels % s->group != 0) {
    return invalid_input("ConvTranspose: input " + x.to_string() + " and weight " + w.to_string() +
                         " do not fit " + std::to_string(s->group) + " groups");
  }
  const Dims out = image_dims(s->window.rank, s->nhwc, s->x.batch, s->out_channels, s->window.out);
  if (!out.valid()) return invalid_input("ConvTranspose: its output would be too large");
  s->y = image_of(out, s->nhwc);
  const Image weight = image_of(w, s->nhwc);
  s->w_step_o = s->nhwc ? weight.step_n : weight.step_c;
  s->w_step_i = s->nhwc ? weight.step_c : weight.step_n;
  for (int a = 0; a < kSpatial; ++a) s->w_step[a] = weight.step[a];
  if (call.has_in(2)) FETTLE_TRY(require_dims(kOp, "bias", call.in[2], {s->out_channels}));
  return {};
}

}  // namespace fettle::ops
