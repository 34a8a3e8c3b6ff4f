# Sourced. Installs what the fleet needs from the distribution, if anything is missing.

PACKAGES=(librdkafka-dev libpq-dev libsimdjson-dev libre2-dev postgresql pkg-config)

missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$name"
    done
}

ensure_packages() {
    command -v swift >/dev/null || die "swift is not on the PATH: install a Swift 6.2 or later toolchain from swift.org"
    command -v dpkg-query >/dev/null || die "this script installs Debian or Ubuntu packages; elsewhere install librdkafka, libpq, simdjson, RE2 and PostgreSQL by hand"
    local missing as_root=()
    missing=$(missing_packages "${PACKAGES[@]}" "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "missing packages: $missing(install them as root, or install sudo)"
        as_root=(sudo)
    fi
    say "installing $missing"
    # shellcheck disable=SC2086
    { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } \
        >"${TMPDIR:-/tmp}/scrm-fleet-apt.log" 2>&1 ||
        die "apt-get failed; see ${TMPDIR:-/tmp}/scrm-fleet-apt.log"
}
