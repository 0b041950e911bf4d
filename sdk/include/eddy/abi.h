/* SPDX-License-Identifier: Apache-2.0
 *
 * The Eddy plugin ABI: a plain C contract between the host and one plugin, a shared object.
 *
 * Rules
 *  - A plugin exports one symbol, eddy_plugin_main_v1. The host calls it once per loaded image.
 *  - Every struct that can grow starts with its size; new members come only at its end, and a reader touches a member
 *    only if the size it was given covers it (EDDY_HAS). Zero and NULL mean "not given".
 *  - eddy_str, eddy_header and eddy_value are passed in arrays. They are frozen for the whole major.
 *    Arrays of structs that may grow come with their stride.
 *  - No C++ type, allocator, exception or FILE crosses. Nobody frees the other side's memory.
 *  - Enumerations are fixed-width integers. An unknown value has the default meaning that is stated with it.
 *  - A host accepts a plugin if the majors are equal and the plugin's minor is not above the host's.
 *
 * Thread tags
 *  [control]  on the host's control thread, never at the same time as another [control] call into the same image
 *  [worker]   on one worker thread; one instance is never entered by two threads at once
 *  [call]     only while a call into the plugin runs, on the thread that runs it
 *  [any]      on any thread, at any time while the image is loaded
 *
 * Text is UTF-8. Times are microseconds since 1970-01-01T00:00:00Z.
 *
 * The header compiles as C11, C17, C++17 and C++20.
 */
#ifndef EDDY_ABI_H
#define EDDY_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1.0  first release */
#define EDDY_ABI_MAJOR 1
#define EDDY_ABI_MINOR 0
#define EDDY_SDK_VERSION "0.1.0"

/* True when the struct behind `pointer` is large enough to hold `member`. */
#define EDDY_HAS(pointer, member)                                                                                      \
  ((pointer)->struct_size >=                                                                                           \
   (size_t)((const char *)(&(pointer)->member + 1) - (const char *)(pointer)))

/* ---- bytes -------------------------------------------------------------------------------------------------------- */

/* Borrowed bytes, not NUL-terminated. data == NULL is null; data != NULL with size 0 is empty: the two differ. */
typedef struct eddy_str {
  const char *data;
  uint64_t size;
} eddy_str;

typedef struct eddy_header {
  eddy_str name;  /* never null */
  eddy_str value; /* may be null */
} eddy_header;

/* ---- models ------------------------------------------------------------------------------------------------------- */

/* Type kinds. Unknown: the model is refused. */
enum {
  EDDY_TYPE_BOOL = 1,
  EDDY_TYPE_I8 = 2,
  EDDY_TYPE_I16 = 3,
  EDDY_TYPE_I32 = 4,
  EDDY_TYPE_I64 = 5,
  EDDY_TYPE_U8 = 6,
  EDDY_TYPE_U16 = 7,
  EDDY_TYPE_U32 = 8,
  EDDY_TYPE_U64 = 9,
  EDDY_TYPE_F32 = 10,
  EDDY_TYPE_F64 = 11,
  EDDY_TYPE_STRING = 12,
  EDDY_TYPE_TIMESTAMP = 13, /* JSON: an RFC 3339 string, or a number of epoch seconds; written as RFC 3339 */
  EDDY_TYPE_ENUM = 14,      /* JSON: one of `symbols`, a string */
  EDDY_TYPE_MODEL = 15,     /* JSON: an object */
  EDDY_TYPE_JSON = 16,      /* any JSON value, as text */
  EDDY_TYPE_OPTIONAL = 17,  /* of `element`; JSON: null or missing when absent */
  EDDY_TYPE_LIST = 18,      /* of `element`; JSON: an array */
  EDDY_TYPE_MAP = 19        /* string to `element`; JSON: an object */
};

struct eddy_model;

/* A type. Static data of the plugin: valid while the image is loaded, which is until the process ends. */
typedef struct eddy_type {
  uint32_t struct_size;
  uint32_t kind;                   /* EDDY_TYPE_* */
  const struct eddy_type *element; /* OPTIONAL, LIST, MAP */
  const struct eddy_model *model;  /* MODEL */
  const eddy_str *symbols;         /* ENUM: the wire names, in the order of their indices */
  uint64_t symbol_count;
} eddy_type;

