#!/usr/bin/env python3
"""The ingest benchmark; started by scripts/bench, which builds the programs and starts PostgreSQL.

Messages wait in the broker, in the 96 partitions it needs to keep them; archive-ingest (one copy) stores and publishes
them. Beside it, in the same run and on the same server, with fsync and synchronous_commit on:

* the very same rows through binary \\copy into the same tables with the same indexes: one psql, one COPY per table, one
  transaction, files in the order of the stream;
* a Python consumer (python-consumer.py), which publishes as well, and the same without publishing on both sides;
* with --at-10m, archive-ingest once more where nine million messages are stored already.
"""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

from bench import (
    BIN, HERE, WORK, Session, apply_corps, broker, cpu_of, end, fill, fresh_database, note, peak_memory, postmaster, psql,
    server_cpu)

PARTITIONS = 96


def ingest(count, database, broker_process):
    """What archive-ingest makes of the waiting messages in this database."""
    os.environ["PGDATABASE"] = database
    with contextlib.ExitStack() as ending:
        note(f"ingesting into {database}")
        server = postmaster()
        psql("CHECKPOINT", "postgres")
        watcher = Session(database)
        with open(WORK / "worker.log", "w") as log:
            worker = subprocess.Popen([BIN / "archive-ingest", "--http-address", "127.0.0.1:0"], stderr=log, stdout=log)
        ending.callback(end, worker)
        progress = "SELECT coalesce(sum(next_offset), 0) FROM archive.offsets WHERE topic = 'chat.raw.v1'"

        def used(now, done):
            return now, done, cpu_of(worker.pid), server_cpu(server), cpu_of(broker_process.pid)

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
                first = used(now, done)
            if done >= count:
                last = used(now, done)
                break
            if now - last_progress > 60 or worker.poll() is not None:
                sys.exit(f"error: stopped at {done} of {count}; see {WORK / 'worker.log'}")
            time.sleep(0.02)
        watcher.close()
        memory = peak_memory(worker.pid)
        rows = int(psql("SELECT count(*) FROM archive.messages", database))
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        seconds, records = last[0] - first[0], last[1] - first[1]
        return {
            "rows": rows, "seconds": round(seconds, 2), "records_per_second": round(records / seconds),
            "seconds_from_start": round(last[0] - started, 2),
            "client_cpu_us": round((last[2] - first[2]) / records * 1e6, 2),
            "server_cpu_us": round((last[3] - first[3]) / records * 1e6, 2),
            "broker_cpu_us": round((last[4] - first[4]) / records * 1e6, 2),
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


def lane_cost(count, name, *flags):
    """archive-ingest's handler on the runtime, with parts taken away."""
    fresh_database("bench_parts")
    psql("SELECT archive.ensure_months('2025-03-01', '2025-04-01')", "bench_parts")
    return consumer_run([BIN / "lane-cost", "--messages", str(count), "--group", name, *flags], count, "bench_parts")


def python(count, *flags):
    """The same messages through the Python consumer."""
    fresh_database("bench_python")
    psql("SELECT archive.ensure_months('2025-03-01', '2025-04-01')", "bench_python")
    command = [os.environ["BENCH_PYTHON"], HERE / "python-consumer.py", "--group", "python" + "".join(flags),
               "--messages", str(count), *flags]
    return consumer_run(command, count, "bench_python")


def consumer_run(command, count, database):
    """Runs a program that prints what it used between its first commit and its last."""
    psql("CHECKPOINT", "postgres")
    server = postmaster()
    before = server_cpu(server)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PGDATABASE": database})
    used = json.loads(done.stdout)
    psql("SELECT pg_sleep(0.3)", "postgres")  # until the server has counted the back-ends that have just ended
    rows = int(psql("SELECT count(*) FROM archive.messages", database))
    return {
        "rows": rows, "records_per_second": round(used["records"] / used["seconds"]),
        "client_cpu_us": round(used["cpu_seconds"] / used["records"] * 1e6, 2),
        "server_cpu_us": round((server_cpu(server) - before) / count * 1e6, 2),
    }


def where_the_time_goes(count, ours, silent, bare):
    """CPU time per message, client and server together, by what is saved when a part is left out."""
    printed = subprocess.run([BIN / "ingest-cost", WORK / f"messages-{count}.jsonl", "--rounds", "1"], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    reading = sum(float(number) for number in re.findall(r"([0-9.]+) µs", printed))

    def total(side):
        return side["client_cpu_us"] + side["server_cpu_us"]

    return {
        "decode_normalise_encode": round(reading, 2), "publish": round(total(ours) - total(silent), 2),
        "lane": round(total(silent) - total(bare), 2), "copy_in_server": bare["server_cpu_us"],
        "fetch_and_copy_in_client": round(bare["client_cpu_us"] - reading, 2), "broker": ours["broker_cpu_us"],
    }


def with_history(count, broker_process):
    """The same where nine times as many messages are stored already, loaded by COPY."""
    fresh_database("bench_history")
    psql("SELECT archive.ensure_months('2025-01-01', '2025-04-01')", "bench_history")
    columns = psql(
        "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'archive.messages'::regclass "
        "AND attnum > 0 AND NOT attisdropped", "bench_ingest")
    path = WORK / "history.copy"
    for number in range(1, 10):
        note(f"loading {number} of 9 million messages of history" if count == 1_000_000 else f"loading history {number} of 9")
        shifted = columns.replace("filed_at", f"filed_at - {number} * interval '3 days' AS filed_at").replace(
            "msgid", f"'{number}' || msgid AS msgid")
        with open(path, "wb") as out:
            subprocess.run(["psql", "-X", "-q", "-d", "bench_ingest", "-c",
                            f"COPY (SELECT {shifted} FROM archive.messages ORDER BY seq) TO STDOUT (FORMAT binary)"],
                           check=True, stdout=out)
        subprocess.run(["psql", "-X", "-q", "-d", "bench_history", "-c",
                        f"\\copy archive.messages({columns}) from '{path}' (format binary)"], check=True)
    path.unlink()
    psql("VACUUM (ANALYZE) archive.messages", "bench_history")
    return ingest(count, "bench_history", broker_process)


def main():
    count = int(os.environ["BENCH_COUNT"])
    with broker(PARTITIONS) as broker_process:
        fresh_database("bench_ingest")
        os.environ["PGDATABASE"] = "bench_ingest"
        apply_corps()
        fill(count)
        ours = ingest(count, "bench_ingest", broker_process)
        note("the same without publishing, and without the lane's statements")
        silent = lane_cost(count, "silent", "--without-publishing")
        bare = lane_cost(count, "bare", "--without-publishing", "--without-lanes")
        note("the same in Python")
        peer = python(count, "--publish")
        silent_peer = python(count)
        history = with_history(count, broker_process) if "--at-10m" in sys.argv else None
    for name, side in (("without publishing", silent), ("without lanes", bare), ("Python", peer)):
        if side["rows"] != ours["rows"]:
            sys.exit(f"error: {side['rows']} rows {name}, {ours['rows']} by archive-ingest")
    note("the same rows through \\copy")
    theirs = copy(count)

    def ratio(name, one, other):
        return round(one[name] / other[name], 3)

    result = {
        "benchmark": "ingest", "messages": count, "partitions": PARTITIONS, "ingest": ours, "copy": theirs,
        "without_publishing": silent, "python": peer, "python_without_publishing": silent_peer,
        "ratio_to_copy": ratio("records_per_second", ours, theirs),
        "ratio_to_copy_no_publish": ratio("records_per_second", silent, theirs),
        "ratio_to_python_wall": ratio("records_per_second", ours, peer),
        "ratio_to_python_cpu": ratio("client_cpu_us", peer, ours),
        "ratio_to_python_wall_no_publish": ratio("records_per_second", silent, silent_peer),
        "ratio_to_python_cpu_no_publish": ratio("client_cpu_us", silent_peer, silent),
        "cpu_us_by_part": where_the_time_goes(count, ours, silent, bare),
    }
    if history:
        result |= {"ingest_at_10m": history, "rate_at_10m": ratio("records_per_second", history, ours)}
    if "--json" in sys.argv:
        print(json.dumps(result, ensure_ascii=False))
        return
    for name in ("ingest", "copy", "python", "without_publishing", "python_without_publishing", "ingest_at_10m"):
        if side := result.get(name):
            print(f"{name:26} {side['records_per_second']:>9} messages/s   client {side['client_cpu_us']:.2f} µs   "
                  f"server {side['server_cpu_us']:.2f} µs per message")
    for name, value in result.items():
        if name.startswith(("ratio", "rate")):
            print(f"{name:34} {value}")
    print("CPU time per message, µs: " + ", ".join(f"{name} {value}" for name, value in result["cpu_us_by_part"].items()))
    print(f"worker peak memory {ours['worker_peak_memory_mb']} MB")


if __name__ == "__main__":
    main()
