// SPDX-License-Identifier: Apache-2.0
//
// Datasets that a table lists: pictures or arrays by path, raw tensors, sentences.
#include <limits>

#include "base/files.h"
#include "data/dataset/source.h"
#include "data/dataset/table.h"
#include "data/image.h"
#include "data/npy.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxTableBytes = size_t{1} << 30;
constexpr size_t kMaxTensorBytes = size_t{256} << 20;

class TableDataset : public Dataset {
 public:
  TableDataset(DatasetInfo info, std::string folder, LabelledText table)
      : Dataset(std::move(info)), folder_(std::move(folder)), table_(std::move(table)) {}

 protected:
  int64_t count() const override { return static_cast<int64_t>(table_.items.size()); }
  Result<Sample> load(int64_t index) const override {
    Sample sample;
    sample.id = table_.items[static_cast<size_t>(index)];
    sample.label = table_.labels[static_cast<size_t>(index)];
    const std::string path = join_path(folder_, sample.id);
    if (sample.id.ends_with(".npy")) {
      FETTLE_ASSIGN(sample.item, read_npy(path));
    } else if (sample.id.ends_with(".bin")) {
      FETTLE_ASSIGN(const std::string bytes, read_file(path, kMaxTensorBytes));
      sample.item =
          Tensor::vector<int8_t>({reinterpret_cast<const int8_t*>(bytes.data()), bytes.size()});
    } else {
      sample.kind = ItemKind::image;
      FETTLE_ASSIGN(sample.item, read_image(path));
    }
    return sample;
  }

 private:
  std::string folder_;
  LabelledText table_;
};

class SentenceDataset : public Dataset {
 public:
  SentenceDataset(DatasetInfo info, LabelledText table)
      : Dataset(std::move(info)), table_(std::move(table)) {}

 protected:
  int64_t count() const override { return static_cast<int64_t>(table_.items.size()); }
  Result<Sample> load(int64_t index) const override {
    const auto i = static_cast<size_t>(index);
    Sample sample;
    sample.id = "sentence " + std::to_string(index + 1);
    sample.kind = ItemKind::text;
    sample.text = table_.items[i];
    sample.label = table_.labels[i];
    return sample;
  }

 private:
  LabelledText table_;
};

DatasetInfo info_of(const Source& source, const char* format, LabelledText* table) {
  DatasetInfo info{.name = source.name, .format = format};
  for (int64_t label : table->labels) {
    if (label >= 0) info.task = Task::classification;
  }
  info.class_names = table->class_names;
  return info;
}

Result<LabelledText> read_table(const std::string& path, const std::string& folder,
                                decltype(parse_labelled_csv)* parse) {
  FETTLE_ASSIGN(const std::vector<std::string> names, read_class_names(folder));
  FETTLE_ASSIGN(const std::string text, read_file(path, kMaxTableBytes));
  auto table = parse(text, names);
  if (!table.ok()) return table.take_status().at(path);
  return table;
}
}  // namespace

Result<LabelledText> parse_raw_tensor_table(std::string_view text) {
  FETTLE_ASSIGN(const std::vector<Row> rows, parse_csv(text));
  LabelledText out;
  std::vector<std::string> written;
  for (const Row& row : rows) {
    if (row.cells.size() != 3) {
      return invalid_input("the row must be file,classes,label",
                           "line " + std::to_string(row.line));
    }
    out.items.push_back(row.cells[0]);
    written.push_back(row.cells[2]);
  }
  if (out.items.empty()) return invalid_input("the table is empty");
  FETTLE_TRY(encode_labels(written, {}, &out));
  return out;
}

OpenedDataset open_raw_tensors(const Source& source) {
  const bool is_table = !source.is_folder && source.name == "y_labels.csv";
  if (!is_table && !source.listing.has_file("y_labels.csv")) return OpenedDataset(nullptr);
  const std::string path = source.folder + "/y_labels.csv";
  FETTLE_ASSIGN(const std::string text, read_file(path, kMaxTableBytes));
  auto table = parse_raw_tensor_table(text);
  if (!table.ok()) return table.take_status().at(path);
  DatasetInfo info = info_of(source, "raw tensors", &*table);
  FETTLE_ASSIGN(info.class_names, read_class_names(source.folder));
  return OpenedDataset(
      std::make_unique<TableDataset>(std::move(info), source.folder, std::move(*table)));
}

OpenedDataset open_csv(const Source& source) {
  const bool is_table = !source.is_folder && source.name.ends_with(".csv");
  if (!is_table && !source.listing.has_file("labels.csv")) return OpenedDataset(nullptr);
  const std::string path = is_table ? source.path : source.path + "/labels.csv";
  FETTLE_ASSIGN(LabelledText table, read_table(path, source.folder, parse_labelled_csv));
  DatasetInfo info = info_of(source, "CSV", &table);
  return OpenedDataset(
      std::make_unique<TableDataset>(std::move(info), source.folder, std::move(table)));
}

OpenedDataset open_tsv(const Source& source) {
  std::string path = !source.is_folder && source.name.ends_with(".tsv") ? source.path : "";
  for (const std::string& split : split_names(source.split)) {
    if (path.empty() && source.listing.has_file(split + ".tsv")) {
      path = source.path + "/" + split + ".tsv";
    }
  }
  if (path.empty()) return OpenedDataset(nullptr);
  FETTLE_ASSIGN(LabelledText table, read_table(path, source.folder, parse_labelled_tsv));
  DatasetInfo info = info_of(source, "TSV", &table);
  return OpenedDataset(std::make_unique<SentenceDataset>(std::move(info), std::move(table)));
}

}  // namespace fettle::data
