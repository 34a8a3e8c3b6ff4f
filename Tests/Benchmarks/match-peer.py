"""Finds words in lines with one Python engine. Usage: match-peer.py ENGINE TEXT WORDS. One JSON object on stdout."""
import json
import sys
import time


def finder(engine, words):
    """A function from a text to the number of all its matches, overlapping ones included."""
    if engine == "daachorse":
        import daachorse
        automaton = daachorse.CharwiseDoubleArrayAhoCorasick(words)
        return lambda text: len(automaton.find_overlapping(text))
    if engine == "ahocorasick-rs":
        import ahocorasick_rs
        automaton = ahocorasick_rs.AhoCorasick(words)
        return lambda text: len(automaton.find_matches_as_indexes(text, overlapping=True))
    import ahocorasick
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, 1)
    automaton.make_automaton()
    return lambda text: sum(1 for _ in automaton.iter(text))


def main():
    engine, text_path, words_path = sys.argv[1:]
    words = open(words_path, encoding="utf-8").read().split("\n")[:-1]
    text = open(text_path, encoding="utf-8").read()
    lines = text.split("\n")[:-1]
    size = len(text.encode())
    began = time.process_time()
    find = finder(engine, words)
    compiled = time.process_time() - began
    began = time.process_time()
    matches = sum(map(find, lines))
    by_line = time.process_time() - began
    began = time.process_time()
    whole = find(text)
    at_once = time.process_time() - began
    if whole != matches:
        sys.exit(f"error: {engine} finds {matches} line by line and {whole} in the whole text")
    print(json.dumps({
        "engine": engine, "megabytesPerSecond": size / 1e6 / by_line, "megabytesPerSecondWholeText": size / 1e6 / at_once,
        "matches": matches, "compileSeconds": compiled}))


main()
