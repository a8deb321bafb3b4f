#!/bin/sh
# container.sh amd64|arm64 DIST FOLDER: puts into FOLDER what the executable needs to run, and nothing else.
# Runs on the Debian whose C library is taken, in the Dockerfile or by hand.
set -eu
case $1 in
  amd64) name=x64 ;;
  arm64) name=arm64 ;;
  *) echo "container.sh: there is no executable for $1: amd64 or arm64" >&2 && exit 2 ;;
esac
exe=$2/twampede-linux-$name
to=$3
[ -f "$exe" ] || { echo "container.sh: $exe is not there: npm run build -- --target linux-$name" >&2 && exit 1; }

umask 022
mkdir -p "$to/usr/bin" "$to/etc" "$to/tmp"
chmod 755 "$to"
install -m 755 "$exe" "$to/usr/bin/twampede"
chmod 1777 "$to/tmp"
# The loader stands in the file itself, the libraries behind it; each is copied to where it was found.
libraries=$(ldd "$exe" | sed -n 's|.*[[:space:]]\(/[^ ]*\) (0x.*|\1|p')
[ -n "$libraries" ] || { echo "container.sh: $exe is not for this machine: build the image for the one it is for" >&2 && exit 1; }
for library in $libraries; do
  mkdir -p "$to$(dirname "$library")"
  cp -L "$library" "$to$library"
done
echo 'twampede:x:65532:65532::/:/nonexistent' > "$to/etc/passwd"
echo 'twampede:x:65532:' > "$to/etc/group"
echo 'hosts: files dns' > "$to/etc/nsswitch.conf"
