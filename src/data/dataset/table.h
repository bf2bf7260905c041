// SPDX-License-Identifier: Apache-2.0
//
// Text in rows and columns: CSV with quotes (RFC 4180), TSV without, and labels in either, given as
// numbers or as names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace fettle::data {

// Lines without their ends (\n or \r\n); a line end at the very end makes no empty last line.
std::vector<std::string_view> split_lines(std::string_view text);

struct Row {
  int64_t line = 0;  // counted from 1
  std::vector<std::string> cells = {};
};
// Empty lines are left out.
Result<std::vector<Row>> parse_csv(std::string_view text);

// One item and its label, as both tables and sentences have them.
struct LabelledText {
  std::vector<std::string> items = {};
  std::vector<int64_t> labels = {};           // -1 where there is none
  std::vector<std::string> class_names = {};  // where labels are given by name: sorted, or as known
};
// `path,label` in the first two columns, or where a first row names them (path, file, filename,
// image; label, class, target), in any columns. Without a second column there are no labels.
Result<LabelledText> parse_labelled_csv(std::string_view text,
                                        const std::vector<std::string>& known_names = {});
// sentence <tab> label; a first row that says "sentence" or "text" is a header. No quotes.
Result<LabelledText> parse_labelled_tsv(std::string_view text,
                                        const std::vector<std::string>& known_names = {});

// `file,classes,label` without a header, as MLPerf Tiny lists its inputs.
Result<LabelledText> parse_raw_tensor_table(std::string_view text);

// Numbers stay what they are; otherwise labels are names, numbered as in `known_names` or, where
// that is empty, in alphabetical order. An empty label is -1.
Status encode_labels(const std::vector<std::string>& written,
                     const std::vector<std::string>& known_names, LabelledText* out);

}  // namespace fettle::data
