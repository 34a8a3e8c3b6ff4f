#include "CRE2.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

// Memory for the automata of one expression or set; past it RE2 forgets and goes on more slowly.
constexpr int64_t maximumMemory = 16 << 20;

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(maximumMemory);
    return options;
}

}  // namespace

struct cre2_set {
    std::vector<std::unique_ptr<RE2>> expressions;
    RE2::Set all{options(), RE2::UNANCHORED};
};

extern "C" int cre2_check(const char *expression, size_t length, char *reason, size_t capacity) {
    try {
        RE2 compiled(re2::StringPiece(expression, length), options());
        if (compiled.ok()) return 0;
        if (capacity > 0) {
            const std::string &text = compiled.error();
            size_t count = text.size() < capacity - 1 ? text.size() : capacity - 1;
            std::memcpy(reason, text.data(), count);
            reason[count] = 0;
        }
    } catch (...) {
        if (capacity > 0) reason[0] = 0;
    }
    return 1;
}

extern "C" cre2_set *cre2_new(const char *expressions, const size_t *lengths, size_t count) {
    try {
        auto set = std::make_unique<cre2_set>();
        for (size_t index = 0; index < count; ++index) {
            re2::StringPiece text(expressions, lengths[index]);
            expressions += lengths[index];
            set->expressions.push_back(std::make_unique<RE2>(text, options()));
            if (!set->expressions.back()->ok() || set->all.Add(text, nullptr) < 0) return nullptr;
        }
        if (!set->all.Compile()) return nullptr;
        return set.release();
    } catch (...) {
        return nullptr;
    }
}

extern "C" size_t cre2_find(
    const cre2_set *set, const char *text, size_t length, cre2_match *matches, size_t capacity) {
    size_t found = 0;
    try {
        const re2::StringPiece whole(text, length);
        std::vector<int> present;
        RE2::Set::ErrorInfo error{};
        if (!set->all.Match(whole, &present, &error)) {
            if (error.kind == RE2::Set::kNoError) return 0;
            // The set needed more memory than it may take: ask each expression.
            present.clear();
            for (size_t index = 0; index < set->expressions.size(); ++index) present.push_back(int(index));
        }
        for (int index : present) {
            size_t start = 0;
            re2::StringPiece match;
            while (found < capacity && start <= length
                   && set->expressions[index]->Match(whole, start, length, RE2::UNANCHORED, &match, 1)) {
                const size_t first = match.data() - text;
                if (match.empty()) {
                    start = first + 1;
                    while (start < length && (text[start] & 0xc0) == 0x80) ++start;
                    continue;
                }
                matches[found++] = {uint32_t(index), uint32_t(first), uint32_t(first + match.size())};
                start = first + match.size();
            }
        }
    } catch (...) {
        // No memory: what was found so far is true.
    }
    return found;
}

extern "C" void cre2_free(cre2_set *set) { delete set; }
