// SPDX-License-Identifier: Apache-2.0
//
// Each pass alone, but for those of layout (layout_test.cc): where each fires, the graph before and
// after as text; where it must not, the graph stays.
#include "before_after.h"

namespace fettle::passes {
namespace {

TEST(RemoveIdentity, Fires) {
  expect_becomes("remove_identity", kX + R"(
    %a = Relu(%x)
    %b = Identity(%a)
    %c = Neg(%b)
    output %c)",
                 kX + R"(
    %a = Relu(%x)
    %c = Neg(%a)
    output %c)");
  expect_becomes("remove_identity", kX + R"(
    const %s : i64[2] = [2, 16]
    const %t : i64[3] = [4, 2, 4]
    %a = Reshape(%x, %s)
    %b = Reshape(%a, %t)
    output %b)",
                 kX + R"(
    const %t : i64[3] = [4, 2, 4]
    %b = Reshape(%x, %t)
    output %b)");
  expect_becomes("remove_identity", kX + R"(
    %a = Transpose(%x) {perm = [0, 2, 3, 1]}
    %b = Transpose(%a) {perm = [0, 2, 3, 1]}
    output %b)",
                 kX + R"(
    %b = Transpose(%x) {perm = [0, 3, 1, 2]}
    output %b)");
  expect_becomes("remove_identity", kX + R"(
    const %i : i64[] = [-1]
    %a = Gather(%x, %i) {axis = 1}
    output %a)",
                 kX + R"(
    const %from : i64[1] = [1]
    const %to : i64[1] = [2]
    const %axis : i64[1] = [1]
    const %s : i64[3] = [1, 4, 4]
    %a = Slice(%x, %from, %to, %axis)
    %b = Reshape(%a, %s)
    output %b)");
  // Only an extent of 1 moves.
  expect_becomes("remove_identity", R"(
    input %x : f32[1,1,4,5]
    %a = Transpose(%x) {perm = [0, 2, 3, 1]}
    output %a)",
                 R"(
    input %x : f32[1,1,4,5]
    const %s : i64[4] = [1, 4, 5, 1]
    %a = Reshape(%x, %s)
    output %a)");
}

TEST(RemoveIdentity, Stays) {
  // An output of the graph cannot be its input.
  expect_stays("remove_identity", kX + "%a = Identity(%x)\noutput %a");
  expect_stays("remove_identity", kX + "%a = Cast(%x) {to = \"f16\"}\noutput %a");
  expect_stays("remove_identity", kX + "%a = Transpose(%x) {perm = [0, 1, 3, 2]}\noutput %a");
  expect_stays("remove_identity", kX + "%a = Concat(%x, %x) {axis = 1}\noutput %a");
  expect_stays("remove_identity", kX + R"(
    const %i : i64[2] = [1, 0]
    %a = Gather(%x, %i) {axis = 1}
    output %a)");
}

TEST(ExpandGlobalPool, FiresAndStays) {
  expect_becomes("expand_global_pool", kX + "%a = GlobalAveragePool(%x)\noutput %a", kX + R"(
    const %axes : i64[2] = [2, 3]
    %a = ReduceMean(%x, %axes) {keepdims = 1}
    output %a)");
  expect_becomes("expand_global_pool", kX + "%a = GlobalMaxPool(%x)\noutput %a", kX + R"(
    const %axes : i64[2] = [2, 3]
    %a = ReduceMax(%x, %axes) {keepdims = 1}
    output %a)");
  expect_stays("expand_global_pool",
               kX + "%a = AveragePool(%x) {kernel_shape = [4, 4]}\noutput %a");
  expect_stays("expand_global_pool",
               kX + "%a = GlobalAveragePool(%x) {activation = \"relu\"}\noutput %a");
}

TEST(RecognizeActivation, Fires) {
  const std::string constants = R"(
    const %three : f32[] = [3.0]
    const %zero : f32[] = [0.0]
    const %six : f32[] = [6.0]
    )";
  expect_becomes("recognize_activation", kX + "%s = Sigmoid(%x)\n%y = Mul(%s, %x)\noutput %y",
                 kX + "%y = Swish(%x)\noutput %y");
  expect_becomes("recognize_activation", kX + constants + R"(
    %a = Add(%x, %three)
    %b = Clip(%a, %zero, %six)
    %c = Mul(%x, %b)
    %d = Div(%c, %six)
    output %d)",
                 kX + "%d = HardSwish(%x)\noutput %d");
  expect_becomes("recognize_activation", kX + R"(
    const %h : f32[] = [0.5]
    const %one : f32[] = [1.0]
    const %r : f32[] = [1.41421356]
    %a = Div(%x, %r)
    %b = Erf(%a)
    %c = Add(%b, %one)
    %d = Mul(%x, %c)
    %e = Mul(%d, %h)
    output %e)",
                 kX + "%e = Gelu(%x)\noutput %e");
}

