// SPDX-License-Identifier: Apache-2.0
#include <cctype>

#include "ops/einsum/einsum.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

// One operand's (or the output's) labels: letters, or 1..kMaxRank for axes under an ellipsis, the
// last of which is kMaxRank so that they align at the right.
struct Term {
  int count = 0;
  char label[kMaxRank] = {};
  bool has(char c) const {
    for (int i = 0; i < count; ++i) {
      if (label[i] == c) return true;
    }
    return false;
  }
};

Status bad(std::string_view equation, const char* why) {
  return invalid_input("Einsum: equation '" + std::string(equation) + "' " + why);
}

// `rank` -1: an output, whose ellipsis stands for `ellipsis` axes.
Status parse_term(std::string_view equation, std::string_view text, int rank, int ellipsis,
                  Term* term) {
  int letters = 0;
  bool dots = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::isalpha(static_cast<unsigned char>(text[i])))
      ++letters;
    else if (text.substr(i, 3) == "..." && !dots)
      dots = true, i += 2;
    else if (text[i] != ' ')
      return bad(equation, "has a character that is no label");
  }
  const int hidden = !dots ? 0 : rank < 0 ? ellipsis : rank - letters;
  if (hidden < 0 || (rank >= 0 && letters + hidden != rank) || letters + hidden > kMaxRank) {
    return bad(equation, "does not fit the operands' ranks");
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text[i] != '.') {
      term->label[term->count++] = text[i];
      continue;
    }
    for (int k = 0; k < hidden; ++k) {
      term->label[term->count++] = static_cast<char>(kMaxRank - hidden + k + 1);
    }
    i += 2;
  }
  return {};
}

// The loop over a label, made if it is new; -1 if there are too many.
int loop_of(char label, char* known, EinsumPlan* plan) {
  for (int i = 0; i < plan->labels; ++i) {
    if (known[i] == label) return i;
  }
  if (plan->labels == EinsumPlan::kMaxLabels) return -1;
  known[plan->labels] = label;
  plan->extent[plan->labels] = 1;
  return plan->labels++;
}

}  // namespace

Status plan_einsum(const OpCall& call, EinsumPlan* plan) {
  const std::string_view equation = call.attrs.get_string("equation");
  if (call.in.size() > EinsumPlan::kMaxOperands) return unsupported("Einsum of so many operands");
  const size_t arrow = equation.find("->");
  std::string_view left = equation.substr(0, arrow);
  Term terms[EinsumPlan::kMaxOperands], out;
  int ellipsis = 0;
  for (size_t i = 0; i < call.in.size(); ++i) {
    const size_t comma = left.find(',');
    if ((comma == left.npos) != (i + 1 == call.in.size())) {
      return bad(equation, "names another number of operands");
    }
    FETTLE_TRY(parse_term(equation, left.substr(0, comma), call.in[i].dims.rank(), 0, &terms[i]));
    left.remove_prefix(comma == left.npos ? left.size() : comma + 1);
    int hidden = 0;
    for (int k = 0; k < terms[i].count; ++k) hidden += terms[i].label[k] <= kMaxRank;
    ellipsis = hidden > ellipsis ? hidden : ellipsis;
  }
  if (arrow != equation.npos) {
    FETTLE_TRY(parse_term(equation, equation.substr(arrow + 2), -1, ellipsis, &out));
  } else {  // the ellipsis, then labels that occur once, in the alphabet's order
    for (int c = 1; c < 128; ++c) {
      int times = 0;
      for (size_t i = 0; i < call.in.size(); ++i) {
        for (int k = 0; k < terms[i].count; ++k) times += terms[i].label[k] == c;
      }
      if (times == 0 || (c > kMaxRank && times > 1)) continue;
      if (out.count == kMaxRank) return unsupported("Einsum: rank too high");
      out.label[out.count++] = static_cast<char>(c);
    }
  }

  char known[EinsumPlan::kMaxLabels];
  for (int k = 0; k < out.count; ++k) {
    if (loop_of(out.label[k], known, plan) != k) return bad(equation, "repeats an output label");
  }
  plan->kept = out.count;
  for (size_t i = 0; i < call.in.size(); ++i) {
    const Strides strides = row_major_strides(call.in[i].dims);
    for (int k = 0; k < terms[i].count; ++k) {
      const int loop = loop_of(terms[i].label[k], known, plan);
      if (loop < 0) return unsupported("Einsum with so many labels");
      const int64_t extent = call.in[i].dims[k];
      if (extent == 1) continue;  // broadcasts
      if (plan->extent[loop] != 1 && plan->extent[loop] != extent) {
        return bad(equation, "gives one label two extents");
      }
      plan->extent[loop] = extent;
      plan->step[i][loop] += strides.step[k];  // a repeated label walks the diagonal
    }
  }
  for (int k = 0; k < out.count; ++k) {
    bool found = false;
    for (size_t i = 0; i < call.in.size() && !found; ++i) found = terms[i].has(out.label[k]);
    if (!found) return bad(equation, "has an output label that no operand has");
    plan->out.push_back(plan->extent[k]);
  }
  return {};
}

}  // namespace fettle::ops
