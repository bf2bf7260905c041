// SPDX-License-Identifier: Apache-2.0
//
// A dataset as people have it: a folder or a file, recognised by what is there and read an item at
// a time. What is recognised, in this order:
//
//   folder with train-images-idx3-ubyte[.gz] or t10k-...      IDX, as MNIST comes
//   folder with annotations/*.json (or one *.json) and images  COCO
//   folder with images/ and labels/*.txt                       YOLO: class cx cy w h, relative
//   folder with images/ and masks/                             a PNG or BMP of labels a picture
//   folder with y_labels.csv                                   raw int8 .bin tensors
//   folder with labels.csv                                     path,label
//   folder with train.tsv, dev.tsv or test.tsv                 sentence <tab> label
//   folder of folders of pictures                              one folder a class
//   folder of pictures                                         unlabelled, for calibration
//   file .csv .tsv .json (COCO) .npz .npy *-images-idx*        the same forms, one file
//
// Beside the data may stand preprocess.yaml (preprocess.h) and the names of the classes, one a line
// in classes.txt, or as `names` in classes.yaml.
//
// Thread safety: samples may be read from several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/preprocess.h"
#include "data/sample.h"

namespace fettle::data {

enum class Task : unsigned char { none, classification, detection, segmentation };
std::string_view name_of(Task task);

struct DatasetInfo {
  std::string name;    // the folder's or file's
  std::string format;  // "class folders", "COCO", ...
  Task task = Task::none;
  std::vector<std::string> class_names = {};  // by label; empty where nobody named them
  std::vector<int64_t> category_ids = {};     // COCO: by label, the numbers in the annotations
  std::optional<PreprocessSpec> preprocess = {};
};

class Dataset {
 public:
  explicit Dataset(DatasetInfo info) : info_(std::move(info)) {}
  virtual ~Dataset() = default;
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;

  const DatasetInfo& info() const { return info_; }
  int64_t size() const;
  // Decodes on demand; nothing is kept. Requires 0 <= index < size().
  Result<Sample> sample(int64_t index) const;
  // Takes `count` items spread evenly over all, so that every class of a sorted set is there.
  void limit(int64_t count) { limit_ = count; }
  void set_preprocess(PreprocessSpec spec) { info_.preprocess = std::move(spec); }

 protected:
  virtual int64_t count() const = 0;
  virtual Result<Sample> load(int64_t index) const = 0;

 private:
  DatasetInfo info_;
  int64_t limit_ = 0;  // 0: all
};

struct DatasetOptions {
  // "train", "val" or "test"; empty: what there is to evaluate on (test, else val, else train).
  std::string split = {};
  int64_t limit = 0;            // 0: all
  std::string preprocess = {};  // path; empty: preprocess.yaml beside the data, if there is one
};

// Where nothing is recognised, the error lists what was looked for.
Result<std::unique_ptr<Dataset>> open_dataset(const std::string& path,
                                              const DatasetOptions& options = {});

}  // namespace fettle::data
