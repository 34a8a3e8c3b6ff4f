#!/usr/bin/env python3
"""The parking benchmark; started by scripts/bench, which builds the programs and starts PostgreSQL.

Messages of 10,000 conversations wait in chat.messages.v1. The counting worker, whose messages depend on those before
them, notes them all; then again with one conversation of which no message can be noted, so that it is parked. In pairs
that alternate which comes first, each run on a database of its own. What the others pay is the ratio of the CPU time of
client and server, and of the wall time, for each record: bad / good - 1, the median of all pairs. Both are taken while
all lanes are busy, from a tenth of the records to nine tenths. overhead_whole is the wall time up to the last record: it
has in it, once, the search for the bad record in its batch, during which its lane is late.
"""
import json
import os
import statistics
import subprocess
import sys
import time

from bench import (
    BIN, WORK, Session, apply_corps, broker, cpu_of, end, fill, fresh_database, note, postmaster, psql, server_cpu)

TOPIC = "chat.messages.v1"


def publish(count):
    """Lets archive-ingest publish the messages, and ends it. One of the conversations is named."""
    fresh_database("bench_source")
    os.environ["PGDATABASE"] = "bench_source"
    apply_corps()
    fill(count)
    note("archiving them")
    with open(WORK / "archive.log", "w") as log:
        worker = subprocess.Popen([BIN / "archive-ingest", "--http-address", "127.0.0.1:0"], stderr=log, stdout=log)
    try:
        subprocess.run([BIN / "scrm", "drain", "--worker", "archive-ingest", "--timeout", "900"], check=True,
                       stdout=subprocess.DEVNULL)
    finally:
        end(worker)
    counts = psql("SELECT count(*), count(DISTINCT conversation_id) FROM archive.messages", "bench_source").split("|")
    median = psql(
        "SELECT conversation_id FROM archive.messages GROUP BY 1 ORDER BY count(*) DESC, 1 OFFSET "
        f"{int(counts[1]) // 2} LIMIT 1", "bench_source")
    return int(counts[0]), int(counts[1]), median


def run(count, poison, name):
    """One run over everything."""
    psql(f"DROP DATABASE IF EXISTS {name}", "postgres")
    psql(f"CREATE DATABASE {name}", "postgres")
    server = postmaster()
    psql("CHECKPOINT", "postgres")
    arguments = [BIN / "counting-worker", "--group", name, "--waits"] + (["--poison", poison] if poison else [])
    with open(WORK / "counting.log", "w") as log:
        worker = subprocess.Popen(arguments, stderr=log, stdout=log, env={**os.environ, "PGDATABASE": name})
    try:
        deadline = time.monotonic() + 60
        while psql("SELECT count(*) FROM pg_class WHERE relname = 'trails'", name) != "1":
            if time.monotonic() > deadline:
                sys.exit(f"error: the worker did not begin; see {WORK / 'counting.log'}")
            time.sleep(0.1)
        watcher = Session(name)
        begin = first = last = None
        deadline = time.monotonic() + 600
        while True:
            done = watcher.number(f"SELECT coalesce(sum(next_offset), 0) FROM counting.offsets WHERE topic = '{TOPIC}'")
            now = (time.monotonic(), done, cpu_of(worker.pid), server_cpu(server))
            if begin is None and done:
                begin = now
            if first is None and done >= count * 0.1:
                first = now
            if last is None and done >= count * 0.9:
                last = now
            if done >= count:
                break
            if now[0] > deadline or worker.poll() is not None:
                sys.exit(f"error: stopped at {done} of {count}; see {WORK / 'counting.log'}")
            time.sleep(0.02)
        parked = watcher.number("SELECT count(*) FROM counting.parked")
        letters = watcher.number("SELECT count(*) FROM counting.dead_letters")
        watcher.close()
    finally:
        end(worker)
    psql(f"DROP DATABASE {name} WITH (FORCE)", "postgres")
    records = last[1] - first[1]
    return {
        "wall_us": (last[0] - first[0]) / records * 1e6,
        "cpu_us": (last[2] - first[2] + last[3] - first[3]) / records * 1e6,
        "whole_us": (now[0] - begin[0]) / (now[1] - begin[1]) * 1e6,
        "parked": parked, "dead_letters": letters,
    }


def summary(pairs, key):
    ratios = sorted(bad[key] / good[key] - 1 for good, bad in pairs)
    return {
        "median": round(statistics.median(ratios), 4), "smallest": round(ratios[0], 4), "largest": round(ratios[-1], 4),
    }


def main():
    with broker(12):
        count, conversations, poison = publish(int(os.environ["BENCH_COUNT"]))
        pairs = []
        for number in range(int(os.environ["BENCH_PAIRS"])):
            order = [None, poison] if number % 2 == 0 else [poison, None]
            results = {which: run(count, which, f"bench_park_{number}_{'bad' if which else 'good'}") for which in order}
            pairs.append((results[None], results[poison]))
            note(f"pair {number + 1}: cpu {pairs[-1][1]['cpu_us'] / pairs[-1][0]['cpu_us'] - 1:+.3f}, "
                 f"wall {pairs[-1][1]['wall_us'] / pairs[-1][0]['wall_us'] - 1:+.3f}")
    result = {
        "benchmark": "park", "messages": count, "conversations": conversations, "pairs": len(pairs),
        "parked": pairs[0][1]["parked"], "dead_letters": pairs[0][1]["dead_letters"],
        "cpu_us": round(statistics.median(good["cpu_us"] for good, _ in pairs), 2),
        "overhead_cpu": summary(pairs, "cpu_us"), "overhead_wall": summary(pairs, "wall_us"),
        "overhead_whole": summary(pairs, "whole_us"),
    }
    if "--json" in sys.argv:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for name in ("cpu", "wall"):
            one = result[f"overhead_{name}"]
            print(f"one bad key among {conversations}: {one['median']:+.1%} {name} time for the others "
                  f"({one['smallest']:+.1%} to {one['largest']:+.1%}, {len(pairs)} pairs)")


main()
