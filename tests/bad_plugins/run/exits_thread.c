/* SPDX-License-Identifier: Apache-2.0
 * Ends the thread it is called on. */
#include <pthread.h>

#include "plugin.h"

BAD_RUN(exits_thread, pthread_exit(NULL);)
