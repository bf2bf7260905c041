// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "data/dataset.h"
#include "data/dataset/source.h"

namespace fettle::data {

namespace {
struct Format {
  const char* looks_for;
  OpenedDataset (*open)(const Source&);
};

// The first that recognises the path has it: the more particular ones stand first.
constexpr Format kFormats[] = {
    {"IDX files (train-images-idx3-ubyte[.gz], t10k-images-idx3-ubyte[.gz])", open_idx},
    {"masks/ beside images/ (segmentation)", open_masks},
    {"labels/*.txt beside images/ (YOLO)", open_yolo},
    {"annotations/*.json, or one .json file (COCO)", open_coco},
    {"y_labels.csv (raw int8 .bin tensors: file,classes,label)", open_raw_tensors},
    {"labels.csv, or a .csv file (path,label)", open_csv},
    {"train.tsv, dev.tsv or test.tsv, or a .tsv file (sentence, label)", open_tsv},
    {"a .npz file (x and y) or a .npy file", open_arrays},
    {"folders of JPEG, PNG or BMP pictures, one a class", open_class_folders},
    {"JPEG, PNG or BMP pictures (no labels)", open_image_folder},
};

Status attach_preprocess(const Source& source, const std::string& given, Dataset* dataset) {
  std::string path = given;
  if (path.empty()) {
    path = source.folder + "/preprocess.yaml";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return {};
  }
  FETTLE_ASSIGN(PreprocessSpec spec, read_preprocess(path));
  dataset->set_preprocess(std::move(spec));
  return {};
}
}  // namespace

std::string_view name_of(Task task) {
  switch (task) {
    case Task::none:
      return "none";
    case Task::classification:
      return "classification";
    case Task::detection:
      return "detection";
    case Task::segmentation:
      return "segmentation";
  }
  return "none";
}

int64_t Dataset::size() const { return limit_ > 0 ? std::min(limit_, count()) : count(); }

Result<Sample> Dataset::sample(int64_t index) const {
  const int64_t n = size();
  assert(index >= 0 && index < n);
  // In two parts, so that no product overflows.
  const int64_t all = count(), whole = all / n, rest = all % n;
  return load(index * whole + index * rest / n);
}

Result<std::unique_ptr<Dataset>> open_dataset(const std::string& path,
                                              const DatasetOptions& options) {
  FETTLE_ASSIGN(const Source source, inspect_source(path, options.split));
  for (const Format& format : kFormats) {
    FETTLE_ASSIGN(std::unique_ptr<Dataset> dataset, format.open(source));
    if (dataset == nullptr) continue;
    FETTLE_TRY(attach_preprocess(source, options.preprocess, dataset.get()));
    dataset->limit(options.limit);
    return dataset;
  }
  std::string message = "no dataset is recognised here";
  if (!options.split.empty()) message += " for the split '" + options.split + "'";
  message += "; looked for";
  for (const Format& format : kFormats) {
    message += std::string(&format == kFormats ? " " : "; ") + format.looks_for;
  }
  return invalid_input(message, path);
}

}  // namespace fettle::data
