// SPDX-License-Identifier: Apache-2.0
//
// From ONNX's classical set: ArrayFeatureExtractor picks columns, Binarizer compares with a
// threshold.
#include <cstring>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kBinarizerAttrs[] = {{"threshold", AttrKind::real}};

Status infer_extract(const OpCall& call) {
  const Dims& x = call.in[0].dims;
  FETTLE_TRY(require_rank("ArrayFeatureExtractor", "input", call.in[0], 1, kMaxRank));
  if (call.in[1].dtype != DType::i64) {
    return invalid_input("ArrayFeatureExtractor: indices should be i64");
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = x.rank() == 1 ? Dims{1, x[0]} : x;
  call.out[0].dims[call.out[0].dims.rank() - 1] = call.in[1].elements();
  call.out[0].dynamic = any_dynamic(call);
  call.out[0].quant = call.in[0].quant;
  return {};
}

Status extract(const OpCall& call) {
  const size_t size = size_of(call.in[0].dtype);
  const int64_t width = call.in[0].dims.back(), picks = call.in[1].elements();
  const int64_t rows = call.in[0].dims.product(0, call.in[0].dims.rank() - 1);
  const auto* from = static_cast<const std::byte*>(call.in[0].data);
  auto* to = static_cast<std::byte*>(call.out[0].data);
  for (int64_t k = 0; k < picks; ++k) {
    const int64_t column = call.in[1].as<int64_t>()[k];
    if (column < 0 || column >= width) {
      return invalid_input("ArrayFeatureExtractor: there is no column " + std::to_string(column));
    }
    for (int64_t r = 0; r < rows; ++r) {
      std::memcpy(to + static_cast<size_t>(r * picks + k) * size,
                  from + static_cast<size_t>(r * width + column) * size, size);
    }
  }
  return {};
}

Status infer_binarizer(const OpCall& call) {
  FETTLE_TRY(refuse_quantized("Binarizer", call));
  FETTLE_TRY(require_float("Binarizer", "input", call.in[0]));
  return infer_same(call);
}

Status binarize(const OpCall& call) {
  const float threshold = call.attrs.get_float("threshold", 0);
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    for (int64_t i = 0; i < call.in[0].elements(); ++i) {
      call.out[0].as_mutable<T>()[i] = T(static_cast<Accum<T>>(x[i]) > threshold ? 1.0f : 0.0f);
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

Status read_extractor(ir::Graph&, ir::Node* node, int) {
  node->op = "ArrayFeatureExtractor";
  return {};
}
Status read_binarizer(ir::Graph&, ir::Node* node, int) {
  node->op = "Binarizer";
  return {};
}

std::vector<Case> extract_cases() { return {}; }  // indices are values: conformance covers them
std::vector<Case> binarizer_cases() {
  return {{.name = "threshold", .attrs = {{"threshold", 0.5f}}, .inputs = {f32({4, 5})}}};
}

constexpr OnnxRule kExtract[] = {{"ai.onnx.ml:ArrayFeatureExtractor", 1, read_extractor}},
                   kBinarizer[] = {{"ai.onnx.ml:Binarizer", 1, read_binarizer}};
constexpr OpDef kOps[] = {
    {.name = "ArrayFeatureExtractor",
     .schema = Schema(2, 2, 1, 1),
     .infer = infer_extract,
     .cost = kNotApplicable,
     .reference = extract,
     .scratch = kNotApplicable,
     .in_place = kNotApplicable,
     .rows = kNotApplicable,
     .quant = QuantRule::pass_through,
     .onnx = std::span<const OnnxRule>(kExtract),
     .tflite = kNotApplicable,
     .cases = extract_cases},
    {.name = "Binarizer",
     .schema = Schema(1, 1, 1, 1, kBinarizerAttrs),
     .infer = infer_binarizer,
     .cost = cost,
     .reference = binarize,
     .scratch = kNotApplicable,
     .in_place = in_place_same_shape,
     .rows = kNotApplicable,
     .quant = QuantRule::keep_float,
     .onnx = std::span<const OnnxRule>(kBinarizer),
     .tflite = kNotApplicable,
     .cases = binarizer_cases},
};

}  // namespace

FETTLE_OP_TABLE(feature, kOps)

}  // namespace fettle::ops
