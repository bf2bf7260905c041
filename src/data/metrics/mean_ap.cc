// SPDX-License-Identifier: Apache-2.0
//
// Algorithm: as the COCO evaluation defines it (https://cocodataset.org/#detection-eval). Pictures
// are matched as they come, so that neither their boxes nor their overlaps are kept; only a score
// and two bits an overlap remain of each detection.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>

#include "data/metrics.h"

namespace fettle::data {

namespace {
constexpr int kRecalls = 101;
constexpr double kSmallest[] = {0, 0, 32 * 32, 96 * 96};
constexpr double kLargest[] = {1e10, 32 * 32, 96 * 96, 1e10};

// Ten numbers evenly from 0.5 to 0.95, in the arithmetic of the reference: a comparison may hang on
// the last bit.
double overlap_threshold(int i) { return i == 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9); }
double recall_threshold(int i) { return i == 100 ? 1.0 : i * 0.01; }

double area_of(const Box& b) { return std::max(0.0, b.x1 - b.x0) * std::max(0.0, b.y1 - b.y0); }
double object_area(const Box& b) { return b.area >= 0 ? b.area : area_of(b); }

bool in_range(double area, int range) {
  return area >= kSmallest[range] && area <= kLargest[range];
}

// Intersection over union; over the detection alone where the object is a crowd.
double overlap_of(const Box& detection, const Box& object) {
  const double w = std::min(detection.x1, object.x1) - std::max(detection.x0, object.x0);
  const double h = std::min(detection.y1, object.y1) - std::max(detection.y0, object.y0);
  if (w <= 0 || h <= 0) return 0;
  const double both = w * h, alone = area_of(detection);
  return both / (object.is_crowd ? alone : alone + area_of(object) - both);
}

// One class of one picture.
struct Match {
  std::vector<const Box*> truth;
  std::vector<const Detection*> detections;  // by falling score
  std::vector<double> overlaps;              // [detection][truth]
};

// Which object each detection takes at one overlap, in one range of areas: those that count first,
// then those that are to be ignored; a crowd may be taken by many.
void match_at(const Match& m, int range, double threshold, uint16_t bit,
              std::vector<std::array<uint16_t, MeanAp::kAreaRanges>>* matched,
              std::vector<std::array<uint16_t, MeanAp::kAreaRanges>>* ignored) {
  const size_t n = m.truth.size();
  std::vector<size_t> order;
  std::vector<char> skip(n), taken(n);
  for (size_t t = 0; t < n; ++t) {
    skip[t] = m.truth[t]->is_crowd || !in_range(object_area(*m.truth[t]), range);
  }
  for (char pass : {0, 1}) {
    for (size_t t = 0; t < n; ++t) {
      if (skip[t] == pass) order.push_back(t);
    }
  }
  constexpr size_t kNone = std::numeric_limits<size_t>::max();
  for (size_t d = 0; d < m.detections.size(); ++d) {
    double best = std::min(threshold, 1 - 1e-10);
    size_t taken_by_d = kNone;
    for (size_t t : order) {
      if (taken[t] && !m.truth[t]->is_crowd) continue;
      if (taken_by_d != kNone && !skip[taken_by_d] && skip[t]) break;
      if (m.overlaps[d * n + t] < best) continue;
      best = m.overlaps[d * n + t];
      taken_by_d = t;
    }
    if (taken_by_d != kNone) {
      taken[taken_by_d] = 1;
      (*matched)[d][range] |= bit;
      if (skip[taken_by_d]) (*ignored)[d][range] |= bit;
    } else if (!in_range(area_of(m.detections[d]->box), range)) {
      (*ignored)[d][range] |= bit;
    }
  }
}
}  // namespace

