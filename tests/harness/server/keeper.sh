# Runs one server in the current folder: DISCARD PROGRAM ARGUMENT...
#
# Each line of standard input is a signal for the server. The end of standard input is the end of
# the test process, however that came: it sends the signal DISCARD and removes the folder. Ends with
# the server's status when nothing of the server is left.
set -m # Gives the server a process group, by which all that it started can be ended.
exec 2>>log
discard=$1
shift

# What the server started holds the pipe too, so its end says that all of that is gone.
[ -p output ] || mkfifo output
cat <output >>log &
log=$!
"$@" </dev/null >output 2>&1 &
server=$!
exec 2>/dev/null # The shell's own notes do not belong in the server's log.
{
  while read -r signal; do kill -s "$signal" "$server"; done
  : >gone
  kill -s "$discard" "$server"
} &
reader=$!

wait "$server"
status=$?
kill -s KILL -- "$reader" "-$server"
for _ in {1..200}; do
  kill -0 "$log" || break
  sleep 0.05
done
kill -s KILL "$log"
if [ -e gone ]; then rm -rf "$PWD"; fi
exit "$status"
