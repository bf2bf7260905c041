// SPDX-License-Identifier: Apache-2.0
//
// How good a model is on a dataset: the metric of the dataset's task, and how far a second model
// agrees with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "data/dataset.h"
#include "runtime/session.h"

namespace fettle::measure {

// Where a model's first input comes from.
class InputReader {
 public:
  InputReader(const data::Dataset& dataset, data::PreprocessSpec spec)
      : dataset_(dataset), spec_(std::move(spec)) {}
  // Input of sample i for a model whose first input is `like`. *sample gets the sample's truth.
  Result<Tensor> read(int64_t i, const TensorView& like, data::Sample* sample) const;

 private:
  const data::Dataset& dataset_;
  data::PreprocessSpec spec_;
};

struct Accuracy {
  data::Task task = data::Task::none;
  int64_t samples = 0;
  std::optional<double> top1, top5;  // classification, shares of 1
  std::optional<double> mean_iou;    // segmentation
  struct Agreement {
    double top1, sqnr_db, max_abs_difference;
  };
  std::optional<Agreement> agreement;  // with the second model, over all of output 0
  // The number that accuracy budgets are held against, and its name; absent without labels.
  std::optional<double> metric() const { return top1 ? top1 : mean_iou; }
  const char* metric_name() const { return top1 ? "top-1" : "mIoU"; }
};

// `against` may be null. Labels count from the model's output 0; `label_offset` is added to them
// (1 for the ImageNet models with a background class).
Result<Accuracy> evaluate(runtime::Session& session, runtime::Session* against,
                          const data::Dataset& dataset, const InputReader& reader,
                          int64_t label_offset, const std::function<void(double)>& progress);

}  // namespace fettle::measure
