// SPDX-License-Identifier: Apache-2.0
//
// What the formats are recognised by: a path, what lies directly below it, and the split wanted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/dataset.h"

namespace fettle::data {

struct Listing {
  std::vector<std::string> files, folders;  // names, sorted
  bool has_file(std::string_view name) const;
  bool has_folder(std::string_view name) const;
};
// Refuses folders of more than ten million entries.
Result<Listing> list_folder(const std::string& path);

struct Source {
  std::string path;    // without a '/' at the end
  std::string folder;  // the path itself, or the folder of the file
  std::string name;    // the last part of the path
  bool is_folder = false;
  Listing listing;  // of a folder
  std::string split;
};
Result<Source> inspect_source(const std::string& path, const std::string& split);

// The other names under which splits go, the best first: test -> test, t10k, val, ...
std::vector<std::string> split_names(const std::string& split);
// Of the folders named like the split, the first there; empty: none.
std::string find_split_folder(const Listing& listing, const std::string& split);

// From classes.txt or classes.yaml in the folder; none is no error.
Result<std::vector<std::string>> read_class_names(const std::string& folder);
Result<std::vector<std::string>> parse_class_names_yaml(std::string_view yaml);

// Every format: null where this is not such a dataset, an error where it is a broken one.
using OpenedDataset = Result<std::unique_ptr<Dataset>>;
OpenedDataset open_idx(const Source& source);
OpenedDataset open_coco(const Source& source);
OpenedDataset open_yolo(const Source& source);
OpenedDataset open_masks(const Source& source);
OpenedDataset open_raw_tensors(const Source& source);
OpenedDataset open_csv(const Source& source);
OpenedDataset open_tsv(const Source& source);
OpenedDataset open_arrays(const Source& source);
OpenedDataset open_class_folders(const Source& source);
OpenedDataset open_image_folder(const Source& source);

inline std::string join_path(const std::string& folder, const std::string& name) {
  return name.starts_with('/') ? name : folder + "/" + name;
}
// The name without its last suffix.
std::string stem_of(const std::string& name);

}  // namespace fettle::data