TEST(RecognizeActivation, Stays) {
  expect_stays("recognize_activation", kX + R"(
    input %z : f32[1,2,4,4]
    %s = Sigmoid(%z)
    %y = Mul(%s, %x)
    output %y)");
  for (const char* numbers : {"2.0 0.0 6.0", "3.0 0.0 5.0", "3.0 1.0 6.0"}) {
    std::istringstream in(numbers);
    std::string three, zero, six;
    in >> three >> zero >> six;
    expect_stays("recognize_activation", kX + "const %a : f32[] = [" + three +
                                             "]\nconst %b : f32[] = [" + zero +
                                             "]\nconst %c : f32[] = [" + six + R"(]
    %d = Add(%x, %a)
    %e = Clip(%d, %b, %c)
    %f = Mul(%x, %e)
    %g = Div(%f, %c)
    output %g)");
  }
}

// Worked by hand: scale = 3 / sqrt(4) = 1.5, shift = 1 - 2 * 1.5 = -2; w = 2 * 1.5, b = 1 * 1.5
// - 2.
const std::string kNorm = R"(
    const %gamma : f32[1] = [3.0]
    const %beta : f32[1] = [1.0]
    const %mean : f32[1] = [2.0]
    const %var : f32[1] = [4.0]
    )";
const std::string kPixel = "input %x : f32[1,1,2,2]\nconst %w : f32[1,1,1,1] = [2.0]\n";

TEST(FoldBatchnorm, Fires) {
  expect_becomes("fold_batchnorm", kPixel + kNorm + R"(
    const %b : f32[1] = [1.0]
    %c = Conv(%x, %w, %b)
    %y = BatchNormalization(%c, %gamma, %beta, %mean, %var) {epsilon = 0.0}
    output %y)",
                 R"(
    input %x : f32[1,1,2,2]
    const %w : f32[1,1,1,1] = [3.0]
    const %b : f32[1] = [-0.5]
    %y = Conv(%x, %w, %b)
    output %y)");
  expect_becomes("fold_batchnorm", kX + R"(
    const %gamma : f32[2] = [3.0, 1.0]
    const %beta : f32[2] = [1.0, 0.0]
    const %mean : f32[2] = [2.0, 0.0]
    const %var : f32[2] = [4.0, 1.0]
    %y = BatchNormalization(%x, %gamma, %beta, %mean, %var) {epsilon = 0.0}
    output %y)",
                 kX + R"(
    const %k : f32[2,1,1] = [1.5, 1.0]
    const %c : f32[2,1,1] = [-2.0, 0.0]
    %a = Mul(%x, %k)
    %y = Add(%a, %c)
    output %y)");
  expect_becomes("fold_batchnorm", R"(
    input %x : f32[3,2]
    const %w : f32[2,2] = [1.0, 2.0, 3.0, 4.0]
    const %b : f32[2] = [1.0, 1.0]
    const %k : f32[2] = [10.0, 100.0]
    %g = Gemm(%x, %w, %b) {transB = 1}
    %y = Mul(%g, %k)
    output %y)",
                 R"(
    input %x : f32[3,2]
    const %w : f32[2,2] = [10.0, 20.0, 300.0, 400.0]
    const %b : f32[2] = [10.0, 100.0]
    %y = Gemm(%x, %w, %b) {transB = 1}
    output %y)");
}

TEST(FoldBatchnorm, Stays) {
  const std::string scaled = R"(
    const %k : f32[] = [2.0]
    %y = Mul(%c, %k)
    output %y
    )";
  expect_stays("fold_batchnorm", kPixel + "%c = Conv(%x, %w)\n" + scaled + "output %c");
  expect_stays("fold_batchnorm",
               kPixel + "%c = Conv(%x, %w)\n%d = Neg(%c)\n" + scaled + "output %d");
  expect_stays("fold_batchnorm", kPixel + "%c = Conv(%x, %w) {activation = \"relu\"}\n" + scaled);
  expect_stays("fold_batchnorm",
               "input %x : f32[1,1,2,2]\ninput %w : f32[1,1,1,1]\n"
               "%c = Conv(%x, %w)\n" +
                   scaled);
  // The factor differs along width, not channels.
  expect_stays("fold_batchnorm", kPixel + R"(
    const %k : f32[2] = [1.0, 2.0]
    %c = Conv(%x, %w)
    %y = Mul(%c, %k)
    output %y)");
  // One bias a row, of as many rows as columns: nothing per channel.
  expect_stays("fold_batchnorm", R"(
    input %x : f32[2,3]
    const %w : f32[3,2] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    const %b : f32[2,1] = [1.0, -1.0]
    const %k : f32[2] = [10.0, 100.0]
    %g = Gemm(%x, %w, %b)
    %y = Mul(%g, %k)
    output %y)");
  // The statistics are those of the batch.
  expect_stays("fold_batchnorm", kPixel + kNorm + R"(
    %y = BatchNormalization(%x, %gamma, %beta, %mean, %var) {training_mode = 1}
    output %y)");
}