enum {
  EDDY_FIELD_KEY = 1u << 0,   /* the table's sort key, and the record key of what is appended; not unique */
  EDDY_FIELD_UNIQUE = 1u << 1 /* a second row with the same value is refused by the table */
};

typedef struct eddy_field {
  uint32_t struct_size;
  uint32_t flags; /* EDDY_FIELD_*; unknown bits are ignored */
  eddy_str name;  /* the wire name */
  const eddy_type *type;
} eddy_field;

typedef struct eddy_call eddy_call; /* one call into the plugin, opaque; valid until that call returns */

/* One value of a row. `kind` is EDDY_VALUE_*, `count` and `as` depend on it. 16 bytes, frozen. */
enum {
  EDDY_VALUE_ABSENT = 0,    /* an optional without a value */
  EDDY_VALUE_BOOL = 1,      /* as.u64: 0 or 1 */
  EDDY_VALUE_I64 = 2,       /* as.i64: every signed type */
  EDDY_VALUE_U64 = 3,       /* as.u64: every unsigned type */
  EDDY_VALUE_F64 = 4,       /* as.f64: both floating types */
  EDDY_VALUE_STRING = 5,    /* as.text, count bytes */
  EDDY_VALUE_TIMESTAMP = 6, /* as.i64 microseconds */
  EDDY_VALUE_ENUM = 7,      /* as.u64: index into the type's symbols */
  EDDY_VALUE_ROW = 8,       /* as.values: count values in the nested model's field order */
  EDDY_VALUE_LIST = 9,      /* as.values: count values */
  EDDY_VALUE_MAP = 10,      /* as.values: count entries, each two values: a STRING key, then the value */
  EDDY_VALUE_JSON = 11      /* as.text, count bytes of one JSON value */
};

typedef struct eddy_value {
  uint32_t kind;
  uint32_t count;
  union {
    int64_t i64;
    uint64_t u64;
    double f64;
    const char *text; /* borrowed; from the host: valid until the call returns */
    const struct eddy_value *values;
  } as;
} eddy_value;

/* A model: a named, ordered list of fields. A row of a model is an array of field_count values in field order.
 * Static data of the plugin, as eddy_type. A model that contains itself is refused. */
typedef struct eddy_model {
  uint32_t struct_size;
  uint32_t field_count;
  uint32_t field_stride; /* bytes from one field to the next: sizeof(eddy_field) as the plugin knew it */
  uint32_t reserved;     /* 0 */
  eddy_str name;
  const eddy_field *fields;
  /* Checks of the plugin's own on a decoded row; NULL: none. EDDY_OK, or fail() and EDDY_FAILED. [worker]
   * For rows that reach no function (an ingest API); a function checks its own input in process(). */
  uint32_t (*validate)(const eddy_value *row, eddy_call *call);
} eddy_model;

/* ---- what a function is called with ------------------------------------------------------------------------------- */

/* A record as it stands in its stream. Everything is borrowed and valid until the call returns. */
typedef struct eddy_record {
  uint32_t struct_size;
  uint32_t partition;
  int64_t offset;
  int64_t timestamp_us;
  eddy_str stream;
  eddy_str key;   /* may be null */
  eddy_str value; /* may be null: a tombstone */
  const eddy_header *headers;
  uint64_t header_count;
} eddy_record;

/* A dead letter, already parsed, whatever its queue's format and casing. Borrowed, valid until the call returns. */
typedef struct eddy_dead_letter {
  uint32_t struct_size;
  uint32_t attempts; /* calls made so far, the first included */
  uint32_t hops;     /* how often a recovery function has already failed on it */
  uint32_t origin_partition;
  int64_t origin_offset; /* -1 when it came from an API */
  int64_t failed_at_us;
  eddy_str id;
  eddy_str fingerprint;
  eddy_str error_type;
  eddy_str error_message;
  eddy_str source;   /* "api", "transform" or "table" */
  eddy_str function; /* the function that failed */
  eddy_str origin_stream;
  eddy_str original; /* the exact bytes of the original value; null for a tombstone. The key is the record's key. */
} eddy_dead_letter;

