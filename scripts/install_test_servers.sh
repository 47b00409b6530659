#!/bin/sh
# Installs what the tests need and is missing: PostgreSQL, MariaDB, Redis, Chromium and fonts with Chinese and emoji.
# Uses apt-get where it may (root, or sudo without a password); otherwise says what to install. On CI (CI=true) a
# missing part is an error, elsewhere the tests that need it are skipped.
set -u
POLICY=/usr/sbin/policy-rc.d
MARK="# made for one installation by install_test_servers.sh"

has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has_font() { has fc-list && [ -n "$(fc-list "$1" file 2>/dev/null | head -n 1)" ]; }

# One Debian package name a line. The emoji font is looked for by its name, the Chinese one by what it can write.
missing() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || echo postgresql
    has mariadbd || echo mariadb-server
    has redis-server || has valkey-server || echo redis-server
    has chromium || has chromium-browser || has google-chrome || has google-chrome-stable || echo chromium
    has_font :lang=zh-cn || echo fonts-noto-cjk
    has_font "Noto Color Emoji" || echo fonts-noto-color-emoji
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }
}

# The tests start servers of their own; the system's need not run. dpkg asks this file, if there is one.
forbid_starting() {
    if as_root grep -qs "$MARK" "$POLICY"; then allow_starting; fi # left over from a run that was killed
    if [ -e "$POLICY" ]; then return; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" | as_root tee "$POLICY" >/dev/null && as_root chmod 755 "$POLICY"
}

allow_starting() {
    if as_root grep -qs "$MARK" "$POLICY"; then as_root rm -f "$POLICY"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null
}

wanted="$(missing)"
if [ -z "$wanted" ]; then exit 0; fi

if may_install; then
    log="$(mktemp)"
    trap 'allow_starting; rm -f "$log"' EXIT
    trap 'exit 130' INT TERM HUP
    forbid_starting
    echo "Installing for the tests:" $wanted
    as_root apt-get update --quiet -o DPkg::Lock::Timeout=300 >>"$log" 2>&1 </dev/null
    # One package that cannot be had must not keep the others away.
    apt_install $wanted || for package in $wanted; do apt_install "$package"; done
    wanted="$(missing)"
    if [ -n "$wanted" ]; then tail -n 5 "$log"; fi
fi

for package in $wanted; do
    case "$package" in
    postgresql) echo "PostgreSQL 15 or newer is missing: install postgresql; its tests are skipped" ;;
    mariadb-server) echo "MariaDB 10.11 or newer is missing: install mariadb-server; its tests are skipped" ;;
    redis-server) echo "Redis is missing: install redis-server; its tests are skipped" ;;
    chromium) echo "Chromium is missing: install chromium or google-chrome; the browser tests are skipped" ;;
    fonts-noto-cjk) echo "A Chinese font is missing: install fonts-noto-cjk; pictures will show boxes" ;;
    *) echo "An emoji font is missing: install $package; pictures will show boxes" ;;
    esac
done
if [ -n "$wanted" ] && [ "${CI:-}" = true ]; then exit 1; fi
exit 0
