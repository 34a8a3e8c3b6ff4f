#pragma once

// A flat C interface to RE2: a set of expressions that is matched in one pass, in time linear in the text.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_set cre2_set;

typedef struct {
    /// Index of the expression.
    uint32_t expression;
    /// Bytes of the text: [start, end).
    uint32_t start;
    uint32_t end;
} cre2_match;

/// The reason why `expression` is no expression, shortened to `capacity` bytes and NUL-terminated; returns 0 and leaves
/// `reason` alone if it is one.
int cre2_check(const char *expression, size_t length, char *reason, size_t capacity);

/// NULL if an expression is not valid or there is no memory. `expressions` stand one behind the other and are copied.
cre2_set *cre2_new(const char *expressions, const size_t *lengths, size_t count);

/// Writes up to `capacity` matches, those of one expression from left to right without overlaps, none of them empty.
/// Returns how many. May be called from several threads at once.
size_t cre2_find(const cre2_set *set, const char *text, size_t length, cre2_match *matches, size_t capacity);

void cre2_free(cre2_set *set);

#ifdef __cplusplus
}
#endif