typedef struct eddy_input {
  uint32_t struct_size;
  uint32_t field_count;               /* of row */
  const eddy_record *record;          /* never NULL; its headers are the original's only */
  const eddy_value *row;              /* EDDY_INPUT_ROW: the decoded value; else NULL */
  const eddy_dead_letter *dead_letter; /* EDDY_INPUT_DEAD_LETTER; else NULL */
} eddy_input;

/* ---- what a call gives back --------------------------------------------------------------------------------------- */

/* Status of a call. Unknown: EDDY_FAILED. */
enum {
  EDDY_OK = 0,       /* done; what was emitted is delivered */
  EDDY_FILTERED = 1, /* nothing to deliver, on purpose; what was emitted is dropped */
  EDDY_FAILED = 2    /* a dead letter; the reason was given by fail(); what was emitted is dropped */
};

/* Kind of a failure. Unknown: EDDY_FAIL_PLAIN. */
enum {
  EDDY_FAIL_PLAIN = 0,          /* the function's policy decides */
  EDDY_FAIL_RETRYABLE = 1,      /* please try again */
  EDDY_FAIL_FATAL = 2,          /* never try again */
  EDDY_FAIL_DEPENDENCY_DOWN = 3 /* something behind the function is down: opens its breaker */
};

enum {
  EDDY_OUTPUT_KEY = 1u << 0,       /* `key` is given (null: write a null key); else the host chooses */
  EDDY_OUTPUT_HEADERS = 1u << 1,   /* `headers` replace the input's headers; else those are passed on */
  EDDY_OUTPUT_TIMESTAMP = 1u << 2, /* `timestamp_us` is given; else the input's is passed on */
  EDDY_OUTPUT_PARTITION = 1u << 3  /* `partition` is given; else by key */
};

/* One record to write. The host copies all of it before emit() returns.
 * The value is `row` of `model` when model is not NULL, else the bytes of `value`.
 * The key the host chooses: the model's first EDDY_FIELD_KEY field, else the input's key. */
typedef struct eddy_output {
  uint32_t struct_size;
  uint32_t flags; /* EDDY_OUTPUT_*; unknown bits are ignored */
  eddy_str stream; /* null: the function's destination */
  eddy_str key;
  eddy_str value;
  const eddy_model *model;
  const eddy_value *row;
  const eddy_header *headers;
  uint64_t header_count;
  int64_t timestamp_us;
  uint32_t partition;
  uint32_t reserved; /* 0 */
} eddy_output;

/* ---- the host, as a plugin sees it -------------------------------------------------------------------------------- */

enum { EDDY_LOG_DEBUG = 0, EDDY_LOG_INFO = 1, EDDY_LOG_WARN = 2, EDDY_LOG_ERROR = 3 }; /* unknown: EDDY_LOG_INFO */

/* Valid until the process ends. No function of it throws. */
typedef struct eddy_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;

  /* [call] Stages one output record. EDDY_OK, or EDDY_FAILED when it cannot be written (unknown stream, a row that does
   * not fit its model): the call then ends as failed whatever it returns. */
  uint32_t (*emit)(eddy_call *call, const eddy_output *output);

  /* [call] Gives the reason of a failure; copied, at most 64 KiB each. The last one given before EDDY_FAILED counts. */
  void (*fail)(eddy_call *call, uint32_t kind, eddy_str error_type, eddy_str message);

  /* [call] `size` bytes aligned to 16, valid until the call returns; NULL when there is no memory. */
  void *(*scratch)(eddy_call *call, uint64_t size);

  /* [call] Decodes and validates JSON text against a model. EDDY_OK: *row has model->field_count values, valid until
   * the call returns. EDDY_FAILED: *error_type is "ValidationError" or "ParseError", *message says what is wrong. */
  uint32_t (*decode)(eddy_call *call, const eddy_model *model, eddy_str json, const eddy_value **row,
                     eddy_str *error_type, eddy_str *message);

  /* [call] Encodes a row. EDDY_OK: *json is valid until the call returns. EDDY_FAILED: *message says why. */
  uint32_t (*encode)(eddy_call *call, const eddy_model *model, const eddy_value *row, eddy_str *json,
                     eddy_str *message);

  /* [call] 1 when the host would like the call to end soon: its deadline has passed, its function is to end or to begin
   * anew, or the host shuts down; else 0. What the call then returns counts as always. */
  uint32_t (*cancelled)(eddy_call *call);

  /* [any] Writes one line to the host's log, rate-limited there. */
  void (*log)(uint32_t level, eddy_str text);

  /* [any] Wall clock in microseconds. */
  int64_t (*now_us)(void);

  /* [any] An extension table by name and revision ("eddy.clock/1"), or NULL. Valid until the process ends. */
  const void *(*extension)(const char *name);
} eddy_host;

