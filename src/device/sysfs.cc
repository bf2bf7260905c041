// SPDX-License-Identifier: Apache-2.0
#include "device/sysfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

namespace fettle::device {

namespace {

constexpr size_t kMaxBytes = size_t{4} << 20, kChunk = 4096;
constexpr size_t kMaxCpus = 4096;

// Takes a number off the front.
std::optional<int64_t> take_number(std::string_view* text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{}) return {};
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return value;
}

}  // namespace

std::string read_sysfs(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  size_t size = 0;
  while (size < kMaxBytes) {
    text.resize(size + kChunk);
    const ssize_t n = ::read(fd, text.data() + size, kChunk);
    if (n <= 0) break;
    size += static_cast<size_t>(n);
  }
  close(fd);
  while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\0')) --size;
  text.resize(size);
  return text;
}

std::optional<int64_t> read_sysfs_number(const std::string& path) {
  const std::string text = read_sysfs(path);
  std::string_view rest = text;
  const auto value = take_number(&rest);
  return rest.empty() ? value : std::nullopt;
}

std::vector<int> parse_cpu_list(std::string_view list) {
  std::vector<int> cpus;
  while (!list.empty() && cpus.size() < kMaxCpus) {
    const auto first = take_number(&list);
    if (!first || *first < 0 || *first >= static_cast<int64_t>(kMaxCpus)) break;
    int64_t last = *first;
    if (list.starts_with('-')) {
      list.remove_prefix(1);
      const auto end = take_number(&list);
      if (!end || *end < *first || *end >= static_cast<int64_t>(kMaxCpus)) break;
      last = *end;
    }
    for (int64_t i = *first; i <= last; ++i) cpus.push_back(static_cast<int>(i));
    if (!list.starts_with(',')) break;
    list.remove_prefix(1);
  }
  return cpus;
}

std::optional<int64_t> parse_cache_size(std::string_view text) {
  const auto value = take_number(&text);
  if (!value || *value <= 0 || *value > (int64_t{1} << 30)) return {};
  if (text == "K") return value;
  if (text == "M") return *value * 1024;
  if (text.empty()) return *value / 1024;
  return {};
}

}  // namespace fettle::device
