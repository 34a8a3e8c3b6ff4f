# Sourced. The whole fleet as processes of one machine, with everything it writes under $FLEET.
# Needs: FLEET (folder), BIN (built programs), lib/common.sh, lib/postgres.sh.

DEMO_CORP=ww5a7c0e1f2b3d4c6a

# start NAME COMMAND...: a background process with its pid and log under $FLEET.
start() {
    local name=$1
    shift
    # 9 is the lock of scripts/fleet: it belongs to the script alone.
    setsid "$@" >>"$FLEET/$name.log" 2>&1 </dev/null 9>&- &
    printf '%s %s\n' "$!" "$(process_start "$!")" >"$FLEET/run/$name.pid"
}

# When a process began, in clock ticks after boot: a pid may be somebody else's by now.
process_start() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    printf '%s' "${20}"
}

is_running() {
    local pid began
    read -r pid began <"$FLEET/run/$1.pid" 2>/dev/null || return 1
    [ -n "$began" ] && [ "$(process_start "$pid")" = "$began" ]
}

# stop_processes NAME...: SIGTERM to all, then wait; SIGKILL what is left after the shutdown deadline.
stop_processes() {
    local name pid deadline=$((SECONDS + 28))
    for name in "$@"; do
        is_running "$name" && read -r pid _ <"$FLEET/run/$name.pid" && kill -TERM "$pid" 2>/dev/null || true
    done
    for name in "$@"; do
        while is_running "$name"; do
            if [ "$SECONDS" -ge "$deadline" ]; then
                read -r pid _ <"$FLEET/run/$name.pid" && kill -KILL "$pid" 2>/dev/null || true
            fi
            read -rt 0.05 <> <(:) || true
        done
        rm -f "$FLEET/run/$name.pid"
    done
}

# process_names [PATTERN]: what was started, in the order in which it has to stop.
process_names() {
    local prefix file
    for prefix in archive-ingest sensitive-word-monitor alert-notifier tag-scorer campaign-dispatcher wecom-sandbox \
        dev-broker; do
        for file in "$FLEET/run/$prefix"*.pid; do
            [ -e "$file" ] && basename "$file" .pid
        done
    done
}

fleet_down() {
    local names
    mapfile -t names < <(process_names)
    [ "${#names[@]}" = 0 ] || stop_processes "${names[@]}"
    stop_postgres "$FLEET"
}

random_secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# start_worker PROGRAM NUMBER
start_worker() {
    local program=$1 number=$2 role settings=()
    case $program in
    archive-ingest) role=scrm_archive ;;
    sensitive-word-monitor) role=scrm_monitor ;;
    tag-scorer) role=scrm_tagging ;;
    alert-notifier)
        role=scrm_alerting
        # The page of the alerts has one address: the first copy serves it.
        [ "$number" = 1 ] && settings=(ALERT_PAGE_ADDRESS="$ALERT_PAGE_ADDRESS")
        ;;
    campaign-dispatcher)
        role=scrm_campaigns
        # It is always day for the guards, unless the caller says otherwise.
        settings=(CAMPAIGN_CLOCK="${CAMPAIGN_CLOCK:-10:00}")
        ;;
    esac
    start "$program-$number" env PGUSER=$role "${settings[@]}" "$BIN/$program" --http-address 127.0.0.1:0 \
        --http-port-file "$FLEET/run/$program-$number.http"
}