/* ---- what a plugin declares --------------------------------------------------------------------------------------- */

/* All declarations are copied by the host before the registrar's function returns, models excepted (see eddy_model). */

typedef struct eddy_stream_decl {
  uint32_t struct_size;
  uint32_t partitions;     /* 0: the host's default */
  uint32_t retention_days; /* 0: the host's default */
  uint32_t reserved;       /* 0 */
  eddy_str name;
  const eddy_model *model;     /* NULL: any bytes */
  eddy_str dead_letter_queue;  /* what the stream's functions inherit; null: none */
  eddy_str destination;        /* table fed from the stream; null: none */
} eddy_stream_decl;

typedef struct eddy_queue_decl {
  uint32_t struct_size;
  uint32_t retention_days; /* 0: the host's default */
  eddy_str name;
  const eddy_model *model; /* model of the originals; NULL: any bytes */
} eddy_queue_decl;

typedef struct eddy_table_decl {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  eddy_str name;
  const eddy_model *model; /* never NULL */
} eddy_table_decl;

typedef struct eddy_ingest_api_decl {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  eddy_str name;  /* the route is /ingest/<name>[/<version>] */
  eddy_str version; /* null: none */
  const eddy_model *model;
  eddy_str destination;       /* stream; never null */
  eddy_str dead_letter_queue; /* null: none */
} eddy_ingest_api_decl;

enum {
  EDDY_FUNCTION_TRANSFORM = 1,      /* one destination */
  EDDY_FUNCTION_CONSUMER = 2,       /* no destination */
  EDDY_FUNCTION_MULTI_TRANSFORM = 3 /* every output names its stream */
};

enum {
  EDDY_INPUT_RECORD = 1,     /* the record's bytes as they are */
  EDDY_INPUT_JSON = 2,       /* the same, but the host has checked that the value is JSON */
  EDDY_INPUT_ROW = 3,        /* decoded into a row of `input_model` */
  EDDY_INPUT_DEAD_LETTER = 4 /* the source is a dead letter queue */
};

typedef struct eddy_function_decl {
  uint32_t struct_size;
  uint32_t kind;  /* EDDY_FUNCTION_* */
  uint32_t input; /* EDDY_INPUT_* */
  uint32_t concurrency; /* worker threads; 0: as many as the source has partitions */
  eddy_str name;        /* unique in the host */
  eddy_str source;      /* stream or queue */
  eddy_str destination; /* TRANSFORM only */
  eddy_str dead_letter_queue; /* null: the source stream's, else the host-wide one */
  const eddy_model *input_model;  /* ROW: never NULL; DEAD_LETTER: model of the original, or NULL */
  const eddy_model *output_model; /* NULL: any bytes */
  void *user; /* passed to the functions below */

  /* [worker] Makes one instance for one worker thread. `config` is the function's configuration section as a JSON
   * object, valid until create returns. EDDY_OK, or fail() and EDDY_FAILED. NULL: `process` is called with NULL. */
  uint32_t (*create)(void *user, eddy_call *call, eddy_str config, void **instance);

  /* [worker] Ends an instance. Not called on an instance that faulted. NULL with create. */
  void (*destroy)(void *user, void *instance);

  /* [worker] One record. Never NULL. */
  uint32_t (*process)(void *user, void *instance, const eddy_input *input, eddy_call *call);
} eddy_function_decl;

typedef struct eddy_registry eddy_registry; /* opaque; valid until describe returns */

/* [control] Each function returns EDDY_OK, or EDDY_FAILED when the declaration cannot be taken (a NULL function, no
 * name); the reason goes into the host's own refusal of the plugin. */
