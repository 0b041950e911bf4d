/* SPDX-License-Identifier: Apache-2.0
 * Starts a thread that faults, and waits for it. */
#include <pthread.h>

#include "plugin.h"

static void* fault(void* argument) {
  *(volatile int*)argument = 1;
  return NULL;
}

static void start_and_wait(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, fault, NULL) == 0) pthread_join(thread, NULL);
}

BAD_RUN(foreign_thread, start_and_wait();)
