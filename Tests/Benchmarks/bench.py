"""What the benchmarks have in common: programs, PostgreSQL, the broker and its content, CPU time."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

BIN = pathlib.Path(os.environ["SCRM_BIN"])
WORK = pathlib.Path(os.environ["BENCH_FOLDER"])
HERE = pathlib.Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
CORP = "ww5a7c0e1f2b3d4c6a"


def note(text):
    print(text, file=sys.stderr, flush=True)


def psql(sql, database):
    return subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
        check=True, capture_output=True, text=True).stdout.strip()


class Session:
    """One psql that stays connected: asking often must not cost what is measured."""

    def __init__(self, database):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def number(self, sql):
        self.process.stdin.write(sql + ";\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def stat(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return [int(f) for f in (fields[1], fields[11], fields[12], fields[13], fields[14])]


def cpu_of(pid):
    return sum(stat(pid)[1:3]) / TICKS


def server_cpu(postmaster):
    """Seconds used by the server and everything it forked, the back-ends that have ended included."""
    total = sum(stat(postmaster)[1:])
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = stat(entry.name)
            except (OSError, IndexError):
                continue
            if fields[0] == postmaster:
                total += sum(fields[1:3])
    return total / TICKS


def peak_memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def wait_file(path, seconds=30):
    end = time.time() + seconds
    while not (path.exists() and path.stat().st_size):
        if time.time() > end:
            sys.exit(f"error: {path} did not appear")
        time.sleep(0.05)
    return path.read_text().strip()


def fresh_database(name):
    psql(f"DROP DATABASE IF EXISTS {name}", "postgres")
    psql(f"CREATE DATABASE {name}", "postgres")
    subprocess.run([BIN / "scrm", "migrate"], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PGDATABASE": name})


def postmaster():
    return int(pathlib.Path(psql("SHOW data_directory", "postgres"), "postmaster.pid").read_text().split()[0])


def end(process):
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def broker(raw_partitions):
    """A development broker; its address is in the environment for all that is started inside. The topic with the messages
    has as many partitions as it takes to keep them, the others those of the contracts."""
    file = WORK / "broker"
    file.unlink(missing_ok=True)
    process = subprocess.Popen([BIN / "dev-broker", "--file", file, "--topic", f"chat.raw.v1:{raw_partitions}", "--with-parent"],
                               stdout=subprocess.DEVNULL)
    try:
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] = wait_file(file)
        yield process
    finally:
        end(process)


def apply_corps():
    """Makes the messages' corp known."""
    file = WORK / "corps.yaml"
    file.write_text(f"corps:\n  - id: {CORP}\n    name: 青禾家居\n")
    subprocess.run([BIN / "scrm", "corps", "apply", file], check=True, stdout=subprocess.DEVNULL)


def fill(count):
    """Puts `count` messages into chat.raw.v1."""
    messages = WORK / f"messages-{count}.jsonl"
    if not messages.exists():
        note(f"writing {count} messages")
        with open(messages, "w") as out:
            subprocess.run([sys.executable, HERE / "messages.py", str(count)], check=True, stdout=out)
    note("filling the broker")
    sent = json.loads(subprocess.run([BIN / "scrm", "ingest", messages, "--json"], check=True, capture_output=True,
                                     text=True).stdout)
    if sent["sent"] != count:
        sys.exit(f"error: {sent['sent']} of {count} messages were sent")