std::string padded(const std::string& pads, const std::string& conv, const std::string& rest = "") {
  return kX + "const %p : i64[8] = [" + pads + R"(]
    const %v : f32[] = [)" +
         (rest.empty() ? "0.0" : rest) + R"(]
    const %w : f32[1,2,1,1] = [1.0, 2.0]
    %a = Pad(%x, %p, %v)
    %y = )" +
         conv + "\noutput %y";
}

TEST(FoldPad, FiresAndStays) {
  expect_becomes("fold_pad", padded("0, 0, 1, 2, 0, 0, 3, 0", "Conv(%a, %w) {pads = [1, 0, 0, 0]}"),
                 kX + R"(
    const %w : f32[1,2,1,1] = [1.0, 2.0]
    %y = Conv(%x, %w) {pads = [2, 2, 3, 0]}
    output %y)");
  expect_becomes(
      "fold_pad",
      padded("0, 0, 1, 1, 0, 0, 1, 1",
             "AveragePool(%a) {kernel_shape = [3, 3], count_include_pad = 1}"),
      kX + "%y = AveragePool(%x) {kernel_shape = [3, 3], count_include_pad = 1, pads = [1, 1, 1, "
           "1]}\noutput %y");
  const std::string around = "0, 0, 1, 1, 0, 0, 1, 1";
  expect_stays("fold_pad", padded(around, "AveragePool(%a) {kernel_shape = [3, 3]}"));
  expect_stays("fold_pad", padded(around, "Conv(%a, %w) {auto_pad = \"SAME_UPPER\"}"));
  expect_stays("fold_pad", padded(around, "Conv(%a, %w)", "1.0"));
  expect_stays("fold_pad", padded("0, 0, -1, 1, 0, 0, 1, 1", "Conv(%a, %w)"));
  expect_stays("fold_pad", padded("1, 0, 1, 1, 0, 0, 1, 1", "Conv(%a, %w)"));
  expect_stays("fold_pad", padded(around, "Conv(%a, %w)\noutput %a"));
}

const std::string kConv = kX + R"(
    input %r : f32[1,2,4,4]
    const %w : f32[2,2,1,1] = [1.0, 2.0, 3.0, 4.0]
    )";

TEST(FuseResidual, FiresAndStays) {
  expect_becomes("fuse_residual", kConv + "%c = Conv(%x, %w)\n%y = Add(%r, %c)\noutput %y",
                 kConv + "%y = Conv(%x, %w, _, %r)\noutput %y");
  // What is added is made after the convolution.
  expect_becomes("fuse_residual",
                 kConv + "%c = Conv(%x, %w)\n%n = Neg(%r)\n%y = Add(%c, %n)\noutput %y",
                 kConv + "%n = Neg(%r)\n%y = Conv(%x, %w, _, %n)\noutput %y");
  expect_stays("fuse_residual", kConv + "%c = Conv(%x, %w)\n%y = Add(%c, %c)\noutput %y");
  expect_stays("fuse_residual",
               kConv + "%c = Conv(%x, %w)\n%y = Add(%r, %c)\noutput %y\noutput %c");
  expect_stays("fuse_residual", kConv +
                                    "%c = Conv(%x, %w) {activation = \"relu\"}\n"
                                    "%y = Add(%r, %c)\noutput %y");
  expect_stays("fuse_residual", kConv +
                                    "input %s : f32[1,2,1,1]\n%c = Conv(%x, %w)\n"
                                    "%y = Add(%s, %c)\noutput %y");
  expect_stays("fuse_residual", kConv + "%c = Conv(%x, %w)\n%y = Sub(%r, %c)\noutput %y");
}

