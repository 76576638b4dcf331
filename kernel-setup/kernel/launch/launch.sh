#!/bin/sh
# Starts the kernel and outlives it:
#
#   sh launch.sh LAST-WORDS NODE [FLAG ...] main.js --connection-file FILE
#
# - What native code and child processes write to the descriptors 1 and 2 goes through two pipes that the kernel reads.
# - When the kernel dies, LAST-WORDS tells the front end so in its place.
#
# The kernel gets: 3 the terminal, 4 and 5 to read what was written to 1 and 2, 6 a file for what it is doing,
# 7 and 8 to write there itself. This is a shell, because a second Node would cost 60 ms and 40 MB.

last_words=$1
shift
# One process, not three, before the kernel starts. Who finds his own file at one of these names gets no launcher.
name=${TMPDIR:-/tmp}/vitrine-kernel-$$
mask=$(umask)
umask 077
set -C
mkfifo "$name-1" "$name-2" && true >"$name-state" || { umask "$mask"; exec "$@"; }
set +C
umask "$mask"
# A pipe that nobody reads yet can be opened for both ways only. Each is opened twice for writing, because Node switches
# what it takes for its stdout to another mode.
exec 3>&2 7<>"$name-1" 8<>"$name-2" 4<"$name-1" 5<"$name-2" 6<>"$name-state" >"$name-1" 2>"$name-2"
rm -f "$name-1" "$name-2" "$name-state" &

"$@" --launched </dev/null &
kernel=$!
exec 7>&- 8>&- >&3 2>&1
wanted=
trap 'wanted=yes; kill -TERM $kernel 2>/dev/null' TERM HUP
trap 'kill -INT $kernel 2>/dev/null' INT
# A signal ends the waiting, not the kernel.
while :; do
  wait $kernel 2>/dev/null
  status=$?
  kill -0 $kernel 2>/dev/null || break
done
[ "$wanted" ] || [ $status -eq 0 ] || "$1" "$last_words" $status "$@" </dev/null
exit $status