# fleet_up COPIES: PostgreSQL, broker, sandbox, tables, topics, configuration, workers.
fleet_up() {
    local copies=$1 program number
    mkdir -p "$FLEET/run"
    say "starting PostgreSQL, broker and WeCom sandbox"
    start_postgres "$FLEET"
    psql_quiet -c 'CREATE DATABASE scrm' || die "could not create the database"
    export PGDATABASE=scrm

    if [ -z "${KAFKA_BOOTSTRAP_SERVERS:-}" ]; then
        # Properties meant for another cluster, such as its TLS, would keep the clients from this broker.
        for program in $(compgen -e); do
            case $program in KAFKA_*) unset "$program" ;; esac
        done
        start dev-broker "$BIN/dev-broker" --file "$FLEET/broker"
        wait_for 300 "dev-broker (see $FLEET/dev-broker.log)" test -s "$FLEET/broker"
        KAFKA_BOOTSTRAP_SERVERS=$(cat "$FLEET/broker")
        export KAFKA_BOOTSTRAP_SERVERS
    fi
    export WEBHOOK_CRM_SECRET ROBOT_COMPLIANCE_KEY ROBOT_SALES_KEY ALERT_LINK_SECRET WECOM_CONTACT_SECRET
    WEBHOOK_CRM_SECRET=$(random_secret) ROBOT_COMPLIANCE_KEY=$(random_secret) ROBOT_SALES_KEY=$(random_secret)
    ALERT_LINK_SECRET=$(random_secret) WECOM_CONTACT_SECRET=$(random_secret)
    export APP_SECRET APP_CALLBACK_TOKEN APP_CALLBACK_KEY
    # An EncodingAESKey is 43 characters of base64: 32 bytes.
    APP_SECRET=$(random_secret) APP_CALLBACK_TOKEN=$(random_secret)
    APP_CALLBACK_KEY=$(head -c 32 /dev/urandom | base64 | tr -d '=\n')
    ALERT_PAGE_ADDRESS=127.0.0.1:$(free_port)
    start wecom-sandbox env WEBHOOK_SECRET="$WEBHOOK_CRM_SECRET" "$BIN/wecom-sandbox" --port 0 \
        --file "$FLEET/sandbox" --show "$FLEET/received.txt" \
        --callback "http://$ALERT_PAGE_ADDRESS/wecom/callback/$DEMO_CORP"
    wait_for 300 "wecom-sandbox (see $FLEET/wecom-sandbox.log)" test -s "$FLEET/sandbox"
    export WECOM_BASE_URL WEBHOOK_ALLOW_PRIVATE=true ALERT_LINK_BASE_URL
    WECOM_BASE_URL=$(cat "$FLEET/sandbox")
    ALERT_LINK_BASE_URL=http://$ALERT_PAGE_ADDRESS

    say "creating tables, roles and topics"
    "$BIN/scrm" migrate >"$FLEET/migrate.log" 2>&1 || { cat "$FLEET/migrate.log" >&2; die "scrm migrate failed"; }
    "$BIN/scrm" topics apply >"$FLEET/topics.log" 2>&1 || { cat "$FLEET/topics.log" >&2; die "scrm topics apply failed"; }
    sed "s|http://127.0.0.1:[0-9]*|$WECOM_BASE_URL|" "$ROOT/deploy/demo/corps.yaml" >"$FLEET/corps.yaml"
    for number in "corps $FLEET/corps.yaml" "directory $ROOT/deploy/demo/directory.yaml" "rules $ROOT/deploy/demo/rules.yaml" \
        "tag-rules $ROOT/deploy/demo/tag-rules.yaml" "campaigns $ROOT/deploy/demo/campaigns.yaml"; do
        # shellcheck disable=SC2086
        "$BIN/scrm" ${number% *} apply "${number#* }" >>"$FLEET/apply.log" 2>&1 || {
            cat "$FLEET/apply.log" >&2
            die "scrm ${number% *} apply failed"
        }
    done

    say "starting the workers ($copies of each)"
    for program in archive-ingest sensitive-word-monitor alert-notifier tag-scorer campaign-dispatcher; do
        for number in $(seq "$copies"); do start_worker "$program" "$number"; done
    done
    save_environment
}

psql_quiet() { "$(postgres_bin)/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }

# What a second terminal needs to talk to this fleet. SCRM_FLEET_SETTINGS tells the scripts that the settings are this
# fleet's, so that they do not take its servers for ones they were given.
save_environment() {
    local name settings=()
    for name in PGHOST PGPORT PGUSER PGDATABASE KAFKA_BOOTSTRAP_SERVERS WECOM_BASE_URL ALERT_LINK_BASE_URL; do
        printf 'export %s=%q\n' "$name" "${!name}"
        settings+=("$name=${!name}")
    done >"$FLEET/environment"
    printf 'export SCRM_FLEET_SETTINGS=%q\nexport PATH=%q:$PATH\n' "${settings[*]}" "$BIN" >>"$FLEET/environment"
}

check_workers() {
    local name
    for name in $(process_names); do
        is_running "$name" || {
            tail -5 "$FLEET/$name.log" >&2
            die "$name ended; its log is $FLEET/$name.log"
        }
    done
}
