// Finds words in lines with Hyperscan, message by message: usage hyperscan TEXT WORDS RUNS. One JSON object on stdout.
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(2);
    fseek(file, 0, SEEK_END);
    *length = ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    if (!bytes || fread(bytes, 1, *length, file) != *length) exit(2);
    bytes[*length] = 0;
    fclose(file);
    return bytes;
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)id, (void)from, (void)to, (void)flags;
    ++*(unsigned long long *)context;
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    size_t text_length, words_length;
    char *text = read_file(argv[1], &text_length), *words = read_file(argv[2], &words_length);
    size_t count = 0;
    for (size_t i = 0; i < words_length; ++i) count += words[i] == '\n';
    const char **expressions = malloc(count * sizeof *expressions);
    size_t *lengths = malloc(count * sizeof *lengths);
    unsigned *flags = calloc(count, sizeof *flags), *ids = malloc(count * sizeof *ids);
    char *word = words;
    for (size_t i = 0; i < count; ++i) {
        char *end = strchr(word, '\n');
        *end = 0;
        expressions[i] = word, lengths[i] = end - word, ids[i] = i;
        word = end + 1;
    }
    double began = cpu_seconds();
    hs_database_t *database;
    hs_compile_error_t *error;
    if (hs_compile_lit_multi(expressions, flags, ids, lengths, count, HS_MODE_BLOCK, NULL, &database, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    double compiled = cpu_seconds() - began;
    size_t size;
    hs_database_size(database, &size);
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(database, &scratch)) return 1;
    double best = 1e9;
    unsigned long long matches = 0;
    for (int run = atoi(argv[3]); run > 0; --run) {
        matches = 0;
        began = cpu_seconds();
        for (char *line = text; line < text + text_length;) {
            char *end = memchr(line, '\n', text + text_length - line);
            if (!end) end = text + text_length;
            if (hs_scan(database, line, end - line, 0, scratch, count_match, &matches)) return 1;
            line = end + 1;
        }
        double seconds = cpu_seconds() - began;
        if (seconds < best) best = seconds;
    }
    printf("{\"engine\":\"hyperscan\",\"megabytesPerSecond\":%f,\"matches\":%llu,\"compileSeconds\":%f,\"tableMegabytes\":%f}\n",
           text_length / 1e6 / best, matches, compiled, size / 1e6);
    return 0;
}
