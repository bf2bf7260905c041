// SPDX-License-Identifier: Apache-2.0
#include "passes/wide_tables.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/requantize.h"
#include "base/wide_table.h"

namespace fettle::passes {

namespace {

constexpr size_t kCodes = 65536;
using Entries = std::vector<int16_t>;

// The rounded results; of one code more.
Entries round(std::span<const float> results) {
  const Requantizer quantize{0, INT16_MIN, INT16_MAX};
  Entries rounded;
  for (const float r : results) rounded.push_back(static_cast<int16_t>(quantize(r)));
  return rounded;
}

// A parabola over the codes between two entries, t from 0 to 1.
struct Parabola {
  double c[3];
};

// Through three results where Chebyshev's polynomial is 0, which spreads the error evenly.
Parabola fit(const float* results, int64_t step) {
  const auto inset = static_cast<int64_t>(std::lround(static_cast<double>(step) * 0.0669873));
  const int64_t places[] = {inset, step / 2, step - inset};
  double t[3], y[3];
  for (int i = 0; i < 3; ++i) {
    t[i] = static_cast<double>(places[i]) / static_cast<double>(step);
    y[i] = static_cast<double>(std::clamp(results[places[i]], -65536.0F, 65536.0F));
  }
  const double rise = (y[1] - y[0]) / (t[1] - t[0]), next = (y[2] - y[1]) / (t[2] - t[1]);
  const double bend = (next - rise) / (t[2] - t[0]);
  return {{y[0] - rise * t[0] + bend * t[0] * t[1], rise - bend * (t[0] + t[1]), bend}};
}

// As many bits as slopes leave room for.
int fraction_of(std::span<const Parabola> parabolas) {
  double most = 1;
  for (const Parabola& p : parabolas) {
    most = std::max({most, std::abs(p.c[1]), std::abs(p.c[2]), std::abs(p.c[1] + p.c[2])});
  }
  return std::clamp(14 - std::ilogb(most), 0, WideTable::kMostFraction);
}

// Codes from one entry up to the next.
struct Stretch {
  const float* results;
  const int16_t* rounded;
  int32_t count;
  std::optional<int> before;  // what the table has for the code before

  // Whether the function rises all along (falls, for sign -1), but for what float rounding makes.
  bool goes(float sign) const {
    constexpr float kNoise = 0.01F;
    const int32_t first = before ? -1 : 0;
    for (int32_t u = first; u < count; ++u) {
      if ((results[u + 1] - results[u]) * sign < -kNoise) return false;
    }
    return (results[count] - results[first]) * sign >= 0;
  }
};

// Rounds a parabola to an entry whose results are within a step of the rounded ones and rise or
// fall where the function does. What rounding spoils, another offset, slope or bend may mend.
// Returns the last result.
std::optional<int> round_curve(const Parabola& parabola, const Stretch& stretch,
                               const WideTable& form, int fraction, int16_t* entry) {
  const bool rises = stretch.goes(1), falls = stretch.goes(-1);
  const auto set = [&](int i, double off) {
    const double exact = (parabola.c[i] + off) * (i == 0 ? 1 : 1 << fraction);
    entry[i] = static_cast<int16_t>(std::clamp(std::nearbyint(exact), -32768.0, 32767.0));
  };
  const auto last_if_good = [&]() -> std::optional<int> {
    std::optional<int> last = stretch.before;
    for (int32_t u = 0; u < stretch.count; ++u) {
      const int y = WideTable::curve(entry, u << (15 - form.shift), fraction);
      if (std::abs(y - stretch.rounded[u]) > 1) return {};
      if (last && ((rises && y < *last) || (falls && y > *last))) return {};
      last = y;
    }
    return last;
  };
  constexpr double kOff[] = {0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1, -1};
  for (const double off0 : {0.0, 0.5, -0.5, 1.0, -1.0}) {
    for (const double off1 : kOff) {
      for (const double off2 : kOff) {
        set(0, off0);
        set(1, off1 - off0);
        set(2, off2 - off1);
        if (const auto last = last_if_good()) return last;
      }
    }
  }
  return {};
}

std::optional<Tensor> curves(std::span<const float> results, const Entries& rounded, int shift) {
  const WideTable form{shift, true};
  const int32_t step = 1 << shift;
  std::vector<Parabola> parabolas;
  for (int64_t i = 0; i < form.entries(); ++i) {
    parabolas.push_back(fit(results.data() + (i << shift), step));
  }
  const int fraction = fraction_of(parabolas);
  Entries table(static_cast<size_t>(form.entries() * WideTable::kCurveWords));
  std::optional<int> last;
  for (int64_t i = 0; i < form.entries(); ++i) {
    int16_t* entry = table.data() + i * WideTable::kCurveWords;
    entry[3] = static_cast<int16_t>(fraction);
    const int64_t first = i << shift;
    last = round_curve(parabolas[static_cast<size_t>(i)],
                       {results.data() + first, rounded.data() + first, step, last}, form, fraction,
                       entry);
    if (!last) return {};
  }
  return Tensor::of({form.entries(), WideTable::kCurveWords}, std::span<const int16_t>(table));
}

bool are_good(const Entries& table, const WideTable& form, const Entries& rounded) {
  for (size_t u = 0; u < kCodes; ++u) {
    const auto x = static_cast<int16_t>(static_cast<int>(u) - 32768);
    const int y = form.look_up(table.data(), x);
    const auto [least, most] =
        std::minmax({rounded[u], rounded[u > 0 ? u - 1 : u], rounded[u + 1]});
    if (y < least - 1 || y > most + 1) return false;
  }
  return true;
}

std::optional<Tensor> lines(const Entries& rounded, int shift) {
  const WideTable form{shift, false};
  Entries table;
  for (size_t u = 0; u <= kCodes; u += size_t{1} << shift) table.push_back(rounded[u]);
  // With an entry for each code there is nothing between them.
  if (shift > 0 && !are_good(table, form, rounded)) return {};
  return Tensor::of({form.entries()}, std::span<const int16_t>(table));
}

}  // namespace

Tensor smallest_wide_table(std::span<const float> results) {
  const Entries rounded = round(results);
  std::optional<Tensor> table;
  for (int k = WideTable::kMostCurveShift; !table && k >= WideTable::kLeastCurveShift; --k) {
    table = curves(results, rounded, k);
  }
  for (int k = WideTable::kMostLineShift; !table; --k) table = lines(rounded, k);
  return std::move(*table);
}

}  // namespace fettle::passes
