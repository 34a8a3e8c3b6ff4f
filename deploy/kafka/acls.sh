#!/usr/bin/env bash
# What each worker may do in Kafka: see --help.
set -euo pipefail

usage() {
    cat <<'HELP'
Prints the kafka-acls commands that give each worker's principal the rights it needs and no others.

Usage: deploy/kafka/acls.sh BOOTSTRAP_SERVERS [NAMESPACE]

The principals are User:archive-ingest and so on. With a namespace, topics and groups are prefixed by it and a dot.

Example: deploy/kafka/acls.sh kafka:9092 | bash
HELP
}

case ${1:---help} in
--help | -h) usage && exit 0 ;;
esac
servers=$1 prefix=${2:+$2.}

acl() { printf 'kafka-acls.sh --bootstrap-server %q --add %s\n' "$servers" "$*"; }

# worker NAME READS WRITES: topics by name, separated by commas.
worker() {
    local name=$1 topic
    for topic in ${2//,/ }; do
        acl "--allow-principal User:$name --operation Read --operation Describe --topic $prefix$topic"
    done
    for topic in ${3//,/ }; do
        acl "--allow-principal User:$name --operation Write --operation Describe --topic $prefix$topic"
    done
    acl "--allow-principal User:$name --operation Read --operation Describe --group $prefix$name"
    # The idempotent producer.
    acl "--allow-principal User:$name --operation IdempotentWrite --cluster"
}

worker archive-ingest chat.raw.v1,config.corps.v1,config.directory.v1,config.rules.v1 chat.messages.v1,customer.events.v1
worker sensitive-word-monitor chat.messages.v1,config.corps.v1,config.directory.v1,config.rules.v1 alerts.v1
worker alert-notifier \
    alerts.v1,alert.actions.v1,config.corps.v1,config.directory.v1,config.rules.v1 \
    customer.events.v1,alert.actions.v1,alert.states.v1
worker tag-scorer customer.events.v1,config.tag-rules.v1 customer.tags.v1
worker campaign-dispatcher customer.events.v1,customer.tags.v1,config.corps.v1,config.campaigns.v1 campaign.touches.v1
