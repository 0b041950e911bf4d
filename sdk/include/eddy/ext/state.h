/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "eddy.state/1": what a function's instance hands to its successor when its plugin is replaced while it runs.
 *
 * A plugin offers it: eddy_plugin.extension("eddy.state/1") returns an eddy_state_ext. The host asks for it once an image,
 * after describe. A plugin that does not know it, and a host that does not, go on without: the new instance starts afresh.
 *
 * Between two units of work, on one worker's thread, under its guard and the function's timeout:
 *
 *     save(old) → destroy(old) → create(new) → load(new, what was saved) → process(new) …
 *
 *  - It is handed over when a new build of the plugin of the same name takes the place of an old one that has a function of
 *    the same name, and when the function's configuration is reloaded. It goes from a worker to the same worker.
 *  - A state can go on in one build only: with `plugins.reload: canary` a function that offers its state is tried over records
 *    of the past, in an instance that starts afresh, and then changed at once.
 *  - It is not handed over by an instance that has faulted, to another plugin or function, from a worker that goes, or over
 *    the end of the process: what must last belongs into a stream or a table.
 *  - Outputs of a unit that could not be committed have not happened, and its records come again; what an instance counted
 *    for them it has counted. Such an instance hands over what it has, as it would have gone on with it.
 *  - A fault in either function is a fault like any other of its image.
 */
#ifndef EDDY_EXT_STATE_H
#define EDDY_EXT_STATE_H

#include "eddy/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EDDY_STATE "eddy.state/1"

/* Where save puts what it hands over. Valid until save returns. */
typedef struct eddy_state_writer {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [call] Appends bytes, which are copied before it returns. EDDY_OK, or EDDY_FAILED when that would be more than 64 MiB in
   * all or there is no memory: nothing is handed over then, whatever save returns. */
  uint32_t (*write)(eddy_call *call, eddy_str bytes);
} eddy_state_writer;

/* What one function offers. Static data of the plugin: valid while the image is loaded. */
typedef struct eddy_state {
  uint32_t struct_size;
  uint32_t version; /* of the bytes that save writes; the plugin's own, and any number */

  /* [worker] Writes what the instance has. It may be called again on an instance that goes on. EDDY_OK (also when nothing was
   * written: that is an empty state, and is handed over), or fail() and EDDY_FAILED: the new instance starts afresh. */
  uint32_t (*save)(void *user, void *instance, eddy_call *call, const eddy_state_writer *to);

  /* [worker] Takes what a build that wrote `version` has saved; on an instance just made, before its first record. `bytes` is
   * never null and is valid until load returns. EDDY_OK, or fail() and EDDY_FAILED when it cannot or will not take that
   * version: the instance is destroyed, a new one starts afresh, and the host's log says so. */
  uint32_t (*load)(void *user, void *instance, eddy_call *call, uint32_t version, eddy_str bytes);
} eddy_state;

/* The extension's table. Static data of the plugin. */
typedef struct eddy_state_ext {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [control] What the declared function of this name offers, or NULL. The name is valid until it returns. */
  const eddy_state *(*of)(eddy_str function);
} eddy_state_ext;

#ifdef __cplusplus
}
#endif

#endif /* EDDY_EXT_STATE_H */
