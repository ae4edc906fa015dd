# Shared by tools/demo, tools/bench and tools/test: what the machine must have, and the builds.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=/usr/bin/python3
swift_version=6.3

# What Swift's own list for Debian names and the toolchain does not bring along, besides DPDK.
packages_to_build=(
    dpdk-dev libnuma-dev pkg-config build-essential git ca-certificates python3
    libcurl4-openssl-dev libxml2-dev libsqlite3-dev libncurses-dev
)
packages_to_run=(dpdk iproute2 procps)
packages_to_test=(python3-pytest binutils curl ethtool iputils-ping clang-format openssl)

say() {
    echo "== $*" >&2
}

die() {
    echo "$(basename "$0"): error: $*" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install PACKAGE...: by apt, only what is missing.
install() {
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "missing: ${missing[*]}; this machine has no apt-get to install them by"
    [ "$(id -u)" = 0 ] || die "missing: ${missing[*]}; run as root: apt-get install ${missing[*]}"
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    local log
    log=$(mktemp)
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install ${missing[*]}"
    fi
    rm -f "$log"
}

# Puts a Swift toolchain that is new enough on PATH.
find_swift() {
    if ! command -v swift >/dev/null && [ -x /opt/swift/usr/bin/swift ]; then
        export PATH=/opt/swift/usr/bin:$PATH
    fi
    command -v swift >/dev/null ||
        die "no Swift toolchain on PATH or in /opt/swift: install Swift $swift_version or later, https://www.swift.org/install/linux/"
    local have
    have=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    if [ "$(printf '%s\n%s\n' "$swift_version" "$have" | sort -V | head -n 1)" != "$swift_version" ]; then
        die "Swift $have is too old: install Swift $swift_version or later, https://www.swift.org/install/linux/"
    fi
}

# build_release: sets `binary` to the release build of this tree, or takes NEEDLETAIL from the environment.
build_release() {
    if [ -n "${NEEDLETAIL:-}" ]; then
        [ -x "$NEEDLETAIL" ] || die "NEEDLETAIL=$NEEDLETAIL is not a program"
        binary=$NEEDLETAIL
        return
    fi
    find_swift
    say "building needletail (release)"
    swift_build
    binary=$root/.build/release/needletail
}

# build_bench PRODUCT: sets `binary` to the release build of a bench's program, which no other build makes.
build_bench() {
    find_swift
    say "building $1 (release)"
    NEEDLETAIL_BENCHES=1 swift_build --product "$1"
    binary=$root/.build/release/$1
}

# swift_build WORD...: a release build, which shows the compiler's words only if it fails.
swift_build() {
    local log
    log=$(mktemp)
    if ! (cd "$root" && swift build -c release "$@") >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        rm -f "$log"
        die "the build failed"
    fi
    rm -f "$log"
}
