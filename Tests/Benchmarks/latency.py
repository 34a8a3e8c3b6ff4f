#!/usr/bin/env python3
"""The latency benchmark; started by scripts/bench, which builds the programs and starts PostgreSQL.

All workers run, one copy of each, with the demo's rules. Messages are sent to chat.raw.v1 at an even rate, one in twenty
raises an alert, and a client reads alerts.v1. Measured is the time from sending a message to reading its alert, by one
clock in one process; the hops come from the timestamps of the records and the hits. The first ten seconds do not count.
CPU time of each process is taken while nothing is sent and while the messages that count are.
"""
import json
import os
import pathlib
import secrets
import subprocess
import sys
import time

from bench import BIN, CORP, HERE, WORK, broker, cpu_of, end, fresh_database, note, postmaster, server_cpu, wait_file

IDLE, WARM_UP = 10, 10
RULES = HERE.parent.parent / "deploy" / "demo" / "rules.yaml"
HOPS = {
    "archive": "  archive-ingest stored it", "judging": "  sensitive-word-monitor judged it",
    "storing": "  the hit is stored", "ends": "  the alert is read",
}


def start(program, environment, *arguments):
    log = open(WORK / f"{program}.log", "w")
    return subprocess.Popen([BIN / program, *arguments], stdout=log, stderr=log, env={**os.environ, **environment})


def scrm(*arguments):
    subprocess.run([BIN / "scrm", *arguments], check=True, stdout=subprocess.DEVNULL)


def configure(sandbox):
    corps = WORK / "corps.yaml"
    corps.write_text(f"""
corps:
  - id: {CORP}
    name: 青禾家居
    robots: [{{id: compliance, key: "env:ROBOT_COMPLIANCE_KEY"}}, {{id: sales, key: "env:ROBOT_SALES_KEY"}}]
    webhooks: [{{id: crm, url: "{sandbox}/webhook/crm", secret: "env:WEBHOOK_CRM_SECRET"}}]
""")
    scrm("corps", "apply", corps)
    scrm("directory", "apply", HERE.parent.parent / "deploy" / "demo" / "directory.yaml")
    scrm("rules", "apply", RULES)


class Usage:
    """Per cent of one core that each process uses."""

    def __init__(self, processes):
        self.processes = processes

    def over(self, seconds):
        before, began = self.sample(), time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - began
        return {name: round(100 * (used - before[name]) / elapsed, 1) for name, used in self.sample().items()}

    def sample(self):
        used = {pathlib.Path(process.args[0]).name: cpu_of(process.pid) for process in self.processes}
        return {**used, "postgres": server_cpu(postmaster())}


def main():
    rate, seconds = int(os.environ["BENCH_RATE"]), int(os.environ["BENCH_SECONDS"])
    os.environ["PGDATABASE"] = "bench_latency"
    fresh_database("bench_latency")
    secret = secrets.token_hex(16)
    processes = []
    with broker(12) as broker_process:
        address = WORK / "sandbox"
        processes.append(start("wecom-sandbox", {"WEBHOOK_SECRET": secret}, "--port", "0", "--file", address, "--with-parent"))
        sandbox = wait_file(address)
        workers = {
            # The development broker does not wake a waiting fetch: this is what a hop waits at most, and what it costs to ask.
            "KAFKA_FETCH_WAIT_MAX_MS": "3", "WECOM_BASE_URL": sandbox, "WEBHOOK_ALLOW_PRIVATE": "true",
            "WEBHOOK_CRM_SECRET": secret, "ROBOT_COMPLIANCE_KEY": secret, "ROBOT_SALES_KEY": secret,
            "ALERT_LINK_SECRET": secret, "ALERT_LINK_BASE_URL": "http://127.0.0.1:1", "SCRM_HTTP_ADDRESS": "127.0.0.1:0",
        }
        try:
            configure(sandbox)
            programs = ("archive-ingest", "sensitive-word-monitor", "alert-notifier")
            for program in programs:
                processes.append(start(program, workers))
            scrm("drain", "--timeout", "120", *(word for program in programs for word in ("--worker", program)))
            idle = Usage([broker_process, *processes]).over(IDLE)
            note(f"{rate} messages a second for {seconds} s")
            traffic = subprocess.Popen(
                [BIN / "latency", "--rate", str(rate), "--seconds", str(seconds), "--warm-up", str(WARM_UP)],
                stdout=subprocess.PIPE, text=True)
            processes.append(traffic)
            time.sleep(WARM_UP)
            busy = Usage([broker_process, *processes]).over(seconds)
            report = json.loads(traffic.communicate()[0] or "{}")
            if traffic.returncode:
                sys.exit("error: the traffic failed")
        finally:
            for process in reversed(processes):
                end(process)
    if not report["alerts"]:
        sys.exit(f"error: none of {report['missing']} alerts was read; see the workers' logs")
    total = report["total"]
    result = {
        "benchmark": "latency", "rate": rate, "seconds": seconds, "alerts": report["alerts"],
        "missing": report["missing"], "load_average": os.getloadavg()[0],
        **{f"{name}_ms": round(total[name], 2) for name in ("p50", "p90", "p99", "p999", "max")},
        "hops": {name: report[name] for name in HOPS}, "idle_cpu_percent": idle, "busy_cpu_percent": busy,
    }
    if "--json" in sys.argv:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(f"{rate} messages/s, {report['alerts']} alerts, {report['missing']} missing; milliseconds")
    print(f"{'':38}{'p50':>8}{'p90':>8}{'p99':>8}{'p99.9':>8}{'max':>8}")
    for name, title in {"total": "message sent -> alert read", **HOPS}.items():
        print(f"{title:38}" + "".join(f"{report[name][key]:8.1f}" for key in ("p50", "p90", "p99", "p999", "max")))
    print(f"{'CPU, per cent of one core':38}{'idle':>8}{'busy':>8}")
    for name in busy:
        print(f"  {name:36}{idle.get(name, 0):8.1f}{busy[name]:8.1f}")


main()
