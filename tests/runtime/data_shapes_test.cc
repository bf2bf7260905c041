// SPDX-License-Identifier: Apache-2.0
//
// Extents that follow from data, and branches that data chooses, on graphs small enough to work out
// by hand; each session runs on inputs that make them smaller and larger again. What a plan may not
// say about them is refused when it is loaded, or by the run that would leave its memory.
#include <gtest/gtest.h>

#include <cstring>

#include "ir/text.h"
#include "lower/lower.h"
#include "ops/op.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "plan/package.h"
#include "runtime/session.h"

namespace fettle::runtime {
namespace {

using Floats = std::vector<float>;
struct Made {
  std::vector<int64_t> dims;
  Floats values;
  bool operator==(const Made&) const = default;
};
void PrintTo(const Made& m, std::ostream* out) {
  *out << testing::PrintToString(m.dims) << " of " << testing::PrintToString(m.values);
}

Result<std::unique_ptr<ir::Graph>> bound(const std::string& body) {
  FETTLE_ASSIGN(auto graph, ir::parse("graph \"t\" {\n" + body + "\n}\n"));
  FETTLE_TRY(passes::bind_shapes(*graph, {}));
  return graph;
}

// After the passes, and by way of a package.
plan::Plan plan_of(const std::string& body) {
  auto graph = bound(body);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  if (!graph.ok()) return {};
  const auto reports = passes::run_pipeline(**graph);
  EXPECT_TRUE(reports.ok()) << reports.status().to_string();
  auto plan = lower::lower(**graph);
  EXPECT_TRUE(plan.ok()) << plan.status().to_string();
  return plan.ok() ? std::move(plan).value() : plan::Plan();
}

Result<std::unique_ptr<Session>> load(const plan::Plan& plan) {
  const std::string package = plan::write_package(plan);
  auto memory = std::make_shared<Tensor>(DType::i8, Dims{static_cast<int64_t>(package.size())});
  std::memcpy(memory->mutable_raw(), package.data(), package.size());
  const std::span bytes(static_cast<const std::byte*>(memory->raw()), package.size());
  FETTLE_ASSIGN(auto read, plan::read_package(bytes, memory));
  return Session::load(read, ops::find_portable);
}

std::vector<Made> run(Session& session, const Floats& x) {
  const Tensor input = Tensor::of<float>({static_cast<int64_t>(x.size())}, x);
  EXPECT_TRUE(session.set_input(0, input.view()).ok());
  const Status ran = session.run();
  EXPECT_TRUE(ran.ok()) << ran.to_string();
  std::vector<Made> made;
  for (size_t i = 0; i < session.outputs(); ++i) {
    const TensorView& y = session.output(i);
    made.push_back({{y.dims.begin(), y.dims.end()}, to_float(y)});
  }
  return made;
}

// How many elements of x are not zero, as a scalar %k and as a list %n.
const std::string kCount = R"(
  input %x : f32[6]
  const %zero : i64[] = [0]
  const %one : i64[] = [1]
  const %axis : i64[1] = [0]
  const %two : i64[1] = [2]
  const %three : i64[1] = [3]
  %where = NonZero(%x)
  %shape = Shape(%where)
  %k = Gather(%shape, %one) {axis = 0}
  %n = Unsqueeze(%k, %axis)
)";

struct Case {
  const char* name;
  std::string text;
  std::vector<int64_t> most;  // extents that the arena holds
  Made of_three, of_none, of_all;
};

std::vector<Case> cases() {
  return {
      {"ConstantOfShape",
       "const %v : f32[1] = [2.5]\n%y = ConstantOfShape(%n, %v)\noutput %y",
       {6},
       {{3}, {2.5, 2.5, 2.5}},
       {{0}, {}},
       {{6}, Floats(6, 2.5)}},
      {"Range",
       "%y = Range(%zero, %k, %one)\noutput %y",
       {6},
       {{3}, {0, 1, 2}},
       {{0}, {}},
       {{6}, {0, 1, 2, 3, 4, 5}}},
      {"Expand",
       "const %c : f32[2,1] = [7.0, 8.0]\n%s = Concat(%two, %n) {axis = 0}\n"
       "%y = Expand(%c, %s)\noutput %y",
       {2, 6},
       {{2, 3}, {7, 7, 7, 8, 8, 8}},
       {{2, 0}, {}},
       {{2, 6}, {7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8}}},
      {"Tile",
       "const %c : f32[2] = [7.0, 8.0]\n%y = Tile(%c, %n)\noutput %y",
       {12},
       {{6}, {7, 8, 7, 8, 7, 8}},
       {{0}, {}},
       {{12}, {7, 8, 7, 8, 7, 8, 7, 8, 7, 8, 7, 8}}},
      {"Reshape",
       "%y = Reshape(%where, %n) {allowzero = 1}\noutput %y",
       {6},
       {{3}, {1, 3, 5}},
       {{0}, {}},
       {{6}, {0, 1, 2, 3, 4, 5}}},
      // No more than the three largest, of as many as there are.
      {"TopK",
       "%few = Min(%n, %three)\n%y, %at = TopK(%x, %few) {axis = 0}\noutput %y",
       {3},
       {{3}, {5, 2, 0}},
       {{0}, {}},
       {{3}, {6, 5, 4}}},
      // 2 n + 1 of them: what is computed from a count has bounds, too.
      {"Arithmetic",
       "const %unit : i64[1] = [1]\n%d = Mul(%n, %two)\n%m = Add(%d, %unit)\n"
       "%y = ConstantOfShape(%m)\noutput %y",
       {13},
       {{7}, Floats(7, 0)},
       {{1}, {0}},
       {{13}, Floats(13, 0)}},
  };
}

TEST(DataShapes, FollowFromCounts) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const plan::Plan plan = plan_of(kCount + c.text);
    ASSERT_EQ(plan.outputs.size(), 1u);
    const plan::PlanTensor& y = plan.tensors[plan.outputs[0]];
    EXPECT_TRUE(y.dynamic);
    EXPECT_EQ(std::vector<int64_t>(y.dims.begin(), y.dims.end()), c.most);
    const auto session = load(plan);
    ASSERT_TRUE(session.ok()) << session.status().to_string();
    EXPECT_EQ(run(**session, {0, 5, 0, -1, 0, 2})[0], c.of_three);
    EXPECT_EQ(run(**session, Floats(6, 0))[0], c.of_none);
    EXPECT_EQ(run(**session, {1, 2, 3, 4, 5, 6})[0], c.of_all);
    EXPECT_EQ(run(**session, {0, 5, 0, -1, 0, 2})[0], c.of_three);
  }
}

