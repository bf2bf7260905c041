// SPDX-License-Identifier: Apache-2.0
//
// And, Or, Xor on bool; BitwiseAnd, BitwiseOr, BitwiseXor and BitShift on integers. Signs do not
// matter to any but BitShift (which takes unsigned types), so they dispatch on the element size.
#include "ops/binary/binary.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

struct AndOp {
  static constexpr const char *kLogical = "And", *kBitwise = "BitwiseAnd";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct OrOp {
  static constexpr const char *kLogical = "Or", *kBitwise = "BitwiseOr";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct XorOp {
  static constexpr const char *kLogical = "Xor", *kBitwise = "BitwiseXor";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct ShiftLeft {  // by the width or more: zero
  template <class T>
  static T apply(T a, T b) {
    return b < sizeof(T) * 8 ? static_cast<T>(uint64_t{a} << b) : T(0);
  }
};
struct ShiftRight {
  template <class T>
  static T apply(T a, T b) {
    return b < sizeof(T) * 8 ? static_cast<T>(uint64_t{a} >> b) : T(0);
  }
};

constexpr AttrSpec kShiftAttrs[] = {{"direction", AttrKind::string}};

template <class F>
Status run(const OpCall& call) {
  RowLoop loop = nullptr;
  switch (size_of(call.in[0].dtype)) {
    case 1:
      loop = row_loop<F, uint8_t, uint8_t>;
      break;
    case 2:
      loop = row_loop<F, uint16_t, uint16_t>;
      break;
    case 4:
      loop = row_loop<F, uint32_t, uint32_t>;
      break;
    default:
      loop = row_loop<F, uint64_t, uint64_t>;
      break;
  }
  run_rows(call.in[0], call.in[1], call.out[0], loop);
  return {};
}

template <class F, bool kBitwise>
Status infer(const OpCall& call) {
  const char* op = kBitwise ? F::kBitwise : F::kLogical;
  const DType type = call.in[0].dtype;
  if (kBitwise ? !is_integer(type) : type != DType::boolean) {
    return invalid_input(std::string(op) + " of " + std::string(name_of(type)));
  }
  FETTLE_TRY(refuse_quantized(op, call));
  return infer_broadcast(op, call, type);
}

Status infer_shift(const OpCall& call) {
  const DType type = call.in[0].dtype;
  if (type != DType::u8 && type != DType::u16 && type != DType::u32 && type != DType::u64) {
    return unsupported("BitShift of " + std::string(name_of(type)));
  }
  const std::string_view direction = call.attrs.get_string("direction");
  if (direction != "LEFT" && direction != "RIGHT") {
    return invalid_input("BitShift: direction should be LEFT or RIGHT");
  }
  FETTLE_TRY(refuse_quantized("BitShift", call));
  return infer_broadcast("BitShift", call, type);
}

Status reference_shift(const OpCall& call) {
  return call.attrs.get_string("direction") == "LEFT" ? run<ShiftLeft>(call)
                                                      : run<ShiftRight>(call);
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements()}; }

template <DType kType, int kHigh>
std::vector<Case> cases() {
  return binary_cases(kType, 0, kHigh);
}
std::vector<Case> cases_shift() {
  std::vector<Case> all = binary_cases(DType::u32, 0, 33);
  for (Case& c : all) c.attrs = {{"direction", std::string("LEFT")}};
  return all;
}

template <class F, bool kBitwise>
constexpr const char* kName = kBitwise ? F::kBitwise : F::kLogical;
template <class F, bool kBitwise>
constexpr OnnxRule kSameName[] = {{kName<F, kBitwise>, 1, kBitwise ? nullptr : read_old_broadcast}};

template <class F, bool kBitwise>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite = kNotApplicable) {
  return {.name = kName<F, kBitwise>,
          .schema = Schema(2, 2, 1, 1),
          .infer = infer<F, kBitwise>,
          .cost = cost,
          .reference = run<F>,
          .scratch = kNotApplicable,
          .in_place = in_place_binary,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = kSameName<F, kBitwise>,
          .tflite = tflite,
          .cases = kBitwise ? cases<DType::i32, 1000> : cases<DType::boolean, 1>};
}

constexpr OnnxRule kShift[] = {{"BitShift"}};
constexpr TfliteRule kAnd[] = {{"LOGICAL_AND"}}, kOr[] = {{"LOGICAL_OR"}};
constexpr OpDef kOps[] = {define<AndOp, false>(kAnd),
                          define<OrOp, false>(kOr),
                          define<XorOp, false>(),
                          define<AndOp, true>(),
                          define<OrOp, true>(),
                          define<XorOp, true>(),
                          {.name = "BitShift",
                           .schema = Schema(2, 2, 1, 1, kShiftAttrs),
                           .infer = infer_shift,
                           .cost = cost,
                           .reference = reference_shift,
                           .scratch = kNotApplicable,
                           .in_place = in_place_binary,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kShift,
                           .tflite = kNotApplicable,
                           .cases = cases_shift}};

}  // namespace

FETTLE_OP_TABLE(bit, kOps)

}  // namespace fettle::ops
