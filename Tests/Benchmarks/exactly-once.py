#!/usr/bin/env python3
"""What the promise costs; started by scripts/bench, which builds the programs and starts PostgreSQL.

The same messages are archived and published again and again: by turns with everything, and with the lane's statements
taken out of the transactions (no lock, no compare-and-set, no offsets in the database), as an ordinary consumer does.
What counts is the CPU time of worker and server together, between the first commit and the last.
"""
import json
import os
import statistics
import subprocess
import sys

from bench import BIN, WORK, broker, fill, fresh_database, note, postmaster, psql, server_cpu

PARTITIONS = 12
PAIRS = int(os.environ["BENCH_PAIRS"])


def run(count, name, lanes):
    """One pass over all messages, in a fresh database and a fresh consumer group."""
    fresh_database("bench_lanes")
    psql("SELECT archive.ensure_months('2025-03-01', '2025-04-01')", "bench_lanes")
    psql("CHECKPOINT", "postgres")
    server = postmaster()
    before = server_cpu(server)
    command = [BIN / "lane-cost", "--messages", str(count), "--group", name] + ([] if lanes else ["--without-lanes"])
    done = subprocess.run(command, check=True, capture_output=True, text=True,
                          env={**os.environ, "PGDATABASE": "bench_lanes"})
    used = json.loads(done.stdout)
    rows = int(psql("SELECT count(*) FROM archive.messages", "bench_lanes"))
    psql("SELECT pg_sleep(0.3)", "postgres")  # until the server has counted the back-ends that have just ended
    return {
        "client_cpu_us": used["cpu_seconds"] / used["records"] * 1e6,
        "server_cpu_us": (server_cpu(server) - before) / count * 1e6,
        "records_per_second": used["records"] / used["seconds"], "rows": rows,
    }


def main():
    count = int(os.environ["BENCH_COUNT"])
    pairs = []
    with broker(PARTITIONS):
        fill(count)
        for pair in range(PAIRS):
            sides = {}
            # By turns, and each first in every other pair: the machine's mood changes slowly.
            for lanes in (True, False) if pair % 2 == 0 else (False, True):
                sides[lanes] = run(count, f"lane-cost-{pair}-{lanes}", lanes)
            if sides[True]["rows"] != sides[False]["rows"]:
                sys.exit(f"error: {sides[True]['rows']} rows with lanes, {sides[False]['rows']} without")
            pairs.append(sides)
            note(f"pair {pair + 1} of {PAIRS}: " + ", ".join(
                f"{'with' if lanes else 'without'} {side['client_cpu_us']:.2f} + {side['server_cpu_us']:.2f} µs"
                for lanes, side in sorted(sides.items(), reverse=True)))

    def total(side):
        return side["client_cpu_us"] + side["server_cpu_us"]

    overheads = sorted(total(sides[True]) / total(sides[False]) - 1 for sides in pairs)

    def medians(lanes):
        return {key: round(statistics.median(sides[lanes][key] for sides in pairs), 2) for key in pairs[0][lanes]}

    quartiles = statistics.quantiles(overheads, n=4) if len(overheads) > 1 else overheads * 3
    result = {
        "benchmark": "exactly-once", "messages": count, "partitions": PARTITIONS, "pairs": PAIRS,
        "with_lanes": medians(True), "without_lanes": medians(False),
        "overhead": round(statistics.median(overheads), 4),
        "overhead_quartiles": [round(quartiles[0], 4), round(quartiles[2], 4)],
        "overhead_range": [round(overheads[0], 4), round(overheads[-1], 4)],
    }
    if "--json" in sys.argv:
        print(json.dumps(result))
    else:
        for name in ("with_lanes", "without_lanes"):
            side = result[name]
            print(f"{name:14} {side['records_per_second']:>9.0f} messages/s   client {side['client_cpu_us']:.2f} µs   "
                  f"server {side['server_cpu_us']:.2f} µs per message")
        print(f"overhead {result['overhead']:.1%} of the CPU time (median of {PAIRS} pairs; "
              f"half of them {quartiles[0]:.1%} to {quartiles[2]:.1%})")


main()
