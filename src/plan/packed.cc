// SPDX-License-Identifier: Apache-2.0
#include "plan/packed.h"

#include <algorithm>
#include <cstring>

#include "base/files.h"
#include "plan/plan.h"

namespace fettle::plan {

namespace {

constexpr char kMagic[8] = {'F', 'T', 'L', 'P', 'A', 'C', 'K', '\0'};

struct Header {
  char magic[8];
  uint32_t layout, entries;
  uint64_t bytes;
  char isa[24];
  char zeros[16];
};
struct Entry {
  uint32_t step, zeros;
  uint64_t offset, bytes;
  char kernel[40];
};
static_assert(sizeof(Header) == 64 && sizeof(Entry) == 64);

template <size_t kSize>
std::string name_in(const char (&field)[kSize]) {
  return {field, strnlen(field, kSize)};
}
template <size_t kSize>
void put_name(std::string_view name, char (&field)[kSize]) {
  std::memcpy(field, name.data(), std::min(name.size(), kSize));
}

template <class T>
T load(std::span<const std::byte> bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Result<PackedWeights> read_section(std::span<const std::byte> section, const Header& header,
                                   size_t steps) {
  PackedWeights weights{.isa = name_in(header.isa)};
  const uint64_t room = (section.size() - sizeof(Header)) / sizeof(Entry);
  if (header.entries > std::min<uint64_t>(room, steps)) {
    return invalid_input("the package's packed weights are more than its steps");
  }
  int64_t before = -1;
  for (uint32_t i = 0; i < header.entries; ++i) {
    const auto entry = load<Entry>(section, sizeof(Header) + i * sizeof(Entry));
    const bool inside = entry.offset % kAlignment == 0 && entry.offset <= section.size() &&
                        entry.bytes <= section.size() - entry.offset;
    if (!inside || entry.step >= steps || static_cast<int64_t>(entry.step) <= before) {
      return invalid_input("entry " + std::to_string(i) + " of the package's packed weights for " +
                           weights.isa + " is damaged");
    }
    before = entry.step;
    weights.steps.push_back({static_cast<int32_t>(entry.step), name_in(entry.kernel),
                             section.subspan(entry.offset, entry.bytes)});
  }
  return weights;
}

}  // namespace

std::span<const std::byte> PackedWeights::find(int32_t step, std::string_view kernel) const {
  const auto found = std::lower_bound(steps.begin(), steps.end(), step,
                                      [](const PackedStep& s, int32_t n) { return s.step < n; });
  if (found == steps.end() || found->step != step || found->kernel != kernel) return {};
  return found->bytes;
}

Result<std::vector<PackedWeights>> read_packed(std::span<const std::byte> bytes, size_t steps,
                                               const std::shared_ptr<const void>& owner) {
  std::vector<PackedWeights> sections;
  while (!bytes.empty()) {
    if (bytes.size() < sizeof(Header) || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) {
      return invalid_input("the package has " + std::to_string(bytes.size()) +
                           " bytes after its end");
    }
    const auto header = load<Header>(bytes, 0);
    if (header.bytes > bytes.size())
      return invalid_input("the package's packed weights are cut short");
    if (header.bytes < sizeof(Header) || header.bytes % kAlignment != 0) {
      return invalid_input("the package's packed weights are damaged");
    }
    if (header.layout == kPackedLayout) {
      FETTLE_ASSIGN(PackedWeights weights, read_section(bytes.first(header.bytes), header, steps));
      weights.owner = owner;
      sections.push_back(std::move(weights));
    }
    bytes = bytes.subspan(header.bytes);
  }
  return sections;
}

std::string write_packed(const PackedWeights& weights) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.layout = kPackedLayout;
  header.entries = static_cast<uint32_t>(weights.steps.size());
  put_name(weights.isa, header.isa);
  header.bytes = sizeof(Header) + weights.steps.size() * sizeof(Entry);
  std::string entries;
  for (const PackedStep& s : weights.steps) {
    Entry entry{static_cast<uint32_t>(s.step), 0, header.bytes, s.bytes.size(), {}};
    put_name(s.kernel, entry.kernel);
    entries.append(reinterpret_cast<const char*>(&entry), sizeof entry);
    header.bytes += align_up(s.bytes.size());
  }
  std::string section;
  section.reserve(header.bytes);
  section.append(reinterpret_cast<const char*>(&header), sizeof header).append(entries);
  for (const PackedStep& s : weights.steps) {
    section.append(reinterpret_cast<const char*>(s.bytes.data()), s.bytes.size());
    section.resize(align_up(section.size()), '\0');
  }
  return section;
}

std::string package_with(const Plan& plan, const PackedWeights& weights) {
  const std::span<const std::byte> file = plan.file->bytes();
  const auto plan_bytes = load<uint64_t>(file, 8);
  size_t end = align_up(16 + plan_bytes);
  for (const PlanTensor& t : plan.tensors) {
    if (!t.is_weight()) continue;
    const auto* data = static_cast<const std::byte*>(t.weight.raw());
    end = std::max(end, align_up(static_cast<size_t>(data - file.data()) + t.bytes()));
  }
  std::string package(reinterpret_cast<const char*>(file.data()), end);
  for (const PackedWeights& other : plan.packed) {
    if (other.isa != weights.isa) package += write_packed(other);
  }
  return package += write_packed(weights);
}

}  // namespace fettle::plan
