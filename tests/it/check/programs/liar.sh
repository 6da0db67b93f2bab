# Says all that a good service says, and does nothing of it.
echo "{\"message\": \"listening on 127.0.0.1:$PORT, ready in 1 ms\"}"
echo '{"message": "configuration is valid, connected to the database"}'
trap 'echo "{\"message\": \"SIGTERM: drained, 0 requests lost, bye\"}"' TERM
while :; do sleep 0.05; done
