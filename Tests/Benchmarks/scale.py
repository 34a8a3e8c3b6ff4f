#!/usr/bin/env python3
"""The scaling benchmark; started by scripts/bench, which builds the programs and starts PostgreSQL.

The same messages over 12 partitions are archived by 1, 2 and 4 copies of archive-ingest. More copies must not make a
message dearer: cpu_flatness is the largest CPU time per message divided by the smallest, of the copies and the server
together. Each number of copies is measured several times, in turn; the median counts.
"""
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time

from bench import BIN, WORK, Session, apply_corps, broker, cpu_of, end, fill, fresh_database, note, postmaster, server_cpu

PARTITIONS = 12
COPIES = (1, 2, 4)
ROUNDS = 5
DATABASE = "bench_scale"


def wait(what, condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"error: not within {seconds} s: {what}")
        time.sleep(0.05)


def measure(copies, count):
    """Lets messages wait, starts the copies, holds them until each has its lanes, then lets them go."""
    fresh_database(DATABASE)
    os.environ["PGDATABASE"] = DATABASE
    workers = []
    with broker(PARTITIONS), contextlib.ExitStack() as ending:
        apply_corps()
        fill(count)
        server = postmaster()
        watcher, holder = Session(DATABASE), Session(DATABASE)
        # The first batches wait here, so that starting and rebalancing is not measured.
        holder.number("BEGIN; LOCK TABLE archive.messages IN ACCESS EXCLUSIVE MODE; SELECT 1")
        for number in range(copies):
            log = ending.enter_context(open(WORK / f"worker-{number}.log", "w"))
            workers.append(subprocess.Popen(
                [BIN / "archive-ingest", "--http-address", "127.0.0.1:0", "--instance", f"copy-{number}"],
                stderr=log, stdout=log))
            ending.callback(end, workers[-1])
        share = PARTITIONS // copies
        ready = (f"SELECT count(*) FROM archive.heartbeats WHERE jsonb_array_length(status -> 'lanes') = {share}")
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE '%copy-{}'"
        wait(f"{copies} copies hold {share} lanes each", lambda: watcher.number(ready) == copies)
        for number in range(copies):
            wait("each copy has a batch in hand", lambda: watcher.number(waiting.format(number)) > 0)
        before = sum(cpu_of(worker.pid) for worker in workers), server_cpu(server)
        started = time.monotonic()
        holder.number("COMMIT; SELECT 1")
        done = "SELECT coalesce(sum(next_offset), 0) FROM archive.offsets"
        wait("everything is archived", lambda: watcher.number(done) >= count, 300)
        seconds = time.monotonic() - started
        after = sum(cpu_of(worker.pid) for worker in workers), server_cpu(server)
        watcher.close()
        holder.close()
        if any(worker.poll() is not None for worker in workers):
            sys.exit(f"error: a copy ended; see {WORK}/worker-*.log")
        return {
            "records_per_second": round(count / seconds),
            "client_cpu_us": round((after[0] - before[0]) / count * 1e6, 2),
            "server_cpu_us": round((after[1] - before[1]) / count * 1e6, 2),
        }


def main():
    count = int(os.environ["BENCH_COUNT"])
    runs = {copies: [] for copies in COPIES}
    for number in range(ROUNDS):
        # Every other round backwards: what the machine does meanwhile hits all alike.
        for copies in COPIES if number % 2 == 0 else reversed(COPIES):
            note(f"round {number + 1} of {ROUNDS}: {copies} copies")
            runs[copies].append(measure(copies, count))
    results = []
    for copies in COPIES:
        costs = [run["client_cpu_us"] + run["server_cpu_us"] for run in runs[copies]]
        results.append({
            "copies": copies, "cpu_us": round(statistics.median(costs), 2),
            "cpu_us_smallest": round(min(costs), 2), "cpu_us_largest": round(max(costs), 2),
            **{name: round(statistics.median(run[name] for run in runs[copies]), 2) for name in runs[copies][0]},
        })
    costs = [result["cpu_us"] for result in results]
    # Neighbours only ever add to a message's cost, so the cheapest run of each tells how much of the difference is theirs.
    cheapest = [result["cpu_us_smallest"] for result in results]
    report = {
        "benchmark": "scale", "messages": count, "partitions": PARTITIONS, "rounds": ROUNDS, "copies": results,
        "cpu_flatness": round(max(costs) / min(costs), 3),
        "cpu_flatness_of_cheapest_runs": round(max(cheapest) / min(cheapest), 3),
    }
    if "--json" in sys.argv:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for result in results:
            print(f"{result['copies']} copies  {result['cpu_us']:>6.2f} µs per message ({result['cpu_us_smallest']} to "
                  f"{result['cpu_us_largest']}; client {result['client_cpu_us']}, server {result['server_cpu_us']})  "
                  f"{result['records_per_second']:>7.0f} messages/s")
        print(f"cpu_flatness {report['cpu_flatness']} (of the cheapest runs {report['cpu_flatness_of_cheapest_runs']})")


main()
