// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

namespace fettle::data {

namespace {
constexpr size_t kMaxCells = 4096;
constexpr int64_t kMaxLabel = 1'000'000'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <size_t N>
int find_column(const Row& row, const std::array<std::string_view, N>& names) {
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const std::string cell = lower(row.cells[i]);
    if (std::find(names.begin(), names.end(), cell) != names.end()) return static_cast<int>(i);
  }
  return -1;
}
constexpr std::array<std::string_view, 6> kPathNames = {"path",  "file",       "filename",
                                                        "image", "image_path", "file_name"};
constexpr std::array<std::string_view, 4> kLabelNames = {"label", "class", "target", "y"};
constexpr std::array<std::string_view, 2> kTextNames = {"sentence", "text"};

bool parse_label(std::string_view text, int64_t* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && *out >= 0 && *out <= kMaxLabel;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}
}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Result<std::vector<Row>> parse_csv(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  std::vector<Row> rows;
  int64_t line = 1;
  for (size_t i = 0; i < text.size();) {
    Row row{.line = line};
    bool row_ends = false;
    while (!row_ends) {
      std::string cell;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i >= text.size()) {
            return invalid_input("a quote is never closed", "line " + std::to_string(row.line));
          }
          if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"')
            ++i;
          else if (text[i] == '"')
            break;
          line += text[i] == '\n';
          cell += text[i];
        }
        ++i;
      }
      const size_t end = std::min(text.find_first_of(",\n", i), text.size());
      cell += text.substr(i, end - i);
      row_ends = end == text.size() || text[end] == '\n';
      if (row_ends && cell.ends_with('\r')) cell.pop_back();
      if (row.cells.size() == kMaxCells) {
        return invalid_input("more than 4096 columns", "line " + std::to_string(line));
      }
      row.cells.push_back(std::move(cell));
      i = end + 1;
    }
    ++line;
    if (row.cells.size() > 1 || !row.cells[0].empty()) rows.push_back(std::move(row));
  }
  return rows;
}

Status encode_labels(const std::vector<std::string>& written,
                     const std::vector<std::string>& known_names, LabelledText* out) {
  int64_t number = 0;
  const bool numbers = std::all_of(written.begin(), written.end(), [&](const std::string& w) {
    return w.empty() || parse_label(w, &number);
  });
  out->class_names = known_names;
  if (!numbers && known_names.empty()) {
    out->class_names = written;
    std::sort(out->class_names.begin(), out->class_names.end());
    out->class_names.erase(std::unique(out->class_names.begin(), out->class_names.end()),
                           out->class_names.end());
    std::erase(out->class_names, "");
  }
  std::map<std::string_view, int64_t> index;
  for (size_t i = 0; i < out->class_names.size(); ++i) {
    index.emplace(out->class_names[i], static_cast<int64_t>(i));
  }
  for (size_t i = 0; i < written.size(); ++i) {
    number = -1;
    if (numbers && !written[i].empty()) {
      parse_label(written[i], &number);
    } else if (!written[i].empty()) {
      const auto found = index.find(written[i]);
      if (found == index.end()) {
        return invalid_input("the label '" + written[i] + "' of item " + std::to_string(i + 1) +
                             " is not among the classes");
      }
      number = found->second;
    }
    out->labels.push_back(number);
  }
  return {};
}

Result<LabelledText> parse_labelled_csv(std::string_view text,
                                        const std::vector<std::string>& known_names) {
  FETTLE_ASSIGN(const std::vector<Row> rows, parse_csv(text));
  if (rows.empty()) return invalid_input("the table is empty");
  int path = find_column(rows[0], kPathNames), label = find_column(rows[0], kLabelNames);
  const bool has_header = path >= 0 || (label > 0 && rows[0].cells.size() > 1);
  if (!has_header) label = rows[0].cells.size() > 1 ? 1 : -1;
  if (path < 0) path = label == 0 ? 1 : 0;
  LabelledText out;
  std::vector<std::string> written;
  for (size_t r = has_header ? 1 : 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    if (static_cast<int>(row.cells.size()) <= std::max(path, label)) {
      return invalid_input("the row has " + std::to_string(row.cells.size()) + " columns, " +
                               std::to_string(std::max(path, label) + 1) + " are needed",
                           "line " + std::to_string(row.line));
    }
    out.items.push_back(trimmed(row.cells[static_cast<size_t>(path)]));
    if (out.items.back().empty()) {
      return invalid_input("the path is empty", "line " + std::to_string(row.line));
    }
    written.push_back(label < 0 ? "" : trimmed(row.cells[static_cast<size_t>(label)]));
  }
  if (out.items.empty()) return invalid_input("the table has a header only");
  FETTLE_TRY(encode_labels(written, known_names, &out));
  return out;
}

Result<LabelledText> parse_labelled_tsv(std::string_view text,
                                        const std::vector<std::string>& known_names) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  LabelledText out;
  std::vector<std::string> written;
  int64_t number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    const std::string sentence = trimmed(line.substr(0, tab));
    const std::string label = tab == std::string_view::npos ? "" : trimmed(line.substr(tab + 1));
    if (number == 1 &&
        std::find(kTextNames.begin(), kTextNames.end(), lower(sentence)) != kTextNames.end()) {
      continue;
    }
    if (label.find('\t') != std::string::npos) {
      return invalid_input("more than two columns; sentence and label are expected",
                           "line " + std::to_string(number));
    }
    out.items.push_back(sentence);
    written.push_back(label);
  }
  if (out.items.empty()) return invalid_input("the table is empty");
  FETTLE_TRY(encode_labels(written, known_names, &out));
  return out;
}

}  // namespace fettle::data
