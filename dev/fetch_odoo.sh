#!/usr/bin/env bash
# Downloads Odoo 19 from Debian's unstable suite and unpacks it, without installing it, into the folder given.
#
# apt gets a configuration of its own, so that the machine's sources stay as they are. The mirror is the one that
# the machine already uses.
set -euo pipefail
target=$1

# Odoo and the JavaScript libraries that its package links to. Debian's odoo-19 is in sid only.
from_sid=(odoo-19 libjs-jquery libjs-jquery-form libjs-underscore)
# sid's Font Awesome no longer has the files of version 4 that Odoo links to.
from_here=(fonts-font-awesome)
# Fonts that a company may choose for its documents; not worth failing for.
optional=(fonts-roboto-unhinted fonts-inconsolata fonts-ocr-b)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs"

# shellcheck disable=SC2016  # apt fills these in
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian|Debian|//p' | head -n 1)
if [ -z "$mirror" ]; then
    echo "apt knows no Debian mirror: run 'apt-get update' first, or set ODOO_HOME to an Odoo 19 source." >&2
    exit 1
fi
for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    [ -e "$keyring" ] && break
done
echo "deb [signed-by=$keyring] $mirror sid main" >"$work/sources.list"
cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF

cd "$work/debs"
APT_CONFIG=$work/apt.conf apt-get -q update
APT_CONFIG=$work/apt.conf apt-get -q download "${from_sid[@]}"
apt-get -q -o APT::Sandbox::User=root download "${from_here[@]}"
for package in "${optional[@]}"; do
    apt-get -q -o APT::Sandbox::User=root download "$package" || echo "No font package $package here: going on without it." >&2
done

mkdir -p "$(dirname "$target")"
unpacked=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work" "$unpacked"' EXIT
chmod 755 "$unpacked"
for deb in ./*.deb; do
    dpkg-deb -x "$deb" "$unpacked"
done

# The package leaves this file out, and without it the web client logs an error that makes every tour fail.
addons=$unpacked/usr/lib/python3/dist-packages/odoo/addons
mkdir -p "$addons/mail/static/lib/selfie_segmentation"
touch "$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
dpkg-deb -f odoo-19_*.deb Version >"$unpacked/VERSION"

mv "$unpacked" "$target"
trap 'rm -rf "$work"' EXIT
