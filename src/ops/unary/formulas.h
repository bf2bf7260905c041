// SPDX-License-Identifier: Apache-2.0
//
// The formulas of the float operators of one operand, one struct each. `apply` takes float or
// double. Default domain of examples is [-2, 2].
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/unary/unary.h"

namespace fettle::ops::formula {

struct Formula {
  static constexpr std::span<const AttrSpec> attrs() { return {}; }
  static UnaryParams params(const Attributes&) { return {}; }
  static constexpr double kLow = -2, kHigh = 2;
  static constexpr int kFlops = 1;
};

#define FETTLE_FORMULA(Name, flops, expression) \
  struct Name : Formula {                       \
    static constexpr const char* kName = #Name; \
    static constexpr int kFlops = flops;        \
    template <class A>                          \
    static A apply(A x, const UnaryParams&) {   \
      return expression;                        \
    }                                           \
  };
#define FETTLE_FORMULA_ON(Name, low, high, flops, expression) \
  FETTLE_FORMULA(Name##Base, flops, expression)               \
  struct Name : Name##Base {                                  \
    static constexpr const char* kName = #Name;               \
    static constexpr double kLow = low, kHigh = high;         \
  };

FETTLE_FORMULA(Exp, 8, std::exp(x))
FETTLE_FORMULA_ON(Log, 0.01, 4, 8, std::log(x))
FETTLE_FORMULA_ON(Sqrt, 0, 4, 2, std::sqrt(x))
FETTLE_FORMULA_ON(Reciprocal, 0.1, 4, 1, A(1) / x)
FETTLE_FORMULA(Floor, 1, std::floor(x))
FETTLE_FORMULA(Ceil, 1, std::ceil(x))
FETTLE_FORMULA(Round, 1, std::nearbyint(x))  // half to even
FETTLE_FORMULA(Sin, 10, std::sin(x))
FETTLE_FORMULA(Cos, 10, std::cos(x))
FETTLE_FORMULA_ON(Tan, -1, 1, 12, std::tan(x))
FETTLE_FORMULA_ON(Asin, -1, 1, 12, std::asin(x))
FETTLE_FORMULA_ON(Acos, -1, 1, 12, std::acos(x))
FETTLE_FORMULA(Atan, 12, std::atan(x))
FETTLE_FORMULA(Sinh, 12, std::sinh(x))
FETTLE_FORMULA(Cosh, 12, std::cosh(x))
FETTLE_FORMULA(Tanh, 12, std::tanh(x))
FETTLE_FORMULA(Asinh, 12, std::asinh(x))
FETTLE_FORMULA_ON(Acosh, 1, 4, 12, std::acosh(x))
FETTLE_FORMULA_ON(Atanh, -0.9, 0.9, 12, std::atanh(x))
FETTLE_FORMULA(Erf, 12, std::erf(x))
FETTLE_FORMULA(Sigmoid, 10, A(1) / (A(1) + std::exp(-x)))
FETTLE_FORMULA(Softsign, 3, x / (A(1) + std::abs(x)))
FETTLE_FORMULA(HardSwish, 4, x* std::min(std::max(x + A(3), A(0)), A(6)) / A(6))
// log(1 + e^x), written so that e^x cannot overflow.
FETTLE_FORMULA(Softplus, 16, std::max(x, A(0)) + std::log1p(std::exp(-std::abs(x))))
FETTLE_FORMULA(Mish, 24, x* std::tanh(std::max(x, A(0)) + std::log1p(std::exp(-std::abs(x)))))

#undef FETTLE_FORMULA
#undef FETTLE_FORMULA_ON

// Reads up to two float attributes with their defaults.
template <class Self>
struct WithParams : Formula {
  static constexpr std::span<const AttrSpec> attrs() { return Self::kAttrs; }
};

struct LeakyRelu : WithParams<LeakyRelu> {
  static constexpr const char* kName = "LeakyRelu";
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}};
  static UnaryParams params(const Attributes& a) { return {a.get_float("alpha", 0.01f)}; }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return x < 0 ? A(p.a) * x : x;
  }
};

struct HardSigmoid : WithParams<HardSigmoid> {
  static constexpr const char* kName = "HardSigmoid";
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}, {"beta", AttrKind::real}};
  static UnaryParams params(const Attributes& a) {
    return {a.get_float("alpha", 0.2f), a.get_float("beta", 0.5f)};
  }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return std::max(A(0), std::min(A(1), A(p.a) * x + A(p.b)));
  }
};

struct Elu : WithParams<Elu> {
  static constexpr const char* kName = "Elu";
  static constexpr int kFlops = 10;
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}};
  static UnaryParams params(const Attributes& a) { return {a.get_float("alpha", 1.0f)}; }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return x < 0 ? A(p.a) * std::expm1(x) : x;
  }
};

struct Selu : WithParams<Selu> {
  static constexpr const char* kName = "Selu";
  static constexpr int kFlops = 10;
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}, {"gamma", AttrKind::real}};
  static UnaryParams params(const Attributes& a) {
    return {a.get_float("alpha", 1.67326319217681884765625f),
            a.get_float("gamma", 1.05070102214813232421875f)};
  }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return A(p.b) * (x > 0 ? x : A(p.a) * std::expm1(x));
  }
};

struct Celu : WithParams<Celu> {
  static constexpr const char* kName = "Celu";
  static constexpr int kFlops = 10;
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}};
  static UnaryParams params(const Attributes& a) { return {a.get_float("alpha", 1.0f)}; }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return x > 0 ? x : A(p.a) * std::expm1(x / A(p.a));
  }
};

struct ThresholdedRelu : WithParams<ThresholdedRelu> {
  static constexpr const char* kName = "ThresholdedRelu";
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}};
  static UnaryParams params(const Attributes& a) { return {a.get_float("alpha", 1.0f)}; }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return x > A(p.a) ? x : A(0);
  }
};

struct Shrink : WithParams<Shrink> {
  static constexpr const char* kName = "Shrink";
  static constexpr AttrSpec kAttrs[] = {{"bias", AttrKind::real}, {"lambd", AttrKind::real}};
  static UnaryParams params(const Attributes& a) {
    return {a.get_float("bias", 0.0f), a.get_float("lambd", 0.5f)};
  }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return x < -A(p.b) ? x + A(p.a) : x > A(p.b) ? x - A(p.a) : A(0);
  }
};

struct Swish : WithParams<Swish> {
  static constexpr const char* kName = "Swish";
  static constexpr int kFlops = 11;
  static constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}};
  static UnaryParams params(const Attributes& a) { return {a.get_float("alpha", 1.0f)}; }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    return x / (A(1) + std::exp(-A(p.a) * x));
  }
};

struct Gelu : WithParams<Gelu> {
  static constexpr const char* kName = "Gelu";
  static constexpr int kFlops = 14;
  static constexpr AttrSpec kAttrs[] = {{"approximate", AttrKind::string}};
  static UnaryParams params(const Attributes& a) {
    return {.flag = a.get_string("approximate", "none") == "tanh"};
  }
  template <class A>
  static A apply(A x, const UnaryParams& p) {
    if (p.flag) {
      const A t = A(0.79788456080286535588) * (x + A(0.044715) * x * x * x);
      return A(0.5) * x * (A(1) + std::tanh(t));
    }
    return A(0.5) * x * (A(1) + std::erf(x * A(0.70710678118654752440)));
  }
};

}  // namespace fettle::ops::formula
