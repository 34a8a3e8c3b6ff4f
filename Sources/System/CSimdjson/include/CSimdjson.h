#pragma once

// A flat C interface to simdjson: one call turns a document into an array of nodes that can be read without any
// further call. simdjson finds the structure and validates UTF-8 with the widest instructions the machine has; the walk
// over that structure is ours, because the literal text of numbers and the raw bytes of every value must stay reachable
// and because surrogates and U+0000 are repaired rather than refused.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CSIMDJSON_NULL = 0,
    CSIMDJSON_FALSE = 1,
    CSIMDJSON_TRUE = 2,
    CSIMDJSON_NUMBER = 3,
    CSIMDJSON_STRING = 4,
    CSIMDJSON_ARRAY = 5,
    CSIMDJSON_OBJECT = 6
} csimdjson_kind;

typedef enum {
    CSIMDJSON_OK = 0,
    CSIMDJSON_SYNTAX = 1,
    CSIMDJSON_DEPTH = 2,
    CSIMDJSON_UTF8 = 3,
    CSIMDJSON_CONTROL_CHARACTER = 4,
    CSIMDJSON_TOO_LARGE = 5,
    CSIMDJSON_MEMORY = 6
} csimdjson_error;

enum {
    /// A surrogate without its other half became U+FFFD.
    CSIMDJSON_LONE_SURROGATE = 1,
    /// An escaped U+0000 was left out of a string.
    CSIMDJSON_NUL = 2
};

typedef struct {
    /// One of csimdjson_kind.
    uint32_t kind;
    /// Index of the node after this one and all that is inside it.
    uint32_t next;
    /// The value as it stands in the document, quotes and brackets included: [start, end).
    uint32_t start;
    uint32_t end;
    /// Strings: where the unescaped bytes are, relative to `bytes`.
    uint32_t text;
    /// Strings: number of unescaped bytes. Arrays: elements. Objects: members (each a key node and a value).
    uint32_t length;
} csimdjson_node;

typedef struct {
    csimdjson_error error;
    /// Where the error was noticed; 0 when simdjson does not say.
    uint32_t error_offset;
    /// Document, then unescaped strings. Valid until the next parse.
    const uint8_t *bytes;
    /// In document order; the first is the root. Valid until the next parse.
    const csimdjson_node *nodes;
    uint32_t node_count;
    /// CSIMDJSON_LONE_SURROGATE, CSIMDJSON_NUL.
    uint32_t repairs;
} csimdjson_document;

typedef struct csimdjson_parser csimdjson_parser;

/// NULL when memory is short.
csimdjson_parser *csimdjson_create(uint32_t maximum_depth);
void csimdjson_destroy(csimdjson_parser *parser);

/// Copies the document (so the caller needs no padding) and reads it whole. One thread at a time.
csimdjson_document csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif
