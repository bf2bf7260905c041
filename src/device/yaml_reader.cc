// SPDX-License-Identifier: Apache-2.0
#include "device/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <vector>

namespace fettle::device {

namespace {

constexpr size_t kMaxText = 1000;
constexpr size_t kMaxEntries = 4096;

const YAML::Node& node_of(const YamlNode& at) { return *static_cast<const YAML::Node*>(at.node); }

YamlNode child(const YamlNode& at, const YAML::Node& node, const std::string& name) {
  return {&node, at.key.empty() ? name : at.key + "." + name};
}
YamlNode child(const YamlNode& at, const YAML::Node& node, size_t index) {
  return {&node, at.key + "[" + std::to_string(index) + "]"};
}

bool printable(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

// The parser reads on for ever behind some sequences of end-of-document marks, so none are taken.
bool holds_document_marks(std::string_view text) {
  const auto mark_at = [&](size_t i) {
    const std::string_view start = text.substr(i, 3);
    return start == "---" || start == "...";
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool line_starts = i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r';
    if (line_starts && mark_at(i)) return true;
  }
  return text.substr(0, 3) == "\xef\xbb\xbf" && mark_at(3);
}

// For messages: what a stranger wrote, short and harmless.
std::string shown(std::string_view text) {
  std::string s(text.substr(0, 60));
  for (char& c : s) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return "'" + s + (text.size() > 60 ? "...'" : "'");
}

std::string number_text(double value) {
  char buffer[40];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

template <class T>
bool parse_number(std::string_view text, T* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Status YamlReader::error(const YamlNode& at, const std::string& message) const {
  std::string place = file_;
  if (at.node && node_of(at).Mark().line >= 0) {
    place += ":" + std::to_string(node_of(at).Mark().line + 1);
  }
  return invalid_input((at.key.empty() ? "" : "key '" + at.key + "': ") + message, place);
}

Status YamlReader::read(std::string_view text, const Fill& fill) {
  try {
    if (holds_document_marks(text)) {
      return invalid_input("a file holds one YAML document, without '---' or '...' lines", file_);
    }
    const YAML::Node document = YAML::Load(std::string(text));
    return fill({&document, ""});
  } catch (const YAML::Exception& e) {
    return invalid_input("not YAML: " + e.msg,
                         e.mark.is_null() ? file_ : file_ + ":" + std::to_string(e.mark.line + 1));
  } catch (const std::exception& e) {
    return invalid_input(std::string("not YAML: ") + e.what(), file_);
  }
}

Status YamlReader::map(const YamlNode& at, std::initializer_list<Field> fields) const {
  const YAML::Node& node = node_of(at);
  if (!node.IsMap()) return error(at, "has to be a map of keys");
  std::vector<bool> seen(fields.size());
  std::vector<std::string> names;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) return error(at, "every key has to be a word");
    const std::string& name = entry.first.Scalar();
    size_t i = 0;
    for (; i < fields.size() && fields.begin()[i].name != name; ++i) {
    }
    const YamlNode here = child(at, entry.first, printable(name) && name.size() < 60 ? name : "?");
    if (i == fields.size()) {
      std::string known;
      for (const Field& f : fields) known += (known.empty() ? "" : ", ") + std::string(f.name);
      return error(here, "unknown key " + shown(name) + "; known here are " + known);
    }
    if (seen[i]) return error(here, "stands here twice");
    seen[i] = true;
  }
  // In the table's order, not the file's: what comes first may be cited by what comes later.
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& f = fields.begin()[i];
    const std::string name(f.name);
    if (seen[i]) {
      const YAML::Node value = node[name];
      FETTLE_TRY(f.fill(child(at, value, name)));
    } else if (f.need == required) {
      return error(at, "key '" + name + "' is missing");
    }
  }
  return {};
}

Status YamlReader::list(const YamlNode& at, size_t least, size_t most, const Fill& each) const {
  const YAML::Node& node = node_of(at);
  if (!node.IsSequence()) return error(at, "has to be a list");
  if (node.size() < least || node.size() > most) {
    return error(at, "holds " + std::to_string(node.size()) + " entries; " + std::to_string(least) +
                         " to " + std::to_string(most) + " are taken");
  }
  for (size_t i = 0; i < node.size(); ++i) {
    const YAML::Node entry = node[i];
    FETTLE_TRY(each(child(at, entry, i)));
  }
  return {};
}

Status YamlReader::texts(const YamlNode& at, std::map<std::string, std::string>* out) const {
  const YAML::Node& node = node_of(at);
  if (!node.IsMap() || node.size() > kMaxEntries) return error(at, "has to be a map of texts");
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) return error(at, "every key has to be a word");
    const std::string& name = entry.first.Scalar();
    if (name.size() > 60 || !printable(name)) return error(at, "bad key " + shown(name));
    std::string value;
    FETTLE_TRY(text(child(at, entry.second, name), &value));
    if (!out->emplace(name, std::move(value)).second) {
      return error(child(at, entry.first, name), "stands here twice");
    }
  }
  return {};
}