TEST(FuseClamp, FiresAndStays) {
  expect_becomes("fuse_clamp", kConv + "%c = Conv(%x, %w)\n%y = Relu(%c)\noutput %y",
                 kConv + "%y = Conv(%x, %w) {activation = \"relu\"}\noutput %y");
  const std::string bounds = "const %lo : f32[] = [0.0]\nconst %hi : f32[] = [6.0]\n";
  expect_becomes("fuse_clamp", kX + bounds + "%a = Add(%x, %x)\n%y = Clip(%a, %lo, %hi)\noutput %y",
                 kX + "%y = Add(%x, %x) {activation = \"relu6\"}\noutput %y");
  expect_becomes("fuse_clamp", kX + bounds + "%a = Add(%x, %x)\n%y = Clip(%a, _, %hi)\noutput %y",
                 kX + "%y = Add(%x, %x) {activation = \"clip\", activation_params = [-inf, 6.0]}\n"
                      "output %y");
  expect_stays("fuse_clamp", kConv + "%c = Conv(%x, %w)\n%y = Relu(%c)\noutput %y\noutput %c");
  expect_stays("fuse_clamp",
               kConv + "%c = Conv(%x, %w)\n%y = Relu(%c)\n%z = Neg(%c)\noutput %y\noutput %z");
  expect_stays("fuse_clamp", kConv +
                                 "%c = Conv(%x, %w) {activation = \"tanh\"}\n"
                                 "%y = Relu(%c)\noutput %y");
  expect_stays("fuse_clamp", kConv + "%c = Conv(%x, %w)\n%y = Sigmoid(%c)\noutput %y");
  expect_stays("fuse_clamp", kX + "%a = Neg(%x)\n%y = Relu(%a)\noutput %y");
  expect_stays("fuse_clamp", kX + "input %hi : f32[]\n%a = Add(%x, %x)\n"
                                  "%y = Clip(%a, _, %hi)\noutput %y");
}

TEST(FuseActivation, FiresAndStays) {
  expect_becomes("fuse_activation", kConv + "%c = Conv(%x, %w)\n%y = Sigmoid(%c)\noutput %y",
                 kConv + "%y = Conv(%x, %w) {activation = \"sigmoid\"}\noutput %y");
  expect_becomes("fuse_activation",
                 kConv + "%c = Conv(%x, %w)\n%y = LeakyRelu(%c) {alpha = 0.25}\noutput %y",
                 kConv +
                     "%y = Conv(%x, %w) {activation = \"leaky_relu\", activation_params = [0.25]}\n"
                     "output %y");
  expect_stays("fuse_activation", kConv +
                                      "%c = Conv(%x, %w)\n"
                                      "%y = Gelu(%c) {approximate = \"tanh\"}\noutput %y");
  expect_stays("fuse_activation",
               kConv + "%c = Conv(%x, %w)\n%y = Swish(%c) {alpha = 2.0}\noutput %y");
  expect_stays("fuse_activation", kConv +
                                      "%c = Conv(%x, %w) {activation = \"relu\"}\n"
                                      "%y = Tanh(%c)\noutput %y");
  // Knows silu and none.
  expect_stays("fuse_activation",
               "input %x : f32[1,2,5] = f32[1,2,5]\ninput %s : f32[1,2,2] = f32[1,2,2]\n"
               "const %w : f32[2,1,3] = [1, 2, 3, 4, 5, 6]\n"
               "%c, _ = CausalConvWithState(%x, %w, _, %s)\n%y = Sigmoid(%c)\noutput %y");
}

TEST(Pipeline, PassesCanBeLeftOutByName) {
  const std::string text = kConv + "%c = Conv(%x, %w)\n%y = Relu(%c)\noutput %y";
  PipelineOptions options;
  options.disabled = {"channels_last", "fuse_clamp"};
  std::vector<std::string> seen;
  options.after = [&](std::string_view name, const ir::Graph&) -> Status {
    seen.emplace_back(name);
    return {};
  };
  const auto graph = typed(text);
  const auto reports = run_pipeline(*graph, options);
  ASSERT_TRUE(reports.ok()) << reports.status().to_string();
  EXPECT_EQ(reports->size(), pipeline().size() - 2);
  EXPECT_EQ(seen.size(), reports->size());
  EXPECT_EQ(outline(*graph), outline(*typed(text)));
  options.disabled = {"no_such_pass"};
  const auto refused = run_pipeline(*graph, options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::usage);
  EXPECT_NE(refused.status().to_string().find("fold_batchnorm"), std::string::npos);
}

}  // namespace
}  // namespace fettle::passes
