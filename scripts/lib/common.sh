# Sourced by every script: paths, messages, building.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
IMPORT_CHECK=(--explicit-target-dependency-import-check error)
PROGRAMS=(archive-ingest sensitive-word-monitor alert-notifier scrm dev-broker wecom-sandbox)

say() { printf '%s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# build CONFIGURATION: builds every program; prints progress on a terminal, only failures otherwise. Sets BIN.
build() {
    local configuration=$1 log product
    BIN=$ROOT/.build/$configuration
    log=$(mktemp)
    say "building ($configuration; the first time takes some minutes)"
    for product in "${PROGRAMS[@]}"; do
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
