// SPDX-License-Identifier: Apache-2.0
#include "plan/arena.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace fettle::plan {

namespace {

constexpr int kSearchTries = 400;

using Order = std::vector<int32_t>;

bool overlap(const Block& a, const Block& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

struct Placement {
  std::vector<size_t> offset;
  size_t bytes = 0;
};

// First fit in the given order; `neighbours[b]` are the blocks that live with b.
Placement place(const std::vector<Block>& blocks, const Order& order,
                const std::vector<Order>& neighbours) {
  constexpr size_t kUnplaced = SIZE_MAX;
  Placement p{std::vector<size_t>(blocks.size(), kUnplaced), 0};
  std::vector<int32_t> busy;
  for (int32_t b : order) {
    busy.clear();
    for (int32_t n : neighbours[b]) {
      if (p.offset[n] != kUnplaced) busy.push_back(n);
    }
    std::sort(busy.begin(), busy.end(),
              [&](int32_t x, int32_t y) { return p.offset[x] < p.offset[y]; });
    size_t at = 0;
    for (int32_t n : busy) {
      if (p.offset[n] >= at + blocks[b].bytes) break;
      at = std::max(at, p.offset[n] + blocks[n].bytes);
    }
    p.offset[b] = at;
    p.bytes = std::max(p.bytes, at + blocks[b].bytes);
  }
  return p;
}

std::vector<size_t> load_per_step(const std::vector<Block>& blocks, size_t steps) {
  std::vector<size_t> load(std::max<size_t>(steps, 1), 0);
  for (const Block& b : blocks) {
    for (int32_t s = b.first_step; s <= b.last_step; ++s) load[s] += b.bytes;
  }
  return load;
}

template <class Key>
Order order_by(const std::vector<Block>& blocks, const Key& key) {
  Order order(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return key(a) > key(b); });
  return order;
}

}  // namespace

ArenaReport plan_arena(Plan& plan) {
  const std::vector<Block> blocks = live_blocks(plan);
  const std::vector<size_t> load = load_per_step(blocks, plan.steps.size());
  ArenaReport report;
  report.peak_step =
      static_cast<int32_t>(std::max_element(load.begin(), load.end()) - load.begin());
  report.lower_bound = load[report.peak_step];

  std::vector<Order> neighbours(blocks.size());
  std::vector<size_t> busiest(blocks.size(), 0);
  for (size_t a = 0; a < blocks.size(); ++a) {
    for (int32_t s = blocks[a].first_step; s <= blocks[a].last_step; ++s) {
      busiest[a] = std::max(busiest[a], load[s]);
    }
    for (size_t b = 0; b < blocks.size(); ++b) {
      if (a != b && overlap(blocks[a], blocks[b])) neighbours[a].push_back(static_cast<int32_t>(b));
    }
  }
  const auto size = [&](int32_t b) { return blocks[b].bytes; };
  const auto area = [&](int32_t b) {
    return blocks[b].bytes * static_cast<size_t>(blocks[b].last_step - blocks[b].first_step + 1);
  };
  const auto breadth = [&](int32_t b) { return std::pair(busiest[b], blocks[b].bytes); };
  Order best_order;
  Placement best{{}, SIZE_MAX};
  for (Order order : {order_by(blocks, size), order_by(blocks, area), order_by(blocks, breadth)}) {
    Placement p = place(blocks, order, neighbours);
    if (p.bytes < best.bytes) {
      best = std::move(p);
      best_order = std::move(order);
    }
  }
  std::mt19937 random(1);
  for (int t = 0; t < kSearchTries && best.bytes > report.lower_bound; ++t) {
    Order order = best_order;
    const auto at = [&] { return random() % order.size(); };
    const size_t from = at(), to = at();  // move one block to another place in the order
    const int32_t moved = order[from];
    order.erase(order.begin() + static_cast<int64_t>(from));
    order.insert(order.begin() + static_cast<int64_t>(to), moved);
    Placement p = place(blocks, order, neighbours);
    if (p.bytes <= best.bytes) {
      best = std::move(p);
      best_order = std::move(order);
    }
  }
  report.bytes = blocks.empty() ? 0 : best.bytes;
  for (size_t b = 0; b < blocks.size(); ++b) {
    for (int32_t t : blocks[b].tensors) plan.tensors[t].offset = best.offset[b];
  }
  plan.arena_bytes = report.bytes;
  return report;
}

std::string print_arena(const Plan& plan, int columns) {
  const std::vector<Block> blocks = live_blocks(plan);
  std::string text;
  const double scale =
      static_cast<double>(columns) / std::max<double>(1, static_cast<double>(plan.arena_bytes));
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    std::string row(static_cast<size_t>(columns), '.');
    size_t live = 0;
    for (size_t b = 0; b < blocks.size(); ++b) {
      if (static_cast<int32_t>(s) < blocks[b].first_step ||
          static_cast<int32_t>(s) > blocks[b].last_step)
        continue;
      live += blocks[b].bytes;
      const size_t offset = plan.tensors[blocks[b].tensors[0]].offset;
      const auto from = static_cast<size_t>(static_cast<double>(offset) * scale);
      const auto to = static_cast<size_t>(static_cast<double>(offset + blocks[b].bytes) * scale);
      for (size_t c = from; c < std::max(to, from + 1) && c < row.size(); ++c) {
        row[c] = static_cast<char>('A' + b % 26);
      }
    }
    std::string head = std::to_string(s);
    head.resize(5, ' ');
    std::string bytes = std::to_string(live / 1024) + " KiB";
    bytes.resize(11, ' ');
    text += head + bytes + row + "  " + plan.steps[s].op + "\n";
  }
  return text;
}

}  // namespace fettle::plan
