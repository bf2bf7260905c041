// SPDX-License-Identifier: Apache-2.0
//
// Moves element by element: where each one comes from, by the definition of its operator.
#include <numeric>

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

using I = std::vector<int64_t>;

TensorView ints_view(I& values) {
  TensorView v;
  v.dtype = DType::i64;
  v.dims = {static_cast<int64_t>(values.size())};
  v.data = values.data();
  return v;
}

template <class T>
TensorView typed_view(T* data, const Dims& dims) {
  TensorView v;
  v.dtype = kDTypeOf<T>;
  v.dims = dims;
  v.data = data;
  return v;
}

I index_of(const Dims& dims, int64_t at) {
  I index(dims.rank());
  for (int i = dims.rank() - 1; i >= 0; --i) {
    index[i] = at % dims[i];
    at /= dims[i];
  }
  return index;
}
int64_t offset_of(const Dims& dims, const I& index) {
  int64_t at = 0;
  for (int i = 0; i < dims.rank(); ++i) at = at * dims[i] + index[i];
  return at;
}

// T's numbers differ from neighbour to neighbour; guards are checked around bytes too.
template <class T>
void check_transpose(const Dims& x_dims, const I& perm) {
  Dims y_dims;
  for (const int64_t axis : perm) y_dims.push_back(x_dims[static_cast<int>(axis)]);
  const int64_t n = x_dims.elements();
  std::vector<T> x(n), y(n + 32, T(77));
  for (int64_t i = 0; i < n; ++i) x[i] = static_cast<T>(i * 7 + i / 251);
  std::vector<T> expected(n);
  for (int64_t i = 0; i < n; ++i) {
    const I at = index_of(y_dims, i);
    I source(at.size());
    for (size_t k = 0; k < perm.size(); ++k) source[perm[k]] = at[k];
    expected[i] = x[offset_of(x_dims, source)];
  }
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      std::fill(y.begin(), y.end(), T(77));
      run_kernel("transpose_move", {{"perm", perm}}, {typed_view(x.data(), x_dims)}, {false},
                 typed_view(y.data() + 16, y_dims), {.isa = isa, .threads = threads});
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(y[16 + i], expected[i])
            << name_of(isa) << " " << x_dims.to_string() << " at " << i;
      }
      for (int i = 0; i < 16; ++i) ASSERT_TRUE(y[i] == T(77) && y[16 + n + i] == T(77));
    }
  }
}

// Planes into pixels and back, of every number of channels that fills no vector or just one more.
template <class T>
void check_pixels(int64_t most) {
  for (int64_t n = 1; n <= most; ++n) {
    for (const int64_t parts : {2, 3, 4, 5}) {
      check_transpose<T>({3, parts, n}, {0, 2, 1});
      check_transpose<T>({3, n, parts}, {0, 2, 1});
    }
    check_transpose<T>({n, 19}, {1, 0});
    check_transpose<T>({2, n, 33}, {0, 2, 1});
  }
}

TEST(Move, PixelsAndPlanesOfWordsOfEverySize) {
  check_pixels<uint8_t>(70);
  check_pixels<uint16_t>(36);
  check_pixels<float>(20);
  check_pixels<int64_t>(9);
  // Pixels of four bytes, transposed.
  check_transpose<uint8_t>({1, 23, 21, 4}, {0, 2, 1, 3});
  check_transpose<uint16_t>({9, 5, 7, 2}, {1, 2, 0, 3});
  // More than one tile.
  check_transpose<uint8_t>({1, 3, 70, 131}, {0, 2, 3, 1});
  check_transpose<uint8_t>({1, 70, 131, 3}, {0, 3, 1, 2});
  check_transpose<uint8_t>({1, 30, 31, 2, 58}, {0, 1, 2, 4, 3});
  check_transpose<float>({30, 31, 4, 29}, {0, 1, 3, 2});
  check_transpose<uint8_t>({1, 120, 121, 21}, {0, 3, 1, 2});
}

// Every few-th element, up to the last one there is.
template <class T>
void check_every(int64_t n, int64_t step) {
  I starts = {step - 1}, ends = {n * step}, axes = {1}, steps = {step};
  // On its own, so that a read behind it is one that a sanitizer sees.
  std::vector<T> x(2 * n * step), y(2 * n + 2, T(77));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 7 + i / 251);
  for (const Isa isa : available_isas()) {
    run_kernel("slice_move", {},
               {typed_view(x.data(), {2, n * step}), ints_view(starts), ints_view(ends),
                ints_view(axes), ints_view(steps)},
               {false, true, true, true, true}, typed_view(y.data() + 1, {2, n}), {.isa = isa});
    for (int64_t i = 0; i < 2 * n; ++i) {
      ASSERT_EQ(y[1 + i], x[(i + 1) * step - 1]) << name_of(isa) << " " << n << " by " << step;
    }
    ASSERT_TRUE(y.front() == T(77) && y.back() == T(77));
  }
}

