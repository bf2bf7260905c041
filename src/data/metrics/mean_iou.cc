// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "data/metrics.h"

namespace fettle::data {

MeanIou::MeanIou(int64_t classes)
    : classes_(classes), matrix_(static_cast<size_t>(classes * (classes + 1))) {}

void MeanIou::add(std::span<const uint8_t> labels, std::span<const int32_t> predicted) {
  assert(labels.size() == predicted.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == kIgnored || labels[i] >= classes_) continue;
    const bool known = predicted[i] >= 0 && predicted[i] < classes_;
    ++matrix_[static_cast<size_t>(labels[i] * (classes_ + 1) + (known ? predicted[i] : classes_))];
  }
}

double MeanIou::iou(int64_t class_id) const {
  int64_t labelled = 0, predicted = 0;
  for (int64_t p = 0; p <= classes_; ++p) {
    labelled += matrix_[static_cast<size_t>(class_id * (classes_ + 1) + p)];
  }
  for (int64_t l = 0; l < classes_; ++l) {
    predicted += matrix_[static_cast<size_t>(l * (classes_ + 1) + class_id)];
  }
  const int64_t both = matrix_[static_cast<size_t>(class_id * (classes_ + 1) + class_id)];
  const int64_t either = labelled + predicted - both;
  return either == 0 ? -1 : static_cast<double>(both) / static_cast<double>(either);
}

double MeanIou::mean_iou() const {
  double sum = 0;
  int64_t count = 0;
  for (int64_t c = 0; c < classes_; ++c) {
    if (iou(c) < 0) continue;
    sum += iou(c);
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double MeanIou::pixel_accuracy() const {
  int64_t right = 0, all = 0;
  for (int64_t l = 0; l < classes_; ++l) {
    for (int64_t p = 0; p <= classes_; ++p) {
      const int64_t n = matrix_[static_cast<size_t>(l * (classes_ + 1) + p)];
      all += n;
      right += l == p ? n : 0;
    }
  }
  return all == 0 ? 0 : static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace fettle::data
