# Sourced. A throw-away PostgreSQL cluster that listens on loopback and a socket in its own folder.

postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 1 -mindepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -1)
    [ -n "$newest" ] || die "PostgreSQL's server programs are not under /usr/lib/postgresql"
    printf '/usr/lib/postgresql/%s/bin' "$newest"
}

# initdb and postgres refuse to run as root: root hands over to the package's own user.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && setpriv --reuid=postgres --regid=postgres --init-groups env -u PGUSER -u PGHOST -u PGPORT "$@")
    else
        (cd / && env -u PGUSER -u PGHOST -u PGPORT "$@")
    fi
}

# start_postgres FOLDER: sets PGHOST, PGPORT, PGUSER, PGDATABASE.
start_postgres() {
    local folder=$1 bin
    bin=$(postgres_bin)
    mkdir -p "$folder/postgres"
    if [ "$(id -u)" = 0 ]; then
        chmod 755 "$folder"
        chown postgres "$folder/postgres"
    fi
    chmod 700 "$folder/postgres"
    as_postgres "$bin/initdb" -D "$folder/postgres/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 \
        >"$folder/initdb.log" 2>&1 || {
        cat "$folder/initdb.log" >&2
        die "initdb failed"
    }
    PGPORT=$(free_port)
    cat >"$folder/postgres.settings" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $PGPORT
unix_socket_directories = '$folder/postgres'
max_connections = 200
shared_buffers = 512MB
max_wal_size = 4GB
SETTINGS
    chmod 644 "$folder/postgres.settings"
    as_postgres sh -c "cat '$folder/postgres.settings' >> '$folder/postgres/data/postgresql.conf'"
    as_postgres "$bin/pg_ctl" -D "$folder/postgres/data" -l "$folder/postgres/log" -w -t 60 start \
        >"$folder/pg_ctl.log" 2>&1 || {
        as_postgres tail -20 "$folder/postgres/log" >&2
        die "PostgreSQL did not start"
    }
    export PGHOST=127.0.0.1 PGPORT PGUSER=postgres PGDATABASE=postgres
}

stop_postgres() {
    local folder=$1
    [ -d "$folder/postgres/data" ] || return 0
    as_postgres "$(postgres_bin)/pg_ctl" -D "$folder/postgres/data" -m immediate -w -t 30 stop >/dev/null 2>&1 || true
}

# A port nobody listens on now.
free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
            printf '%s' "$port"
            return
        }
    done
    die "no free port found"
}
