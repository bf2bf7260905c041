// SPDX-License-Identifier: Apache-2.0
#include "measure/evaluate.h"

#include <algorithm>

#include "data/metrics.h"

namespace fettle::measure {

Result<Tensor> InputReader::read(int64_t i, const TensorView& like, data::Sample* sample) const {
  FETTLE_ASSIGN(*sample, dataset_.sample(i));
  auto input = data::make_input(*sample, spec_, {like.dtype, like.dims, like.quant});
  if (!input.ok()) return input.take_status().at("sample '" + sample->id + "'");
  return input;
}

namespace {

// Output 0 in real numbers.
std::vector<float> real_output(const runtime::Session& session) {
  const TensorView& out = session.output(0);
  std::vector<float> values = to_float(out);
  if (out.quant != nullptr && out.quant->per_tensor()) {
    const auto zero = static_cast<float>(out.quant->zero_point[0]);
    for (float& v : values) v = (v - zero) * out.quant->scale[0];
  }
  return values;
}

// Per pixel of the mask, the class of highest score at the nearest place of the output, which is
// [1,H,W,classes] or [1,classes,H,W], or [1,H,W] of classes already.
Status classes_at_mask(const runtime::Session& session, const Tensor& mask, int64_t classes,
                       std::vector<int32_t>* out) {
  const TensorView& scores = session.output(0);
  const Dims& d = scores.dims;
  const bool last = d.rank() == 4 && d[3] == classes;
  const bool first = d.rank() == 4 && d[1] == classes && !last;
  const bool decided = d.rank() == 3 || (d.rank() == 4 && !last && !first && d.back() == 1);
  if (!last && !first && !decided) {
    return unsupported("output " + d.to_string() + " is no map of " + std::to_string(classes) +
                       " classes");
  }
  const int64_t height = first ? d[2] : d[1], width = first ? d[3] : d[2];
  const std::vector<float> values = to_float(scores);
  const int64_t rows = mask.dims()[0], columns = mask.dims()[1];
  out->resize(static_cast<size_t>(rows * columns));
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      const int64_t pixel = y * height / rows * width + x * width / columns;
      int64_t best = 0;
      if (decided) {
        best = static_cast<int64_t>(values[static_cast<size_t>(pixel)]);
      } else {
        const int64_t step = last ? 1 : height * width;
        const float* at = values.data() + (last ? pixel * classes : pixel);
        for (int64_t c = 1; c < classes; ++c) best = at[c * step] > at[best * step] ? c : best;
      }
      (*out)[static_cast<size_t>(y * columns + x)] = static_cast<int32_t>(best);
    }
  }
  return {};
}

}  // namespace

Result<Accuracy> evaluate(runtime::Session& session, runtime::Session* against,
                          const data::Dataset& dataset, const InputReader& reader,
                          int64_t label_offset, const std::function<void(double)>& progress) {
  if (session.inputs() != 1 || (against != nullptr && against->inputs() != 1)) {
    return unsupported("a model with one input is needed to evaluate on a dataset");
  }
  Accuracy accuracy;
  accuracy.task = dataset.info().task;
  if (accuracy.task == data::Task::detection && against == nullptr) {
    return unsupported(
        "this build has no decoder from a model's outputs to boxes, so that a detector can be "
        "evaluated against a second model (--against) only");
  }
  data::TopK top;
  data::Agreement agreement;
  const auto classes = static_cast<int64_t>(std::max<size_t>(dataset.info().class_names.size(), 1));
  data::MeanIou iou(std::max<int64_t>(classes, 21));
  bool labelled = false;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    if (progress) progress(static_cast<double>(i) / static_cast<double>(dataset.size()));
    data::Sample sample;
    FETTLE_ASSIGN(const Tensor input, reader.read(i, session.input(0), &sample));
    FETTLE_TRY(session.set_input(0, input.view()));
    FETTLE_TRY(session.run());
    ++accuracy.samples;
    const std::vector<float> scores = real_output(session);
    if (accuracy.task == data::Task::classification && sample.label >= 0) {
      if (sample.label + label_offset >= static_cast<int64_t>(scores.size())) {
        return invalid_input("label " + std::to_string(sample.label) + " is past the model's " +
                                 std::to_string(scores.size()) + " outputs",
                             "sample '" + sample.id + "'");
      }
      top.add(scores, sample.label + label_offset);
      labelled = true;
    }
    if (accuracy.task == data::Task::segmentation && sample.mask.raw() != nullptr) {
      std::vector<int32_t> predicted;
      FETTLE_TRY(classes_at_mask(session, sample.mask, std::max<int64_t>(classes, 21), &predicted));
      iou.add(sample.mask.data<uint8_t>(), predicted);
      labelled = true;
    }
    if (against == nullptr) continue;
    FETTLE_ASSIGN(const Tensor second, reader.read(i, against->input(0), &sample));
    FETTLE_TRY(against->set_input(0, second.view()));
    FETTLE_TRY(against->run());
    const std::vector<float> other = real_output(*against);
    if (other.size() != scores.size()) {
      return invalid_input("the two models' first outputs differ in size: " +
                           std::to_string(scores.size()) + " and " + std::to_string(other.size()));
    }
    agreement.add(other, scores);
  }
  if (labelled && accuracy.task == data::Task::classification) {
    accuracy.top1 = top.top1();
    accuracy.top5 = top.top5();
  }
  if (labelled && accuracy.task == data::Task::segmentation) accuracy.mean_iou = iou.mean_iou();
  if (against != nullptr) {
    accuracy.agreement = {agreement.top1(), agreement.sqnr_db(), agreement.max_abs_difference()};
  }
  return accuracy;
}

}  // namespace fettle::measure
