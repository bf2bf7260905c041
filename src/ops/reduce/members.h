// SPDX-License-Identifier: Apache-2.0
//
// The members of the reduce family: how what is gathered starts, how an element joins it, how two
// halves merge, and what it comes to. It is kept in double, int64_t or uint64_t.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "base/dtype.h"
#include "ops/reduce/reduce.h"

namespace fettle::ops::reduce {

template <class A>
A plus(A a, A b) {
  if constexpr (std::is_same_v<A, int64_t>) {  // wraps around
    return static_cast<A>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}
template <class A>
A times(A a, A b) {
  if constexpr (std::is_same_v<A, int64_t>) {
    return static_cast<A>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else {
    return a * b;
  }
}
template <class A>
A magnitude(A a) {
  if constexpr (std::is_same_v<A, uint64_t>)
    return a;
  else if constexpr (std::is_same_v<A, int64_t>)
    return a < 0 ? plus<A>(~a, 1) : a;
  else
    return std::abs(a);
}

struct Summing {
  static constexpr ReduceTypes kTypes = ReduceTypes::numbers;
  static constexpr bool kSelects = false, kInDouble = false;
  template <class A>
  static A start() {
    return A(0);
  }
  template <class A>
  static A join(A a, A x) {
    return plus(a, x);
  }
  template <class A>
  static A merge(A a, A b) {
    return plus(a, b);
  }
  template <class A>
  static A finish(A a, int64_t) {
    return a;
  }
};

struct Sum : Summing {
  static constexpr const char* kName = "ReduceSum";
};
struct Mean : Summing {
  static constexpr const char* kName = "ReduceMean";
  template <class A>
  static A finish(A a, int64_t n) {
    if constexpr (std::is_integral_v<A>)
      return n == 0 ? A(0) : a / static_cast<A>(n);
    else
      return a / static_cast<A>(n);
  }
};
struct L1 : Summing {
  static constexpr const char* kName = "ReduceL1";
  template <class A>
  static A join(A a, A x) {
    return plus(a, magnitude(x));
  }
};
struct SumSquare : Summing {
  static constexpr const char* kName = "ReduceSumSquare";
  template <class A>
  static A join(A a, A x) {
    return plus(a, times(x, x));
  }
};
struct L2 : SumSquare {
  static constexpr const char* kName = "ReduceL2";
  static constexpr bool kInDouble = true;
  template <class A>
  static A finish(A a, int64_t) {
    return std::sqrt(a);
  }
};
struct LogSum : Summing {
  static constexpr const char* kName = "ReduceLogSum";
  static constexpr bool kInDouble = true;
  template <class A>
  static A finish(A a, int64_t) {
    return std::log(a);
  }
};
struct Prod : Summing {
  static constexpr const char* kName = "ReduceProd";
  template <class A>
  static A start() {
    return A(1);
  }
  template <class A>
  static A join(A a, A x) {
    return times(a, x);
  }
  template <class A>
  static A merge(A a, A b) {
    return times(a, b);
  }
};

struct Max : Summing {
  static constexpr const char* kName = "ReduceMax";
  static constexpr ReduceTypes kTypes = ReduceTypes::numbers_and_bytes;
  static constexpr bool kSelects = true;
  template <class A>
  static A start() {
    return std::is_integral_v<A> ? std::numeric_limits<A>::lowest()
                                 : -std::numeric_limits<A>::infinity();
  }
  template <class A>
  static A join(A a, A x) {
    return x > a || x != x ? x : a;
  }  // a NaN stays
  template <class A>
  static A merge(A a, A b) {
    return join(a, b);
  }
};
struct Min : Max {
  static constexpr const char* kName = "ReduceMin";
  template <class A>
  static A start() {
    return std::is_integral_v<A> ? std::numeric_limits<A>::max()
                                 : std::numeric_limits<A>::infinity();
  }
  template <class A>
  static A join(A a, A x) {
    return x < a || x != x ? x : a;
  }
  template <class A>
  static A merge(A a, A b) {
    return join(a, b);
  }
};

// log(sum(exp(x))): the sum is kept relative to the largest x so far, so that nothing overflows.
struct LogSumExp : Summing {
  static constexpr const char* kName = "ReduceLogSumExp";
  static constexpr bool kInDouble = true;
  struct State {
    double largest = -std::numeric_limits<double>::infinity();
    double sum = 0;  // of exp(x - largest)
  };
  template <class A>
  static State start() {
    return {};
  }
  static State join(State s, double x) { return merge(s, {x, 1}); }
  static State merge(State a, State b) {
    if (a.largest == b.largest) return {a.largest, a.sum + b.sum};  // infinities, too
    if (a.largest > b.largest) return {a.largest, a.sum + b.sum * std::exp(b.largest - a.largest)};
    return {b.largest, b.sum + a.sum * std::exp(a.largest - b.largest)};
  }
  static double finish(State s, int64_t) { return s.largest + std::log(s.sum); }
};

}  // namespace fettle::ops::reduce