TEST(Move, SlicesOfEveryFewthElement) {
  for (int64_t n = 1; n <= 70; ++n) {
    for (const int64_t step : {2, 3, 4, 5}) {
      check_every<uint8_t>(n, step);
      check_every<uint16_t>(n, step);
      check_every<float>(n, step);
      check_every<int64_t>(n, step);
    }
  }
  check_every<uint8_t>(20000, 2);
}

// Rows of n bytes out of rows of n + 3, either way up.
void check_rows(int64_t n, int64_t step) {
  constexpr int64_t kRows = 5;
  I starts = {step < 0 ? kRows - 1 : 0, 2}, ends = {step < 0 ? -100 : kRows, n + 2}, axes = {0, 1},
    steps = {step, 1};
  // On its own, so that a read behind it is one that a sanitizer sees.
  std::vector<uint8_t> x(kRows * (n + 3) - 1), y(kRows * n + 2, 77);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 7 + i / 251);
  run_kernel("slice_move", {},
             {typed_view(x.data(), {kRows, n + 3}), ints_view(starts), ints_view(ends),
              ints_view(axes), ints_view(steps)},
             {false, true, true, true, true}, typed_view(y.data() + 1, {kRows, n}), {});
  for (int64_t i = 0; i < kRows * n; ++i) {
    const int64_t row = step < 0 ? kRows - 1 - i / n : i / n;
    ASSERT_EQ(y[1 + i], x[row * (n + 3) + 2 + i % n]) << n << " by " << step << " at " << i;
  }
  ASSERT_TRUE(y.front() == 77 && y.back() == 77);
}

TEST(Move, RowsOfEverySize) {
  for (int64_t n = 1; n <= 260; ++n) {
    check_rows(n, 1);
    check_rows(n, -1);
  }
  for (const int64_t n : {1023, 1024, 1025, 40000}) check_rows(n, 1);
}

TEST(Move, TransposesOfEverySize) {
  for (int64_t c = 1; c <= 37; ++c) {
    check_transpose<float>({2, c, 3, 11}, {0, 2, 3, 1});
    check_transpose<float>({2, 3, 11, c}, {0, 3, 1, 2});
    check_transpose<int8_t>({1, c, 35}, {0, 2, 1});
    check_transpose<int64_t>({5, c}, {1, 0});
  }
  check_transpose<float>({1, 3, 120, 121}, {0, 2, 3, 1});
  check_transpose<float>({1, 120, 121, 21}, {0, 3, 1, 2});
  check_transpose<float>({1, 7, 7, 2, 58}, {0, 1, 2, 4, 3});
  check_transpose<float>({3, 5, 7}, {2, 1, 0});
  check_transpose<float>({2, 3, 4, 5, 6}, {4, 2, 0, 3, 1});
  check_transpose<uint16_t>({130, 131}, {1, 0});
  check_transpose<float>({4, 16}, {0, 1});
}

// Elements that move together are moved as one, where every step and offset is of so many.
TEST(Move, SlicesOfBoxes) {
  const Dims in = {2, 37, 4};
  std::vector<uint8_t> x(in.elements());
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 7 + i / 251);
  for (const int64_t first : {0, 1, 2}) {
    for (const int64_t step : {1, 2, -1}) {
      for (const int64_t width : {1, 2}) {
        I starts = {step < 0 ? 36 : 1, first}, ends = {step < 0 ? -100 : 37, first + width};
        I axes = {1, 2}, steps = {step, 1};
        const int64_t rows = step < 0 ? 37 : step == 1 ? 36 : 18;
        std::vector<uint8_t> y(2 * rows * width + 1, 77);
        run_kernel("slice_move", {},
                   {typed_view(x.data(), in), ints_view(starts), ints_view(ends), ints_view(axes),
                    ints_view(steps)},
                   {false, true, true, true, true}, typed_view(y.data(), {2, rows, width}), {});
        for (int64_t i = 0; i < 2 * rows * width; ++i) {
          const I at = index_of({2, rows, width}, i);
          const I from = {at[0], starts[0] + at[1] * step, first + at[2]};
          ASSERT_EQ(y[i], x[offset_of(in, from)]) << first << " " << step << " " << width;
        }
        ASSERT_EQ(y.back(), 77);
      }
    }
  }
}

