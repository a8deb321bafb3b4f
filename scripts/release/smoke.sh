#!/bin/sh
# sh scripts/release/smoke.sh EXECUTABLE: what every executable must do, where there is nothing but a shell. The tests in
# tests/systems ask more.
set -eu
exe=$1
case $exe in /*) ;; *) exe=$PWD/$exe ;; esac
folder=$(mktemp -d)
responder=
end() {
  [ -z "$responder" ] || kill "$responder" 2>/dev/null || true
  rm -rf "$folder"
}
trap end EXIT
fail() {
  printf 'smoke: %s: %s\n' "$exe" "$1" >&2
  cat "$folder"/* >&2
  exit 1
}
cd "$folder"

"$exe" version >version || fail "version"
grep -Eqx 'twampede [0-9]+\.[0-9]+\.[0-9]+' version || fail "what version prints"
"$exe" version --json >json || fail "version --json"
"$exe" demo -c 20 >demo 2>demo.err || fail "demo"
grep -Eq '^ +Roundtrip: .* 0\.0%$' demo || fail "the table of demo"

status=0
"$exe" sender --cuont 3 >bad 2>bad.err || status=$?
[ "$status" = 2 ] || fail "a wrong option ends with $status, not 2"
[ "$(wc -l <bad.err)" -eq 1 ] || fail "a wrong option is not one line"

"$exe" responder 127.0.0.1:0 >responder 2>responder.err &
responder=$!
port=
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$(sed -n 's/.*responder on [^ ]*:\([0-9]*\) .*/\1/p' responder.err)
  [ -z "$port" ] || break
  sleep 1
done
[ -n "$port" ] || fail "the responder did not start"
"$exe" sender "127.0.0.1:$port" :0 -c 20 -i 10 --output json >sender 2>sender.err || fail "sender"
grep -Eq '"received": ?20' sender || fail "what the sender received"
cat >counted.js <<'PLUGIN'
let probes = 0;
const create = (_options, sink) => ({ probe: () => void probes++, end: () => sink.write(`counted ${probes}\n`) });
export default { api: 1, kind: "output", name: "counted", summary: "how many probes", options: [], create };
PLUGIN
"$exe" demo -c 7 --plugin counted.js --output counted >plugin 2>plugin.err || fail "an output from a file"
[ "$(cat plugin)" = "counted 7" ] || fail "what the output from a file printed"

kill -INT "$responder"
wait "$responder" || fail "the responder's end"
responder=
printf 'smoke: %s passes\n' "$exe"