void MeanAp::add_image(std::span<const Box> truth, std::span<const Detection> detections) {
  std::map<int64_t, Match> classes;
  for (const Box& box : truth) classes[box.class_id].truth.push_back(&box);
  for (const Detection& d : detections) {
    if (!std::isnan(d.score)) classes[d.box.class_id].detections.push_back(&d);
  }
  for (auto& [class_id, m] : classes) {
    assert(class_id >= 0);
    std::stable_sort(m.detections.begin(), m.detections.end(),
                     [](const Detection* a, const Detection* b) { return a->score > b->score; });
    if (m.detections.size() > kMaxDetections) m.detections.resize(kMaxDetections);
    for (const Detection* d : m.detections) {
      for (const Box* t : m.truth) m.overlaps.push_back(overlap_of(d->box, *t));
    }
    if (class_id >= static_cast<int64_t>(positives_.size())) {
      positives_.resize(static_cast<size_t>(class_id) + 1);
    }
    std::vector<std::array<uint16_t, kAreaRanges>> matched(m.detections.size()),
        ignored(m.detections.size());
    for (int range = 0; range < kAreaRanges; ++range) {
      for (const Box* t : m.truth) {
        const bool counts = !t->is_crowd && in_range(object_area(*t), range);
        positives_[static_cast<size_t>(class_id)][range] += counts ? 1 : 0;
      }
      for (int i = 0; i < kOverlaps; ++i) {
        match_at(m, range, overlap_threshold(i), static_cast<uint16_t>(1u << i), &matched,
                 &ignored);
      }
    }
    for (size_t d = 0; d < m.detections.size(); ++d) {
      scored_.push_back({class_id, next_order_++, m.detections[d]->score, matched[d], ignored[d]});
    }
  }
}

MeanAp::Curve MeanAp::curve(std::span<const Scored*> sorted, int range, int overlap,
                            int64_t positives) const {
  const auto bit = static_cast<uint16_t>(1u << overlap);
  std::vector<double> recall, precision;
  double right = 0, wrong = 0;
  for (const Scored* s : sorted) {
    if ((s->ignored[range] & bit) == 0) ((s->matched[range] & bit) != 0 ? right : wrong) += 1;
    recall.push_back(right / static_cast<double>(positives));
    precision.push_back(right + wrong == 0 ? 0 : right / (right + wrong));
  }
  for (size_t i = precision.size(); i-- > 1;) {
    precision[i - 1] = std::max(precision[i - 1], precision[i]);
  }
  Curve out{0, recall.empty() ? 0 : recall.back()};
  for (int r = 0; r < kRecalls; ++r) {
    const auto at = std::lower_bound(recall.begin(), recall.end(), recall_threshold(r));
    if (at != recall.end()) out.precision += precision[static_cast<size_t>(at - recall.begin())];
  }
  out.precision /= kRecalls;
  return out;
}

MeanAp::Summary MeanAp::summarize() const {
  std::vector<const Scored*> sorted;
  for (const Scored& s : scored_) sorted.push_back(&s);
  std::sort(sorted.begin(), sorted.end(), [](const Scored* a, const Scored* b) {
    if (a->class_id != b->class_id) return a->class_id < b->class_id;
    return a->score != b->score ? a->score > b->score : a->order < b->order;
  });
  struct Mean {
    double sum = 0;
    int64_t count = 0;
    void add(double v) { sum += v, ++count; }
    double value() const { return count == 0 ? -1 : sum / static_cast<double>(count); }
  };
  Mean ap[kAreaRanges], ap50, ap75, recall;
  Summary out;
  size_t begin = 0;
  for (size_t c = 0; c < positives_.size(); ++c) {
    size_t end = begin;
    while (end < sorted.size() && sorted[end]->class_id == static_cast<int64_t>(c)) ++end;
    const std::span<const Scored*> of_class(sorted.data() + begin, end - begin);
    begin = end;
    Mean by_class;
    for (int range = 0; range < kAreaRanges; ++range) {
      if (positives_[c][range] == 0) continue;
      for (int i = 0; i < kOverlaps; ++i) {
        const Curve value = curve(of_class, range, i, positives_[c][range]);
        ap[range].add(value.precision);
        if (range != all) continue;
        by_class.add(value.precision);
        recall.add(value.recall);
        if (i == 0) ap50.add(value.precision);
        if (i == 5) ap75.add(value.precision);
      }
    }
    out.ap_by_class.push_back(by_class.value());
  }
  out.ap = ap[all].value();
  out.ap50 = ap50.value();
  out.ap75 = ap75.value();
  out.ap_small = ap[small].value();
  out.ap_medium = ap[medium].value();
  out.ap_large = ap[large].value();
  out.ar100 = recall.value();
  return out;
}

}  // namespace fettle::data