// A count times itself 40 times might be more than an integer holds: no bound, so no plan.
TEST(DataShapes, WithoutBoundsAreRefused) {
  std::string text = kCount + "%m0 = Add(%n, %three)\n";
  for (int i = 0; i < 6; ++i) {
    const std::string m = "%m" + std::to_string(i);
    text += "%m" + std::to_string(i + 1) + " = Mul(" + m + ", " + m + ")\n";
  }
  const auto wraps = bound(text + "%y = ConstantOfShape(%m6)\noutput %y");
  EXPECT_EQ(wraps.status().code(), Code::needs_value) << wraps.status().to_string();
  const auto values =
      bound(kCount + "%i = Cast(%x) {to = \"i64\"}\n%y = ConstantOfShape(%i)\noutput %y");
  EXPECT_EQ(values.status().code(), Code::needs_value) << values.status().to_string();
}

// Whether the sum of x is above zero.
const std::string kAbove = R"(
  input %x : f32[4]
  const %none : f32[] = [0.0]
  const %axes : i64[1] = [0]
  %sum = ReduceSum(%x, %axes) {keepdims = 0}
  %c = Greater(%sum, %none)
)";

TEST(DataBranches, RunTheOneThatIsTaken) {
  // The same extents: y is of fixed ones. The second output is the operand, as it is, or a
  // constant.
  const plan::Plan plan = plan_of(kAbove + R"(
    %y, %z = If(%c, %x) graph "then" {
      input %x : none[]
      %a = Add(%x, %x)
      output %a
      output %x
    } graph "else" {
      input %x : none[]
      const %w : f32[4] = [1.0, 2.0, 3.0, 4.0]
      %b = Relu(%x)
      %d = Sub(%b, %w)
      output %d
      output %w
    }
    %after = Neg(%y)
    output %after
    output %z)");
  for (const plan::PlanTensor& t : plan.tensors) EXPECT_FALSE(t.dynamic) << t.name;
  const auto session = load(plan);
  ASSERT_TRUE(session.ok()) << session.status().to_string();
  const std::vector<Made> taken = {{{4}, {-2, -4, -6, 6}}, {{4}, {1, 2, 3, -3}}};
  const std::vector<Made> other = {{{4}, {1, 1, 3, 4}}, {{4}, {1, 2, 3, 4}}};
  EXPECT_EQ(run(**session, {1, 2, 3, -3}), taken);
  EXPECT_EQ(run(**session, {-9, 1, 0, 0}), other);
  EXPECT_EQ(run(**session, {1, 2, 3, -3}), taken);
}

TEST(DataBranches, MayDifferInExtents) {
  const plan::Plan plan = plan_of(kAbove + R"(
    %y = If(%c, %x) graph "then" {
      input %x : none[]
      %where = NonZero(%x)
      %f = Cast(%where) {to = "f32"}
      const %flat : i64[1] = [-1]
      %a = Reshape(%f, %flat)
      output %a
    } graph "else" {
      input %x : none[]
      %b = Concat(%x, %x) {axis = 0}
      output %b
    }
    %after = ReduceSum(%y, %axes) {keepdims = 1}
    output %y
    output %after)");
  const auto session = load(plan);
  ASSERT_TRUE(session.ok()) << session.status().to_string();
  const plan::PlanTensor& y = plan.tensors[plan.outputs[0]];
  EXPECT_TRUE(y.dynamic);
  EXPECT_EQ(y.dims, Dims({8}));
  const std::vector<Made> taken = {{{2}, {1, 3}}, {{1}, {4}}};
  const std::vector<Made> other = {{{8}, {-1, 0, 0, -2, -1, 0, 0, -2}}, {{1}, {-6}}};
  EXPECT_EQ(run(**session, {0, 5, 0, 2}), taken);
  EXPECT_EQ(run(**session, {-1, 0, 0, -2}), other);
  EXPECT_EQ(run(**session, {0, 5, 0, 2}), taken);
}