TEST(Move, SlicesWithStepsEitherWay) {
  struct Case {
    I starts, ends, steps;
    Dims out;
  };
  const Dims in = {3, 9, 10, 7};
  for (Case c : {Case{{0, 1, 2, 0}, {3, 8, 9, 7}, {1, 1, 1, 1}, {3, 7, 7, 7}},
                 Case{{0, 0, 0, 2}, {3, 9, 10, 5}, {2, 3, 1, 1}, {2, 3, 10, 3}},
                 Case{{2, -1, 100, 0}, {-100, 0, -100, 1}, {-1, -2, -3, 1}, {3, 4, 4, 1}}}) {
    for (const int threads : {1, 2}) {
      Guarded x(in.elements(), true), y(c.out.elements());
      I axes = {0, 1, 2, 3};
      run_kernel("slice_move", {},
                 {view_of(x, in), ints_view(c.starts), ints_view(c.ends), ints_view(axes),
                  ints_view(c.steps)},
                 {false, true, true, true, true}, view_of(y, c.out), {.threads = threads});
      for (int64_t i = 0; i < c.out.elements(); ++i) {
        I at = index_of(c.out, i);
        for (int a = 0; a < 4; ++a) {
          const int64_t start = c.starts[a] < 0 ? c.starts[a] + in[a] : c.starts[a];
          at[a] = std::min(start, in[a] - 1) + at[a] * c.steps[a];
        }
        ASSERT_EQ(y.data()[i], x.data()[offset_of(in, at)]) << i;
      }
    }
  }
}

TEST(Move, ConcatAlongEveryAxis) {
  for (int axis = 0; axis < 3; ++axis) {
    for (const int threads : {1, 2}) {
      const I extents = {3, 17, 1};
      std::vector<Guarded> parts;
      parts.reserve(3);
      std::vector<TensorView> views;
      Dims y_dims = {40, 31, 29};
      y_dims[axis] = 21;
      for (const int64_t e : extents) {
        Dims dims = y_dims;
        dims[axis] = e;
        parts.emplace_back(dims.elements(), true, static_cast<uint32_t>(e));
        views.push_back(view_of(parts.back(), dims));
      }
      Guarded y(y_dims.elements());
      run_kernel("concat_move", {{"axis", int64_t{axis - 3}}}, views, {false, false, false},
                 view_of(y, y_dims), {.threads = threads});
      for (int64_t i = 0; i < y.size(); ++i) {
        I at = index_of(y_dims, i);
        size_t part = 0;
        while (at[axis] >= extents[part]) at[axis] -= extents[part++];
        ASSERT_EQ(y.data()[i], parts[part].data()[offset_of(views[part].dims, at)]) << i;
      }
    }
  }
}

// Codes of another range are not copied: they have to be brought to the result's.
TEST(Move, ConcatOfOneRangeAlone) {
  const Quantization q{{0.5F}, {3}}, same = q, other{{0.5F}, {4}};
  std::vector<int8_t> a(6), b(6), y(12);
  const auto view = [](std::vector<int8_t>& codes, const Dims& dims, const Quantization* quant) {
    TensorView v;
    v.dtype = DType::i8;
    v.dims = dims;
    v.data = codes.data();
    v.quant = quant;
    return v;
  };
  const Attributes attrs = {{"axis", int64_t{0}}};
  for (const Quantization* second : {&same, &other}) {
    std::vector<TensorView> in = {view(a, {2, 3}, &q), view(b, {2, 3}, second)};
    TensorView out = view(y, {4, 3}, &q);
    EXPECT_EQ(find_kernel("concat_move")->supports({attrs, in, {&out, 1}}), second == &same);
  }
}

TEST(Move, SplitIsConcatBackwards) {
  const Dims in = {12, 10, 33};
  Guarded x(in.elements(), true);
  for (int axis = 0; axis < 3; ++axis) {
    const I sizes = axis == 0 ? I{5, 7} : axis == 1 ? I{1, 9} : I{20, 13};
    I known = sizes;
    std::vector<Dims> dims(2, in);
    for (int k = 0; k < 2; ++k) dims[k][axis] = sizes[k];
    Guarded a(dims[0].elements()), b(dims[1].elements());
    std::vector<TensorView> ins = {view_of(x, in), ints_view(known)};
    std::vector<TensorView> outs = {view_of(a, dims[0]), view_of(b, dims[1])};
    const Attributes attrs = {{"axis", int64_t{axis}}};
    const OpCall call{attrs, ins, outs};
    const KernelEntry* entry = find_kernel("split_move");
    ASSERT_TRUE(entry != nullptr && entry->supports(call));
    const std::unique_ptr<Kernel> kernel = entry->make();
    ASSERT_TRUE(kernel->prepare(call, {}).ok());
    ThreadPool pool(2);
    ASSERT_TRUE(kernel->run(call, pool).ok());
    for (int64_t i = 0; i < x.size(); ++i) {
      I at = index_of(in, i);
      const bool second = at[axis] >= sizes[0];
      if (second) at[axis] -= sizes[0];
      ASSERT_EQ((second ? b : a).data()[offset_of(dims[second], at)], x.data()[i]);
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
