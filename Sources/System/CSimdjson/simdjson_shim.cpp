#include "CSimdjson.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

// The walk below reads simdjson's structural indexes, whose meaning is fixed within a major version.
static_assert(simdjson::SIMDJSON_VERSION_MAJOR == 3, "check the structural indexes of this simdjson");

namespace {

// Offsets are 32 bits wide and the buffer holds a document twice.
constexpr size_t maximum_length = size_t(1) << 30;
// A parser that has met a huge document gives its memory back with the next small one.
constexpr size_t kept_capacity = size_t(1) << 20;

struct frame {
    uint32_t node;
    uint32_t count;
};

enum class expect { value, value_or_end, key, key_or_end, comma_or_end, nothing };

bool is_whitespace(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(uint8_t c) { return uint8_t(c - '0') < 10; }

bool is_number(const uint8_t *p, const uint8_t *end) {
    if (p < end && *p == '-') p++;
    if (p == end || !is_digit(*p)) return false;
    if (*p++ != '0') {
        while (p < end && is_digit(*p)) p++;
    }
    if (p < end && *p == '.') {
        p++;
        if (p == end || !is_digit(*p)) return false;
        while (p < end && is_digit(*p)) p++;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (p == end || !is_digit(*p)) return false;
        while (p < end && is_digit(*p)) p++;
    }
    return p == end;
}

// The code unit of `\uXXXX` at p, or -1.
int32_t code_unit(const uint8_t *p, const uint8_t *end) {
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return -1;
    int32_t unit = 0;
    for (int i = 2; i < 6; i++) {
        uint8_t c = p[i];
        int32_t digit = is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

uint8_t *append_utf8(uint8_t *out, uint32_t scalar) {
    if (scalar < 0x80) {
        *out++ = uint8_t(scalar);
    } else if (scalar < 0x800) {
        *out++ = uint8_t(0xC0 | scalar >> 6);
        *out++ = uint8_t(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *out++ = uint8_t(0xE0 | scalar >> 12);
        *out++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
        *out++ = uint8_t(0x80 | (scalar & 0x3F));
    } else {
        *out++ = uint8_t(0xF0 | scalar >> 18);
        *out++ = uint8_t(0x80 | (scalar >> 12 & 0x3F));
        *out++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
        *out++ = uint8_t(0x80 | (scalar & 0x3F));
    }
    return out;
}

// Writes the unescaped string, never longer than the escaped one. Returns its end, or null for a bad escape.
uint8_t *unescape(const uint8_t *p, const uint8_t *end, uint8_t *out, uint32_t &repairs) {
    while (p < end) {
        const void *found = memchr(p, '\\', size_t(end - p));
        const uint8_t *escape = found ? static_cast<const uint8_t *>(found) : end;
        memcpy(out, p, size_t(escape - p));
        out += escape - p;
        p = escape;
        if (p == end) break;
        if (end - p < 2) return nullptr;
        switch (p[1]) {
        case '"': *out++ = '"'; p += 2; break;
        case '\\': *out++ = '\\'; p += 2; break;
        case '/': *out++ = '/'; p += 2; break;
        case 'b': *out++ = '\b'; p += 2; break;
        case 'f': *out++ = '\f'; p += 2; break;
        case 'n': *out++ = '\n'; p += 2; break;
        case 'r': *out++ = '\r'; p += 2; break;
        case 't': *out++ = '\t'; p += 2; break;
        case 'u': {
            int32_t unit = code_unit(p, end);
            if (unit < 0) return nullptr;
            p += 6;
            if (unit == 0) {
                repairs |= CSIMDJSON_NUL;
            } else if (unit >= 0xD800 && unit < 0xE000) {
                int32_t low = unit < 0xDC00 ? code_unit(p, end) : -1;
                if (low >= 0xDC00 && low < 0xE000) {
                    p += 6;
                    out = append_utf8(out, 0x10000 + (uint32_t(unit - 0xD800) << 10) + uint32_t(low - 0xDC00));
                } else {
                    repairs |= CSIMDJSON_LONE_SURROGATE;
                    out = append_utf8(out, 0xFFFD);
                }
            } else {
                out = append_utf8(out, uint32_t(unit));
            }
            break;
        }
        default: return nullptr;
        }
    }
    return out;
}

}  // namespace

struct csimdjson_parser {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
    std::unique_ptr<frame[]> stack;
    uint32_t maximum_depth = 0;
    uint8_t *buffer = nullptr;
    size_t capacity = 0;
    csimdjson_node *nodes = nullptr;
    size_t node_capacity = 0;

    ~csimdjson_parser() {
        free(buffer);
        free(nodes);
    }

    bool reserve(size_t length) {
        size_t wanted = capacity;
        if (length >= capacity || (capacity > kept_capacity && length < kept_capacity)) {
            wanted = 4096;
            while (wanted <= length) wanted *= 2;
        }
        if (wanted == capacity) return true;
        free(buffer);
        capacity = 0;
        buffer = static_cast<uint8_t *>(malloc(wanted * 2 + simdjson::SIMDJSON_PADDING));
        if (!buffer || implementation->set_capacity(wanted) != simdjson::SUCCESS) return false;
        capacity = wanted;
        free(nodes);
        nodes = nullptr;
        node_capacity = 0;
        return true;
    }

    bool reserve_nodes(size_t count) {
        if (count <= node_capacity) return true;
        free(nodes);
        node_capacity = 0;
        size_t wanted = 256;
        while (wanted < count) wanted *= 2;
        nodes = static_cast<csimdjson_node *>(malloc(wanted * sizeof(csimdjson_node)));
        if (!nodes) return false;
        node_capacity = wanted;
        return true;
    }

    csimdjson_document parse(const uint8_t *bytes, size_t length);
    csimdjson_document walk(size_t length);
};

csimdjson_document csimdjson_parser::parse(const uint8_t *bytes, size_t length) {
    csimdjson_document document = {};
    document.error = CSIMDJSON_SYNTAX;
    if (length == 0) return document;
    if (length > maximum_length) {
        document.error = CSIMDJSON_TOO_LARGE;
        return document;
    }
    if (!reserve(length)) {
        document.error = CSIMDJSON_MEMORY;
        return document;
    }
    memcpy(buffer, bytes, length);
    memset(buffer + length, ' ', simdjson::SIMDJSON_PADDING);
    switch (implementation->stage1(buffer, length, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: break;
    case simdjson::UTF8_ERROR: document.error = CSIMDJSON_UTF8; return document;
    case simdjson::UNESCAPED_CHARS: document.error = CSIMDJSON_CONTROL_CHARACTER; return document;
    default: return document;
    }
    if (!reserve_nodes(implementation->n_structural_indexes)) {
        document.error = CSIMDJSON_MEMORY;
        return document;
    }
    return walk(length);
}

csimdjson_document csimdjson_parser::walk(size_t length) {
    const uint32_t *structurals = implementation->structural_indexes.get();
    const uint32_t structural_count = implementation->n_structural_indexes;
    const bool has_escapes = memchr(buffer, '\\', length) != nullptr;

    csimdjson_document document = {};
    document.bytes = buffer;
    document.nodes = nodes;
    document.error = CSIMDJSON_SYNTAX;

    uint8_t *text_end = buffer + length + simdjson::SIMDJSON_PADDING;
    uint32_t count = 0;
    uint32_t depth = 0;
    expect expected = expect::value;

    for (uint32_t i = 0; i < structural_count; i++) {
        const uint32_t position = structurals[i];
        const uint8_t c = buffer[position];
        document.error_offset = position;

        if (expected == expect::nothing) return document;
        if (expected == expect::comma_or_end) {
            frame &top = stack[depth - 1];
            csimdjson_node &container = nodes[top.node];
            const bool in_object = container.kind == CSIMDJSON_OBJECT;
            if (c == ',') {
                expected = in_object ? expect::key : expect::value;
                continue;
            }
            if (c != (in_object ? '}' : ']')) return document;
        }
        if (c == '}' || c == ']') {
            const bool closes_object = expected == expect::key_or_end && c == '}';
            const bool closes_array = expected == expect::value_or_end && c == ']';
            if (expected != expect::comma_or_end && !closes_object && !closes_array) return document;
            frame &top = stack[--depth];
            csimdjson_node &container = nodes[top.node];
            container.next = count;
            container.end = position + 1;
            container.length = top.count;
            expected = depth == 0 ? expect::nothing : expect::comma_or_end;
            continue;
        }

        const bool is_key = expected == expect::key || expected == expect::key_or_end;
        if (is_key && c != '"') return document;
        if (depth > 0 && (is_key || nodes[stack[depth - 1].node].kind == CSIMDJSON_ARRAY)) stack[depth - 1].count++;

        csimdjson_node &node = nodes[count];
        node.start = position;
        node.text = 0;
        node.length = 0;
        if (c == '{' || c == '[') {
            if (depth == maximum_depth) {
                document.error = CSIMDJSON_DEPTH;
                return document;
            }
            node.kind = c == '{' ? CSIMDJSON_OBJECT : CSIMDJSON_ARRAY;
            stack[depth++] = {count++, 0};
            expected = c == '{' ? expect::key_or_end : expect::value_or_end;
            continue;
        }

        // A scalar reaches to the next structural character, less the white space between.
        uint32_t end = i + 1 < structural_count ? structurals[i + 1] : uint32_t(length);
        while (end > position + 1 && is_whitespace(buffer[end - 1])) end--;
        node.end = end;
        node.next = ++count;
        const uint32_t size = end - position;
        const uint8_t *literal = buffer + position;
        switch (c) {
        case '"':
            if (size < 2 || buffer[end - 1] != '"') return document;
            node.kind = CSIMDJSON_STRING;
            if (has_escapes && memchr(literal + 1, '\\', size - 2)) {
                uint8_t *unescaped = unescape(literal + 1, literal + size - 1, text_end, document.repairs);
                if (!unescaped) return document;
                node.text = uint32_t(text_end - buffer);
                node.length = uint32_t(unescaped - text_end);
                text_end = unescaped;
            } else {
                node.text = position + 1;
                node.length = size - 2;
            }
            break;
        case 't':
            if (size != 4 || memcmp(literal, "true", 4) != 0) return document;
            node.kind = CSIMDJSON_TRUE;
            break;
        case 'f':
            if (size != 5 || memcmp(literal, "false", 5) != 0) return document;
            node.kind = CSIMDJSON_FALSE;
            break;
        case 'n':
            if (size != 4 || memcmp(literal, "null", 4) != 0) return document;
            node.kind = CSIMDJSON_NULL;
            break;
        default:
            if (!is_number(literal, literal + size)) return document;
            node.kind = CSIMDJSON_NUMBER;
        }

        if (is_key) {
            if (++i >= structural_count || buffer[structurals[i]] != ':') return document;
            expected = expect::value;
        } else {
            expected = depth == 0 ? expect::nothing : expect::comma_or_end;
        }
    }
    if (expected != expect::nothing) return document;
    document.error = CSIMDJSON_OK;
    document.error_offset = 0;
    document.node_count = count;
    return document;
}

extern "C" csimdjson_parser *csimdjson_create(uint32_t maximum_depth) {
    csimdjson_parser *parser = new (std::nothrow) csimdjson_parser();
    if (!parser) return nullptr;
    parser->maximum_depth = maximum_depth;
    parser->stack.reset(new (std::nothrow) frame[maximum_depth]);
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        0, maximum_depth, parser->implementation);
    if (error != simdjson::SUCCESS || !parser->stack) {
        delete parser;
        return nullptr;
    }
    return parser;
}

extern "C" void csimdjson_destroy(csimdjson_parser *parser) { delete parser; }

extern "C" csimdjson_document csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t length) {
    return parser->parse(bytes, length);
}
