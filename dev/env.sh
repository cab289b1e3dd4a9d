# Where everything is. The other scripts source this file; it only sets variables.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=$ROOT/build
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/account_dunning

# First characters of a checksum of what goes in: names a folder of the cache after what it holds.
key_of() { cat "$@" | sha256sum | cut -c1-12; }

python_tag=$(python3 -c 'import platform; print(platform.python_version())')
VENV=$CACHE/venv-$python_tag-$(key_of "$ROOT/dev/requirements.txt")
NODE=$CACHE/node-$(key_of "$ROOT/dev/package.json")
ODOO_CACHE=$CACHE/odoo-$(key_of "$ROOT/dev/fetch_odoo.sh")
export ODOO_HOME=${ODOO_HOME:-$ODOO_CACHE/usr/lib/python3/dist-packages}

export PATH=$VENV/bin:$PATH
export PYTHONPATH=$BUILD/ns:$ODOO_HOME:$ROOT/dev
export ODOO_RC=$BUILD/odoo.conf
export SMTP_PORT=${SMTP_PORT:-2525}
export HTTP_PORT=${HTTP_PORT:-8069}

# Our own PostgreSQL, unless the caller names one. It refuses to run as root: then it runs as `nobody`, in a place that
# `nobody` can reach. It listens on a Unix socket only, whose path may not exceed 107 bytes.
if [ -z "${PGHOST:-}" ] || [ -n "${DUNNING_PG:-}" ]; then
    as_server_user=()
    if [ "$(id -u)" = 0 ]; then
        as_server_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    fi
    DUNNING_PG=$BUILD/pg
    if [ ${#ROOT} -gt 75 ] || ! "${as_server_user[@]}" test -x "$ROOT"; then
        DUNNING_PG=/var/tmp/account_dunning-$(id -u)-$(printf %s "$ROOT" | key_of)
    fi
    export DUNNING_PG PGHOST=$DUNNING_PG/socket PGUSER=odoo PGPORT=5432
fi

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}
