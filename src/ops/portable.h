// SPDX-License-Identifier: Apache-2.0
//
// The operators as a device takes them: what a program gives to runtime::Session::load. A program
// that uses nothing else of ops has no rules, cases or graphs in it.
#pragma once

#include "base/portable_op.h"

namespace fettle::ops {

// False for one that is not known, and for one that lowering must have removed.
bool find_portable(std::string_view name, PortableOp* op);

}  // namespace fettle::ops