Status YamlReader::text(const YamlNode& at, std::string* out) const {
  const YAML::Node& node = node_of(at);
  if (!node.IsScalar()) return error(at, "has to be a text");
  if (node.Scalar().empty()) return error(at, "is empty");
  if (node.Scalar().size() > kMaxText) {
    return error(at, "is longer than " + std::to_string(kMaxText) + " bytes");
  }
  if (!printable(node.Scalar())) return error(at, "holds control characters");
  *out = node.Scalar();
  return {};
}

Status YamlReader::integer(const YamlNode& at, int least, int most, int* out) const {
  const YAML::Node& node = node_of(at);
  int value = 0;
  if (!node.IsScalar() || !parse_number(node.Scalar(), &value)) {
    return error(at, "has to be a whole number");
  }
  if (value < least || value > most) {
    return error(at, std::to_string(value) + " is outside " + std::to_string(least) + " to " +
                         std::to_string(most));
  }
  *out = value;
  return {};
}

Status YamlReader::cite(const YamlNode& at, Figure* out) const {
  FETTLE_TRY(text(at, &out->source));
  if (const auto known = sources_.find(out->source); known != sources_.end()) {
    out->source = known->second;
  } else if (out->source.find(' ') == out->source.npos) {
    return error(at, "source " + shown(out->source) + " is neither a key of 'sources' nor a text");
  }
  out->confidence = confidence_of(out->source);
  return {};
}

Status YamlReader::figure(const YamlNode& at, Quantity quantity, Figure* out) const {
  const QuantityRow& row = row_of(quantity);
  std::string unit_name;
  double written = 0;
  const Fill value = [&](const YamlNode& v) {
    const YAML::Node& n = node_of(v);
    const bool good = n.IsScalar() && parse_number(n.Scalar(), &written) && std::isfinite(written);
    return good ? Status() : error(v, "has to be a number");
  };
  const Fill unit = [&](const YamlNode& u) { return text(u, &unit_name); };
  const Fill source = [&](const YamlNode& s) { return cite(s, out); };
  bool estimate = false;
  if (node_of(at).IsMap()) {
    FETTLE_TRY(map(at, {{"value", required, value},
                        {"unit", required, unit},
                        {"source", optional, source},
                        {"estimate", optional, [&](const YamlNode& e) {
                           const YAML::Node& n = node_of(e);
                           if (!n.IsScalar() || (n.Scalar() != "true" && n.Scalar() != "false")) {
                             return error(e, "has to be true or false");
                           }
                           estimate = n.Scalar() == "true";
                           return Status();
                         }}}));
  } else if (node_of(at).IsSequence()) {
    size_t i = 0;
    FETTLE_TRY(list(at, 2, 4, [&](const YamlNode& part) {
      switch (i++) {
        case 0:
          return value(part);
        case 1:
          return unit(part);
        case 2:
          return source(part);
        default:
          break;
      }
      if (!node_of(part).IsScalar() || node_of(part).Scalar() != "estimate") {
        return error(part, "only the word 'estimate' may stand here");
      }
      estimate = true;
      return Status();
    }));
  } else {
    return error(at, "has to be a figure: [number, unit, source]");
  }
  if (estimate) out->confidence = Confidence::estimate;

  std::string units;
  for (const Unit& u : row.units) {
    units += (units.empty() ? "" : ", ") + std::string(u.name);
    if (u.name != unit_name) continue;
    out->value = written * u.scale;
    if (out->value >= row.least && out->value <= row.most) return {};
    return error(at, number_text(written) + " " + unit_name + " is outside " +
                         number_text(row.least / u.scale) + " to " +
                         number_text(row.most / u.scale) + " " + unit_name);
  }
  return error(at, "wrong unit " + shown(unit_name) + "; taken are " + units);
}

Status YamlReader::figure(const YamlNode& at, Quantity quantity, MaybeFigure* out) const {
  return figure(at, quantity, &out->emplace());
}

}  // namespace fettle::device
