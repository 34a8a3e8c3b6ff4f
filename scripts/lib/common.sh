# Sourced by every script: paths, messages, building.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
IMPORT_CHECK=(--explicit-target-dependency-import-check error)
PROGRAMS=(
    archive-ingest sensitive-word-monitor alert-notifier tag-scorer campaign-dispatcher scrm dev-broker wecom-sandbox
)

# What the caller's shell holds for another fleet must not lead a script to that fleet's database: these would beat what
# the scripts set. KAFKA_BOOTSTRAP_SERVERS and PG* are documented inputs and stay, unless they come from the environment
# file of a fleet that scripts/fleet or scripts/demo started: they may point to servers that are gone.
forget_foreign_settings() {
    local name setting
    # shellcheck disable=SC2086
    for setting in ${SCRM_FLEET_SETTINGS:-}; do
        name=${setting%%=*}
        [ "${!name:-}" != "${setting#*=}" ] || unset "$name"
    done
    for name in $(compgen -e); do
        case $name in
        DATABASE_URL | DATABASE_URL_* | SCRM_* | ALERT_* | WECOM_* | WEBHOOK_*) unset "$name" ;;
        esac
    done
}
forget_foreign_settings

say() { printf '%s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# build CONFIGURATION [PRODUCT...]: builds these products, or else every program; prints progress on a terminal, only
# failures otherwise. Sets BIN.
build() {
    local configuration=$1 log product
    shift
    [ $# != 0 ] || set -- "${PROGRAMS[@]}"
    BIN=$ROOT/.build/$configuration
    log=$(mktemp)
    say "building ($configuration; the first time takes some minutes)"
    for product in "$@"; do
        if [ -t 2 ]; then
            swift build --package-path "$ROOT" -c "$configuration" "${IMPORT_CHECK[@]}" --product "$product" >&2 || die "the build failed"
        else
            swift build --package-path "$ROOT" -c "$configuration" "${IMPORT_CHECK[@]}" --product "$product" >"$log" 2>&1 || {
                cat "$log" >&2
                die "the build failed"
            }
        fi
    done
    rm -f "$log"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
    local seconds=$1 what=$2 deadline
    shift 2
    deadline=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || die "$what did not get ready within $seconds s"
        read -rt 0.1 <> <(:) || true
    done
}
