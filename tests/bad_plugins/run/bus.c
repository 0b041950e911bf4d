/* SPDX-License-Identifier: Apache-2.0
 * Reads a mapped page behind the end of its file. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "plugin.h"

static void touch_page_without_file(void) {
  const int fd = memfd_create("bad_bus", 0);
  volatile char* const page = (volatile char*)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  (void)*page;
}

BAD_RUN(bus, touch_page_without_file();)
