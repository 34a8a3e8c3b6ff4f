#!/usr/bin/env python3
"""The ingest benchmark; started by scripts/bench, which builds the programs and starts PostgreSQL.

Messages wait in the broker; archive-ingest (one copy) stores and publishes them. Then the very same rows go through
binary \\copy into the same tables with the same indexes: one psql, one COPY per table, one transaction, files in the
order of the stream. Both against the same server, with fsync and synchronous_commit on.
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from bench import (
    BIN, WORK, Session, apply_corps, broker, cpu_of, end, fill, fresh_database, note, peak_memory, postmaster, psql,
    server_cpu)

PARTITIONS = 96


def ingest(count):
    fresh_database("bench_ingest")
    os.environ["PGDATABASE"] = "bench_ingest"
    with broker(PARTITIONS), contextlib.ExitStack() as ending:
        apply_corps()
        fill(count)
        note("ingesting")
        server = postmaster()
        psql("CHECKPOINT", "postgres")
        watcher = Session("bench_ingest")
        with open(WORK / "worker.log", "w") as log:
            worker = subprocess.Popen([BIN / "archive-ingest", "--http-address", "127.0.0.1:0"], stderr=log, stdout=log)
        ending.callback(end, worker)
        progress = "SELECT coalesce(sum(next_offset), 0) FROM archive.offsets WHERE topic = 'chat.raw.v1'"
        started = time.monotonic()
        first = None
        last_progress = started
        done = 0
        while True:
            now_done = watcher.number(progress)
            now = time.monotonic()
            if now_done != done:
                last_progress = now
            done = now_done
            if first is None and done:
                first = (now, done, cpu_of(worker.pid), server_cpu(server))
            if done >= count:
                last = (now, done, cpu_of(worker.pid), server_cpu(server))
                break
            if now - last_progress > 60 or worker.poll() is not None:
                sys.exit(f"error: stopped at {done} of {count}; see {WORK / 'worker.log'}")
            time.sleep(0.02)
        watcher.close()
        memory = peak_memory(worker.pid)
        rows = int(psql("SELECT count(*) FROM archive.messages", "bench_ingest"))
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        seconds, records = last[0] - first[0], last[1] - first[1]
        return {
            "rows": rows, "seconds": round(seconds, 2), "records_per_second": round(records / seconds),
            "seconds_from_start": round(last[0] - started, 2),
            "client_cpu_us": round((last[2] - first[2]) / records * 1e6, 2),
            "server_cpu_us": round((last[3] - first[3]) / records * 1e6, 2),
            "worker_peak_memory_mb": round(memory, 1),
        }


def copy(count):
    """Binary \\copy of the rows the worker stored."""
    tables = psql(
        "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'archive' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
        "AND c.relname NOT IN ('migrations', 'heartbeats', 'snapshots')", "bench_ingest").split()
    load = ["\\set ON_ERROR_STOP on", "BEGIN;"]
    copied = []
    for table in tables:
        rows = int(psql(f"SELECT count(*) FROM archive.{table}", "bench_ingest"))
        if not rows:
            continue
        order = " ORDER BY seq" if table == "messages" else ""
        path = WORK / f"{table}.copy"
        columns = psql(
            "SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
            f"'archive.{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''", "bench_ingest")
        with open(path, "wb") as out:
            subprocess.run(["psql", "-X", "-q", "-d", "bench_ingest", "-c",
                            f"COPY (SELECT {columns} FROM archive.{table}{order}) TO STDOUT (FORMAT binary)"], check=True, stdout=out)
        load.append(f"\\copy archive.{table}({columns}) from '{path}' (format binary)")
        copied.append({"table": table, "rows": rows})
    load.append("COMMIT;")
    (WORK / "load.sql").write_text("\n".join(load) + "\n")
    fresh_database("bench_copy")
    psql("SELECT archive.ensure_months('2025-03-01', '2025-04-01')", "bench_copy")
    server = postmaster()
    psql("CHECKPOINT", "postgres")
    before = server_cpu(server)
    children = os.times()
    started = time.monotonic()
    subprocess.run(["psql", "-X", "-q", "-d", "bench_copy", "-f", WORK / "load.sql"], check=True)
    seconds = time.monotonic() - started
    after = os.times()
    time.sleep(1)  # until the server has counted the back-end that has just ended
    client = after.children_user + after.children_system - children.children_user - children.children_system
    return {
        "tables": copied, "seconds": round(seconds, 2), "records_per_second": round(count / seconds),
        "client_cpu_us": round(client / count * 1e6, 2),
        "server_cpu_us": round((server_cpu(server) - before) / count * 1e6, 2),
    }


def main():
    count = int(os.environ["BENCH_COUNT"])
    ours = ingest(count)
    note("the same rows through \\copy")
    theirs = copy(count)
    result = {
        "benchmark": "ingest", "messages": count, "partitions": PARTITIONS, "ingest": ours, "copy": theirs,
        "ratio_to_copy": round(ours["records_per_second"] / theirs["records_per_second"], 3),
    }
    if "--json" in sys.argv:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for name in ("ingest", "copy"):
            side = result[name]
            print(f"{name:7} {side['records_per_second']:>9} messages/s   client {side['client_cpu_us']:.2f} µs   "
                  f"server {side['server_cpu_us']:.2f} µs per message")
        print(f"ratio_to_copy {result['ratio_to_copy']}   worker peak memory {ours['worker_peak_memory_mb']} MB")


if __name__ == "__main__":
    main()