// Where both branches cannot stand beside each other, the condition has to be given.
TEST(DataBranches, ThatDoNotGoTogetherNeedTheCondition) {
  const auto refusal = [](const std::string& otherwise) {
    const auto graph = bound(kAbove + R"(
      %y = If(%c, %x, %c) graph "then" {
        input %x : none[]
        input %c : none[]
        %a = Neg(%x)
        output %a
      } graph "else" {
        input %x : none[]
        input %c : none[]
        )" + otherwise + "\n}\noutput %y");
    return graph.ok() ? Code::ok : graph.status().code();
  };
  EXPECT_EQ(refusal("%b = Relu(%x)\noutput %b"), Code::ok);
  EXPECT_EQ(refusal("%b = Cast(%x) {to = \"i64\"}\noutput %b"), Code::needs_value) << "type";
  EXPECT_EQ(refusal("const %s : i64[2] = [2, 2]\n%b = Reshape(%x, %s)\noutput %b"),
            Code::needs_value)
      << "rank";
  EXPECT_EQ(refusal("const %s : i64[1] = [5]\n%b = Reshape(%x, %s)\noutput %b"), Code::needs_value)
      << "what cannot be";
  EXPECT_EQ(refusal(R"(%b = If(%c, %x) graph "then" {
                         input %x : none[]
                         output %x
                       } graph "else" {
                         input %x : none[]
                         %n = Neg(%x)
                         output %n
                       }
                       output %b)"),
            Code::needs_value)
      << "an If within";
}

plan::Step& step_of(plan::Plan& plan, const std::string& op) {
  for (plan::Step& s : plan.steps) {
    if (s.op == op) return s;
  }
  ADD_FAILURE() << "no step " << op;
  return plan.steps[0];
}

TEST(HostilePlans, CannotOutgrowTheirPlaces) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const plan::Plan sound = plan_of(kCount + c.text);
    plan::Plan fixed = sound;
    fixed.tensors[fixed.outputs[0]].dynamic = false;
    EXPECT_FALSE(load(fixed).ok()) << "extents of data as fixed ones";
    plan::Plan small = sound;
    small.tensors[small.outputs[0]].dims[c.most.size() - 1] = 2;
    const auto session = load(small);
    if (!session.ok()) continue;
    const Tensor all = Tensor::of<float>({6}, {1, 2, 3, 4, 5, 6});
    ASSERT_TRUE((*session)->set_input(0, all.view()).ok());
    const Status ran = (*session)->run();
    EXPECT_EQ(ran.code(), Code::out_of_memory) << ran.to_string();
  }
}

TEST(HostilePlans, ChooseWhatCannotBeChosen) {
  const auto after = [](auto damage) {
    plan::Plan plan = plan_of(kAbove + R"(
      %y = If(%c, %x) graph "then" {
        input %x : none[]
        %a = Exp(%x)
        output %a
      } graph "else" {
        input %x : none[]
        %b = Relu(%x)
        output %b
      }
      output %y)");
    damage(plan, step_of(plan, "Choose"));
    const auto session = load(plan);
    return session.ok() ? "loaded" : session.status().to_string();
  };
  using plan::Plan, plan::Step;
  EXPECT_EQ(after([](Plan&, Step&) {}), "loaded");
  EXPECT_NE(after([](Plan&, Step& s) { std::swap(s.inputs[1], s.inputs[2]); }), "loaded");
  EXPECT_NE(after([](Plan&, Step& s) { s.inputs[2] = s.inputs[1]; }), "loaded");
  EXPECT_NE(after([](Plan&, Step& s) { s.inputs.pop_back(); }), "loaded");
  EXPECT_NE(after([](Plan&, Step& s) { s.inputs[2] = -1; }), "loaded");
  EXPECT_NE(after([](Plan& p, Step& s) { s.inputs[0] = p.inputs[0]; }), "loaded");
  EXPECT_NE(after([](Plan&, Step& s) { s.op = "Where"; }), "loaded") << "reads both";
  EXPECT_NE(after([](Plan& p, Step& s) { p.tensors[s.outputs[0]].dims = {3}; }), "loaded");
  EXPECT_NE(after([](Plan& p, Step& s) { p.tensors[s.outputs[0]].dtype = DType::i32; }), "loaded");
  EXPECT_NE(after([](Plan& p, Step&) { step_of(p, "Exp").guard = 0; }), "loaded") << "of floats";
  EXPECT_NE(after([](Plan& p, Step&) { step_of(p, "Relu").guard_is = true; }), "loaded");
  EXPECT_NE(after([](Plan& p, Step& s) { p.outputs = {s.inputs[1]}; }), "loaded");
}

}  // namespace
}  // namespace fettle::runtime
