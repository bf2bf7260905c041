// SPDX-License-Identifier: Apache-2.0
//
// Strict reading of YAML: a map is a table of the keys it takes, and everything else (unknown,
// doubled or missing keys, wrong kinds, wrong units, numbers out of range, texts with control
// characters) is an error with file, line and key. The parser's own types stay behind YamlNode, so
// that its header is included in one place.
//
// Thread safety: none; a document is read by one thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "device/figure.h"

namespace fettle::device {

// A place in a document: the node, and the path of keys that led to it.
struct YamlNode {
  const void* node = nullptr;
  std::string key;  // "clusters[0].clocks[2].voltage"
};

class YamlReader {
 public:
  using Fill = std::function<Status(const YamlNode&)>;
  enum Need { required, optional };
  struct Field {
    std::string_view name;
    Need need;
    Fill fill;
  };

  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  // Parses exactly one document and hands its root to `fill`.
  Status read(std::string_view text, const Fill& fill);
  Status map(const YamlNode& at, std::initializer_list<Field> fields) const;
  Status list(const YamlNode& at, size_t least, size_t most, const Fill& each) const;
  // Any keys; each value a text.
  Status texts(const YamlNode& at, std::map<std::string, std::string>* out) const;
  Status text(const YamlNode& at, std::string* out) const;
  Status integer(const YamlNode& at, int least, int most, int* out) const;
  // {value: 4.2, unit: GB/s, source: text or key, estimate: true}, or the same as
  // [4.2, GB/s, source, estimate] with the last one or two left out.
  Status figure(const YamlNode& at, Quantity quantity, Figure* out) const;
  Status figure(const YamlNode& at, Quantity quantity, MaybeFigure* out) const;
  Status error(const YamlNode& at, const std::string& message) const;

  // What figures may cite by key.
  void set_sources(std::map<std::string, std::string> sources) { sources_ = std::move(sources); }

 private:
  Status cite(const YamlNode& at, Figure* out) const;

  std::string file_;
  std::map<std::string, std::string> sources_;
};

}  // namespace fettle::device
