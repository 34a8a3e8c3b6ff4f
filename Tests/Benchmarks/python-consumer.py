#!/usr/bin/env python3
"""The peer of the ingest benchmark: what a Python programmer would write in an afternoon with the usual libraries.

Takes the messages of chat.raw.v1 with confluent-kafka, reads them with orjson, and stores the same columns as
archive-ingest by psycopg's binary COPY; offsets are committed to Kafka after each batch, so a crash repeats messages.
With --publish it produces the derived records as well. It keeps no conversations, consents or versions, and does not
look for a message that it has seen before.

python-consumer.py --group NAME --messages COUNT [--publish]; prints one JSON object when all messages are stored.
"""
import argparse
import json
import os
import resource
import sys
import time
from datetime import datetime, timedelta, timezone

import confluent_kafka
import orjson
import psycopg

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
BATCH = 10_000
COLUMNS = {
    "filed_at": "timestamptz", "sent_at": "timestamptz", "seq": "int8", "raw_offset": "int8", "raw_partition": "int4",
    "external": "bool", "forwarded": "bool", "corp_id": "text", "msgid": "text", "action": "text", "msgtype": "text",
    "sender_kind": "text", "sender_id": "text", "conversation_kind": "text", "conversation_id": "text", "room_id": "text",
    "recipients": "text[]", "flags": "text[]", "text": "text", "quoted_text": "text", "raw": "bytea",
}
MEDIA = {
    "filed_at": "timestamptz", "size": "int8", "place": "int4", "corp_id": "text", "msgid": "text", "kind": "text",
    "sdkfileid": "text", "md5": "text", "file_name": "text",
}
RECALLS = {
    "corp_id": "text", "target_base": "text", "msgid": "text", "target_msgid": "text", "target_filed_at": "timestamptz",
    "recalled_by": "text", "recalled_at": "timestamptz",
}


def moment(milliseconds):
    return EPOCH + timedelta(milliseconds=milliseconds)


def filed_at(msgid):
    return moment(int(msgid.split("_")[1]))


def kind(party):
    if len(party) == 32 and party[0] == "w":
        if party[1] in "mo":
            return "customer"
        if party[1] == "b":
            return "robot"
    return "employee"


def conversation(room, sender, recipients):
    if room:
        return "group", "g:" + room
    ids = sorted({sender, *recipients})
    if len(ids) == 2:
        return "single", "s:" + "|".join(ids)
    return "multi", "m:" + "|".join(ids)


def words(message, msgtype):
    body = message.get(msgtype, {})
    if msgtype == "text":
        return body["content"]
    if msgtype == "link":
        return "\n".join(part for part in (body.get("title"), body.get("description"), body.get("link_url")) if part)
    if msgtype == "file":
        return body.get("filename")
    return None


class Reader:
    """Messages as rows, and the records derived from them."""

    def __init__(self, publisher):
        self.publisher = publisher
        self.clear()

    def clear(self):
        self.rows, self.media, self.recalls = [], [], []

    def take(self, record):
        raw = record.value()
        message = orjson.loads(raw)
        msgid, msgtype = message["msgid"], message["msgtype"]
        corp, sender, recipients = message["corp_id"], message["from"], message["tolist"]
        room = message.get("roomid") or None
        filed, sent = filed_at(msgid), moment(message["msgtime"])
        sort, name = conversation(room, sender, recipients)
        sides = {party: kind(party) for party in (sender, *recipients)}
        external = "customer" in sides.values()
        text = words(message, msgtype)
        self.rows.append((
            filed, sent, message.get("seq"), record.offset(), record.partition(), external, False, corp, msgid,
            message["action"], msgtype, sides[sender], sender, sort, name, room, recipients, [], text, None, raw))
        body = message.get(msgtype, {})
        if "sdkfileid" in body:
            self.media.append((filed, body.get("filesize"), 0, corp, msgid, msgtype, body["sdkfileid"],
                               body.get("md5sum"), body.get("filename")))
        target = body.get("pre_msgid")
        if target:
            self.recalls.append((corp, target.removesuffix("_external"), msgid, target, filed_at(target), sender, sent))
        if self.publisher:
            self.publish(record, message, msgid, corp, sort, name, external, sides, sender, recipients, text, target)

    def publish(self, record, message, msgid, corp, sort, name, external, sides, sender, recipients, text, target):
        source = f"chat.raw.v1/{record.partition()}"
        number = record.offset() * 1024
        event = {
            "corp_id": corp, "msgid": msgid, "filed_at": int(msgid.split("_")[1]), "sent_at": message["msgtime"],
            "seq": message.get("seq"), "action": message["action"], "msgtype": message["msgtype"],
            "conversation": {"id": name, "kind": sort, "external": external},
            "sender": {"id": sender, "kind": sides[sender]},
            "recipients": [{"id": party, "kind": sides[party]} for party in recipients], "forwarded": False,
        }
        if text:
            event["text"] = text
        if target:
            event["recalled_msgid"] = target
        self.produce("chat.messages.v1", name, event, "chat.message", corp, source, number)
        customers = [party for party, side in sides.items() if side == "customer"]
        customer = sender if sides[sender] == "customer" else customers[0] if len(customers) == 1 else None
        if customer and message["action"] == "send":
            activity = {
                "corp_id": corp, "customer_id": customer, "source": "archive", "type": "chat.message", "event_id": msgid,
                "occurred_at": message["msgtime"], "side": "customer" if customer == sender else "employee",
                "conversation_id": name,
            }
            self.produce("customer.events.v1", customer, activity, "customer.event", corp, source, number + 1)

    def produce(self, topic, key, event, sort, corp, source, number):
        headers = [("event-type", sort), ("corp-id", corp), ("source", source), ("source-seq", str(number))]
        while True:
            try:
                self.publisher.produce(topic, key=key, value=orjson.dumps(event), headers=headers)
                break
            except BufferError:
                self.publisher.poll(0.1)
        self.publisher.poll(0)


def copy(cursor, table, columns, rows):
    if not rows:
        return
    with cursor.copy(f"COPY archive.{table} ({','.join(columns)}) FROM STDIN (FORMAT binary)") as copying:
        copying.set_types(list(columns.values()))
        for row in rows:
            copying.write_row(row)


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--group", required=True)
    arguments.add_argument("--messages", type=int, required=True)
    arguments.add_argument("--publish", action="store_true")
    options = arguments.parse_args()
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": servers, "group.id": options.group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False})
    consumer.subscribe(["chat.raw.v1"])
    publisher = None
    if options.publish:
        publisher = confluent_kafka.Producer({
            "bootstrap.servers": servers, "enable.idempotence": True, "compression.type": "lz4", "linger.ms": 5})
    reader, done, first = Reader(publisher), 0, None
    with psycopg.connect() as connection:
        while done < options.messages:
            records = consumer.consume(BATCH, 0.2)
            failed = next((record.error() for record in records if record.error()), None)
            if failed:
                sys.exit(f"error: {failed}")
            if not records:
                continue
            for record in records:
                reader.take(record)
            with connection.cursor() as cursor:
                copy(cursor, "messages", COLUMNS, reader.rows)
                copy(cursor, "media_jobs", MEDIA, reader.media)
                copy(cursor, "recalls", RECALLS, reader.recalls)
            if publisher:
                publisher.flush()
            connection.commit()
            consumer.commit(asynchronous=False)
            reader.clear()
            done += len(records)
            first = first or (done, used(), time.monotonic())
    result = {"records": done - first[0], "cpu_seconds": used() - first[1], "seconds": time.monotonic() - first[2]}
    consumer.close()
    print(json.dumps(result))


main()