typedef struct eddy_registrar {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  uint32_t (*stream)(eddy_registry *registry, const eddy_stream_decl *decl);
  uint32_t (*queue)(eddy_registry *registry, const eddy_queue_decl *decl);
  uint32_t (*table)(eddy_registry *registry, const eddy_table_decl *decl);
  uint32_t (*ingest_api)(eddy_registry *registry, const eddy_ingest_api_decl *decl);
  uint32_t (*function)(eddy_registry *registry, const eddy_function_decl *decl);
  /* Says why describe is about to return EDDY_FAILED; copied. */
  void (*fail)(eddy_registry *registry, eddy_str error_type, eddy_str message);
} eddy_registrar;

typedef struct eddy_plugin {
  uint32_t struct_size;
  uint16_t abi_major;          /* EDDY_ABI_MAJOR */
  uint16_t abi_minor_required; /* the lowest minor the plugin needs; must agree with the note */

  /* [control] Declares all that the plugin has. May be called more than once per image, with equal results. */
  uint32_t (*describe)(const eddy_registrar *registrar, eddy_registry *registry);

  /* [any] An extension table of the plugin by name and revision, or NULL. May itself be NULL. */
  const void *(*extension)(const char *name);
} eddy_plugin;

/* The one exported symbol. [control] `host` is valid until the process ends. NULL: the plugin refuses this host. */
typedef const eddy_plugin *(*eddy_plugin_main_fn)(const eddy_host *host);
#define EDDY_PLUGIN_MAIN eddy_plugin_main_v1
#define EDDY_PLUGIN_MAIN_NAME "eddy_plugin_main_v1"

#if defined(__GNUC__)
#define EDDY_EXPORT __attribute__((visibility("default"), used))
#else
#define EDDY_EXPORT
#endif

/* ---- the ELF note, read before any code of the plugin runs -------------------------------------------------------- */

#define EDDY_NOTE_SECTION ".note.eddy"
#define EDDY_NOTE_NAME "Eddy"
#define EDDY_NOTE_ABI 1  /* eddy_note_abi; exactly one */
#define EDDY_NOTE_INFO 2 /* eddy_note_info; at most one */

typedef struct eddy_note_abi {
  uint32_t name_size; /* 5 */
  uint32_t desc_size; /* sizeof the members after `name` */
  uint32_t type;      /* EDDY_NOTE_ABI */
  char name[8];       /* "Eddy" */
  uint16_t abi_major;
  uint16_t abi_minor_required;
  uint32_t flags;       /* 0 */
  char sdk_version[16]; /* NUL-padded */
} eddy_note_abi;

typedef struct eddy_note_info {
  uint32_t name_size;
  uint32_t desc_size;
  uint32_t type; /* EDDY_NOTE_INFO */
  char name[8];
  char plugin_name[64];    /* NUL-padded, [A-Za-z0-9_.-] */
  char plugin_version[32]; /* NUL-padded */
} eddy_note_info;

#if defined(__GNUC__)
/* clang++'s address sanitizer pads variables, and a padded note cannot be read; g++ pads none that have a section. */
#if defined(__clang__)
#define EDDY_NOTE_ATTRIBUTES section(EDDY_NOTE_SECTION), used, aligned(4), no_sanitize("address")
#else
#define EDDY_NOTE_ATTRIBUTES section(EDDY_NOTE_SECTION), used, aligned(4)
#endif
/* Puts the ABI note into the plugin: once per plugin, at file scope. `minor` is the lowest minor it needs. */
#define EDDY_DEFINE_ABI_NOTE(minor)                                                                                    \
  __attribute__((EDDY_NOTE_ATTRIBUTES)) static const eddy_note_abi eddy_abi_note_ = {                                  \
      5, sizeof(eddy_note_abi) - offsetof(eddy_note_abi, abi_major), EDDY_NOTE_ABI, EDDY_NOTE_NAME, EDDY_ABI_MAJOR,    \
      (minor), 0, EDDY_SDK_VERSION}
/* Puts the plugin's name and version into it: at most once per plugin, at file scope. */
#define EDDY_DEFINE_INFO_NOTE(plugin, version)                                                                         \
  __attribute__((EDDY_NOTE_ATTRIBUTES)) static const eddy_note_info eddy_info_note_ = {                                \
      5, sizeof(eddy_note_info) - offsetof(eddy_note_info, plugin_name), EDDY_NOTE_INFO, EDDY_NOTE_NAME, plugin,       \
      version}
#endif

#ifdef __cplusplus
}
#endif

#endif /* EDDY_ABI_H */
