# Where everything is. The other scripts source this file; it sets variables and functions, and does nothing.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=$ROOT/build
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/account_dunning

# First characters of a checksum of what goes in: names a folder of the cache after what it holds.
key_of() { cat "$@" | sha256sum | cut -c1-12; }

# The system's Python, if it will do: it is built with profile-guided optimisation, which others often are not, and does
# the tests in nine tenths of the time.
PYTHON=python3
if /usr/bin/python3 -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    PYTHON=/usr/bin/python3
fi
python_tag=$("$PYTHON" -c 'import platform; print(platform.python_version())')
VENV=$CACHE/venv-$python_tag-$(key_of "$ROOT/dev/requirements.txt")
NODE=$CACHE/node-$(key_of "$ROOT/dev/package.json")
# What checks pages for people who see, hear or move less: tests/axe.py runs it in the browser.
export AXE_CORE=$NODE/node_modules/axe-core/axe.min.js
ODOO_CACHE=$CACHE/odoo-$(key_of "$ROOT/dev/fetch_odoo.sh")
# OCA's queue_job, which the module works with but does not need: tests/test_queue_job.py adds it to PYTHONPATH.
export QUEUE_JOB=$CACHE/queue_job-19.0.2.4.0.1
# OCA's account_credit_control, from which the module takes over: tests/test_takeover_oca.py and bench/run add it likewise.
export CREDIT_CONTROL=$CACHE/peer-19.0.1.0.0.13
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

# fetch_wheels FOLDER NAME==VERSION...: unpacks wheels into a folder of the cache, without what they depend on. What a wheel
# holds as odoo/addons/NAME is found by Odoo where the folder is in PYTHONPATH.
fetch_wheels() {
    [ ! -e "$1/.complete" ] || return 0
    say "Downloading ${*:2}"
    rm -rf "$1"
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps --target "$1" "${@:2}"
    touch "$1/.complete"
}
