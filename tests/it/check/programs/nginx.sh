# nginx reads no variable: what it is told has to be written down for it.
printf '%s\n' "daemon ${DAEMON:-off}; pid nginx.pid; error_log stderr; events {}" \
  "http { access_log /dev/stdout; server { listen 127.0.0.1:$PORT; location / { return 200 hello; } } }" \
  >"$TMPDIR/nginx.conf"
exec "$PROGRAM" -p "$TMPDIR" -e stderr -c "$TMPDIR/nginx.conf"
