// SPDX-License-Identifier: Apache-2.0
// What code reads without having written it.
#pragma once

namespace eddy::host {

// Damaged code may use what happens to lie in memory: in one process a zero, in another the address of something that
// matters. Before a plugin's code runs for the first time, in the probe as in the host, the stack beneath is filled
// with what is no address: such a use is a fault, and the same in both.
void fill_unwritten_stack();

// [probe] The same for what malloc() gives and free() takes back, from now on.
void fill_unwritten_heap();

}  // namespace eddy::host
