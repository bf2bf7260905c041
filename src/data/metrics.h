// SPDX-License-Identifier: Apache-2.0
//
// What is measured on a labelled dataset, as accumulators: add one sample at a time, read at the
// end. Rates are fractions from 0 to 1, and 0 where nothing was added.
//
// Thread safety: none; one accumulator a thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "data/sample.h"

namespace fettle::data {

// How often the label is the best, or among the five best, of the scores. Of equal scores the one
// with the lower index counts as better, as in argmax; a NaN is worse than any number.
class TopK {
 public:
  // Labels outside the scores count as missed.
  void add(std::span<const float> scores, int64_t label);
  double top1() const { return rate(hits1_); }
  double top5() const { return rate(hits5_); }
  int64_t count() const { return count_; }

 private:
  double rate(int64_t hits) const {
    return count_ == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(count_);
  }
  int64_t hits1_ = 0, hits5_ = 0, count_ = 0;
};

// Index of the greatest score, the first of equals; -1 for none.
int64_t argmax(std::span<const float> scores);

// Area under the ROC curve: the chance that a positive scores above a negative, a tie counting
// half. 0.5 where one of the two is absent. NaN scores rank lowest.
class RocAuc {
 public:
  void add(float score, bool positive) { entries_.push_back({score, positive}); }
  double area() const;

 private:
  struct Entry {
    float score;
    bool positive;
  };
  std::vector<Entry> entries_;
};

// Semantic segmentation from one confusion matrix over all pixels. Labels of 255 are not counted.
class MeanIou {
 public:
  static constexpr int64_t kIgnored = 255;
  explicit MeanIou(int64_t classes);
  // Both of the same length; a prediction outside the classes counts as wrong.
  void add(std::span<const uint8_t> labels, std::span<const int32_t> predicted);
  // Over the classes that occur in labels or predictions.
  double mean_iou() const;
  double iou(int64_t class_id) const;  // negative: the class does not occur
  double pixel_accuracy() const;

 private:
  int64_t classes_;
  std::vector<int64_t> matrix_;  // [label][predicted], a last column for what is no class
};

// How near one model's outputs come to another's.
class Agreement {
 public:
  // Both of the same length, one output of one sample.
  void add(std::span<const float> reference, std::span<const float> other);
  double top1() const;     // share of samples with the same argmax
  double sqnr_db() const;  // signal to noise; infinite where nothing differs
  double max_abs_difference() const { return max_abs_; }  // infinite where only one is finite
  int64_t count() const { return count_; }

 private:
  int64_t same_ = 0, count_ = 0;
  double signal_ = 0, noise_ = 0, max_abs_ = 0;
};

struct Detection {
  Box box;  // class_id counts, is_crowd and area do not
  float score = 0;
};

// Mean average precision by COCO's rules: at most 100 detections a picture and class, matched
// greedily by score at each of ten overlaps from 0.5 to 0.95, precision read at 101 recalls;
// detections in a crowd are neither right nor wrong. Small, medium and large objects are split at
// areas of 32^2 and 96^2 pixels.
class MeanAp {
 public:
  static constexpr int kOverlaps = 10, kMaxDetections = 100;
  enum AreaRange { all, small, medium, large, kAreaRanges };

  // `images` may come in any order, each once.
  void add_image(std::span<const Box> truth, std::span<const Detection> detections);

  struct Summary {   // negative: no object of that kind
    double ap = -1;  // the mean over overlaps and classes
    double ap50 = -1, ap75 = -1;
    double ap_small = -1, ap_medium = -1, ap_large = -1;
    double ar100 = -1;                     // mean recall
    std::vector<double> ap_by_class = {};  // over overlaps, by class_id
  };
  Summary summarize() const;

 private:
  struct Scored {
    int64_t class_id;
    int64_t order;  // of picture and rank: ties in score fall as COCO's do
    float score;
    // One bit an overlap.
    std::array<uint16_t, kAreaRanges> matched, ignored;
  };
  struct Curve {
    double precision = -1, recall = -1;
  };
  Curve curve(std::span<const Scored*> sorted, int range, int overlap, int64_t positives) const;

  std::vector<Scored> scored_;
  std::vector<std::array<int64_t, kAreaRanges>> positives_;  // by class_id
  int64_t next_order_ = 0;
};

}  // namespace fettle::data
