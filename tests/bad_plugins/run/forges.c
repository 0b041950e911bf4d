/* SPDX-License-Identifier: Apache-2.0
 * Lies to its host through the memory that both of them have: LIES is what it does with a bad record. The layout is
 * that of host/sandbox/end_words.h and ring.h. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "plugin.h"

static char* words; /* of the memory with the answers: 4096 bytes, then the ring */

#define WORD(OFFSET) (*(volatile uint64_t*)(words + (OFFSET)))
#define WRITTEN WORD(0)
#define CURSOR WORD(192)

/* Before its process is confined, and may not look any more. */
static uint32_t create(void* user, eddy_call* call, eddy_str config, void** instance) {
  (void)user;
  (void)call;
  (void)config;
  (void)instance;
  char line[512];
  FILE* const maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && words == NULL && fgets(line, sizeof line, maps) != NULL) {
    if (strstr(line, "memfd:eddy-responses") == NULL) continue;
    unsigned long begin = 0;
    if (sscanf(line, "%lx-", &begin) == 1) words = (char*)begin;
  }
  if (maps != NULL) fclose(maps);
  return EDDY_OK;
}

static void destroy(void* user, void* instance) {
  (void)user;
  (void)instance;
}

/* "There is no room for the answer, which needs so many bytes." All in one ring's first round. */
static inline void say_too_large(uint64_t size) {
  char* const at = words + 4096 + WRITTEN;
  const uint64_t number = CURSOR, message = 1 + sizeof number + sizeof size;
  memcpy(at, &message, sizeof message);
  at[8] = 4; /* AnswerKind::kTooLarge */
  memcpy(at + 9, &number, sizeof number);
  memcpy(at + 17, &size, sizeof size);
  WRITTEN += 32;
}

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  if (words != NULL && BAD_IS_BAD(input)) {
    LIES;
  }
  return bad_pass(input, call);
}

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("bad_" NAME, "1.0.0");

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  eddy_function_decl decl = bad_transform("bad_" NAME, "bad_" NAME "_in", "bad_" NAME "_out", process);
  decl.create = create;
  decl.destroy = destroy;
  bad_declare_stream(registrar, registry, "bad_" NAME "_in");
  bad_declare_stream(registrar, registry, "bad_" NAME "_out");
  return registrar->function(registry, &decl);
}

BAD_ENTRY(describe)
