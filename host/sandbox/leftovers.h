// SPDX-License-Identifier: Apache-2.0
// Children of an earlier image of this process.
#pragma once

namespace eddy::host {

// A host that executes itself anew keeps its number and its children: their kernel entries stay until they are
// collected. Kills and collects those that bear our name. Before this image has made any.
void collect_leftovers();

}  // namespace eddy::host
