# Sourced. A throw-away PostgreSQL cluster that listens on loopback and a socket in its own folder.

postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 1 -mindepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -1)
    [ -n "$newest" ] || die "PostgreSQL's server programs are not under /usr/lib/postgresql"
    printf '/usr/lib/postgresql/%s/bin' "$newest"
}

# initdb and postgres refuse to run as root: root hands over to the package's own user. Descriptor 9 is a script's lock,
# which the server must not keep.
as_postgres() {
    local drop=()
    [ "$(id -u)" != 0 ] || drop=(setpriv --reuid=postgres --regid=postgres --init-groups)
    (cd / && "${drop[@]}" env -u PGUSER -u PGHOST -u PGPORT "$@" 9>&-)
}

# start_postgres FOLDER: sets PGHOST, PGPORT, PGUSER, PGDATABASE, and no other PG*.
#
# The cluster lives in a folder of its own, noted in FOLDER/postgres-folder: the package's user may not enter a clone
# under /root, and a socket's path must be short.
start_postgres() {
    local folder=$1 bin cluster name
    bin=$(postgres_bin)
    mkdir -p "$folder"
    if [ "$(id -u)" = 0 ]; then cluster=$(mktemp -d /tmp/scrm-postgres.XXXXXX); else
        cluster=$(mktemp -d "${TMPDIR:-/tmp}/scrm-postgres.XXXXXX")
    fi
    printf '%s\n' "$cluster" >"$folder/postgres-folder"
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    as_postgres "$bin/initdb" -D "$cluster/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 \
        >"$folder/initdb.log" 2>&1 || {
        cat "$folder/initdb.log" >&2
        die "initdb failed"
    }
    # PGHOSTADDR would beat PGHOST, PGSERVICE and PGSSLMODE would ask for another server.
    for name in $(compgen -e); do
        case $name in PG*) unset "$name" ;; esac
    done
    as_postgres tee -a "$cluster/data/postgresql.conf" >/dev/null <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$cluster'
max_connections = 400
shared_buffers = 512MB
max_wal_size = 4GB
SETTINGS
    # Somebody else may take the port before the server does.
    for _ in 1 2 3; do
        PGPORT=$(free_port)
        printf 'port = %s\n' "$PGPORT" | as_postgres tee -a "$cluster/data/postgresql.conf" >/dev/null
        as_postgres "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -t 300 start >"$folder/pg_ctl.log" 2>&1 && break
    done
    as_postgres "$bin/pg_ctl" -D "$cluster/data" status >/dev/null || {
        tail -20 "$cluster/log" >&2
        die "PostgreSQL did not start"
    }
    export PGHOST=127.0.0.1 PGPORT PGUSER=postgres PGDATABASE=postgres
}

# restart_postgres FOLDER: as after a crash: nothing is finished, everything is recovered.
restart_postgres() {
    local cluster bin
    cluster=$(cat "$1/postgres-folder") bin=$(postgres_bin)
    as_postgres "$bin/pg_ctl" -D "$cluster/data" -m immediate -w -t 300 stop >/dev/null
    as_postgres "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -t 300 start >/dev/null
}

# stop_postgres FOLDER: ends the server, deletes its data, leaves its log in FOLDER.
stop_postgres() {
    local folder=$1 cluster
    cluster=$(cat "$folder/postgres-folder" 2>/dev/null) || return 0
    [ -d "$cluster" ] || return 0
    as_postgres "$(postgres_bin)/pg_ctl" -D "$cluster/data" -m immediate -w -t 300 stop >/dev/null 2>&1 || true
    cp "$cluster/log" "$folder/postgres.log" 2>/dev/null || true
    rm -rf "$cluster" "$folder/postgres-folder"
}

# A port nobody listens on now.
free_port() {
    local port
    for _ in $(seq 100); do
        # Below the range from which connections take theirs.
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
            printf '%s' "$port"
            return
        }
    done
    die "no free port found"
}
