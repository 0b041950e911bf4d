/* SPDX-License-Identifier: Apache-2.0
 * Good code under a note that is not: NOTE_MAJOR, NOTE_MINOR, NOTE_COUNT (0, 1 or 2), NOTE_PLUGIN. */
#include "plugin.h"

#ifndef NOTE_MAJOR
#define NOTE_MAJOR EDDY_ABI_MAJOR
#endif
#ifndef NOTE_MINOR
#define NOTE_MINOR 0
#endif
#ifndef NOTE_COUNT
#define NOTE_COUNT 1
#endif

#define NOTE                                                                                                  \
  {                                                                                                           \
    5, sizeof(eddy_note_abi) - offsetof(eddy_note_abi, abi_major), EDDY_NOTE_ABI, EDDY_NOTE_NAME, NOTE_MAJOR, \
        NOTE_MINOR, 0, "9.8.7"                                                                                \
  }
#if NOTE_COUNT > 0
__attribute__((section(EDDY_NOTE_SECTION), used, aligned(4))) static const eddy_note_abi first = NOTE;
#endif
#if NOTE_COUNT > 1
__attribute__((section(EDDY_NOTE_SECTION), used, aligned(4))) static const eddy_note_abi second = NOTE;
#endif
#ifdef NOTE_PLUGIN
EDDY_DEFINE_INFO_NOTE(NOTE_PLUGIN, "1");
#endif

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  (void)registrar;
  (void)registry;
  return EDDY_OK;
}

BAD_ENTRY(describe)
