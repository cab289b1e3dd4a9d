#!/usr/bin/env bash
# Makes the machine and the checkout ready: system packages, Odoo, Python packages, build/. Does only what is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# want PACKAGE TEST...: installs the Debian package if the test fails. Tests look for what is needed, not for the
# package, because names of library packages differ between releases of Debian.
missing=()
want() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
library() { /sbin/ldconfig -p | grep -F "$1 "; }
browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
# The path of the system's own Python, if its version will do (see env.sh).
system_python() {
    local path=/usr/bin/python3
    "$path" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo "$path"
}
font() { compgen -G "/usr/share/fonts/truetype/$1*/*.ttf"; }

system_packages() {
    want python3 python3 -c 'import sys; assert sys.version_info >= (3, 10)'
    want python3-venv "$(system_python || echo python3)" -c 'import venv, ensurepip'
    want git command -v git
    want poppler-utils command -v pdftotext
    want chromium browser
    want fonts-liberation font liberation
    want fonts-dejavu-core font dejavu
    want libmagic1 library libmagic.so.1
    # what wkhtmltopdf is linked to
    want libxrender1 library libXrender.so.1
    want libxext6 library libXext.so.6
    want libfontconfig1 library libfontconfig.so.1
    want libfreetype6 library libfreetype.so.6
    # what draws payment QR codes
    want libcairo2 library libcairo.so.2
    # prettier, and what tests look at pages with
    want npm command -v npm
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing with apt: ${missing[*]}"
    as_root apt-get -q update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
}

# A virtual environment cannot be moved, so it is marked when it is whole.
python_packages() {
    [ -e "$VENV/.complete" ] && return
    say "Installing Python packages"
    rm -rf "$VENV"
    "$PYTHON" -m venv "$VENV"
    env -u PYTHONPATH "$VENV/bin/python" -m pip install -q --disable-pip-version-check -r "$ROOT/dev/requirements.txt"
    # It asks for pycairo, which is no wheel and wants a compiler, and works as well with cairocffi.
    env -u PYTHONPATH "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps rlPyCairo==0.4.0
    # Prefer the system's wkhtmltopdf if its Qt is patched; only that one prints headers and footers.
    if ! wkhtmltopdf --version 2>/dev/null | grep -q patched; then
        if "$VENV/bin/wkhtmltopdf-pack" --version >/dev/null 2>&1; then
            ln -sf wkhtmltopdf-pack "$VENV/bin/wkhtmltopdf"
        else
            want wkhtmltopdf command -v wkhtmltopdf
            [ ${#missing[@]} = 0 ] || as_root apt-get -q install -y --no-install-recommends wkhtmltopdf
        fi
    fi
    touch "$VENV/.complete"
}

odoo_source() {
    [ -e "$ODOO_HOME/odoo/release.py" ] && return
    [ "$ODOO_HOME" = "$ODOO_CACHE/usr/lib/python3/dist-packages" ] || fail "No Odoo in ODOO_HOME=$ODOO_HOME"
    say "Downloading Odoo 19"
    # A new machine has no package lists, an old one has outdated ones.
    as_root apt-get -q update || echo "Going on with the package lists there are." >&2
    bash "$ROOT/dev/fetch_odoo.sh" "$ODOO_CACHE"
}

node_packages() {
    [ -e "$NODE/node_modules" ] && return
    say "Installing prettier and axe-core"
    mkdir -p "$NODE"
    cp "$ROOT/dev/package.json" "$NODE"
    npm install --prefix "$NODE" --no-package-lock --no-audit --no-fund --silent
}

# The module is named after its folder, and a checkout may be called anything: a link gives it its name.
# Neither `odoo` nor `odoo.addons` has an __init__.py, so that this folder adds to those of Odoo.
namespace_link() {
    mkdir -p "$BUILD/ns/odoo/addons" "$BUILD/data" "$BUILD/log"
    ln -sfn ../../../.. "$BUILD/ns/odoo/addons/account_dunning"
}

odoo_conf() {
    local addons_path=$ODOO_HOME/odoo/addons
    # A source tree has its other add-ons here; in Debian's package this folder is a partial double.
    [ -e "$ODOO_HOME/odoo-bin" ] && addons_path=$addons_path,$ODOO_HOME/addons
    cat >"$BUILD/odoo.conf.new" <<CONF
[options]
addons_path = $addons_path
data_dir = $BUILD/data
db_host = $PGHOST
db_port = ${PGPORT:-5432}
db_user = ${PGUSER:-odoo}
db_maxconn = 40
with_demo = False
list_db = True
http_interface = 127.0.0.1
http_port = $HTTP_PORT
smtp_server = 127.0.0.1
smtp_port = $SMTP_PORT
max_cron_threads = 1
limit_time_real = 3600
limit_time_cpu = 3600
log_level = info
CONF
    mv "$BUILD/odoo.conf.new" "$BUILD/odoo.conf"
}

system_packages
# shellcheck source=dev/env.sh
. "$here/env.sh"
mkdir -p "$CACHE"
# One setup at a time may write to the cache.
exec 9>"$CACHE/lock"
flock 9
odoo_source
python_packages
# Its manifest asks for openupgradelib; only its migrations use it.
fetch_wheels "$QUEUE_JOB" "odoo-addon-queue-job==${QUEUE_JOB##*-}" openupgradelib==3.13.7
fetch_wheels "$CREDIT_CONTROL" "odoo-addon-account-credit-control==${CREDIT_CONTROL##*-}"
node_packages
flock -u 9
exec 9>&-
namespace_link
odoo_conf
