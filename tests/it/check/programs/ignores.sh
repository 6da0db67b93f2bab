# Ignores its port, its variables and every signal that it can.
trap '' TERM INT HUP
while :; do sleep 0.05; done
