// SPDX-License-Identifier: Apache-2.0
#include "device/peak_loops.h"

namespace fettle::device {

namespace {
constexpr PeakLoop kLoops[] = {
    {Isa::portable, DType::f32, k_peak_f32_portable, peak_f32_portable},
    {Isa::portable, DType::i8, k_peak_i8_portable, peak_i8_portable},
    {Isa::portable, DType::i16, k_peak_i16_portable, peak_i16_portable},
#if defined(__x86_64__)
    {Isa::avx2, DType::f32, k_peak_f32_avx2, peak_f32_avx2},
    // Without VNNI, exact int8 is widened and multiplied as int16.
    {Isa::avx2, DType::i8, k_peak_i16_avx2, peak_i16_avx2},
    {Isa::avx2, DType::i16, k_peak_i16_avx2, peak_i16_avx2},
    {Isa::avx512, DType::f32, k_peak_f32_avx512, peak_f32_avx512},
    {Isa::avx512, DType::i8, k_peak_i16_avx512, peak_i16_avx512},
    {Isa::avx512, DType::i16, k_peak_i16_avx512, peak_i16_avx512},
    {Isa::avx512vnni, DType::i8, k_peak_i8_avx512vnni, peak_i8_avx512vnni},
    {Isa::avx512vnni, DType::i16, k_peak_i16_avx512vnni, peak_i16_avx512vnni},
#elif defined(__aarch64__)
    {Isa::neon, DType::f32, k_peak_f32_neon, peak_f32_neon},
    {Isa::neon, DType::i8, k_peak_i8_neon, peak_i8_neon},
    {Isa::neon, DType::i16, k_peak_i16_neon, peak_i16_neon},
    {Isa::neondot, DType::i8, k_peak_i8_neondot, peak_i8_neondot},
#endif
};
}  // namespace

std::span<const PeakLoop> peak_loops() { return kLoops; }

}  // namespace fettle::device
