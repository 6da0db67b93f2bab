# Starts a service beside itself, which outlives it.
"$PYTHON" -m http.server --bind 127.0.0.1 "$PORT" 2>/dev/null &
trap 'exit 0' TERM
while :; do sleep 0.05; done
