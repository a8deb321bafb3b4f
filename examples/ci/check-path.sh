#!/bin/sh
# Fails when the path to TARGET is too slow or loses too much; for any CI system that goes by the exit status.
#
#   TARGET=192.0.2.2:862 MAX_RTT=20ms MAX_LOSS=1% ./check-path.sh
#
# 0: good enough. 1: no reply at all. 4: a threshold was crossed, and the last lines say which, and by what.
set -eu

: "${TARGET:?the reflector to measure to, address[:port]}"

exec twampede sender "$TARGET" :0 -c "${COUNT:-200}" -i 20 --packet-timeout 1 \
  --fail-if "rtt.p99>${MAX_RTT:-20ms}" --fail-if "loss>${MAX_LOSS:-1%}"
