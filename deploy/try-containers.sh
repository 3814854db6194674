#!/usr/bin/env bash
# The containers, tried: builds the image, starts what compose.yaml has with podman, and drills it. Ends with one line,
# “Containers: ok” or “Containers: FAILED”, and leaves nothing behind but TRIAL_BASE, where that is set.
#
# Base images come from no registry: debootstrap makes stand-ins under their names from Debian's packages.
# Needs root and: apt-get install podman buildah debootstrap runc netavark aardvark-dns
#
#   TRIAL_BASE=FILE.tar   the base system, kept there between trials: making it takes minutes
#   DEBIAN_MIRROR=URL     where Debian's packages come from
set -euo pipefail
cd "$(dirname "$0")/.."

mirror="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
python=.venv/bin/python
begun=$SECONDS
folder="$(mktemp -d "${TMPDIR:-/tmp}/try-containers.XXXXXX")"
export TRIAL_DIR="$folder" CONTAINERS_CONF="$folder/containers.conf" CONTAINERS_REGISTRIES_CONF="$folder/registries.conf"

say() { printf '%4d s  %s\n' "$((SECONDS - begun))" "$*"; }

# Everything lies in the trial's own storage: no image, container or network of this machine is touched.
podman() { command podman --root "$folder/storage" --runroot "$folder/run" --storage-driver overlay "$@" 2> >(grep -v syslog >&2); }

clean_up() {
    local status=$?
    trap - EXIT
    podman rm --all --force --time 5 >/dev/null 2>&1 || true
    podman volume rm --all --force >/dev/null 2>&1 || true
    podman network prune --force >/dev/null 2>&1 || true
    podman rmi --all --force >/dev/null 2>&1 || true
    umount "$folder/storage/overlay" 2>/dev/null || true
    rm -rf "$folder" || status=1
    if [ "$status" = 0 ]; then
        say "Containers: ok"
    else
        say "Containers: FAILED"
    fi
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

lacking=()
for program in podman buildah debootstrap runc; do command -v "$program" >/dev/null || lacking+=("$program"); done
[ "$(id -u)" = 0 ] || lacking+=("the rights of root")
[ -x "$python" ] || lacking+=("make tools")
if [ "${#lacking[@]}" != 0 ]; then
    echo "The trial needs ${lacking[*]}." >&2
    exit 1
fi

cat >"$CONTAINERS_CONF" <<CONF
[containers]
default_ulimits = []
[network]
network_backend = "netavark"
network_config_dir = "$folder/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
echo 'unqualified-search-registries = ["docker.io"]' >"$CONTAINERS_REGISTRIES_CONF"
cat >"$folder/podman" <<CALL
#!/bin/sh
exec podman --root "$folder/storage" --runroot "$folder/run" --storage-driver overlay "\$@"
CALL
chmod +x "$folder/podman"

base="${TRIAL_BASE:-$folder/base.tar}"
if [ ! -e "$base" ]; then
    say "Debian, by debootstrap"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$folder/debian" "$mirror" >"$folder/debootstrap.log" \
        || { tail -5 "$folder/debootstrap.log" >&2; exit 1; }
    # What Debian's slim images lack, too, and go on lacking.
    printf 'Dir::Cache::%s "";\n' pkgcache srcpkgcache >"$folder/debian/etc/apt/apt.conf.d/docker-clean"
    echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };' >>"$folder/debian/etc/apt/apt.conf.d/docker-clean"
    printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$folder/debian/etc/dpkg/dpkg.cfg.d/docker"
    rm -rf "$folder"/debian/var/cache/apt/*.bin "$folder"/debian/var/cache/apt/archives/*.deb "$folder"/debian/var/lib/apt/lists/* \
        "$folder"/debian/usr/share/{doc,man,info,locale}/*
    tar --directory "$folder/debian" --create --file "$base.part" .
    mv "$base.part" "$base"
    rm -rf "$folder/debian"
fi
podman import --quiet "$base" localhost/debian-stand-in >/dev/null

# What this machine trusts, where it reaches Debian and PyPI through a proxy that has a certificate of its own.
printf '[global]\ncert = /etc/trusted.crt\n' >"$folder/pip.conf"
build() {
    podman build --pull=never --network host --volume /etc/ssl/certs/ca-certificates.crt:/etc/trusted.crt:ro \
        --volume "$folder/pip.conf:/etc/pip.conf:ro" "$@" >"$folder/build.log" 2>&1 || { tail -20 "$folder/build.log" >&2; return 1; }
}

stand_in() { # NAME IMAGE
    say "stand-in for $2"
    build --file "tests/containers/stand_ins/$1.Dockerfile" --tag "docker.io/$2" tests/containers/stand_ins
}
image_of() { sed -n "s/^    image: \($1:[^ ]*\).*/\1/p" compose.yaml; }
stand_in python "library/$(sed -n 's/^FROM \(python:[^ ]*\)$/\1/p' Dockerfile)"
stand_in nginx "$(image_of nginxinc.nginx-unprivileged)"
stand_in postgres "library/$(image_of postgres)"
stand_in redis "library/$(image_of redis)"

say "the site's image"
build --tag localhost/exoplanet-site .
podman rmi --force localhost/debian-stand-in >/dev/null 2>&1 || true

"$python" -m tests.containers.trial
