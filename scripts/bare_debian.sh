#!/bin/bash
# Proves that a bare machine is enough: makes a minimal Debian 12 in a folder, with git, make and ca-certificates and nothing else,
# clones this project into it, runs `make demo` and `make test` (or the targets named) there, and prints how long each took.
#
#   scripts/bare_debian.sh FOLDER [TARGET...]
#   scripts/bare_debian.sh FOLDER -- COMMAND...     run one command in the clone instead
#
# Needs root and debootstrap. Packages come from where this machine's apt takes them (its lists must have been read), pip is
# configured as here. A system that is in FOLDER already is used as it is, with a fresh clone. Only committed work is cloned.
set -euo pipefail
cd "$(dirname "$0")/.."
release=bookworm

fail() {
    echo "bare_debian: $1" >&2
    exit 1
}
[ $# -ge 1 ] || fail "no folder given: scripts/bare_debian.sh FOLDER [TARGET...]"
[ "$(id -u)" -eq 0 ] || fail "needs root, for debootstrap and chroot: run it by sudo"
command -v debootstrap >/dev/null || fail "debootstrap is not there: apt-get install debootstrap"
mkdir -p "$1"
root=$(cd "$1" && pwd)
shift
[ "$root" != / ] || fail "the folder is this machine's own root"

make_system() {
    local mirror
    mirror=$(apt-get indextargets --format '$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
        sed -n "s/^$release|main|//p" | head -1)
    [ -n "$mirror" ] || fail "this machine's apt has no source for $release: add one and run apt-get update"
    debootstrap --variant=minbase --include=git,make,ca-certificates "$release" "$root" "$mirror" >"$root.log" 2>&1 ||
        { tail -20 "$root.log"; fail "debootstrap failed; its log is $root.log"; }
    rm -f "$root.log"
    # apt, names and certificates as on this machine
    rm -f "$root/etc/apt/sources.list"
    for name in apt/sources.list apt/sources.list.d apt/keyrings apt/auth.conf.d apt/apt.conf.d resolv.conf hosts pip.conf \
        ssl/certs/ca-certificates.crt; do
        if [ -e "/etc/$name" ]; then
            mkdir -p "$root/etc/$(dirname "$name")"
            cp -rL "/etc/$name" "$root/etc/$(dirname "$name")/"
        fi
    done
    for name in .config/pip .pip; do
        if [ -d "$HOME/$name" ]; then
            mkdir -p "$root/root/$(dirname "$name")"
            cp -r "$HOME/$name" "$root/root/$(dirname "$name")/"
        fi
    done
    rm -rf "$root"/var/cache/apt/archives/*.deb
    touch "$root/.bare-debian"
}

[ -e "$root/.bare-debian" ] || make_system
git -c safe.directory='*' clone -q --no-hardlinks "$PWD" "$root/project.new"
rm -rf "$root/project"
mv "$root/project.new" "$root/project"

mounted=no
trap '[ $mounted = no ] || umount "$root/proc"' EXIT
mount -t proc proc "$root/proc"
mounted=yes

# Only what a person who just logged in would have, and how to reach the network.
environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}")
while IFS= read -r -d '' variable; do
    environment+=("$variable")
done < <(env -0 | grep -zE '^(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE|(https?|ftp|no|all)_proxy|(HTTPS?|FTP|NO|ALL)_PROXY)' | grep -zv '^PIP_FIND_LINKS=/' || true)
inside() { env -i "${environment[@]}" chroot "$root" /bin/bash -c 'cd /project && exec "$@"' inside "$@" </dev/null; }

timed() { # NAME COMMAND...
    local name=$1 start=$SECONDS status=0
    shift
    echo "== $name"
    inside "$@" || status=$?
    times+=("$(printf '%-12s %4d s  %s' "$name" $((SECONDS - start)) "$([ $status -eq 0 ] && echo ok || echo "exit status $status")")")
    [ $status -eq 0 ] || failed=yes
}

times=()
failed=no
if [ "${1:-}" = -- ]; then
    shift
    timed "$1" "$@"
else
    [ $# -gt 0 ] || set -- demo test
    for target in "$@"; do timed "make $target" make "$target"; done
fi
echo
printf '%s\n' "${times[@]}"
echo "the system is in $root"
[ $failed = no ]
