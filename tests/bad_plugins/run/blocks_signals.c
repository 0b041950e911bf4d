/* SPDX-License-Identifier: Apache-2.0
 * Blocks every signal, and never comes back. */
#include <pthread.h>
#include <signal.h>

#include "plugin.h"

static void hide(void) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  for (volatile int i = 0;; ++i) {
  }
}

BAD_RUN(blocks_signals, hide();)
